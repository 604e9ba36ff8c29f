//! Staff: accounts, what they may do, and how they come in.
//!
//! A handler for staff takes an [`Access`]: it exists only for a live session, has checked that an
//! unsafe request comes from our own pages, and answers what the account may see and do.

pub mod accounts;
pub mod auth;
pub mod cas;
pub mod factors;
pub mod fault;
pub mod http;
pub mod ldap;
pub mod login;
pub mod logout;
pub mod oidc;
pub mod pages;
pub mod providers;
pub mod providers_page;
pub mod requests;
#[cfg(feature = "saml")]
pub mod saml;
pub mod setup;
pub mod setup_page;
pub mod states;
pub mod store;

use providers::LOCAL;
pub use providers::{Person, SignInError};

use std::future::Future;
use std::pin::Pin;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::app::App;
use crate::crypto::secrets::same;
use crate::forms::catalog::Current;
use crate::server::cors;
use crate::server::problem::Problem;
use crate::words::Tongue;

/// How far the clock of a provider may be from ours.
const SKEW: time::Duration = time::Duration::MINUTE;

/// The session's cookie. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const COOKIE: &str = "__Host-sealwax";

/// What an account may do, on everything, one site or one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Writes forms, policies and purposes.
    Editor,
    /// Reads submissions.
    Reviewer,
    /// Reads the ledger.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Editor, Self::Reviewer, Self::Auditor];

    /// The name in the database, on the command line and in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    const fn reads_submissions(self) -> bool {
        matches!(self, Self::Admin | Self::Reviewer)
    }
}

/// A role on everything, one site or one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Only on this site.
    pub site: Option<Uuid>,
    /// Only on this form.
    pub form: Option<Uuid>,
}

/// A user name as accounts are found by it: trimmed, NFKC, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The name as somebody typed it; `None` when it can't be one.
    pub fn parse(typed: &str) -> Option<Self> {
        let name = typed.trim().nfkc().collect::<String>().to_lowercase();
        let good =
            (1..=100).contains(&name.chars().count()) && !name.chars().any(|c| c.is_control() || c.is_whitespace());
        good.then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A staff member with a live session.
#[derive(Debug, Clone)]
pub struct Access {
    /// The account.
    pub staff_id: Uuid,
    /// The name shown to colleagues.
    pub name: String,
    /// What the account may do.
    pub grants: Vec<Grant>,
    /// Proves that a form was made for this session.
    pub csrf: String,
    /// Hash of the session's token.
    pub session: Vec<u8>,
    /// The session's name, which opens nothing.
    pub session_id: Uuid,
    /// Who let them in.
    pub provider: String,
    /// When they last proved who they are.
    pub authenticated_at: OffsetDateTime,
}

impl Access {
    /// Whether the account may do everything everywhere.
    pub fn is_admin(&self) -> bool {
        self.grants.iter().any(|grant| grant.role == Role::Admin && grant.site.is_none() && grant.form.is_none())
    }

    /// Whether the account may read submissions of this form.
    pub fn reads(&self, site: Uuid, form: Uuid) -> bool {
        self.grants.iter().any(|grant| {
            grant.role.reads_submissions()
                && grant.site.is_none_or(|own| own == site)
                && grant.form.is_none_or(|own| own == form)
        })
    }

    /// Whether the account administers this form.
    pub fn administers(&self, site: Uuid, form: Uuid) -> bool {
        self.grants.iter().any(|grant| {
            grant.role == Role::Admin
                && grant.site.is_none_or(|own| own == site)
                && grant.form.is_none_or(|own| own == form)
        })
    }

    /// Whether the account edits or administers this form.
    pub fn edits(&self, site: Uuid, form: Uuid) -> bool {
        self.grants.iter().any(|grant| {
            matches!(grant.role, Role::Admin | Role::Editor)
                && grant.site.is_none_or(|own| own == site)
                && grant.form.is_none_or(|own| own == form)
        })
    }

    /// The forms whose submissions the account may read; `None`: all of them.
    pub fn readable_forms(&self, current: &Current) -> Option<Vec<Uuid>> {
        if self
            .grants
            .iter()
            .any(|grant| grant.role.reads_submissions() && grant.site.is_none() && grant.form.is_none())
        {
            return None;
        }
        Some(
            current
                .forms
                .values()
                .filter(|entry| self.reads(entry.site_id, entry.form_id))
                .map(|entry| entry.form_id)
                .collect(),
        )
    }

    /// Refuses a form that was not made for this session.
    pub fn check_csrf(&self, token: &str) -> Result<(), Problem> {
        if same(token.as_bytes(), self.csrf.as_bytes()) { Ok(()) } else { Err(Problem::csrf()) }
    }

    /// Refuses who does not administer the installation.
    pub fn check_admin(&self) -> Result<(), Problem> {
        if self.is_admin() { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// Refuses who has not proved for a while who they are, and leads to where they do, and on to `next`.
    pub fn check_recent(&self, app: &App, next: &str) -> Result<(), Problem> {
        let since = app.ambient.now() - self.authenticated_at;
        let minutes = time::Duration::minutes(app.config.staff.confirm_after_minutes.into());
        // A clock that went back makes nobody recent.
        let recent = since > -time::Duration::MINUTE && since < minutes;
        if recent { Ok(()) } else { Err(Problem::confirm_required(next)) }
    }

    /// What every staff page shows.
    pub fn frame(&self, t: Tongue) -> Frame {
        let edits = self.grants.iter().any(|grant| matches!(grant.role, Role::Admin | Role::Editor));
        Frame { t, name: self.name.clone(), csrf: self.csrf.clone(), edits, admin: self.is_admin() }
    }
}

/// The context that the staff layout needs.
#[derive(Clone)]
pub struct Frame {
    /// The words.
    pub t: Tongue,
    /// Who is logged in.
    pub name: String,
    /// For the log-out button and every other form.
    pub csrf: String,
    /// Whether the account edits anything.
    pub edits: bool,
    /// Whether it administers the installation.
    pub admin: bool,
}

impl FromRequest for Access {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = request.app_data::<web::Data<App>>().ok_or_else(Problem::internal)?;
            if !request.method().is_safe() {
                refuse_foreign_pages(&request, &app.config.public_url())?;
            }
            let token = session_token(&request).ok_or_else(|| login_required(&request))?;
            let hash = crate::crypto::sha256(token.as_bytes());
            let found = store::session(&app.db, &hash, app.ambient.now(), &app.config.staff).await?;
            // Nobody stays in by a provider that is there no more.
            let found =
                found.filter(|(staff, ..)| staff.provider == LOCAL || app.providers.named(&staff.provider).is_some());
            let (staff, grants, session) = found.ok_or_else(|| login_required(&request))?;
            // Their own pages are where they set up what is missing.
            let own = ["/staff/account", "/staff/confirm", "/staff/logout"];
            if !own.contains(&request.path())
                && !request.path().starts_with("/staff/account/")
                && factors::is_missing(app, staff.id, &session.provider).await?
            {
                return Err(Problem::factor_required());
            }
            Ok(Self {
                staff_id: staff.id,
                name: staff.name,
                grants,
                csrf: app.secrets.csrf_token(&hash),
                session: hash.to_vec(),
                session_id: session.id,
                provider: session.provider,
                authenticated_at: session.authenticated_at,
            })
        })
    }
}

