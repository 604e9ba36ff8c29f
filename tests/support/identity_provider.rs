//! An identity provider that says whatever a test wants and signs it, well or badly.
//!
//! Messages are plain text with [`SIGN_HERE`] where a signature belongs, so that a test alters them
//! before they are signed or after.

use aws_lc_rs::rsa::KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use samael::crypto::{Crypto, CryptoProvider as _};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// Where the signature of a message or assertion belongs.
pub const SIGN_HERE: &str = "@signature@";

pub const PROVIDER: (&str, &str) =
    (include_str!("../fixtures/saml/provider.key"), include_str!("../fixtures/saml/provider.crt"));
pub const STRANGER: (&str, &str) =
    (include_str!("../fixtures/saml/stranger.key"), include_str!("../fixtures/saml/stranger.crt"));

/// How something is signed: URIs of the signature's method and the digest's.
pub const SHA256: (&str, &str) =
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256");

/// Key and certificate of somebody who signs.
pub struct Signer {
    key: PrivateKeyDer<'static>,
    pub certificate: String,
}

impl Signer {
    pub fn new((key, certificate): (&str, &str)) -> Self {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        Self { key: PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(), certificate: STANDARD.encode(der) }
    }

    /// Signs the element that [`SIGN_HERE`] stands in and whose id is `id`.
    pub fn sign(&self, xml: &str, id: &str, (method, digest): (&str, &str)) -> String {
        let template = format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
             <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
             <ds:SignatureMethod Algorithm=\"{method}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
             <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
             <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"{digest}\"/><ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>\
             <ds:SignatureValue></ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
            self.certificate
        );
        let signed = Crypto::sign_xml(xml.replacen(SIGN_HERE, &template, 1), self.key.secret_der()).unwrap();
        signed.split_once("?>").map_or(&*signed, |(_, rest)| rest).trim().to_owned()
    }

    /// A query that carries `xml`, signed by RSA with SHA-256.
    pub fn query(&self, field: &str, xml: &str, relay_state: Option<&str>) -> String {
        use std::io::Write as _;
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(xml.as_bytes()).unwrap();
        self.packed_query(field, &packed.finish().unwrap(), relay_state)
    }

    /// A query that carries these bytes.
    pub fn packed_query(&self, field: &str, packed: &[u8], relay_state: Option<&str>) -> String {
        let state = relay_state.map(|state| format!("&RelayState={}", escaped(state))).unwrap_or_default();
        let signed = format!("{field}={}{state}&SigAlg={}", escaped(&STANDARD.encode(packed)), escaped(SHA256.0));
        let key = KeyPair::from_pkcs8(self.key.secret_der()).unwrap();
        let mut signature = vec![0; key.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        key.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}&Signature={}", escaped(&STANDARD.encode(signature)))
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Nothing is signed where nobody signed.
pub fn unsigned(xml: &str) -> String {
    xml.replace(SIGN_HERE, "")
}

/// A message in the form in which it is posted.
pub fn encoded(xml: &str) -> String {
    STANDARD.encode(xml)
}

/// A moment as messages write it.
pub fn written(moment: OffsetDateTime) -> String {
    moment.replace_nanosecond(0).unwrap().format(&Rfc3339).unwrap()
}

/// The addresses of both sides.
#[derive(Clone)]
pub struct Sides {
    pub provider: String,
    pub sso_url: String,
    pub slo_url: String,
    pub our_entity_id: String,
    pub our_acs_url: String,
    pub our_slo_url: String,
}

impl Sides {
    /// The provider's metadata, with these certificates.
    pub fn metadata(&self, signers: &[&Signer]) -> String {
        let keys = signers.iter().map(|signer| {
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
                 <ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                signer.certificate
            )
        });
        let service = |name: &str, binding: &str, to: &str| {
            format!("<md:{name} Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" Location=\"{to}\"/>")
        };
        format!(
            "<?xml version=\"1.0\"?>\n<!-- of a test -->\n<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
             entityID=\"{}\"><md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}{}{}{}{}</md:IDPSSODescriptor></md:EntityDescriptor>",
            self.provider,
            keys.collect::<String>(),
            service("SingleLogoutService", "HTTP-Redirect", &self.slo_url),
            service("SingleLogoutService", "HTTP-POST", &self.slo_url),
            service("SingleSignOnService", "HTTP-Redirect", &self.sso_url),
            service("SingleSignOnService", "HTTP-POST", &self.sso_url),
        )
    }

    /// An assertion about `name`, in two groups, with the id `_assertion`, to be signed.
    pub fn assertion(&self, name: &str, request: Option<&str>, now: OffsetDateTime) -> String {
        let answers = request.map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        let (at, start, end) = (written(now), written(now - Duration::minutes(1)), written(now + Duration::minutes(3)));
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_assertion\" Version=\"2.0\" \
             IssueInstant=\"{at}\"><saml:Issuer>{}</saml:Issuer>{SIGN_HERE}<saml:Subject>\
             <saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{name}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData NotOnOrAfter=\"{end}\" Recipient=\"{}\"{answers}/></saml:SubjectConfirmation>\
             </saml:Subject><saml:Conditions NotBefore=\"{start}\" NotOnOrAfter=\"{end}\"><saml:AudienceRestriction>\
             <saml:Audience>{}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
             <saml:AuthnStatement AuthnInstant=\"{at}\" SessionIndex=\"_session\"><saml:AuthnContext>\
             <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>\
             </saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>\
             <saml:Attribute Name=\"urn:oid:2.5.4.3\" FriendlyName=\"cn\"><saml:AttributeValue>Zoë &lt;R&amp;D&gt;</saml:AttributeValue></saml:Attribute>\
             <saml:Attribute Name=\"groups\"><saml:AttributeValue>reviewers</saml:AttributeValue>\
             <saml:AttributeValue>staff</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>",
            self.provider, self.our_acs_url, self.our_entity_id
        )
    }

    /// A response around `inner`, with the id `_response`, to be signed.
    pub fn response(&self, inner: &str, request: Option<&str>, now: OffsetDateTime) -> String {
        let answers = request.map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_response\" Version=\"2.0\" \
             IssueInstant=\"{}\" Destination=\"{}\"{answers}>\
             <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer>{SIGN_HERE}<samlp:Status>\
             <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{inner}</samlp:Response>",
            written(now),
            self.our_acs_url,
            self.provider
        )
    }

    /// The provider's request to end the session of `name`, with the id `_logout`, to be signed.
    pub fn logout_request(&self, name: &str, now: OffsetDateTime) -> String {
        format!(
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_logout\" Version=\"2.0\" IssueInstant=\"{}\" \
             Destination=\"{}\"><saml:Issuer>{}</saml:Issuer>{SIGN_HERE}<saml:NameID>{name}</saml:NameID>\
             <samlp:SessionIndex>_session</samlp:SessionIndex></samlp:LogoutRequest>",
            written(now),
            self.our_slo_url,
            self.provider
        )
    }

    /// The provider's answer to a request for a logout, with the id `_answer`, to be signed.
    pub fn logout_response(&self, request: &str, now: OffsetDateTime) -> String {
        format!(
            "<samlp:LogoutResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_answer\" Version=\"2.0\" IssueInstant=\"{}\" \
             Destination=\"{}\" InResponseTo=\"{request}\"><saml:Issuer>{}</saml:Issuer>{SIGN_HERE}<samlp:Status>\
             <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status></samlp:LogoutResponse>",
            written(now),
            self.our_slo_url,
            self.provider
        )
    }
}
