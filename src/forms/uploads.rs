//! Which files a form can take, and how they are told apart: by name and by content, both.

use serde::{Deserialize, Serialize};

/// A type of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileType {
    /// The name in TOML.
    pub name: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// The endings that its names may have.
    pub endings: &'static [&'static str],
}

const fn kind(name: &'static str, media: &'static str, endings: &'static [&'static str]) -> FileType {
    FileType { name, media, endings }
}

/// Every type that a form may take. None of them runs by being opened in a browser.
pub const TYPES: &[FileType] = &[
    kind("pdf", "application/pdf", &["pdf"]),
    kind("jpeg", "image/jpeg", &["jpg", "jpeg"]),
    kind("png", "image/png", &["png"]),
    kind("webp", "image/webp", &["webp"]),
    kind("heic", "image/heif", &["heic", "heif"]),
    kind("gif", "image/gif", &["gif"]),
    kind("text", "text/plain", &["txt", "csv", "md"]),
    kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    kind("odt", "application/vnd.oasis.opendocument.text", &["odt"]),
    kind("ods", "application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    kind("mp3", "audio/mpeg", &["mp3"]),
    kind("mp4", "video/mp4", &["mp4", "m4v"]),
];

/// The type with this name.
pub fn named(name: &str) -> Option<&'static FileType> {
    TYPES.iter().find(|one| one.name == name)
}

/// Every name, for messages.
pub fn names() -> String {
    TYPES.iter().map(|one| one.name).collect::<Vec<_>>().join(", ")
}

/// How much of a file is enough to tell its type, in bytes.
pub const HEAD: usize = 8192;

/// The type among `accept` that both the name and the beginning of the content say; `None` when
/// they say something else or not the same. `head` is the first [`HEAD`] bytes, or all there are.
pub fn told<'a>(accept: &'a [String], name: &str, head: &[u8]) -> Option<&'a str> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let accepted = accept.iter().filter_map(|accepted| Some((accepted.as_str(), named(accepted)?)));
    let mut by_name = accepted.filter(|(_, one)| one.endings.contains(&ending.as_str()));
    let (accepted, wanted) = by_name.next()?;
    let fits = match (infer::get(head).map(|found| found.mime_type()), wanted.name) {
        // A text that begins like a page or a script is still a text, and is given out as one.
        (None | Some("text/html" | "text/xml" | "text/x-shellscript"), "text") => is_text(head),
        // The container is an archive, whose entries may come in any order.
        (Some("application/zip"), "docx" | "xlsx") | (Some("image/heic"), "heic") | (Some("video/x-m4v"), "mp4") => {
            true
        }
        (Some(found), _) => found == wanted.media,
        (None, _) => false,
    };
    fits.then_some(accepted)
}

/// Whether bytes are text in UTF-8 without control characters; a character may be cut at the end.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or(""),
        Err(_) => return false,
    };
    !head.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// A file's name as it is kept: the last part of a path, without control characters and without
/// what turns the direction of writing, at most 200 characters with its ending.
pub fn clean_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let turning = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = last.chars().filter(|c| !c.is_control() && !turning(*c)).collect();
    let plain = plain.trim();
    let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
    let stem = stem.trim_start_matches('.');
    let (stem, ending): (String, String) = (stem.chars().take(180).collect(), ending.chars().take(16).collect());
    match (stem.is_empty(), ending.is_empty()) {
        (true, true) => "file".to_owned(),
        (true, false) => format!("file.{ending}"),
        (false, true) => stem,
        (false, false) => format!("{stem}.{ending}"),
    }
}

/// A file as it stands among the answers: in a sealed part, beside everything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAnswer {
    /// Which upload.
    pub upload: uuid::Uuid,
    /// Its name, [`clean_name`].
    pub name: String,
    /// Name of its type in [`TYPES`].
    pub kind: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its content in hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn name_and_content_must_say_the_same() {
        let all = accept(&["pdf", "png", "text"]);
        assert_eq!(told(&all, "a.PNG", PNG), Some("png"));
        assert_eq!(told(&all, "a.pdf", PNG), None);
        assert_eq!(told(&all, "a.pdf", b"%PDF-1.7\n"), Some("pdf"));
        assert_eq!(told(&all, "a.jpg", &[0xff, 0xd8, 0xff, 0xe0]), None, "not accepted here");
        assert_eq!(told(&all, "notes.txt", "Grüße".as_bytes()), Some("text"));
        assert_eq!(told(&all, "notes.txt", b"a\0b"), None);
        assert_eq!(told(&all, "notes.txt", b"MZ\x90\0"), None);
        assert_eq!(told(&all, "png", PNG), None);
        assert_eq!(told(&all, "a.png.exe", PNG), None);
    }

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\Users\\ana\\cv.pdf"), "cv.pdf");
        assert_eq!(clean_name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean_name("..."), "file");
        assert_eq!(clean_name("\0.png"), "file.png");
        assert_eq!(clean_name(&format!("{}.pdf", "x".repeat(500))).len(), 184);
        assert_eq!(clean_name("42.zip.zip.zip"), "42.zip.zip.zip");
    }
}
