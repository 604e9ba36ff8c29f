//! Whether answers fit a form: every error at once, as codes that [`crate::words`] turns into the
//! form's language.

use std::collections::BTreeSet;

use phonenumber::country;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;
use validator::{ValidateEmail as _, ValidateUrl as _};

use super::Published;
use super::answers::{Answers, Sent, SentValue};
use super::conditions::{self, Values, offered, withdrawn};
use super::countries::is_country;
use super::definition::{ADDRESS, ADDRESS_NEEDS, Field, FieldType, LONGEST_ANSWER, OTHER, parse_time};
use crate::policies::parse_date;
use crate::sites::{Lang, Text};

/// What is wrong with one answer. The message is made by [`FieldError::message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The control: a field's name, `name.other`, or `consent.<purpose>`.
    pub control: String,
    /// What is wrong, stable for machines.
    pub code: Code,
    /// The bound that was passed, where there is one. Never the answer itself.
    pub limit: Option<String>,
}

/// The ways in which an answer can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// An answer is needed.
    Required,
    /// The value is of a kind that this field does not take.
    WrongKind,
    /// Fewer characters than `min_length`.
    TooShort,
    /// More characters than `max_length`.
    TooLong,
    /// Less than `min`.
    TooSmall,
    /// More than `max`.
    TooLarge,
    /// Not an e-mail address.
    Email,
    /// Not a phone number.
    Phone,
    /// Not a web address.
    Url,
    /// Not a number.
    Number,
    /// Not a date.
    Date,
    /// Not a time of day.
    Time,
    /// Does not match the pattern.
    Pattern,
    /// Not one of the choices.
    Choice,
    /// A choice that other answers have taken away.
    ChoiceWithdrawn,
    /// Fewer choices than `min_choices`.
    TooFewChoices,
    /// More choices than `max_choices`.
    TooManyChoices,
    /// Contains control characters.
    Characters,
    /// A required consent was not given.
    ConsentRequired,
    /// A required box was not ticked.
    Unconfirmed,
    /// Two choices have the same place, or one has none.
    Ranking,
    /// Not a country.
    Country,
    /// More files than `max_files`.
    TooManyFiles,
    /// A file is larger than `max_bytes`; the limit is in words.
    FileTooLarge,
    /// All files together have more bytes than one request may bring.
    FilesTooLarge,
    /// A file is none of the types taken, by its name or by its content.
    FileType,
    /// A file holds nothing.
    FileEmpty,
    /// A scanner found something harmful in a file.
    FileInfected,
    /// A file could not be kept just now.
    FileLost,
    /// Not the address that was proved.
    NotVerified,
}

impl Code {
    /// The stable name, in the API and as the end of the translation's key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WrongKind => "wrong-kind",
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::TooSmall => "too-small",
            Self::TooLarge => "too-large",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Number => "number",
            Self::Date => "date",
            Self::Time => "time",
            Self::Pattern => "pattern",
            Self::Choice => "choice",
            Self::ChoiceWithdrawn => "choice-withdrawn",
            Self::TooFewChoices => "too-few-choices",
            Self::TooManyChoices => "too-many-choices",
            Self::Characters => "characters",
            Self::ConsentRequired => "consent-required",
            Self::Unconfirmed => "unconfirmed",
            Self::Ranking => "ranking",
            Self::Country => "country",
            Self::TooManyFiles => "too-many-files",
            Self::FileTooLarge => "file-too-large",
            Self::FilesTooLarge => "files-too-large",
            Self::FileType => "file-type",
            Self::FileEmpty => "file-empty",
            Self::FileInfected => "file-infected",
            Self::FileLost => "file-lost",
            Self::NotVerified => "not-verified",
        }
    }
}

/// Answers that fit, with how many controls the form does not know.
pub struct Checked {
    /// The normalised answers; fields without an answer are absent.
    pub answers: Answers,
    /// Controls that were ignored because the form has no such field.
    pub unknown: usize,
}

type Verdict = Result<Option<Value>, (Code, Option<String>)>;

