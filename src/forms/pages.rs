//! The public form as a page: complete without JavaScript, with every error at once.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::answers::Sent;
use super::catalog::FormEntry;
use super::check::{Code, FieldError};
use super::definition::{Bound, Field, FieldType, OTHER};
use super::{Shown, token};
use crate::app::App;
use crate::server::html::{self, Look};
use crate::server::language;
use crate::server::middleware::content_security_policy;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::submissions::limits::Limited;
use crate::words::{Tongue, Words};

/// Names of the controls that are not fields. A field's name has no dot, so they never meet.
pub const TOKEN_CONTROL: &str = "form.token";
/// The language of the page.
pub const LANG_CONTROL: &str = "form.lang";
/// Where in the customer's journey.
pub const TOUCHPOINT_CONTROL: &str = "form.touchpoint";
/// What the control of a consent begins with.
pub const CONSENT_PREFIX: &str = "consent.";

/// `GET /f/{site}/{form}`: anybody may look, as often as the page limit allows.
pub async fn show(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, &request)?;
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let lang = language::of_request(&request, &entry.shown.site.definition.languages);
    if !entry.shown.form.is_open(app.ambient.now()) {
        return Err(closed(&entry.shown, lang));
    }
    let state = FormState::fresh(token::issue(&entry.shown, &app.ambient, &app.secrets));
    respond(&entry, &entry.shown, lang, &request, &state)
}

/// What those who come too late are told.
pub fn closed(shown: &Shown, lang: Lang) -> Problem {
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
    /// What is wrong.
    pub errors: Vec<FieldError>,
    /// What happened to the form as a whole.
    pub notice: Option<String>,
    /// Seconds after which sending again makes sense.
    pub retry_after: Option<u64>,
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
            errors: Vec::new(),
            notice: None,
            retry_after: None,
        }
    }
}

/// The form's page in `state`.
pub fn respond(
    entry: &FormEntry,
    shown: &Shown,
    lang: Lang,
    request: &HttpRequest,
    state: &FormState,
) -> Result<HttpResponse, Problem> {
    let page = FormPage::new(shown, lang, is_embedded(request), state);
    let mut response = html::page(state.status, &page)?;
    let headers = response.headers_mut();
    // A page with somebody's answers is theirs alone; an empty one may be kept for "back".
    let cache = if state.sent.names().next().is_some() { "no-store" } else { "private, no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if let Some(seconds) = state.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    allow_framing(&mut response, entry, request);
    Ok(response)
}

/// Whether the page is asked for as the content of a frame.
pub fn is_embedded(request: &HttpRequest) -> bool {
    url::form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, value)| name == "embed" && value == "1")
}

/// Lets the pages of the site's allowed origins frame a response, when it is asked for in a frame.
pub fn allow_framing(response: &mut HttpResponse, entry: &FormEntry, request: &HttpRequest) {
    let origins = &entry.shown.site.definition.allowed_origins;
    if is_embedded(request)
        && !origins.is_empty()
        && let Ok(policy) = HeaderValue::from_str(&content_security_policy(&origins.join(" ")))
    {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none"));
    }
}

/// The context of `templates/forms/form.html`.
#[derive(Template)]
#[template(path = "forms/form.html")]
pub struct FormPage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Whether the page stands in a frame.
    pub embed: bool,
    /// The heading.
    pub title: String,
    /// The paragraph below it.
    pub intro: Option<String>,
    /// Where the form is sent.
    pub action: String,
    /// The form token.
    pub token: String,
    /// Where in the customer's journey.
    pub touchpoint: Option<String>,
    /// What happened to the form as a whole.
    pub notice: Option<String>,
    /// Every error with the id of its control.
    pub errors: Vec<ErrorLink>,
    /// The questions.
    pub fields: Vec<FieldView>,
    /// The checkboxes.
    pub consents: Vec<ConsentView>,
    /// Whether any of them can't be left empty.
    pub some_required: bool,
    /// What we ask and why.
    pub purposes: Vec<PurposeView>,
    /// The privacy notice.
    pub policy: PolicyLink,
    /// Who is responsible.
    pub controller: String,
    /// Words on the button.
    pub submit: String,
    /// The page in other languages: tag, own name, URL, whether it is this one.
    pub languages: Vec<LanguageLink>,
}

