//! Policies as pages: each version has an address of its own and lists the others.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{PolicyDefinition, parse_date};
use crate::app::App;
use crate::forms::view::LanguageLink;
use crate::server::html::{self, Look, Surroundings};
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::sites::versions::{self, Kind, Stored};
use crate::submissions::limits::Limited;
use crate::words::{Tongue, Words};

/// `GET /policies/{site}/{policy}`: the version that applies now.
pub async fn current(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (site, policy) = path.into_inner();
    show(&app, &site, &policy, None, &request).await
}

/// `GET /policies/{site}/{policy}/{version}`: exactly this version.
pub async fn version(
    app: web::Data<App>,
    path: web::Path<(String, String, i32)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (site, policy, number) = path.into_inner();
    show(&app, &site, &policy, Some(number), &request).await
}

async fn show(
    app: &App,
    site: &str,
    policy: &str,
    number: Option<i32>,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, request)?;
    let published = app.catalog.current().await?;
    let site = published.sites.get(site).ok_or_else(Problem::not_found)?;
    let current =
        published.policies.get(&(site.definition.slug.clone(), policy.to_owned())).ok_or_else(Problem::not_found)?;
    let all = versions::of_owner(app.db.reader(), Kind::Policy, current.version.owner).await?;
    let number = number.unwrap_or(current.version.number);
    let stored = all.iter().find(|stored| stored.version.number == number).ok_or_else(Problem::not_found)?;
    let lang = language::of_request(request, &site.definition.languages);
    let definition: PolicyDefinition = stored.definition()?;
    let base = format!("/policies/{}/{policy}", site.definition.slug);
    let page = PolicyPage {
        t: Tongue::new(lang),
        look: Look::of(&site.definition, &site.version.sha256).plain(),
        around: Surroundings::default(),
        title: definition.title.get(lang).to_owned(),
        html: definition.html(lang),
        number,
        is_current: number == current.version.number,
        current_url: format!("{base}?lang={lang}"),
        effective: date_in_words(&definition.effective, lang),
        sha256: stored.version.sha256.clone(),
        versions: all.iter().map(|one| version_link(one, &base, lang, number)).collect::<Result<_, _>>()?,
        languages: site
            .definition
            .languages
            .iter()
            .map(|one| LanguageLink {
                tag: one.tag(),
                name: one.own_name(),
                url: format!("{base}/{number}?lang={one}"),
                current: *one == lang,
            })
            .collect(),
    };
    html::page(StatusCode::OK, &page)
}

fn version_link(stored: &Stored, base: &str, lang: Lang, shown: i32) -> Result<VersionLink, Problem> {
    let definition: PolicyDefinition = stored.definition()?;
    let number = stored.version.number;
    Ok(VersionLink {
        number,
        effective: date_in_words(&definition.effective, lang),
        url: format!("{base}/{number}?lang={lang}"),
        shown: number == shown,
    })
}

fn date_in_words(text: &str, lang: Lang) -> String {
    parse_date(text).map_or_else(|| text.to_owned(), |date| Words::shared().date(lang, date))
}

/// A link to another version.
pub struct VersionLink {
    /// Its number.
    pub number: i32,
    /// The day from which it applies, in words.
    pub effective: String,
    /// Its page.
    pub url: String,
    /// Whether it is the one on this page.
    pub shown: bool,
}

/// The context of `templates/policies/show.html`.
#[derive(Template)]
#[template(path = "policies/show.html")]
pub struct PolicyPage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Where the page is shown.
    pub around: Surroundings,
    /// The heading.
    pub title: String,
    /// The notice, from Markdown.
    pub html: String,
    /// The version's number.
    pub number: i32,
    /// Whether it is the current version.
    pub is_current: bool,
    /// The current version's page.
    pub current_url: String,
    /// The day from which it applies.
    pub effective: String,
    /// SHA-256 of the canonical form.
    pub sha256: String,
    /// Every version, newest first.
    pub versions: Vec<VersionLink>,
    /// The page in other languages.
    pub languages: Vec<LanguageLink>,
}
