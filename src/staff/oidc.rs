//! Signing staff in through an `OpenID` provider: the code flow with PKCE (OpenID Connect Core 1.0,
//! RFC 7636, RFC 9207), with logout both ways (RP-Initiated Logout 1.0, Back-Channel Logout 1.0).

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jsonwebtoken as jwt;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AuthType, AuthorizationCode, Client as OpenIdClient, ClientId,
    ClientSecret, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
    UserInfoClaims, UserInfoError,
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};
use tokio::sync::{Mutex, RwLock};
use url::Url;

use super::fault::Fault;
use super::http::{Answer, Client};
use super::{Person, SKEW, SignInError};
use crate::ambient::Ambient;
use crate::config::{OidcProvider, is_safe};

/// How long what a provider says of itself is taken for true.
const KEPT: Duration = Duration::hours(1);
/// How long a provider that did not answer is not asked again, while something older is known of it.
const REST: Duration = Duration::minutes(1);
/// The same while nothing is known of it.
const REST_UNKNOWN: Duration = Duration::seconds(5);
/// How often keys are fetched again because a token was signed with one that is not known.
const KEYS_AGAIN: Duration = Duration::seconds(30);
/// Signatures that only the provider can make; nothing with a shared secret (RFC 8725 §3.1).
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Claims that the specification does not name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Claims(Map<String, Value>);
impl AdditionalClaims for Claims {}

/// What providers say of themselves beside what the library reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct More {
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Relying = OpenIdClient<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the library gets back.
type Reply = Result<http::Response<Vec<u8>>, Fault>;

/// What is known of the provider.
#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    /// When to ask again.
    until: OffsetDateTime,
    /// When keys were last fetched out of turn.
    keys_again: Option<OffsetDateTime>,
}

/// An `OpenID` provider as configured.
pub struct Oidc {
    settings: OidcProvider,
    issuer: IssuerUrl,
    client: Client,
    redirect: RedirectUrl,
    known: RwLock<Option<Known>>,
    /// Held by whoever asks the provider about itself, so that one does at a time. With what came of the last
    /// time that it did not work, and until when that is the answer.
    asking: Mutex<Option<(SignInError, OffsetDateTime)>>,
}

/// What only we know of a request (kept with it).
#[derive(Debug, Serialize, Deserialize)]
pub struct Secret {
    nonce: String,
    verifier: String,
    /// Whether the password has to be asked for.
    fresh: bool,
}

/// What the provider sends back with the browser.
#[derive(Debug, Default, Deserialize)]
pub struct Returned {
    /// Names the request.
    #[serde(default)]
    pub state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// What is kept with a session, for when it ends.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Hint {
    /// Whom the provider means by it.
    pub sub: String,
    /// The ID token, where the provider insists on it.
    pub token: Option<String>,
}

/// Errors that a provider may send back (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
const ERRORS: [&str; 14] = [
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
];

/// Somebody whom the provider has let in, and its name for the session.
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The provider's name for the session, where it has one.
    pub session: Option<String>,
    /// What is kept for logging out.
    pub hint: Hint,
    /// When the password was asked for, if the provider says so.
    pub proved_at: Option<OffsetDateTime>,
}

/// What a provider says is over.
#[derive(Debug, PartialEq, Eq)]
pub struct LoggedOut {
    /// The message's own name; it counts once.
    pub id: String,
    /// Whose sessions.
    pub subject: Option<String>,
    /// Which session.
    pub session: Option<String>,
}

