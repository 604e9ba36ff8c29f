//! What staff see: the inbox, one submission, its status, and its sealed parts for export.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::admission;
use super::sealing::{Context, open_part};
use super::store::{self, PartRow, SubmissionRow, View};
use super::visitors::Verified;
use super::{IDENTITY, Status, parse_reference, sign_in, uploads};
use crate::app::App;
use crate::consents::Action;
use crate::crypto::SealError;
use crate::forms::catalog::purpose_slugs;
use crate::forms::uploads::{FileAnswer, named as file_type};
use crate::forms::view::{PolicyLink, plain_phrase, policy_link, size};
use crate::forms::{Answers, Category, Field, FieldType, Published, Sent, Shown};
use crate::forms::{countries, definition::ADDRESS};
use crate::ledger;
use crate::server::html;
use crate::server::language;
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::staff::{Access, Frame};
use crate::words::{Tongue, Words};

/// Submissions on one page of the inbox.
const PAGE: u32 = 25;

/// What the inbox is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    form: String,
    #[serde(default)]
    status: String,
    #[serde(default, rename = "ref")]
    reference: String,
    before: Option<Uuid>,
}

/// A choice in one of the inbox's menus.
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What staff read.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// One line of the inbox.
pub struct Line {
    /// The submission's page.
    pub url: String,
    /// What people quote.
    pub reference: String,
    /// The form's title.
    pub form: String,
    /// The site's name.
    pub site: String,
    /// When it came in, in words.
    pub received: String,
    /// The same for machines.
    pub received_iso: String,
    /// Name of the status.
    pub status: String,
    /// The status in words.
    pub status_label: String,
    /// Who sent it, masked.
    pub sender: String,
}

/// The context of `templates/submissions/inbox.html`.
#[derive(Template)]
#[template(path = "submissions/inbox.html")]
pub struct InboxPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The forms to choose from.
    pub forms: Vec<Choice>,
    /// The statuses to choose from.
    pub statuses: Vec<Choice>,
    /// The reference that was searched for.
    pub reference: String,
    /// Whether what was typed can't be a reference.
    pub reference_wrong: bool,
    /// Whether anything narrows the list.
    pub filtered: bool,
    /// The submissions.
    pub lines: Vec<Line>,
    /// The next page, if there is one.
    pub older: Option<String>,
    /// The first page, unless this is it.
    pub newest: Option<String>,
}

fn tongue(request: &HttpRequest) -> Tongue {
    Tongue::new(language::of_request(request, &Lang::ALL))
}

/// `GET /staff/inbox`: those who may read submissions see theirs.
pub async fn list(
    app: web::Data<App>,
    access: Access,
    query: web::Query<ListQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let t = tongue(&request);
    let query = query.into_inner();
    let current = app.catalog.current().await?;
    let readable = access.readable_forms(&current);
    if readable.as_ref().is_some_and(Vec::is_empty)
        && access.grants.iter().all(|grant| grant.role != crate::staff::Role::Reviewer)
    {
        return Err(Problem::forbidden());
    }
    let reference = parse_reference(&query.reference);
    let status = Status::named(&query.status);
    let asked = current
        .forms_in_order()
        .into_iter()
        .find(|entry| form_path(&entry.shown.form) == query.form)
        .map(|entry| entry.form_id);
    let forms = match (asked, readable) {
        (Some(form), None) => Some(vec![form]),
        (Some(form), Some(own)) => Some(own.into_iter().filter(|id| *id == form).collect()),
        // A form that is not there has no submissions; showing all of them would mislead.
        (None, _) if !query.form.is_empty() => Some(Vec::new()),
        (None, readable) => readable,
    };
    let searched = !query.reference.trim().is_empty();
    let reference_wrong = searched && reference.is_none();
    let view = View { forms, status, reference, before: query.before };
    let mut rows = if reference_wrong { Vec::new() } else { store::page(app.db.reader(), &view, PAGE + 1).await? };
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let lines = lines(&app, &rows, t).await?;
    let link = |before: Option<Uuid>| {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("form", &query.form), ("status", &query.status), ("ref", &query.reference)] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            pairs.append_pair("before", &before.to_string());
        }
        format!("/staff/inbox?{}", pairs.finish())
    };
    let older = rows.last().filter(|_| more).map(|row| link(Some(row.id)));
    let forms =
        current.forms_in_order().into_iter().filter(|entry| access.reads(entry.site_id, entry.form_id)).map(|entry| {
            let path = form_path(&entry.shown.form);
            let label =
                format!("{} · {}", entry.shown.site.definition.name, entry.shown.form.definition.title.get(t.lang));
            Choice { selected: path == query.form, value: path, label }
        });
    let statuses = Status::ALL.map(|one| Choice {
        value: one.name().to_owned(),
        label: status_label(t, one.name()),
        selected: status == Some(one),
    });
    let page = InboxPage {
        frame: access.frame(t),
        t,
        forms: forms.collect(),
        statuses: statuses.into(),
        filtered: status.is_some() || asked.is_some() || searched,
        reference: query.reference.clone(),
        reference_wrong,
        lines,
        older,
        newest: query.before.map(|_| link(None)),
    };
    html::page(StatusCode::OK, &page)
}

