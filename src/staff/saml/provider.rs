//! A SAML identity provider as configured: its metadata, fetched again and again with the last that was
//! good kept, and what its answers make of people.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tokio::sync::{Mutex, RwLock, Semaphore};

use super::{IdentityProvider, Incoming, Logout, NameId, Outgoing, Party, SamlError, Verified};
use crate::app::App;
use crate::config::{MetadataSource, SamlProvider};
use crate::staff::auth::Onward;
use crate::staff::fault::Fault;
use crate::staff::http::Client;
use crate::staff::providers::{clock, trimmed};
use crate::staff::{Person, SKEW, SignInError, states};

/// How often metadata is had again.
const AGAIN: Duration = Duration::hours(1);
/// The same after it could not be had, while there is some.
const AGAIN_AFTER_FAILURE: Duration = Duration::minutes(1);
/// The same while there is none.
const REST_UNKNOWN: Duration = Duration::seconds(5);

/// A SAML identity provider.
pub struct Saml {
    id: String,
    settings: SamlProvider,
    party: Arc<Party>,
    client: Client,
    known: RwLock<Option<Known>>,
    /// Held by whoever gets the metadata, so that one does at a time. With what came of the last time that it could
    /// not be had, and until when that is the answer.
    asking: Mutex<Option<(Fault, OffsetDateTime)>>,
}

#[derive(Clone)]
struct Known {
    idp: Arc<IdentityProvider>,
    /// When to have it again.
    until: OffsetDateTime,
}

/// What only we know of a request (kept with it).
#[derive(Debug, Serialize, Deserialize)]
pub struct Secret {
    /// The request's id, which the answer has to name.
    pub request: String,
}

impl From<SamlError> for SignInError {
    fn from(error: SamlError) -> Self {
        match error {
            SamlError::Refused(why) => Self::Refused(Fault::new("refused", why)),
            SamlError::Status(code) => Self::Refused(Fault::new("refused", code)),
            SamlError::Unreadable(why) => Self::Refused(Fault::new("refused", why)),
            SamlError::Misconfigured(why) => Self::Provider(Fault::new("metadata", why)),
        }
    }
}

impl From<Outgoing> for Onward {
    fn from(outgoing: Outgoing) -> Self {
        match outgoing {
            Outgoing::Redirect(url) => Self::Go(url),
            Outgoing::Post { url, fields } => {
                Self::Send(url, fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }
        }
    }
}

/// XML signatures that are made or verified at once: they are computing, and argon2 needs threads as well.
const AT_ONCE: usize = 2;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// Does what takes computing apart from the threads that serve, a few at a time.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SamlError> + Send + 'static,
) -> Result<T, SignInError> {
    let away = || SignInError::Away(Fault::no_answer());
    let _place = PLACES.acquire().await.map_err(|_| away())?;
    actix_web::web::block(work).await.map_err(|_| away())?.map_err(SignInError::from)
}

fn read(path: &PathBuf) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

impl Saml {
    /// Reads our key and certificate, and metadata that is in a file; an address is asked when somebody comes.
    pub fn new(id: &str, settings: SamlProvider, public_url: &str) -> Result<Self, String> {
        let base = format!("{public_url}/staff/auth/{id}");
        let key = SecretString::from(read(&settings.key_file).map_err(|error| format!("key_file: {error}"))?);
        let certificate = read(&settings.cert_file).map_err(|error| format!("cert_file: {error}"))?;
        let party = Party::new(
            settings.entity_id.clone().unwrap_or_else(|| format!("{base}/metadata")),
            format!("{base}/acs"),
            format!("{base}/slo"),
            &key,
            &certificate,
            settings.encryption,
        );
        let party = party.map_err(|error| format!("key_file, cert_file: {error}"))?;
        if let MetadataSource::File(path) = &settings.metadata {
            let text = read(path).map_err(|error| format!("idp_metadata: {error}"))?;
            IdentityProvider::read(&text).map_err(|error| format!("idp_metadata: {}: {error}", path.display()))?;
        }
        let client =
            Client::new(settings.ca_file.as_deref(), settings.timeout).map_err(|error| format!("ca_file: {error}"))?;
        let (party, id) = (Arc::new(party), id.to_owned());
        Ok(Self { id, settings, party, client, known: RwLock::default(), asking: Mutex::default() })
    }

    /// What we are to the provider, as metadata to give to it.
    pub fn metadata(&self) -> String {
        self.party.metadata()
    }

    /// Whether people may begin at the provider.
    pub fn begins_there(&self) -> bool {
        self.settings.idp_initiated
    }

