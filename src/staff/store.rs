//! Accounts, grants, sessions and failed logins in the database.

use sea_orm::{ConnectionTrait, FromQueryResult};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::providers::LOCAL;
use super::{Grant, Person, Role, Username};
use crate::ambient::Ambient;
use crate::config;
use crate::db::{self, Db};

/// A row of `staff`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct StaffRow {
    /// UUIDv7.
    pub id: Uuid,
    /// Who vouches for it.
    pub provider: String,
    /// What the account is known by: the name of a local one, the stable subject of any other.
    pub username: String,
    /// What somebody of another provider typed last.
    pub login: Option<String>,
    /// The name shown to colleagues.
    pub name: String,
    /// PHC string; absent until a password is chosen.
    pub password_hash: Option<String>,
    /// When the account last came in.
    pub last_login_at: Option<OffsetDateTime>,
    /// When it was disabled.
    pub disabled_at: Option<OffsetDateTime>,
}

const COLUMNS: &str = "id, provider, username, login, name, password_hash, last_login_at, disabled_at";

/// The local account with this name.
pub async fn by_username<C: ConnectionTrait>(
    connection: &C,
    username: &Username,
) -> Result<Option<StaffRow>, db::Error> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE provider = ? AND username = ?");
    db::one(connection, &sql, vec![LOCAL.into(), username.as_str().into()]).await
}

/// The account of another provider with this stable subject.
pub async fn by_subject<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    subject: &str,
) -> Result<Option<StaffRow>, db::Error> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE provider = ? AND username = ?");
    db::one(connection, &sql, vec![provider.into(), subject.into()]).await
}

/// Makes an account that another provider vouches for, or brings it up to date.
pub async fn add_from_provider<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    provider: &str,
    person: &Person,
) -> Result<Uuid, db::Error> {
    #[derive(FromQueryResult)]
    struct IdRow {
        id: Uuid,
    }
    let sql = "INSERT INTO staff (id, provider, username, login, name, email, created_at, checked_at) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider, username) DO UPDATE SET login = excluded.login, \
               name = excluded.name, email = excluded.email, checked_at = excluded.checked_at RETURNING id";
    let now = ambient.now();
    let id = ambient.new_id();
    let values = vec![
        id.into(),
        provider.into(),
        person.subject.as_str().into(),
        person.login.as_str().into(),
        person.name.as_str().into(),
        person.email.clone().into(),
        now.into(),
        now.into(),
    ];
    Ok(db::one::<IdRow, _>(connection, sql, values).await?.map_or(id, |row| row.id))
}

/// The accounts of a provider that go by this name.
pub async fn by_login<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    login: &str,
) -> Result<Vec<StaffRow>, db::Error> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE provider = ? AND (login = ? OR username = ?)");
    db::all(connection, &sql, vec![provider.into(), login.into(), login.into()]).await
}

/// Accounts of a provider with a live session that were not looked up since `before`.
pub async fn due_for_recheck<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    before: OffsetDateTime,
) -> Result<Vec<StaffRow>, db::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM staff WHERE provider = ? AND (checked_at IS NULL OR checked_at < ?) \
         AND EXISTS (SELECT 1 FROM sessions WHERE sessions.staff_id = staff.id) ORDER BY checked_at LIMIT 500"
    );
    db::all(connection, &sql, vec![provider.into(), before.into()]).await
}

/// Takes it on to look an account up now; whether nobody else has.
pub async fn claim_recheck<C: ConnectionTrait>(
    connection: &C,
    staff: Uuid,
    now: OffsetDateTime,
    before: OffsetDateTime,
) -> Result<bool, db::Error> {
    let sql = "UPDATE staff SET checked_at = ? WHERE id = ? AND (checked_at IS NULL OR checked_at < ?)";
    Ok(db::execute(connection, sql, vec![now.into(), staff.into(), before.into()]).await? == 1)
}

/// Takes all roles from an account.
pub async fn clear_grants<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM grants WHERE staff_id = ?", vec![staff.into()]).await?;
    Ok(())
}

/// Every account.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<StaffRow>, db::Error> {
    db::all(connection, &format!("SELECT {COLUMNS} FROM staff ORDER BY username"), vec![]).await
}

