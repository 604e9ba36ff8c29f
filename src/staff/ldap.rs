//! Signing staff in through an LDAP directory (RFC 4511): the account is searched for with a service
//! account, or its name is known by a template; its password is tried by binding as the account;
//! its groups are read with the service account.
//!
//! Several servers are tried in order. One that did not answer is left alone for a while, so nobody
//! waits for it again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, SearchOptions, dn_escape, ldap_escape,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::providers::Probe;
use super::{Person, SignInError};
use crate::config::LdapProvider;

/// How long a server that did not answer is left alone.
const REST: Duration = Duration::from_secs(30);
/// Connections of one server that are kept for later.
const KEPT: usize = 8;
/// Most groups that are read of one account.
const MOST_GROUPS: usize = 2000;
/// Most searches for the groups of one account.
const MOST_SEARCHES: usize = 200;
/// Sign-ins and look-ups that are under way at once.
const AT_ONCE: usize = 32;
/// Longest user name, in characters.
const LONGEST_NAME: usize = 256;
/// `invalidCredentials` (RFC 4511 §4.1.9).
const INVALID_CREDENTIALS: u32 = 49;
/// `constraintViolation`: too many tries, for some directories.
const CONSTRAINT: u32 = 19;
/// `invalidDNSyntax`: a template that a name does not fit into.
const INVALID_DN: u32 = 34;
/// `inappropriateAuthentication`: an account without a password.
const INAPPROPRIATE: u32 = 48;
/// `unwillingToPerform`: a disabled account, for some directories.
const UNWILLING: u32 = 53;
/// `noSuchObject`.
const NO_SUCH_OBJECT: u32 = 32;
/// `busy`.
const BUSY: u32 = 51;
/// `unavailable`.
const UNAVAILABLE: u32 = 52;
/// `sizeLimitExceeded`.
const SIZE_LIMIT_EXCEEDED: u32 = 4;

/// A directory as configured.
pub struct Directory {
    settings: LdapProvider,
    tls: Option<Arc<rustls::ClientConfig>>,
    servers: Vec<Server>,
    places: Semaphore,
}

struct Server {
    url: String,
    idle: Mutex<Vec<Ldap>>,
    rests_until: Mutex<Option<Instant>>,
}

/// What one try with one server came to.
enum Trouble {
    /// The server did not answer; another may, or a new connection to the same.
    Away(Fault),
    /// The server took too long; another may not.
    Slow,
    /// It answered, and another would answer the same.
    Settled(SignInError),
}

impl From<LdapError> for Trouble {
    fn from(error: LdapError) -> Self {
        match error {
            LdapError::Timeout { .. } => Self::Slow,
            LdapError::FilterParsing => Self::Settled(SignInError::Provider(Fault::plain("filter-unreadable"))),
            // It is shutting down, or has too much to do.
            LdapError::LdapResult { result } if [BUSY, UNAVAILABLE].contains(&result.rc) => {
                Self::Away(Fault::new("directory-answered", result.rc.to_string()))
            }
            LdapError::LdapResult { result } => Self::Settled(SignInError::Provider(Fault::new(
                "directory-answered",
                format!("{} {}", result.rc, result.text),
            ))),
            other => Self::Away(Fault::of_connection(&other)),
        }
    }
}

impl Directory {
    /// Reads the certificates that its servers are verified with.
    pub fn new(settings: LdapProvider) -> Result<Self, String> {
        let tls = match &settings.ca_file {
            Some(file) => Some(Arc::new(super::http::tls_config(Some(file))?)),
            None => None,
        };
        let servers = settings.urls.iter().map(|url| Server {
            url: url.clone(),
            idle: Mutex::default(),
            rests_until: Mutex::default(),
        });
        Ok(Self { servers: servers.collect(), tls, settings, places: Semaphore::new(AT_ONCE) })
    }

