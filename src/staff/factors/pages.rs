//! What somebody sees and changes of their own account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::passkeys::Passkeys;
use super::store::{self, AccountRow, FactorRow, Made};
use super::totp::{self, Invitation};
use super::{FEW_CODES, Kind, MOST, label, new_codes, record};
use crate::app::App;
use crate::config::SecondFactor;
use crate::crypto::passwords::SHORTEST_PASSWORD;
use crate::crypto::sha256;
use crate::db;
use crate::server::html;
use crate::server::problem::Problem;
use crate::staff::login::{self, LoginError};
use crate::staff::pages::{CsrfForm, tongue};
use crate::staff::setup::{Mistake, known_words};
use crate::staff::{Access, Frame};
use crate::submissions::limits::Limited;
use crate::words::{Tongue, Words};

/// The page of somebody's own account.
pub(super) const ACCOUNT: &str = "/staff/account";

pub(super) fn refusal(t: Tongue, error: LoginError, wrong: &str) -> Result<(StatusCode, String), Problem> {
    match error {
        LoginError::Blocked(wait) => {
            let minutes = usize::try_from(wait.whole_seconds() / 60 + 1).unwrap_or(1);
            Ok((StatusCode::TOO_MANY_REQUESTS, t.count("login-blocked", "minutes", &minutes)))
        }
        LoginError::Database(error) => Err(error.into()),
        _ => Ok((StatusCode::UNPROCESSABLE_ENTITY, t.text(wrong))),
    }
}

pub(super) fn credentials(factors: &[FactorRow]) -> Vec<String> {
    factors.iter().filter_map(|factor| factor.credential.clone()).collect()
}

/// A factor as its owner sees it.
pub struct FactorLine {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// `totp` or `passkey`.
    pub kind: String,
    /// When it was added, in words.
    pub added: String,
    /// When it was last used, in words.
    pub used: Option<String>,
}

/// The context of `templates/staff/factors/account.html`.
#[derive(Template)]
#[template(path = "staff/factors/account.html")]
pub struct AccountPage {
    /// The frame.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The name for signing in; absent where another provider looks after the account.
    pub username: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
    /// What was not done, and why.
    pub error: Option<String>,
    /// Whether nothing else can be done before a factor is there.
    pub missing: bool,
    /// The factors.
    pub factors: Vec<FactorLine>,
    /// Whether there is room for another.
    pub room: bool,
    /// The address, where it is none for passkeys.
    pub no_passkeys_at: Option<String>,
    /// How many recovery codes are left.
    pub codes_left: usize,
    /// Whether new ones are due.
    pub few_codes: bool,
}

/// What has just been done, as the end of the message's key.
#[derive(Default, Deserialize)]
pub struct DoneQuery {
    #[serde(default)]
    done: String,
}

fn own_account(account: Option<AccountRow>) -> Result<AccountRow, Problem> {
    account.ok_or_else(Problem::forbidden)
}

async fn account_page(app: &App, access: &Access, t: Tongue) -> Result<AccountPage, Problem> {
    let reader = app.db.reader();
    let account = store::account(reader, access.staff_id).await?;
    let factors = store::of_staff(reader, access.staff_id).await?;
    let left = store::codes_left(reader, access.staff_id).await?;
    let missing = super::is_missing(app, access.staff_id, &access.provider).await?;
    let day = |moment: time::OffsetDateTime| Words::shared().date(t.lang, moment.date());
    let public_url = app.config.public_url();
    Ok(AccountPage {
        frame: access.frame(t),
        t,
        username: account.map(|account| account.username),
        done: None,
        error: None,
        missing,
        room: factors.len() < MOST,
        no_passkeys_at: Passkeys::at(&public_url).is_none().then_some(public_url),
        codes_left: usize::try_from(left).unwrap_or(0),
        few_codes: !factors.is_empty() && left <= FEW_CODES,
        factors: factors
            .into_iter()
            .map(|factor| FactorLine {
                id: factor.id.to_string(),
                label: factor.label,
                kind: factor.kind,
                added: day(factor.created_at),
                used: factor.last_used_at.map(day),
            })
            .collect(),
    })
}

