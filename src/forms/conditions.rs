//! Conditions: when a question, a page, a section or a choice is shown.
//!
//! `static/rules.js` evaluates the same conditions while somebody fills the form in; both run the
//! cases of `tests/fixtures/conditions.json`. What counts is decided here. A condition asks about
//! earlier questions only, so no two can wait for each other.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use super::answers::{Sent, SentValue};
use super::definition::{Bound, Choice, Field, FieldType, FormDefinition, LONGEST_ANSWER, OTHER, parse_time};
use crate::policies::parse_date;
use crate::sites::{Defects, Lang};
use crate::words::Words;

/// Something about earlier answers. Either `all`, or `any`, or one `field` with one test.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// All of these hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Self>,
    /// At least one of these holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Self>,
    /// The question that is tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The answer is this. Numbers are compared as numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Operand>,
    /// This is one of the choices that were made; or it is part of the text, in upper or lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// The answer is more than this number, or later than this date or time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greater: Option<Bound>,
    /// The answer is less than this number, or earlier than this date or time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub less: Option<Bound>,
    /// There is an answer, or there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
}

/// What an answer is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Operand {
    /// `true` for "yes" and `false` for "no".
    Bool(bool),
    /// A number.
    Number(f64),
    /// A choice's value, or text.
    Text(String),
}

impl Operand {
    fn text(&self) -> String {
        match self {
            Self::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// The answers to each question as conditions see them; without an entry where there is none. Wiped
/// when dropped.
#[derive(Default)]
pub struct Values(BTreeMap<String, Given>);

/// One answer.
struct Given {
    texts: Vec<String>,
    /// Whether it was chosen from what was offered, so that a part of it means nothing.
    chosen: bool,
    /// The texts in lower case, made once for however many conditions.
    lower: OnceCell<Vec<String>>,
}

impl Values {
    /// Adds the answer to the question `name`, unless it is none.
    pub fn insert(&mut self, name: &str, texts: Vec<String>, chosen: bool) {
        if !texts.is_empty() {
            self.0.insert(name.to_owned(), Given { texts, chosen, lower: OnceCell::new() });
        }
    }
}

impl Given {
    fn contains(&self, part: &str) -> bool {
        if self.chosen {
            return self.texts.iter().any(|text| text == part);
        }
        let lower = self.lower.get_or_init(|| self.texts.iter().map(|text| text.to_lowercase()).collect());
        let part = part.to_lowercase();
        lower.iter().any(|text| text.contains(&part))
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.texts.zeroize();
        if let Some(lower) = self.lower.get_mut() {
            lower.zeroize();
        }
    }
}

/// Whether a field is answered by ticking what is offered.
const fn is_chosen(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldType::SingleChoice
            | FieldType::MultipleChoice
            | FieldType::YesNo
            | FieldType::Rating
            | FieldType::Nps
            | FieldType::Confirmation
    )
}

/// No more of a text than an answer may have.
fn bounded(text: &str) -> &str {
    text.char_indices().nth(LONGEST_ANSWER as usize).map_or(text, |(end, _)| &text[..end])
}

/// What was sent for `field`, as conditions see it.
pub fn values_of(field: &Field, sent: &Sent) -> Vec<String> {
    let texts: Vec<String> = match (field.kind, sent.get(&field.name)) {
        (FieldType::Address, _) => super::definition::ADDRESS
            .iter()
            .map(|part| sent.text(&format!("{}.{part}", field.name)).to_owned())
            .collect(),
        (FieldType::Matrix, _) => {
            field.rows.iter().map(|row| sent.text(&format!("{}.{}", field.name, row.value)).to_owned()).collect()
        }
        (FieldType::Ranking, None) => field
            .choices
            .iter()
            .map(|choice| sent.text(&format!("{}.{}", field.name, choice.value)).to_owned())
            .collect(),
        (_, None | Some(SentValue::Unusable | SentValue::Parts | SentValue::Refused(..))) => Vec::new(),
        (_, Some(SentValue::Text(text))) => vec![text.clone()],
        (_, Some(SentValue::Texts(texts))) => texts.clone(),
        (_, Some(SentValue::Files(files))) => files.iter().map(|file| file.name.clone()).collect(),
        (_, Some(SentValue::Number(number))) => vec![number.to_string()],
        (_, Some(SentValue::Bool(yes))) => vec![if *yes { "yes" } else { "no" }.to_owned()],
    };
    let trimmed = texts.iter().map(|text| bounded(text.trim())).filter(|text| !text.is_empty());
    // A box of its own says "no" by being left empty.
    trimmed
        .map(|text| match (field.kind, text) {
            (FieldType::YesNo | FieldType::Confirmation, "true" | "on") => "yes".to_owned(),
            (FieldType::YesNo | FieldType::Confirmation, "false") => "no".to_owned(),
            _ => text.to_owned(),
        })
        .filter(|text| !(field.kind == FieldType::Confirmation && text == "no"))
        .collect()
}

/// A decimal number as people type it, with a point or a comma.
pub fn decimal(text: &str) -> Option<f64> {
    let plain = if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) };
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (all_digits(whole) && fraction.is_none_or(all_digits)).then(|| plain.parse().ok()).flatten()
}