    /// Lets somebody in who has the password, with what the directory says of them.
    pub async fn sign_in(&self, username: &str, password: &SecretString) -> Result<Person, SignInError> {
        // A name without a password is an anonymous bind, which many directories let succeed (RFC 4513 §5.1.2).
        let username = username.trim();
        if username.is_empty()
            || password.expose_secret().is_empty()
            || username.chars().count() > LONGEST_NAME
            || username.chars().any(char::is_control)
        {
            return Err(SignInError::Wrong(None));
        }
        self.with_server(|server| Box::pin(self.try_sign_in(server, username, password))).await
    }

    /// Whether the account with this subject is still there and not locked.
    pub async fn is_there(&self, subject: &str) -> Result<bool, SignInError> {
        // Without a service account there is nobody who could look.
        if self.settings.bind.is_none() {
            return Ok(true);
        }
        let filter = format!("(&{}{})", self.settings.live_filter, subject_filter(&self.settings.subject, subject));
        self.with_server(|server| Box::pin(self.try_find(server, &filter))).await
    }

    /// Connects to each server, binds and looks for the base, for who wants to know what is wrong.
    pub async fn probe(&self) -> Vec<Probe> {
        let mut found = Vec::new();
        for server in &self.servers {
            let probed = tokio::time::timeout(self.settings.timeout * 3, self.try_probe(server)).await;
            let outcome = match probed {
                Ok(Ok(())) => self.certificate_until(server).await,
                Ok(Err(Trouble::Settled(SignInError::Provider(fault)) | Trouble::Away(fault))) => Err(fault),
                Ok(Err(_)) | Err(_) => Err(Fault::no_answer()),
            };
            found.push(Probe { server: server.url.clone(), outcome });
        }
        found
    }

    /// Until when the certificate of a server holds; it is not looked at where TLS begins later.
    async fn certificate_until(&self, server: &Server) -> Result<Option<time::OffsetDateTime>, Fault> {
        let Ok(url) = url::Url::parse(&server.url) else { return Ok(None) };
        if url.scheme() != "ldaps" {
            return Ok(None);
        }
        let tls = match &self.tls {
            Some(tls) => Arc::clone(tls),
            None => Arc::new(super::http::tls_config(None).map_err(|error| Fault::new("tls", error))?),
        };
        let (host, port) = (url.host_str().unwrap_or_default(), url.port().unwrap_or(636));
        super::http::certificate_until(&tls, host, port, self.settings.timeout).await.map(Some)
    }

    /// Asks one server after the other until one answers: those that rest come last.
    async fn with_server<'a, T>(
        &'a self,
        work: impl Fn(&'a Server) -> BoxFuture<'a, Result<T, Trouble>> + Send,
    ) -> Result<T, SignInError> {
        let mut last = Fault::no_answer();
        let _place = self.places.acquire().await.map_err(|_| SignInError::Away(Fault::no_answer()))?;
        let (resting, ready): (Vec<&Server>, Vec<&Server>) = self.servers.iter().partition(|server| server.rests());
        for server in ready.into_iter().chain(resting) {
            // A connection that was kept may have ended meanwhile, which says nothing of the server.
            for _ in 0..2 {
                let kept = server.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
                // All of a sign-in, and not each step of it.
                match tokio::time::timeout(self.settings.timeout * 3, work(server)).await {
                    Ok(Ok(done)) => {
                        server.set_rest(None);
                        return Ok(done);
                    }
                    Ok(Err(Trouble::Settled(error))) => return Err(error),
                    Ok(Err(Trouble::Away(reason))) => last = reason,
                    Ok(Err(Trouble::Slow)) | Err(_) => {
                        last = Fault::no_answer();
                        break;
                    }
                }
                server.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                if kept == 0 {
                    break;
                }
            }
            last = last.at(&server.url);
            tracing::warn!(server = server.url, reason = %last, "an LDAP server did not answer");
            server.set_rest(Some(Instant::now() + REST));
        }
        Err(SignInError::Away(last))
    }

    async fn try_find(&self, server: &Server, filter: &str) -> Result<bool, Trouble> {
        let mut ldap = self.connection(server).await?;
        let found = self.search(&mut ldap, &self.settings.user_base, filter, &["1.1"], 1).await?;
        server.keep(ldap);
        Ok(!found.entries.is_empty())
    }

