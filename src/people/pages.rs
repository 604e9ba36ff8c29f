//! The person's own page.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{LINK_OFFERED, receipt, store};
use crate::app::App;
use crate::consents::{Action, Events};
use crate::crypto::secrets::same;
use crate::forms::Shown;
use crate::forms::pages as form_pages;
use crate::forms::view::{LanguageLink, PolicyLink, PurposeView, language_links, policy_link, purpose_views};
use crate::ledger::proof;
use crate::policies::purposes::Withdrawal;
use crate::server::html::{self, Look, Surroundings};
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::submissions::limits::Limited;
use crate::submissions::pages::proof_of_sending;
use crate::submissions::store::{self as submissions, EventRow, SubmissionRow};
use crate::words::{Tongue, Words};

/// What the thank-you page sends.
#[derive(Deserialize)]
pub struct OpenForm {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(rename = "m")]
    proof: String,
    #[serde(default)]
    lang: String,
}

/// `POST /f/{site}/{form}/mine`: whoever has just sent the form, by the proof that the thank-you page has, for a day. Makes a
/// private link, and leads to it.
pub async fn open(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    form: web::Form<OpenForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, &request)?;
    let (site, slug) = path.into_inner();
    let entry = app.catalog.form(&site, &slug).await?.ok_or_else(Problem::form_not_found)?;
    let reference = crate::submissions::parse_reference(&form.reference).ok_or_else(Problem::person_link_over)?;
    if !same(form.proof.as_bytes(), proof_of_sending(&app, &reference).as_bytes()) {
        return Err(Problem::person_link_over());
    }
    let found = store::by_reference(app.db.reader(), entry.form_id, &reference).await?;
    let recent = found.filter(|(_, received)| app.ambient.now() < *received + LINK_OFFERED);
    let (submission, _) = recent.ok_or_else(Problem::person_link_over)?;
    let token = store::make_link(app.db.writer(), &app.ambient, submission).await?;
    let lang = form.lang.parse::<Lang>().map_or_else(|_| String::new(), |lang| format!("?lang={lang}"));
    Ok(html::see_other(&format!("/me/{token}{lang}")))
}

/// A submission that somebody has the link to.
struct Mine {
    row: SubmissionRow,
    expires_at: time::OffsetDateTime,
    events: Vec<EventRow>,
    shown: Shown,
}

/// What the link with this token shows. The same for one that never was and one that has ended.
async fn mine(app: &App, token: &str) -> Result<Mine, Problem> {
    let reader = app.db.reader();
    let link = store::link(reader, token, app.ambient.now()).await?.ok_or_else(Problem::person_link_over)?;
    let row = submissions::find(reader, link.submission_id).await?.ok_or_else(Problem::person_link_over)?;
    let events = submissions::events(reader, row.id).await?;
    // In the order of the form, whether anything is kept for it or not.
    let form = app.catalog.form_version(row.form_version_id).await?.ok_or_else(Problem::internal)?;
    let mut purposes: Vec<Uuid> = Vec::new();
    let kept = store::kept(reader, row.id).await?;
    let named =
        kept.iter().map(|part| part.purpose_version_id).chain(events.iter().map(|event| event.purpose_version_id));
    for id in named {
        if !purposes.contains(&id) {
            purposes.push(id);
        }
    }
    let shown =
        app.catalog.versions(row.site_version_id, row.form_version_id, row.policy_version_id, &purposes).await?;
    let mut shown = shown.ok_or_else(Problem::internal)?;
    let order = crate::forms::catalog::purpose_slugs(&form.definition);
    shown.purposes.sort_by_key(|purpose| order.iter().position(|slug| *slug == purpose.definition.slug));
    Ok(Mine { row, expires_at: link.expires_at, events, shown })
}

/// A consent as its owner sees it.
pub struct ConsentLine {
    /// `given`, `refused` or `withdrawn`.
    pub action: &'static str,
    /// When.
    pub date: String,
    /// The exact words beside the checkbox.
    pub wording: String,
}

/// What is kept for one purpose.
pub struct PurposeLine {
    /// The purpose's name in URLs.
    pub slug: String,
    /// What is told of the purpose.
    pub purpose: PurposeView,
    /// Whether anything is kept.
    pub kept: bool,
    /// Whether it is kept without being used.
    pub restricted: bool,
    /// Until when it is kept.
    pub until: Option<String>,
    /// The consent, where the purpose is one.
    pub consent: Option<ConsentLine>,
    /// What withdrawing does, as the end of a message's key; nothing where there is nothing to withdraw.
    pub withdraw: Option<&'static str>,
}

/// The context of `templates/people/me.html`.
#[derive(Template)]
#[template(path = "people/me.html")]
pub struct PersonPage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Where the page is shown.
    pub around: Surroundings,
    /// The page in other languages.
    pub languages: Vec<LanguageLink>,
    /// The page's own path.
    pub base: String,
    /// Who is responsible.
    pub controller: String,
    /// Where to ask.
    pub contact: String,
    /// The form's title.
    pub form: String,
    /// What people quote.
    pub reference: String,
    /// When it was sent.
    pub sent: String,
    /// When the link ends.
    pub ends: String,
    /// Whether a consent has just been withdrawn.
    pub withdrawn: bool,
    /// What is kept, by purpose.
    pub lines: Vec<PurposeLine>,
    /// The notice that was shown.
    pub policy: PolicyLink,
}

