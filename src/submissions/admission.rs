//! Who may answer, how often, how long: the rules that need the database, and what is given in
//! return. Everything that counts is decided in the transaction that stores the submission, under a
//! lock, so that two that race can't both be the last.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::writer::WriteError;
use super::{SealedSubmission, Status};
use crate::ambient::Ambient;
use crate::app::App;
use crate::crypto::secrets::same;
use crate::crypto::{self, Keyring};
use crate::db;
use crate::forms::FormDefinition;
use crate::forms::catalog::FormEntry;
use crate::forms::token::Admitted;

/// What the writer has to see to before a submission is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Most submissions of the form, spam not counted.
    pub limit: Option<u32>,
    /// The person's blind index, and how often one may answer.
    pub per_person: Option<([u8; 32], u32)>,
    /// The personal link, which is spent with this.
    pub invitation: Option<Uuid>,
    /// Whether one of the form's codes is given in return.
    pub gives_code: bool,
}

impl Rules {
    /// Whether there is nothing to see to.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The rules for a submission of `form`, as it is published now. `hash` finds the person by the field that the form
/// counts by.
/// `deserves` says whether something is given in return.
pub fn rules(form: &FormDefinition, admitted: Option<Admitted>, person: Option<[u8; 32]>, deserves: bool) -> Rules {
    let count = form.limit_per_person.as_ref().map(|limit| limit.count);
    Rules {
        limit: form.limit,
        per_person: person.zip(count),
        invitation: match admitted {
            Some(Admitted::Invitation(id)) => Some(id),
            _ => None,
        },
        gives_code: deserves && form.incentive.as_ref().is_some_and(|incentive| incentive.own_codes),
    }
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

async fn count<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<sea_orm::Value>) -> Result<i64, db::Error> {
    Ok(db::one::<CountRow, _>(connection, sql, values).await?.map_or(0, |row| row.count))
}

/// The beginning of a hash or an id, as PostgreSQL's advisory locks are named.
fn lock_name(key: &[u8]) -> i64 {
    key.first_chunk::<8>().map_or(0, |first| i64::from_be_bytes(*first))
}

/// Lets one transaction at a time decide about the same form, person or link. All locks of a
/// transaction are taken at once and in order, so that no two wait for each other. SQLite has one
/// writer anyway.
pub async fn lock<C: ConnectionTrait>(connection: &C, submissions: &[&SealedSubmission]) -> Result<(), db::Error> {
    let mut names: Vec<i64> = Vec::new();
    for SealedSubmission { form_id, rules, .. } in submissions {
        names.extend(rules.limit.map(|_| lock_name(&crypto::sha256(form_id.as_bytes()))));
        names.extend(rules.per_person.as_ref().map(|(hash, _)| lock_name(hash)));
        names.extend(rules.invitation.map(|id| lock_name(&crypto::sha256(id.as_bytes()))));
    }
    lock_all(connection, names).await
}

async fn lock_all<C: ConnectionTrait>(connection: &C, mut names: Vec<i64>) -> Result<(), db::Error> {
    if names.is_empty() || connection.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    names.sort_unstable();
    names.dedup();
    for name in names {
        db::execute(connection, "SELECT pg_advisory_xact_lock(?)", vec![name.into()]).await?;
    }
    Ok(())
}

/// Whether the submission may still be stored. What is suspect counts towards nothing.
pub async fn refusal<C: ConnectionTrait>(
    connection: &C,
    submission: &SealedSubmission,
) -> Result<Option<WriteError>, db::Error> {
    let rules = &submission.rules;
    if let Some(limit) = rules.limit {
        let sql = format!(
            "SELECT COUNT(*) AS count FROM (SELECT 1 FROM submissions WHERE form_id = ? AND status <> 'spam' LIMIT {limit}) AS taken"
        );
        if count(connection, &sql, vec![submission.form_id.into()]).await? >= i64::from(limit) {
            return Ok(Some(WriteError::FormFull));
        }
    }
    if let Some((hash, most)) = &rules.per_person {
        let sql = "SELECT COUNT(DISTINCT s.id) AS count FROM blind_indexes b JOIN submissions s ON s.id = b.submission_id \
                   WHERE b.site_id = ? AND b.hash = ? AND s.form_id = ? AND s.status <> 'spam'";
        let values = vec![submission.site_id.into(), hash.to_vec().into(), submission.form_id.into()];
        if count(connection, sql, values).await? >= i64::from(*most) {
            return Ok(Some(WriteError::AnsweredAlready));
        }
    }
    if let Some(invitation) = rules.invitation {
        let sql = "SELECT COUNT(*) AS count FROM invitations WHERE id = ? AND answered_at IS NULL";
        if count(connection, sql, vec![invitation.into()]).await? == 0 {
            return Ok(Some(WriteError::LinkSpent));
        }
    }
    Ok(None)
}

/// Spends the link and gives the code, behind the insertion of the submission.
pub async fn settle<C: ConnectionTrait>(connection: &C, submission: &SealedSubmission) -> Result<(), db::Error> {
    if let Some(invitation) = submission.rules.invitation {
        let sql = "UPDATE invitations SET answered_at = ?, submission_id = ? WHERE id = ? AND answered_at IS NULL";
        let values = vec![submission.received_at.into(), submission.id.into(), invitation.into()];
        if db::execute(connection, sql, values).await? != 1 {
            return Err(db::Error::Dangling);
        }
    }
    if submission.rules.gives_code && submission.status == Status::New {
        let skip = if connection.get_database_backend() == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "UPDATE incentive_codes SET submission_id = ? WHERE id = \
             (SELECT id FROM incentive_codes WHERE form_id = ? AND submission_id IS NULL ORDER BY id LIMIT 1 {skip})"
        );
        // None left is no reason to refuse an answer.
        db::execute(connection, &sql, vec![submission.id.into(), submission.form_id.into()]).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

/// The code that was given for the submission with this reference.
pub async fn code_of<C: ConnectionTrait>(
    connection: &C,
    form: Uuid,
    reference: &str,
) -> Result<Option<String>, db::Error> {
    let sql = "SELECT c.code FROM incentive_codes c JOIN submissions s ON s.id = c.submission_id \
               WHERE s.form_id = ? AND s.reference = ?";
    Ok(db::one::<CodeRow, _>(connection, sql, vec![form.into(), reference.into()]).await?.map(|row| row.code))
}

/// Adds codes; gives how many were new.
pub async fn add_codes<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    form: Uuid,
    codes: &[String],
) -> Result<u64, db::Error> {
    let mut added = 0;
    for code in codes {
        let sql =
            "INSERT INTO incentive_codes (id, form_id, code) VALUES (?, ?, ?) ON CONFLICT (form_id, code) DO NOTHING";
        added += db::execute(connection, sql, vec![ambient.new_id().into(), form.into(), code.as_str().into()]).await?;
    }
    Ok(added)
}

/// How many codes nobody has yet.
pub async fn codes_left<C: ConnectionTrait>(connection: &C, form: Uuid) -> Result<i64, db::Error> {
    let sql = "SELECT COUNT(*) AS count FROM incentive_codes WHERE form_id = ? AND submission_id IS NULL";
    count(connection, sql, vec![form.into()]).await
}

/// Whether enough has come in already.
pub async fn is_full<C: ConnectionTrait>(
    connection: &C,
    entry: &FormEntry,
    form: &FormDefinition,
) -> Result<bool, db::Error> {
    let Some(limit) = form.limit else { return Ok(false) };
    let sql = format!(
        "SELECT COUNT(*) AS count FROM (SELECT 1 FROM submissions WHERE form_id = ? AND status <> 'spam' LIMIT {limit}) AS taken"
    );
    Ok(count(connection, &sql, vec![entry.form_id.into()]).await? >= i64::from(limit))
}

/// Whether `typed` is the form's access code.
pub fn is_code(form: &FormDefinition, typed: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase();
    form.access_code.as_ref().is_some_and(|code| same(plain(code).as_bytes(), plain(typed).as_bytes()))
}

/// A personal link.
#[derive(Debug, FromQueryResult)]
pub struct InvitationRow {
    /// UUIDv7.
    pub id: Uuid,
    /// Whom it is for, sealed.
    pub sealed_name: Vec<u8>,
    /// The key that opens it.
    pub inbox_key_id: Uuid,
    /// That key's identity, wrapped.
    pub wrapped_identity: Vec<u8>,
    /// Until when it counts.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was first opened.
    pub opened_at: Option<OffsetDateTime>,
    /// When it was answered.
    pub answered_at: Option<OffsetDateTime>,
}

const SELECT: &str = "SELECT i.id, i.sealed_name, i.inbox_key_id, k.wrapped_identity, i.expires_at, i.opened_at, i.answered_at \
                      FROM invitations i JOIN inbox_keys k ON k.id = i.inbox_key_id";

/// The link with this token.
pub async fn invitation<C: ConnectionTrait>(
    connection: &C,
    form: Uuid,
    token: &str,
) -> Result<Option<InvitationRow>, db::Error> {
    let sql = format!("{SELECT} WHERE i.form_id = ? AND i.token_hash = ?");
    let hash = crypto::sha256(token.as_bytes());
    db::one(connection, &sql, vec![form.into(), hash.to_vec().into()]).await
}

/// Notes that a link was opened.
pub async fn note_opened<C: ConnectionTrait>(connection: &C, id: Uuid, now: OffsetDateTime) -> Result<(), db::Error> {
    let sql = "UPDATE invitations SET opened_at = ? WHERE id = ? AND opened_at IS NULL";
    db::execute(connection, sql, vec![now.into(), id.into()]).await?;
    Ok(())
}

/// Makes a link; only the hash of its token is kept, and the name only sealed.
pub async fn invite<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    entry: &FormEntry,
    name: &str,
    expires_at: Option<OffsetDateTime>,
) -> Result<String, db::Error> {
    use base64::Engine as _;
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(ambient.bytes::<18>());
    let id = ambient.new_id();
    let sealed = crypto::seal(&entry.recipients, &[id.as_bytes(), name.as_bytes()].concat());
    let sealed = sealed.map_err(|error| db::Error::Other(error.to_string()))?;
    let sql = "INSERT INTO invitations (id, form_id, token_hash, inbox_key_id, sealed_name, made_at, expires_at) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values = vec![
        id.into(),
        entry.form_id.into(),
        crypto::sha256(token.as_bytes()).to_vec().into(),
        entry.inbox_key.into(),
        sealed.into(),
        ambient.now().into(),
        expires_at.into(),
    ];
    db::execute(connection, sql, values).await?;
    Ok(token)
}

