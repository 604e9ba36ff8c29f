//! What the form's page shows, as ready strings for its templates.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::{Html, escape};

use super::answers::Sent;
use super::check::{Code, FieldError};
use super::conditions::Condition;
use super::countries::countries;
use super::definition::{
    ADDRESS, ADDRESS_NEEDS, Bound, Choice, DEFAULT_FILE_BYTES, Field, FieldType, FormDefinition, IdentityPart, OTHER,
};
use super::pages::{CONSENT_PREFIX, FormState};
use super::{Shown, uploads};
use crate::server::html::{Look, Surroundings};
use crate::sites::{Lang, SiteDefinition, Text};
use crate::words::{Tongue, Words};

/// The context of `templates/forms/form.html`.
#[derive(Template)]
#[template(path = "forms/form.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template shows or leaves out")]
pub struct FormPage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Where the page is shown.
    pub around: Surroundings,
    /// The heading.
    pub title: String,
    /// The paragraph below it.
    pub intro: Option<String>,
    /// How long it takes, in words, where that is worth saying.
    pub minutes: Option<String>,
    /// Where the form is sent.
    pub action: String,
    /// How the form is encoded, where it takes files.
    pub takes_files: bool,
    /// How many bytes of files it takes together.
    pub upload_bytes: u64,
    /// The form token.
    pub token: String,
    /// Where in the customer's journey.
    pub touchpoint: Option<String>,
    /// Where a page with markup of its own wants its visitors to be led.
    pub redirect: Option<String>,
    /// What happened to the form as a whole.
    pub notice: Option<String>,
    /// Every error with the id of its control.
    pub errors: Vec<ErrorLink>,
    /// Who has signed in.
    pub visitor: Option<VisitorView>,
    /// The questions, page by page.
    pub pages: Vec<PageView>,
    /// Whether the form has conditions, recalled answers or several pages.
    pub flows: bool,
    /// "Page {page} of {pages}", for the script to fill in.
    pub page_of: String,
    /// Whether it has pages or kinds of question that not every form has.
    pub special: bool,
    /// The fields that nobody sees.
    pub hidden: Vec<(String, String)>,
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

/// Who has signed in, and what of it is sent along.
pub struct VisitorView {
    /// What they are called.
    pub name: String,
    /// Who says so.
    pub provider: String,
    /// What is sent along: what it is, and its value.
    pub lines: Vec<(String, String)>,
    /// Where somebody else signs in.
    pub other: String,
}

/// One page of the form.
pub struct PageView {
    /// 1 for the first.
    pub number: usize,
    /// Its heading, escaped.
    pub title: String,
    /// The paragraph below it.
    pub intro: Option<String>,
    /// When it is shown, as JSON.
    pub when: Option<String>,
    /// The same in words.
    pub note: Option<String>,
    /// What stands on it.
    pub fields: Vec<FieldView>,
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
    /// Its title with the number of the version.
    pub named: String,
    /// Its page.
    pub url: String,
    /// The day from which it applies, in words.
    pub effective: String,
}

