//! The door before a form for which visitors sign in: with a provider that they are sent to, or with a name and a
//! password that are asked for here. Nobody gets a session of staff or an account by it.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::SecretString;

use super::door;
use super::limits::Limited;
use super::pages::FORM_ROUTE;
use super::visitors::{self, Verified, Visitor};
use crate::app::App;
use crate::forms::catalog::FormEntry;
use crate::forms::definition::SignIn;
use crate::forms::pages::{self as form_pages, LANG_CONTROL};
use crate::forms::view::{LanguageLink, PolicyLink, language_links, policy_link};
use crate::server::html::{self, Look, Surroundings};
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::staff::Person;
use crate::staff::auth::{self, Ask};
use crate::staff::login::{self, LoginError};
use crate::staff::providers::{LOCAL, Ready};
use crate::staff::requests::{Purpose, Waiting};
use crate::words::Tongue;

/// The control that names the provider.
pub const PROVIDER_CONTROL: &str = "form.provider";
/// The control of the user name.
pub const USERNAME_CONTROL: &str = "form.username";
/// The control of the password.
pub const PASSWORD_CONTROL: &str = "form.password";
/// What a link to the door says why somebody comes back to it.
const TROUBLE_PARAMETER: &str = "form.trouble";
/// What it may say; each is the end of a key of words.
const TROUBLES: [&str; 5] = ["cancelled", "refused", "away", "misconfigured", "not-allowed"];
/// Asks for another account than the one that is not allowed.
const ANEW_PARAMETER: &str = "form.anew";

/// A name and a password for one of the form's providers.
#[derive(Debug, Default)]
pub struct Login {
    /// The provider's id.
    pub provider: String,
    /// The name, as typed.
    pub username: String,
    /// The password.
    pub password: Option<SecretString>,
}

/// What somebody tried to sign in with, and why it did not work.
struct Tried {
    provider: String,
    username: String,
    status: StatusCode,
    words: String,
}

/// What a provider is called on pages of forms.
pub fn label_of(app: &App, id: &str, t: Tongue) -> String {
    match app.providers.named(id) {
        Some(ready) if ready.settings.label.is_some() || id != LOCAL => auth::name_of(ready),
        _ if id == LOCAL => t.text("login-local"),
        _ => id.to_owned(),
    }
}

/// Who is signed in, line by line: what it is, and its value.
pub fn lines_of(verified: &Verified, t: Tongue) -> Vec<(String, String)> {
    let parts = [
        ("identity-name", verified.name.as_deref()),
        ("identity-email", verified.email.as_deref()),
        ("identity-subject", Some(verified.subject.as_str())),
    ];
    parts.into_iter().filter_map(|(key, value)| Some((t.text(key), value?.to_owned()))).collect()
}

/// The address of the form's door, as it is asked for by `request`.
fn door_of(app: &App, entry: &FormEntry, request: &HttpRequest, lang: Lang) -> String {
    let form = &entry.shown.form.definition;
    let around = form_pages::surroundings(app, &entry.shown.site.definition, request);
    let door = format!("/f/{}/{}?lang={lang}{}", form.site, form.slug, around.query());
    // It is kept while somebody is away, so it may not be endless.
    let carried = Some(form_pages::carried(entry, request)).filter(|carried| carried.len() <= LONGEST_CARRIED);
    format!("{door}{}", carried.unwrap_or_default())
}

/// The most that a form's address carries on over a sign-in elsewhere, in bytes.
const LONGEST_CARRIED: usize = 2048;

/// `GET /f/{site}/{form}/sign-in/{provider}`: anybody, as often as the limit of sign-ins allows. Sends them to the
/// provider.
pub async fn start(
    app: web::Data<App>,
    path: web::Path<(String, String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::SignIns, &request)?;
    let (site, form, provider) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let lang = language::of_request(&request, &entry.shown.site.definition.languages);
    door::refuse_shut(&app, &entry, lang).await?;
    let sign_in = entry.shown.form.definition.sign_in.as_ref();
    let named = sign_in.is_some_and(|sign_in| sign_in.providers.contains(&provider));
    let ready = app.providers.named(&provider).filter(|one| named && !one.asks_here());
    let ready = ready.ok_or_else(Problem::not_found)?;
    let waiting = Waiting {
        provider: ready.id().to_owned(),
        purpose: Purpose::Form,
        next: door_of(&app, &entry, &request, lang),
        secret: String::new(),
        session: None,
        staff: None,
        created_at: app.ambient.now(),
    };
    let ask = if form_pages::query(&request, ANEW_PARAMETER).is_some() { Ask::Anew } else { Ask::Once };
    auth::send_off(&app, &request, ready, waiting, ask).await
}

