//! What a form's owner writes down, and what keeps it from being published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conditions::{self, Condition};
use crate::policies::{PurposeDefinition, parse_date};
use crate::sites::{Defects, Lang, SiteDefinition, Text, check_slug};

/// A form as written. Unchecked until [`FormDefinition::check`]; see [`super::Published`] for what
/// visitors answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDefinition {
    /// Slug of the site.
    pub site: String,
    /// The name in URLs.
    pub slug: String,
    /// The page's heading.
    pub title: Text,
    /// A paragraph below the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    /// Slug of the policy that visitors are shown.
    pub policy: String,
    /// Words on the button; "Send" where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit: Option<Text>,
    /// A paragraph on the thank-you page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thank_you: Option<Text>,
    /// Where visitors are led after sending, instead of to the thank-you page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Where in the customer's journey the form stands, unless the sender says otherwise.
    #[serde(default = "website")]
    pub touchpoint: String,
    /// Whether the form takes no more answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// The moment at which the form closes by itself, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<String>,
    /// What visitors read when it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_message: Option<Text>,
    /// The moment from which the form takes answers, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// What visitors read before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_message: Option<Text>,
    /// Most submissions, spam not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What visitors read when that is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_message: Option<Text>,
    /// How often one person may answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_per_person: Option<PersonLimit>,
    /// A code that opens the form, in upper or lower case; everybody has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_code: Option<String>,
    /// Whether only personal links open the form.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_invitation: bool,
    /// The required e-mail question whose address is proved by a code before the form opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_email: Option<String>,
    /// Where visitors sign in before the form opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
    /// What is given in return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incentive: Option<Incentive>,
    /// What makes answers suspect.
    #[serde(default, skip_serializing_if = "SpamRules::is_default")]
    pub spam: SpamRules,
    /// The questions, in order.
    pub fields: Vec<Field>,
    /// The consents asked for, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentAsk>,
}

/// What makes answers suspect, beside what always does. Suspects are kept for staff to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpamRules {
    /// Most links in all texts together; [`SpamRules::LINKS`] where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<u32>,
    /// Words and phrases, in upper or lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// E-mail addresses, or `@domain` for all of a domain, that are suspect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// The same for addresses that are above suspicion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
}

impl SpamRules {
    /// Links that a form takes unless it says otherwise.
    pub const LINKS: u32 = 3;
    /// Most words and phrases, each of which every text is searched for.
    pub const MOST_WORDS: usize = 200;

    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self) -> Defects {
        let mut defects = Defects::default();
        if self.words.len() > Self::MOST_WORDS {
            let most = Self::MOST_WORDS;
            defects.error(
                &["words"],
                format!("has {} entries and takes {most}; keep those that matter", self.words.len()),
            );
        }
        for (i, _) in self.words.iter().enumerate().filter(|(_, word)| word.trim().chars().count() < 3) {
            defects.error(&["words", &i.to_string()], "is shorter than three characters, which nearly every text has");
        }
        for (key, list) in [("deny", &self.deny), ("allow", &self.allow)] {
            for (i, entry) in list.iter().enumerate().filter(|(_, entry)| !entry.contains('@') || entry.len() < 4) {
                defects.error(
                    &[key, &i.to_string()],
                    format!("'{entry}' is neither an address nor a domain such as @example.org"),
                );
            }
        }
        defects
    }
}

/// How often one person may answer, who is known by an e-mail address, a phone number, or by signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonLimit {
    /// The required question that the person is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Whether the person is known by having signed in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_in: bool,
    /// Most submissions.
    #[serde(default = "once")]
    pub count: u32,
}

/// Where visitors sign in before the form opens, and what is kept of who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The ids of the providers, in the order in which they are offered.
    pub providers: Vec<String>,
    /// The groups whose members are let in; everybody where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What is kept beside the provider's name for the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<IdentityPart>,
    /// Slug of the purpose that knowing it serves.
    pub purpose: String,
}

/// What a provider says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityPart {
    /// The name.
    Name,
    /// The e-mail address.
    Email,
}

impl SignIn {
    /// Most providers of one form.
    const MOST: usize = 20;

    fn check(&self, purposes: &BTreeMap<String, PurposeDefinition>) -> Defects {
        let mut defects = Defects::default();
        if self.providers.is_empty() || self.providers.len() > Self::MOST {
            defects
                .error(&["providers"], format!("takes 1 to {} ids of [[staff.providers]], or \"local\"", Self::MOST));
        }
        for (i, id) in self.providers.iter().enumerate() {
            let index = i.to_string();
            check_slug(&mut defects, &["providers", &index], id);
            if self.providers[..i].contains(id) {
                defects.error(&["providers", &index], format!("'{id}' is named twice; remove one"));
            }
        }
        for (i, _) in self.groups.iter().enumerate().filter(|(_, group)| group.trim().is_empty()) {
            defects.error(&["groups", &i.to_string()], "is empty; name a group as its provider does, or remove it");
        }
        if !self.groups.is_empty() && self.providers.iter().any(|id| id == "local") {
            defects.warning(&["groups"], "keeps out all accounts of this installation, which are in no groups");
        }
        for (i, part) in self.identity.iter().enumerate().filter(|(i, part)| self.identity[..*i].contains(part)) {
            defects.error(&["identity", &i.to_string()], format!("names {part:?} twice; remove one"));
        }
        match purposes.get(&self.purpose) {
            None => defects.error(
                &["purpose"],
                format!("'{}' is no purpose of this site; publish it first or in the same call", self.purpose),
            ),
            // Who they are is kept with every answer, so it can't hang on a box that may stay empty.
            Some(purpose) if purpose.is_consent() => defects.error(
                &["purpose"],
                format!(
                    "'{}' rests on consent, which may be refused; name a purpose with another legal basis",
                    self.purpose
                ),
            ),
            Some(_) => {}
        }
        defects
    }
}