fn form_path(form: &Published) -> String {
    format!("{}/{}", form.definition.site, form.definition.slug)
}

fn status_label(t: Tongue, status: &str) -> String {
    t.text(&format!("status-{status}"))
}

async fn lines(app: &App, rows: &[SubmissionRow], t: Tongue) -> Result<Vec<Line>, Problem> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut parts: HashMap<Uuid, Vec<PartRow>> = HashMap::new();
    for part in store::parts(app.db.reader(), &ids).await? {
        parts.entry(part.submission_id).or_default().push(part);
    }
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(shown) = store::shown(app, row, &[], &[]).await? else { continue };
        let sender = masked_sender(app, row, &shown.form, parts.get(&row.id).map_or(&[], Vec::as_slice));
        lines.push(Line {
            url: format!("/staff/submissions/{}", row.id),
            reference: row.reference.clone(),
            form: shown.form.definition.title.get(t.lang).to_owned(),
            site: shown.site.definition.name.clone(),
            received: Words::shared().moment(t.lang, row.received_at),
            received_iso: iso(row.received_at),
            status: row.status.clone(),
            status_label: status_label(t, &row.status),
            sender,
        });
    }
    Ok(lines)
}

fn iso(moment: time::OffsetDateTime) -> String {
    moment.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// The first two personal lines of text, masked. Only as much is opened as that takes.
fn masked_sender(app: &App, row: &SubmissionRow, form: &Published, parts: &[PartRow]) -> String {
    let wanted: Vec<&Field> = form
        .questions()
        .map(|(field, _)| field)
        .filter(|field| field.category == Some(Category::Personal))
        .filter(|field| names_somebody(field))
        .take(2)
        .collect();
    let mut found: Vec<(usize, String)> = Vec::new();
    let signed_in = usize::from(form.definition.sign_in.is_some());
    for part in parts {
        if found.len() == wanted.len() + signed_in {
            break;
        }
        let Ok(answers) = opened(app, row, part) else { continue };
        if let Some(identity) = answers.expose(IDENTITY).and_then(Verified::from_value) {
            let name = identity.name.as_deref().map(|name| mask(FieldType::ShortText, name));
            let email = || identity.email.as_deref().map(|email| mask(FieldType::Email, email));
            found.extend(name.or_else(email).map(|masked| (0, masked)));
        }
        for (place, field) in wanted.iter().enumerate() {
            if let Some(Value::String(text)) = answers.expose(&field.name) {
                found.push((place + 1, mask(field.kind, text)));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, masked)| masked).collect::<Vec<_>>().join(", ")
}

/// Whether the answer says who somebody is, rather than what they think.
fn names_somebody(field: &Field) -> bool {
    const NAMES: [&str; 6] = ["name", "given-name", "family-name", "nickname", "username", "organization"];
    match field.kind {
        FieldType::Email | FieldType::Phone => true,
        FieldType::ShortText => field.autocomplete.as_deref().is_some_and(|token| NAMES.contains(&token)),
        _ => false,
    }
}

/// Enough to recognise what one already knows, and no more.
fn mask(kind: FieldType, text: &str) -> String {
    let first = |word: &str| word.chars().next().map_or_else(String::new, |c| format!("{c}•••"));
    match (kind, text.split_once('@')) {
        (FieldType::Email, Some((local, domain))) => {
            let ending = domain.rsplit('.').next().unwrap_or_default();
            format!("{}@{}.{ending}", first(local), first(domain))
        }
        (FieldType::Phone, _) => {
            let end: Vec<char> = text.chars().rev().take(2).collect();
            format!("•••{}", end.into_iter().rev().collect::<String>())
        }
        _ => text.split_whitespace().map(first).collect::<Vec<_>>().join(" "),
    }
}

fn opened(app: &App, row: &SubmissionRow, part: &PartRow) -> Result<Answers, SealError> {
    let keyring = app.keyring.as_ref().ok_or(SealError::Unopenable)?;
    let identity = keyring.identity(part.inbox_key_id, &part.wrapped_identity, app.ambient.now())?;
    open_part(&identity, &part.sealed, &context(row, part))
}

fn context(row: &SubmissionRow, part: &PartRow) -> Context {
    Context {
        submission: row.id,
        purpose_version: part.purpose_version_id,
        form_version: row.form_version_id,
        policy_version: row.policy_version_id,
    }
}

/// The submission, if the account may read it. The same answer for "not there" and "not yours".
async fn readable(app: &App, access: &Access, id: Uuid) -> Result<SubmissionRow, Problem> {
    let row = store::find(app.db.reader(), id).await?;
    row.filter(|row| access.reads(row.site_id, row.form_id)).ok_or_else(Problem::not_found)
}

/// One answer in words.
pub struct AnswerView {
    /// The question, as it was asked.
    pub label: String,
    /// The answer; several lines for several choices.
    pub lines: Vec<String>,
    /// A link for addresses, such as `mailto:`.
    pub link: Option<String>,
    /// Whether it was left empty.
    pub empty: bool,
    /// Files: name, size in words, and where each can be had.
    pub files: Vec<(String, String, String)>,
    /// Who vouches for it, where somebody does.
    pub verified: Option<String>,
}

/// The answers of one purpose.
pub struct PartView {
    /// The purpose's title.
    pub title: String,
    /// The purpose's slug, for the export.
    pub slug: String,
    /// What allows it.
    pub legal_basis: String,
    /// When it is due for erasure, in words.
    pub expires: Option<String>,
    /// The answers, in the form's order.
    pub answers: Vec<AnswerView>,
    /// Whether it did not open.
    pub unopenable: bool,
    /// Where the sealed part can be had.
    pub export: Option<String>,
}

/// One consent.
pub struct ConsentView {
    /// The purpose's title.
    pub title: String,
    /// The exact words beside the checkbox.
    pub wording: String,
    /// `given`, `refused` or `withdrawn`.
    pub action: &'static str,
    /// When.
    pub when: String,
    /// The purpose's version.
    pub version: i32,
    /// How many questions were not kept because it was refused.
    pub withheld: Vec<String>,
}

/// One entry of the submission's history.
pub struct HistoryView {
    /// What happened, in words.
    pub what: String,
    /// Who did it.
    pub who: String,
    /// When, in words.
    pub when: String,
}

/// The context of `templates/submissions/show.html`.
#[derive(Template)]
#[template(path = "submissions/show.html")]
pub struct SubmissionPage {
    /// The layout's part.
    pub frame: Frame,
    /// The words.
    pub t: Tongue,
    /// The submission's path.
    pub base: String,
    /// What people quote.
    pub reference: String,
    /// The form's title as it was shown.
    pub form: String,
    /// The form version's number.
    pub form_version: i32,
    /// The site's name.
    pub site: String,
    /// When it came in.
    pub received: String,
    /// The language that was shown.
    pub lang: String,
    /// Where in the customer's journey.
    pub touchpoint: String,
    /// How it came in, in words.
    pub method: String,
    /// Controls that were ignored.
    pub unknown_fields: i32,
    /// Why it was held back, in words.
    pub suspicions: Vec<String>,
    /// The statuses to choose from.
    pub statuses: Vec<Choice>,
    /// The answers by purpose.
    pub parts: Vec<PartView>,
    /// The consents.
    pub consents: Vec<ConsentView>,
    /// The policy that was shown.
    pub policy: PolicyLink,
    /// Who did what with it.
    pub history: Vec<HistoryView>,
}

/// `GET /staff/submissions/{id}`: those who may read this form's submissions. The reading is
/// recorded before anything is shown.
pub async fn show(
    app: web::Data<App>,
    access: Access,
    id: web::Path<Uuid>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let row = readable(&app, &access, *id).await?;
    let entry =
        ledger::Entry::new("submission-opened", json!({ "submission": row.id })).by(access.staff_id).about(row.id);
    ledger::append(app.db.writer(), &app.ambient, entry).await?;
    let reader = app.db.reader();
    let parts = store::parts(reader, &[row.id]).await?;
    let events = store::events(reader, row.id).await?;
    let shown = store::shown(&app, &row, &parts, &events).await?.ok_or_else(Problem::internal)?;
    let history = ledger::about(reader, row.id, 20).await?;
    let t = tongue(&request);
    let exports = access.administers(row.site_id, row.form_id);
    let consents = events.iter().filter_map(|event| {
        let purpose = shown.purpose_version(event.purpose_version_id)?;
        let action = Action::named(&event.action)?;
        let asked =
            shown.form.questions().filter(|(field, _)| field.purpose.as_ref() == Some(&purpose.definition.slug));
        Some(ConsentView {
            title: purpose.definition.title.get(t.lang).to_owned(),
            // As it was read, not as staff would read it.
            wording: purpose
                .definition
                .wording
                .as_ref()
                .map_or("", |wording| wording.get(row_lang(&row, &shown)))
                .to_owned(),
            action: action.name(),
            when: Words::shared().moment(t.lang, event.occurred_at),
            version: purpose.version.number,
            withheld: if action == Action::Refused {
                asked.map(|(field, _)| field.label.get(t.lang).to_owned()).collect()
            } else {
                Vec::new()
            },
        })
    });
    let page = SubmissionPage {
        frame: access.frame(t),
        t,
        base: format!("/staff/submissions/{}", row.id),
        reference: row.reference.clone(),
        form: shown.form.definition.title.get(t.lang).to_owned(),
        form_version: shown.form.version.number,
        site: shown.site.definition.name.clone(),
        received: Words::shared().moment(t.lang, row.received_at),
        lang: row_lang(&row, &shown).own_name().to_owned(),
        touchpoint: row.touchpoint.clone(),
        method: t.text(&format!("method-{}", row.method)),
        unknown_fields: row.unknown_fields,
        suspicions: row
            .suspicions
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| t.text(&format!("suspicion-{name}")))
            .collect(),
        statuses: Status::ALL
            .map(|one| Choice {
                value: one.name().to_owned(),
                label: status_label(t, one.name()),
                selected: one.name() == row.status,
            })
            .into(),
        parts: part_views(&app, &row, &shown, &parts, t, exports),
        consents: consents.collect(),
        policy: policy_link(&shown, t.lang),
        history: history
            .into_iter()
            .map(|entry| HistoryView {
                what: t.text(&format!("ledger-{}", entry.kind)),
                who: entry.actor.unwrap_or_default(),
                when: Words::shared().moment(t.lang, entry.occurred_at),
            })
            .collect(),
    };
    html::page(StatusCode::OK, &page)
}

fn row_lang(row: &SubmissionRow, shown: &Shown) -> Lang {
    row.lang.parse().unwrap_or_else(|_| shown.site.definition.default_language())
}

fn part_views(
    app: &App,
    row: &SubmissionRow,
    shown: &Shown,
    parts: &[PartRow],
    t: Tongue,
    exports: bool,
) -> Vec<PartView> {
    let mut views = Vec::with_capacity(parts.len());
    let order = purpose_slugs(&shown.form.definition);
    let mut purposes: Vec<_> = shown.purposes.iter().collect();
    purposes.sort_by_key(|purpose| order.iter().position(|slug| *slug == purpose.definition.slug));
    for purpose in purposes {
        let Some(part) = parts.iter().find(|part| part.purpose_version_id == purpose.version.id) else { continue };
        let answers = opened(app, row, part);
        if let Err(error) = &answers {
            tracing::error!(%error, submission = %row.id, "a part does not open");
        }
        let definition = &purpose.definition;
        let questions = shown
            .form
            .questions()
            .map(|(field, _)| field)
            .filter(|field| field.purpose.as_ref() == Some(&definition.slug));
        views.push(PartView {
            title: definition.title.get(t.lang).to_owned(),
            slug: definition.slug.clone(),
            legal_basis: t.text(&format!("legal-basis-{}", definition.legal_basis.name().replace('_', "-"))),
            expires: part.expires_at.map(|moment| Words::shared().date(t.lang, moment.date())),
            unopenable: answers.is_err(),
            answers: answers.map_or_else(
                |_| Vec::new(),
                |answers| {
                    let identity = answers.expose(IDENTITY).and_then(Verified::from_value);
                    let identity = identity.map_or_else(Vec::new, |identity| identity_views(app, &identity, t));
                    let questions = questions.map(|field| answer_view(row, &shown.form, field, &answers, t));
                    identity.into_iter().chain(questions).collect()
                },
            ),
            export: exports.then(|| format!("/staff/submissions/{}/parts/{}.age", row.id, definition.slug)),
        });
    }
    views
}

fn answer_view(row: &SubmissionRow, form: &Published, field: &Field, answers: &Answers, t: Tongue) -> AnswerView {
    let other = answers.expose(&format!("{}.other", field.name)).and_then(Value::as_str);
    let in_words = |value: &str| match (field.choices.iter().find(|choice| choice.value == value), other) {
        (Some(choice), _) => choice.label.get(t.lang).to_owned(),
        (None, Some(other)) if field.other && value == "other" => t.with1("answer-other", "text", other),
        (None, _) => value.to_owned(),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines: Vec<String> = match (field.kind, answers.expose(&field.name)) {
        (_, None) | (FieldType::File, Some(_)) => Vec::new(),
        (FieldType::Address, Some(Value::Object(parts))) => {
            let named = ADDRESS.iter().filter_map(|part| Some((*part, parts.get(*part)?)));
            let lines = named.map(|(part, value)| match part {
                "country" => countries::name(t.lang, &text(value)).to_owned(),
                _ => text(value),
            });
            lines.collect()
        }
        (FieldType::Matrix, Some(Value::Object(rows))) => {
            let answered = field.rows.iter().filter_map(|row| Some((row, rows.get(&row.value)?)));
            answered.map(|(row, value)| format!("{}: {}", row.label.get(t.lang), in_words(&text(value)))).collect()
        }
        (FieldType::Ranking, Some(Value::Array(items))) => {
            items.iter().enumerate().map(|(i, item)| format!("{}. {}", i + 1, in_words(&text(item)))).collect()
        }
        (FieldType::Country, Some(Value::String(code))) => vec![countries::name(t.lang, code).to_owned()],
        (_, Some(Value::Bool(yes))) => vec![t.text(if *yes { "yes" } else { "no" })],
        (_, Some(Value::Array(items))) => items.iter().filter_map(Value::as_str).map(in_words).collect(),
        (kind, Some(Value::String(text))) if kind.has_choices() => vec![in_words(text)],
        (_, Some(Value::String(text))) => vec![text.clone()],
        (FieldType::Nps | FieldType::Rating, Some(Value::Number(number))) => {
            vec![format!("{number} / {}", field.scale().1)]
        }
        (_, Some(other)) => vec![other.to_string()],
    };
    let link = match (field.kind, lines.first()) {
        (FieldType::Email, Some(address)) => Some(format!("mailto:{address}")),
        (FieldType::Phone, Some(number)) => Some(format!("tel:{number}")),
        _ => None,
    };
    let label = plain_phrase(&form.definition, &field.label, &Sent::default(), t.lang);
    let label = if label.is_empty() { field.name.clone() } else { label };
    let files = files_in(field, answers).into_iter().map(|file| {
        let url = format!("/staff/submissions/{}/files/{}", row.id, file.upload);
        (file.name, size(file.bytes), url)
    });
    let files: Vec<_> = files.collect();
    AnswerView { label, empty: lines.is_empty() && files.is_empty(), lines, link, files, verified: None }
}

/// Who signed in, as answers that somebody vouches for.
fn identity_views(app: &App, identity: &Verified, t: Tongue) -> Vec<AnswerView> {
    let provider = sign_in::label_of(app, &identity.provider, t);
    let lines = sign_in::lines_of(identity, t).into_iter().map(|(label, value)| AnswerView {
        link: (identity.email.as_ref() == Some(&value)).then(|| format!("mailto:{value}")),
        label,
        lines: vec![value],
        empty: false,
        files: Vec::new(),
        verified: Some(t.with1("identity-verified", "provider", &provider)),
    });
    lines.collect()
}

fn files_in(field: &Field, answers: &Answers) -> Vec<FileAnswer> {
    let value = answers.expose(&field.name).filter(|_| field.kind == FieldType::File);
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}

/// `GET /staff/submissions/{id}/files/{upload}`: those who may read the submission. Recorded before
/// anything is given out, and given out to be saved, never shown.
pub async fn file(app: web::Data<App>, access: Access, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let (id, upload) = path.into_inner();
    let row = readable(&app, &access, id).await?;
    let reader = app.db.reader();
    let key = uploads::find(reader, upload, row.id).await?.ok_or_else(Problem::not_found)?;
    let parts = store::parts(reader, &[row.id]).await?;
    let form = app.catalog.form_version(row.form_version_id).await?.ok_or_else(Problem::internal)?;
    let mut found = None;
    for part in &parts {
        let Ok(answers) = opened(&app, &row, part) else { continue };
        let files = form.questions().flat_map(|(field, _)| files_in(field, &answers));
        found = found.or(files.into_iter().find(|file| file.upload == upload));
    }
    let file = found.ok_or_else(Problem::unopenable)?;
    let keyring = app.keyring.as_ref().ok_or_else(Problem::unopenable)?;
    let identity = keyring.identity(key.inbox_key_id, &key.wrapped_identity, app.ambient.now());
    let identity = identity.map_err(|_| Problem::unopenable())?;
    let body = json!({ "submission": row.id, "upload": upload });
    let entry = ledger::Entry::new("file-opened", body).by(access.staff_id).about(row.id);
    ledger::append(app.db.writer(), &app.ambient, entry).await?;
    let media = file_type(&file.kind).map_or("application/octet-stream", |kind| kind.media);
    let disposition = header::ContentDisposition {
        disposition: header::DispositionType::Attachment,
        parameters: vec![header::DispositionParam::FilenameExt(header::ExtendedValue {
            charset: header::Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: file.name.clone().into_bytes(),
        })],
    };
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header(disposition)
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .no_chunking(file.bytes)
        .streaming(uploads::content(&app.db, identity.clone(), &file)))
}

/// What the status form sends.
#[derive(Deserialize)]
pub struct StatusForm {
    csrf: String,
    status: String,
}

/// `POST /staff/submissions/{id}/status`: those who may read it.
pub async fn set_status(
    app: web::Data<App>,
    access: Access,
    id: web::Path<Uuid>,
    form: web::Form<StatusForm>,
) -> Result<HttpResponse, Problem> {
    access.check_csrf(&form.csrf)?;
    let row = readable(&app, &access, *id).await?;
    let status = Status::named(&form.status).ok_or_else(|| Problem::from_status(StatusCode::BAD_REQUEST))?;
    if status.name() != row.status {
        let transaction = app.db.begin().await?;
        store::set_status(&transaction, row.id, status).await?;
        if row.status == Status::Spam.name() {
            admission::released(&transaction, row.form_id, row.id).await?;
        }
        let body = json!({ "submission": row.id, "from": row.status, "to": status.name() });
        let entry = ledger::Entry::new("submission-status-changed", body).by(access.staff_id).about(row.id);
        ledger::append(&transaction, &app.ambient, entry).await?;
        transaction.commit().await.map_err(crate::db::Error::from)?;
        app.fullness.forget(row.form_id);
    }
    Ok(html::see_other(&format!("/staff/submissions/{}", row.id)))
}

/// `GET /staff/submissions/{id}/parts/{purpose}.age`: administrators who have just proved who they are; as
/// it is kept: sealed. The
/// age program opens it with the inbox key's identity.
pub async fn sealed_part(
    app: web::Data<App>,
    access: Access,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, slug) = path.into_inner();
    let row = readable(&app, &access, id).await?;
    if !access.administers(row.site_id, row.form_id) {
        return Err(Problem::forbidden());
    }
    // What leaves the house can't be taken back.
    access.check_recent(&app, &format!("/staff/submissions/{id}"))?;
    let parts = store::parts(app.db.reader(), &[row.id]).await?;
    let shown = store::shown(&app, &row, &parts, &[]).await?.ok_or_else(Problem::internal)?;
    let wanted = shown.purpose(&slug).map(|purpose| purpose.version.id);
    let part = parts.into_iter().find(|part| Some(part.purpose_version_id) == wanted).ok_or_else(Problem::not_found)?;
    let body = json!({ "purpose": slug, "submission": row.id });
    let entry = ledger::Entry::new("part-exported", body).by(access.staff_id).about(row.id);
    ledger::append(app.db.writer(), &app.ambient, entry).await?;
    let name = format!("attachment; filename=\"{}-{slug}.age\"", row.reference);
    let mut response = HttpResponse::Ok().content_type("application/octet-stream").body(part.sealed);
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_leave_enough_to_recognise_and_no_more() {
        assert_eq!(mask(FieldType::Email, "ana.kovac@post.example"), "a•••@p•••.example");
        assert_eq!(mask(FieldType::Phone, "+4930123456"), "•••56");
        assert_eq!(mask(FieldType::ShortText, "Ana Kovač"), "A••• K•••");
    }
}
