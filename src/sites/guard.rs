//! What keeps consents as they are, whatever a site's own stylesheet says.
//!
//! A consent counts only when its words were there to be read and its box was ticked by somebody
//! who read them (GDPR Art. 7(1), (2)). So the section that asks for consents keeps the built-in
//! look: every property that [`super::stylesheet`] takes, and those with which things are usually
//! hidden, is written out for it with `!important`, which an own stylesheet can't have.
//!
//! - The section stands above everything else on the page on its own ground, so that no shadow, no
//!   outline and no underline of its surroundings is painted over it.
//! - Lengths in it are of its own font, which is 14 to 48 pixels, because the page's `rem` may be
//!   anything.
//! - It keeps room for lines of words, however narrow its surroundings are made.
//! - What surrounds it can't strike its words through.

/// Colours of the high contrast theme, as `form.css` has them.
pub const CONTRAST: [&str; 2] = [
    "color-scheme:light;--page:#fff;--surface:#fff;--ink:#000;--quiet:#000;--line:#000;--hair:#000;--accent:#00008b;\
     --fill:#000;--on-fill:#fff;--wash:#fff;--wrong:#8b0000;",
    "color-scheme:dark;--page:#000;--surface:#000;--ink:#fff;--quiet:#fff;--line:#fff;--hair:#fff;--accent:#ffe14d;\
     --fill:#fff;--on-fill:#000;--wash:#000;--wrong:#ffb3ad;",
];

/// The fonts of sites that name none, as `form.css` has them.
pub const FONT: &str = "system-ui, -apple-system, \"Segoe UI\", \"Noto Sans\", \"Liberation Sans\", sans-serif";

/// Selectors and declarations; each declaration is made important by [`rules`].
const RULES: [(&str, &str); 20] = [
    ("html,body,.wrap,.columns,.card,form", "text-decoration:none"),
    (
        ".consents,.consents *",
        "position:static;float:none;transform:none;opacity:1;visibility:visible;filter:none;clip-path:none;\
         max-width:none;min-height:0;margin:0;padding:0;gap:0;border:0;border-radius:0;background:none;box-shadow:none;\
         color:inherit;color-scheme:inherit;accent-color:inherit;caret-color:auto;cursor:inherit;font:inherit;\
         font-feature-settings:normal;font-kerning:auto;font-optical-sizing:auto;font-synthesis:initial;\
         letter-spacing:normal;word-spacing:normal;white-space:normal;overflow-wrap:break-word;text-wrap:wrap;\
         text-align:start;text-indent:0;text-transform:none;text-decoration:none;text-decoration-skip-ink:auto;\
         text-underline-offset:auto;text-underline-position:auto;text-shadow:none;hyphens:manual;\
         list-style-type:none;animation:none;transition:none",
    ),
    (".consents,.consents :not(:focus-visible)", "outline:none"),
    (".consents :focus-visible", "outline:3px solid var(--accent);outline-offset:2px"),
    (".consents *", "--accent:inherit;--quiet:inherit;--wash:inherit;--wrong:inherit;--radius:inherit"),
    (
        ".consents",
        "position:relative;z-index:2;min-width:min(16em,50vw);margin:32px 0 24px;padding:24px 0 0;\
         border-top:1px solid var(--hair);color:var(--ink);background:var(--surface);\
         box-shadow:0 0 0 .5em var(--surface);cursor:auto;accent-color:var(--fill);\
         font:400 clamp(14px,1rem,48px)/1.55 var(--font)",
    ),
    (".consents h2", "margin:0 0 .4em;font-size:1.2em;font-weight:700;line-height:1.2"),
    (".consents p", "margin:0 0 .75em"),
    (
        ".consents .consent",
        "display:flex;gap:.8em;margin:0 0 .9em;padding:1em;background:var(--wash);border-radius:var(--radius)",
    ),
    (".consents .consent.wrong", "border-inline-start:4px solid var(--wrong);padding-inline-start:.9em"),
    (".consents input", "width:1.5em;height:1.5em;margin:.1em 0 0"),
    (".consents .consent label,.consents .consent .wording", "display:block"),
    (".consents label", "cursor:pointer"),
    (".consents .wording", "margin:.15em 0 0"),
    (".consents strong", "font-weight:700"),
    (".consents .consent p", "margin:.35em 0 0;font-size:.9em"),
    (".consents .quiet", "color:var(--quiet)"),
    (".consents .error", "color:var(--wrong);font-weight:600"),
    (".consents a", "color:var(--accent);text-decoration:underline;cursor:pointer"),
    (
        ".consents .hidden",
        "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap",
    ),
];

/// What the selected text looks like, and what those see who ask for more contrast, as `form.css`
/// has it.
const MORE: &str = ".consents ::selection{color:HighlightText!important;background:Highlight!important}\n\
     @media (prefers-contrast:more){:root:not([data-theme]) .consents{--quiet:var(--ink)!important;--hair:var(--ink)!important}}\n";

/// The guard. The custom properties that it reads are set on `.consents` before it.
pub fn rules() -> String {
    let rules = RULES.iter().map(|(selectors, declarations)| {
        format!("{selectors}{{{}!important}}\n", declarations.replace(';', "!important;"))
    });
    rules.chain([MORE.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::stylesheet::{PAINT, SHAPE};

    #[test]
    fn whatever_a_stylesheet_may_say_is_settled_for_consents() {
        let everything = RULES.iter().find(|(selectors, _)| *selectors == ".consents,.consents *").unwrap().1;
        let settled: Vec<&str> = everything.split(';').map(|one| one.split(':').next().unwrap().trim()).collect();
        // "outline" differs where something is focused, so it has rules of its own.
        let settled = |name: &str| settled.contains(&name) || name == "outline";
        for name in PAINT.iter().chain(&SHAPE).chain(&["margin", "padding", "border"]) {
            let by = match *name {
                _ if name.ends_with("-radius") => "border-radius",
                "row-gap" | "column-gap" => "gap",
                "line-height" => "font",
                _ if settled(name) => name,
                _ => ["animation", "background", "font", "outline", "text-decoration"]
                    .into_iter()
                    .find(|short| name.starts_with(&format!("{short}-")))
                    .unwrap_or(name),
            };
            assert!(settled(by), "{name} is taken and not settled");
        }
        for (selectors, declarations) in RULES {
            assert!(!declarations.ends_with(';') && !declarations.contains('!'), "{selectors}");
        }
    }

    #[test]
    fn what_form_css_says_too_is_the_same() {
        let form: String = include_str!("../../static/form.css").split_whitespace().collect();
        for theme in CONTRAST {
            let theme = theme.trim_end_matches(';');
            assert!(form.contains(theme), "{theme}");
        }
        assert!(form.contains(&FONT.split_whitespace().collect::<String>()));
    }
}
