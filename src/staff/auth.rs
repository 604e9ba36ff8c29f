//! Signing in elsewhere: people are sent to a provider and come back with an answer that counts once,
//! in the browser that asked for it, within ten minutes.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::login::{self, LoginError};
use super::oidc::{self, Returned};
use super::pages::{LoginPage, NextQuery, safe_next, tongue};
use super::providers::{self, Means, Ready};
use super::requests::{self, Purpose, Waiting};
use super::store::{self, Origin, Proved};
use super::{Access, Person, SignInError, session_cookie, session_token};
use crate::app::App;
use crate::config::Role;
use crate::crypto::sha256;
use crate::db;
use crate::ledger;
use crate::server::html;
use crate::server::middleware::content_security_policy_to;
use crate::server::problem::Problem;
use crate::submissions::limits::Limited;
use crate::submissions::sign_in;
use crate::words::Tongue;

/// Binds what is sent to a provider to the browser that it was sent with. `SameSite=None`, because some
/// providers send people back by a form of their own page.
pub const BROWSER_COOKIE: &str = "__Host-sealwax-sign-in";

/// What a browser carries to a provider.
#[derive(Debug)]
pub enum Onward {
    /// An address.
    Go(Url),
    /// A form, whose fields stay out of addresses.
    Send(Url, Vec<(String, String)>),
}

/// The context of `templates/staff/onward.html`: what leads on by itself, or waits for a click.
#[derive(Template)]
#[template(path = "staff/onward.html")]
pub struct OnwardPage {
    /// The words.
    pub t: Tongue,
    /// Where it goes.
    pub url: String,
    /// Names and values of a form that is sent there; nothing where the address is all.
    pub fields: Option<Vec<(String, String)>>,
    /// What is going on, as a message's key.
    pub words: &'static str,
    /// What the provider is called.
    pub provider: String,
}

impl OnwardPage {
    /// A form that is sent to `url`.
    pub fn form(t: Tongue, url: String, fields: Vec<(String, String)>, words: &'static str, provider: String) -> Self {
        Self { t, url, fields: Some(fields), words, provider }
    }

    /// A link to `url`. Browsers hold what a form of ours is redirected to against the policy for forms, so
    /// whoever has sent one goes on by a page.
    pub fn link(t: Tongue, url: String, words: &'static str, provider: String) -> Self {
        Self { t, url, fields: None, words, provider }
    }

    /// The page, allowed to send its form to where it goes and on from there.
    pub fn respond(&self) -> Result<HttpResponse, Problem> {
        let mut response = html::page(StatusCode::OK, self)?;
        if self.fields.is_some() {
            // A provider may have several hosts.
            let origin = Url::parse(&self.url).map_err(|_| Problem::internal())?.origin().ascii_serialization();
            let policy = content_security_policy_to("'none'", Some(&format!("{origin} https:")));
            let policy = header::HeaderValue::from_str(&policy).map_err(|_| Problem::internal())?;
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        Ok(response)
    }
}

fn random_name(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(app.ambient.bytes::<32>())
}

/// The provider with this id to which people are sent.
pub(super) fn elsewhere<'a>(app: &'a App, id: &str) -> Result<&'a Ready, Problem> {
    app.providers.named(id).filter(|one| !one.asks_here()).ok_or_else(Problem::not_found)
}

/// `GET /staff/auth/{provider}/login`: anybody, as often as the limit of sign-ins allows. Sends them to the
/// provider.
pub async fn start(
    app: web::Data<App>,
    id: web::Path<String>,
    query: web::Query<NextQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::SignIns, &request)?;
    let ready = elsewhere(&app, &id)?;
    let waiting = Waiting {
        provider: ready.id().to_owned(),
        purpose: Purpose::SignIn,
        next: safe_next(&query.next).to_owned(),
        secret: String::new(),
        session: session_token(&request).map(|token| sha256(token.as_bytes()).to_vec()),
        staff: None,
        created_at: app.ambient.now(),
    };
    let ask = if query.again.is_some() { Ask::Anew } else { Ask::Once };
    send_off(&app, &request, ready, waiting, ask).await
}

