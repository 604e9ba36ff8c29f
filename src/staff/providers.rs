//! The providers that let staff in, and what becomes of whom they let in: an account of
//! (provider, stable subject), made at the first sign-in and brought up to date at each, with the
//! roles of its groups and no others.

use std::collections::BTreeSet;

use secrecy::SecretString;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::cas::Cas;
use super::fault::Fault;
use super::ldap::Directory;
use super::oidc::Oidc;
use super::{Grant, SKEW, states, store};
use crate::ambient::Ambient;
use crate::app::App;
use crate::config::{self, Kind, RoleAt};
use crate::db;
use crate::ledger;

/// Somebody whom a provider has let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What the provider never gives to anybody else.
    pub subject: String,
    /// What the directory calls it now, in lower case.
    pub entry: String,
    /// The name that was typed.
    pub login: String,
    /// The name that colleagues see.
    pub name: String,
    /// An e-mail address, for people to read; nobody is known by it.
    pub email: Option<String>,
    /// The groups that roles come from.
    pub groups: Vec<String>,
}

/// Why a provider lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Name or password, or the account is locked: the same for all of them. With what the directory
    /// calls the account, where there is one, so that its failures add up however it is spelt.
    #[error("user name or password is wrong")]
    Wrong(Option<String>),
    /// Somebody turned back at the provider.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// No server answers.
    #[error("no server answers: {0}")]
    Away(Fault),
    /// The provider answers, but not as it is configured.
    #[error("{0}")]
    Provider(Fault),
    /// What came back with the browser counts for nothing.
    #[error("{0}")]
    Refused(Fault),
}

/// A provider that is ready.
pub struct Ready {
    /// As configured.
    pub settings: config::Provider,
    /// What asks it.
    pub means: Means,
}

/// What asks a provider.
pub enum Means {
    /// The accounts of this installation.
    Local,
    /// A directory.
    Ldap(Box<Directory>),
    /// A CAS server.
    Cas(Box<Cas>),
    /// An `OpenID` provider.
    Oidc(Box<Oidc>),
    /// A SAML identity provider.
    #[cfg(feature = "saml")]
    Saml(Box<super::saml::provider::Saml>),
}

/// The accounts of this installation, in URLs and in the database.
pub const LOCAL: &str = "local";

impl Ready {
    /// Its name in URLs. The accounts of this installation are always there under [`LOCAL`].
    pub fn id(&self) -> &str {
        if matches!(self.means, Means::Local) { LOCAL } else { &self.settings.id }
    }

    /// The directory, if it is one.
    pub fn directory(&self) -> Option<&Directory> {
        match &self.means {
            Means::Ldap(directory) => Some(directory),
            _ => None,
        }
    }

    /// Whether people type their password here, and are not sent elsewhere.
    pub fn asks_here(&self) -> bool {
        matches!(self.means, Means::Local | Means::Ldap(_))
    }

    /// Where it sends people back to.
    pub fn callback(public_url: &str, id: &str) -> String {
        format!("{public_url}/staff/auth/{id}/callback")
    }
}

/// What a look at one server of a provider found.
pub struct Probe {
    /// Which server, where there are several.
    pub server: String,
    /// Until when its certificate holds, where it has one; or what is wrong.
    pub outcome: Result<Option<OffsetDateTime>, Fault>,
}

/// What the date of an answer says of the clock of its sender.
pub fn clock(date: Option<OffsetDateTime>, now: OffsetDateTime) -> Result<(), Fault> {
    let off = date.map_or(0, |date| (date - now).whole_seconds());
    if off.abs() > SKEW.whole_seconds() { Err(Fault::new("clock", off.to_string())) } else { Ok(()) }
}

impl Ready {
    /// Tries every server of the provider.
    pub async fn probe(&self, now: OffsetDateTime) -> Vec<Probe> {
        let one = |server: &str, outcome| vec![Probe { server: server.to_owned(), outcome }];
        match &self.means {
            Means::Local => Vec::new(),
            Means::Ldap(directory) => directory.probe().await,
            Means::Cas(cas) => {
                let outcome = async {
                    clock(cas.probe().await?.date, now)?;
                    // One that does not fit has ended the request already; whoever is behind a proxy sees none.
                    Ok(cas.certificate_until().await.unwrap_or_default())
                };
                one("", outcome.await)
            }
            Means::Oidc(oidc) => {
                let outcome = async {
                    clock(oidc.probe().await?.date, now)?;
                    Ok(oidc.certificate_until().await.unwrap_or_default())
                };
                one("", outcome.await)
            }
            #[cfg(feature = "saml")]
            Means::Saml(saml) => one("", saml.probe(now).await),
        }
    }
}

