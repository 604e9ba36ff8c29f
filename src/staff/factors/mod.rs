//! Second factors of this installation's accounts: authenticator apps (RFC 6238), passkeys (W3C
//! Web Authentication) and recovery codes.
//!
//! After a right password, an account that has a factor gets no session but a pending sign-in,
//! which [`prove`] decides and which is over after ten minutes. Every try counts before it is
//! looked at, so that guesses that come at once are no more than guesses that come in turn.

pub mod pages;
pub mod passkeys;
pub mod second;
pub mod store;
pub mod totp;

use std::net::IpAddr;

use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::login::{self, ACCOUNT_TRIES, ADDRESS_TRIES, LoginError};
use super::providers::LOCAL;
use super::store as staff_store;
use crate::ambient::Ambient;
use crate::app::App;
use crate::config::SecondFactor;
use crate::crypto::{self, Secrets};
use crate::db;
use crate::ledger;

/// How long a sign-in waits for its second factor, and setting one up for its end.
pub const PATIENCE: Duration = Duration::minutes(10);
/// Factors of one account at most.
pub const MOST: usize = 10;
/// Recovery codes that are made at once.
pub const CODES: usize = 10;
/// With so many recovery codes left, new ones are due.
pub const FEW_CODES: i64 = 3;
/// Most characters of what a factor is called.
pub const LONGEST_LABEL: usize = 60;

/// What somebody proves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

impl Kind {
    /// The name in the database and in the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery-code",
        }
    }
}

/// What somebody shows as a second factor. Says nothing of itself in logs.
pub enum Proof {
    /// What an authenticator app shows.
    Code(String),
    /// A browser's answer to a challenge, and what is kept of the challenge.
    Passkey {
        /// The answer, in JSON.
        answer: String,
        /// What [`passkeys::challenge`] gave to be kept.
        kept: String,
    },
    /// A recovery code.
    Recovery(String),
}

impl Proof {
    const fn kind(&self) -> Kind {
        match self {
            Self::Code(_) => Kind::Totp,
            Self::Passkey { .. } => Kind::Passkey,
            Self::Recovery(_) => Kind::RecoveryCode,
        }
    }
}

