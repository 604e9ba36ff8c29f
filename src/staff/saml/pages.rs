//! What SAML identity providers and the browsers that they send call: our metadata, the address for
//! responses and the one for logouts.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use time::OffsetDateTime;

use super::provider::{Brought, Saml, Secret, means};
use super::{Logout, Verified};
use crate::app::App;
use crate::config::Role;
use crate::db;
use crate::server::html;
use crate::server::problem::Problem;
use crate::staff::auth::{self, Onward, OnwardPage};
use crate::staff::logout::{self, LOGGED_OUT};
use crate::staff::pages::{safe_next, tongue};
use crate::staff::providers::{Means, Ready};
use crate::staff::requests::{self, Purpose, Waiting};
use crate::staff::store::{self, Origin, Proved};
use crate::staff::{Person, SignInError, fault::Fault, login};
use crate::submissions::limits::Limited;

/// The largest form that is read, in bytes: a message of 256 KiB in Base64, with what surrounds it.
pub const LARGEST_FORM: usize = 400 * 1024;

/// How long a browser may take to send a form.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Reads the form of a request before anything else is done: only where there is such a provider, as often as the
/// limit of sign-ins allows, and only if it comes at once. A large form that never ends would keep its memory.
pub async fn prompt<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().cloned().ok_or_else(Problem::internal)?;
    let id = request.match_info().get("provider").unwrap_or_default().to_owned();
    saml(&app, &id)?;
    app.limits.count(Limited::SignIns, request.request()).map_err(Problem::from)?;
    if request.method() == actix_web::http::Method::POST {
        let body = tokio::time::timeout(PATIENCE, request.extract::<web::Bytes>()).await;
        let body = body.map_err(|_| Problem::from_status(StatusCode::REQUEST_TIMEOUT))??;
        request.set_payload(actix_web::dev::Payload::from(body));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn saml<'a>(app: &'a App, id: &str) -> Result<(&'a Ready, &'a Saml), Problem> {
    let ready = app.providers.named(id).ok_or_else(Problem::not_found)?;
    match &ready.means {
        Means::Saml(saml) => Ok((ready, saml)),
        _ => Err(Problem::not_found()),
    }
}

/// `GET /staff/auth/{provider}/metadata`: anybody; it holds nothing that is secret.
pub async fn metadata(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (_, saml) = saml(&app, &id)?;
    Ok(HttpResponse::Ok().content_type("application/samlmetadata+xml").body(saml.metadata()))
}

/// What comes back with the browser.
#[derive(Deserialize)]
pub struct AcsForm {
    #[serde(rename = "SAMLResponse")]
    response: String,
    #[serde(rename = "RelayState", default)]
    relay_state: String,
}

/// `POST /staff/auth/{provider}/acs`: whoever was sent to the provider and is back, once; with
/// `idp_initiated` also who began there.
pub async fn acs(
    app: web::Data<App>,
    id: web::Path<String>,
    form: web::Form<AcsForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (ready, saml) = saml(&app, &id)?;
    let AcsForm { response, relay_state } = form.into_inner();
    let waiting = match auth::take(&app, &request, ready, &relay_state).await {
        Ok(waiting) => Some(waiting),
        // Staff begin there, and a node for visitors takes none in.
        Err(problem) if !saml.begins_there() || app.config.server.role == Role::Public => return Err(problem),
        Err(_) => None,
    };
    let asked = match &waiting {
        Some(waiting) => {
            let secret: Secret = serde_json::from_str(&waiting.secret).map_err(|_| Problem::internal())?;
            Some(secret.request)
        }
        None => None,
    };
    let verified = saml.verify(&app, response, asked).await;
    let began_here = waiting.is_some();
    let waiting = waiting.unwrap_or_else(|| Waiting {
        provider: ready.id().to_owned(),
        purpose: Purpose::SignIn,
        next: safe_next(&relay_state).to_owned(),
        secret: String::new(),
        session: None,
        staff: None,
        created_at: app.ambient.now(),
    });
    let outcome = match verified {
        Ok(verified) => counted(&app, ready, saml, &verified, &waiting).await?,
        // Nothing is kept of what anybody may have made up.
        Err(SignInError::Refused(fault)) if !began_here => {
            let error = login::told(ready.id(), &SignInError::Refused(fault));
            return auth::refusal(&app, tongue(&request), &waiting, error);
        }
        Err(error) => Err(error),
    };
    auth::settle(&app, &request, ready, waiting, outcome).await
}

