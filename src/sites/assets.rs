//! Pictures that published sites show, named by their content.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::db;

/// Largest picture, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// A picture on its way into the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// SHA-256 of the content in hexadecimal.
    pub sha256: String,
    /// One of the four types that logos may have.
    pub media_type: &'static str,
    /// The bytes.
    pub content: Vec<u8>,
}

impl Asset {
    /// A picture from its bytes, whose type is told by how they begin. The error reads on after
    /// the file's name.
    pub fn from_bytes(content: Vec<u8>) -> Result<Self, String> {
        if content.len() > LARGEST {
            return Err(format!("is {} bytes; a logo takes {LARGEST} at most", content.len()));
        }
        let media_type = media_type(&content).ok_or("is not an SVG, PNG, JPEG or WebP picture")?;
        let sha256 = crate::crypto::hex(&crate::crypto::sha256(&content));
        Ok(Self { sha256, media_type, content })
    }

    /// The name under which pages refer to it.
    pub fn name(&self) -> String {
        format!("{}.{}", self.sha256, ending(self.media_type))
    }
}

fn media_type(content: &[u8]) -> Option<&'static str> {
    match content {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => {
            let start = std::str::from_utf8(content).ok()?.trim_start();
            (start.starts_with("<svg") || (start.starts_with("<?xml") && start.contains("<svg")))
                .then_some("image/svg+xml")
        }
    }
}

fn ending(media_type: &str) -> &'static str {
    match media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        _ => "svg",
    }
}

/// A kept picture.
#[derive(FromQueryResult)]
pub struct AssetRow {
    /// Its type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Keeps a picture, once.
pub async fn keep<C: ConnectionTrait>(connection: &C, site: Uuid, asset: &Asset) -> Result<(), db::Error> {
    if find(connection, site, &asset.sha256).await?.is_some() {
        return Ok(());
    }
    let sql = "INSERT INTO site_assets (site_id, sha256, media_type, content) VALUES (?, ?, ?, ?)";
    let values = vec![site.into(), asset.sha256.as_str().into(), asset.media_type.into(), asset.content.clone().into()];
    db::execute(connection, sql, values).await?;
    Ok(())
}

/// The picture with this SHA-256.
pub async fn find<C: ConnectionTrait>(connection: &C, site: Uuid, sha256: &str) -> Result<Option<AssetRow>, db::Error> {
    let sql = "SELECT media_type, content FROM site_assets WHERE site_id = ? AND sha256 = ?";
    db::one(connection, sql, vec![site.into(), sha256.into()]).await
}
