//! A site's own stylesheet: what it may say.
//!
//! Whoever writes it must be able to neither load nor send anything, nor make a consent look like
//! something else ([`super::guard`] holds against all that is taken here), nor tell the page around
//! a frame what somebody answers. So only what is known to be harmless is taken, and the rest is
//! refused with its line. The text is read by the parser of browsers (CSS Syntax Level 3), so that
//! no escape and no comment hides a word.

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, ParseErrorKind, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token,
};

/// Largest stylesheet, in bytes.
pub const LARGEST: usize = 32 * 1024;

/// At-rules that are taken.
const AT_RULES: [&str; 4] = ["media", "supports", "container", "keyframes"];

/// Functions that take the address of something. None is taken; they have a sentence of their own.
const LOADING: [&str; 10] = [
    "url",
    "src",
    "image",
    "image-set",
    "-webkit-image-set",
    "cross-fade",
    "-webkit-cross-fade",
    "element",
    "-moz-element",
    "paint",
];

/// Functions that give a colour, whatever stands in them.
const COLOURS: [&str; 12] =
    ["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark"];

/// Functions that give a number.
const SUMS: [&str; 4] = ["calc", "min", "max", "clamp"];

/// The other functions in values.
const FUNCTIONS: [&str; 9] = [
    "var",
    "linear-gradient",
    "radial-gradient",
    "conic-gradient",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "repeating-conic-gradient",
    "cubic-bezier",
    "steps",
];

/// Pseudo-classes that take selectors.
const CHOOSING: [&str; 3] = ["not", "is", "where"];

/// Pseudo-classes that take numbers or names.
const COUNTING: [&str; 6] = ["nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type", "lang", "dir"];

/// Pseudo-classes of where something stands.
const STANDING: [&str; 7] =
    ["root", "first-child", "last-child", "only-child", "first-of-type", "last-of-type", "only-of-type"];

/// Pseudo-classes that come and go with what a visitor does.
const ACTING: [&str; 5] = ["hover", "focus", "focus-visible", "focus-within", "active"];

/// Pseudo-elements; none has content of its own.
const PARTS: [&str; 3] = ["marker", "selection", "placeholder"];

/// Properties that change no size, beside the colours of borders.
pub(super) const PAINT: [&str; 39] = [
    "accent-color",
    "animation",
    "animation-delay",
    "animation-direction",
    "animation-duration",
    "animation-fill-mode",
    "animation-iteration-count",
    "animation-name",
    "animation-play-state",
    "animation-timing-function",
    "background",
    "background-attachment",
    "background-clip",
    "background-color",
    "background-image",
    "background-origin",
    "background-position",
    "background-position-x",
    "background-position-y",
    "background-repeat",
    "background-size",
    "box-shadow",
    "caret-color",
    "color",
    "cursor",
    "outline",
    "outline-color",
    "outline-offset",
    "outline-style",
    "outline-width",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-skip-ink",
    "text-decoration-style",
    "text-decoration-thickness",
    "text-underline-offset",
    "text-underline-position",
    "transition",
];

/// Properties that may change sizes, beside borders, margins, paddings and custom properties.
pub(super) const SHAPE: [&str; 37] = [
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-end-end-radius",
    "border-end-start-radius",
    "border-radius",
    "border-start-end-radius",
    "border-start-start-radius",
    "border-top-left-radius",
    "border-top-right-radius",
    "color-scheme",
    "column-gap",
    "font",
    "font-family",
    "font-feature-settings",
    "font-kerning",
    "font-optical-sizing",
    "font-size",
    "font-stretch",
    "font-style",
    "font-synthesis",
    "font-variant",
    "font-variant-caps",
    "font-variant-ligatures",
    "font-variant-numeric",
    "font-weight",
    "gap",
    "hyphens",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "max-width",
    "min-height",
    "row-gap",
    "text-align",
    "text-transform",
    "text-wrap",
    "word-spacing",
];

/// The sides of a border, a margin or a padding, and all of them.
const SIDES: [&str; 11] = [
    "-block-start",
    "-block-end",
    "-block",
    "-inline-start",
    "-inline-end",
    "-inline",
    "-top",
    "-right",
    "-bottom",
    "-left",
    "",
];

/// What a border has.
const BORDER: [&str; 3] = ["", "-style", "-width"];

