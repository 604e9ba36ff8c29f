//! Sealing with age (age-encryption.org/v1), so that whoever holds the identity can open what
//! Sealwax sealed with the ordinary `age` program.

use std::io::{Read as _, Write as _};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use age::secrecy::ExposeSecret as _;
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Why something could not be sealed or opened. Says nothing about the content.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is nobody to seal to.
    #[error("there is no recipient to seal to")]
    NoRecipient,
    /// This identity is none of the recipients, or the file is damaged.
    #[error("the sealed part does not open with this key, or is damaged")]
    Unopenable,
    /// The key is not an age X25519 key.
    #[error("this is not an age X25519 key")]
    BadKey,
}

/// An age public key. Whoever has only this can seal and not open.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

impl FromStr for Recipient {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        text.parse().map(Self).map_err(|_| SealError::BadKey)
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// An age private key. Wiped from memory when dropped.
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

impl Identity {
    /// A new key from the system's random source.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// The key in age's text form, `AGE-SECRET-KEY-1…`.
    pub fn to_secret(&self) -> SecretString {
        SecretString::from(self.0.to_string().expose_secret().to_owned())
    }
}

impl FromStr for Identity {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        text.parse().map(Self).map_err(|_| SealError::BadKey)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(secret)")
    }
}

/// `plaintext` as an age file that each of `recipients` can open.
pub fn seal(recipients: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let keys = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(keys).map_err(|_| SealError::NoRecipient)?;
    let mut sealed = Vec::with_capacity(plaintext.len() + 512);
    // Writing into memory does not fail.
    let written = encryptor.wrap_output(&mut sealed).and_then(|mut writer| {
        writer.write_all(plaintext)?;
        writer.finish()
    });
    written.map_err(|_| SealError::NoRecipient)?;
    Ok(sealed)
}

/// Seals what comes in pieces, so that no more than a piece of it is ever in memory. The pieces
/// that [`Sealer::take`] gives, one behind the other, are an age file.
pub struct Sealer {
    writer: age::stream::StreamWriter<Pieces>,
    pieces: Pieces,
}

/// Where a [`Sealer`] puts what is sealed until it is taken.
#[derive(Clone, Default)]
struct Pieces(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Pieces {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sealer {
    /// Begins an age file that each of `recipients` can open.
    pub fn new(recipients: &[Recipient]) -> Result<Self, SealError> {
        let keys = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(keys).map_err(|_| SealError::NoRecipient)?;
        let pieces = Pieces::default();
        let writer = encryptor.wrap_output(pieces.clone()).map_err(|_| SealError::NoRecipient)?;
        Ok(Self { writer, pieces })
    }

    /// Seals more.
    pub fn write(&mut self, plaintext: &[u8]) -> Result<(), SealError> {
        self.writer.write_all(plaintext).map_err(|_| SealError::NoRecipient)
    }

    /// Bytes that are sealed and not taken yet.
    pub fn waiting(&self) -> usize {
        self.pieces.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What was sealed since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        self.pieces.take()
    }

    /// The end of the file.
    pub fn finish(self) -> Result<Vec<u8>, SealError> {
        self.writer.finish().map_err(|_| SealError::NoRecipient)?;
        Ok(self.pieces.take())
    }
}

/// What was sealed. The result is wiped when dropped.
pub fn open(identity: &Identity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let decryptor = age::Decryptor::new(sealed).map_err(|_| SealError::Unopenable)?;
    let keys = std::iter::once(&identity.0 as &dyn age::Identity);
    let mut reader = decryptor.decrypt(keys).map_err(|_| SealError::Unopenable)?;
    // Never grows, so that no copy is left behind by a reallocation.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut plaintext).map_err(|_| SealError::Unopenable)?;
    Ok(plaintext)
}

/// Opens an age file as it is read. Reading fails where it is damaged.
pub fn open_stream<R: std::io::Read>(identity: &Identity, sealed: R) -> Result<impl std::io::Read, SealError> {
    let decryptor = age::Decryptor::new(std::io::BufReader::new(sealed)).map_err(|_| SealError::Unopenable)?;
    let keys = std::iter::once(&identity.0 as &dyn age::Identity);
    decryptor.decrypt(keys).map_err(|_| SealError::Unopenable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_is_sealed_opens_with_its_key_alone(plaintext in proptest::collection::vec(any::<u8>(), 0..4000)) {
            let (right, wrong) = (Identity::generate(), Identity::generate());
            let sealed = seal(&[right.recipient()], &plaintext).unwrap();
            let opened = open(&right, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
            prop_assert!(open(&wrong, &sealed).is_err());
        }

        #[test]
        fn one_changed_byte_is_noticed(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
            let identity = Identity::generate();
            let mut sealed = seal(&[identity.recipient()], b"the answer").unwrap();
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert!(open(&identity, &sealed).is_err());
        }
    }

    #[test]
    fn nobody_to_seal_to_is_an_error() {
        assert!(matches!(seal(&[], b"x"), Err(SealError::NoRecipient)));
    }

    #[test]
    fn an_identity_never_prints_itself() {
        let identity = Identity::generate();
        assert!(!format!("{identity:?} {:?}", identity.to_secret()).contains("AGE-SECRET"));
    }
}
