//! Files on their way in and out. Each is sealed as it arrives and kept in pieces of one age file,
//! so that neither a disk nor more than a piece of memory ever holds it in plain.
//!
//! Files come before their submission is accepted. Until one takes them they wait, for as long as a
//! page may stay open; those that nobody takes are erased.

use std::io::Read as _;

use actix_web::web::Bytes;
use futures_util::{StreamExt as _, stream};
use sea_orm::{ConnectionTrait, FromQueryResult};
use time::{Duration, OffsetDateTime};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::body::Budget;
use super::scan::Verdict;
use crate::app::App;
use crate::crypto::sealing::{Identity, Sealer, open_stream};
use crate::crypto::{SealError, Secrets};
use crate::db::{self, Db};
use crate::forms::catalog::FormEntry;
use crate::forms::definition::DEFAULT_FILE_BYTES;
use crate::forms::uploads::{FileAnswer, HEAD, clean_name, told};
use crate::forms::view::size;
use crate::forms::{Code, Field};
use crate::server::problem::Problem;

/// Sealed bytes of one piece, about.
const PIECE: usize = 256 * 1024;

/// Why a file was not kept.
#[derive(Debug)]
pub enum Refused {
    /// It does not fit the question; code and limit, as for any answer.
    Answer(Code, Option<String>),
    /// The whole request ends here.
    Request(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Request(problem)
    }
}

impl From<db::Error> for Refused {
    fn from(error: db::Error) -> Self {
        Self::Request(error.into())
    }
}

/// Files that were kept during one request and belong to no submission yet. Erased when dropped,
/// unless [`Staged::release`] was called: a cut connection leaves nothing.
pub struct Staged {
    db: Db,
    ids: Vec<Uuid>,
}

impl Staged {
    /// Nothing yet.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), ids: Vec::new() }
    }

    /// Erases all but `kept`, and forgets those.
    pub async fn settle(mut self, kept: &[Uuid]) -> Result<(), db::Error> {
        let ids: Vec<Uuid> = std::mem::take(&mut self.ids).into_iter().filter(|id| !kept.contains(id)).collect();
        erase(&self.db, &ids).await
    }

    /// Leaves those that the page names where they are, for when it is sent again; erases the rest.
    pub fn keep_only(mut self, named: impl Fn(&Uuid) -> bool) {
        self.ids.retain(|id| !named(id));
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.ids.is_empty() {
            return;
        }
        let (db, ids) = (self.db.clone(), std::mem::take(&mut self.ids));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = erase(&db, &ids).await {
                    tracing::warn!(%error, "files of a broken request wait to be swept");
                }
            });
        }
    }
}

/// Pieces that are erased in one transaction. Erasing overwrites (`secure_delete`), and while it
/// does, SQLite stores nothing else.
const ERASED_AT_ONCE: u32 = 8;

/// Erases files that no submission has taken, a few pieces at a time.
async fn erase(db: &Db, ids: &[Uuid]) -> Result<(), db::Error> {
    for id in ids {
        // From here on no submission can take it.
        let sql = "UPDATE uploads SET whole_at = NULL WHERE id = ? AND submission_id IS NULL";
        if db::execute(db.writer(), sql, vec![(*id).into()]).await? == 0 {
            continue;
        }
        let sql = format!(
            "DELETE FROM upload_pieces WHERE upload_id = ? AND number IN \
             (SELECT number FROM upload_pieces WHERE upload_id = ? ORDER BY number LIMIT {ERASED_AT_ONCE})"
        );
        while db::execute(db.writer(), &sql, vec![(*id).into(), (*id).into()]).await? > 0 {}
        let sql = "DELETE FROM uploads WHERE id = ? AND submission_id IS NULL";
        db::execute(db.writer(), sql, vec![(*id).into()]).await?;
    }
    Ok(())
}

