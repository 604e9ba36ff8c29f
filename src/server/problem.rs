//! What an error becomes: one [`Problem`], shown as a page or as problem+json (RFC 9457).
//!
//! Handlers return `Result<HttpResponse, Problem>`. Constructors are named after what happened;
//! title and detail are the messages `problem-<kind>-title` and `-detail` in the reader's language.
//! The cause goes to the log with the request's id; the reader gets neither personal data nor
//! secrets.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::html::{Look, Surroundings};
use crate::db;
use crate::sites::Lang;
use crate::submissions::limits::TooMany;
use crate::submissions::writer::WriteError;
use crate::words::Tongue;

/// An error on its way to whoever asked.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable name of what happened.
    pub kind: &'static str,
    /// Whether it is about a form for which visitors sign in, for which there are better words.
    pub signs_in: bool,
    /// Fills `{ $value }` in the detail.
    pub value: String,
    /// The reader's language, where it is known better than from the request.
    pub lang: Option<Lang>,
    /// Instead of the detail: the site's own words.
    pub own_words: Option<Box<str>>,
    /// What is wrong with each control.
    pub errors: Vec<ProblemItem>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u64>,
    /// Where its page is shown, and whose it is.
    pub face: Option<Box<Face>>,
    /// A proof of work that would help, and the token that it belongs to where the sender has none.
    pub challenge: Option<Box<(serde_json::Value, Option<String>)>>,
}

/// Where the page of a problem is shown, and whose it is.
#[derive(Debug, Clone)]
pub struct Face {
    /// On its own, or in a frame.
    pub around: Surroundings,
    /// The site's look.
    pub look: Look,
    /// Where to ask.
    pub contact: String,
    /// The page to try again, where that makes sense.
    pub again: Option<String>,
}

/// What is wrong with one control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemItem {
    /// Where in the request's body (RFC 6901).
    pub pointer: String,
    /// The field's name, or `consent.<purpose>`.
    pub field: String,
    /// What is wrong, stable for machines.
    pub code: String,
    /// What is wrong and what to do, in the request's language.
    pub message: String,
}

