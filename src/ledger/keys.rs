//! The key that signs the ledger's heads: Ed25519, made at the first head, sealed to the master key.

use sea_orm::{ConnectionTrait, FromQueryResult};
use signed_note::{StandardSigner, StandardVerifier, VerifierList, generate_key};
use zeroize::Zeroizing;

use crate::ambient::Ambient;
use crate::crypto::Keyring;
use crate::db;

/// What the sealed key says that it is.
const CONTEXT: &str = "ledger key";

#[derive(FromQueryResult)]
struct KeyRow {
    sealed: Vec<u8>,
}

#[derive(FromQueryResult)]
struct VerifierRow {
    verifier: String,
}

/// Randomness of the program for a library that asks in its own way.
struct Randomness<'a>(&'a Ambient);

impl rand_core::RngCore for Randomness<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.0.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.0.bytes())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.random.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rand_core::CryptoRng for Randomness<'_> {}

/// What the log is called in its heads (c2sp.org/tlog-checkpoint): the installation's address, without its scheme.
pub fn origin(public_url: &str) -> String {
    let address = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let plain = |c: &char| !c.is_whitespace() && *c != '+';
    format!("{}/ledger", address.chars().filter(plain).collect::<String>())
}

fn unusable(error: impl std::fmt::Display) -> db::Error {
    db::Error::Other(format!("the ledger's key can't be used: {error}"))
}

/// What signs for `origin`, made where there is nothing yet. In the transaction of the sequencer, so that two
/// nodes make one.
pub async fn signer<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    keyring: &Keyring,
    origin: &str,
) -> Result<StandardSigner, db::Error> {
    let sql = "SELECT sealed FROM ledger_keys WHERE name = ? ORDER BY id DESC LIMIT 1";
    let secret = if let Some(row) = db::one::<KeyRow, _>(connection, sql, vec![origin.into()]).await? {
        let secret = keyring.open_own(CONTEXT, &row.sealed).map_err(unusable)?;
        Zeroizing::new(std::str::from_utf8(&secret).map_err(unusable)?.to_owned())
    } else {
        let (secret, verifier) = generate_key(&mut Randomness(ambient), origin);
        let secret = Zeroizing::new(secret);
        let sealed = keyring.seal_own(CONTEXT, secret.as_bytes()).map_err(unusable)?;
        let sql = "INSERT INTO ledger_keys (id, name, verifier, sealed, created_at) VALUES (?, ?, ?, ?, ?)";
        let values = vec![ambient.new_id().into(), origin.into(), verifier.into(), sealed.into(), ambient.now().into()];
        db::execute(connection, sql, values).await?;
        secret
    };
    StandardSigner::new(&secret).map_err(|_| unusable("it is not readable"))
}

/// The public halves of every key that has signed heads, newest first.
pub async fn verifiers<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, db::Error> {
    let sql = "SELECT verifier FROM ledger_keys ORDER BY id DESC";
    let rows = db::all::<VerifierRow, _>(connection, sql, vec![]).await?;
    Ok(rows.into_iter().map(|row| row.verifier).collect())
}

/// What knows the signatures of these keys; the first that is unreadable where one is.
pub fn known(verifiers: &[String]) -> Result<VerifierList, String> {
    let mut list: Vec<Box<dyn signed_note::Verifier>> = Vec::new();
    for text in verifiers {
        list.push(Box::new(StandardVerifier::new(text.trim()).map_err(|_| text.clone())?));
    }
    Ok(VerifierList::new(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_called_by_the_address_of_its_installation() {
        assert_eq!(origin("https://forms.example"), "forms.example/ledger");
        assert_eq!(origin("http://127.0.0.1:8080"), "127.0.0.1:8080/ledger");
        assert!(signed_note::is_key_name_valid(&origin("https://a+b c.example")));
    }
}