/// One question.
#[derive(Default)]
pub struct FieldView {
    /// The id of its first control.
    pub id: String,
    /// The name of its control.
    pub name: String,
    /// The name of its type.
    pub kind: &'static str,
    /// The question, escaped, with places for earlier answers.
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
    /// Attributes that tell browser and script what fits, with their values.
    pub limits: Vec<(&'static str, String)>,
    /// What the script says about an answer that does not fit: code and sentence.
    pub words: Vec<(&'static str, String)>,
    /// Whether the remaining characters are worth counting aloud.
    pub counted: Option<u32>,
    /// Ids of what describes the control.
    pub described_by: String,
    /// The choices.
    pub choices: Vec<ChoiceView>,
    /// The choice with free text.
    pub other: Option<OtherView>,
    /// The rows of a matrix, the parts of an address, or the places of a ranking.
    pub rows: Vec<FieldView>,
    /// When it is shown, as JSON.
    pub when: Option<String>,
    /// The same in words, for browsers that do not evaluate it.
    pub note: Option<String>,
    /// The endings and types that a file may have, for `accept`.
    pub accept: String,
    /// Whether several files are taken.
    pub multiple: bool,
    /// Files that are kept already: what stands for them, and their names.
    pub files: Vec<(String, String)>,
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
    /// The URL of its picture.
    pub image: Option<String>,
    /// When it is offered, as JSON.
    pub when: Option<String>,
    /// The same in words.
    pub note: Option<String>,
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

/// What every question's view is made from.
struct Scene<'a> {
    form: &'a FormDefinition,
    lang: Lang,
    sent: &'a Sent,
    messages: BTreeMap<&'a str, String>,
    country: Option<&'a str>,
    kept: &'a BTreeMap<uuid::Uuid, String>,
    upload_bytes: u64,
}

impl FormPage {
    /// The page of `shown` in `state`; all its files may have `upload_bytes` together.
    pub fn new(shown: &Shown, lang: Lang, around: Surroundings, state: &FormState, upload_bytes: u64) -> Self {
        let words = Words::shared();
        let form = &shown.form.definition;
        let site = &shown.site;
        let message = |error: &FieldError| {
            let custom = shown.form.field(&error.control).and_then(|field| field.pattern_message.as_ref());
            error.message(words, lang, custom)
        };
        let scene = Scene {
            form,
            lang,
            sent: &state.sent,
            messages: state.errors.iter().map(|error| (error.control.as_str(), message(error))).collect(),
            country: site.definition.default_country.as_deref(),
            kept: &state.kept,
            upload_bytes,
        };
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
                    error: scene.messages.get(name.as_str()).cloned(),
                    name,
                })
            })
            .collect();
        let errors = state
            .errors
            .iter()
            .map(|error| ErrorLink {
                id: first_control(shown, &error.control),
                label: error_label(shown, error, lang, &state.sent),
                message: message(error),
            })
            .collect();
        let base = format!("/f/{}/{}", form.site, form.slug);
        let carried = format!("{}{}", around.query(), state.carried);
        let hidden = form.fields.iter().filter(|field| field.kind == FieldType::Hidden).map(|field| {
            let sent = state.sent.text(&field.name);
            (field.name.clone(), sent.to_owned())
        });
        let pages = page_views(&scene);
        Self {
            t: Tongue::new(lang),
            look: Look::of(&site.definition, &site.version.sha256),
            title: form.title.get(lang).to_owned(),
            intro: form.intro.as_ref().map(|intro| intro.get(lang).to_owned()),
            minutes: minutes(form, pages.len())
                .map(|count| words.with(lang, "form-minutes", &[("count", count.into())])),
            action: format!("{base}?lang={lang}{carried}"),
            around,
            upload_bytes,
            takes_files: form.fields.iter().any(|field| field.kind == FieldType::File),
            token: state.token.clone(),
            touchpoint: state.touchpoint.clone(),
            redirect: state.redirect.clone(),
            notice: state.notice.clone(),
            errors,
            page_of: words.with(lang, "form-page-of", &[("page", "{page}".into()), ("pages", "{pages}".into())]),
            flows: pages.len() > 1 || form.fields.iter().any(|field| has_conditions(field) || recalls(form, field)),
            special: pages.len() > 1 || form.fields.iter().any(is_special),
            visitor: None,
            pages,
            hidden: hidden.collect(),
            some_required: consents.iter().any(|consent| consent.required),
            consents,
            purposes: purpose_views(shown, lang),
            policy: policy_link(shown, lang),
            controller: site.definition.controller.name.clone(),
            submit: form
                .submit
                .as_ref()
                .map_or_else(|| words.text(lang, "form-submit"), |submit| submit.get(lang).to_owned()),
            languages: language_links(&site.definition, &base, lang, &carried),
        }
    }
}

