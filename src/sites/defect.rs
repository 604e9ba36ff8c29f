//! What is wrong with a definition, and where in it.

use std::fmt;

/// How bad a defect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The definition is not published.
    Error,
    /// It is published, and the owner is told.
    Warning,
}

/// One thing wrong with a definition: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Keys and list indices from the definition's root, such as `["fields", "2", "label"]`.
    pub path: Vec<String>,
    /// Begins with what is wrong and ends with what to do; reads on after the key's name.
    pub message: String,
    /// Whether it stops the publishing.
    pub severity: Severity,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.join("."), self.message)
    }
}

/// Every defect of one definition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defects(Vec<Defect>);

impl Defects {
    /// Notes something that stops the publishing.
    pub fn error(&mut self, path: &[&str], message: impl Into<String>) {
        self.push(path, message.into(), Severity::Error);
    }

    /// Notes something that the owner should know.
    pub fn warning(&mut self, path: &[&str], message: impl Into<String>) {
        self.push(path, message.into(), Severity::Warning);
    }

    fn push(&mut self, path: &[&str], message: String, severity: Severity) {
        let path = path.iter().map(|&part| part.to_owned()).collect();
        self.0.push(Defect { path, message, severity });
    }

    /// Takes over the defects of a part that stands below `key`.
    pub fn extend_below(&mut self, key: &str, below: Self) {
        self.0.extend(below.0.into_iter().map(|mut defect| {
            let deeper = key.split('.').map(str::to_owned);
            defect.path = deeper.chain(defect.path).collect();
            defect
        }));
    }

    /// Those that stop the publishing.
    pub fn errors(&self) -> impl Iterator<Item = &Defect> {
        self.0.iter().filter(|defect| defect.severity == Severity::Error)
    }

    /// All of them, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Defect> {
        self.0.iter()
    }

    /// Whether nothing was found at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
