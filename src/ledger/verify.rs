//! Whether the ledger is what it was: every entry against its leaf, every leaf against the tree, the tree against its
//! signed head, and the head against one that was kept elsewhere.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use futures_util::StreamExt as _;
use sea_orm::{DatabaseExecutor, DbErr, FromQueryResult, QueryResult};
use signed_note::Note;
use tlog_tiles::Checkpoint;
use tlog_tiles::tlog::Hash;
use uuid::Uuid;

use super::tree::{HEIGHT, Place, Tiles, WIDTH, leaf, tile_root};
use super::{Source, keys, sequencer};
use crate::db::{self, Db};

/// Leaves that are looked at together: a whole number of tiles.
const CHUNK: u64 = 4 * WIDTH;
/// Chunks that are looked at side by side.
const AT_ONCE: usize = 4;
/// Most findings that are told one by one.
pub const MOST_FINDINGS: usize = 100;

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The row of an entry is not what its leaf was made of.
    Changed {
        /// The leaf.
        position: u64,
        /// Where the entry is kept.
        table: &'static str,
        /// The entry.
        id: Uuid,
    },
    /// The row of an entry is gone, or nothing that could be an entry.
    Missing {
        /// The leaf.
        position: u64,
        /// Where the entry was kept.
        table: &'static str,
        /// The entry.
        id: Uuid,
    },
    /// Which entry a leaf was made of is gone.
    NoLeaf {
        /// The leaf.
        position: u64,
    },
    /// A leaf says of itself what no leaf says.
    OddLeaf {
        /// The leaf.
        position: u64,
    },
    /// A row is there that was never given a place.
    Inserted {
        /// Where.
        table: &'static str,
        /// The row.
        id: Uuid,
    },
    /// More leaves than the tree has.
    MoreLeaves {
        /// The first of them.
        position: u64,
    },
    /// A tile is gone, or is not what its leaves make it.
    Tile(Place),
    /// The tree's root is not the one that was signed.
    Root,
    /// The head is gone, unreadable, or not signed by a key that is known.
    Head(String),
    /// The log does not extend a head that was kept elsewhere.
    Forked(String),
    /// A published version is not what was published.
    Version {
        /// Where it is kept.
        table: &'static str,
        /// The version.
        id: Uuid,
    },
    /// A published version is gone.
    VersionGone {
        /// The version.
        id: Uuid,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { position, table, id } => {
                write!(f, "entry {position} was changed: row {id} of {table} is not what was recorded")
            }
            Self::Missing { position, table, id } => {
                write!(f, "entry {position} was deleted or damaged: row {id} of {table} is not there, or not readable")
            }
            Self::NoLeaf { position } => write!(f, "entry {position} was taken out: its row of ledger_leaves is gone"),
            Self::OddLeaf { position } => write!(f, "entry {position}: its row of ledger_leaves was changed"),
            Self::Inserted { table, id } => write!(f, "row {id} of {table} was inserted past the ledger"),
            Self::MoreLeaves { position } => {
                write!(f, "ledger_leaves has a row for entry {position}, which the signed tree does not have")
            }
            Self::Tile((level, number)) => write!(f, "tile {level}/{number} of ledger_tiles was changed or is gone"),
            Self::Root => f.write_str("the entries do not make the tree that was signed"),
            Self::Head(why) => write!(f, "the signed head in ledger_tree: {why}"),
            Self::Forked(why) => write!(f, "the head that was kept: {why}"),
            Self::Version { table, id } => {
                write!(f, "version {id} of {table} is not what was published: it was changed or inserted")
            }
            Self::VersionGone { id } => write!(f, "version {id} was published and is gone"),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Entries that were looked at.
    pub size: u64,
    /// Entries that wait for their place.
    pub waiting: u64,
    /// The signed head.
    pub checkpoint: Option<String>,
    /// What is wrong, at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// How much more is wrong.
    pub more: usize,
}

impl Report {
    /// Whether everything is as it was.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Adds what was found elsewhere.
    pub fn add(&mut self, found: impl IntoIterator<Item = Finding>) {
        for finding in found {
            if self.findings.len() < MOST_FINDINGS {
                self.findings.push(finding);
            } else {
                self.more += 1;
            }
        }
    }
}

