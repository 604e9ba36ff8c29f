//! Words in several languages.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Defects;

/// A language that the interface is shipped in (BCP 47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic.
    Ar,
}

impl Lang {
    /// Every shipped language.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ar];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
        }
    }

    /// The direction of its writing, as HTML's `dir` has it.
    pub const fn dir(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            Self::En | Self::De | Self::Fr | Self::Es => "ltr",
        }
    }

    /// The language's name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ar => "العربية",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Lang {
    type Err = String;

    /// Takes `de`, `DE` and `de-AT` alike.
    fn from_str(tag: &str) -> Result<Self, String> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|lang| lang.tag().eq_ignore_ascii_case(primary))
            .ok_or_else(|| format!("'{tag}' is not one of the shipped languages en, de, fr, es, ar"))
    }
}

/// The same words in several languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(BTreeMap<Lang, String>);

impl Text {
    /// The words in `lang`, or in whichever language there is.
    pub fn get(&self, lang: Lang) -> &str {
        self.0.get(&lang).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// Every language with its words.
    pub fn iter(&self) -> impl Iterator<Item = (Lang, &str)> {
        self.0.iter().map(|(lang, words)| (*lang, words.as_str()))
    }

    /// Notes an error for each of `languages` that has no words.
    pub fn check(&self, defects: &mut Defects, path: &[&str], languages: &[Lang]) {
        for lang in languages {
            if self.0.get(lang).is_none_or(|words| words.trim().is_empty()) {
                let mut path = path.to_vec();
                path.push(lang.tag());
                defects.error(&path, format!("has no words in {}; write them", lang.own_name()));
            }
        }
        for lang in self.0.keys().filter(|lang| !languages.contains(lang)) {
            let mut path = path.to_vec();
            path.push(lang.tag());
            defects.error(
                &path,
                format!(
                    "is in {}, which the site does not speak; add '{lang}' to its languages or remove it",
                    lang.own_name()
                ),
            );
        }
    }
}

impl FromIterator<(Lang, String)> for Text {
    fn from_iter<I: IntoIterator<Item = (Lang, String)>>(words: I) -> Self {
        Self(words.into_iter().collect())
    }
}
