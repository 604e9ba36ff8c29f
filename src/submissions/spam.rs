//! What makes a submission suspect, without asking anybody else. Suspects are kept and go to the
//! spam view, where staff can release them; nothing is thrown away.
//!
//! A form that many send to at once, or an address that sends often, is asked for a proof of work
//! (ALTCHA, version 2: PBKDF2/SHA-256), which the page's script computes unseen. Who has no
//! JavaScript sends without it and waits for somebody to look.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use altcha::{CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ambient::Ambient;
use crate::crypto::Secrets;
use crate::db;
use crate::forms::catalog::FormEntry;
use crate::forms::definition::SpamRules;
use crate::forms::{Answers, FieldType, Published, Sent, Shown};

/// The name of the trap: no field can be called so, and no person sees it.
pub const TRAP_CONTROL: &str = "website-url";
/// What the script puts the proof of work into.
pub const PROOF_CONTROL: &str = "form.proof";
/// For how long the same words are noticed again.
pub const REMEMBERED: Duration = Duration::hours(24);
/// PBKDF2 rounds of one try.
const COST: u32 = 5000;
/// How long a challenge may take.
const CHALLENGE_LIFETIME: Duration = Duration::minutes(20);

/// Why a submission is suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suspicion {
    /// The trap was filled in.
    Trap,
    /// It was sent sooner than anybody could have filled it in.
    TooFast,
    /// More links than the form takes.
    Links,
    /// One of the form's words.
    Words,
    /// An address of the form's list.
    Denied,
    /// The same words were sent lately.
    Duplicate,
    /// A proof of work was asked for and not given.
    NoProof,
}

impl Suspicion {
    /// Every reason.
    pub const ALL: [Self; 7] =
        [Self::Trap, Self::TooFast, Self::Links, Self::Words, Self::Denied, Self::Duplicate, Self::NoProof];

    /// The name in the database, in metrics and at the end of the translation's key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::TooFast => "too-fast",
            Self::Links => "links",
            Self::Words => "words",
            Self::Denied => "denied",
            Self::Duplicate => "duplicate",
            Self::NoProof => "no-proof",
        }
    }
}

/// What is known of how a submission came, beside its answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence {
    /// When the page was made, where it was ours.
    pub issued_at: Option<OffsetDateTime>,
    /// Whether the trap was filled in.
    pub trapped: bool,
    /// Whether a proof was asked for and not given.
    pub unproved: bool,
    /// Whether the same words came lately.
    pub seen: bool,
}

/// Everything suspect about answers that fit their form. An address of the form's `allow` list is
/// above all suspicion but the trap.
pub fn suspicions(
    form: &Published,
    answers: &Answers,
    evidence: &Evidence,
    now: OffsetDateTime,
    quickest: Duration,
) -> Vec<Suspicion> {
    let rules = &form.definition.spam;
    let texts = lower_texts(form, answers);
    let emails: Vec<&str> = form
        .questions()
        .filter(|(field, _)| field.kind == FieldType::Email)
        .filter_map(|(field, _)| answers.expose(&field.name)?.as_str())
        .collect();
    let listed = |list: &[String]| emails.iter().any(|email| list.iter().any(|entry| is_listed(entry, email)));
    let mut found = Vec::new();
    if evidence.trapped {
        found.push(Suspicion::Trap);
    }
    if listed(&rules.allow) {
        return found;
    }
    if evidence.issued_at.is_some_and(|issued| now - issued < quickest) {
        found.push(Suspicion::TooFast);
    }
    let links: usize = texts.iter().map(|text| links_in(text)).sum();
    if links > rules.links.unwrap_or(SpamRules::LINKS) as usize {
        found.push(Suspicion::Links);
    }
    let found_in = |word: String| texts.iter().any(|text| text.contains(&word));
    if rules.words.iter().map(|word| word.to_lowercase()).any(found_in) {
        found.push(Suspicion::Words);
    }
    if listed(&rules.deny) {
        found.push(Suspicion::Denied);
    }
    if evidence.seen {
        found.push(Suspicion::Duplicate);
    }
    if evidence.unproved {
        found.push(Suspicion::NoProof);
    }
    found
}

/// The free texts in lower case, made once for however many words.
fn lower_texts(form: &Published, answers: &Answers) -> Vec<Zeroizing<String>> {
    let free = form.questions().filter(|(field, _)| matches!(field.kind, FieldType::ShortText | FieldType::LongText));
    let texts = free.filter_map(|(field, _)| answers.expose(&field.name)?.as_str());
    texts.map(|text| Zeroizing::new(text.to_lowercase())).collect()
}

/// `@domain` stands for every address of the domain, anything else for one address.
fn is_listed(entry: &str, email: &str) -> bool {
    let (entry, email) = (entry.to_lowercase(), email.to_lowercase());
    if entry.starts_with('@') { email.ends_with(&entry) } else { email == entry }
}

