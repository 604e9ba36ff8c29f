//! Scripts and styles, embedded in the program.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.svg"]
struct Embedded;

/// The part of every asset's URL that changes with any of them.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let hashes: Vec<u8> =
        Embedded::iter().filter_map(|name| Embedded::get(&name)).flat_map(|file| file.metadata.sha256_hash()).collect();
    crate::crypto::hex(&crate::crypto::sha256(&hashes)[..6])
});

/// The URL of an asset, which changes with its content.
pub fn url(name: &str) -> String {
    format!("/static/{name}?v={}", *EDITION)
}

/// `GET /static/{name}`: kept by browsers for good when the URL names this edition.
pub async fn show(path: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let file = Embedded::get(&path).ok_or_else(Problem::not_found)?;
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let fresh = request.query_string() == format!("v={}", *EDITION);
    let cache = if fresh { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok().content_type(kind).insert_header((header::CACHE_CONTROL, cache)).body(file.data.into_owned()))
}