impl Oidc {
    /// Reads what is needed; the provider itself is asked when somebody comes. `redirect` is where it
    /// sends people back to.
    pub fn new(settings: OidcProvider, redirect: String) -> Result<Self, String> {
        let client = Client::new(settings.ca_file.as_deref(), settings.timeout)?;
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| error.to_string())?;
        let redirect = RedirectUrl::new(redirect).map_err(|error| error.to_string())?;
        Ok(Self { settings, issuer, client, redirect, known: RwLock::default(), asking: Mutex::default() })
    }

    /// What is known of the provider, asked for once an hour; the last that was good while it is away.
    async fn known(&self, now: OffsetDateTime) -> Result<Known, SignInError> {
        let fresh = |known: &Option<Known>| known.clone().filter(|known| now < known.until);
        if let Some(known) = fresh(&*self.known.read().await) {
            return Ok(known);
        }
        let mut failed = self.asking.lock().await;
        let before = self.known.read().await.clone();
        if let Some(known) = fresh(&before) {
            return Ok(known);
        }
        // Those who waited meanwhile do not ask in vain one after the other.
        if let Some((error, until)) = &*failed
            && now < *until
        {
            return Err(error.clone());
        }
        let known = match (self.ask().await, before) {
            (Ok(metadata), _) => Known { metadata: Arc::new(metadata), until: now + KEPT, keys_again: None },
            (Err(SignInError::Away(_)), Some(before)) => Known { until: now + REST, ..before },
            (Err(error), _) => {
                *failed = Some((error.clone(), now + REST_UNKNOWN));
                return Err(error);
            }
        };
        *failed = None;
        *self.known.write().await = Some(known.clone());
        Ok(known)
    }

    /// Asks the provider what it is (OpenID Connect Discovery 1.0 §4) and for its keys.
    async fn ask(&self) -> Result<Metadata, SignInError> {
        let http = self.http();
        let metadata = Metadata::discover_async(self.issuer.clone(), &http).await.map_err(|error| match error {
            DiscoveryError::Request(fault) => SignInError::Away(fault),
            DiscoveryError::Response(status, ..) if status.is_server_error() => {
                SignInError::Away(Fault::new("status", status.as_u16().to_string()))
            }
            DiscoveryError::Response(status, ..) => {
                SignInError::Provider(Fault::new("status", status.as_u16().to_string()))
            }
            DiscoveryError::Validation(_) => SignInError::Provider(Fault::new("issuer-differs", &self.settings.issuer)),
            _ => SignInError::Provider(Fault::plain("unreadable")),
        })?;
        let browser = [
            Some(metadata.authorization_endpoint().url()),
            metadata.additional_metadata().end_session_endpoint.as_ref(),
        ];
        if let Some(bad) = browser.into_iter().flatten().find(|url| !may_name(self.issuer.url(), url)) {
            return Err(SignInError::Provider(Fault::new("address-unsafe", bad.host_str().unwrap_or_default())));
        }
        if metadata.jwks().keys().is_empty() {
            return Err(SignInError::Provider(Fault::new("metadata", "jwks_uri")));
        }
        Ok(metadata)
    }

    /// The same with the keys that the provider has now, once in a while.
    async fn with_new_keys(&self, known: &Known, now: OffsetDateTime) -> Option<Known> {
        let _one = self.asking.lock().await;
        let current = self.known.read().await.clone()?;
        if !Arc::ptr_eq(&current.metadata, &known.metadata) {
            // Somebody else has just done it.
            return Some(current);
        }
        if current.keys_again.is_some_and(|last| now < last + KEYS_AGAIN) {
            return None;
        }
        let http = self.http();
        let keys = CoreJsonWebKeySet::fetch_async(current.metadata.jwks_uri(), &http).await;
        let mut changed = Known { keys_again: Some(now), ..current };
        let found = keys.is_ok();
        if let Ok(keys) = keys {
            changed.metadata = Arc::new((*changed.metadata).clone().set_jwks(keys));
        }
        *self.known.write().await = Some(changed.clone());
        found.then_some(changed)
    }

    /// What the library sends its requests with.
    fn http(&self) -> impl Fn(http::Request<Vec<u8>>) -> BoxFuture<'static, Reply> {
        let (client, issuer) = (self.client.clone(), self.issuer.url().clone());
        move |request| {
            let (client, issuer) = (client.clone(), issuer.clone());
            Box::pin(async move {
                let to = Url::parse(&request.uri().to_string()).map_err(|_| Fault::plain("unreadable"))?;
                if !may_name(&issuer, &to) {
                    return Err(Fault::new("address-unsafe", to.host_str().unwrap_or_default()));
                }
                let Answer { status, content_type, body, .. } = client.call(request).await?;
                let mut response = http::Response::new(body);
                *response.status_mut() = http::StatusCode::from_u16(status).map_err(|_| Fault::plain("unreadable"))?;
                if let Some(value) = content_type {
                    response.headers_mut().insert(http::header::CONTENT_TYPE, value);
                }
                Ok(response)
            })
        }
    }

    fn relying(&self, metadata: &Metadata) -> Relying {
        let secret = self.settings.client_secret.as_ref().map(|one| ClientSecret::new(one.expose_secret().to_owned()));
        let methods = metadata.token_endpoint_auth_methods_supported();
        // Basic is what holds where nothing is said (Discovery §3).
        let basic = methods.is_none_or(|all| all.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client =
            Relying::from_provider_metadata(metadata.clone(), ClientId::new(self.settings.client_id.clone()), secret);
        client
            .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody })
            .set_redirect_uri(self.redirect.clone())
    }

    /// Where somebody signs in, and what is to be kept until they are back under `state`. `fresh` asks
    /// for the password in any case.
    pub async fn login(&self, ambient: &Ambient, state: &str, fresh: bool) -> Result<(Url, Secret), SignInError> {
        let known = self.known(ambient.now()).await?;
        let random = || crate::crypto::hex(&ambient.bytes::<32>());
        let secret = Secret { nonce: random(), verifier: random(), fresh };
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secret.verifier.clone()));
        let scopes: Vec<String> = match &self.settings.scopes {
            Some(scopes) => scopes.iter().filter(|scope| *scope != "openid").cloned().collect(),
            None => ["profile", "email", "groups"].map(str::to_owned).to_vec(),
        };
        let client = self.relying(&known.metadata);
        let (kept, nonce) = (state.to_owned(), secret.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(kept),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.into_iter().map(Scope::new))
            .set_pkce_challenge(challenge);
        if fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
        }
        Ok((request.url().0, secret))
    }

    /// Redeems what came back for a request that began at `began`.
    pub async fn redeem(
        &self,
        returned: Returned,
        secret: Secret,
        began: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<SignedIn, SignInError> {
        let known = self.known(now).await?;
        let refused = |what: &str| SignInError::Refused(Fault::new("refused", what));
        // Whose answer this is (RFC 9207): a provider that says so always says so.
        let says = known.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match &returned.iss {
            Some(iss) if *iss != self.settings.issuer => return Err(refused("iss")),
            None if says => return Err(refused("iss")),
            _ => {}
        }
        if let Some(error) = &returned.error {
            // Anybody can send anything here: only what is known is repeated.
            let known = ERRORS.into_iter().find(|known| known == error).unwrap_or("error");
            return Err(if error == "access_denied" { SignInError::Cancelled } else { refused(known) });
        }
        let code = returned.code.filter(|code| !code.is_empty()).ok_or_else(|| refused("code"))?;
        let client = self.relying(&known.metadata);
        let http = self.http();
        let exchange = client.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|_| SignInError::Provider(Fault::new("metadata", "token_endpoint")))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(secret.verifier)).request_async(&http);
        let tokens = exchange.await.map_err(|error| match error {
            RequestTokenError::Request(fault) => SignInError::Away(fault),
            RequestTokenError::ServerResponse(said) => match said.error() {
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                    SignInError::Provider(Fault::plain("client-refused"))
                }
                CoreErrorResponseType::InvalidGrant => refused("code"),
                _ => SignInError::Provider(Fault::plain("unreadable")),
            },
            _ => SignInError::Away(Fault::plain("unreadable")),
        })?;
        let token = tokens.id_token().ok_or_else(|| SignInError::Provider(Fault::plain("unreadable")))?;
        let nonce = Nonce::new(secret.nonce);
        let oldest = secret.fresh.then_some(began);
        let mut known = known;
        let verified = match self.verified(&known.metadata, token, &nonce, oldest, now) {
            Err(Unverified::Signature) => {
                // Signed with a key that is not known yet, perhaps.
                known = self.with_new_keys(&known, now).await.ok_or_else(|| refused("signature"))?;
                self.verified(&known.metadata, token, &nonce, oldest, now)
            }
            other => other,
        };
        let mut claims = verified.map_err(|error| match error {
            Unverified::Signature => refused("signature"),
            Unverified::Clock(seconds) => SignInError::Refused(Fault::new("clock", seconds.to_string())),
            Unverified::Other(what) => refused(what),
        })?;
        let names = &self.settings.attributes;
        let lacks = [&names.subject, &names.name, &names.email, &names.groups]
            .into_iter()
            .any(|name| found(&claims, name).is_none());
        if lacks && known.metadata.userinfo_endpoint().is_some() {
            let subject = openidconnect::SubjectIdentifier::new(text(&claims, "sub").unwrap_or_default());
            let client = self.relying(&known.metadata);
            let request = client.user_info(tokens.access_token().clone(), Some(subject));
            let request = request.map_err(|_| SignInError::Provider(Fault::new("metadata", "token_endpoint")))?;
            let more: Result<UserInfoClaims<Claims, CoreGenderClaim>, _> = request.request_async(&http).await;
            let more = more.map_err(|error| match error {
                UserInfoError::ClaimsVerification(_) => refused("userinfo"),
                UserInfoError::Request(fault) => SignInError::Away(fault),
                UserInfoError::Response(status, ..) => {
                    SignInError::Away(Fault::new("status", status.as_u16().to_string()))
                }
                _ => SignInError::Provider(Fault::plain("unreadable")),
            })?;
            for (name, value) in object(&more) {
                // What is signed counts more.
                claims.entry(name).or_insert(value);
            }
        }
        let subject = text(&claims, &names.subject).filter(|subject| !subject.trim().is_empty());
        let subject =
            subject.ok_or_else(|| SignInError::Provider(Fault::new("attribute-missing", names.subject.as_str())))?;
        let login = text(&claims, "preferred_username").unwrap_or_else(|| subject.clone());
        Ok(SignedIn {
            person: Person {
                entry: subject.clone(),
                name: text(&claims, &names.name).unwrap_or_else(|| login.clone()),
                email: text(&claims, &names.email),
                groups: found(&claims, &names.groups).map(texts).unwrap_or_default(),
                subject,
                login,
            },
            session: text(&claims, "sid"),
            hint: Hint {
                sub: text(&claims, "sub").unwrap_or_default(),
                token: self.settings.logout_hint.then(|| token.to_string()),
            },
            proved_at: claims
                .get("auth_time")
                .and_then(Value::as_i64)
                .and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()),
        })
    }

    /// The claims of an ID token that is the provider's, for us, of now, and of this request (Core
    /// §3.1.3.7).
    fn verified(
        &self,
        metadata: &Metadata,
        token: &openidconnect::IdToken<
            Claims,
            CoreGenderClaim,
            CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        >,
        nonce: &Nonce,
        oldest: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<Map<String, Value>, Unverified> {
        use openidconnect::ClaimsVerificationError as E;
        let seconds = |moment: OffsetDateTime| moment.unix_timestamp();
        let client = self.relying(metadata);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || chrono::DateTime::from_timestamp(seconds(now - SKEW), 0).unwrap_or_default())
            .set_issue_time_verifier_fn(move |at| {
                if at.timestamp() > seconds(now + SKEW) { Err("ahead".to_owned()) } else { Ok(()) }
            })
            .set_auth_time_verifier_fn(move |at| match (oldest, at) {
                (None, _) => Ok(()),
                (Some(oldest), Some(at)) if at.timestamp() >= seconds(oldest - SKEW) => Ok(()),
                _ => Err("not fresh".to_owned()),
            });
        let claims = token.claims(&verifier, nonce).map_err(|error| match error {
            E::SignatureVerification(_) => Unverified::Signature,
            E::Expired(_) => Unverified::Other("expired"),
            E::InvalidNonce(_) => Unverified::Other("nonce"),
            E::InvalidIssuer(_) => Unverified::Other("issuer"),
            E::InvalidAudience(_) => Unverified::Other("audience"),
            E::InvalidAuthTime(_) => Unverified::Other("auth_time"),
            _ => Unverified::Other("token"),
        });
        let claims = match claims {
            Ok(claims) => object(claims),
            Err(error) => return Err(error),
        };
        let moment = |name: &str| claims.get(name).and_then(Value::as_i64);
        for name in ["iat", "nbf"] {
            if let Some(ahead) =
                moment(name).map(|at| at.saturating_sub(seconds(now))).filter(|ahead| *ahead > SKEW.whole_seconds())
            {
                return Err(Unverified::Clock(ahead));
            }
        }
        Ok(claims)
    }

    /// Where a session with the provider ends, and on to `back` (RP-Initiated Logout 1.0 §2). By an address,
    /// because providers know people by a cookie that no form of another site brings along.
    pub async fn logout(&self, token: Option<&str>, back: &str, now: OffsetDateTime) -> Option<Url> {
        let known = self.known(now).await.ok()?;
        let mut url = known.metadata.additional_metadata().end_session_endpoint.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", back);
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("id_token_hint", token);
        }
        Some(url)
    }

    /// What a logout token says is over, when it is the provider's and for us (Back-Channel Logout 1.0 §2.6).
    pub async fn logged_out(&self, token: &str, now: OffsetDateTime) -> Result<LoggedOut, SignInError> {
        let refused = || SignInError::Refused(Fault::new("refused", "logout_token"));
        let known = self.known(now).await?;
        match self.read_logout(&known.metadata, token, now) {
            Some(Err(())) => {
                let known = self.with_new_keys(&known, now).await.ok_or_else(refused)?;
                self.read_logout(&known.metadata, token, now).and_then(Result::ok).ok_or_else(refused)
            }
            Some(Ok(logged_out)) => Ok(logged_out),
            None => Err(refused()),
        }
    }

    /// `Some(Err(()))` when it is the key that is not known.
    fn read_logout(&self, metadata: &Metadata, token: &str, now: OffsetDateTime) -> Option<Result<LoggedOut, ()>> {
        use jwt::Algorithm as A;
        let header = jwt::decode_header(token).ok()?;
        if let Some(kind) = &header.typ
            && !["jwt", "logout+jwt"].contains(&kind.to_ascii_lowercase().as_str())
        {
            return None;
        }
        let allowed = [A::RS256, A::RS384, A::RS512, A::PS256, A::PS384, A::PS512, A::ES256, A::ES384, A::EdDSA];
        if !allowed.contains(&header.alg) {
            return None;
        }
        let keys: jwt::jwk::JwkSet = serde_json::from_value(serde_json::to_value(metadata.jwks()).ok()?).ok()?;
        let mut rules = jwt::Validation::new(header.alg);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.client_id]);
        rules.set_required_spec_claims(&["iss", "aud"]);
        // Times are compared with our own clock, below.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let fitting = keys.keys.iter().filter(|key| match (&header.kid, &key.common.key_id) {
            (Some(wanted), Some(known)) => wanted == known,
            _ => true,
        });
        let mut claims = None;
        for key in fitting {
            let Ok(key) = jwt::DecodingKey::from_jwk(key) else { continue };
            if let Ok(decoded) = jwt::decode::<Map<String, Value>>(token, &key, &rules) {
                claims = Some(decoded.claims);
                break;
            }
        }
        let Some(claims) = claims else { return Some(Err(())) };
        let now = now.unix_timestamp();
        let issued = claims.get("iat").and_then(Value::as_i64)?;
        let ends = claims.get("exp").and_then(Value::as_i64);
        if issued > now + SKEW.whole_seconds()
            || issued < now - Duration::minutes(10).whole_seconds()
            || ends.is_some_and(|ends| ends <= now - SKEW.whole_seconds())
        {
            return None;
        }
        // What tells it from an ID token.
        let event = claims.get("events")?.get("http://schemas.openid.net/event/backchannel-logout")?;
        if !event.is_object() || claims.contains_key("nonce") {
            return None;
        }
        let told =
            LoggedOut { id: text(&claims, "jti")?, subject: text(&claims, "sub"), session: text(&claims, "sid") };
        (told.subject.is_some() || told.session.is_some()).then_some(Ok(told))
    }

    /// Asks the provider about itself, for who wants to know what is wrong.
    pub async fn probe(&self) -> Result<Answer, Fault> {
        self.ask().await.map_err(|error| match error {
            SignInError::Away(fault) | SignInError::Provider(fault) | SignInError::Refused(fault) => fault,
            _ => Fault::plain("unreadable"),
        })?;
        let url = self.issuer.join(".well-known/openid-configuration").map_err(|_| Fault::plain("address-unsafe"))?;
        self.client.get(url).await
    }

    /// Until when the server's certificate holds.
    pub async fn certificate_until(&self) -> Result<Option<OffsetDateTime>, Fault> {
        self.client.certificate_until(self.issuer.url()).await
    }
}