impl Published {
    /// Checks everything that was sent and gives either all answers or all errors, in the order of
    /// the form's fields. `country` is where phone numbers without `+` belong.
    pub fn check(&self, sent: &Sent, country: Option<country::Id>) -> Result<Checked, Vec<FieldError>> {
        let mut answers = Answers::default();
        let mut errors = Vec::new();
        let (visible, values) = conditions::shown(&self.definition, sent);
        let all = self.definition.fields.iter().zip(&self.patterns).zip(visible);
        // What is not shown is neither needed nor kept.
        let shown = all.filter(|((field, _), visible)| *visible && field.kind.is_question());
        for (field, pattern) in shown.map(|((field, pattern), _)| (field, pattern.as_ref())) {
            // A pattern that no longer compiles lets nothing through.
            if field.pattern.is_some() && pattern.is_none() && sent.get(&field.name).is_some() {
                errors.push(error(&field.name, Code::Pattern, None));
                continue;
            }
            let composite = match field.kind {
                FieldType::Address => Some(check_address(field, sent)),
                FieldType::Matrix => Some(check_matrix(field, sent)),
                FieldType::Ranking => Some(check_ranking(field, sent)),
                _ => None,
            };
            if let Some(verdict) = composite {
                match verdict {
                    Ok(None) if field.required => errors.push(error(&field.name, Code::Required, None)),
                    Ok(None) => {}
                    Ok(Some(value)) => answers.insert(field.name.clone(), value),
                    Err(own) => errors.extend(own),
                }
                continue;
            }
            match check_field(field, pattern, sent, country, &values) {
                Ok(None) if field.required && field.kind == FieldType::Confirmation => {
                    errors.push(error(&field.name, Code::Unconfirmed, None));
                }
                Ok(None) if field.required => errors.push(error(&field.name, Code::Required, None)),
                Ok(None) => {}
                Ok(Some(value)) => answers.insert(field.name.clone(), value),
                Err((code, limit)) => errors.push(error(&field.name, code, limit)),
            }
            if field.other {
                let control = format!("{}.{OTHER}", field.name);
                if sent.has(&field.name, OTHER) {
                    match check_text(sent.get(&control), Some(500), None, false) {
                        Ok(None) => errors.push(error(&control, Code::Required, None)),
                        Ok(Some(value)) => answers.insert(control, value),
                        Err((code, limit)) => errors.push(error(&control, code, limit)),
                    }
                }
            }
        }
        let unknown = sent.names().filter(|name| !self.knows_control(name)).count();
        if errors.is_empty() { Ok(Checked { answers, unknown }) } else { Err(errors) }
    }
}

fn error(control: &str, code: Code, limit: Option<String>) -> FieldError {
    FieldError { control: control.to_owned(), code, limit }
}