/// Whom a verified assertion lets in, the first time that it comes.
async fn counted(
    app: &App,
    ready: &Ready,
    saml: &Saml,
    verified: &Verified,
    waiting: &Waiting,
) -> Result<Result<(Person, Origin), SignInError>, db::Error> {
    let first = requests::spend(
        app.db.writer(),
        ready.id(),
        &verified.assertion_id,
        verified.expires_at + time::Duration::MINUTE,
    )
    .await?;
    if !first {
        return Ok(Err(SignInError::Refused(Fault::new("refused", "the assertion came a second time"))));
    }
    let since = (waiting.purpose == Purpose::Confirm).then_some(waiting.created_at);
    let origin = Origin {
        session: verified.session_index.clone(),
        hint: serde_json::to_string(&verified.name_id).ok(),
        until: verified.session_until,
        proved: Proved::At(verified.authenticated_at),
        ..Origin::of(ready.id())
    };
    Ok(saml.person(verified, since).map(|person| (person, origin)))
}

/// What a form brings to the address for logouts.
#[derive(Deserialize)]
pub struct LogoutForm {
    #[serde(rename = "SAMLRequest")]
    request: Option<String>,
    #[serde(rename = "SAMLResponse")]
    response: Option<String>,
    #[serde(rename = "RelayState")]
    relay_state: Option<String>,
}

/// `GET /staff/auth/{provider}/slo`: a browser that the provider sends with a signed message.
pub async fn logout_by_address(
    app: web::Data<App>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = request.query_string().to_owned();
    logout(&app, &id, &request, Brought::Query(query)).await
}

/// `POST /staff/auth/{provider}/slo`: the same with a form.
pub async fn logout_by_form(
    app: web::Data<App>,
    id: web::Path<String>,
    form: web::Form<LogoutForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let LogoutForm { request: asked, response, relay_state } = form.into_inner();
    logout(&app, &id, &request, Brought::Form { request: asked, response, relay_state }).await
}

async fn logout(app: &App, id: &str, request: &HttpRequest, brought: Brought) -> Result<HttpResponse, Problem> {
    let (ready, saml) = saml(app, id)?;
    let refused = |error: SignInError| {
        let _ = login::told(ready.id(), &error);
        Problem::malformed_body("SAML")
    };
    match saml.read_logout(app, brought).await.map_err(refused)? {
        Logout::Response { success, .. } => {
            if !success {
                tracing::warn!(provider = ready.id(), "the provider could not end a session everywhere");
            }
            Ok(html::see_other(LOGGED_OUT))
        }
        Logout::Request { id, name_id, session_indexes, relay_state, expires_at, .. } => {
            let transaction = app.db.begin().await?;
            if !requests::spend(&transaction, ready.id(), &id, expires_at.max(soonest(app))).await? {
                return Err(Problem::malformed_body("SAML"));
            }
            let sessions = store::sessions_of_provider(&transaction, ready.id(), &session_indexes).await?;
            for session in sessions.iter().filter(|one| means(one.logout_hint.as_deref(), &name_id)) {
                store::end_session(&transaction, &session.token_hash).await?;
                logout::ended_on_record(&transaction, app, ready.id(), session.staff_id).await?;
            }
            transaction.commit().await.map_err(db::Error::from)?;
            let onward = saml.logged_out(app, &id, relay_state.as_deref()).await.map_err(refused)?;
            answer(request, ready, onward)
        }
    }
}

/// A message is remembered for a minute at least.
fn soonest(app: &App) -> OffsetDateTime {
    app.ambient.now() + time::Duration::MINUTE
}

fn answer(request: &HttpRequest, ready: &Ready, onward: Onward) -> Result<HttpResponse, Problem> {
    match onward {
        Onward::Go(url) => {
            Ok(HttpResponse::build(StatusCode::SEE_OTHER).insert_header(("location", url.as_str())).finish())
        }
        Onward::Send(url, fields) => {
            OnwardPage::form(tongue(request), url.into(), fields, "onward-logout", auth::name_of(ready)).respond()
        }
    }
}
