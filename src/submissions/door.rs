//! The door before a form that is not open to everybody: a personal link, a code that all have, or
//! a code that goes to the visitor's own address.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use validator::ValidateEmail as _;

use super::admission::{self, MadeTicket, Ticket};
use super::limits::Limited;
use super::pages::FORM_ROUTE;
use super::sign_in::{self, Login};
use super::visitors::{self, Visitor};
use super::writer::WriteError;
use crate::app::App;
use crate::crypto::secrets::{BlindKind, same};
use crate::forms::Shown;
use crate::forms::catalog::FormEntry;
use crate::forms::pages::{self as form_pages, LANG_CONTROL};
use crate::forms::token::Admitted;
use crate::forms::view::{LanguageLink, PolicyLink, language_links, policy_link};
use crate::server::html::{self, Look, Surroundings};
use crate::server::problem::Problem;
use crate::sites::Lang;
use crate::words::Tongue;

/// The control of a code.
pub const CODE_CONTROL: &str = "form.code";
/// The control of the address that a code goes to.
pub const ADDRESS_CONTROL: &str = "form.address";
/// The control that names the code that was sent.
pub const TICKET_CONTROL: &str = "form.ticket";
/// The control that says that the visitor's browser runs no scripts.
pub const NO_SCRIPT_CONTROL: &str = "form.noscript";
/// What a link to the form is called with by those who were let in already.
pub const ADMISSION_PARAMETER: &str = "a";
/// The first byte of what stands behind it.
const ADMISSION_FORMAT: u8 = 5;

/// What a visitor brings.
#[derive(Debug, Default)]
pub struct Knock {
    /// A code.
    pub code: Option<String>,
    /// An address to send a code to.
    pub address: Option<String>,
    /// Which code was sent there.
    pub ticket: Option<String>,
    /// Whether the browser runs no scripts.
    pub no_script: bool,
    /// A name and a password.
    pub login: Option<Login>,
}

impl Knock {
    /// Whether the visitor brings nothing.
    pub fn is_empty(&self) -> bool {
        self.code.is_none() && self.address.is_none() && self.ticket.is_none() && self.login.is_none()
    }
}

/// Where a visitor stands.
pub enum Door {
    /// Inside.
    Open(Inside),
    /// Outside, in front of this page.
    Shut(HttpResponse),
}

/// What is known of somebody who was let in.
#[derive(Default)]
pub struct Inside {
    /// What by, if anything was asked.
    pub admitted: Option<Admitted>,
    /// The address that was proved.
    pub address: Option<String>,
    /// Who has signed in.
    pub visitor: Option<Visitor>,
}

impl Inside {
    fn by(admitted: Option<Admitted>) -> Door {
        Door::Open(Self { admitted, ..Self::default() })
    }

    fn as_visitor(visitor: Visitor) -> Door {
        Door::Open(Self { admitted: Some(visitor.admitted()), visitor: Some(visitor), address: None })
    }
}

/// Who has signed in for the form, as the address of `request` says.
pub async fn visitor(app: &App, entry: &FormEntry, request: &HttpRequest) -> Result<Option<Visitor>, Problem> {
    match form_pages::query(request, ADMISSION_PARAMETER) {
        Some(admission) => Ok(visitors::find(app, entry, &admission).await?),
        None => Ok(None),
    }
}

/// What those are told who are not let in.
pub fn not_admitted(entry: &FormEntry, lang: Lang) -> Problem {
    let signs_in = entry.shown.form.definition.sign_in.is_some();
    let problem = if signs_in { Problem::not_signed_in() } else { Problem::not_admitted() };
    problem.in_language(lang)
}

/// Whether somebody who was let in by `admitted`, and is signed in as `visitor`, may see and send the form as it
/// is published now.
pub fn lets_in(app: &App, entry: &FormEntry, admitted: Option<Admitted>, visitor: Option<&Visitor>) -> bool {
    let form = &entry.shown.form.definition;
    if form.sign_in.is_some() {
        // Nothing else opens it, and nobody sends in the name of somebody else.
        return visitor.is_some_and(|visitor| admitted == Some(visitor.admitted()));
    }
    match admitted {
        Some(Admitted::Invitation(_)) => true,
        Some(Admitted::Code(hash)) => {
            let today = form.access_code.as_deref().map(|code| admission::code_hash(&app.secrets, entry.form_id, code));
            !form.by_invitation && form.verify_email.is_none() && today.is_none_or(|today| same(&today, &hash))
        }
        Some(Admitted::Address(_)) => !form.by_invitation && form.access_code.is_none(),
        // Who they are would not be kept, against what they were shown.
        Some(Admitted::SignIn(_)) => false,
        None => !form.by_invitation && form.access_code.is_none() && form.verify_email.is_none(),
    }
}

