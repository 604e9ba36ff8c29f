//! What every response gets: an id in the log, security headers, and words for errors.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use tracing::Instrument as _;

use super::problem::Problem;
use crate::app::App;

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const NO_PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()";

/// What pages may do: load from here, send to here, and be framed by nobody. Routes that may be
/// framed set their own.
pub fn content_security_policy(frame_ancestors: &str) -> String {
    content_security_policy_to(frame_ancestors, None)
}

/// The same for a page whose form leads on to another origin, which browsers hold against
/// `form-action` when they are redirected there.
pub fn content_security_policy_to(frame_ancestors: &str, leads_to: Option<&str>) -> String {
    let to = leads_to.map_or_else(String::new, |origin| format!(" {origin}"));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'{to}; base-uri 'none'; frame-ancestors {frame_ancestors}; require-trusted-types-for 'script'"
    )
}

/// Wraps every request. The log has the route's pattern and never the path, the query or an
/// address, because those may hold tokens and personal data.
pub async fn wrap<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let app = request.app_data::<web::Data<App>>().cloned();
    let id = app.as_ref().map_or_else(String::new, |app| crate::crypto::hex(&app.ambient.bytes::<8>()));
    let span = tracing::info_span!("request", id, method = %request.method());
    async move {
        // Plain HTTP is for this machine and for the proxies that were declared.
        if let Some(app) = &app
            && app.config.server.tls.is_none()
            && !app.limits.is_near(request.request())
        {
            let (request, _) = request.into_parts();
            let mut response = Problem::plain_http().respond(&request);
            secure(response.headers_mut(), false);
            return Ok(ServiceResponse::new(request, response));
        }
        // The extractors would unpack what was packed, whole and before they look how much it is.
        let packed = request.headers().get_all(header::CONTENT_ENCODING).any(|how| how != "identity");
        let response = if packed {
            let (request, _) = request.into_parts();
            ServiceResponse::from_err(Problem::from_status(StatusCode::UNSUPPORTED_MEDIA_TYPE), request)
        } else {
            next.call(request).await?.map_into_boxed_body()
        };
        let mut response = with_words(response, app.as_ref());
        let https = app.is_some_and(|app| app.config.https());
        secure(response.headers_mut(), https);
        let status = response.status().as_u16();
        let route = response.request().match_pattern().unwrap_or_else(|| "unknown".to_owned());
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        if status >= 500 {
            tracing::warn!(route, status, micros, "answered");
        } else {
            tracing::debug!(route, status, micros, "answered");
        }
        Ok(response)
    }
    .instrument(span)
    .await
}

/// Gives errors their page or JSON.
fn with_words(response: ServiceResponse<BoxBody>, app: Option<&web::Data<App>>) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else { return response };
    let problem = error
        .as_error::<Problem>()
        .cloned()
        .unwrap_or_else(|| Problem::from_status(error.as_response_error().status_code()));
    let (request, old) = response.into_parts();
    if let Some(app) = app {
        app.metrics.refused(request.match_pattern().as_deref().unwrap_or("unknown"), problem.kind);
    }
    let mut new = problem.respond(&request);
    if let Some(allow) = old.headers().get(header::ALLOW) {
        new.headers_mut().insert(header::ALLOW, allow.clone());
    }
    ServiceResponse::new(request, new)
}

fn secure(headers: &mut HeaderMap, https: bool) {
    let mut default = |name: HeaderName, value: &str| {
        if !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name, value);
        }
    };
    default(header::CONTENT_SECURITY_POLICY, &content_security_policy("'none'"));
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "same-origin");
    default(PERMISSIONS, NO_PERMISSIONS);
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(header::CACHE_CONTROL, "no-store");
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
}

/// Compresses pages and styles for those who read brotli; others get what the next layer makes.
pub async fn compact<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wanted = super::assets::reads_brotli(request.request());
    let response = next.call(request).await?.map_into_boxed_body();
    if !wanted || response.response().error().is_some() || response.headers().contains_key(header::CONTENT_ENCODING) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = actix_web::body::to_bytes(body).await.map_err(|_| Problem::internal())?;
    let small = super::assets::compress(&body, super::assets::QUICK).filter(|small| small.len() < body.len());
    let body = match small {
        None => body,
        Some(small) => {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
            small.into()
        }
    };
    Ok(ServiceResponse::new(request, response.set_body(body).map_into_boxed_body()))
}
