//! Forms: their definitions, their published versions, and whether answers fit them.
//!
//! A [`FormDefinition`] is a draft that nobody has checked; a [`Published`] form is one immutable
//! version that visitors answer. Only the second can check answers. [`Shown`] is what a visitor
//! had before their eyes: the form with the exact policy and purpose versions, bound together by
//! a signed [`token`].

pub mod answers;
pub mod api;
pub mod catalog;
pub mod check;
pub mod conditions;
pub mod countries;
pub mod definition;
pub mod embedding;
pub mod pages;
pub mod publishing;
pub mod token;
pub mod uploads;
pub mod view;
pub mod widget;

use std::sync::Arc;

use regex::Regex;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::policies::{PolicyDefinition, PurposeDefinition};
use crate::sites::{SiteDefinition, VersionRef};

pub use answers::{Answers, Sent, SentValue};
pub use catalog::Catalog;
pub use check::{Checked, Code, FieldError};
pub use definition::{Category, Field, FieldType, FormDefinition};

/// One published, immutable version of a form, ready to check answers.
#[derive(Debug)]
pub struct Published {
    /// Which version it is.
    pub version: VersionRef,
    /// Its canonical content.
    pub definition: FormDefinition,
    patterns: Vec<Option<Regex>>,
    opens_at: Option<OffsetDateTime>,
    closes_at: Option<OffsetDateTime>,
}

impl Published {
    /// Makes the stored version usable. A pattern that does not compile lets nothing through; it
    /// can't have been published.
    pub fn new(version: VersionRef, definition: FormDefinition) -> Self {
        let patterns = definition
            .fields
            .iter()
            .map(|field| field.pattern.as_deref().and_then(|pattern| definition::compile_pattern(pattern).ok()))
            .collect();
        let closes_at = definition.closes_at.as_deref().and_then(definition::parse_moment);
        let opens_at = definition.opens_at.as_deref().and_then(definition::parse_moment);
        Self { version, definition, patterns, opens_at, closes_at }
    }

    /// The fields that take answers, each with its compiled pattern.
    pub fn questions(&self) -> impl Iterator<Item = (&Field, Option<&Regex>)> {
        let pairs = self.definition.fields.iter().zip(&self.patterns);
        pairs.filter(|(field, _)| field.kind.is_question()).map(|(field, pattern)| (field, pattern.as_ref()))
    }

    /// The field named `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.definition.fields.iter().find(|field| field.name == name)
    }

    fn knows_control(&self, control: &str) -> bool {
        let name = control.split('.').next().unwrap_or(control);
        self.field(name).is_some_and(|field| field.has_control(control))
    }

    /// Whether the form takes answers at `now`.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        !self.definition.closed && self.closes_at.is_none_or(|end| now < end) && !self.is_early(now)
    }

    /// Whether the form takes no answers yet at `now`.
    pub fn is_early(&self, now: OffsetDateTime) -> bool {
        self.opens_at.is_some_and(|start| now < start)
    }
}

/// One published version of a site, policy or purpose.
#[derive(Debug)]
pub struct Version<D> {
    /// Which version it is.
    pub version: VersionRef,
    /// Its canonical content.
    pub definition: D,
}

/// What a visitor has before their eyes: a form with the exact versions of everything it names.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The site that the form belongs to.
    pub site: Arc<Version<SiteDefinition>>,
    /// The form.
    pub form: Arc<Published>,
    /// The privacy notice.
    pub policy: Arc<Version<PolicyDefinition>>,
    /// Every purpose of a field or a consent, in the order in which the form first names them.
    pub purposes: Vec<Arc<Version<PurposeDefinition>>>,
}

impl Shown {
    /// The purpose with this slug.
    pub fn purpose(&self, slug: &str) -> Option<&Arc<Version<PurposeDefinition>>> {
        self.purposes.iter().find(|purpose| purpose.definition.slug == slug)
    }

    /// The purpose version with this id.
    pub fn purpose_version(&self, id: Uuid) -> Option<&Arc<Version<PurposeDefinition>>> {
        self.purposes.iter().find(|purpose| purpose.version.id == id)
    }

    /// `Whether` both show the same versions of policy and purposes.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let ids = |shown: &Self| shown.purposes.iter().map(|purpose| purpose.version.id).collect::<Vec<_>>();
        self.policy.version.id == other.policy.version.id && ids(self) == ids(other)
    }

    /// The country of phone numbers without a country code.
    pub fn country(&self) -> Option<phonenumber::country::Id> {
        self.site.definition.default_country.as_deref().and_then(|code| code.parse().ok())
    }
}