fn once() -> u32 {
    1
}

/// What is given in return, on the thank-you page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incentive {
    /// What visitors read.
    pub text: Text,
    /// One code for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether everybody gets a code of their own, from a list (`sealwax codes`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_codes: bool,
    /// Only for those who give this consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_consent: Option<String>,
}

fn website() -> String {
    "website".to_owned()
}

/// A consent that a form asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentAsk {
    /// Slug of a purpose whose legal basis is consent.
    pub purpose: String,
    /// Whether the form can't be sent without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Why it is required; visitors read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// The kinds of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    ShortText,
    /// Several lines.
    LongText,
    /// An e-mail address.
    Email,
    /// A phone number, kept as E.164.
    Phone,
    /// A decimal number.
    Number,
    /// A day, ISO 8601.
    Date,
    /// A time of day, `HH:MM`.
    Time,
    /// A web address.
    Url,
    /// One of several choices.
    SingleChoice,
    /// Any of several choices.
    MultipleChoice,
    /// Yes or no.
    YesNo,
    /// 1 to `max` stars, 5 unless said otherwise.
    Rating,
    /// 0 to 10, "how likely are you to recommend us".
    Nps,
    /// All choices, in the order of preference.
    Ranking,
    /// One of the choices for each of several rows.
    Matrix,
    /// A country, ISO 3166-1 alpha-2.
    Country,
    /// A postal address in its parts, [`ADDRESS`].
    Address,
    /// "I confirm that …": a box to tick that is no consent.
    Confirmation,
    /// One or several files.
    File,
    /// Sent along, not shown.
    Hidden,
    /// Words between questions; takes no answer.
    Statement,
    /// A heading for what follows on the page.
    Section,
    /// Begins a new page.
    Page,
}

impl FieldType {
    /// The name in TOML and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShortText => "short_text",
            Self::LongText => "long_text",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Number => "number",
            Self::Date => "date",
            Self::Time => "time",
            Self::Url => "url",
            Self::SingleChoice => "single_choice",
            Self::MultipleChoice => "multiple_choice",
            Self::YesNo => "yes_no",
            Self::Rating => "rating",
            Self::Nps => "nps",
            Self::Ranking => "ranking",
            Self::Matrix => "matrix",
            Self::Country => "country",
            Self::Address => "address",
            Self::Confirmation => "confirmation",
            Self::File => "file",
            Self::Hidden => "hidden",
            Self::Statement => "statement",
            Self::Section => "section",
            Self::Page => "page",
        }
    }

    /// Whether it takes an answer.
    pub const fn is_question(self) -> bool {
        !matches!(self, Self::Statement | Self::Section | Self::Page)
    }

    /// Whether the answer is a line or lines of free text.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::ShortText | Self::LongText | Self::Email | Self::Phone | Self::Url | Self::Hidden)
    }

    /// Whether the answer comes from a list of choices.
    pub const fn has_choices(self) -> bool {
        matches!(self, Self::SingleChoice | Self::MultipleChoice | Self::Ranking | Self::Matrix)
    }

    const fn takes_other(self) -> bool {
        matches!(self, Self::SingleChoice | Self::MultipleChoice)
    }

    /// Whether the names of its controls hold the values of its choices or rows.
    const fn names_controls_by_value(self) -> bool {
        matches!(self, Self::Ranking | Self::Matrix)
    }

    const fn has_range(self) -> bool {
        matches!(self, Self::Number | Self::Date | Self::Time)
    }
}

/// How sensitive an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Says nothing about an identifiable person.
    None,
    /// Personal data (GDPR Art. 4(1)).
    Personal,
    /// A special category of personal data (GDPR Art. 9(1)).
    Special,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name in posts, in the API and in exports; never shown.
    pub name: String,
    /// What kind of question it is.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The question. For a statement: its words.
    #[serde(default)]
    pub label: Text,
    /// One short sentence of help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Whether an answer is needed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Slug of the purpose that the answer serves. Every field but a statement has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// How sensitive the answer is. Every field but a statement has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// What browsers may fill in by themselves (HTML `autocomplete` token).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// Fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Least value of a number, date or time; lowest rating is always 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Bound>,
    /// Greatest value of a number, date, time or rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Bound>,
    /// A regular expression that the whole answer matches (no look-around, no back-references).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What to write, in words, for an answer that does not match `pattern`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern_message: Option<Text>,
    /// The choices, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Whether a further choice takes free text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other: bool,
    /// Fewest choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_choices: Option<u32>,
    /// Most choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_choices: Option<u32>,
    /// The value of a hidden field that its sender leaves out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The rows of a matrix, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Choice>,
    /// When it is shown; always where absent. On a page or a section it counts for what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The types of file that are taken, [`super::uploads::TYPES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Most files; 1 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_files: Option<u32>,
    /// Most bytes of one file; [`DEFAULT_FILE_BYTES`] where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
}