/// Whether a provider may name this address as one of its own. One that is elsewhere names nothing on this
/// machine or in a network of ours: we would ask there on its behalf.
fn may_name(issuer: &Url, url: &Url) -> bool {
    if !is_safe(url) {
        return false;
    }
    url.host() == issuer.host() || (url.scheme() == "https" && is_public(url))
}

/// Whether an address is no name or number of this machine or of a private network.
fn is_public(url: &Url) -> bool {
    use std::net::IpAddr;
    let inner = |address: IpAddr| match address.to_canonical() {
        IpAddr::V4(one) => one.is_loopback() || one.is_private() || one.is_link_local() || one.is_unspecified(),
        IpAddr::V6(one) => {
            one.is_loopback() || one.is_unspecified() || one.is_unique_local() || one.is_unicast_link_local()
        }
    };
    match url.host() {
        Some(url::Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        Some(url::Host::Ipv4(one)) => !inner(one.into()),
        Some(url::Host::Ipv6(one)) => !inner(one.into()),
        None => false,
    }
}

/// Why a token counts for nothing.
enum Unverified {
    Signature,
    /// So many seconds ahead of us.
    Clock(i64),
    Other(&'static str),
}

fn object<T: Serialize>(claims: &T) -> Map<String, Value> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(map)) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

/// A claim by its name, or by a path with dots to one within others.
fn found<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut parts = name.split('.');
    let mut value = claims.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    found(claims, name).and_then(Value::as_str).map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_names_nothing_within_our_walls() {
        let may = |issuer: &str, url: &str| may_name(&Url::parse(issuer).unwrap(), &Url::parse(url).unwrap());
        assert!(may("https://id.example/", "https://keys.example/jwks"));
        assert!(may("https://10.0.0.7/", "https://10.0.0.7:8443/jwks"), "its own address");
        assert!(may("http://localhost:1234", "http://localhost:1234/token"));
        for url in [
            "http://127.0.0.1:8080/",
            "http://id.example/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest",
            "https://[fd00::1]/",
        ] {
            assert!(!may("https://id.example/", url), "{url}");
        }
    }

    /// A provider that is this test, with a key of its own.
    fn provider() -> (Oidc, Metadata, jwt::EncodingKey) {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
        use base64::Engine as _;
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let key = jwt::EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        let metadata = serde_json::json!({
            "issuer": "https://id.example", "authorization_endpoint": "https://id.example/in",
            "jwks_uri": "https://id.example/keys", "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["EdDSA"],
        });
        let keys =
            serde_json::json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "one", "x": x }] });
        let metadata: Metadata = serde_json::from_value(metadata).unwrap();
        let metadata = metadata.set_jwks(serde_json::from_value(keys).unwrap());
        let settings = OidcProvider {
            issuer: "https://id.example".to_owned(),
            client_id: "us".to_owned(),
            client_secret: None,
            logout_hint: false,
            scopes: None,
            ca_file: None,
            attributes: crate::config::Attributes {
                subject: "sub".to_owned(),
                name: "name".to_owned(),
                email: "email".to_owned(),
                groups: "groups".to_owned(),
            },
            timeout: std::time::Duration::from_secs(1),
        };
        (Oidc::new(settings, "https://forms.example/back".to_owned()).unwrap(), metadata, key)
    }

    #[test]
    fn a_logout_token_is_the_providers_for_us_and_of_now() {
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let (oidc, metadata, key) = provider();
        let now = time::macros::datetime!(2026-11-25 12:00 UTC);
        let header = || jwt::Header { kid: Some("one".to_owned()), ..jwt::Header::new(jwt::Algorithm::EdDSA) };
        let good = serde_json::json!({
            "iss": "https://id.example", "aud": "us", "iat": now.unix_timestamp(), "jti": "1", "sub": "ana",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let read = |claims: &Value, header: jwt::Header, key: &jwt::EncodingKey| {
            oidc.read_logout(&metadata, &jwt::encode(&header, claims, key).unwrap(), now)
        };
        let told = LoggedOut { id: "1".to_owned(), subject: Some("ana".to_owned()), session: None };
        assert_eq!(read(&good, header(), &key), Some(Ok(told)));
        for (claim, value) in [
            ("iss", "https://evil.example".into()),
            ("iss", Value::Null),
            ("aud", "another".into()),
            ("aud", Value::Null),
            ("iat", Value::Null),
            ("iat", (now.unix_timestamp() - 3600).into()),
            ("iat", (now.unix_timestamp() + 3600).into()),
            ("exp", (now.unix_timestamp() - 120).into()),
            ("jti", Value::Null),
            ("sub", Value::Null),
            ("nonce", "x".into()),
            ("events", Value::Null),
            ("events", serde_json::json!({ "something else": {} })),
        ] {
            let mut claims = good.clone();
            claims[claim] = value.clone();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(claim);
            }
            assert!(!matches!(read(&claims, header(), &key), Some(Ok(_))), "{claim}: {value}");
        }
        // By another key, in another way, and as another kind of token.
        let (.., stranger) = provider();
        assert_eq!(read(&good, header(), &stranger), Some(Err(())));
        let shared = jwt::Header { kid: Some("one".to_owned()), ..jwt::Header::new(jwt::Algorithm::HS256) };
        assert_eq!(read(&good, shared, &jwt::EncodingKey::from_secret(b"secret")), None);
        let other = jwt::Header { typ: Some("at+jwt".to_owned()), ..header() };
        assert_eq!(read(&good, other, &key), None);
    }

    #[test]
    fn claims_are_found_by_name_or_path() {
        let Value::Object(claims) =
            serde_json::json!({ "a.b": "dotted", "realm_access": { "roles": ["x", 1, "y"] }, "groups": "one" })
        else {
            unreachable!()
        };
        assert_eq!(text(&claims, "a.b").as_deref(), Some("dotted"));
        assert_eq!(found(&claims, "realm_access.roles").map(texts).unwrap(), ["x", "y"]);
        assert_eq!(found(&claims, "groups").map(texts).unwrap(), ["one"]);
        assert!(found(&claims, "groups.x").is_none() && found(&claims, "realm_access.roles.x").is_none());
    }
}
