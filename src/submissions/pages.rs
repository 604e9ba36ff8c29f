//! The plain HTML post of a form, and the thank-you page.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::StreamExt as _;
use time::Duration;

use super::admission;
use super::body::{self, Budget};
use super::door::{self, ADDRESS_CONTROL, CODE_CONTROL, Door, Inside, Knock, NO_SCRIPT_CONTROL, TICKET_CONTROL};
use super::sign_in::{PASSWORD_CONTROL, PROVIDER_CONTROL, USERNAME_CONTROL};
use super::spam::{self, Evidence, PROOF_CONTROL, TRAP_CONTROL};
use super::uploads::{self, Staged};
use super::visitors::Visitor;
use super::writer::{Outcome, WriteError};
use super::{AcceptError, Incoming, Method, accept, limits, limits::Limited, store};
use crate::app::App;
use crate::forms::answers::SentValue;
use crate::forms::catalog::FormEntry;
use crate::forms::definition::Category;
use crate::forms::pages::{
    self as form_pages, CONSENT_PREFIX, FormState, LANG_CONTROL, REDIRECT_CONTROL, TOKEN_CONTROL, TOUCHPOINT_CONTROL,
    problem_items,
};
use crate::forms::token::{self, Admitted, FormToken};
use crate::forms::view::{PolicyLink, policy_link};
use crate::forms::{Code, FieldError, FieldType, Sent, Shown};
use crate::server::html::{self, Look, Surroundings};
use crate::server::problem::{Problem, reads_json};
use crate::server::{cors, language};
use crate::sites::Lang;
use crate::words::{Tongue, Words};

/// The pattern of this route, as metrics name it.
pub(super) const FORM_ROUTE: &str = "/f/{site}/{form}";
/// How long the same post of a page with markup of its own counts as one.
const SAME_WITHIN: Duration = Duration::minutes(10);

/// A plain post, taken apart.
struct Post {
    token: Option<String>,
    touchpoint: Option<String>,
    /// Where to go afterwards, as a page with markup of its own asks.
    redirect: Option<String>,
    sent: Sent,
    consents: BTreeMap<String, bool>,
    request_hash: [u8; 32],
    /// Whether the trap was filled in.
    trapped: bool,
    /// A proof of work.
    proof: Option<String>,
    /// What opens a form that is not open to everybody.
    knock: Knock,
    /// Files that came with it.
    staged: Staged,
    /// Holds the memory that it takes.
    budget: Option<Budget>,
    /// Questions with files that were not even looked at.
    unread_files: Vec<String>,
}

/// `POST /f/{site}/{form}`: anybody may send, as often as the submission limit allows. Answers
/// with 303 to the thank-you page, or with the form again, everything still filled in.
pub async fn post(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    answer(&app, &entry, &request, payload).await.map_err(|problem| {
        let lang =
            problem.lang.unwrap_or_else(|| language::of_request(&request, &entry.shown.site.definition.languages));
        form_pages::beside(&app, &entry, &request, lang, problem)
    })
}

