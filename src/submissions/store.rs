//! Finding submissions again.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Status;
use super::receipt::Receipt;
use crate::app::App;
use crate::consents::Action;
use crate::db;
use crate::forms::Shown;

#[derive(FromQueryResult)]
struct KeyRow {
    id: Uuid,
    request_hash: Option<Vec<u8>>,
}

/// The submission that used this idempotency key, with the fingerprint of its request.
pub async fn by_key<C: ConnectionTrait>(connection: &C, key: &[u8; 32]) -> Result<Option<(Uuid, [u8; 32])>, db::Error> {
    let sql = "SELECT id, request_hash FROM submissions WHERE idempotency_key = ?";
    let row = db::one::<KeyRow, _>(connection, sql, vec![key.to_vec().into()]).await?;
    Ok(row.and_then(|row| Some((row.id, row.request_hash?.try_into().ok()?))))
}

/// A row of `submissions`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SubmissionRow {
    /// UUIDv7.
    pub id: Uuid,
    /// The site.
    pub site_id: Uuid,
    /// The form.
    pub form_id: Uuid,
    /// The version of the site that was shown.
    pub site_version_id: Uuid,
    /// The version of the form that was shown.
    pub form_version_id: Uuid,
    /// The version of the policy that was shown.
    pub policy_version_id: Uuid,
    /// What people quote.
    pub reference: String,
    /// How far staff have come.
    pub status: String,
    /// How it came in.
    pub method: String,
    /// The language that was shown.
    pub lang: String,
    /// Where in the customer's journey.
    pub touchpoint: String,
    /// Controls that were ignored.
    pub unknown_fields: i32,
    /// When it was accepted.
    pub received_at: OffsetDateTime,
    /// Names of what makes it suspect, with commas between.
    pub suspicions: String,
}

const COLUMNS: &str = "id, site_id, form_id, site_version_id, form_version_id, policy_version_id, reference, status, method, \
                       lang, touchpoint, unknown_fields, received_at, suspicions";

/// The submission with this id.
pub async fn find<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Option<SubmissionRow>, db::Error> {
    db::one(connection, &format!("SELECT {COLUMNS} FROM submissions WHERE id = ?"), vec![id.into()]).await
}

/// What people quote for this submission.
pub async fn reference<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Option<String>, db::Error> {
    Ok(find(connection, id).await?.map(|row| row.reference))
}

/// A part with the key that opens it.
#[derive(FromQueryResult)]
pub struct PartRow {
    /// The submission.
    pub submission_id: Uuid,
    /// The purpose.
    pub purpose_id: Uuid,
    /// The purpose version that was shown.
    pub purpose_version_id: Uuid,
    /// The age file.
    pub sealed: Vec<u8>,
    /// When it is due for erasure.
    pub expires_at: Option<OffsetDateTime>,
    /// The id of the key that opens it.
    pub inbox_key_id: Uuid,
    /// That key, wrapped to the master key.
    pub wrapped_identity: Vec<u8>,
}

/// Every part of the given submissions that may be used.
pub async fn parts<C: ConnectionTrait>(connection: &C, submissions: &[Uuid]) -> Result<Vec<PartRow>, db::Error> {
    if submissions.is_empty() {
        return Ok(Vec::new());
    }
    let marks = vec!["?"; submissions.len()].join(",");
    let sql = format!(
        "SELECT p.submission_id, p.purpose_id, p.purpose_version_id, p.sealed, p.expires_at, p.inbox_key_id, k.wrapped_identity \
         FROM submission_parts p JOIN inbox_keys k ON k.id = p.inbox_key_id \
         WHERE p.restricted_at IS NULL AND p.submission_id IN ({marks})"
    );
    db::all(connection, &sql, submissions.iter().map(|id| (*id).into()).collect()).await
}

/// A row of `consent_events`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct EventRow {
    /// UUIDv7.
    pub id: Uuid,
    /// `given`, `refused`, …
    pub action: String,
    /// The purpose version whose wording was shown.
    pub purpose_version_id: Uuid,
    /// When.
    pub occurred_at: OffsetDateTime,
}