    async fn try_probe(&self, server: &Server) -> Result<(), Trouble> {
        let mut ldap = self.connection(server).await?;
        // What people may read without a service account is not known here.
        if self.settings.bind.is_none() {
            return Ok(());
        }
        let settings = &self.settings;
        for (key, base) in [("user_base", Some(&settings.user_base)), ("group_base", settings.group_base.as_ref())] {
            let Some(base) = base else { continue };
            let found = settings.timed(&mut ldap).search(base, Scope::Base, "(objectClass=*)", ["1.1"]).await?;
            match (found.1.rc, found.0.len()) {
                (NO_SUCH_OBJECT, _) | (0, 0) => {
                    return Err(Trouble::Settled(SignInError::Provider(Fault::new("base-not-found", key))));
                }
                (0, _) => {}
                _ => return Err(found.success().err().map_or_else(|| Trouble::Slow, Trouble::from)),
            }
        }
        // The filters as they are used, with a name that nobody has.
        let nobody = settings.user_filter.replace("{username}", "\\00");
        let filter = format!("(&{}{nobody})", settings.live_filter);
        self.search(&mut ldap, &settings.user_base, &filter, &["1.1"], 1).await?;
        server.keep(ldap);
        Ok(())
    }

    async fn try_sign_in(&self, server: &Server, username: &str, password: &SecretString) -> Result<Person, Trouble> {
        let settings = &self.settings;
        let mut ldap = self.connection(server).await?;
        let filter = settings.user_filter.replace("{username}", &ldap_escape(username));
        // Whoever may not come in any more is not found.
        let filter = format!("(&{}{filter})", settings.live_filter);
        let dn = match &settings.user_dn {
            Some(template) => {
                let dn = template.replace("{username}", &dn_escape(username));
                // The account itself reads what is known of it.
                if !bind(settings, &mut ldap, &dn, password).await? {
                    return Err(Trouble::Settled(SignInError::Wrong(Some(dn.to_lowercase()))));
                }
                Some(dn)
            }
            None => None,
        };
        let attributes = settings.attributes();
        let found = match &dn {
            Some(dn) => {
                let found =
                    settings.timed(&mut ldap).search(dn, Scope::Base, &settings.live_filter, &attributes).await?;
                let entries = found.success()?.0.into_iter().map(SearchEntry::construct).collect();
                Found { entries, more: false }
            }
            None => self.search(&mut ldap, &settings.user_base, &filter, &attributes, 2).await?,
        };
        // The server may have stopped at one of several.
        let found = if found.more { Vec::new() } else { found.entries };
        let entry = match <[SearchEntry; 1]>::try_from(found) {
            Ok([entry]) => entry,
            Err(found) => {
                if found.len() > 1 {
                    // Two people by one name: neither may be taken for the other.
                    tracing::warn!("user_filter finds more than one entry; nobody is let in by it");
                }
                // About as long as for a name that is there; what it says does not matter.
                if dn.is_none() {
                    let _ = bind(settings, &mut ldap, &settings.user_base, password).await;
                }
                server.keep_after(ldap, settings).await;
                return Err(Trouble::Settled(SignInError::Wrong(None)));
            }
        };
        if dn.is_none() && !bind(settings, &mut ldap, &entry.dn, password).await? {
            server.keep_after(ldap, settings).await;
            return Err(Trouble::Settled(SignInError::Wrong(Some(entry.dn.to_lowercase()))));
        }
        let groups = self.groups(&mut ldap, &entry).await?;
        server.keep_after(ldap, settings).await;
        let one = |name: &str| values(&entry, name).into_iter().next();
        let subject = only(&entry, &settings.subject)?;
        Ok(Person {
            subject,
            entry: entry.dn.to_lowercase(),
            login: username.to_owned(),
            name: one(&settings.name).unwrap_or_else(|| username.to_owned()),
            email: one(&settings.email),
            groups,
        })
    }