/// The form that a request was for, by the address to which it leads.
async fn form_of(app: &App, waiting: &Waiting) -> Result<std::sync::Arc<FormEntry>, Problem> {
    let path = waiting.next.split(['?', '#']).next().unwrap_or_default();
    let slugs = path.strip_prefix("/f/").and_then(|slugs| slugs.split_once('/'));
    let (site, form) = slugs.ok_or_else(Problem::not_found)?;
    app.catalog.form(site, form).await?.ok_or_else(Problem::form_not_found)
}

/// Lets somebody into the form who is back from a provider.
pub async fn settle(app: &App, ready: &Ready, waiting: &Waiting, person: Person) -> Result<HttpResponse, Problem> {
    let entry = form_of(app, waiting).await?;
    let sign_in = entry.shown.form.definition.sign_in.as_ref();
    let sign_in = sign_in.filter(|sign_in| sign_in.providers.iter().any(|id| id == ready.id()));
    let sign_in = sign_in.ok_or_else(Problem::not_found)?;
    match visitors::remember(app, &entry, sign_in, ready.id(), person).await? {
        Some(admission) => Ok(html::see_other(&format!("{}&{}={admission}", waiting.next, door::ADMISSION_PARAMETER))),
        None => Ok(back_to_door(waiting, "not-allowed")),
    }
}

/// Leads somebody whom the provider has not let in back to the form's door, which says why.
pub fn sent_back(waiting: &Waiting, error: LoginError) -> Result<HttpResponse, Problem> {
    let trouble = match error {
        LoginError::Cancelled => "cancelled",
        LoginError::Away => "away",
        LoginError::Misconfigured => "misconfigured",
        LoginError::NoRole(_) | LoginError::Disabled(_) | LoginError::SecondFactor => "not-allowed",
        LoginError::Wrong | LoginError::Refused | LoginError::Blocked(_) => "refused",
        LoginError::Database(error) => return Err(error.into()),
    };
    Ok(back_to_door(waiting, trouble))
}

fn back_to_door(waiting: &Waiting, trouble: &str) -> HttpResponse {
    html::see_other(&format!("{}&{TROUBLE_PARAMETER}={trouble}", waiting.next))
}

/// Lets a visitor in who brings a name and a password, or shows the door.
pub async fn ask(
    app: &App,
    entry: &FormEntry,
    sign_in: &SignIn,
    lang: Lang,
    request: &HttpRequest,
    login: Option<Login>,
) -> Result<Result<Visitor, HttpResponse>, Problem> {
    let Some(login) = login else { return page(app, entry, sign_in, lang, request, None).map(Err) };
    let counted = app.limits.count(Limited::Logins, request);
    counted.map_err(|error| Problem::from(error).in_language(lang))?;
    let Login { provider, username, password } = login;
    let t = Tongue::new(lang);
    let trouble = |error| -> Result<Tried, Problem> {
        let (status, words) = match error {
            LoginError::NoRole(_) => (StatusCode::FORBIDDEN, t.text("door-trouble-not-allowed")),
            LoginError::Away => (StatusCode::SERVICE_UNAVAILABLE, t.text("door-trouble-away")),
            LoginError::Misconfigured => (StatusCode::SERVICE_UNAVAILABLE, t.text("door-trouble-misconfigured")),
            error => crate::staff::pages::words_for(t, error)?,
        };
        Ok(Tried { provider: provider.clone(), username: username.clone(), status, words })
    };
    let ready = app.providers.named(&provider).filter(|one| one.directory().is_some());
    if !sign_in.providers.contains(&provider) || (ready.is_none() && provider != LOCAL) {
        return page(app, entry, sign_in, lang, request, None).map(Err);
    }
    let proved = login::vouch(app, ready, &username, password.unwrap_or_default(), app.limits.address(request)).await;
    let admission = match proved {
        Ok(person) => visitors::remember(app, entry, sign_in, &provider, person).await?,
        Err(error) => return page(app, entry, sign_in, lang, request, Some(trouble(error)?)).map(Err),
    };
    let visitor = match &admission {
        Some(admission) => visitors::find(app, entry, admission).await?,
        None => None,
    };
    if let Some(visitor) = visitor {
        return Ok(Ok(visitor));
    }
    let tried = trouble(LoginError::NoRole(String::new()))?;
    page(app, entry, sign_in, lang, request, Some(tried)).map(Err)
}

