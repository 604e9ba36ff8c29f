//! Logging in with a user name and a password, and what slows down guessing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use super::providers::{self, Admitted, LOCAL, Ready, admit};
use super::{Access, Person, SignInError, Username, factors, store};
use crate::app::App;
use crate::crypto::passwords::is_outdated;
use crate::db;
use crate::ledger;
use crate::submissions::limits::bucket;

/// Failures of one account before waits begin.
pub const ACCOUNT_TRIES: i32 = 5;
/// Failures from one address before waits begin.
pub const ADDRESS_TRIES: i32 = 20;
/// Answers of providers that were refused to one address and go on record, until there was none for a day.
const RECORDS: i32 = 50;
const FIRST_WAIT: Duration = Duration::seconds(30);
const LONGEST_WAIT: Duration = Duration::hours(1);
/// Failures this long apart do not add up.
pub(super) const MEMORY: Duration = Duration::hours(24);

/// Why somebody is not let in. The same for unknown and known accounts.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// No account has this name and password.
    #[error("user name or password is wrong")]
    Wrong,
    /// Too many failures.
    #[error("too many failures; no try for {0}")]
    Blocked(Duration),
    /// The provider knows them, but none of their groups has a role here.
    #[error("no role")]
    NoRole(String),
    /// The account was disabled here.
    #[error("disabled")]
    Disabled(String),
    /// They turned back at the provider.
    #[error("cancelled")]
    Cancelled,
    /// What came back with the browser counts for nothing.
    #[error("refused")]
    Refused,
    /// The provider does not answer.
    #[error("the provider does not answer")]
    Away,
    /// The provider is not set up as it should be.
    #[error("the provider is not set up as it should be")]
    Misconfigured,
    /// The password is right, and a second factor would be asked for where there is a page for it.
    #[error("the account has a second factor")]
    SecondFactor,
    /// The database.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// What a right password leads to.
#[derive(Debug)]
pub enum Passed {
    /// A session: its token.
    In(String),
    /// The question for this account's second factor; with the SHA-256 of the hash that the password was right for.
    Second(Uuid, [u8; 32]),
}

/// Lets somebody in, or on to their second factor.
pub async fn log_in(
    app: &App,
    provider: Option<&Ready>,
    username: &str,
    password: SecretString,
    address: Option<std::net::IpAddr>,
) -> Result<Passed, LoginError> {
    let (staff, verified) = match prove(app, provider, username, password, address).await? {
        Found::Account(id, verified) => (id, Some(verified)),
        Found::Person(ready, person) => (let_in(app, ready, person).await?, None),
    };
    pass(app, staff, verified.as_deref(), &store::Origin::of(provider.map_or(LOCAL, Ready::id))).await
}

/// What became of somebody who proved once more who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is on record.
    Done,
    /// The account has a second factor, and signs in anew with it; with the SHA-256 of the hash that the password was
    /// right for.
    Second(Uuid, [u8; 32]),
}

/// Takes note that the owner of a session knows the password still. Who has a second factor proves that as well.
pub async fn confirm(
    app: &App,
    access: &Access,
    password: SecretString,
    address: Option<std::net::IpAddr>,
) -> Result<Confirmed, LoginError> {
    let Some(staff) = store::by_id(app.db.reader(), access.staff_id).await? else { return Err(LoginError::Wrong) };
    let ready = app.providers.named(&access.provider).filter(|one| one.directory().is_some());
    // Whoever signs in elsewhere has no password here.
    if ready.is_none() && access.provider != LOCAL {
        return Err(LoginError::Wrong);
    }
    let username = staff.login.as_deref().unwrap_or(&staff.username);
    let (same, verified) = match prove(app, ready, username, password, address).await? {
        Found::Account(id, verified) => (id == staff.id, verified),
        Found::Person(_, person) => (person.subject == staff.username, String::new()),
    };
    // A name may be somebody else's by now.
    if !same {
        return Err(LoginError::Wrong);
    }
    if access.provider == LOCAL && factors::store::has_any(app.db.reader(), staff.id).await? {
        return Ok(Confirmed::Second(staff.id, crate::crypto::sha256(verified.as_bytes())));
    }
    if !store::confirm_session(app.db.writer(), &access.session, staff.id, app.ambient.now()).await? {
        return Err(LoginError::Wrong);
    }
    super::auth::confirmed_on_record(app, Some(staff.id), &access.provider).await?;
    Ok(Confirmed::Done)
}