fn is_special(field: &Field) -> bool {
    use FieldType as Kind;
    let kinds = [
        Kind::Number,
        Kind::Ranking,
        Kind::Matrix,
        Kind::Address,
        Kind::File,
        Kind::Statement,
        Kind::Section,
        Kind::Page,
    ];
    kinds.contains(&field.kind) || has_conditions(field) || field.choices.iter().any(|choice| choice.image.is_some())
}

fn has_conditions(field: &Field) -> bool {
    field.when.is_some() || field.choices.iter().any(|choice| choice.when.is_some())
}

/// Minutes that a form takes, where it is long enough to say so: a guess from the kinds of its
/// questions.
fn minutes(form: &FormDefinition, pages: usize) -> Option<u32> {
    let questions: Vec<&Field> = form.fields.iter().filter(|field| field.kind.is_question()).collect();
    let seconds = questions.iter().map(|field| match field.kind {
        FieldType::Hidden => 0,
        FieldType::LongText => 45,
        FieldType::Address | FieldType::File => 30,
        FieldType::Matrix => 6 * u32::try_from(field.rows.len()).unwrap_or(0),
        FieldType::Ranking => 20,
        _ => 10,
    });
    let seconds: u32 = seconds.sum::<u32>() + 10 * u32::try_from(form.consents.len()).unwrap_or(0);
    (pages > 1 || questions.len() >= 10).then(|| seconds.div_ceil(60).max(1))
}

/// The questions of each page. Without a page of its own at the start, the first has no heading.
fn page_views(scene: &Scene<'_>) -> Vec<PageView> {
    let mut pages: Vec<PageView> = Vec::new();
    let page = |number, field: Option<&Field>| PageView {
        number,
        title: field.map_or_else(String::new, |field| phrase(scene, &field.label)),
        intro: field.and_then(|field| field.hint.as_ref()).map(|hint| hint.get(scene.lang).to_owned()),
        when: field.and_then(|field| field.when.as_ref()).map(condition_json),
        note: field.and_then(|field| field.when.as_ref()).map(|when| note(scene, when)),
        fields: Vec::new(),
    };
    for field in &scene.form.fields {
        match field.kind {
            FieldType::Page => {
                pages.push(page(pages.len() + 1, Some(field)));
                continue;
            }
            FieldType::Hidden => continue,
            _ if pages.is_empty() => pages.push(page(1, None)),
            _ => {}
        }
        if let Some(last) = pages.last_mut() {
            last.fields.push(field_view(scene, field));
        }
    }
    pages
}

fn condition_json(when: &Condition) -> String {
    serde_json::to_string(when).unwrap_or_default()
}

fn note(scene: &Scene<'_>, when: &Condition) -> String {
    let condition = when.in_words(scene.form, scene.lang);
    Words::shared().with(scene.lang, "when-note", &[("condition", condition.into())])
}

/// The names of fields that stand in braces in a text, with what lies between.
pub fn recalled(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let close = rest[open..].find('}').map(|close| open + close).filter(|close| is_name(&rest[open + 1..*close]));
        let Some(close) = close else { break };
        parts.push((&rest[..open], Some(&rest[open + 1..close])));
        rest = &rest[close + 1..];
    }
    parts.push((rest, None));
    parts
}

fn recalls(form: &FormDefinition, field: &Field) -> bool {
    let known = |name: &str| form.fields.iter().any(|field| field.name == name);
    field.label.iter().any(|(_, text)| recalled(text).iter().any(|(_, name)| name.is_some_and(known)))
}

/// A text with places for earlier answers, which the script keeps up to date; escaped.
fn phrase(scene: &Scene<'_>, text: &Text) -> String {
    let escaped = |text: &str| escape(text, Html).map(|safe| safe.to_string()).unwrap_or_default();
    let parts = recalled(text.get(scene.lang)).into_iter().map(|(before, name)| {
        let place = name.map_or_else(String::new, |name| {
            let sent = answer_in_words(scene.form, name, scene.sent, scene.lang);
            format!("<span data-recall=\"{name}\">{}</span>", escaped(if sent.is_empty() { "…" } else { &sent }))
        });
        format!("{}{place}", escaped(before))
    });
    parts.collect()
}

