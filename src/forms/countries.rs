//! The countries of ISO 3166-1 in every language, from `locales/countries.json`
//! (`scripts/countries.mjs` writes it from CLDR).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::sites::Lang;

static NAMES: LazyLock<HashMap<Lang, Vec<(String, String)>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locales/countries.json")).unwrap_or_default());

/// Every country with its alpha-2 code and its name, in the language's own order.
pub fn countries(lang: Lang) -> &'static [(String, String)] {
    NAMES.get(&lang).map_or(&[], Vec::as_slice)
}

/// Whether `code` is an alpha-2 code.
pub fn is_country(code: &str) -> bool {
    countries(Lang::En).iter().any(|(known, _)| known == code)
}

/// The name of a country; its code where it has none.
pub fn name(lang: Lang, code: &str) -> &str {
    countries(lang).iter().find(|(known, _)| known == code).map_or(code, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_the_same_countries() {
        let codes = |lang| {
            let mut codes: Vec<&str> = countries(lang).iter().map(|(code, _)| code.as_str()).collect();
            codes.sort_unstable();
            codes
        };
        assert_eq!(codes(Lang::En).len(), 249);
        for lang in Lang::ALL {
            assert_eq!(codes(lang), codes(Lang::En), "{lang}");
        }
        assert_eq!(name(Lang::De, "FR"), "Frankreich");
        assert!(!is_country("XX"));
    }
}