/// A head that was kept elsewhere, and the public key that it is checked with: those in the database where there is
/// none.
#[derive(Debug, Default)]
pub struct Kept {
    /// The note, as `sealwax ledger checkpoint` printed it.
    pub note: Option<Vec<u8>>,
    /// The verifier key, as it was printed with it.
    pub verifier: Option<String>,
}

struct LeafRow {
    position: i64,
    source: String,
    id: Uuid,
    salt: Option<Vec<u8>>,
}

// By place and not by name, because there may be millions of them.
impl FromQueryResult for LeafRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            position: row.try_get_by_index(0)?,
            source: row.try_get_by_index(1)?,
            id: row.try_get_by_index(2)?,
            salt: row.try_get_by_index(3)?,
        })
    }
}

#[derive(FromQueryResult)]
struct TileRow {
    number: i64,
    hashes: Vec<u8>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

type Sources = Arc<[Arc<dyn Source>]>;

/// What a look at some leaves gave: the hashes of each of their tiles as its row makes them, and what is wrong.
struct Looked {
    first: u64,
    tiles: Vec<Vec<Hash>>,
    findings: Vec<Finding>,
}

/// Looks at everything; `progress` hears how many entries of how many were looked at.
pub async fn verify(db: &Db, sources: &Sources, kept: &Kept, progress: impl Fn(u64, u64)) -> Result<Report, db::Error> {
    let (size, checkpoint) = sequencer::head(db.reader()).await?;
    let mut report = Report { size, waiting: 0, checkpoint, findings: Vec::new(), more: 0 };
    let mut tiles: Vec<Vec<Hash>> = Vec::new();
    let mut looks = futures_util::stream::iter((0..size).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)))
        .map(|first| {
            let (db, sources) = (db.clone(), Arc::clone(sources));
            tokio::spawn(async move { look(&db, &sources, first, (first + CHUNK).min(size)).await })
        })
        .buffered(AT_ONCE);
    while let Some(looked) = looks.next().await {
        let looked = looked.map_err(|error| db::Error::Other(error.to_string()))??;
        progress((looked.first + CHUNK).min(size), size);
        tiles.extend(looked.tiles);
        report.add(looked.findings);
    }
    report.add(beyond(db, size).await?);
    let whole = levels(db, size, &tiles, &mut report).await?;
    head(db, &mut report, &whole, kept).await?;
    for source in sources.iter() {
        let clean = report.is_clean();
        report.add(inserted(db, source.as_ref(), clean).await?);
    }
    report.waiting = count(db, "SELECT COUNT(*) AS count FROM ledger_queue", vec![]).await?;
    Ok(report)
}

/// Looks at the leaves from `first` to before `end`.
async fn look(db: &Db, sources: &Sources, first: u64, end: u64) -> Result<Looked, db::Error> {
    let connection = db.reader();
    let sql = "SELECT position, source, id, salt FROM ledger_leaves WHERE position >= ? AND position < ?";
    let rows = db::readable::<LeafRow, _>(connection, sql, vec![signed(first)?.into(), signed(end)?.into()]).await?;
    let mut entries: HashMap<Uuid, String> = HashMap::with_capacity(rows.len());
    for source in sources.iter() {
        let ids: Vec<Uuid> = rows.iter().filter(|row| row.source == source.name()).map(|row| row.id).collect();
        entries.extend(source.canonical(DatabaseExecutor::Connection(connection), &ids).await?);
    }
    let by_position: HashMap<u64, &LeafRow> =
        rows.iter().filter_map(|row| Some((u64::try_from(row.position).ok()?, row))).collect();
    let kept = kept_tiles(db, 0, first / WIDTH, end.div_ceil(WIDTH)).await?;
    let mut looked = Looked { first, tiles: Vec::new(), findings: Vec::new() };
    for start in (first..end).step_by(usize::try_from(WIDTH).unwrap_or(usize::MAX)) {
        let number = start / WIDTH;
        let recorded = kept.get(&number).map_or(&[] as &[u8], Vec::as_slice);
        let mut hashes = Vec::new();
        for position in start..(start + WIDTH).min(end) {
            let at = usize::try_from(position - start).unwrap_or(usize::MAX);
            let recorded: Option<[u8; 32]> = recorded.get(at * 32..(at + 1) * 32).and_then(|hash| hash.try_into().ok());
            let row = by_position.get(&position).copied();
            let made = made(row, sources, &entries, position);
            let hash = match (made, recorded) {
                (Ok(hash), Some(recorded)) if hash.0 == recorded => hash,
                (Ok(hash), None) => {
                    looked.findings.push(Finding::Tile((0, number)));
                    hash
                }
                (Ok(_), Some(recorded)) => {
                    looked.findings.push(changed(row, sources, position));
                    Hash(recorded)
                }
                (Err(finding), recorded) => {
                    looked.findings.push(finding);
                    Hash(recorded.unwrap_or_default())
                }
            };
            hashes.push(hash);
        }
        looked.tiles.push(hashes);
    }
    looked.findings.dedup();
    Ok(looked)
}

