//! Publishing sites, policies, purposes and forms together: all or nothing.
//!
//! [`publish`] checks what is given against itself and against what is published already, so that
//! nothing that is out there stops fitting together, and writes it in one transaction.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::FormDefinition;
use super::catalog::publication;
use crate::ambient::Ambient;
use crate::crypto::{Keyring, Recipient};
use crate::db::{self, Db};
use crate::ledger;
use crate::policies::{PolicyDefinition, PurposeDefinition};
use crate::sites::assets::{self, Asset};
use crate::sites::defect::Severity;
use crate::sites::versions::{self, Kind};
use crate::sites::{Defects, SiteDefinition};

/// Definitions as written in one TOML file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Document {
    /// Sites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteDefinition>,
    /// Policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyDefinition>,
    /// Purposes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<PurposeDefinition>,
    /// Forms.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<FormDefinition>,
}

/// Something to publish: the definitions of one file, with the pictures that its sites name.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The definitions; logos are named by [`Asset::name`], policy texts are in place.
    pub document: Document,
    /// The pictures by the slug of their site.
    pub assets: Vec<(String, Asset)>,
}

/// A defect with the place where the definition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which of the given sources; `None` for what is published already.
    pub source: Option<usize>,
    /// From the root of the file, such as `["forms", "0", "fields", "2", "label"]`. For what is
    /// published already: kind, site and slug come first.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// Whether it stops the publishing.
    pub severity: Severity,
}

/// A published or unchanged definition.
#[derive(Debug, Clone)]
pub struct Change {
    /// What kind of thing.
    pub kind: Kind,
    /// The site's slug.
    pub site: String,
    /// Its slug.
    pub slug: String,
    /// The version that is current now.
    pub number: i32,
    /// Of its canonical form.
    pub sha256: String,
    /// Whether anything changed.
    pub new: bool,
    /// Keys with their old and new values; empty values mean "not there".
    pub differences: Vec<(String, Option<Value>, Option<Value>)>,
}

/// What publishing did, or what keeps it from being done.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Everything that was found, errors and warnings.
    pub findings: Vec<Finding>,
    /// What changed; empty when there are errors.
    pub changes: Vec<Change>,
}

impl Report {
    /// Whether nothing was published because something is wrong.
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Whether to publish, to keep as drafts, or only to say what would happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Publish new versions.
    Publish,
    /// Check, report, and change nothing.
    DryRun,
    /// Keep as drafts, unchecked, beside what is published.
    Draft,
}

type Key = (Kind, String, String);

/// One definition, wherever it comes from.
#[derive(Debug, Clone)]
enum Definition {
    Site(SiteDefinition),
    Policy(PolicyDefinition),
    Purpose(PurposeDefinition),
    Form(Box<FormDefinition>),
}

impl Definition {
    fn key(&self) -> Key {
        match self {
            Self::Site(site) => (Kind::Site, site.slug.clone(), site.slug.clone()),
            Self::Policy(policy) => (Kind::Policy, policy.site.clone(), policy.slug.clone()),
            Self::Purpose(purpose) => (Kind::Purpose, purpose.site.clone(), purpose.slug.clone()),
            Self::Form(form) => (Kind::Form, form.site.clone(), form.slug.clone()),
        }
    }

    fn canonical(&self) -> Result<(String, String), db::Error> {
        let canonical = match self {
            Self::Site(site) => versions::canonical(site),
            Self::Policy(policy) => versions::canonical(policy),
            Self::Purpose(purpose) => versions::canonical(purpose),
            Self::Form(form) => versions::canonical(form),
        };
        canonical.map_err(|error| db::Error::Other(error.to_string()))
    }
}

/// Where a definition of the merged whole comes from.
#[derive(Debug, Clone)]
struct Placed {
    definition: Definition,
    source: Option<usize>,
    path: Vec<String>,
}

