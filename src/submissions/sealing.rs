//! Parts: the answers of one purpose as one age file, bound to where they belong.
//!
//! age has no associated data, so the sealed JSON begins with its context (submission, purpose,
//! form and policy version) and opening checks it: a part moved to another row does not open.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::admission::Rules;
use super::spam::Suspicion;
use super::{Method, Status};
use crate::consents::Action;
use crate::crypto::secrets::BlindKind;
use crate::crypto::{Identity, Recipient, SealError};
use crate::forms::{Answers, Shown, Version};
use crate::policies::PurposeDefinition;
use crate::sites::Lang;

/// A submission ready for the database: nothing in it can be read without an identity.
#[derive(Debug)]
pub struct SealedSubmission {
    /// UUIDv7.
    pub id: Uuid,
    /// The site.
    pub site_id: Uuid,
    /// The form.
    pub form_id: Uuid,
    /// The version of the site that was shown.
    pub site_version_id: Uuid,
    /// The version of the form that was shown.
    pub form_version_id: Uuid,
    /// The version of the policy that was shown.
    pub policy_version_id: Uuid,
    /// What people quote.
    pub reference: String,
    /// How it came in.
    pub method: Method,
    /// The language that was shown.
    pub lang: Lang,
    /// Where in the customer's journey.
    pub touchpoint: String,
    /// Controls that were ignored because the form does not have them.
    pub unknown_fields: i32,
    /// When it was accepted.
    pub received_at: OffsetDateTime,
    /// Idempotency key and request fingerprint.
    pub idempotency: Option<([u8; 32], [u8; 32])>,
    /// Pseudonym of the person in consent events.
    pub subject_id: Uuid,
    /// One for every purpose with answers.
    pub parts: Vec<SealedPart>,
    /// One for every consent that was asked for.
    pub events: Vec<ConsentEvent>,
    /// What finds the person again.
    pub blind: Vec<BlindIndex>,
    /// The files that came with it and wait.
    pub uploads: Vec<Uuid>,
    /// New, or spam where it is suspect.
    pub status: Status,
    /// Why it is suspect.
    pub suspicions: Vec<Suspicion>,
    /// A keyed hash of its long texts.
    pub content: Option<[u8; 32]>,
    /// What is to be seen to before it is stored.
    pub rules: Rules,
}

/// The sealed answers of one purpose.
#[derive(Debug)]
pub struct SealedPart {
    /// The purpose.
    pub purpose_id: Uuid,
    /// Its version that was shown.
    pub purpose_version_id: Uuid,
    /// The key that opens it.
    pub inbox_key_id: Uuid,
    /// The age file.
    pub sealed: Vec<u8>,
    /// When it is due for erasure.
    pub expires_at: Option<OffsetDateTime>,
}

/// A consent that was given or refused.
#[derive(Debug)]
pub struct ConsentEvent {
    /// UUIDv7.
    pub id: Uuid,
    /// The purpose.
    pub purpose_id: Uuid,
    /// Its version that was shown.
    pub purpose_version_id: Uuid,
    /// Given or refused.
    pub action: Action,
    /// Of the exact words beside the checkbox, in the language that was shown.
    pub wording_sha256: [u8; 32],
}

/// A keyed hash under which the submission is found.
#[derive(Debug, PartialEq, Eq)]
pub struct BlindIndex {
    /// What was hashed.
    pub kind: BlindKind,
    /// The keyed hash.
    pub hash: [u8; 32],
    /// The purpose whose part holds the value.
    pub purpose_id: Uuid,
}

/// Where a part belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The submission.
    pub submission: Uuid,
    /// The purpose version.
    pub purpose_version: Uuid,
    /// The form version.
    pub form_version: Uuid,
    /// The policy version.
    pub policy_version: Uuid,
}

#[derive(Serialize)]
struct PartOut<'a> {
    sealwax: u8,
    context: &'a Context,
    purpose: &'a str,
    answers: &'a BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct PartIn {
    sealwax: u8,
    context: Context,
    answers: BTreeMap<String, Value>,
}

const FORMAT: u8 = 1;

/// Seals the answers of one purpose. The plaintext buffer is wiped before this returns.
pub fn seal_part(
    recipients: &[Recipient],
    submission: Uuid,
    shown: &Shown,
    purpose: &Version<PurposeDefinition>,
    answers: &Answers,
) -> Result<Vec<u8>, SealError> {
    let context = Context {
        submission,
        purpose_version: purpose.version.id,
        form_version: shown.form.version.id,
        policy_version: shown.policy.version.id,
    };
    let part = PartOut {
        sealwax: FORMAT,
        context: &context,
        purpose: &purpose.definition.slug,
        answers: answers.expose_all(),
    };
    // Large enough for nearly every part, so that it seldom grows and leaves a copy behind.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(8192));
    serde_json::to_writer(&mut *plaintext, &part).map_err(|_| SealError::Unopenable)?;
    crate::crypto::seal(recipients, &plaintext)
}

/// Opens a part and checks that it belongs where it was found.
pub fn open_part(identity: &Identity, sealed: &[u8], context: &Context) -> Result<Answers, SealError> {
    let plaintext = crate::crypto::open(identity, sealed)?;
    let part: PartIn = serde_json::from_slice(&plaintext).map_err(|_| SealError::Unopenable)?;
    let answers = Answers::from(part.answers);
    if part.sealwax == FORMAT && part.context == *context { Ok(answers) } else { Err(SealError::Unopenable) }
}
