//! What is taken and what is refused, with messages that a provider, or somebody who wishes to be one, could send.

use std::net::TcpListener;
use std::sync::LazyLock;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PrivateDecryptingKey};
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use samael::crypto::{Crypto, CryptoProvider as _};
use time::macros::datetime;

use super::*;
use idp::{PROVIDER, SHA256, SIGN_HERE, STRANGER, Sides, Signer, encoded, unsigned};

#[path = "../../../tests/support/identity_provider.rs"]
mod idp;

const CURVE: (&str, &str) =
    (include_str!("../../../tests/fixtures/saml/curve.key"), include_str!("../../../tests/fixtures/saml/curve.crt"));
const OURS: (&str, &str) =
    (include_str!("../../../tests/fixtures/saml/ours.key"), include_str!("../../../tests/fixtures/saml/ours.crt"));
const ECDSA: (&str, &str) =
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256");
const NOW: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);
const REQUEST: &str = "_0123456789abcdef0123456789abcdef";
const FORGED: SamlError = SamlError::Refused("the signature is not the provider's, or something was altered");
const DISPLACED: SamlError = SamlError::Refused("an assertion or a signature is not in its place");
const METHOD: SamlError = SamlError::Refused("signed by a method that is not accepted: use RSA or ECDSA with SHA-256");

static WORLD: LazyLock<World> = LazyLock::new(|| World::new(true));

/// Both sides, and the keys of everybody.
struct World {
    us: Party,
    provider: IdentityProvider,
    sides: Sides,
    key: Signer,
    stranger: Signer,
}

impl World {
    fn new(encryption: bool) -> Self {
        let sides = Sides {
            provider: "https://id.example/saml".to_owned(),
            sso_url: "https://id.example/sso?realm=staff".to_owned(),
            slo_url: "https://id.example/slo".to_owned(),
            our_entity_id: "https://forms.example/staff/auth/saml/metadata".to_owned(),
            our_acs_url: "https://forms.example/staff/auth/saml/acs".to_owned(),
            our_slo_url: "https://forms.example/staff/auth/saml/slo".to_owned(),
        };
        let key = Signer::new(PROVIDER);
        let provider = IdentityProvider::read(&sides.metadata(&[&key])).unwrap();
        Self { us: party(&sides, OURS.0, encryption).unwrap(), provider, sides, key, stranger: Signer::new(STRANGER) }
    }

    fn assertion(&self) -> String {
        self.sides.assertion("ana", Some(REQUEST), NOW)
    }

    fn signed_assertion(&self) -> String {
        self.key.sign(&self.assertion(), "_assertion", SHA256)
    }

    fn around(&self, inner: &str) -> String {
        self.sides.response(inner, Some(REQUEST), NOW)
    }

    /// A response with a signed assertion in it, not signed itself.
    fn good(&self) -> String {
        unsigned(&self.around(&self.signed_assertion()))
    }

    /// A signed response with an assertion that is not signed itself.
    fn signed_response(&self, inner: &str) -> String {
        self.key.sign(&self.around(&unsigned(inner)), "_response", SHA256)
    }

    fn takes(&self, xml: &str) -> Result<Verified, SamlError> {
        self.us.verify_response(&self.provider, &encoded(xml), Some(REQUEST), NOW)
    }

    /// What becomes of an assertion that says something else and is signed all the same.
    fn takes_with(&self, from: &str, to: &str) -> Result<Verified, SamlError> {
        let assertion = self.assertion();
        assert!(assertion.contains(from), "{from}");
        self.takes(&unsigned(&self.around(&self.key.sign(&assertion.replace(from, to), "_assertion", SHA256))))
    }

    fn takes_post(&self, xml: &str) -> Result<Logout, SamlError> {
        let posted = encoded(xml);
        let incoming = Incoming::Post { saml_request: Some(&posted), saml_response: None, relay_state: Some("state") };
        self.us.read_logout(&self.provider, incoming, NOW)
    }

    fn takes_query(&self, query: &str) -> Result<Logout, SamlError> {
        self.us.read_logout(&self.provider, Incoming::Query(query), NOW)
    }
}

fn party(sides: &Sides, key: &str, encryption: bool) -> Result<Party, SamlError> {
    let Sides { our_entity_id, our_acs_url, our_slo_url, .. } = sides.clone();
    Party::new(our_entity_id, our_acs_url, our_slo_url, &key.to_owned().into(), OURS.1, encryption)
}

fn refused<T: std::fmt::Debug>(result: Result<T, SamlError>, word: &str) {
    let error = result.unwrap_err();
    assert!(error.to_string().contains(word), "{error} should say {word}");
}

/// Without anything between two marks, both of them included.
fn without(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(to).unwrap() + to.len();
    format!("{}{}", &text[..start], &text[end..])
}

/// What stands between two marks, both of them included.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap();
    &text[start..start + text[start..].find(to).unwrap() + to.len()]
}

#[test]
fn a_signed_response_a_signed_assertion_or_both_let_somebody_in() {
    let w = &WORLD;
    let both = w.key.sign(&w.around(&w.signed_assertion()), "_response", SHA256);
    for xml in [w.good(), w.signed_response(&w.assertion()), both] {
        let verified = w.takes(&xml).unwrap();
        assert_eq!((&*verified.name_id.value, &*verified.issuer), ("ana", &*w.sides.provider));
        assert_eq!((&*verified.assertion_id, verified.session_index.as_deref()), ("_assertion", Some("_session")));
        assert_eq!(verified.values("groups"), ["reviewers", "staff"]);
        assert_eq!(verified.values("cn"), ["Zoë <R&D>"]);
        assert_eq!(verified.values("urn:oid:2.5.4.3"), ["Zoë <R&D>"]);
        assert_eq!(verified.values("mail"), [""; 0]);
        assert_eq!(verified.authenticated_at, NOW);
        assert_eq!(verified.expires_at, NOW + Duration::minutes(4));
        assert!(!verified.name_id.is_transient());
        assert!(!format!("{verified:?}").contains("ana"));
    }
}

#[test]
fn an_assertion_is_taken_until_the_moment_it_is_said_to_expire() {
    let w = &WORLD;
    let posted = encoded(&w.good());
    let end = w.takes(&w.good()).unwrap().expires_at;
    assert!(w.us.verify_response(&w.provider, &posted, Some(REQUEST), end - Duration::seconds(1)).is_ok());
    refused(w.us.verify_response(&w.provider, &posted, Some(REQUEST), end), "not valid any more");
}

#[test]
fn a_provider_may_sign_on_a_curve_and_have_several_certificates() {
    let w = &WORLD;
    let curve = Signer::new(CURVE);
    let provider = IdentityProvider::read(&w.sides.metadata(&[&w.stranger, &curve])).unwrap();
    let signed = curve.sign(&w.assertion(), "_assertion", ECDSA);
    let posted = encoded(&unsigned(&w.around(&signed)));
    assert!(w.us.verify_response(&provider, &posted, Some(REQUEST), NOW).is_ok());
    assert_eq!(w.us.verify_response(&w.provider, &posted, Some(REQUEST), NOW), Err(FORGED));
}