/// The parts of an address, as the ends of the names of its controls.
pub const ADDRESS: [&str; 6] = ["street", "extra", "postal_code", "city", "region", "country"];
/// The parts that an address has to have when one is required.
pub const ADDRESS_NEEDS: [&str; 4] = ["street", "postal_code", "city", "country"];
/// Most bytes of one file, unless the form says otherwise.
pub const DEFAULT_FILE_BYTES: u64 = 10 * 1024 * 1024;
/// Most bytes of one file, whatever the form says.
pub const LARGEST_FILE: u64 = 100 * 1024 * 1024;
/// Most files of one question.
pub const MOST_FILES: u32 = 20;

/// One choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is sent and stored.
    pub value: String,
    /// What visitors read.
    pub label: Text,
    /// Path of a picture beside the TOML file. In a published version: the name under which it is
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// When it is offered; always where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

/// An end of a range: a number, or a date or time as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// For numbers and ratings.
    Number(f64),
    /// For dates (`YYYY-MM-DD`) and times (`HH:MM`).
    Text(String),
}

impl Bound {
    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }
}

/// The choice that stands for free text.
pub const OTHER: &str = "other";
/// Most fields of one form.
pub const MOST_FIELDS: usize = 100;
/// Most characters of one answer, whatever the form says.
pub const LONGEST_ANSWER: u32 = 20_000;

impl FormDefinition {
    /// Everything that keeps the form from being published on `site`, given the slugs of its
    /// policies and its purposes.
    pub fn check(
        &self,
        site: &SiteDefinition,
        policies: &[String],
        purposes: &BTreeMap<String, PurposeDefinition>,
    ) -> Defects {
        let mut defects = Defects::default();
        let languages = &site.languages;
        check_slug(&mut defects, &["slug"], &self.slug);
        self.title.check(&mut defects, &["title"], languages);
        let optional = [
            ("intro", &self.intro),
            ("submit", &self.submit),
            ("thank_you", &self.thank_you),
            ("closed_message", &self.closed_message),
            ("opening_message", &self.opening_message),
            ("full_message", &self.full_message),
        ];
        for (key, text) in optional {
            if let Some(text) = text {
                text.check(&mut defects, &[key], languages);
            }
        }
        if !policies.contains(&self.policy) {
            defects.error(
                &["policy"],
                format!("'{}' is no policy of site '{}'; publish it first or in the same call", self.policy, site.slug),
            );
        }
        check_slug(&mut defects, &["touchpoint"], &self.touchpoint);
        if let Some(redirect) = &self.redirect
            && !url::Url::parse(redirect).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        {
            defects.error(
                &["redirect"],
                format!("'{redirect}' is no web address; write it whole, such as https://shop.example/thanks"),
            );
        }
        self.check_recalls(&mut defects);
        self.check_admission(&mut defects);
        if let Some(sign_in) = &self.sign_in {
            defects.extend_below("sign_in", sign_in.check(purposes));
        }
        self.check_incentive(&mut defects, languages);
        defects.extend_below("spam", self.spam.check());
        if let Some(moment) = &self.closes_at
            && parse_moment(moment).is_none()
        {
            defects.error(&["closes_at"], format!("'{moment}' is no moment; write it as 2027-01-31T18:00:00Z"));
        }
        if (self.closed || self.closes_at.is_some()) && self.closed_message.is_none() {
            defects
                .error(&["closed_message"], "is missing; a form that closes needs words for those who come too late");
        }
        if !self.fields.iter().any(|field| field.kind.is_question()) {
            defects.error(&["fields"], "asks nothing; add at least one question");
        }
        if self.fields.len() > MOST_FIELDS {
            defects.error(&["fields"], format!("has {} fields; a form takes {MOST_FIELDS} at most", self.fields.len()));
        }
        for (i, field) in self.fields.iter().enumerate() {
            let mut below = field.check(languages, purposes);
            if self.fields[..i].iter().any(|earlier| earlier.name == field.name) {
                below.error(&["name"], format!("'{}' is used twice; each field needs a name of its own", field.name));
            }
            defects.extend_below(&format!("fields.{i}"), below);
        }
        self.check_pages(&mut defects);
        for defect in conditions::check(self).iter() {
            let path: Vec<&str> = defect.path.iter().map(String::as_str).collect();
            defects.error(&path, defect.message.clone());
        }
        self.check_consents(&mut defects, languages, purposes);
        defects
    }

