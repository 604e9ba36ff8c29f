//! How the ways to sign in fare, for administrators.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::fault::Fault;
use super::pages::{CsrfForm, tongue};
use super::providers::{self, LOCAL, Means};
use super::{Access, Frame, auth, states};
use crate::app::App;
use crate::server::html;
use crate::server::problem::Problem;
use crate::submissions::limits::Limited;
use crate::words::{Tongue, Words};

/// Days before its end from which a certificate is worth a word.
const SOON: time::Duration = time::Duration::days(30);

/// One provider.
pub struct ProviderLine {
    /// What it is called.
    pub label: String,
    /// Its id in the configuration.
    pub id: String,
    /// What it is, as written in the configuration.
    pub kind: &'static str,
    /// `good`, `bad` or `unknown`, as the end of a message's key.
    pub state: &'static str,
    /// When it last answered as it should.
    pub last_success: Option<String>,
    /// When it last did not, which of its servers, and what was wrong.
    pub last_failure: Option<(String, Option<String>, String)>,
    /// Until when its first certificate holds.
    pub certificate: Option<String>,
    /// Whether that is soon.
    pub ends_soon: bool,
}

/// The context of `templates/staff/providers.html`.
#[derive(Template)]
#[template(path = "staff/providers.html")]
pub struct ProvidersPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The providers, in the order of the login page.
    pub lines: Vec<ProviderLine>,
}

/// `GET /staff/providers`: administrators.
pub async fn show(app: web::Data<App>, access: Access, request: HttpRequest) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    let t = tongue(&request);
    let known = states::all(app.db.reader()).await?;
    let now = app.ambient.now();
    let moment = |at| Words::shared().moment(t.lang, at);
    let lines = app.providers.all().iter().map(|ready| {
        let state = known.iter().find(|row| row.provider == ready.id());
        let kind = match ready.means {
            Means::Local => LOCAL,
            Means::Ldap(_) => "ldap",
            Means::Cas(_) => "cas",
            Means::Oidc(_) => "oidc",
            #[cfg(feature = "saml")]
            Means::Saml(_) => "saml",
        };
        let (good, bad) = (state.and_then(|row| row.last_success_at), state.and_then(|row| row.last_failure_at));
        let failure = state.and_then(|row| Fault::parse(row.last_failure.as_deref()?));
        // What somebody's browser brought says little of the provider.
        let brought = failure.as_ref().is_some_and(|fault| ["refused", "clock"].contains(&fault.code));
        let until = state.and_then(|row| row.certificate_until);
        ProviderLine {
            label: if kind == LOCAL && ready.settings.label.is_none() {
                t.text("login-local")
            } else {
                auth::name_of(ready)
            },
            id: ready.id().to_owned(),
            kind,
            state: match (good, bad) {
                _ if kind == LOCAL => "good",
                (None, None) => "unknown",
                (Some(_), Some(_)) if brought => "good",
                (None, Some(_)) if brought => "unknown",
                (good, bad) if good >= bad => "good",
                _ => "bad",
            },
            last_success: good.map(moment),
            last_failure: bad.map(moment).zip(failure).map(|(at, fault)| (at, fault.server.clone(), fault.words(t))),
            certificate: until.map(|at| Words::shared().date(t.lang, at.date())),
            ends_soon: until.is_some_and(|at| at < now + SOON),
        }
    });
    html::page(StatusCode::OK, &ProvidersPage { frame: access.frame(t), t, lines: lines.collect() })
}

/// `POST /staff/providers`: administrators, from our own page, as often as the login limit allows. Tries
/// every provider now.
pub async fn check(
    app: web::Data<App>,
    access: Access,
    form: web::Form<CsrfForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_admin()?;
    access.check_csrf(&form.csrf)?;
    app.limits.count(Limited::Logins, &request)?;
    providers::look_after(&app).await?;
    Ok(html::see_other("/staff/providers"))
}