impl Condition {
    /// Whether it holds for `values`.
    pub fn holds(&self, values: &Values) -> bool {
        if !self.all.is_empty() {
            return self.all.iter().all(|one| one.holds(values));
        }
        if !self.any.is_empty() {
            return self.any.iter().any(|one| one.holds(values));
        }
        let given = self.field.as_ref().and_then(|field| values.0.get(field));
        let own = given.map_or(&[][..], |given| given.texts.as_slice());
        if let Some(answered) = self.answered {
            return own.is_empty() != answered;
        }
        if let Some(operand) = &self.equals {
            let wanted = operand.text();
            let number = decimal(&wanted);
            return match own {
                [one] => *one == wanted || (number.is_some() && decimal(one) == number),
                _ => false,
            };
        }
        if let Some(part) = &self.contains {
            return given.is_some_and(|given| given.contains(part));
        }
        let beyond = |bound: &Bound, wanted: std::cmp::Ordering| match (bound, own) {
            (Bound::Number(limit), [one]) => decimal(one).and_then(|number| number.partial_cmp(limit)) == Some(wanted),
            (Bound::Text(limit), [one]) => one.as_str().cmp(limit) == wanted,
            _ => false,
        };
        match (&self.greater, &self.less) {
            (Some(bound), _) => beyond(bound, std::cmp::Ordering::Greater),
            (None, Some(bound)) => beyond(bound, std::cmp::Ordering::Less),
            (None, None) => true,
        }
    }

    /// Every question that it asks about.
    pub fn fields(&self) -> BTreeSet<&str> {
        let below = self.all.iter().chain(&self.any).flat_map(|one| one.fields());
        below.chain(self.field.as_deref()).collect()
    }

    /// The condition in words, for those whose browser does not evaluate it.
    pub fn in_words(&self, form: &FormDefinition, lang: Lang) -> String {
        let words = Words::shared();
        let several = |key: &str, parts: &[Self]| {
            let parts: Vec<String> = parts.iter().map(|one| one.in_words(form, lang)).collect();
            parts.join(&format!(" {} ", words.text(lang, key)))
        };
        if !self.all.is_empty() {
            return several("when-and", &self.all);
        }
        if !self.any.is_empty() {
            return several("when-or", &self.any);
        }
        let field = self.field.as_deref().and_then(|name| form.fields.iter().find(|field| field.name == name));
        let question = field.map_or("", |field| field.label.get(lang)).to_owned();
        let label = |value: String| {
            let choice = field.and_then(|field| field.choices.iter().find(|choice| choice.value == value));
            match (choice, value.as_str()) {
                (Some(choice), _) => choice.label.get(lang).to_owned(),
                (None, "yes" | "no") => words.text(lang, &value),
                (None, OTHER) => words.text(lang, "other"),
                (None, _) => value,
            }
        };
        let bound =
            |bound: &Bound| bound.number().map_or_else(|| bound.text().unwrap_or("").to_owned(), |n| n.to_string());
        let (key, value) = match (&self.equals, &self.contains, &self.greater, &self.less, self.answered) {
            (Some(operand), ..) => ("when-equals", label(operand.text())),
            (_, Some(part), ..) => ("when-contains", label(part.clone())),
            (_, _, Some(limit), ..) => ("when-greater", bound(limit)),
            (_, _, _, Some(limit), _) => ("when-less", bound(limit)),
            (.., Some(false)) => ("when-unanswered", String::new()),
            _ => ("when-answered", String::new()),
        };
        words.with(lang, key, &[("question", question.into()), ("value", value.into())])
    }

