//! The public form as a page: complete without JavaScript, with every error at once.

use std::collections::BTreeMap;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use time::OffsetDateTime;

use super::Shown;
use super::answers::Sent;
use super::catalog::FormEntry;
use super::check::{Code, FieldError};
use super::definition::FieldType;
use super::token;
use super::view::{FormPage, VisitorView};
use crate::app::App;
use crate::server::html::{self, Look, Surroundings};
use crate::server::language;
use crate::server::problem::{Face, Problem};
use crate::sites::{Lang, SiteDefinition};
use crate::submissions::door::{self, Door, Inside, Knock};
use crate::submissions::limits::Limited;
use crate::submissions::sign_in;
use crate::submissions::visitors::Visitor;
use crate::words::{Tongue, Words};

/// Names of the controls that are not fields. A field's name has no dot, so they never meet.
pub const TOKEN_CONTROL: &str = "form.token";
/// The language of the page.
pub const LANG_CONTROL: &str = "form.lang";
/// Where in the customer's journey.
pub const TOUCHPOINT_CONTROL: &str = "form.touchpoint";
/// Where a page with markup of its own wants its visitors to be led.
pub const REDIRECT_CONTROL: &str = "form.redirect";
/// What the control of a consent begins with.
pub const CONSENT_PREFIX: &str = "consent.";

/// `GET /f/{site}/{form}`: anybody may look, as often as the page limit allows.
pub async fn show(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let lang = language::of_request(&request, &entry.shown.site.definition.languages);
    let within = |problem: Problem| beside(&app, &entry, &request, lang, problem);
    app.limits.count(Limited::Pages, &request).map_err(|error| within(error.into()))?;
    door::refuse_shut(&app, &entry, lang).await.map_err(within)?;
    match door::ask(&app, &entry, lang, &request, Knock::default()).await.map_err(within)? {
        Door::Open(inside) => open(&app, &entry, lang, &request, inside),
        Door::Shut(page) => Ok(page),
    }
}

/// The empty form, for somebody who was let in.
pub fn open(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    inside: Inside,
) -> Result<HttpResponse, Problem> {
    let Inside { admitted, address, visitor } = inside;
    let mut state = FormState::fresh(token::issue(&entry.shown, admitted, &app.ambient, &app.secrets));
    if let Some((field, address)) = entry.shown.form.definition.verify_email.clone().zip(address) {
        state.sent.add(field, address);
    }
    // Fields that nobody sees may come with the link, such as the campaign that led here.
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()).take(50) {
        if entry.shown.form.field(&name).is_some_and(|field| field.kind == FieldType::Hidden) {
            state.sent.add(name.into_owned(), value.into_owned());
        }
    }
    state.carried =
        format!("{}{}", carried(entry, request), door::admission_link(app, entry, admitted, visitor.as_ref()));
    state.visitor = visitor;
    state.touchpoint = query(request, "touchpoint").filter(|word| crate::submissions::is_touchpoint(word));
    respond(app, &entry.shown, lang, request, &state)
}

/// A parameter of the request's address.
pub fn query(request: &HttpRequest, wanted: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// A problem with a form, shown as the form would be: in its language, with its site's look, and in
/// the same frame.
pub fn beside(app: &App, entry: &FormEntry, request: &HttpRequest, lang: Lang, problem: Problem) -> Problem {
    let site = &entry.shown.site;
    let again = request.uri().path_and_query().map(ToString::to_string);
    let face = Face {
        around: surroundings(app, &site.definition, request),
        look: Look::of(&site.definition, &site.version.sha256),
        contact: site.definition.controller.email.clone(),
        again: again.filter(|_| problem.retry_after.is_some() && request.method() == Method::GET),
    };
    Problem { face: Some(Box::new(face)), ..problem.in_language(lang) }
}

/// What a link to the same form carries on from the address of `request`: the personal link, where
/// in the customer's journey, and the fields that nobody sees.
pub fn carried(entry: &FormEntry, request: &HttpRequest) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()).take(50) {
        let hidden = entry.shown.form.field(&name).is_some_and(|field| field.kind == FieldType::Hidden);
        if hidden || matches!(name.as_ref(), "i" | "touchpoint") {
            query.append_pair(&name, &value);
        }
    }
    let query = query.finish();
    if query.is_empty() { query } else { format!("&{query}") }
}

/// Where a page of `site` is shown: on its own or in a frame, and in which theme.
pub fn surroundings(app: &App, site: &SiteDefinition, request: &HttpRequest) -> Surroundings {
    let embed = query(request, "embed").is_some_and(|value| value == "1");
    // Our own pages show it to those who edit it.
    let own = url::Url::parse(&app.config.public_url()).map(|url| url.origin().ascii_serialization());
    let hosts = site.allowed_origins.iter().map(String::as_str).chain(own.as_deref());
    let hosts = embed.then(|| hosts.collect::<Vec<_>>().join(" "));
    let theme = query(request, "theme").and_then(|name| html::THEMES.into_iter().find(|theme| *theme == name));
    Surroundings { embed, hosts, theme }
}