fn check_field(
    field: &Field,
    pattern: Option<&regex::Regex>,
    sent: &Sent,
    country: Option<country::Id>,
    values: &Values,
) -> Verdict {
    let value = sent.get(&field.name);
    match field.kind {
        FieldType::ShortText | FieldType::LongText | FieldType::Email | FieldType::Phone | FieldType::Url => {
            let lines = field.kind == FieldType::LongText;
            let Some(Value::String(text)) = check_text(value, field.max_length, field.min_length, lines)? else {
                return Ok(None);
            };
            let text = match field.kind {
                FieldType::Email if !text.validate_email() => return Err((Code::Email, None)),
                FieldType::Url if !is_web_address(&text) => return Err((Code::Url, None)),
                FieldType::Phone => e164(&text, country).ok_or((Code::Phone, None))?,
                _ => text,
            };
            matching(pattern, text)
        }
        FieldType::Hidden => {
            let text = check_text(value, field.max_length, field.min_length, false)?;
            match text.or_else(|| field.default.clone().map(Value::String)) {
                Some(Value::String(text)) => matching(pattern, text),
                _ => Ok(None),
            }
        }
        FieldType::Number => check_number(value, field),
        FieldType::Rating => {
            let most = field.max.as_ref().and_then(super::definition::Bound::number).unwrap_or(5.0);
            check_scale(value, 1.0, most)
        }
        FieldType::Nps => check_scale(value, 0.0, 10.0),
        FieldType::Date | FieldType::Time => check_moment(value, field),
        FieldType::YesNo => match value {
            None => Ok(None),
            Some(SentValue::Bool(yes)) => Ok(Some(Value::Bool(*yes))),
            Some(SentValue::Text(text)) => match text.trim() {
                "" => Ok(None),
                "yes" | "true" => Ok(Some(Value::Bool(true))),
                "no" | "false" => Ok(Some(Value::Bool(false))),
                _ => Err((Code::Choice, None)),
            },
            Some(_) => Err((Code::WrongKind, None)),
        },
        FieldType::SingleChoice => match value {
            None => Ok(None),
            Some(SentValue::Text(text)) if text.is_empty() => Ok(None),
            Some(SentValue::Text(text))
                if field.choices.iter().any(|choice| &choice.value == text && !offered(choice, values)) =>
            {
                Err((Code::ChoiceWithdrawn, None))
            }
            Some(SentValue::Text(text)) if offers(field, text, values) => Ok(Some(Value::String(text.clone()))),
            Some(SentValue::Text(_)) => Err((Code::Choice, None)),
            Some(_) => Err((Code::WrongKind, None)),
        },
        FieldType::MultipleChoice => check_choices(value, field, values),
        FieldType::Country => match value {
            None => Ok(None),
            Some(SentValue::Text(text)) => match text.trim() {
                "" => Ok(None),
                code if is_country(code) => Ok(Some(Value::String(code.to_owned()))),
                _ => Err((Code::Country, None)),
            },
            Some(_) => Err((Code::WrongKind, None)),
        },
        FieldType::Confirmation => match value {
            None | Some(SentValue::Bool(false)) => Ok(None),
            Some(SentValue::Bool(true)) => Ok(Some(Value::Bool(true))),
            // Only what plainly says yes confirms.
            Some(SentValue::Text(text)) => match text.trim() {
                "yes" | "on" | "true" => Ok(Some(Value::Bool(true))),
                "" | "no" | "false" => Ok(None),
                _ => Err((Code::WrongKind, None)),
            },
            Some(_) => Err((Code::WrongKind, None)),
        },
        FieldType::File => match value {
            None => Ok(None),
            Some(SentValue::Text(text)) if text.is_empty() => Ok(None),
            Some(SentValue::Refused(code, limit)) => Err((*code, limit.clone())),
            Some(SentValue::Files(files)) if files.is_empty() => Ok(None),
            Some(SentValue::Files(files)) => {
                let most = field.max_files.unwrap_or(1);
                if files.len() > most as usize {
                    return Err((Code::TooManyFiles, Some(most.to_string())));
                }
                serde_json::to_value(files).map(Some).map_err(|_| (Code::WrongKind, None))
            }
            Some(_) => Err((Code::WrongKind, None)),
        },
        FieldType::Address
        | FieldType::Matrix
        | FieldType::Ranking
        | FieldType::Statement
        | FieldType::Section
        | FieldType::Page => Ok(None),
    }
}

/// Whether nothing but parts was sent for a field that has them.
fn is_composite(sent: &Sent, field: &Field) -> bool {
    match sent.get(&field.name) {
        None | Some(SentValue::Parts) => true,
        Some(SentValue::Text(text)) => text.is_empty(),
        Some(_) => false,
    }
}

type CompositeVerdict = Result<Option<Value>, Vec<FieldError>>;

/// An object with the parts that were written. Where any part is, those that every address has
/// must be.
fn check_address(field: &Field, sent: &Sent) -> CompositeVerdict {
    if !is_composite(sent, field) {
        return Err(vec![error(&field.name, Code::WrongKind, None)]);
    }
    let mut parts = serde_json::Map::new();
    let mut errors = Vec::new();
    for part in ADDRESS {
        let control = format!("{}.{part}", field.name);
        match check_text(sent.get(&control), Some(200), None, false) {
            Ok(None) => {}
            Ok(Some(Value::String(code))) if part == "country" && !is_country(&code) => {
                errors.push(error(&control, Code::Country, None));
            }
            Ok(Some(value)) => {
                parts.insert(part.to_owned(), value);
            }
            Err((code, limit)) => errors.push(error(&control, code, limit)),
        }
    }
    if field.required || !parts.is_empty() {
        let missing = ADDRESS_NEEDS.iter().map(|part| format!("{}.{part}", field.name)).filter(|control| {
            let part = control.rsplit('.').next().unwrap_or_default();
            !parts.contains_key(part) && !errors.iter().any(|error| &error.control == control)
        });
        let missing: Vec<FieldError> = missing.map(|control| error(&control, Code::Required, None)).collect();
        errors.extend(missing);
    }
    // In the order in which the parts are asked for.
    errors.sort_by_key(|error| ADDRESS.iter().position(|part| error.control.ends_with(&format!(".{part}"))));
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok((!parts.is_empty()).then_some(Value::Object(parts)))
}

