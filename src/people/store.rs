//! Private links, and what taking a consent back does to what is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::LINK_LASTS;
use crate::ambient::Ambient;
use crate::consents::{Action, Events};
use crate::crypto::sha256;
use crate::db;
use crate::forms::Version;
use crate::ledger::{self, Entry, Source as _};
use crate::policies::PurposeDefinition;
use crate::policies::purposes::Withdrawal;
use crate::sites::Lang;

/// How somebody acts on their own page, in consent events.
const METHOD: &str = "self-service";

/// Most private links to one submission.
const MOST_LINKS: i32 = 10;

/// A private link.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LinkRow {
    /// What it shows.
    pub submission_id: Uuid,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Makes a private link to a submission; gives its token.
pub async fn make_link<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    submission: Uuid,
) -> Result<String, db::Error> {
    let token = URL_SAFE_NO_PAD.encode(ambient.bytes::<32>());
    let now = ambient.now();
    let sql = "INSERT INTO person_links (token_hash, submission_id, created_at, expires_at) VALUES (?, ?, ?, ?)";
    let values =
        vec![sha256(token.as_bytes()).to_vec().into(), submission.into(), now.into(), (now + LINK_LASTS).into()];
    db::execute(connection, sql, values).await?;
    // Whoever asks again and again has the newest, and the database not all of them.
    let sql = "DELETE FROM person_links WHERE submission_id = ? AND token_hash NOT IN \
               (SELECT token_hash FROM person_links WHERE submission_id = ? ORDER BY created_at DESC, token_hash LIMIT ?)";
    db::execute(connection, sql, vec![submission.into(), submission.into(), MOST_LINKS.into()]).await?;
    Ok(token)
}

/// The link with this token, if it has not ended.
pub async fn link<C: ConnectionTrait>(
    connection: &C,
    token: &str,
    now: OffsetDateTime,
) -> Result<Option<LinkRow>, db::Error> {
    let sql = "SELECT submission_id, expires_at FROM person_links WHERE token_hash = ?";
    let row = db::one::<LinkRow, _>(connection, sql, vec![sha256(token.as_bytes()).to_vec().into()]).await?;
    Ok(row.filter(|row| now < row.expires_at))
}

/// Deletes links that have ended.
pub async fn sweep<C: ConnectionTrait>(connection: &C, now: OffsetDateTime) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM person_links WHERE expires_at < ?", vec![now.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct FoundRow {
    id: Uuid,
    received_at: OffsetDateTime,
}

/// The submission to this form that people quote by `reference`, and when it came.
pub async fn by_reference<C: ConnectionTrait>(
    connection: &C,
    form: Uuid,
    reference: &str,
) -> Result<Option<(Uuid, OffsetDateTime)>, db::Error> {
    let sql = "SELECT id, received_at FROM submissions WHERE reference = ? AND form_id = ?";
    let row = db::one::<FoundRow, _>(connection, sql, vec![reference.into(), form.into()]).await?;
    Ok(row.map(|row| (row.id, row.received_at)))
}

/// What is kept of a submission for one purpose.
#[derive(Debug, Clone, FromQueryResult)]
pub struct KeptRow {
    /// The purpose, in the version that was shown.
    pub purpose_version_id: Uuid,
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
    /// Since when it is kept without being used.
    pub restricted_at: Option<OffsetDateTime>,
}

/// What is kept of a submission, without what is in it.
pub async fn kept<C: ConnectionTrait>(connection: &C, submission: Uuid) -> Result<Vec<KeptRow>, db::Error> {
    let sql = "SELECT purpose_version_id, expires_at, restricted_at FROM submission_parts WHERE submission_id = ?";
    db::all(connection, sql, vec![submission.into()]).await
}

/// Takes a consent back: the event, its place in the ledger, and what it does to what is kept, all in one transaction. Says
/// whether there was a consent to take back; a second time there is none.
pub async fn withdraw<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    submission: Uuid,
    purpose: &Version<PurposeDefinition>,
    lang: Lang,
) -> Result<bool, db::Error> {
    // Of two clicks at once, the second waits here for the first.
    db::execute(connection, "UPDATE submissions SET status = status WHERE id = ?", vec![submission.into()]).await?;
    let (id, now, purpose_id) = (ambient.new_id(), ambient.now(), purpose.version.owner);
    let sql = "INSERT INTO consent_events (id, site_id, submission_id, subject_id, action, method, lang, touchpoint, purpose_id, \
               purpose_version_id, wording_sha256, policy_version_id, form_version_id, site_version_id, occurred_at) \
               SELECT ?, site_id, submission_id, subject_id, ?, ?, ?, touchpoint, purpose_id, purpose_version_id, \
               wording_sha256, policy_version_id, form_version_id, site_version_id, ? FROM consent_events \
               WHERE id = (SELECT id FROM consent_events WHERE submission_id = ? AND purpose_id = ? ORDER BY id DESC LIMIT 1) \
               AND action IN ('given', 'confirmed', 'renewed')";
    let values = vec![
        id.into(),
        Action::Withdrawn.name().into(),
        METHOD.into(),
        lang.tag().into(),
        now.into(),
        submission.into(),
        purpose_id.into(),
    ];
    if db::execute(connection, sql, values).await? == 0 {
        return Ok(false);
    }
    ledger::queue(connection, Events.name(), &[id]).await?;
    let kind = match purpose.definition.withdrawal {
        Withdrawal::Erase => {
            erase(connection, submission, purpose_id).await?;
            "part-erased"
        }
        Withdrawal::Restrict => {
            let sql = "UPDATE submission_parts SET restricted_at = ? WHERE submission_id = ? AND purpose_id = ?";
            db::execute(connection, sql, vec![now.into(), submission.into(), purpose_id.into()]).await?;
            "part-restricted"
        }
    };
    let body = json!({ "submission": submission, "purpose": purpose_id, "reason": "withdrawn" });
    ledger::append(connection, ambient, Entry::new(kind, body).about(submission)).await?;
    Ok(true)
}

/// Erases what is kept of a submission for one purpose: the sealed answers, the files, and what it is found by.
async fn erase<C: ConnectionTrait>(connection: &C, submission: Uuid, purpose: Uuid) -> Result<(), db::Error> {
    for table in ["submission_parts", "uploads", "blind_indexes"] {
        let sql = format!("DELETE FROM {table} WHERE submission_id = ? AND purpose_id = ?");
        db::execute(connection, &sql, vec![submission.into(), purpose.into()]).await?;
    }
    Ok(())
}