/// `GET /staff/account`: anybody with a session, their own.
pub async fn account(
    app: web::Data<App>,
    access: Access,
    query: web::Query<DoneQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let t = tongue(&request);
    let done = ["password", "removed", "late"].into_iter().find(|known| *known == query.done);
    let page = account_page(&app, &access, t).await?;
    html::page(StatusCode::OK, &AccountPage { done: done.map(|done| t.text(&format!("account-done-{done}"))), ..page })
}

/// Asks who it is once more where that was long ago, and refuses accounts of other providers.
async fn allowed_to_change(app: &App, access: &Access) -> Result<AccountRow, Problem> {
    let account = own_account(store::account(app.db.reader(), access.staff_id).await?)?;
    access.check_recent(app, "/staff/account")?;
    Ok(account)
}

/// The same for a form: of our own page, as often as the login limit allows.
async fn allowed_to_send(app: &App, access: &Access, csrf: &str, request: &HttpRequest) -> Result<AccountRow, Problem> {
    access.check_csrf(csrf)?;
    app.limits.count(Limited::Logins, request)?;
    allowed_to_change(app, access).await
}

/// The name under which what is set up in a session waits: one of each kind.
fn setting_up(kind: Kind, access: &Access) -> [u8; 32] {
    sha256(&[kind.name().as_bytes(), &access.session].concat())
}

/// The context of `templates/staff/factors/totp.html`.
#[derive(Template)]
#[template(path = "staff/factors/totp.html")]
pub struct TotpPage {
    /// The frame.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// What the app needs to know.
    pub invitation: Invitation,
    /// What the app is to be called, as typed.
    pub label: String,
    /// Why it did not work.
    pub error: Option<String>,
}

/// `POST /staff/account/totp/begin`: anybody with a session who has proved lately who they are, for
/// their own account of this installation, from our own page, as often as the login limit allows.
pub async fn begin_totp(
    app: web::Data<App>,
    access: Access,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    allowed_to_send(&app, &access, &form.csrf, &request).await?;
    let keyring = app.keyring.as_ref().ok_or_else(Problem::internal)?;
    let secret = zeroize::Zeroizing::new(app.ambient.bytes::<{ totp::SECRET_BYTES }>());
    let sealed =
        keyring.seal_own(&totp::context(access.staff_id), secret.as_slice()).map_err(|_| Problem::internal())?;
    let state = setting_up(Kind::Totp, &access);
    let (staff, session) = (access.staff_id, Some(access.session.as_slice()));
    let secret = STANDARD.encode(sealed);
    let waits = store::Waits { staff, session, next: "", secret: &secret, verified: None };
    store::wait_for(app.db.writer(), &state, waits, app.ambient.now()).await?;
    Ok(html::see_other("/staff/account/totp"))
}

/// The secret that waits in this session, sealed and open.
async fn waiting_secret(app: &App, access: &Access) -> Result<Option<(Vec<u8>, zeroize::Zeroizing<Vec<u8>>)>, Problem> {
    let state = setting_up(Kind::Totp, access);
    let Some(row) = store::pending(app.db.reader(), &state, app.ambient.now()).await? else { return Ok(None) };
    let keyring = app.keyring.as_ref().ok_or_else(Problem::internal)?;
    let sealed = STANDARD.decode(&row.secret).map_err(|_| Problem::internal())?;
    let secret = keyring.open_own(&totp::context(access.staff_id), &sealed).map_err(|_| Problem::internal())?;
    Ok(Some((sealed, secret)))
}

fn totp_page(app: &App, access: &Access, account: &AccountRow, secret: &[u8], t: Tongue) -> Result<TotpPage, Problem> {
    let place = url::Url::parse(&app.config.public_url()).ok();
    let place = place.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let invitation = totp::invitation(secret, place, &account.username).ok_or_else(Problem::internal)?;
    Ok(TotpPage { frame: access.frame(t), t, invitation, label: String::new(), error: None })
}