#[test]
fn what_is_not_signed_by_the_provider_is_refused() {
    let w = &WORLD;
    refused(w.takes(&unsigned(&w.around(&w.assertion()))), "nothing is signed");
    // The stranger's certificate stands in KeyInfo.
    let forged = w.stranger.sign(&w.assertion(), "_assertion", SHA256);
    assert_eq!(w.takes(&unsigned(&w.around(&forged))), Err(FORGED));
    let response = w.stranger.sign(&w.around(&w.signed_assertion()), "_response", SHA256);
    assert_eq!(w.takes(&response), Err(FORGED), "one good signature does not make up for a bad one");
    let good = w.good();
    for (from, to) in
        [(">ana<", ">eve<"), (">reviewers<", ">admins<"), ("nameid-format:persistent", "nameid-format:transient")]
    {
        assert_eq!(w.takes(&good.replace(from, to)), Err(FORGED), "{to}");
    }
    refused(w.takes(&w.signed_assertion()), "no Response");
}

#[test]
fn signatures_can_not_be_wrapped() {
    let w = &WORLD;
    let evil = unsigned(&w.sides.assertion("eve", Some(REQUEST), NOW)).replace("_assertion", "_evil");
    let signed = w.signed_assertion();
    let signature = between(&signed, "<ds:Signature", "</ds:Signature>");
    let bare = without(&signed, "<ds:Signature", "</ds:Signature>");
    let in_evil = |what: &str| evil.replacen("</saml:Issuer>", &format!("</saml:Issuer>{what}"), 1);
    let in_signature = |what: &str| signature.replace("</ds:Signature>", &format!("{what}</ds:Signature>"));
    let object = |what: &str| format!("<ds:Object>{what}</ds:Object>");
    let extensions = |what: &str| format!("<samlp:Extensions>{what}</samlp:Extensions>");
    let whole = w.signed_response(&w.assertion());
    let whole_signature = between(&whole, "<ds:Signature", "</ds:Signature>");
    let whole_bare = without(&whole, "<ds:Signature", "</ds:Signature>");
    let evil_whole = |inner: &str| w.around(&evil).replace("_response", "_evil_response").replace(SIGN_HERE, inner);
    let unsigned_around = |inner: &str| unsigned(&w.around(inner));
    let shapes = [
        (
            "1",
            evil_whole(&whole_signature.replace("</ds:Signature>", &format!("{}</ds:Signature>", object(&whole_bare)))),
        ),
        ("2", evil_whole(&format!("{whole_bare}{whole_signature}"))),
        ("3", unsigned_around(&format!("{evil}{signed}"))),
        ("3, the other way round", unsigned_around(&format!("{signed}{evil}"))),
        ("4", unsigned_around(&evil.replace("</saml:Assertion>", &format!("{signed}</saml:Assertion>")))),
        ("5", unsigned_around(&format!("{}{bare}", in_evil(signature)))),
        ("6", unsigned_around(&in_evil(&in_signature(&bare)))),
        ("7", unsigned(&w.around(&evil)).replace("<samlp:Status>", &format!("{}<samlp:Status>", extensions(&signed)))),
        (
            "7, both",
            unsigned_around(&signed).replace("<samlp:Status>", &format!("{}<samlp:Status>", extensions(&evil))),
        ),
        ("8", unsigned_around(&in_evil(&in_signature(&object(&bare))))),
        (
            "its own advice",
            unsigned_around(
                &evil.replace(
                    "<saml:AuthnStatement",
                    &format!("<saml:Advice>{signed}</saml:Advice><saml:AuthnStatement"),
                ),
            ),
        ),
        ("the evil one has no signature", unsigned_around(&evil)),
        ("a signature of something else", unsigned_around(&in_evil(signature))),
        (
            "the same id twice",
            unsigned_around(&in_evil(signature).replace("_evil", "_assertion")).replace(
                "<samlp:Status>",
                &format!("{}<samlp:Status>", extensions(&bare.replace("saml:Assertion", "saml:Other"))),
            ),
        ),
    ];
    for (name, xml) in shapes {
        let result = w.takes(&xml);
        assert!(matches!(result, Err(SamlError::Refused(_))), "{name}: {result:?}");
        assert_ne!(result, Err(FORGED), "{name} is refused by its shape already");
    }
    // Without the screen, what comes back is at least what was signed.
    let wrapped = unsigned_around(&format!("{signed}{evil}"));
    let part = verifier::SamlVerifier::new(&w.provider).unwrap().signed_part(&wrapped).unwrap();
    assert!(part.contains("ana") && !part.contains("eve"));
}

#[test]
fn what_parsers_read_differently_is_refused() {
    let w = &WORLD;
    let good = w.good();
    for (from, to, word) in [
        (">ana<", ">a<!-- -->na<", "comment"),
        (">ana<", "><![CDATA[ana]]><", "CDATA"),
        (">ana<", ">ana<?x y?><", "processing instruction"),
        (">ana<", ">&ana;<", "entity"),
        (">ana<", ">ana&#0;<", "entity"),
        (">ana<", ">ana&#1;<", "character"),
        (">ana<", ">ana\u{1}<", "character"),
        (">ana<", ">an]]>a<", "well-formed"),
        ("<samlp:Response ", "<!DOCTYPE x><samlp:Response ", "DOCTYPE"),
        ("<samlp:Response ", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><samlp:Response ", "UTF-8"),
        ("<samlp:Response ", "<?xml version=\"1.1\"?><samlp:Response ", "XML 1.0"),
        ("<samlp:Response ", " <?xml version=\"1.0\"?><samlp:Response ", "not at the start"),
        ("<samlp:Response ", "x<samlp:Response ", "outside"),
        ("<samlp:Response ", "<samlp:Response xml:id=\"_assertion\" ", "xml:id"),
        ("<samlp:Response ", "<samlp:Response xml:base=\"http://evil.example/\" ", "xml:base"),
        ("<samlp:Response ", "<samlp:Response ID=\"_other\" ", "attribute"),
        ("<samlp:Response ", "<samlp:Response x=\"<\" ", "well-formed"),
        ("<samlp:Response ", "<samlp:Response x:y=\"\" ", "prefix"),
        ("<samlp:Response ", "<samlp:Response é=\"\" ", "name"),
        ("</samlp:Response>", "</samlp:Response><x/>", "second root"),
        ("</samlp:Response>", "", "cut off"),
        ("</samlp:Response>", "</samlp:Wrong>", "well-formed"),
        ("</saml:Subject>", "", "well-formed"),
        ("<samlp:Status>", "<samlp:Status><x ID=\"_assertion\"/>", "same id"),
        ("<samlp:Status>", "<samlp:Status><x ID=\"a b\"/>", "id can't be read"),
        ("</samlp:Status>", "</samlp:Status><samlp:Status/>", "twice"),
        ("</samlp:Status>", "</samlp:Status><x/>", "no place"),
        ("</saml:Subject>", "</saml:Subject><x/>", "no place"),
    ] {
        assert!(good.contains(from));
        refused(w.takes(&good.replacen(from, to, 1)), word);
    }
    let entities = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].windows(2);
    let entities =
        entities.map(|pair| ["<!ENTITY ", pair[1], " \"", &format!("&{};", pair[0]).repeat(10), "\">"].concat());
    let entities = entities.collect::<Vec<_>>().concat();
    let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">{entities}]>{}", good.replace(">ana<", ">&i;<"));
    refused(w.takes(&bomb), "DOCTYPE");
    refused(w.takes(&good.replace("</samlp:Status>", &format!("</samlp:Status>{}", "x".repeat(5 << 20)))), "too large");
    refused(w.takes(&format!("{}{}", "<x>".repeat(40), "</x>".repeat(40))), "too deep");
    refused(w.takes(&format!("<x>{}</x>", "<x/>".repeat(5001))), "too many");
    refused(
        w.takes(&format!("<x {}/>", (0..70).map(|n| format!("a{n}=''")).collect::<Vec<_>>().join(" "))),
        "too many attributes",
    );
    for text in ["", "%", "PA==", "AAAA"] {
        assert!(matches!(w.us.verify_response(&w.provider, text, Some(REQUEST), NOW), Err(SamlError::Unreadable(_))));
    }
}