/// Whose name and password these are, as often as waits allow.
async fn prove<'a>(
    app: &App,
    provider: Option<&'a Ready>,
    username: &str,
    password: SecretString,
    address: Option<std::net::IpAddr>,
) -> Result<Found<'a>, LoginError> {
    let now = app.ambient.now();
    let name = Username::parse(username);
    let spelt = name.as_ref().map_or("", Username::as_str);
    let account = match provider.map(|one| &one.settings.id) {
        None => app.secrets.login_subject("account", spelt),
        Some(id) => app.secrets.login_subject(&format!("account of {id}"), &folded(username)),
    };
    let place = place(app, address);
    refuse_while_waiting(app, &[&account, &place], now).await?;
    let (found, entry) = match provider {
        None => (local(app, name, password).await?.map(|(id, verified)| Found::Account(id, verified)), None),
        Some(ready) => match by_provider(app, ready, username, &password).await? {
            Ok(person) => (Some(Found::Person(ready, person)), None),
            Err(entry) => (None, entry),
        },
    };
    // However a name is spelt, it is the directory's one account. While that waits, a right password is told
    // no more than a wrong one.
    let entry = match &found {
        Some(Found::Person(_, person)) => Some(person.entry.clone()),
        _ => entry,
    };
    let entry = entry
        .zip(provider)
        .map(|(entry, ready)| app.secrets.login_subject(&format!("entry of {}", ready.settings.id), &entry));
    // Nor is anybody told by it which names there are: the wait is of names that are there only.
    let waits = match &entry {
        Some(entry) => waits(app.db.reader(), entry, now).await?.is_some(),
        None => false,
    };
    // Again, for guesses that were under way together with those that began the wait: right or wrong, they are told
    // the same.
    refuse_while_waiting(app, &[&account, &place], now).await?;
    let Some(found) = found.filter(|_| !waits) else {
        let counted = [(&account, ACCOUNT_TRIES), (&place, ADDRESS_TRIES)];
        let entry = entry.as_ref().map(|entry| (entry, ACCOUNT_TRIES));
        let transaction = app.db.begin().await?;
        count_wrong(&transaction, &counted.into_iter().chain(entry).collect::<Vec<_>>(), now).await?;
        providers::refused(&transaction, app, provider.map_or(LOCAL, Ready::id), None, "wrong").await?;
        transaction.commit().await.map_err(db::Error::from)?;
        tracing::info!("a login failed");
        return Err(LoginError::Wrong);
    };
    if let Some(entry) = &entry {
        store::clear_failures(app.db.writer(), entry).await?;
    }
    store::clear_failures(app.db.writer(), &account).await?;
    Ok(found)
}

/// Whose name and password these are, for somebody who is to become no staff. The same waits and the same
/// silence about which names there are.
pub async fn vouch(
    app: &App,
    provider: Option<&Ready>,
    username: &str,
    password: SecretString,
    address: Option<std::net::IpAddr>,
) -> Result<Person, LoginError> {
    match prove(app, provider, username, password, address).await? {
        Found::Person(_, person) => Ok(person),
        Found::Account(id, _) => {
            // A password alone is not enough for whoever has more.
            if factors::store::has_any(app.db.reader(), id).await? {
                return Err(LoginError::SecondFactor);
            }
            let staff = store::by_id(app.db.reader(), id).await?.ok_or(LoginError::Wrong)?;
            let login = staff.username;
            Ok(Person {
                subject: id.to_string(),
                entry: login.clone(),
                login,
                name: staff.name,
                email: None,
                groups: Vec::new(),
            })
        }
    }
}

/// The account of somebody whom a provider has let in, brought up to date.
pub async fn let_in(app: &App, ready: &Ready, person: Person) -> Result<Uuid, LoginError> {
    match admit(app, &ready.settings, &person).await? {
        Admitted::In(id) => Ok(id),
        Admitted::NoRole => Err(LoginError::NoRole(person.name)),
        Admitted::Disabled => Err(LoginError::Disabled(person.name)),
    }
}