    fn check_admission(&self, defects: &mut Defects) {
        let moment = |text: &Option<String>| text.as_deref().and_then(parse_moment);
        if let Some(text) = &self.opens_at {
            if parse_moment(text).is_none() {
                defects.error(&["opens_at"], format!("'{text}' is no moment; write it as 2027-01-31T18:00:00Z"));
            }
            if self.opening_message.is_none() {
                defects.error(
                    &["opening_message"],
                    "is missing; a form that opens later needs words for those who come too early",
                );
            }
        }
        if let (Some(start), Some(end)) = (moment(&self.opens_at), moment(&self.closes_at))
            && start >= end
        {
            defects.error(&["opens_at"], "is not before closes_at; nobody could answer");
        }
        if self.limit == Some(0) {
            defects.error(&["limit"], "is 0; close the form instead");
        }
        if self.limit.is_some() != self.full_message.is_some() {
            defects.error(&["full_message"], "goes with limit: words for those who come when it is reached");
        }
        // A question that everybody answers, whatever they agree to.
        let always = |name: &str, kinds: &[FieldType]| {
            self.fields.iter().any(|field| {
                field.name == name
                    && field.required
                    && field.when.is_none()
                    && kinds.contains(&field.kind)
                    && !self.consents.iter().any(|ask| Some(&ask.purpose) == field.purpose.as_ref())
            })
        };
        if let Some(limit) = &self.limit_per_person {
            match &limit.field {
                Some(field) if !always(field, &[FieldType::Email, FieldType::Phone]) => defects.error(
                    &["limit_per_person", "field"],
                    format!(
                        "'{field}' is no required e-mail or phone question that is always shown and needs no consent"
                    ),
                ),
                Some(_) if limit.signed_in => defects.error(
                    &["limit_per_person", "signed_in"],
                    "stands beside field; keep one, by which people are known",
                ),
                None if !limit.signed_in => defects.error(
                    &["limit_per_person"],
                    "names nothing that people are known by; add field, or signed_in = true",
                ),
                None if self.sign_in.is_none() => {
                    defects.error(&["limit_per_person", "signed_in"], "needs sign_in; nobody signs in for this form");
                }
                _ => {}
            }
            if limit.count == 0 {
                defects.error(&["limit_per_person", "count"], "is 0; nobody could answer");
            }
        }
        if let Some(code) = self.access_code.as_deref().map(str::trim) {
            let length = code.chars().count();
            if !(8..=100).contains(&length) {
                defects.error(&["access_code"], "takes 8 to 100 characters; shorter ones are guessed");
            } else if length < 12 && code.chars().all(|c| c.is_ascii_digit()) {
                defects.warning(
                    &["access_code"],
                    "is a short number, which can be guessed by trying; take 12 digits or more, or add letters",
                );
            }
        }
        if let Some(field) = &self.verify_email
            && !always(field, &[FieldType::Email])
        {
            defects.error(
                &["verify_email"],
                format!("'{field}' is no required e-mail question that is always shown and needs no consent"),
            );
        }
        if usize::from(self.access_code.is_some())
            + usize::from(self.by_invitation)
            + usize::from(self.verify_email.is_some())
            + usize::from(self.sign_in.is_some())
            > 1
        {
            let key = if self.access_code.is_some() { "access_code" } else { "by_invitation" };
            let key = if key == "by_invitation" && !self.by_invitation { "verify_email" } else { key };
            defects
                .error(&[key], "is one of several doors (access_code, by_invitation, verify_email, sign_in); keep one");
        }
    }

    fn check_incentive(&self, defects: &mut Defects, languages: &[Lang]) {
        let Some(incentive) = &self.incentive else { return };
        incentive.text.check(defects, &["incentive", "text"], languages);
        if self.redirect.is_some() {
            defects.error(
                &["redirect"],
                "leads past the thank-you page, on which the incentive stands; remove one of the two",
            );
        }
        let bounded = self.limit_per_person.is_some()
            || self.verify_email.is_some()
            || self.by_invitation
            || self.sign_in.is_some()
            || self.access_code.is_some();
        if incentive.own_codes && !bounded {
            defects.warning(
                &["incentive", "own_codes"],
                "lets anybody take all codes by answering many times; add limit_per_person, verify_email, by_invitation \
                 or access_code",
            );
        }
        if incentive.code.is_some() && incentive.own_codes {
            defects.error(&["incentive", "code"], "is one for everybody, and own_codes gives each their own; keep one");
        }
        if let Some(slug) = &incentive.for_consent {
            if self.consents.iter().any(|ask| &ask.purpose == slug) {
                defects.warning(
                    &["incentive", "for_consent"],
                    format!("ties a reward to the consent '{slug}'; a consent must be freely given, and one that is bought may not count (GDPR Art. 7(4), EDPB Guidelines 05/2020, 13 to 14 and 48)"),
                );
            } else {
                defects.error(&["incentive", "for_consent"], format!("'{slug}' is no consent of this form"));
            }
        }
    }

    /// Places for earlier answers, `{name}`, must name an earlier question.
    fn check_recalls(&self, defects: &mut Defects) {
        for (i, field) in self.fields.iter().enumerate() {
            for (lang, text) in field.label.iter() {
                let names = super::view::recalled(text).into_iter().filter_map(|(_, name)| name);
                for name in names {
                    let known = self.fields[..i]
                        .iter()
                        .any(|earlier| earlier.name == name && (earlier.kind.is_text() || earlier.kind.takes_other()));
                    if !known {
                        defects.error(
                            &["fields", &i.to_string(), "label", lang.tag()],
                            format!("quotes '{{{name}}}', which is no earlier question with a text or a choice"),
                        );
                    }
                }
            }
        }
    }