/// What was answered to the question `name`, as later questions quote it.
fn answer_in_words(form: &FormDefinition, name: &str, sent: &Sent, lang: Lang) -> String {
    let Some(field) = form.fields.iter().find(|field| field.name == name) else { return String::new() };
    let chosen = field.choices.iter().filter(|choice| sent.has(name, &choice.value));
    let chosen: Vec<&str> = chosen.map(|choice| choice.label.get(lang)).collect();
    if chosen.is_empty() { sent.text(name).trim().to_owned() } else { chosen.join(", ") }
}

/// The same without markup, for titles and lists.
pub fn plain_phrase(form: &FormDefinition, text: &Text, sent: &Sent, lang: Lang) -> String {
    let parts = recalled(text.get(lang)).into_iter().map(|(before, name)| {
        let answer = name.map(|name| answer_in_words(form, name, sent, lang));
        let answer = answer.map(|answer| if answer.is_empty() { "…".to_owned() } else { answer });
        format!("{before}{}", answer.unwrap_or_default())
    });
    parts.collect()
}

/// The id of the control to go to for an error.
fn first_control(shown: &Shown, control: &str) -> String {
    let id = control_id(control);
    match shown.form.field(control).map(|field| (field, field.kind)) {
        Some((_, kind)) if is_group(kind) => format!("{id}--1"),
        Some((field, FieldType::Ranking)) => {
            field.choices.first().map_or(id, |choice| control_id(&format!("{control}.{}", choice.value)))
        }
        Some((_, FieldType::Address)) => control_id(&format!("{control}.{}", ADDRESS[0])),
        Some((field, FieldType::Matrix)) => {
            field.rows.first().map_or(id, |row| format!("{}--1", control_id(&format!("{control}.{}", row.value))))
        }
        Some(_) => id,
        None => {
            let name = control.split('.').next().unwrap_or_default();
            let in_matrix = shown.form.field(name).is_some_and(|field| field.kind == FieldType::Matrix);
            if in_matrix { format!("{id}--1") } else { id }
        }
    }
}

/// The question that an error belongs to: of a field, of a part of it, or of a consent.
fn error_label(shown: &Shown, error: &FieldError, lang: Lang, sent: &Sent) -> String {
    if let Some(slug) = error.control.strip_prefix(CONSENT_PREFIX) {
        return shown.purpose(slug).map_or("", |purpose| purpose.definition.title.get(lang)).to_owned();
    }
    let (name, part) = error.control.split_once('.').unwrap_or((&error.control, ""));
    let Some(field) = shown.form.field(name) else { return String::new() };
    let label = plain_phrase(&shown.form.definition, &field.label, sent, lang);
    match part_label(field, part, lang) {
        Some(part) => format!("{label}: {part}"),
        None => label,
    }
}

/// What a part of a composite answer is called.
pub fn part_label(field: &Field, part: &str, lang: Lang) -> Option<String> {
    let of =
        |choices: &[Choice]| choices.iter().find(|one| one.value == part).map(|one| one.label.get(lang).to_owned());
    match field.kind {
        FieldType::Matrix => of(&field.rows),
        FieldType::Ranking => of(&field.choices),
        FieldType::Address if ADDRESS.contains(&part) => {
            Some(Words::shared().text(lang, &format!("address-{}", part.replace('_', "-"))))
        }
        _ => None,
    }
}

/// Links to the page at `base` in every language of the site; `carried` stands behind the language.
pub fn language_links(site: &SiteDefinition, base: &str, lang: Lang, carried: &str) -> Vec<LanguageLink> {
    let links = site.languages.iter().map(|one| LanguageLink {
        tag: one.tag(),
        name: one.own_name(),
        url: format!("{base}?lang={one}{carried}"),
        current: *one == lang,
    });
    links.collect()
}

