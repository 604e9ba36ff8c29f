//! The ledger: an append-only record of publications and of what staff did.
//!
//! Entries are canonical JSON (RFC 8785) without personal data, each with a salt of its own.

use sea_orm::{ConnectionTrait, FromQueryResult};
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
    let body = serde_json_canonicalizer::to_string(&entry.body).map_err(|error| db::Error::Other(error.to_string()))?;
    let sql = "INSERT INTO ledger_entries (id, occurred_at, kind, actor_id, subject_id, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values = vec![
        ambient.new_id().into(),
        ambient.now().into(),
        entry.kind.into(),
        entry.actor.into(),
        entry.subject.into(),
        ambient.bytes::<16>().to_vec().into(),
        body.into(),
    ];
    db::execute(connection, sql, values).await?;
    Ok(())
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
