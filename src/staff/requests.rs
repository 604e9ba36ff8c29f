//! What was sent to a provider and waits for its answer, and the answers that count once: every
//! query on `sign_in_requests` and `spent_messages`.

use sea_orm::{ConnectionTrait, FromQueryResult};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::crypto::sha256;
use crate::db;

/// How long a provider may take with somebody.
pub const WAITS: Duration = Duration::minutes(10);

/// What somebody was sent to a provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To prove once more who they are, in a session that goes on.
    Confirm,
    /// To fill in a form.
    Form,
}

impl Purpose {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Confirm => "confirm",
            Self::Form => "form",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::SignIn, Self::Confirm, Self::Form].into_iter().find(|one| one.name() == name)
    }
}

/// A request that waits for its answer.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The provider that was asked.
    pub provider: String,
    /// What for.
    pub purpose: Purpose,
    /// Where to go afterwards.
    pub next: String,
    /// What only we know of it, as JSON.
    pub secret: String,
    /// The session that was there when it began.
    pub session: Option<Vec<u8>>,
    /// The account of that session, where it is to be the same.
    pub staff: Option<Uuid>,
    /// When it began.
    pub created_at: OffsetDateTime,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    purpose: String,
    next: String,
    secret: String,
    session_hash: Option<Vec<u8>>,
    staff_id: Option<Uuid>,
    created_at: OffsetDateTime,
}

/// Keeps a request, known by `state` and bound to the browser that holds `browser`.
pub async fn keep<C: ConnectionTrait>(
    connection: &C,
    state: &str,
    browser: &str,
    waiting: &Waiting,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO sign_in_requests (state_hash, browser_hash, provider, purpose, next, secret, session_hash, \
               staff_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = vec![
        sha256(state.as_bytes()).to_vec().into(),
        sha256(browser.as_bytes()).to_vec().into(),
        waiting.provider.as_str().into(),
        waiting.purpose.name().into(),
        waiting.next.as_str().into(),
        waiting.secret.as_str().into(),
        waiting.session.clone().into(),
        waiting.staff.into(),
        waiting.created_at.into(),
        (waiting.created_at + WAITS).into(),
    ];
    db::execute(connection, sql, values).await?;
    Ok(())
}

/// Takes the request out that `state` names, if this browser began it with this provider and it is not
/// too old. It counts once: of two that come at the same time, one finds it.
pub async fn take<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    state: &str,
    browser: &str,
    now: OffsetDateTime,
) -> Result<Option<Waiting>, db::Error> {
    let sql = "DELETE FROM sign_in_requests WHERE state_hash = ? AND browser_hash = ? AND provider = ? AND expires_at > ? \
               AND purpose <> 'second-factor' RETURNING purpose, next, secret, session_hash, staff_id, created_at";
    let values = vec![
        sha256(state.as_bytes()).to_vec().into(),
        sha256(browser.as_bytes()).to_vec().into(),
        provider.into(),
        now.into(),
    ];
    let row = db::one::<WaitingRow, _>(connection, sql, values).await?;
    Ok(row.and_then(|row| {
        Some(Waiting {
            provider: provider.to_owned(),
            purpose: Purpose::named(&row.purpose)?,
            next: row.next,
            secret: row.secret,
            session: row.session_hash,
            staff: row.staff_id,
            created_at: row.created_at,
        })
    }))
}

/// Notes a message of a provider that counts once; whether it is here for the first time.
pub async fn spend<C: ConnectionTrait>(
    connection: &C,
    issuer: &str,
    id: &str,
    until: OffsetDateTime,
) -> Result<bool, db::Error> {
    let hash = sha256(format!("{}:{issuer}{id}", issuer.len()).as_bytes());
    let sql =
        "INSERT INTO spent_messages (message_hash, expires_at) VALUES (?, ?) ON CONFLICT (message_hash) DO NOTHING";
    Ok(db::execute(connection, sql, vec![hash.to_vec().into(), until.into()]).await? == 1)
}

/// Deletes what is over.
pub async fn sweep<C: ConnectionTrait>(connection: &C, now: OffsetDateTime) -> Result<(), db::Error> {
    for table in ["sign_in_requests", "spent_messages", "visitor_sign_ins"] {
        db::execute(connection, &format!("DELETE FROM {table} WHERE expires_at < ?"), vec![now.into()]).await?;
    }
    Ok(())
}
