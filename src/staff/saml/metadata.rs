//! Metadata (SAML metadata §2): the provider's, which is read, and ours, which is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use time::OffsetDateTime;
use url::Url;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::xml::{Element, Ns, escaped};
use super::{METADATA, POST, PROTOCOL, Party, REDIRECT, SIGNATURE, SamlError, decoded, decryption, moment, screen};
use crate::config::is_safe;

/// Smallest RSA key that is trusted, in bits.
const SMALLEST_RSA: usize = 2048;

/// An identity provider, as its metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its name.
    pub entity_id: String,
    /// Where people are sent to sign in.
    pub sso: Endpoints,
    /// Where logout messages are sent to.
    pub slo: Endpoints,
    /// The certificates that it signs with (DER); at least one.
    pub certificates: Vec<Vec<u8>>,
    /// Until when the longest-lived of them is valid. The profile does not ask for certificates to be
    /// valid (SAML metadata interoperability profile §2.6.1), but who runs the provider may want to know.
    pub certificate_until: OffsetDateTime,
    /// Whether it wants requests to be signed; ours always are.
    pub wants_signed_requests: bool,
    /// Until when its metadata may be used.
    pub valid_until: Option<OffsetDateTime>,
}

/// The addresses of one service, by the way messages come there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// HTTP-Redirect.
    pub redirect: Option<Endpoint>,
    /// HTTP-POST.
    pub post: Option<Endpoint>,
}

/// An address that a browser carries messages to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where to.
    pub url: Url,
    /// The same as it is written, which is what messages name.
    pub location: String,
    /// Where answers go instead.
    pub response_location: Option<(Url, String)>,
}

impl IdentityProvider {
    /// Reads the metadata of one provider. Whether it may still be used is asked of
    /// [`check_is_current`](Self::check_is_current).
    pub fn read(xml: &str) -> Result<Self, SamlError> {
        let root = screen::metadata(xml)?;
        let entity = only_entity(&root)?;
        let wrong = |why: &str| SamlError::Misconfigured(format!("the provider's metadata {why}"));
        let entity_id = entity.attribute("entityID").map(str::trim).filter(|id| !id.is_empty());
        let entity_id = entity_id.ok_or_else(|| wrong("has no entityID"))?;
        let speaks = |role: &&Element| {
            let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
            protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
        };
        let role = entity.all(Ns::Metadata, "IDPSSODescriptor").find(speaks);
        let role = role.ok_or_else(|| wrong("describes no identity provider that speaks SAML 2.0"))?;
        let sso = endpoints(role, "SingleSignOnService")?;
        if sso.redirect.is_none() && sso.post.is_none() {
            return Err(wrong("offers no sign-in by HTTP-Redirect or HTTP-POST"));
        }
        let certificates = certificates(role)?;
        let ends = certificates.iter().map(|der| read_certificate(der).map(|(_, until)| until));
        let ends = ends.collect::<Result<Vec<_>, _>>()?;
        let certificate_until =
            ends.into_iter().max().ok_or_else(|| wrong("holds no certificate to verify signatures with"))?;
        let mut valid_until = None;
        for holder in [&root, entity, role] {
            let until = holder.attribute("validUntil").map(moment).transpose()?;
            valid_until = [valid_until, until].into_iter().flatten().min();
        }
        Ok(Self {
            entity_id: entity_id.to_owned(),
            slo: endpoints(role, "SingleLogoutService")?,
            wants_signed_requests: matches!(role.attribute("WantAuthnRequestsSigned"), Some("true" | "1")),
            sso,
            certificates,
            certificate_until,
            valid_until,
        })
    }

    /// Refuses metadata that says it is to be used no more.
    pub fn check_is_current(&self, now: OffsetDateTime) -> Result<(), SamlError> {
        if self.valid_until.is_some_and(|until| until <= now) {
            return Err(SamlError::Misconfigured(
                "the provider's metadata is past its validUntil: fetch it again".to_owned(),
            ));
        }
        Ok(())
    }
}

/// The entity that the metadata is about.
fn only_entity(root: &Element) -> Result<&Element, SamlError> {
    if root.is(Ns::Metadata, "EntityDescriptor") {
        return Ok(root);
    }
    if !root.is(Ns::Metadata, "EntitiesDescriptor") {
        return Err(SamlError::Misconfigured("this is no SAML metadata".to_owned()));
    }
    let mut entities = Vec::new();
    root.walk(&mut |_, element| {
        if element.is(Ns::Metadata, "EntityDescriptor") {
            entities.push(element);
        }
        Ok(())
    })?;
    match entities[..] {
        [entity] => Ok(entity),
        _ => Err(SamlError::Misconfigured(
            "this is the metadata of several entities: name the metadata of the one identity provider".to_owned(),
        )),
    }
}

