//! SAML 2.0, the service provider's side: what is sent to an identity provider and what its answers say.
//!
//! A [`Party`] is what this installation is to providers; an [`IdentityProvider`] is what its metadata
//! says. Requests come out ready to be carried by a browser ([`Outgoing`]); answers go in as they
//! arrived and come out [`Verified`] or as a [`SamlError`]. Nothing here keeps anything: that a request
//! was ours, that an answer counts once (`assertion_id`, until `expires_at`) and that it returns to the
//! browser it was asked from is for the caller to know.
//!
//! The order is always the same. [`screen`] reads the message and refuses what it does not know, the
//! [`verifier`] hands it to samael and xmlsec for the signature, and only what the signature covered is
//! read and judged by the rules of the profile, at the time that the caller gives.

mod decryption;
mod logout;
mod messages;
mod metadata;
pub mod pages;
pub mod provider;
mod response;
mod screen;
#[cfg(test)]
mod tests;
mod verifier;
mod xml;

pub use metadata::{Endpoint, Endpoints, IdentityProvider};

use aws_lc_rs::rsa::KeyPair;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;
use zeroize::Zeroizing;

use super::SKEW;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// How old a message may be when it arrives: a browser carries it over at once.
const OLDEST: Duration = Duration::minutes(5);

/// Base64 as it comes in: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a message or metadata was not taken. Nothing in it says who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// It is readable and must not be believed.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The provider itself says no: `AuthnFailed`, `NoPassive` and the like (SAML core §3.2.2.2).
    #[error("the identity provider answered {0}")]
    Status(String),
    /// It can't be read.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// Our own key, certificate or address, or the provider's metadata, is not as it must be.
    #[error("{0}")]
    Misconfigured(String),
}

/// This installation, as identity providers know it.
pub struct Party {
    /// Its name for providers, usually the address of its metadata.
    pub entity_id: String,
    /// Where responses are posted to.
    pub acs_url: String,
    /// Where logout messages go.
    pub slo_url: String,
    /// PKCS#8 or PKCS#1, as it was in the file.
    key_der: Zeroizing<Vec<u8>>,
    key: KeyPair,
    certificate: Vec<u8>,
    certificate_until: OffsetDateTime,
    encryption: bool,
}

/// What a browser carries to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// It is sent there.
    Redirect(Url),
    /// It posts a form there.
    Post {
        /// Where.
        url: Url,
        /// The form's hidden fields.
        fields: Vec<(&'static str, String)>,
    },
}

/// What a browser brought from the provider to the address for logouts.
#[derive(Debug, Clone, Copy)]
pub enum Incoming<'a> {
    /// The query as it was received, without the question mark.
    Query(&'a str),
    /// The fields of a form.
    Post {
        /// `SAMLRequest`.
        saml_request: Option<&'a str>,
        /// `SAMLResponse`.
        saml_response: Option<&'a str>,
        /// `RelayState`.
        relay_state: Option<&'a str>,
    },
}

/// A logout message whose signature is the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logout {
    /// The provider ends sessions.
    Request {
        /// Its id: for the answer, and so that it counts once.
        id: String,
        /// Who sends it.
        issuer: String,
        /// Whose sessions.
        name_id: NameId,
        /// Which of them; all when it names none.
        session_indexes: Vec<String>,
        /// To be given back with the answer.
        relay_state: Option<String>,
        /// When it would not be taken any more.
        expires_at: OffsetDateTime,
    },
    /// The provider's answer to a request of ours.
    Response {
        /// The request's id.
        in_response_to: Option<String>,
        /// Whether the provider ended the session there.
        success: bool,
        /// As it was sent.
        relay_state: Option<String>,
    },
}

/// What the provider calls somebody, with all that makes it unique (SAML core §2.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// What kind of name it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// In whose realm it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_qualifier: Option<String>,
    /// For which service it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_name_qualifier: Option<String>,
}

