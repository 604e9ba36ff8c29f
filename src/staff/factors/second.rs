//! The second factor at sign-in: what follows a right password.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::pages::{ACCOUNT, credentials, refusal};
use super::passkeys::Passkeys;
use super::{Kind, PATIENCE, Proof, prove, store};
use crate::app::App;
use crate::crypto::secrets::same;
use crate::crypto::sha256;
use crate::db;
use crate::server::html;
use crate::server::problem::Problem;
use crate::staff::login::{self, Passed};
use crate::staff::pages::{CsrfForm, add_cookie, end_old_session, tongue};
use crate::staff::providers::LOCAL;
use crate::staff::store::Origin;
use crate::staff::{refuse_foreign_pages, session_cookie};
use crate::submissions::limits::Limited;
use crate::words::Tongue;

/// The cookie of a sign-in that waits for its second factor. It opens nothing by itself.
pub const COOKIE: &str = "__Host-sealwax-second";
const SECOND: &str = "/staff/login/second";

fn second_cookie(token: &str) -> Cookie<'static> {
    let cookie = Cookie::build(COOKIE, token.to_owned()).path("/").secure(true).http_only(true);
    cookie.same_site(SameSite::Strict).max_age(PATIENCE).finish()
}

fn no_second_cookie() -> Cookie<'static> {
    let mut cookie = second_cookie("");
    cookie.make_removal();
    cookie
}

/// What follows a right password: the session, or the question for the second factor. `next` is
/// where to go in the end.
pub async fn after_password(
    app: &App,
    request: &HttpRequest,
    passed: Passed,
    next: &str,
) -> Result<HttpResponse, Problem> {
    match passed {
        Passed::In(token) => {
            end_old_session(app, request).await?;
            let mut response = html::see_other(next);
            add_cookie(&mut response, &session_cookie(&token))?;
            Ok(response)
        }
        Passed::Second(staff, verified) => {
            let token = URL_SAFE_NO_PAD.encode(app.ambient.bytes::<32>());
            let state = sha256(token.as_bytes());
            let waits = store::Waits { staff, session: None, next, secret: "", verified: Some(verified) };
            store::wait_for(app.db.writer(), &state, waits, app.ambient.now()).await?;
            let mut response = html::see_other(SECOND);
            add_cookie(&mut response, &second_cookie(&token))?;
            Ok(response)
        }
    }
}

/// The context of `templates/staff/factors/second.html`.
#[derive(Template)]
#[template(path = "staff/factors/second.html")]
pub struct SecondPage {
    /// The words.
    pub t: Tongue,
    /// Why it did not work.
    pub error: Option<String>,
    /// What is asked for; nothing when it took too long.
    pub asked: Option<Asked>,
}

/// What a sign-in is asked for.
pub struct Asked {
    /// Proves that the page was made for this sign-in.
    pub csrf: String,
    /// Whether the account has an authenticator app.
    pub app: bool,
    /// Whether it has a passkey that works at this address.
    pub passkey: bool,
    /// Whether it has recovery codes left.
    pub recovery: bool,
}

/// A sign-in that waits for its second factor.
struct Waiting {
    state: [u8; 32],
    row: store::PendingRow,
}

impl Waiting {
    async fn of(app: &App, request: &HttpRequest) -> Result<Option<Self>, db::Error> {
        let Some(cookie) = request.cookie(COOKIE) else { return Ok(None) };
        let state = sha256(cookie.value().as_bytes());
        let row = store::pending(app.db.reader(), &state, app.ambient.now()).await?;
        Ok(row.map(|row| Self { state, row }))
    }

    fn check_csrf(&self, app: &App, token: &str) -> Result<(), Problem> {
        let right = app.secrets.csrf_token(&self.state);
        if same(token.as_bytes(), right.as_bytes()) { Ok(()) } else { Err(Problem::csrf()) }
    }

    async fn page(&self, app: &App, t: Tongue, error: Option<String>) -> Result<SecondPage, db::Error> {
        let factors = store::of_staff(app.db.reader(), self.row.staff_id).await?;
        let has = |kind: Kind| factors.iter().any(|factor| factor.kind == kind.name());
        let asked = Asked {
            csrf: app.secrets.csrf_token(&self.state),
            app: has(Kind::Totp),
            passkey: has(Kind::Passkey) && Passkeys::at(&app.config.public_url()).is_some(),
            recovery: store::codes_left(app.db.reader(), self.row.staff_id).await? > 0,
        };
        Ok(SecondPage { t, error, asked: Some(asked) })
    }
}