/// A page of accounts in the order in which they were made, behind `after`.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    after: Option<Uuid>,
    most: u32,
) -> Result<Vec<StaffRow>, db::Error> {
    let (condition, mut values) = match after {
        Some(id) => (" WHERE id > ?", vec![id.into()]),
        None => ("", vec![]),
    };
    values.push(i64::from(most).into());
    db::all(connection, &format!("SELECT {COLUMNS} FROM staff{condition} ORDER BY id LIMIT ?"), values).await
}

/// Whether there is any account.
pub async fn is_empty<C: ConnectionTrait>(connection: &C) -> Result<bool, db::Error> {
    Ok(db::one::<StaffRow, _>(connection, &format!("SELECT {COLUMNS} FROM staff LIMIT 1"), vec![]).await?.is_none())
}

/// Makes a local account without a password. [`db::Error::Duplicate`] when the name is taken.
pub async fn add<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    username: &Username,
    name: &str,
) -> Result<Uuid, db::Error> {
    let id = ambient.new_id();
    let sql = "INSERT INTO staff (id, provider, username, name, created_at) VALUES (?, ?, ?, ?, ?)";
    let values = vec![id.into(), LOCAL.into(), username.as_str().into(), name.into(), ambient.now().into()];
    db::execute(connection, sql, values).await?;
    Ok(id)
}

/// Gives an account a role.
pub async fn grant<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    staff: Uuid,
    grant: &Grant,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO grants (id, staff_id, role, site_id, form_id) VALUES (?, ?, ?, ?, ?)";
    let values =
        vec![ambient.new_id().into(), staff.into(), grant.role.name().into(), grant.site.into(), grant.form.into()];
    db::execute(connection, sql, values).await?;
    Ok(())
}

/// Sets an account's password and ends its sessions.
pub async fn set_password<C: ConnectionTrait>(connection: &C, staff: Uuid, hash: &str) -> Result<(), db::Error> {
    db::execute(connection, "UPDATE staff SET password_hash = ? WHERE id = ?", vec![hash.into(), staff.into()]).await?;
    end_sessions(connection, staff).await
}

/// Lets an account in again, or keeps it out and ends its sessions.
pub async fn set_disabled<C: ConnectionTrait>(
    connection: &C,
    staff: Uuid,
    at: Option<OffsetDateTime>,
) -> Result<(), db::Error> {
    db::execute(connection, "UPDATE staff SET disabled_at = ? WHERE id = ?", vec![at.into(), staff.into()]).await?;
    end_sessions(connection, staff).await
}

/// Notes that an account came in.
pub async fn logged_in<C: ConnectionTrait>(connection: &C, staff: Uuid, now: OffsetDateTime) -> Result<(), db::Error> {
    db::execute(connection, "UPDATE staff SET last_login_at = ? WHERE id = ?", vec![now.into(), staff.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct GrantRow {
    role: String,
    site_id: Option<Uuid>,
    form_id: Option<Uuid>,
}

/// What an account may do.
pub async fn grants<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<Vec<Grant>, db::Error> {
    let rows = db::all::<GrantRow, _>(
        connection,
        "SELECT role, site_id, form_id FROM grants WHERE staff_id = ?",
        vec![staff.into()],
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some(Grant { role: Role::named(&row.role)?, site: row.site_id, form: row.form_id }))
        .collect())
}

/// A live session.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SessionRow {
    /// Its name, which opens nothing.
    pub id: Uuid,
    /// Who let its owner in.
    pub provider: String,
    /// When the owner last proved who they are.
    pub authenticated_at: OffsetDateTime,
    staff_id: Uuid,
    last_seen_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

/// Begins a session; its token's hash is `hash`.
pub async fn begin_session<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    hash: &[u8; 32],
    staff: Uuid,
    origin: &Origin,
    settings: &config::Staff,
) -> Result<(), db::Error> {
    let now = ambient.now();
    let expires = now + Duration::hours(settings.session_absolute_hours.into());
    let expires = origin.until.map_or(expires, |until| until.min(expires));
    let sql = "INSERT INTO sessions (token_hash, id, staff_id, created_at, last_seen_at, expires_at, provider, \
               authenticated_at, provider_session, logout_hint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = vec![
        hash.to_vec().into(),
        ambient.new_id().into(),
        staff.into(),
        now.into(),
        now.into(),
        expires.into(),
        origin.provider.as_str().into(),
        match origin.proved {
            Proved::Now => now,
            Proved::At(at) => at.min(now),
            Proved::Sometime => OffsetDateTime::UNIX_EPOCH,
        }
        .into(),
        origin.session.clone().into(),
        origin.hint.clone().into(),
    ];
    db::execute(connection, sql, values).await?;
    Ok(())
}

