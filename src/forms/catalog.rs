//! What is published now, kept in memory and never older than [`FRESH_FOR`].
//!
//! A number in the database rises with every publication. The catalog looks at that number before
//! it answers, unless it did so a moment ago, and reads everything again when it has risen. So
//! every node sees what any process publishes, and the hot path costs no query. Versions never
//! change, so older ones that a form token still names are kept for good.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::token::{FormToken, TokenError};
use super::{FormDefinition, Published, Shown, Version};
use crate::crypto::Recipient;
use crate::db::{self, Db};
use crate::policies::{PolicyDefinition, PurposeDefinition};
use crate::sites::SiteDefinition;
use crate::sites::versions::{self, Kind, Stored};

/// How long an answer may lag behind the database.
pub const FRESH_FOR: Duration = Duration::from_millis(100);

/// A form as it is published now.
#[derive(Debug, Clone)]
pub struct FormEntry {
    /// The site's id.
    pub site_id: Uuid,
    /// The form's id.
    pub form_id: Uuid,
    /// The current versions of everything.
    pub shown: Shown,
    /// The id of the key that new submissions are sealed to.
    pub inbox_key: Uuid,
    /// To whom parts are sealed.
    pub recipients: Arc<[Recipient]>,
}

/// Everything that is current.
#[derive(Debug, Default)]
pub struct Current {
    publication: i64,
    /// Sites by slug.
    pub sites: HashMap<String, Arc<Version<SiteDefinition>>>,
    /// Policies by site and slug.
    pub policies: HashMap<(String, String), Arc<Version<PolicyDefinition>>>,
    /// Forms by site and slug.
    pub forms: HashMap<(String, String), Arc<FormEntry>>,
}

impl Current {
    /// The number of the publication that this shows.
    pub fn publication(&self) -> i64 {
        self.publication
    }

    /// Every form, by site and slug in alphabetical order.
    pub fn forms_in_order(&self) -> Vec<&Arc<FormEntry>> {
        let mut forms: Vec<_> = self.forms.iter().collect();
        forms.sort_by(|a, b| a.0.cmp(b.0));
        forms.into_iter().map(|(_, entry)| entry).collect()
    }
}

#[derive(Default)]
struct Known {
    sites: HashMap<Uuid, Arc<Version<SiteDefinition>>>,
    policies: HashMap<Uuid, Arc<Version<PolicyDefinition>>>,
    purposes: HashMap<Uuid, Arc<Version<PurposeDefinition>>>,
    forms: HashMap<Uuid, Arc<Published>>,
}

/// Answers what is published.
pub struct Catalog {
    db: Db,
    current: RwLock<Option<(Arc<Current>, Instant)>>,
    known: RwLock<Known>,
}

impl Catalog {
    /// A catalog of what `db` holds.
    pub fn new(db: Db) -> Self {
        Self { db, current: RwLock::default(), known: RwLock::default() }
    }

