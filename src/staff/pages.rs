//! Signing in with a password, and proving once more who one is, as pages.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::login::{Confirmed, LoginError, Passed};
use super::providers::{LOCAL, Means, Ready};
use super::{Access, Frame, auth, factors, login, refuse_foreign_pages, session_token, store};
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
    /// Not sent on at once: somebody has just come back or logged out. On the way to a provider: it asks whoever is
    /// signed in there already.
    pub again: Option<String>,
    /// Why somebody has to confirm once more.
    trouble: Option<String>,
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

/// Where people are sent to sign in.
pub struct Way {
    /// What it is called.
    pub label: String,
    /// The address of ours that leads there.
    pub path: String,
    /// Whether it is to be another account than the last time.
    pub anew: bool,
}

impl From<(String, String)> for Way {
    fn from((label, path): (String, String)) -> Self {
        Self { label, path, anew: false }
    }
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
    /// Where people are sent to sign in.
    pub elsewhere: Vec<Way>,
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
            elsewhere: all.iter().filter(|one| !one.asks_here()).map(link).map(Way::from).collect(),
            others: here.iter().filter(|one| Some(one.id()) != provider).map(|one| link(one)).collect(),
            provider: provider.map(str::to_owned),
        }
    }

    /// The same for somebody whom this provider knows and who may not come in: it asks who they are.
    #[must_use]
    pub fn asking_anew(mut self, id: &str) -> Self {
        let begin = format!("/staff/auth/{id}/login?");
        for way in self.elsewhere.iter_mut().filter(|way| way.path.starts_with(&begin)) {
            way.path.push_str("&again");
            way.anew = true;
        }
        self
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
        [way] if at_once => Ok(html::see_other(&way.path)),
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
        Ok(passed) => factors::second::after_password(&app, &request, passed, safe_next(&next)).await,
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

/// Why somebody has to confirm once more, as the page's address says it: the words, and the status.
const CONFIRM_TROUBLES: [(&str, &str, StatusCode); 5] = [
    ("cancelled", "login-cancelled", StatusCode::UNPROCESSABLE_ENTITY),
    ("refused", "confirm-refused", StatusCode::FORBIDDEN),
    ("somebody-else", "confirm-somebody-else", StatusCode::FORBIDDEN),
    ("away", "login-away", StatusCode::SERVICE_UNAVAILABLE),
    ("misconfigured", "login-misconfigured", StatusCode::SERVICE_UNAVAILABLE),
];

/// `GET /staff/confirm`: anybody with a session, who is to prove once more who they are.
pub async fn confirm(
    app: web::Data<App>,
    access: Access,
    query: web::Query<NextQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let t = tongue(&request);
    let asked = query.trouble.as_deref();
    let trouble = CONFIRM_TROUBLES.into_iter().find(|(trouble, ..)| Some(*trouble) == asked);
    let error = trouble.map(|(_, key, _)| t.text(key));
    let page = ConfirmPage { error, ..ConfirmPage::new(&app, t, &access, &query.next) };
    html::page(trouble.map_or(StatusCode::OK, |(.., status)| status), &page)
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
        Ok(Confirmed::Second(staff, verified)) => {
            let passed = Passed::Second(staff, verified);
            factors::second::after_password(&app, &request, passed, safe_next(&next)).await
        }
        Err(error) => {
            let (status, words) = words_for(t, error)?;
            html::page(status, &ConfirmPage { error: Some(words), ..ConfirmPage::new(&app, t, &access, &next) })
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
