//! Submissions as JSON.

use std::collections::BTreeMap;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body;
use super::door;
use super::pages::{Gate, gate, proof_of_thanks, token_key};
use super::receipt::Receipt;
use super::spam::{self, Evidence};
use super::visitors::{self, Visitor};
use super::writer::{Outcome, WriteError};
use super::{AcceptError, Incoming, Method, accept, limits::Limited, store};
use crate::app::App;
use crate::consents::Action;
use crate::forms::Sent;
use crate::forms::catalog::FormEntry;
use crate::forms::pages::{closed, problem_items};
use crate::forms::token::{self, Admitted};
use crate::server::problem::{Problem, ProblemJson};
use crate::server::{cors, language};
use crate::sites::Lang;

/// What is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionBody {
    /// By field name; a field of several choices takes a list. Names that the form does not have
    /// are ignored.
    #[schema(value_type = Object)]
    #[serde(default)]
    answers: BTreeMap<String, Value>,
    /// By purpose. What is not there is refused.
    #[serde(default)]
    consents: BTreeMap<String, bool>,
    /// The language in which the form was shown; the site's first where absent.
    #[serde(default)]
    lang: Option<String>,
    /// Where in the customer's journey, such as `checkout`.
    #[serde(default)]
    touchpoint: Option<String>,
    /// The token of the definition that was shown; the current versions count where absent.
    #[serde(default)]
    token: Option<String>,
    /// The solved challenge of a 428 answer, as JSON text: `{"challenge":…,"solution":…}`.
    #[serde(default)]
    proof: Option<String>,
    /// The access code of a form that has one.
    #[serde(default)]
    code: Option<String>,
    /// What stands behind `i=` in a personal link.
    #[serde(default)]
    invitation: Option<String>,
    /// What stands behind `a=` in the form's address once a visitor has signed in.
    #[serde(default)]
    admission: Option<String>,
}

/// What comes back.
#[derive(Serialize, ToSchema)]
pub struct CreatedBody {
    /// The submission.
    id: Uuid,
    /// What was received and agreed to.
    receipt: Receipt,
    /// The page that shows what is given in return, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    incentive_url: Option<String>,
}

