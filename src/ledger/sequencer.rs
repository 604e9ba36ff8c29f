//! Gives what waits its place in the tree, under a lock of the database, so that any number of nodes may append.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseExecutor, DatabaseTransaction, FromQueryResult};
use serde_json::json;
use signed_note::Note;
use tlog_tiles::Checkpoint;
use uuid::Uuid;

use super::tree::{Place, Tiles, leaf};
use super::{Entry, Source, append, keys};
use crate::ambient::Ambient;
use crate::crypto::Keyring;
use crate::db::{self, Db};

/// Most entries of one transaction: few enough that nobody who writes waits long for it.
pub const BATCH: usize = 256;

/// What the sequencer needs.
pub struct Sequencer<'a> {
    /// The database.
    pub db: &'a Db,
    /// Time and randomness.
    pub ambient: &'a Ambient,
    /// Opens the key that signs.
    pub keyring: &'a Keyring,
    /// What the log is called, as [`keys::origin`] makes it.
    pub origin: &'a str,
    /// Where entries are kept.
    pub sources: &'a [Arc<dyn Source>],
}

#[derive(FromQueryResult)]
struct TreeRow {
    size: i64,
    checkpoint: Option<String>,
}

#[derive(FromQueryResult)]
struct Waiting {
    id: Uuid,
    source: String,
}

#[derive(FromQueryResult)]
struct TileRow {
    hashes: Vec<u8>,
}

/// How many leaves the tree has, and its signed head.
pub async fn head<C: ConnectionTrait>(connection: &C) -> Result<(u64, Option<String>), db::Error> {
    let row = db::one::<TreeRow, _>(connection, "SELECT size, checkpoint FROM ledger_tree", vec![]).await?;
    let row = row.ok_or_else(|| damaged("ledger_tree has no row"))?;
    Ok((u64::try_from(row.size).map_err(damaged)?, row.checkpoint))
}

/// These tiles, as they are kept; what is missing is missing.
pub async fn tiles<C: ConnectionTrait>(connection: &C, places: &[Place]) -> Result<Tiles, db::Error> {
    let mut tiles = Tiles::default();
    for place in places {
        let sql = "SELECT hashes FROM ledger_tiles WHERE level = ? AND number = ?";
        let number = i64::try_from(place.1).map_err(damaged)?;
        if let Some(row) = db::one::<TileRow, _>(connection, sql, vec![place.0.into(), number.into()]).await? {
            tiles.take(*place, row.hashes).map_err(|_| damaged(format!("tile {}/{} is damaged", place.0, place.1)))?;
        }
    }
    Ok(tiles)
}

fn damaged(what: impl std::fmt::Display) -> db::Error {
    db::Error::Other(format!("the ledger is damaged: {what}; see sealwax ledger verify"))
}

impl Sequencer<'_> {
    /// Sequences everything that waits, a transaction after the other; gives how many entries there were.
    pub async fn run(&self) -> Result<usize, db::Error> {
        let mut all = 0;
        loop {
            let some = self.step().await?;
            all += some;
            if some < BATCH {
                return Ok(all);
            }
        }
    }

    /// Sequences at most [`BATCH`] entries in one transaction, or none.
    pub async fn step(&self) -> Result<usize, db::Error> {
        if waiting(self.db.reader(), 1).await?.is_empty() {
            return Ok(0);
        }
        let transaction = self.db.begin().await?;
        // Whoever comes second waits here for the first.
        db::execute(&transaction, "UPDATE ledger_tree SET size = size WHERE id = 1", vec![]).await?;
        let (size, _) = head(&transaction).await?;
        let batch = waiting(&transaction, BATCH).await?;
        if batch.is_empty() {
            return Ok(0);
        }
        let mut entries = HashMap::new();
        for source in self.sources {
            let ids: Vec<Uuid> = batch.iter().filter(|one| one.source == source.name()).map(|one| one.id).collect();
            entries.extend(source.canonical(DatabaseExecutor::Transaction(&transaction), &ids).await?);
        }
        let mut hashes = Vec::with_capacity(batch.len());
        let mut rows = Vec::with_capacity(batch.len() * 4);
        for one in &batch {
            let Some(entry) = entries.get(&one.id) else {
                tracing::error!(entry = %one.id, source = one.source, "an entry of the ledger is gone before it had its place");
                let body = json!({ "entry": one.id, "source": one.source });
                append(&transaction, self.ambient, Entry::new("ledger-entry-missing", body)).await?;
                continue;
            };
            let salt = self.ambient.bytes::<16>();
            let position = size + hashes.len() as u64;
            hashes.push(leaf(&salt, entry));
            rows.extend([
                i64::try_from(position).map_err(damaged)?.into(),
                one.source.as_str().into(),
                one.id.into(),
                salt.to_vec().into(),
            ]);
        }
        db::insert_rows(&transaction, "INSERT INTO ledger_leaves (position, source, id, salt)", 4, rows).await?;
        dequeue(&transaction, &batch).await?;
        self.grow(&transaction, size, &hashes).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        Ok(batch.len())
    }

    /// Adds the leaves to the tree, and signs its new head.
    async fn grow(
        &self,
        transaction: &DatabaseTransaction,
        size: u64,
        hashes: &[tlog_tiles::Hash],
    ) -> Result<(), db::Error> {
        let mut tree = tiles(transaction, &Tiles::edge(size)).await?;
        let changed = tree.append(size, hashes).map_err(|error| damaged(format!("{error:?}")))?;
        for ((level, number), hashes) in changed {
            let sql = "INSERT INTO ledger_tiles (level, number, hashes) VALUES (?, ?, ?) \
                       ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes";
            let number = i64::try_from(number).map_err(damaged)?;
            db::execute(transaction, sql, vec![level.into(), number.into(), hashes.into()]).await?;
        }
        let size = size + hashes.len() as u64;
        let root = tree.root(size).map_err(|error| damaged(format!("{error:?}")))?;
        let signer = keys::signer(transaction, self.ambient, self.keyring, self.origin).await?;
        let checkpoint = sign(self.origin, size, root, &signer).ok_or_else(|| damaged("its head can't be signed"))?;
        let sql = "UPDATE ledger_tree SET size = ?, checkpoint = ? WHERE id = 1";
        let values = vec![i64::try_from(size).map_err(damaged)?.into(), checkpoint.into()];
        db::execute(transaction, sql, values).await?;
        Ok(())
    }
}

/// The head of a tree as a signed note (c2sp.org/tlog-checkpoint).
fn sign(origin: &str, size: u64, root: tlog_tiles::Hash, signer: &signed_note::StandardSigner) -> Option<String> {
    let head = Checkpoint::new(origin, size, root, "").ok()?;
    let mut note = Note::new(&head.to_bytes(), &[]).ok()?;
    note.add_sigs(&[signer]).ok()?;
    String::from_utf8(note.to_bytes()).ok()
}

async fn waiting<C: ConnectionTrait>(connection: &C, most: usize) -> Result<Vec<Waiting>, db::Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    db::all(connection, "SELECT id, source FROM ledger_queue ORDER BY id LIMIT ?", vec![most.into()]).await
}

async fn dequeue<C: ConnectionTrait>(connection: &C, batch: &[Waiting]) -> Result<(), db::Error> {
    let marks = vec!["?"; batch.len()].join(",");
    let values = batch.iter().map(|one| one.id.into()).collect();
    db::execute(connection, &format!("DELETE FROM ledger_queue WHERE id IN ({marks})"), values).await?;
    Ok(())
}
