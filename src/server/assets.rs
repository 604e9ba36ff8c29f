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

/// What was compressed already, by name.
static COMPRESSED: LazyLock<RwLock<HashMap<String, web::Bytes>>> = LazyLock::new(RwLock::default);

/// The URL of an asset, which changes with its content.
pub fn url(name: &str) -> String {
    format!("/static/{}/{name}", *EDITION)
}

/// An asset as it is written.
pub fn source(name: &str) -> Option<String> {
    String::from_utf8(Embedded::get(name)?.data.into_owned()).ok()
}

/// An asset as it is served: scripts and styles without comments and indentation. The sources keep
/// to what that needs: no string spans two lines, and none holds the beginning of a comment.
pub fn served(name: &str) -> Option<Vec<u8>> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    if matches!(ending, Some("js" | "css")) {
        Some(stripped(&source(name)?).into_bytes())
    } else {
        Some(Embedded::get(name)?.data.into_owned())
    }
}

fn stripped(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let lines = out.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::with_capacity(out.len()), |mut all, line| {
        all.push_str(line);
        all.push('\n');
        all
    })
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

fn compressed(name: &str, content: &[u8]) -> Option<web::Bytes> {
    let known = COMPRESSED.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    if known.is_some() {
        return known;
    }
    let small = web::Bytes::from(compress(content, SMALLEST)?);
    COMPRESSED.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), small.clone());
    Some(small)
}

/// `GET /static/{edition}/{name}`: kept by browsers for good when the URL names this edition.
/// Anybody may ask; there is nothing personal in it.
pub async fn show(path: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (edition, name) = path.split_once('/').unwrap_or(("", &path));
    let content = served(name).ok_or_else(Problem::not_found)?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("ts") => "text/plain; charset=utf-8",
        _ => "image/svg+xml",
    };
    let cache = if edition == *EDITION { FOREVER } else { "no-cache" };
    let mut response = HttpResponse::Ok();
    response.content_type(kind).insert_header((header::CACHE_CONTROL, cache));
    Ok(match compressed(name, &content).filter(|_| reads_brotli(&request)) {
        Some(small) => {
            response.insert_header((header::CONTENT_ENCODING, "br")).insert_header((header::VARY, "Accept-Encoding"));
            response.body(small)
        }
        None => response.body(content),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_served_without_comments_and_do_the_same() {
        let script = "// why\n/** @type {any} */ (window).x = \"a // b\";\n/**\n * More.\n */\nconst y = /** @type {any} */ (1);\n";
        assert_eq!(stripped(script), "(window).x = \"a // b\";\nconst y =  (1);\n");
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