/// Publishes `sources` in `mode`. Nothing is written when the report is refused.
pub async fn publish(
    db: &Db,
    ambient: &Ambient,
    master: &Recipient,
    sources: &[Source],
    mode: Mode,
) -> Result<Report, db::Error> {
    let transaction = db.begin_alone().await?;
    let mut report = Report::default();
    let given = placed(sources, &mut report.findings);
    let before = published(&transaction).await?;
    let mut merged = before.clone();
    merged.extend(given.iter().map(|placed| (placed.definition.key(), placed.clone())));
    if mode != Mode::Draft {
        report.findings.extend(check(&merged, &given));
    }
    if report.is_refused() {
        return Ok(report);
    }
    let mut site_ids: BTreeMap<String, Uuid> = BTreeMap::new();
    for kind in Kind::ALL {
        for Placed { definition, .. } in given.iter().filter(|placed| placed.definition.key().0 == kind) {
            let (_, site, slug) = definition.key();
            let (content, sha256) = definition.canonical()?;
            let owner_site = match kind {
                Kind::Site => None,
                _ => site_id(&transaction, &mut site_ids, &site).await?,
            };
            if kind != Kind::Site && owner_site.is_none() {
                let message = format!("'{site}' is no published site; publish it first");
                report.findings.push(Finding {
                    source: None,
                    path: vec![kind.table().to_owned(), slug],
                    message,
                    severity: Severity::Error,
                });
                return Ok(report);
            }
            if mode == Mode::Draft {
                versions::save_draft(&transaction, ambient, kind, owner_site, &slug, &content).await?;
                report.changes.push(Change { kind, site, slug, number: 0, sha256, new: true, differences: Vec::new() });
                continue;
            }
            let outcome = versions::publish(&transaction, ambient, kind, owner_site, &slug, &content).await?;
            if kind == Kind::Site {
                site_ids.insert(site.clone(), outcome.site_id);
                ensure_inbox_key(&transaction, ambient, master, outcome.site_id).await?;
                for (_, asset) in sources.iter().flat_map(|source| &source.assets).filter(|(owner, _)| *owner == slug) {
                    assets::keep(&transaction, outcome.site_id, asset).await?;
                }
            }
            if outcome.new {
                let body = json!({ "kind": kind.word(), "number": outcome.version.number, "sha256": outcome.version.sha256, "site": site, "slug": slug });
                ledger::append(
                    &transaction,
                    ambient,
                    ledger::Entry::new("publication", body).about(outcome.version.id),
                )
                .await?;
            }
            let old = before
                .get(&(kind, site.clone(), slug.clone()))
                .map(|placed| placed.definition.canonical())
                .transpose()?;
            let differences = if outcome.new {
                differences(old.as_ref().map(|(content, _)| content.as_str()), &content)
            } else {
                Vec::new()
            };
            let version = outcome.version;
            report.changes.push(Change {
                kind,
                site,
                slug,
                number: version.number,
                sha256: version.sha256,
                new: outcome.new,
                differences,
            });
        }
    }
    if mode == Mode::DryRun {
        return Ok(report);
    }
    if report.changes.iter().any(|change| change.new) {
        let number = publication(&transaction).await? + 1;
        let sql = "INSERT INTO publications (number, published_at) VALUES (?, ?)";
        db::execute(&transaction, sql, vec![number.into(), ambient.now().into()]).await?;
    }
    transaction.commit().await?;
    Ok(report)
}

fn placed(sources: &[Source], findings: &mut Vec<Finding>) -> Vec<Placed> {
    let mut all: Vec<Placed> = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let Document { sites, policies, purposes, forms } = source.document.clone();
        let definitions = (sites.into_iter().map(Definition::Site).enumerate())
            .chain(policies.into_iter().map(Definition::Policy).enumerate())
            .chain(purposes.into_iter().map(Definition::Purpose).enumerate())
            .chain(forms.into_iter().map(|form| Definition::Form(Box::new(form))).enumerate());
        for (index, definition) in definitions {
            let (kind, site, slug) = definition.key();
            let path = vec![kind.table().to_owned(), index.to_string()];
            if all.iter().any(|earlier| earlier.definition.key() == (kind, site.clone(), slug.clone())) {
                let message = format!("'{slug}' of site '{site}' is given twice in this call; keep one");
                let path = path.iter().cloned().chain(["slug".to_owned()]).collect();
                findings.push(Finding { source: Some(number), path, message, severity: Severity::Error });
            }
            all.push(Placed { definition, source: Some(number), path });
        }
    }
    all
}

async fn published<C: ConnectionTrait>(connection: &C) -> Result<BTreeMap<Key, Placed>, db::Error> {
    let mut all = BTreeMap::new();
    for kind in Kind::ALL {
        for stored in versions::current(connection, kind).await? {
            let definition = match kind {
                Kind::Site => Definition::Site(stored.definition()?),
                Kind::Policy => Definition::Policy(stored.definition()?),
                Kind::Purpose => Definition::Purpose(stored.definition()?),
                Kind::Form => Definition::Form(Box::new(stored.definition()?)),
            };
            let key = definition.key();
            let path = vec![format!("published {} '{}' of site '{}'", kind.word(), key.2, key.1)];
            all.insert(key, Placed { definition, source: None, path });
        }
    }
    Ok(all)
}