async fn answer(
    app: &App,
    entry: &FormEntry,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let spoken = &entry.shown.site.definition.languages;
    let mut lang = language::of_request(request, spoken);
    let sender = sender(app, entry, request).map_err(|problem| problem.in_language(lang))?;
    app.limits.count(Limited::Submissions, request).map_err(|error| Problem::from(error).in_language(lang))?;
    // Before anything that was sent is looked at: files are kept for those who were let in only.
    let visitor = door::visitor(app, entry, request).await?;
    let post = take_apart(app, entry, request, payload, (sender, visitor.as_ref()), &mut lang).await;
    let post = post.map_err(|problem| problem.in_language(lang))?;
    let now = app.ambient.now();
    let lifetime = Duration::hours(app.config.limits.form_token_hours.into());
    let verified = match &post.token {
        None => None,
        Some(token) => Some(match token::verify(token, now, lifetime, &app.secrets) {
            Ok(token) => app.catalog.shown(entry, &token).await?.map(|shown| (shown, token)),
            Err(error) => Err(error),
        }),
    };
    let let_in = |token: &FormToken| door::lets_in(app, entry, token.admitted, visitor.as_ref());
    let refused = !entry.shown.form.is_open(now)
        || match &verified {
            Some(Ok((_, token))) => entry.shown.form.definition.sign_in.is_some() && !let_in(token),
            Some(Err(_)) => true,
            None => false,
        };
    // A retry of what was accepted is told so, whatever the form or its token say now.
    if refused
        && let Some(token) = post.token.as_ref().and_then(|token| token::authentic(token, &app.secrets))
        && let Some((id, first)) = store::by_key(app.db.reader(), &token_key(entry, &token)).await?
        && first == post.request_hash
    {
        return thanks(app, entry, id, &post.consents, lang, request).await;
    }
    if !entry.shown.form.is_open(now) {
        return Err(form_pages::closed(&entry.shown, lang, now));
    }
    match verified {
        Some(Ok((_, token))) if !let_in(&token) => {
            // Whoever took longer than an hour can sign in again.
            if entry.shown.form.definition.sign_in.is_some()
                && !reads_json(request)
                && let Door::Shut(page) = door::ask(app, entry, lang, request, Knock::default()).await?
            {
                return Ok(page);
            }
            Err(door::not_admitted(entry, lang))
        }
        Some(Ok((shown, token))) => {
            let key = (token_key(entry, &token), post.request_hash);
            let text = post.token.clone().unwrap_or_default();
            let inside = Inside { admitted: token.admitted, address: None, visitor };
            store_or_show_again(app, entry, shown, lang, request, post, Some(key), text, inside).await
        }
        Some(Err(error)) => {
            let status = Problem::from(error).status;
            let notice = match error {
                token::TokenError::Expired => "form-notice-expired",
                token::TokenError::Forged | token::TokenError::Foreign => "form-notice-unverified",
            };
            // Whoever was let into this form before stays inside.
            let before = post.token.as_ref().and_then(|token| token::authentic(token, &app.secrets));
            let admitted = match (error, before) {
                (token::TokenError::Expired, Some(token)) if app.catalog.shown(entry, &token).await?.is_ok() => {
                    token.admitted
                }
                _ => None,
            };
            // What was shown is unknown, so nothing counts as agreed to.
            let sent_before = error == token::TokenError::Expired;
            let lost = |control| FieldError { control, code: Code::FileLost, limit: None };
            let errors = post.unread_files.iter().cloned().map(lost).collect();
            let again = Again { status, notice, errors, admitted, visitor, sent_before, ..Again::default() };
            show_to_admitted(app, entry, lang, request, post, again).await
        }
        // A page of an allowed origin with its own markup has no token; ours always has one.
        None if sender == Sender::OtherPage => take_from_own_markup(app, entry, lang, request, post).await,
        // Somebody stands at the door.
        None if !post.knock.is_empty() => let_in_or_not(app, entry, lang, request, post.knock).await,
        None => {
            let again = Again { status: StatusCode::BAD_REQUEST, notice: "form-notice-unverified", ..Again::default() };
            show_to_admitted(app, entry, lang, request, post, again).await
        }
    }
}

/// Takes what was sent from a page with markup of its own.
async fn take_from_own_markup(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    mut post: Post,
) -> Result<HttpResponse, Problem> {
    // Passwords are for our own pages.
    post.knock.login = None;
    let inside = match door::ask(app, entry, lang, request, std::mem::take(&mut post.knock)).await? {
        Door::Open(inside) => inside,
        Door::Shut(page) => return Ok(page),
    };
    // A double click, or a retry: the same from the same address within minutes is the same. Not where
    // nothing says who it is from: many people of one house may give the same marks.
    let personal = entry.shown.form.questions().any(|(field, _)| {
        matches!(field.category, Some(Category::Personal | Category::Special))
            && !post.sent.text(&field.name).trim().is_empty()
    });
    let address = app.limits.address(request).map(limits::bucket);
    let parts = format!("{address:?} {}", app.ambient.now().unix_timestamp() / SAME_WITHIN.whole_seconds());
    let key = [b"own-markup", entry.form_id.as_bytes().as_slice(), &post.request_hash, parts.as_bytes()];
    let key = personal.then_some((app.secrets.request_hash(&key), post.request_hash));
    store_or_show_again(app, entry, entry.shown.clone(), lang, request, post, key, String::new(), inside).await
}

