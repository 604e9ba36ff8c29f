//! Logging out here and at the provider, and what providers send when a session with them is over.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::auth::{Onward, OnwardPage, elsewhere, name_of, ticket_name};
use super::login::{self, LoginError};
use super::pages::{CsrfForm, add_cookie, tongue};
use super::providers::Means;
use super::store::Origin;
use super::{Access, cas, ended_cookie, oidc, requests, store};
use crate::app::App;
use crate::db;
use crate::ledger;
use crate::server::html;
use crate::server::problem::Problem;
use crate::submissions::limits::Limited;
use crate::words::Tongue;

/// Where providers send people to who have logged out there.
pub const LOGGED_OUT: &str = "/staff/logged-out";

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
    let farewell = farewell(&app, &request, origin.as_ref()).await?;
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

/// What leads to where a session with the provider ends; nothing where there is no such place.
pub async fn farewell(
    app: &App,
    request: &HttpRequest,
    origin: Option<&Origin>,
) -> Result<Option<HttpResponse>, Problem> {
    let ready = origin.and_then(|origin| app.providers.named(&origin.provider).map(|ready| (ready, origin)));
    let Some((ready, origin)) = ready else { return Ok(None) };
    let back = format!("{}{LOGGED_OUT}", app.config.public_url());
    let onward = match &ready.means {
        Means::Cas(cas) => cas.logout(&back).ok().map(Onward::Go),
        Means::Oidc(oidc) => {
            let hint = origin.hint.as_deref().and_then(|hint| serde_json::from_str::<oidc::Hint>(hint).ok());
            let token = hint.and_then(|hint| hint.token);
            oidc.logout(token.as_deref(), &back, app.ambient.now()).await.map(Onward::Go)
        }
        #[cfg(feature = "saml")]
        Means::Saml(saml) => match origin.hint.as_deref().and_then(|hint| serde_json::from_str(hint).ok()) {
            Some(name) => saml.logout(app, &name, origin.session.as_deref()).await,
            None => None,
        },
        Means::Local | Means::Ldap(_) => None,
    };
    let (t, name) = (tongue(request), name_of(ready));
    match onward {
        Some(Onward::Go(url)) => OnwardPage::link(t, url.into(), "onward-logout", name).respond().map(Some),
        Some(Onward::Send(url, fields)) => {
            OnwardPage::form(t, url.into(), fields, "onward-logout", name).respond().map(Some)
        }
        None => Ok(None),
    }
}

/// What a CAS server sends when a session with it is over.
#[derive(Deserialize)]
pub struct CasLogout {
    #[serde(rename = "logoutRequest")]
    request: String,
}

/// `POST /staff/auth/{provider}/callback`: a CAS server whose session is over, or anybody who knows a
/// ticket, which is all that it takes to end what began with it (CAS Protocol 3.0 §2.3.3).
pub async fn cas_logout(
    app: web::Data<App>,
    id: web::Path<String>,
    form: web::Form<CasLogout>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::SignIns, &request)?;
    let ready = elsewhere(&app, &id)?;
    if !matches!(ready.means, Means::Cas(_)) {
        return Err(Problem::not_found());
    }
    let ticket = cas::read_logout(&form.request).ok_or_else(|| Problem::malformed_body("logoutRequest"))?;
    end_from_provider(&app, ready.id(), &ticket_name(&ticket)).await?;
    // The same whether there was such a session or not.
    Ok(HttpResponse::Ok().finish())
}

async fn end_from_provider(app: &App, provider: &str, session: &str) -> Result<(), db::Error> {
    let transaction = app.db.begin().await?;
    for staff in store::end_provider_session(&transaction, provider, session).await? {
        ended_on_record(&transaction, app, provider, staff).await?;
    }
    transaction.commit().await.map_err(db::Error::from)
}

/// Puts on record that the provider ended sessions of an account.
pub async fn ended_on_record<C: sea_orm::ConnectionTrait>(
    connection: &C,
    app: &App,
    provider: &str,
    staff: Uuid,
) -> Result<(), db::Error> {
    let body = json!({ "provider": provider, "reason": "logged-out-there" });
    ledger::append(connection, &app.ambient, ledger::Entry::new("staff-sessions-ended", body).about(staff)).await
}

/// What an `OpenID` provider sends when a session with it is over.
#[derive(Deserialize)]
pub struct OidcLogout {
    logout_token: SecretString,
}

/// `POST /staff/auth/{provider}/backchannel`: the `OpenID` provider, with a token that only it can make
/// (Back-Channel Logout 1.0 §2.5).
pub async fn oidc_logout(
    app: web::Data<App>,
    id: web::Path<String>,
    form: web::Form<OidcLogout>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::SignIns, &request)?;
    let ready = elsewhere(&app, &id)?;
    let Means::Oidc(oidc) = &ready.means else { return Err(Problem::not_found()) };
    let now = app.ambient.now();
    let told = oidc.logged_out(form.logout_token.expose_secret(), now).await;
    let told = told.map_err(|error| match login::told(ready.id(), &error) {
        LoginError::Refused => Problem::malformed_body("logout_token"),
        _ => Problem::internal(),
    })?;
    end_logged_out(&app, ready.id(), &told, now).await?;
    Ok(HttpResponse::Ok().finish())
}

async fn end_logged_out(app: &App, provider: &str, told: &oidc::LoggedOut, now: OffsetDateTime) -> Result<(), Problem> {
    let transaction = app.db.begin().await?;
    if !requests::spend(&transaction, provider, &told.id, now + time::Duration::minutes(30)).await? {
        return Err(Problem::malformed_body("logout_token"));
    }
    let mut ended = Vec::new();
    let names: Vec<String> = told.session.iter().cloned().collect();
    for session in store::sessions_of_provider(&transaction, provider, &names).await? {
        let known = session.logout_hint.as_deref().and_then(|hint| serde_json::from_str::<oidc::Hint>(hint).ok());
        // A name for a session is one of the person's, where both are told.
        if told.subject.as_ref().is_none_or(|subject| known.is_some_and(|known| known.sub == *subject)) {
            store::end_session(&transaction, &session.token_hash).await?;
            ended.push(session.staff_id);
        }
    }
    for staff in ended {
        ended_on_record(&transaction, app, provider, staff).await?;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(())
}
