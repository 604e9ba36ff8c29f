//! What is wrong with a provider, in words for whoever can mend it: a stable code, which names the
//! message `fault-<code>`, and what fills it.

use std::error::Error;
use std::fmt;
use std::io;

use crate::sites::Lang;
use crate::words::Tongue;

/// What is wrong with a provider. Holds no personal data and no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Names the message.
    pub code: &'static str,
    /// Fills `{ $value }` in it.
    pub value: String,
    /// Which of the provider's servers, where it has several.
    pub server: Option<String>,
}

/// Every code, so that what is kept in the database finds its words again.
const CODES: [&str; 24] = [
    "name-not-resolved",
    "connection-refused",
    "connection-lost",
    "no-answer",
    "certificate-expired",
    "certificate-early",
    "certificate-foreign",
    "certificate-unknown",
    "tls",
    "status",
    "too-long",
    "unreadable",
    "bind-refused",
    "base-not-found",
    "filter-unreadable",
    "directory-answered",
    "attribute-missing",
    "too-many-groups",
    "issuer-differs",
    "address-unsafe",
    "client-refused",
    "clock",
    "metadata",
    "refused",
];

impl Fault {
    /// A fault with what fills its message.
    pub fn new(code: &'static str, value: impl Into<String>) -> Self {
        let value: String = value.into();
        // What comes from outside fills one short line.
        let value = value.chars().filter(|c| !c.is_control()).take(200).collect();
        Self { code, value, server: None }
    }

    /// A fault whose message says everything.
    pub fn plain(code: &'static str) -> Self {
        Self { code, value: String::new(), server: None }
    }

    /// The same of one of several servers, which its address names.
    #[must_use]
    pub fn at(self, server: &str) -> Self {
        let server = Some(server.to_owned()).filter(|server| !server.is_empty() && !server.contains(' '));
        Self { server, ..self }
    }

    /// No answer within the time that is allowed.
    pub fn no_answer() -> Self {
        Self::plain("no-answer")
    }

    /// What went wrong on the way to a server, found among the causes of `error`.
    pub fn of_connection(error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        let mut found = None;
        while let Some(cause) = next {
            found = told(cause).or(found);
            // An error of a stream wraps that of TLS without naming it as its cause.
            next = cause
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
                .map(|inner| inner as &(dyn Error + 'static))
                .or_else(|| cause.source());
        }
        found.unwrap_or_else(|| Self::plain("connection-lost"))
    }

    /// The words in a language.
    pub fn words(&self, t: Tongue) -> String {
        t.with1(&format!("fault-{}", self.code), "value", &self.value)
    }

    /// As it is kept in the database: the code, with the server behind it, and what fills the words.
    pub fn kept(&self) -> String {
        let at = self.server.as_ref().map_or_else(String::new, |server| format!("@{server}"));
        format!("{}{at} {}", self.code, self.value)
    }

    /// What was kept.
    pub fn parse(kept: &str) -> Option<Self> {
        let (code, value) = kept.split_once(' ').unwrap_or((kept, ""));
        let (code, server) =
            code.split_once('@').map_or((code, None), |(code, server)| (code, Some(server.to_owned())));
        let code = CODES.into_iter().find(|known| *known == code)?;
        Some(Self { code, value: value.to_owned(), server })
    }
}

impl Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Tongue::new(Lang::En)))
    }
}

/// What one error in a chain tells.
fn told(error: &(dyn Error + 'static)) -> Option<Fault> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        use rustls::CertificateError as C;
        let code = match error {
            rustls::Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => "certificate-expired",
            rustls::Error::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => "certificate-early",
            rustls::Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => {
                "certificate-foreign"
            }
            rustls::Error::InvalidCertificate(C::UnknownIssuer | C::BadSignature) => "certificate-unknown",
            other => return Some(Fault::new("tls", other.to_string())),
        };
        return Some(Fault::plain(code));
    }
    let error = error.downcast_ref::<io::Error>()?;
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Fault::plain("connection-refused")),
        io::ErrorKind::TimedOut => Some(Fault::no_answer()),
        // The resolver has no kind of its own.
        _ if error.to_string().contains("lookup address") => Some(Fault::plain("name-not-resolved")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_in_every_language_and_is_found_again() {
        for code in CODES {
            for lang in Lang::ALL {
                let words = Fault::new(code, "VALUE").words(Tongue::new(lang));
                assert!(!words.is_empty() && !words.contains("fault-"), "{code} in {lang}: {words}");
            }
            let fault = Fault::new(code, "a b");
            assert_eq!(Fault::parse(&fault.kept()), Some(fault.clone()));
            let fault = fault.at("ldaps://one.example:636");
            assert_eq!(Fault::parse(&fault.kept()), Some(fault));
        }
        assert_eq!(Fault::parse("nonsense x"), None);
    }

    #[test]
    fn a_fault_of_tls_is_found_within_that_of_a_stream() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let outer = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        assert_eq!(Fault::of_connection(&outer), Fault::plain("certificate-expired"));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(Fault::of_connection(&refused), Fault::plain("connection-refused"));
    }
}
