//! Logout messages of the provider (SAML profiles §4.4): who sent them, and what they say.

use std::io::Read as _;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use flate2::read::DeflateDecoder;
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use super::metadata::read_certificate;
use super::response::{check_version, name_id, status};
use super::verifier::SamlVerifier;
use super::xml::{Element, Ns};
use super::{
    IdentityProvider, Incoming, Logout, Party, SKEW, SamlError, check_issued, decoded, later, moment, posted, screen,
};

impl Party {
    /// Verifies and reads what a browser brought to the address for logouts. It takes a few milliseconds
    /// of computing. That a request counts once, and that a response answers a request of ours, is for the caller to know.
    pub fn read_logout(
        &self,
        idp: &IdentityProvider,
        incoming: Incoming<'_>,
        now: OffsetDateTime,
    ) -> Result<Logout, SamlError> {
        idp.check_is_current(now)?;
        let (message, asks, relay_state) = match incoming {
            Incoming::Query(query) => from_query(idp, query)?,
            Incoming::Post { saml_request, saml_response, relay_state } => {
                let (text, asks) = match (saml_request, saml_response) {
                    (Some(request), None) => (request, true),
                    (None, Some(response)) => (response, false),
                    _ => return Err(SamlError::Unreadable("one message must be there".to_owned())),
                };
                let xml = posted(text)?;
                if !screen::is_signed(&screen::logout(&xml)?) {
                    return Err(SamlError::Refused("the logout is not signed"));
                }
                let signed = SamlVerifier::new(idp)?.signed_part(&xml)?;
                (screen::logout_signed(&signed)?, asks, relay_state.map(str::to_owned))
            }
        };
        if message.is(Ns::Protocol, "LogoutRequest") != asks {
            return Err(SamlError::Refused("a request came as a response, or the other way round"));
        }
        check_version(&message)?;
        // A signed message must name its address (SAML bindings §3.4.5.2, §3.5.5.2).
        if message.attribute("Destination") != Some(&self.slo_url) {
            return Err(SamlError::Refused("the logout is for another address"));
        }
        let issuer = message.only(Ns::Assertion, "Issuer")?.and_then(Element::trimmed);
        if issuer != Some(&idp.entity_id) {
            return Err(SamlError::Refused("the logout is of another provider"));
        }
        let too_old = check_issued(message.attribute("IssueInstant"), now)?;
        if !asks {
            let in_response_to = message.attribute("InResponseTo").map(str::to_owned);
            return Ok(Logout::Response { in_response_to, success: status(&message)?.0, relay_state });
        }
        let until = message.attribute("NotOnOrAfter").map(moment).transpose()?.map(|until| later(until, SKEW));
        if until.is_some_and(|until| until <= now) {
            return Err(SamlError::Refused("the logout is not valid any more"));
        }
        let indexes = message.all(Ns::Protocol, "SessionIndex").filter_map(Element::trimmed);
        Ok(Logout::Request {
            id: message.attribute("ID").ok_or(SamlError::Refused("the logout has no id"))?.to_owned(),
            issuer: idp.entity_id.clone(),
            name_id: name_id(&message)?,
            session_indexes: indexes.map(str::to_owned).collect(),
            relay_state,
            expires_at: until.map_or(too_old, |until| until.min(too_old)),
        })
    }
}

/// A message from the query, its signature verified over the query as it came.
fn from_query(idp: &IdentityProvider, query: &str) -> Result<(Element, bool, Option<String>), SamlError> {
    if query.len() > screen::LARGEST {
        return Err(SamlError::Refused("the message is too large"));
    }
    let raw = |name: &str| -> Result<Option<&str>, SamlError> {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        // A name that is written with escapes could be read by one and overlooked by another.
        let mut found = pairs.filter(|(key, _)| percent_decode_str(key).eq(name.bytes()));
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some((key, value)), None) if key == name => Ok(Some(value)),
            _ => Err(SamlError::Refused("the query is ambiguous")),
        }
    };
    let (field, message, asks) = match (raw("SAMLRequest")?, raw("SAMLResponse")?) {
        (Some(request), None) => ("SAMLRequest", request, true),
        (None, Some(response)) => ("SAMLResponse", response, false),
        _ => return Err(SamlError::Unreadable("one message must be there".to_owned())),
    };
    let relay_state = raw("RelayState")?;
    let not_signed = SamlError::Refused("the logout is not signed");
    let (Some(method), Some(signature)) = (raw("SigAlg")?, raw("Signature")?) else { return Err(not_signed) };
    let state = relay_state.map(|state| format!("&RelayState={state}")).unwrap_or_default();
    let signed = format!("{field}={message}{state}&SigAlg={method}");
    check_query_signature(idp, &unescaped(method)?, signed.as_bytes(), &decoded(&unescaped(signature)?)?)?;
    let packed = decoded(&unescaped(message)?)?;
    let mut xml = Vec::new();
    // One byte more than is read, so that what is larger is told from what just fits.
    DeflateDecoder::new(&*packed)
        .take(screen::LARGEST as u64 + 1)
        .read_to_end(&mut xml)
        .map_err(|_| SamlError::Unreadable("it can't be unpacked".to_owned()))?;
    let xml = String::from_utf8(xml).map_err(|_| SamlError::Unreadable("it must be XML 1.0 in UTF-8".to_owned()))?;
    let message = screen::logout(&xml)?;
    if screen::is_signed(&message) {
        return Err(SamlError::Refused("a message in a query must not be signed in itself"));
    }
    let relay_state = relay_state.map(|state| unescaped(&state.replace('+', " "))).transpose()?;
    Ok((message, asks, relay_state))
}

fn unescaped(text: &str) -> Result<String, SamlError> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_| SamlError::Unreadable("the query can't be read".to_owned()))
}

fn check_query_signature(
    idp: &IdentityProvider,
    method: &str,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), SamlError> {
    // XML signatures write ECDSA as two numbers; some providers write ASN.1 in queries.
    let means: &[&'static dyn VerificationAlgorithm] = match method
        .strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")
    {
        Some("rsa-sha256") => &[&RSA_PKCS1_2048_8192_SHA256],
        Some("rsa-sha384") => &[&RSA_PKCS1_2048_8192_SHA384],
        Some("rsa-sha512") => &[&RSA_PKCS1_2048_8192_SHA512],
        Some("ecdsa-sha256") => &[&ECDSA_P256_SHA256_FIXED, &ECDSA_P256_SHA256_ASN1],
        Some("ecdsa-sha384") => &[&ECDSA_P384_SHA384_FIXED, &ECDSA_P384_SHA384_ASN1],
        _ => {
            return Err(SamlError::Refused("signed by a method that is not accepted: use RSA or ECDSA with SHA-256"));
        }
    };
    for certificate in &idp.certificates {
        let (key, _) = read_certificate(certificate)?;
        for means in means {
            if UnparsedPublicKey::new(*means, &key).verify(signed, signature).is_ok() {
                return Ok(());
            }
        }
    }
    Err(SamlError::Refused("the signature is not the provider's, or something was altered"))
}