/// `POST /staff/auth/{provider}/confirm`: whoever is signed in through this provider, from our own page.
/// Sends them there to prove once more who they are.
pub async fn confirm(
    app: web::Data<App>,
    id: web::Path<String>,
    access: Access,
    form: web::Form<super::pages::ConfirmForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    app.limits.count(Limited::SignIns, &request)?;
    let ready = elsewhere(&app, &id)?;
    if access.provider != ready.id() {
        return Err(Problem::forbidden());
    }
    let waiting = Waiting {
        provider: ready.id().to_owned(),
        purpose: Purpose::Confirm,
        next: safe_next(&form.next).to_owned(),
        secret: String::new(),
        session: Some(access.session.clone()),
        staff: Some(access.staff_id),
        created_at: app.ambient.now(),
    };
    send_off(&app, &request, ready, waiting, Ask::Anew).await
}

/// Whether a provider asks somebody who is signed in with it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Only who is not.
    Once,
    /// Everybody.
    Anew,
}

/// Sends somebody to a provider with a request that is kept until they are back.
pub async fn send_off(
    app: &App,
    request: &HttpRequest,
    ready: &Ready,
    mut waiting: Waiting,
    ask: Ask,
) -> Result<HttpResponse, Problem> {
    let state = random_name(app);
    let fresh = ask == Ask::Anew;
    let made = match &ready.means {
        Means::Cas(cas) => {
            cas.login(&service(app, ready.id(), &state), fresh).map(|url| (Onward::Go(url), String::new()))
        }
        Means::Oidc(oidc) => oidc
            .login(&app.ambient, &state, fresh)
            .await
            .map(|(url, secret)| (Onward::Go(url), serde_json::to_string(&secret).unwrap_or_default())),
        #[cfg(feature = "saml")]
        Means::Saml(saml) => saml
            .login(app, &state, fresh)
            .await
            .map(|(onward, secret)| (onward, serde_json::to_string(&secret).unwrap_or_default())),
        Means::Local | Means::Ldap(_) => return Err(Problem::not_found()),
    };
    let (onward, secret) = match made {
        Ok(made) => made,
        Err(error) => {
            providers::note::<()>(app, ready.id(), &Err(error.clone())).await?;
            return sent_back(app, request, &waiting, login::told(ready.id(), &error));
        }
    };
    waiting.secret = secret;
    // A browser keeps its name, so that several pages of it can sign in at once.
    let known = request.cookie(BROWSER_COOKIE).map(|cookie| cookie.value().to_owned());
    let browser = known.filter(|name| name.len() == 43).unwrap_or_else(|| random_name(app));
    requests::keep(app.db.writer(), &state, &browser, &waiting).await?;
    let (t, name) = (tongue(request), name_of(ready));
    let mut response = match onward {
        // Came from a form of ours.
        Onward::Go(url) if waiting.purpose == Purpose::Confirm => {
            OnwardPage::link(t, url.into(), "onward-sign-in", name).respond()?
        }
        Onward::Go(url) => html::see_other(url.as_str()),
        Onward::Send(url, fields) => OnwardPage::form(t, url.into(), fields, "onward-sign-in", name).respond()?,
    };
    let cookie =
        Cookie::build(BROWSER_COOKIE, browser).path("/").secure(true).http_only(true).same_site(SameSite::None);
    response.add_cookie(&cookie.finish()).map_err(|_| Problem::internal())?;
    Ok(response)
}

/// What a provider is called on pages.
pub fn name_of(ready: &Ready) -> String {
    ready.settings.label.clone().unwrap_or_else(|| ready.settings.id.clone())
}

/// The address that a CAS ticket is made for, letter by letter.
fn service(app: &App, id: &str, state: &str) -> String {
    format!("{}?state={state}", Ready::callback(&app.config.public_url(), id))
}