/// What the page is asked for.
#[derive(Deserialize)]
pub struct MeQuery {
    done: Option<String>,
}

/// `GET /me/{token}`: whoever has the link, as often as the limit of pages allows.
pub async fn show(
    app: web::Data<App>,
    token: web::Path<String>,
    query: web::Query<MeQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, &request)?;
    let mine = mine(&app, &token).await?;
    let lang = lang_of(&mine, &request);
    let t = Tongue::new(lang);
    let site = &mine.shown.site.definition;
    let kept = store::kept(app.db.reader(), mine.row.id).await?;
    let day = |at: time::OffsetDateTime| Words::shared().date(lang, at.date());
    let views = purpose_views(&mine.shown, lang);
    let lines = mine.shown.purposes.iter().zip(views).map(|(purpose, view)| {
        let part = kept.iter().find(|part| part.purpose_version_id == purpose.version.id);
        let last = mine.events.iter().rfind(|event| event.purpose_version_id == purpose.version.id);
        let wording = purpose.definition.wording.as_ref();
        let consent = last.and_then(|event| {
            Some(ConsentLine {
                action: Action::named(&event.action)?.name(),
                date: day(event.occurred_at),
                // As it was read.
                wording: wording?.get(row_lang(&mine)).to_owned(),
            })
        });
        let given = consent.as_ref().is_some_and(|consent| consent.action == Action::Given.name());
        PurposeLine {
            slug: purpose.definition.slug.clone(),
            purpose: view,
            kept: part.is_some(),
            restricted: part.is_some_and(|part| part.restricted_at.is_some()),
            until: part.and_then(|part| part.expires_at).map(day),
            consent,
            withdraw: given.then_some(match purpose.definition.withdrawal {
                Withdrawal::Erase => "erase",
                Withdrawal::Restrict => "restrict",
            }),
        }
    });
    let base = format!("/me/{}", &*token);
    let page = PersonPage {
        t,
        look: Look::of(site, &mine.shown.site.version.sha256).plain(),
        around: Surroundings::default(),
        languages: language_links(site, &base, lang, ""),
        controller: site.controller.name.clone(),
        contact: site.controller.email.clone(),
        form: mine.shown.form.definition.title.get(lang).to_owned(),
        reference: mine.row.reference.clone(),
        sent: day(mine.row.received_at),
        ends: day(mine.expires_at),
        withdrawn: query.done.as_deref() == Some("withdrawn"),
        lines: lines.collect(),
        policy: policy_link(&mine.shown, lang),
        base,
    };
    Ok(private(html::page(StatusCode::OK, &page)?))
}

/// What the button of one consent sends.
#[derive(Deserialize)]
pub struct WithdrawForm {
    purpose: String,
    #[serde(default)]
    lang: String,
}

/// `POST /me/{token}/withdraw`: whoever has the link. Takes a consent back at once; a second time changes nothing.
pub async fn withdraw(
    app: web::Data<App>,
    token: web::Path<String>,
    form: web::Form<WithdrawForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, &request)?;
    let mine = mine(&app, &token).await?;
    let lang = form.lang.parse().unwrap_or_else(|_| lang_of(&mine, &request));
    let purpose = mine.shown.purposes.iter().find(|purpose| purpose.definition.slug == form.purpose);
    let purpose = Arc::clone(purpose.ok_or_else(Problem::not_found)?);
    let transaction = app.db.begin().await?;
    let done = store::withdraw(&transaction, &app.ambient, mine.row.id, &purpose, lang).await?;
    transaction.commit().await.map_err(crate::db::Error::from)?;
    if done {
        app.db.scrub().await;
    }
    Ok(html::see_other(&format!("/me/{}?lang={lang}&done=withdrawn", &*token)))
}

/// `GET /me/{token}/receipt.json`: whoever has the link. What was agreed to, and what came of it since, with what proves it.
pub async fn receipt(
    app: web::Data<App>,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, &request)?;
    let mine = mine(&app, &token).await?;
    let ids: Vec<Uuid> = mine.events.iter().map(|event| event.id).collect();
    let proofs = proof::of(&app.db, &Events, &ids).await?;
    let (lang, now) = (row_lang(&mine), app.ambient.now());
    let url = app.config.public_url();
    let receipt = receipt::receipt(&mine.row, &mine.shown, &mine.events, proofs.as_ref(), &url, lang, now);
    let mut response = HttpResponse::Ok().content_type("application/ld+json").json(receipt);
    let name = format!("attachment; filename=\"{}.json\"", mine.row.reference);
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(private(response))
}

/// `GET /api/v1/receipt.schema.json`: anybody. What a receipt looks like.
pub async fn receipt_schema() -> HttpResponse {
    HttpResponse::Ok().content_type("application/schema+json").body(receipt::SCHEMA)
}

/// Not kept by anybody on the way, found by no search engine, and with an address that is told to nobody.
fn private(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

fn row_lang(mine: &Mine) -> Lang {
    mine.row.lang.parse().unwrap_or_else(|_| mine.shown.site.definition.default_language())
}

/// The language that is asked for, or else the one in which the form was sent.
fn lang_of(mine: &Mine, request: &HttpRequest) -> Lang {
    match form_pages::query(request, "lang") {
        Some(_) => language::of_request(request, &mine.shown.site.definition.languages),
        None => row_lang(mine),
    }
}
