//! Visitors who have signed in for a form: what is known of each is sealed to a key that only the form's
//! address in their browser holds. Every query on `visitor_sign_ins` but the sweeping.

use sea_orm::FromQueryResult;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Duration;
use uuid::Uuid;
use zeroize::Zeroize as _;

use super::admission::first_half;
use crate::app::App;
use crate::crypto::{self, Identity, SealError};
use crate::db;
use crate::forms::catalog::FormEntry;
use crate::forms::definition::{IdentityPart, SignIn};
use crate::forms::token::Admitted;
use crate::staff::Person;

/// How long a visitor stays signed in.
pub const LASTS: Duration = Duration::hours(1);
/// The first byte of what the address carries.
const FORMAT: u8 = 6;

/// Who somebody is, as a provider says. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The provider's id.
    pub provider: String,
    /// What the provider never gives to anybody else.
    pub subject: String,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Verified {
    /// Only what the form keeps.
    #[must_use]
    pub fn kept_by(&self, sign_in: &SignIn) -> Self {
        let kept = |part, value: &Option<String>| value.clone().filter(|_| sign_in.identity.contains(&part));
        Self {
            provider: self.provider.clone(),
            subject: self.subject.clone(),
            name: kept(IdentityPart::Name, &self.name),
            email: kept(IdentityPart::Email, &self.email),
        }
    }

    /// As it stands among answers.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// As it was found among answers.
    pub fn from_value(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// Whose blind index finds them again. An id of a provider has no colon.
    pub fn known_as(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(format!("{}:{}", self.provider, self.subject))
    }
}

impl Drop for Verified {
    fn drop(&mut self) {
        self.subject.zeroize();
        self.name.zeroize();
        self.email.zeroize();
    }
}

/// A visitor who is signed in.
#[derive(Clone)]
pub struct Visitor {
    /// What the address carries.
    pub admission: String,
    /// The beginning of the hash under which the sign-in is kept.
    pub hash: [u8; 16],
    /// Who it is.
    pub verified: Verified,
}

impl Visitor {
    /// How they were let in.
    pub fn admitted(&self) -> Admitted {
        Admitted::SignIn(self.hash)
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    form: Uuid,
    verified: Verified,
    /// Those of their groups that the form asked about.
    groups: Vec<String>,
}

/// Whether somebody of `groups` is let in. Letter by letter, as roles are given.
fn lets_in(sign_in: &SignIn, groups: &[String]) -> bool {
    sign_in.groups.is_empty() || sign_in.groups.iter().any(|group| groups.contains(group))
}

fn token_hash(secret: &[u8]) -> [u8; 32] {
    crypto::sha256(&[b"visitor sign-in ", secret].concat())
}

/// Keeps for an hour who has signed in, and gives what the form's address is to carry; nothing where none of
/// their groups is let in.
pub async fn remember(
    app: &App,
    entry: &FormEntry,
    sign_in: &SignIn,
    provider: &str,
    mut person: Person,
) -> Result<Option<String>, db::Error> {
    if !lets_in(sign_in, &person.groups) {
        return Ok(None);
    }
    person.groups.retain(|group| sign_in.groups.contains(group));
    let verified = Verified {
        provider: provider.to_owned(),
        subject: person.subject,
        name: Some(person.name).filter(|name| !name.is_empty()),
        email: person.email,
    };
    let kept = Kept { form: entry.form_id, verified, groups: person.groups };
    let failed = |error: SealError| db::Error::Other(error.to_string());
    let plaintext = serde_json::to_vec(&kept).map(zeroize::Zeroizing::new);
    let plaintext = plaintext.map_err(|_| failed(SealError::Unopenable))?;
    let identity = Identity::generate();
    let sealed = crypto::seal(&[identity.recipient()], &plaintext).map_err(failed)?;
    let secret = identity.to_secret();
    let secret = secret.expose_secret().as_bytes();
    let now = app.ambient.now();
    let sql = "INSERT INTO visitor_sign_ins (token_hash, form_id, provider, sealed, created_at, expires_at) \
               VALUES (?, ?, ?, ?, ?, ?)";
    let values = vec![
        token_hash(secret).to_vec().into(),
        entry.form_id.into(),
        provider.into(),
        sealed.into(),
        now.into(),
        (now + LASTS).into(),
    ];
    db::execute(app.db.writer(), sql, values).await?;
    let payload = [&[FORMAT], entry.form_id.as_bytes().as_slice(), secret].concat();
    Ok(Some(app.secrets.sign_token(&payload)))
}

#[derive(FromQueryResult)]
struct Row {
    provider: String,
    sealed: Vec<u8>,
}

/// The visitor whose address carries `admission`, if it was made for this form as it is published now, less than
/// an hour ago.
pub async fn find(app: &App, entry: &FormEntry, admission: &str) -> Result<Option<Visitor>, db::Error> {
    let Some(sign_in) = &entry.shown.form.definition.sign_in else { return Ok(None) };
    // Before the database is asked: whoever makes one up learns nothing and costs nothing.
    let Some(payload) = app.secrets.verify_token(admission).map(zeroize::Zeroizing::new) else { return Ok(None) };
    let prefix = [&[FORMAT], entry.form_id.as_bytes().as_slice()].concat();
    let Some(secret) = payload.strip_prefix(prefix.as_slice()) else { return Ok(None) };
    let hash = token_hash(secret);
    let sql = "SELECT provider, sealed FROM visitor_sign_ins WHERE token_hash = ? AND form_id = ? AND expires_at > ?";
    let values = vec![hash.to_vec().into(), entry.form_id.into(), app.ambient.now().into()];
    let Some(row) = db::one::<Row, _>(app.db.reader(), sql, values).await? else { return Ok(None) };
    let identity = std::str::from_utf8(secret).ok().and_then(|secret| secret.parse::<Identity>().ok());
    let opened = identity.and_then(|identity| crypto::open(&identity, &row.sealed).ok());
    let kept = opened.and_then(|plaintext| serde_json::from_slice::<Kept>(&plaintext).ok());
    let Some(kept) = kept else {
        tracing::error!("a visitor's sign-in does not open");
        return Ok(None);
    };
    // Neither a row that was moved nor a provider or group that the form names no more.
    let counts = kept.form == entry.form_id
        && kept.verified.provider == row.provider
        && sign_in.providers.contains(&row.provider)
        && lets_in(sign_in, &kept.groups);
    Ok(counts.then(|| Visitor { admission: admission.to_owned(), hash: first_half(&hash), verified: kept.verified }))
}
