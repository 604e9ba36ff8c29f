//! Every query on second factors, recovery codes, and sign-ins that wait for a factor.

use sea_orm::{ConnectionTrait, FromQueryResult};
use time::OffsetDateTime;
use uuid::Uuid;

use super::PATIENCE;
use crate::ambient::Ambient;
use crate::db;
use crate::staff::providers::LOCAL;

/// A second factor.
#[derive(Debug, Clone, FromQueryResult)]
pub struct FactorRow {
    /// Its id.
    pub id: Uuid,
    /// `totp` or `passkey`.
    pub kind: String,
    /// What its owner calls it.
    pub label: String,
    /// The secret of an authenticator app, sealed to the master key.
    pub sealed: Option<Vec<u8>>,
    /// The public half of a passkey, in JSON.
    pub credential: Option<String>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
}

/// The factors of an account, oldest first.
pub async fn of_staff<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<Vec<FactorRow>, db::Error> {
    let sql = "SELECT id, kind, label, sealed, credential, created_at, last_used_at FROM second_factors \
               WHERE staff_id = ? ORDER BY id";
    db::all(connection, sql, vec![staff.into()]).await
}

#[derive(FromQueryResult)]
struct CountRow {
    n: i64,
}

async fn count<C: ConnectionTrait>(connection: &C, sql: &str, staff: Uuid) -> Result<i64, db::Error> {
    Ok(db::one::<CountRow, _>(connection, sql, vec![staff.into()]).await?.map_or(0, |row| row.n))
}

/// Whether an account has a second factor.
pub async fn has_any<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<bool, db::Error> {
    Ok(count(connection, "SELECT COUNT(*) AS n FROM second_factors WHERE staff_id = ?", staff).await? > 0)
}

/// Lets nobody else change the factors of an account until the transaction ends.
pub async fn lock<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<(), db::Error> {
    db::execute(connection, "UPDATE staff SET id = id WHERE id = ?", vec![staff.into()]).await?;
    Ok(())
}

/// What makes a factor.
pub enum Made<'a> {
    /// The sealed secret of an authenticator app, and the step of the code that proved it.
    Totp(&'a [u8], i64),
    /// The public half of a passkey, in JSON.
    Passkey(&'a str),
}

/// Adds a factor.
pub async fn add<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    staff: Uuid,
    label: &str,
    made: &Made<'_>,
) -> Result<Uuid, db::Error> {
    let (kind, sealed, credential, step) = match made {
        Made::Totp(sealed, step) => ("totp", Some(sealed.to_vec()), None, Some(*step)),
        Made::Passkey(credential) => ("passkey", None, Some((*credential).to_owned()), None),
    };
    let sql = "INSERT INTO second_factors (id, staff_id, kind, label, sealed, credential, last_step, created_at) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let id = ambient.new_id();
    let values = vec![
        id.into(),
        staff.into(),
        kind.into(),
        label.into(),
        sealed.into(),
        credential.into(),
        step.into(),
        ambient.now().into(),
    ];
    db::execute(connection, sql, values).await?;
    Ok(id)
}

/// Removes a factor of an account; says whether it was there.
pub async fn remove<C: ConnectionTrait>(connection: &C, staff: Uuid, id: Uuid) -> Result<bool, db::Error> {
    let sql = "DELETE FROM second_factors WHERE id = ? AND staff_id = ?";
    Ok(db::execute(connection, sql, vec![id.into(), staff.into()]).await? == 1)
}

/// Removes every factor and recovery code of an account; says whether there was a factor.
pub async fn remove_all<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<bool, db::Error> {
    let sql = "DELETE FROM second_factors WHERE staff_id = ?";
    let removed = db::execute(connection, sql, vec![staff.into()]).await?;
    remove_codes(connection, staff).await?;
    Ok(removed > 0)
}

