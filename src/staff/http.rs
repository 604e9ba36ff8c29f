//! Talking to providers over HTTPS: verified, without redirects, bounded in time and size.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use time::OffsetDateTime;
use tokio::net::TcpStream;
use url::Url;

use super::fault::Fault;
use crate::config::is_safe;

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Verifies servers with the certificates in `ca_file`, or with the system's.
pub fn tls_config(ca_file: Option<&Path>) -> Result<rustls::ClientConfig, String> {
    let builder = rustls::ClientConfig::builder();
    let Some(file) = ca_file else {
        let verified = builder.with_platform_verifier().map_err(|error| error.to_string())?;
        return Ok(verified.with_no_client_auth());
    };
    let told = |error: String| format!("{}: {error}", file.display());
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| told(error.to_string()))? {
        let certificate = certificate.map_err(|error| told(error.to_string()))?;
        roots.add(certificate).map_err(|error| told(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(told("holds no certificate".to_owned()));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Asks one provider.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
    timeout: Duration,
}

/// What a provider answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<header::HeaderValue>,
    /// Its clock, where it says what it shows.
    pub date: Option<OffsetDateTime>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body of an answer that says yes, as text.
    pub fn text(self) -> Result<String, Fault> {
        if self.status != 200 {
            return Err(Fault::new("status", self.status.to_string()));
        }
        String::from_utf8(self.body).map_err(|_| Fault::plain("unreadable"))
    }
}

impl Client {
    /// A client that takes at most `timeout` for one answer.
    pub fn new(ca_file: Option<&Path>, timeout: Duration) -> Result<Self, String> {
        let tls = tls_config(ca_file)?;
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeout)
            .timeout(timeout)
            // A code or a ticket counts once, so it is not sent over a connection that may just have ended.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("Sealwax/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { inner, tls: Arc::new(tls), timeout })
    }

    /// Gets what is at `url`.
    pub async fn get(&self, url: Url) -> Result<Answer, Fault> {
        self.send(reqwest::Request::new(reqwest::Method::GET, url)).await
    }

    /// Sends a request that somebody else has made.
    pub async fn call(&self, request: http::Request<Vec<u8>>) -> Result<Answer, Fault> {
        let request = request.try_into().map_err(|_| Fault::plain("unreadable"))?;
        self.send(request).await
    }

    async fn send(&self, request: reqwest::Request) -> Result<Answer, Fault> {
        // Addresses come from documents of the provider too.
        if !is_safe(request.url()) {
            return Err(Fault::new("address-unsafe", request.url().host_str().unwrap_or_default()));
        }
        let told = |error: reqwest::Error| {
            if error.is_timeout() { Fault::no_answer() } else { Fault::of_connection(&error) }
        };
        let mut response = self.inner.execute(request).await.map_err(told)?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
        let date = response.headers().get(header::DATE).and_then(|value| value.to_str().ok());
        let date = date.and_then(|text| httpdate::parse_http_date(text).ok()).map(OffsetDateTime::from);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Fault::plain("too-long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, content_type, date, body })
    }

    /// Until when the certificate of the server at `url` holds; `None` where there is no TLS.
    pub async fn certificate_until(&self, url: &Url) -> Result<Option<OffsetDateTime>, Fault> {
        if url.scheme() != "https" {
            return Ok(None);
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        certificate_until(&self.tls, host, port, self.timeout).await.map(Some)
    }
}

/// Until when the certificate that a TLS server shows holds. It has to be one that is trusted.
pub async fn certificate_until(
    tls: &Arc<rustls::ClientConfig>,
    host: &str,
    port: u16,
    timeout: Duration,
) -> Result<OffsetDateTime, Fault> {
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|_| Fault::plain("name-not-resolved"))?;
    let connected = async {
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
        tokio_rustls::TlsConnector::from(Arc::clone(tls)).connect(name, stream).await
    };
    let stream = tokio::time::timeout(timeout, connected).await.map_err(|_| Fault::no_answer())?;
    let stream = stream.map_err(|error| Fault::of_connection(&error))?;
    let shown = stream.get_ref().1.peer_certificates().and_then(|all| all.first());
    shown.and_then(|one| holds_until(one)).ok_or_else(|| Fault::plain("unreadable"))
}

/// Until when a certificate in DER holds.
pub fn holds_until(der: &[u8]) -> Option<OffsetDateTime> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Some(certificate.validity().not_after.to_datetime())
}
