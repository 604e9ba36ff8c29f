//! The receipt: what was received, under which versions, and what was agreed to.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::consents::Action;
use crate::forms::{Shown, Version};
use crate::policies::PurposeDefinition;
use crate::sites::{Lang, VersionRef};

/// What the person gets as proof. Holds no answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Receipt {
    /// The submission's id.
    pub submission: Uuid,
    /// What to quote when asking about it.
    pub reference: String,
    /// When it was received, RFC 3339.
    pub received_at: String,
    /// The controller's name.
    pub controller: String,
    /// The form that was shown.
    pub form: ReceiptVersion,
    /// The privacy notice that was shown.
    pub policy: ReceiptVersion,
    /// Where that version of the notice can be read.
    pub policy_url: String,
    /// Every consent that was asked for.
    pub consents: Vec<ReceiptConsent>,
}

/// Names a published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReceiptVersion {
    /// Its name in URLs.
    pub slug: String,
    /// 1 for the first version.
    pub version: i32,
    /// SHA-256 of its canonical form, in hexadecimal.
    pub sha256: String,
}

/// One consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReceiptConsent {
    /// The purpose in the version that was shown.
    #[serde(flatten)]
    pub purpose: ReceiptVersion,
    /// `given` or `refused`.
    pub action: String,
    /// The exact words beside the checkbox.
    pub wording: String,
}

fn named(slug: &str, version: &VersionRef) -> ReceiptVersion {
    ReceiptVersion { slug: slug.to_owned(), version: version.number, sha256: version.sha256.clone() }
}

impl Receipt {
    /// Puts a receipt together.
    pub fn new<'a>(
        shown: &Shown,
        public_url: &str,
        submission: Uuid,
        reference: &str,
        received_at: OffsetDateTime,
        lang: Lang,
        consents: impl IntoIterator<Item = (&'a Version<PurposeDefinition>, Action)>,
    ) -> Self {
        let policy = &shown.policy;
        let consents = consents.into_iter().map(|(purpose, action)| ReceiptConsent {
            purpose: named(&purpose.definition.slug, &purpose.version),
            action: action.name().to_owned(),
            wording: purpose.definition.wording.as_ref().map_or("", |wording| wording.get(lang)).to_owned(),
        });
        Self {
            submission,
            reference: reference.to_owned(),
            received_at: received_at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default(),
            controller: shown.site.definition.controller.name.clone(),
            form: named(&shown.form.definition.slug, &shown.form.version),
            policy: named(&policy.definition.slug, &policy.version),
            policy_url: format!(
                "{public_url}/policies/{}/{}/{}",
                policy.definition.site, policy.definition.slug, policy.version.number
            ),
            consents: consents.collect(),
        }
    }
}
