//! Keys derived from the installation's index secret: blind index, tokens, fingerprints.
//!
//! The index secret opens nothing. A node that only receives has it, and not the master key.

use aws_lc_rs::{hkdf, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The kinds of value that have a blind index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlindKind {
    /// E-mail addresses.
    Email,
    /// Phone numbers in E.164.
    Phone,
    /// Who signed in: the provider and what it never gives to anybody else.
    Subject,
}

impl BlindKind {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Subject => "subject",
        }
    }
}

/// Every key that is derived from the index secret (HKDF-SHA-256, RFC 5869), one for each use.
#[derive(Clone)]
pub struct Secrets {
    blind: hmac::Key,
    token: hmac::Key,
    request: hmac::Key,
    login: hmac::Key,
    csrf: hmac::Key,
    proof: Zeroizing<String>,
    fingerprint: String,
}

impl Secrets {
    /// Derives the keys from the 32 bytes of the index secret.
    pub fn derive(secret: &[u8; 32]) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"sealwax/v1");
        let root = salt.extract(secret);
        let key = |purpose: &str| hmac::Key::new(hmac::HMAC_SHA256, expand(&root, purpose).as_slice());
        Self {
            blind: key("blind-index"),
            token: key("form-token"),
            request: key("request-hash"),
            login: key("login-failures"),
            csrf: key("csrf"),
            proof: Zeroizing::new(crate::crypto::hex(&*expand(&root, "proof-of-work"))),
            fingerprint: crate::crypto::hex(&expand(&root, "fingerprint")[..16]),
        }
    }

    /// Tells one index secret from another without disclosing it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The blind index of an e-mail address or phone number on one site: HMAC-SHA-256 of the value
    /// trimmed, in NFKC and lower case (a subject is taken letter by letter), so that one person is found again without opening anything.
    /// The same person on two sites has two indexes that nobody can tell belong together.
    pub fn blind_index(&self, site: uuid::Uuid, kind: BlindKind, value: &str) -> [u8; 32] {
        if kind == BlindKind::Subject {
            return mac(&self.blind, &[site.as_bytes(), kind.name().as_bytes(), value.as_bytes()]);
        }
        let mut normal: Zeroizing<String> = Zeroizing::new(value.trim().nfkc().collect::<String>().to_lowercase());
        // A domain that is not ASCII has several spellings (UTS 46), all of them one mailbox.
        if let (BlindKind::Email, Some((local, domain))) = (kind, normal.rsplit_once('@'))
            && !domain.is_ascii()
            && let Ok(domain) = url::Host::parse(domain)
        {
            normal = Zeroizing::new(format!("{local}@{domain}"));
        }
        mac(&self.blind, &[site.as_bytes(), kind.name().as_bytes(), normal.as_bytes()])
    }

    /// A fingerprint of a request's body, to tell a retry from another request.
    pub fn request_hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.request, parts)
    }

    /// The name under which failed logins of an account or address are counted.
    pub fn login_subject(&self, kind: &str, value: &str) -> [u8; 32] {
        mac(&self.login, &[kind.as_bytes(), value.as_bytes()])
    }

    /// The token that proves that a staff page's form was made for this session.
    pub fn csrf_token(&self, session: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(mac(&self.csrf, &[session]))
    }

    /// What challenges for a proof of work are signed with.
    pub fn proof_key(&self) -> String {
        self.proof.to_string()
    }

    /// `payload` with its signature, in base64url.
    pub fn sign_token(&self, payload: &[u8]) -> String {
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&mac(&self.token, &[payload]));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The payload of a token that [`Secrets::sign_token`] made.
    pub fn verify_token(&self, token: &str) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let at = bytes.len().checked_sub(32)?;
        let signature = bytes.split_off(at);
        same(&mac(&self.token, &[&bytes]), &signature).then_some(bytes)
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Whether two byte strings are the same, in time that does not depend on where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Each part goes in with its length before it, so that no two lists of parts run together alike.
fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

struct Length32;

impl hkdf::KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

#[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes; 32 can't be refused")]
fn expand(root: &hkdf::Prk, purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    let info = [purpose.as_bytes()];
    root.expand(&info, Length32).and_then(|okm| okm.fill(out.as_mut())).expect("32 bytes fit");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SITE: uuid::Uuid = uuid::Uuid::from_u128(1);

    fn secrets() -> Secrets {
        Secrets::derive(&[7; 32])
    }

    #[test]
    fn one_address_written_differently_has_one_index() {
        let s = secrets();
        let a = s.blind_index(SITE, BlindKind::Email, "  Ana@Example.ORG ");
        assert_eq!(a, s.blind_index(SITE, BlindKind::Email, "ana@example.org"));
        assert_ne!(a, s.blind_index(SITE, BlindKind::Phone, "ana@example.org"));
        let b = s.blind_index(SITE, BlindKind::Email, "ana@bücher.example");
        assert_eq!(b, s.blind_index(SITE, BlindKind::Email, "ana@xn--bcher-kva.example"));
        assert_eq!(b, s.blind_index(SITE, BlindKind::Email, "ana@BÜ\u{ad}CHER.example"));
        assert_ne!(a, s.blind_index(uuid::Uuid::from_u128(2), BlindKind::Email, "ana@example.org"));
        assert_ne!(a, Secrets::derive(&[8; 32]).blind_index(SITE, BlindKind::Email, "ana@example.org"));
    }

    proptest! {
        #[test]
        fn the_blind_index_forgets_case_and_outer_space(local in "[a-zA-Z0-9.]{1,20}", space in " {0,3}") {
            let s = secrets();
            let plain = format!("{local}@example.org");
            let varied = format!("{space}{}{space}", plain.to_uppercase());
            prop_assert_eq!(s.blind_index(SITE, BlindKind::Email, &plain), s.blind_index(SITE, BlindKind::Email, &varied));
        }

        #[test]
        fn different_addresses_have_different_indexes(a in "[a-z]{1,12}", b in "[a-z]{1,12}") {
            prop_assume!(a != b);
            let s = secrets();
            prop_assert_ne!(s.blind_index(SITE, BlindKind::Email, &a), s.blind_index(SITE, BlindKind::Email, &b));
        }

        #[test]
        fn tokens_come_back_whole_and_no_other_string_is_one(payload in proptest::collection::vec(any::<u8>(), 0..200), junk in "[A-Za-z0-9_-]{0,300}") {
            let s = secrets();
            let token = s.sign_token(&payload);
            prop_assert_eq!(s.verify_token(&token), Some(payload));
            prop_assert_eq!(s.verify_token(&junk), None);
        }

        #[test]
        fn parts_never_run_together(a in "[ab]{0,4}", b in "[ab]{0,4}", c in "[ab]{0,4}", d in "[ab]{0,4}") {
            prop_assume!((&a, &b) != (&c, &d));
            let s = secrets();
            prop_assert_ne!(s.request_hash(&[a.as_bytes(), b.as_bytes()]), s.request_hash(&[c.as_bytes(), d.as_bytes()]));
        }
    }
}
