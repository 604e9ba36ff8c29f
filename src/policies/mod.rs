//! Policies and purposes: what visitors are told before they answer.
//!
//! A policy is a privacy notice with a text per language. A purpose ([`purposes`]) says why a
//! field is asked for, on which legal basis, for how long, and, for consents, in which words.

pub mod pages;
pub mod purposes;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::sites::{Defects, Lang, SiteDefinition, Text, check_slug};

pub use purposes::{LegalBasis, PurposeDefinition};

/// What a site's owner writes down about a policy. Unchecked until [`PolicyDefinition::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDefinition {
    /// Slug of the site.
    pub site: String,
    /// The name in URLs.
    pub slug: String,
    /// What visitors read in links and as the page's heading.
    pub title: Text,
    /// The day from which this text applies, `YYYY-MM-DD`.
    pub effective: String,
    /// The notice in Markdown, per language.
    #[serde(default)]
    pub text: Text,
    /// Instead of `text`: files beside the TOML file. Absent in a published version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_files: Option<Text>,
}

impl PolicyDefinition {
    /// Everything that keeps the policy from being published.
    pub fn check(&self, site: &SiteDefinition) -> Defects {
        let mut defects = Defects::default();
        check_slug(&mut defects, &["slug"], &self.slug);
        self.title.check(&mut defects, &["title"], &site.languages);
        self.text.check(&mut defects, &["text"], &site.languages);
        if parse_date(&self.effective).is_none() {
            defects.error(&["effective"], format!("'{}' is no date; write it as 2026-01-31", self.effective));
        }
        for (lang, text) in self.text.iter() {
            if has_raw_html(text) {
                defects.error(&["text", lang.tag()], "contains HTML; write Markdown only");
            }
        }
        defects
    }

    /// The notice in `lang` as HTML that holds nothing but what Markdown can say.
    pub fn html(&self, lang: Lang) -> String {
        markdown_to_html(self.text.get(lang))
    }
}

/// A calendar day written `YYYY-MM-DD` (ISO 8601).
pub fn parse_date(text: &str) -> Option<time::Date> {
    time::Date::parse(text, time::macros::format_description!("[year]-[month]-[day]")).ok()
}

fn markdown(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

fn has_raw_html(text: &str) -> bool {
    markdown(text).any(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)))
}

/// Markdown to HTML without raw HTML, images or links to anything but web pages and mail.
/// Headings follow on the page's own without leaving a level out, however they are numbered.
pub fn markdown_to_html(text: &str) -> String {
    use pulldown_cmark::HeadingLevel;
    // The headings that the current place stands under.
    let mut above: Vec<HeadingLevel> = Vec::new();
    let mut depth = move |level: HeadingLevel| {
        above.retain(|outer| *outer < level);
        above.push(level);
        HeadingLevel::try_from(above.len() + 1).unwrap_or(HeadingLevel::H6)
    };
    let mut current = HeadingLevel::H2;
    let safe = markdown(text).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => {
            current = depth(level);
            Some(Event::Start(Tag::Heading { level: current, id: None, classes: vec![], attrs: vec![] }))
        }
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Heading(current))),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let known = ["https://", "http://", "mailto:", "/", "#"];
            let dest_url = if known.iter().any(|start| dest_url.starts_with(start)) { dest_url } else { "#".into() };
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        other => Some(other),
    });
    let mut html = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut html, safe);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_leave_no_level_out() {
        let html = markdown_to_html("## A\n\n#### B\n\n### C\n\n## D\n\n# E\n\n## F\n");
        let found: String = html.lines().filter(|line| line.starts_with("<h")).collect();
        assert_eq!(found, "<h2>A</h2><h3>B</h3><h3>C</h3><h2>D</h2><h2>E</h2><h3>F</h3>");
    }

    #[test]
    fn raw_html_and_script_links_never_come_through() {
        let html = markdown_to_html("# T\n\n<script>x</script>\n\n[a](javascript:alert(1)) ![i](http://x/y.png) b");
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("javascript:"), "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("<h2>T</h2>"), "{html}");
    }
}