/// Ends the sessions of providers whose groups may do something else than when they began.
pub async fn end_sessions_of_other_roles(
    db: &db::Db,
    ambient: &Ambient,
    providers: &[config::Provider],
) -> Result<(), db::Error> {
    for provider in providers.iter().filter(|one| !matches!(one.kind, Kind::Local)) {
        let hash = crate::crypto::sha256(written(provider).as_bytes());
        let transaction = db.begin().await?;
        if states::roles_changed(&transaction, &provider.id, &hash).await? {
            for session in store::sessions_of_provider(&transaction, &provider.id, &[]).await? {
                store::end_session(&transaction, &session.token_hash).await?;
                let body = json!({ "provider": provider.id, "reason": "roles-changed" });
                let entry = ledger::Entry::new("staff-sessions-ended", body).about(session.staff_id);
                ledger::append(&transaction, ambient, entry).await?;
            }
        }
        transaction.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// Tries every provider and puts it down how it fares.
pub async fn look_after(app: &App) -> Result<(), db::Error> {
    for ready in app.providers.all() {
        look_after_one(app, ready).await?;
    }
    Ok(())
}

/// The same for one.
pub async fn look_after_one(app: &App, ready: &Ready) -> Result<(), db::Error> {
    let now = app.ambient.now();
    let probes = ready.probe(now).await;
    // One server that answers is enough to sign in by; one that does not is worth a word all the same.
    let works = probes.iter().any(|probe| probe.outcome.is_ok());
    let until = probes.iter().filter_map(|probe| probe.outcome.as_ref().ok().copied().flatten()).min();
    if works {
        states::succeeded(app.db.writer(), ready.id(), now).await?;
    }
    if let Some(until) = until {
        states::certified(app.db.writer(), ready.id(), until).await?;
    }
    for probe in probes {
        if let Err(fault) = probe.outcome {
            tracing::warn!(provider = ready.id(), server = probe.server, reason = %fault, "a provider does not work");
            states::failed(app.db.writer(), ready.id(), now, &fault.at(&probe.server)).await?;
        }
    }
    Ok(())
}

/// Every provider, in the order of the login page.
pub struct Providers(Vec<Ready>);

impl Providers {
    /// Reads what they need; fails at the first that can't be used.
    pub fn new(settings: &[config::Provider], public_url: &str) -> Result<Self, String> {
        let ca_file = |error: String| format!("ca_file: {error}");
        let ready = settings.iter().map(|provider| {
            let means = match &provider.kind {
                Kind::Local => Ok(Means::Local),
                Kind::Ldap(ldap) => {
                    Directory::new((**ldap).clone()).map_err(ca_file).map(|directory| Means::Ldap(Box::new(directory)))
                }
                Kind::Cas(cas) => Cas::new((**cas).clone()).map_err(ca_file).map(|cas| Means::Cas(Box::new(cas))),
                Kind::Oidc(oidc) => Oidc::new((**oidc).clone(), Ready::callback(public_url, &provider.id))
                    .map_err(ca_file)
                    .map(|oidc| Means::Oidc(Box::new(oidc))),
                #[cfg(feature = "saml")]
                Kind::Saml(saml) => super::saml::provider::Saml::new(&provider.id, (**saml).clone(), public_url)
                    .map(|saml| Means::Saml(Box::new(saml))),
                #[cfg(not(feature = "saml"))]
                Kind::Saml(_) => Err("this build is without SAML".to_owned()),
            };
            let means = means.map_err(|error| format!("staff.providers '{}': {error}", provider.id))?;
            Ok(Ready { settings: provider.clone(), means })
        });
        Ok(Self(ready.collect::<Result<_, String>>()?))
    }

    /// All of them, in order.
    pub fn all(&self) -> &[Ready] {
        &self.0
    }

    /// The provider with this id.
    pub fn named(&self, id: &str) -> Option<&Ready> {
        self.0.iter().find(|one| one.id() == id)
    }
}

/// What came of somebody whom a provider has let in.
pub enum Admitted {
    /// The account, ready for a session.
    In(Uuid),
    /// None of the groups has a role.
    NoRole,
    /// The account was disabled here.
    Disabled,
}

/// Adds a grant that is not there yet: two groups may have the same role.
fn push(grants: &mut Vec<Grant>, grant: Grant) {
    if !grants.contains(&grant) {
        grants.push(grant);
    }
}

/// What the groups of a provider may do, as one text that changes when it does.
fn written(provider: &config::Provider) -> String {
    let at = |at: &RoleAt| {
        let place = |slug: &Option<String>| slug.clone().unwrap_or_default();
        json!([at.role.name(), place(&at.site), place(&at.form)])
    };
    let group = |(group, roles): &(String, Vec<RoleAt>)| json!([group, roles.iter().map(at).collect::<Vec<_>>()]);
    serde_json::Value::from(provider.roles.iter().map(group).collect::<Vec<_>>()).to_string()
}

/// The roles of these groups, on everything or where they say.
fn roles_of<'a>(provider: &'a config::Provider, groups: &[String]) -> Vec<&'a RoleAt> {
    // Letter by letter: a group whose name begins with another's, or is written otherwise, is another group.
    let held = provider.roles.iter().filter(|(group, _)| groups.contains(group));
    held.flat_map(|(_, roles)| roles).collect()
}