fn endpoints(role: &Element, service: &str) -> Result<Endpoints, SamlError> {
    let mut found = Endpoints::default();
    for element in role.all(Ns::Metadata, service) {
        let place = match element.attribute("Binding") {
            Some(REDIRECT) => &mut found.redirect,
            Some(POST) => &mut found.post,
            // SOAP and artifacts are for others.
            _ => continue,
        };
        if place.is_some() {
            continue;
        }
        let location = element.attribute("Location").unwrap_or_default();
        let answers = element.attribute("ResponseLocation").filter(|location| !location.is_empty());
        *place = Some(Endpoint {
            url: address(location)?,
            location: location.to_owned(),
            response_location: answers.map(|to| Ok::<_, SamlError>((address(to)?, to.to_owned()))).transpose()?,
        });
    }
    Ok(found)
}

fn address(location: &str) -> Result<Url, SamlError> {
    let url = Url::parse(location).ok();
    let url = url.filter(|url| is_safe(url) && url.username().is_empty() && url.password().is_none());
    url.ok_or_else(|| {
        SamlError::Misconfigured("the provider's metadata names an address that is not https://".to_owned())
    })
}

/// The certificates for signing: those that say so, and those that don't say what they are for.
fn certificates(role: &Element) -> Result<Vec<Vec<u8>>, SamlError> {
    let mut found = Vec::new();
    for descriptor in role.all(Ns::Metadata, "KeyDescriptor") {
        if !matches!(descriptor.attribute("use"), None | Some("" | "signing")) {
            continue;
        }
        descriptor.walk(&mut |_, element| {
            if element.is(Ns::Signature, "X509Certificate") {
                let der = decoded(&element.text)?;
                if !found.contains(&der) {
                    found.push(der);
                }
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// The certificate in a PEM file; the first, when there is a chain.
pub(super) fn read_pem_certificate(pem: &str) -> Result<Vec<u8>, SamlError> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes());
    let certificate = certificate.map_err(|_| SamlError::Misconfigured("the certificate is not in PEM".to_owned()))?;
    Ok(certificate.as_ref().to_vec())
}

/// The public key in a certificate (as its algorithm writes it), and until when it is valid.
pub(super) fn read_certificate(der: &[u8]) -> Result<(Vec<u8>, OffsetDateTime), SamlError> {
    let wrong = |why: &str| SamlError::Misconfigured(format!("a certificate {why}"));
    let (_, certificate) =
        x509_parser::certificate::X509Certificate::from_der(der).map_err(|_| wrong("can't be read"))?;
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < SMALLEST_RSA => {
            return Err(wrong("has an RSA key of less than 2048 bits"));
        }
        Ok(PublicKey::RSA(_) | PublicKey::EC(_)) => {}
        _ => return Err(wrong("has a key that is neither RSA nor EC")),
    }
    Ok((info.subject_public_key.data.to_vec(), certificate.validity().not_after.to_datetime()))
}

impl Party {
    /// Our own metadata, to be given to the provider.
    pub fn metadata(&self) -> String {
        use std::fmt::Write as _;
        let (id, acs, slo) = (escaped(&self.entity_id), escaped(&self.acs_url), escaped(&self.slo_url));
        let key = format!(
            "<ds:KeyInfo xmlns:ds=\"{SIGNATURE}\"><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            STANDARD.encode(&self.certificate)
        );
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"{id}\">\
             <md:SPSSODescriptor AuthnRequestsSigned=\"true\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"{PROTOCOL}\">\
             <md:KeyDescriptor use=\"signing\">{key}</md:KeyDescriptor>"
        );
        if self.encryption {
            let _ = write!(xml, "<md:KeyDescriptor use=\"encryption\">{key}");
            for method in decryption::METHODS.into_iter().chain([decryption::RSA_OAEP]) {
                let _ = write!(xml, "<md:EncryptionMethod Algorithm=\"{method}\"/>");
            }
            xml.push_str("</md:KeyDescriptor>");
        }
        let _ = writeln!(
            xml,
            "<md:SingleLogoutService Binding=\"{POST}\" Location=\"{slo}\"/>\
             <md:SingleLogoutService Binding=\"{REDIRECT}\" Location=\"{slo}\"/>\
             <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\
             <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>\
             <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>\
             <md:AssertionConsumerService Binding=\"{POST}\" Location=\"{acs}\" index=\"0\" isDefault=\"true\"/>\
             </md:SPSSODescriptor></md:EntityDescriptor>"
        );
        xml
    }
}