/// Lets somebody in who stands at the door, or shows it.
async fn let_in_or_not(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    knock: Knock,
) -> Result<HttpResponse, Problem> {
    door::refuse_shut(app, entry, lang).await?;
    let no_script = knock.no_script;
    match door::ask(app, entry, lang, request, knock).await? {
        // Somewhere that can be loaded again; behind the #, which reaches no server, stands the address
        // that was proved.
        Door::Open(inside) if inside.address.is_none() || !no_script => {
            Ok(html::see_other(&address_of(app, entry, lang, request, &inside)))
        }
        Door::Open(inside) => {
            let mut response = form_pages::open(app, entry, lang, request, inside)?;
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Door::Shut(page) => Ok(page),
    }
}

/// The form again, for those who may see it; the door for all others.
async fn show_to_admitted(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    post: Post,
    mut again: Again,
) -> Result<HttpResponse, Problem> {
    if !door::lets_in(app, entry, again.admitted, again.visitor.as_ref()) {
        match door::ask(app, entry, lang, request, Knock::default()).await? {
            Door::Open(inside) => (again.admitted, again.visitor) = (inside.admitted, inside.visitor),
            Door::Shut(page) => return Ok(page),
        }
    }
    show_again(app, entry, &entry.shown, lang, request, post, again)
}

/// The form's address for somebody who was let in.
fn address_of(app: &App, entry: &FormEntry, lang: Lang, request: &HttpRequest, inside: &Inside) -> String {
    let form = &entry.shown.form.definition;
    let around = form_pages::surroundings(app, &entry.shown.site.definition, request);
    let query = format!("{}{}", around.query(), form_pages::carried(entry, request));
    let admission = door::admission_link(app, entry, inside.admitted, inside.visitor.as_ref());
    let hash = form.verify_email.as_deref().zip(inside.address.as_deref()).map(|(field, address)| {
        let pair = url::form_urlencoded::Serializer::new(String::new()).append_pair(field, address).finish();
        format!("#{pair}")
    });
    format!("/f/{}/{}?lang={lang}{query}{admission}{}", form.site, form.slug, hash.unwrap_or_default())
}

/// Whose page a post comes from, as the browser says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// Ours, or no browser says otherwise.
    OurPage,
    /// A page of an allowed origin with markup of its own.
    OtherPage,
}

/// Refuses posts from pages whose origin is not allowed, whatever token they bring.
fn sender(app: &App, entry: &FormEntry, request: &HttpRequest) -> Result<Sender, Problem> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let same_origin = text("sec-fetch-site") == Some("same-origin");
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return match text("sec-fetch-site") {
            Some("cross-site" | "same-site") => Err(Problem::origin_refused()),
            _ => Ok(Sender::OurPage),
        };
    };
    let origin = origin.to_str().map_err(|_| Problem::origin_refused())?;
    if same_origin || cors::is_own(origin, &app.config.public_url()) {
        return Ok(Sender::OurPage);
    }
    if entry.shown.site.definition.allows_origin(origin) {
        Ok(Sender::OtherPage)
    } else {
        Err(Problem::origin_refused())
    }
}

/// The idempotency key of whatever comes with this token.
pub(super) fn token_key(entry: &FormEntry, token: &FormToken) -> [u8; 32] {
    crate::crypto::sha256(&[entry.form_id.as_bytes().as_slice(), b"token", token.nonce.as_slice()].concat())
}

async fn take_apart(
    app: &App,
    entry: &FormEntry,
    request: &HttpRequest,
    payload: web::Payload,
    sender: (Sender, Option<&Visitor>),
    lang: &mut Lang,
) -> Result<Post, Problem> {
    use actix_web::HttpMessage as _;
    const URLENCODED: &str = "application/x-www-form-urlencoded";
    let mut post = Post {
        token: None,
        touchpoint: None,
        redirect: None,
        sent: Sent::default(),
        consents: BTreeMap::new(),
        request_hash: [0; 32],
        trapped: false,
        proof: None,
        knock: Knock::default(),
        staged: Staged::new(&app.db),
        budget: None,
        unread_files: Vec::new(),
    };
    match request.content_type() {
        "multipart/form-data" => read_multipart(app, entry, request, payload, sender, &mut post, lang).await?,
        URLENCODED => {
            let limit = app.config.limits.body_bytes;
            let (body, budget) = body::whole(&app.bodies, payload, limit).await?;
            post.budget = Some(budget);
            // The parser would replace what is not UTF-8; nobody's words are stored altered.
            if percent_encoding::percent_decode(&body).decode_utf8().is_err() {
                return Err(Problem::wrong_encoding());
            }
            let most = app.config.limits.answers;
            let mut hashed: Vec<Vec<u8>> = Vec::new();
            for (count, (name, value)) in url::form_urlencoded::parse(&body).enumerate() {
                if count >= most {
                    return Err(Problem::too_many_fields(most));
                }
                if name != PROOF_CONTROL {
                    hashed.extend([name.as_bytes().to_vec(), value.as_bytes().to_vec()]);
                }
                post.put(app, entry, lang, name.into_owned(), value.into_owned());
            }
            post.request_hash = request_hash(app, &hashed);
        }
        _ => return Err(Problem::wrong_media_type(URLENCODED)),
    }
    Ok(post)
}