/// The door's page.
fn page(
    app: &App,
    entry: &FormEntry,
    sign_in: &SignIn,
    lang: Lang,
    request: &HttpRequest,
    tried: Option<Tried>,
) -> Result<HttpResponse, Problem> {
    let t = Tongue::new(lang);
    let site = &entry.shown.site.definition;
    let form = &entry.shown.form.definition;
    let around = form_pages::surroundings(app, site, request);
    let query = format!("lang={lang}{}{}", around.query(), form_pages::carried(entry, request));
    let (mut elsewhere, mut here) = (Vec::new(), Vec::new());
    let told = form_pages::query(request, TROUBLE_PARAMETER);
    let told = told.and_then(|told| TROUBLES.into_iter().find(|one| *one == told));
    // The provider would let the same person in again and again.
    let anew = told == Some("not-allowed");
    for id in &sign_in.providers {
        match app.providers.named(id) {
            Some(ready) if !ready.asks_here() => {
                let mut url = format!("/f/{}/{}/sign-in/{id}?{query}", form.site, form.slug);
                if anew {
                    url = format!("{url}&{ANEW_PARAMETER}=1");
                }
                elsewhere.push((label_of(app, id, t), url));
            }
            None if id != LOCAL => {
                tracing::error!(
                    provider = id,
                    site = form.site,
                    form = form.slug,
                    "a form names a provider that is not configured"
                );
            }
            _ => {
                let mine = tried.as_ref().filter(|tried| &tried.provider == id);
                here.push(PasswordView {
                    id: id.clone(),
                    label: label_of(app, id, t),
                    username: mine.map_or_else(String::new, |tried| tried.username.clone()),
                    wrong: mine.is_some(),
                });
            }
        }
    }
    let possible = !elsewhere.is_empty() || !here.is_empty();
    let over = form_pages::query(request, door::ADMISSION_PARAMETER).is_some();
    let posted = request.method() == actix_web::http::Method::POST;
    let (status, trouble) = match (tried, told) {
        _ if !possible => (StatusCode::SERVICE_UNAVAILABLE, Some(t.text("door-sign-in-impossible"))),
        (Some(tried), _) => (tried.status, Some(tried.words)),
        (None, Some("away" | "misconfigured")) if !posted => {
            (StatusCode::SERVICE_UNAVAILABLE, told.map(|told| t.text(&format!("door-trouble-{told}"))))
        }
        (None, Some(told)) if !posted => (StatusCode::FORBIDDEN, Some(t.text(&format!("door-trouble-{told}")))),
        _ if posted && over => (StatusCode::FORBIDDEN, Some(t.text("door-sign-in-over-sending"))),
        _ if over => (StatusCode::OK, Some(t.text("door-sign-in-over"))),
        _ => (if posted { StatusCode::FORBIDDEN } else { StatusCode::OK }, None),
    };
    if trouble.is_some() {
        app.metrics.refused(FORM_ROUTE, "sign-in");
    }
    let path = format!("/f/{}/{}", form.site, form.slug);
    let alone = Surroundings { embed: false, hosts: None, theme: around.theme };
    let door = SignInPage {
        t,
        look: Look::of(site, &entry.shown.site.version.sha256),
        title: form.title.get(lang).to_owned(),
        languages: language_links(
            site,
            &path,
            lang,
            &format!("{}{}", around.query(), form_pages::carried(entry, request)),
        ),
        why: t.with1("why-intro", "controller", &site.controller.name),
        policy: policy_link(&entry.shown, lang),
        action: format!("{path}?{query}"),
        own_page: around
            .embed
            .then(|| format!("{path}?lang={lang}{}{}", alone.query(), form_pages::carried(entry, request))),
        carried: vec![(LANG_CONTROL, lang.to_string())],
        elsewhere,
        anew,
        here,
        trouble,
        around: around.clone(),
    };
    let mut response = html::page(status, &door)?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    around.allow_framing(&mut response);
    Ok(response)
}

/// A provider whose name and password are asked for on the page.
pub struct PasswordView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// What was typed.
    pub username: String,
    /// Whether that did not work.
    pub wrong: bool,
}

/// The context of `templates/forms/sign-in.html`.
#[derive(Template)]
#[template(path = "forms/sign-in.html")]
pub struct SignInPage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Where the page is shown.
    pub around: Surroundings,
    /// The form's title.
    pub title: String,
    /// The page in other languages.
    pub languages: Vec<LanguageLink>,
    /// Who is responsible for what is told.
    pub why: String,
    /// The privacy notice.
    pub policy: PolicyLink,
    /// Where names and passwords go.
    pub action: String,
    /// In a frame: the form on a page of its own, where signing in works.
    pub own_page: Option<String>,
    /// What goes along with a name and a password.
    pub carried: Vec<(&'static str, String)>,
    /// Where people are sent to sign in: what each is called, and its address.
    pub elsewhere: Vec<(String, String)>,
    /// Whether this is to be another account than the last time.
    pub anew: bool,
    /// Those that ask here.
    pub here: Vec<PasswordView>,
    /// What is wrong.
    pub trouble: Option<String>,
}