/// What somebody is told when a provider lets them not in; the cause goes to the log.
pub fn told(provider: &str, error: &SignInError) -> LoginError {
    match error {
        SignInError::Wrong(_) => LoginError::Wrong,
        SignInError::Cancelled => LoginError::Cancelled,
        SignInError::Refused(reason) => {
            tracing::warn!(provider, %reason, "a sign-in was refused: the answer of the provider counts for nothing");
            LoginError::Refused
        }
        SignInError::Away(reason) => {
            tracing::warn!(provider, %reason, "nobody can sign in: the provider does not answer");
            LoginError::Away
        }
        SignInError::Provider(reason) => {
            tracing::error!(provider, %reason, "nobody can sign in: the provider is not set up right");
            LoginError::Misconfigured
        }
    }
}

/// Begins a session for whom a provider let in, unless this installation asks for a second factor.
pub async fn pass(
    app: &App,
    staff: Uuid,
    verified: Option<&str>,
    origin: &store::Origin,
) -> Result<Passed, LoginError> {
    if origin.provider == LOCAL && factors::store::has_any(app.db.reader(), staff).await? {
        let verified = crate::crypto::sha256(verified.unwrap_or_default().as_bytes());
        return Ok(Passed::Second(staff, verified));
    }
    let needs = verified.map(|hash| Still { hash: Some(hash), factor: false });
    Ok(Passed::In(begin(app, staff, needs, origin).await?.ok_or(LoginError::Wrong)?))
}

/// What has to hold still for an account of this installation when its session begins.
#[derive(Debug, Clone, Copy)]
pub struct Still<'a> {
    /// The hash that its password was right for.
    pub hash: Option<&'a str>,
    /// Whether it has a second factor.
    pub factor: bool,
}

