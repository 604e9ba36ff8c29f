//! Password hashing: argon2id with 19 MiB, two passes, one lane (the OWASP minimum), on the
//! blocking pool and never more than a few at once, because each takes its memory. And the rules
//! for new passwords.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use zxcvbn::zxcvbn;

/// Memory of one hash, in KiB.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
pub const PASSES: u32 = 2;
/// Fewest characters of a new password.
pub const SHORTEST_PASSWORD: usize = 12;
/// Most bytes of a password that are looked at.
pub const LONGEST_PASSWORD: usize = 1024;
/// Powers of ten of guesses that a new password takes at least, as zxcvbn counts them with its lists
/// of common passwords, words, names and keyboard rows: the lower bound of its best score. Common
/// passwords with a year or a sign behind them have four to eight, two common words eight, three
/// everyday words thirteen. With twelve as the bound, one of nine random passwords of the shortest
/// length would be refused as well; with ten it is one of a thousand.
const FEWEST_GUESSES_LOG10: f64 = 10.0;

/// Why a password can't be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Too short or too long.
    Length,
    /// Common, or made of words that anybody would try: the owner's name, the installation's.
    Guessable,
}

/// What is wrong with a new password, if anything. `known` are words that anybody would try: the
/// owner's names, and what the installation and its sites are called.
pub fn unfit(password: &str, known: &[String]) -> Option<Unfit> {
    if password.chars().count() < SHORTEST_PASSWORD || password.len() > LONGEST_PASSWORD {
        return Some(Unfit::Length);
    }
    let mut words: Vec<String> = known
        .iter()
        .map(|name| folded(name))
        .flat_map(|name| {
            name.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).chain([name.clone()]).collect::<Vec<_>>()
        })
        .filter(|word| word.chars().count() > 2)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let inputs: Vec<&str> = words.iter().map(String::as_str).collect();
    // Several known words in a row count for more than they are worth, so that what is left without
    // them must do as well.
    let plain = folded(password);
    let rest = words.iter().fold(plain.clone(), |rest, word| rest.replace(word, ""));
    let takes = |text: &str| zxcvbn(text, &inputs).guesses_log10();
    (takes(password) < FEWEST_GUESSES_LOG10 || (rest != plain && takes(&rest) < FEWEST_GUESSES_LOG10))
        .then_some(Unfit::Guessable)
}

/// In lower case and without accents.
fn folded(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// Whether a stored hash was made in another way than hashes are made today, or with less work.
pub fn is_outdated(stored: &str) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    let version = u32::from(Version::V0x13);
    let Ok(params) = Params::try_from(&hash) else { return true };
    hash.algorithm.as_str() != Algorithm::Argon2id.ident().as_str()
        || hash.version != Some(version)
        || params.m_cost() < MEMORY_KIB
        || params.t_cost() < PASSES
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    nobody: Arc<str>,
}

impl Passwords {
    /// At most `at_once` hashes are worked on together.
    pub fn new(at_once: usize) -> Self {
        let nobody = hash("a password that nobody has").unwrap_or_default();
        Self { at_once: Arc::new(Semaphore::new(at_once.max(1))), nobody: nobody.into() }
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: SecretString) -> Option<String> {
        self.run(move || hash(password.expose_secret())).await.flatten()
    }

    /// What is wrong with a new password, if anything: [`unfit`] away from whoever serves.
    pub async fn unfit(&self, password: &SecretString, known: Vec<String>) -> Option<Unfit> {
        let password = password.clone();
        // What could not be looked at is not taken.
        self.run(move || unfit(password.expose_secret(), &known)).await.unwrap_or(Some(Unfit::Guessable))
    }

    /// Whether `password` belongs to `stored`. Takes as long when there is no stored hash.
    pub async fn verify(&self, password: SecretString, stored: Option<&str>) -> bool {
        let known = stored.is_some();
        let phc = stored.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let fits = self
            .run(move || {
                let password = password.expose_secret();
                password.len() <= LONGEST_PASSWORD
                    && PasswordHash::new(&phc)
                        .is_ok_and(|hash| argon2id().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await
            .unwrap_or(false);
        fits && known
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _permit = self.at_once.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Option<String> {
    argon2id().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new(1);
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse".into(), Some(&stored)).await);
        assert!(!passwords.verify("correct house".into(), Some(&stored)).await);
    }

    #[tokio::test]
    async fn nobody_has_the_password_of_nobody() {
        assert!(!Passwords::new(1).verify("a password that nobody has".into(), None).await);
    }

    /// The same password with less memory, another version, another algorithm, and as it should be.
    #[tokio::test]
    async fn hashes_of_earlier_days_still_fit_and_are_known_as_such() {
        let passwords = Passwords::new(1);
        let today = hash("correct horse").unwrap();
        assert!(!is_outdated(&today));
        let made = |algorithm, version, memory, passes| {
            let params = Params::new(memory, passes, 1, None).unwrap();
            Argon2::new(algorithm, version, params).hash_password(b"correct horse").unwrap().to_string()
        };
        for old in [
            made(Algorithm::Argon2id, Version::V0x13, 4096, 3),
            made(Algorithm::Argon2id, Version::V0x13, MEMORY_KIB, 1),
            made(Algorithm::Argon2id, Version::V0x10, MEMORY_KIB, PASSES),
            made(Algorithm::Argon2i, Version::V0x13, MEMORY_KIB, PASSES),
        ] {
            assert!(is_outdated(&old), "{old}");
            assert!(passwords.verify("correct horse".into(), Some(&old)).await, "{old}");
            assert!(!passwords.verify("correct house".into(), Some(&old)).await, "{old}");
        }
        assert!(!is_outdated(&made(Algorithm::Argon2id, Version::V0x13, 65536, 3)), "more work is no less");
    }

    #[test]
    fn what_anybody_would_try_is_no_password() {
        let known = ["ana", "Ana Kovačević", "sealwax", "forms.lindelof.example", "Lindelöf Stationery"];
        let known = known.map(str::to_owned);
        for bad in [
            "password1234",
            "qwertyuiop12",
            "Sealwax2026!!",
            "anaanaanaana",
            "Ana Kovačević",
            "AnaKovacevic1",
            "kovačevićkovačević",
            "LindelofForms1",
            "AnaStationery2026!!",
            "Lindelöf-Forms-2026",
            "stationery2026",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnop",
            "1234567890123456",
            "letmeinletmein",
            "Summer2026!!",
            "19871123198711",
        ] {
            assert_eq!(unfit(bad, &known), Some(Unfit::Guessable), "{bad}: {}", zxcvbn(bad, &[]).guesses_log10());
        }
        for good in [
            "correct horse battery staple",
            "orange kettle window",
            "violet tram under nine hats",
            "Papierboot segelt südwärts",
            "k3Vq9-xTz!fLm2",
            "stationery with nine purple hats",
            "6BbAsGDfQ7p1nZ0w",
            "пять синих лодок у моста",
        ] {
            assert_eq!(unfit(good, &known), None, "{good}: {}", zxcvbn(good, &[]).guesses_log10());
        }
        for bad in ["short", "k3Vq9-xTz!f"] {
            assert_eq!(unfit(bad, &known), Some(Unfit::Length), "{bad}");
        }
        assert_eq!(unfit(&"long ".repeat(300), &known), Some(Unfit::Length));
    }
}