impl Post {
    /// Puts the value of a control where it belongs.
    fn put(&mut self, app: &App, entry: &FormEntry, lang: &mut Lang, name: String, value: String) {
        let spoken = &entry.shown.site.definition.languages;
        match (name.as_str(), name.strip_prefix(CONSENT_PREFIX)) {
            (TOKEN_CONTROL, _) => self.token = Some(value),
            (LANG_CONTROL, _) => *lang = value.parse().ok().filter(|one| spoken.contains(one)).unwrap_or(*lang),
            (PROOF_CONTROL, _) => self.proof = Some(value).filter(|proof| !proof.is_empty()),
            (CODE_CONTROL, _) => self.knock.code = Some(value),
            (ADDRESS_CONTROL, _) => self.knock.address = Some(value),
            (TICKET_CONTROL, _) => self.knock.ticket = Some(value),
            (PROVIDER_CONTROL, _) => self.knock.login.get_or_insert_default().provider = value,
            (USERNAME_CONTROL, _) => self.knock.login.get_or_insert_default().username = value,
            (PASSWORD_CONTROL, _) => self.knock.login.get_or_insert_default().password = Some(value.into()),
            (NO_SCRIPT_CONTROL, _) => self.knock.no_script = true,
            (TRAP_CONTROL, _) => self.trapped |= !value.trim().is_empty(),
            (REDIRECT_CONTROL, _) => self.redirect = Some(value).filter(|url| !url.is_empty()),
            (TOUCHPOINT_CONTROL, _) => self.touchpoint = Some(value).filter(|word| super::is_touchpoint(word)),
            (_, Some(purpose)) => {
                // Only what plainly says yes is a consent.
                let ticked = matches!(value.as_str(), "yes" | "on" | "true" | "1");
                self.consents.insert(purpose.to_owned(), ticked);
            }
            _ if entry.shown.form.field(&name).is_some_and(|field| field.kind == FieldType::File) => {
                // A file of an earlier try, which the page names by what we signed for it.
                if let Some(file) = uploads::kept_file(&app.secrets, entry.form_id, &name, &value) {
                    self.sent.add_file(name, file);
                }
            }
            _ => self.sent.add(name, value),
        }
    }
}

/// Reads controls and files in the order in which they come. Files are taken only behind a token
/// that holds, or from a page of an allowed origin, and only as many at once as configured.
async fn read_multipart(
    app: &App,
    entry: &FormEntry,
    request: &HttpRequest,
    payload: web::Payload,
    (sender, visitor): (Sender, Option<&Visitor>),
    post: &mut Post,
    lang: &mut Lang,
) -> Result<(), Problem> {
    let malformed = || Problem::malformed_body("multipart/form-data");
    let limits = &app.config.limits;
    let lifetime = Duration::hours(limits.form_token_hours.into());
    let mut budget = Budget::new(&app.bodies, limits.upload_bytes, limits.body_bytes as u64);
    // Asked for at the first file that may be kept, not by whoever opens a connection.
    let mut place = None;
    let mut trusted = None;
    let mut hashed: Vec<Vec<u8>> = Vec::new();
    let mut count = 0;
    let mut multipart = actix_multipart::Multipart::new(request.headers(), payload);
    while let Some(part) = budget.wait(multipart.next()).await? {
        let mut part = part.map_err(|_| malformed())?;
        let name = part.name().unwrap_or_default().to_owned();
        count += 1;
        if count > limits.answers || name.is_empty() {
            return Err(Problem::too_many_fields(limits.answers));
        }
        let is_file = part.content_disposition().is_some_and(|one| one.get_filename().is_some());
        if !is_file {
            let mut text = Vec::new();
            while let Some(bytes) = uploads::next_of_text(&mut part, &mut budget).await? {
                text.extend_from_slice(&bytes);
            }
            let text = String::from_utf8(text).map_err(|_| Problem::wrong_encoding())?;
            // A retry may bring another proof of the same.
            if name != PROOF_CONTROL {
                hashed.extend([name.clone().into_bytes(), text.clone().into_bytes()]);
            }
            post.put(app, entry, lang, name, text);
            continue;
        }
        let field = entry.shown.form.field(&name).filter(|field| field.kind == FieldType::File);
        let is_trusted = match (trusted, &post.token) {
            (Some(known), _) => known,
            (None, Some(token)) => {
                let token = token::verify(token, app.ambient.now(), lifetime, &app.secrets);
                let known = match token {
                    Ok(token) => {
                        door::lets_in(app, entry, token.admitted, visitor)
                            && app.catalog.shown(entry, &token).await?.is_ok()
                    }
                    Err(_) => false,
                };
                *trusted.insert(known)
            }
            (None, None) => sender == Sender::OtherPage,
        };
        // Nor is more kept of a question that has failed already.
        let failed = matches!(post.sent.get(&name), Some(SentValue::Refused(..)));
        let Some(field) = field.filter(|_| is_trusted && !failed) else {
            uploads::skip(&mut part, &mut budget).await?;
            if field.is_some() && !is_trusted {
                post.unread_files.push(name);
            }
            continue;
        };
        let most = field.max_files.unwrap_or(1);
        if post.sent.files(&name).len() >= most as usize {
            uploads::skip(&mut part, &mut budget).await?;
            post.sent.refuse_file(name, Code::TooManyFiles, Some(most.to_string()));
            continue;
        }
        if place.is_none() {
            place = Some(app.limits.begin_upload(request).map_err(|error| Problem::from(&error))?);
        }
        match uploads::receive(app, entry, field, &mut part, &mut post.staged, &mut budget).await {
            Ok(None) => {}
            Ok(Some(file)) => {
                hashed.extend([
                    name.clone().into_bytes(),
                    file.name.clone().into_bytes(),
                    file.sha256.clone().into_bytes(),
                ]);
                post.sent.add_file(name, file);
            }
            Err(uploads::Refused::Answer(code, limit)) => post.sent.refuse_file(name, code, limit),
            Err(uploads::Refused::Request(problem)) => return Err(problem),
        }
    }
    post.request_hash = request_hash(app, &hashed);
    post.budget = Some(budget);
    Ok(())
}