/// The consent events of a submission, in order.
pub async fn events<C: ConnectionTrait>(connection: &C, submission: Uuid) -> Result<Vec<EventRow>, db::Error> {
    let sql =
        "SELECT id, action, purpose_version_id, occurred_at FROM consent_events WHERE submission_id = ? ORDER BY id";
    db::all(connection, sql, vec![submission.into()]).await
}

/// What the sender of a submission was shown: its form, policy, and the purposes of its parts and
/// consents.
pub async fn shown(
    app: &App,
    row: &SubmissionRow,
    parts: &[PartRow],
    events: &[EventRow],
) -> Result<Option<Shown>, db::Error> {
    let mut purposes = Vec::new();
    let of_parts = parts.iter().map(|part| part.purpose_version_id);
    for id in of_parts.chain(events.iter().map(|event| event.purpose_version_id)) {
        if !purposes.contains(&id) {
            purposes.push(id);
        }
    }
    app.catalog.versions(row.site_version_id, row.form_version_id, row.policy_version_id, &purposes).await
}

/// The receipt of a stored submission.
pub async fn receipt(app: &App, id: Uuid) -> Result<Option<Receipt>, db::Error> {
    let reader = app.db.reader();
    let Some(row) = find(reader, id).await? else { return Ok(None) };
    let events = events(reader, id).await?;
    let Some(shown) = shown(app, &row, &[], &events).await? else { return Ok(None) };
    let lang = row.lang.parse().unwrap_or_else(|_| shown.site.definition.default_language());
    let consents = events.iter().filter_map(|event| {
        // What was said when it was sent, and not what came of it since.
        let action = Action::named(&event.action).filter(|action| *action != Action::Withdrawn)?;
        Some((shown.purpose_version(event.purpose_version_id)?.as_ref(), action))
    });
    Ok(Some(Receipt::new(&shown, &app.config.public_url(), id, &row.reference, row.received_at, lang, consents)))
}

/// Which submissions to list.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The forms that may be seen; `None`: all.
    pub forms: Option<Vec<Uuid>>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this reference.
    pub reference: Option<String>,
    /// Only those before this one.
    pub before: Option<Uuid>,
}

/// A page of submissions, newest first. Costs the same however many there are: each form's rows
/// come from the end of an index, and the ends are merged.
pub async fn page<C: ConnectionTrait>(connection: &C, view: &View, most: u32) -> Result<Vec<SubmissionRow>, db::Error> {
    let one = |form: Option<Uuid>| {
        let mut conditions = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        if let Some(form) = form {
            conditions.push("form_id = ?");
            values.push(form.into());
        }
        if let Some(status) = view.status {
            conditions.push("status = ?");
            values.push(status.name().into());
        } else if view.reference.is_none() {
            // What is suspect is looked for on purpose only.
            conditions.push("status <> 'spam'");
        }
        if let Some(reference) = &view.reference {
            conditions.push("reference = ?");
            values.push(reference.as_str().into());
        }
        if let Some(before) = view.before {
            conditions.push("id < ?");
            values.push(before.into());
        }
        let condition = if conditions.is_empty() { "1 = 1".to_owned() } else { conditions.join(" AND ") };
        (format!("SELECT {COLUMNS} FROM submissions WHERE {condition} ORDER BY id DESC LIMIT {most}"), values)
    };
    match view.forms.as_deref() {
        None => {
            let (sql, values) = one(None);
            db::all(connection, &sql, values).await
        }
        Some([]) => Ok(Vec::new()),
        Some(forms) => {
            let mut selects = Vec::with_capacity(forms.len());
            let mut values = Vec::new();
            for (i, form) in forms.iter().enumerate() {
                let (select, own) = one(Some(*form));
                selects.push(format!("SELECT * FROM ({select}) AS f{i}"));
                values.extend(own);
            }
            let sql = format!("{} ORDER BY id DESC LIMIT {most}", selects.join(" UNION ALL "));
            db::all(connection, &sql, values).await
        }
    }
}

/// Sets the status; says whether the submission is there.
pub async fn set_status<C: ConnectionTrait>(connection: &C, id: Uuid, status: Status) -> Result<bool, db::Error> {
    let sql = "UPDATE submissions SET status = ? WHERE id = ?";
    Ok(db::execute(connection, sql, vec![status.name().into(), id.into()]).await? > 0)
}