#[test]
fn signatures_are_made_by_methods_on_the_list_and_reach_nowhere_else() {
    let w = &WORLD;
    let good = w.good();
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    let xslt = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><x:stylesheet xmlns:x=\"http://www.w3.org/1999/XSL/Transform\"/></ds:Transform>";
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>1</ds:XPath></ds:Transform>";
    let exclusive = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    let reference = between(&good, "<ds:Reference", "</ds:Reference>").to_owned();
    for (from, to, word) in [
        ("xmldsig-more#rsa-sha256", "x", "method that is not accepted"),
        (SHA256.0, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "method that is not accepted"),
        (SHA256.0, "http://www.w3.org/2000/09/xmldsig#hmac-sha1", "method that is not accepted"),
        (SHA256.0, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "method that is not accepted"),
        (SHA256.1, "http://www.w3.org/2000/09/xmldsig#sha1", "digest"),
        (transform, xslt, "transform"),
        (transform, xpath, "transform"),
        (transform, "", "transform"),
        (
            exclusive,
            "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
            "canonicalization",
        ),
        ("URI=\"#_assertion\"", "URI=\"\"", "something else"),
        ("URI=\"#_assertion\"", "URI=\"#_response\"", "something else"),
        ("URI=\"#_assertion\"", "URI=\"#xpointer(/)\"", "something else"),
        ("URI=\"#_assertion\"", "", "something else"),
        (
            "URI=\"#_assertion\"",
            "URI=\"#_assertion\" Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\"",
            "something else",
        ),
        ("URI=\"#_assertion\"", "URI=\"file:///dev/zero\"", "something else"),
        (&reference, &reference.repeat(2), "not made the way"),
        (&reference, "", "not made the way"),
        ("<ds:X509Data>", "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/\"/><ds:X509Data>", "describes its key"),
        ("</ds:SignatureValue>", "</ds:SignatureValue><ds:Object/>", "not made the way"),
    ] {
        assert!(good.contains(from), "{from}");
        refused(w.takes(&good.replace(from, to)), word);
    }
    // As many prefixes as canonicalizing may cost, and none twice. The signature is of another text in any case.
    let kept = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    assert!(good.contains(kept));
    let with = |list: &str| {
        let keeps = format!(
            "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><ec:InclusiveNamespaces \
             xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/></ds:Transform>"
        );
        w.takes(&good.replace(kept, &keeps))
    };
    let prefixes = |many: usize| (0..many).map(|n| format!("p{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(with(&prefixes(16)), Err(FORGED));
    refused(with(&prefixes(17)), "transform");
    refused(with("p0 p0"), "transform");
    refused(with(&"p".repeat(257)), "transform");
    refused(with("p0 &#38;"), "transform");
    assert_eq!(with("#default"), Err(FORGED));
    // The signature's own part is canonicalized too.
    let with = |list: &str| {
        let prefixes = format!("<ec:InclusiveNamespaces xmlns:ec=\"{}\" PrefixList=\"{list}\"/>", screen::EXCLUSIVE);
        let keeps = exclusive.replace("/>", &format!(">{prefixes}</ds:CanonicalizationMethod>"));
        w.takes(&good.replace(exclusive, &keeps))
    };
    assert_eq!(with(&prefixes(16)), Err(FORGED));
    refused(with(&prefixes(17)), "canonicalization");
    // Not only altered, but signed so.
    for methods in
        [("http://www.w3.org/2000/09/xmldsig#rsa-sha1", SHA256.1), (SHA256.0, "http://www.w3.org/2000/09/xmldsig#sha1")]
    {
        let weak = unsigned(&w.around(&w.key.sign(&w.assertion(), "_assertion", methods)));
        assert!(matches!(w.takes(&weak), Err(SamlError::Refused(_))));
        let logout = w.key.sign(&w.sides.logout_request("ana", NOW), "_logout", methods);
        assert!(matches!(w.takes_post(&logout), Err(SamlError::Refused(_))));
    }
}

#[test]
fn nothing_is_fetched_for_a_signature() {
    let w = &WORLD;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("URI=\"http://{}/\"", listener.local_addr().unwrap());
    let far = w.good().replace("URI=\"#_assertion\"", &address);
    refused(w.takes(&far), "something else");
    // The second line, should the first ever let something pass.
    let second_line = verifier::SamlVerifier::new(&w.provider).unwrap();
    for uri in [&address, "URI=\"file:///dev/zero\"", "URI=\"file:///etc/hostname\""] {
        assert_eq!(second_line.signed_part(&w.good().replace("URI=\"#_assertion\"", uri)), Err(FORGED));
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn an_assertion_is_for_us_for_now_and_for_this_request() {
    let w = &WORLD;
    let at = |minutes: i64| idp::written(NOW + Duration::minutes(minutes));
    let (now, start, end) = (at(0), at(-1), at(3));
    let restriction = "<saml:AudienceRestriction>";
    let other =
        "<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>";
    let assertion = w.assertion();
    let conditions = between(&assertion, "<saml:Conditions", "</saml:Conditions>");
    let audience = between(&assertion, restriction, "</saml:AudienceRestriction>");
    let statement = between(&assertion, "<saml:AuthnStatement", "</saml:AuthnStatement>");
    let subject = between(&assertion, "<saml:Subject>", "</saml:Subject>");
    let name = between(&assertion, "<saml:NameID", "</saml:NameID>");
    for (from, to, word) in [
        (audience, other, "another audience"),
        (audience, "", "for whom"),
        (audience, &format!("{audience}{other}"), "another audience"),
        (audience, &format!("{audience}<saml:Condition/>"), "not known"),
        (conditions, "", "no conditions"),
        (conditions, &conditions.repeat(2), "twice"),
        (statement, "", "signed in"),
        (subject, "", "about nobody"),
        (name, "", "no NameID"),
        (name, &name.repeat(2), "twice"),
        (name, "<saml:EncryptedID/>", "encrypted"),
        (">ana<", "><", "empty"),
        (">ana<", "> \n <", "empty"),
        (">ana<", "><saml:x/><", "elements in the NameID"),
        (">ana<", ">a\nna<", "no name"),
        (&*w.sides.our_acs_url, "https://forms.example/other", "another recipient"),
        (&format!(" InResponseTo=\"{REQUEST}\""), "", "another request"),
        (REQUEST, "_other", "another request"),
        ("cm:bearer", "cm:holder-of-key", "no bearer"),
        (&*w.sides.provider, "https://evil.example", "another provider"),
        ("Version=\"2.0\"", "Version=\"1.1\"", "SAML 2.0"),
        (&format!("IssueInstant=\"{now}\""), &format!("IssueInstant=\"{}\"", at(2)), "in the future"),
        (&format!("IssueInstant=\"{now}\""), "IssueInstant=\"2036-01-01T00:00:00Z\"", "in the future"),
        (&format!("IssueInstant=\"{now}\""), &format!("IssueInstant=\"{}\"", at(-7)), "too long ago"),
        (&format!("IssueInstant=\"{now}\""), "IssueInstant=\"soon\"", "date"),
        (&format!("IssueInstant=\"{now}\""), "IssueInstant=\"-9999-01-01T00:00:00Z\"", "date"),
        (&format!("IssueInstant=\"{now}\""), "IssueInstant=\"9999-12-31T23:59:59-01:00\"", "date"),
        (&format!("AuthnInstant=\"{now}\""), &format!("AuthnInstant=\"{}\"", at(2)), "in the future"),
        ("SessionIndex=\"_session\"", &format!("SessionNotOnOrAfter=\"{}\"", at(-2)), "has ended"),
        (&format!("NotBefore=\"{start}\""), &format!("NotBefore=\"{}\"", at(2)), "not valid yet"),
        (&format!("NotOnOrAfter=\"{end}\" R"), "R", "until when"),
        (&format!("NotOnOrAfter=\"{end}\" R"), &format!("NotOnOrAfter=\"{}\" R", at(-2)), "not valid any more"),
        (&format!("NotOnOrAfter=\"{end}\">"), ">", "until when"),
        (&format!("NotOnOrAfter=\"{end}\">"), &format!("NotOnOrAfter=\"{}\">", at(-2)), "not valid any more"),
        ("<saml:Attribute ", "<saml:EncryptedAttribute/><saml:Attribute ", "encrypted"),
    ] {
        refused(w.takes_with(from, to), word);
    }
    // Within what clocks may differ.
    for (from, to) in [
        (format!("NotBefore=\"{start}\""), format!("NotBefore=\"{}\"", at(1))),
        (format!("NotOnOrAfter=\"{end}\">"), format!("NotOnOrAfter=\"{now}\">")),
        (format!("IssueInstant=\"{now}\""), format!("IssueInstant=\"{}\"", at(1))),
        (restriction.to_owned(), format!("{restriction}<saml:Audience>https://other.example</saml:Audience>")),
    ] {
        w.takes_with(&from, &to).unwrap();
    }
}

#[test]
fn the_response_around_a_signed_assertion_counts_too() {
    let w = &WORLD;
    let good = w.good();
    let now = idp::written(NOW);
    let around = |from: &str, to: &str| {
        let (head, tail) = good.split_at(good.find("<saml:Assertion").unwrap());
        assert!(head.contains(from), "{from}");
        w.takes(&format!("{}{tail}", head.replace(from, to)))
    };
    refused(around(&w.sides.our_acs_url, "https://other.example/acs"), "another address");
    refused(around(&w.sides.provider, "https://evil.example"), "another provider");
    refused(around(REQUEST, "_other"), "another request");
    refused(around(&format!(" InResponseTo=\"{REQUEST}\""), ""), "another request");
    refused(around("Version=\"2.0\"", ""), "SAML 2.0");
    refused(around(&now, &idp::written(NOW - Duration::hours(1))), "too long ago");
    around(&format!(" Destination=\"{}\"", w.sides.our_acs_url), "").unwrap();
    let code = "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>";
    let fails = |top: &str, inner: &str| {
        format!("<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{top}\">{inner}</samlp:StatusCode>")
    };
    let status = |code: &str| Err(SamlError::Status(code.to_owned()));
    assert_eq!(around(code, &fails("Responder", &fails("AuthnFailed", ""))), status("AuthnFailed"));
    assert_eq!(around(code, &fails("Requester", &fails("<b>", "").replace("<b>", "ana"))), status("Requester"));
    assert_eq!(around(code, &fails("ana", "")), status("an error that is not known"));
    refused(around(code, ""), "no status");
    // A refusal comes without an assertion, and mostly without a signature.
    let refusal = unsigned(&w.around("")).replace(code, &fails("Responder", &fails("NoPassive", "")));
    assert_eq!(w.takes(&refusal), status("NoPassive"));
    refused(w.takes(&unsigned(&w.around(""))), "no assertion");
}

#[test]
fn a_sign_in_that_began_at_the_provider_answers_no_request() {
    let w = &WORLD;
    let unsolicited =
        unsigned(&w.sides.response(&w.key.sign(&w.sides.assertion("ana", None, NOW), "_assertion", SHA256), None, NOW));
    assert!(w.us.verify_response(&w.provider, &encoded(&unsolicited), None, NOW).is_ok());
    refused(w.takes(&unsolicited), "another request");
    refused(w.us.verify_response(&w.provider, &encoded(&w.good()), None, NOW), "another request");
    let half = w.sides.response(&w.signed_assertion(), None, NOW);
    refused(w.us.verify_response(&w.provider, &encoded(&unsigned(&half)), None, NOW), "another request");
}

/// An `EncryptedAssertion` with `assertion` in it, for our key.
fn sealed(assertion: &str, method: &str, key_method: &str) -> String {
    let der = PrivateKeyDer::from_pem_slice(OURS.0.as_bytes()).unwrap();
    let public = PrivateDecryptingKey::from_pkcs8(der.secret_der()).unwrap().public_key();
    let size = if method.contains("128") {
        16
    } else if method.contains("192") {
        24
    } else {
        32
    };
    let (key, iv) = ([7; 32], [9; 16]);
    let mut content = assertion.as_bytes().to_vec();
    let content = if method.ends_with("gcm") {
        let algorithm = if size == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let cipher = LessSafeKey::new(UnboundKey::new(algorithm, &key[..size]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&iv[..12]).unwrap();
        cipher.seal_in_place_append_tag(nonce, Aad::empty(), &mut content).unwrap();
        [&iv[..12], &content].concat()
    } else {
        // Padding as XML Encryption wants it: any bytes, then how many.
        let padding = 16 - content.len() % 16;
        content.resize(content.len() + padding, 0xaa);
        *content.last_mut().unwrap() = u8::try_from(padding).unwrap();
        let algorithm = [&AES_128, &AES_192, &AES_256][size / 8 - 2];
        let cipher = EncryptingKey::cbc(UnboundCipherKey::new(algorithm, &key[..size]).unwrap()).unwrap();
        cipher.less_safe_encrypt(&mut content, EncryptionContext::Iv128(FixedLength::from(iv))).unwrap();
        [&iv[..], &content].concat()
    };
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let mut sealed_key = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA1_MGF1SHA1, &key[..size], &mut sealed_key, None).unwrap();
    let value = |bytes: &[u8]| {
        format!("<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>", STANDARD.encode(bytes))
    };
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{ASSERTION}\"><xenc:EncryptedData xmlns:xenc=\"{ENCRYPTION}\" \
         Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod Algorithm=\"{method}\"/>\
         <ds:KeyInfo xmlns:ds=\"{SIGNATURE}\"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm=\"{key_method}\">\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"/></xenc:EncryptionMethod>{}</xenc:EncryptedKey>\
         </ds:KeyInfo>{}</xenc:EncryptedData></saml:EncryptedAssertion>",
        value(&sealed_key),
        value(&content)
    )
}

#[test]
fn an_encrypted_assertion_in_a_signed_response_is_opened() {
    let w = &WORLD;
    for method in decryption::METHODS {
        let sealed = sealed(&unsigned(&w.assertion()), method, decryption::RSA_OAEP);
        assert_eq!(w.takes(&w.signed_response(&sealed)).unwrap().name_id.value, "ana", "{method}");
        refused(w.takes(&unsigned(&w.around(&sealed))), "signed response");
        // Signed first, and encrypted then, as most do.
        let signed_inside = self::sealed(&w.signed_assertion(), method, decryption::RSA_OAEP);
        assert!(w.takes(&w.signed_response(&signed_inside)).is_ok());
    }
}

#[test]
fn other_encryption_is_refused_with_words() {
    let w = &WORLD;
    let cbc = decryption::METHODS[2];
    let takes = |sealed: &str| w.takes(&w.signed_response(sealed));
    let good = sealed(&unsigned(&w.assertion()), cbc, decryption::RSA_OAEP);
    let aes192 = sealed(&unsigned(&w.assertion()), "http://www.w3.org/2001/04/xmlenc#aes192-cbc", decryption::RSA_OAEP);
    refused(takes(&aes192), "AES-128 or AES-256");
    refused(takes(&good.replace("rsa-oaep-mgf1p", "rsa-1_5")), "RSA 1.5 is never accepted");
    refused(takes(&good.replace("xmldsig#sha1", "xmldsig#sha2")), "rsa-oaep-mgf1p with SHA-1");
    refused(takes(&good.replace(cbc, decryption::METHODS[3])), "can't be opened");
    refused(takes(&good.replace(cbc, decryption::METHODS[0])), "can't be opened");
    refused(takes(&good.replace("<xenc:CipherValue>", "<xenc:CipherValue>AAAA")), "can't be opened");
    let key = between(&good, "<xenc:EncryptedKey>", "</xenc:EncryptedKey>");
    refused(takes(&good.replace(key, "")), "one key");
    refused(takes(&good.replace(key, &key.repeat(2))), "one key");
    let value = between(&good, "</ds:KeyInfo><xenc:CipherData>", "</xenc:CipherData>");
    let short = |bytes: &str| {
        let part =
            format!("</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{bytes}</xenc:CipherValue></xenc:CipherData>");
        takes(&good.replace(value, &part))
    };
    for bytes in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA=="] {
        refused(short(bytes), "can't be opened");
    }
    let fetched = "</ds:KeyInfo><xenc:CipherData><xenc:CipherReference URI=\"http://127.0.0.1:1/\"/></xenc:CipherData>";
    refused(takes(&good.replace(value, fetched)), "no place");
    refused(takes(&format!("{good}{}", unsigned(&w.assertion()))), "two assertions");
    refused(takes(&sealed("<x/>", cbc, decryption::RSA_OAEP)), "something else than an assertion");
    refused(takes(&sealed(&unsigned(&w.around("")), cbc, decryption::RSA_OAEP)), "something else than an assertion");
    refused(takes(&sealed("<!DOCTYPE x><x/>", cbc, decryption::RSA_OAEP)), "DOCTYPE");
    let late = unsigned(&w.assertion()).replace(">https://forms.example", ">https://other.example");
    refused(takes(&sealed(&late, cbc, decryption::RSA_OAEP)), "another audience");
}

#[test]
fn metadata_says_who_the_provider_is() {
    let w = &WORLD;
    assert_eq!(w.provider.entity_id, w.sides.provider);
    assert_eq!(w.provider.sso.redirect.as_ref().unwrap().location, w.sides.sso_url);
    assert_eq!(w.provider.slo.post.as_ref().unwrap().url.as_str(), w.sides.slo_url);
    assert!(w.provider.wants_signed_requests);
    assert!(w.provider.certificate_until > NOW + Duration::days(30_000));
    assert!(w.us.certificate_until() > NOW + Duration::days(30_000));

    let good = w.sides.metadata(&[&w.key]);
    let read = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        IdentityProvider::read(&good.replace(from, to))
    };
    refused(IdentityProvider::read(&w.sides.metadata(&[])), "no certificate");
    refused(read("use=\"signing\"", "use=\"encryption\""), "no certificate");
    assert!(read("use=\"signing\"", "").is_ok());
    refused(read("https://id.example/sso", "http://id.example/sso"), "not https");
    refused(read("https://id.example/slo", "https://ana:secret@id.example/slo"), "not https");
    refused(read("https://id.example/slo", "javascript:alert(1)"), "not https");
    assert!(read("https://id.example/sso", "http://127.0.0.1:8080/sso").is_ok());
    refused(read("SAML:2.0:protocol", "SAML:1.1:protocol"), "no identity provider");
    refused(read("SingleSignOnService", "Other"), "no sign-in");
    refused(read("entityID", "entity"), "no entityID");
    refused(read("<?xml version=\"1.0\"?>", "<!DOCTYPE x>"), "DOCTYPE");
    refused(read("md:EntityDescriptor", "md:Other"), "no SAML metadata");
    let mut small = Signer::new(PROVIDER);
    small.certificate = small_certificate();
    refused(IdentityProvider::read(&w.sides.metadata(&[&small])), "2048");
    refused(IdentityProvider::read(&good.replace("<ds:X509Certificate>", "<ds:X509Certificate>AAAA")), "certificate");
    refused(IdentityProvider::read(&format!("{good}{}", " ".repeat(1 << 20))), "too large");
    refused(IdentityProvider::read(""), "cut off");
    assert!(IdentityProvider::read(&format!("\u{feff}{good}")).is_ok(), "some write a byte order mark");

    let entity = between(&good, "<md:EntityDescriptor", "</md:EntityDescriptor>");
    let federation = |inner: &str| {
        IdentityProvider::read(&format!(
            "<md:EntitiesDescriptor xmlns:md=\"{METADATA}\" validUntil=\"2026-11-26T00:00:00Z\">{inner}</md:EntitiesDescriptor>"
        ))
    };
    refused(federation(&entity.repeat(2)), "several entities");
    let dated = federation(entity).unwrap();
    assert!(dated.check_is_current(NOW).is_ok());
    let late = NOW + Duration::days(1);
    refused(dated.check_is_current(late), "validUntil");
    refused(w.us.authn_request(&dated, REQUEST, "state", late, false), "validUntil");
    refused(w.us.verify_response(&dated, &encoded(&w.good()), Some(REQUEST), late), "validUntil");
    let first =
        read("protocolSupportEnumeration", "validUntil=\"2026-11-24T00:00:00+01:00\" protocolSupportEnumeration");
    refused(first.unwrap().check_is_current(NOW), "validUntil");
}

fn small_certificate() -> String {
    let pem = include_str!("../../../tests/fixtures/saml/small.crt");
    STANDARD.encode(metadata::read_pem_certificate(pem).unwrap())
}

#[test]
fn a_provider_without_a_certificate_lets_nobody_in() {
    let w = &WORLD;
    let bare = IdentityProvider { certificates: Vec::new(), ..w.provider.clone() };
    let posted = encoded(&w.good());
    refused(w.us.verify_response(&bare, &posted, Some(REQUEST), NOW), "no certificate");
    let query = w.key.query("SAMLRequest", &unsigned(&w.sides.logout_request("ana", NOW)), None);
    assert_eq!(w.us.read_logout(&bare, Incoming::Query(&query), NOW), Err(FORGED));
}

#[test]
fn our_key_and_certificate_belong_together() {
    let w = &WORLD;
    assert!(party(&w.sides, include_str!("../../../tests/fixtures/saml/ours.pkcs1.key"), false).is_ok());
    refused(party(&w.sides, PROVIDER.0, false), "does not belong");
    refused(party(&w.sides, CURVE.0, false), "RSA key");
    refused(party(&w.sides, "secret", false), "PEM");
    let us = party(&w.sides, OURS.0, false).unwrap();
    assert!(!format!("{us:?}").contains("key"));
    let plain = us.metadata();
    assert!(!plain.contains("use=\"encryption\""));
    let metadata = w.us.metadata();
    assert!(metadata.contains("use=\"encryption\"") && !metadata.contains("rsa-1_5"));
    for own in [plain, metadata] {
        let read = screen::metadata(&own).unwrap();
        assert_eq!(read.attribute("entityID"), Some(&*w.sides.our_entity_id));
        let role = read.only(xml::Ns::Metadata, "SPSSODescriptor").unwrap().unwrap();
        assert_eq!(role.all(xml::Ns::Metadata, "SingleLogoutService").count(), 2);
        let acs = role.only(xml::Ns::Metadata, "AssertionConsumerService").unwrap().unwrap();
        assert_eq!((acs.attribute("Location"), acs.attribute("Binding")), (Some(&*w.sides.our_acs_url), Some(POST)));
        refused(IdentityProvider::read(&own), "no identity provider");
    }
}

/// The provider's eyes: our certificate, its addresses as ours.
fn provider_reads(w: &World, outgoing: &Outgoing) -> Result<Logout, SamlError> {
    let us = IdentityProvider {
        entity_id: w.sides.our_entity_id.clone(),
        certificates: vec![metadata::read_pem_certificate(OURS.1).unwrap()],
        ..w.provider.clone()
    };
    let mut provider = party(&w.sides, OURS.0, false).unwrap();
    provider.slo_url.clone_from(&w.sides.slo_url);
    match outgoing {
        Outgoing::Redirect(url) => provider.read_logout(&us, Incoming::Query(url.query().unwrap()), NOW),
        Outgoing::Post { fields, .. } => {
            let field = |name| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            let incoming = Incoming::Post {
                saml_request: field("SAMLRequest"),
                saml_response: field("SAMLResponse"),
                relay_state: field("RelayState"),
            };
            provider.read_logout(&us, incoming, NOW)
        }
    }
}

#[test]
fn requests_are_signed_and_keep_the_providers_own_query() {
    let w = &WORLD;
    let asked = w.us.authn_request(&w.provider, REQUEST, "a b&c", NOW, true).unwrap();
    let Outgoing::Redirect(url) = asked else { panic!("redirect is offered") };
    assert!(url.as_str().starts_with("https://id.example/sso?realm=staff&SAMLRequest="));
    let field = |name: &str| url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert_eq!(field("RelayState"), "a b&c");
    let mut xml = String::new();
    let packed = STANDARD.decode(field("SAMLRequest")).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::DeflateDecoder::new(&*packed), &mut xml).unwrap();
    for part in [
        REQUEST,
        "ForceAuthn=\"true\"",
        "IssueInstant=\"2026-11-25T12:00:00Z\"",
        &w.sides.our_acs_url,
        &w.sides.our_entity_id,
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    assert!(xml.contains(&format!("Destination=\"{}\"", w.sides.sso_url)));
    let (_, rest) = url.query().unwrap().split_once('&').unwrap();
    let (signed, _) = rest.split_once("&Signature=").unwrap();
    let (key, _) = metadata::read_certificate(&metadata::read_pem_certificate(OURS.1).unwrap()).unwrap();
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, key);
    key.verify(signed.as_bytes(), &STANDARD.decode(field("Signature")).unwrap()).unwrap();

    let mut by_post = w.provider.clone();
    by_post.sso.redirect = None;
    let Outgoing::Post { url, fields } = w.us.authn_request(&by_post, REQUEST, "state", NOW, false).unwrap() else {
        panic!("only post is offered")
    };
    assert_eq!(url.as_str(), w.sides.sso_url);
    assert_eq!(fields[1], ("RelayState", "state".to_owned()));
    let xml = String::from_utf8(STANDARD.decode(&fields[0].1).unwrap()).unwrap();
    assert!(!xml.contains("ForceAuthn"));
    let certificate = samael::crypto::CertificateDer::from(metadata::read_pem_certificate(OURS.1).unwrap());
    Crypto::verify_signed_xml(&xml, &certificate, Some("ID")).unwrap();
    by_post.sso.post = None;
    refused(w.us.authn_request(&by_post, REQUEST, "state", NOW, false), "no sign-in");
    refused(w.us.authn_request(&w.provider, "1 2", "state", NOW, false), "XML name");
}