/// Names of timing functions, which stand in a transition beside what changes.
const TIMINGS: [&str; 8] = ["linear", "ease", "ease-in", "ease-out", "ease-in-out", "step-start", "step-end", "none"];

/// Widest outline and largest distance of one, in CSS pixels: it is painted over what is near.
const WIDEST_OUTLINE: f32 = 4.0;

/// A line, counted from 1, and what is wrong there.
type Fault = (u32, String);
type Read<T> = Result<T, ParseError<Fault>>;

/// What keeps `css` from being published: the line and the reason.
pub fn check(css: &str) -> Result<(), Fault> {
    if css.len() > LARGEST {
        return Err((1, format!("is {} bytes; a stylesheet takes {LARGEST} at most", css.len())));
    }
    scan_all(css).and_then(|()| rules(&mut Parser::new(css))).map_err(|error| match error.kind {
        ParseErrorKind::Custom(fault) => fault,
        ParseErrorKind::Basic(_) => (1, "nests too deep".to_owned()),
    })
}

fn fault(input: &Parser<'_>, why: impl Into<String>) -> ParseError<Fault> {
    ParseError::custom((input.current_source_location().line + 1, why.into()))
}

fn listed(list: &[&str], name: &str) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// Refuses what may stand nowhere, and what is left open: browsers would close it at the end, but
/// who reads the file would be misled.
fn scan_all(css: &str) -> Read<()> {
    // Seen on the outside only where everything before it is closed.
    let closed = format!("{css}\n;");
    let mut input = Parser::new(&closed);
    if scan(&mut input)? == closed.len() {
        return Ok(());
    }
    let lines = u32::try_from(css.lines().count()).unwrap_or(u32::MAX);
    Err(ParseError::custom((lines, "ends before all that was opened is closed".to_owned())))
}

/// Where the last token of this level ends.
fn scan(input: &mut Parser<'_>) -> Read<usize> {
    let mut end = 0;
    while let Ok(token) = input.next().cloned() {
        end = input.position().byte_index();
        let why = match &token {
            Token::UnquotedUrl(_) => "url(…) loads something; take it out".to_owned(),
            Token::Function(name) if listed(&LOADING, name) => format!("{name}(…) loads something; take it out"),
            Token::AtKeyword(name) if !listed(&AT_RULES, name) => {
                format!("@{name} is not taken; these are: {}", AT_RULES.map(|one| format!("@{one}")).join(", "))
            }
            Token::BadUrl(_) | Token::BadString(_) => "has a text or an address that does not end".to_owned(),
            Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => {
                "closes a bracket that was not opened".to_owned()
            }
            Token::CDO | Token::CDC => "is no CSS here".to_owned(),
            Token::Delim('!') => {
                "'!' is not taken: your rules stand behind the built-in ones and win without !important".to_owned()
            }
            Token::SquareBracketBlock => {
                "[…] is not taken: attributes hold what visitors answer; choose by class, kind or place".to_owned()
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::CurlyBracketBlock => {
                input.parse_nested_block(scan)?;
                continue;
            }
            _ => continue,
        };
        return Err(fault(input, why));
    }
    Ok(end)
}

/// Style rules and at-rules, to the end of the sheet or of the group they stand in.
fn rules(input: &mut Parser<'_>) -> Read<()> {
    all(StyleSheetParser::new(input, &mut Rules), "is no rule: write a selector and its declarations in braces")
}

type Item<'i> = Result<(), (ParseError<Fault>, &'i str, cssparser::SourceLocation)>;

fn all<'i>(mut items: impl Iterator<Item = Item<'i>>, otherwise: &str) -> Read<()> {
    items.try_for_each(|item| {
        item.map_err(|(error, _, place)| match error.kind {
            ParseErrorKind::Custom(_) => error,
            ParseErrorKind::Basic(_) => ParseError::custom((place.line + 1, otherwise.to_owned())),
        })
    })
}

struct Rules;

/// What a body of declarations may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Everything that is taken.
    All,
    /// What depends on what a visitor does, or changes by itself: no sizes.
    Paint,
}

impl<'i> QualifiedRuleParser<'i> for Rules {
    type Prelude = Body;
    type QualifiedRule = ();
    type Error = Fault;

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Read<Body> {
        selectors(input)
    }

    fn parse_block(&mut self, body: Body, _: &ParserState, input: &mut Parser<'i>) -> Read<()> {
        declarations(body, input)
    }
}

