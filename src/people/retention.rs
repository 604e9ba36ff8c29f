//! Erases what is due (GDPR Art. 5 §1(e)): each purpose's part of a submission when its retention period has ended.
//!
//! In small transactions, so that nobody who writes waits long, each of which is whole: what is left is found again the next
//! time, whatever came between. On PostgreSQL several nodes take different parts.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ambient::Ambient;
use crate::db::{self, Db};
use crate::ledger::{self, Entry};

/// Parts of one transaction.
pub const BATCH: u32 = 64;

#[derive(FromQueryResult)]
struct DueRow {
    submission_id: Uuid,
    purpose_id: Uuid,
}

#[derive(FromQueryResult)]
struct CountRow {
    site: String,
    purpose: String,
    count: i64,
}

/// How many parts are due until `until`, by site and purpose.
pub async fn due<C: ConnectionTrait>(
    connection: &C,
    until: OffsetDateTime,
) -> Result<BTreeMap<(String, String), u64>, db::Error> {
    let sql = "SELECT s.slug AS site, p.slug AS purpose, COUNT(*) AS count FROM submission_parts x \
               JOIN purposes p ON p.id = x.purpose_id JOIN sites s ON s.id = p.site_id \
               WHERE x.expires_at <= ? GROUP BY s.slug, p.slug";
    let rows = db::all::<CountRow, _>(connection, sql, vec![until.into()]).await?;
    Ok(rows.into_iter().map(|row| ((row.site, row.purpose), u64::try_from(row.count).unwrap_or(0))).collect())
}

/// Erases everything that is due now, a batch after the other; gives how many parts there were.
pub async fn run(db: &Db, ambient: &Ambient) -> Result<u64, db::Error> {
    let mut all = 0;
    loop {
        let some = step(db, ambient).await?;
        all += some;
        if some < u64::from(BATCH) {
            break;
        }
    }
    if all > 0 {
        db.scrub().await;
    }
    Ok(all)
}

/// Erases at most [`BATCH`] parts in one transaction.
pub async fn step(db: &Db, ambient: &Ambient) -> Result<u64, db::Error> {
    // Mostly there is nothing, and then nobody who writes has to wait.
    let sql = "SELECT submission_id, purpose_id FROM submission_parts WHERE expires_at <= ? LIMIT 1";
    if db::one::<DueRow, _>(db.reader(), sql, vec![ambient.now().into()]).await?.is_none() {
        return Ok(0);
    }
    let transaction = db.begin().await?;
    let lock = if db.is_sqlite() { "" } else { " FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "SELECT submission_id, purpose_id FROM submission_parts WHERE expires_at <= ? ORDER BY expires_at LIMIT ?{lock}"
    );
    let due = db::all::<DueRow, _>(&transaction, &sql, vec![ambient.now().into(), BATCH.into()]).await?;
    if due.is_empty() {
        return Ok(0);
    }
    // In a few fixed sizes, so that the statements stay prepared: padded with the last, which is erased once all the same.
    let size = [1, 8, BATCH as usize].into_iter().find(|size| *size >= due.len()).unwrap_or(due.len());
    let padded = || due.iter().chain(due.last().into_iter().cycle()).take(size);
    let pairs = vec!["(submission_id = ? AND purpose_id = ?)"; size].join(" OR ");
    for table in ["submission_parts", "uploads", "blind_indexes"] {
        let values: Vec<Value> = padded().flat_map(|one| [one.submission_id.into(), one.purpose_id.into()]).collect();
        db::execute(&transaction, &format!("DELETE FROM {table} WHERE {pairs}"), values).await?;
    }
    let entries = due.iter().map(|one| {
        let body = json!({ "submission": one.submission_id, "purpose": one.purpose_id, "reason": "expired" });
        Entry::new("part-erased", body).about(one.submission_id)
    });
    ledger::append_all(&transaction, ambient, entries.collect()).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(due.len() as u64)
}