/// The link to the policy version that `shown` names.
pub fn policy_link(shown: &Shown, lang: Lang) -> PolicyLink {
    let policy = &shown.policy;
    let definition = &policy.definition;
    let date = crate::policies::parse_date(&definition.effective);
    let title = definition.title.get(lang);
    let number = policy.version.number.to_string();
    PolicyLink {
        title: title.to_owned(),
        named: Words::shared().with(lang, "policy-named", &[("title", title.into()), ("number", number.into())]),
        url: format!("/policies/{}/{}/{}?lang={lang}", definition.site, definition.slug, policy.version.number),
        effective: date.map_or_else(|| definition.effective.clone(), |date| Words::shared().date(lang, date)),
    }
}

/// What is told of each purpose.
pub fn purpose_views(shown: &Shown, lang: Lang) -> Vec<PurposeView> {
    let words = Words::shared();
    let nothing = Sent::default();
    let views = shown.purposes.iter().map(|purpose| {
        let definition = &purpose.definition;
        let serving = shown.form.questions().filter(|(field, _)| field.purpose.as_ref() == Some(&definition.slug));
        let (unit, count) = definition.retention_in_words();
        PurposeView {
            title: definition.title.get(lang).to_owned(),
            description: definition.description.get(lang).to_owned(),
            fields: serving
                .map(|(field, _)| plain_phrase(&shown.form.definition, &field.label, &nothing, lang))
                .filter(|label| !label.is_empty())
                .chain(identity_parts(&shown.form.definition, &definition.slug, lang))
                .collect(),
            legal_basis: words.text(lang, &format!("legal-basis-{}", definition.legal_basis.name().replace('_', "-"))),
            retention: words.with(lang, &format!("retention-{unit}"), &[("count", count.into())]),
        }
    });
    views.collect()
}

/// What is kept for the purpose `slug` of whoever signs in.
fn identity_parts(form: &FormDefinition, slug: &str, lang: Lang) -> Vec<String> {
    let Some(sign_in) = form.sign_in.as_ref().filter(|sign_in| sign_in.purpose == slug) else { return Vec::new() };
    let keys = sign_in.identity.iter().map(|part| match part {
        IdentityPart::Name => "identity-name",
        IdentityPart::Email => "identity-email",
    });
    keys.chain(["identity-subject"]).map(|key| Words::shared().text(lang, key)).collect()
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

fn field_view(scene: &Scene<'_>, field: &Field) -> FieldView {
    let (lang, sent) = (scene.lang, scene.sent);
    let id = control_id(&field.name);
    let error = scene.messages.get(field.name.as_str()).cloned();
    let hint = field.hint.as_ref().map(|hint| hint.get(lang).to_owned());
    let scale = matches!(field.kind, FieldType::Rating | FieldType::Nps);
    let note = field.when.as_ref().map(|when| note(scene, when));
    let described_by = [
        note.is_some().then(|| format!("{id}-note")),
        hint.is_some().then(|| format!("{id}-hint")),
        scale.then(|| format!("{id}-ends")),
        error.is_some().then(|| format!("{id}-error")),
    ];
    let (input_type, input_mode) = match field.kind {
        FieldType::Email => ("email", None),
        FieldType::Phone => ("tel", None),
        FieldType::Url => ("url", None),
        FieldType::Date => ("date", None),
        FieldType::Time => ("time", None),
        FieldType::Number => ("text", Some("decimal")),
        _ => ("text", None),
    };
    let accepted = field.accept.iter().filter_map(|name| uploads::named(name));
    FieldView {
        name: field.name.clone(),
        kind: field.kind.name(),
        label: phrase(scene, &field.label),
        required: field.required,
        autocomplete: match field.kind {
            FieldType::Country => Some(field.autocomplete.clone().unwrap_or_else(|| "country".to_owned())),
            _ => field.autocomplete.clone(),
        },
        value: sent.text(&field.name).to_owned(),
        input_type,
        input_mode,
        limits: limits(field),
        words: words_for(field, lang, scene.upload_bytes),
        counted: field.max_length.filter(|_| field.kind == FieldType::LongText),
        described_by: described_by.into_iter().flatten().collect::<Vec<_>>().join(" "),
        choices: choice_views(scene, field, &id),
        other: field.other.then(|| {
            let name = format!("{}.{OTHER}", field.name);
            OtherView {
                id: format!("{id}--{}", field.choices.len() + 1),
                text_id: control_id(&name),
                value: sent.text(&name).to_owned(),
                checked: sent.has(&field.name, OTHER),
                error: scene.messages.get(name.as_str()).cloned(),
                name,
            }
        }),
        rows: row_views(scene, field),
        when: field.when.as_ref().map(condition_json),
        note,
        accept: accepted.flat_map(|one| one.endings).map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(","),
        multiple: field.max_files.unwrap_or(1) > 1,
        files: sent
            .files(&field.name)
            .iter()
            .filter_map(|file| Some((scene.kept.get(&file.upload)?.clone(), file.name.clone())))
            .collect(),
        id,
        hint,
        error,
    }
}

/// What browser and script may check before the server does.
fn limits(field: &Field) -> Vec<(&'static str, String)> {
    let text = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::text).map(str::to_owned);
    let number = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::number).map(|number| number.to_string());
    let mut limits = Vec::new();
    let mut put = |name, value: Option<String>| limits.extend(value.map(|value| (name, value)));
    put("min", text(&field.min));
    put("max", text(&field.max));
    put("data-low", number(&field.min).filter(|_| field.kind == FieldType::Number));
    put("data-high", number(&field.max).filter(|_| field.kind == FieldType::Number));
    put("data-least", field.min_length.or(field.min_choices).map(|count| count.to_string()));
    put("data-most", field.max_length.or(field.max_choices).map(|count| count.to_string()));
    put("pattern", field.pattern.clone().filter(|pattern| means_the_same_to_browsers(pattern)));
    if field.kind == FieldType::File {
        put("data-most", Some(field.max_files.unwrap_or(1).to_string()));
        put("data-bytes", Some(field.max_bytes.unwrap_or(DEFAULT_FILE_BYTES).to_string()));
    }
    limits
}

