//! Which web origins may use the JSON API, and what browsers are told about it (Fetch, CORS).

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::problem::Problem;
use crate::app::App;
use crate::sites::SiteDefinition;

/// The request's origin, if it names one that may use the API of `site`. Programs that are not
/// browsers name none and pass.
pub fn check(request: &HttpRequest, site: &SiteDefinition, public_url: &str) -> Result<Option<HeaderValue>, Problem> {
    let Some(value) = request.headers().get(header::ORIGIN) else { return Ok(None) };
    let origin = value.to_str().map_err(|_| Problem::origin_refused())?;
    if is_own(origin, public_url) || site.allows_origin(origin) {
        Ok(Some(value.clone()))
    } else {
        Err(Problem::origin_refused())
    }
}

/// Whether `origin` is that of this server.
pub fn is_own(origin: &str, public_url: &str) -> bool {
    url::Url::parse(public_url).is_ok_and(|url| url.origin().ascii_serialization().eq_ignore_ascii_case(origin))
}

/// Lets pages of `origin` read the response.
pub fn allow(response: &mut HttpResponse, origin: Option<&HeaderValue>) {
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
}

/// `OPTIONS` of the API: what a browser asks before it sends JSON from another origin.
pub async fn preflight(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let origin = check(&request, &entry.shown.site.definition, &app.config.public_url())?;
    let mut response = HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, idempotency-key"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"))
        .finish();
    allow(&mut response, origin.as_ref());
    Ok(response)
}