    fn check_pages(&self, defects: &mut Defects) {
        let first = self.fields.iter().position(|field| field.kind == FieldType::Page);
        if let Some(first) = first
            && first > 0
            && self.fields[..first].iter().all(|field| !field.kind.is_question())
        {
            defects.error(
                &["fields", "0", "type"],
                "leaves a first page without a question; begin with a page or put a question there",
            );
        }
        for (i, field) in self.fields.iter().enumerate().filter(|(_, field)| field.kind == FieldType::Page) {
            let rest = &self.fields[i + 1..];
            let end = rest.iter().position(|field| field.kind == FieldType::Page).unwrap_or(rest.len());
            if !rest[..end].iter().any(|field| field.kind.is_question() || field.kind == FieldType::Statement) {
                defects.error(&["fields", &i.to_string(), "type"], "begins a page with nothing on it; remove it");
            }
            if end == rest.len() && field.when.is_some() {
                defects.error(
                    &["fields", &i.to_string(), "when"],
                    "could hide the last page, on which the form is sent; remove it or add a page",
                );
            }
        }
    }

    fn check_consents(
        &self,
        defects: &mut Defects,
        languages: &[Lang],
        purposes: &BTreeMap<String, PurposeDefinition>,
    ) {
        for (i, ask) in self.consents.iter().enumerate() {
            let index = i.to_string();
            match purposes.get(&ask.purpose) {
                None => defects.error(&["consents", &index, "purpose"], format!("'{}' is no purpose of this site; publish it first or in the same call", ask.purpose)),
                Some(purpose) if !purpose.is_consent() => defects.error(
                    &["consents", &index, "purpose"],
                    format!("'{}' rests on {}, which nobody is asked to agree to; name a purpose whose legal basis is consent", ask.purpose, purpose.legal_basis.name()),
                ),
                Some(_) => {}
            }
            if self.consents[..i].iter().any(|earlier| earlier.purpose == ask.purpose) {
                defects.error(
                    &["consents", &index, "purpose"],
                    format!("'{}' is asked for twice; remove one", ask.purpose),
                );
            }
            match (&ask.reason, ask.required) {
                (None, true) => defects.error(
                    &["consents", &index, "reason"],
                    "is missing; a required consent needs the technical reason without which the form can't work, in each language (GDPR Art. 7(4))",
                ),
                (Some(reason), true) => {
                    reason.check(defects, &["consents", &index, "reason"], languages);
                    defects.warning(&["consents", &index, "required"], format!("'{}' can't be refused; a consent that is not free does not count (GDPR Art. 7(4))", ask.purpose));
                }
                (Some(_), false) => defects.error(&["consents", &index, "reason"], "is for required consents only; remove it"),
                (None, false) => {}
            }
        }
        for (i, field) in self.fields.iter().enumerate() {
            let Some(slug) = &field.purpose else { continue };
            let consent = purposes.get(slug).is_some_and(PurposeDefinition::is_consent);
            let asked = self.consents.iter().find(|ask| &ask.purpose == slug);
            if consent && asked.is_none() {
                defects.error(
                    &["fields", &i.to_string(), "purpose"],
                    format!(
                        "'{slug}' rests on consent, but the form does not ask for it; add it to the form's consents"
                    ),
                );
            }
            if consent && field.required && asked.is_some_and(|ask| !ask.required) {
                defects.error(
                    &["fields", &i.to_string(), "required"],
                    format!("can't hold for an answer whose consent '{slug}' may be refused; make the field optional"),
                );
            }
        }
    }
}

impl Field {
    fn check(&self, languages: &[Lang], purposes: &BTreeMap<String, PurposeDefinition>) -> Defects {
        let mut defects = Defects::default();
        let good_name = self.name.len() <= 64
            && self.name.starts_with(|c: char| c.is_ascii_lowercase())
            && self.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !good_name {
            defects.error(
                &["name"],
                format!("'{}' is no field name; use a-z, 0-9 and '_', beginning with a letter, at most 64", self.name),
            );
        }
        // A form element of a browser hides its own properties behind controls with their names, and
        // every object has a constructor, so that scripts of others would find an answer there.
        if ["action", "closest", "constructor", "dataset", "elements", "matches", "prepend", "submit"]
            .contains(&self.name.as_str())
        {
            defects.error(&["name"], format!("'{}' means something else to browsers; choose another name", self.name));
        }
        // A hidden field's too: visitors read it in what is asked and why. A page may go without.
        if self.kind != FieldType::Page || self.label.iter().next().is_some() {
            self.label.check(&mut defects, &["label"], languages);
        }
        for (key, text) in [("hint", &self.hint), ("pattern_message", &self.pattern_message)] {
            if let Some(text) = text {
                text.check(&mut defects, &[key], languages);
            }
        }
        self.check_purpose(&mut defects, purposes);
        self.check_constraints(&mut defects);
        self.check_choices(&mut defects, languages);
        if let Some(token) = &self.autocomplete
            && !AUTOCOMPLETE.contains(&token.as_str())
        {
            defects.error(
                &["autocomplete"],
                format!("'{token}' is no HTML autocomplete token; use one such as name, email, tel or off"),
            );
        }
        defects
    }

