//! The master key, the index secret, and the inbox identities that the master key unwraps.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::sealing::{Identity, Recipient, SealError, open, seal};

/// Why a key could not be had. Each says what to do; none shows a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is not there, though the database was made with it.
    #[error("{key}: {path} is missing, but this database was made with it; put the file back from its backup{more}")]
    Missing {
        /// The configuration key.
        key: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// What else helps.
        more: &'static str,
    },
    /// Others than the owner may read or write the file.
    #[error("{key}: {path} has mode {mode:04o}, so others can read it; run: chmod 600 {path}")]
    Mode {
        /// The configuration key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The content is no key.
    #[error("{key}: {place} does not hold a usable key ({want}); put it back from its backup")]
    Corrupt {
        /// The configuration key.
        key: &'static str,
        /// A file, a command or an environment variable.
        place: String,
        /// What it should hold.
        want: &'static str,
    },
    /// It is a key, but not the one that this database was made with.
    #[error("{key}: this is {found}, but the database was made with {expected}; use the key that belongs to it")]
    Foreign {
        /// The configuration key.
        key: &'static str,
        /// What the key says it is.
        found: String,
        /// What the database says it should be.
        expected: String,
    },
    /// Reading, writing or running failed.
    #[error("{key}: {place}: {cause}")]
    Io {
        /// The configuration key.
        key: &'static str,
        /// A file or a command.
        place: String,
        /// What the system said.
        cause: String,
    },
}

pub use crate::config::KeySource;

/// The master key: unwraps the inbox identities.
#[derive(Debug)]
pub struct MasterKey(Identity);

const MASTER: &str = "keys.master_file";
const INDEX: &str = "keys.index_file";
const MASTER_FORM: &str = "a line that begins with AGE-SECRET-KEY-1";
const INDEX_FORM: &str = "32 bytes in base64";

impl MasterKey {
    /// Reads the key from where it is kept.
    pub fn load(source: &KeySource) -> Result<Self, KeyError> {
        let (text, place) = read(source, MASTER, "; to run a node that only receives, start it with --role public")?;
        let line = text.expose_secret().lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1"));
        let identity = line.and_then(|line| line.parse::<Identity>().ok());
        identity.map(Self).ok_or(KeyError::Corrupt { key: MASTER, place, want: MASTER_FORM })
    }

    /// Makes a new key and its file, which must not be there yet.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let identity = Identity::generate();
        let text = Zeroizing::new(format!(
            "# Sealwax master key. Keep a copy away from this machine: without it nothing can be opened.\n\
             # public key: {}\n{}\n",
            identity.recipient(),
            identity.to_secret().expose_secret()
        ));
        create_private(path, text.as_bytes(), MASTER)?;
        Ok(Self(identity))
    }

    /// The public half, to which inbox identities are wrapped.
    pub fn recipient(&self) -> Recipient {
        self.0.recipient()
    }

    /// Refuses a key that is not the one this database was made with.
    pub fn expect(self, recipient: &str) -> Result<Self, KeyError> {
        let found = self.recipient().to_string();
        if found == recipient {
            Ok(self)
        } else {
            Err(KeyError::Foreign { key: MASTER, found, expected: recipient.to_owned() })
        }
    }
}

/// Reads the 32 bytes of the index secret.
pub fn load_index_secret(source: &KeySource) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let (text, place) = read(source, INDEX, "")?;
    let corrupt = || KeyError::Corrupt { key: INDEX, place: place.clone(), want: INDEX_FORM };
    let line = text.expose_secret().lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let bytes = Zeroizing::new(STANDARD.decode(line.ok_or_else(corrupt)?).map_err(|_| corrupt())?);
    let mut secret = Zeroizing::new([0; 32]);
    if bytes.len() != secret.len() {
        return Err(corrupt());
    }
    secret.copy_from_slice(&bytes);
    Ok(secret)
}

/// Makes a new index secret and its file, which must not be there yet.
pub fn create_index_secret(path: &Path, random: &dyn crate::ambient::Random) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut secret = Zeroizing::new([0; 32]);
    random.fill(secret.as_mut());
    let text = Zeroizing::new(format!(
        "# Sealwax index secret: finds people without opening anything. Keep it beside the master key's backup.\n{}\n",
        STANDARD.encode(*secret)
    ));
    create_private(path, text.as_bytes(), INDEX)?;
    Ok(secret)
}

/// Refuses an index secret that is not the one this database was made with.
pub fn expect_index(found: &str, expected: &str) -> Result<(), KeyError> {
    if found == expected {
        return Ok(());
    }
    Err(KeyError::Foreign {
        key: INDEX,
        found: format!("fingerprint {found}"),
        expected: format!("fingerprint {expected}"),
    })
}