/// Refuses where the form takes no answers: closed, too early, or full.
pub async fn refuse_shut(app: &App, entry: &FormEntry, lang: Lang) -> Result<(), Problem> {
    let form = &entry.shown.form;
    if !form.is_open(app.ambient.now()) {
        return Err(form_pages::closed(&entry.shown, lang, app.ambient.now()));
    }
    if admission::is_full(app, entry, &form.definition).await? {
        return Err(full(&entry.shown, lang));
    }
    Ok(())
}

/// What those who come when it is full are told.
pub fn full(shown: &Shown, lang: Lang) -> Problem {
    let words = shown.form.definition.full_message.as_ref().map(|words| words.get(lang).to_owned());
    Problem::form_full(words).in_language(lang)
}

/// The personal link, if there is one and it counts.
pub async fn by_link(app: &App, entry: &FormEntry, link: &str, opens: bool) -> Result<Option<Admitted>, Problem> {
    let Some(row) = admission::invitation(app.db.reader(), entry.form_id, link).await? else { return Ok(None) };
    let now = app.ambient.now();
    if row.answered_at.is_some() {
        return Err(Problem::from(&WriteError::LinkSpent));
    }
    if row.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::not_admitted());
    }
    if opens && row.opened_at.is_none() {
        admission::note_opened(app.db.writer(), row.id, now).await?;
    }
    Ok(Some(Admitted::Invitation(row.id)))
}

/// Lets a visitor in, or shows what is asked for.
pub async fn ask(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    knock: Knock,
) -> Result<Door, Problem> {
    let form = &entry.shown.form.definition;
    if let Some(sign_in) = &form.sign_in {
        if let Some(visitor) = visitor(app, entry, request).await? {
            return Ok(Inside::as_visitor(visitor));
        }
        return match sign_in::ask(app, entry, sign_in, lang, request, knock.login).await? {
            Ok(visitor) => Ok(Inside::as_visitor(visitor)),
            Err(page) => Ok(Door::Shut(page)),
        };
    }
    if let Some(link) = form_pages::query(request, "i")
        && let Some(admitted) = by_link(app, entry, &link, request.method() == Method::GET).await?
    {
        return Ok(Inside::by(Some(admitted)));
    }
    if let Some(admitted) = form_pages::query(request, ADMISSION_PARAMETER)
        .and_then(|token| admission_of(app, entry, &token))
        .filter(|admitted| lets_in(app, entry, Some(*admitted), None))
    {
        return Ok(Inside::by(Some(admitted)));
    }
    if form.by_invitation {
        return Err(Problem::not_admitted());
    }
    if form.access_code.is_some() {
        if knock.code.is_some() {
            count(app, entry, Limited::Codes, request, lang)?;
        }
        return match knock.code {
            Some(code) if is_code(app, entry, &code).is_some() => Ok(Inside::by(is_code(app, entry, &code))),
            code => page(app, entry, lang, request, Step::Code, code.map(|_| "code-wrong")).map(Door::Shut),
        };
    }
    if form.verify_email.is_none() {
        return Ok(Inside::by(None));
    }
    let Some(address) = knock.address.map(|address| address.trim().to_owned()) else {
        return page(app, entry, lang, request, Step::Address(""), None).map(Door::Shut);
    };
    if let (Some(ticket), Some(code)) = (&knock.ticket, &knock.code) {
        let hash = app.secrets.blind_index(entry.site_id, BlindKind::Email, &address);
        return match admission::redeem(app, entry.form_id, ticket, &hash, code).await? {
            Ticket::Right => Ok(Door::Open(Inside {
                admitted: Some(Admitted::Address(admission::first_half(&hash))),
                address: Some(address),
                visitor: None,
            })),
            Ticket::Wrong => {
                page(app, entry, lang, request, Step::Mailed(&address, ticket), Some("door-wrong")).map(Door::Shut)
            }
            Ticket::Late => page(app, entry, lang, request, Step::Address(&address), Some("door-late")).map(Door::Shut),
        };
    }
    send(app, entry, lang, request, &address).await.map(Door::Shut)
}

