//! The accounts of staff, for administrators: who there is, what each may do, where each is signed in.
//! Accounts of other providers get their roles from their groups; those of this installation get them here.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::pages::{CsrfForm, tongue};
use super::providers::{self, LOCAL};
use super::store::{self, StaffRow};
use super::{Access, Frame, Grant, Role, auth};
use crate::app::App;
use crate::db;
use crate::forms::catalog::Current;
use crate::ledger;
use crate::server::html;
use crate::server::problem::Problem;
use crate::words::{Tongue, Words};

/// Accounts on one page.
const PAGE: u32 = 50;

/// One account in the list.
pub struct AccountLine {
    /// Its page.
    pub url: String,
    /// The name shown to colleagues.
    pub name: String,
    /// What they sign in as.
    pub login: String,
    /// Who vouches for it.
    pub provider: String,
    /// What it may do.
    pub roles: Vec<String>,
    /// When it last came in.
    pub last: Option<String>,
    /// Whether it is kept out.
    pub disabled: bool,
}

/// The context of `templates/staff/accounts.html`.
#[derive(Template)]
#[template(path = "staff/accounts.html")]
pub struct AccountsPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The accounts.
    pub lines: Vec<AccountLine>,
    /// Those that were made later.
    pub later: Option<String>,
}

/// One session of an account.
pub struct SessionView {
    /// Its name, which opens nothing.
    pub id: String,
    /// When it began.
    pub began: String,
    /// When it was last used.
    pub seen: String,
    /// Whether it is the one that the page is read with.
    pub own: bool,
}