enum AtRule {
    Group,
    Keyframes,
}

impl<'i> AtRuleParser<'i> for Rules {
    type Prelude = AtRule;
    type AtRule = ();
    type Error = Fault;

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Read<AtRule> {
        if name.eq_ignore_ascii_case("keyframes") {
            let named = input.expect_ident().is_ok();
            return if named { Ok(AtRule::Keyframes) } else { Err(fault(input, "@keyframes takes one name")) };
        }
        query(input)?;
        Ok(AtRule::Group)
    }

    fn parse_block(&mut self, rule: AtRule, _: &ParserState, input: &mut Parser<'i>) -> Read<()> {
        match rule {
            AtRule::Group => rules(input),
            AtRule::Keyframes => {
                all(StyleSheetParser::new(input, &mut Frames), "is no keyframe: write from, to or a percentage")
            }
        }
    }
}

/// What a group's rules depend on.
fn query(input: &mut Parser<'_>) -> Read<()> {
    while let Ok(token) = input.next().cloned() {
        match token {
            Token::Ident(_)
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::Number { .. }
            | Token::Percentage { .. }
            | Token::Dimension { .. }
            | Token::Colon
            | Token::Comma
            | Token::Delim(_) => {}
            Token::ParenthesisBlock => input.parse_nested_block(query)?,
            Token::Function(name) => {
                let known = [&["selector", "style"][..], &SUMS, &COLOURS, &FUNCTIONS, &CHOOSING, &COUNTING];
                if !known.iter().any(|list| listed(list, &name)) {
                    return Err(fault(input, format!("{name}(…) is not taken here")));
                }
                input.parse_nested_block(query)?;
            }
            _ => return Err(fault(input, "is no condition that is taken here")),
        }
    }
    Ok(())
}

struct Frames;

impl<'i> QualifiedRuleParser<'i> for Frames {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Fault;

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Read<()> {
        while let Ok(token) = input.next().cloned() {
            if !matches!(token, Token::Ident(_) | Token::Percentage { .. } | Token::Comma) {
                return Err(fault(input, "is no keyframe: write from, to or a percentage"));
            }
        }
        Ok(())
    }

    fn parse_block(&mut self, (): (), _: &ParserState, input: &mut Parser<'i>) -> Read<()> {
        declarations(Body::Paint, input)
    }
}

impl AtRuleParser<'_> for Frames {
    type Prelude = ();
    type AtRule = ();
    type Error = Fault;
}

/// Whether what is selected depends on what a visitor does.
fn selectors(input: &mut Parser<'_>) -> Read<Body> {
    let mut body = Body::All;
    while let Ok(token) = input.next().cloned() {
        match token {
            Token::Ident(_)
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::Comma
            | Token::Delim('.' | '*' | '>' | '+' | '~') => {}
            Token::Colon => {
                if pseudo(input)? == Body::Paint {
                    body = Body::Paint;
                }
            }
            _ => return Err(fault(input, "is no selector that is taken: choose by class, kind or place")),
        }
    }
    Ok(body)
}

fn pseudo(input: &mut Parser<'_>) -> Read<Body> {
    let token = input.next_including_whitespace().cloned();
    match token {
        Ok(Token::Ident(name)) if listed(&STANDING, &name) => Ok(Body::All),
        Ok(Token::Ident(name)) if listed(&ACTING, &name) => Ok(Body::Paint),
        Ok(Token::Function(name)) if listed(&CHOOSING, &name) => input.parse_nested_block(selectors),
        Ok(Token::Function(name)) if listed(&COUNTING, &name) => input.parse_nested_block(|inner| {
            while let Ok(token) = inner.next().cloned() {
                let counts = matches!(
                    token,
                    Token::Ident(_)
                        | Token::QuotedString(_)
                        | Token::Number { .. }
                        | Token::Dimension { .. }
                        | Token::Delim('+' | '-')
                        | Token::Comma
                );
                if !counts {
                    return Err(fault(inner, "takes a number such as 2n+1, or a name"));
                }
            }
            Ok(Body::All)
        }),
        Ok(Token::Colon) => match input.next_including_whitespace().cloned() {
            Ok(Token::Ident(name)) if listed(&PARTS, &name) => Ok(Body::Paint),
            _ => Err(fault(input, format!("is no part that is taken; these are: ::{}", PARTS.join(", ::")))),
        },
        _ => {
            let names = [&STANDING[..], &ACTING, &CHOOSING, &COUNTING].concat();
            Err(fault(input, format!("is no pseudo-class that is taken; these are: :{}", names.join(", :"))))
        }
    }
}