/// Tells a retry from another request.
fn request_hash(app: &App, parts: &[Vec<u8>]) -> [u8; 32] {
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    app.secrets.request_hash(&parts)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one request, each of its own type")]
async fn store_or_show_again(
    app: &App,
    entry: &FormEntry,
    shown: Shown,
    lang: Lang,
    request: &HttpRequest,
    mut post: Post,
    idempotency: Option<([u8; 32], [u8; 32])>,
    token: String,
    inside: Inside,
) -> Result<HttpResponse, Problem> {
    let Inside { admitted, visitor, .. } = inside;
    // Markup of an owner's own has no token, and showed what its owner put there.
    let method = if token.is_empty() { Method::Api } else { Method::Form };
    // Whoever sends a second time has had the time.
    let issued_at = token::authentic(&token, &app.secrets).filter(|token| !token.again).map(|token| token.issued_at);
    let gate = gate(app, entry, request, &token, post.proof.as_deref(), true).await?;
    if let (Gate::Closed(challenge), true) = (&gate, reads_json(request)) {
        return Err(Problem::proof_needed(challenge.clone(), None).in_language(lang));
    }
    let (content, seen) = spam::copies(app.db.reader(), entry, &shown, &post.sent, &app.ambient, &app.secrets).await?;
    let evidence = Evidence { issued_at, trapped: post.trapped, unproved: matches!(gate, Gate::Closed(_)), seen };
    let incoming = Incoming {
        shown,
        method,
        lang,
        touchpoint: post.touchpoint.take(),
        sent: std::mem::take(&mut post.sent),
        consents: std::mem::take(&mut post.consents),
        evidence,
        content,
        admitted,
        visitor: visitor.as_ref().map(|visitor| visitor.verified.clone()),
        idempotency,
    };
    let quickest = Duration::seconds(app.config.limits.quickest_seconds.into());
    let accepted = accept(entry, &incoming, &app.ambient, &app.secrets, quickest);
    let Incoming { shown, touchpoint, sent, consents, .. } = incoming;
    (post.touchpoint, post.sent, post.consents) = (touchpoint, sent, consents);
    let leads_to = post.redirect.as_deref().filter(|url| may_lead_to(entry, url)).and_then(plain_url);
    let keep = Again { token: Some(token).filter(|token| !token.is_empty()), admitted, visitor, ..Again::default() };
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(AcceptError::Invalid(errors)) => {
            let again = Again { status: StatusCode::UNPROCESSABLE_ENTITY, errors, ..keep };
            return show_again(app, entry, &shown, lang, request, post, again);
        }
        Err(error @ AcceptError::Seal(_)) => {
            tracing::error!(%error, "a submission could not be sealed");
            let again = Again { status: StatusCode::INTERNAL_SERVER_ERROR, notice: "problem-internal-detail", ..keep };
            return show_again(app, entry, &shown, lang, request, post, again);
        }
    };
    let reference = accepted.sealed.reference.clone();
    let (taken, suspicions) = (accepted.sealed.uploads.clone(), accepted.sealed.suspicions.clone());
    match app.writer.commit(accepted.sealed).await {
        Ok(Outcome::Stored) => {
            app.metrics.stored(&suspicions);
            app.fullness.forget(entry.form_id);
            // What belongs to a refused consent is not kept.
            if let Err(error) = post.staged.settle(&taken).await {
                tracing::warn!(%error, "files of refused purposes wait to be swept");
            }
            match leads_to {
                Some(url) if reads_json(request) => Ok(created(&url, &reference)),
                Some(url) => Ok(html::see_other(&url)),
                None => Ok(done_redirect(app, entry, &reference, &post.consents, lang, request)),
            }
        }
        Err(WriteError::UploadGone) => {
            let lost = |control| FieldError { control, code: Code::FileLost, limit: None };
            let errors = post.sent.forget_files().into_iter().map(lost).collect();
            let again = Again { status: StatusCode::UNPROCESSABLE_ENTITY, errors, ..keep };
            show_again(app, entry, &shown, lang, request, post, again)
        }
        Ok(Outcome::Repeated(id)) => match leads_to {
            Some(url) if !reads_json(request) => Ok(html::see_other(&url)),
            _ => thanks(app, entry, id, &post.consents, lang, request).await,
        },
        // Sending it again would not help, so the form is not shown again.
        Err(WriteError::FormFull) => Err(door::full(&shown, lang)),
        Err(error @ (WriteError::AnsweredAlready | WriteError::LinkSpent)) => {
            Err(Problem::from(&error).in_language(lang))
        }
        Err(WriteError::KeyReused(_)) => {
            let notice = "form-notice-sent-already";
            let keeps_ticks = shown.asks_the_same(&entry.shown);
            let again = Again {
                status: StatusCode::CONFLICT,
                notice,
                admitted,
                visitor: keep.visitor,
                keeps_ticks,
                sent_before: true,
                ..Again::default()
            };
            show_again(app, entry, &entry.shown, lang, request, post, again)
        }
        Err(error) => {
            let problem = Problem::from(&error);
            let again = Again {
                status: problem.status,
                notice: "form-notice-not-stored",
                retry_after: problem.retry_after,
                ..keep
            };
            show_again(app, entry, &shown, lang, request, post, again)
        }
    }
}