    async fn fetched(&self) -> Result<(String, Option<OffsetDateTime>), Fault> {
        match &self.settings.metadata {
            MetadataSource::Url(url) => {
                let answer = self.client.get(url.clone()).await?;
                let date = answer.date;
                answer.text().map(|text| (text, date))
            }
            MetadataSource::File(path) => {
                let text = tokio::fs::read_to_string(path).await;
                text.map(|text| (text, None)).map_err(|error| Fault::new("metadata", error.to_string()))
            }
        }
    }

    fn understood(text: &str, now: OffsetDateTime) -> Result<IdentityProvider, Fault> {
        let told = |error: SamlError| Fault::new("metadata", error.to_string());
        let idp = IdentityProvider::read(text).map_err(told)?;
        idp.check_is_current(now).map_err(told)?;
        Ok(idp)
    }

    /// The provider as its metadata describes it: had again once an hour; the last that was good where it
    /// can't be had, even when that was before a restart.
    async fn idp(&self, app: &App) -> Result<Arc<IdentityProvider>, SignInError> {
        let now = app.ambient.now();
        let fresh =
            |known: &Option<Known>| known.as_ref().filter(|known| now < known.until).map(|one| Arc::clone(&one.idp));
        if let Some(idp) = fresh(&*self.known.read().await) {
            return Ok(idp);
        }
        let mut failed = self.asking.lock().await;
        let before = self.known.read().await.clone();
        if let Some(idp) = fresh(&before) {
            return Ok(idp);
        }
        if let Some((fault, until)) = &*failed
            && now < *until
        {
            return Err(SignInError::Away(fault.clone()));
        }
        let got = match self.fetched().await {
            Ok((text, _)) => Self::understood(&text, now).map(|idp| (text, idp)),
            Err(fault) => Err(fault),
        };
        let known = match got {
            Ok((text, idp)) => {
                self.keep(app, &text, now).await;
                Known { idp: Arc::new(idp), until: now + AGAIN }
            }
            Err(fault) => {
                let kept = match before {
                    Some(before) => Some(before.idp),
                    None => self.kept(app, now).await.map(Arc::new),
                };
                let Some(idp) = kept else {
                    *failed = Some((fault.clone(), now + REST_UNKNOWN));
                    return Err(SignInError::Away(fault));
                };
                tracing::warn!(provider = self.id, reason = %fault, "metadata could not be had again; the last that was good goes on");
                Known { idp, until: now + AGAIN_AFTER_FAILURE }
            }
        };
        *failed = None;
        *self.known.write().await = Some(known.clone());
        Ok(known.idp)
    }

    /// Keeps good metadata for the time when its address does not answer. That it can't be kept keeps nobody out.
    async fn keep(&self, app: &App, text: &str, now: OffsetDateTime) {
        if let MetadataSource::Url(url) = &self.settings.metadata
            && let Err(error) = states::keep_metadata(app.db.writer(), &self.id, url.as_str(), text, now).await
        {
            tracing::warn!(%error, "metadata could not be kept");
        }
    }

    async fn kept(&self, app: &App, now: OffsetDateTime) -> Option<IdentityProvider> {
        // Another address is another provider, for all that is known.
        let MetadataSource::Url(url) = &self.settings.metadata else { return None };
        let text = states::metadata(app.db.reader(), &self.id, url.as_str()).await.ok().flatten()?;
        Self::understood(&text, now).ok()
    }

    /// An id that nobody can guess: 128 random bits, as an XML name.
    fn new_id(app: &App) -> String {
        format!("_{}", crate::crypto::hex(&app.ambient.bytes::<16>()))
    }

    /// What a browser carries to the provider to sign somebody in, and what is to be kept until they are back
    /// under `state`. `fresh` asks for the password in any case.
    pub async fn login(&self, app: &App, state: &str, fresh: bool) -> Result<(Onward, Secret), SignInError> {
        let idp = self.idp(app).await?;
        let secret = Secret { request: Self::new_id(app) };
        let (party, now) = (Arc::clone(&self.party), app.ambient.now());
        let (id, state) = (secret.request.clone(), state.to_owned());
        let outgoing = apart(move || party.authn_request(&idp, &id, &state, now, fresh)).await?;
        Ok((outgoing.into(), secret))
    }

    /// Verifies a response apart from the threads that serve: to the request with this id, or to none.
    pub async fn verify(&self, app: &App, response: String, request: Option<String>) -> Result<Verified, SignInError> {
        let (idp, party, now) = (self.idp(app).await?, Arc::clone(&self.party), app.ambient.now());
        apart(move || party.verify_response(&idp, &response, request.as_deref(), now)).await
    }

