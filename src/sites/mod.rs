//! Sites: one owner's tenant, with its branding, languages, controller and embedding origins.
//!
//! Also what every published thing shares, because sites are the lowest feature: slugs, words in
//! several languages ([`Text`]), defects found at publishing ([`Defect`]), and numbered immutable
//! versions ([`versions`]).

pub mod assets;
pub mod branding;
pub mod defect;
pub mod guard;
pub mod pages;
pub mod stylesheet;
pub mod text;
pub mod versions;

use serde::{Deserialize, Serialize};
use url::Url;

pub use branding::Branding;
pub use defect::{Defect, Defects};
pub use text::{Lang, Text};
pub use versions::{Kind, VersionRef};

/// What a site's owner writes down about the site. Unchecked until [`SiteDefinition::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteDefinition {
    /// The name in URLs.
    pub slug: String,
    /// The name that visitors read.
    pub name: String,
    /// Every language that the site speaks; the first is the one to fall back to.
    pub languages: Vec<Lang>,
    /// ISO 3166-1 alpha-2 code of the country whose phone numbers may be written without `+`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_country: Option<String>,
    /// Web origins whose pages may embed the forms and post to the JSON API; `*` means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Who decides why and how the data is processed (GDPR Art. 4(7)).
    pub controller: Controller,
    /// How the site's pages look.
    #[serde(default)]
    pub branding: Branding,
}

/// The controller as named to visitors (GDPR Art. 13(1)(a), (b)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Legal name.
    pub name: String,
    /// Postal address in one line.
    pub address: String,
    /// Where people reach the controller about their data.
    pub email: String,
    /// Contact of the data protection officer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_protection_officer: Option<String>,
}

impl SiteDefinition {
    /// Everything that keeps the site from being published, and what its owner should know.
    pub fn check(&self) -> Defects {
        let mut defects = Defects::default();
        check_slug(&mut defects, &["slug"], &self.slug);
        if self.name.trim().is_empty() {
            defects.error(&["name"], "is empty; write the name that visitors know the site by");
        }
        if self.languages.is_empty() {
            defects.error(&["languages"], "is empty; name at least one of en, de, fr, es, ar, the default first");
        }
        let mut seen = Vec::new();
        for (i, lang) in self.languages.iter().enumerate() {
            if seen.contains(lang) {
                defects.error(&["languages", &i.to_string()], format!("'{lang}' is named twice; remove one"));
            }
            seen.push(*lang);
        }
        if let Some(country) = &self.default_country
            && country.parse::<phonenumber::country::Id>().is_err()
        {
            defects.error(
                &["default_country"],
                format!("'{country}' is no ISO 3166-1 country code; write two capital letters such as DE"),
            );
        }
        for (i, origin) in self.allowed_origins.iter().enumerate() {
            if let Err(why) = check_origin(origin) {
                defects.error(&["allowed_origins", &i.to_string()], why);
            }
        }
        if self.allowed_origins.iter().any(|origin| origin == "*") {
            defects.warning(&["allowed_origins"], "'*' lets every page on the web embed these forms");
        }
        for (key, value) in [("name", &self.controller.name), ("address", &self.controller.address)] {
            if value.trim().is_empty() {
                defects.error(&["controller", key], "is empty; visitors must be told who the controller is");
            }
        }
        if !validator::ValidateEmail::validate_email(&self.controller.email) {
            defects
                .error(&["controller", "email"], "is not an e-mail address; visitors use it to ask about their data");
        }
        defects.extend_below("branding", self.branding.check());
        defects
    }

    /// The language to fall back to.
    pub fn default_language(&self) -> Lang {
        self.languages.first().copied().unwrap_or(Lang::En)
    }

    /// Whether pages of `origin` may embed this site's forms and post to them.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
    }
}

/// Refuses what is not an ASCII serialised origin (RFC 6454 §6.2) or `*`.
fn check_origin(origin: &str) -> Result<(), String> {
    if origin == "*" {
        return Ok(());
    }
    let example = "write scheme, host and port only, such as https://shop.example";
    let url = Url::parse(origin).map_err(|_| format!("'{origin}' is not an origin; {example}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("'{origin}' is neither http nor https; {example}"));
    }
    let written = url.origin().ascii_serialization();
    // Browsers write origins so, and compare them letter by letter.
    if written == origin { Ok(()) } else { Err(format!("'{origin}' is more than an origin; write {written}")) }
}

/// Refuses what can't stand in a URL path as it is.
pub fn check_slug(defects: &mut Defects, path: &[&str], slug: &str) {
    let good = !slug.is_empty()
        && slug.len() <= 63
        && !slug.starts_with('-')
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !good {
        defects.error(
            path,
            format!("'{slug}' can't be part of a URL; use 1 to 63 of a-z, 0-9 and '-', not starting with '-'"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> SiteDefinition {
        toml::from_str(
            r#"
            slug = "shop"
            name = "Shop"
            languages = ["en", "de"]
            [controller]
            name = "Shop Ltd"
            address = "1 High Street, Town"
            email = "privacy@shop.example"
            "#,
        )
        .unwrap()
    }

    #[test]
    fn a_plain_site_has_no_defects() {
        assert!(site().check().is_empty(), "{:?}", site().check());
    }

    #[test]
    fn an_origin_with_a_path_is_named_with_what_to_write() {
        let mut site = site();
        site.allowed_origins = vec!["https://shop.example/page".to_owned()];
        let defects = site.check();
        let message = &defects.errors().next().unwrap().message;
        assert!(message.contains("write https://shop.example"), "{message}");
    }

    #[test]
    fn a_language_that_is_not_shipped_is_refused_by_name() {
        let error = toml::from_str::<Vec<Lang>>("").err();
        assert!(error.is_some());
        let error = "nl".parse::<Lang>().unwrap_err();
        assert!(error.contains("en, de, fr, es, ar"), "{error}");
    }
}
