//! Mail: through an SMTP server, or into a directory where none is configured.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;

use crate::config::{Config, StartTls};

/// How long the server may take for each step.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a mail did not leave. Says nothing of whom it was for.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The settings can't be used.
    #[error("[mail] cannot be used: {0}")]
    Settings(String),
    /// The address can't be written to.
    #[error("the address cannot be written to")]
    Address,
    /// The server, or the directory.
    #[error("{0}")]
    Transport(&'static str),
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Directory(AsyncFileTransport<Tokio1Executor>),
}

/// Sends mail.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

impl Mailer {
    /// As configured; `None` where nothing is.
    pub fn new(config: &Config) -> Result<Option<Self>, MailError> {
        let Some(mail) = &config.mail else { return Ok(None) };
        let settings = |error: &dyn std::fmt::Display| MailError::Settings(error.to_string());
        let host = url::Url::parse(&config.public_url()).ok().and_then(|url| url.host_str().map(str::to_owned));
        let from = mail.from.clone().unwrap_or_else(|| {
            let host = host.filter(|host| host.parse::<std::net::IpAddr>().is_err());
            format!("Sealwax <sealwax@{}>", host.unwrap_or_else(|| "localhost".to_owned()))
        });
        let from = from.parse().map_err(|error| settings(&format!("mail.from: {error}")))?;
        let way = match (&mail.smtp, &mail.directory) {
            (Some(url), _) => {
                type Smtp = AsyncSmtpTransport<Tokio1Executor>;
                let host = url.host_str().unwrap_or_default();
                let builder = match (url.scheme(), mail.starttls) {
                    ("smtps", _) => Smtp::relay(host).map_err(|error| settings(&error))?,
                    (_, StartTls::Required) => Smtp::starttls_relay(host).map_err(|error| settings(&error))?,
                    (_, StartTls::None) => Smtp::builder_dangerous(host),
                };
                let mut builder = builder.timeout(Some(PATIENCE));
                if let Some(port) = url.port() {
                    builder = builder.port(port);
                }
                if !url.username().is_empty() {
                    let user = percent_encoding::percent_decode_str(url.username()).decode_utf8_lossy().into_owned();
                    let password = mail.password.as_ref().map_or("", |password| password.expose_secret());
                    builder = builder.credentials(Credentials::new(user, password.to_owned()));
                }
                Way::Smtp(Box::new(builder.build()))
            }
            (None, Some(directory)) => {
                crate::app::private_directory(directory).map_err(|error| settings(&error))?;
                Way::Directory(AsyncFileTransport::new(directory))
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Self { from, way }))
    }

    /// Sends a text; comes back when the server has taken it.
    pub async fn send(&self, to: &str, subject: &str, text: String) -> Result<(), MailError> {
        let to = to.parse().map(|address| Mailbox::new(None, address)).map_err(|_| MailError::Address)?;
        let mail = Message::builder().from(self.from.clone()).to(to).subject(subject).message_id(None);
        // Keeps away the answers of absence notes (RFC 3834 §5).
        let mail = mail.header(AutoSubmitted).header(ContentType::TEXT_PLAIN).body(text);
        let mail = mail.map_err(|_| MailError::Address)?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(mail).await.map(drop).map_err(|error| {
                // The server's own words may quote the address.
                MailError::Transport(match () {
                    () if error.is_timeout() => "the mail server took too long",
                    () if error.is_permanent() => "the mail server refused the mail",
                    () if error.is_transient() => "the mail server does not take the mail just now",
                    () if error.is_tls() => "the mail server's TLS failed",
                    () => "the mail server can't be reached",
                })
            }),
            Way::Directory(directory) => directory
                .send(mail)
                .await
                .map(drop)
                .map_err(|_| MailError::Transport("mail.directory can't be written")),
        }
    }
}

#[derive(Debug, Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