/// An entry of the error summary.
pub struct ErrorLink {
    /// The id of the control.
    pub id: String,
    /// The question, so that one link is not like the other.
    pub label: String,
    /// The same words as beside the control.
    pub message: String,
}

/// A link to the same page in another language.
pub struct LanguageLink {
    /// BCP 47.
    pub tag: &'static str,
    /// The language's name in itself.
    pub name: &'static str,
    /// The page.
    pub url: String,
    /// Whether this is the language of the page.
    pub current: bool,
}

/// A link to one exact version of the privacy notice.
pub struct PolicyLink {
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Its number.
    pub version: i32,
    /// The day from which it applies, in words.
    pub effective: String,
}

/// One question.
pub struct FieldView {
    /// The id of its first control.
    pub id: String,
    /// The name of its control.
    pub name: String,
    /// The name of its type.
    pub kind: &'static str,
    /// The question.
    pub label: String,
    /// Help.
    pub hint: Option<String>,
    /// What is wrong with the answer.
    pub error: Option<String>,
    /// Whether an answer is needed.
    pub required: bool,
    /// HTML `autocomplete` token.
    pub autocomplete: Option<String>,
    /// What to fill in.
    pub value: String,
    /// `type` of the input.
    pub input_type: &'static str,
    /// `inputmode` of the input.
    pub input_mode: Option<&'static str>,
    /// Most characters.
    pub max_length: Option<u32>,
    /// Whether the remaining characters are worth counting aloud.
    pub counted: bool,
    /// Least date or time.
    pub min: Option<String>,
    /// Greatest date or time.
    pub max: Option<String>,
    /// Ids of what describes the control.
    pub described_by: String,
    /// The choices.
    pub choices: Vec<ChoiceView>,
    /// The choice with free text.
    pub other: Option<OtherView>,
}

/// One choice.
pub struct ChoiceView {
    /// The id of its control.
    pub id: String,
    /// What is sent.
    pub value: String,
    /// What visitors read.
    pub label: String,
    /// Whether it is chosen.
    pub checked: bool,
}

/// The choice with free text.
pub struct OtherView {
    /// The id of its choice.
    pub id: String,
    /// The id and the name of its text.
    pub text_id: String,
    /// The name of its text.
    pub name: String,
    /// The text.
    pub value: String,
    /// Whether it is chosen.
    pub checked: bool,
    /// What is wrong with the text.
    pub error: Option<String>,
}

/// One checkbox.
pub struct ConsentView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The purpose's title.
    pub title: String,
    /// The exact words.
    pub wording: String,
    /// Why it can't be left out.
    pub reason: Option<String>,
    /// Whether it can't be left out.
    pub required: bool,
    /// Whether it was ticked before an error.
    pub checked: bool,
    /// What is wrong.
    pub error: Option<String>,
}

/// One purpose in "what we ask and why".
pub struct PurposeView {
    /// Its title.
    pub title: String,
    /// Why.
    pub description: String,
    /// The questions that serve it.
    pub fields: Vec<String>,
    /// What allows it.
    pub legal_basis: String,
    /// How long.
    pub retention: String,
}

