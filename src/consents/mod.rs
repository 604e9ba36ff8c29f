//! Consents: what was asked, what was given and refused, and what a refusal withholds.

mod entries;

pub use entries::Events;

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::forms::{Answers, Code, FieldError, Shown, Version};
use crate::policies::PurposeDefinition;

/// What happened to a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The box was ticked.
    Given,
    /// The box was left empty.
    Refused,
    /// The person took it back (GDPR Art. 7 §3).
    Withdrawn,
}

impl Action {
    /// The name in the database and in receipts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The action with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Given, Self::Refused, Self::Withdrawn].into_iter().find(|one| one.name() == name)
    }
}

/// The answer to one checkbox.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The purpose, in the version whose wording was shown.
    pub purpose: Arc<Version<PurposeDefinition>>,
    /// Given or refused.
    pub action: Action,
}

/// One answer for every consent that the form asks for: given only where `accepted` says so.
/// Fails with every required consent that is not given (GDPR Art. 7: silence is no consent).
pub fn decide(shown: &Shown, accepted: &BTreeMap<String, bool>) -> Result<Vec<Decided>, Vec<FieldError>> {
    let mut decided = Vec::new();
    let mut errors = Vec::new();
    for ask in &shown.form.definition.consents {
        let Some(purpose) = shown.purpose(&ask.purpose) else { continue };
        let given = accepted.get(&ask.purpose).copied().unwrap_or(false);
        if ask.required && !given {
            errors.push(FieldError {
                control: format!("consent.{}", ask.purpose),
                code: Code::ConsentRequired,
                limit: None,
            });
        }
        let action = if given { Action::Given } else { Action::Refused };
        decided.push(Decided { purpose: Arc::clone(purpose), action });
    }
    if errors.is_empty() { Ok(decided) } else { Err(errors) }
}

/// The answers of one purpose.
pub type Part = (Arc<Version<PurposeDefinition>>, Answers);

/// The answers split by the purpose that each serves. What belongs to a refused consent is wiped
/// here and goes no further.
pub fn split_by_purpose(shown: &Shown, mut answers: Answers, decided: &[Decided]) -> Vec<Part> {
    let refused: Vec<Uuid> =
        decided.iter().filter(|one| one.action == Action::Refused).map(|one| one.purpose.version.id).collect();
    let mut parts = Vec::new();
    for purpose in &shown.purposes {
        if refused.contains(&purpose.version.id) {
            continue;
        }
        let mut own = Answers::default();
        for (field, _) in
            shown.form.questions().filter(|(field, _)| field.purpose.as_ref() == Some(&purpose.definition.slug))
        {
            for name in [field.name.clone(), format!("{}.other", field.name)] {
                if let Some(value) = answers.take(&name) {
                    own.insert(name, value);
                }
            }
        }
        if !own.is_empty() {
            parts.push((Arc::clone(purpose), own));
        }
    }
    parts
}
