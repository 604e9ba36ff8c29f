//! What a message may be made of, decided before any byte of it reaches libxml2 or xmlsec: they
//! would follow references, run transforms and repair broken XML for whoever sends it.
//!
//! Every way in has its own rule: [`response`], [`logout`], [`metadata`]; what came out of a
//! signature or of decryption is read by [`signed_part`] and [`decrypted`].

use std::collections::HashSet;

use super::SamlError;
use super::xml::{Element, Limits, Ns, is_plain_name, parse};

/// Largest message that is read, in bytes.
pub(super) const LARGEST: usize = 256 * 1024;

const MESSAGE: Limits = Limits { bytes: LARGEST, elements: 5000, depth: 32, comments: false };
/// The signed part in its canonical form, in which an element may name its namespaces again.
const CANONICAL: Limits = Limits { bytes: 4 * LARGEST, ..MESSAGE };
/// Metadata files have comments, and nobody but us reads them.
const METADATA: Limits = Limits { bytes: 1024 * 1024, elements: 20_000, depth: 32, comments: true };

/// Exclusive canonicalization without comments.
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Leaves the signature itself out.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// How we sign.
pub(super) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// The digest that goes with it.
pub(super) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

const SIGNATURES: [&str; 5] = [
    RSA_SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
];
const DIGESTS: [&str; 3] =
    [SHA256, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"];

/// What `KeyInfo` may hold. None of it is trusted; what makes a reader fetch something is left out.
const KEY_INFO: [&str; 14] = [
    "KeyInfo",
    "KeyName",
    "KeyValue",
    "RSAKeyValue",
    "Modulus",
    "Exponent",
    "X509Data",
    "X509Certificate",
    "X509SubjectName",
    "X509IssuerSerial",
    "X509IssuerName",
    "X509SerialNumber",
    "X509SKI",
    "X509CRL",
];

/// Names that have one place in a message, wherever their namespace comes from: everything that
/// wraps signatures needs one of them in another place.
const FIXED: [&str; 6] =
    ["Response", "Assertion", "EncryptedAssertion", "Signature", "LogoutRequest", "LogoutResponse"];

/// Reads a `Response` with at most one assertion.
pub(super) fn response(xml: &str) -> Result<Element, SamlError> {
    let root = parse(xml, MESSAGE)?;
    check_response(&root)?;
    Ok(root)
}

/// What a verified signature covers: a `Response` or an `Assertion`.
pub(super) fn signed_part(xml: &str) -> Result<Element, SamlError> {
    let root = parse(xml, CANONICAL)?;
    if root.is(Ns::Assertion, "Assertion") {
        check_assertion(&root)?;
        refuse_displaced(&root, &[])?;
        refuse_twin_ids(&root)?;
    } else if root.is(Ns::Protocol, "Response") {
        check_response(&root)?;
    } else {
        return Err(SamlError::Refused("something else than a response or an assertion is signed"));
    }
    Ok(root)
}

/// An assertion that was encrypted. Its own signature is not looked at: the response around it is signed.
pub(super) fn decrypted(xml: &str) -> Result<Element, SamlError> {
    let root = parse(xml, MESSAGE)?;
    if !root.is(Ns::Assertion, "Assertion") {
        return Err(SamlError::Refused("something else than an assertion was encrypted"));
    }
    check_assertion(&root)?;
    refuse_displaced(&root, &[])?;
    refuse_twin_ids(&root)?;
    Ok(root)
}

/// Reads a `LogoutRequest` or a `LogoutResponse`.
pub(super) fn logout(xml: &str) -> Result<Element, SamlError> {
    logout_within(xml, MESSAGE)
}

fn logout_within(xml: &str, limits: Limits) -> Result<Element, SamlError> {
    let root = parse(xml, limits)?;
    if !root.is(Ns::Protocol, "LogoutRequest") && !root.is(Ns::Protocol, "LogoutResponse") {
        return Err(SamlError::Refused("this is neither a LogoutRequest nor a LogoutResponse"));
    }
    if let Some(signature) = root.only(Ns::Signature, "Signature")? {
        check_signature(&root, signature)?;
    }
    refuse_displaced(&root, &[])?;
    refuse_twin_ids(&root)?;
    Ok(root)
}

/// What a verified signature covers: a logout message.
pub(super) fn logout_signed(xml: &str) -> Result<Element, SamlError> {
    logout_within(xml, CANONICAL)
}

/// Reads metadata. It never reaches xmlsec, so what is signed in it does not matter.
pub(super) fn metadata(xml: &str) -> Result<Element, SamlError> {
    parse(xml.strip_prefix('\u{feff}').unwrap_or(xml), METADATA)
}

/// Whether a signature stands in it.
pub(super) fn is_signed(element: &Element) -> bool {
    element.all(Ns::Signature, "Signature").next().is_some()
}

fn check_response(root: &Element) -> Result<(), SamlError> {
    if !root.is(Ns::Protocol, "Response") {
        return Err(SamlError::Refused("this is no Response"));
    }
    for child in &root.children {
        match (child.ns, child.name.as_str()) {
            (Ns::Assertion, "Issuer" | "Assertion" | "EncryptedAssertion")
            | (Ns::Protocol, "Extensions" | "Status")
            | (Ns::Signature, "Signature") => {}
            _ => return Err(SamlError::Refused("the response holds something that has no place in it")),
        }
        root.only(child.ns, &child.name)?;
    }
    let plain = root.only(Ns::Assertion, "Assertion")?;
    let encrypted = root.only(Ns::Assertion, "EncryptedAssertion")?;
    if plain.is_some() && encrypted.is_some() {
        return Err(SamlError::Refused("the response holds two assertions"));
    }
    if let Some(signature) = root.only(Ns::Signature, "Signature")? {
        check_signature(root, signature)?;
    }
    if let Some(assertion) = plain {
        check_assertion(assertion)?;
    }
    if let Some(encrypted) = encrypted {
        check_encrypted(encrypted)?;
    }
    refuse_displaced(root, &["Assertion", "EncryptedAssertion"])?;
    refuse_twin_ids(root)
}

fn check_assertion(assertion: &Element) -> Result<(), SamlError> {
    for child in &assertion.children {
        match (child.ns, child.name.as_str()) {
            (Ns::Assertion, "Issuer" | "Subject" | "Conditions" | "Advice") | (Ns::Signature, "Signature") => {
                assertion.only(child.ns, &child.name)?;
            }
            (Ns::Assertion, "AuthnStatement" | "AttributeStatement" | "AuthzDecisionStatement" | "Statement") => {}
            _ => return Err(SamlError::Refused("the assertion holds something that has no place in it")),
        }
    }
    match assertion.only(Ns::Signature, "Signature")? {
        Some(signature) => check_signature(assertion, signature),
        None => Ok(()),
    }
}

/// Refuses assertions, messages and signatures anywhere but where the rules above looked for them:
/// `children` directly below the root, and signatures directly below the root or one of `children`.
fn refuse_displaced(root: &Element, children: &[&str]) -> Result<(), SamlError> {
    root.walk(&mut |parent, element| {
        if !FIXED.contains(&element.name.as_str()) {
            return Ok(());
        }
        let below_root = std::ptr::eq(parent, root);
        let in_place = match element.name.as_str() {
            "Signature" => {
                element.ns == Ns::Signature
                    && (below_root
                        || (parent.is(Ns::Assertion, "Assertion")
                            && children.contains(&"Assertion")
                            && root.children.iter().any(|child| std::ptr::eq(child, parent))))
            }
            name => element.ns == Ns::Assertion && below_root && children.contains(&name),
        };
        if in_place { Ok(()) } else { Err(SamlError::Refused("an assertion or a signature is not in its place")) }
    })
}

/// Refuses two elements with the same id, and ids that parsers might read differently.
fn refuse_twin_ids(root: &Element) -> Result<(), SamlError> {
    let mut seen = HashSet::new();
    let mut check = |element: &Element| {
        for (_, name, value) in element.attributes() {
            if name.eq_ignore_ascii_case("id") && (value.len() > 256 || !is_plain_name(value)) {
                return Err(SamlError::Refused("an id can't be read"));
            }
            if name.eq_ignore_ascii_case("id") && !seen.insert(value.to_owned()) {
                return Err(SamlError::Refused("two elements have the same id"));
            }
        }
        Ok(())
    };
    check(root)?;
    root.walk(&mut |_, element| check(element))
}

/// One signature over the element that it stands in, by methods that are on the lists.
fn check_signature(signed: &Element, signature: &Element) -> Result<(), SamlError> {
    const ODD: SamlError = SamlError::Refused("a signature is not made the way SAML allows");
    let parts: Vec<&str> = signature.children.iter().map(|part| part.name.as_str()).collect();
    if signature.children.iter().any(|part| part.ns != Ns::Signature)
        || !matches!(parts[..], ["SignedInfo", "SignatureValue"] | ["SignedInfo", "SignatureValue", "KeyInfo"])
    {
        return Err(ODD);
    }
    let [info, value, keys @ ..] = &signature.children[..] else { return Err(ODD) };
    let [canonicalization, method, reference] = &info.children[..] else { return Err(ODD) };
    let [transforms, digest, digest_value] = &reference.children[..] else { return Err(ODD) };
    let named = [
        (canonicalization, "CanonicalizationMethod"),
        (method, "SignatureMethod"),
        (reference, "Reference"),
        (transforms, "Transforms"),
        (digest, "DigestMethod"),
        (digest_value, "DigestValue"),
    ];
    if named.iter().any(|(element, name)| !element.is(Ns::Signature, name)) {
        return Err(ODD);
    }
    if [value, method, digest, digest_value].iter().any(|leaf| !leaf.children.is_empty()) {
        return Err(ODD);
    }
    if !algorithm(method).is_some_and(|method| SIGNATURES.contains(&method)) {
        return Err(SamlError::Refused("signed by a method that is not accepted: use RSA or ECDSA with SHA-256"));
    }
    if !algorithm(digest).is_some_and(|digest| DIGESTS.contains(&digest)) {
        return Err(SamlError::Refused("signed over a digest that is not accepted: use SHA-256"));
    }
    if algorithm(canonicalization) != Some(EXCLUSIVE) || !has_only_prefixes(canonicalization) {
        return Err(SamlError::Refused("signed over another form than exclusive canonicalization"));
    }
    let enveloped = transforms.children.iter().filter(|transform| algorithm(transform) == Some(ENVELOPED)).count();
    let exclusive = transforms.children.iter().filter(|transform| algorithm(transform) == Some(EXCLUSIVE)).count();
    let known = transforms.children.iter().all(|transform| {
        transform.is(Ns::Signature, "Transform") && transform.text.trim().is_empty() && has_only_prefixes(transform)
    });
    if !known || enveloped != 1 || exclusive > 1 || enveloped + exclusive != transforms.children.len() {
        return Err(SamlError::Refused("a signature has a transform that is not accepted"));
    }
    let id = signed.attribute("ID").filter(|id| is_plain_name(id)).ok_or(ODD)?;
    let mut attributes = reference.attributes();
    if attributes.next() != Some((Ns::None, "URI", &format!("#{id}"))) || attributes.next().is_some() {
        return Err(SamlError::Refused("a signature refers to something else than the element it stands in"));
    }
    keys.iter().try_for_each(check_key_info)
}

fn algorithm(element: &Element) -> Option<&str> {
    element.attribute("Algorithm")
}

/// Most prefixes that a canonicalization is to keep. It looks each of them up at each element, and all of that
/// happens before a signature is known to be anybody's.
const MOST_PREFIXES: usize = 16;

fn has_only_prefixes(element: &Element) -> bool {
    let few = |child: &Element| {
        let list = child.attribute("PrefixList").unwrap_or_default();
        let prefixes = || list.split_ascii_whitespace();
        let different: std::collections::BTreeSet<&str> = prefixes().collect();
        list.len() <= 256
            && different.len() == prefixes().count()
            && different.len() <= MOST_PREFIXES
            && different.iter().all(|prefix| *prefix == "#default" || is_plain_name(prefix))
    };
    let plain = |child: &Element| {
        child.is(Ns::Canonical, "InclusiveNamespaces")
            && child.children.is_empty()
            && child.text.trim().is_empty()
            && child.attributes().all(|(ns, name, _)| ns == Ns::None && name == "PrefixList")
            && few(child)
    };
    element.children.len() <= 1 && element.children.iter().all(plain)
}

fn check_key_info(keys: &Element) -> Result<(), SamlError> {
    keys.walk(&mut |_, element| {
        if element.ns == Ns::Signature && KEY_INFO.contains(&element.name.as_str()) {
            Ok(())
        } else {
            Err(SamlError::Refused("a signature describes its key in a way that is not accepted"))
        }
    })
}

/// Nothing encrypted points elsewhere; what the methods are is decided where it is opened.
fn check_encrypted(encrypted: &Element) -> Result<(), SamlError> {
    encrypted.walk(&mut |_, element| match (element.ns, element.name.as_str()) {
        (
            Ns::Encryption,
            "EncryptedData" | "EncryptedKey" | "EncryptionMethod" | "CipherData" | "CipherValue" | "ReferenceList"
            | "DataReference" | "CarriedKeyName" | "KeySize" | "OAEPparams",
        )
        | (Ns::Signature, "DigestMethod") => Ok(()),
        // Points from the data to the key that stands beside it; it is found without.
        (Ns::Signature, "RetrievalMethod") if element.children.is_empty() => Ok(()),
        (Ns::Signature, name) if KEY_INFO.contains(&name) => Ok(()),
        _ => Err(SamlError::Refused("the encrypted assertion holds something that has no place in it")),
    })
}