/// What comes back with the browser.
#[derive(Deserialize)]
pub struct CallbackQuery {
    #[serde(default)]
    ticket: String,
    #[serde(flatten)]
    returned: Returned,
}

/// `GET /staff/auth/{provider}/callback`: whoever was sent to the provider by [`start`], once.
pub async fn callback(
    app: web::Data<App>,
    id: web::Path<String>,
    query: web::Query<CallbackQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::SignIns, &request)?;
    let ready = elsewhere(&app, &id)?;
    let CallbackQuery { ticket, returned } = query.into_inner();
    let now = app.ambient.now();
    let waiting = take(&app, &request, ready, &returned.state).await?;
    let outcome = match &ready.means {
        Means::Cas(cas) => {
            let service = service(&app, ready.id(), &returned.state);
            let redeemed = cas.redeem(&service, &ticket, waiting.purpose == Purpose::Confirm).await;
            redeemed.map(|person| {
                (
                    person,
                    Origin { session: Some(ticket_name(&ticket)), proved: Proved::Sometime, ..Origin::of(ready.id()) },
                )
            })
        }
        Means::Oidc(oidc) => match serde_json::from_str::<oidc::Secret>(&waiting.secret) {
            Ok(secret) => oidc.redeem(returned, secret, waiting.created_at, now).await.map(|signed_in| {
                let proved = signed_in.proved_at.map_or(Proved::Sometime, Proved::At);
                let hint = serde_json::to_string(&signed_in.hint).ok();
                let origin = Origin { session: signed_in.session, hint, proved, ..Origin::of(ready.id()) };
                (signed_in.person, origin)
            }),
            Err(_) => return Err(Problem::internal()),
        },
        _ => return Err(Problem::not_found()),
    };
    settle(&app, &request, ready, waiting, outcome).await
}

/// The request that somebody is back from.
pub async fn take(app: &App, request: &HttpRequest, ready: &Ready, state: &str) -> Result<Waiting, Problem> {
    let browser = request.cookie(BROWSER_COOKIE).ok_or_else(Problem::sign_in_over)?;
    let now = app.ambient.now();
    let waiting = requests::take(app.db.writer(), ready.id(), state, browser.value(), now).await?;
    waiting.ok_or_else(Problem::sign_in_over)
}

/// A ticket is as good as a password while it lives: only its hash is kept.
pub(super) fn ticket_name(ticket: &str) -> String {
    crate::crypto::hex(&sha256(ticket.as_bytes()))
}

/// Does what somebody was sent to a provider for, now that they are back.
pub async fn settle(
    app: &App,
    request: &HttpRequest,
    ready: &Ready,
    waiting: Waiting,
    outcome: Result<(Person, Origin), SignInError>,
) -> Result<HttpResponse, Problem> {
    if app.config.server.role == Role::Public && waiting.purpose != Purpose::Form {
        return Err(Problem::not_found());
    }
    let outcome = outcome.and_then(|(person, origin)| Ok((person.fit()?, origin)));
    providers::note(app, ready.id(), &outcome).await?;
    let t = tongue(request);
    let (person, origin) = match outcome {
        Ok((person, _)) if waiting.purpose == Purpose::Form => {
            return sign_in::settle(app, ready, &waiting, person).await;
        }
        Ok(came) => came,
        Err(error) => {
            if let SignInError::Refused(fault) = &error
                && waiting.purpose != Purpose::Form
                && login::is_worth_a_record(app, app.limits.address(request)).await?
            {
                let reason = format!("{} {}", fault.code, fault.value);
                providers::refused(app.db.writer(), app, ready.id(), waiting.staff, reason.trim()).await?;
            }
            return sent_back(app, request, &waiting, login::told(ready.id(), &error));
        }
    };
    match waiting.purpose {
        Purpose::SignIn => match login::let_in(app, ready, person).await {
            Ok(staff) => enter(app, request, staff, &origin, &waiting).await,
            Err(error) => refusal(app, t, &waiting, error),
        },
        Purpose::Confirm => {
            let staff = store::by_subject(app.db.reader(), ready.id(), &person.subject).await?.map(|staff| staff.id);
            let session = waiting.session.as_deref().unwrap_or_default();
            let confirmed = match staff.filter(|id| Some(*id) == waiting.staff) {
                Some(id) => store::confirm_session(app.db.writer(), session, id, app.ambient.now()).await?,
                // Somebody else's password proves nothing here.
                None => false,
            };
            if !confirmed {
                providers::refused(app.db.writer(), app, ready.id(), waiting.staff, "somebody-else").await?;
                return Ok(back_to_confirm(&waiting, "somebody-else"));
            }
            confirmed_on_record(app, waiting.staff, ready.id()).await?;
            Ok(html::see_other(safe_next(&waiting.next)))
        }
        // They have an admission, and never a session.
        Purpose::Form => Err(Problem::internal()),
    }
}

