//! Purposes: why data is processed, on which legal basis, and for how long.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::sites::{Defects, SiteDefinition, Text, check_slug};

/// The legal bases of GDPR Art. 6(1), by the letters (a) to (f).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// (a) The person agreed.
    Consent,
    /// (b) Needed for a contract, or for steps before one.
    Contract,
    /// (c) A law demands it.
    LegalObligation,
    /// (d) Somebody's life depends on it.
    VitalInterests,
    /// (e) A task in the public interest.
    PublicTask,
    /// (f) The controller's legitimate interests.
    LegitimateInterests,
}

impl LegalBasis {
    /// The name in TOML, in the API and in the keys of translations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal_obligation",
            Self::VitalInterests => "vital_interests",
            Self::PublicTask => "public_task",
            Self::LegitimateInterests => "legitimate_interests",
        }
    }
}

/// What withdrawing a consent does to the part that it covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// The part is erased.
    #[default]
    Erase,
    /// The part is kept but no longer used, because another legal basis is on record.
    Restrict,
}

/// What a site's owner writes down about a purpose. Unchecked until [`PurposeDefinition::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeDefinition {
    /// Slug of the site.
    pub site: String,
    /// The name in URLs, in forms and in the API.
    pub slug: String,
    /// What visitors read as its name.
    pub title: Text,
    /// Why the data is asked for, in one or two sentences.
    pub description: Text,
    /// What allows the processing.
    pub legal_basis: LegalBasis,
    /// How long a part is kept after the submission, an ISO 8601 duration such as `P2Y`.
    pub retention: String,
    /// For consents: the exact words beside the checkbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Text>,
    /// What withdrawing does.
    #[serde(default)]
    pub withdrawal: Withdrawal,
}

impl PurposeDefinition {
    /// Everything that keeps the purpose from being published.
    pub fn check(&self, site: &SiteDefinition) -> Defects {
        let mut defects = Defects::default();
        check_slug(&mut defects, &["slug"], &self.slug);
        self.title.check(&mut defects, &["title"], &site.languages);
        self.description.check(&mut defects, &["description"], &site.languages);
        if let Err(why) = parse_retention(&self.retention) {
            defects.error(&["retention"], why);
        }
        match (&self.wording, self.legal_basis) {
            (Some(wording), LegalBasis::Consent) => wording.check(&mut defects, &["wording"], &site.languages),
            (None, LegalBasis::Consent) => defects.error(
                &["wording"],
                "is missing; a consent needs the exact words beside its checkbox, in each of the site's languages",
            ),
            (Some(_), basis) => defects.error(
                &["wording"],
                format!(
                    "is for consents only, and the legal basis is {}; remove it or make it a consent",
                    basis.name()
                ),
            ),
            (None, _) => {}
        }
        defects
    }

    /// Whether visitors are asked for it with a checkbox.
    pub fn is_consent(&self) -> bool {
        self.legal_basis == LegalBasis::Consent
    }

    /// When a part that was received at `received` is due for erasure: calendar arithmetic in UTC.
    pub fn expires_at(&self, received: OffsetDateTime) -> Option<OffsetDateTime> {
        let span = parse_retention(&self.retention).ok()?;
        let start = Timestamp::from_nanosecond(received.unix_timestamp_nanos()).ok()?;
        let end = start.to_zoned_datetime(TimeZone::UTC).checked_add(span).ok()?;
        OffsetDateTime::from_unix_timestamp_nanos(end.timestamp().as_nanosecond()).ok()
    }

    /// The retention as its largest whole unit and how many of it, for reading out: `P1Y6M` is 18
    /// months.
    pub fn retention_in_words(&self) -> (&'static str, i64) {
        let Ok(span) = parse_retention(&self.retention) else { return ("days", 0) };
        let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        match (months, days) {
            (0, days) => ("days", days),
            (months, _) if months % 12 == 0 => ("years", months / 12),
            (months, _) => ("months", months),
        }
    }
}

/// An ISO 8601 duration of years, months, weeks and days, at least one day and at most 100 years.
fn parse_retention(text: &str) -> Result<Span, String> {
    let wrong = || {
        format!(
            "'{text}' is no retention period; write an ISO 8601 duration in years, months, weeks or days, such as P2Y, P6M or P30D"
        )
    };
    let span: Span = text.parse().map_err(|_| wrong())?;
    let sound = text.starts_with('P') && span.is_positive() && counts_whole_days(&span);
    let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    // Months and days together could only be told in days, and months have no fixed number of them.
    let plain = months == 0 || days == 0;
    if sound && plain && months <= 1200 && days <= 36_525 { Ok(span) } else { Err(wrong()) }
}

fn counts_whole_days(span: &Span) -> bool {
    let finer = [
        i64::from(span.get_hours()),
        span.get_minutes(),
        span.get_seconds(),
        span.get_milliseconds(),
        span.get_microseconds(),
        span.get_nanoseconds(),
    ];
    finer.iter().all(|count| *count == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn purpose(retention: &str) -> PurposeDefinition {
        PurposeDefinition {
            site: "shop".to_owned(),
            slug: "newsletter".to_owned(),
            title: Text::default(),
            description: Text::default(),
            legal_basis: LegalBasis::Consent,
            retention: retention.to_owned(),
            wording: None,
            withdrawal: Withdrawal::Erase,
        }
    }

    #[test]
    fn retention_counts_calendar_months() {
        let end = purpose("P1M").expires_at(datetime!(2027-01-31 12:00 UTC)).unwrap();
        assert_eq!(end, datetime!(2027-02-28 12:00 UTC));
    }

    #[test]
    fn retention_is_read_out_in_its_largest_unit() {
        assert_eq!(purpose("P2Y").retention_in_words(), ("years", 2));
        assert_eq!(purpose("P18M").retention_in_words(), ("months", 18));
        assert_eq!(purpose("P1Y6M").retention_in_words(), ("months", 18));
        assert_eq!(purpose("P2W").retention_in_words(), ("days", 14));
    }

    #[test]
    fn hours_nonsense_and_nothing_are_no_retention() {
        for text in ["PT5H", "2 years", "", "P0D", "-P1Y", "P500Y", "P1DT1H", "P100000M", "P1Y1D"] {
            assert!(parse_retention(text).is_err(), "{text}");
        }
    }
}