/// A name as it is counted: people at a directory may have spaces in theirs.
fn folded(username: &str) -> String {
    let words: String = username.nfkc().collect::<String>().to_lowercase();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whose password was right.
enum Found<'a> {
    /// With the hash that the password was right for.
    Account(Uuid, String),
    Person(&'a Ready, Person),
}

async fn local(
    app: &App,
    username: Option<Username>,
    password: SecretString,
) -> Result<Option<(Uuid, String)>, LoginError> {
    let found = match &username {
        Some(username) => store::by_username(app.db.reader(), username).await?,
        None => None,
    };
    let found = found.filter(|staff| staff.disabled_at.is_none());
    let stored = found.as_ref().and_then(|staff| staff.password_hash.as_deref());
    let right = app.passwords.verify(password.clone(), stored).await;
    let mut verified = stored.map(str::to_owned).filter(|_| right);
    if let (true, Some(staff), Some(old)) = (right, &found, stored.filter(|stored| is_outdated(stored)))
        && let Some(new) = app.passwords.hash(password).await
    {
        factors::store::rehash(app.db.writer(), staff.id, old, &new).await?;
        verified = Some(new);
    }
    Ok(found.map(|staff| staff.id).zip(verified))
}

/// Whether this is the password of an account that has a session already. Wrong ones count as those
/// at sign-in do.
pub async fn is_password(
    app: &App,
    staff: Uuid,
    account: &factors::store::AccountRow,
    password: SecretString,
    address: Option<std::net::IpAddr>,
) -> Result<(), LoginError> {
    let now = app.ambient.now();
    let subject = app.secrets.login_subject("account", &account.username);
    let place = place(app, address);
    refuse_while_waiting(app, &[&subject, &place], now).await?;
    let right = app.passwords.verify(password, account.password_hash.as_deref()).await;
    // Right or wrong, whatever was under way when the wait began is told the same.
    refuse_while_waiting(app, &[&subject, &place], now).await?;
    if !right {
        let transaction = app.db.begin().await?;
        count_wrong(&transaction, &[(&subject, ACCOUNT_TRIES), (&place, ADDRESS_TRIES)], now).await?;
        providers::refused(&transaction, app, LOCAL, Some(staff), "wrong").await?;
        transaction.commit().await.map_err(db::Error::from)?;
        return Err(LoginError::Wrong);
    }
    Ok(store::clear_failures(app.db.writer(), &subject).await?)
}

/// Whether one more answer that was refused goes on record: of one address only so many in a day do, because what is on
/// record stays there.
pub(super) async fn is_worth_a_record(app: &App, address: Option<std::net::IpAddr>) -> Result<bool, db::Error> {
    let now = app.ambient.now();
    let place = address.map_or_else(String::new, |address| bucket(address).to_string());
    let subject = app.secrets.login_subject("refused answers from", &place);
    Ok(store::count_failure(app.db.writer(), &subject, now, now - MEMORY).await? <= RECORDS)
}

/// The name under which failures from an address are counted.
pub(super) fn place(app: &App, address: Option<std::net::IpAddr>) -> [u8; 32] {
    app.secrets.login_subject("address", &address.map_or_else(String::new, |address| bucket(address).to_string()))
}

/// Counts a failure under each of these keyed hashes, which wait after so many of them.
pub(super) async fn count_wrong<C: sea_orm::ConnectionTrait>(
    connection: &C,
    subjects: &[(&[u8; 32], i32)],
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    for (subject, tries) in subjects {
        let failures = store::count_failure(connection, subject, now, now - MEMORY).await?;
        if failures >= *tries {
            store::block(connection, subject, now + wait(failures - tries)).await?;
        }
    }
    Ok(())
}

/// Whom the provider lets in; or what it calls the account whose password was wrong.
async fn by_provider(
    app: &App,
    ready: &Ready,
    username: &str,
    password: &SecretString,
) -> Result<Result<Person, Option<String>>, LoginError> {
    let outcome = providers::sign_in(ready, username, password).await;
    providers::note(app, ready.id(), &outcome).await?;
    match outcome {
        Ok(person) => Ok(Ok(person)),
        Err(SignInError::Wrong(entry)) => Ok(Err(entry)),
        Err(error) => Err(told(ready.id(), &error)),
    }
}

pub(super) async fn refuse_while_waiting(
    app: &App,
    subjects: &[&[u8; 32]],
    now: OffsetDateTime,
) -> Result<(), LoginError> {
    for subject in subjects {
        if let Some(wait) = waits(app.db.reader(), subject, now).await? {
            return Err(LoginError::Blocked(wait));
        }
    }
    Ok(())
}

/// How long there is still no try under this keyed hash.
pub(super) async fn waits<C: sea_orm::ConnectionTrait>(
    connection: &C,
    subject: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<Duration>, db::Error> {
    let row = store::failures(connection, subject).await?;
    // A clock that was wrong when the wait began does not lock anybody out for years.
    let until = row.and_then(|row| row.blocked_until).filter(|until| now < *until && *until - now <= LONGEST_WAIT);
    Ok(until.map(|until| until - now))
}

/// Begins a session for an account and gives its token: 256 random bits.
///
/// Checking a password takes its time, in which the account may have been disabled or given another password or a
/// second factor: then there is no session.
pub async fn begin(
    app: &App,
    staff: Uuid,
    still: Option<Still<'_>>,
    origin: &store::Origin,
) -> Result<Option<String>, db::Error> {
    let token = URL_SAFE_NO_PAD.encode(app.ambient.bytes::<32>());
    let now = app.ambient.now();
    let transaction = app.db.begin().await?;
    factors::store::lock(&transaction, staff).await?;
    let account = store::by_id(&transaction, staff).await?.filter(|row| row.disabled_at.is_none());
    let Some(account) = account else { return Ok(None) };
    if let Some(still) = still
        && (still.hash.is_some_and(|hash| account.password_hash.as_deref() != Some(hash))
            || factors::store::has_any(&transaction, staff).await? != still.factor)
    {
        return Ok(None);
    }
    let hash = crate::crypto::sha256(token.as_bytes());
    store::begin_session(&transaction, &app.ambient, &hash, staff, origin, &app.config.staff).await?;
    store::logged_in(&transaction, staff, now).await?;
    ledger::append(
        &transaction,
        &app.ambient,
        ledger::Entry::new("staff-login", json!({ "provider": origin.provider })).by(staff).about(staff),
    )
    .await?;
    transaction.commit().await?;
    Ok(Some(token))
}

/// Half a minute, doubled by each further failure, up to an hour.
pub(super) fn wait(further: i32) -> Duration {
    let doublings = u32::try_from(further).unwrap_or(0).min(16);
    (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        assert_eq!([0, 1, 2, 30].map(wait), [30, 60, 120, 3600].map(Duration::seconds));
    }
}