fn read(source: &KeySource, key: &'static str, more: &'static str) -> Result<(SecretString, String), KeyError> {
    match source {
        KeySource::Value(value) => Ok((value.clone(), "the environment".to_owned())),
        KeySource::File(path) => {
            let place = path.display().to_string();
            let failed = |cause: std::io::Error| KeyError::Io { key, place: place.clone(), cause: cause.to_string() };
            let metadata = match fs::metadata(path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(KeyError::Missing { key, path: path.clone(), more });
                }
                other => other.map_err(failed)?,
            };
            check_mode(&metadata, path, key)?;
            let text = fs::read_to_string(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::InvalidData => KeyError::Corrupt { key, place: place.clone(), want: "text" },
                _ => failed(error),
            })?;
            Ok((SecretString::from(text), place))
        }
        KeySource::Command(words) => {
            let place = words.first().cloned().unwrap_or_default();
            let failed = |cause: String| KeyError::Io { key, place: place.clone(), cause };
            let [program, arguments @ ..] = words.as_slice() else { return Err(failed("is empty".to_owned())) };
            let output = std::process::Command::new(program)
                .args(arguments)
                .stdin(std::process::Stdio::null())
                .stderr(std::process::Stdio::inherit())
                .output()
                .map_err(|error| failed(error.to_string()))?;
            if !output.status.success() {
                return Err(failed(format!("ended with {}", output.status)));
            }
            let text = String::from_utf8(output.stdout).map_err(|_| failed("printed no text".to_owned()))?;
            Ok((SecretString::from(text), place))
        }
    }
}

#[cfg(unix)]
fn check_mode(metadata: &fs::Metadata, path: &Path, key: &'static str) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Mode { key, path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &fs::Metadata, _: &Path, _: &'static str) -> Result<(), KeyError> {
    Ok(())
}

/// Writes a new file that only its owner can read, and waits until it is on disk.
fn create_private(path: &Path, content: &[u8], key: &'static str) -> Result<(), KeyError> {
    let failed =
        |cause: std::io::Error| KeyError::Io { key, place: path.display().to_string(), cause: cause.to_string() };
    if let Some(parent) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(parent).map_err(failed)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    if let Some(parent) = path.parent()
        && let Ok(directory) = fs::File::open(parent)
    {
        let _ = directory.sync_all();
    }
    Ok(())
}

/// Opens sealed parts: unwraps inbox identities with the master key and keeps them for a while.
pub struct Keyring {
    master: MasterKey,
    keep: Duration,
    unwrapped: Mutex<HashMap<Uuid, (Identity, OffsetDateTime)>>,
}

impl Keyring {
    /// A keyring that forgets an unwrapped identity after `keep`.
    pub fn new(master: MasterKey, keep: Duration) -> Self {
        Self { master, keep, unwrapped: Mutex::new(HashMap::new()) }
    }

    /// A new inbox key wrapped to the master key's public half.
    pub fn new_inbox_key(master: &Recipient) -> Result<(Recipient, Vec<u8>), SealError> {
        let identity = Identity::generate();
        let wrapped = seal(std::slice::from_ref(master), identity.to_secret().expose_secret().as_bytes())?;
        Ok((identity.recipient(), wrapped))
    }

    /// Seals a secret of this installation to the master key. age has no associated data, so `context`,
    /// which says what it is and whose, goes in before it: moved elsewhere it does not open.
    pub fn seal_own(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut text = Zeroizing::new(Vec::with_capacity(context.len() + 1 + secret.len()));
        text.extend_from_slice(context.as_bytes());
        text.push(0);
        text.extend_from_slice(secret);
        seal(&[self.master.recipient()], &text)
    }

    /// What [`Keyring::seal_own`] sealed in the same context.
    pub fn open_own(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let text = open(&self.master.0, sealed)?;
        let secret = text.strip_prefix(context.as_bytes()).and_then(|rest| rest.strip_prefix(&[0]));
        secret.map(|secret| Zeroizing::new(secret.to_vec())).ok_or(SealError::Unopenable)
    }

    /// The identity of inbox key `id`, whose wrapped form is `wrapped`.
    pub fn identity(&self, id: Uuid, wrapped: &[u8], now: OffsetDateTime) -> Result<Identity, SealError> {
        let mut unwrapped = self.unwrapped.lock().unwrap_or_else(PoisonError::into_inner);
        unwrapped.retain(|_, (_, until)| *until > now);
        if let Some((identity, _)) = unwrapped.get(&id) {
            return Ok(identity.clone());
        }
        let text = open(&self.master.0, wrapped)?;
        let identity: Identity = std::str::from_utf8(&text).map_err(|_| SealError::BadKey)?.parse()?;
        unwrapped.insert(id, (identity.clone(), now + self.keep));
        Ok(identity)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_where_it_belongs_and_nowhere_else() {
        let keyring = || Keyring::new(MasterKey(Identity::generate()), Duration::ZERO);
        let own = keyring();
        let sealed = own.seal_own("totp of ana", b"secret").unwrap();
        assert_eq!(own.open_own("totp of ana", &sealed).unwrap().as_slice(), b"secret");
        assert!(own.open_own("totp of bob", &sealed).is_err());
        assert!(own.open_own("totp of an", &sealed).is_err());
        assert!(keyring().open_own("totp of ana", &sealed).is_err());
    }
}
