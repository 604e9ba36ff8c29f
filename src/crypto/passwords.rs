//! Password hashing: argon2id with 19 MiB, two passes, one lane (the OWASP minimum), on the
//! blocking pool and never more than a few at once, because each takes its memory.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
pub const PASSES: u32 = 2;
/// Fewest characters of a new password.
pub const SHORTEST_PASSWORD: usize = 12;
/// Most bytes of a password that are looked at.
pub const LONGEST_PASSWORD: usize = 1024;

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
}
