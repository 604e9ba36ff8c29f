//! Numbered, immutable versions of everything that is published, named by the SHA-256 of their
//! canonical form (RFC 8785), and the drafts before them.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ambient::Ambient;
use crate::db;
use crate::ledger::verify::Finding;

/// What can be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A site.
    Site,
    /// A policy.
    Policy,
    /// A purpose.
    Purpose,
    /// A form.
    Form,
}

impl Kind {
    /// Every kind, in the order in which they depend on each other.
    pub const ALL: [Self; 4] = [Self::Site, Self::Policy, Self::Purpose, Self::Form];

    /// The word for one, in messages and in the ledger.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Policy => "policy",
            Self::Purpose => "purpose",
            Self::Form => "form",
        }
    }

    /// The table of the things; also their key in TOML.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Site => "sites",
            Self::Policy => "policies",
            Self::Purpose => "purposes",
            Self::Form => "forms",
        }
    }

    const fn version_table(self) -> &'static str {
        match self {
            Self::Site => "site_versions",
            Self::Policy => "policy_versions",
            Self::Purpose => "purpose_versions",
            Self::Form => "form_versions",
        }
    }
}

/// Names one published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRef {
    /// The version's own id.
    pub id: Uuid,
    /// What it is a version of.
    pub owner: Uuid,
    /// 1 for the first.
    pub number: i32,
    /// Of the canonical form, in hexadecimal.
    pub sha256: String,
    /// When it was published.
    pub published_at: OffsetDateTime,
}

/// A published version as it is kept.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its name.
    pub version: VersionRef,
    /// The site that it belongs to.
    pub site_id: Uuid,
    /// The slug of what it is a version of.
    pub slug: String,
    /// The canonical form.
    pub content: String,
}

impl Stored {
    /// The definition in it. Fails when the content is not what was published.
    pub fn definition<D: DeserializeOwned>(&self) -> Result<D, db::Error> {
        let damaged = |why: String| {
            db::Error::Other(format!("version {} of '{}' is damaged: {why}", self.version.number, self.slug))
        };
        if sha256_of(&self.content) != self.version.sha256 {
            return Err(damaged("its content does not have its SHA-256".to_owned()));
        }
        serde_json::from_str(&self.content).map_err(|error| damaged(error.to_string()))
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    owner_id: Uuid,
    site_id: Uuid,
    slug: String,
    number: i32,
    sha256: String,
    content: String,
    published_at: OffsetDateTime,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let Row { id, owner_id, site_id, slug, number, sha256, content, published_at } = row;
        let version = VersionRef { id, owner: owner_id, number, sha256, published_at };
        Self { version, site_id, slug, content }
    }
}

/// The canonical form of a definition and its SHA-256 in hexadecimal.
pub fn canonical<D: Serialize>(definition: &D) -> Result<(String, String), serde_json::Error> {
    let content = serde_json_canonicalizer::to_string(definition)?;
    let sha256 = sha256_of(&content);
    Ok((content, sha256))
}

#[derive(FromQueryResult)]
struct CheckedRow {
    id: Uuid,
    sha256: String,
    content: String,
    published: Option<String>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Versions that are not what their entry in the ledger says, which is to be verified by itself, and versions that are
/// gone.
pub async fn damaged<C: ConnectionTrait>(connection: &C) -> Result<Vec<Finding>, db::Error> {
    let mut findings = Vec::new();
    let mut there = Vec::new();
    for kind in Kind::ALL {
        let table = kind.version_table();
        let sql = format!(
            "SELECT v.id, v.sha256, v.content, e.body AS published FROM {table} v LEFT JOIN ledger_entries e \
             ON e.subject_id = v.id AND e.kind = 'publication' ORDER BY v.id"
        );
        let all = db::all::<IdRow, _>(connection, &format!("SELECT id FROM {table} ORDER BY id"), vec![]).await?;
        let rows = db::readable::<CheckedRow, _>(connection, &sql, vec![]).await?;
        let unreadable = all.into_iter().filter(|one| !rows.iter().any(|row| row.id == one.id));
        findings.extend(unreadable.map(|one| Finding::Version { table, id: one.id }));
        for row in rows {
            let published: Option<serde_json::Value> =
                row.published.as_deref().and_then(|body| serde_json::from_str(body).ok());
            let same = published.is_some_and(|body| body["sha256"] == row.sha256.as_str());
            if !same || sha256_of(&row.content) != row.sha256 {
                findings.push(Finding::Version { table, id: row.id });
            }
        }
        there.push(format!("NOT EXISTS (SELECT 1 FROM {table} v WHERE v.id = e.subject_id)"));
    }
    let sql = format!(
        "SELECT e.subject_id AS id FROM ledger_entries e WHERE e.kind = 'publication' AND e.subject_id IS NOT NULL AND {}",
        there.join(" AND ")
    );
    let gone = db::all::<IdRow, _>(connection, &sql, vec![]).await?;
    findings.extend(gone.into_iter().map(|row| Finding::VersionGone { id: row.id }));
    Ok(findings)
}

fn sha256_of(content: &str) -> String {
    crate::crypto::hex(&crate::crypto::sha256(content.as_bytes()))
}

fn select(kind: Kind, condition: &str) -> String {
    format!(
        "SELECT v.id, v.owner_id, o.site_id, o.slug, v.number, v.sha256, v.content, v.published_at \
         FROM {} v JOIN {} o ON o.id = v.owner_id WHERE {condition}",
        kind.version_table(),
        kind.table()
    )
}

/// The version with this id.
pub async fn find<C: ConnectionTrait>(connection: &C, kind: Kind, id: Uuid) -> Result<Option<Stored>, db::Error> {
    Ok(db::one::<Row, _>(connection, &select(kind, "v.id = ?"), vec![id.into()]).await?.map(Stored::from))
}

/// Every version of `owner`, newest first.
pub async fn of_owner<C: ConnectionTrait>(connection: &C, kind: Kind, owner: Uuid) -> Result<Vec<Stored>, db::Error> {
    let sql = select(kind, "v.owner_id = ? ORDER BY v.number DESC");
    Ok(db::all::<Row, _>(connection, &sql, vec![owner.into()]).await?.into_iter().map(Stored::from).collect())
}

/// The current version of everything of one kind.
pub async fn current<C: ConnectionTrait>(connection: &C, kind: Kind) -> Result<Vec<Stored>, db::Error> {
    let sql = select(kind, "v.id = o.current_version_id ORDER BY v.id");
    Ok(db::all::<Row, _>(connection, &sql, vec![]).await?.into_iter().map(Stored::from).collect())
}

/// What publishing did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The version that is current now.
    pub version: VersionRef,
    /// The site that it belongs to.
    pub site_id: Uuid,
    /// Whether it is new; publishing the same content again changes nothing.
    pub new: bool,
}