/// Uses a step of an authenticator app up; says whether this call did. A step counts once, and
/// none counts that is older than one that did.
pub async fn use_step<C: ConnectionTrait>(
    connection: &C,
    id: Uuid,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool, db::Error> {
    let sql = "UPDATE second_factors SET last_step = ?, last_used_at = ? \
               WHERE id = ? AND (last_step IS NULL OR last_step < ?)";
    Ok(db::execute(connection, sql, vec![step.into(), now.into(), id.into(), step.into()]).await? == 1)
}

/// Notes how often a passkey was used, unless somebody has just done so; says whether this call did.
pub async fn use_passkey<C: ConnectionTrait>(
    connection: &C,
    id: Uuid,
    before: &str,
    after: &str,
    now: OffsetDateTime,
) -> Result<bool, db::Error> {
    let sql = "UPDATE second_factors SET credential = ?, last_used_at = ? WHERE id = ? AND credential = ?";
    Ok(db::execute(connection, sql, vec![after.into(), now.into(), id.into(), before.into()]).await? == 1)
}

/// Adds a recovery code.
pub async fn add_code<C: ConnectionTrait>(
    connection: &C,
    staff: Uuid,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO recovery_codes (code_hash, staff_id, created_at) VALUES (?, ?, ?)";
    db::execute(connection, sql, vec![hash.to_vec().into(), staff.into(), now.into()]).await?;
    Ok(())
}

/// Uses a recovery code up; says whether this call did.
pub async fn spend_code<C: ConnectionTrait>(connection: &C, staff: Uuid, hash: &[u8; 32]) -> Result<bool, db::Error> {
    let sql = "DELETE FROM recovery_codes WHERE code_hash = ? AND staff_id = ?";
    Ok(db::execute(connection, sql, vec![hash.to_vec().into(), staff.into()]).await? == 1)
}

/// Recovery codes that an account has left.
pub async fn codes_left<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<i64, db::Error> {
    count(connection, "SELECT COUNT(*) AS n FROM recovery_codes WHERE staff_id = ?", staff).await
}

/// Removes every recovery code of an account.
pub async fn remove_codes<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM recovery_codes WHERE staff_id = ?", vec![staff.into()]).await?;
    Ok(())
}

/// What waits for a second factor, or for the end of setting one up.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PendingRow {
    /// Whose it is.
    pub staff_id: Uuid,
    /// Where to go afterwards.
    pub next: String,
    /// What is kept of a challenge, or a sealed secret that is not proved yet.
    pub secret: String,
    /// The SHA-256 of the hash that the password was right for.
    pub verified_hash: Option<Vec<u8>>,
    expires_at: OffsetDateTime,
}

/// What is to wait.
#[derive(Debug)]
pub struct Waits<'a> {
    /// Whose it is.
    pub staff: Uuid,
    /// The session in which a factor is set up.
    pub session: Option<&'a [u8]>,
    /// Where to go afterwards.
    pub next: &'a str,
    /// What is kept of a challenge, or a sealed secret that is not proved yet.
    pub secret: &'a str,
    /// The SHA-256 of the hash that the password was right for.
    pub verified: Option<[u8; 32]>,
}

/// Keeps what waits, in place of what waited under the same name.
pub async fn wait_for<C: ConnectionTrait>(
    connection: &C,
    state: &[u8; 32],
    waits: Waits<'_>,
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO sign_in_requests (state_hash, browser_hash, provider, purpose, next, secret, session_hash, \
               staff_id, verified_hash, created_at, expires_at) VALUES (?, ?, ?, 'second-factor', ?, ?, ?, ?, ?, ?, ?) \
               ON CONFLICT (state_hash) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, \
               expires_at = excluded.expires_at";
    let values = vec![
        state.to_vec().into(),
        // The name of what waits is the browser's own secret, hashed.
        state.to_vec().into(),
        LOCAL.into(),
        waits.next.into(),
        waits.secret.into(),
        waits.session.map(<[u8]>::to_vec).into(),
        waits.staff.into(),
        waits.verified.map(|hash| hash.to_vec()).into(),
        now.into(),
        (now + PATIENCE).into(),
    ];
    db::execute(connection, sql, values).await?;
    Ok(())
}