#[test]
fn our_logout_messages_are_read_by_others() {
    let w = &WORLD;
    let name_id = NameId {
        value: "ana & \"zoë\" <x>".to_owned(),
        format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
        name_qualifier: Some("https://id.example/saml?a=1&b=2".to_owned()),
        sp_name_qualifier: None,
    };
    let mut idp = w.provider.clone();
    for by_post in [true, false] {
        let sent = w.us.logout_request(&idp, REQUEST, &name_id, Some("_session"), "state", NOW).unwrap().unwrap();
        assert_eq!(matches!(sent, Outgoing::Post { .. }), by_post);
        let read = provider_reads(w, &sent).unwrap();
        assert_eq!(
            read,
            Logout::Request {
                id: REQUEST.to_owned(),
                issuer: w.sides.our_entity_id.clone(),
                name_id: name_id.clone(),
                session_indexes: vec!["_session".to_owned()],
                relay_state: Some("state".to_owned()),
                expires_at: NOW + Duration::minutes(6),
            }
        );
        idp.slo.post = None;
    }
    idp.slo = Endpoints::default();
    assert_eq!(w.us.logout_request(&idp, REQUEST, &name_id, None, "state", NOW), Ok(None));
    refused(w.us.logout_response(&idp, "_logout", None, REQUEST, NOW, true), "no answers");

    let mut idp = w.provider.clone();
    for success in [true, false] {
        let sent = w.us.logout_response(&idp, "_logout", Some("state"), REQUEST, NOW, success).unwrap();
        let read = provider_reads(w, &sent).unwrap();
        let (in_response_to, relay_state) = (Some("_logout".to_owned()), Some("state".to_owned()));
        assert_eq!(read, Logout::Response { in_response_to, success, relay_state });
        idp.slo.redirect = None;
    }
    let away = ("https://id.example/answers".parse().unwrap(), "https://id.example/answers".to_owned());
    idp.slo.post.as_mut().unwrap().response_location = Some(away.clone());
    let sent = w.us.logout_response(&idp, "_logout", None, REQUEST, NOW, true).unwrap();
    assert!(matches!(sent, Outgoing::Post { url, fields } if url == away.0 && fields.len() == 1));
    let written = serde_json::to_string(&name_id).unwrap();
    assert_eq!(serde_json::from_str::<NameId>(&written).unwrap(), name_id);
}

