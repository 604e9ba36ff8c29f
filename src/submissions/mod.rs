//! Submissions: filled-in forms on their way in, sealed, and back out to those who may read them.
//!
//! The way in: [`accept`] checks, decides and seals; [`writer`] commits. The way out:
//! [`store`] finds, [`sealing::open_part`] opens, [`inbox`] shows.

pub mod admission;
pub mod api;
pub mod body;
pub mod door;
pub mod inbox;
pub mod limits;
pub mod links;
pub mod pages;
pub mod receipt;
pub mod scan;
pub mod sealing;
pub mod sign_in;
pub mod spam;
pub mod store;
pub mod uploads;
pub mod visitors;
pub mod writer;

use std::collections::BTreeMap;

use crate::ambient::Ambient;
use crate::consents::{self, Decided};
use crate::crypto::Secrets;
use crate::crypto::secrets::BlindKind;
use crate::forms::catalog::FormEntry;
use crate::forms::token::Admitted;
use crate::forms::{Answers, Checked, Code, FieldError, FieldType, Sent, Shown};
use crate::sites::Lang;

use visitors::Verified;

pub use sealing::{SealedPart, SealedSubmission};

/// How a submission came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// From a page that showed the policy and the wordings, which its token proves.
    Form,
    /// From a program, which showed them itself.
    Api,
}

impl Method {
    /// The name in the database and in receipts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Api => "api",
        }
    }
}

/// How far staff have come with a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody has taken it up.
    New,
    /// Somebody works on it.
    Open,
    /// Nothing is left to do.
    Done,
    /// Not meant seriously.
    Spam,
}

impl Status {
    /// Every status, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::New, Self::Open, Self::Done, Self::Spam];

    /// The name in the database, in URLs and in the keys of translations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Done => "done",
            Self::Spam => "spam",
        }
    }

    /// The status with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Everything that came in with one request.
pub struct Incoming {
    /// What the sender was shown.
    pub shown: Shown,
    /// How it came in.
    pub method: Method,
    /// The language of the page or request.
    pub lang: Lang,
    /// Where in the customer's journey, if the sender says.
    pub touchpoint: Option<String>,
    /// What was sent, by control.
    pub sent: Sent,
    /// The consents by purpose.
    pub consents: BTreeMap<String, bool>,
    /// What is known of how it came.
    pub evidence: spam::Evidence,
    /// A keyed hash of its long texts, to notice copies.
    pub content: Option<[u8; 32]>,
    /// How the sender was let in, where the form is not open to everybody.
    pub admitted: Option<Admitted>,
    /// Who signed in for it.
    pub visitor: Option<Verified>,
    /// The idempotency key (already bound to the form) and the fingerprint of the request.
    pub idempotency: Option<([u8; 32], [u8; 32])>,
}

/// What became of an accepted request: sealed and ready to be committed.
pub struct Accepted {
    /// What will be stored.
    pub sealed: SealedSubmission,
    /// The consents, for the receipt.
    pub decided: Vec<Decided>,
}

/// Why a request is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Answers or consents do not fit; all of them, in the form's order.
    #[error("{} answers do not fit", .0.len())]
    Invalid(Vec<FieldError>),
    /// Sealing failed, which a sound installation does not do.
    #[error("sealing failed: {0}")]
    Seal(#[from] crate::crypto::SealError),
}