    /// A connection that is bound as the service account, where there is one.
    async fn connection(&self, server: &Server) -> Result<Ldap, Trouble> {
        let kept = server.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut ldap) = kept
            && !ldap.is_closed()
        {
            return Ok(ldap);
        }
        let mut settings =
            LdapConnSettings::new().set_conn_timeout(self.settings.timeout).set_starttls(self.settings.starttls);
        if let Some(tls) = &self.tls {
            settings = settings.set_config(Arc::clone(tls));
        }
        let connected =
            tokio::time::timeout(self.settings.timeout, LdapConnAsync::with_settings(settings, &server.url));
        let (connection, mut ldap) = connected.await.map_err(|_| Trouble::Away(Fault::no_answer()))??;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "a connection to an LDAP server ended");
            }
        });
        if let Some((dn, password)) = &self.settings.bind {
            let bound = self.settings.timed(&mut ldap).simple_bind(dn, password.expose_secret()).await?;
            if bound.rc == INVALID_CREDENTIALS {
                return Err(Trouble::Settled(SignInError::Provider(Fault::plain("bind-refused"))));
            }
            bound.success()?;
        }
        Ok(ldap)
    }

    async fn search(
        &self,
        ldap: &mut Ldap,
        base: &str,
        filter: &str,
        attributes: &[&str],
        most: i32,
    ) -> Result<Found, Trouble> {
        let options = SearchOptions::new().sizelimit(most);
        let found =
            self.settings.timed(ldap).with_search_options(options).search(base, Scope::Subtree, filter, attributes);
        let found = found.await?;
        let more = found.1.rc == SIZE_LIMIT_EXCEEDED;
        if found.1.rc == NO_SUCH_OBJECT {
            // Nobody is gone because a copy of the directory is empty.
            return Err(Trouble::Settled(SignInError::Provider(Fault::new("base-not-found", base))));
        }
        if !more && found.1.rc != 0 {
            return Err(found.1.success().err().map_or(Trouble::Slow, Trouble::from));
        }
        // References to other servers are left where they are.
        let entries = found.0.into_iter().filter(|entry| !entry.is_ref()).map(SearchEntry::construct).collect();
        Ok(Found { entries, more })
    }

    /// The names of the account's groups, those that it is in through others as deep as configured.
    async fn groups(&self, ldap: &mut Ldap, entry: &SearchEntry) -> Result<Vec<String>, Trouble> {
        let settings = &self.settings;
        let Some(base) = &settings.group_base else {
            return Ok(values(entry, &settings.groups).into_iter().take(MOST_GROUPS).collect());
        };
        // People often may not read groups themselves.
        if let Some((dn, password)) = &settings.bind {
            settings.timed(ldap).simple_bind(dn, password.expose_secret()).await?.success()?;
        }
        // What the directory calls the account, which may be another name than was typed.
        let username =
            if settings.group_filter.contains("{username}") { only(entry, &settings.username)? } else { String::new() };
        let too_many = || Trouble::Settled(SignInError::Provider(Fault::plain("too-many-groups")));
        let mut searches = 0;
        let mut names = BTreeSet::new();
        let mut seen = BTreeSet::from([entry.dn.to_lowercase()]);
        let mut layer = vec![entry.dn.clone()];
        for _ in 0..=settings.nested {
            let mut next = Vec::new();
            for dn in &layer {
                searches += 1;
                if searches > MOST_SEARCHES {
                    return Err(too_many());
                }
                let filter = filled(&settings.group_filter, dn, &username);
                let limit = i32::try_from(MOST_GROUPS).unwrap_or(i32::MAX);
                let found = self.search(ldap, base, &filter, &[settings.groups.as_str()], limit).await?;
                if found.more {
                    return Err(too_many());
                }
                for group in found.entries {
                    if seen.insert(group.dn.to_lowercase()) {
                        names.extend(values(&group, &settings.groups));
                        next.push(group.dn);
                    }
                }
                if seen.len() > MOST_GROUPS {
                    return Err(too_many());
                }
            }
            layer = next;
            if layer.is_empty() {
                break;
            }
        }
        Ok(names.into_iter().collect())
    }
}

