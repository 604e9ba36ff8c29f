//! From a template to a response, and what every page has: its site's look.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use super::problem::Problem;
use crate::sites::{SiteDefinition, branding::Scheme};

/// A page.
pub fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a template failed");
        Problem::internal()
    })?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// "Go there with GET" (RFC 9110 §15.4.4).
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

/// How a site's pages look, as URLs and words for the layout.
#[derive(Debug, Clone)]
pub struct Look {
    /// The site's name.
    pub site_name: String,
    /// The stylesheet with the site's tokens.
    pub stylesheet: String,
    /// The logo on light backgrounds.
    pub logo: Option<String>,
    /// The logo on dark backgrounds, where there is another.
    pub logo_dark: Option<String>,
}

impl Look {
    /// The look of a published site.
    pub fn of(site: &SiteDefinition, sha256: &str) -> Self {
        let asset = |name: &Option<String>| name.as_ref().map(|name| format!("/brand/{}/{name}", site.slug));
        let branding = &site.branding;
        let logo_dark = if branding.scheme == Scheme::Auto { asset(&branding.logo_dark) } else { None };
        let logo = match branding.scheme {
            Scheme::Dark if branding.logo_dark.is_some() => asset(&branding.logo_dark),
            _ => asset(&branding.logo),
        };
        let short = sha256.get(..16).unwrap_or(sha256);
        Self { site_name: site.name.clone(), stylesheet: format!("/brand/{}/{short}.css", site.slug), logo, logo_dark }
    }
}