/// `text` without the white space of XML around it (XML 1.0 §2.3): any other belongs to a name.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Longest subject, in bytes; and longest name and address, in characters.
const LONGEST: (usize, usize) = (1024, 200);

impl Person {
    /// The person, if the subject is one that is told from every other: without white space around it that some
    /// reader takes for nothing, without control characters, not endless. What people read is cut.
    pub fn fit(mut self) -> Result<Self, SignInError> {
        let odd = self.subject.is_empty()
            || self.subject.len() > LONGEST.0
            || self.subject.trim() != self.subject
            || self.subject.chars().any(char::is_control);
        if odd {
            return Err(SignInError::Provider(Fault::new("attribute-missing", "subject")));
        }
        let cut = |text: &str| text.chars().filter(|c| !c.is_control()).take(LONGEST.1).collect::<String>();
        self.name = cut(&self.name);
        self.login = cut(&self.login);
        self.email = self.email.as_deref().map(cut);
        Ok(self)
    }
}

/// Brings the account of `person` up to date, with the roles of its groups. Everything that changes
/// is on record.
pub async fn admit(app: &App, provider: &config::Provider, person: &Person) -> Result<Admitted, db::Error> {
    let current = app.catalog.current().await?;
    let roles = roles_of(provider, &person.groups);
    let mut grants: Vec<Grant> = Vec::new();
    for at in &roles {
        let Some(slug) = &at.site else {
            push(&mut grants, Grant { role: at.role, site: None, form: None });
            continue;
        };
        // A role on what is not published yet waits for it.
        let Some(site) = current.sites.get(slug).map(|site| site.version.owner) else { continue };
        let form = match &at.form {
            None => None,
            Some(form) => match app.catalog.form(slug, form).await? {
                Some(entry) => Some(entry.form_id),
                None => continue,
            },
        };
        push(&mut grants, Grant { role: at.role, site: Some(site), form });
    }
    let transaction = app.db.begin().await?;
    let found = store::by_subject(&transaction, &provider.id, &person.subject).await?;
    if grants.is_empty() {
        if let Some(staff) = &found {
            change_roles(&transaction, app, staff.id, &[], None).await?;
            store::end_sessions(&transaction, staff.id).await?;
        }
        refused(&transaction, app, &provider.id, found.as_ref().map(|staff| staff.id), "no-role").await?;
        transaction.commit().await?;
        return Ok(Admitted::NoRole);
    }
    // Two first sign-ins at once make one account, and the second waits here for the first.
    let id = store::add_from_provider(&transaction, &app.ambient, &provider.id, person).await?;
    change_roles(&transaction, app, id, &grants, None).await?;
    let disabled = found.is_some_and(|staff| staff.disabled_at.is_some());
    if disabled {
        refused(&transaction, app, &provider.id, Some(id), "disabled").await?;
    }
    transaction.commit().await?;
    Ok(if disabled { Admitted::Disabled } else { Admitted::In(id) })
}

/// Puts it down how a provider fares: it let somebody in or sent them away, or it did neither.
pub async fn note<T>(app: &App, provider: &str, outcome: &Result<T, SignInError>) -> Result<(), db::Error> {
    let now = app.ambient.now();
    match outcome {
        Ok(_) | Err(SignInError::Wrong(_)) => states::succeeded(app.db.writer(), provider, now).await,
        Err(SignInError::Away(fault) | SignInError::Provider(fault)) => {
            states::failed(app.db.writer(), provider, now, fault).await
        }
        Err(SignInError::Refused(fault)) => states::refused(app.db.writer(), provider, now, fault).await,
        Err(SignInError::Cancelled) => Ok(()),
    }
}

