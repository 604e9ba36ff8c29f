//! What the ledger says of a consent event: who was asked for what, in which words, under which versions (GDPR Art. 7
//! §1; ISO/IEC TS 27560). By ids and hashes, and nothing that says who somebody is.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, FromQueryResult, QueryResult};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::crypto::hex;
use crate::db;
use crate::ledger::{Source, canonical, moment};

/// The consent events, as entries of the ledger.
pub struct Events;

struct EventRow {
    id: Uuid,
    site_id: Uuid,
    submission_id: Uuid,
    subject_id: Uuid,
    action: String,
    method: String,
    lang: String,
    touchpoint: String,
    purpose_version_id: Uuid,
    wording_sha256: Vec<u8>,
    policy_version_id: Uuid,
    form_version_id: Uuid,
    site_version_id: Option<Uuid>,
    occurred_at: OffsetDateTime,
}

// By place and not by name, because there may be millions of them.
impl FromQueryResult for EventRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            site_id: row.try_get_by_index(1)?,
            submission_id: row.try_get_by_index(2)?,
            subject_id: row.try_get_by_index(3)?,
            action: row.try_get_by_index(4)?,
            method: row.try_get_by_index(5)?,
            lang: row.try_get_by_index(6)?,
            touchpoint: row.try_get_by_index(7)?,
            purpose_version_id: row.try_get_by_index(8)?,
            wording_sha256: row.try_get_by_index(9)?,
            policy_version_id: row.try_get_by_index(10)?,
            form_version_id: row.try_get_by_index(11)?,
            site_version_id: row.try_get_by_index(12)?,
            occurred_at: row.try_get_by_index(13)?,
        })
    }
}

#[derive(FromQueryResult)]
struct VersionRow {
    id: Uuid,
    sha256: String,
}

/// One published version: its id, and the SHA-256 of its canonical form.
#[derive(Serialize)]
struct Shown<'a> {
    id: Uuid,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Leaf<'a> {
    id: Uuid,
    at: String,
    kind: &'static str,
    action: &'a str,
    method: &'a str,
    lang: &'a str,
    touchpoint: &'a str,
    site: Uuid,
    submission: Uuid,
    subject: Uuid,
    /// The exact words beside the checkbox, as SHA-256.
    wording: String,
    purpose: Shown<'a>,
    policy: Shown<'a>,
    form: Shown<'a>,
    /// Who is responsible, as the site's version says.
    #[serde(skip_serializing_if = "Option::is_none")]
    controller: Option<Shown<'a>>,
}

const COLUMNS: &str = "SELECT id, site_id, submission_id, subject_id, action, method, lang, touchpoint, purpose_version_id, \
                       wording_sha256, policy_version_id, form_version_id, site_version_id, occurred_at \
                       FROM consent_events WHERE id IN";

/// The hashes of these versions.
async fn hashes<C: ConnectionTrait>(
    connection: &C,
    table: &str,
    ids: impl Iterator<Item = Uuid>,
    into: &mut HashMap<Uuid, String>,
) -> Result<(), db::Error> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let rows =
        db::by_ids::<VersionRow, _>(connection, &format!("SELECT id, sha256 FROM {table} WHERE id IN"), &ids).await?;
    into.extend(rows.into_iter().map(|row| (row.id, row.sha256)));
    Ok(())
}

impl Source for Events {
    fn name(&self) -> &'static str {
        "consent"
    }

    fn table(&self) -> &'static str {
        "consent_events"
    }

    fn canonical<'a>(
        &'a self,
        connection: DatabaseExecutor<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<(Uuid, String)>, db::Error>> {
        Box::pin(async move {
            let rows = db::by_ids::<EventRow, _>(&connection, COLUMNS, ids).await?;
            let mut known = HashMap::new();
            hashes(&connection, "purpose_versions", rows.iter().map(|row| row.purpose_version_id), &mut known).await?;
            hashes(&connection, "policy_versions", rows.iter().map(|row| row.policy_version_id), &mut known).await?;
            hashes(&connection, "form_versions", rows.iter().map(|row| row.form_version_id), &mut known).await?;
            hashes(&connection, "site_versions", rows.iter().filter_map(|row| row.site_version_id), &mut known).await?;
            // A version that is gone leaves the hash empty, and the entry is another than it was.
            let shown = |id: Uuid| Shown { id, sha256: known.get(&id).map_or("", String::as_str) };
            let leaves = rows.iter().filter_map(|row| {
                let leaf = Leaf {
                    id: row.id,
                    at: moment(row.occurred_at),
                    kind: "consent",
                    action: &row.action,
                    method: &row.method,
                    lang: &row.lang,
                    touchpoint: &row.touchpoint,
                    site: row.site_id,
                    submission: row.submission_id,
                    subject: row.subject_id,
                    wording: hex(&row.wording_sha256),
                    purpose: shown(row.purpose_version_id),
                    policy: shown(row.policy_version_id),
                    form: shown(row.form_version_id),
                    controller: row.site_version_id.map(shown),
                };
                Some((row.id, canonical(&leaf)?))
            });
            Ok(leaves.collect())
        })
    }
}