/// What waits under this name, if it is not over.
pub async fn pending<C: ConnectionTrait>(
    connection: &C,
    state: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<PendingRow>, db::Error> {
    let sql = "SELECT staff_id, next, secret, verified_hash, expires_at FROM sign_in_requests \
               WHERE state_hash = ? AND purpose = 'second-factor' AND staff_id IS NOT NULL";
    let row = db::one::<PendingRow, _>(connection, sql, vec![state.to_vec().into()]).await?;
    Ok(row.filter(|row| now < row.expires_at))
}

/// Puts `after` in the place of `before` in what waits; says whether this call did.
pub async fn exchange<C: ConnectionTrait>(
    connection: &C,
    state: &[u8; 32],
    before: &str,
    after: &str,
) -> Result<bool, db::Error> {
    let sql =
        "UPDATE sign_in_requests SET secret = ? WHERE state_hash = ? AND purpose = 'second-factor' AND secret = ?";
    Ok(db::execute(connection, sql, vec![after.into(), state.to_vec().into(), before.into()]).await? == 1)
}

/// Ends what waits under this name; says whether this call did.
pub async fn take<C: ConnectionTrait>(connection: &C, state: &[u8; 32]) -> Result<bool, db::Error> {
    let sql = "DELETE FROM sign_in_requests WHERE state_hash = ? AND purpose = 'second-factor'";
    Ok(db::execute(connection, sql, vec![state.to_vec().into()]).await? == 1)
}

/// An account of this installation, as far as it proves who it is.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AccountRow {
    /// The name for signing in.
    pub username: String,
    /// The name shown to colleagues.
    pub name: String,
    /// PHC string; absent until a password is chosen.
    pub password_hash: Option<String>,
}

/// The account with this id, if it is one of this installation and not disabled.
pub async fn account<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<Option<AccountRow>, db::Error> {
    let sql = "SELECT username, name, password_hash FROM staff WHERE id = ? AND provider = ? AND disabled_at IS NULL";
    db::one(connection, sql, vec![staff.into(), LOCAL.into()]).await
}

/// Puts a better hash of the same password in the place of `old`.
pub async fn rehash<C: ConnectionTrait>(connection: &C, staff: Uuid, old: &str, new: &str) -> Result<(), db::Error> {
    let sql = "UPDATE staff SET password_hash = ? WHERE id = ? AND password_hash = ?";
    db::execute(connection, sql, vec![new.into(), staff.into(), old.into()]).await?;
    Ok(())
}

/// Sets a password, and ends every session and sign-in of the account but `session`. Links for
/// choosing one are over.
pub async fn change_password<C: ConnectionTrait>(
    connection: &C,
    staff: Uuid,
    hash: &str,
    session: &[u8],
) -> Result<(), db::Error> {
    db::execute(connection, "UPDATE staff SET password_hash = ? WHERE id = ?", vec![hash.into(), staff.into()]).await?;
    db::execute(connection, "DELETE FROM setup_links WHERE staff_id = ?", vec![staff.into()]).await?;
    end_others(connection, staff, session).await
}

/// Ends every session and sign-in of an account but `session`.
pub async fn end_others<C: ConnectionTrait>(connection: &C, staff: Uuid, session: &[u8]) -> Result<(), db::Error> {
    let sql = "DELETE FROM sessions WHERE staff_id = ? AND token_hash <> ?";
    db::execute(connection, sql, vec![staff.into(), session.to_vec().into()]).await?;
    let sql = "DELETE FROM sign_in_requests WHERE staff_id = ? AND purpose = 'second-factor' \
               AND (session_hash IS NULL OR session_hash <> ?)";
    db::execute(connection, sql, vec![staff.into(), session.to_vec().into()]).await?;
    Ok(())
}