#[test]
fn a_logout_of_the_provider_is_taken_by_query_and_by_post() {
    let w = &WORLD;
    let request = w.sides.logout_request("ana", NOW);
    let by_query = w.takes_query(&w.key.query("SAMLRequest", &unsigned(&request), Some("a b"))).unwrap();
    let by_post = w.takes_post(&w.key.sign(&request, "_logout", SHA256)).unwrap();
    for (read, state) in [(by_query, "a b"), (by_post, "state")] {
        let Logout::Request { id, issuer, name_id, session_indexes, relay_state, expires_at } = read else {
            panic!("it is a request")
        };
        assert_eq!((&*id, &issuer, &*name_id.value), ("_logout", &w.sides.provider, "ana"));
        assert_eq!((session_indexes, relay_state.as_deref()), (vec!["_session".to_owned()], Some(state)));
        assert_eq!(expires_at, NOW + Duration::minutes(6));
    }
    let answer = w.sides.logout_response(REQUEST, NOW);
    let expected =
        |relay_state| Logout::Response { in_response_to: Some(REQUEST.to_owned()), success: true, relay_state };
    let query = w.key.query("SAMLResponse", &unsigned(&answer), None);
    assert_eq!(w.takes_query(&query), Ok(expected(None)));
    let posted = encoded(&w.key.sign(&answer, "_answer", SHA256));
    let incoming = Incoming::Post { saml_request: None, saml_response: Some(&posted), relay_state: None };
    assert_eq!(w.us.read_logout(&w.provider, incoming, NOW), Ok(expected(None)));
    let swapped = Incoming::Post { saml_request: Some(&posted), saml_response: None, relay_state: None };
    refused(w.us.read_logout(&w.provider, swapped, NOW), "other way round");
    let both = Incoming::Post { saml_request: Some(&posted), saml_response: Some(&posted), relay_state: None };
    refused(w.us.read_logout(&w.provider, both, NOW), "one message");
}