/// An error in the form of RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemJson {
    /// `urn:sealwax:problem:<kind>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// Every control that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemItem>,
    /// An ALTCHA challenge, version 2, to be solved and sent along as `proof`.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<serde_json::Value>,
    /// The token to send along with the proof, where the request had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str) -> Self {
        Self {
            status,
            kind,
            signs_in: false,
            value: String::new(),
            lang: None,
            own_words: None,
            errors: Vec::new(),
            retry_after: None,
            face: None,
            challenge: None,
        }
    }

    /// The same in `lang`.
    #[must_use]
    pub fn in_language(mut self, lang: Lang) -> Self {
        self.lang = Some(lang);
        self
    }

    fn with(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// The form is not open to whoever asks.
    pub fn not_admitted() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-admitted")
    }

    /// The same for a form for which visitors sign in.
    pub fn not_signed_in() -> Self {
        Self { signs_in: true, ..Self::not_admitted() }
    }

    /// The form takes no answers yet.
    pub fn form_early(words: Option<String>) -> Self {
        Self { own_words: words.map(String::into_boxed_str), ..Self::new(StatusCode::FORBIDDEN, "form-early") }
    }

    /// The form has taken as many answers as it takes.
    pub fn form_full(words: Option<String>) -> Self {
        Self { own_words: words.map(String::into_boxed_str), ..Self::new(StatusCode::GONE, "form-full") }
    }

    /// A proof of work is asked for (RFC 6585 §3).
    pub fn proof_needed(challenge: serde_json::Value, token: Option<String>) -> Self {
        Self {
            challenge: Some(Box::new((challenge, token))),
            ..Self::new(StatusCode::PRECONDITION_REQUIRED, "proof-needed")
        }
    }

    /// There is no such page.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found")
    }

    /// There is no such form.
    pub fn form_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "form-not-found")
    }

    /// The form takes no more answers; `words` are the site's.
    pub fn form_closed(words: String) -> Self {
        Self { own_words: Some(words.into_boxed_str()), ..Self::new(StatusCode::GONE, "form-closed") }
    }

    /// The body can't be read; `place` says where it stops making sense.
    pub fn malformed_body(place: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-body").with(place)
    }

    /// The body is not text in UTF-8.
    pub fn wrong_encoding() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "wrong-encoding")
    }

    /// The body is of a type that is not taken; `want` is.
    pub fn wrong_media_type(want: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-media-type").with(want)
    }

    /// The body is too large.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large")
    }

    /// More controls than any form has.
    pub fn too_many_fields(most: usize) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "too-many-fields").with(most.to_string())
    }

    /// The language is not one of the site's.
    pub fn wrong_language(languages: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "wrong-language").with(languages)
    }

    /// The touchpoint is not a short word.
    pub fn wrong_touchpoint() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "wrong-touchpoint")
    }

    /// Answers do not fit their form.
    pub fn invalid_answers(errors: Vec<ProblemItem>) -> Self {
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-answers") }
    }

    /// The form token was not made here.
    pub fn forged_token() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "forged-token")
    }

    /// The form token is too old.
    pub fn expired_token() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "expired-token")
    }

    /// The form token belongs to another form.
    pub fn foreign_token() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "foreign-token")
    }

    /// The idempotency key is not one.
    pub fn bad_idempotency_key() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-idempotency-key")
    }

    /// The page's origin may not send this form.
    pub fn origin_refused() -> Self {
        Self::new(StatusCode::FORBIDDEN, "origin-refused")
    }

    /// The staff page's form was not made for this session.
    pub fn csrf() -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf")
    }

    /// Nobody is logged in; leads to the login and back to `next`.
    pub fn login_required(next: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER, "login-required").with(next)
    }

    /// Somebody has to prove once more who they are; leads there and on to `next`.
    pub fn confirm_required(next: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER, "confirm-required").with(next)
    }

    /// The account must set up a second factor first; leads to where that is done.
    pub fn factor_required() -> Self {
        Self::new(StatusCode::SEE_OTHER, "factor-required")
    }

    /// The connection is neither encrypted nor from this machine or a trusted proxy.
    pub fn plain_http() -> Self {
        Self::new(StatusCode::FORBIDDEN, "plain-http")
    }

    /// The account may not do this.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// A link that works once was used, is too old, or never was.
    pub fn link_spent() -> Self {
        Self::new(StatusCode::GONE, "link-spent")
    }

    /// A private link was never made, or has ended.
    pub fn person_link_over() -> Self {
        Self::new(StatusCode::GONE, "person-link-over")
    }

    /// What somebody was sent to a provider for is over, or was begun in another browser.
    pub fn sign_in_over() -> Self {
        Self::new(StatusCode::GONE, "sign-in-over")
    }

    /// A sealed part does not open.
    pub fn unopenable() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "unopenable")
    }

    /// Something went wrong that should not; the cause is in the log.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// The closest problem to a bare HTTP status.
    pub fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(status, "method-not-allowed"),
            status if status.is_client_error() => Self::new(status, "bad-request"),
            _ => Self::internal(),
        }
    }

    /// The problem as its reader sees it: JSON below `/api/`, a page elsewhere.
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        if self.kind == "factor-required" {
            return super::html::see_other("/staff/account");
        }
        if self.status == StatusCode::SEE_OTHER {
            let next: String = url::form_urlencoded::byte_serialize(self.value.as_bytes()).collect();
            let page = if self.kind == "confirm-required" { "confirm" } else { "login" };
            return super::html::see_other(&format!("/staff/{page}?next={next}"));
        }
        let t = Tongue::new(self.lang.unwrap_or_else(|| super::language::of_request(request, &Lang::ALL)));
        let words = if self.signs_in { "not-signed-in" } else { self.kind };
        let title = t.text(&format!("problem-{words}-title"));
        let detail = match &self.own_words {
            Some(words) => words.to_string(),
            None => t.with1(&format!("problem-{words}-detail"), "value", &self.value),
        };
        let mut builder = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            builder.insert_header((header::RETRY_AFTER, seconds));
        }
        builder.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        if request.path().starts_with("/api/") || reads_json(request) {
            let body = ProblemJson {
                kind: format!("urn:sealwax:problem:{}", self.kind),
                title,
                status: self.status.as_u16(),
                detail,
                errors: self.errors.clone(),
                challenge: self.challenge.as_ref().map(|one| one.0.clone()),
                token: self.challenge.as_ref().and_then(|one| one.1.clone()),
            };
            let json = serde_json::to_string(&body).unwrap_or_default();
            return builder.content_type("application/problem+json").body(json);
        }
        let staff = request.path().starts_with("/staff");
        let face = self.face.as_deref().cloned();
        let around = face.as_ref().map(|face| face.around.clone()).unwrap_or_default();
        let page = ProblemPage { t, title, detail, status: self.status.as_u16(), staff, around: around.clone(), face };
        let mut response = builder.content_type("text/html; charset=utf-8").body(page.render().unwrap_or_default());
        around.allow_framing(&mut response);
        response
    }
}

