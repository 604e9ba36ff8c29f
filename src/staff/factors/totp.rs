//! Authenticator apps: codes by time (RFC 6238) with SHA-1, six digits and thirty seconds, because
//! that is what every app understands.

use qrcodegen::{QrCode, QrCodeEcc};
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

/// Bytes of a secret: as long as SHA-1's output (RFC 4226 §4).
pub const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;

/// What a sealed secret is bound to.
pub fn context(staff: Uuid) -> String {
    format!("authenticator app of {staff}")
}

fn app(secret: &[u8]) -> Builder {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP_SECONDS);
    // One step either way for clocks that differ and people who type slowly (RFC 6238 §5.2).
    builder.with_skew(1).with_secret(secret)
}

/// The step whose code this is, if it is one of now, just before or just after.
pub fn step(secret: &[u8], code: &str, now: OffsetDateTime) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.unix_timestamp()).ok()?;
    i64::try_from(app(secret).build().ok()?.check(&digits, seconds)?).ok()
}

/// What an app needs to know, in three forms.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// For a link.
    pub url: String,
    /// For typing: base 32 (RFC 4648) in groups of four.
    pub key: String,
    /// For scanning.
    pub picture: Picture,
}

/// A QR code as an SVG path.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its width and height, with the quiet zone.
    pub side: i32,
    /// The dark modules.
    pub path: String,
}

/// What an app needs to know to make codes for `account` at `place`.
pub fn invitation(secret: &[u8], place: &str, account: &str) -> Option<Invitation> {
    // A colon parts the two in the address, so none may be within.
    let plain = |text: &str| text.replace(':', " ");
    let builder = app(secret).with_issuer(Some(plain(&format!("Sealwax {place}")))).with_account_name(plain(account));
    let url = builder.build().ok().as_ref().map(Totp::to_url)?.ok()?;
    let picture = picture(&url)?;
    Some(Invitation { url, key: super::in_groups(&Secret::from(secret).to_base32()).replace('-', " "), picture })
}

fn picture(text: &str) -> Option<Picture> {
    use std::fmt::Write as _;
    /// Light modules around it (ISO/IEC 18004).
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some(Picture { side: code.size() + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    /// The seed and some values of RFC 6238, appendix B, of which six digits are taken.
    const SEED: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(step(SEED, code, at(seconds)), Some(seconds / 30));
        }
        assert_eq!(step(SEED, " 287 082 ", at(59)), Some(1));
    }

    #[test]
    fn one_step_either_way_and_no_further() {
        let now = at(1_111_111_109);
        let within = [-30, 0, 30].map(|by| step(SEED, "081804", now + Duration::seconds(by)));
        assert_eq!(within, [Some(37_037_036); 3]);
        for by in [-60, 60] {
            assert_eq!(step(SEED, "081804", now + Duration::seconds(by)), None);
        }
        for junk in ["", "81804", "0818044", "08180٤", "+81804", "081804x", "-81804"] {
            assert_eq!(step(SEED, junk, now), None, "{junk}");
        }
    }

    #[test]
    fn an_app_is_told_the_same_in_three_forms() {
        let told = invitation(SEED, "forms.example", "ana:k").unwrap();
        assert!(told.url.starts_with("otpauth://totp/Sealwax%20forms.example:ana%20k?secret=GEZD"), "{}", told.url);
        assert_eq!(told.key, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(told.picture.side > 29 && told.picture.path.starts_with("M4 4h1v1h-1z"));
    }
}