    /// What is wrong with how it is written, given the questions before it.
    fn check(&self, path: &str, earlier: &[Field], later: &[Field]) -> Defects {
        let mut defects = Defects::default();
        let tests = usize::from(self.equals.is_some())
            + usize::from(self.contains.is_some())
            + usize::from(self.greater.is_some())
            + usize::from(self.less.is_some())
            + usize::from(self.answered.is_some());
        let groups = usize::from(!self.all.is_empty()) + usize::from(!self.any.is_empty());
        let sound = match groups {
            0 => self.field.is_some() && tests == 1,
            1 => self.field.is_none() && tests == 0,
            _ => false,
        };
        if !sound {
            defects.error(
                &[path],
                "takes either all, or any, or a field with one of equals, contains, greater, less and answered",
            );
            return defects;
        }
        for (key, parts) in [("all", &self.all), ("any", &self.any)] {
            for (i, part) in parts.iter().enumerate() {
                let below = part.check(&i.to_string(), earlier, later);
                defects.extend_below(&format!("{path}.{key}"), below);
            }
        }
        let Some(name) = &self.field else { return defects };
        let Some(field) = earlier.iter().find(|field| &field.name == name) else {
            let why = if later.iter().any(|field| &field.name == name) {
                format!(
                    "asks about '{name}', which does not come earlier; a condition looks back, so that none waits for itself"
                )
            } else {
                format!("asks about '{name}', which is no question of this form")
            };
            defects.error(&[path, "field"], why);
            return defects;
        };
        if !field.kind.is_question() {
            defects.error(&[path, "field"], format!("asks about '{name}', which takes no answer"));
            return defects;
        }
        let ordered = matches!(
            field.kind,
            FieldType::Number | FieldType::Rating | FieldType::Nps | FieldType::Date | FieldType::Time
        );
        for (key, bound) in [("greater", &self.greater), ("less", &self.less)] {
            let Some(bound) = bound else { continue };
            let text = matches!(field.kind, FieldType::Date | FieldType::Time);
            if !ordered || bound.text().is_some() != text {
                defects.error(
                    &[path, key],
                    format!(
                        "does not fit a {} field; it compares numbers, and dates and times as text",
                        field.kind.name()
                    ),
                );
            } else if let Some(moment) = bound.text()
                && near(field.kind, moment).is_empty()
            {
                let example =
                    if field.kind == FieldType::Date { "a date such as 2026-01-31" } else { "a time such as 09:30" };
                defects.error(&[path, key], format!("'{moment}' is none; write {example}"));
            }
        }
        if matches!(field.kind, FieldType::Address | FieldType::Matrix | FieldType::Ranking | FieldType::File)
            && self.answered.is_none()
        {
            defects.error(&[path], format!("can only ask whether '{name}' is answered, because it has several parts"));
        }
        defects
    }

    /// The condition as alternatives of which each is a list of tests; `None` when there are too many.
    fn alternatives(&self) -> Option<Vec<Vec<&Self>>> {
        if !self.all.is_empty() {
            return together(self.all.iter());
        }
        if self.any.is_empty() {
            return Some(vec![vec![self]]);
        }
        let mut out = Vec::new();
        for part in &self.any {
            out.extend(part.alternatives()?);
        }
        (out.len() <= MOST_ALTERNATIVES).then_some(out)
    }
}

const MOST_ALTERNATIVES: usize = 512;

/// The alternatives of several conditions that hold at once.
fn together<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Option<Vec<Vec<&'a Condition>>> {
    let mut out: Vec<Vec<&Condition>> = vec![Vec::new()];
    for one in conditions {
        let below = one.alternatives()?;
        let combined =
            out.iter().flat_map(|one| below.iter().map(move |two| one.iter().chain(two).copied().collect::<Vec<_>>()));
        out = combined.collect();
        if out.len() > MOST_ALTERNATIVES {
            return None;
        }
    }
    Some(out)
}

/// The conditions under which the thing at `index` of the form's fields is shown: its own, and
/// those of its page and section.
fn governing(form: &FormDefinition, index: usize) -> Vec<&Condition> {
    let (mut page, mut section) = (None, None);
    for field in &form.fields[..index] {
        match field.kind {
            FieldType::Page => (page, section) = (field.when.as_ref(), None),
            FieldType::Section => section = field.when.as_ref(),
            _ => {}
        }
    }
    let own = form.fields.get(index);
    // What nobody sees stands on no page.
    if own.is_some_and(|field| matches!(field.kind, FieldType::Page | FieldType::Hidden)) {
        (page, section) = (None, None);
    } else if own.is_some_and(|field| field.kind == FieldType::Section) {
        section = None;
    }
    [page, section, own.and_then(|field| field.when.as_ref())].into_iter().flatten().collect()
}

