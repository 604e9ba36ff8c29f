//! A site's own stylesheet: whether there is anything in it that could load something or send
//! something away.
//!
//! The content policy of every page forbids the same to the browser; this tells the owner early,
//! and holds where a browser would not. The text is taken apart by the tokenizer of browsers
//! (CSS Syntax Level 3), so that no escape or comment hides a word.

use cssparser::{BasicParseErrorKind, ParseError, ParseErrorKind, Parser, Token};

/// Largest stylesheet, in bytes.
pub const LARGEST: usize = 32 * 1024;

/// At-rules that load nothing.
const RULES: [&str; 8] =
    ["media", "supports", "layer", "container", "keyframes", "property", "starting-style", "scope"];

/// Functions that take the address of something.
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

/// What keeps `css` from being served; the line and the reason.
pub fn check(css: &str) -> Result<(), (u32, String)> {
    if css.len() > LARGEST {
        return Err((1, format!("is {} bytes; a stylesheet takes {LARGEST} at most", css.len())));
    }
    let mut place = 0;
    walk(&mut Parser::new(css), &mut place).map_err(|error| {
        let why = match error.kind {
            ParseErrorKind::Custom(why) => why,
            ParseErrorKind::Basic(BasicParseErrorKind::TooManyNestedBlocks) => "nests too deep".to_owned(),
            ParseErrorKind::Basic(_) => "is no CSS here".to_owned(),
        };
        (place + 1, why)
    })
}

fn walk(input: &mut Parser<'_>, line: &mut u32) -> Result<(), ParseError<String>> {
    loop {
        *line = input.current_source_location().line;
        let (refused, opens) = match input.next() {
            Err(error) if error.kind == BasicParseErrorKind::EndOfInput => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(Token::UnquotedUrl(_)) => (Some("url(…) loads something; take it out".to_owned()), false),
            Ok(Token::Function(name)) => {
                let loads = LOADING.iter().any(|one| name.eq_ignore_ascii_case(one));
                (loads.then(|| format!("{name}(…) loads something; take it out")), true)
            }
            Ok(Token::AtKeyword(name)) => {
                let known = RULES.iter().any(|one| name.eq_ignore_ascii_case(one));
                (
                    (!known).then(|| {
                        format!("@{name} is not taken; these are: {}", RULES.map(|one| format!("@{one}")).join(", "))
                    }),
                    false,
                )
            }
            Ok(Token::BadUrl(_) | Token::BadString(_)) => {
                (Some("has a text or an address that does not end".to_owned()), false)
            }
            Ok(Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket) => {
                (Some("closes a bracket that was not opened".to_owned()), false)
            }
            Ok(Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock) => (None, true),
            Ok(_) => (None, false),
        };
        if let Some(why) = refused {
            *line = input.current_source_location().line;
            return Err(ParseError { kind: ParseErrorKind::Custom(why) });
        }
        if opens {
            input.parse_nested_block(|inner| walk(inner, line))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_only_draws_is_taken() {
        let css = ".card { border: 0; box-shadow: 0 1px 2px rgb(0 0 0 / .2); background: linear-gradient(#fff, #eee) }\n\
                   @media (min-width: 40rem) { h1 { font-size: calc(1rem + 2vw); content: \"url(x)\" } }\n\
                   @keyframes in { from { opacity: 0 } } a::before { content: attr(href) } /* url(x) */";
        assert_eq!(check(css), Ok(()));
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
            "a { b: 'unfinished\n }",
            "a { } }",
            "a { b: url(x y) }",
        ] {
            let (line, why) = check(&format!("\n\n{css}")).expect_err(css);
            assert!((3..=4).contains(&line), "{css}: line {line}: {why}");
        }
        assert!(check(&"(".repeat(1000)).is_err());
        assert!(check(&" ".repeat(LARGEST + 1)).is_err());
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
    }
}