impl Server {
    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn set_rest(&self, until: Option<Instant>) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Keeps a connection that is bound as the service account.
    fn keep(&self, ldap: Ldap) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(ldap);
        }
    }

    /// The same after somebody's password was tried with it: bound as the service account again, and not
    /// kept where there is none.
    async fn keep_after(&self, mut ldap: Ldap, settings: &LdapProvider) {
        if let Some((dn, password)) = &settings.bind
            && let Ok(bound) = settings.timed(&mut ldap).simple_bind(dn, password.expose_secret()).await
            && bound.rc == 0
        {
            self.keep(ldap);
        }
    }
}

/// Finds the account with this subject, also where it is bytes that we keep in hexadecimal.
fn subject_filter(attribute: &str, subject: &str) -> String {
    let plain = format!("({attribute}={})", ldap_escape(subject));
    if subject.is_empty() || !subject.len().is_multiple_of(2) || !subject.bytes().all(|b| b.is_ascii_hexdigit()) {
        return plain;
    }
    let pairs = subject.as_bytes().chunks_exact(2).map(|pair| format!("\\{}", String::from_utf8_lossy(pair)));
    format!("(|{plain}({attribute}={}))", pairs.collect::<Vec<_>>().concat())
}

/// What a search has found, and whether there is more.
struct Found {
    entries: Vec<SearchEntry>,
    more: bool,
}

/// A filter with both places filled in at once, so that neither value is taken for a place.
fn filled(template: &str, dn: &str, username: &str) -> String {
    let parts = template.split("{dn}").map(|part| part.replace("{username}", &ldap_escape(username)));
    parts.collect::<Vec<_>>().join(&ldap_escape(dn))
}

/// Every value of an attribute, whose name is written in upper or lower case. Bytes that are no text,
/// such as the `objectGUID` of Active Directory, count in hexadecimal.
fn values(entry: &SearchEntry, attribute: &str) -> Vec<String> {
    let texts = entry.attrs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(attribute)).flat_map(|(_, all)| all);
    let bytes = entry.bin_attrs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(attribute));
    let bytes = bytes.flat_map(|(_, all)| all).map(|bytes| crate::crypto::hex(bytes));
    texts.cloned().chain(bytes).filter(|value| !value.trim().is_empty()).collect()
}

/// The one value of an attribute that must have exactly one.
fn only(entry: &SearchEntry, attribute: &str) -> Result<String, Trouble> {
    let mut values = values(entry, attribute);
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(Trouble::Settled(SignInError::Provider(Fault::new("attribute-missing", attribute)))),
    }
}

/// Whether the password is that of the account.
async fn bind(settings: &LdapProvider, ldap: &mut Ldap, dn: &str, password: &SecretString) -> Result<bool, Trouble> {
    let bound = settings.timed(ldap).simple_bind(dn, password.expose_secret()).await?;
    match bound.rc {
        0 => Ok(true),
        // Locked, expired and disabled accounts are told nothing else than a wrong password: whoever asks may not be its owner.
        INVALID_CREDENTIALS | NO_SUCH_OBJECT | INVALID_DN | UNWILLING | INAPPROPRIATE | CONSTRAINT => Ok(false),
        _ => Err(bound.success().err().map_or_else(|| Trouble::Away(Fault::plain("unreadable")), Trouble::from)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_found_as_text_or_as_bytes_and_changes_no_filter() {
        assert_eq!(subject_filter("entryUUID", "a*)(uid=x"), "(entryUUID=a\\2a\\29\\28uid=x)");
        assert_eq!(subject_filter("objectGUID", "0aff"), "(|(objectGUID=0aff)(objectGUID=\\0a\\ff))");
    }

    #[test]
    fn a_value_is_never_taken_for_a_place() {
        let filter = filled("(|(member={dn})(memberUid={username}))", "cn={username},ou=*", "{dn}");
        assert_eq!(filter, "(|(member=cn={username},ou=\\2a)(memberUid={dn}))");
    }
}