/// Which of the form's fields are shown for what was sent, by their place; and what counts as
/// answered for the conditions of choices.
pub fn shown(form: &FormDefinition, sent: &Sent) -> (Vec<bool>, Values) {
    let mut values = Values::default();
    let mut visible = Vec::with_capacity(form.fields.len());
    let (mut page, mut section) = (true, true);
    for field in &form.fields {
        let own = field.when.as_ref().is_none_or(|when| when.holds(&values));
        let seen = match field.kind {
            FieldType::Page => {
                (page, section) = (own, true);
                own
            }
            FieldType::Section => {
                section = own;
                page && own
            }
            // What nobody sees stands on no page.
            FieldType::Hidden => true,
            _ => page && section && own,
        };
        visible.push(seen);
        if seen && field.kind.is_question() {
            let mut own = values_of(field, sent);
            // A choice that is not offered can't have been made.
            let gone = withdrawn(field, &values);
            own.retain(|value| !gone.contains(value.as_str()));
            values.insert(&field.name, own, is_chosen(field));
        }
    }
    (visible, values)
}

/// The choices that earlier answers have taken away. Each condition is evaluated once, however
/// many values were sent.
pub fn withdrawn<'a>(field: &'a Field, values: &Values) -> BTreeSet<&'a str> {
    let gone = field.choices.iter().filter(|choice| !offered(choice, values));
    gone.map(|choice| choice.value.as_str()).collect()
}

/// Whether a choice is offered.
pub fn offered(choice: &Choice, values: &Values) -> bool {
    choice.when.as_ref().is_none_or(|when| when.holds(values))
}

/// Every condition of the form that is badly written, looks forward, or can never hold.
pub fn check(form: &FormDefinition) -> Defects {
    let mut defects = Defects::default();
    for (i, field) in form.fields.iter().enumerate() {
        let (earlier, later) = form.fields.split_at(i);
        let at = format!("fields.{i}");
        if let Some(when) = &field.when {
            let below = when.check("when", earlier, later);
            let sound = below.is_empty();
            defects.extend_below(&at, below);
            if sound && !satisfiable(form, &governing(form, i)) {
                defects.error(
                    &["fields", &i.to_string(), "when"],
                    "can never hold, so nobody would see this; change it or remove the field",
                );
            }
            if field.kind == FieldType::Hidden {
                defects.error(&["fields", &i.to_string(), "when"], "means nothing for a hidden field; remove it");
            }
        }
        for (c, choice) in field.choices.iter().enumerate() {
            let Some(when) = &choice.when else { continue };
            let below = when.check("when", earlier, later);
            let sound = below.is_empty();
            defects.extend_below(&format!("{at}.choices.{c}"), below);
            let mut together = governing(form, i);
            together.push(when);
            if sound && !satisfiable(form, &together) {
                defects.error(
                    &["fields", &i.to_string(), "choices", &c.to_string(), "when"],
                    "can never hold, so nobody could choose this; change it or remove the choice",
                );
            }
            if matches!(field.kind, FieldType::Matrix | FieldType::Ranking) {
                defects.error(
                    &["fields", &i.to_string(), "choices", &c.to_string(), "when"],
                    format!("is not for the choices of a {} field; remove it", field.kind.name()),
                );
            }
        }
        let choices: Vec<&Choice> = field.choices.iter().filter(|choice| choice.when.is_none()).collect();
        if field.required && !field.choices.is_empty() && choices.is_empty() && !field.other {
            defects.error(
                &["fields", &i.to_string(), "choices"],
                "all depend on conditions, so a required answer could be impossible; keep one without",
            );
        }
    }
    defects
}

/// How many questions are settled to find out whether conditions can hold. What takes more is
/// published unproved.
const MOST_STEPS: u32 = 1_000;

/// Whether all of `conditions` can hold at once. Questions that are asked about must be shown
/// themselves, and choices offered, so their conditions count as well.
fn satisfiable(form: &FormDefinition, conditions: &[&Condition]) -> bool {
    let Some(alternatives) = together(conditions.iter().copied()) else { return true };
    let mut steps = MOST_STEPS;
    alternatives.iter().any(|tests| possible(form, tests, &mut steps))
}

