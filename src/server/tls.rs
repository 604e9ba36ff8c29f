//! Own TLS: versions 1.2 and 1.3 by aws-lc-rs, the post-quantum hybrid X25519MLKEM768 preferred, and a
//! certificate that is read again when its files change, so that renewing needs no restart.
//!
//! [`ReloadingCertificate::load`], then [`server_config`], and [`watch`] beside the running server.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::digest::{self, SHA256};
use rustls::crypto::{CryptoProvider, aws_lc_rs as provided};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use tokio::sync::watch::Receiver;
use zeroize::Zeroizing;

use crate::config::Tls;

/// Why a certificate can't be served. Each says which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{key}: {file} cannot be read: {cause}; check the path, and that the service's user may read it")]
    Unreadable {
        /// The setting.
        key: &'static str,
        /// The file.
        file: String,
        /// What the system said.
        cause: io::Error,
    },
    /// Everybody on this machine may read or change the key.
    #[error(
        "server.tls.key_file: {file} has mode {mode:04o}, open to everybody on this machine; run: chmod 640 {file}"
    )]
    Mode {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
    /// A file does not hold what it should.
    #[error("{key}: {file} {defect}")]
    Unusable {
        /// The setting.
        key: &'static str,
        /// The file.
        file: String,
        /// What is wrong, and what to do.
        defect: &'static str,
    },
    /// Two files that do not belong together.
    #[error(
        "server.tls: the private key in {key_file} does not belong to the first certificate in {cert_file}; \
         give the two files that were issued together, the server's own certificate before the others of its chain"
    )]
    Mismatch {
        /// The certificate.
        cert_file: String,
        /// The key.
        key_file: String,
    },
    /// rustls does not take its own defaults: a defect of ours.
    #[error("server.tls: {0}")]
    Settings(#[from] rustls::Error),
}

/// The cryptography of every TLS connection. It is always passed along and never taken from the
/// process's default, which a dependency could change.
pub fn provider() -> CryptoProvider {
    use provided::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    CryptoProvider { kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1], ..provided::default_provider() }
}

/// What to listen with: HTTP/1.1 over TLS with the current `certificate`.
pub fn server_config(certificate: Arc<ReloadingCertificate>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificate that new connections get.
pub struct ReloadingCertificate {
    files: Tls,
    current: RwLock<Pair>,
}

struct Pair {
    certified: Arc<CertifiedKey>,
    hash: Hash,
}

/// SHA-256 of the certificate file and of the key file. The content tells a change where times and
/// inodes do not: behind swapped symlinks, mounted secrets and restored backups.
type Hash = [[u8; 32]; 2];

impl ReloadingCertificate {
    /// Reads and checks both files.
    pub fn load(files: &Tls) -> Result<Arc<Self>, TlsError> {
        let contents = Contents::read(files)?;
        let pair = Pair { certified: contents.certified(files)?, hash: contents.hash() };
        Ok(Arc::new(Self { files: files.clone(), current: RwLock::new(pair) }))
    }

    /// The certificate and key in use.
    pub fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).certified)
    }

    /// Takes the files again if their content has changed, and says whether it had. After an error the
    /// old pair stays in use, and the next call tries again.
    pub fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let contents = Contents::read(&self.files)?;
        let hash = contents.hash();
        if self.current.read().unwrap_or_else(PoisonError::into_inner).hash == hash {
            return Ok(false);
        }
        let certified = contents.certified(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Pair { certified, hash };
        Ok(true)
    }
}

impl ResolvesServerCert for ReloadingCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for ReloadingCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReloadingCertificate").field("files", &self.files).finish_non_exhaustive()
    }
}