fn declarations(mut body: Body, input: &mut Parser<'_>) -> Read<()> {
    all(
        RuleBodyParser::new(input, &mut body),
        "is no declaration: a rule holds names with their values, and no other rule",
    )
}

impl RuleBodyItemParser<'_, (), Fault> for Body {
    fn parse_declarations(&self) -> bool {
        true
    }

    fn parse_qualified(&self) -> bool {
        false
    }
}

impl QualifiedRuleParser<'_> for Body {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Fault;
}

impl AtRuleParser<'_> for Body {
    type Prelude = ();
    type AtRule = ();
    type Error = Fault;
}

impl<'i> DeclarationParser<'i> for Body {
    type Declaration = ();
    type Error = Fault;

    fn parse_value(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>, start: &ParserState) -> Read<()> {
        let own = name.starts_with("--");
        let lower = name.to_ascii_lowercase();
        if !(paints(&lower) || *self == Body::All && (own || shapes(&lower))) {
            let why = if own || shapes(&lower) {
                format!(
                    "'{name}' is not taken where visitors act or something moves: the page around the form would see \
                     its size change; colours, backgrounds, shadows and outlines are"
                )
            } else {
                format!(
                    "'{name}' is not taken; colours, backgrounds, borders, shadows, outlines, fonts, text, margins, \
                     paddings and gaps are"
                )
            };
            return Err(ParseError::custom((start.source_location().line + 1, why)));
        }
        match lower.as_str() {
            "transition" => transitions(input),
            "list-style-type" => {
                let named = input.expect_ident().is_ok();
                if named { Ok(()) } else { Err(fault(input, "list-style-type takes one name, such as square")) }
            }
            "outline" | "outline-width" | "outline-offset" => outline(input),
            _ if side(&lower, "margin") == Some("") => value(input, Grammar::Margin),
            _ if own || matches!(lower.as_str(), "font" | "font-family" | "font-feature-settings") => {
                value(input, Grammar::Words)
            }
            _ => value(input, Grammar::Plain),
        }
    }
}

/// What remains of the name of a property of one side, or of all.
fn side<'a>(name: &'a str, property: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(property)?;
    SIDES.iter().find_map(|side| rest.strip_prefix(side))
}

fn paints(name: &str) -> bool {
    PAINT.contains(&name) || side(name, "border") == Some("-color")
}