/// The form's links, newest first, before `before`.
pub async fn invitations<C: ConnectionTrait>(
    connection: &C,
    form: Uuid,
    before: Option<Uuid>,
    most: u32,
) -> Result<Vec<InvitationRow>, db::Error> {
    let sql = format!("{SELECT} WHERE i.form_id = ? AND i.id < ? ORDER BY i.id DESC LIMIT {most}");
    db::all(connection, &sql, vec![form.into(), before.unwrap_or(Uuid::max()).into()]).await
}

impl InvitationRow {
    /// Whom the link is for, opened by the keyring; `None` where that can't be.
    pub fn name(&self, keyring: &Keyring, now: OffsetDateTime) -> Option<String> {
        let identity = keyring.identity(self.inbox_key_id, &self.wrapped_identity, now).ok()?;
        let opened = crypto::open(&identity, &self.sealed_name).ok()?;
        // It begins with the link that it belongs to.
        let name = opened.strip_prefix(self.id.as_bytes())?;
        String::from_utf8(name.to_vec()).ok()
    }
}

/// How long a code that was sent to an address counts.
const TICKET_LIFETIME: Duration = Duration::minutes(15);
/// Codes for one address that may be under way at once.
const TICKETS: i64 = 3;
/// How often one may type a code.
const TRIES: i32 = 5;

