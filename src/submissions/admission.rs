//! Who may answer, how often, how long: the rules that need the database, and what is given in
//! return. Everything that counts is decided in the transaction that stores the submission, under a
//! lock, so that two that race can't both be the last.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::writer::WriteError;
use super::{SealedSubmission, Status};
use crate::ambient::Ambient;
use crate::app::App;
use crate::crypto::secrets::same;
use crate::crypto::{self, Keyring, Secrets};
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

/// How many of each form are there, as counted within one transaction that holds their locks: a
/// form with many submissions is counted once for all that wait.
pub type Taken = HashMap<Uuid, i64>;

/// Whether the submission may still be stored. What is suspect counts towards nothing.
pub async fn refusal<C: ConnectionTrait>(
    connection: &C,
    submission: &SealedSubmission,
    taken: &mut Taken,
) -> Result<Option<WriteError>, db::Error> {
    let rules = &submission.rules;
    if let Some(limit) = rules.limit {
        let known = match taken.get(&submission.form_id) {
            Some(known) => *known,
            None => counted(connection, submission.form_id, limit).await?,
        };
        taken.insert(submission.form_id, known);
        if known >= i64::from(limit) {
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
        let sql = "SELECT COUNT(*) AS count FROM invitations WHERE id = ? AND form_id = ? AND answered_at IS NULL \
                   AND (expires_at IS NULL OR expires_at > ?)";
        let until = submission.received_at - LINK_GRACE;
        if count(connection, sql, vec![invitation.into(), submission.form_id.into(), until.into()]).await? == 0 {
            return Ok(Some(WriteError::LinkSpent));
        }
    }
    Ok(None)
}

/// Spends the link and gives the code, behind the insertion of the submission.
pub async fn settle<C: ConnectionTrait>(connection: &C, submission: &SealedSubmission) -> Result<(), db::Error> {
    if let Some(invitation) = submission.rules.invitation {
        let sql = "UPDATE invitations SET answered_at = ?, submission_id = ? \
                   WHERE id = ? AND form_id = ? AND answered_at IS NULL";
        let values =
            vec![submission.received_at.into(), submission.id.into(), invitation.into(), submission.form_id.into()];
        if db::execute(connection, sql, values).await? != 1 {
            return Err(db::Error::Dangling);
        }
    }
    let gives = submission.rules.gives_code;
    // None left is no reason to refuse an answer, and a suspect gets one when it is released.
    if gives && (submission.status != Status::New || !give_code(connection, submission.form_id, submission.id).await?) {
        let sql = "INSERT INTO incentive_claims (submission_id, form_id) VALUES (?, ?)";
        db::execute(connection, sql, vec![submission.id.into(), submission.form_id.into()]).await?;
    }
    Ok(())
}

/// Gives one of the form's codes to a submission; whether there was one.
async fn give_code<C: ConnectionTrait>(connection: &C, form: Uuid, submission: Uuid) -> Result<bool, db::Error> {
    let skip = if connection.get_database_backend() == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE incentive_codes SET submission_id = ? WHERE id = \
         (SELECT id FROM incentive_codes WHERE form_id = ? AND submission_id IS NULL ORDER BY id LIMIT 1 {skip})"
    );
    Ok(db::execute(connection, &sql, vec![submission.into(), form.into()]).await? == 1)
}

/// Gives a submission that is suspect no more the code that it was to get.
pub async fn released<C: ConnectionTrait>(connection: &C, form: Uuid, submission: Uuid) -> Result<(), db::Error> {
    let sql = "DELETE FROM incentive_claims WHERE submission_id = ?";
    let claimed = db::execute(connection, sql, vec![submission.into()]).await? == 1;
    if claimed && !give_code(connection, form, submission).await? {
        let sql = "INSERT INTO incentive_claims (submission_id, form_id) VALUES (?, ?)";
        db::execute(connection, sql, vec![submission.into(), form.into()]).await?;
    }
    Ok(())
}

/// Gives codes that were added just now to those who wait for one, the oldest first.
async fn serve_claims<C: ConnectionTrait>(connection: &C, form: Uuid) -> Result<(), db::Error> {
    let sql = "SELECT c.submission_id AS id FROM incentive_claims c JOIN submissions s ON s.id = c.submission_id \
               WHERE c.form_id = ? AND s.status <> 'spam' ORDER BY c.submission_id";
    for row in db::all::<IdRow, _>(connection, sql, vec![form.into()]).await? {
        if !give_code(connection, form, row.id).await? {
            return Ok(());
        }
        let sql = "DELETE FROM incentive_claims WHERE submission_id = ?";
        db::execute(connection, sql, vec![row.id.into()]).await?;
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

/// Whether a code waits to be given to the submission with this reference.
pub async fn is_claimed<C: ConnectionTrait>(connection: &C, form: Uuid, reference: &str) -> Result<bool, db::Error> {
    let sql = "SELECT COUNT(*) AS count FROM incentive_claims c JOIN submissions s ON s.id = c.submission_id \
               WHERE s.form_id = ? AND s.reference = ?";
    Ok(count(connection, sql, vec![form.into(), reference.into()]).await? > 0)
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
    serve_claims(connection, form).await?;
    Ok(added)
}

/// How many codes nobody has yet.
pub async fn codes_left<C: ConnectionTrait>(connection: &C, form: Uuid) -> Result<i64, db::Error> {
    let sql = "SELECT COUNT(*) AS count FROM incentive_codes WHERE form_id = ? AND submission_id IS NULL";
    count(connection, sql, vec![form.into()]).await
}

/// Submissions of a form that count towards its limit, up to that.
async fn counted<C: ConnectionTrait>(connection: &C, form: Uuid, limit: u32) -> Result<i64, db::Error> {
    let sql = format!(
        "SELECT COUNT(*) AS count FROM (SELECT 1 FROM submissions WHERE form_id = ? AND status <> 'spam' LIMIT {limit}) AS taken"
    );
    count(connection, &sql, vec![form.into()]).await
}

/// Which forms are full, for their pages: looked up once a second for each. What counts is decided
/// when a submission is stored.
#[derive(Default)]
pub struct Fullness {
    known: RwLock<HashMap<(Uuid, u32), (OffsetDateTime, bool)>>,
}

impl Fullness {
    /// Forgets what is known of a form that something was stored for just now.
    pub fn forget(&self, form: Uuid) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).retain(|(known, _), _| *known != form);
    }
}