fn shapes(name: &str) -> bool {
    SHAPE.contains(&name)
        || side(name, "border").is_some_and(|rest| BORDER.contains(&rest))
        || ["margin", "padding"].iter().any(|property| side(name, property) == Some(""))
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grammar {
    /// Without texts: no list mark and nothing else may speak.
    Plain,
    /// With texts, which name fonts.
    Words,
    /// Nothing below zero, which would draw one thing over another, and nothing that another
    /// declaration tells.
    Margin,
}

fn value(input: &mut Parser<'_>, grammar: Grammar) -> Read<()> {
    while let Ok(token) = input.next().cloned() {
        let below_zero = match &token {
            Token::Number { value, .. } | Token::Dimension { value, .. } => value.is_sign_negative(),
            Token::Percentage { unit_value, .. } => unit_value.is_sign_negative(),
            Token::Ident(name) => name.starts_with('-'),
            Token::Delim(sign) => *sign == '-',
            _ => false,
        };
        if grammar == Grammar::Margin && below_zero {
            return Err(fault(input, "a margin takes nothing below zero and no '-'"));
        }
        match token {
            Token::Ident(_)
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::Number { .. }
            | Token::Percentage { .. }
            | Token::Dimension { .. }
            | Token::Comma
            | Token::Delim('+' | '-' | '*' | '/') => {}
            Token::QuotedString(_) if grammar == Grammar::Words => {}
            Token::QuotedString(_) => return Err(fault(input, "a text in quotes is taken as the name of a font only")),
            Token::ParenthesisBlock => input.parse_nested_block(|inner| value(inner, grammar))?,
            Token::Function(name) => {
                let known = match grammar {
                    Grammar::Margin => listed(&SUMS, &name),
                    _ => listed(&SUMS, &name) || listed(&COLOURS, &name) || listed(&FUNCTIONS, &name),
                };
                if !known {
                    let names = match grammar {
                        Grammar::Margin => SUMS.to_vec(),
                        _ => [&SUMS[..], &COLOURS, &FUNCTIONS].concat(),
                    };
                    return Err(fault(input, format!("{name}(…) is not taken here; these are: {}", names.join(", "))));
                }
                input.parse_nested_block(|inner| value(inner, grammar))?;
            }
            _ => return Err(fault(input, "is no value; a rule can't stand in another")),
        }
    }
    Ok(())
}

/// A thin one: what it takes is written out, because `var()` could bring any width.
fn outline(input: &mut Parser<'_>) -> Read<()> {
    while let Ok(token) = input.next().cloned() {
        let thin = match &token {
            Token::Ident(_) | Token::Hash(_) | Token::IDHash(_) => true,
            Token::Number { value, .. } => *value == 0.0,
            Token::Dimension { value, unit, .. } => {
                unit.eq_ignore_ascii_case("px") && (0.0..=WIDEST_OUTLINE).contains(value)
            }
            Token::Function(name) if listed(&COLOURS, name) => {
                input.parse_nested_block(|inner| value(inner, Grammar::Plain))?;
                true
            }
            _ => false,
        };
        if !thin {
            return Err(fault(input, format!("an outline takes 0 to {WIDEST_OUTLINE}px, a style and a colour")));
        }
    }
    Ok(())
}

/// Each names what changes, and that it is no size.
fn transitions(input: &mut Parser<'_>) -> Read<()> {
    input.parse_comma_separated(|input| {
        let mut named = false;
        while let Ok(token) = input.next().cloned() {
            let sound = match &token {
                Token::Ident(name) if listed(&TIMINGS, name) => {
                    named |= name.eq_ignore_ascii_case("none");
                    true
                }
                Token::Ident(name) => {
                    named = true;
                    paints(&name.to_ascii_lowercase())
                }
                Token::Number { .. } | Token::Dimension { .. } => true,
                Token::Function(name) if listed(&["cubic-bezier", "steps"], name) => {
                    input.parse_nested_block(|inner| value(inner, Grammar::Plain))?;
                    true
                }
                _ => false,
            };
            if !sound {
                return Err(fault(
                    input,
                    "a transition takes colours, backgrounds, shadows and outlines, each by name",
                ));
            }
        }
        if named { Ok(()) } else { Err(fault(input, "a transition names what changes, such as background-color")) }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_only_draws_is_taken() {
        let css = ".card { border: 0; border-inline-start: 3px solid; box-shadow: 0 1px 2px rgb(0 0 0 / .2); background: linear-gradient(#fff, #eee) }\n\
                   @media (min-width: 40rem) and (prefers-color-scheme: dark) { h1 { font-size: calc(1rem + 2vw); letter-spacing: -.01em } }\n\
                   @supports (color: oklch(0 0 0)) { a { color: color-mix(in oklch, var(--accent) 80%, black) } }\n\
                   @container (width > 30rem) { .field > label:not(:first-child) { margin: 0 auto 1.5em; padding: .5em } } /* url(x) ! */\n\
                   :root { --own: light-dark(#fff, #000); --font: 'Noto Serif', serif } ul:lang(de) ::marker { color: red }\n\
                   .choice:nth-child(2n+1 ) label:is(:hover, :focus-within) { background-color: var(--own); transition: background-color .2s ease-in, color 1s steps(2) }\n\
                   :focus-visible { outline: 2px solid light-dark(#000, var(--own)); outline-offset: 3px; outline-color: var(--own) }\n\
                   @keyframes glow { from, 50% { border-color: red } to { box-shadow: none } } button { animation: glow 2s infinite cubic-bezier(.1, -2, .9, 3) }\n\
                   input, .button { font: italic 1rem/1.4 \"Iowan Old Style\", serif; margin: calc(1rem + min(2px, 1%)) max(1px, 2px); list-style-type: square }\n";
        assert_eq!(check(css), Ok(()));
        assert_eq!(check(""), Ok(()));
        assert_eq!(check(" /* nothing */ "), Ok(()));
    }

    /// The reason, for a stylesheet that is refused on its third or fourth line.
    fn refused(css: &str) -> String {
        let (line, why) = check(&format!("\n\n{css}")).expect_err(css);
        assert!((3..=4).contains(&line), "{css}: line {line}: {why}");
        why
    }

    #[test]
    fn whatever_loads_is_refused_with_its_line_however_it_is_written() {
        for css in [
            "a { background: url(https://evil.example/x) }",
            "a { background: url( 'data:image/png;base64,x' ) }",
            "a { background: UrL(\"//evil.example\") }",
            "a { background: \\75 rl(//evil.example) }",
            "a { background: u\\72l('//evil.example') }",
            "@import 'https://evil.example/x.css';",
            "@\\69mport '//evil.example';",
            "@font-face { font-family: x; src: local(y) }",
            "a { background: image-set('https://evil.example/x' 1x) }",
            "@media screen { @supports (display: grid) { a { b: -webkit-image-set('x' 1x) } } }",
            "a { --x: url(//evil.example) }",
            "@namespace 'x';",
            "@charset 'x';",
            "a { color: 'unfinished\n }",
            "a { } }",
            "a { color: url(x y) }",
            "<!-- a { color: red } -->",
            "a { color: env(x) }",
            "a { color: attr(href) }",
        ] {
            refused(css);
        }
        assert!(check(&"(".repeat(1000)).is_err());
        assert!(check(&" ".repeat(LARGEST + 1)).is_err());
    }

    #[test]
    fn a_consent_can_not_be_hidden_moved_covered_or_given_other_words() {
        for css in [
            ".consent .wording, .consent strong { display: none }",
            ".consent input { position: fixed; inset: 0 }",
            ".consent input { width: 100vw }",
            ".consent input { opacity: 0 }",
            ".consent input { z-index: 9 }",
            ".consent label::after { content: 'All answers are kept safe.' }",
            ".consent label::before { color: red }",
            ".consent label:after { color: red }",
            ".consent { \\64isplay: none }",
            ".consent { DISPLAY: none }",
            ".consent { dis/**/play: none }",
            ".consent { transform: scale(0) }",
            ".consent { clip-path: inset(50%) }",
            ".consent { text-indent: -99rem }",
            ".consent { all: unset }",
            ".consent { -webkit-text-fill-color: transparent }",
            ".consent { font-size-adjust: 0 }",
            ".consent { container-type: size }",
            ".field { border-image: linear-gradient(#fff, #fff) 1 / 0 / 99px }",
            "ul { list-style-type: 'All answers are kept safe.' }",
            "ul { --x: 'words'; list-style-type: var(--x) }",
            "ul { list-style: square }",
            "ul { color: 'words' }",
        ] {
            refused(css);
        }
        assert!(refused(".consent { position: fixed }").contains("'position' is not taken; colours, backgrounds"));
    }

    #[test]
    fn nothing_is_important_layered_nested_or_left_open() {
        for css in [
            ".consent { color: red !important }",
            ".consent { color: red ! important }",
            ".consent { color: red !/**/IMPORTANT }",
            ".consent { color: red !\\69mportant }",
            ":root { --x: red !important }",
            "@media print { a { color: red !important } }",
            "@layer guard { .consent { color: red } }",
            "@layer guard;",
            "@l\\61yer guard { .consent { color: red } }",
            "@scope (.card) { a { color: red } }",
            "@property --x { syntax: '*'; inherits: false }",
            "@starting-style { a { color: red } }",
            ".card { & a { color: red } }",
            ".card { a { color: red } }",
            ".card { a:hover { color: red } }",
            ".card { .consent { color: red } color: red }",
            ".card { color: red; @media print { color: blue } }",
            ":root { --x: { a: b } }",
            "& { color: red }",
            "a { color: red",
            "a { color: rgb(0 0 0 }",
            "@media print { a { color: red }",
            "a { color: red } /* the rest",
            "a { color: red /* } */",
            "a { font-family: 'x }",
            "a { color: red } b",
            "a; b { color: red }",
            "@media print;",
            "--x: { color: red }",
        ] {
            refused(css);
        }
        assert!(refused("a { color: red\n").contains("ends before all that was opened is closed"));
        assert!(refused(".card { a { color: red } }").contains("no other rule"));
        assert!(refused("a { color: red !important }").contains("without !important"));
    }

    #[test]
    fn the_page_around_a_frame_is_told_nothing_by_its_height() {
        for css in [
            "html:has(input[value=x]:checked) body { padding-bottom: 7px }",
            "html:has(input) { color: red }",
            "input[value=x] { color: red }",
            "input\\[ { color: red } [x] { color: red }",
            "input:checked { color: red }",
            "input:\\63hecked { color: red }",
            "input:placeholder-shown { color: red }",
            "input:not(:checked) { color: red }",
            "input:is(:valid, a) { color: red }",
            ".choice:nth-child(2):focus-within { padding-bottom: 7px }",
            ".choice:is(:hover, b) { border-width: 7px }",
            ".choice:hover { border-bottom: 7px solid }",
            "input:not(:focus) + label { --x: 7px }",
            "input:active { font-size: 2rem }",
            "input::placeholder { letter-spacing: 1em }",
            "a:nth-child(2 of :focus) { color: red }",
            "a:: marker { color: red }",
            "svg|a { color: red }",
        ] {
            refused(css);
        }
        assert!(refused(".choice:focus-within { padding: 1px }").contains("'padding' is not taken where visitors act"));
    }

    #[test]
    fn margins_stay_at_or_above_zero() {
        for css in [
            "a { margin: -1px }",
            "a { margin-block-start: -1% }",
            "a { margin: 0 -1e3em }",
            "a { margin: -0.0001 }",
            "a { m\\61rgin: -1px }",
            "a { margin: calc(-1 * 1px) }",
            "a { margin: calc(0px - 1px) }",
            "a { margin: calc(1px * (0 - 1)) }",
            "a { margin: min(1px, -1px) }",
            "a { margin: calc(-infinity * 1px) }",
            "a { margin: var(--x) }",
            "a { margin: calc(1px * var(--x, -1)) }",
            "a { margin: calc(1px * sign(1)) }",
            "@media print { a { margin: -1px } }",
        ] {
            refused(css);
        }
    }

    #[test]
    fn what_moves_changes_no_size() {
        for css in [
            "a { transition: all 1s }",
            "a { transition: 1s }",
            "a { transition: color 1s, margin 1s }",
            "a { transition: color 1s, 2s }",
            "a { transition: var(--x) }",
            "a { transition: --x 1s }",
            "a { tr\\61nsition: p\\61dding 1s }",
            "a { transition-property: padding }",
            "a { transition-duration: 1s }",
            "@supports (color: red) { a { transition: max-width 1s } }",
            "@keyframes x { from { margin: 0 } to { margin: 9px } }",
            "@keyframes x { from { --x: 0 } }",
            "@keyframes x { a:hover { color: red } }",
            "@keyframes { from { color: red } }",
            "@keyframes x { from { color: red } @media print { to { color: red } } }",
        ] {
            refused(css);
        }
    }

    #[test]
    fn an_outline_is_thin() {
        for css in [
            "a { outline: 99px solid red }",
            "a { outline-width: 5px }",
            "a { outline-width: 1rem }",
            "a { outline-offset: -3px }",
            "a { outline-offset: calc(99px) }",
            "a { outline: var(--x) }",
        ] {
            refused(css);
        }
    }

    #[test]
    fn lists_of_names_are_whole() {
        for list in [&PAINT[..], &SHAPE] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "in order, none twice: {list:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(css in "[a-z@(){}\\[\\]'\"\\\\;:/*! \n-]{0,200}") {
            let _ = check(&css);
        }

        #[test]
        fn no_surroundings_hide_an_address(before in "[a-z{}(): ;]{0,30}", after in "\\PC{0,30}") {
            let css = format!("{before} url(//evil.example) {after}");
            prop_assert!(check(&css).is_err());
        }

        #[test]
        fn no_surroundings_hide_a_property(before in "[a-z{}(): ;@/*]{0,30}", after in "[a-z{}(): ;@/*]{0,30}") {
            let css = format!("{before} a {{ position: fixed }} {after}");
            // Within a comment there is none.
            prop_assert!(check(&css).is_err() || before.contains("/*"));
        }

        #[test]
        fn what_is_taken_is_taken_in_company(times in 1_usize..20) {
            let css = "a:hover { color: red } @media print { .card { margin: 0 } }\n".repeat(times);
            prop_assert_eq!(check(&css), Ok(()));
        }
    }
}