/// What becomes of a typed code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    /// It was right, and is used up.
    Right,
    /// It was not right; there are tries left.
    Wrong,
    /// It counts no more: too old, used, or tried too often.
    Late,
}

fn ticket_hash(app: &App, id: Uuid, code: &str) -> [u8; 32] {
    app.secrets.request_hash(&[b"address-code", id.as_bytes(), code.as_bytes()])
}

/// Makes a code of six digits for the address with this blind index; gives its ticket and the code.
/// `None` when enough are under way.
pub async fn make_ticket(app: &App, form: Uuid, address: &[u8; 32]) -> Result<Option<(String, String)>, db::Error> {
    let now = app.ambient.now();
    let transaction = app.db.begin().await?;
    lock_all(&transaction, vec![lock_name(address)]).await?;
    let sql = "SELECT COUNT(*) AS count FROM address_codes WHERE form_id = ? AND address_hash = ? AND expires_at > ?";
    let values = vec![form.into(), address.to_vec().into(), now.into()];
    if count(&transaction, sql, values).await? >= TICKETS {
        return Ok(None);
    }
    let id = Uuid::from_bytes(app.ambient.bytes());
    // The remainder favours no code by more than one in ten billion.
    let code = format!("{:06}", u64::from_be_bytes(app.ambient.bytes()) % 1_000_000);
    let sql =
        "INSERT INTO address_codes (id, form_id, address_hash, code_hash, expires_at, tries) VALUES (?, ?, ?, ?, ?, 0)";
    let values = vec![
        id.into(),
        form.into(),
        address.to_vec().into(),
        ticket_hash(app, id, &code).to_vec().into(),
        (now + TICKET_LIFETIME).into(),
    ];
    db::execute(&transaction, sql, values).await?;
    transaction.commit().await?;
    Ok(Some((id.simple().to_string(), code)))
}

