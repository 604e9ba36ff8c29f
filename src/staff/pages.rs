//! Login, logout and set-up as pages.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::login::LoginError;
use super::providers::{LOCAL, Ready};
use super::setup::{Choice, SetUp};
use super::{Access, ended_cookie, factors, login, refuse_foreign_pages, session_token, setup, store};
use crate::app::App;
use crate::crypto::sha256;
use crate::server::html;
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::submissions::limits::Limited;
use crate::words::Tongue;

/// `GET /` and `GET /staff`: on to the inbox.
pub async fn home() -> HttpResponse {
    html::see_other("/staff/inbox")
}

pub(super) fn tongue(request: &HttpRequest) -> Tongue {
    Tongue::new(language::of_request(request, &Lang::ALL))
}

/// Where to go after logging in.
#[derive(Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
    /// The provider to sign in with.
    provider: Option<String>,
    /// The accounts of this installation, whatever is configured.
    local: Option<String>,
}

/// A path of the staff area and nothing else.
fn safe_next(next: &str) -> &str {
    let safe = next.starts_with("/staff/")
        && !next.starts_with("/staff/log")
        && next.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.?=&".contains(&b));
    if safe { next } else { "/staff/inbox" }
}

/// The context of `templates/staff/login.html`.
#[derive(Template)]
#[template(path = "staff/login.html")]
pub struct LoginPage {
    /// The words.
    pub t: Tongue,
    /// What was typed as user name.
    pub username: String,
    /// Where to go afterwards.
    pub next: String,
    /// Why it did not work.
    pub error: Option<String>,
    /// The provider that is asked.
    pub provider: String,
    /// What it is called, where there is more than one.
    pub label: Option<String>,
    /// The others: what each is called, and its page.
    pub others: Vec<(String, String)>,
}

impl LoginPage {
    /// The page for the provider with this id; the first one's where there is none.
    fn new(app: &App, t: Tongue, id: &str, next: &str) -> Self {
        let all = app.providers.all();
        let first = all.first().map_or(LOCAL, |one| one.id());
        let provider = if id == LOCAL || app.providers.named(id).is_some() { id } else { first };
        let label = |one: &Ready| match (&one.settings.label, one.directory.is_some()) {
            (Some(label), _) => label.clone(),
            (None, true) => one.settings.id.clone(),
            (None, false) => t.text("login-local"),
        };
        let next = safe_next(next);
        let chosen = all.iter().find(|one| one.id() == provider);
        let others = all.iter().filter(|one| one.id() != provider);
        Self {
            t,
            username: String::new(),
            next: next.to_owned(),
            error: None,
            provider: provider.to_owned(),
            label: (all.len() > 1 || chosen.is_none_or(|one| one.directory.is_some()))
                .then(|| chosen.map_or_else(|| t.text("login-local"), label)),
            others: others
                .map(|one| {
                    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                    (label(one), format!("/staff/login?provider={}&next={next}", one.id()))
                })
                .collect(),
        }
    }
}

/// `GET /staff/login`: anybody.
pub async fn login(
    app: web::Data<App>,
    query: web::Query<NextQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked = if query.local.is_some() { LOCAL } else { query.provider.as_deref().unwrap_or_default() };
    html::page(StatusCode::OK, &LoginPage::new(&app, tongue(&request), asked, &query.next))
}

/// What the login form sends.
#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    username: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// `POST /staff/login`: anybody, from our own page, as often as waits and the login limit allow.
pub async fn log_in(
    app: web::Data<App>,
    form: web::Form<LoginForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_pages(&request, &app.config.public_url())?;
    app.limits.count(Limited::Logins, &request)?;
    let t = tongue(&request);
    let LoginForm { provider, username, password, next } = form.into_inner();
    let page = LoginPage::new(&app, t, if provider.is_empty() { LOCAL } else { &provider }, &next);
    let ready = app.providers.named(&page.provider).filter(|one| one.directory.is_some());
    let (status, error) = match login::log_in(&app, ready, &username, password, app.limits.address(&request)).await {
        Ok(passed) => return factors::pages::after_password(&app, &request, passed, safe_next(&next)).await,
        Err(LoginError::Wrong) => (StatusCode::UNPROCESSABLE_ENTITY, t.text("login-wrong")),
        Err(LoginError::Blocked(wait)) => {
            let minutes = usize::try_from(wait.whole_seconds() / 60 + 1).unwrap_or(1);
            (StatusCode::TOO_MANY_REQUESTS, t.count("login-blocked", "minutes", &minutes))
        }
        Err(LoginError::NoRole(name)) => (StatusCode::FORBIDDEN, t.with1("login-no-role", "name", &name)),
        Err(LoginError::Disabled(name)) => (StatusCode::FORBIDDEN, t.with1("login-disabled", "name", &name)),
        Err(LoginError::Away) => (StatusCode::SERVICE_UNAVAILABLE, t.text("login-away")),
        Err(LoginError::Misconfigured) => (StatusCode::SERVICE_UNAVAILABLE, t.text("login-misconfigured")),
        Err(LoginError::Database(error)) => return Err(error.into()),
    };
    html::page(status, &LoginPage { username, error: Some(error), ..page })
}