/// Erases files that nobody has taken for so long that no page can still name them.
pub async fn sweep(db: &Db, before: OffsetDateTime) -> Result<usize, db::Error> {
    let mut erased = 0;
    let sql = "SELECT id FROM uploads WHERE submission_id IS NULL AND started_at < ? ORDER BY started_at LIMIT 100";
    loop {
        let old = db::all::<IdRow, _>(db.reader(), sql, vec![before.into()]).await?;
        if old.is_empty() {
            return Ok(erased);
        }
        erased += old.len();
        erase(db, &old.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    }
}

/// Keeps one file of a request: looks at how it begins, seals it as it comes, and gives what stands
/// for it among the answers. `budget` is how many bytes the request may still bring.
/// Of a file that is refused nothing is left.
pub async fn receive(
    app: &App,
    entry: &FormEntry,
    field: &Field,
    part: &mut actix_multipart::Field,
    staged: &mut Staged,
    budget: &mut Budget,
) -> Result<Option<FileAnswer>, Refused> {
    let before = staged.ids.len();
    let received = keep(app, entry, field, part, staged, budget).await;
    if let Err(refused) = &received {
        let begun = staged.ids.split_off(before);
        erase(&app.db, &begun).await?;
        if matches!(refused, Refused::Answer(Code::FilesTooLarge, _)) {
            skip(part, budget).await?;
        }
    }
    received
}

async fn keep(
    app: &App,
    entry: &FormEntry,
    field: &Field,
    part: &mut actix_multipart::Field,
    staged: &mut Staged,
    budget: &mut Budget,
) -> Result<Option<FileAnswer>, Refused> {
    let name = part.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default();
    let name = name.to_owned();
    let most = field.max_bytes.unwrap_or(DEFAULT_FILE_BYTES);
    let mut head: Vec<u8> = Vec::with_capacity(HEAD);
    let mut more = true;
    while more && head.len() < HEAD {
        match next_of_file(part, budget).await? {
            Some(bytes) => head.extend_from_slice(&bytes),
            None => more = false,
        }
    }
    if name.is_empty() && head.is_empty() {
        // What browsers send for a file input that was left alone.
        return Ok(None);
    }
    let name = clean_name(&name);
    if head.is_empty() {
        return Err(Refused::Answer(Code::FileEmpty, None));
    }
    let begin = &head[..head.len().min(HEAD)];
    let Some(kind) = told(&field.accept, &name, begin).map(str::to_owned) else {
        if more {
            skip(part, budget).await?;
        }
        return Err(Refused::Answer(Code::FileType, Some(field.accept.join(", "))));
    };
    let purpose = field.purpose.as_deref().and_then(|slug| entry.shown.purpose(slug));
    let purpose = purpose.ok_or_else(|| Refused::Request(Problem::internal()))?.version.owner;
    make_room(app).await?;
    let id = app.ambient.new_id();
    let sql = "INSERT INTO uploads (id, form_id, purpose_id, inbox_key_id, started_at) VALUES (?, ?, ?, ?, ?)";
    let values =
        vec![id.into(), entry.form_id.into(), purpose.into(), entry.inbox_key.into(), app.ambient.now().into()];
    db::execute(app.db.writer(), sql, values).await?;
    staged.ids.push(id);

    let mut scan = app.config.scan.clone().map(|clamd| app.scans.begin(clamd));
    let sealing = |_: SealError| Refused::Request(Problem::internal());
    let mut sealer = Sealer::new(&entry.recipients).map_err(sealing)?;
    let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let (mut bytes, mut number) = (0_u64, 0_i32);
    let mut chunk = Some(Bytes::from(head));
    while let Some(plain) = chunk {
        bytes += plain.len() as u64;
        if bytes > most {
            if more {
                skip(part, budget).await?;
            }
            return Err(Refused::Answer(Code::FileTooLarge, Some(size(most))));
        }
        digest.update(&plain);
        sealer.write(&plain).map_err(sealing)?;
        if let Some(scan) = &mut scan {
            scan.feed(plain).await;
        }
        if sealer.waiting() >= PIECE {
            keep_piece(app, id, number, sealer.take()).await?;
            number += 1;
        }
        // A part that has ended must not be asked again.
        chunk = if more { next_of_file(part, budget).await? } else { None };
        more = chunk.is_some();
    }
    keep_piece(app, id, number, sealer.finish().map_err(sealing)?).await?;
    if let Some(scan) = scan {
        match scan.verdict().await {
            Verdict::Clean => {}
            Verdict::Harmful => return Err(Refused::Answer(Code::FileInfected, None)),
            // Nothing is taken that could not be looked at.
            Verdict::Unknown => return Err(Refused::Answer(Code::FileLost, None)),
        }
    }
    let sql = "UPDATE uploads SET whole_at = ?, bytes = ? WHERE id = ?";
    let length = i64::try_from(bytes).unwrap_or(i64::MAX);
    db::execute(app.db.writer(), sql, vec![app.ambient.now().into(), length.into(), id.into()]).await?;
    let sha256 = crate::crypto::hex(digest.finish().as_ref());
    Ok(Some(FileAnswer { upload: id, name, kind, bytes, sha256 }))
}

async fn keep_piece(app: &App, id: Uuid, number: i32, sealed: Vec<u8>) -> Result<(), db::Error> {
    let sql = "INSERT INTO upload_pieces (upload_id, number, sealed) VALUES (?, ?, ?)";
    db::execute(app.db.writer(), sql, vec![id.into(), number.into(), sealed.into()]).await?;
    Ok(())
}

/// Files that wait for a submission give way to new ones where they are more than may wait: the
/// oldest of the form that has most, so that what is sent to one form costs another nothing.
async fn make_room(app: &App) -> Result<(), db::Error> {
    #[derive(FromQueryResult)]
    struct Waiting {
        form_id: Uuid,
        bytes: i64,
    }
    let most = i64::try_from(app.config.limits.waiting_upload_bytes).unwrap_or(i64::MAX);
    loop {
        let sql = "SELECT form_id, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM uploads \
                   WHERE submission_id IS NULL GROUP BY form_id ORDER BY 2 DESC";
        let waiting = db::all::<Waiting, _>(app.db.reader(), sql, vec![]).await?;
        let all = waiting.iter().fold(0_i64, |sum, form| sum.saturating_add(form.bytes));
        let Some(largest) = waiting.first().filter(|_| all > most) else { return Ok(()) };
        let sql = "SELECT id FROM uploads WHERE form_id = ? AND submission_id IS NULL AND whole_at IS NOT NULL \
                   ORDER BY started_at LIMIT 1";
        let oldest = db::all::<IdRow, _>(app.db.reader(), sql, vec![largest.form_id.into()]).await?;
        if oldest.is_empty() {
            return Ok(());
        }
        erase(&app.db, &oldest.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        tracing::warn!("files without a submission were erased before their time, because too many wait");
    }
}

/// The next bytes of a text, taken off `budget`. Not to be called again after `None`.
pub async fn next_of_text(part: &mut actix_multipart::Field, budget: &mut Budget) -> Result<Option<Bytes>, Problem> {
    let Some(bytes) = next(part, budget).await? else { return Ok(None) };
    budget.take_text(bytes.len())?;
    Ok(Some(bytes))
}

/// The same of a file that is kept.
async fn next_of_file(part: &mut actix_multipart::Field, budget: &mut Budget) -> Result<Option<Bytes>, Refused> {
    let Some(bytes) = next(part, budget).await? else { return Ok(None) };
    budget.take_file(bytes.len())?;
    Ok(Some(bytes))
}

async fn next(part: &mut actix_multipart::Field, budget: &Budget) -> Result<Option<Bytes>, Problem> {
    let bytes = budget.wait(part.next()).await?;
    bytes.transpose().map_err(|_| Problem::malformed_body("multipart/form-data"))
}

/// Reads a file that is not wanted to its end.
pub async fn skip(part: &mut actix_multipart::Field, budget: &mut Budget) -> Result<(), Problem> {
    while let Some(bytes) = next(part, budget).await? {
        budget.take_spare(bytes.len())?;
    }
    Ok(())
}

const KEPT: u8 = 2;

/// What stands on a page for a file that is kept already: signed, for this question only.
pub fn kept_token(secrets: &Secrets, form: Uuid, field: &str, file: &FileAnswer) -> String {
    let mut payload = vec![KEPT];
    payload.extend_from_slice(form.as_bytes());
    payload.extend_from_slice(&crate::crypto::sha256(field.as_bytes())[..16]);
    payload.extend(serde_json::to_vec(file).unwrap_or_default());
    secrets.sign_token(&payload)
}

/// The file that a page's token stands for.
pub fn kept_file(secrets: &Secrets, form: Uuid, field: &str, token: &str) -> Option<FileAnswer> {
    let payload = secrets.verify_token(token)?;
    let (&format, rest) = payload.split_first()?;
    let (owner, rest) = rest.split_first_chunk::<16>()?;
    let (question, rest) = rest.split_first_chunk::<16>()?;
    let fits = format == KEPT && owner == form.as_bytes() && question == &crate::crypto::sha256(field.as_bytes())[..16];
    fits.then(|| serde_json::from_slice(rest).ok()).flatten()
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Whether all of `ids` are whole and wait for a submission.
pub async fn all_wait<C: ConnectionTrait>(connection: &C, ids: &[Uuid]) -> Result<bool, db::Error> {
    for id in ids {
        let sql = "SELECT id FROM uploads WHERE id = ? AND submission_id IS NULL AND whole_at IS NOT NULL";
        if db::one::<IdRow, _>(connection, sql, vec![(*id).into()]).await?.is_none_or(|row| row.id != *id) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives the files to a submission, which is in the same transaction.
pub async fn attach<C: ConnectionTrait>(connection: &C, ids: &[Uuid], submission: Uuid) -> Result<(), db::Error> {
    for id in ids {
        let sql =
            "UPDATE uploads SET submission_id = ? WHERE id = ? AND submission_id IS NULL AND whole_at IS NOT NULL";
        if db::execute(connection, sql, vec![submission.into(), (*id).into()]).await? != 1 {
            return Err(db::Error::Dangling);
        }
    }
    Ok(())
}

/// The key that opens a file of a submission.
#[derive(FromQueryResult)]
pub struct UploadRow {
    /// The id of the key.
    pub inbox_key_id: Uuid,
    /// That key, wrapped to the master key.
    pub wrapped_identity: Vec<u8>,
}

/// A file of a submission.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    id: Uuid,
    submission: Uuid,
) -> Result<Option<UploadRow>, db::Error> {
    let sql = "SELECT u.inbox_key_id, k.wrapped_identity FROM uploads u JOIN inbox_keys k ON k.id = u.inbox_key_id \
               WHERE u.id = ? AND u.submission_id = ?";
    db::one(connection, sql, vec![id.into(), submission.into()]).await
}

#[derive(FromQueryResult)]
struct PieceRow {
    sealed: Vec<u8>,
}

/// The content of a kept file, opened piece by piece. Ends with an error when it is damaged or is
/// not the file that the sealed answers name.
pub fn content(
    db: &Db,
    identity: Identity,
    file: &FileAnswer,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + use<> {
    let (pieces, sealed) = mpsc::channel::<Vec<u8>>(2);
    let (out, opened) = mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    let (db, id) = (db.clone(), file.upload);
    tokio::spawn(async move {
        for number in 0_i32.. {
            let sql = "SELECT sealed FROM upload_pieces WHERE upload_id = ? AND number = ?";
            let piece = db::one::<PieceRow, _>(db.reader(), sql, vec![id.into(), number.into()]).await;
            let Ok(Some(row)) = piece else { return };
            if pieces.send(row.sealed).await.is_err() {
                return;
            }
        }
    });
    let wanted = file.sha256.clone();
    tokio::task::spawn_blocking(move || {
        let damaged = || std::io::Error::new(std::io::ErrorKind::InvalidData, "the file is damaged");
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let Ok(mut reader) = open_stream(&identity, Pieces { sealed, rest: std::io::Cursor::default() }) else {
            let _ = out.blocking_send(Err(damaged()));
            return;
        };
        let mut buffer = zeroize::Zeroizing::new(vec![0; 64 * 1024]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    digest.update(&buffer[..count]);
                    if out.blocking_send(Ok(Bytes::copy_from_slice(&buffer[..count]))).is_err() {
                        return;
                    }
                }
                Err(_) => {
                    let _ = out.blocking_send(Err(damaged()));
                    return;
                }
            }
        }
        if crate::crypto::hex(digest.finish().as_ref()) != wanted {
            let _ = out.blocking_send(Err(damaged()));
        }
    });
    stream::unfold(opened, |mut opened| async move { opened.recv().await.map(|item| (item, opened)) })
}

/// Reads pieces as they come.
struct Pieces {
    sealed: mpsc::Receiver<Vec<u8>>,
    rest: std::io::Cursor<Vec<u8>>,
}

impl std::io::Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let count = self.rest.read(into)?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            match self.sealed.blocking_recv() {
                Some(piece) => self.rest = std::io::Cursor::new(piece),
                None => return Ok(0),
            }
        }
    }
}

/// How long a file may wait for its submission: as long as a page may stay open, and an hour.
pub fn waits(app: &App) -> Duration {
    Duration::hours((i64::from(app.config.limits.form_token_hours) + 1).min(LONGEST_WAIT))
}

/// Hours after which somebody who had to correct something has to choose the files again.
const LONGEST_WAIT: i64 = 2;