/// The hash that a leaf has by what is kept.
fn made(
    row: Option<&LeafRow>,
    sources: &Sources,
    entries: &HashMap<Uuid, String>,
    position: u64,
) -> Result<Hash, Finding> {
    let row = row.ok_or(Finding::NoLeaf { position })?;
    let source = source_of(row, sources).ok_or(Finding::OddLeaf { position })?;
    let salt = row.salt.as_deref().filter(|salt| salt.len() == 16).ok_or(Finding::OddLeaf { position })?;
    let entry = entries.get(&row.id);
    let entry = entry.ok_or(Finding::Missing { position, table: source.table(), id: row.id })?;
    Ok(leaf(salt, entry))
}

fn source_of<'a>(row: &LeafRow, sources: &'a Sources) -> Option<&'a Arc<dyn Source>> {
    sources.iter().find(|source| source.name() == row.source)
}

fn changed(row: Option<&LeafRow>, sources: &Sources, position: u64) -> Finding {
    match row.and_then(|row| Some((row, source_of(row, sources)?))) {
        Some((row, source)) => Finding::Changed { position, table: source.table(), id: row.id },
        None => Finding::NoLeaf { position },
    }
}

async fn kept_tiles(db: &Db, level: u8, from: u64, to: u64) -> Result<HashMap<u64, Vec<u8>>, db::Error> {
    let sql = "SELECT number, hashes FROM ledger_tiles WHERE level = ? AND number >= ? AND number < ?";
    let values = vec![level.into(), signed(from)?.into(), signed(to)?.into()];
    let rows = db::readable::<TileRow, _>(db.reader(), sql, values).await?;
    Ok(rows.into_iter().filter_map(|row| Some((u64::try_from(row.number).ok()?, row.hashes))).collect())
}

/// Compares the tiles above the leaves with what the leaves make them; gives the tree that the leaves make.
async fn levels(db: &Db, size: u64, leaves: &[Vec<Hash>], report: &mut Report) -> Result<Tiles, db::Error> {
    let bytes = |hashes: &[Hash]| hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>();
    let mut tree = Tiles::default();
    let mut below: Vec<Vec<Hash>> = leaves.to_vec();
    let mut level = 0_u8;
    loop {
        let kept = if level == 0 { HashMap::new() } else { kept_tiles(db, level, 0, below.len() as u64).await? };
        let mut roots = Vec::new();
        for (number, hashes) in (0_u64..).zip(&below) {
            let made = bytes(hashes);
            // The right edge grows meanwhile.
            if level > 0 && kept.get(&number).is_none_or(|kept| !kept.starts_with(&made)) {
                report.add([Finding::Tile((level, number))]);
            }
            roots.extend(tile_root(&made));
            let _ = tree.take((level, number), made);
        }
        level += 1;
        if size >> (HEIGHT * level) == 0 {
            return Ok(tree);
        }
        below = roots.chunks(usize::try_from(WIDTH).unwrap_or(usize::MAX)).map(<[Hash]>::to_vec).collect();
    }
}