/// Whether a proof of work is asked for.
pub(super) enum Gate {
    /// None is, or it was given.
    Open,
    /// One is; this is the challenge.
    Closed(serde_json::Value),
}

/// Asks for a proof of work where many send at once or one address sends often. `page` is what the
/// proof belongs to; `each` says whether addresses are counted.
pub(super) async fn gate(
    app: &App,
    entry: &FormEntry,
    request: &HttpRequest,
    page: &str,
    proof: Option<&str>,
    each: bool,
) -> Result<Gate, Problem> {
    let now = app.ambient.now();
    // A token is used once, and so is what was proved for it; without one a proof could be told
    // over and over.
    if !page.is_empty() && proof.is_some_and(|proof| spam::proves(proof, page, now, &app.secrets)) {
        return Ok(Gate::Open);
    }
    let most = app.config.limits.challenge_after;
    let eager = each && app.limits.count(Limited::Unproved, request).is_err();
    let rushed = most > 0 && app.rush.count(app.db.reader(), entry.form_id, most + 1, now).await? > i64::from(most);
    if !eager && !rushed {
        return Ok(Gate::Open);
    }
    let (page, ambient, secrets) = (page.to_owned(), app.ambient.clone(), app.secrets.clone());
    let challenge = web::block(move || spam::challenge(&page, &ambient, &secrets)).await.ok().flatten();
    challenge.map(Gate::Closed).ok_or_else(Problem::internal)
}

#[derive(Default)]
struct Again {
    status: StatusCode,
    /// Key of the notice above the form.
    notice: &'static str,
    errors: Vec<FieldError>,
    /// The token to use again; a new one where absent.
    token: Option<String>,
    retry_after: Option<u64>,
    /// How the visitor was let in.
    admitted: Option<Admitted>,
    /// Who has signed in.
    visitor: Option<Visitor>,
    /// Whether it was sent from a page of ours that was there for a while.
    sent_before: bool,
    /// Whether a page with a new token asks for consents in the words that were shown.
    keeps_ticks: bool,
}