/// An object with a choice for each row that has one.
fn check_matrix(field: &Field, sent: &Sent) -> CompositeVerdict {
    if !is_composite(sent, field) {
        return Err(vec![error(&field.name, Code::WrongKind, None)]);
    }
    let mut rows = serde_json::Map::new();
    let mut errors = Vec::new();
    for row in &field.rows {
        let control = format!("{}.{}", field.name, row.value);
        match sent.get(&control) {
            Some(SentValue::Text(text)) if field.choices.iter().any(|choice| &choice.value == text) => {
                rows.insert(row.value.clone(), Value::String(text.clone()));
            }
            None => {}
            Some(SentValue::Text(text)) if text.is_empty() => {}
            Some(_) => errors.push(error(&control, Code::Choice, None)),
        }
        if field.required && !rows.contains_key(&row.value) && errors.last().is_none_or(|last| last.control != control)
        {
            errors.push(error(&control, Code::Required, None));
        }
    }
    if errors.is_empty() { Ok((!rows.is_empty()).then_some(Value::Object(rows))) } else { Err(errors) }
}

/// Every choice once, the first place first. A page sends each choice's place, a program the list.
fn check_ranking(field: &Field, sent: &Sent) -> CompositeVerdict {
    let wrong = || Err(vec![error(&field.name, Code::Ranking, None)]);
    let ordered: Vec<String> = match sent.get(&field.name) {
        Some(SentValue::Texts(texts)) => texts.clone(),
        Some(SentValue::Text(text)) if !text.is_empty() => vec![text.clone()],
        None | Some(SentValue::Text(_)) => {
            let mut places = Vec::with_capacity(field.choices.len());
            for choice in &field.choices {
                let place = sent.text(&format!("{}.{}", field.name, choice.value)).trim();
                if place.is_empty() {
                    continue;
                }
                match place.parse::<usize>() {
                    Ok(number) if (1..=field.choices.len()).contains(&number) => {
                        places.push((number, choice.value.clone()));
                    }
                    _ => return wrong(),
                }
            }
            if places.is_empty() {
                return Ok(None);
            }
            places.sort();
            if places.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return wrong();
            }
            places.into_iter().map(|(_, value)| value).collect()
        }
        Some(_) => return Err(vec![error(&field.name, Code::WrongKind, None)]),
    };
    let whole = ordered.len() == field.choices.len()
        && field.choices.iter().all(|choice| ordered.iter().filter(|value| **value == choice.value).count() == 1);
    if whole { Ok(Some(Value::from(ordered))) } else { wrong() }
}

fn matching(pattern: Option<&regex::Regex>, text: String) -> Verdict {
    match pattern {
        Some(pattern) if !pattern.is_match(&text) => Err((Code::Pattern, None)),
        _ => Ok(Some(Value::String(text))),
    }
}

/// Text, trimmed, in Unicode normalisation form C, with `\n` line ends, within its lengths, which
/// count characters. Empty text is no answer.
fn check_text(value: Option<&SentValue>, most: Option<u32>, least: Option<u32>, lines: bool) -> Verdict {
    let text = match value {
        None => return Ok(None),
        Some(SentValue::Text(text)) => text,
        Some(_) => return Err((Code::WrongKind, None)),
    };
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(|c| c.is_control() && !(lines && (c == '\n' || c == '\t'))) {
        return Err((Code::Characters, None));
    }
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let most = most.unwrap_or(if lines { LONGEST_ANSWER } else { 1000 });
    if length > most {
        return Err((Code::TooLong, Some(most.to_string())));
    }
    if let Some(least) = least
        && length < least
    {
        return Err((Code::TooShort, Some(least.to_string())));
    }
    Ok(Some(Value::String(text)))
}

fn as_number(value: Option<&SentValue>) -> Result<Option<f64>, (Code, Option<String>)> {
    match value {
        None => Ok(None),
        Some(SentValue::Number(number)) => Ok(Some(*number)),
        Some(SentValue::Text(text)) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            // A decimal comma is how most of Europe writes; grouping marks stay errors.
            let plain = if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) };
            // "1,234" is a thousand to some and one and a bit to others; asked again rather than guessed.
            let ambiguous = text.split_once(',').is_some_and(|(_, after)| after.len() == 3 && !after.contains(','));
            // More digits than a double keeps would be stored altered.
            let exact = plain.bytes().filter(u8::is_ascii_digit).count() <= 15;
            let digits_only = plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
            match plain.parse::<f64>() {
                Ok(number) if digits_only && exact && !ambiguous && number.is_finite() => Ok(Some(number)),
                _ => Err((Code::Number, None)),
            }
        }
        Some(_) => Err((Code::WrongKind, None)),
    }
}

