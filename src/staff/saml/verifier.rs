//! The one place that calls samael, and through it xmlsec and libxml2. Only what [`super::screen`] let
//! pass comes here.

use std::sync::OnceLock;

use samael::crypto::{AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider as _, ReduceMode};

use super::{IdentityProvider, SamlError};

/// Functions of xmlsec that samael does not offer. Both only set what the library does from then on.
#[expect(
    unsafe_code,
    reason = "a declaration of C functions is unsafe as a whole; both take nothing that could be wrong"
)]
mod xmlsec {
    use std::ffi::c_int;

    unsafe extern "C" {
        /// Forgets every way to open a file or an address.
        pub safe fn xmlSecIOCleanupCallbacks();
        /// Whether errors are printed on standard error.
        pub safe fn xmlSecErrorsDefaultCallbackEnableOutput(enabled: c_int);
    }
}

/// Starts xmlsec once, takes every way from it to open files and addresses, and silences it: it
/// would print lines for every message that anybody sends.
pub(super) fn make_ready(certificate: &[u8]) -> Result<(), SamlError> {
    static READY: OnceLock<bool> = OnceLock::new();
    let ready = READY.get_or_init(|| {
        xmlsec::xmlSecErrorsDefaultCallbackEnableOutput(0);
        // Loading a key is what starts the library. That nothing is signed here is the expected end.
        let certificate = CertificateDer::from(certificate.to_vec());
        let started = matches!(
            Crypto::verify_signed_xml("<nothing/>", &certificate, None),
            Err(samael::crypto::CryptoError::CryptoProviderError(error)) if error.to_string().contains("find node")
        );
        xmlsec::xmlSecIOCleanupCallbacks();
        xmlsec::xmlSecErrorsDefaultCallbackEnableOutput(0);
        started
    });
    if *ready { Ok(()) } else { Err(SamlError::Misconfigured("the library xmlsec1 could not be started".to_owned())) }
}

/// Verifies what one provider signed.
pub(super) struct SamlVerifier<'a> {
    certificates: &'a [Vec<u8>],
}

impl<'a> SamlVerifier<'a> {
    /// Trusts the certificates in the provider's metadata, and no others.
    pub fn new(idp: &'a IdentityProvider) -> Result<Self, SamlError> {
        let certificates = idp.certificates.as_slice();
        // Without one, samael takes everything.
        let first = certificates.first().ok_or(SamlError::Refused("the provider has no certificate"))?;
        make_ready(first)?;
        Ok(Self { certificates })
    }

    /// Verifies every signature in `xml` and gives what they cover, as it was digested: the whole
    /// message when it is signed, else the assertion in it.
    pub fn signed_part(&self, xml: &str) -> Result<String, SamlError> {
        let allowed = [
            AllowedSignatureAlgorithm::RsaSha256,
            AllowedSignatureAlgorithm::RsaSha384,
            AllowedSignatureAlgorithm::RsaSha512,
            AllowedSignatureAlgorithm::EcdsaSha256,
            AllowedSignatureAlgorithm::EcdsaSha384,
        ];
        // All at once, for each signature may be of another key; then one by one, for a key of the wrong
        // kind ends the search instead of being passed over.
        let every = std::iter::once(self.certificates);
        let each = self.certificates.chunks(1).filter(|_| self.certificates.len() > 1);
        for certificates in every.chain(each) {
            let certificates: Vec<_> = certificates.iter().cloned().map(CertificateDer::from).collect();
            let mode = ReduceMode::PreDigest;
            let part = Crypto::reduce_xml_to_signed_with_allowed_algorithms(xml, &certificates, mode, Some(&allowed));
            if let Ok(part) = part {
                return Ok(part);
            }
        }
        Err(SamlError::Refused("the signature is not the provider's, or something was altered"))
    }
}