impl FormPage {
    fn new(shown: &Shown, lang: Lang, embed: bool, state: &FormState) -> Self {
        let words = Words::shared();
        let form = &shown.form.definition;
        let site = &shown.site;
        let message = |error: &FieldError| {
            let custom = shown.form.field(&error.control).and_then(|field| field.pattern_message.as_ref());
            error.message(words, lang, custom)
        };
        let messages: BTreeMap<&str, String> =
            state.errors.iter().map(|error| (error.control.as_str(), message(error))).collect();
        let fields: Vec<FieldView> = form
            .fields
            .iter()
            .filter(|field| field.kind != FieldType::Hidden || !state.sent.text(&field.name).is_empty())
            .map(|field| field_view(field, lang, &state.sent, &messages))
            .collect();
        let consents: Vec<ConsentView> = form
            .consents
            .iter()
            .filter_map(|ask| {
                let purpose = &shown.purpose(&ask.purpose)?.definition;
                let name = format!("{CONSENT_PREFIX}{}", ask.purpose);
                Some(ConsentView {
                    id: control_id(&name),
                    title: purpose.title.get(lang).to_owned(),
                    wording: purpose.wording.as_ref().map_or("", |wording| wording.get(lang)).to_owned(),
                    reason: ask.reason.as_ref().map(|reason| reason.get(lang).to_owned()),
                    required: ask.required,
                    checked: state.consents.get(&ask.purpose).copied().unwrap_or(false),
                    error: messages.get(name.as_str()).cloned(),
                    name,
                })
            })
            .collect();
        let first_control = |error: &FieldError| match shown.form.field(&error.control) {
            Some(field) if is_group(field.kind) => format!("{}--1", control_id(&error.control)),
            _ => control_id(&error.control),
        };
        let errors = state
            .errors
            .iter()
            .map(|error| ErrorLink {
                id: first_control(error),
                label: error_label(shown, error, lang),
                message: message(error),
            })
            .collect();
        let base = format!("/f/{}/{}", form.site, form.slug);
        let frame = if embed { "&embed=1" } else { "" };
        let languages = site.definition.languages.iter().map(|one| LanguageLink {
            tag: one.tag(),
            name: one.own_name(),
            url: format!("{base}?lang={one}{frame}"),
            current: *one == lang,
        });
        Self {
            t: Tongue::new(lang),
            look: Look::of(&site.definition, &site.version.sha256),
            embed,
            title: form.title.get(lang).to_owned(),
            intro: form.intro.as_ref().map(|intro| intro.get(lang).to_owned()),
            action: format!("{base}?lang={lang}{frame}"),
            token: state.token.clone(),
            touchpoint: state.touchpoint.clone(),
            notice: state.notice.clone(),
            errors,
            fields,
            some_required: consents.iter().any(|consent| consent.required),
            consents,
            purposes: purpose_views(shown, lang),
            policy: policy_link(shown, lang),
            controller: site.definition.controller.name.clone(),
            submit: form
                .submit
                .as_ref()
                .map_or_else(|| words.text(lang, "form-submit"), |submit| submit.get(lang).to_owned()),
            languages: languages.collect(),
        }
    }
}

/// The question that an error belongs to: of a field, of the field of a free text, or of a consent.
fn error_label(shown: &Shown, error: &FieldError, lang: Lang) -> String {
    let field = error.control.strip_suffix(".other").unwrap_or(&error.control);
    let label = match (shown.form.field(field), error.control.strip_prefix(CONSENT_PREFIX)) {
        (Some(field), _) => Some(&field.label),
        (None, Some(slug)) => shown.purpose(slug).map(|purpose| &purpose.definition.title),
        (None, None) => None,
    };
    label.map_or("", |label| label.get(lang)).to_owned()
}

/// The link to the policy version that `shown` names.
pub fn policy_link(shown: &Shown, lang: Lang) -> PolicyLink {
    let policy = &shown.policy;
    let definition = &policy.definition;
    let date = crate::policies::parse_date(&definition.effective);
    PolicyLink {
        title: definition.title.get(lang).to_owned(),
        url: format!("/policies/{}/{}/{}?lang={lang}", definition.site, definition.slug, policy.version.number),
        version: policy.version.number,
        effective: date.map_or_else(|| definition.effective.clone(), |date| Words::shared().date(lang, date)),
    }
}

fn purpose_views(shown: &Shown, lang: Lang) -> Vec<PurposeView> {
    let words = Words::shared();
    let views = shown.purposes.iter().map(|purpose| {
        let definition = &purpose.definition;
        let serving = shown.form.questions().filter(|(field, _)| field.purpose.as_ref() == Some(&definition.slug));
        let (unit, count) = definition.retention_in_words();
        PurposeView {
            title: definition.title.get(lang).to_owned(),
            description: definition.description.get(lang).to_owned(),
            fields: serving
                .map(|(field, _)| field.label.get(lang).to_owned())
                .filter(|label| !label.is_empty())
                .collect(),
            legal_basis: words.text(lang, &format!("legal-basis-{}", definition.legal_basis.name().replace('_', "-"))),
            retention: words.with(lang, &format!("retention-{unit}"), &[("count", count.into())]),
        }
    });
    views.collect()
}