#[test]
fn a_logout_that_is_not_the_providers_is_refused() {
    let w = &WORLD;
    let request = unsigned(&w.sides.logout_request("ana", NOW));
    let query = w.key.query("SAMLRequest", &request, Some("state"));
    let (signed, signature) = query.split_once("&Signature=").unwrap();
    refused(w.takes_query(signed), "not signed");
    refused(w.takes_query(&query.replace("SigAlg", "Other")), "not signed");
    assert_eq!(w.takes_query(&w.stranger.query("SAMLRequest", &request, Some("state"))), Err(FORGED));
    for altered in [
        query.replace("RelayState=state", "RelayState=other"),
        query.replace("&RelayState=state", ""),
        query.replace("SAMLRequest", "SAMLResponse"),
        w.key
            .query("SAMLRequest", &request.replace("ana", "eve"), Some("state"))
            .split_once("&Signature=")
            .unwrap()
            .0
            .to_owned()
            + "&Signature="
            + signature,
    ] {
        assert_eq!(w.takes_query(&altered), Err(FORGED));
    }
    for more in
        ["&SAMLRequest=x", "&RelayState=other", "&SigAlg=x", "&Signature=x", "&%53AMLRequest=x", "&Relay%53tate=x"]
    {
        refused(w.takes_query(&format!("{query}{more}")), "ambiguous");
    }
    refused(w.takes_query(&format!("{query}&SAMLResponse=x")), "one message");
    assert_eq!(w.takes_query(&query.replace("rsa%2Dsha256", "rsa%2Dsha1")), Err(METHOD));
    assert_eq!(w.takes_query(&query.replace("rsa%2Dsha256", "hmac%2Dsha256")), Err(METHOD));
    assert_eq!(w.takes_query(&query.replace("rsa%2Dsha256", "ecdsa%2Dsha256")), Err(FORGED));
    // It is signed, and unpacks into far more than is read.
    let mut bomb = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut bomb, &vec![b' '; 8 << 20]).unwrap();
    refused(w.takes_query(&w.key.packed_query("SAMLRequest", &bomb.finish().unwrap(), None)), "too large");
    refused(w.takes_query(&w.key.packed_query("SAMLRequest", b"nothing", None)), "unpacked");
    refused(w.takes_query(&"&".repeat(1 << 20)), "too large");
    let inside = w.key.sign(&w.sides.logout_request("ana", NOW), "_logout", SHA256);
    refused(w.takes_query(&w.key.query("SAMLRequest", &inside, None)), "signed in itself");

    refused(w.takes_post(&request), "not signed");
    let draft = w.sides.logout_request("ana", NOW);
    assert_eq!(w.takes_post(&w.stranger.sign(&draft, "_logout", SHA256)), Err(FORGED));
    let good = w.key.sign(&draft, "_logout", SHA256);
    assert_eq!(w.takes_post(&good.replace(">ana<", ">eve<")), Err(FORGED));
    refused(w.takes_post(&good.replace(">ana<", ">a<!-- -->na<")), "comment");
    refused(w.takes_post(&w.good()), "neither");
    let evil = good.replace(">ana<", ">eve<").replace("_logout", "_evil");
    let wrapped = evil.replace("</samlp:LogoutRequest>", &format!("{good}</samlp:LogoutRequest>"));
    assert!(matches!(w.takes_post(&wrapped), Err(SamlError::Refused(_))));
    assert_eq!(
        w.takes_post(&good.replace("<samlp:SessionIndex>", "<saml:Assertion/><samlp:SessionIndex>")),
        Err(DISPLACED)
    );
}