    /// Everything that is current. While the database is away: what was current last.
    pub async fn current(&self) -> Result<Arc<Current>, db::Error> {
        let last = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((current, looked_at)) = &last
            && looked_at.elapsed() < FRESH_FOR
        {
            return Ok(Arc::clone(current));
        }
        let fresh = match (self.refreshed(last.as_ref().map(|(current, _)| current)).await, last) {
            (Ok(fresh), _) => fresh,
            (Err(error), Some((current, _))) => {
                tracing::error!(%error, "serving what was published last");
                current
            }
            (Err(error), _) => return Err(error),
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(&fresh), Instant::now()));
        Ok(fresh)
    }

    /// The form that is published under these slugs.
    pub async fn form(&self, site: &str, form: &str) -> Result<Option<Arc<FormEntry>>, db::Error> {
        Ok(self.current().await?.forms.get(&(site.to_owned(), form.to_owned())).cloned())
    }

    async fn refreshed(&self, last: Option<&Arc<Current>>) -> Result<Arc<Current>, db::Error> {
        if let Some(last) = last
            && last.publication == publication(self.db.reader()).await?
        {
            return Ok(Arc::clone(last));
        }
        self.read().await.map(Arc::new)
    }

    /// Everything as it was at one moment, also while somebody publishes.
    async fn read(&self) -> Result<Current, db::Error> {
        let snapshot = self.db.begin_snapshot().await?;
        let reader = &snapshot;
        let mut current = Current { publication: publication(reader).await?, ..Current::default() };
        let mut site_slugs = HashMap::new();
        for stored in versions::current(reader, Kind::Site).await? {
            let site = Arc::new(version::<SiteDefinition>(&stored)?);
            site_slugs.insert(stored.site_id, stored.slug.clone());
            self.known
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .sites
                .insert(stored.version.id, Arc::clone(&site));
            current.sites.insert(stored.slug, site);
        }
        let slugs =
            |stored: &Stored| (site_slugs.get(&stored.site_id).cloned().unwrap_or_default(), stored.slug.clone());
        for stored in versions::current(reader, Kind::Policy).await? {
            let policy = Arc::new(version::<PolicyDefinition>(&stored)?);
            self.known
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .policies
                .insert(stored.version.id, Arc::clone(&policy));
            current.policies.insert(slugs(&stored), policy);
        }
        let mut purposes = HashMap::new();
        for stored in versions::current(reader, Kind::Purpose).await? {
            let purpose = Arc::new(version::<PurposeDefinition>(&stored)?);
            self.known
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .purposes
                .insert(stored.version.id, Arc::clone(&purpose));
            purposes.insert(slugs(&stored), purpose);
        }
        let keys = inbox_keys(reader).await?;
        for stored in versions::current(reader, Kind::Form).await? {
            let form = Arc::new(published(&stored)?);
            self.known
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .forms
                .insert(stored.version.id, Arc::clone(&form));
            let (site_slug, form_slug) = slugs(&stored);
            let missing = |what: &str| db::Error::Other(format!("form '{site_slug}/{form_slug}' has no {what}"));
            let site = current.sites.get(&site_slug).cloned().ok_or_else(|| missing("site"))?;
            let policy = current.policies.get(&(site_slug.clone(), form.definition.policy.clone())).cloned();
            let policy = policy.ok_or_else(|| missing("policy"))?;
            let mut shown = Shown { site, policy, purposes: Vec::new(), form };
            for slug in purpose_slugs(&shown.form.definition) {
                let purpose = purposes.get(&(site_slug.clone(), slug.to_owned())).cloned();
                shown.purposes.push(purpose.ok_or_else(|| missing("purpose"))?);
            }
            let key = keys.iter().find(|key| key.form_id == Some(stored.version.owner));
            let key = key.or_else(|| keys.iter().find(|key| key.form_id.is_none() && key.site_id == stored.site_id));
            let key = key.ok_or_else(|| missing("inbox key"))?;
            let recipient: Recipient = key.recipient.parse().map_err(|_| missing("usable inbox key"))?;
            let entry = FormEntry {
                site_id: stored.site_id,
                form_id: stored.version.owner,
                shown,
                inbox_key: key.id,
                recipients: Arc::new([recipient]),
            };
            current.forms.insert((site_slug, form_slug), Arc::new(entry));
        }
        Ok(current)
    }

    /// What `token` says was shown on the page of `entry`.
    pub async fn shown(&self, entry: &FormEntry, token: &FormToken) -> Result<Result<Shown, TokenError>, db::Error> {
        let now = &entry.shown;
        let purposes_now = now.purposes.iter().map(|purpose| purpose.version.id);
        if token.form_version == now.form.version.id
            && token.policy_version == now.policy.version.id
            && token.site_version == now.site.version.id
            && purposes_now.eq(token.purpose_versions.iter().copied())
        {
            return Ok(Ok(now.clone()));
        }
        let Some(shown) = self
            .versions(token.site_version, token.form_version, token.policy_version, &token.purpose_versions)
            .await?
        else {
            return Ok(Err(TokenError::Foreign));
        };
        if shown.form.version.owner == entry.form_id { Ok(Ok(shown)) } else { Ok(Err(TokenError::Foreign)) }
    }

    /// The given versions put together, if all of them exist.
    pub async fn versions(
        &self,
        site: Uuid,
        form: Uuid,
        policy: Uuid,
        purposes: &[Uuid],
    ) -> Result<Option<Shown>, db::Error> {
        let (Some(site), Some(form), Some(policy)) =
            (self.site_version(site).await?, self.form_version(form).await?, self.policy_version(policy).await?)
        else {
            return Ok(None);
        };
        let mut found = Vec::with_capacity(purposes.len());
        for id in purposes {
            let Some(purpose) = self.purpose_version(*id).await? else { return Ok(None) };
            found.push(purpose);
        }
        Ok(Some(Shown { site, form, policy, purposes: found }))
    }

    async fn site_version(&self, id: Uuid) -> Result<Option<Arc<Version<SiteDefinition>>>, db::Error> {
        self.known_or_read(Kind::Site, id, |known| &mut known.sites, version).await
    }

    /// The form version with this id.
    pub async fn form_version(&self, id: Uuid) -> Result<Option<Arc<Published>>, db::Error> {
        self.known_or_read(Kind::Form, id, |known| &mut known.forms, published).await
    }

    async fn policy_version(&self, id: Uuid) -> Result<Option<Arc<Version<PolicyDefinition>>>, db::Error> {
        self.known_or_read(Kind::Policy, id, |known| &mut known.policies, version).await
    }

    /// The purpose version with this id.
    pub async fn purpose_version(&self, id: Uuid) -> Result<Option<Arc<Version<PurposeDefinition>>>, db::Error> {
        self.known_or_read(Kind::Purpose, id, |known| &mut known.purposes, version).await
    }

    async fn known_or_read<T>(
        &self,
        kind: Kind,
        id: Uuid,
        shelf: impl Fn(&mut Known) -> &mut HashMap<Uuid, Arc<T>>,
        make: impl Fn(&Stored) -> Result<T, db::Error>,
    ) -> Result<Option<Arc<T>>, db::Error> {
        let known = shelf(&mut self.known.write().unwrap_or_else(PoisonError::into_inner)).get(&id).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(stored) = versions::find(self.db.reader(), kind, id).await? else { return Ok(None) };
        let made = Arc::new(make(&stored)?);
        shelf(&mut self.known.write().unwrap_or_else(PoisonError::into_inner)).insert(id, Arc::clone(&made));
        Ok(Some(made))
    }
}