fn check_number(value: Option<&SentValue>, field: &Field) -> Verdict {
    let Some(number) = as_number(value)? else { return Ok(None) };
    for (bound, below) in [(&field.min, true), (&field.max, false)] {
        let Some(limit) = bound.as_ref().and_then(super::definition::Bound::number) else { continue };
        if below && number < limit {
            return Err((Code::TooSmall, Some(limit.to_string())));
        }
        if !below && number > limit {
            return Err((Code::TooLarge, Some(limit.to_string())));
        }
    }
    Ok(Some(number_value(number)))
}

/// A whole number is kept as one, so that 3 reads back as 3 and not as 3.0.
fn number_value(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so exact")]
    let whole = number as i64;
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        Value::from(whole)
    } else {
        Value::from(number)
    }
}

fn check_scale(value: Option<&SentValue>, least: f64, most: f64) -> Verdict {
    let Some(number) = as_number(value)? else { return Ok(None) };
    if number.fract() == 0.0 && (least..=most).contains(&number) {
        Ok(Some(number_value(number)))
    } else {
        Err((Code::Choice, None))
    }
}

fn check_moment(value: Option<&SentValue>, field: &Field) -> Verdict {
    let text = match value {
        None => return Ok(None),
        Some(SentValue::Text(text)) => text.trim(),
        Some(_) => return Err((Code::WrongKind, None)),
    };
    if text.is_empty() {
        return Ok(None);
    }
    // Browsers may send seconds with a time; minutes are what is kept.
    let text = match text.split_at_checked(5) {
        Some((minutes, seconds)) if field.kind == FieldType::Time && is_seconds(seconds) => minutes,
        _ => text,
    };
    let (sound, code) = match field.kind {
        FieldType::Date => (parse_date(text).is_some(), Code::Date),
        _ => (parse_time(text).is_some(), Code::Time),
    };
    if !sound {
        return Err((code, None));
    }
    // ISO 8601 dates and times of one width sort as text.
    if let Some(min) = field.min.as_ref().and_then(super::definition::Bound::text)
        && text < min
    {
        return Err((Code::TooSmall, Some(min.to_owned())));
    }
    if let Some(max) = field.max.as_ref().and_then(super::definition::Bound::text)
        && text > max
    {
        return Err((Code::TooLarge, Some(max.to_owned())));
    }
    Ok(Some(Value::String(text.to_owned())))
}