/// What stands in the form's address for somebody who was let in by a code, so that the page can be
/// loaded again and read in another language. It says nothing of an address, nor of who has signed in.
pub fn admission_link(app: &App, entry: &FormEntry, admitted: Option<Admitted>, visitor: Option<&Visitor>) -> String {
    if let Some(visitor) = visitor {
        return admission_link_of(visitor);
    }
    let (kind, bytes) = match admitted {
        Some(Admitted::Code(hash)) => (1, hash),
        Some(Admitted::Address(hash)) => (3, hash),
        // A personal link stands there itself.
        Some(Admitted::Invitation(_) | Admitted::SignIn(_)) | None => return String::new(),
    };
    let now = app.ambient.now().unix_timestamp().to_be_bytes();
    let mut payload = vec![ADMISSION_FORMAT];
    for part in [entry.form_id.as_bytes().as_slice(), &now, &[kind], &bytes] {
        payload.extend_from_slice(part);
    }
    format!("&{ADMISSION_PARAMETER}={}", app.secrets.sign_token(&payload))
}

/// The same for somebody who has signed in.
pub fn admission_link_of(visitor: &Visitor) -> String {
    format!("&{ADMISSION_PARAMETER}={}", visitor.admission)
}

fn admission_of(app: &App, entry: &FormEntry, token: &str) -> Option<Admitted> {
    let payload = app.secrets.verify_token(token)?;
    let (&format, rest) = payload.split_first()?;
    let (form, rest) = rest.split_first_chunk::<16>()?;
    let (seconds, rest) = rest.split_first_chunk::<8>()?;
    let (&kind, bytes) = rest.split_first()?;
    let since = time::OffsetDateTime::from_unix_timestamp(i64::from_be_bytes(*seconds)).ok()?;
    let lifetime = time::Duration::hours(app.config.limits.form_token_hours.into());
    let fits = format == ADMISSION_FORMAT && form == entry.form_id.as_bytes() && app.ambient.now() - since <= lifetime;
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    match kind {
        1 if fits => Some(Admitted::Code(bytes)),
        3 if fits => Some(Admitted::Address(bytes)),
        _ => None,
    }
}

/// Counts one more try from the sender, and one more for the form.
pub fn count(app: &App, entry: &FormEntry, what: Limited, request: &HttpRequest, lang: Lang) -> Result<(), Problem> {
    let counted = app.limits.count(what, request).and_then(|()| app.limits.count_for_form(what, entry.form_id));
    counted.map_err(|error| Problem::from(error).in_language(lang))
}

/// What `typed` lets in by, if it is the form's access code.
pub fn is_code(app: &App, entry: &FormEntry, typed: &str) -> Option<Admitted> {
    let code = entry.shown.form.definition.access_code.as_deref()?;
    let [wanted, given] = [code, typed].map(|text| admission::code_hash(&app.secrets, entry.form_id, text));
    same(&wanted, &given).then_some(Admitted::Code(wanted))
}

async fn send(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    address: &str,
) -> Result<HttpResponse, Problem> {
    let again = |trouble| page(app, entry, lang, request, Step::Address(address), Some(trouble));
    if !address.validate_email() {
        return again("error-email");
    }
    count(app, entry, Limited::Mails, request, lang)?;
    let hash = app.secrets.blind_index(entry.site_id, BlindKind::Email, address);
    let (ticket, code) = match admission::make_ticket(app, entry.form_id, &hash).await? {
        MadeTicket::Fresh(ticket, code) => (ticket, code),
        // Somebody else may have asked for them, so whose address it is gets on with the newest.
        MadeTicket::UnderWay(Some(ticket)) => {
            return page(app, entry, lang, request, Step::Mailed(address, &ticket), Some("door-often"));
        }
        MadeTicket::UnderWay(None) => return again("door-often"),
    };
    let t = Tongue::new(lang);
    let title = entry.shown.form.definition.title.get(lang);
    let site = &entry.shown.site.definition.name;
    let text = crate::words::Words::shared().with(
        lang,
        "mail-code-text",
        &[("code", code.as_str().into()), ("form", title.into()), ("site", site.as_str().into())],
    );
    let sent = match &app.mailer {
        Some(mailer) => mailer.send(address, &t.with1("mail-code-subject", "form", title), text).await,
        None => Err(crate::mail::MailError::Transport("[mail] is not configured")),
    };
    if let Err(error) = sent {
        tracing::warn!(%error, "the mail with a code could not be sent");
        admission::forget_ticket(app, &ticket).await?;
        return again("door-unsent");
    }
    page(app, entry, lang, request, Step::Mailed(address, &ticket), None)
}

