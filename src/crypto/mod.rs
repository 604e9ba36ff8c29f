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

/// `bytes` in Crockford's base 32, which has no I, L, O or U and is good to read out and to type.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let places = (bytes.len() * 8).div_ceil(5);
    let value = |place: usize| (0..5).fold(0, |value, at| value << 1 | bit(place * 5 + at));
    (0..places).map(|place| char::from(ALPHABET[value(place)])).collect()
}

/// What somebody typed as base 32 in the letters of [`base32`]: without spaces and hyphens, in capitals, and
/// with what is easily mistaken put right.
pub fn normal_base32(typed: &str) -> String {
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_32_is_read_back_however_it_is_typed() {
        assert_eq!(base32(&[0xff, 0, 0, 0, 1]), "ZW000001");
        assert_eq!(base32(&[0; 10]).len(), 16);
        assert_eq!(normal_base32(" zwoo-oo0l "), "ZW000001");
    }
}