/// Puts a refusal on record, without a name.
pub async fn refused<C: sea_orm::ConnectionTrait>(
    connection: &C,
    app: &App,
    provider: &str,
    staff: Option<Uuid>,
    reason: &str,
) -> Result<(), db::Error> {
    let entry = ledger::Entry::new("staff-refused", json!({ "provider": provider, "reason": reason }));
    let entry = match staff {
        Some(id) => entry.by(id).about(id),
        None => entry,
    };
    ledger::append(connection, &app.ambient, entry).await
}

/// Leaves an account with exactly these roles, and puts a change on record: `by` a colleague, or by what
/// the provider says.
pub async fn change_roles<C: sea_orm::ConnectionTrait>(
    connection: &C,
    app: &App,
    staff: Uuid,
    grants: &[Grant],
    by: Option<Uuid>,
) -> Result<(), db::Error> {
    let named = |grants: &[Grant]| -> BTreeSet<String> {
        let name = |id: Option<Uuid>| id.map_or_else(String::new, |id| format!(":{id}"));
        grants.iter().map(|grant| format!("{}{}{}", grant.role.name(), name(grant.site), name(grant.form))).collect()
    };
    let before = named(&store::grants(connection, staff).await?);
    let after = named(grants);
    if before == after {
        return Ok(());
    }
    store::clear_grants(connection, staff).await?;
    for grant in grants {
        store::grant(connection, &app.ambient, staff, grant).await?;
    }
    let body = json!({ "from": before, "to": after });
    let entry = ledger::Entry::new("staff-roles-changed", body).about(staff);
    let entry = match by {
        Some(id) => entry.by(id),
        None => entry,
    };
    ledger::append(connection, &app.ambient, entry).await
}

/// Tries a password with a provider that is not this installation.
pub async fn sign_in(ready: &Ready, username: &str, password: &SecretString) -> Result<Person, SignInError> {
    match ready.directory() {
        Some(directory) => directory.sign_in(username, password).await.and_then(Person::fit),
        None => Err(SignInError::Wrong(None)),
    }
}

/// Ends the sessions of accounts that are gone from their directory or locked there. Asks about each
/// at most once in `every`.
pub async fn recheck(app: &App, every: time::Duration) -> Result<u64, db::Error> {
    let now = app.ambient.now();
    let mut ended = 0;
    for ready in app.providers.all() {
        let Some(directory) = ready.directory() else { continue };
        for staff in store::due_for_recheck(app.db.reader(), &ready.settings.id, now - every).await? {
            // On one node only, however many there are.
            if !store::claim_recheck(app.db.writer(), staff.id, now, now - every).await? {
                continue;
            }
            match directory.is_there(&staff.username).await {
                Ok(true) => {}
                Ok(false) => {
                    let transaction = app.db.begin().await?;
                    store::end_sessions(&transaction, staff.id).await?;
                    let body = json!({ "provider": ready.settings.id, "reason": "gone-or-locked" });
                    let entry = ledger::Entry::new("staff-sessions-ended", body).about(staff.id);
                    ledger::append(&transaction, &app.ambient, entry).await?;
                    transaction.commit().await?;
                    ended += 1;
                }
                // A directory that is away ends nobody's work, and is not waited for again and again.
                Err(error) => {
                    tracing::warn!(provider = ready.settings.id, %error, "accounts could not be looked up again");
                    break;
                }
            }
        }
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    #[test]
    fn a_subject_is_told_from_every_other() {
        let person = |subject: &str| Person {
            subject: subject.to_owned(),
            entry: String::new(),
            login: String::new(),
            name: "n".repeat(500),
            email: None,
            groups: Vec::new(),
        };
        assert_eq!(person("alice").fit().unwrap().name.len(), 200);
        for odd in ["", " ", "alice ", "alice\u{a0}", "\u{3000}alice", "al\u{0}ice", &"a".repeat(1025)] {
            assert!(person(odd).fit().is_err(), "{odd:?}");
        }
    }

    #[test]
    fn a_group_is_its_whole_name() {
        let at = |role| vec![RoleAt { role, site: None, form: None }];
        let provider = config::Provider {
            id: "directory".to_owned(),
            label: None,
            kind: Kind::Local,
            roles: vec![("admins".to_owned(), at(Role::Admin)), ("R&D <team>".to_owned(), at(Role::Auditor))],
        };
        let roles = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
            roles_of(&provider, &groups).into_iter().map(|at| at.role).collect::<Vec<_>>()
        };
        assert_eq!(roles(&["admins-of-nothing", "Admins", "admin"]), []);
        assert_eq!(roles(&["R&D <team>", "admins"]), [Role::Admin, Role::Auditor]);
    }
}