impl CreatedBody {
    fn new(app: &App, entry: &FormEntry, receipt: Receipt) -> Self {
        let form = &entry.shown.form.definition;
        let given = receipt.consents.iter().map(|one| (one.purpose.slug.clone(), one.action == Action::Given.name()));
        let incentive_url = super::deserves(form, &given.collect()).then(|| {
            let proof = proof_of_thanks(app, &receipt.reference);
            let home = app.config.public_url();
            format!("{home}/f/{}/{}/done?ref={}&t={proof}", form.site, form.slug, receipt.reference)
        });
        Self { id: receipt.submission, receipt, incentive_url }
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Sends a form.
///
/// Anybody may send, from an allowed origin or from no browser at all, as often as the submission
/// limit allows. With an `Idempotency-Key` the same request gives the same answer and never a
/// second submission. Every error is told at once.
#[utoipa::path(
    post,
    path = "/api/v1/forms/{site}/{form}/submissions",
    params(
        ("site" = String, Path, description = "Slug of the site"),
        ("form" = String, Path, description = "Slug of the form"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters, new for every submission"),
    ),
    request_body = SubmissionBody,
    responses(
        (status = 201, description = "Stored, durably", body = CreatedBody),
        (status = 400, description = "The request can't be read", body = ProblemJson, content_type = "application/problem+json"),
        (status = 403, description = "The origin may not send this form", body = ProblemJson, content_type = "application/problem+json"),
        (status = 404, description = "There is no such form", body = ProblemJson, content_type = "application/problem+json"),
        (status = 409, description = "The key was used with another body", body = ProblemJson, content_type = "application/problem+json"),
        (status = 410, description = "The form is closed", body = ProblemJson, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemJson, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemJson, content_type = "application/problem+json"),
        (status = 422, description = "Answers do not fit; see `errors`", body = ProblemJson, content_type = "application/problem+json"),
        (status = 428, description = "Many are sending; solve `challenge` and send it along as `proof`", body = ProblemJson, content_type = "application/problem+json"),
        (status = 429, description = "Too much came from this address", body = ProblemJson, content_type = "application/problem+json"),
        (status = 503, description = "Not stored; try again after `Retry-After` seconds", body = ProblemJson, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let origin = cors::check(&request, &entry.shown.site.definition, &app.config.public_url())?;
    let limited = app.limits.count(Limited::Submissions, &request).map_err(Problem::from);
    let answered = match limited {
        Ok(()) => match body::whole(&app.bodies, payload, app.config.limits.body_bytes).await {
            Ok((raw, _held)) => answer(&app, &entry, &request, &raw).await,
            Err(problem) => Err(problem),
        },
        Err(problem) => Err(problem),
    };
    let mut response = answered.unwrap_or_else(|problem| {
        app.metrics.refused(request.match_pattern().as_deref().unwrap_or("unknown"), problem.kind);
        problem.respond(&request)
    });
    cors::allow(&mut response, origin.as_ref());
    Ok(response)
}

async fn answer(app: &App, entry: &FormEntry, request: &HttpRequest, raw: &[u8]) -> Result<HttpResponse, Problem> {
    let key = idempotency_key(entry, request)?.map(|key| (key, app.secrets.request_hash(&[raw])));
    let refusal = match accept_and_store(app, entry, request, raw, key).await {
        Err(problem) if problem.status.is_client_error() => problem,
        other => return other,
    };
    // A retry of what was accepted gets its answer, whatever the form or its token say now.
    if let Some((key, hash)) = key
        && let Some((id, first)) = store::by_key(app.db.reader(), &key).await?
    {
        let reused = || Problem::from(&WriteError::KeyReused(id));
        return if first == hash { repeated(app, entry, id).await } else { Err(reused()) };
    }
    Err(refusal)
}

async fn accept_and_store(
    app: &App,
    entry: &FormEntry,
    request: &HttpRequest,
    raw: &[u8],
    key: Option<([u8; 32], [u8; 32])>,
) -> Result<HttpResponse, Problem> {
    let body = parse(app, request, raw)?;
    let lang = language_of(&body, request, entry)?;
    let now = app.ambient.now();
    let mut admitted = None;
    let mut issued_at = None;
    let mut key = key;
    let shown = match &body.token {
        None => Ok(entry.shown.clone()),
        Some(token) => {
            let lifetime = Duration::hours(app.config.limits.form_token_hours.into());
            match token::verify(token, now, lifetime, &app.secrets) {
                Ok(token) => {
                    admitted = token.admitted;
                    issued_at = Some(token.issued_at);
                    // A token stands for one showing of the form, so it is used once, whatever the header says.
                    let request = key.map_or_else(|| app.secrets.request_hash(&[b"json", raw]), |(_, request)| request);
                    key = Some((token_key(entry, &token), request));
                    app.catalog.shown(entry, &token).await?
                }
                Err(error) => Err(error),
            }
        }
    };
    if !entry.shown.form.is_open(now) {
        return Err(closed(&entry.shown, lang, now));
    }
    let shown = shown.map_err(|error| Problem::from(error).in_language(lang))?;
    let (admitted, visitor) = let_in(app, entry, request, lang, &body, admitted).await?;
    let method = if body.token.is_some() { Method::Form } else { Method::Api };
    let sent = Sent::from_json(body.answers);
    // A proof belongs to a token, so whoever has none gets one with the challenge.
    let page = body.token.clone().unwrap_or_else(|| token::issue(&shown, admitted, &app.ambient, &app.secrets));
    let proof = body.proof.as_deref().filter(|_| body.token.is_some());
    // One program may send often, for many people; a browser sends for one.
    let is_browser = request.headers().contains_key(actix_web::http::header::ORIGIN);
    if let Gate::Closed(challenge) = gate(app, entry, request, &page, proof, is_browser).await? {
        let token = body.token.is_none().then_some(page);
        return Err(Problem::proof_needed(challenge, token).in_language(lang));
    }
    let (content, seen) = spam::copies(app.db.reader(), entry, &shown, &sent, &app.ambient, &app.secrets).await?;
    let issued_at = issued_at.filter(|_| is_browser);
    let evidence = Evidence { issued_at, seen, ..Evidence::default() };
    let incoming = Incoming {
        shown,
        method,
        lang,
        touchpoint: body.touchpoint,
        sent,
        consents: body.consents,
        evidence,
        content,
        admitted,
        visitor: visitor.map(|visitor| visitor.verified.clone()),
        idempotency: key,
    };
    let quickest = Duration::seconds(app.config.limits.quickest_seconds.into());
    let accepted = accept(entry, &incoming, &app.ambient, &app.secrets, quickest).map_err(|error| match error {
        AcceptError::Invalid(errors) => {
            Problem::invalid_answers(problem_items(&incoming.shown, lang, &errors)).in_language(lang)
        }
        AcceptError::Seal(error) => {
            tracing::error!(%error, "a submission could not be sealed");
            Problem::internal()
        }
    })?;
    let sealed = accepted.sealed;
    let consents = accepted.decided.iter().map(|one| (one.purpose.as_ref(), one.action));
    let receipt = Receipt::new(
        &incoming.shown,
        &app.config.public_url(),
        sealed.id,
        &sealed.reference,
        sealed.received_at,
        lang,
        consents,
    );
    let suspicions = sealed.suspicions.clone();
    match app.writer.commit(sealed).await {
        Ok(Outcome::Stored) => {
            app.metrics.stored(&suspicions);
            app.fullness.forget(entry.form_id);
            Ok(HttpResponse::Created().json(CreatedBody::new(app, entry, receipt)))
        }
        Ok(Outcome::Repeated(id)) => repeated(app, entry, id).await,
        Err(WriteError::FormFull) => Err(door::full(&incoming.shown, lang)),
        Err(error) => Err(Problem::from(&error).in_language(lang)),
    }
}

/// How the sender is let in, and who signed in, by the token or by what came along; or a refusal.
async fn let_in(
    app: &App,
    entry: &FormEntry,
    request: &HttpRequest,
    lang: Lang,
    body: &SubmissionBody,
    mut admitted: Option<Admitted>,
) -> Result<(Option<Admitted>, Option<Visitor>), Problem> {
    if admitted.is_none()
        && let Some(link) = &body.invitation
    {
        admitted = door::by_link(app, entry, link, false).await.map_err(|problem| problem.in_language(lang))?;
    }
    if admitted.is_none()
        && let Some(code) = &body.code
    {
        door::count(app, entry, Limited::Codes, request, lang)?;
        admitted = door::is_code(app, entry, code);
    }
    let visitor = match &body.admission {
        Some(admission) => visitors::find(app, entry, admission).await?,
        None => None,
    };
    // A token says itself who was signed in when the form was shown.
    if body.token.is_none()
        && let Some(visitor) = &visitor
    {
        admitted = Some(visitor.admitted());
    }
    if door::lets_in(app, entry, admitted, visitor.as_ref()) {
        Ok((admitted, visitor))
    } else {
        Err(door::not_admitted(entry, lang))
    }
}

/// The answer that the first request with this key got.
async fn repeated(app: &App, entry: &FormEntry, id: Uuid) -> Result<HttpResponse, Problem> {
    let receipt = store::receipt(app, id).await?.ok_or_else(Problem::internal)?;
    let mut response = HttpResponse::Created().json(CreatedBody::new(app, entry, receipt));
    response.headers_mut().insert(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
    Ok(response)
}

fn idempotency_key(entry: &FormEntry, request: &HttpRequest) -> Result<Option<[u8; 32]>, Problem> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.as_bytes();
    if key.is_empty() || key.len() > 255 || !key.iter().all(u8::is_ascii_graphic) {
        return Err(Problem::bad_idempotency_key());
    }
    Ok(Some(crate::crypto::sha256(&[entry.form_id.as_bytes().as_slice(), b"header", key].concat())))
}

fn parse(app: &App, request: &HttpRequest, raw: &[u8]) -> Result<SubmissionBody, Problem> {
    const WANT: &str = "application/json";
    if request.content_type() != WANT {
        return Err(Problem::wrong_media_type(WANT));
    }
    let text = std::str::from_utf8(raw).map_err(|_| Problem::wrong_encoding())?;
    // serde would read a list as the fields in order.
    if !text.trim_start().starts_with('{') {
        return Err(Problem::malformed_body("line 1, column 1"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed: Result<SubmissionBody, _> = serde_path_to_error::deserialize(&mut reader);
    // Only the place: the parser's own words may quote an answer.
    let body = parsed.map_err(|error| {
        let (line, column) = (error.inner().line(), error.inner().column());
        Problem::malformed_body(format!("line {line}, column {column}, {}", error.path()))
    })?;
    reader
        .end()
        .map_err(|error| Problem::malformed_body(format!("line {}, column {}", error.line(), error.column())))?;
    let most = app.config.limits.answers;
    // What a plain post would need a control for.
    let controls: usize = body.answers.values().map(controls).sum();
    if controls + body.consents.len() > most {
        return Err(Problem::too_many_fields(most));
    }
    if body.touchpoint.as_deref().is_some_and(|word| !super::is_touchpoint(word)) {
        return Err(Problem::wrong_touchpoint());
    }
    Ok(body)
}

/// How many controls of a page would hold this.
fn controls(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(controls).sum::<usize>().max(1),
        Value::Object(parts) => parts.values().map(controls).sum::<usize>().max(1),
        _ => 1,
    }
}

fn language_of(body: &SubmissionBody, request: &HttpRequest, entry: &FormEntry) -> Result<Lang, Problem> {
    let spoken = &entry.shown.site.definition.languages;
    let Some(tag) = &body.lang else { return Ok(language::of_request(request, spoken)) };
    let known = tag.parse().ok().filter(|lang| spoken.contains(lang));
    known.ok_or_else(|| Problem::wrong_language(&spoken.iter().map(Lang::to_string).collect::<Vec<_>>().join(", ")))
}