/// Links in a text in lower case.
fn links_in(lower: &str) -> usize {
    let schemes = lower.matches("http://").count() + lower.matches("https://").count();
    let bare = lower.split_whitespace().filter(|word| word.starts_with("www.")).count();
    schemes + bare + lower.matches("[url").count() + lower.matches("<a ").count()
}

/// A keyed hash of the long texts of a submission; `None` where they are too short to tell people
/// apart from copies.
pub fn content_hash(form: &Published, sent: &Sent, secrets: &Secrets, form_id: Uuid) -> Option<[u8; 32]> {
    let long = form.questions().filter(|(field, _)| field.kind == FieldType::LongText);
    let words: Vec<String> = long
        .flat_map(|(field, _)| sent.text(&field.name).split_whitespace().map(str::to_lowercase).collect::<Vec<_>>())
        .collect();
    let text = Zeroizing::new(words.join(" "));
    (text.chars().count() >= 40).then(|| secrets.request_hash(&[b"content", form_id.as_bytes(), text.as_bytes()]))
}

/// The hash of what was sent, and whether the same came not long ago.
pub async fn copies<C: ConnectionTrait>(
    connection: &C,
    entry: &FormEntry,
    shown: &Shown,
    sent: &Sent,
    ambient: &Ambient,
    secrets: &Secrets,
) -> Result<(Option<[u8; 32]>, bool), db::Error> {
    let content = content_hash(&shown.form, sent, secrets, entry.form_id);
    let seen = match &content {
        Some(hash) => was_seen(connection, entry.form_id, hash, ambient.now() - REMEMBERED).await?,
        None => false,
    };
    Ok((content, seen))
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

/// Whether the same words came since `since`.
pub async fn was_seen<C: ConnectionTrait>(
    connection: &C,
    form: Uuid,
    hash: &[u8; 32],
    since: OffsetDateTime,
) -> Result<bool, db::Error> {
    let sql = "SELECT COUNT(*) AS count FROM recent_contents WHERE form_id = ? AND hash = ? AND seen_at >= ?";
    let row = db::one::<CountRow, _>(connection, sql, vec![form.into(), hash.to_vec().into(), since.into()]).await?;
    Ok(row.is_some_and(|row| row.count > 0))
}

/// Notes words that came; in the transaction of their submission.
pub async fn remember<C: ConnectionTrait>(
    connection: &C,
    form: Uuid,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(), db::Error> {
    let sql = "INSERT INTO recent_contents (form_id, hash, seen_at) VALUES (?, ?, ?) \
               ON CONFLICT (form_id, hash) DO UPDATE SET seen_at = excluded.seen_at";
    db::execute(connection, sql, vec![form.into(), hash.to_vec().into(), now.into()]).await?;
    Ok(())
}

/// Forgets words that came before `before`.
pub async fn sweep<C: ConnectionTrait>(connection: &C, before: OffsetDateTime) -> Result<u64, db::Error> {
    db::execute(connection, "DELETE FROM recent_contents WHERE seen_at < ?", vec![before.into()]).await
}

/// How many came to each form within the last minute, on all nodes; looked up once a second.
#[derive(Default)]
pub struct Rush {
    known: RwLock<HashMap<Uuid, (OffsetDateTime, i64)>>,
}

impl Rush {
    /// Submissions to `form` within the last minute, at most `most` of them counted.
    pub async fn count<C: ConnectionTrait>(
        &self,
        connection: &C,
        form: Uuid,
        most: u32,
        now: OffsetDateTime,
    ) -> Result<i64, db::Error> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&form).copied();
        if let Some((at, count)) = known
            && (now - at).abs() < Duration::seconds(1)
        {
            return Ok(count);
        }
        let since = first_id_of(now - Duration::minutes(1));
        let sql = format!(
            "SELECT COUNT(*) AS count FROM (SELECT 1 FROM submissions WHERE form_id = ? AND id >= ? LIMIT {most}) AS recent"
        );
        let row = db::one::<CountRow, _>(connection, &sql, vec![form.into(), since.into()]).await?;
        let count = row.map_or(0, |row| row.count);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(form, (now, count));
        Ok(count)
    }
}

/// The least UUIDv7 of a moment: 48 bits of milliseconds come first (RFC 9562 §5.7).
fn first_id_of(moment: OffsetDateTime) -> Uuid {
    let millis = u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    Uuid::from_bytes(bytes)
}

/// What a proof of work belongs to: the page's token, so that one proof counts once.
fn bound_to(token: &str) -> String {
    crate::crypto::hex(&crate::crypto::sha256(token.as_bytes())[..16])
}