/// The id of the control with this name.
pub fn control_id(name: &str) -> String {
    format!("f-{}", name.replace('.', "---"))
}

fn is_group(kind: FieldType) -> bool {
    matches!(
        kind,
        FieldType::SingleChoice | FieldType::MultipleChoice | FieldType::YesNo | FieldType::Rating | FieldType::Nps
    )
}

fn field_view(field: &Field, lang: Lang, sent: &Sent, messages: &BTreeMap<&str, String>) -> FieldView {
    let id = control_id(&field.name);
    let error = messages.get(field.name.as_str()).cloned();
    let hint = field.hint.as_ref().map(|hint| hint.get(lang).to_owned());
    let scale = matches!(field.kind, FieldType::Rating | FieldType::Nps);
    let described_by = [
        hint.is_some().then(|| format!("{id}-hint")),
        scale.then(|| format!("{id}-ends")),
        error.is_some().then(|| format!("{id}-error")),
    ];
    let text = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::text).map(str::to_owned);
    let (input_type, input_mode) = match field.kind {
        FieldType::Email => ("email", None),
        FieldType::Phone => ("tel", None),
        FieldType::Url => ("url", None),
        FieldType::Date => ("date", None),
        FieldType::Time => ("time", None),
        FieldType::Number => ("text", Some("decimal")),
        _ => ("text", None),
    };
    FieldView {
        name: field.name.clone(),
        kind: field.kind.name(),
        label: field.label.get(lang).to_owned(),
        required: field.required,
        autocomplete: field.autocomplete.clone(),
        value: sent.text(&field.name).to_owned(),
        input_type,
        input_mode,
        max_length: field.max_length,
        counted: field.kind == FieldType::LongText && field.max_length.is_some(),
        min: text(&field.min),
        max: text(&field.max),
        described_by: described_by.into_iter().flatten().collect::<Vec<_>>().join(" "),
        choices: choice_views(field, &id, lang, sent),
        other: field.other.then(|| {
            let name = format!("{}.{OTHER}", field.name);
            OtherView {
                id: format!("{id}--{}", field.choices.len() + 1),
                text_id: control_id(&name),
                value: sent.text(&name).to_owned(),
                checked: sent.has(&field.name, OTHER),
                error: messages.get(name.as_str()).cloned(),
                name,
            }
        }),
        id,
        hint,
        error,
    }
}

fn choice_views(field: &Field, id: &str, lang: Lang, sent: &Sent) -> Vec<ChoiceView> {
    let words = Words::shared();
    let scale = |numbers: std::ops::RangeInclusive<u32>| numbers.map(|n| (n.to_string(), n.to_string())).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "published ratings are 3 to 10")]
    let most = field.max.as_ref().and_then(Bound::number).unwrap_or(5.0) as u32;
    let pairs: Vec<(String, String)> = match field.kind {
        FieldType::YesNo => ["yes", "no"].map(|value| (value.to_owned(), words.text(lang, value))).into(),
        FieldType::Rating => scale(1..=most),
        FieldType::Nps => scale(0..=10),
        _ => field.choices.iter().map(|choice| (choice.value.clone(), choice.label.get(lang).to_owned())).collect(),
    };
    let views = pairs.into_iter().enumerate().map(|(i, (value, label))| ChoiceView {
        id: format!("{id}--{}", i + 1),
        checked: sent.has(&field.name, &value),
        value,
        label,
    });
    views.collect()
}

/// Every error as the API tells it.
pub fn problem_items(shown: &Shown, lang: Lang, errors: &[FieldError]) -> Vec<crate::server::problem::ProblemItem> {
    let items = errors.iter().map(|error| {
        let custom = shown.form.field(&error.control).and_then(|field| field.pattern_message.as_ref());
        let pointer = match (error.code, error.control.strip_prefix(CONSENT_PREFIX)) {
            (Code::ConsentRequired, Some(purpose)) => format!("/consents/{purpose}"),
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
