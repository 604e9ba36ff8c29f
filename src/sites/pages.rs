//! A site's stylesheets and pictures.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::assets;
use crate::app::App;
use crate::server::assets::{FOREVER, SMALLEST, compress, reads_brotli};
use crate::server::problem::Problem;
use crate::submissions::limits::Limited;

/// Most bytes that are kept in memory of everything served here.
const MOST_KEPT: usize = 16 * 1024 * 1024;

/// Something ready to be served.
struct Kept {
    media_type: String,
    plain: web::Bytes,
    /// Compressed with brotli, where that makes it smaller.
    small: Option<web::Bytes>,
}

/// What was served already, by name. What is named never changes.
#[derive(Default)]
struct Shelf {
    kept: HashMap<String, Arc<Kept>>,
    bytes: usize,
}

static SHELF: LazyLock<RwLock<Shelf>> = LazyLock::new(RwLock::default);
/// Held by who compresses something, so that many who ask at once cause it once.
static MAKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

impl Shelf {
    fn find(name: &str) -> Option<Arc<Kept>> {
        SHELF.read().unwrap_or_else(PoisonError::into_inner).kept.get(name).cloned()
    }

    /// Keeps `one`. A full shelf is cleared: what is asked for comes back soon.
    fn put(&mut self, name: String, one: Arc<Kept>) {
        let size = name.len() + one.plain.len() + one.small.as_ref().map_or(0, web::Bytes::len);
        if self.bytes + size > MOST_KEPT {
            *self = Self::default();
        }
        if self.kept.insert(name, one).is_none() {
            self.bytes += size;
        }
    }
}

/// Keeps something under `name`, compressed as small as brotli can where its type is worth it.
async fn keep(name: String, media_type: String, content: Vec<u8>) -> Result<Arc<Kept>, Problem> {
    let _making = MAKING.lock().await;
    if let Some(kept) = Shelf::find(&name) {
        return Ok(kept);
    }
    let made = web::block(move || {
        let text = media_type.starts_with("text/") || media_type == "image/svg+xml";
        let small = if text { compress(&content, SMALLEST) } else { None };
        let small = small.filter(|small| small.len() < content.len()).map(web::Bytes::from);
        Arc::new(Kept { media_type, plain: content.into(), small })
    });
    let made = made.await.map_err(|_| Problem::internal())?;
    SHELF.write().unwrap_or_else(PoisonError::into_inner).put(name, Arc::clone(&made));
    Ok(made)
}

fn respond(kept: &Kept, cache: &'static str, request: &HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(kept.media_type.as_str()).insert_header((header::CACHE_CONTROL, cache));
    let Some(small) = &kept.small else { return response.body(kept.plain.clone()) };
    response.insert_header((header::VARY, "Accept-Encoding"));
    if reads_brotli(request) {
        response.insert_header((header::CONTENT_ENCODING, "br"));
        return response.body(small.clone());
    }
    response.body(kept.plain.clone())
}

/// `GET /brand/{site}/{name}`: the stylesheet of the site's current version, its own stylesheet, or
/// a picture named by its SHA-256. Anybody may ask; there is nothing personal in it.
pub async fn brand(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (slug, name) = path.into_inner();
    let current = app.catalog.current().await?;
    let site = current.sites.get(&slug).ok_or_else(Problem::not_found)?;
    if let Some(version) = name.strip_suffix(".css") {
        let (version, own) = version.strip_suffix("-own").map_or((version, false), |version| (version, true));
        let sha256 = &site.version.sha256;
        let fresh = !version.is_empty() && sha256.starts_with(version);
        let kept_as = format!("{sha256}{}", if own { "-own" } else { "" });
        let kept = if let Some(kept) = Shelf::find(&kept_as) {
            kept
        } else {
            let branding = &site.definition.branding;
            let css = if own { branding.own_stylesheet() } else { Some(branding.stylesheet()) };
            let css = css.ok_or_else(Problem::not_found)?;
            keep(kept_as, "text/css; charset=utf-8".to_owned(), css.into_bytes()).await?
        };
        return Ok(respond(&kept, if fresh { FOREVER } else { "no-cache" }, &request));
    }
    let sha256 = name.split('.').next().unwrap_or_default();
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Problem::not_found());
    }
    let owner = site.version.owner;
    let kept_as = format!("{owner}/{sha256}");
    let kept = if let Some(kept) = Shelf::find(&kept_as) {
        kept
    } else {
        // Looking for what is not there costs a query each time.
        app.limits.count(Limited::Pages, &request)?;
        let asset = assets::find(app.db.reader(), owner, sha256).await?.ok_or_else(Problem::not_found)?;
        keep(kept_as, asset.media_type, asset.content).await?
    };
    let mut response = respond(&kept, FOREVER, &request);
    // An SVG opened on its own may do nothing at all.
    let policy = header::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_shelf_is_cleared_and_never_holds_more_than_it_may() {
        let mut shelf = Shelf::default();
        let picture =
            || Arc::new(Kept { media_type: "image/png".to_owned(), plain: vec![0; 1 << 20].into(), small: None });
        for i in 0..40 {
            shelf.put(i.to_string(), picture());
            shelf.put(i.to_string(), picture());
            let held: usize = shelf.kept.values().map(|kept| kept.plain.len()).sum();
            assert!(held <= MOST_KEPT && held <= shelf.bytes, "{i}: {held} of {}", shelf.bytes);
            assert!(shelf.kept.contains_key(&i.to_string()));
        }
    }
}