/// Where a session comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Who let its owner in.
    pub provider: String,
    /// What the provider calls the session.
    pub session: Option<String>,
    /// What the provider wants to hear when it ends here.
    pub hint: Option<String>,
    /// When it has to end, if the provider says so.
    pub until: Option<OffsetDateTime>,
    /// When its owner proved who they are.
    pub proved: Proved,
}

/// When the owner of a new session proved who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proved {
    /// Just now.
    #[default]
    Now,
    /// When the provider says: it may have known them from before.
    At(OffsetDateTime),
    /// At some time that the provider does not tell.
    Sometime,
}

impl Origin {
    /// A session that the provider knows nothing of.
    pub fn of(provider: &str) -> Self {
        Self { provider: provider.to_owned(), ..Self::default() }
    }
}

/// The account of a live session and what it may do. Notes once a minute that it is in use.
pub async fn session(
    db: &Db,
    hash: &[u8; 32],
    now: OffsetDateTime,
    settings: &config::Staff,
) -> Result<Option<(StaffRow, Vec<Grant>, SessionRow)>, db::Error> {
    let reader = db.reader();
    let sql =
        "SELECT id, provider, authenticated_at, staff_id, last_seen_at, expires_at FROM sessions WHERE token_hash = ?";
    let Some(session) = db::one::<SessionRow, _>(reader, sql, vec![hash.to_vec().into()]).await? else {
        return Ok(None);
    };
    let idle = Duration::minutes(settings.session_idle_minutes.into());
    if now >= session.expires_at || now >= session.last_seen_at + idle {
        return Ok(None);
    }
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = ? AND disabled_at IS NULL");
    let Some(staff) = db::one::<StaffRow, _>(reader, &sql, vec![session.staff_id.into()]).await? else {
        return Ok(None);
    };
    if now > session.last_seen_at + Duration::MINUTE {
        let sql = "UPDATE sessions SET last_seen_at = ? WHERE token_hash = ?";
        db::execute(db.writer(), sql, vec![now.into(), hash.to_vec().into()]).await?;
    }
    let grants = grants(reader, staff.id).await?;
    Ok(Some((staff, grants, session)))
}

/// Ends one session.
pub async fn end_session<C: ConnectionTrait>(connection: &C, hash: &[u8]) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM sessions WHERE token_hash = ?", vec![hash.to_vec().into()]).await?;
    Ok(())
}

/// Ends all sessions of an account, and sign-ins that wait for its second factor.
pub async fn end_sessions<C: ConnectionTrait>(connection: &C, staff: Uuid) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM sign_in_requests WHERE staff_id = ?", vec![staff.into()]).await?;
    db::execute(connection, "DELETE FROM sessions WHERE staff_id = ?", vec![staff.into()]).await?;
    Ok(())
}

/// Deletes what is over: sessions, set-up links, and failures of long ago.
pub async fn sweep<C: ConnectionTrait>(connection: &C, now: OffsetDateTime) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM sessions WHERE expires_at < ?", vec![now.into()]).await?;
    db::execute(connection, "DELETE FROM setup_links WHERE expires_at < ?", vec![now.into()]).await?;
    let long_ago = now - Duration::days(2);
    db::execute(connection, "DELETE FROM login_failures WHERE last_failed_at < ?", vec![long_ago.into()]).await?;
    Ok(())
}

