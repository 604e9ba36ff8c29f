//! Login, logout and set-up as pages.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::login::{Confirmed, LoginError, Passed};
use super::providers::{LOCAL, Means, Ready};
use super::setup::{Choice, SetUp};
use super::{Access, Frame, auth, ended_cookie, factors, login, refuse_foreign_pages, session_token, setup, store};
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

/// The words for whoever asks.
pub fn tongue(request: &HttpRequest) -> Tongue {
    Tongue::new(language::of_request(request, &Lang::ALL))
}

/// Where to go after logging in.
#[derive(Deserialize)]
pub struct NextQuery {
    /// Where to go afterwards.
    #[serde(default)]
    pub next: String,
    /// The provider to sign in with.
    provider: Option<String>,
    /// The accounts of this installation, whatever is configured.
    local: Option<String>,
    /// Not sent on at once: somebody has just come back or logged out.
    again: Option<String>,
}

/// Longest path to go to after signing in, in bytes.
const LONGEST_NEXT: usize = 512;

/// A path of the staff area and nothing else.
pub fn safe_next(next: &str) -> &str {
    let safe = next.starts_with("/staff/")
        && next.len() <= LONGEST_NEXT
        && !next.starts_with("/staff/log")
        && !next.starts_with("/staff/auth/")
        && !next.contains("..")
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
    /// The provider whose name and password are asked for; none where people are only sent elsewhere.
    pub provider: Option<String>,
    /// What it is called, where there is more than one.
    pub label: Option<String>,
    /// Where people are sent to sign in: what each is called, and its address.
    pub elsewhere: Vec<(String, String)>,
    /// The others that ask for a name and a password: what each is called, and its page.
    pub others: Vec<(String, String)>,
}