/// Checks everything on the sites that `given` touches, also what is published already.
fn check(merged: &BTreeMap<Key, Placed>, given: &[Placed]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let touched: Vec<String> = given.iter().map(|placed| placed.definition.key().1).collect();
    for ((_, site_slug, _), placed) in merged.iter().filter(|((_, site, _), _)| touched.contains(site)) {
        let site = merged.get(&(Kind::Site, site_slug.clone(), site_slug.clone()));
        let Some(Placed { definition: Definition::Site(site), .. }) = site else {
            let mut defects = Defects::default();
            defects.error(&["site"], format!("'{site_slug}' is no site; publish it first or in the same call"));
            report(&mut findings, placed, &defects);
            continue;
        };
        let on_site = |kind: Kind| merged.iter().filter(move |((k, s, _), _)| *k == kind && s == site_slug);
        let defects = match &placed.definition {
            Definition::Site(site) => site.check(),
            Definition::Policy(policy) => policy.check(site),
            Definition::Purpose(purpose) => purpose.check(site),
            Definition::Form(form) => {
                let policies: Vec<String> = on_site(Kind::Policy).map(|((_, _, slug), _)| slug.clone()).collect();
                let purposes = on_site(Kind::Purpose).filter_map(|((_, _, slug), placed)| match &placed.definition {
                    Definition::Purpose(purpose) => Some((slug.clone(), purpose.clone())),
                    _ => None,
                });
                form.check(site, &policies, &purposes.collect())
            }
        };
        report(&mut findings, placed, &defects);
    }
    findings
}

fn report(findings: &mut Vec<Finding>, placed: &Placed, defects: &Defects) {
    for defect in defects.iter() {
        // What is out there is only mentioned when it would stop fitting.
        if placed.source.is_none() && defect.severity == Severity::Warning {
            continue;
        }
        let path = placed.path.iter().chain(&defect.path).cloned().collect();
        findings.push(Finding {
            source: placed.source,
            path,
            message: defect.message.clone(),
            severity: defect.severity,
        });
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

async fn site_id<C: ConnectionTrait>(
    connection: &C,
    known: &mut BTreeMap<String, Uuid>,
    slug: &str,
) -> Result<Option<Uuid>, db::Error> {
    if let Some(id) = known.get(slug) {
        return Ok(Some(*id));
    }
    let row = db::one::<IdRow, _>(connection, "SELECT id FROM sites WHERE slug = ?", vec![slug.into()]).await?;
    Ok(row.map(|row| {
        known.insert(slug.to_owned(), row.id);
        row.id
    }))
}

async fn ensure_inbox_key<C: ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    master: &Recipient,
    site: Uuid,
) -> Result<(), db::Error> {
    let sql = "SELECT id FROM inbox_keys WHERE site_id = ? AND retired_at IS NULL";
    if db::one::<IdRow, _>(connection, sql, vec![site.into()]).await?.is_some() {
        return Ok(());
    }
    let (recipient, wrapped) = Keyring::new_inbox_key(master).map_err(|error| db::Error::Other(error.to_string()))?;
    let sql = "INSERT INTO inbox_keys (id, site_id, recipient, wrapped_identity, created_at) VALUES (?, ?, ?, ?, ?)";
    let values =
        vec![ambient.new_id().into(), site.into(), recipient.to_string().into(), wrapped.into(), ambient.now().into()];
    db::execute(connection, sql, values).await?;
    Ok(())
}

/// Every key whose value differs between two canonical forms.
fn differences(old: Option<&str>, new: &str) -> Vec<(String, Option<Value>, Option<Value>)> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    if let Some(old) = old {
        flatten(String::new(), parse(old), &mut before);
    }
    flatten(String::new(), parse(new), &mut after);
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let pairs = keys.into_iter().map(|key| (key.clone(), before.get(key).cloned(), after.get(key).cloned()));
    pairs.filter(|(_, old, new)| old != new).collect()
}

fn flatten(path: String, value: Value, into: &mut BTreeMap<String, Value>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.into_iter().for_each(|(key, value)| flatten(below(&key), value, into)),
        Value::Array(items) => {
            // Two digits, so that ten comes after nine.
            for (index, item) in items.into_iter().enumerate() {
                flatten(below(&format!("{index:02}")), item, into);
            }
        }
        leaf => {
            into.insert(path, leaf);
        }
    }
}