/// Makes a one-time link; `staff` chooses a password with it, or without one: the first account.
pub async fn add_setup_link<C: ConnectionTrait>(
    connection: &C,
    hash: &[u8; 32],
    staff: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let delete = match staff {
        None => ("DELETE FROM setup_links WHERE staff_id IS NULL", vec![]),
        Some(id) => ("DELETE FROM setup_links WHERE staff_id = ?", vec![id.into()]),
    };
    db::execute(connection, delete.0, delete.1).await?;
    let sql = "INSERT INTO setup_links (token_hash, staff_id, created_at, expires_at) VALUES (?, ?, ?, ?)";
    let values = vec![hash.to_vec().into(), staff.into(), now.into(), (now + Duration::hours(72)).into()];
    db::execute(connection, sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct LinkRow {
    staff_id: Option<Uuid>,
    expires_at: OffsetDateTime,
}

/// For whom a set-up link is, if it still works: `Some(None)` for the first account.
pub async fn setup_link<C: ConnectionTrait>(
    connection: &C,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<Option<Uuid>>, db::Error> {
    let sql = "SELECT staff_id, expires_at FROM setup_links WHERE token_hash = ?";
    let row = db::one::<LinkRow, _>(connection, sql, vec![hash.to_vec().into()]).await?;
    let Some(row) = row.filter(|row| now < row.expires_at) else { return Ok(None) };
    // The link for the first account is over as soon as there is one, however it was made.
    if row.staff_id.is_none() && !is_empty(connection).await? { Ok(None) } else { Ok(Some(row.staff_id)) }
}

/// Uses a set-up link up; says whether this call did.
pub async fn spend_setup_link<C: ConnectionTrait>(connection: &C, hash: &[u8; 32]) -> Result<bool, db::Error> {
    Ok(db::execute(connection, "DELETE FROM setup_links WHERE token_hash = ?", vec![hash.to_vec().into()]).await? == 1)
}

/// Failed logins of one account or address.
#[derive(Debug, Clone, FromQueryResult)]
pub struct FailureRow {
    /// No further try before this.
    pub blocked_until: Option<OffsetDateTime>,
}

/// The failed logins counted under this keyed hash.
pub async fn failures<C: ConnectionTrait>(connection: &C, subject: &[u8; 32]) -> Result<Option<FailureRow>, db::Error> {
    let sql = "SELECT blocked_until FROM login_failures WHERE subject_hash = ?";
    db::one(connection, sql, vec![subject.to_vec().into()]).await
}

#[derive(FromQueryResult)]
struct CountRow {
    failures: i32,
}

/// Counts one more failure under this keyed hash, also when several come at once, and gives the
/// count. One that is older than `forgotten_before` does not add up.
pub async fn count_failure<C: ConnectionTrait>(
    connection: &C,
    subject: &[u8; 32],
    now: OffsetDateTime,
    forgotten_before: OffsetDateTime,
) -> Result<i32, db::Error> {
    let sql = "INSERT INTO login_failures (subject_hash, failures, last_failed_at) VALUES (?, 1, ?) \
               ON CONFLICT (subject_hash) DO UPDATE SET failures = CASE WHEN login_failures.last_failed_at < ? THEN 1 \
               ELSE login_failures.failures + 1 END, last_failed_at = excluded.last_failed_at RETURNING failures";
    let values = vec![subject.to_vec().into(), now.into(), forgotten_before.into()];
    Ok(db::one::<CountRow, _>(connection, sql, values).await?.map_or(1, |row| row.failures))
}

/// Lets nobody try under this keyed hash before `until`.
pub async fn block<C: ConnectionTrait>(
    connection: &C,
    subject: &[u8; 32],
    until: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "UPDATE login_failures SET blocked_until = ? WHERE subject_hash = ?";
    db::execute(connection, sql, vec![until.into(), subject.to_vec().into()]).await?;
    Ok(())
}

/// Forgets the failures under this keyed hash.
pub async fn clear_failures<C: ConnectionTrait>(connection: &C, subject: &[u8; 32]) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM login_failures WHERE subject_hash = ?", vec![subject.to_vec().into()]).await?;
    Ok(())
}

/// A session as its owner and administrators see it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SessionLine {
    /// Its name, which opens nothing.
    pub id: Uuid,
    /// Whose it is.
    pub staff_id: Uuid,
    /// Who let its owner in.
    pub provider: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_seen_at: OffsetDateTime,
}

/// The live sessions of an account, newest first.
pub async fn sessions<C: ConnectionTrait>(
    connection: &C,
    staff: Uuid,
    now: OffsetDateTime,
    settings: &config::Staff,
) -> Result<Vec<SessionLine>, db::Error> {
    let sql = "SELECT id, staff_id, provider, created_at, last_seen_at FROM sessions \
               WHERE staff_id = ? AND expires_at > ? AND last_seen_at > ? ORDER BY created_at DESC, id DESC";
    let idle = now - Duration::minutes(settings.session_idle_minutes.into());
    db::all(connection, sql, vec![staff.into(), now.into(), idle.into()]).await
}

#[derive(FromQueryResult)]
struct OwnerRow {
    staff_id: Uuid,
}

/// Ends the session with this name; says whose it was.
pub async fn revoke_session<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Option<Uuid>, db::Error> {
    let sql = "DELETE FROM sessions WHERE id = ? RETURNING staff_id";
    Ok(db::one::<OwnerRow, _>(connection, sql, vec![id.into()]).await?.map(|row| row.staff_id))
}

/// Ends every session but one; says how many.
pub async fn revoke_all_but<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<u64, db::Error> {
    db::execute(connection, "DELETE FROM sessions WHERE id <> ?", vec![id.into()]).await
}

/// Ends the sessions that a provider knows by this name; says whose they were.
pub async fn end_provider_session<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    session: &str,
) -> Result<Vec<Uuid>, db::Error> {
    let sql = "DELETE FROM sessions WHERE provider = ? AND provider_session = ? RETURNING staff_id";
    let rows = db::all::<OwnerRow, _>(connection, sql, vec![provider.into(), session.into()]).await?;
    Ok(rows.into_iter().map(|row| row.staff_id).collect())
}

