//! Opening an `EncryptedAssertion` (XML Encryption 1.1). The response around it is signed and verified
//! before, so nobody can try what happens with altered bytes.
//!
//! AES-128 and AES-256 (CBC or GCM) under a key that is encrypted by RSA-OAEP. RSA PKCS#1 v1.5 is left
//! out on purpose.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use zeroize::Zeroizing;

use super::xml::{Element, Ns};
use super::{SamlError, decoded};

/// The only way in which the key is encrypted; its SHA-1 is no signature, and not weak here.
pub(super) const RSA_OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

/// How an assertion may be encrypted, best first.
pub(super) const METHODS: [&str; 4] = [
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
];

const SHUT: SamlError = SamlError::Refused("the encrypted assertion can't be opened: it may be for another key");

/// Opens it and gives the XML of the assertion.
pub(super) fn open(encrypted: &Element, key: &KeyPair) -> Result<String, SamlError> {
    let data = encrypted.only(Ns::Encryption, "EncryptedData")?.ok_or(SHUT)?;
    let mut keys = Vec::new();
    encrypted.walk(&mut |_, element| {
        if element.is(Ns::Encryption, "EncryptedKey") {
            keys.push(element);
        }
        Ok(())
    })?;
    let [sealed_key] = keys[..] else {
        return Err(SamlError::Refused("the assertion must be encrypted to one key, which is ours"));
    };
    let content_key = open_key(sealed_key, key)?;
    let method = method(data)?;
    let mut content = cipher_value(data)?;
    let opened = match (METHODS.iter().position(|known| *known == method), content_key.len()) {
        (Some(0), 16) => open_gcm(UnboundKey::new(&AES_128_GCM, &content_key), &mut content)?,
        (Some(1), 32) => open_gcm(UnboundKey::new(&AES_256_GCM, &content_key), &mut content)?,
        (Some(2), 16) => open_cbc(UnboundCipherKey::new(&AES_128, &content_key), &mut content)?,
        (Some(3), 32) => open_cbc(UnboundCipherKey::new(&AES_256, &content_key), &mut content)?,
        (Some(_), _) => return Err(SHUT),
        (None, _) => {
            return Err(SamlError::Refused(
                "the assertion is encrypted by a method that is not supported: let the provider use AES-128 or AES-256 \
                 (CBC or GCM), or send assertions unencrypted over TLS",
            ));
        }
    };
    String::from_utf8(opened.to_vec()).map_err(|_| SHUT)
}

fn open_key(sealed: &Element, key: &KeyPair) -> Result<Zeroizing<Vec<u8>>, SamlError> {
    let means = sealed.only(Ns::Encryption, "EncryptionMethod")?.ok_or(SHUT)?;
    let digest = means.only(Ns::Signature, "DigestMethod")?.and_then(|digest| digest.attribute("Algorithm"));
    let plain = means.children.iter().all(|child| child.is(Ns::Signature, "DigestMethod"));
    if method(sealed)? != RSA_OAEP || digest.is_some_and(|digest| digest != SHA1) || !plain {
        return Err(SamlError::Refused(
            "the assertion's key is encrypted by a method that is not supported: let the provider use \
             rsa-oaep-mgf1p with SHA-1 (RSA 1.5 is never accepted), or send assertions unencrypted over TLS",
        ));
    }
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(key).map_err(|_| SHUT)?;
    let private = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| SHUT)?;
    let private = OaepPrivateDecryptingKey::new(private).map_err(|_| SHUT)?;
    let mut opened = Zeroizing::new(vec![0; private.min_output_size()]);
    let length =
        private.decrypt(&OAEP_SHA1_MGF1SHA1, &cipher_value(sealed)?, &mut opened, None).map_err(|_| SHUT)?.len();
    opened.truncate(length);
    Ok(opened)
}

/// The nonce stands before the content, the tag behind it (XML Encryption 1.1 §5.2.4).
fn open_gcm<E>(key: Result<UnboundKey, E>, content: &mut [u8]) -> Result<&[u8], SamlError> {
    let key = LessSafeKey::new(key.map_err(|_| SHUT)?);
    let (nonce, content) = content.split_at_mut_checked(12).ok_or(SHUT)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SHUT)?;
    key.open_in_place(nonce, Aad::empty(), content).map(|opened| &*opened).map_err(|_| SHUT)
}

/// The last byte says how many bytes of padding there are (XML Encryption 1.1 §5.2.3).
fn open_cbc<E>(key: Result<UnboundCipherKey, E>, content: &mut [u8]) -> Result<&[u8], SamlError> {
    let key = DecryptingKey::cbc(key.map_err(|_| SHUT)?).map_err(|_| SHUT)?;
    let (iv, content) = content.split_first_chunk_mut::<16>().ok_or(SHUT)?;
    let context = DecryptionContext::Iv128(FixedLength::from(*iv));
    let opened = key.decrypt(content, context).map_err(|_| SHUT)?;
    let padding = usize::from(*opened.last().ok_or(SHUT)?);
    let length = opened.len().checked_sub(padding).filter(|_| (1..=16).contains(&padding)).ok_or(SHUT)?;
    Ok(&opened[..length])
}

fn method(encrypted: &Element) -> Result<&str, SamlError> {
    let method = encrypted.only(Ns::Encryption, "EncryptionMethod")?;
    method.and_then(|method| method.attribute("Algorithm")).ok_or(SHUT)
}

fn cipher_value(encrypted: &Element) -> Result<Vec<u8>, SamlError> {
    let data = encrypted.only(Ns::Encryption, "CipherData")?.ok_or(SHUT)?;
    decoded(&data.only(Ns::Encryption, "CipherValue")?.ok_or(SHUT)?.text)
}
