//! The harness: boots the real server on a free port with a database of its own.

pub mod clamd;
pub mod directory;
#[cfg(feature = "saml")]
pub mod identity_provider;
pub mod lemon;
pub mod openid;
pub mod page;
pub mod postgres;
pub mod program;
pub mod proxy;
pub mod server;
pub mod simplesaml;
pub mod walker;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use sealwax::ambient::{Ambient, ManualClock, SystemRandom};
use sealwax::app::App;
use sealwax::cli::apply::SourceFile;
use sealwax::cli::serve;
use sealwax::config::{self, Config, Source};
use sealwax::crypto::keyring::MasterKey;
use sealwax::forms::publishing::{Mode, Report, publish};
use sealwax::server::Running;
use sealwax::staff::{Grant, Role, Username, store};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// Which database an installation is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// Runs a journey once on SQLite and once on PostgreSQL, as two tests.
macro_rules! on_both {
    ($(async fn $name:ident($installation:ident: Installation) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn journey($installation: Installation) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                journey(Installation::start($crate::support::Database::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                journey(Installation::start($crate::support::Database::Postgres).await).await;
            }
        }
    )+};
}

/// A running installation with the test shop published.
pub struct Installation {
    pub app: Arc<App>,
    pub url: String,
    pub clock: Arc<ManualClock>,
    pub client: Client,
    pub dir: PathBuf,
    pub database: Database,
    running: Option<Running>,
}