/// `GET /staff/account/totp`: whoever has begun to add an authenticator app, in the same session,
/// for ten minutes.
pub async fn totp(app: web::Data<App>, access: Access, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let account = allowed_to_change(&app, &access).await?;
    let Some((_, secret)) = waiting_secret(&app, &access).await? else { return Ok(late()) };
    html::page(StatusCode::OK, &totp_page(&app, &access, &account, &secret, tongue(&request))?)
}

fn late() -> HttpResponse {
    html::see_other("/staff/account?done=late")
}

/// What the page for an authenticator app sends.
#[derive(Deserialize)]
pub struct TotpForm {
    csrf: String,
    code: String,
    #[serde(default)]
    label: String,
}

/// `POST /staff/account/totp`: whoever has begun to add an authenticator app, from our own page in
/// the same session, once, as often as the login limit allows.
pub async fn add_totp(
    app: web::Data<App>,
    access: Access,
    form: web::Form<TotpForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let account = allowed_to_send(&app, &access, &form.csrf, &request).await?;
    let t = tongue(&request);
    let Some((sealed, secret)) = waiting_secret(&app, &access).await? else { return Ok(late()) };
    let Some(step) = totp::step(&secret, &form.code, app.ambient.now()) else {
        let page = totp_page(&app, &access, &account, &secret, t)?;
        let error = Some(t.text("totp-wrong"));
        return html::page(StatusCode::UNPROCESSABLE_ENTITY, &TotpPage { label: form.label.clone(), error, ..page });
    };
    let label = label(&form.label, &t.text("factor-kind-totp"));
    added(&app, &access, t, Kind::Totp, &label, &Made::Totp(&sealed, step)).await
}

/// Keeps a factor that was proved, once; with the first one the account gets recovery codes, and
/// its other sessions end.
async fn added(
    app: &App,
    access: &Access,
    t: Tongue,
    kind: Kind,
    label: &str,
    made: &Made<'_>,
) -> Result<HttpResponse, Problem> {
    let staff = access.staff_id;
    let transaction = app.db.begin().await?;
    store::lock(&transaction, staff).await?;
    let before = store::of_staff(&transaction, staff).await?.len();
    if before >= MOST || !store::take(&transaction, &setting_up(kind, access)).await? {
        return Ok(late());
    }
    let id = store::add(&transaction, &app.ambient, staff, label, made).await?;
    let body = json!({ "kind": kind.name(), "factor": id });
    record(&transaction, &app.ambient, "staff-factor-added", staff, body).await?;
    let codes = if before == 0 {
        store::end_others(&transaction, staff, &access.session).await?;
        Some(new_codes(&transaction, app, staff).await?)
    } else {
        None
    };
    transaction.commit().await.map_err(db::Error::from)?;
    match codes {
        None => Ok(html::see_other(ACCOUNT)),
        Some(codes) => html::page(StatusCode::OK, &CodesPage { frame: access.frame(t), t, first: true, codes }),
    }
}

/// The context of `templates/staff/factors/passkey.html`.
#[derive(Template)]
#[template(path = "staff/factors/passkey.html")]
pub struct PasskeyPage {
    /// The frame.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// What the passkey is to be called, as typed.
    pub label: String,
    /// Why it did not work.
    pub error: Option<String>,
}

/// `GET /staff/account/passkeys`: anybody with a session who has proved lately who they are, for
/// their own account of this installation, where browsers know passkeys.
pub async fn passkey(app: web::Data<App>, access: Access, request: HttpRequest) -> Result<HttpResponse, Problem> {
    allowed_to_change(&app, &access).await?;
    Passkeys::at(&app.config.public_url()).ok_or_else(Problem::not_found)?;
    let t = tongue(&request);
    html::page(StatusCode::OK, &PasskeyPage { frame: access.frame(t), t, label: String::new(), error: None })
}

