//! Scripts and styles, embedded in the program.
//!
//! Their URLs name an edition, which changes with any of them, so that browsers keep them for good
//! and a script finds its modules beside it. They are compressed once, as small as brotli can.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{LazyLock, PoisonError, RwLock};

use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use super::problem::Problem;

/// How long what never changes may be kept.
pub const FOREVER: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.d.ts"]
#[include = "*.svg"]
struct Embedded;

/// The part of every asset's URL that changes with any of them.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let hashes: Vec<u8> =
        Embedded::iter().filter_map(|name| Embedded::get(&name)).flat_map(|file| file.metadata.sha256_hash()).collect();
    crate::crypto::hex(&crate::crypto::sha256(&hashes)[..6])
});

/// What was asked for already, by name.
static READY: LazyLock<RwLock<HashMap<String, Ready>>> = LazyLock::new(RwLock::default);

/// An asset as it goes out.
#[derive(Clone)]
struct Ready {
    plain: web::Bytes,
    small: Option<web::Bytes>,
}

/// The URL of an asset, which changes with its content.
pub fn url(name: &str) -> String {
    format!("/static/{}/{name}", *EDITION)
}

/// An asset as it is written.
pub fn source(name: &str) -> Option<String> {
    String::from_utf8(Embedded::get(name)?.data.into_owned()).ok()
}

/// An asset as it is served: scripts and styles without comments, indentation and needless spaces.
/// The sources keep to what that needs: no string spans two lines, none holds the beginning of a
/// comment, and no template string holds another. That they mean the same as before is a test of
/// `tests/browser/budgets.test.mjs`.
pub fn served(name: &str) -> Option<Vec<u8>> {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => Some(squeezed_script(&source(name)?).into_bytes()),
        Some("css") => Some(squeezed_style(&source(name)?).into_bytes()),
        _ => Some(Embedded::get(name)?.data.into_owned()),
    }
}

/// Every line that holds more than a comment, without indentation.
fn lines(text: &str) -> Vec<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let kept = out.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    kept.map(str::to_owned).collect()
}

/// Lines stay lines, because a line's end may end a statement.
fn squeezed_script(script: &str) -> String {
    let tight = |one: char| "()[]{},;:?=<>&|!\"'`".contains(one);
    let squeezed = lines(script).into_iter().map(|line| without_spaces(&line, tight, tight, true) + "\n");
    squeezed.collect()
}

/// A space before a colon may stand between two selectors, so only those behind it go.
fn squeezed_style(style: &str) -> String {
    let before = |one: char| "{};,>".contains(one);
    let after = |one: char| "{};,>:".contains(one);
    without_spaces(&lines(style).join(" "), before, after, false) + "\n"
}

/// Leaves out spaces in front of what is tight `before` and behind what is tight `after`, but not
/// within strings and, in scripts, regular expressions.
fn without_spaces(text: &str, before: impl Fn(char) -> bool, after: impl Fn(char) -> bool, script: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(one) = chars.next() {
        let last = out.chars().next_back();
        // After an operand a slash divides; after these it can't.
        let divides = last.is_some_and(|last| !"(,=:[!&|?{};>".contains(last)) && !out.ends_with("return ");
        let begins_pattern = one == '/' && script && !divides;
        if begins_pattern || "\"'`".contains(one) {
            out.push(one);
            let mut in_class = false;
            while let Some(inner) = chars.next() {
                out.push(inner);
                match inner {
                    '\\' => out.extend(chars.next()),
                    '[' if begins_pattern => in_class = true,
                    ']' if begins_pattern => in_class = false,
                    end if end == one && !in_class => break,
                    _ => {}
                }
            }
        } else if one != ' '
            || !(last.is_none_or(|last| last == ' ' || after(last)) || chars.peek().is_none_or(|next| before(*next)))
        {
            if one == '}' && last == Some(';') && !script {
                out.pop();
            }
            out.push(one);
        }
    }
    out
}

/// Whether who asks reads brotli.
pub fn reads_brotli(request: &HttpRequest) -> bool {
    AcceptEncoding::parse(request).is_ok_and(|accepted| {
        let asked = accepted.iter().any(|one| one.item.to_string() == "br" && one.quality > header::Quality::ZERO);
        asked && accepted.negotiate([Encoding::brotli(), Encoding::identity()].iter()).is_some()
    })
}

/// Brotli's quality for what is compressed once and kept.
pub const SMALLEST: u32 = 11;
/// Brotli's quality for pages, which are compressed for each visitor: 0.4 ms for a form.
pub const QUICK: u32 = 5;

/// Compressed with brotli.
pub fn compress(content: &[u8], quality: u32) -> Option<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, quality, 18);
    writer.write_all(content).ok()?;
    Some(writer.into_inner())
}

fn ready(name: &str) -> Option<Ready> {
    let known = READY.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    if known.is_some() {
        return known;
    }
    let plain = served(name)?;
    let asset = Ready { small: compress(&plain, SMALLEST).map(Into::into), plain: plain.into() };
    READY.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), asset.clone());
    Some(asset)
}

/// `GET /static/{edition}/{name}`: kept by browsers for good when the URL names this edition.
/// Anybody may ask; there is nothing personal in it.
pub async fn show(path: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (edition, name) = path.split_once('/').unwrap_or(("", &path));
    let Ready { plain, small } = ready(name).ok_or_else(Problem::not_found)?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("ts") => "text/plain; charset=utf-8",
        _ => "image/svg+xml",
    };
    let cache = if edition == *EDITION { FOREVER } else { "no-cache" };
    let mut response = HttpResponse::Ok();
    response.content_type(kind).insert_header((header::CACHE_CONTROL, cache));
    Ok(match small.filter(|_| reads_brotli(&request)) {
        Some(small) => {
            response.insert_header((header::CONTENT_ENCODING, "br")).insert_header((header::VARY, "Accept-Encoding"));
            response.body(small)
        }
        None => response.body(plain),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_served_without_comments_and_spaces_and_do_the_same() {
        let script = "// why\n/** @type {any} */ (window).x = \"a // b , c\";\n/**\n * More.\n */\nconst y = /** @type {any} */ (1) + +z;\n";
        assert_eq!(squeezed_script(script), "(window).x=\"a // b , c\";\nconst y=(1)+ +z;\n");
        let patterns = "  if (/[/ , ] \\/ ;/.test(a) && b / c) return `${a} , ${b}`;\n";
        assert_eq!(squeezed_script(patterns), "if(/[/ , ] \\/ ;/.test(a)&&b / c)return`${a} , ${b}`;\n");
    }

    #[test]
    fn styles_are_served_without_spaces_and_mean_the_same() {
        let style = "/* Why. */\n.a :focus , .b > p {\n  margin: 0 calc(1rem + 2px); content: \" ; } \";\n}\n@media (min-width: 5rem) { a { b: c; } }\n";
        let squeezed = ".a :focus,.b>p{margin:0 calc(1rem + 2px);content:\" ; } \"}@media (min-width:5rem){a{b:c}}\n";
        assert_eq!(squeezed_style(style), squeezed);
    }

    #[test]
    fn no_asset_breaks_what_the_stripping_relies_on() {
        for name in Embedded::iter().filter(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == "js")) {
            let source = source(&name).unwrap();
            assert_eq!(source.matches("/*").count(), source.matches("*/").count(), "{name}");
            for line in source.lines() {
                assert!(line.matches('`').count().is_multiple_of(2), "{name}: a string spans two lines: {line}");
            }
        }
    }
}