/// Whether enough has come in already.
pub async fn is_full(app: &App, entry: &FormEntry, form: &FormDefinition) -> Result<bool, db::Error> {
    let Some(limit) = form.limit else { return Ok(false) };
    let (key, now) = ((entry.form_id, limit), app.ambient.now());
    let known = app.fullness.known.read().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
    if let Some((at, full)) = known
        && (now - at).abs() < Duration::seconds(1)
    {
        return Ok(full);
    }
    let full = counted(app.db.reader(), entry.form_id, limit).await? >= i64::from(limit);
    app.fullness.known.write().unwrap_or_else(PoisonError::into_inner).insert(key, (now, full));
    Ok(full)
}

/// What stands in a token for an access code of this form, in upper or lower case.
pub fn code_hash(secrets: &Secrets, form: Uuid, code: &str) -> [u8; 16] {
    let plain = code.trim().to_lowercase();
    first_half(&secrets.request_hash(&[b"access-code", form.as_bytes(), plain.as_bytes()]))
}

/// The first 16 bytes of a hash.
pub fn first_half(hash: &[u8; 32]) -> [u8; 16] {
    let mut start = [0; 16];
    start.copy_from_slice(&hash[..16]);
    start
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
    expires_at: OffsetDateTime,
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

/// Days that a personal link counts, unless it is made for another time.
pub const LINK_DAYS: u16 = 90;
/// How long after a link has expired a page that it opened in time may still be sent.
const LINK_GRACE: Duration = Duration::days(1);
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

/// A code for an address.
pub enum MadeTicket {
    /// It is to be sent there: its ticket and the code.
    Fresh(String, String),
    /// Enough are under way; this is the ticket of the newest that may still be tried.
    UnderWay(Option<String>),
}

/// Makes a code of six digits for the address with this blind index, unless enough are under way.
pub async fn make_ticket(app: &App, form: Uuid, address: &[u8; 32]) -> Result<MadeTicket, db::Error> {
    let now = app.ambient.now();
    let transaction = app.db.begin().await?;
    lock_all(&transaction, vec![lock_name(address)]).await?;
    let sql = "SELECT COUNT(*) AS count FROM address_codes WHERE form_id = ? AND address_hash = ? AND expires_at > ?";
    let values = vec![form.into(), address.to_vec().into(), now.into()];
    if count(&transaction, sql, values).await? >= TICKETS {
        let sql = "SELECT id FROM address_codes WHERE form_id = ? AND address_hash = ? AND expires_at > ? AND tries < ? \
                   ORDER BY expires_at DESC LIMIT 1";
        let values = vec![form.into(), address.to_vec().into(), now.into(), TRIES.into()];
        let newest = db::one::<IdRow, _>(&transaction, sql, values).await?;
        return Ok(MadeTicket::UnderWay(newest.map(|row| row.id.simple().to_string())));
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
    Ok(MadeTicket::Fresh(id.simple().to_string(), code))
}

/// Forgets a code that did not leave.
pub async fn forget_ticket(app: &App, ticket: &str) -> Result<(), db::Error> {
    let Ok(id) = ticket.parse::<Uuid>() else { return Ok(()) };
    db::execute(app.db.writer(), "DELETE FROM address_codes WHERE id = ?", vec![id.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
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
    let typed: String = code.chars().filter(char::is_ascii_digit).collect();
    if !same(&ticket_hash(app, id, &typed), &row.code_hash) {
        return Ok(if row.tries < TRIES { Ticket::Wrong } else { Ticket::Late });
    }
    // Of two that type it at once, one is let in.
    let deleted = db::execute(app.db.writer(), "DELETE FROM address_codes WHERE id = ?", vec![id.into()]).await?;
    Ok(if deleted == 1 { Ticket::Right } else { Ticket::Late })
}

/// How long a link is kept after it was answered or has expired, with whom it was for.
const LINK_KEPT: Duration = Duration::days(30);

/// Deletes codes that count no more, and links that were answered or have expired a while ago.
pub async fn sweep<C: ConnectionTrait>(connection: &C, now: OffsetDateTime) -> Result<(), db::Error> {
    db::execute(connection, "DELETE FROM address_codes WHERE expires_at <= ?", vec![now.into()]).await?;
    let sql = "DELETE FROM invitations WHERE answered_at < ? OR expires_at < ?";
    let before = now - LINK_KEPT;
    db::execute(connection, sql, vec![before.into(), before.into()]).await?;
    Ok(())
}