fn expired(request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let page = SecondPage { t: tongue(request), error: None, asked: None };
    let mut response = html::page(StatusCode::GONE, &page)?;
    add_cookie(&mut response, &no_second_cookie())?;
    Ok(response)
}

/// `GET /staff/login/second`: whoever has just given a right password, in the same browser.
pub async fn show(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Some(waiting) = Waiting::of(&app, &request).await? else { return expired(&request) };
    html::page(StatusCode::OK, &waiting.page(&app, tongue(&request), None).await?)
}

/// `POST /staff/login/second/passkey`: the same, from our own page, as often as the login limit
/// allows. Gives the challenge for the browser; earlier ones are over.
pub async fn challenge(
    app: web::Data<App>,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_pages(&request, &app.config.public_url())?;
    app.limits.count(Limited::Logins, &request)?;
    let Some(waiting) = Waiting::of(&app, &request).await? else { return Err(Problem::link_spent()) };
    waiting.check_csrf(&app, &form.csrf)?;
    let have = credentials(&store::of_staff(app.db.reader(), waiting.row.staff_id).await?);
    let challenge = Passkeys::at(&app.config.public_url()).and_then(|passkeys| passkeys.challenge(&have));
    let challenge = challenge.ok_or_else(Problem::not_found)?;
    if !store::exchange(app.db.writer(), &waiting.state, &waiting.row.secret, &challenge.kept).await? {
        return Err(Problem::link_spent());
    }
    Ok(HttpResponse::Ok().json(challenge.options))
}

/// What the page for the second factor sends: one of the three.
#[derive(Deserialize)]
pub struct SecondForm {
    csrf: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery: String,
    #[serde(default)]
    credential: String,
}

/// `POST /staff/login/second`: whoever has just given a right password, from our own page in the
/// same browser, as often as waits and the login limit allow; once where it is right.
pub async fn send(
    app: web::Data<App>,
    form: web::Form<SecondForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_pages(&request, &app.config.public_url())?;
    app.limits.count(Limited::Logins, &request)?;
    let Some(waiting) = Waiting::of(&app, &request).await? else { return expired(&request) };
    waiting.check_csrf(&app, &form.csrf)?;
    let t = tongue(&request);
    let staff = waiting.row.staff_id;
    // A new password ends those that wait, also one that came to wait while it was changed.
    let verified = store::account(app.db.reader(), staff).await?.and_then(|account| account.password_hash);
    let same = verified
        .as_ref()
        .is_some_and(|hash| waiting.row.verified_hash.as_deref() == Some(sha256(hash.as_bytes()).as_slice()));
    if !same {
        return expired(&request);
    }
    let SecondForm { code, recovery, credential, .. } = form.into_inner();
    let proof = if !credential.is_empty() {
        // A challenge is answered once, whatever the answer.
        let kept = waiting.row.secret.clone();
        if kept.is_empty() || !store::exchange(app.db.writer(), &waiting.state, &kept, "").await? {
            let page = waiting.page(&app, t, Some(t.text("second-wrong"))).await?;
            return html::page(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Proof::Passkey { answer: credential, kept }
    } else if !recovery.is_empty() {
        Proof::Recovery(recovery)
    } else {
        Proof::Code(code)
    };
    let kind = match prove(&app, staff, proof, app.limits.address(&request)).await {
        Ok(kind) => kind,
        Err(error) => {
            let (status, words) = refusal(t, error, "second-wrong")?;
            return html::page(status, &waiting.page(&app, t, Some(words)).await?);
        }
    };
    // The account may be gone by now, and the sign-in done in another window.
    if store::account(app.db.reader(), staff).await?.is_none() || !store::take(app.db.writer(), &waiting.state).await? {
        return expired(&request);
    }
    end_old_session(&app, &request).await?;
    // Somebody's last recovery code may have been their last factor.
    let still = login::Still { hash: verified.as_deref(), factor: true };
    let Some(token) = login::begin(&app, staff, Some(still), &Origin::of(LOCAL)).await? else {
        return expired(&request);
    };
    // Who had to use a recovery code has lost something, and sees what is left.
    let next = if kind == Kind::RecoveryCode { ACCOUNT } else { &waiting.row.next };
    let mut response = html::see_other(next);
    add_cookie(&mut response, &session_cookie(&token))?;
    add_cookie(&mut response, &no_second_cookie())?;
    Ok(response)
}