/// The form with everything that was sent. Ticks survive only when the same wordings are shown.
fn show_again(
    app: &App,
    entry: &FormEntry,
    shown: &Shown,
    lang: Lang,
    request: &HttpRequest,
    post: Post,
    again: Again,
) -> Result<HttpResponse, Problem> {
    let json = reads_json(request);
    let Post { sent, consents, touchpoint, redirect, staged, .. } = post;
    let fields = shown.form.questions().filter(|(field, _)| field.kind == FieldType::File);
    let files = fields.flat_map(|(field, _)| sent.files(&field.name).iter().map(move |file| (&field.name, file)));
    let kept = files.map(|(field, file)| (file.upload, uploads::kept_token(&app.secrets, entry.form_id, field, file)));
    let kept: BTreeMap<uuid::Uuid, String> = kept.collect();
    // A script still has the files and sends them again; a page has only what stands for them.
    if json {
        drop(staged);
    } else {
        staged.keep_only(|id| kept.contains_key(id));
    }
    let same = again.token.is_some() || again.keeps_ticks;
    let state = FormState {
        status: again.status,
        token: again.token.unwrap_or_else(|| {
            let issue = if again.sent_before { token::issue_again } else { token::issue };
            issue(shown, again.admitted, &app.ambient, &app.secrets)
        }),
        sent,
        consents: if same { consents } else { BTreeMap::new() },
        touchpoint,
        redirect: redirect.filter(|url| may_lead_to(entry, url)),
        carried: format!(
            "{}{}",
            form_pages::carried(entry, request),
            door::admission_link(app, entry, again.admitted, again.visitor.as_ref())
        ),
        errors: again.errors,
        notice: (!again.notice.is_empty()).then(|| Words::shared().text(lang, again.notice)),
        retry_after: again.retry_after,
        kept,
        visitor: again.visitor,
    };
    if json {
        // The page's script marks what does not fit, says that it may be sent again, or asks for the page.
        let mut problem = Problem::invalid_answers(problem_items(shown, lang, &state.errors)).in_language(lang);
        problem.status = state.status;
        problem.retry_after = state.retry_after;
        return Err(problem);
    }
    let reason = match state.status {
        StatusCode::UNPROCESSABLE_ENTITY if again.notice.is_empty() => "invalid-answers",
        _ => again.notice.trim_start_matches("form-notice-"),
    };
    app.metrics.refused(FORM_ROUTE, reason);
    form_pages::respond(app, shown, lang, request, &state)
}

async fn thanks(
    app: &App,
    entry: &FormEntry,
    id: uuid::Uuid,
    consents: &BTreeMap<String, bool>,
    lang: Lang,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let reference = store::reference(app.db.reader(), id).await?.ok_or_else(Problem::internal)?;
    Ok(done_redirect(app, entry, &reference, consents, lang, request))
}

/// What proves to the thank-you page that this reference gets what is given in return.
pub(super) fn proof_of_thanks(app: &App, reference: &str) -> String {
    crate::crypto::hex(&app.secrets.request_hash(&[b"thanks", reference.as_bytes()])[..16])
}

/// What proves for a while that somebody has sent what this reference is for.
pub fn proof_of_sending(app: &App, reference: &str) -> String {
    crate::crypto::hex(&app.secrets.request_hash(&[b"sent", reference.as_bytes()])[..16])
}

/// A web address in the characters that a header takes.
fn plain_url(url: &str) -> Option<String> {
    Some(url::Url::parse(url).ok()?.to_string())
}

/// Whether `url` is on one of the site's own origins, which `*` is not.
fn may_lead_to(entry: &FormEntry, url: &str) -> bool {
    let allowed = &entry.shown.site.definition.allowed_origins;
    url::Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && allowed.iter().any(|origin| origin.eq_ignore_ascii_case(&url.origin().ascii_serialization()))
    })
}

fn done_redirect(
    app: &App,
    entry: &FormEntry,
    reference: &str,
    consents: &BTreeMap<String, bool>,
    lang: Lang,
    request: &HttpRequest,
) -> HttpResponse {
    let form = &entry.shown.form.definition;
    let thanks = super::deserves(form, consents).then(|| format!("&t={}", proof_of_thanks(app, reference)));
    let proof = format!("&m={}{}", proof_of_sending(app, reference), thanks.unwrap_or_default());
    let around = form_pages::surroundings(app, &entry.shown.site.definition, request);
    let done = format!("/f/{}/{}/done?ref={reference}&lang={lang}{proof}{}", form.site, form.slug, around.query());
    // In a frame the page around it is asked to go there.
    let redirect = form.redirect.as_deref().and_then(plain_url);
    let location = redirect.filter(|_| !around.embed).unwrap_or(done);
    if reads_json(request) { created(&location, reference) } else { html::see_other(&location) }
}

/// What a page's script is told.
fn created(location: &str, reference: &str) -> HttpResponse {
    HttpResponse::Created().json(serde_json::json!({ "location": location, "reference": reference }))
}

/// Whether the form may be filled in again by whoever has sent it.
async fn again(app: &App, entry: &FormEntry) -> Result<bool, Problem> {
    let form = &entry.shown.form.definition;
    Ok(!form.by_invitation
        && form.limit_per_person.is_none()
        && entry.shown.form.is_open(app.ambient.now())
        && !admission::is_full(app, entry, form).await?)
}