/// The context of `templates/staff/account.html`.
#[derive(Template)]
#[template(path = "staff/account.html")]
pub struct AccountPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The account's page.
    pub url: String,
    /// The account.
    pub line: AccountLine,
    /// Whether its roles are given here: value and words of each.
    pub grants: Option<Vec<(String, String)>>,
    /// The roles that there are: name and words.
    pub roles: Vec<(&'static str, String)>,
    /// Where a role may hold: value and words.
    pub places: Vec<(String, String)>,
    /// Where it is signed in.
    pub sessions: Vec<SessionView>,
    /// Whether it is the reader's own.
    pub own: bool,
    /// Why something was not done.
    pub error: Option<String>,
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
pub struct ListQuery {
    after: Option<Uuid>,
}

/// Where a role holds, in words.
fn place(t: Tongue, current: &Current, grant: &Grant) -> String {
    match (grant.site, grant.form) {
        (None, _) => t.text("role-everywhere"),
        (Some(_), Some(form)) => current
            .forms
            .values()
            .find(|entry| entry.form_id == form)
            .map_or_else(|| t.text("role-unknown"), |entry| slugs(entry)),
        (Some(site), None) => current
            .sites
            .iter()
            .find(|(_, known)| known.version.owner == site)
            .map_or_else(|| t.text("role-unknown"), |(slug, _)| slug.clone()),
    }
}

fn slugs(entry: &crate::forms::catalog::FormEntry) -> String {
    let form = &entry.shown.form.definition;
    format!("{}/{}", form.site, form.slug)
}

fn in_words(t: Tongue, current: &Current, grant: &Grant) -> String {
    format!("{} · {}", t.text(&format!("role-{}", grant.role.name())), place(t, current, grant))
}

/// A grant as a form names it.
fn value_of(grant: &Grant) -> String {
    let id = |id: Option<Uuid>| id.map_or_else(String::new, |id| id.to_string());
    format!("{}:{}:{}", grant.role.name(), id(grant.site), id(grant.form))
}

fn line(app: &App, t: Tongue, current: &Current, staff: &StaffRow, grants: &[Grant]) -> AccountLine {
    let provider = app.providers.named(&staff.provider);
    let provider = match provider {
        Some(ready) if ready.settings.label.is_some() || ready.id() != LOCAL => auth::name_of(ready),
        _ if staff.provider == LOCAL => t.text("login-local"),
        _ => t.with1("accounts-provider-gone", "provider", &staff.provider),
    };
    AccountLine {
        url: format!("/staff/accounts/{}", staff.id),
        name: staff.name.clone(),
        login: staff.login.clone().unwrap_or_else(|| staff.username.clone()),
        provider,
        roles: grants.iter().map(|grant| in_words(t, current, grant)).collect(),
        last: staff.last_login_at.map(|at| Words::shared().moment(t.lang, at)),
        disabled: staff.disabled_at.is_some(),
    }
}

/// `GET /staff/accounts`: administrators.
pub async fn list(
    app: web::Data<App>,
    access: Access,
    query: web::Query<ListQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    let t = tongue(&request);
    let current = app.catalog.current().await?;
    let mut rows = store::page(app.db.reader(), query.after, PAGE + 1).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let later = rows.last().filter(|_| more).map(|last| format!("/staff/accounts?after={}", last.id));
    let mut lines = Vec::new();
    for row in &rows {
        let grants = store::grants(app.db.reader(), row.id).await?;
        lines.push(line(&app, t, &current, row, &grants));
    }
    html::page(StatusCode::OK, &AccountsPage { frame: access.frame(t), t, lines, later })
}

async fn account(app: &App, id: &str) -> Result<StaffRow, Problem> {
    let id = Uuid::parse_str(id).map_err(|_| Problem::not_found())?;
    store::by_id(app.db.reader(), id).await?.ok_or_else(Problem::not_found)
}

async fn page(app: &App, access: &Access, t: Tongue, staff: &StaffRow) -> Result<AccountPage, Problem> {
    let current = app.catalog.current().await?;
    let grants = store::grants(app.db.reader(), staff.id).await?;
    let moment = |at| Words::shared().moment(t.lang, at);
    let sessions = store::sessions(app.db.reader(), staff.id, app.ambient.now(), &app.config.staff).await?;
    let everywhere = (String::new(), t.text("role-everywhere"));
    let sites = current.sites.iter().map(|(slug, site)| (format!("{}:", site.version.owner), slug.clone()));
    let forms = current.forms_in_order().into_iter();
    let forms = forms.map(|entry| (format!("{}:{}", entry.site_id, entry.form_id), slugs(entry)));
    Ok(AccountPage {
        frame: access.frame(t),
        t,
        url: format!("/staff/accounts/{}", staff.id),
        grants: (staff.provider == LOCAL)
            .then(|| grants.iter().map(|grant| (value_of(grant), in_words(t, &current, grant))).collect()),
        line: line(app, t, &current, staff, &grants),
        roles: Role::ALL.into_iter().map(|role| (role.name(), t.text(&format!("role-{}", role.name())))).collect(),
        places: std::iter::once(everywhere).chain(sites).chain(forms).collect(),
        sessions: sessions
            .into_iter()
            .map(|one| SessionView {
                own: one.id == access.session_id,
                id: one.id.to_string(),
                began: moment(one.created_at),
                seen: moment(one.last_seen_at),
            })
            .collect(),
        own: staff.id == access.staff_id,
        error: None,
    })
}

/// `GET /staff/accounts/{id}`: administrators.
pub async fn show(
    app: web::Data<App>,
    access: Access,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    let staff = account(&app, &id).await?;
    html::page(StatusCode::OK, &page(&app, &access, tongue(&request), &staff).await?)
}

/// What the page of an account sends.
#[derive(Deserialize)]
pub struct ChangeForm {
    csrf: String,
    /// `disable`, `enable`, `end-sessions`, `add-role` or `remove-role`.
    action: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    grant: String,
}

/// The grant that is named by role and `site:form`, of what is published.
fn grant_named(current: &Current, role: &str, place: &str) -> Option<Grant> {
    let role = Role::named(role)?;
    if place.is_empty() {
        return Some(Grant { role, site: None, form: None });
    }
    let (site, form) = place.split_once(':')?;
    let site = Uuid::parse_str(site).ok()?;
    if form.is_empty() {
        let known = current.sites.values().any(|one| one.version.owner == site);
        return known.then_some(Grant { role, site: Some(site), form: None });
    }
    let form = Uuid::parse_str(form).ok()?;
    let known = current.forms.values().any(|entry| entry.site_id == site && entry.form_id == form);
    known.then_some(Grant { role, site: Some(site), form: Some(form) })
}

/// `POST /staff/accounts/{id}`: administrators who have just proved who they are, from our own page.
pub async fn change(
    app: web::Data<App>,
    access: Access,
    id: web::Path<String>,
    form: web::Form<ChangeForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    access.check_csrf(&form.csrf)?;
    let staff = account(&app, &id).await?;
    let back = format!("/staff/accounts/{}", staff.id);
    access.check_recent(&app, &back)?;
    let own = staff.id == access.staff_id;
    let transaction = app.db.begin().await?;
    // Of two who change it at once, the second sees what the first has done.
    super::factors::store::lock(&transaction, staff.id).await?;
    let record = |kind| ledger::Entry::new(kind, json!({})).by(access.staff_id).about(staff.id);
    match form.action.as_str() {
        // Nobody locks themselves out.
        "disable" | "remove-role" if own => {
            let t = tongue(&request);
            let page = AccountPage { error: Some(t.text("accounts-own")), ..page(&app, &access, t, &staff).await? };
            return html::page(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        "disable" => {
            store::set_disabled(&transaction, staff.id, Some(app.ambient.now())).await?;
            ledger::append(&transaction, &app.ambient, record("staff-disabled")).await?;
        }
        "enable" => {
            store::set_disabled(&transaction, staff.id, None).await?;
            ledger::append(&transaction, &app.ambient, record("staff-enabled")).await?;
        }
        "end-sessions" => {
            store::end_sessions(&transaction, staff.id).await?;
            ledger::append(&transaction, &app.ambient, record("staff-sessions-revoked")).await?;
        }
        "add-role" | "remove-role" if staff.provider == LOCAL => {
            let current = app.catalog.current().await?;
            let mut grants = store::grants(&transaction, staff.id).await?;
            if form.action == "add-role" {
                let grant = grant_named(&current, &form.role, &form.place).ok_or_else(Problem::not_found)?;
                if !grants.contains(&grant) {
                    grants.push(grant);
                }
            } else {
                grants.retain(|grant| value_of(grant) != form.grant);
            }
            providers::change_roles(&transaction, &app, staff.id, &grants, Some(access.staff_id)).await?;
        }
        _ => return Err(Problem::not_found()),
    }
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(html::see_other(if own && form.action == "end-sessions" { "/staff/login?again" } else { &back }))
}

/// `POST /staff/sessions/{id}/end`: administrators, from our own page.
pub async fn end_one(
    app: web::Data<App>,
    access: Access,
    id: web::Path<Uuid>,
    form: web::Form<CsrfForm>,
) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    access.check_csrf(&form.csrf)?;
    let transaction = app.db.begin().await?;
    let Some(staff) = store::revoke_session(&transaction, *id).await? else { return Err(Problem::not_found()) };
    let entry = ledger::Entry::new("staff-session-revoked", json!({})).by(access.staff_id).about(staff);
    ledger::append(&transaction, &app.ambient, entry).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(html::see_other(&format!("/staff/accounts/{staff}")))
}

/// `POST /staff/sessions/end`: administrators who have just proved who they are, from our own page. Ends
/// every session but their own.
pub async fn end_all(app: web::Data<App>, access: Access, form: web::Form<CsrfForm>) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    access.check_csrf(&form.csrf)?;
    access.check_recent(&app, "/staff/accounts")?;
    let transaction = app.db.begin().await?;
    let ended = store::revoke_all_but(&transaction, access.session_id).await?;
    let entry = ledger::Entry::new("staff-all-sessions-revoked", json!({ "sessions": ended })).by(access.staff_id);
    ledger::append(&transaction, &app.ambient, entry).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(html::see_other("/staff/accounts"))
}