/// Puts on record that somebody has proved once more who they are.
pub async fn confirmed_on_record(app: &App, staff: Option<Uuid>, provider: &str) -> Result<(), db::Error> {
    let entry = ledger::Entry::new("staff-confirmed", json!({ "provider": provider }));
    let entry = match staff {
        Some(id) => entry.by(id).about(id),
        None => entry,
    };
    ledger::append(app.db.writer(), &app.ambient, entry).await
}

/// Begins a session, and ends the one that was there before.
async fn enter(
    app: &App,
    request: &HttpRequest,
    staff: Uuid,
    origin: &Origin,
    waiting: &Waiting,
) -> Result<HttpResponse, Problem> {
    if let Some(old) = &waiting.session {
        store::end_session(app.db.writer(), old).await?;
    }
    super::pages::end_old_session(app, request).await?;
    let Some(token) = login::begin(app, staff, None, origin).await? else {
        return refusal(app, tongue(request), waiting, LoginError::Wrong);
    };
    let mut response = html::see_other(safe_next(&waiting.next));
    response.add_cookie(&session_cookie(&token)).map_err(|_| Problem::internal())?;
    Ok(response)
}

/// Where somebody began who is not let in, with the reason.
fn sent_back(app: &App, request: &HttpRequest, waiting: &Waiting, error: LoginError) -> Result<HttpResponse, Problem> {
    match waiting.purpose {
        Purpose::Form => sign_in::sent_back(waiting, error),
        Purpose::Confirm => match error {
            LoginError::Database(error) => Err(error.into()),
            LoginError::Cancelled => Ok(back_to_confirm(waiting, "cancelled")),
            LoginError::Away => Ok(back_to_confirm(waiting, "away")),
            LoginError::Misconfigured => Ok(back_to_confirm(waiting, "misconfigured")),
            _ => Ok(back_to_confirm(waiting, "refused")),
        },
        Purpose::SignIn => refusal(app, tongue(request), waiting, error),
    }
}

/// Leads somebody whose session goes on back to the page that asked who they are. By an address, for what brings them
/// here may come from the provider's page and without their session.
fn back_to_confirm(waiting: &Waiting, trouble: &str) -> HttpResponse {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", safe_next(&waiting.next))
        .append_pair("trouble", trouble)
        .finish();
    html::see_other(&format!("/staff/confirm?{query}"))
}

/// The login page with why somebody is not let in.
pub fn refusal(app: &App, t: Tongue, waiting: &Waiting, error: LoginError) -> Result<HttpResponse, Problem> {
    // The provider lets the same person in again and again, unless it is told to ask.
    let known = matches!(error, LoginError::NoRole(_) | LoginError::Disabled(_));
    let (status, words) = super::pages::words_for(t, error)?;
    let page = LoginPage::new(app, t, "", &waiting.next);
    let page = if known { page.asking_anew(&waiting.provider) } else { page };
    html::page(status, &LoginPage { error: Some(words), ..page })
}
