//! How a site's pages look: a few tokens, turned into one stylesheet.

use serde::{Deserialize, Serialize};

use super::Defects;

/// The look of a site. Every key is optional.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Branding {
    /// Path of the logo beside the TOML file (SVG, PNG, JPEG or WebP, at most 256 KiB). In a
    /// published version: the SHA-256 and ending under which it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// A second logo for dark backgrounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_dark: Option<String>,
    /// A wide picture above the form, decoration only; a file like the logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_image: Option<String>,
    /// Path of a stylesheet of the site's own beside the TOML file, which goes behind the built-in
    /// one on pages of forms. In a published version: its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stylesheet: Option<String>,
    /// How much room there is between things.
    #[serde(skip_serializing_if = "Density::is_default")]
    pub density: Density,
    /// Colour of buttons, links and marks on light backgrounds, `#rrggbb`.
    pub accent: Colour,
    /// The same on dark backgrounds; derived from `accent` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<Colour>,
    /// Page background in the light scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Colour>,
    /// Page background in the dark scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_dark: Option<Colour>,
    /// Corner radius in CSS pixels, 0 to 24.
    pub radius: u8,
    /// CSS font stack of fonts that visitors have; nothing is downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// Whether pages follow the visitor's light or dark setting.
    pub scheme: Scheme,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            logo: None,
            logo_dark: None,
            header_image: None,
            stylesheet: None,
            density: Density::Comfortable,
            accent: Colour([0x1d, 0x4e, 0x89]),
            accent_dark: None,
            background: None,
            background_dark: None,
            radius: 8,
            font: None,
            scheme: Scheme::Auto,
        }
    }
}

/// Which colour scheme pages are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// As the visitor's system asks.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How much room there is between things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// As is best for fingers.
    Comfortable,
    /// Less, for long forms at desks. Targets stay large enough (WCAG 2.2, 2.5.8).
    Compact,
}

impl Density {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_default(&self) -> bool {
        *self == Self::Comfortable
    }
}