/// What is asked for.
#[derive(Clone, Copy)]
enum Step<'a> {
    Code,
    Address(&'a str),
    Mailed(&'a str, &'a str),
}

fn page(
    app: &App,
    entry: &FormEntry,
    lang: Lang,
    request: &HttpRequest,
    step: Step<'_>,
    trouble: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let t = Tongue::new(lang);
    let site = &entry.shown.site.definition;
    let around = form_pages::surroundings(app, site, request);
    let (label, hint, button) = match step {
        Step::Code => ("code-label", Some("code-hint"), "code-button"),
        Step::Address(_) => ("door-address", Some("door-address-hint"), "door-send"),
        Step::Mailed(..) => ("door-code", None, "code-button"),
    };
    let (mut carried, mut mailed, mut value) = (vec![(LANG_CONTROL, lang.to_string())], None, String::new());
    match step {
        Step::Code => {}
        Step::Address(address) => address.clone_into(&mut value),
        Step::Mailed(address, ticket) => {
            carried.extend([(ADDRESS_CONTROL, address.to_owned()), (TICKET_CONTROL, ticket.to_owned())]);
            mailed = Some(address.to_owned());
        }
    }
    let query = request.query_string();
    let door = DoorPage {
        t,
        look: Look::of(site, &entry.shown.site.version.sha256),
        around: around.clone(),
        title: entry.shown.form.definition.title.get(lang).to_owned(),
        action: format!("{}{}{query}", request.path(), if query.is_empty() { "" } else { "?" }),
        languages: language_links(
            site,
            request.path(),
            lang,
            &format!("{}{}", around.query(), form_pages::carried(entry, request)),
        ),
        why: t.with1("why-intro", "controller", &site.controller.name),
        policy: policy_link(&entry.shown, lang),
        label: t.text(label),
        hint: hint.map(|key| t.text(key)),
        button: t.text(button),
        control: if matches!(step, Step::Address(_)) { ADDRESS_CONTROL } else { CODE_CONTROL },
        asks_address: matches!(step, Step::Address(_)),
        carried,
        mailed,
        value,
        trouble: trouble.map(|key| t.text(key)),
    };
    if let Some(reason) = trouble {
        app.metrics.refused(FORM_ROUTE, reason);
    }
    let status = match trouble {
        None => StatusCode::OK,
        Some("door-unsent") => StatusCode::SERVICE_UNAVAILABLE,
        Some("door-often") => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut response = html::page(status, &door)?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    around.allow_framing(&mut response);
    Ok(response)
}

/// The context of `templates/forms/door.html`.
#[derive(Template)]
#[template(path = "forms/door.html")]
pub struct DoorPage {
    /// The words.
    pub t: Tongue,
    /// The site's look.
    pub look: Look,
    /// Where the page is shown.
    pub around: Surroundings,
    /// The form's title.
    pub title: String,
    /// Where the answer goes.
    pub action: String,
    /// The page in other languages.
    pub languages: Vec<LanguageLink>,
    /// Who is responsible for what is typed.
    pub why: String,
    /// The privacy notice.
    pub policy: PolicyLink,
    /// What is asked for.
    pub label: String,
    /// More about it.
    pub hint: Option<String>,
    /// Words on the button.
    pub button: String,
    /// The control of the answer.
    pub control: &'static str,
    /// Whether an address is asked for.
    pub asks_address: bool,
    /// What goes along.
    pub carried: Vec<(&'static str, String)>,
    /// Where a code was sent.
    pub mailed: Option<String>,
    /// What was typed.
    pub value: String,
    /// What is wrong.
    pub trouble: Option<String>,
}