/// Looks at the files `every` so often, until `stop` turns true or its sender is gone.
pub async fn watch(certificate: Arc<ReloadingCertificate>, every: Duration, mut stop: Receiver<bool>) {
    let mut last_error = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let reloading = Arc::clone(&certificate);
        // A file on a network share may take its time.
        let Ok(result) = tokio::task::spawn_blocking(move || reloading.reload_if_changed()).await else {
            return;
        };
        last_error = match result {
            Ok(changed) => {
                if changed {
                    tracing::info!(file = %certificate.files.cert_file.display(), "the TLS certificate was replaced");
                } else if last_error.is_some() {
                    tracing::info!("the TLS certificate's files are as before again");
                }
                None
            }
            Err(error) => {
                // Once for each error, not once for each look.
                let error = error.to_string();
                if last_error.as_ref() != Some(&error) {
                    tracing::error!(%error, "the new TLS certificate is refused; the old one stays in use");
                }
                Some(error)
            }
        };
    }
}

/// The two files as they were at one moment.
struct Contents {
    cert: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

const CERT_FILE: &str = "server.tls.cert_file";
const KEY_FILE: &str = "server.tls.key_file";

impl Contents {
    fn read(files: &Tls) -> Result<Self, TlsError> {
        let key = read(KEY_FILE, &files.key_file, check_mode)?;
        // Not a secret, so it may leave the wrapper.
        let cert = std::mem::take(&mut *read(CERT_FILE, &files.cert_file, |_, _| Ok(()))?);
        Ok(Self { cert, key })
    }

    fn hash(&self) -> Hash {
        [&self.cert, &*self.key].map(|content| {
            let mut hash = [0; 32];
            hash.copy_from_slice(digest::digest(&SHA256, content).as_ref());
            hash
        })
    }

    fn certified(&self, files: &Tls) -> Result<Arc<CertifiedKey>, TlsError> {
        let (cert_file, key_file) = (files.cert_file.display().to_string(), files.key_file.display().to_string());
        let bad_cert = |defect| TlsError::Unusable { key: CERT_FILE, file: cert_file.clone(), defect };
        let bad_key = |defect| TlsError::Unusable { key: KEY_FILE, file: key_file.clone(), defect };

        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.cert).collect();
        let chain = chain.map_err(|_| bad_cert("is damaged; put it back from where it was issued"))?;
        if chain.is_empty() {
            return Err(bad_cert("holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"));
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            let is_encrypted = self.key.windows(9).any(|part| part == b"ENCRYPTED");
            bad_key(if is_encrypted {
                "is protected by a passphrase; remove it with: openssl pkey -in OLD -out NEW"
            } else {
                "holds no private key in PEM (-----BEGIN PRIVATE KEY-----)"
            })
        })?;
        let key = provider().key_provider.load_private_key(key);
        let key =
            key.map_err(|_| bad_key("holds a key that can't be used; RSA from 2048 bits, ECDSA and Ed25519 can"))?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) => Ok(Arc::new(certified)),
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(TlsError::Mismatch { cert_file, key_file })
            }
            Err(_) => Err(bad_cert("holds something that is not an X.509 certificate")),
        }
    }
}

fn read(
    key: &'static str,
    path: &Path,
    check: fn(&File, &Path) -> Result<(), TlsError>,
) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let unreadable = |cause| TlsError::Unreadable { key, file: path.display().to_string(), cause };
    let mut file = File::open(path).map_err(unreadable)?;
    check(&file, path)?;
    let mut content = Zeroizing::new(Vec::new());
    file.read_to_end(&mut content).map_err(unreadable)?;
    Ok(content)
}