impl NameId {
    /// Whether it is made up for each session, so that nobody is found again by it.
    pub fn is_transient(&self) -> bool {
        self.format.as_deref() == Some("urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    }
}

/// What a signed assertion says.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who says it.
    pub issuer: String,
    /// The assertion's id, which counts once.
    pub assertion_id: String,
    /// When the assertion would not be taken any more.
    pub expires_at: OffsetDateTime,
    /// Who signed in.
    pub name_id: NameId,
    /// What the provider calls the session.
    pub session_index: Option<String>,
    /// When the session has to end, if the provider says so.
    pub session_until: Option<OffsetDateTime>,
    /// Names of attributes with their values.
    pub attributes: Vec<(String, Vec<String>)>,
    /// `FriendlyName` of attributes, with their place in `attributes`.
    friendly_names: Vec<(String, usize)>,
    /// When they proved who they are: long ago, when the provider remembered them.
    pub authenticated_at: OffsetDateTime,
}

impl Verified {
    /// The values of the attributes of this `Name` or, when there is none, this `FriendlyName`.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.attributes.iter().filter(|(known, _)| known == name).map(|(_, values)| values);
        let mut found: Vec<&Vec<String>> = named.collect();
        if found.is_empty() {
            let places = self.friendly_names.iter().filter(|(known, _)| known == name);
            found = places.filter_map(|(_, place)| self.attributes.get(*place)).map(|(_, values)| values).collect();
        }
        found.into_iter().flatten().map(String::as_str).collect()
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who signed in is nothing for logs.
        f.debug_struct("Verified").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party").field("entity_id", &self.entity_id).finish_non_exhaustive()
    }
}

impl Party {
    /// Reads key and certificate (PEM), and makes the C libraries ready. The key is RSA, PKCS#8 or PKCS#1:
    /// not every provider verifies anything else, and only RSA can be encrypted to.
    pub fn new(
        entity_id: String,
        acs_url: String,
        slo_url: String,
        key_pem: &SecretString,
        cert_pem: &str,
        encryption: bool,
    ) -> Result<Self, SamlError> {
        let (key_der, key) = messages::read_key(key_pem.expose_secret())?;
        let certificate = metadata::read_pem_certificate(cert_pem)?;
        let (public_key, certificate_until) = metadata::read_certificate(&certificate)?;
        if public_key != messages::public_key_of(&key) {
            return Err(SamlError::Misconfigured("the certificate does not belong to the key".to_owned()));
        }
        verifier::make_ready(&certificate)?;
        Ok(Self { entity_id, acs_url, slo_url, key_der, key, certificate, certificate_until, encryption })
    }

    /// Until when our own certificate is valid.
    pub fn certificate_until(&self) -> OffsetDateTime {
        self.certificate_until
    }
}

/// `text` decoded, with white space anywhere in it.
fn decoded(text: &str) -> Result<Vec<u8>, SamlError> {
    if text.len() > screen::LARGEST * 2 {
        return Err(SamlError::Refused("the message is too large"));
    }
    let dense: String = text.split_ascii_whitespace().collect();
    BASE64.decode(dense).map_err(|_| SamlError::Unreadable("it is not in Base64".to_owned()))
}

/// A message as it is posted: Base64 of UTF-8.
fn posted(text: &str) -> Result<String, SamlError> {
    String::from_utf8(decoded(text)?).map_err(|_| SamlError::Unreadable("it must be XML 1.0 in UTF-8".to_owned()))
}

/// An `xs:dateTime` with its time zone (SAML core §1.3.3).
fn moment(text: &str) -> Result<OffsetDateTime, SamlError> {
    // The last hour of the year 9999 is beyond the calendar in UTC, if it is so somewhere else.
    let moment = OffsetDateTime::parse(text.trim(), &Rfc3339).ok();
    let moment = moment.and_then(|moment| moment.checked_to_offset(time::UtcOffset::UTC));
    moment.ok_or_else(|| SamlError::Unreadable("a date can't be read".to_owned()))
}

/// `moment` later by `duration`, or the last moment there is.
fn later(moment: OffsetDateTime, duration: Duration) -> OffsetDateTime {
    moment.saturating_add(duration)
}

/// Refuses what was issued too long ago or is not issued yet; says when it will have been too long.
fn check_issued(at: Option<&str>, now: OffsetDateTime) -> Result<OffsetDateTime, SamlError> {
    let issued = moment(at.ok_or(SamlError::Refused("it does not say when it was issued"))?)?;
    if issued > later(now, SKEW) {
        return Err(SamlError::Refused("it was issued in the future: the provider's clock or ours is wrong"));
    }
    let end = later(issued, OLDEST + SKEW);
    if end <= now {
        return Err(SamlError::Refused("it was issued too long ago, or the provider's clock or ours is wrong"));
    }
    Ok(end)
}
