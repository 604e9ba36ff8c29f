//! Sealing, keys, keyed hashes, signed tokens and password hashing. Knows no feature.

pub mod keyring;
pub mod passwords;
pub mod sealing;
pub mod secrets;

pub use keyring::{KeyError, Keyring, MasterKey};
pub use sealing::{Identity, Recipient, SealError, open, seal};
pub use secrets::Secrets;

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

/// `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
