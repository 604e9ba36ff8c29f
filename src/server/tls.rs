//! Own TLS: versions 1.2 and 1.3 with aws-lc-rs, the post-quantum hybrid X25519MLKEM768 first, and
//! a certificate that is read again when its files change.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

use crate::config::Tls;
use crate::crypto::sha256;

/// Why TLS can't be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{key}: {file}: {cause}")]
    Unreadable {
        /// The configuration key.
        key: &'static str,
        /// The file.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// A file holds nothing usable.
    #[error("{key}: {file} holds no {want} in PEM")]
    Empty {
        /// The configuration key.
        key: &'static str,
        /// The file.
        file: String,
        /// What it should hold.
        want: &'static str,
    },
    /// Everybody on this machine may read the key.
    #[error(
        "server.tls.key_file: {file} has mode {mode:04o}, so everybody on this machine can read it; run: chmod 600 {file}"
    )]
    Mode {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Certificate and key are no pair.
    #[error(
        "server.tls: the key in {key_file} does not belong to the certificate in {cert_file}; give the two files that were issued together"
    )]
    NoPair {
        /// The certificate.
        cert_file: String,
        /// The key.
        key_file: String,
    },
    /// rustls refused.
    #[error("server.tls: {0}")]
    Refused(#[from] rustls::Error),
}

/// The provider that everything uses.
pub fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// The certificate that is served now.
#[derive(Debug)]
pub struct ReloadingCertificate {
    files: Tls,
    current: RwLock<(Arc<CertifiedKey>, [u8; 32])>,
}

impl ReloadingCertificate {
    /// Reads the files.
    pub fn load(files: &Tls) -> Result<Arc<Self>, TlsError> {
        let (cert, key, hash) = read(files)?;
        let current = RwLock::new((Arc::new(certified(files, &cert, &key)?), hash));
        Ok(Arc::new(Self { files: files.clone(), current }))
    }

    /// Takes the files again if their content changed; says whether it did. On an error the old
    /// certificate stays.
    pub fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let (cert, key, hash) = read(&self.files)?;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).1 == hash {
            return Ok(false);
        }
        let fresh = Arc::new(certified(&self.files, &cert, &key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (fresh, hash);
        Ok(true)
    }
}

impl ResolvesServerCert for ReloadingCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}

/// Looks at the files every so often, until told to stop.
pub async fn watch(certificate: Arc<ReloadingCertificate>, every: Duration, mut stopped: watch::Receiver<bool>) {
    let mut last_error = String::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stopped.changed() => return,
        }
        match certificate.reload_if_changed() {
            Ok(true) => tracing::info!("the TLS certificate was read again"),
            Ok(false) => last_error.clear(),
            // Files are replaced one after the other, so a moment without a pair is normal: said once.
            Err(error) if error.to_string() != last_error => {
                last_error = error.to_string();
                tracing::warn!(%error, "the new TLS certificate is not usable; the old one stays");
            }
            Err(_) => {}
        }
    }
}

/// A server configuration that serves `certificate`.
pub fn server_config(certificate: Arc<ReloadingCertificate>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Certificate, key, and a hash of both.
type Pair = (Vec<u8>, Vec<u8>, [u8; 32]);

fn read(files: &Tls) -> Result<Pair, TlsError> {
    let read = |key: &'static str, file: &Path| {
        std::fs::read(file).map_err(|error| TlsError::Unreadable {
            key,
            file: file.display().to_string(),
            cause: error.to_string(),
        })
    };
    let cert = read("server.tls.cert_file", &files.cert_file)?;
    let key = read("server.tls.key_file", &files.key_file)?;
    check_mode(&files.key_file)?;
    let hash = sha256(&[sha256(&cert), sha256(&key)].concat());
    Ok((cert, key, hash))
}

#[cfg(unix)]
fn check_mode(file: &Path) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode() & 0o7777);
    if mode & 0o007 == 0 { Ok(()) } else { Err(TlsError::Mode { file: file.display().to_string(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), TlsError> {
    Ok(())
}

fn certified(files: &Tls, cert: &[u8], key: &[u8]) -> Result<CertifiedKey, TlsError> {
    let cert_file = files.cert_file.display().to_string();
    let key_file = files.key_file.display().to_string();
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(cert).collect::<Result<_, _>>().unwrap_or_default();
    if chain.is_empty() {
        return Err(TlsError::Empty { key: "server.tls.cert_file", file: cert_file, want: "certificate" });
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Empty {
        key: "server.tls.key_file",
        file: key_file.clone(),
        want: "private key",
    })?;
    let signer = provider().key_provider.load_private_key(key)?;
    let certified = CertifiedKey::new(chain, signer);
    certified.keys_match().map_err(|_| TlsError::NoPair { cert_file, key_file })?;
    Ok(certified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::process::Command;

    fn issue(dir: &Path, name: &str) -> Tls {
        std::fs::create_dir_all(dir).unwrap();
        let files = Tls { cert_file: dir.join(format!("{name}.pem")), key_file: dir.join(format!("{name}.key")) };
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
            ])
            .arg(format!("/CN={name}.example"))
            .args(["-addext", &format!("subjectAltName=DNS:{name}.example"), "-keyout"])
            .arg(&files.key_file)
            .arg("-out")
            .arg(&files.cert_file)
            .output()
            .expect("openssl is installed");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        files
    }

    fn directory(test: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("sealwax-tls-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        dir
    }

    #[test]
    fn the_post_quantum_hybrid_comes_first() {
        let groups: Vec<_> = provider().kx_groups.iter().map(|group| group.name()).collect();
        assert_eq!(groups.first(), Some(&rustls::NamedGroup::X25519MLKEM768), "{groups:?}");
    }

    #[test]
    fn a_new_pair_is_taken_and_a_broken_one_is_not() {
        let dir = directory("reload");
        let (first, second) = (issue(&dir, "first"), issue(&dir, "second"));
        let serving = ReloadingCertificate::load(&first).unwrap();
        let served = || serving.current.read().unwrap().0.cert[0].clone();
        let before = served();
        assert!(!serving.reload_if_changed().unwrap());
        std::fs::copy(&second.cert_file, &first.cert_file).unwrap();
        assert!(matches!(serving.reload_if_changed(), Err(TlsError::NoPair { .. })));
        assert_eq!(served(), before);
        std::fs::copy(&second.key_file, &first.key_file).unwrap();
        assert!(serving.reload_if_changed().unwrap());
        assert_ne!(served(), before);
        std::fs::write(&first.cert_file, "nothing").unwrap();
        assert!(matches!(serving.reload_if_changed(), Err(TlsError::Empty { .. })));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_everybody_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = directory("mode");
        let files = issue(&dir, "open");
        std::fs::set_permissions(&files.key_file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = ReloadingCertificate::load(&files).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
