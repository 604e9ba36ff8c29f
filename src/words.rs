//! The interface's words in every language, from `locales/*.ftl` (Project Fluent).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::sites::Lang;

/// The words of every language, parsed once.
pub struct Words {
    bundles: Vec<(Lang, FluentBundle<FluentResource>)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(Words::load);

const SOURCES: [(Lang, &str); 5] = [
    (Lang::En, include_str!("../locales/en.ftl")),
    (Lang::De, include_str!("../locales/de.ftl")),
    (Lang::Fr, include_str!("../locales/fr.ftl")),
    (Lang::Es, include_str!("../locales/es.ftl")),
    (Lang::Ar, include_str!("../locales/ar.ftl")),
];

/// A value whose Latin letters must not turn the order of the words around it is put between FSI
/// and PDI (Unicode Standard Annex 9).
fn isolated<'a>(lang: Lang, value: &FluentValue<'a>) -> FluentValue<'a> {
    match value {
        FluentValue::String(text) if lang.dir() == "rtl" && text.contains(|c: char| c.is_ascii_alphabetic()) => {
            format!("\u{2068}{text}\u{2069}").into()
        }
        other => other.clone(),
    }
}

impl Words {
    /// The words.
    pub fn shared() -> &'static Self {
        &WORDS
    }

    fn load() -> Self {
        let bundles = SOURCES.map(|(lang, source)| {
            // A file with a mistake gives the messages around it; a test finds the mistake.
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
            let mut bundle = FluentBundle::new_concurrent(lang.tag().parse().into_iter().collect());
            // `with` isolates what needs it; dates and numbers do not.
            bundle.set_use_isolating(false);
            bundle.add_resource_overriding(resource);
            (lang, bundle)
        });
        Self { bundles: bundles.into() }
    }

    /// The message `key` in `lang`.
    pub fn text(&self, lang: Lang, key: &str) -> String {
        self.with(lang, key, &[])
    }

    /// The message `key` in `lang` with its variables filled in. English where `lang` lacks it.
    pub fn with(&self, lang: Lang, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, isolated(lang, value));
        }
        for lang in [lang, Lang::En] {
            let Some((_, bundle)) = self.bundles.iter().find(|(known, _)| *known == lang) else { continue };
            if let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) {
                return bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned();
            }
        }
        tracing::error!(key, "a message is missing in every language");
        key.to_owned()
    }

    /// A day in words, such as "23 November 2026".
    pub fn date(&self, lang: Lang, date: time::Date) -> String {
        let values = [
            ("day", FluentValue::from(date.day())),
            ("month", FluentValue::from(u8::from(date.month()))),
            // As text: a year takes no grouping mark.
            ("year", FluentValue::from(date.year().to_string())),
        ];
        self.with(lang, "date", &values)
    }

    /// A moment in words, in UTC.
    pub fn moment(&self, lang: Lang, moment: time::OffsetDateTime) -> String {
        let moment = moment.to_offset(time::UtcOffset::UTC);
        let time = format!("{:02}:{:02}", moment.hour(), moment.minute());
        self.with(lang, "moment", &[("date", self.date(lang, moment.date()).into()), ("time", time.into())])
    }
}

/// The words in one language; what templates speak with.
#[derive(Clone, Copy)]
pub struct Tongue {
    /// The language.
    pub lang: Lang,
}

impl Tongue {
    /// Speaks `lang`.
    pub fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// The message `key`.
    pub fn text(&self, key: &str) -> String {
        Words::shared().text(self.lang, key)
    }

    /// The message `key` with one variable.
    pub fn with1(&self, key: &str, name: &str, value: &str) -> String {
        Words::shared().with(self.lang, key, &[(name, FluentValue::from(value.to_owned()))])
    }

    /// The message `key` with one number, so that plurals come out right.
    pub fn count(&self, key: &str, name: &str, count: &usize) -> String {
        let count = u32::try_from(*count).unwrap_or(u32::MAX);
        Words::shared().with(self.lang, key, &[(name, FluentValue::from(count))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(source: &str) -> BTreeSet<String> {
        let named = source.lines().filter_map(|line| line.split_once(" ="));
        named
            .map(|(key, _)| key)
            .filter(|key| !key.is_empty() && !key.contains([' ', '#', '[', '*']))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_file_parses_without_a_mistake() {
        for (lang, source) in SOURCES {
            let errors = FluentResource::try_new(source.to_owned()).err().map(|(_, errors)| errors);
            assert!(errors.is_none(), "{lang}: {errors:?}");
        }
    }

    #[test]
    fn every_language_has_the_same_messages() {
        let english = keys(SOURCES[0].1);
        assert!(english.len() > 50, "the reading of keys is broken: {}", english.len());
        for (lang, source) in SOURCES {
            let own = keys(source);
            assert_eq!(english.difference(&own).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in {lang}");
            assert_eq!(own.difference(&english).collect::<Vec<_>>(), Vec::<&String>::new(), "too many in {lang}");
        }
    }

    #[test]
    fn every_message_that_templates_name_exists() {
        let english = keys(SOURCES[0].1);
        let call = regex::Regex::new(r#"t\.(?:text|with1|count)\(\s*"([a-z0-9-]+)""#).unwrap();
        let mut seen = 0;
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for found in call.captures_iter(&text) {
                    seen += 1;
                    assert!(
                        english.contains(&found[1]),
                        "{} names {}, which no language has",
                        path.display(),
                        &found[1]
                    );
                }
            }
        }
        assert!(seen > 50, "the reading of templates is broken: {seen}");
    }

    #[test]
    fn a_latin_name_keeps_to_itself_in_arabic() {
        let named =
            |lang| Words::shared().with(lang, "policy-named", &[("title", "A.".into()), ("number", "2".into())]);
        assert_eq!(named(Lang::Ar), "\u{2068}A.\u{2069}، الإصدار 2");
        assert_eq!(named(Lang::En), "A., version 2");
    }

    #[test]
    fn dates_are_written_as_each_language_does() {
        let day = time::macros::date!(2026 - 11 - 23);
        let written = Lang::ALL.map(|lang| Words::shared().date(lang, day));
        assert_eq!(
            written,
            ["23 November 2026", "23. November 2026", "23 novembre 2026", "23 de noviembre de 2026", "23 نوفمبر 2026"]
        );
    }
}