/// What the thank-you page is asked for.
#[derive(serde::Deserialize)]
pub struct DoneQuery {
    #[serde(default, rename = "ref")]
    reference: String,
    #[serde(default, rename = "t")]
    proof: String,
    #[serde(default, rename = "m")]
    sent: String,
}

/// What is given in return.
pub struct Gift {
    /// The form's own words.
    pub text: String,
    /// A code.
    pub code: Option<String>,
    /// Whether a code was promised that is not there.
    pub missing: bool,
    /// Whether it comes later.
    pub later: bool,
}

async fn gift(app: &App, entry: &FormEntry, reference: &str, proof: &str, lang: Lang) -> Result<Option<Gift>, Problem> {
    let Some(incentive) = &entry.shown.form.definition.incentive else { return Ok(None) };
    if !crate::crypto::secrets::same(proof.as_bytes(), proof_of_thanks(app, reference).as_bytes()) {
        return Ok(None);
    }
    let code = if incentive.own_codes {
        admission::code_of(app.db.reader(), entry.form_id, reference).await?
    } else {
        incentive.code.clone()
    };
    let missing = incentive.own_codes && code.is_none();
    let later = missing && admission::is_claimed(app.db.reader(), entry.form_id, reference).await?;
    Ok(Some(Gift { text: incentive.text.get(lang).to_owned(), code, missing: missing && !later, later }))
}

/// `GET /f/{site}/{form}/done`: thanks, the reference, and what is given in return to who brings
/// the proof of having sent it. Says nothing of the answers.
pub async fn done(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: web::Query<DoneQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (site, form) = path.into_inner();
    let entry = app.catalog.form(&site, &form).await?.ok_or_else(Problem::form_not_found)?;
    let lang = language::of_request(&request, &entry.shown.site.definition.languages);
    thanks_page(&app, &entry, lang, &query, &request).await.map_err(|problem| {
        let problem = problem.in_language(lang);
        form_pages::beside(&app, &entry, &request, lang, problem)
    })
}

async fn thanks_page(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    query: &DoneQuery,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Pages, request)?;
    let definition = &entry.shown.form.definition;
    let around = form_pages::surroundings(app, &entry.shown.site.definition, request);
    let reference = super::parse_reference(&query.reference);
    let gift = match &reference {
        Some(reference) => gift(app, entry, reference, &query.proof, lang).await?,
        None => None,
    };
    let mine = reference.clone().filter(|reference| {
        crate::crypto::secrets::same(query.sent.as_bytes(), proof_of_sending(app, reference).as_bytes())
    });
    let page = DonePage {
        mine: mine.map(|reference| {
            (format!("/f/{}/{}/mine", definition.site, definition.slug), reference, query.sent.clone())
        }),
        gift,
        t: Tongue::new(lang),
        around: around.clone(),
        look: Look::of(&entry.shown.site.definition, &entry.shown.site.version.sha256),
        title: definition.title.get(lang).to_owned(),
        thank_you: definition.thank_you.as_ref().map(|words| words.get(lang).to_owned()),
        reference,
        redirect: definition.redirect.as_deref().and_then(plain_url),
        again: again(app, entry)
            .await?
            .then(|| format!("/f/{}/{}?lang={lang}{}", definition.site, definition.slug, around.query())),
        controller: entry.shown.site.definition.controller.name.clone(),
        contact: entry.shown.site.definition.controller.email.clone(),
        policy: policy_link(&entry.shown, lang),
    };
    let mut response = html::page(StatusCode::OK, &page)?;
    if page.gift.is_some() || page.mine.is_some() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    around.allow_framing(&mut response);
    Ok(response)
}

/// The context of `templates/submissions/done.html`.
#[derive(Template)]
#[template(path = "submissions/done.html")]
pub struct DonePage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Where the page is shown.
    pub around: Surroundings,
    /// The form's title.
    pub title: String,
    /// The form's own thanks.
    pub thank_you: Option<String>,
    /// What to quote.
    pub reference: Option<String>,
    /// What leads to the person's own page: where it is asked for, the reference, and the proof.
    pub mine: Option<(String, String, String)>,
    /// What is given in return.
    pub gift: Option<Gift>,
    /// Where the form leads on to.
    pub redirect: Option<String>,
    /// The empty form, where the same person may send it again.
    pub again: Option<String>,
    /// Who has the answers now.
    pub controller: String,
    /// Where to ask about them.
    pub contact: String,
    /// The privacy notice.
    pub policy: PolicyLink,
}