fn login_required(request: &HttpRequest) -> Problem {
    let next = if request.method().is_safe() { request.uri().path() } else { "/staff/inbox" };
    Problem::login_required(next)
}

/// The session's token, if the request carries one.
pub fn session_token(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned())
}

/// Refuses unsafe requests that a browser sent from somebody else's page (Fetch Metadata, Origin).
pub fn refuse_foreign_pages(request: &HttpRequest, public_url: &str) -> Result<(), Problem> {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(Problem::csrf());
    }
    match text(header::ORIGIN.as_str()) {
        Some(origin) if !cors::is_own(origin, public_url) && !is_same_host(request, origin) => Err(Problem::csrf()),
        _ => Ok(()),
    }
}

/// Whether `origin` is the very host that the request was sent to, as when somebody opens the
/// staff area by another name of this machine.
fn is_same_host(request: &HttpRequest, origin: &str) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let origin_host = origin.split_once("://").map(|(_, rest)| rest);
    host.is_some() && host == origin_host
}

/// The cookie that carries `token`.
pub fn session_cookie(token: &str) -> Cookie<'static> {
    Cookie::build(COOKIE, token.to_owned()).path("/").secure(true).http_only(true).same_site(SameSite::Lax).finish()
}

/// The cookie that takes a session away.
pub fn ended_cookie() -> Cookie<'static> {
    let mut cookie = session_cookie("");
    cookie.make_removal();
    cookie
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_however_its_name_is_typed() {
        assert_eq!(Username::parse(" Ana.K "), Username::parse("ana.k"));
        assert_eq!(Username::parse("a b"), None);
        assert_eq!(Username::parse(""), None);
    }

    #[test]
    fn a_grant_on_a_form_reaches_that_form_only() {
        let [site, form, other] = [1, 2, 3].map(Uuid::from_u128);
        let access = Access {
            staff_id: Uuid::nil(),
            name: String::new(),
            grants: vec![Grant { role: Role::Reviewer, site: Some(site), form: Some(form) }],
            csrf: String::new(),
            session: Vec::new(),
            session_id: Uuid::nil(),
            provider: String::new(),
            authenticated_at: OffsetDateTime::UNIX_EPOCH,
        };
        assert!(access.reads(site, form));
        assert!(!access.reads(site, other));
        assert!(!access.administers(site, form));
        assert!(!access.is_admin());
    }

    #[test]
    fn editors_and_auditors_read_no_submissions() {
        let reading: Vec<_> = Role::ALL.into_iter().filter(|role| role.reads_submissions()).collect();
        assert_eq!(reading, [Role::Admin, Role::Reviewer]);
    }
}