/// Checks, decides, withholds and seals. No I/O; plaintext ends here.
pub fn accept(
    entry: &FormEntry,
    incoming: &Incoming,
    ambient: &Ambient,
    secrets: &Secrets,
    quickest: time::Duration,
) -> Result<Accepted, AcceptError> {
    let Incoming { shown, method, lang, touchpoint, sent, consents, evidence, content, .. } = incoming;
    let Incoming { admitted, idempotency, visitor, .. } = incoming;
    // What was shown says what of it is kept, and what for.
    let kept = visitor.as_ref().zip(shown.form.definition.sign_in.as_ref());
    let kept = kept.map(|(visitor, sign_in)| (visitor.kept_by(sign_in), sign_in.purpose.as_str()));
    let checked = shown.form.check(sent, shown.country());
    let decided = consents::decide(shown, consents);
    let (Checked { answers, unknown }, decided) = match (checked, decided) {
        (Ok(checked), Ok(decided)) => (checked, decided),
        (checked, decided) => {
            let errors = checked.err().into_iter().chain(decided.err()).flatten().collect();
            return Err(AcceptError::Invalid(errors));
        }
    };
    check_proved(entry, &answers, *admitted, secrets)?;
    let known = |slug: &String| shown.form.definition.consents.iter().any(|ask| &ask.purpose == slug);
    let unknown = unknown + consents.keys().filter(|slug| !known(slug)).count();
    let received_at = ambient.now();
    let id = ambient.new_id();
    let suspicions = spam::suspicions(&shown.form, &answers, evidence, received_at, quickest);
    let mut blind = blind_indexes(shown, &answers, &decided, secrets);
    if let Some((identity, purpose)) = &kept {
        for index in blind_indexes_of(shown, identity, purpose, secrets) {
            if !blind.contains(&index) {
                blind.push(index);
            }
        }
    }
    let counted = entry.shown.form.definition.limit_per_person.as_ref();
    let person = counted.and_then(|limit| person(entry, shown, limit, &answers, visitor.as_ref(), secrets));
    let mut parts = consents::split_by_purpose(shown, answers, &decided);
    if let Some((identity, slug)) = &kept {
        add_identity(&mut parts, shown, slug, identity);
    }
    let mut sealed_parts = Vec::with_capacity(parts.len());
    let mut files = Vec::new();
    for (purpose, answers) in parts {
        files.extend(files_of(shown, &answers));
        let sealed = sealing::seal_part(&entry.recipients, id, shown, &purpose, &answers)?;
        sealed_parts.push(SealedPart {
            purpose_id: purpose.version.owner,
            purpose_version_id: purpose.version.id,
            inbox_key_id: entry.inbox_key,
            sealed,
            expires_at: purpose.definition.expires_at(received_at),
        });
    }
    let events = decided.iter().map(|one| sealing::ConsentEvent {
        id: ambient.new_id(),
        purpose_id: one.purpose.version.owner,
        purpose_version_id: one.purpose.version.id,
        action: one.action,
        wording_sha256: wording_sha256(&one.purpose.definition, *lang),
    });
    let touchpoint = touchpoint.clone().unwrap_or_else(|| shown.form.definition.touchpoint.clone());
    let sealed = SealedSubmission {
        id,
        site_id: entry.site_id,
        form_id: entry.form_id,
        site_version_id: shown.site.version.id,
        form_version_id: shown.form.version.id,
        policy_version_id: shown.policy.version.id,
        reference: reference(ambient),
        method: *method,
        lang: *lang,
        touchpoint,
        unknown_fields: i32::try_from(unknown).unwrap_or(i32::MAX),
        received_at,
        idempotency: *idempotency,
        subject_id: ambient.new_id(),
        parts: sealed_parts,
        events: events.collect(),
        blind,
        uploads: files,
        status: if suspicions.is_empty() { Status::New } else { Status::Spam },
        suspicions,
        content: *content,
        rules: admission::rules(
            &entry.shown.form.definition,
            *admitted,
            person,
            deserves(&entry.shown.form.definition, consents),
        ),
    };
    Ok(Accepted { sealed, decided })
}

/// The name under which who signed in stands among the answers. No field has a dot in its name.
pub const IDENTITY: &str = "form.identity";

/// Puts who signed in beside the answers of the purpose that it serves.
fn add_identity(parts: &mut Vec<consents::Part>, shown: &Shown, slug: &str, identity: &Verified) {
    if let Some((_, answers)) = parts.iter_mut().find(|(purpose, _)| purpose.definition.slug == slug) {
        answers.insert(IDENTITY.to_owned(), identity.to_value());
    } else if let Some(purpose) = shown.purpose(slug) {
        let mut answers = Answers::default();
        answers.insert(IDENTITY.to_owned(), identity.to_value());
        parts.push((std::sync::Arc::clone(purpose), answers));
    }
}

/// The blind index by which a form counts how often one person has answered.
fn person(
    entry: &FormEntry,
    shown: &Shown,
    limit: &crate::forms::definition::PersonLimit,
    answers: &Answers,
    visitor: Option<&Verified>,
    secrets: &Secrets,
) -> Option<[u8; 32]> {
    let site = entry.site_id;
    let Some(name) = &limit.field else {
        return visitor.map(|visitor| secrets.blind_index(site, BlindKind::Subject, &visitor.known_as()));
    };
    let kind = match shown.form.field(name)?.kind {
        FieldType::Phone => BlindKind::Phone,
        _ => BlindKind::Email,
    };
    Some(secrets.blind_index(site, kind, answers.expose(name)?.as_str()?))
}

/// What finds somebody again who signed in.
fn blind_indexes_of(shown: &Shown, identity: &Verified, slug: &str, secrets: &Secrets) -> Vec<sealing::BlindIndex> {
    let Some(purpose) = shown.purpose(slug) else { return Vec::new() };
    let site = shown.site.version.owner;
    let subject = Some((BlindKind::Subject, identity.known_as()));
    let email = identity.email.clone().map(|email| (BlindKind::Email, zeroize::Zeroizing::new(email)));
    let known = subject.into_iter().chain(email);
    let known = known.map(|(kind, value)| sealing::BlindIndex {
        kind,
        hash: secrets.blind_index(site, kind, &value),
        purpose_id: purpose.version.owner,
    });
    known.collect()
}