pub(super) async fn end_old_session(app: &App, request: &HttpRequest) -> Result<(), Problem> {
    if let Some(old) = session_token(request) {
        store::end_session(app.db.writer(), &sha256(old.as_bytes())).await?;
    }
    Ok(())
}

pub(super) fn add_cookie(response: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> Result<(), Problem> {
    response.add_cookie(cookie).map_err(|_| Problem::internal())
}

/// A form with nothing but a button.
#[derive(Deserialize)]
pub struct CsrfForm {
    /// Proves that the page was made for this session.
    pub csrf: String,
}

/// `POST /staff/logout`: anybody with a session, from our own page.
pub async fn log_out(app: web::Data<App>, access: Access, form: web::Form<CsrfForm>) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    store::end_session(app.db.writer(), &access.session).await?;
    let mut response = html::see_other("/staff/login");
    add_cookie(&mut response, &ended_cookie())?;
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

/// The context of `templates/staff/setup.html`.
#[derive(Template)]
#[template(path = "staff/setup.html")]
pub struct SetupPage {
    /// The words.
    pub t: Tongue,
    /// Whether this makes the first account.
    pub first: bool,
    /// The user name, as typed.
    pub username: String,
    /// The name for colleagues, as typed.
    pub name: String,
    /// What is wrong.
    pub error: Option<String>,
    /// Fewest characters of a password.
    pub shortest: String,
}

impl SetupPage {
    fn new(t: Tongue, first: bool) -> Self {
        let shortest = crate::crypto::passwords::SHORTEST_PASSWORD.to_string();
        Self { t, first, username: String::new(), name: String::new(), error: None, shortest }
    }
}

/// `GET /staff/setup/{token}`: whoever has the link.
pub async fn setup(
    app: web::Data<App>,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Logins, &request)?;
    let hash = sha256(token.as_bytes());
    let for_whom =
        store::setup_link(app.db.reader(), &hash, app.ambient.now()).await?.ok_or_else(Problem::link_spent)?;
    html::page(StatusCode::OK, &SetupPage::new(tongue(&request), for_whom.is_none()))
}

/// What the set-up form sends.
#[derive(Deserialize)]
pub struct SetupForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    name: String,
    password: SecretString,
    repeated: SecretString,
}

/// `POST /staff/setup/{token}`: whoever has the link, once.
pub async fn set_up(
    app: web::Data<App>,
    token: web::Path<String>,
    form: web::Form<SetupForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_pages(&request, &app.config.public_url())?;
    app.limits.count(Limited::Logins, &request)?;
    let SetupForm { username, name, password, repeated } = form.into_inner();
    let t = tongue(&request);
    let hash = sha256(token.as_bytes());
    let first =
        store::setup_link(app.db.reader(), &hash, app.ambient.now()).await?.ok_or_else(Problem::link_spent)?.is_none();
    let choice = Choice { username: username.clone(), name: name.clone(), password, repeated };
    match setup::use_link(&app, &token, choice).await? {
        SetUp::Spent => Err(Problem::link_spent()),
        SetUp::Done(passed) => factors::pages::after_password(&app, &request, passed, "/staff/inbox").await,
        SetUp::Mistaken(mistake) => {
            let page = SetupPage::new(t, first);
            let error = Some(t.with1(&format!("setup-error-{}", mistake.name()), "shortest", &page.shortest));
            html::page(StatusCode::UNPROCESSABLE_ENTITY, &SetupPage { username, name, error, ..page })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_staff_area_are_gone_to() {
        assert_eq!(safe_next("/staff/submissions/1"), "/staff/submissions/1");
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/staff/..//evil.example\\",
            "/f/shop/contact",
            "/staff/logout",
        ] {
            assert_eq!(safe_next(bad), "/staff/inbox", "{bad}");
        }
    }
}
