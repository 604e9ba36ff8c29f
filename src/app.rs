//! Everything that a request handler needs, made once at start.

use std::sync::Arc;

use time::Duration;

use crate::ambient::Ambient;
use crate::config::{Config, Role};
use crate::crypto::keyring::{self, KeyError, KeySource};
use crate::crypto::passwords::Passwords;
use crate::crypto::{Keyring, MasterKey, Recipient, Secrets};
use crate::db::{self, Db};
use crate::forms::Catalog;
use crate::ledger::{self, Source};
use crate::mail::{MailError, Mailer};
use crate::staff::providers::Providers;
use crate::submissions::limits::Limits;
use crate::submissions::writer::Writer;

/// The running installation.
pub struct App {
    /// How it is configured.
    pub config: Config,
    /// Time and randomness.
    pub ambient: Ambient,
    /// The database.
    pub db: Db,
    /// Keys that open nothing.
    pub secrets: Secrets,
    /// Opens sealed parts; absent on nodes that only receive.
    pub keyring: Option<Keyring>,
    /// What is published.
    pub catalog: Catalog,
    /// Stores submissions.
    pub writer: Writer,
    /// How many send to each form just now.
    pub rush: crate::submissions::spam::Rush,
    /// Which forms are full.
    pub fullness: crate::submissions::admission::Fullness,
    /// The memory that bodies of requests may take.
    pub bodies: crate::submissions::body::Bodies,
    /// The places for files that are looked at.
    pub scans: crate::submissions::scan::Scans,
    /// What is counted for operators.
    pub metrics: crate::server::metrics::Metrics,
    /// Who may send how often.
    pub limits: Limits,
    /// Who lets staff in.
    pub providers: Providers,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Sends mail, where that is configured.
    pub mailer: Option<Mailer>,
}

/// Why the installation can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error("database.url: {0}")]
    Database(#[from] db::Error),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Mail.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// What lets staff in can't be used.
    #[error("{0}")]
    Providers(String),
    /// A node without the master key can't make a new installation.
    #[error(
        "this database is new, and a node with --role public has no master key to begin with; start a node with --role all or staff once, or run sealwax apply"
    )]
    NewWithoutMaster,
    /// The operating system.
    #[error("{0}")]
    Io(String),
}

impl App {
    /// Connects, migrates, and loads or makes the keys.
    pub async fn start(config: Config, ambient: Ambient) -> Result<Arc<Self>, StartError> {
        let (db, keys) = open_installation(&config, &ambient).await?;
        crate::forms::widget::keep(db.writer(), &ambient).await?;
        if config.server.role != Role::Public {
            crate::staff::providers::end_sessions_of_other_roles(&db, &ambient, &config.staff.providers).await?;
        }
        let keep = Duration::seconds(i64::from(config.keys.identity_cache_seconds));
        let limits = Limits::new(&config);
        let mailer = Mailer::new(&config)?;
        let writer = Writer::start(&db, config.limits.queue, config.database.writers);
        Ok(Arc::new(Self {
            catalog: Catalog::new(db.clone()),
            providers: Providers::new(&config.staff.providers, &config.public_url()).map_err(StartError::Providers)?,
            passwords: Passwords::new(config.limits.logins_at_once),
            secrets: keys.secrets,
            keyring: keys.master.map(|master| Keyring::new(master, keep)),
            config,
            ambient,
            db,
            writer,
            rush: crate::submissions::spam::Rush::default(),
            fullness: crate::submissions::admission::Fullness::default(),
            bodies: crate::submissions::body::Bodies::default(),
            scans: crate::submissions::scan::Scans::default(),
            metrics: crate::server::metrics::Metrics::default(),
            limits,
            mailer,
        }))
    }
}

/// The keys of an installation.
#[derive(Debug)]
pub struct Keys {
    /// The master key, unless the node only receives.
    pub master: Option<MasterKey>,
    /// The master key's public half.
    pub master_recipient: Recipient,
    /// What is derived from the index secret.
    pub secrets: Secrets,
}

#[derive(sea_orm::FromQueryResult)]
struct InstallationRow {
    master_recipient: String,
    index_fingerprint: String,
}

/// Connects to the database, brings its schema up to date, and loads the keys that belong to it.
/// A new database gets new keys, unless key files are there already.
pub async fn open_installation(config: &Config, ambient: &Ambient) -> Result<(Db, Keys), StartError> {
    if let Some(parent) = config.database.url.sqlite_path().and_then(std::path::Path::parent) {
        private_directory(parent)?;
    }
    let url = config.database.url.expose().to_owned();
    let db = Db::connect(&db::Settings { url, max_connections: config.database.max_connections }).await?;
    db.migrate().await?;
    let only_receives = config.server.role == Role::Public;
    if !only_receives {
        begin_installation(&db, config, ambient).await?;
    }
    let row = installation(db.reader()).await?.ok_or(StartError::NewWithoutMaster)?;
    let master =
        if only_receives { None } else { Some(MasterKey::load(&config.keys.master)?.expect(&row.master_recipient)?) };
    let secrets = Secrets::derive(&*keyring::load_index_secret(&config.keys.index)?);
    keyring::expect_index(secrets.fingerprint(), &row.index_fingerprint)?;
    let damaged = || StartError::Database(db::Error::Other("installation.master_recipient is damaged".to_owned()));
    let master_recipient = row.master_recipient.parse().map_err(|_| damaged())?;
    Ok((db, Keys { master, master_recipient, secrets }))
}

async fn installation<C: sea_orm::ConnectionTrait>(connection: &C) -> Result<Option<InstallationRow>, db::Error> {
    db::one(connection, "SELECT master_recipient, index_fingerprint FROM installation", vec![]).await
}

/// Gives a new database its keys: those in the files, or new ones. Nodes that start together wait
/// for each other, so that one makes them and the others find them.
async fn begin_installation(db: &Db, config: &Config, ambient: &Ambient) -> Result<(), StartError> {
    let transaction = db.begin_alone().await?;
    if installation(&transaction).await?.is_some() {
        return Ok(());
    }
    let master = match &config.keys.master {
        KeySource::File(path) if !path.exists() => MasterKey::create(path)?,
        source => MasterKey::load(source)?,
    };
    let index = match &config.keys.index {
        KeySource::File(path) if !path.exists() => keyring::create_index_secret(path, ambient.random.as_ref())?,
        source => keyring::load_index_secret(source)?,
    };
    let now = ambient.now();
    let sql = "INSERT INTO installation (id, created_at, probed_at, master_recipient, index_fingerprint) \
               VALUES (1, ?, ?, ?, ?)";
    let recipient = master.recipient().to_string();
    let fingerprint = Secrets::derive(&index).fingerprint().to_owned();
    db::execute(&transaction, sql, vec![now.into(), now.into(), recipient.into(), fingerprint.into()]).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// Where entries of the ledger are kept.
pub fn ledger_sources() -> Arc<[Arc<dyn Source>]> {
    Arc::new([Arc::new(ledger::Entries), Arc::new(crate::consents::Events)])
}

/// Makes a directory that only its owner can look into.
pub fn private_directory(path: &std::path::Path) -> Result<(), StartError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StartError::Io(format!("{}: {error}", path.display())))
}
