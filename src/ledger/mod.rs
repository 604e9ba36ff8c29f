//! The ledger: an append-only, tamper-evident record of consents, of publications and of what staff did.
//!
//! What happened is written in the transaction of what it records, here or in a table of its own feature, together with
//! a row of the queue. The [`sequencer`] gives everything that waits its place as a leaf of one Merkle tree (RFC 9162)
//! and signs the tree's head. A leaf is the SHA-256 of `0x00`, a random salt of 16 bytes and the entry in canonical JSON
//! (RFC 8785), which holds no personal data: without its salt, a leaf says nothing of its entry.

pub mod keys;
pub mod proof;
pub mod sequencer;
pub mod tree;
pub mod verify;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, FromQueryResult, QueryResult};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ambient::Ambient;
use crate::db;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Entry {
    kind: &'static str,
    actor: Option<Uuid>,
    subject: Option<Uuid>,
    body: Value,
}

impl Entry {
    /// An entry of `kind`. `body` must hold no personal data.
    pub fn new(kind: &'static str, body: Value) -> Self {
        Self { kind, actor: None, subject: None, body }
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, staff: Uuid) -> Self {
        self.actor = Some(staff);
        self
    }

    /// What it was done to.
    #[must_use]
    pub fn about(mut self, subject: Uuid) -> Self {
        self.subject = Some(subject);
        self
    }
}

/// Writes an entry in the transaction of what it records.
pub async fn append<C: ConnectionTrait>(connection: &C, ambient: &Ambient, entry: Entry) -> Result<(), db::Error> {
    append_all(connection, ambient, vec![entry]).await
}

/// Writes several.
pub async fn append_all<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    entries: Vec<Entry>,
) -> Result<(), db::Error> {
    let mut ids = Vec::with_capacity(entries.len());
    let mut values: Vec<sea_orm::Value> = Vec::with_capacity(entries.len() * 6);
    for entry in entries {
        let body = canonical(&entry.body).ok_or_else(|| db::Error::Other("an entry is no JSON".to_owned()))?;
        let id = ambient.new_id();
        ids.push(id);
        values.extend([
            id.into(),
            ambient.now().into(),
            entry.kind.into(),
            entry.actor.into(),
            entry.subject.into(),
            body.into(),
        ]);
    }
    let head = "INSERT INTO ledger_entries (id, occurred_at, kind, actor_id, subject_id, body)";
    db::insert_rows(connection, head, 6, values).await?;
    queue(connection, Entries.name(), &ids).await
}

/// Lets entries wait for their place in the tree, in the transaction of what they record.
pub async fn queue<C: ConnectionTrait>(connection: &C, source: &'static str, ids: &[Uuid]) -> Result<(), db::Error> {
    let values = ids.iter().flat_map(|id| [(*id).into(), source.into()]).collect();
    db::insert_rows(connection, "INSERT INTO ledger_queue (id, source)", 2, values).await
}

/// Where entries of the ledger are kept, and what each says.
pub trait Source: Send + Sync {
    /// The name in the queue and at the leaves.
    fn name(&self) -> &'static str;

    /// The table that holds one row an entry, by `id`.
    fn table(&self) -> &'static str;

    /// Those of these entries that are there, in canonical JSON (RFC 8785).
    fn canonical<'a>(
        &'a self,
        connection: DatabaseExecutor<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<(Uuid, String)>, db::Error>>;
}

/// Publications and what staff did: the ledger's own table.
pub struct Entries;

struct EntryLine {
    id: Uuid,
    occurred_at: OffsetDateTime,
    kind: String,
    actor_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    body: String,
}

// By place and not by name, because there may be millions of them.
impl FromQueryResult for EntryLine {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            occurred_at: row.try_get_by_index(1)?,
            kind: row.try_get_by_index(2)?,
            actor_id: row.try_get_by_index(3)?,
            subject_id: row.try_get_by_index(4)?,
            body: row.try_get_by_index(5)?,
        })
    }
}

#[derive(Serialize)]
struct EntryLeaf<'a> {
    id: Uuid,
    at: String,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Uuid>,
    body: Value,
}

impl Source for Entries {
    fn name(&self) -> &'static str {
        "entry"
    }

    fn table(&self) -> &'static str {
        "ledger_entries"
    }

    fn canonical<'a>(
        &'a self,
        connection: DatabaseExecutor<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<(Uuid, String)>, db::Error>> {
        Box::pin(async move {
            let sql = "SELECT id, occurred_at, kind, actor_id, subject_id, body FROM ledger_entries WHERE id IN";
            let rows = db::by_ids::<EntryLine, _>(&connection, sql, ids).await?;
            // What is no JSON any more is as good as gone, and found out as that.
            let leaves = rows.into_iter().filter_map(|row| {
                let body = serde_json::from_str(&row.body).ok()?;
                let leaf = EntryLeaf {
                    id: row.id,
                    at: moment(row.occurred_at),
                    kind: &row.kind,
                    actor: row.actor_id,
                    subject: row.subject_id,
                    body,
                };
                Some((row.id, canonical(&leaf)?))
            });
            Ok(leaves.collect())
        })
    }
}

/// A moment as entries tell it: RFC 3339 in UTC, with microseconds.
pub fn moment(at: OffsetDateTime) -> String {
    // What is out of the calendar in UTC was not written by this program.
    let at = at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!("{}T{:02}:{:02}:{:02}.{:06}Z", at.date(), at.hour(), at.minute(), at.second(), at.microsecond())
}

/// In canonical JSON (RFC 8785).
pub fn canonical<T: Serialize>(entry: &T) -> Option<String> {
    serde_json_canonicalizer::to_string(entry).ok()
}

/// An entry as it is kept, with the name of the staff member who caused it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct EntryRow {
    /// When it happened.
    pub occurred_at: OffsetDateTime,
    /// Its kind.
    pub kind: String,
    /// The account's name, where there is one.
    pub actor: Option<String>,
}

/// The last `most` entries about `subject`, newest first.
pub async fn about<C: ConnectionTrait>(connection: &C, subject: Uuid, most: u64) -> Result<Vec<EntryRow>, db::Error> {
    let sql = "SELECT e.occurred_at, e.kind, s.name AS actor FROM ledger_entries e \
               LEFT JOIN staff s ON s.id = e.actor_id WHERE e.subject_id = ? ORDER BY e.id DESC LIMIT ?";
    db::all(connection, sql, vec![subject.into(), i64::try_from(most).unwrap_or(i64::MAX).into()]).await
}
