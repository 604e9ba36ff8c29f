//! A site's stylesheet and pictures.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::assets;
use crate::app::App;
use crate::server::problem::Problem;

const FOREVER: &str = "public, max-age=31536000, immutable";

/// `GET /brand/{site}/{name}`: the stylesheet of the site's current version, or a picture named by
/// its SHA-256. Anybody may ask; there is nothing personal in it.
pub async fn brand(app: web::Data<App>, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (slug, name) = path.into_inner();
    let current = app.catalog.current().await?;
    let site = current.sites.get(&slug).ok_or_else(Problem::not_found)?;
    if let Some(version) = name.strip_suffix(".css") {
        let fresh = !version.is_empty() && site.version.sha256.starts_with(version);
        let cache = if fresh { FOREVER } else { "no-cache" };
        let css = site.definition.branding.stylesheet();
        return Ok(HttpResponse::Ok()
            .content_type("text/css; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, cache))
            .body(css));
    }
    let sha256 = name.split('.').next().unwrap_or_default();
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Problem::not_found());
    }
    let asset = assets::find(app.db.reader(), site.version.owner, sha256).await?.ok_or_else(Problem::not_found)?;
    // An SVG opened on its own may do nothing at all.
    Ok(HttpResponse::Ok()
        .content_type(asset.media_type)
        .insert_header((header::CACHE_CONTROL, FOREVER))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
        .body(asset.content))
}
