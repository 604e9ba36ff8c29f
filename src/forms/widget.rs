//! The widget's script: the newest under a rolling address, and every edition that was ever served
//! under an address of its own, so that pages may pin it by its integrity hash (W3C SRI).

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::ambient::Ambient;
use crate::app::App;
use crate::db;
use crate::server::assets::{self, FOREVER};
use crate::server::problem::Problem;
use crate::submissions::limits::Limited;

/// The script of this program.
pub struct Edition {
    /// The program's version and the beginning of the script's SHA-256.
    pub version: String,
    /// `sha384-…`, as `integrity` takes it.
    pub integrity: String,
    script: Vec<u8>,
    compressed: Option<Vec<u8>>,
}

static CURRENT: LazyLock<Arc<Edition>> =
    LazyLock::new(|| Arc::new(Edition::of(assets::served("embed.js").unwrap_or_default())));

impl Edition {
    fn of(script: Vec<u8>) -> Self {
        let hash = crate::crypto::hex(&crate::crypto::sha256(&script));
        let integrity = integrity(&script);
        let version = format!("{}-{}", env!("CARGO_PKG_VERSION"), &hash[..8]);
        Self { version, integrity, compressed: assets::compress(&script, assets::SMALLEST), script }
    }

    /// The newest.
    pub fn current() -> Arc<Self> {
        Arc::clone(&CURRENT)
    }

    /// Its path, which never means anything else.
    pub fn path(&self) -> String {
        format!("/embed/{}/embed.js", self.version)
    }
}

/// The hash that `integrity` attributes take.
pub fn integrity(script: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, script);
    format!("sha384-{}", STANDARD.encode(digest.as_ref()))
}

#[derive(FromQueryResult)]
struct EditionRow {
    script: Vec<u8>,
}

async fn kept<C: ConnectionTrait>(connection: &C, version: &str) -> Result<Option<Vec<u8>>, db::Error> {
    let sql = "SELECT script FROM widget_editions WHERE version = ?";
    Ok(db::one::<EditionRow, _>(connection, sql, vec![version.into()]).await?.map(|row| row.script))
}

/// Keeps this program's edition for good. Nodes that start together may all try.
pub async fn keep<C: ConnectionTrait>(connection: &C, ambient: &Ambient) -> Result<(), db::Error> {
    let edition = Edition::current();
    if kept(connection, &edition.version).await?.is_some() {
        return Ok(());
    }
    let sql = "INSERT INTO widget_editions (version, script, first_served_at) VALUES (?, ?, ?)";
    let values = vec![edition.version.as_str().into(), edition.script.clone().into(), ambient.now().into()];
    match db::execute(connection, sql, values).await {
        Ok(_) | Err(db::Error::Duplicate) => Ok(()),
        Err(error) => Err(error),
    }
}

fn respond(request: &HttpRequest, script: Vec<u8>, small: Option<Vec<u8>>, cache: &str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Encoding"))
        // Public code, for pages of any origin; without this a pinned script would not load.
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"));
    match small.filter(|_| assets::reads_brotli(request)) {
        Some(small) => response.insert_header((header::CONTENT_ENCODING, "br")).body(small),
        None => response.body(script),
    }
}

/// `GET /embed.js`: the newest script, for any page. Not counted: it is one small file that
/// browsers keep for an hour.
pub async fn newest(request: HttpRequest) -> HttpResponse {
    let edition = Edition::current();
    respond(
        &request,
        edition.script.clone(),
        edition.compressed.clone(),
        "public, max-age=3600, stale-while-revalidate=86400",
    )
}

/// `GET /embed/{version}/embed.js`: one edition for good.
pub async fn pinned(
    app: web::Data<App>,
    version: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let edition = Edition::current();
    if *version == edition.version {
        return Ok(respond(&request, edition.script.clone(), edition.compressed.clone(), FOREVER));
    }
    app.limits.count(Limited::Pages, &request)?;
    if version.len() > 40 || !version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte)) {
        return Err(Problem::not_found());
    }
    let script = kept(app.db.reader(), &version).await?.ok_or_else(Problem::not_found)?;
    Ok(respond(&request, script, None, FOREVER))
}

/// `GET /embed.d.ts`: the types of the element and of `window.Sealwax`.
pub async fn typings() -> Result<HttpResponse, Problem> {
    let types = assets::source("embed.d.ts").ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(types))
}