/// Refuses a key that is open to everybody. Its group may read it: that is how several services
/// share a key (`ssl-cert` on Debian).
#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt as _;
    let unreadable = |cause| TlsError::Unreadable { key: KEY_FILE, file: path.display().to_string(), cause };
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o007 != 0 {
        return Err(TlsError::Mode { file: path.display().to_string(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<(), TlsError> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::PathBuf;
    use std::process::Command;

    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, NamedGroup, ProtocolVersion, RootCertStore, ServerConnection};

    use super::*;

    /// A directory with certificates from the `openssl` command, removed at the end.
    struct Directory(PathBuf);

    impl Directory {
        fn new(test: &str) -> Self {
            let path = std::env::temp_dir().join(format!("sealwax-tls-{}-{test}", std::process::id()));
            fs::remove_dir_all(&path).ok();
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn issue(&self, name: &str) -> Tls {
            let config = self.0.join("openssl.cnf");
            let text = "[req]\nprompt = no\ndistinguished_name = dn\nx509_extensions = ext\n[dn]\nCN = localhost\n\
                        [ext]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:localhost\n";
            fs::write(&config, text).unwrap();
            let files =
                Tls { cert_file: self.0.join(format!("{name}.crt")), key_file: self.0.join(format!("{name}.key")) };
            let made = Command::new("openssl")
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
                .args(["-days", "2", "-config"])
                .arg(&config)
                .arg("-keyout")
                .arg(&files.key_file)
                .arg("-out")
                .arg(&files.cert_file)
                .output()
                .expect("the openssl command is installed");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            set_mode(&files.key_file, 0o600);
            files
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn set_mode(file: &Path, mode: u32) {
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn served(certificate: &ReloadingCertificate) -> CertificateDer<'static> {
        certificate.current().cert[0].clone()
    }

    fn written(files: &Tls) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(&files.cert_file).unwrap()
    }

    fn refusal(files: &Tls) -> String {
        ReloadingCertificate::load(files).unwrap_err().to_string()
    }

    /// A handshake in memory with a client that speaks `version` and trusts the certificate.
    fn handshake(
        files: &Tls,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> (ClientConnection, ServerConnection) {
        let mut roots = RootCertStore::empty();
        roots.add(written(files)).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let serving = server_config(ReloadingCertificate::load(files).unwrap()).unwrap();
        let mut server = ServerConnection::new(Arc::new(serving)).unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).unwrap();
            server.read_tls(&mut bytes.as_slice()).unwrap();
            server.process_new_packets().unwrap();
            let mut bytes = Vec::new();
            server.write_tls(&mut bytes).unwrap();
            client.read_tls(&mut bytes.as_slice()).unwrap();
            client.process_new_packets().unwrap();
        }
        (client, server)
    }

    #[test]
    fn the_post_quantum_hybrid_comes_first() {
        let groups: Vec<_> = provider().kx_groups.iter().map(|group| group.name()).collect();
        assert_eq!(groups[0], NamedGroup::X25519MLKEM768, "{groups:?}");
    }

    #[test]
    fn a_client_of_today_gets_tls_1_3_with_the_hybrid_and_http_1_1() {
        let directory = Directory::new("tls13");
        let (client, server) = handshake(&directory.issue("server"), &rustls::version::TLS13);
        assert_eq!(server.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(server.alpn_protocol(), Some(&b"http/1.1"[..]));
        let group = client.negotiated_key_exchange_group().unwrap();
        assert_eq!(group.name(), NamedGroup::X25519MLKEM768);
    }

    #[test]
    fn a_client_of_yesterday_gets_tls_1_2() {
        let directory = Directory::new("tls12");
        let (_, server) = handshake(&directory.issue("server"), &rustls::version::TLS12);
        assert_eq!(server.protocol_version(), Some(ProtocolVersion::TLSv1_2));
        assert_eq!(server.alpn_protocol(), Some(&b"http/1.1"[..]));
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let directory = Directory::new("mismatch");
        let (first, second) = (directory.issue("first"), directory.issue("second"));
        let mixed = Tls { cert_file: first.cert_file, key_file: second.key_file };
        let error = refusal(&mixed);
        assert!(error.contains("first.crt") && error.contains("second.key"), "{error}");
        assert!(error.contains("issued together"), "{error}");
    }

    #[test]
    fn a_renewed_pair_is_taken_without_a_restart() {
        let directory = Directory::new("renew");
        let (files, renewed) = (directory.issue("server"), directory.issue("renewed"));
        let old = written(&files);
        let certificate = ReloadingCertificate::load(&files).unwrap();
        assert!(!certificate.reload_if_changed().unwrap());

        // The two files never change at the same instant.
        fs::copy(&renewed.cert_file, &files.cert_file).unwrap();
        assert!(matches!(certificate.reload_if_changed(), Err(TlsError::Mismatch { .. })));
        assert_eq!(served(&certificate), old);

        fs::copy(&renewed.key_file, &files.key_file).unwrap();
        assert!(certificate.reload_if_changed().unwrap());
        assert_eq!(served(&certificate), written(&renewed));
        assert!(!certificate.reload_if_changed().unwrap());
    }

    #[test]
    fn a_swapped_symlink_is_a_change() {
        let directory = Directory::new("symlink");
        let live = directory.0.join("live");
        let pair = |name: &str| {
            let dir = directory.0.join(name);
            fs::create_dir(&dir).unwrap();
            let files = directory.issue(name);
            fs::rename(&files.cert_file, dir.join("tls.crt")).unwrap();
            fs::rename(&files.key_file, dir.join("tls.key")).unwrap();
            dir
        };
        let (first, second) = (pair("first"), pair("second"));
        symlink(&first, &live).unwrap();
        let files = Tls { cert_file: live.join("tls.crt"), key_file: live.join("tls.key") };
        let certificate = ReloadingCertificate::load(&files).unwrap();
        fs::remove_file(&live).unwrap();
        symlink(&second, &live).unwrap();
        assert!(certificate.reload_if_changed().unwrap());
        assert_eq!(served(&certificate), written(&files));
    }

    #[test]
    fn a_broken_or_missing_file_keeps_the_old_pair() {
        let directory = Directory::new("broken");
        let files = directory.issue("server");
        let old = written(&files);
        let certificate = ReloadingCertificate::load(&files).unwrap();
        let whole = fs::read(&files.cert_file).unwrap();
        for broken in [
            &b""[..],
            b"nothing",
            &whole[..whole.len() / 2],
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            fs::write(&files.cert_file, broken).unwrap();
            let error = certificate.reload_if_changed().unwrap_err().to_string();
            assert!(error.starts_with("server.tls.cert_file: "), "{error}");
            assert!(error.contains("server.crt"), "{error}");
            assert_eq!(served(&certificate), old);
        }
        fs::remove_file(&files.cert_file).unwrap();
        let error = certificate.reload_if_changed().unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
        assert_eq!(served(&certificate), old);

        fs::write(&files.cert_file, whole).unwrap();
        assert!(!certificate.reload_if_changed().unwrap());
    }

    #[test]
    fn what_is_no_usable_key_is_refused_with_what_to_do() {
        let directory = Directory::new("key");
        let files = directory.issue("server");
        let swapped = Tls { cert_file: files.cert_file.clone(), key_file: files.cert_file.clone() };
        set_mode(&files.cert_file, 0o600);
        assert!(refusal(&swapped).contains("holds no private key"), "{}", refusal(&swapped));

        let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        fs::write(&files.key_file, locked).unwrap();
        assert!(refusal(&files).contains("passphrase"), "{}", refusal(&files));

        fs::write(&files.key_file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
        assert!(refusal(&files).contains("can't be used"), "{}", refusal(&files));
    }

    #[test]
    fn a_key_that_is_open_to_everybody_is_refused() {
        let directory = Directory::new("mode");
        let files = directory.issue("server");
        for mode in [0o400, 0o600, 0o640] {
            set_mode(&files.key_file, mode);
            ReloadingCertificate::load(&files).unwrap();
        }
        for mode in [0o644, 0o604, 0o602] {
            set_mode(&files.key_file, mode);
            let error = refusal(&files);
            let advice = format!("chmod 640 {}", files.key_file.display());
            assert!(error.contains(&advice) && error.contains(&format!("{mode:04o}")), "{error}");
        }
    }

    #[tokio::test]
    async fn watching_takes_a_renewed_pair_and_ends_when_told() {
        let directory = Directory::new("watch");
        let (files, renewed) = (directory.issue("server"), directory.issue("renewed"));
        let certificate = ReloadingCertificate::load(&files).unwrap();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let watching = tokio::spawn(watch(Arc::clone(&certificate), Duration::from_millis(1), stopped));
        fs::copy(&renewed.cert_file, &files.cert_file).unwrap();
        fs::copy(&renewed.key_file, &files.key_file).unwrap();
        let taken = async {
            while served(&certificate) != written(&renewed) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), taken).await.expect("the renewed pair is taken");
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(20), watching).await.expect("watching ends").unwrap();
    }
}