#[test]
fn a_logout_is_for_us_and_for_now() {
    let w = &WORLD;
    let request = w.sides.logout_request("ana", NOW);
    let now = idp::written(NOW);
    for (from, to, word) in [
        (&*w.sides.our_slo_url, "https://other.example/slo".to_owned(), "another address"),
        (&*format!(" Destination=\"{}\"", w.sides.our_slo_url), String::new(), "another address"),
        (&*w.sides.provider, "https://evil.example".to_owned(), "another provider"),
        (&*now, idp::written(NOW + Duration::minutes(2)), "in the future"),
        (&*now, idp::written(NOW - Duration::minutes(6)), "too long ago"),
        (
            "Version=\"2.0\"",
            format!("Version=\"2.0\" NotOnOrAfter=\"{}\"", idp::written(NOW - Duration::minutes(1))),
            "not valid any more",
        ),
        (">ana<", "><".to_owned(), "empty"),
        ("saml:NameID", "saml:BaseID".to_owned(), "no NameID"),
        ("saml:NameID", "saml:EncryptedID".to_owned(), "encrypted"),
    ] {
        assert!(request.contains(from), "{from}");
        let altered = request.replace(from, &to);
        refused(w.takes_query(&w.key.query("SAMLRequest", &unsigned(&altered), None)), word);
        refused(w.takes_post(&w.key.sign(&altered, "_logout", SHA256)), word);
    }
}