/// An empty directory that only this test has.
pub fn fresh_directory() -> PathBuf {
    let name = sealwax::crypto::hex(&Ambient::system().bytes::<8>());
    let dir = std::env::temp_dir().join(format!("sealwax-test-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

pub fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

impl Installation {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, "").await
    }

    /// Starts with further settings in TOML.
    pub async fn start_with(database: Database, settings: &str) -> Self {
        let (dir, url) = Self::place(database).await;
        Self::start_in(dir, database, &format!("{url}{settings}")).await
    }

    /// Starts in a directory that may hold an installation already.
    pub async fn start_in(dir: PathBuf, database: Database, settings: &str) -> Self {
        let this = Self::boot(dir, database, settings).await;
        let report = this.publish(include_str!("../fixtures/shop.toml")).await;
        assert!(!report.is_refused(), "{:?}", report.findings);
        this
    }

    /// Opens an installation as it was left.
    pub async fn open(dir: &Path, settings: &str) -> Self {
        // The file's own [server] is left out: the harness has one.
        let settings = settings.split_once("\n[").map_or(String::new(), |(_, rest)| format!("[{rest}"));
        let database = if settings.contains("postgres://") { Database::Postgres } else { Database::Sqlite };
        Self::boot(dir.to_owned(), database, &settings).await
    }

    /// Starts at the present moment, for what real servers date their messages with; the clock stands
    /// still from then on, and is moved by hand.
    pub async fn start_now(database: Database, settings: &str) -> Self {
        let (dir, url) = Self::place(database).await;
        let now = Ambient::system().now();
        let this = Self::boot_at(dir, database, &format!("{url}{settings}"), now).await;
        this.publish(include_str!("../fixtures/shop.toml")).await;
        this
    }

    async fn place(database: Database) -> (PathBuf, String) {
        let url = match database {
            Database::Sqlite => String::new(),
            Database::Postgres => format!("[database]\nurl = \"{}\"\n", postgres::fresh_database().await),
        };
        (fresh_directory(), url)
    }

    async fn boot(dir: PathBuf, database: Database, settings: &str) -> Self {
        Self::boot_at(dir, database, settings, datetime!(2026-11-23 12:00 UTC)).await
    }

    pub async fn boot_at(dir: PathBuf, database: Database, settings: &str, now: OffsetDateTime) -> Self {
        let clock = Arc::new(ManualClock::new(now));
        let config = configuration(&dir, settings);
        let ambient = Ambient::new(Arc::clone(&clock) as _, Arc::new(SystemRandom));
        let (app, running) = serve::start(config, ambient).await.expect("the installation starts");
        let url = app.config.public_url();
        Self { app, url, clock, client: client(), dir, database, running: Some(running) }
    }

    /// Publishes definitions, as `sealwax apply` does, and waits until this node has seen them.
    pub async fn publish(&self, toml: &str) -> Report {
        self.publish_beside(toml, &[]).await
    }

    /// Publishes TOML beside which there are files, by name.
    pub async fn publish_beside(&self, toml: &str, files: &[(&str, &[u8])]) -> Report {
        let fetch = |wanted: &str| {
            let found = files.iter().find(|(name, _)| *name == wanted).map(|(_, content)| content.to_vec());
            found.ok_or_else(|| "is not here".to_owned())
        };
        let file = SourceFile::parse("test.toml".to_owned(), toml.to_owned(), &fetch).unwrap();
        let master = MasterKey::load(&self.app.config.keys.master).unwrap().recipient();
        let report = publish(&self.app.db, &self.app.ambient, &master, &[file.source], Mode::Publish).await.unwrap();
        let number = sealwax::forms::catalog::publication(self.app.db.reader()).await.unwrap();
        while self.app.catalog.current().await.unwrap().publication() < number {
            tokio::task::yield_now().await;
        }
        report
    }

    /// The test shop with `change` made to its text.
    pub async fn republish(&self, change: impl Fn(&str) -> String) -> Report {
        self.publish(&change(include_str!("../fixtures/shop.toml"))).await
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    /// The form's page as a visitor gets it.
    pub async fn form_page(&self, path: &str) -> page::Page {
        let response = self.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        page::Page::read(response).await
    }

    pub async fn send_json(&self, body: &Value) -> Response {
        self.post("/api/v1/forms/shop/contact/submissions").json(body).send().await.unwrap()
    }

    /// Makes an account and logs it in; gives its cookie.
    pub async fn staff(&self, name: &str, grant: Grant) -> String {
        let db = &self.app.db;
        let username = Username::parse(name).unwrap();
        let id = store::add(db.writer(), &self.app.ambient, &username, &format!("{name} the tester")).await.unwrap();
        store::grant(db.writer(), &self.app.ambient, id, &grant).await.unwrap();
        let hash = self.app.passwords.hash(PASSWORD.into()).await.unwrap();
        store::set_password(db.writer(), id, &hash).await.unwrap();
        let response = self.log_in(name, PASSWORD).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        cookie(&response)
    }

    pub async fn admin(&self) -> String {
        self.staff("admin", Grant { role: Role::Admin, site: None, form: None }).await
    }

    pub async fn log_in(&self, name: &str, password: &str) -> Response {
        self.post("/staff/login").form(&[("username", name), ("password", password)]).send().await.unwrap()
    }

    /// A staff page.
    pub async fn staff_page(&self, cookie: &str, path: &str) -> page::Page {
        let response = self.get(path).header(COOKIE, cookie).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        page::Page::read(response).await
    }

    /// Runs a statement that a test needs and the program has not.
    pub async fn execute(&self, sql: &str) {
        sealwax::db::execute(self.app.db.writer(), sql, vec![]).await.unwrap();
    }

    /// The first column, of bytes and named `sealed`, of every row.
    pub async fn blobs(&self, sql: &str) -> Vec<Vec<u8>> {
        #[derive(sea_orm::FromQueryResult)]
        struct Row {
            sealed: Vec<u8>,
        }
        let rows = sealwax::db::all::<Row, _>(self.app.db.reader(), sql, vec![]).await.unwrap();
        rows.into_iter().map(|row| row.sealed).collect()
    }

    /// How many rows of `table` fit `condition`.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        #[derive(sea_orm::FromQueryResult)]
        struct Row {
            n: i64,
        }
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {condition}");
        sealwax::db::one::<Row, _>(self.app.db.reader(), &sql, vec![]).await.unwrap().unwrap().n
    }

    /// The ids in `column` of `table`.
    pub async fn ids(&self, table: &str, column: &str) -> Vec<String> {
        #[derive(sea_orm::FromQueryResult)]
        struct Row {
            id: uuid::Uuid,
        }
        let sql = format!("SELECT {column} AS id FROM {table}");
        let rows = sealwax::db::all::<Row, _>(self.app.db.reader(), &sql, vec![]).await.unwrap();
        rows.into_iter().map(|row| row.id.to_string()).collect()
    }

    pub async fn stop(mut self) {
        self.running.take().unwrap().stop().await;
    }
}

pub fn configuration(dir: &Path, settings: &str) -> Config {
    let base = format!("[server]\nlisten = \"127.0.0.1:0\"\nworkers = 1\nshutdown_seconds = 5\n{settings}");
    let source = Source { dir: Some(dir.to_owned()), base: Some(base), ..Source::default() };
    let mut config = config::load(&source, []).expect("the test's settings are right");
    // Tests are quick and many; those about spam say what they want.
    if !settings.contains("quickest_seconds") {
        config.limits.quickest_seconds = 0;
        config.limits.challenge_after = 0;
        config.limits.challenge_address_after = 0;
    }
    config
}

/// A contact form filled in, with two consents given and one refused.
pub fn contact_answers() -> Value {
    json!({
        "answers": {
            "name": "Ana Kovačević",
            "email": "ana.kovacevic@post.example",
            "phone": "030 23125 456",
            "topic": "order",
            "interests": ["ink", "paper"],
            "message": "Where is my purple ink?",
        },
        "consents": { "newsletter": true, "research": true, "calls": false },
        "lang": "en",
    })
}

/// Where a response leads.
pub fn location(response: &Response) -> String {
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

/// The session cookie that a response sets.
pub fn cookie(response: &Response) -> String {
    let set = response.headers().get(SET_COOKIE).expect("a cookie is set").to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// Runs the `sealwax` program.
pub fn sealwax(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sealwax")).args(arguments).output().unwrap()
}

/// What a program wrote, both streams together.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