/// Whether a pattern has only what regular expressions here and in browsers read alike, and what
/// those of browsers, which try every way to match, decide soon: `(a+)+` and `a*a*a*` would stop the
/// page of who follows a link that fills in a long answer. Others are checked on the server alone.
fn means_the_same_to_browsers(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let repeats_a_group = bytes.windows(2).any(|pair| pair[0] == b')' && matches!(pair[1], b'*' | b'+' | b'{' | b'?'));
    // `{6}` leaves nothing to try.
    let repeats = bytes.iter().filter(|byte| matches!(byte, b'*' | b'+' | b'?')).count()
        + pattern
            .split('{')
            .skip(1)
            .filter(|rest| rest.split('}').next().is_some_and(|count| count.contains(',')))
            .count();
    pattern.is_ascii()
        && !repeats_a_group
        && repeats <= 2
        && !pattern.contains("(?")
        && !pattern.contains("&&")
        && !pattern.contains("--")
        && !pattern.contains("[[")
        && !pattern.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_alphanumeric())
}

/// The sentences for everything that the script can find wrong itself.
fn words_for(field: &Field, lang: Lang, upload_bytes: u64) -> Vec<(&'static str, String)> {
    let mut codes: Vec<(Code, Option<String>)> = Vec::new();
    let kind = field.kind;
    if field.required && !matches!(kind, FieldType::Address | FieldType::Matrix) {
        codes.push((if kind == FieldType::Confirmation { Code::Unconfirmed } else { Code::Required }, None));
    }
    match kind {
        FieldType::Email => codes.push((Code::Email, None)),
        FieldType::Url => codes.push((Code::Url, None)),
        FieldType::Number => codes.push((Code::Number, None)),
        FieldType::Date => codes.push((Code::Date, None)),
        FieldType::Time => codes.push((Code::Time, None)),
        FieldType::Ranking => codes.push((Code::Ranking, None)),
        FieldType::File => {
            codes.push((Code::TooManyFiles, Some(field.max_files.unwrap_or(1).to_string())));
            codes.push((Code::FileTooLarge, Some(size(field.max_bytes.unwrap_or(DEFAULT_FILE_BYTES)))));
            codes.push((Code::FileType, Some(field.accept.join(", "))));
            codes.push((Code::FileEmpty, None));
        }
        _ => {}
    }
    let bound = |bound: &Bound| bound.number().map_or_else(|| bound.text().unwrap_or("").to_owned(), |n| n.to_string());
    if kind != FieldType::Rating {
        codes.extend(field.min.as_ref().map(|limit| (Code::TooSmall, Some(bound(limit)))));
        codes.extend(field.max.as_ref().map(|limit| (Code::TooLarge, Some(bound(limit)))));
    }
    codes.extend(field.min_length.map(|limit| (Code::TooShort, Some(limit.to_string()))));
    codes.extend(field.max_length.map(|limit| (Code::TooLong, Some(limit.to_string()))));
    codes.extend(field.min_choices.map(|limit| (Code::TooFewChoices, Some(limit.to_string()))));
    codes.extend(field.max_choices.map(|limit| (Code::TooManyChoices, Some(limit.to_string()))));
    if field.pattern.as_deref().is_some_and(means_the_same_to_browsers) {
        codes.push((Code::Pattern, None));
    }
    let sentences = codes.into_iter().map(|(code, limit)| {
        let error = FieldError { control: field.name.clone(), code, limit };
        (code.name(), error.message(Words::shared(), lang, field.pattern_message.as_ref()))
    });
    let mut sentences: Vec<_> = sentences.collect();
    if kind == FieldType::File {
        // The server refuses such a request as a whole, so only the script ever says this.
        let limit = size(upload_bytes).into();
        sentences.push(("files-too-large", Words::shared().with(lang, "error-files-too-large", &[("limit", limit)])));
    }
    sentences
}