/// A challenge for the page with this token: between 100 and 400 tries, so that it takes about the
/// same everywhere. Takes a few milliseconds; belongs on the blocking pool.
pub fn challenge(token: &str, ambient: &Ambient, secrets: &Secrets) -> Option<Value> {
    let until = (ambient.now() + CHALLENGE_LIFETIME).unix_timestamp();
    let data =
        BTreeMap::from([("page".to_owned(), Value::from(bound_to(token))), ("until".to_owned(), Value::from(until))]);
    let [first, second] = ambient.bytes::<2>();
    let key = secrets.proof_key();
    let options = CreateChallengeOptions {
        algorithm: "PBKDF2/SHA-256".to_owned(),
        cost: COST,
        counter: Some(100 + u32::from(u16::from_be_bytes([first, second])) % 301),
        data: Some(data),
        hmac_key_signature_secret: Some(format!("{key}-key")),
        hmac_signature_secret: Some(key),
        ..CreateChallengeOptions::default()
    };
    serde_json::to_value(create_challenge(options).ok()?).ok()
}

/// Whether `proof` solves a challenge that was made here for the page with this token.
pub fn proves(proof: &str, token: &str, now: OffsetDateTime, secrets: &Secrets) -> bool {
    if proof.len() > 4096 {
        return false;
    }
    let Ok(Payload { challenge, solution }) = serde_json::from_str::<Payload>(proof) else { return false };
    let data = challenge.parameters.data.as_ref();
    let named = |name: &str| data.and_then(|data| data.get(name));
    let fits = named("page").and_then(Value::as_str) == Some(&bound_to(token))
        && named("until").and_then(Value::as_i64).is_some_and(|until| now.unix_timestamp() <= until)
        // Without it the key would be derived again, as often as the sender likes.
        && challenge.parameters.key_signature.is_some();
    let key = secrets.proof_key();
    let options = VerifySolutionOptions {
        hmac_key_signature_secret: Some(format!("{key}-key")),
        ..VerifySolutionOptions::new(&challenge, &solution, &key)
    };
    fits && verify_solution(options).is_ok_and(|result| result.verified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use altcha::{SolveChallengeOptions, solve_challenge};

    #[test]
    fn a_proof_counts_for_its_own_page_and_time() {
        let (ambient, secrets) = (Ambient::system(), Secrets::derive(&[7; 32]));
        let challenge: altcha::Challenge =
            serde_json::from_value(challenge("token", &ambient, &secrets).unwrap()).unwrap();
        let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
        assert!((100..=400).contains(&solution.counter));
        let proof = serde_json::to_string(&Payload { challenge, solution }).unwrap();
        let now = ambient.now();
        assert!(proves(&proof, "token", now, &secrets));
        assert!(!proves(&proof, "another", now, &secrets));
        assert!(!proves(&proof, "token", now + Duration::hours(1), &secrets));
        assert!(!proves(&proof, "token", now, &Secrets::derive(&[8; 32])));
        assert!(!proves(&proof.replace("\"cost\":5000", "\"cost\":1"), "token", now, &secrets));
        assert!(!proves("", "token", now, &secrets));
    }

    #[test]
    fn links_are_counted_however_they_are_written() {
        assert_eq!(links_in("see https://a.example and http://b.example, www.c.example [url=x]"), 4);
        assert_eq!(links_in("where is my ink? it was on the www page."), 0);
    }

    fn form(words: &[&str]) -> Published {
        let toml = format!(
            "site = 's'\nslug = 'f'\npolicy = 'p'\ntitle.en = 'T'\nspam = {{ words = {words:?}, links = 0 }}\n\
             [[fields]]\nname = 'message'\ntype = 'long_text'\n"
        );
        let (id, owner, published_at) = (Uuid::nil(), Uuid::nil(), OffsetDateTime::UNIX_EPOCH);
        let version = crate::sites::VersionRef { id, owner, number: 1, sha256: String::new(), published_at };
        Published::new(version, toml::from_str(&toml).unwrap())
    }

    #[test]
    fn words_and_links_are_found_in_upper_and_lower_case() {
        let found = |words: &[&str], text: &str| {
            let answers = Answers::from(BTreeMap::from([("message".to_owned(), Value::from(text))]));
            let now = OffsetDateTime::UNIX_EPOCH;
            suspicions(&form(words), &answers, &Evidence::default(), now, Duration::seconds(3))
        };
        assert_eq!(found(&["Cheap ÄRZTE"], "see CHEAP ärzte there"), [Suspicion::Words]);
        assert_eq!(found(&["cheap"], "HTTPS://A.EXAMPLE"), [Suspicion::Links]);
        assert_eq!(found(&["cheap"], "nothing"), []);
    }

    #[test]
    fn a_domain_stands_for_its_addresses_only() {
        assert!(is_listed("@spam.example", "Bot@Spam.example"));
        assert!(!is_listed("@spam.example", "bot@notspam.example"));
        assert!(is_listed("a@b.example", "A@b.example"));
        assert!(!is_listed("a@b.example", "ba@b.example"));
    }

    #[test]
    fn ids_of_a_moment_begin_there() {
        let ambient = Ambient::system();
        let (now, id) = (ambient.now(), ambient.new_id());
        let before = first_id_of(now - Duration::seconds(1));
        assert!(before < id && first_id_of(now + Duration::seconds(5)) > id);
    }
}