/// Whether the answer is to be JSON, as a form page's own script asks for it.
pub fn reads_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|value| value.starts_with("application/json"))
}

/// The page that tells of a problem.
#[derive(Template)]
#[template(path = "server/problem.html")]
pub struct ProblemPage {
    /// The words.
    pub t: Tongue,
    /// What happened.
    pub title: String,
    /// What to do.
    pub detail: String,
    /// The HTTP status.
    pub status: u16,
    /// Whether the reader is in the staff area.
    pub staff: bool,
    /// Where it is shown.
    pub around: Surroundings,
    /// Whose page it is.
    pub face: Option<Face>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Only the status; [`super::middleware`] puts the words in, because it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        tracing::error!(%error, "the database failed");
        match error {
            db::Error::Unavailable(_) => {
                Self { retry_after: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "database-away") }
            }
            db::Error::Full => {
                Self { retry_after: Some(60), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "disk-full") }
            }
            _ => Self::internal(),
        }
    }
}

impl From<&WriteError> for Problem {
    fn from(error: &WriteError) -> Self {
        let busy =
            |kind, seconds| Self { retry_after: Some(seconds), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, kind) };
        match error {
            WriteError::QueueFull => busy("queue-full", 2),
            WriteError::Unavailable => busy("database-away", 5),
            WriteError::DiskFull => busy("disk-full", 60),
            WriteError::KeyReused(_) => Self::new(StatusCode::CONFLICT, "key-reused"),
            WriteError::Gone => Self::form_not_found(),
            WriteError::FormFull => Self::new(StatusCode::GONE, "form-full"),
            WriteError::AnsweredAlready => Self::new(StatusCode::CONFLICT, "answered-already"),
            WriteError::LinkSpent => Self::new(StatusCode::GONE, "link-answered"),
            WriteError::UploadGone => Self::invalid_answers(Vec::new()),
            WriteError::Refused => Self::internal(),
        }
    }
}

impl From<TooMany> for Problem {
    fn from(too_many: TooMany) -> Self {
        let retry_after = Some(too_many.retry_after);
        Self {
            retry_after,
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests").with(too_many.retry_after.to_string())
        }
    }
}

impl From<crate::forms::token::TokenError> for Problem {
    fn from(error: crate::forms::token::TokenError) -> Self {
        use crate::forms::token::TokenError as E;
        match error {
            E::Forged => Self::forged_token(),
            E::Expired => Self::expired_token(),
            E::Foreign => Self::foreign_token(),
        }
    }
}