/// An sRGB colour, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub [u8; 3]);

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no colour; write # and six hexadecimal digits, such as #1d4e89");
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii()).ok_or_else(wrong)?;
        let mut rgb = [0; 3];
        for (i, channel) in rgb.iter_mut().enumerate() {
            *channel = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(rgb))
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// The darkest ink used on light surfaces.
    pub const INK: Self = Self([0x16, 0x1a, 0x1d]);
    const DARK_PAGE: Self = Self([0x14, 0x17, 0x1a]);

    /// Relative luminance, 0 to 1 (WCAG 2.2, definition of "relative luminance").
    pub fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast ratio with `other`, 1 to 21 (WCAG 2.2, definition of "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// White or black, whichever reads better on this colour: 4.58 at the worst.
    #[must_use]
    pub fn readable_text(self) -> Self {
        let black = Self([0; 3]);
        if self.contrast(Self::WHITE) >= self.contrast(black) { Self::WHITE } else { black }
    }

    /// The nearest mix with `towards` that has at least `ratio` against every one of `backgrounds`.
    fn until_readable(self, towards: Self, backgrounds: &[Self], ratio: f64) -> Self {
        (0..=20_u16)
            .map(|step| self.mixed(towards, step * 5))
            .find(|mix| backgrounds.iter().all(|back| mix.contrast(*back) >= ratio))
            .unwrap_or(towards)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a weighted mean of two bytes is a byte")]
    fn mixed(self, other: Self, percent: u16) -> Self {
        let mut mix = self.0;
        for (channel, target) in mix.iter_mut().zip(other.0) {
            let sum = u16::from(*channel) * (100 - percent) + u16::from(target) * percent;
            *channel = (sum / 100) as u8;
        }
        Self(mix)
    }
}

impl Branding {
    /// Everything wrong or doubtful about the look.
    pub fn check(&self) -> Defects {
        let mut defects = Defects::default();
        if self.radius > 24 {
            defects.error(&["radius"], format!("is {}; it takes 0 to 24 pixels", self.radius));
        }
        if self.font.as_deref().is_some_and(|font| !is_font_stack(font)) {
            defects.error(
                &["font"],
                "is no font stack; write names with letters, digits, spaces, commas and closed quotes only",
            );
        }
        if let Some(Err((line, why))) = self.stylesheet.as_deref().map(super::stylesheet::check) {
            defects.error(&["stylesheet"], format!("line {line}: {why}"));
        }
        let [light, dark] = self.pages();
        for (key, accent, page) in [("accent", Some(self.accent), light), ("accent_dark", self.accent_dark, dark)] {
            let Some(accent) = accent else { continue };
            let ratio = accent.contrast(page);
            if ratio < 4.5 {
                defects.warning(
                    &[key],
                    format!(
                        "{accent} has a contrast of {ratio:.2} on {page}, and text needs 4.5 (WCAG 2.2, 1.4.3); \
                         links and marks use a stronger shade of it"
                    ),
                );
            }
        }
        let (light_ink, dark_ink) = (light.contrast(Colour::INK), dark.contrast(Colour::WHITE));
        for (key, page, ratio) in [("background", light, light_ink), ("background_dark", dark, dark_ink)] {
            if ratio < 7.0 {
                defects.error(
                    &[key],
                    format!(
                        "{page} leaves a contrast of {ratio:.2} with the text, which needs 7; choose a calmer colour"
                    ),
                );
            }
        }
        defects
    }

    fn pages(&self) -> [Colour; 2] {
        [self.background.unwrap_or(Colour([0xf7, 0xf7, 0xf5])), self.background_dark.unwrap_or(Colour::DARK_PAGE)]
    }

    /// The stylesheet that sets the tokens which the shared stylesheet reads.
    pub fn stylesheet(&self) -> String {
        let shape = self.shape(self.font());
        let dense = match self.density {
            Density::Comfortable => "",
            Density::Compact => {
                ".field{margin-bottom:.9rem}.card{padding:1rem}.intro{margin-bottom:.9rem}\
                 input:not([type=radio],[type=checkbox]),textarea,select{min-height:2.2rem;padding:.3rem .6rem}\n"
            }
        };
        let banner = self.header_image.as_ref().map_or("", |_| {
            ".banner{display:block;width:100%;max-height:14rem;object-fit:cover;border-radius:var(--radius);margin:0 0 1rem}\n"
        });
        format!("{}{dense}{banner}", self.themes(&shape).map(|(at, tokens)| at.rule("", &tokens)).concat())
    }

    /// The site's own stylesheet as pages of forms load it, behind what keeps consents as they are
    /// ([`super::guard`]).
    pub fn own_stylesheet(&self) -> Option<String> {
        let own = self.stylesheet.as_deref()?;
        // What was published when more was taken never changes, and is not served.
        let own = if super::stylesheet::check(own).is_ok() { own } else { "" };
        let shape = self.shape(Some(self.font().unwrap_or(super::guard::FONT)));
        let [light, dark] = super::guard::CONTRAST;
        let contrast = [(Theme::Contrast, light.to_owned()), (Theme::ContrastDark, dark.to_owned())];
        let themes = self.themes(&shape).into_iter().chain(contrast);
        let themes: String =
            themes.map(|(at, tokens)| at.rule(" .consents", &tokens.replace(';', "!important;"))).collect();
        Some(format!("{themes}{}{own}", super::guard::rules()))
    }

    fn font(&self) -> Option<&str> {
        self.font.as_deref().filter(|font| is_font_stack(font))
    }

    fn shape(&self, font: Option<&str>) -> String {
        format!("--radius:{}px;{}", self.radius, font.map_or_else(String::new, |font| format!("--font:{font};")))
    }

    /// The tokens of every theme. The page that embeds a form may ask for light or dark.
    fn themes(&self, shape: &str) -> [(Theme, String); 4] {
        let [light, dark] = self.pages();
        let light = Self::tokens(light, Colour::WHITE, Colour::INK, self.accent);
        let surface = dark.mixed(Colour::WHITE, 6);
        let dark = Self::tokens(dark, surface, Colour::WHITE, self.accent_dark.unwrap_or(self.accent));
        let (scheme, base) = match self.scheme {
            Scheme::Auto => ("light dark", &light),
            Scheme::Light => ("light", &light),
            Scheme::Dark => ("dark", &dark),
        };
        let by_system = if self.scheme == Scheme::Auto { dark.clone() } else { String::new() };
        [
            (Theme::Own, format!("color-scheme:{scheme};{shape}{base}")),
            (Theme::SystemDark, by_system),
            (Theme::Light, format!("color-scheme:light;{light}")),
            (Theme::Dark, format!("color-scheme:dark;{dark}")),
        ]
    }

    fn tokens(page: Colour, surface: Colour, ink: Colour, accent: Colour) -> String {
        let link = accent.until_readable(ink, &[page, surface, surface.mixed(accent, 7)], 4.6);
        let fill = accent.until_readable(ink, &[page, surface], 3.0);
        let on_fill = fill.readable_text();
        let wash = surface.mixed(accent, 7);
        let surfaces = [page, surface, wash];
        let quiet = ink.mixed(page, 32).until_readable(ink, &surfaces, 4.6);
        let wrong = Colour([0xb3, 0x1d, 0x22]).until_readable(ink, &surfaces, 4.6);
        let line = ink.mixed(page, 48);
        let hair = ink.mixed(page, 84);
        format!(
            "--page:{page};--surface:{surface};--ink:{ink};--quiet:{quiet};--line:{line};--hair:{hair};\
             --accent:{link};--fill:{fill};--on-fill:{on_fill};--wash:{wash};--wrong:{wrong};"
        )
    }
}

/// When tokens apply.
#[derive(Debug, Clone, Copy)]
enum Theme {
    Own,
    SystemDark,
    Light,
    Dark,
    Contrast,
    ContrastDark,
}

impl Theme {
    /// The rule that sets `tokens` for what `below` the root selects; nothing without tokens.
    fn rule(self, below: &str, tokens: &str) -> String {
        if tokens.is_empty() {
            return String::new();
        }
        let by_system = |root: &str| format!("@media (prefers-color-scheme:dark){{{root}{below}{{{tokens}}}}}\n");
        match self {
            Self::Own => format!(":root{below}{{{tokens}}}\n"),
            Self::SystemDark => by_system(":root:not([data-theme])"),
            Self::Light => format!(":root[data-theme=light]{below}{{{tokens}}}\n"),
            Self::Dark => format!(":root[data-theme=dark]{below}{{{tokens}}}\n"),
            Self::Contrast => format!(":root[data-theme=contrast]{below}{{{tokens}}}\n"),
            Self::ContrastDark => by_system(":root[data-theme=contrast]"),
        }
    }
}

/// Whether `font` is names and commas: nothing that ends a declaration, and no open quote that
/// swallows what follows.
fn is_font_stack(font: &str) -> bool {
    let mut open = None;
    for quote in font.chars().filter(|c| matches!(c, '\'' | '"')) {
        open = match open {
            None => Some(quote),
            Some(begun) if begun == quote => None,
            begun => begun,
        };
    }
    let known = |c: char| c.is_ascii_alphanumeric() || " ,-'\"".contains(c);
    font.len() <= 200 && font.chars().all(known) && open.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn black_on_white_is_twenty_one() {
        assert!((Colour([0; 3]).contrast(Colour::WHITE) - 21.0).abs() < 0.01);
    }

    #[test]
    fn a_pale_accent_warns_with_the_measured_ratio() {
        let branding = Branding { accent: Colour([0xff, 0xe0, 0x66]), ..Branding::default() };
        let defects = branding.check();
        assert_eq!(defects.errors().count(), 0);
        assert!(defects.iter().next().unwrap().message.contains("contrast of 1."), "{defects:?}");
    }

    #[test]
    fn a_font_stack_can_not_carry_css() {
        for font in ["x;}body{display:none", "'", "a, \"b", "'\"'\""] {
            let branding = Branding { font: Some(font.to_owned()), ..Branding::default() };
            assert_eq!(branding.check().errors().count(), 1, "{font}");
            assert!(!branding.stylesheet().contains(font), "{font}");
        }
        let branding = Branding { font: Some("'Amiri', \"Iowan Old Style\", serif".to_owned()), ..Branding::default() };
        assert_eq!(branding.check().errors().count(), 0);
    }

    #[test]
    fn an_own_stylesheet_stands_behind_what_keeps_consents_as_they_are() {
        let own = |css: &str| Branding { stylesheet: Some(css.to_owned()), ..Branding::default() };
        let css = own("h1 { color: red }").own_stylesheet().unwrap();
        assert!(css.ends_with("h1 { color: red }"), "{css}");
        assert!(!own("h1 { color: red }").stylesheet().contains("h1"));
        let guard = css.strip_suffix("h1 { color: red }").unwrap();
        for rule in guard.lines() {
            let declarations = rule.rsplit('{').next().unwrap().trim_end_matches('}').split(';');
            for declaration in declarations.filter(|one| !one.is_empty()) {
                assert!(declaration.ends_with("!important"), "{declaration} of {rule}");
            }
        }
        assert_eq!(guard.matches("--ink:#").count(), 6, "every theme has ink of its own: {guard}");
        assert_eq!(Branding::default().own_stylesheet(), None);
    }

    #[test]
    fn what_was_published_when_more_was_taken_is_not_served() {
        let old = Branding { stylesheet: Some(".consent { display: none }".to_owned()), ..Branding::default() };
        assert!(!old.own_stylesheet().unwrap().contains("display: none"));
        assert_eq!(old.check().errors().count(), 1);
    }

    proptest! {
        #[test]
        fn every_accent_gives_readable_links_and_buttons(rgb in any::<[u8; 3]>()) {
            let accent = Colour(rgb);
            for (page, ink) in [(Colour::WHITE, Colour::INK), (Colour::DARK_PAGE, Colour::WHITE)] {
                let link = accent.until_readable(ink, &[page], 4.6);
                prop_assert!(link.contrast(page) >= 4.5);
                let fill = accent.until_readable(ink, &[page], 3.0);
                prop_assert!(fill.contrast(fill.readable_text()) >= 4.5);
            }
        }

        #[test]
        fn colours_survive_being_written(rgb in any::<[u8; 3]>()) {
            prop_assert_eq!(Colour::try_from(Colour(rgb).to_string()), Ok(Colour(rgb)));
        }
    }
}