/// Settles the last question that is asked about: what its answer needs concerns earlier ones only,
/// and joins what is asked of those.
fn possible<'a>(form: &'a FormDefinition, tests: &[&'a Condition], steps: &mut u32) -> bool {
    if *steps == 0 {
        return true;
    }
    *steps -= 1;
    let place = |test: &Condition| form.fields.iter().position(|field| test.field.as_ref() == Some(&field.name));
    let Some(index) = tests.iter().filter_map(|test| place(test)).max() else { return true };
    let field = &form.fields[index];
    let (own, rest): (Vec<_>, Vec<_>) = tests.iter().copied().partition(|test| place(test) == Some(index));
    let mut tried = Vec::new();
    for texts in candidates(field, &own) {
        let mut needed = if texts.is_empty() { Vec::new() } else { governing(form, index) };
        let made = field.choices.iter().filter(|choice| texts.contains(&choice.value));
        needed.extend(made.filter_map(|choice| choice.when.as_ref()));
        let mut values = Values::default();
        values.insert(&field.name, texts, is_chosen(field));
        if tried.contains(&needed) || !own.iter().all(|test| test.holds(&values)) {
            continue;
        }
        let Some(alternatives) = together(needed.iter().copied()) else { return true };
        let fits = alternatives.iter().any(|more| {
            // One that looks ahead is an error of its own.
            let more = more.iter().copied().filter(|test| place(test) < Some(index));
            possible(form, &rest.iter().copied().chain(more).collect::<Vec<_>>(), steps)
        });
        if fits {
            return true;
        }
        tried.push(needed);
    }
    false
}

/// Answers of `field` among which one passes `tests`, if any answer does.
fn candidates(field: &Field, tests: &[&Condition]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let wanted: Vec<String> = tests.iter().filter_map(|test| test.equals.as_ref().map(Operand::text)).collect();
    let parts: Vec<String> = tests.iter().filter_map(|test| test.contains.clone()).collect();
    let one = |text: String| vec![text];
    match field.kind {
        FieldType::SingleChoice | FieldType::MultipleChoice => {
            let mut values: Vec<String> = field.choices.iter().map(|choice| choice.value.clone()).collect();
            values.extend(field.other.then(|| OTHER.to_owned()));
            let several: Vec<String> = values.iter().filter(|value| parts.contains(value)).cloned().collect();
            let most = field.max_choices.map_or(usize::MAX, |most| most as usize);
            if field.kind == FieldType::MultipleChoice && several.len() > 1 && several.len() <= most {
                all.push(several);
            }
            all.extend(values.into_iter().map(one));
        }
        FieldType::YesNo => all.extend(["yes", "no"].map(|value| one(value.to_owned()))),
        FieldType::Confirmation => all.push(one("yes".to_owned())),
        FieldType::Rating | FieldType::Nps => {
            let (least, most) = field.scale();
            all.extend((least..=most).map(|number| one(number.to_string())));
        }
        FieldType::Number => {
            let bound = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::number);
            let (least, most) = (bound(&field.min), bound(&field.max));
            let mut points: Vec<f64> = wanted.iter().filter_map(|text| decimal(text)).collect();
            points.extend(tests.iter().flat_map(|test| [bound(&test.greater), bound(&test.less)]).flatten());
            points.extend([least, most].into_iter().flatten());
            points.sort_by(f64::total_cmp);
            let between: Vec<f64> = points.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
            let beyond: Vec<f64> = points.iter().flat_map(|point| [point - 1.0, point + 1.0]).collect();
            points.extend(between.into_iter().chain(beyond).chain([0.0]));
            let fits = |n: &f64| least.is_none_or(|least| *n >= least) && most.is_none_or(|most| *n <= most);
            all.extend(points.into_iter().filter(fits).map(|number| one(number.to_string())));
        }
        FieldType::Date | FieldType::Time => {
            let bound = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::text).map(str::to_owned);
            let (least, most) = (bound(&field.min), bound(&field.max));
            let mut points = wanted;
            points.extend(tests.iter().flat_map(|test| [bound(&test.greater), bound(&test.less)]).flatten());
            points.extend([least.clone(), most.clone()].into_iter().flatten());
            points.push(if field.kind == FieldType::Date { "2000-01-01" } else { "12:00" }.to_owned());
            let fits = |text: &String| {
                least.as_ref().is_none_or(|least| text >= least) && most.as_ref().is_none_or(|most| text <= most)
            };
            all.extend(points.iter().flat_map(|text| near(field.kind, text)).filter(fits).map(one));
        }
        FieldType::Country => all.extend(
            wanted.into_iter().chain(["DE".to_owned()]).filter(|code| super::countries::is_country(code)).map(one),
        ),
        _ => {
            all.extend(wanted.into_iter().map(one));
            all.push(one(parts.join(" ")));
            all.push(one("x".to_owned()));
            all.retain(|values| values.first().is_none_or(|text| !text.is_empty()));
        }
    }
    all
}