#[derive(FromQueryResult)]
struct OwnerRow {
    id: Uuid,
    site_id: Uuid,
    current_version_id: Option<Uuid>,
}

async fn owner<C: ConnectionTrait>(
    connection: &C,
    kind: Kind,
    site: Option<Uuid>,
    slug: &str,
) -> Result<Option<OwnerRow>, db::Error> {
    let select = format!("SELECT id, site_id, current_version_id FROM {} WHERE slug = ?", kind.table());
    match site {
        None => db::one(connection, &select, vec![slug.into()]).await,
        Some(site) => db::one(connection, &format!("{select} AND site_id = ?"), vec![slug.into(), site.into()]).await,
    }
}

async fn owner_or_new<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    kind: Kind,
    site: Option<Uuid>,
    slug: &str,
) -> Result<OwnerRow, db::Error> {
    if let Some(row) = owner(connection, kind, site, slug).await? {
        return Ok(row);
    }
    let id = ambient.new_id();
    let site_id = site.unwrap_or(id);
    let sql = format!("INSERT INTO {} (id, site_id, slug, created_at) VALUES (?, ?, ?, ?)", kind.table());
    db::execute(connection, &sql, vec![id.into(), site_id.into(), slug.into(), ambient.now().into()]).await?;
    Ok(OwnerRow { id, site_id, current_version_id: None })
}

/// Publishes `content` as the next version of `slug` unless it is what is current already. `site`
/// is absent for sites themselves.
pub async fn publish<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    kind: Kind,
    site: Option<Uuid>,
    slug: &str,
    content: &str,
) -> Result<Outcome, db::Error> {
    let owner = owner_or_new(connection, ambient, kind, site, slug).await?;
    let sha256 = sha256_of(content);
    let mut number = 1;
    if let Some(id) = owner.current_version_id
        && let Some(stored) = find(connection, kind, id).await?
    {
        if stored.version.sha256 == sha256 {
            return Ok(Outcome { version: stored.version, site_id: owner.site_id, new: false });
        }
        number = stored.version.number + 1;
    }
    let (id, published_at) = (ambient.new_id(), ambient.now());
    let sql = format!(
        "INSERT INTO {} (id, owner_id, number, sha256, content, published_at) VALUES (?, ?, ?, ?, ?, ?)",
        kind.version_table()
    );
    let values =
        vec![id.into(), owner.id.into(), number.into(), sha256.as_str().into(), content.into(), published_at.into()];
    db::execute(connection, &sql, values).await?;
    let sql =
        format!("UPDATE {} SET current_version_id = ?, draft = NULL, draft_saved_at = NULL WHERE id = ?", kind.table());
    db::execute(connection, &sql, vec![id.into(), owner.id.into()]).await?;
    let version = VersionRef { id, owner: owner.id, number, sha256, published_at };
    Ok(Outcome { version, site_id: owner.site_id, new: true })
}

/// Keeps `content` as the draft of `slug`, beside whatever is published.
pub async fn save_draft<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    kind: Kind,
    site: Option<Uuid>,
    slug: &str,
    content: &str,
) -> Result<Uuid, db::Error> {
    let owner = owner_or_new(connection, ambient, kind, site, slug).await?;
    let sql = format!("UPDATE {} SET draft = ?, draft_saved_at = ? WHERE id = ?", kind.table());
    db::execute(connection, &sql, vec![content.into(), ambient.now().into(), owner.id.into()]).await?;
    Ok(owner.site_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".{0,6}", inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_a_fixed_point(value in any_json()) {
            let (once, first) = canonical(&value).unwrap();
            let read: Value = serde_json::from_str(&once).unwrap();
            let (twice, second) = canonical(&read).unwrap();
            prop_assert_eq!(read, value);
            prop_assert_eq!(once, twice);
            prop_assert_eq!(first, second);
        }

        #[test]
        fn the_order_of_keys_does_not_matter(mut pairs in proptest::collection::vec(("[a-z]{1,5}", any::<i32>()), 1..6)) {
            pairs.sort();
            pairs.dedup_by(|a, b| a.0 == b.0);
            let forward: serde_json::Map<_, _> = pairs.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
            let backward: serde_json::Map<_, _> = pairs.iter().rev().map(|(k, v)| (k.clone(), json!(v))).collect();
            prop_assert_eq!(canonical(&forward).unwrap(), canonical(&backward).unwrap());
        }
    }
}
