//! Passkeys (W3C Web Authentication) as a second factor: in a phone, a computer, a password
//! manager, or on a security key. The password went before, so that the device may ask for a PIN
//! or a finger and need not.
//!
//! Browsers know passkeys only at an address that has a name and is `https://`, or `localhost`.

use serde_json::Value;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    PublicKeyCredential, RegisterPublicKeyCredential, SecurityKey, SecurityKeyAuthentication, SecurityKeyRegistration,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// What makes and checks passkeys at one address.
pub struct Passkeys(Webauthn);

/// A challenge: what goes to the browser, and what is kept here until it answers.
pub struct Challenge {
    /// For the browser.
    pub options: Value,
    /// To be kept; nobody else may see or change it.
    pub kept: String,
}

impl Passkeys {
    /// At the address in browsers; `None` where they know no passkeys.
    pub fn at(public_url: &str) -> Option<Self> {
        let origin = Url::parse(public_url).ok()?;
        let name = origin.domain()?;
        let is_this_machine = name == "localhost" || name.ends_with(".localhost");
        if origin.scheme() != "https" && !is_this_machine {
            return None;
        }
        WebauthnBuilder::new(name, &origin).and_then(|builder| builder.rp_name("Sealwax").build()).ok().map(Self)
    }

    /// Asks the browser for a new passkey, on another device than those in `have`.
    pub fn invitation(&self, staff: Uuid, username: &str, name: &str, have: &[String]) -> Option<Challenge> {
        let have: Vec<_> = keys(have).iter().map(|key| key.cred_id().clone()).collect();
        let asked = self.0.start_securitykey_registration(staff, username, name, Some(have), None, None);
        let (mut options, kept) =
            asked.inspect_err(|error| tracing::error!(%error, "no passkey can be asked for")).ok()?;
        // Without it, browsers offer the device itself too and not only keys that are plugged in.
        options.public_key.hints = None;
        // The library asks devices to insist on being unlocked, which browsers refuse to ask for where
        // unlocking is only preferred.
        options.public_key.extensions = None;
        challenge(&options, &kept)
    }

    /// The public half of the passkey that the browser made, if it is one that was asked for.
    pub fn made(&self, answer: &str, kept: &str, have: &[String]) -> Option<String> {
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
        let kept: SecurityKeyRegistration = serde_json::from_str(kept).ok()?;
        let key = self.0.finish_securitykey_registration(&answer, &kept);
        let key = key.inspect_err(|error| tracing::info!(%error, "a new passkey was refused")).ok()?;
        if keys(have).contains(&key) {
            return None;
        }
        serde_json::to_string(&key).ok()
    }

    /// Asks the browser to prove one of these passkeys.
    pub fn challenge(&self, have: &[String]) -> Option<Challenge> {
        let (mut options, kept) = self.0.start_securitykey_authentication(&keys(have)).ok()?;
        options.public_key.hints = None;
        challenge(&options, &kept)
    }

    /// The passkey `before` with its count of uses brought up to date, if the answer proves it. A
    /// count that does not rise is a copy's, and refused.
    pub fn answered(&self, answer: &str, kept: &str, before: &str) -> Option<String> {
        let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
        let kept: SecurityKeyAuthentication = serde_json::from_str(kept).ok()?;
        let mut key: SecurityKey = serde_json::from_str(before).ok()?;
        if key.cred_id().as_slice() != answer.raw_id.as_slice() {
            return None;
        }
        let proved = self.0.finish_securitykey_authentication(&answer, &kept);
        let proved = proved.inspect_err(|error| tracing::info!(%error, "a passkey was refused")).ok()?;
        let changed = key.update_credential(&proved)?;
        // The challenge may be older than the last use.
        if proved.counter() > 0 && !changed {
            return None;
        }
        serde_json::to_string(&key).ok()
    }
}

fn keys(have: &[String]) -> Vec<SecurityKey> {
    have.iter().filter_map(|credential| serde_json::from_str(credential).ok()).collect()
}

fn challenge(options: &impl serde::Serialize, kept: &impl serde::Serialize) -> Option<Challenge> {
    Some(Challenge { options: serde_json::to_value(options).ok()?, kept: serde_json::to_string(kept).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_know_passkeys_at_a_safe_address_with_a_name() {
        for good in ["https://forms.example", "https://forms.example:8443", "http://localhost:8080"] {
            assert!(Passkeys::at(good).is_some(), "{good}");
        }
        for bad in ["http://127.0.0.1:8080", "https://192.0.2.1", "https://[2001:db8::1]", "http://forms.example", "x"]
        {
            assert!(Passkeys::at(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_passkey_is_preferably_but_not_necessarily_unlocked() {
        let passkeys = Passkeys::at("https://forms.example").unwrap();
        let asked = passkeys.invitation(Uuid::nil(), "ana", "Ana", &[]).unwrap().options;
        let asked = &asked["publicKey"];
        assert_eq!(asked["authenticatorSelection"]["userVerification"], "preferred");
        assert_eq!((&asked["rp"]["id"], &asked["attestation"]), (&"forms.example".into(), &"none".into()));
        assert!(asked.get("hints").is_none() && asked.get("extensions").is_none());
    }

    #[test]
    fn what_is_no_answer_proves_nothing() {
        let passkeys = Passkeys::at("https://forms.example").unwrap();
        let kept = passkeys.invitation(Uuid::nil(), "ana", "Ana", &[]).unwrap().kept;
        for junk in ["", "{}", "null", "[]", "{\"id\":\"x\",\"rawId\":\"eA\",\"response\":{},\"type\":\"public-key\"}"]
        {
            assert!(passkeys.made(junk, &kept, &[]).is_none());
            assert!(passkeys.answered(junk, &kept, "{}").is_none());
        }
        assert!(
            passkeys
                .challenge(&[])
                .is_none_or(|one| one.options["publicKey"]["allowCredentials"] == Value::Array(Vec::new()))
        );
    }
}