/// A number of bytes as people write it.
pub fn size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = KB * KB;
    if bytes < KB {
        format!("{bytes} B")
    } else if bytes < MB {
        format!("{} KB", bytes.div_ceil(KB))
    } else if bytes.is_multiple_of(MB) {
        format!("{} MB", bytes / MB)
    } else {
        format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB)
    }
}

fn row_views(scene: &Scene<'_>, field: &Field) -> Vec<FieldView> {
    let (lang, sent) = (scene.lang, scene.sent);
    let row = |part: &str| {
        let name = format!("{}.{part}", field.name);
        let id = control_id(&name);
        let error = scene.messages.get(name.as_str()).cloned();
        FieldView {
            label: part_label(field, part, lang).unwrap_or_default(),
            described_by: error.as_ref().map_or_else(String::new, |_| format!("{id}-error")),
            value: sent.text(&name).to_owned(),
            error,
            id,
            name,
            input_type: "text",
            ..FieldView::default()
        }
    };
    let needed = |view: FieldView| {
        let error = FieldError { control: view.name.clone(), code: Code::Required, limit: None };
        let words = vec![(Code::Required.name(), error.message(Words::shared(), lang, None))];
        FieldView { required: true, words, ..view }
    };
    let options = |pairs: Vec<(String, String)>, chosen: &str| {
        let views = pairs.into_iter().map(|(value, label)| ChoiceView {
            id: String::new(),
            checked: value == chosen,
            value,
            label,
            image: None,
            when: None,
            note: None,
        });
        views.collect()
    };
    match field.kind {
        FieldType::Address => {
            let parts = ADDRESS.iter().map(|part| {
                let mut view = row(part);
                let token = match *part {
                    "street" => "address-line1",
                    "extra" => "address-line2",
                    "postal_code" => "postal-code",
                    "city" => "address-level2",
                    "region" => "address-level1",
                    _ => "country",
                };
                view.autocomplete = Some(token.to_owned());
                view.kind = if *part == "country" { "country" } else { "short_text" };
                if *part == "country" {
                    let chosen = match (view.value.as_str(), field.required) {
                        ("", true) => scene.country.unwrap_or(""),
                        (value, _) => value,
                    };
                    view.choices = options(countries(lang).to_vec(), chosen);
                }
                if field.required && ADDRESS_NEEDS.contains(part) { needed(view) } else { view }
            });
            parts.collect()
        }
        FieldType::Matrix => {
            let rows = field.rows.iter().map(|one| {
                let mut view = row(&one.value);
                view.choices = field
                    .choices
                    .iter()
                    .enumerate()
                    .map(|(i, choice)| ChoiceView {
                        id: format!("{}--{}", view.id, i + 1),
                        value: choice.value.clone(),
                        label: choice.label.get(lang).to_owned(),
                        checked: sent.has(&view.name, &choice.value),
                        image: None,
                        when: None,
                        note: None,
                    })
                    .collect();
                if field.required { needed(view) } else { view }
            });
            rows.collect()
        }
        FieldType::Ranking => {
            let listed = matches!(sent.get(&field.name), Some(super::SentValue::Texts(_)));
            let rows = field.choices.iter().map(|choice| {
                let mut view = row(&choice.value);
                if listed && let Some(super::SentValue::Texts(texts)) = sent.get(&field.name) {
                    let place = texts.iter().position(|text| *text == choice.value);
                    view.value = place.map_or_else(String::new, |place| (place + 1).to_string());
                }
                let places = (1..=field.choices.len()).map(|n| (n.to_string(), n.to_string())).collect();
                let chosen = view.value.clone();
                view.choices = options(places, &chosen);
                view
            });
            rows.collect()
        }
        _ => Vec::new(),
    }
}