/// Whether `proof` is a second factor of the account, which it then was once and for all. Wrong
/// ones make the account and the address wait as wrong passwords do.
pub async fn prove(app: &App, staff: Uuid, proof: Proof, address: Option<IpAddr>) -> Result<Kind, LoginError> {
    let now = app.ambient.now();
    let subject = app.secrets.login_subject("second factor", &staff.to_string());
    let place = login::place(app, address);
    login::refuse_while_waiting(app, &[&place], now).await?;
    take_a_try(app, &subject, now).await?;
    let kind = proof.kind();
    let used = match proof {
        Proof::Code(code) => uses_code(app, staff, &code, now).await?,
        Proof::Passkey { answer, kept } => uses_passkey(app, staff, &answer, &kept, now).await?,
        Proof::Recovery(code) => {
            store::spend_code(app.db.writer(), staff, &code_hash(&app.secrets, staff, &code)).await?
        }
    };
    let transaction = app.db.begin().await?;
    if !used {
        login::count_wrong(&transaction, &[(&place, ADDRESS_TRIES)], now).await?;
        record(&transaction, &app.ambient, "staff-factor-wrong", staff, json!({ "kind": kind.name() })).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        return Err(LoginError::Wrong);
    }
    staff_store::clear_failures(&transaction, &subject).await?;
    if kind == Kind::RecoveryCode {
        record(&transaction, &app.ambient, "staff-recovery-code-used", staff, json!({})).await?;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(kind)
}

/// Counts a try before it is made. Of those that come at once, each sees the count of the one
/// before it, so that no more are made than the waits allow.
async fn take_a_try(app: &App, subject: &[u8; 32], now: OffsetDateTime) -> Result<(), LoginError> {
    let transaction = app.db.begin().await?;
    let tries = staff_store::count_failure(&transaction, subject, now, now - login::MEMORY).await?;
    if let Some(wait) = login::waits(&transaction, subject, now).await? {
        // A try that was not made does not count.
        return Err(LoginError::Blocked(wait));
    }
    if tries >= ACCOUNT_TRIES {
        staff_store::block(&transaction, subject, now + login::wait(tries - ACCOUNT_TRIES)).await?;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(())
}

async fn uses_code(app: &App, staff: Uuid, code: &str, now: OffsetDateTime) -> Result<bool, db::Error> {
    let Some(keyring) = &app.keyring else { return Ok(false) };
    for factor in store::of_staff(app.db.reader(), staff).await? {
        let Some(sealed) = &factor.sealed else { continue };
        let Ok(secret) = keyring.open_own(&totp::context(staff), sealed) else {
            tracing::error!(factor = %factor.id, "the secret of an authenticator app does not open with the master key");
            continue;
        };
        if let Some(step) = totp::step(&secret, code, now)
            && store::use_step(app.db.writer(), factor.id, step, now).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn uses_passkey(
    app: &App,
    staff: Uuid,
    answer: &str,
    kept: &str,
    now: OffsetDateTime,
) -> Result<bool, db::Error> {
    let Some(passkeys) = passkeys::Passkeys::at(&app.config.public_url()) else { return Ok(false) };
    for factor in store::of_staff(app.db.reader(), staff).await? {
        let Some(before) = &factor.credential else { continue };
        if let Some(after) = passkeys.answered(answer, kept, before)
            && store::use_passkey(app.db.writer(), factor.id, before, &after, now).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// New recovery codes instead of all earlier ones. They are nowhere but in the answer.
pub async fn new_codes<C: sea_orm::ConnectionTrait>(
    connection: &C,
    app: &App,
    staff: Uuid,
) -> Result<Vec<String>, db::Error> {
    store::remove_codes(connection, staff).await?;
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let plain = crypto::base32(&app.ambient.bytes::<10>());
        store::add_code(connection, staff, &code_hash(&app.secrets, staff, &plain), app.ambient.now()).await?;
        codes.push(in_groups(&plain));
    }
    record(connection, &app.ambient, "staff-recovery-codes-made", staff, json!({})).await?;
    Ok(codes)
}

/// Eighty random bits need no slow hash.
fn code_hash(secrets: &Secrets, staff: Uuid, code: &str) -> [u8; 32] {
    secrets.login_subject(&format!("recovery code of {staff}"), &crypto::normal_base32(code))
}

/// Removes all factors and recovery codes of an account, and ends its sessions; says whether there
/// were any.
pub async fn remove_all<C: sea_orm::ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    staff: Uuid,
) -> Result<bool, db::Error> {
    let had_any = store::remove_all(connection, staff).await?;
    staff_store::end_sessions(connection, staff).await?;
    let entry = ledger::Entry::new("staff-factors-reset", json!({ "by": "command" }));
    ledger::append(connection, ambient, entry.about(staff)).await?;
    Ok(had_any)
}

/// Writes what somebody did to their own account to the ledger.
pub async fn record<C: sea_orm::ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    kind: &'static str,
    staff: Uuid,
    body: serde_json::Value,
) -> Result<(), db::Error> {
    ledger::append(connection, ambient, ledger::Entry::new(kind, body).by(staff).about(staff)).await
}

/// Whether this account must set up a second factor before it does anything else.
pub async fn is_missing(app: &App, staff: Uuid, provider: &str) -> Result<bool, db::Error> {
    let asked_for = provider == LOCAL && app.config.staff.second_factor == SecondFactor::Required;
    Ok(asked_for && !store::has_any(app.db.reader(), staff).await?)
}

/// In groups of four, to read out and to type.
pub fn in_groups(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// What a factor is called: one line, not too long, never empty.
pub fn label(typed: &str, otherwise: &str) -> String {
    let kept: String = typed.chars().filter(|c| !c.is_control()).take(LONGEST_LABEL).collect();
    let kept = kept.trim();
    if kept.is_empty() { otherwise.to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_short_line() {
        assert_eq!(label(" work\nphone ", "App"), "workphone");
        assert_eq!(label(" \t", "App"), "App");
        assert_eq!(label(&"x".repeat(100), "App").len(), LONGEST_LABEL);
    }

    #[test]
    fn codes_are_read_in_groups() {
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD-EFGH-IJ");
        let secrets = Secrets::derive(&[7; 32]);
        let [ana, bob] = [1, 2].map(Uuid::from_u128);
        assert_eq!(code_hash(&secrets, ana, "0AB1-CDEF"), code_hash(&secrets, ana, " oabl cdef"));
        assert_ne!(code_hash(&secrets, ana, "0AB1-CDEF"), code_hash(&secrets, bob, "0AB1-CDEF"));
    }
}