/// What those who come too early or too late are told.
pub fn closed(shown: &Shown, lang: Lang, now: OffsetDateTime) -> Problem {
    if shown.form.is_early(now) && !shown.form.definition.closed {
        let words = shown.form.definition.opening_message.as_ref().map(|words| words.get(lang).to_owned());
        return Problem::form_early(words).in_language(lang);
    }
    let words = shown.form.definition.closed_message.as_ref();
    let words = words
        .map_or_else(|| Words::shared().text(lang, "problem-form-closed-detail"), |words| words.get(lang).to_owned());
    Problem::form_closed(words).in_language(lang)
}

/// What a form page shows beside its questions.
pub struct FormState {
    /// The HTTP status.
    pub status: StatusCode,
    /// The form token.
    pub token: String,
    /// What was sent, to be filled in again.
    pub sent: Sent,
    /// The consents that were ticked.
    pub consents: BTreeMap<String, bool>,
    /// Where in the customer's journey, if the sender said.
    pub touchpoint: Option<String>,
    /// Where a page with markup of its own, from which it was sent, wants its visitors to be led.
    pub redirect: Option<String>,
    /// What links to the same form carry on.
    pub carried: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
    /// What happened to the form as a whole.
    pub notice: Option<String>,
    /// Seconds after which sending again makes sense.
    pub retry_after: Option<u64>,
    /// What stands on the page for files that are kept already, by upload.
    pub kept: BTreeMap<uuid::Uuid, String>,
    /// Who has signed in.
    pub visitor: Option<Visitor>,
}

impl FormState {
    /// An empty form.
    pub fn fresh(token: String) -> Self {
        Self {
            status: StatusCode::OK,
            token,
            sent: Sent::default(),
            consents: BTreeMap::new(),
            touchpoint: None,
            redirect: None,
            carried: String::new(),
            errors: Vec::new(),
            notice: None,
            retry_after: None,
            kept: BTreeMap::new(),
            visitor: None,
        }
    }
}

/// The form's page in `state`.
pub fn respond(
    app: &App,
    shown: &Shown,
    lang: Lang,
    request: &HttpRequest,
    state: &FormState,
) -> Result<HttpResponse, Problem> {
    let around = surroundings(app, &shown.site.definition, request);
    let mut page = FormPage::new(shown, lang, around.clone(), state, app.config.limits.upload_bytes);
    page.visitor = state.visitor.as_ref().zip(shown.form.definition.sign_in.as_ref()).map(|(visitor, sign_in)| {
        let t = Tongue::new(lang);
        let verified = &visitor.verified;
        let other = state.carried.replace(&door::admission_link_of(visitor), "");
        let form = &shown.form.definition;
        VisitorView {
            name: verified.name.clone().or_else(|| verified.email.clone()).unwrap_or_else(|| verified.subject.clone()),
            provider: sign_in::label_of(app, &verified.provider, t),
            lines: sign_in::lines_of(&verified.kept_by(sign_in), t),
            other: format!("/f/{}/{}?lang={lang}{}{other}", form.site, form.slug, around.query()),
        }
    });
    let mut response = html::page(state.status, &page)?;
    let headers = response.headers_mut();
    // A page with somebody's answers is theirs alone; an empty one may be kept for "back".
    let empty = state.status == StatusCode::OK && state.visitor.is_none();
    let cache = if empty { "private, no-cache" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if let Some(seconds) = state.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // In a frame, the page around it is asked to go there.
    let redirect = shown.form.definition.redirect.as_deref().filter(|_| !around.embed);
    around.allow(&mut response, state.redirect.as_deref().or(redirect));
    Ok(response)
}

/// Every error as the API tells it.
pub fn problem_items(shown: &Shown, lang: Lang, errors: &[FieldError]) -> Vec<crate::server::problem::ProblemItem> {
    let items = errors.iter().map(|error| {
        let custom = shown.form.field(&error.control).and_then(|field| field.pattern_message.as_ref());
        let pointer = match (error.code, error.control.strip_prefix(CONSENT_PREFIX)) {
            (Code::ConsentRequired, Some(purpose)) => format!("/consents/{purpose}"),
            (_, None)
                if shown.form.field(&error.control).is_none()
                    && !error.control.split('.').any(|part| part == "other") =>
            {
                format!("/answers/{}", error.control.replacen('.', "/", 1))
            }
            _ => format!("/answers/{}", error.control),
        };
        crate::server::problem::ProblemItem {
            pointer,
            field: error.control.clone(),
            code: error.code.name().to_owned(),
            message: error.message(Words::shared(), lang, custom),
        }
    });
    items.collect()
}