/// The slugs of every purpose that a form names: of its fields, of signing in, then of its consents.
pub fn purpose_slugs(form: &FormDefinition) -> Vec<&str> {
    let of_fields = form.fields.iter().filter_map(|field| field.purpose.as_deref());
    let of_sign_in = form.sign_in.iter().map(|sign_in| sign_in.purpose.as_str());
    let mut slugs = Vec::new();
    for slug in of_fields.chain(of_sign_in).chain(form.consents.iter().map(|ask| ask.purpose.as_str())) {
        if !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    slugs
}

fn version<D: DeserializeOwned>(stored: &Stored) -> Result<Version<D>, db::Error> {
    Ok(Version { version: stored.version.clone(), definition: stored.definition()? })
}

fn published(stored: &Stored) -> Result<Published, db::Error> {
    Ok(Published::new(stored.version.clone(), stored.definition()?))
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

/// The number of the last publication; 0 before the first.
pub async fn publication<C: ConnectionTrait>(connection: &C) -> Result<i64, db::Error> {
    let sql = "SELECT number FROM publications ORDER BY number DESC LIMIT 1";
    Ok(db::one::<Number, _>(connection, sql, vec![]).await?.map_or(0, |row| row.number))
}

#[derive(FromQueryResult)]
struct InboxKeyRow {
    id: Uuid,
    site_id: Uuid,
    form_id: Option<Uuid>,
    recipient: String,
}

async fn inbox_keys<C: ConnectionTrait>(connection: &C) -> Result<Vec<InboxKeyRow>, db::Error> {
    let sql = "SELECT id, site_id, form_id, recipient FROM inbox_keys WHERE retired_at IS NULL ORDER BY id DESC";
    db::all(connection, sql, vec![]).await
}
