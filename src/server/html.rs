//! From a template to a response, and what every page has: its site's look.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use askama::Template;

use super::middleware::content_security_policy_to;
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
    /// The site's own stylesheet, behind it; only pages of forms have it.
    pub own_stylesheet: Option<String>,
    /// The logo on light backgrounds.
    pub logo: Option<String>,
    /// The logo on dark backgrounds, where there is another.
    pub logo_dark: Option<String>,
    /// A wide picture above the form.
    pub banner: Option<String>,
}

impl Look {
    /// The look of a published site's forms.
    pub fn of(site: &SiteDefinition, sha256: &str) -> Self {
        let asset = |name: &Option<String>| name.as_ref().map(|name| format!("/brand/{}/{name}", site.slug));
        let branding = &site.branding;
        let logo_dark = if branding.scheme == Scheme::Auto { asset(&branding.logo_dark) } else { None };
        let logo = match branding.scheme {
            Scheme::Dark if branding.logo_dark.is_some() => asset(&branding.logo_dark),
            _ => asset(&branding.logo),
        };
        let short = sha256.get(..16).unwrap_or(sha256);
        let own = branding.stylesheet.as_ref().map(|_| format!("/brand/{}/{short}-own.css", site.slug));
        Self {
            site_name: site.name.clone(),
            stylesheet: format!("/brand/{}/{short}.css", site.slug),
            own_stylesheet: own,
            logo,
            logo_dark,
            banner: asset(&branding.header_image),
        }
    }

    /// The same for what must look as it did when somebody agreed to it: without the site's own
    /// stylesheet.
    #[must_use]
    pub fn plain(self) -> Self {
        Self { own_stylesheet: None, ..self }
    }
}

/// The themes that a link may ask for; without one, pages follow the site and the visitor's system.
pub const THEMES: [&str; 3] = ["light", "dark", "contrast"];

/// Where a public page is shown.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Whether it is asked for as the content of a frame.
    pub embed: bool,
    /// The origins whose pages may frame it, with spaces between, when it is asked for in a frame.
    pub hosts: Option<String>,
    /// One of [`THEMES`].
    pub theme: Option<&'static str>,
}

impl Surroundings {
    /// Lets the allowed origins frame a response.
    pub fn allow_framing(&self, response: &mut HttpResponse) {
        self.allow(response, None);
    }

    /// The same, and lets its form lead on to `url` once it has been sent.
    pub fn allow(&self, response: &mut HttpResponse, url: Option<&str>) {
        let origin = url.and_then(|url| url::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
        let headers = response.headers_mut();
        let hosts = self.hosts.as_deref().unwrap_or("'none'");
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy_to(hosts, origin.as_deref())) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if self.hosts.is_some() {
            let opener = HeaderName::from_static("cross-origin-opener-policy");
            headers.insert(opener, HeaderValue::from_static("unsafe-none"));
        }
    }

    /// What a link within the frame carries on, to stand behind another parameter.
    pub fn query(&self) -> String {
        let embed = if self.embed { "&embed=1" } else { "" };
        let theme = self.theme.map_or_else(String::new, |theme| format!("&theme={theme}"));
        format!("{embed}{theme}")
    }
}