fn is_seconds(text: &str) -> bool {
    text.strip_prefix(':')
        .is_some_and(|digits| digits.len() >= 2 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn offers(field: &Field, value: &str, values: &Values) -> bool {
    let made = |choice: &super::definition::Choice| choice.value == value && offered(choice, values);
    field.choices.iter().any(made) || (field.other && value == OTHER)
}

fn check_choices(value: Option<&SentValue>, field: &Field, values: &Values) -> Verdict {
    let chosen: Vec<&str> = match value {
        None => return Ok(None),
        Some(SentValue::Text(text)) if text.is_empty() => return Ok(None),
        Some(SentValue::Text(text)) => vec![text],
        Some(SentValue::Texts(texts)) => texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect(),
        Some(_) => return Err((Code::WrongKind, None)),
    };
    // A choice that earlier answers have taken away is dropped, as its box is on the page.
    let gone = withdrawn(field, values);
    let chosen: BTreeSet<&str> = chosen.into_iter().filter(|value| !gone.contains(value)).collect();
    if chosen.is_empty() {
        return Ok(None);
    }
    // In the order of the form, each once.
    let mut ordered: Vec<&str> = field.choices.iter().map(|choice| choice.value.as_str()).collect();
    ordered.extend(field.other.then_some(OTHER));
    ordered.retain(|value| chosen.contains(value));
    if ordered.len() < chosen.len() {
        return Err((Code::Choice, None));
    }
    let count = u32::try_from(ordered.len()).unwrap_or(u32::MAX);
    if let Some(least) = field.min_choices
        && count < least
    {
        return Err((Code::TooFewChoices, Some(least.to_string())));
    }
    if let Some(most) = field.max_choices
        && count > most
    {
        return Err((Code::TooManyChoices, Some(most.to_string())));
    }
    Ok(Some(Value::from(ordered)))
}

fn is_web_address(text: &str) -> bool {
    text.validate_url() && (text.starts_with("https://") || text.starts_with("http://"))
}

/// A phone number in E.164, where it can be one.
pub fn e164(text: &str, country: Option<country::Id>) -> Option<String> {
    let number = phonenumber::parse(country, text).ok()?;
    phonenumber::is_valid(&number).then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

impl FieldError {
    /// The sentence that visitors read, in `lang`. `custom` is the field's own words for an answer
    /// that does not match its pattern.
    pub fn message(&self, words: &crate::words::Words, lang: Lang, custom: Option<&Text>) -> String {
        if self.code == Code::Pattern
            && let Some(custom) = custom
        {
            return custom.get(lang).to_owned();
        }
        let key = format!("error-{}", self.code.name());
        words.with(lang, &key, &[("limit", self.limit.as_deref().unwrap_or_default().into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::publishing::Document;
    use crate::sites::VersionRef;
    use proptest::prelude::*;

    fn form(slug: &str) -> Published {
        let document: Document = toml::from_str(include_str!("../../tests/fixtures/shop.toml")).unwrap();
        let definition = document.forms.into_iter().find(|form| form.slug == slug).unwrap();
        let published_at = time::OffsetDateTime::UNIX_EPOCH;
        let (id, owner) = (uuid::Uuid::nil(), uuid::Uuid::nil());
        Published::new(VersionRef { id, owner, number: 1, sha256: String::new(), published_at }, definition)
    }

    fn any_value() -> impl Strategy<Value = SentValue> {
        prop_oneof![
            ".{0,40}".prop_map(SentValue::Text),
            "[-+0-9.,:eE /]{0,12}".prop_map(SentValue::Text),
            Just("other").prop_map(|text| SentValue::Text(text.to_owned())),
            proptest::collection::vec(prop_oneof!["ink", "paper", "pens", "other", ".{0,5}"], 0..5)
                .prop_map(SentValue::Texts),
            any::<f64>().prop_map(SentValue::Number),
            any::<bool>().prop_map(SentValue::Bool),
            Just(SentValue::Unusable),
        ]
    }

    fn any_sent() -> impl Strategy<Value = Sent> {
        let names = prop_oneof![
            prop::sample::select(vec![
                "name",
                "email",
                "phone",
                "topic",
                "topic.other",
                "interests",
                "order",
                "message",
                "welcome",
                "recommend",
                "stars",
                "bought",
                "hour",
                "orders",
                "site",
                "again",
                "campaign",
            ])
            .prop_map(str::to_owned),
            "[a-z.]{0,8}",
        ];
        proptest::collection::btree_map(names, any_value(), 0..12).prop_map(|map| map.into_iter().collect())
    }

    /// The answers as somebody would send them back.
    fn resent(answers: &Answers) -> Sent {
        Sent::from_json(answers.expose_all().clone())
    }

    proptest! {
        #[test]
        fn whatever_is_sent_gives_answers_or_errors_of_known_controls(sent in any_sent(), survey in any::<bool>()) {
            let form = form(if survey { "survey" } else { "contact" });
            match form.check(&sent, Some(country::DE)) {
                Ok(checked) => {
                    for name in checked.answers.names() {
                        prop_assert!(form.knows_control(name), "{name}");
                    }
                    let (shown, _) = conditions::shown(&form.definition, &sent);
                    let asked = form.definition.fields.iter().zip(shown).filter(|(_, shown)| *shown);
                    for (field, _) in asked.filter(|(field, _)| field.required) {
                        prop_assert!(checked.answers.expose(&field.name).is_some(), "{}", field.name);
                    }
                }
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    for error in errors {
                        prop_assert!(form.knows_control(&error.control), "{}", error.control);
                    }
                }
            }
        }

        #[test]
        fn what_was_accepted_is_accepted_again_unchanged(sent in any_sent()) {
            let form = form("contact");
            let mut sent = sent;
            for (name, text) in [("name", "Ana"), ("email", "ana@post.example"), ("message", "Hello")] {
                if sent.get(name).is_none() {
                    sent.add(name.to_owned(), text.to_owned());
                }
            }
            if let Ok(first) = form.check(&sent, Some(country::DE)) {
                let again = resent(&first.answers);
                let second = form.check(&again, Some(country::DE)).map_err(|errors| format!("{errors:?}"));
                let second = second.map_err(TestCaseError::fail)?;
                prop_assert_eq!(first.answers.expose_all(), second.answers.expose_all());
                prop_assert_eq!(second.unknown, 0);
            }
        }

        #[test]
        fn lengths_count_characters_and_hold_exactly(length in 1990_usize..2010, letter in prop::sample::select(vec!['x', 'ž', '語', '😀'])) {
            let form = form("contact");
            let mut sent = Sent::default();
            for (name, text) in [("name", "Ana".to_owned()), ("email", "ana@post.example".to_owned()), ("message", letter.to_string().repeat(length))] {
                sent.add(name.to_owned(), text);
            }
            prop_assert_eq!(form.check(&sent, None).is_ok(), length <= 2000);
        }

        #[test]
        fn ranges_hold_exactly(orders in -10_i32..520) {
            let form = form("survey");
            let sent: Sent = [("recommend", 7.0), ("orders", f64::from(orders))].map(|(name, n)| (name.to_owned(), SentValue::Number(n))).into_iter().collect();
            prop_assert_eq!(form.check(&sent, None).is_ok(), (0..=500).contains(&orders));
        }
    }

    #[test]
    fn numbers_and_times_are_kept_as_meant_or_asked_again() {
        let form = form("survey");
        let check = |name: &str, text: &str| {
            let mut sent = Sent::default();
            sent.add("recommend".to_owned(), "7".to_owned());
            sent.add(name.to_owned(), text.to_owned());
            form.check(&sent, None).ok().and_then(|checked| checked.answers.expose(name).map(ToString::to_string))
        };
        for (text, kept) in [
            ("12", Some("12")),
            ("12,5", Some("12.5")),
            ("1,234", None),
            ("12345678901234567890", None),
            ("1e2", None),
            ("0x10", None),
        ] {
            assert_eq!(check("orders", text).as_deref(), kept, "{text}");
        }
        for (text, kept) in [
            ("14:30", Some("\"14:30\"")),
            ("14:30:59", Some("\"14:30\"")),
            ("02:30 PM", None),
            ("14:3", None),
            ("25:00", None),
        ] {
            assert_eq!(check("hour", text).as_deref(), kept, "{text}");
        }
    }

    #[test]
    fn a_choice_that_other_answers_have_taken_away_is_told_and_one_of_several_is_dropped() {
        let fields = "[[fields]]\nname = 'occasion'\ntype = 'yes_no'\n";
        let choice = |kind: &str| {
            format!(
                "[[fields]]\nname = '{kind}'\ntype = '{kind}_choice'\nchoices = [{{ value = 'laid', label.en = 'L' }}, \
                 {{ value = 'marbled', label.en = 'M', when = {{ field = 'occasion', equals = true }} }}]\n"
            )
        };
        let toml = format!(
            "site = 's'\nslug = 'f'\npolicy = 'p'\ntitle.en = 'T'\n{fields}{}{}",
            choice("single"),
            choice("multiple")
        );
        let definition: super::super::FormDefinition = toml::from_str(&toml).unwrap();
        let (id, owner, published_at) = (uuid::Uuid::nil(), uuid::Uuid::nil(), time::OffsetDateTime::UNIX_EPOCH);
        let form = Published::new(VersionRef { id, owner, number: 1, sha256: String::new(), published_at }, definition);
        let sent = |occasion: bool, name: &str| -> Sent {
            let pairs = [("occasion", SentValue::Bool(occasion)), (name, SentValue::Text("marbled".to_owned()))];
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let errors = form.check(&sent(false, "single"), None).err().unwrap();
        assert_eq!(errors, [error("single", Code::ChoiceWithdrawn, None)]);
        assert!(form.check(&sent(true, "single"), None).is_ok());
        let checked = form.check(&sent(false, "multiple"), None).ok().unwrap();
        assert!(checked.answers.expose("multiple").is_none());
    }

    #[test]
    fn phone_numbers_are_kept_as_e164() {
        assert_eq!(e164("030 23125 456", Some(country::DE)).as_deref(), Some("+493023125456"));
        assert_eq!(e164("+44 20 7946 0958", None).as_deref(), Some("+442079460958"));
        assert_eq!(e164("030 23125 456", None), None);
    }
}