    /// Whom an assertion speaks of. `since` is when the password had to be asked for, if it had to.
    pub fn person(&self, verified: &Verified, since: Option<OffsetDateTime>) -> Result<Person, SignInError> {
        if since.is_some_and(|since| verified.authenticated_at < since - SKEW) {
            return Err(SignInError::Refused(Fault::new("refused", "the password was not asked for again")));
        }
        let names = &self.settings.attributes;
        let values = |name: &str| -> Vec<String> {
            let all = verified.values(name).into_iter().map(trimmed).filter(|value| !value.is_empty());
            all.map(str::to_owned).collect()
        };
        let one = |name: &str| values(name).into_iter().next();
        let lacks = || SignInError::Provider(Fault::new("attribute-missing", names.subject.as_str()));
        let subject = if names.subject == "name_id" {
            // One that is made up for each session is nobody's name.
            if verified.name_id.is_transient() {
                return Err(lacks());
            }
            verified.name_id.value.clone()
        } else {
            <[String; 1]>::try_from(values(&names.subject)).map(|[subject]| subject).map_err(|_| lacks())?
        };
        Ok(Person {
            entry: subject.clone(),
            login: subject.clone(),
            name: one(&names.name).unwrap_or_else(|| subject.clone()),
            email: one(&names.email),
            groups: values(&names.groups),
            subject,
        })
    }

    /// What a browser carries to the provider to end a session there; nothing where the provider has no such place.
    pub async fn logout(&self, app: &App, name: &NameId, session: Option<&str>) -> Option<Onward> {
        let idp = self.idp(app).await.ok()?;
        let (party, now, id) = (Arc::clone(&self.party), app.ambient.now(), Self::new_id(app));
        let (name, session) = (name.clone(), session.map(str::to_owned));
        let made = apart(move || party.logout_request(&idp, &id, &name, session.as_deref(), "", now)).await;
        match made {
            Ok(outgoing) => outgoing.map(Onward::from),
            Err(error) => {
                tracing::warn!(provider = self.id, %error, "nobody can be logged out there");
                None
            }
        }
    }

    /// Reads what a browser brought to the address for logouts, apart from the threads that serve.
    pub async fn read_logout(&self, app: &App, brought: Brought) -> Result<Logout, SignInError> {
        let (idp, party, now) = (self.idp(app).await?, Arc::clone(&self.party), app.ambient.now());
        apart(move || party.read_logout(&idp, brought.as_incoming(), now)).await
    }

    /// The answer to the provider's request for a logout.
    pub async fn logged_out(&self, app: &App, request: &str, relay_state: Option<&str>) -> Result<Onward, SignInError> {
        let idp = self.idp(app).await?;
        let id = Self::new_id(app);
        let (party, now) = (Arc::clone(&self.party), app.ambient.now());
        let (request, relay_state) = (request.to_owned(), relay_state.map(str::to_owned));
        let outgoing =
            apart(move || party.logout_response(&idp, &request, relay_state.as_deref(), &id, now, true)).await?;
        Ok(outgoing.into())
    }

    /// Gets the metadata, for who wants to know what is wrong: until when the first certificate holds, of the
    /// provider's and ours.
    pub async fn probe(&self, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Fault> {
        let (text, date) = self.fetched().await?;
        clock(date, now)?;
        let idp = Self::understood(&text, now)?;
        let tls = match &self.settings.metadata {
            MetadataSource::Url(url) => self.client.certificate_until(url).await.unwrap_or_default(),
            MetadataSource::File(_) => None,
        };
        Ok([Some(idp.certificate_until), Some(self.party.certificate_until()), tls].into_iter().flatten().min())
    }
}

/// A logout message as it came.
pub enum Brought {
    /// The query of an address, without its question mark.
    Query(String),
    /// The fields of a form.
    Form {
        /// `SAMLRequest`
        request: Option<String>,
        /// `SAMLResponse`
        response: Option<String>,
        /// `RelayState`
        relay_state: Option<String>,
    },
}

impl Brought {
    fn as_incoming(&self) -> Incoming<'_> {
        match self {
            Self::Query(query) => Incoming::Query(query),
            Self::Form { request, response, relay_state } => Incoming::Post {
                saml_request: request.as_deref(),
                saml_response: response.as_deref(),
                relay_state: relay_state.as_deref(),
            },
        }
    }
}

/// Where a session ends, of those that the provider may mean: the name has to be the same, whatever realm
/// it is given with.
pub fn means(hint: Option<&str>, name: &NameId) -> bool {
    let known = hint.and_then(|hint| serde_json::from_str::<NameId>(hint).ok());
    known.is_some_and(|known| known.value == name.value)
}
