//! Proofs that entries are in the tree, to be checked without this installation (RFC 9162 §2.1.3).

use std::collections::HashMap;

use sea_orm::{DatabaseExecutor, FromQueryResult};
use serde::{Deserialize, Serialize};
use signed_note::Note;
use tlog_tiles::Checkpoint;
use tlog_tiles::tlog::{Hash, check_record, prove_record};
use uuid::Uuid;

use super::tree::{Tiles, leaf};
use super::{Source, keys, sequencer};
use crate::crypto::hex;
use crate::db::{self, Db};

/// An entry, and what proves that it is a leaf of a signed tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The entry in canonical JSON (RFC 8785), as it was hashed.
    pub entry: String,
    /// The leaf's salt: 16 bytes in hexadecimal.
    pub salt: String,
    /// The leaf's place, from 0.
    pub position: u64,
    /// The hashes beside the way from the leaf to the root, in Base64, from below.
    pub path: Vec<String>,
}

/// Entries with the signed head of the tree that they are proved to be in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proofs {
    /// The head (c2sp.org/tlog-checkpoint).
    pub checkpoint: String,
    /// The public key of the head's signature (c2sp.org/signed-note).
    pub verifier: String,
    /// The entries.
    pub entries: Vec<Proof>,
}

/// Why proofs prove nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// The key that is to be believed can't be read.
    #[error("the verifier key is not readable")]
    Key,
    /// The head is none, or is not signed by that key.
    #[error("the signed head does not count: {0}")]
    Head(String),
    /// An entry is not what was recorded, or its proof is not whole.
    #[error("entry {0} is not in the signed tree")]
    Entry(u64),
}

#[derive(FromQueryResult)]
struct LeafRow {
    position: i64,
    id: Uuid,
    salt: Option<Vec<u8>>,
}

/// What proves these entries; nothing while one of them waits for its place, or was erased.
pub async fn of(db: &Db, source: &dyn Source, ids: &[Uuid]) -> Result<Option<Proofs>, db::Error> {
    // Everything as it is at one moment.
    let snapshot = db.begin_snapshot().await?;
    let (size, checkpoint) = sequencer::head(&snapshot).await?;
    let verifier = keys::verifiers(&snapshot).await?.into_iter().next();
    let (Some(checkpoint), Some(verifier)) = (checkpoint, verifier) else { return Ok(None) };
    let rows =
        db::by_ids::<LeafRow, _>(&snapshot, "SELECT position, id, salt FROM ledger_leaves WHERE id IN", ids).await?;
    let canonical: HashMap<Uuid, String> =
        source.canonical(DatabaseExecutor::Transaction(&snapshot), ids).await?.into_iter().collect();
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        let row = rows.iter().find(|row| row.id == *id);
        let found = row.and_then(|row| {
            Some((u64::try_from(row.position).ok().filter(|at| *at < size)?, row.salt.as_ref()?, canonical.get(id)?))
        });
        let Some((position, salt, entry)) = found else { return Ok(None) };
        let tiles = sequencer::tiles(&snapshot, &Tiles::above(position, size)).await?;
        let damaged = |error| db::Error::Other(format!("the ledger is damaged: {error:?}"));
        let path = prove_record(size, position, &tiles).map_err(damaged)?;
        let path = path.iter().map(ToString::to_string).collect();
        entries.push(Proof { entry: entry.clone(), salt: hex(salt), position, path });
    }
    Ok(Some(Proofs { checkpoint, verifier, entries }))
}

impl Proofs {
    /// Checks the head's signature with `verifier`, or with the key that came along, and every entry against the head.
    /// Gives the name of the log and how many entries it had.
    pub fn check(&self, verifier: Option<&str>) -> Result<(String, u64), Unproved> {
        let known = keys::known(&[verifier.unwrap_or(&self.verifier).to_owned()]).map_err(|_| Unproved::Key)?;
        let note = Note::from_bytes(self.checkpoint.as_bytes()).map_err(|error| Unproved::Head(error.to_string()))?;
        note.verify(&known).map_err(|error| Unproved::Head(error.to_string()))?;
        let head = Checkpoint::from_bytes(note.text()).map_err(|error| Unproved::Head(error.to_string()))?;
        for entry in &self.entries {
            let wrong = || Unproved::Entry(entry.position);
            let salt = unhex(&entry.salt).filter(|salt| salt.len() == 16).ok_or_else(wrong)?;
            let path: Option<Vec<Hash>> = entry.path.iter().map(|hash| Hash::parse_hash(hash).ok()).collect();
            // A tree that is deeper than 64 is none.
            let path = path.filter(|path| path.len() <= 64).ok_or_else(wrong)?;
            if entry.position >= head.size() {
                return Err(wrong());
            }
            let leaf = leaf(&salt, &entry.entry);
            check_record(&path, head.size(), *head.hash(), entry.position, leaf).map_err(|_| wrong())?;
        }
        Ok((head.origin().to_owned(), head.size()))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !text.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
