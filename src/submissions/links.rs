//! Personal links in the staff area: to make some, and to see which were opened and answered.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::admission::{self, InvitationRow};
use crate::app::App;
use crate::forms::catalog::FormEntry;
use crate::ledger;
use crate::server::html;
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::staff::{Access, Frame};
use crate::words::{Tongue, Words};

/// Links on one page.
const PAGE: u32 = 50;
/// Links that can be made at once.
const MOST: usize = 500;
/// Characters of a name at most.
const LONGEST: usize = 200;

/// What the page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct LinksQuery {
    #[serde(default)]
    form: String,
    before: Option<Uuid>,
}

/// What is sent to make links.
#[derive(Deserialize)]
pub struct MakeLinks {
    #[serde(default)]
    csrf: String,
    form: String,
    names: String,
    #[serde(default)]
    days: String,
}

/// One link.
pub struct LinkLine {
    /// Whom it is for; `None` where it does not open.
    pub name: Option<String>,
    /// The end of the key of its state.
    pub state: &'static str,
    /// Since when it is in that state, in words.
    pub since: Option<String>,
    /// The link itself, directly after it was made.
    pub url: Option<String>,
}

/// The context of `templates/submissions/links.html`.
#[derive(Template)]
#[template(path = "submissions/links.html")]
pub struct LinksPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// Site and form.
    pub form: String,
    /// The form's title.
    pub title: String,
    /// Whether only those with a link may answer.
    pub by_invitation: bool,
    /// Links that were made just now.
    pub fresh: Vec<LinkLine>,
    /// The links.
    pub lines: Vec<LinkLine>,
    /// Older ones.
    pub older: Option<String>,
    /// What was typed, when it does not fit.
    pub typed: String,
    /// What is wrong.
    pub error: Option<String>,
    /// Codes to give in return that nobody has yet, where there are such.
    pub codes_left: Option<String>,
}

async fn entry(app: &App, access: &Access, form: &str) -> Result<std::sync::Arc<FormEntry>, Problem> {
    let (site, slug) = form.split_once('/').unwrap_or((form, ""));
    let entry = app.catalog.form(site, slug).await?.ok_or_else(Problem::not_found)?;
    if access.edits(entry.site_id, entry.form_id) { Ok(entry) } else { Err(Problem::not_found()) }
}

fn line(app: &App, row: &InvitationRow, t: Tongue) -> LinkLine {
    let now = app.ambient.now();
    let (state, since) = match (row.answered_at, row.opened_at, row.expires_at) {
        (Some(at), ..) => ("answered", Some(at)),
        (None, _, Some(end)) if end <= now => ("expired", Some(end)),
        (None, Some(at), _) => ("opened", Some(at)),
        _ => ("waiting", None),
    };
    LinkLine {
        name: app.keyring.as_ref().and_then(|keyring| row.name(keyring, now)),
        state,
        since: since.map(|at| Words::shared().moment(t.lang, at)),
        url: None,
    }
}

async fn page(
    app: &App,
    access: &Access,
    request: &HttpRequest,
    entry: &FormEntry,
    before: Option<Uuid>,
    made: (Vec<LinkLine>, String, Option<String>),
) -> Result<HttpResponse, Problem> {
    let t = Tongue::new(language::of_request(request, &Lang::ALL));
    let (fresh, typed, error) = made;
    let form = &entry.shown.form.definition;
    let path = format!("{}/{}", form.site, form.slug);
    let mut rows = admission::invitations(app.db.reader(), entry.form_id, before, PAGE + 1).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let older = rows.last().filter(|_| more).map(|row| format!("/staff/links?form={path}&before={}", row.id));
    let own_codes = form.incentive.as_ref().is_some_and(|incentive| incentive.own_codes);
    let left = if own_codes { Some(admission::codes_left(app.db.reader(), entry.form_id).await?) } else { None };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = LinksPage {
        frame: access.frame(t),
        t,
        form: path,
        title: form.title.get(t.lang).to_owned(),
        by_invitation: form.by_invitation,
        fresh,
        lines: rows.iter().map(|row| line(app, row, t)).collect(),
        older,
        typed,
        error,
        codes_left: left.map(|left| left.to_string()),
    };
    let mut response = html::page(status, &page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /staff/links`: those who edit or administer the form.
pub async fn show(
    app: web::Data<App>,
    access: Access,
    query: web::Query<LinksQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let entry = entry(&app, &access, &query.form).await?;
    // Who was invited is personal, so looking at it is on record.
    let seen =
        ledger::Entry::new("links-seen", json!({ "form": entry.form_id })).by(access.staff_id).about(entry.form_id);
    ledger::append(app.db.writer(), &app.ambient, seen).await?;
    page(&app, &access, &request, &entry, query.before, Default::default()).await
}

/// `POST /staff/links`: the same; one link for each line. They are shown this once: only a hash of
/// each is kept.
pub async fn make(
    app: web::Data<App>,
    access: Access,
    form: web::Form<MakeLinks>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    let form = form.into_inner();
    let entry = entry(&app, &access, &form.form).await?;
    let t = Tongue::new(language::of_request(&request, &Lang::ALL));
    let names: Vec<&str> = form.names.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
    let days = form.days.trim();
    let wrong = if names.is_empty() || names.len() > MOST {
        Some(t.with1("links-wrong-count", "most", &MOST.to_string()))
    } else if names.iter().any(|name| name.chars().count() > LONGEST) {
        Some(t.with1("links-wrong-name", "most", &LONGEST.to_string()))
    } else if !days.is_empty() && !days.parse::<u16>().is_ok_and(|days| days > 0) {
        Some(t.text("links-wrong-days"))
    } else {
        None
    };
    if let Some(wrong) = wrong {
        let typed = form.names.clone();
        return page(&app, &access, &request, &entry, None, (Vec::new(), typed, Some(wrong))).await;
    }
    let days = days.parse::<u16>().unwrap_or(admission::LINK_DAYS);
    let expires = app.ambient.now() + Duration::days(days.into());
    let transaction = app.db.begin().await?;
    let mut fresh = Vec::with_capacity(names.len());
    for name in &names {
        let token = admission::invite(&transaction, &app.ambient, &entry, name, expires).await?;
        let url = format!("{}/f/{}?i={token}", app.config.public_url(), form.form);
        fresh.push(LinkLine { name: Some((*name).to_owned()), state: "waiting", since: None, url: Some(url) });
    }
    let body = json!({ "form": entry.form_id, "count": names.len() });
    let about = ledger::Entry::new("links-made", body).by(access.staff_id).about(entry.form_id);
    ledger::append(&transaction, &app.ambient, about).await?;
    transaction.commit().await.map_err(crate::db::Error::from)?;
    page(&app, &access, &request, &entry, None, (fresh, String::new(), None)).await
}