    fn check_purpose(&self, defects: &mut Defects, purposes: &BTreeMap<String, PurposeDefinition>) {
        if !self.kind.is_question() {
            if self.purpose.is_some() || self.category.is_some() || self.required {
                let kind = self.kind.name();
                defects.error(
                    &["type"],
                    format!("is {kind}, which takes no answer; remove purpose, category and required"),
                );
            }
            return;
        }
        match &self.purpose {
            None => defects.error(
                &["purpose"],
                format!("is missing; say what '{}' is asked for by naming one of the site's purposes", self.name),
            ),
            Some(slug) if !purposes.contains_key(slug) => {
                defects.error(
                    &["purpose"],
                    format!("'{slug}' is no purpose of this site; publish it first or in the same call"),
                );
            }
            Some(_) => {}
        }
        match self.category {
            None => defects.error(&["category"], "is missing; say none, personal or special"),
            Some(Category::None)
                if matches!(self.kind, FieldType::Email | FieldType::Phone | FieldType::Address | FieldType::File) =>
            {
                defects.error(
                    &["category"],
                    format!("is none, but a {} answer is personal data; say personal", self.kind.name()),
                );
            }
            Some(_) => {}
        }
    }

    fn check_constraints(&self, defects: &mut Defects) {
        let kind = self.kind;
        let misplaced = [
            ("min_length", self.min_length.is_some() && !kind.is_text()),
            ("max_length", self.max_length.is_some() && !kind.is_text()),
            ("pattern", self.pattern.is_some() && !kind.is_text()),
            ("pattern_message", self.pattern_message.is_some() && self.pattern.is_none()),
            ("min", self.min.is_some() && !kind.has_range()),
            ("max", self.max.is_some() && !kind.has_range() && kind != FieldType::Rating),
            ("choices", !self.choices.is_empty() && !kind.has_choices()),
            ("other", self.other && !kind.takes_other()),
            ("rows", !self.rows.is_empty() && kind != FieldType::Matrix),
            ("accept", !self.accept.is_empty() && kind != FieldType::File),
            ("max_files", self.max_files.is_some() && kind != FieldType::File),
            ("max_bytes", self.max_bytes.is_some() && kind != FieldType::File),
            ("min_choices", self.min_choices.is_some() && kind != FieldType::MultipleChoice),
            ("max_choices", self.max_choices.is_some() && kind != FieldType::MultipleChoice),
            ("default", self.default.is_some() && kind != FieldType::Hidden),
            ("required", self.required && kind == FieldType::Hidden),
        ];
        for (key, _) in misplaced.iter().filter(|(_, wrong)| *wrong) {
            defects.error(&[key], format!("means nothing for a {} field like this; remove it", kind.name()));
        }
        if let Some(pattern) = &self.pattern {
            if compile_pattern(pattern).is_err() {
                defects.error(
                    &["pattern"],
                    format!("'{pattern}' is no regular expression of the kind without look-around and back-references"),
                );
            }
            if self.pattern_message.is_none() {
                defects.error(&["pattern_message"], "is missing; tell visitors in words what to write");
            }
        }
        if let (Some(default), Some(pattern)) = (&self.default, &self.pattern)
            && compile_pattern(pattern).is_ok_and(|pattern| !pattern.is_match(default))
        {
            defects.error(&["default"], "does not match the field's own pattern; nobody could send the form");
        }
        if self.max_length.is_some_and(|most| most == 0 || most > LONGEST_ANSWER) {
            defects.error(&["max_length"], format!("takes 1 to {LONGEST_ANSWER} characters"));
        }
        if let (Some(least), Some(most)) = (self.min_length, self.max_length)
            && least > most
        {
            defects.error(&["min_length"], format!("{least} is more than max_length {most}; no answer could fit"));
        }
        for (key, bound) in [("min", &self.min), ("max", &self.max)] {
            let Some(bound) = bound else { continue };
            let sound = match kind {
                FieldType::Number => bound.number().is_some_and(f64::is_finite),
                FieldType::Rating => bound.number().is_some_and(|n| (3.0..=10.0).contains(&n) && n.fract() == 0.0),
                FieldType::Date => bound.text().is_some_and(|text| parse_date(text).is_some()),
                FieldType::Time => bound.text().is_some_and(|text| parse_time(text).is_some()),
                _ => true,
            };
            if !sound {
                let want = match kind {
                    FieldType::Rating => "a whole number from 3 to 10",
                    FieldType::Date => "a date such as \"2026-01-31\"",
                    FieldType::Time => "a time such as \"09:30\"",
                    _ => "a number",
                };
                defects.error(&[key], format!("takes {want} for a {} field", kind.name()));
            }
        }
        if let (Some(min), Some(max)) = (&self.min, &self.max) {
            let reversed = match (min, max) {
                (Bound::Number(a), Bound::Number(b)) => a > b,
                (Bound::Text(a), Bound::Text(b)) => a > b,
                _ => false,
            };
            if reversed {
                defects.error(&["min"], "is more than max; no answer could fit");
            }
        }
    }