/// Compares the tree with its signed head, and both with a head that was kept elsewhere.
async fn head(db: &Db, report: &mut Report, tree: &Tiles, kept: &Kept) -> Result<(), db::Error> {
    let mut verifiers = keys::verifiers(db.reader()).await?;
    if let Some(verifier) = &kept.verifier {
        verifiers = vec![verifier.clone()];
    }
    let known = match keys::known(&verifiers) {
        Ok(known) => known,
        Err(text) => {
            report.add([Finding::Head(format!("the verifier key '{text}' is not readable"))]);
            return Ok(());
        }
    };
    let read = |note: &[u8]| -> Result<Checkpoint, String> {
        let note = Note::from_bytes(note).map_err(|_| "it is no signed note".to_owned())?;
        note.verify(&known).map_err(|error| format!("its signature does not count: {error}"))?;
        Checkpoint::from_bytes(note.text()).map_err(|_| "it is no head of a log".to_owned())
    };
    let root = (report.size > 0).then(|| tree.root(report.size).ok()).flatten();
    let origin = match &report.checkpoint {
        None if report.size == 0 => None,
        None => {
            report.add([Finding::Head("it is gone".to_owned())]);
            None
        }
        Some(note) => match read(note.as_bytes()) {
            Err(why) => {
                report.add([Finding::Head(why)]);
                None
            }
            Ok(head) => {
                if head.size() != report.size {
                    let why = format!("it is of {} entries, and the tree has {}", head.size(), report.size);
                    report.add([Finding::Head(why)]);
                } else if root.as_ref() != Some(head.hash()) {
                    report.add([Finding::Root]);
                }
                Some(head.origin().to_owned())
            }
        },
    };
    if let Some(note) = &kept.note {
        match read(note) {
            Err(why) => report.add([Finding::Forked(why)]),
            Ok(old) if origin.as_deref().is_some_and(|origin| origin != old.origin()) => {
                report.add([Finding::Forked(format!("it is of another log, {}", old.origin()))]);
            }
            Ok(old) if old.size() > report.size => {
                let why = format!("it is of {} entries, and {} are left", old.size(), report.size);
                report.add([Finding::Forked(why)]);
            }
            Ok(old) if old.size() > 0 && tree.root(old.size()).ok().as_ref() != Some(old.hash()) => {
                report.add([Finding::Forked("the log does not extend it: what it had was changed".to_owned())]);
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

/// Rows of the tree beyond its end.
async fn beyond(db: &Db, size: u64) -> Result<Vec<Finding>, db::Error> {
    #[derive(FromQueryResult)]
    struct Row {
        position: i64,
    }
    // Those that were given a place while this went on have a larger tree, too.
    let sql = "SELECT l.position FROM ledger_leaves l, ledger_tree t WHERE l.position >= ? AND l.position >= t.size \
               ORDER BY l.position LIMIT 1";
    let row = db::one::<Row, _>(db.reader(), sql, vec![signed(size)?.into()]).await?;
    Ok(row
        .and_then(|row| Some(Finding::MoreLeaves { position: u64::try_from(row.position).ok()? }))
        .into_iter()
        .collect())
}

/// Rows of a source without a place and without waiting for one. `clean`: everything that has a place is there, so that
/// counting is enough to say that there are none.
async fn inserted(db: &Db, source: &dyn Source, clean: bool) -> Result<Vec<Finding>, db::Error> {
    let (table, name) = (source.table(), source.name());
    if clean {
        let sql = format!(
            "SELECT (SELECT COUNT(*) FROM {table}) - (SELECT COUNT(*) FROM ledger_leaves WHERE source = ?) - \
             (SELECT COUNT(*) FROM ledger_queue WHERE source = ?) AS count"
        );
        let row = db::one::<CountRow, _>(db.reader(), &sql, vec![name.into(), name.into()]).await?;
        if row.is_none_or(|row| row.count == 0) {
            return Ok(Vec::new());
        }
    }
    let sql = format!(
        "SELECT t.id FROM {table} t LEFT JOIN ledger_leaves l ON l.id = t.id LEFT JOIN ledger_queue q ON q.id = t.id \
         WHERE l.id IS NULL AND q.id IS NULL ORDER BY t.id LIMIT ?"
    );
    let most = i64::try_from(MOST_FINDINGS + 1).unwrap_or(i64::MAX);
    let rows = db::all::<IdRow, _>(db.reader(), &sql, vec![most.into()]).await?;
    Ok(rows.into_iter().map(|row| Finding::Inserted { table, id: row.id }).collect())
}

async fn count(db: &Db, sql: &str, values: Vec<sea_orm::Value>) -> Result<u64, db::Error> {
    let row = db::one::<CountRow, _>(db.reader(), sql, values).await?;
    Ok(row.and_then(|row| u64::try_from(row.count).ok()).unwrap_or(0))
}

fn signed(position: u64) -> Result<i64, db::Error> {
    i64::try_from(position).map_err(|error| db::Error::Other(error.to_string()))
}