/// An address that was proved is the one that is sent.
fn check_proved(
    entry: &FormEntry,
    answers: &Answers,
    admitted: Option<Admitted>,
    secrets: &Secrets,
) -> Result<(), AcceptError> {
    let (Some(field), Some(Admitted::Address(proved))) = (&entry.shown.form.definition.verify_email, admitted) else {
        return Ok(());
    };
    let sent = answers.expose(field).and_then(serde_json::Value::as_str).unwrap_or_default();
    let hash = secrets.blind_index(entry.site_id, BlindKind::Email, sent);
    if admission::first_half(&hash) == proved {
        return Ok(());
    }
    Err(AcceptError::Invalid(vec![FieldError { control: field.clone(), code: Code::NotVerified, limit: None }]))
}

/// The files that these answers name.
fn files_of(shown: &Shown, answers: &Answers) -> Vec<uuid::Uuid> {
    let fields = shown.form.questions().filter(|(field, _)| field.kind == FieldType::File);
    let values = fields.filter_map(|(field, _)| answers.expose(&field.name)).filter_map(serde_json::Value::as_array);
    let uploads = values.flatten().filter_map(|file| file.get("upload")?.as_str()?.parse().ok());
    uploads.collect()
}

/// Whether somebody who gave these consents gets what is given in return.
pub fn deserves(form: &crate::forms::FormDefinition, consents: &BTreeMap<String, bool>) -> bool {
    form.incentive.as_ref().is_some_and(|incentive| {
        incentive.for_consent.as_ref().is_none_or(|slug| consents.get(slug).copied().unwrap_or(false))
    })
}

fn wording_sha256(purpose: &crate::policies::PurposeDefinition, lang: Lang) -> [u8; 32] {
    let wording = purpose.wording.as_ref().map_or("", |wording| wording.get(lang));
    crate::crypto::sha256(wording.as_bytes())
}

/// What finds this person again: the answers of e-mail and phone fields whose purpose is kept.
fn blind_indexes(shown: &Shown, answers: &Answers, decided: &[Decided], secrets: &Secrets) -> Vec<sealing::BlindIndex> {
    let mut found: Vec<sealing::BlindIndex> = Vec::new();
    for (field, _) in shown.form.questions() {
        let kind = match field.kind {
            FieldType::Email => BlindKind::Email,
            FieldType::Phone => BlindKind::Phone,
            _ => continue,
        };
        let Some(purpose) = field.purpose.as_deref().and_then(|slug| shown.purpose(slug)) else { continue };
        let refused = decided
            .iter()
            .any(|one| one.purpose.version.id == purpose.version.id && one.action == consents::Action::Refused);
        let Some(serde_json::Value::String(value)) = answers.expose(&field.name) else { continue };
        let index = sealing::BlindIndex {
            kind,
            hash: secrets.blind_index(shown.site.version.owner, kind, value),
            purpose_id: purpose.version.owner,
        };
        if !refused && !found.contains(&index) {
            found.push(index);
        }
    }
    found
}

/// A new reference for people to read out: ten letters and digits of Crockford's base 32, which
/// has no I, L, O or U, in two groups. 50 random bits.
fn reference(ambient: &Ambient) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = u64::from_be_bytes(ambient.bytes());
    let mut text = String::with_capacity(11);
    for place in 0..10 {
        if place == 5 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[((bits >> (5 * place)) & 31) as usize]));
    }
    text
}

/// A reference as somebody typed it, in the form in which it is kept; `None` when it is none.
pub fn parse_reference(typed: &str) -> Option<String> {
    let plain = crate::crypto::normal_base32(typed);
    let good = plain.len() == 10 && plain.bytes().all(|b| b.is_ascii_alphanumeric() && b != b'U');
    good.then(|| format!("{}-{}", &plain[..5], &plain[5..]))
}

/// Whether `word` can name a place in the customer's journey.
pub fn is_touchpoint(word: &str) -> bool {
    (1..=63).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_back_however_they_are_typed() {
        let made = reference(&Ambient::system());
        assert_eq!(parse_reference(&made), Some(made.clone()));
        assert_eq!(parse_reference(&made.to_lowercase().replace('-', " ")), Some(made));
        assert_eq!(parse_reference("O1234-5678L").as_deref(), Some("01234-56781"));
        assert_eq!(parse_reference("<script>"), None);
    }
}
