//! What we send: requests and answers, signed, as a browser carries them (SAML bindings §3.4, §3.5).

use std::fmt::Write as _;
use std::io::Write as _;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use samael::crypto::{Crypto, CryptoProvider as _};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;
use zeroize::Zeroizing;

use super::metadata::Endpoints;
use super::screen::{ENVELOPED, EXCLUSIVE, RSA_SHA256, SHA256};
use super::xml::{escaped, is_plain_name};
use super::{ASSERTION, IdentityProvider, NameId, Outgoing, POST, PROTOCOL, Party, SIGNATURE, SUCCESS, SamlError};

/// What stays as it is in a query (RFC 3986 §2.3).
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How long the provider may take our request for a logout.
const LOGOUT_LASTS: Duration = Duration::minutes(5);
const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";

/// Reads our key from PEM: its bytes, and the key in them.
pub(super) fn read_key(pem: &str) -> Result<(Zeroizing<Vec<u8>>, KeyPair), SamlError> {
    let wrong = |why: &str| SamlError::Misconfigured(format!("the key {why}"));
    let der = PrivateKeyDer::from_pem_slice(pem.as_bytes());
    let der = der.map_err(|_| wrong("is not in PEM, or has a password"))?;
    let key = match &der {
        PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(wrong("must be an RSA key")),
    };
    let key = key.map_err(|_| wrong("must be an RSA key of 2048 to 8192 bits"))?;
    Ok((Zeroizing::new(der.secret_der().to_vec()), key))
}

/// The public key as a certificate holds it.
pub(super) fn public_key_of(key: &KeyPair) -> &[u8] {
    key.public_key().as_ref()
}

/// A message before it is signed: a root element in two pieces, between which its signature belongs.
struct Draft {
    /// `SAMLRequest` or `SAMLResponse`.
    field: &'static str,
    id: String,
    start: String,
    rest: String,
}

impl Party {
    /// Asks the provider to sign somebody in. `id` is fresh, and an XML name such as `_` and 32 hexadecimal
    /// digits; with `force_authn` the provider is to ask even who is signed in there.
    pub fn authn_request(
        &self,
        idp: &IdentityProvider,
        id: &str,
        relay_state: &str,
        now: OffsetDateTime,
        force_authn: bool,
    ) -> Result<Outgoing, SamlError> {
        idp.check_is_current(now)?;
        let force = if force_authn { " ForceAuthn=\"true\"" } else { "" };
        let acs = escaped(&self.acs_url);
        let attributes = format!("{force} AssertionConsumerServiceURL=\"{acs}\" ProtocolBinding=\"{POST}\"");
        let draft = |to: &str| {
            let policy = "<samlp:NameIDPolicy AllowCreate=\"true\"/></samlp:AuthnRequest>".to_owned();
            self.draft("SAMLRequest", "AuthnRequest", id, to, now, &attributes, policy)
        };
        match &idp.sso {
            Endpoints { redirect: Some(endpoint), .. } => {
                self.redirected(&endpoint.url, &draft(&endpoint.location)?, Some(relay_state))
            }
            Endpoints { post: Some(endpoint), .. } => {
                self.posted(&endpoint.url, &draft(&endpoint.location)?, Some(relay_state))
            }
            _ => Err(SamlError::Misconfigured("the provider offers no sign-in".to_owned())),
        }
    }