/// Forgets a code that did not leave.
pub async fn forget_ticket(app: &App, ticket: &str) -> Result<(), db::Error> {
    let Ok(id) = ticket.parse::<Uuid>() else { return Ok(()) };
    db::execute(app.db.writer(), "DELETE FROM address_codes WHERE id = ?", vec![id.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct TicketRow {
    code_hash: Vec<u8>,
    tries: i32,
}

/// Takes a code. Every try counts before it is looked at, on all nodes together.
pub async fn redeem(app: &App, form: Uuid, ticket: &str, address: &[u8; 32], code: &str) -> Result<Ticket, db::Error> {
    let Ok(id) = ticket.parse::<Uuid>() else { return Ok(Ticket::Late) };
    let now = app.ambient.now();
    let sql = "UPDATE address_codes SET tries = tries + 1 \
               WHERE id = ? AND form_id = ? AND address_hash = ? AND expires_at > ? AND tries < ?";
    let values = vec![id.into(), form.into(), address.to_vec().into(), now.into(), TRIES.into()];
    if db::execute(app.db.writer(), sql, values).await? != 1 {
        return Ok(Ticket::Late);
    }
    let sql = "SELECT code_hash, tries FROM address_codes WHERE id = ?";
    let Some(row) = db::one::<TicketRow, _>(app.db.writer(), sql, vec![id.into()]).await? else {
        return Ok(Ticket::Late);
    };
    let typed: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if !same(&ticket_hash(app, id, &typed), &row.code_hash) {
        return Ok(if row.tries < TRIES { Ticket::Wrong } else { Ticket::Late });
    }
    // Of two that type it at once, one is let in.
    let deleted = db::execute(app.db.writer(), "DELETE FROM address_codes WHERE id = ?", vec![id.into()]).await?;
    Ok(if deleted == 1 { Ticket::Right } else { Ticket::Late })
}

/// Deletes codes that count no more.
pub async fn sweep<C: ConnectionTrait>(connection: &C, now: OffsetDateTime) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM address_codes WHERE expires_at <= ?", vec![now.into()]).await?;
    Ok(())
}