/// A session as a provider knows it.
#[derive(Debug, FromQueryResult)]
pub struct ProviderSession {
    /// Hash of its token.
    pub token_hash: Vec<u8>,
    /// Whose it is.
    pub staff_id: Uuid,
    /// What the provider wants to hear when it ends here.
    pub logout_hint: Option<String>,
}

/// The sessions that began with a provider, only those with one of these names where there are any.
pub async fn sessions_of_provider<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    names: &[String],
) -> Result<Vec<ProviderSession>, db::Error> {
    let marks = vec!["?"; names.len()].join(", ");
    let named = if names.is_empty() { String::new() } else { format!(" AND provider_session IN ({marks})") };
    let sql = format!("SELECT token_hash, staff_id, logout_hint FROM sessions WHERE provider = ?{named}");
    let values = std::iter::once(provider.into()).chain(names.iter().map(|name| name.as_str().into()));
    db::all(connection, &sql, values.collect()).await
}

#[derive(FromQueryResult)]
struct OriginRow {
    provider: String,
    provider_session: Option<String>,
    logout_hint: Option<String>,
}

/// Where a session comes from.
pub async fn origin<C: ConnectionTrait>(connection: &C, hash: &[u8]) -> Result<Option<Origin>, db::Error> {
    let sql = "SELECT provider, provider_session, logout_hint FROM sessions WHERE token_hash = ?";
    let row = db::one::<OriginRow, _>(connection, sql, vec![hash.to_vec().into()]).await?;
    Ok(row.map(|row| Origin {
        provider: row.provider,
        session: row.provider_session,
        hint: row.logout_hint,
        ..Origin::default()
    }))
}

/// Notes that the owner of a session has proved once more who they are; whether it is still there.
pub async fn confirm_session<C: ConnectionTrait>(
    connection: &C,
    hash: &[u8],
    staff: Uuid,
    now: OffsetDateTime,
) -> Result<bool, db::Error> {
    let sql = "UPDATE sessions SET authenticated_at = ? WHERE token_hash = ? AND staff_id = ?";
    Ok(db::execute(connection, sql, vec![now.into(), hash.to_vec().into(), staff.into()]).await? == 1)
}

/// The account with this id.
pub async fn by_id<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Option<StaffRow>, db::Error> {
    db::one(connection, &format!("SELECT {COLUMNS} FROM staff WHERE id = ?"), vec![id.into()]).await
}
