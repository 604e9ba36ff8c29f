//! Answers on their way in: as sent ([`Sent`]), and as checked ([`Answers`]).

use std::collections::BTreeMap;

use serde_json::Value;
use zeroize::Zeroize;

use super::check::Code;
use super::uploads::FileAnswer;

/// One value as a sender wrote it, before any rule has looked at it.
#[derive(Clone, PartialEq)]
pub enum SentValue {
    /// Text, from a form control or a JSON string.
    Text(String),
    /// Several texts, from repeated controls or a JSON array of strings.
    Texts(Vec<String>),
    /// A JSON number.
    Number(f64),
    /// A JSON boolean.
    Bool(bool),
    /// Files that came with the form and are sealed already.
    Files(Vec<FileAnswer>),
    /// Files that were not kept: why, and the limit that was passed.
    Refused(Code, Option<String>),
    /// A JSON object, whose parts stand under names of their own.
    Parts,
    /// JSON of a kind that no field takes.
    Unusable,
}

#[cfg(test)]
impl std::fmt::Debug for SentValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SentValue(…)")
    }
}

#[cfg(test)]
impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl From<Value> for SentValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Text(String::new()),
            Value::Bool(yes) => Self::Bool(yes),
            Value::Number(number) => number.as_f64().map_or(Self::Unusable, Self::Number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => {
                let texts = items.into_iter().map(|item| match item {
                    Value::String(text) => Some(text),
                    _ => None,
                });
                texts.collect::<Option<Vec<_>>>().map_or(Self::Unusable, Self::Texts)
            }
            Value::Object(_) => Self::Unusable,
        }
    }
}

/// Everything a sender wrote, by control name. Holds personal data: it can't be printed or
/// serialised, and is wiped when dropped.
#[derive(Clone, Default, PartialEq)]
pub struct Sent(BTreeMap<String, SentValue>);

impl Sent {
    /// Answers of a JSON object. What is an object itself, such as an address, has its parts under
    /// the field's name and theirs, as a page would send them.
    pub fn from_json(answers: BTreeMap<String, Value>) -> Self {
        let mut sent = BTreeMap::new();
        for (name, value) in answers {
            match value {
                Value::Object(parts) => {
                    sent.insert(name.clone(), SentValue::Parts);
                    sent.extend(parts.into_iter().map(|(part, value)| (format!("{name}.{part}"), value.into())));
                }
                value => {
                    sent.insert(name, value.into());
                }
            }
        }
        Self(sent)
    }

    /// What stands under `name`.
    pub fn get(&self, name: &str) -> Option<&SentValue> {
        self.0.get(name)
    }

    /// Every control name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds a value; a name that comes again makes a list.
    pub fn add(&mut self, name: String, text: String) {
        match self.0.get_mut(&name) {
            None => {
                self.0.insert(name, SentValue::Text(text));
            }
            Some(SentValue::Texts(texts)) => texts.push(text),
            Some(value) => {
                let first = match std::mem::replace(value, SentValue::Unusable) {
                    SentValue::Text(first) => first,
                    _ => String::new(),
                };
                *value = SentValue::Texts(vec![first, text]);
            }
        }
    }

    /// Adds a file to those of a field.
    pub fn add_file(&mut self, name: String, file: FileAnswer) {
        match self.0.get_mut(&name) {
            Some(SentValue::Files(files)) => {
                // A page may name a kept file twice; it is one file.
                if files.iter().all(|one| one.upload != file.upload) {
                    files.push(file);
                }
            }
            Some(SentValue::Refused(..)) => {}
            _ => {
                self.0.insert(name, SentValue::Files(vec![file]));
            }
        }
    }

    /// Says that a file of a field was not kept.
    pub fn refuse_file(&mut self, name: String, code: Code, limit: Option<String>) {
        self.0.insert(name, SentValue::Refused(code, limit));
    }

    /// Forgets every file; gives the names of the fields that had some.
    pub fn forget_files(&mut self) -> Vec<String> {
        let files = self.0.iter().filter(|(_, value)| matches!(value, SentValue::Files(_)));
        let names: Vec<String> = files.map(|(name, _)| name.clone()).collect();
        for name in &names {
            self.0.remove(name);
        }
        names
    }

    /// The files of a field.
    pub fn files(&self, name: &str) -> &[FileAnswer] {
        match self.get(name) {
            Some(SentValue::Files(files)) => files,
            _ => &[],
        }
    }

    /// The text under `name`, or nothing.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(SentValue::Text(text)) => text,
            Some(SentValue::Texts(texts)) => texts.first().map_or("", String::as_str),
            _ => "",
        }
    }

    /// Whether `value` is among what was sent under `name`.
    pub fn has(&self, name: &str, value: &str) -> bool {
        match self.get(name) {
            Some(SentValue::Text(text)) => text == value,
            Some(SentValue::Texts(texts)) => texts.iter().any(|text| text == value),
            _ => false,
        }
    }
}

impl FromIterator<(String, SentValue)> for Sent {
    fn from_iter<I: IntoIterator<Item = (String, SentValue)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            match value {
                SentValue::Text(text) => text.zeroize(),
                SentValue::Texts(texts) => texts.zeroize(),
                SentValue::Files(files) => files.iter_mut().for_each(|file| file.name.zeroize()),
                SentValue::Number(_)
                | SentValue::Bool(_)
                | SentValue::Refused(..)
                | SentValue::Parts
                | SentValue::Unusable => {}
            }
        }
    }
}

/// Answers that fit their form: field name to value, normalised. Holds personal data: it can't be
/// printed, has no serialisation of its own, and is wiped when dropped.
#[derive(Default)]
pub struct Answers(BTreeMap<String, Value>);

impl Answers {
    /// The answer to `field`, readable on purpose only.
    pub fn expose(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// The names of the fields that were answered.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds an answer.
    pub fn insert(&mut self, field: String, value: Value) {
        self.0.insert(field, value);
    }

    /// Takes the answer to `field` out.
    pub fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values for sealing and for showing to those who may read them.
    pub fn expose_all(&self) -> &BTreeMap<String, Value> {
        &self.0
    }
}

impl From<BTreeMap<String, Value>> for Answers {
    fn from(values: BTreeMap<String, Value>) -> Self {
        Self(values)
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(parts) => parts.values_mut().for_each(wipe),
        other => *other = Value::Null,
    }
}
