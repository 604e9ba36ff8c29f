//! The form token: what a visitor was shown, signed, so that it is stored with the answers also
//! when something else is published while they type.
//!
//! Layout before signing: a format byte, the moment in seconds (8 bytes), a nonce (16), whether the
//! page was shown before (1), how the visitor was let in (a kind and 16 bytes), then the ids of the
//! site, form and policy versions and of each purpose version (16 each).

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::Shown;
use crate::ambient::Ambient;
use crate::crypto::Secrets;

const FORMAT: u8 = 4;
/// How far a node's clock may lag behind the node that made the token.
const SKEW: Duration = Duration::minutes(5);

/// How a visitor was let into a form that is not open to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    /// By the code that everybody has: the beginning of its keyed hash, so that another code lets
    /// nobody in who had the old one.
    Code([u8; 16]),
    /// By this personal link.
    Invitation(Uuid),
    /// By a code that was sent to an address: the beginning of the address's blind index.
    Address([u8; 16]),
    /// By signing in: the beginning of the hash under which the sign-in is kept.
    SignIn([u8; 16]),
}

impl Admitted {
    /// A kind and 16 bytes.
    fn bytes(admitted: Option<Self>) -> (u8, [u8; 16]) {
        match admitted {
            None => (0, [0; 16]),
            Some(Self::Code(hash)) => (1, hash),
            Some(Self::Invitation(id)) => (2, id.into_bytes()),
            Some(Self::Address(hash)) => (3, hash),
            Some(Self::SignIn(hash)) => (4, hash),
        }
    }

    fn read(kind: u8, bytes: [u8; 16]) -> Option<Self> {
        match kind {
            1 => Some(Self::Code(bytes)),
            2 => Some(Self::Invitation(Uuid::from_bytes(bytes))),
            3 => Some(Self::Address(bytes)),
            4 => Some(Self::SignIn(bytes)),
            _ => None,
        }
    }
}

/// A verified form token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormToken {
    /// When the page was made.
    pub issued_at: OffsetDateTime,
    /// Makes the token usable once.
    pub nonce: [u8; 16],
    /// Whether it took the place of another, so that the page may come back as soon as it likes.
    pub again: bool,
    /// How the visitor was let in.
    pub admitted: Option<Admitted>,
    /// The version of the site that was shown.
    pub site_version: Uuid,
    /// The version of the form that was shown.
    pub form_version: Uuid,
    /// The version of the policy that was shown.
    pub policy_version: Uuid,
    /// The versions of the purposes that were shown, in order.
    pub purpose_versions: Vec<Uuid>,
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was not made here, or was changed.
    #[error("the form token was not made by this server")]
    Forged,
    /// The page was open for too long, or a clock has jumped.
    #[error("the form token is too old")]
    Expired,
    /// It belongs to another form.
    #[error("the form token belongs to another form")]
    Foreign,
}

/// A token for a page that shows `shown` to somebody who was let in by `admitted`.
pub fn issue(shown: &Shown, admitted: Option<Admitted>, ambient: &Ambient, secrets: &Secrets) -> String {
    make(shown, admitted, false, ambient, secrets)
}

/// The same for a page that takes the place of one that was sent.
pub fn issue_again(shown: &Shown, admitted: Option<Admitted>, ambient: &Ambient, secrets: &Secrets) -> String {
    make(shown, admitted, true, ambient, secrets)
}

fn make(shown: &Shown, admitted: Option<Admitted>, again: bool, ambient: &Ambient, secrets: &Secrets) -> String {
    let mut payload = Vec::with_capacity(128);
    payload.push(FORMAT);
    payload.extend_from_slice(&ambient.now().unix_timestamp().to_be_bytes());
    payload.extend_from_slice(&ambient.bytes::<16>());
    payload.push(u8::from(again));
    let (kind, bytes) = Admitted::bytes(admitted);
    payload.push(kind);
    payload.extend_from_slice(&bytes);
    let fixed = [shown.site.version.id, shown.form.version.id, shown.policy.version.id];
    for id in fixed.into_iter().chain(shown.purposes.iter().map(|purpose| purpose.version.id)) {
        payload.extend_from_slice(id.as_bytes());
    }
    secrets.sign_token(&payload)
}

/// What a token says, if it was made here, however old it is.
pub fn authentic(token: &str, secrets: &Secrets) -> Option<FormToken> {
    read(&secrets.verify_token(token)?)
}

/// What a token says, if it was made here, at most `lifetime` before `now`.
pub fn verify(
    token: &str,
    now: OffsetDateTime,
    lifetime: Duration,
    secrets: &Secrets,
) -> Result<FormToken, TokenError> {
    let read = authentic(token, secrets).ok_or(TokenError::Forged)?;
    if now > read.issued_at + lifetime || read.issued_at > now + SKEW {
        return Err(TokenError::Expired);
    }
    Ok(read)
}

fn read(payload: &[u8]) -> Option<FormToken> {
    let (&format, rest) = payload.split_first()?;
    let (seconds, rest) = rest.split_first_chunk::<8>()?;
    let (nonce, rest) = rest.split_first_chunk::<16>()?;
    let (&again, rest) = rest.split_first()?;
    let (&kind, rest) = rest.split_first()?;
    let (bytes, rest) = rest.split_first_chunk::<16>()?;
    let admitted = Admitted::read(kind, *bytes);
    if format != FORMAT || rest.len() % 16 != 0 {
        return None;
    }
    let mut ids = rest.chunks_exact(16).filter_map(|bytes| Uuid::from_slice(bytes).ok());
    Some(FormToken {
        issued_at: OffsetDateTime::from_unix_timestamp(i64::from_be_bytes(*seconds)).ok()?,
        nonce: *nonce,
        again: again != 0,
        admitted,
        site_version: ids.next()?,
        form_version: ids.next()?,
        policy_version: ids.next()?,
        purpose_versions: ids.collect(),
    })
}