/// A day with the days around it, or a minute with the minutes around it; nothing where `text` is
/// no date or time.
fn near(kind: FieldType, text: &str) -> Vec<String> {
    if kind == FieldType::Date {
        let Some(day) = parse_date(text) else { return Vec::new() };
        let days = [day.previous_day(), Some(day), day.next_day()];
        return days.into_iter().flatten().map(|day| day.to_string()).collect();
    }
    let Some(time) = parse_time(text) else { return Vec::new() };
    let minute = i32::from(time.hour()) * 60 + i32::from(time.minute());
    let minutes = (minute - 1..=minute + 1).filter(|minute| (0..24 * 60).contains(minute));
    minutes.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Deserialize)]
    struct Case {
        when: Condition,
        values: BTreeMap<String, Vec<String>>,
        /// The questions that are answered by ticking.
        #[serde(default)]
        choices: Vec<String>,
        holds: bool,
    }

    fn values(texts: &BTreeMap<String, Vec<String>>, choices: &[String]) -> Values {
        let mut values = Values::default();
        for (name, texts) in texts {
            values.insert(name, texts.clone(), choices.contains(name));
        }
        values
    }

    #[test]
    fn the_shared_cases_hold_here_as_they_do_in_the_browser() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/fixtures/conditions.json")).unwrap();
        assert!(cases.len() > 30);
        for (i, case) in cases.iter().enumerate() {
            let values = values(&case.values, &case.choices);
            assert_eq!(case.when.holds(&values), case.holds, "case {i}: {:?}", case.when);
        }
    }

    fn form(fields: &str) -> FormDefinition {
        toml::from_str(&format!("site = 's'\nslug = 'f'\npolicy = 'p'\ntitle.en = 'T'\n{fields}")).unwrap()
    }

    fn messages(fields: &str) -> Vec<String> {
        check(&form(fields)).errors().map(ToString::to_string).collect()
    }

    const TOPIC: &str = "[[fields]]\nname = 'topic'\ntype = 'single_choice'\nlabel.en = 'Topic'\nchoices = [{ value = 'a', label.en = 'A' }, { value = 'b', label.en = 'B' }]\n";

    fn asked(when: &str) -> Vec<String> {
        messages(&format!("{TOPIC}[[fields]]\nname = 'more'\ntype = 'short_text'\nwhen = {when}\n"))
    }

    #[test]
    fn what_can_hold_is_published() {
        assert_eq!(asked("{ field = 'topic', equals = 'a' }"), Vec::<String>::new());
        assert_eq!(
            asked("{ any = [{ field = 'topic', equals = 'a' }, { field = 'topic', equals = 'b' }] }"),
            Vec::<String>::new()
        );
        assert_eq!(asked("{ field = 'topic', answered = false }"), Vec::<String>::new());
    }

    #[test]
    fn what_can_never_hold_is_named() {
        for when in [
            "{ field = 'topic', equals = 'c' }",
            "{ all = [{ field = 'topic', equals = 'a' }, { field = 'topic', equals = 'b' }] }",
            "{ all = [{ field = 'topic', equals = 'a' }, { field = 'topic', answered = false }] }",
        ] {
            assert!(asked(when)[0].contains("can never hold"), "{when}: {:?}", asked(when));
        }
        let number = "[[fields]]\nname = 'n'\ntype = 'number'\nmin = 0\nmax = 10\n";
        let two =
            |when: &str| messages(&format!("{number}[[fields]]\nname = 'm'\ntype = 'short_text'\nwhen = {when}\n"));
        assert!(two("{ field = 'n', greater = 10 }")[0].contains("never"));
        assert!(two("{ all = [{ field = 'n', greater = 3 }, { field = 'n', less = 3 }] }")[0].contains("never"));
        assert_eq!(two("{ all = [{ field = 'n', greater = 3 }, { field = 'n', less = 3.5 }] }"), Vec::<String>::new());
    }

    #[test]
    fn a_question_that_asks_about_a_hidden_one_can_never_be_shown() {
        let fields = format!(
            "{TOPIC}[[fields]]\nname = 'more'\ntype = 'short_text'\nwhen = {{ field = 'topic', equals = 'a' }}\n\
             [[fields]]\nname = 'third'\ntype = 'short_text'\nwhen = {{ all = [{{ field = 'more', answered = true }}, {{ field = 'topic', equals = 'b' }}] }}\n"
        );
        assert!(messages(&fields)[0].starts_with("fields.2.when: can never hold"), "{:?}", messages(&fields));
    }

    const OCCASION: &str = "[[fields]]\nname = 'occasion'\ntype = 'single_choice'\nlabel.en = 'O'\nchoices = [{ value = 'wedding', label.en = 'W' }, { value = 'business', label.en = 'B' }]\n";
    const SHEET: &str = "[[fields]]\nname = 'sheet'\ntype = 'KIND'\nlabel.en = 'S'\nchoices = [{ value = 'laid', label.en = 'L' }, { value = 'wove', label.en = 'V', when = { field = 'occasion', equals = 'business' } }, { value = 'marbled', label.en = 'M', when = { field = 'occasion', equals = 'wedding' } }]\n";

    #[test]
    fn a_choice_that_is_not_offered_can_never_be_asked_about() {
        let asked = |kind: &str, when: &str| {
            let sheet = SHEET.replace("KIND", kind);
            messages(&format!("{OCCASION}{sheet}[[fields]]\nname = 'more'\ntype = 'short_text'\nwhen = {when}\n"))
        };
        let both = |test: &str, occasion: &str| {
            format!("{{ all = [{{ field = 'sheet', {test} }}, {{ field = 'occasion', equals = '{occasion}' }}] }}")
        };
        for kind in ["single_choice", "multiple_choice"] {
            for test in ["equals = 'marbled'", "contains = 'marbled'"] {
                let found = asked(kind, &both(test, "business"));
                assert!(found[0].starts_with("fields.2.when: can never hold"), "{kind}, {test}: {found:?}");
                assert_eq!(asked(kind, &both(test, "wedding")), Vec::<String>::new());
            }
            assert_eq!(asked(kind, &both("answered = true", "business")), Vec::<String>::new());
            assert_eq!(asked(kind, &both("contains = 'laid'", "business")), Vec::<String>::new());
        }
        // Each alone is offered to somebody, but never both.
        let two = "{ all = [{ field = 'sheet', contains = 'wove' }, { field = 'sheet', contains = 'marbled' }] }";
        assert!(asked("multiple_choice", two)[0].contains("can never hold"));
        let two = two.replace("wove", "laid");
        assert_eq!(asked("multiple_choice", &two), Vec::<String>::new());
        assert!(asked("single_choice", &two)[0].contains("can never hold"));
    }

    #[test]
    fn a_part_of_a_choice_is_no_choice() {
        assert!(asked("{ field = 'topic', contains = 'A' }")[0].contains("can never hold"));
        assert_eq!(asked("{ field = 'topic', contains = 'a' }"), Vec::<String>::new());
    }

    #[test]
    fn between_neighbouring_days_and_minutes_lies_nothing() {
        let between = |kind: &str, more: &str, low: &str, high: &str| {
            messages(&format!(
                "[[fields]]\nname = 'd'\ntype = '{kind}'\n{more}\n[[fields]]\nname = 'm'\ntype = 'short_text'\n\
                 when = {{ all = [{{ field = 'd', greater = '{low}' }}, {{ field = 'd', less = '{high}' }}] }}\n"
            ))
        };
        for (kind, more, low, high) in [
            ("date", "", "2026-01-31", "2026-02-01"),
            ("date", "", "2026-02-28", "2026-03-01"),
            ("date", "max = '2026-01-31'", "2026-01-31", "2026-02-09"),
            ("time", "", "09:30", "09:31"),
            ("time", "", "23:59", "24:00"),
        ] {
            let found = between(kind, more, low, high);
            assert!(!found.is_empty(), "{low} to {high}");
        }
        assert!(between("date", "", "2026-01-31", "2026-02-01")[0].contains("can never hold"));
        assert_eq!(between("date", "", "2026-01-31", "2026-02-02"), Vec::<String>::new());
        assert_eq!(between("date", "", "2028-02-28", "2028-03-01"), Vec::<String>::new());
        assert_eq!(between("time", "min = '09:00'", "09:59", "10:01"), Vec::<String>::new());
    }

    #[test]
    fn dates_that_there_are_not_are_named() {
        let asked = |when: &str| {
            messages(&format!(
                "[[fields]]\nname = 'd'\ntype = 'date'\n[[fields]]\nname = 'm'\ntype = 'short_text'\nwhen = {when}\n"
            ))
        };
        assert!(asked("{ field = 'd', greater = '2026-02-30' }")[0].contains("'2026-02-30' is none; write a date"));
        assert!(asked("{ field = 'd', equals = '2026-02-30' }")[0].contains("can never hold"));
        assert_eq!(asked("{ field = 'd', answered = true }"), Vec::<String>::new());
    }

    #[test]
    fn what_would_take_too_long_to_find_out_is_published() {
        // Each choice is offered for two of the question before, and nobody can begin.
        let choice = |i: usize, c: usize| {
            let before = |c: usize| if i == 1 { "nothing".to_owned() } else { c.to_string() };
            let when = [before(c), before((c + 1) % 3)].map(|c| format!("{{ field = 'f{}', equals = '{c}' }}", i - 1));
            format!("{{ value = '{c}', label.en = 'C', when = {{ any = [{}] }} }}", when.join(","))
        };
        let field = |i: usize| {
            let choices = [0, 1, 2].map(|c| choice(i, c)).join(",");
            format!("[[fields]]\nname = 'f{i}'\ntype = 'single_choice'\nchoices = [{choices}]\n")
        };
        let first = "[[fields]]\nname = 'f0'\ntype = 'yes_no'\n".to_owned();
        let fields: Vec<String> = [first].into_iter().chain((1..30).map(field)).collect();
        let fields = fields.concat();
        let found = messages(&fields);
        assert!(found.iter().any(|one| one.starts_with("fields.3.choices.0.when: can never hold")), "{found:?}");
        assert!(!found.iter().any(|one| one.starts_with("fields.29")), "{found:?}");
    }

    #[test]
    fn no_more_of_a_text_is_looked_at_than_an_answer_may_have() {
        let form = form(
            "[[fields]]\nname = 'a'\ntype = 'long_text'\n[[fields]]\nname = 'b'\ntype = 'short_text'\nwhen = { field = 'a', contains = 'INK' }\n",
        );
        let seen = |before: usize| {
            let text = format!("{} ink", "ž".repeat(before));
            shown(&form, &[("a".to_owned(), SentValue::Text(text))].into_iter().collect()).0
        };
        let most = LONGEST_ANSWER as usize;
        assert_eq!(seen(most - 4), [true, true]);
        assert_eq!(seen(most - 3), [true, false]);
    }

    #[test]
    fn a_condition_looks_back_only() {
        let fields = "[[fields]]\nname = 'a'\ntype = 'yes_no'\nwhen = { field = 'b', equals = true }\n[[fields]]\nname = 'b'\ntype = 'yes_no'\nwhen = { field = 'a', equals = true }\n";
        assert!(messages(fields)[0].contains("does not come earlier"), "{:?}", messages(fields));
        let own = "[[fields]]\nname = 'a'\ntype = 'yes_no'\nwhen = { field = 'a', equals = true }\n";
        assert!(messages(own)[0].contains("does not come earlier"));
    }

    #[test]
    fn pages_and_sections_hide_what_stands_on_them() {
        let fields = format!(
            "{TOPIC}[[fields]]\nname = 'second'\ntype = 'page'\nlabel.en = 'P'\nwhen = {{ field = 'topic', equals = 'a' }}\n\
             [[fields]]\nname = 'x'\ntype = 'short_text'\n[[fields]]\nname = 's'\ntype = 'section'\nwhen = {{ field = 'x', equals = 'more' }}\n\
             [[fields]]\nname = 'y'\ntype = 'short_text'\n[[fields]]\nname = 'last'\ntype = 'page'\n[[fields]]\nname = 'z'\ntype = 'short_text'\n"
        );
        let form = form(&fields);
        let seen = |pairs: &[(&str, &str)]| {
            let sent = pairs.iter().map(|(k, v)| ((*k).to_owned(), SentValue::Text((*v).to_owned()))).collect();
            shown(&form, &sent).0
        };
        assert_eq!(seen(&[("topic", "b"), ("x", "more")]), [true, false, false, false, false, true, true]);
        assert_eq!(seen(&[("topic", "a"), ("x", "more")]), [true; 7]);
        assert_eq!(seen(&[("topic", "a"), ("x", "less")]), [true, true, true, false, false, true, true]);
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let test = ("[ab]", "[a-c]?", 0_u8..5).prop_map(|(field, value, kind)| {
            let mut one = Condition { field: Some(field), ..Condition::default() };
            match kind {
                0 => one.equals = Some(Operand::Text(value)),
                1 => one.contains = Some(value),
                2 => one.greater = Some(Bound::Text(value)),
                3 => one.less = Some(Bound::Text(value)),
                _ => one.answered = Some(value.is_empty()),
            }
            one
        });
        test.prop_recursive(3, 12, 3, |inner| {
            let many = proptest::collection::vec(inner, 1..3);
            prop_oneof![
                many.clone().prop_map(|all| Condition { all, ..Condition::default() }),
                many.prop_map(|any| Condition { any, ..Condition::default() }),
            ]
        })
    }

    proptest! {
        #[test]
        fn alternatives_mean_the_same(when in any_condition(), a in "[a-c]?", b in "[a-c]?") {
            let texts = [("a", a), ("b", b)].into_iter().filter(|(_, v)| !v.is_empty());
            let values = values(&texts.map(|(k, v)| (k.to_owned(), vec![v])).collect(), &[]);
            if let Some(alternatives) = when.alternatives() {
                let one_holds = alternatives.iter().any(|tests| tests.iter().all(|test| test.holds(&values)));
                prop_assert_eq!(one_holds, when.holds(&values));
            }
        }
    }
}