const QUIET: &str = "SEALWAX_TEST_OF_QUIET";

#[test]
fn nothing_is_printed_whatever_is_sent() {
    if std::env::var_os(QUIET).is_some() {
        let w = &WORLD;
        assert_eq!(w.takes(&w.good().replace(">ana<", ">eve<")), Err(FORGED));
        let second_line = verifier::SamlVerifier::new(&w.provider).unwrap();
        for broken in ["URI=\"http://127.0.0.1:1/\"", "URI=\"#nobody\""] {
            assert_eq!(second_line.signed_part(&w.good().replace("URI=\"#_assertion\"", broken)), Err(FORGED));
        }
        assert_eq!(second_line.signed_part("<a><b></a>"), Err(FORGED));
        return;
    }
    let name = std::thread::current().name().unwrap().to_owned();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(QUIET, "1")
        .output()
        .unwrap();
    assert!(child.status.success());
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "the test ran in the other process");
    assert_eq!(String::from_utf8_lossy(&child.stderr), "");
}

#[test]
fn many_threads_verify_and_sign_at_once() {
    let w = &WORLD;
    let (good, bad) = (w.good(), w.good().replace(">ana<", ">eve<"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert!(w.takes(&good).is_ok());
                    assert_eq!(w.takes(&bad), Err(FORGED));
                    assert_eq!(w.takes(&w.signed_response(&w.assertion())).unwrap().name_id.value, "ana");
                }
            });
        }
    });
}

/// A change that somebody could make on the way.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Double(prop::sample::Index, usize, prop::sample::Index),
    Insert(prop::sample::Index, &'static str),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let size = bytes.len();
        match self {
            Self::Replace(at, with) => bytes[at.index(size)] = *with,
            Self::Remove(at, length) => drop(bytes.drain(at.index(size)..(at.index(size) + length).min(size))),
            Self::Double(at, length, to) => {
                let part = bytes[at.index(size)..(at.index(size) + length).min(size)].to_vec();
                let to = to.index(size);
                bytes.splice(to..to, part);
            }
            Self::Insert(at, text) => {
                let at = at.index(size);
                bytes.splice(at..at, text.bytes());
            }
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = || any::<prop::sample::Index>();
    let texts = [
        "<",
        ">",
        "&",
        "\"",
        "<!--",
        "]]>",
        "&#65;",
        "<x/>",
        " xmlns=\"\"",
        "</saml:Assertion>",
        "<saml:Assertion>",
        "\u{feff}",
        "é",
    ];
    let change = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, with)| Change::Replace(at, with)),
        (at(), 1..200_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1..2000_usize, at()).prop_map(|(at, length, to)| Change::Double(at, length, to)),
        (at(), prop::sample::select(texts.to_vec())).prop_map(|(at, text)| Change::Insert(at, text)),
    ];
    prop::collection::vec(change, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_on_the_way_lets_anybody_else_in(changes in changes(), which in 0..3_usize) {
        static GOOD: LazyLock<[String; 3]> = LazyLock::new(|| {
            let w = &WORLD;
            let sealed = sealed(&unsigned(&w.assertion()), decryption::METHODS[2], decryption::RSA_OAEP);
            [w.good(), w.signed_response(&w.assertion()), w.signed_response(&sealed)]
        });
        let (w, good) = (&WORLD, &*GOOD);
        let mut bytes = good[which].clone().into_bytes();
        for change in &changes {
            change.apply(&mut bytes);
        }
        let posted = STANDARD.encode(&bytes);
        if let Ok(verified) = w.us.verify_response(&w.provider, &posted, Some(REQUEST), NOW) {
            prop_assert_eq!(verified, w.takes(&good[which]).unwrap());
        }
    }

    #[test]
    fn no_change_on_the_way_logs_anybody_else_out(changes in changes(), by_query in any::<bool>()) {
        let w = &WORLD;
        let request = w.sides.logout_request("ana", NOW);
        let query = w.key.query("SAMLRequest", &unsigned(&request), Some("state"));
        let mut bytes = if by_query { query.clone().into_bytes() } else { w.key.sign(&request, "_logout", SHA256).into_bytes() };
        for change in &changes {
            change.apply(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let result = if by_query { w.takes_query(&text) } else { w.takes_post(&text) };
        if let Ok(read) = result {
            prop_assert_eq!(read, w.takes_query(&query).unwrap());
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_fall(bytes in prop::collection::vec(any::<u8>(), 0..600), text in "[<>&\"'=/!?a-zSAML:; \\[\\]#%-]{0,300}") {
        let w = &WORLD;
        for input in [STANDARD.encode(&bytes), STANDARD.encode(&text), text.clone()] {
            prop_assert!(w.us.verify_response(&w.provider, &input, None, NOW).is_err());
            let posted = Incoming::Post { saml_request: Some(&input), saml_response: None, relay_state: None };
            prop_assert!(w.us.read_logout(&w.provider, posted, NOW).is_err());
            prop_assert!(w.us.read_logout(&w.provider, Incoming::Query(&input), NOW).is_err());
        }
        prop_assert!(w.takes_query(&w.key.packed_query("SAMLRequest", &bytes, None)).is_err());
        prop_assert!(IdentityProvider::read(&text).is_err());
    }
}
