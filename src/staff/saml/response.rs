//! Judging a `Response` (SAML profiles §4.1.4).

use time::OffsetDateTime;

use super::screen;
use super::verifier::SamlVerifier;
use super::xml::{Element, Ns};
use super::{
    IdentityProvider, NameId, Party, SKEW, SUCCESS, SamlError, Verified, check_issued, decryption, later, moment,
    posted,
};

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// The codes of SAML core §3.2.2.2, by their last word. Others are not repeated: they are anybody's text.
const STATUSES: [&str; 24] = [
    "Success",
    "Requester",
    "Responder",
    "VersionMismatch",
    "AuthnFailed",
    "InvalidAttrNameOrValue",
    "InvalidNameIDPolicy",
    "NoAuthnContext",
    "NoAvailableIDP",
    "NoPassive",
    "NoSupportedIDP",
    "PartialLogout",
    "ProxyCountExceeded",
    "RequestDenied",
    "RequestUnsupported",
    "RequestVersionDeprecated",
    "RequestVersionTooHigh",
    "RequestVersionTooLow",
    "ResourceNotRecognized",
    "TooManyResponses",
    "UnknownAttrProfile",
    "UnknownPrincipal",
    "UnsupportedBinding",
    "Error",
];

impl Party {
    /// Verifies what a browser brought from the provider. It takes a few milliseconds of computing.
    ///
    /// `expected_request` is the id of the request that this answers; `None` takes only responses that
    /// answer no request at all (the sign-in began at the provider).
    pub fn verify_response(
        &self,
        idp: &IdentityProvider,
        saml_response_base64: &str,
        expected_request: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Verified, SamlError> {
        idp.check_is_current(now)?;
        let xml = posted(saml_response_base64)?;
        let message = screen::response(&xml)?;
        self.check_envelope(idp, &message, expected_request, now)?;
        let plain = message.only(Ns::Assertion, "Assertion")?;
        let encrypted = message.only(Ns::Assertion, "EncryptedAssertion")?;
        if plain.is_none() && encrypted.is_none() {
            return Err(SamlError::Refused("the response holds no assertion"));
        }
        if !screen::is_signed(&message) {
            if encrypted.is_some() {
                return Err(SamlError::Refused(
                    "an encrypted assertion must come in a signed response: let the provider sign the response",
                ));
            }
            if !plain.is_some_and(screen::is_signed) {
                return Err(SamlError::Refused(
                    "nothing is signed: let the provider sign the response or the assertion",
                ));
            }
        }
        let signed = screen::signed_part(&SamlVerifier::new(idp)?.signed_part(&xml)?)?;
        if signed.is(Ns::Assertion, "Assertion") {
            return self.judge(idp, &signed, expected_request, now);
        }
        // From here on nothing counts but what was digested.
        self.check_envelope(idp, &signed, expected_request, now)?;
        if let Some(assertion) = signed.only(Ns::Assertion, "Assertion")? {
            return self.judge(idp, assertion, expected_request, now);
        }
        let encrypted = signed.only(Ns::Assertion, "EncryptedAssertion")?;
        let encrypted = encrypted.ok_or(SamlError::Refused("the response holds no assertion"))?;
        let assertion = screen::decrypted(&decryption::open(encrypted, &self.key)?)?;
        self.judge(idp, &assertion, expected_request, now)
    }

    /// What holds for the response around the assertion, signed or not.
    fn check_envelope(
        &self,
        idp: &IdentityProvider,
        message: &Element,
        expected_request: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(), SamlError> {
        check_version(message)?;
        if message.attribute("Destination").is_some_and(|to| to != self.acs_url) {
            return Err(SamlError::Refused("the response is for another address"));
        }
        if let Some(issuer) = message.only(Ns::Assertion, "Issuer")?
            && issuer.text.trim() != idp.entity_id
        {
            return Err(SamlError::Refused("the response is of another provider"));
        }
        if message.attribute("InResponseTo") != expected_request {
            return Err(SamlError::Refused("the response answers another request"));
        }
        check_issued(message.attribute("IssueInstant"), now)?;
        let (success, code) = status(message)?;
        if success { Ok(()) } else { Err(SamlError::Status(code)) }
    }

    /// What a signed assertion must say.
    fn judge(
        &self,
        idp: &IdentityProvider,
        assertion: &Element,
        expected_request: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Verified, SamlError> {
        check_version(assertion)?;
        let assertion_id = assertion.attribute("ID").ok_or(SamlError::Refused("the assertion has no id"))?;
        let issuer = assertion.only(Ns::Assertion, "Issuer")?.and_then(Element::trimmed);
        if issuer != Some(&idp.entity_id) {
            return Err(SamlError::Refused("the assertion is of another provider"));
        }
        let too_old = check_issued(assertion.attribute("IssueInstant"), now)?;
        let subject = assertion.only(Ns::Assertion, "Subject")?;
        let subject = subject.ok_or(SamlError::Refused("the assertion is about nobody"))?;
        let name_id = name_id(subject)?;
        let confirmed_until = self.check_confirmation(subject, expected_request, now)?;
        let conditions_until = self.check_conditions(assertion, now)?;
        let session = read_session(assertion, now)?;
        let (attributes, friendly_names) = read_attributes(assertion)?;
        let end = confirmed_until.min(conditions_until);
        Ok(Verified {
            issuer: idp.entity_id.clone(),
            assertion_id: assertion_id.to_owned(),
            expires_at: later(end, SKEW).min(too_old),
            name_id,
            session_index: session.index,
            session_until: session.until,
            attributes,
            friendly_names,
            authenticated_at: session.authenticated_at,
        })
    }

    /// One bearer confirmation must be meant for us, for this request and for now (SAML profiles §4.1.4.3).
    fn check_confirmation(
        &self,
        subject: &Element,
        expected_request: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<OffsetDateTime, SamlError> {
        let mut why = SamlError::Refused("the assertion has no bearer confirmation");
        for confirmation in subject.all(Ns::Assertion, "SubjectConfirmation") {
            if confirmation.attribute("Method") != Some(BEARER) {
                continue;
            }
            let Some(data) = confirmation.only(Ns::Assertion, "SubjectConfirmationData")? else { continue };
            if data.attribute("Recipient") != Some(&self.acs_url) {
                why = SamlError::Refused("the assertion is for another recipient");
                continue;
            }
            if data.attribute("InResponseTo") != expected_request {
                why = SamlError::Refused("the assertion answers another request");
                continue;
            }
            match check_window(data, now) {
                Ok(until) => return Ok(until),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// The conditions must be there, say until when and name us; one that we don't know is not met (SAML core §2.5.1).
    fn check_conditions(&self, assertion: &Element, now: OffsetDateTime) -> Result<OffsetDateTime, SamlError> {
        let conditions = assertion.only(Ns::Assertion, "Conditions")?;
        let conditions = conditions.ok_or(SamlError::Refused("the assertion has no conditions"))?;
        let until = check_window(conditions, now)?;
        let mut restricted = false;
        for condition in &conditions.children {
            match (condition.ns, condition.name.as_str()) {
                (Ns::Assertion, "AudienceRestriction") => {
                    restricted = true;
                    let mut audiences = condition.all(Ns::Assertion, "Audience");
                    if !audiences.any(|audience| audience.text.trim() == self.entity_id) {
                        return Err(SamlError::Refused("the assertion is for another audience"));
                    }
                }
                (Ns::Assertion, "OneTimeUse" | "ProxyRestriction") => {}
                _ => return Err(SamlError::Refused("the assertion has a condition that is not known")),
            }
        }
        if restricted { Ok(until) } else { Err(SamlError::Refused("the assertion does not say for whom it is")) }
    }
}

/// `NotBefore` and `NotOnOrAfter`, the latter always there.
pub(super) fn check_window(element: &Element, now: OffsetDateTime) -> Result<OffsetDateTime, SamlError> {
    if let Some(start) = element.attribute("NotBefore")
        && moment(start)? > later(now, SKEW)
    {
        return Err(SamlError::Refused("it is not valid yet: the provider's clock or ours may be wrong"));
    }
    let until =
        element.attribute("NotOnOrAfter").ok_or(SamlError::Refused("it does not say until when it is valid"))?;
    let until = moment(until)?;
    if later(until, SKEW) <= now {
        return Err(SamlError::Refused("it is not valid any more, or the provider's clock or ours is wrong"));
    }
    Ok(until)
}

pub(super) fn check_version(element: &Element) -> Result<(), SamlError> {
    if element.attribute("Version") == Some("2.0") { Ok(()) } else { Err(SamlError::Refused("it is not SAML 2.0")) }
}

/// Whether the status is success, and the most telling of its codes.
pub(super) fn status(message: &Element) -> Result<(bool, String), SamlError> {
    let absent = || SamlError::Refused("the response has no status");
    let status = message.only(Ns::Protocol, "Status")?.ok_or_else(absent)?;
    let first = status.only(Ns::Protocol, "StatusCode")?.ok_or_else(absent)?;
    let second = first.only(Ns::Protocol, "StatusCode")?;
    let value = first.attribute("Value").ok_or_else(absent)?;
    let word = |code: &str| {
        let last = code.rsplit([':', '#', '/']).next().unwrap_or_default();
        STATUSES.iter().find(|known| **known == last).map(|known| (*known).to_owned())
    };
    let code = second.and_then(|code| code.attribute("Value")).and_then(word).or_else(|| word(value));
    Ok((value == SUCCESS, code.unwrap_or_else(|| "an error that is not known".to_owned())))
}

/// The name in a subject or in a logout request.
pub(super) fn name_id(holder: &Element) -> Result<NameId, SamlError> {
    if holder.only(Ns::Assertion, "EncryptedID")?.is_some() {
        return Err(SamlError::Refused(
            "the NameID is encrypted, which is not supported: encrypt the whole assertion, or nothing",
        ));
    }
    let name = holder.only(Ns::Assertion, "NameID")?;
    let name = name.ok_or(SamlError::Refused("there is no NameID"))?;
    if !name.children.is_empty() {
        return Err(SamlError::Refused("there are elements in the NameID"));
    }
    let value = name.trimmed().ok_or(SamlError::Refused("the NameID is empty"))?;
    if value.chars().any(char::is_control) || value.len() > 1024 {
        return Err(SamlError::Refused("the NameID is no name"));
    }
    let attribute = |attribute: &str| name.attribute(attribute).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(NameId {
        value: value.to_owned(),
        format: attribute("Format"),
        name_qualifier: attribute("NameQualifier"),
        sp_name_qualifier: attribute("SPNameQualifier"),
    })
}

struct Session {
    authenticated_at: OffsetDateTime,
    index: Option<String>,
    until: Option<OffsetDateTime>,
}

fn read_session(assertion: &Element, now: OffsetDateTime) -> Result<Session, SamlError> {
    let absent = SamlError::Refused("the assertion does not say that somebody signed in");
    let statement = assertion.all(Ns::Assertion, "AuthnStatement").next().ok_or(absent)?;
    let at = statement
        .attribute("AuthnInstant")
        .ok_or(SamlError::Refused("the assertion does not say when somebody signed in"))?;
    let authenticated_at = moment(at)?;
    if authenticated_at > later(now, SKEW) {
        return Err(SamlError::Refused("somebody signed in in the future: the provider's clock or ours is wrong"));
    }
    let until = statement.attribute("SessionNotOnOrAfter").map(moment).transpose()?;
    if until.is_some_and(|until| later(until, SKEW) <= now) {
        return Err(SamlError::Refused("the session at the provider has ended"));
    }
    let index = statement.attribute("SessionIndex").filter(|index| !index.is_empty()).map(str::to_owned);
    // A provider's clock that is ahead a little must not make a sign-in later than now.
    Ok(Session { authenticated_at: authenticated_at.min(now), index, until })
}

type Attributes = (Vec<(String, Vec<String>)>, Vec<(String, usize)>);

fn read_attributes(assertion: &Element) -> Result<Attributes, SamlError> {
    let (mut attributes, mut friendly_names) = (Vec::new(), Vec::new());
    for statement in assertion.all(Ns::Assertion, "AttributeStatement") {
        for attribute in &statement.children {
            if !attribute.is(Ns::Assertion, "Attribute") {
                return Err(SamlError::Refused(
                    "an attribute is encrypted, which is not supported: encrypt the whole assertion, or nothing",
                ));
            }
            let name = attribute.attribute("Name").ok_or(SamlError::Refused("an attribute has no name"))?;
            let values = attribute.all(Ns::Assertion, "AttributeValue");
            // Values may be elements, such as a persistent NameID (eduPersonTargetedID).
            let values = values.filter_map(|value| value.trimmed().or_else(|| value.children.first()?.trimmed()));
            let values: Vec<String> = values.map(str::to_owned).collect();
            if let Some(friendly) = attribute.attribute("FriendlyName") {
                friendly_names.push((friendly.to_owned(), attributes.len()));
            }
            attributes.push((name.to_owned(), values));
        }
    }
    Ok((attributes, friendly_names))
}