fn choice_views(scene: &Scene<'_>, field: &Field, id: &str) -> Vec<ChoiceView> {
    let (lang, sent) = (scene.lang, scene.sent);
    let words = Words::shared();
    let plain =
        |pairs: Vec<(String, String)>| pairs.into_iter().map(|(value, label)| (value, label, None)).collect::<Vec<_>>();
    let choices: Vec<(String, String, Option<&Choice>)> = match field.kind {
        FieldType::YesNo => plain(["yes", "no"].map(|value| (value.to_owned(), words.text(lang, value))).into()),
        FieldType::Rating | FieldType::Nps => {
            let (least, most) = field.scale();
            plain((least..=most).map(|n| (n.to_string(), n.to_string())).collect())
        }
        FieldType::Country => plain(countries(lang).to_vec()),
        FieldType::Ranking | FieldType::Matrix => Vec::new(),
        _ => {
            let own = field.choices.iter();
            own.map(|choice| (choice.value.clone(), choice.label.get(lang).to_owned(), Some(choice))).collect()
        }
    };
    let views = choices.into_iter().enumerate().map(|(i, (value, label, own))| {
        let image = own.and_then(|choice| choice.image.as_ref());
        let when = own.and_then(|choice| choice.when.as_ref());
        ChoiceView {
            id: format!("{id}--{}", i + 1),
            checked: sent.has(&field.name, &value),
            value,
            label,
            image: image.map(|name| format!("/brand/{}/{name}", scene.form.site)),
            when: when.map(condition_json),
            note: when.map(|when| note(scene, when)),
        }
    });
    views.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_patterns_that_they_read_alike_and_decide_soon() {
        for pattern in ["[A-Z]{2}-[0-9]{6}", "[a-z]+@[a-z]+", "(FT|AB)-[0-9]{1,6}", "https?:[a-z]+"] {
            assert!(means_the_same_to_browsers(pattern), "{pattern}");
        }
        for pattern in [
            "(a+)+",
            "(a+)*b",
            "(a|a){2,}",
            "(ab)?",
            "((a)b)+",
            "a*a*a*",
            "[a-z]{1,9}a+a?",
            "\\d",
            "ä",
            "(?:a)",
            "[a--b]",
        ] {
            assert!(!means_the_same_to_browsers(pattern), "{pattern}");
        }
    }
}