    /// Asks the provider to end a session; `None` when it offers no such thing. By POST where it can be,
    /// which keeps the name out of addresses and logs.
    pub fn logout_request(
        &self,
        idp: &IdentityProvider,
        id: &str,
        name_id: &NameId,
        session_index: Option<&str>,
        relay_state: &str,
        now: OffsetDateTime,
    ) -> Result<Option<Outgoing>, SamlError> {
        let attributes = format!(" NotOnOrAfter=\"{}\"", written(super::later(now, LOGOUT_LASTS))?);
        let draft = |to: &str| {
            let mut rest = named(name_id);
            if let Some(index) = session_index {
                let _ = write!(rest, "<samlp:SessionIndex>{}</samlp:SessionIndex>", escaped(index));
            }
            rest.push_str("</samlp:LogoutRequest>");
            self.draft("SAMLRequest", "LogoutRequest", id, to, now, &attributes, rest)
        };
        match &idp.slo {
            Endpoints { post: Some(endpoint), .. } => {
                self.posted(&endpoint.url, &draft(&endpoint.location)?, Some(relay_state)).map(Some)
            }
            Endpoints { redirect: Some(endpoint), .. } => {
                self.redirected(&endpoint.url, &draft(&endpoint.location)?, Some(relay_state)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Answers the provider's request for a logout.
    pub fn logout_response(
        &self,
        idp: &IdentityProvider,
        in_response_to: &str,
        relay_state: Option<&str>,
        id: &str,
        now: OffsetDateTime,
        success: bool,
    ) -> Result<Outgoing, SamlError> {
        let attributes = format!(" InResponseTo=\"{}\"", escaped(in_response_to));
        let code = if success { SUCCESS } else { RESPONDER };
        let draft = |to: &str| {
            let rest =
                format!("<samlp:Status><samlp:StatusCode Value=\"{code}\"/></samlp:Status></samlp:LogoutResponse>");
            self.draft("SAMLResponse", "LogoutResponse", id, to, now, &attributes, rest)
        };
        let (endpoint, by_post) = match &idp.slo {
            Endpoints { redirect: Some(endpoint), .. } => (endpoint, false),
            Endpoints { post: Some(endpoint), .. } => (endpoint, true),
            _ => return Err(SamlError::Misconfigured("the provider takes no answers to logouts".to_owned())),
        };
        let own = (endpoint.url.clone(), endpoint.location.clone());
        let (url, location) = endpoint.response_location.as_ref().unwrap_or(&own);
        if by_post {
            self.posted(url, &draft(location)?, relay_state)
        } else {
            self.redirected(url, &draft(location)?, relay_state)
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a part of the one sentence that a message is")]
    fn draft(
        &self,
        field: &'static str,
        name: &str,
        id: &str,
        to: &str,
        now: OffsetDateTime,
        attributes: &str,
        rest: String,
    ) -> Result<Draft, SamlError> {
        if !is_plain_name(id) {
            return Err(SamlError::Misconfigured("an id must be an XML name".to_owned()));
        }
        let (to, issuer, at) = (escaped(to), escaped(&self.entity_id), written(now)?);
        let start = format!(
            "<samlp:{name} xmlns:samlp=\"{PROTOCOL}\" xmlns:saml=\"{ASSERTION}\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{at}\" Destination=\"{to}\"{attributes}><saml:Issuer>{issuer}</saml:Issuer>"
        );
        Ok(Draft { field, id: id.to_owned(), start, rest })
    }

    /// The message in the query, with the signature beside it.
    fn redirected(&self, url: &Url, draft: &Draft, relay_state: Option<&str>) -> Result<Outgoing, SamlError> {
        let failed = || SamlError::Misconfigured("a message could not be signed".to_owned());
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(draft.start.as_bytes()).map_err(|_| failed())?;
        packed.write_all(draft.rest.as_bytes()).map_err(|_| failed())?;
        let packed = STANDARD.encode(packed.finish().map_err(|_| failed())?);
        let encoded = |text: &str| utf8_percent_encode(text, &UNRESERVED).to_string();
        let mut signed = format!("{}={}", draft.field, encoded(&packed));
        if let Some(relay_state) = relay_state {
            let _ = write!(signed, "&RelayState={}", encoded(relay_state));
        }
        let _ = write!(signed, "&SigAlg={}", encoded(RSA_SHA256));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| failed())?;
        let own = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&")).unwrap_or_default();
        let mut url = url.clone();
        url.set_query(Some(&format!("{own}{signed}&Signature={}", encoded(&STANDARD.encode(signature)))));
        Ok(Outgoing::Redirect(url))
    }

    /// The message in a form, with the signature in it.
    fn posted(&self, url: &Url, draft: &Draft, relay_state: Option<&str>) -> Result<Outgoing, SamlError> {
        let Draft { field, id, start, rest } = draft;
        let certificate = STANDARD.encode(&self.certificate);
        let unsigned = format!(
            "{start}<ds:Signature xmlns:ds=\"{SIGNATURE}\"><ds:SignedInfo>\
             <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/><ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/>\
             <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"/>\
             <ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms><ds:DigestMethod Algorithm=\"{SHA256}\"/>\
             <ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>\
             <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
             </ds:Signature>{rest}"
        );
        let signed = Crypto::sign_xml(unsigned, &self.key_der)
            .map_err(|_| SamlError::Misconfigured("a message could not be signed".to_owned()))?;
        let mut fields = vec![(*field, STANDARD.encode(signed))];
        if let Some(relay_state) = relay_state {
            fields.push(("RelayState", relay_state.to_owned()));
        }
        Ok(Outgoing::Post { url: url.clone(), fields })
    }
}

fn named(name_id: &NameId) -> String {
    let attributes = [
        ("Format", &name_id.format),
        ("NameQualifier", &name_id.name_qualifier),
        ("SPNameQualifier", &name_id.sp_name_qualifier),
    ];
    let attributes = attributes
        .map(|(name, value)| value.as_ref().map(|value| format!(" {name}=\"{}\"", escaped(value))).unwrap_or_default());
    format!("<saml:NameID{}>{}</saml:NameID>", attributes.concat(), escaped(&name_id.value))
}

/// A moment as messages write it: UTC, whole seconds.
fn written(moment: OffsetDateTime) -> Result<String, SamlError> {
    let moment = moment.to_offset(time::UtcOffset::UTC).replace_nanosecond(0);
    moment
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .ok_or_else(|| SamlError::Misconfigured("the clock is wrong".to_owned()))
}