    fn check_choices(&self, defects: &mut Defects, languages: &[Lang]) {
        if self.kind.has_choices() && self.choices.len() < 2 && !(self.other && self.choices.len() == 1) {
            defects.error(&["choices"], "offers fewer than two; add choices");
        }
        if self.kind == FieldType::Matrix && self.rows.is_empty() {
            defects.error(&["rows"], "is missing; a matrix asks the same about several rows");
        }
        if self.kind == FieldType::File {
            if self.accept.is_empty() {
                defects.error(&["accept"], format!("is missing; name some of {}", super::uploads::names()));
            }
            for (i, name) in self.accept.iter().enumerate().filter(|(_, name)| super::uploads::named(name).is_none()) {
                let all = super::uploads::names();
                defects.error(&["accept", &i.to_string()], format!("'{name}' is no type of file; name some of {all}"));
            }
            if self.max_files.is_some_and(|most| most == 0 || most > MOST_FILES) {
                defects.error(&["max_files"], format!("takes 1 to {MOST_FILES}"));
            }
            if self.max_bytes.is_some_and(|most| most == 0 || most > LARGEST_FILE) {
                defects.error(&["max_bytes"], format!("takes 1 to {LARGEST_FILE} bytes"));
            }
        }
        for (i, row) in self.rows.iter().enumerate() {
            let index = i.to_string();
            if !is_part_name(&row.value) {
                defects.error(&["rows", &index, "value"], PART_NAME);
            }
            if self.rows[..i].iter().any(|earlier| earlier.value == row.value) {
                defects.error(
                    &["rows", &index, "value"],
                    format!("'{}' is used twice; each row needs a value of its own", row.value),
                );
            }
            if row.image.is_some() || row.when.is_some() {
                defects.error(&["rows", &index], "takes a value and a label only");
            }
            row.label.check(defects, &["rows", &index, "label"], languages);
        }
        for (i, choice) in self.choices.iter().enumerate() {
            let index = i.to_string();
            if choice.value.is_empty() || choice.value.len() > 100 {
                defects.error(&["choices", &index, "value"], "takes 1 to 100 characters");
            }
            if self.kind.names_controls_by_value() && !is_part_name(&choice.value) {
                defects.error(&["choices", &index, "value"], PART_NAME);
            }
            if choice.image.is_some() && !self.kind.takes_other() {
                defects.error(&["choices", &index, "image"], "is for single and multiple choices; remove it");
            }
            if self.choices[..i].iter().any(|earlier| earlier.value == choice.value) {
                defects.error(
                    &["choices", &index, "value"],
                    format!("'{}' is used twice; each choice needs a value of its own", choice.value),
                );
            }
            if self.other && choice.value == OTHER {
                defects.error(
                    &["choices", &index, "value"],
                    "'other' is taken by the choice with free text; use another value",
                );
            }
            choice.label.check(defects, &["choices", &index, "label"], languages);
        }
        let offered = u32::try_from(self.choices.len()).unwrap_or(u32::MAX).saturating_add(u32::from(self.other));
        for (key, count) in [("min_choices", self.min_choices), ("max_choices", self.max_choices)] {
            if count.is_some_and(|count| count == 0 || count > offered) {
                defects.error(&[key], format!("takes 1 to {offered}, the number of choices"));
            }
        }
        if let (Some(least), Some(most)) = (self.min_choices, self.max_choices)
            && least > most
        {
            defects.error(&["min_choices"], format!("{least} is more than max_choices {most}; no answer could fit"));
        }
    }
}

const PART_NAME: &str = "takes 1 to 64 of a-z, 0-9, '_' and '-', because it names a control";

/// Whether `value` can be the end of a control's name.
fn is_part_name(value: &str) -> bool {
    (1..=64).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

impl Field {
    /// The lowest and the highest point of a rating or a recommendation.
    pub fn scale(&self) -> (u32, u32) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "published ratings are 3 to 10")]
        let most = self.max.as_ref().and_then(Bound::number).unwrap_or(5.0) as u32;
        if self.kind == FieldType::Nps { (0, 10) } else { (1, most) }
    }

    /// Whether an answer is kept under `control`, which is the field's name or begins with it and
    /// a dot.
    pub fn has_control(&self, control: &str) -> bool {
        let Some(part) = control.strip_prefix(&self.name) else { return false };
        match (self.kind, part.strip_prefix('.')) {
            (kind, None) => kind.is_question() && part.is_empty(),
            (FieldType::Address, Some(part)) => ADDRESS.contains(&part),
            (FieldType::Matrix, Some(part)) => self.rows.iter().any(|row| row.value == part),
            (FieldType::Ranking, Some(part)) => self.choices.iter().any(|choice| choice.value == part),
            (_, Some(part)) => self.other && part == OTHER,
        }
    }
}

/// A moment in RFC 3339.
pub fn parse_moment(text: &str) -> Option<time::OffsetDateTime> {
    time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()
}

/// A time of day written `HH:MM`.
pub fn parse_time(text: &str) -> Option<time::Time> {
    time::Time::parse(text, time::macros::format_description!("[hour]:[minute]")).ok()
}