/// `POST /staff/account/passkeys/begin`: the same, from our own page, as often as the login limit
/// allows. Gives the challenge for the browser.
pub async fn begin_passkey(
    app: web::Data<App>,
    access: Access,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let account = allowed_to_send(&app, &access, &form.csrf, &request).await?;
    let staff = access.staff_id;
    let have = credentials(&store::of_staff(app.db.reader(), staff).await?);
    let passkeys = Passkeys::at(&app.config.public_url()).ok_or_else(Problem::not_found)?;
    let asked = passkeys.invitation(staff, &account.username, &account.name, &have).ok_or_else(Problem::internal)?;
    let state = setting_up(Kind::Passkey, &access);
    let session = Some(access.session.as_slice());
    let waits = store::Waits { staff, session, next: "", secret: &asked.kept, verified: None };
    store::wait_for(app.db.writer(), &state, waits, app.ambient.now()).await?;
    Ok(HttpResponse::Ok().json(asked.options))
}

/// What the page for a passkey sends.
#[derive(Deserialize)]
pub struct PasskeyForm {
    csrf: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    label: String,
}

/// `POST /staff/account/passkeys`: whoever has begun to add a passkey, from our own page in the same
/// session, once for each challenge, as often as the login limit allows.
pub async fn add_passkey(
    app: web::Data<App>,
    access: Access,
    form: web::Form<PasskeyForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    allowed_to_send(&app, &access, &form.csrf, &request).await?;
    let t = tongue(&request);
    let state = setting_up(Kind::Passkey, &access);
    let waiting = store::pending(app.db.reader(), &state, app.ambient.now()).await?;
    let have = credentials(&store::of_staff(app.db.reader(), access.staff_id).await?);
    let passkeys = Passkeys::at(&app.config.public_url()).ok_or_else(Problem::not_found)?;
    let Some(made) = waiting.and_then(|row| passkeys.made(&form.credential, &row.secret, &have)) else {
        // A challenge is answered once, whatever the answer.
        store::take(app.db.writer(), &state).await?;
        let page = PasskeyPage {
            frame: access.frame(t),
            t,
            label: form.label.clone(),
            error: Some(t.text("passkey-refused")),
        };
        return html::page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let label = label(&form.label, &t.text("factor-kind-passkey"));
    added(&app, &access, t, Kind::Passkey, &label, &Made::Passkey(&made)).await
}

/// `POST /staff/account/factors/{id}/remove`: anybody with a session who has proved lately who they
/// are, for their own account, from our own page, as often as the login limit allows. The last one
/// stays where one is required.
pub async fn remove(
    app: web::Data<App>,
    access: Access,
    id: web::Path<Uuid>,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    allowed_to_send(&app, &access, &form.csrf, &request).await?;
    let staff = access.staff_id;
    let transaction = app.db.begin().await?;
    store::lock(&transaction, staff).await?;
    let before = store::of_staff(&transaction, staff).await?;
    let Some(factor) = before.iter().find(|factor| factor.id == *id) else { return Err(Problem::not_found()) };
    if before.len() == 1 && app.config.staff.second_factor == SecondFactor::Required {
        drop(transaction);
        let t = tongue(&request);
        let page = account_page(&app, &access, t).await?;
        let error = Some(t.text("factor-last"));
        return html::page(StatusCode::UNPROCESSABLE_ENTITY, &AccountPage { error, ..page });
    }
    store::remove(&transaction, staff, factor.id).await?;
    let body = json!({ "kind": factor.kind, "factor": factor.id });
    record(&transaction, &app.ambient, "staff-factor-removed", staff, body).await?;
    if before.len() == 1 {
        // Codes instead of nothing would be no second factor.
        store::remove_codes(&transaction, staff).await?;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(html::see_other("/staff/account?done=removed"))
}

/// The context of `templates/staff/factors/codes.html`.
#[derive(Template)]
#[template(path = "staff/factors/codes.html")]
pub struct CodesPage {
    /// The frame.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// Whether the first factor has just been added.
    pub first: bool,
    /// The codes.
    pub codes: Vec<String>,
}

/// `POST /staff/account/recovery-codes`: anybody with a session who has proved lately who they are
/// and has a second factor, for their own account, from our own page, as often as the login limit
/// allows. Earlier codes are over.
pub async fn make_codes(
    app: web::Data<App>,
    access: Access,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    allowed_to_send(&app, &access, &form.csrf, &request).await?;
    let t = tongue(&request);
    let transaction = app.db.begin().await?;
    store::lock(&transaction, access.staff_id).await?;
    if !store::has_any(&transaction, access.staff_id).await? {
        return Err(Problem::forbidden());
    }
    let codes = new_codes(&transaction, &app, access.staff_id).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    html::page(StatusCode::OK, &CodesPage { frame: access.frame(t), t, first: false, codes })
}

/// The context of `templates/staff/factors/password.html`.
#[derive(Template)]
#[template(path = "staff/factors/password.html")]
pub struct PasswordPage {
    /// The frame.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// For password managers.
    pub username: String,
    /// Fewest characters.
    pub shortest: String,
    /// Which control is wrong (`old`, `password` or `repeated`), and why.
    pub error: Option<(&'static str, String)>,
}

impl PasswordPage {
    fn wrong(&self, control: &str) -> bool {
        self.error.as_ref().is_some_and(|(wrong, _)| *wrong == control)
    }
}

fn password_page(access: &Access, account: &AccountRow, t: Tongue) -> PasswordPage {
    let shortest = SHORTEST_PASSWORD.to_string();
    PasswordPage { frame: access.frame(t), t, username: account.username.clone(), shortest, error: None }
}

/// `GET /staff/account/password`: anybody with a session, for their own account of this
/// installation.
pub async fn password(app: web::Data<App>, access: Access, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let account = own_account(store::account(app.db.reader(), access.staff_id).await?)?;
    html::page(StatusCode::OK, &password_page(&access, &account, tongue(&request)))
}

/// What the page for a new password sends.
#[derive(Deserialize)]
pub struct PasswordForm {
    csrf: String,
    old: SecretString,
    password: SecretString,
    repeated: SecretString,
}

/// `POST /staff/account/password`: the same, from our own page, with the old password, as often as
/// waits and the login limit allow.
pub async fn change_password(
    app: web::Data<App>,
    access: Access,
    form: web::Form<PasswordForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    app.limits.count(Limited::Logins, &request)?;
    let account = own_account(store::account(app.db.reader(), access.staff_id).await?)?;
    let t = tongue(&request);
    let page = password_page(&access, &account, t);
    let PasswordForm { old, password, repeated, .. } = form.into_inner();
    let right = login::is_password(&app, access.staff_id, &account, old, app.limits.address(&request)).await;
    if let Err(error) = right {
        let (status, words) = refusal(t, error, "password-old-wrong")?;
        return html::page(status, &PasswordPage { error: Some(("old", words)), ..page });
    }
    let current = app.catalog.current().await?;
    let known = known_words(&account.username, &account.name, &app.config.public_url(), &current);
    let mistake = match app.passwords.unfit(&password, known).await {
        Some(unfit) => Some(("password", Mistake::from(unfit))),
        None if password.expose_secret() != repeated.expose_secret() => Some(("repeated", Mistake::Repeated)),
        None => None,
    };
    if let Some((control, mistake)) = mistake {
        let words = t.with1(&format!("setup-error-{}", mistake.name()), "shortest", &page.shortest);
        let page = PasswordPage { error: Some((control, words)), ..page };
        return html::page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let hash = app.passwords.hash(password).await.ok_or_else(Problem::internal)?;
    let transaction = app.db.begin().await?;
    store::change_password(&transaction, access.staff_id, &hash, &access.session).await?;
    record(&transaction, &app.ambient, "staff-password-changed", access.staff_id, json!({})).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(html::see_other("/staff/account?done=password"))
}