impl LoginPage {
    /// The page for the provider with this id; the first one's where there is none.
    pub fn new(app: &App, t: Tongue, id: &str, next: &str) -> Self {
        let all = app.providers.all();
        let here: Vec<&Ready> = all.iter().filter(|one| one.asks_here()).collect();
        let first = here.first().map(|one| one.id());
        let asked = here.iter().any(|one| one.id() == id).then_some(id);
        // The accounts of this installation are always there for who asks for them.
        let provider = if id == LOCAL { Some(LOCAL) } else { asked.or(first) };
        let label = |one: &Ready| match (&one.settings.label, &one.means) {
            (Some(label), _) => label.clone(),
            (None, Means::Local) => t.text("login-local"),
            (None, _) => one.settings.id.clone(),
        };
        let next = safe_next(next);
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let chosen = all.iter().find(|one| Some(one.id()) == provider);
        let named = all.len() > 1 || chosen.is_none_or(|one| !matches!(one.means, Means::Local));
        let link = |one: &Ready| {
            let path = if one.asks_here() {
                format!("/staff/login?provider={}&next={query}", one.id())
            } else {
                format!("/staff/auth/{}/login?next={query}", one.id())
            };
            (label(one), path)
        };
        Self {
            t,
            username: String::new(),
            next: next.to_owned(),
            error: None,
            label: named.then(|| chosen.map_or_else(|| t.text("login-local"), label)),
            elsewhere: all.iter().filter(|one| !one.asks_here()).map(link).collect(),
            others: here.iter().filter(|one| Some(one.id()) != provider).map(|one| link(one)).collect(),
            provider: provider.map(str::to_owned),
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
    let page = LoginPage::new(&app, tongue(&request), asked, &query.next);
    let at_once = app.config.staff.sign_in_at_once && asked.is_empty() && query.again.is_none();
    match page.elsewhere.as_slice() {
        [(_, path)] if at_once => Ok(html::see_other(path)),
        _ => html::page(StatusCode::OK, &page),
    }
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
    let asked = page.provider.as_deref().unwrap_or(LOCAL);
    let ready = app.providers.named(asked).filter(|one| one.directory().is_some());
    match login::log_in(&app, ready, &username, password, app.limits.address(&request)).await {
        Ok(passed) => factors::pages::after_password(&app, &request, passed, safe_next(&next)).await,
        Err(error) => {
            let (status, words) = words_for(t, error)?;
            html::page(status, &LoginPage { username, error: Some(words), ..page })
        }
    }
}

/// What somebody is told who is not let in.
pub fn words_for(t: Tongue, error: LoginError) -> Result<(StatusCode, String), Problem> {
    Ok(match error {
        LoginError::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, t.text("login-wrong")),
        LoginError::Blocked(wait) => {
            let minutes = usize::try_from(wait.whole_seconds() / 60 + 1).unwrap_or(1);
            (StatusCode::TOO_MANY_REQUESTS, t.count("login-blocked", "minutes", &minutes))
        }
        LoginError::NoRole(name) => (StatusCode::FORBIDDEN, t.with1("login-no-role", "name", &name)),
        LoginError::Disabled(name) => (StatusCode::FORBIDDEN, t.with1("login-disabled", "name", &name)),
        LoginError::Cancelled => (StatusCode::UNPROCESSABLE_ENTITY, t.text("login-cancelled")),
        LoginError::Refused => (StatusCode::FORBIDDEN, t.text("login-refused")),
        LoginError::Away => (StatusCode::SERVICE_UNAVAILABLE, t.text("login-away")),
        LoginError::SecondFactor => (StatusCode::FORBIDDEN, t.text("door-trouble-second-factor")),
        LoginError::Misconfigured => (StatusCode::SERVICE_UNAVAILABLE, t.text("login-misconfigured")),
        LoginError::Database(error) => return Err(error.into()),
    })
}

/// Ends the session that the request's cookie names, where there is one.
pub async fn end_old_session(app: &App, request: &HttpRequest) -> Result<(), Problem> {
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

/// `POST /staff/logout`: anybody with a session, from our own page. Leads on to where the session with
/// their provider ends.
pub async fn log_out(
    app: web::Data<App>,
    access: Access,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    let origin = store::origin(app.db.reader(), &access.session).await?;
    store::end_session(app.db.writer(), &access.session).await?;
    let farewell = auth::farewell(&app, &request, origin.as_ref()).await?;
    let mut response = farewell.unwrap_or_else(|| html::see_other("/staff/login?again"));
    add_cookie(&mut response, &ended_cookie())?;
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

/// The context of `templates/staff/logged-out.html`.
#[derive(Template)]
#[template(path = "staff/logged-out.html")]
pub struct LoggedOutPage {
    /// The words.
    pub t: Tongue,
}

/// `GET /staff/logged-out`: whoever comes back from logging out elsewhere.
pub async fn logged_out(request: HttpRequest) -> Result<HttpResponse, Problem> {
    html::page(StatusCode::OK, &LoggedOutPage { t: tongue(&request) })
}

/// The context of `templates/staff/confirm.html`.
#[derive(Template)]
#[template(path = "staff/confirm.html")]
pub struct ConfirmPage {
    /// The words.
    pub t: Tongue,
    /// For the layout.
    pub frame: Frame,
    /// Where to go afterwards.
    pub next: String,
    /// Where the provider asks for the password, if it is asked for elsewhere.
    pub elsewhere: Option<String>,
    /// What the provider is called.
    pub provider: String,
    /// Why it did not work.
    pub error: Option<String>,
}

impl ConfirmPage {
    fn new(app: &App, t: Tongue, access: &Access, next: &str) -> Self {
        let ready = app.providers.named(&access.provider).filter(|one| !one.asks_here());
        Self {
            t,
            frame: access.frame(t),
            next: safe_next(next).to_owned(),
            elsewhere: ready.map(|one| format!("/staff/auth/{}/confirm", one.id())),
            provider: ready.map_or_else(String::new, auth::name_of),
            error: None,
        }
    }
}

/// `GET /staff/confirm`: anybody with a session, who is to prove once more who they are.
pub async fn confirm(
    app: web::Data<App>,
    access: Access,
    query: web::Query<NextQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    html::page(StatusCode::OK, &ConfirmPage::new(&app, tongue(&request), &access, &query.next))
}

/// What the page for confirming sends.
#[derive(Deserialize)]
pub struct ConfirmForm {
    /// Proves that the page was made for this session.
    pub csrf: String,
    /// Where to go afterwards.
    #[serde(default)]
    pub next: String,
    /// The password, where it is asked for here.
    password: Option<SecretString>,
}

/// `POST /staff/confirm`: anybody with a session, from our own page, as often as waits and the login
/// limit allow.
pub async fn confirm_with_password(
    app: web::Data<App>,
    access: Access,
    form: web::Form<ConfirmForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    app.limits.count(Limited::Logins, &request)?;
    let ConfirmForm { next, password, .. } = form.into_inner();
    let t = tongue(&request);
    let password = password.unwrap_or_default();
    match login::confirm(&app, &access, password, app.limits.address(&request)).await {
        Ok(Confirmed::Done) => Ok(html::see_other(safe_next(&next))),
        Ok(Confirmed::Second(staff)) => {
            factors::pages::after_password(&app, &request, Passed::Second(staff), safe_next(&next)).await
        }
        Err(error) => {
            let (status, words) = words_for(t, error)?;
            html::page(status, &ConfirmPage { error: Some(words), ..ConfirmPage::new(&app, t, &access, &next) })
        }
    }
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
            "/staff/auth/x/login",
            "/staff/../f/shop/contact",
        ] {
            assert_eq!(safe_next(bad), "/staff/inbox", "{bad}");
        }
    }
}