/// A pattern that must match the whole answer, compiled with a bound on its size. The engine runs
/// in time linear in the answer.
pub fn compile_pattern(pattern: &str) -> Result<regex::Regex, regex::Error> {
    // On its own first: "a)|(b" would get out of the anchors.
    regex::Regex::new(pattern)?;
    regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(1 << 20).build()
}

/// Single-token values of the HTML `autocomplete` attribute (HTML Living Standard, "Autofill").
const AUTOCOMPLETE: &[&str] = &[
    "off",
    "on",
    "name",
    "honorific-prefix",
    "given-name",
    "additional-name",
    "family-name",
    "honorific-suffix",
    "nickname",
    "username",
    "organization-title",
    "organization",
    "street-address",
    "address-line1",
    "address-line2",
    "address-line3",
    "address-level1",
    "address-level2",
    "address-level3",
    "address-level4",
    "country",
    "country-name",
    "postal-code",
    "language",
    "bday",
    "bday-day",
    "bday-month",
    "bday-year",
    "sex",
    "url",
    "photo",
    "tel",
    "tel-country-code",
    "tel-national",
    "tel-area-code",
    "tel-local",
    "tel-extension",
    "email",
    "impp",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::publishing::Document;
    use crate::sites::defect::Severity;

    /// What is found in the contact form with `keys` of its own: errors begin with `!`, warnings
    /// with `?`.
    fn found(keys: &str) -> Vec<String> {
        let toml = include_str!("../../tests/fixtures/shop.toml").replacen(
            "slug = \"contact\"\n",
            &format!("slug = \"contact\"\n{keys}\n"),
            1,
        );
        let document: Document = toml::from_str(&toml).unwrap();
        let purposes = document.purposes.iter().map(|one| (one.slug.clone(), one.clone())).collect();
        let defects = document.forms[0].check(&document.sites[0], &["privacy".to_owned()], &purposes);
        let told =
            defects.iter().map(|one| format!("{}{one}", if one.severity == Severity::Error { '!' } else { '?' }));
        told.collect()
    }

    const GIFT: &str = "text = { en = \"A\", de = \"B\", fr = \"C\" }";

    #[test]
    fn an_access_code_is_long_enough_not_to_be_guessed() {
        for (code, says) in [
            ("", "!access_code: takes 8 to 100"),
            ("heron 7", "!access_code: takes 8 to 100"),
            (" heron 7  ", "!access_code: takes 8 to 100"),
            ("12345678901", "?access_code: is a short number"),
            ("12345678", "?access_code: is a short number"),
        ] {
            let found = found(&format!("access_code = \"{code}\""));
            assert!(found.len() == 1 && found[0].starts_with(says), "{code}: {found:?}");
        }
        for code in ["heron 77", "123456789012", "1234567a"] {
            assert_eq!(found(&format!("access_code = \"{code}\"")), Vec::<String>::new());
        }
    }

    #[test]
    fn codes_of_ones_own_are_given_to_people_who_are_known() {
        let gift = format!("incentive = {{ {GIFT}, own_codes = true }}");
        let alone = found(&gift);
        assert!(
            alone.len() == 1 && alone[0].starts_with("?incentive.own_codes: lets anybody take all codes"),
            "{alone:?}"
        );
        for key in [
            "limit_per_person = { field = \"email\" }",
            "verify_email = \"email\"",
            "by_invitation = true",
            "access_code = \"Blue Heron\"",
        ] {
            assert_eq!(found(&format!("{gift}\n{key}")), Vec::<String>::new(), "{key}");
        }
        assert_eq!(found(&format!("incentive = {{ {GIFT}, code = \"A\" }}")), Vec::<String>::new());
    }

    #[test]
    fn nobody_is_led_past_what_they_were_promised() {
        let redirect = "redirect = \"https://shop.example/thanks\"";
        assert_eq!(found(redirect), Vec::<String>::new());
        let both = found(&format!("{redirect}\nincentive = {{ {GIFT}, code = \"A\" }}"));
        assert!(both.len() == 1 && both[0].starts_with("!redirect: leads past the thank-you page"), "{both:?}");
    }

    #[test]
    fn words_are_as_many_as_can_be_looked_for() {
        let words = |count: usize| found(&format!("spam = {{ words = {:?} }}", vec!["cheap"; count]));
        assert_eq!(words(200), Vec::<String>::new());
        assert_eq!(words(201), ["!spam.words: has 201 entries and takes 200; keep those that matter"]);
    }

    #[test]
    fn no_field_is_called_what_scripts_find_anyway() {
        for name in ["constructor", "submit"] {
            let field = format!("[[fields]]\nname = '{name}'\ntype = 'statement'\nlabel.en = 'L'\n");
            let form: FormDefinition =
                toml::from_str(&format!("site = 's'\nslug = 'f'\npolicy = 'p'\ntitle.en = 'T'\n{field}")).unwrap();
            let defects = form.fields[0].check(&[Lang::En], &BTreeMap::new());
            assert!(defects.errors().any(|one| one.message.contains("means something else to browsers")), "{name}");
        }
    }
}
