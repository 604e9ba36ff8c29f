//! `sealwax.toml` and the environment, read into one typed [`Config`].
//!
//! Later layers override earlier ones: defaults, the file, `SEALWAX__SECTION__KEY` variables (lists
//! separated by commas), options of the command line. A relative path in the file begins in the
//! file's directory; any other one begins in [`Source::dir`], or without it in the file's directory,
//! or else in the current one. A secret `x` can also be given as `x_file`, the file that holds it.
//!
//! A wrong setting is an error of one line that names the key, the value, where it is written and
//! what is allowed. Neither errors nor `Debug` ever show a secret.

mod database_url;
mod layers;
mod providers;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::SecretString;
use url::{Host, Url};

pub use database_url::DatabaseUrl;
use layers::Settings;
pub use providers::{
    Attributes, CasProvider, Kind, LdapProvider, MetadataSource, OidcProvider, Provider, RoleAt, SamlProvider, is_safe,
};

use crate::submissions::scan::Clamd;

/// What holds where nothing else is said. What depends on other settings is not here.
const DEFAULTS: &str = r#"
[server]
listen = "127.0.0.1:8080"
role = "all"
shutdown_seconds = 30

[database]
max_connections = 10
writers = 2

[keys]
identity_cache_seconds = 300

[staff]
session_idle_minutes = 60
session_absolute_hours = 12
confirm_after_minutes = 15
sign_in_at_once = false
second_factor = "optional"

[limits]
body_bytes = 262144
answers = 200
submissions_per_minute = 100
burst = 100
pages_per_minute = 600
queue = 1024
logins_at_once = 2
form_token_hours = 24
upload_bytes = 52428800
uploads_at_once = 20
uploads_at_once_by_address = 5
waiting_upload_bytes = 1073741824
quickest_seconds = 2
challenge_after = 120
challenge_address_after = 10

[log]
level = "info"
"#;

/// Where configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// `--config FILE`
    pub file: Option<PathBuf>,
    /// `--dir DIR`: where an installation without a file keeps its data and keys.
    pub dir: Option<PathBuf>,
    /// Settings in TOML instead of some defaults; the file and the environment override them.
    pub base: Option<String>,
    /// Settings from options of the command line, such as `("server.listen", …)`; they override all.
    pub arguments: Vec<(&'static str, String)>,
}

/// How the installation is configured. Everything in it has been checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: Keys,
    /// `[mail]`, if any of it is set.
    pub mail: Option<Mail>,
    /// `[staff]`
    pub staff: Staff,
    /// `[limits]`
    pub limits: Limits,
    /// `scan.clamd`: what looks at files before they are kept.
    pub scan: Option<Clamd>,
    /// `[log]`
    pub log: Log,
    warnings: Vec<String>,
}

/// What a node serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    All,
    /// Only forms; such a node can seal, but has no key to open anything.
    Public,
    /// Only the staff area.
    Staff,
}

/// `[server]`
#[derive(Debug, Clone)]
pub struct Server {
    /// Where connections are accepted; port 0 asks the system for a free one.
    pub listen: SocketAddr,
    /// Where numbers for operators are served, apart from everything else; nowhere where absent.
    pub metrics_listen: Option<SocketAddr>,
    /// The address in visitors' browsers, if it is set: [`Config::public_url`] knows the default.
    pub public_url: Option<Url>,
    /// Networks of the proxies whose word on a visitor's address counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Own TLS.
    pub tls: Option<Tls>,
    /// What the node serves.
    pub role: Role,
    /// Worker threads; `None`: one for each core.
    pub workers: Option<usize>,
    /// How long requests that are under way may take when the server stops.
    pub shutdown_seconds: u64,
}

/// `server.tls`. That the files are there and fit is checked where they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and its chain, in PEM.
    pub cert_file: PathBuf,
    /// Its private key, in PEM.
    pub key_file: PathBuf,
}

/// `[database]`
#[derive(Debug, Clone)]
pub struct Database {
    /// SQLite or PostgreSQL.
    pub url: DatabaseUrl,
    /// Connections to PostgreSQL at most.
    pub max_connections: u32,
    /// Writers side by side on PostgreSQL.
    pub writers: usize,
}

/// `[keys]`
#[derive(Debug, Clone)]
pub struct Keys {
    /// Where the master identity comes from.
    pub master: KeySource,
    /// Where the index secret comes from; never a command.
    pub index: KeySource,
    /// How long an unwrapped inbox identity stays in memory.
    pub identity_cache_seconds: u32,
}

/// Where a key comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// What a program, such as a key management client, prints.
    Command(Vec<String>),
    /// The key itself.
    Value(SecretString),
}

/// `[mail]`
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender.
    pub from: Option<String>,
    /// `smtp://` or `smtps://`, with the user's name but never the password.
    pub smtp: Option<Url>,
    /// What `smtp://` does about TLS.
    pub starttls: StartTls,
    /// The password of the SMTP user.
    pub password: Option<SecretString>,
    /// Where mails are written as files when there is no SMTP server.
    pub directory: Option<PathBuf>,
}

/// `mail.starttls`
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum StartTls {
    /// No mail without it.
    Required,
    /// In plain text, for a server on the same machine.
    None,
}

/// `[staff]`
#[derive(Debug, Clone)]
pub struct Staff {
    /// The ways to sign in, in the order of the login page; never empty.
    pub providers: Vec<Provider>,
    /// A session ends after so many minutes without a request.
    pub session_idle_minutes: u32,
    /// A session ends after so many hours in any case.
    pub session_absolute_hours: u32,
    /// What can't be taken back asks for the password again after so many minutes.
    pub confirm_after_minutes: u32,
    /// Whether the login page sends people on where there is only one provider to be sent to.
    pub sign_in_at_once: bool,
    /// Whether accounts of this installation need a second factor.
    pub second_factor: SecondFactor,
}

/// `staff.second_factor`
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SecondFactor {
    /// Whoever wants one has one.
    Optional,
    /// Whoever has none sets one up when signing in.
    Required,
}

/// `[limits]`
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Controls of one submission at most.
    pub answers: usize,
    /// Submissions from one address in a minute; 0 is off.
    pub submissions_per_minute: u32,
    /// Submissions from one address at once.
    pub burst: u32,
    /// Public pages to one address in a minute; 0 is off.
    pub pages_per_minute: u32,
    /// Submissions that wait for the database at most.
    pub queue: usize,
    /// Passwords that are checked at once; each takes 19 MiB.
    pub logins_at_once: usize,
    /// How many hours may pass between showing a form and sending it.
    pub form_token_hours: u32,
    /// Bytes of all files of one submission at most.
    pub upload_bytes: u64,
    /// Seconds after which a page can have been filled in; sooner is suspect. 0 is off.
    pub quickest_seconds: u32,
    /// Submissions to one form in a minute, above which a proof of work is asked for; 0 is off.
    pub challenge_after: u32,
    /// The same for one address.
    pub challenge_address_after: u32,
    /// Submissions with files that may come in at once; each takes less than 1 MiB of memory.
    pub uploads_at_once: usize,
    /// The same for one address.
    pub uploads_at_once_by_address: usize,
    /// Bytes of files that may wait for a submission; beyond it the oldest give way.
    pub waiting_upload_bytes: u64,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct Log {
    /// `None`: pretty on a terminal, else JSON.
    pub format: Option<LogFormat>,
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub level: String,
}

/// `log.format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Why there is no configuration. One line, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("cannot read the configuration {file}: {cause}")]
    Unreadable {
        /// Its path.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// The file is not TOML.
    #[error("{place} is not valid TOML: {message}")]
    Syntax {
        /// File and line.
        place: String,
        /// What the parser said.
        message: String,
    },
    /// No such setting.
    #[error("{key} ({origin}) is not a setting; {known}")]
    Unknown {
        /// Its name.
        key: String,
        /// Where it is written.
        origin: String,
        /// What there is instead.
        known: String,
    },
    /// Two settings of which one counts.
    #[error("{key} ({origin}) is set beside {other}; keep one of them")]
    Both {
        /// One.
        key: String,
        /// Where it is written.
        origin: String,
        /// The other.
        other: String,
    },
    /// A value that is not allowed.
    #[error("{key}{value} {allowed}")]
    Wrong {
        /// The setting.
        key: String,
        /// The value and where it is written.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A setting that others make necessary.
    #[error("{key} is not set{reason}")]
    Missing {
        /// The setting.
        key: String,
        /// Why it has to be.
        reason: &'static str,
    },
    /// The file of a secret can't be used.
    #[error("{key} = {file:?} ({origin}) cannot be used: {cause}")]
    Secret {
        /// The setting.
        key: String,
        /// The file of the secret.
        file: String,
        /// Where the setting is written.
        origin: String,
        /// What is wrong with the file.
        cause: String,
    },
    /// A defect: the layers have shapes that exclude each other.
    #[error("the settings contradict each other in their structure")]
    Unmerged,
}

impl Config {
    /// The address in visitors' browsers: scheme, host and port, without a slash at the end. By default
    /// that of [`Server::listen`].
    pub fn public_url(&self) -> String {
        match &self.server.public_url {
            Some(url) => origin(url),
            None => default_public_url(self.server.listen, self.server.tls.is_some()),
        }
    }

    /// Whether visitors come over TLS, be it ours or a proxy's.
    pub fn https(&self) -> bool {
        self.public_url().starts_with("https://")
    }

    /// What was accepted but has no effect, or may not be what was meant.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn default_public_url(listen: SocketAddr, tls: bool) -> String {
    let url = format!("{}://{listen}", if tls { "https" } else { "http" });
    // Through `Url`, because a default port has no place in an origin.
    Url::parse(&url).map_or(url, |url| origin(&url))
}

/// The process's environment in the form that [`load`] takes.
pub fn environment() -> Vec<(String, String)> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}

/// Merges and checks everything.
pub fn load(source: &Source, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let settings = Settings::read(DEFAULTS, source, environment)?;
    let mut config = Config {
        server: server(&settings)?,
        database: database(&settings)?,
        keys: keys(&settings)?,
        mail: mail(&settings)?,
        staff: staff(&settings)?,
        limits: limits(&settings)?,
        scan: scan(&settings)?,
        log: log(&settings)?,
        warnings: Vec::new(),
    };
    config.warnings = doubts(&settings, &config);
    Ok(config)
}

fn server(settings: &Settings) -> Result<Server, ConfigError> {
    let listen = settings.require("server.listen")?;
    let address = listen.text()?.replacen("localhost:", "127.0.0.1:", 1);
    let address: SocketAddr = address
        .parse()
        .map_err(|_| listen.wrong("must be an address and a port, such as 127.0.0.1:8080 or [::1]:8080"))?;
    let tls = tls(settings)?;
    let trusted_proxies = trusted_proxies(settings)?;
    if tls.is_none() && trusted_proxies.is_empty() && !is_loopback(address.ip()) {
        return Err(listen.wrong(
            "would serve plain HTTP to the network: set server.tls, or name the proxy that adds TLS in server.trusted_proxies",
        ));
    }
    Ok(Server {
        listen: address,
        metrics_listen: match settings.get("server.metrics_listen") {
            None => None,
            Some(setting) => Some(
                setting
                    .text()?
                    .parse()
                    .map_err(|_| setting.wrong("must be an address and a port, such as 127.0.0.1:9090"))?,
            ),
        },
        public_url: public_url(settings, address, tls.is_some())?,
        trusted_proxies,
        tls,
        role: settings.require("server.role")?.one_of()?,
        workers: settings.get("server.workers").map(|workers| workers.number(1..=1024)).transpose()?,
        shutdown_seconds: settings.number("server.shutdown_seconds", 0..=3600)?,
    })
}

fn tls(settings: &Settings) -> Result<Option<Tls>, ConfigError> {
    let (cert, key) = (settings.get("server.tls.cert_file"), settings.get("server.tls.key_file"));
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(Tls { cert_file: cert.path()?, key_file: key.path()? })),
        (Some(cert), None) => Err(cert.wrong("needs server.tls.key_file beside it")),
        (None, Some(key)) => Err(key.wrong("needs server.tls.cert_file beside it")),
    }
}

fn trusted_proxies(settings: &Settings) -> Result<Vec<IpNet>, ConfigError> {
    let Some(setting) = settings.get("server.trusted_proxies") else {
        return Ok(Vec::new());
    };
    let network = |text: String| {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| setting.wrong(r#"must be a list of networks, such as ["127.0.0.1/32", "fd00::/8"]"#))
    };
    setting.list()?.into_iter().map(network).collect()
}

fn public_url(settings: &Settings, listen: SocketAddr, tls: bool) -> Result<Option<Url>, ConfigError> {
    let Some(setting) = settings.get("server.public_url") else {
        // Nobody can visit 0.0.0.0, and no visitor should come to another machine without TLS.
        return if listen.ip().is_unspecified() || !(tls || is_loopback(listen.ip())) {
            let reason = ", and server.listen does not tell: set it to the https:// address in visitors' browsers";
            Err(ConfigError::Missing { key: "server.public_url".to_owned(), reason })
        } else {
            Ok(None)
        };
    };
    let text = setting.hidden_text()?;
    let form = "must be http:// or https:// with a host and nothing behind it, such as https://forms.example";
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !text.contains('@')
    });
    let Some(url) = url else {
        // With an `@` there may be a password before it.
        return Err(if text.contains('@') { setting.wrong_hidden(form) } else { setting.wrong(form) });
    };
    if url.scheme() == "http" && tls {
        return Err(setting.wrong("must begin with https://, because server.tls is set"));
    }
    if url.scheme() == "http" && !is_local(&url) {
        return Err(setting.wrong("must begin with https://; http:// is for localhost, 127.0.0.1 and [::1] only"));
    }
    Ok(Some(url))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => is_loopback(address.into()),
        None => false,
    }
}

fn database(settings: &Settings) -> Result<Database, ConfigError> {
    let url = match settings.secret("database.url")? {
        Some((setting, text)) => DatabaseUrl::parse(secrecy::ExposeSecret::expose_secret(&text), setting.base())
            .ok_or_else(|| setting.wrong_hidden(DatabaseUrl::ALLOWED))?,
        None => DatabaseUrl::sqlite(&layers::within(&settings.dir, "data/sealwax.db".as_ref())).ok_or(
            ConfigError::Missing { key: "database.url".to_owned(), reason: ", and the directory's name is not UTF-8" },
        )?,
    };
    Ok(Database {
        url,
        max_connections: settings.number("database.max_connections", 2..=1000)?,
        writers: settings.number("database.writers", 1..=64)?,
    })
}

fn keys(settings: &Settings) -> Result<Keys, ConfigError> {
    let master = if let Some(setting) = settings.get("keys.master") {
        if setting.is_from_file() {
            return Err(setting.wrong_hidden(
                "must not be in the configuration: keep it in a file of its own for keys.master_file, or in SEALWAX__KEYS__MASTER",
            ));
        }
        KeySource::Value(setting.secret()?)
    } else if let Some(setting) = settings.get("keys.master_command") {
        KeySource::Command(setting.command()?)
    } else {
        key_file(settings, "keys.master_file", "keys/master.agekey")?
    };
    let index = match settings.get("keys.index") {
        Some(setting) => KeySource::Value(setting.secret()?),
        None => key_file(settings, "keys.index_file", "keys/index.secret")?,
    };
    Ok(Keys { master, index, identity_cache_seconds: settings.number("keys.identity_cache_seconds", 0..=86_400)? })
}

fn key_file(settings: &Settings, name: &str, default: &str) -> Result<KeySource, ConfigError> {
    let path = match settings.get(name) {
        Some(setting) => setting.path()?,
        None => layers::within(&settings.dir, default.as_ref()),
    };
    Ok(KeySource::File(path))
}

fn mail(settings: &Settings) -> Result<Option<Mail>, ConfigError> {
    if !settings.has_section("mail") {
        return Ok(None);
    }
    let from = match settings.get("mail.from") {
        None => None,
        Some(setting) => {
            let from = setting.text()?;
            if !from.contains('@') || from.contains(char::is_control) {
                return Err(setting.wrong(r#"must be a sender, such as "Forms <forms@shop.example>""#));
            }
            Some(from.to_owned())
        }
    };
    let smtp = match settings.get("mail.smtp") {
        None => None,
        Some(setting) => {
            let url = Url::parse(setting.hidden_text()?).ok().filter(|url| {
                matches!(url.scheme(), "smtp" | "smtps")
                    && url.host_str().is_some_and(|host| !host.is_empty())
                    && url.password().is_none()
                    && matches!(url.path(), "" | "/")
                    && url.query().is_none()
                    && url.fragment().is_none()
            });
            Some(url.ok_or_else(|| {
                setting.wrong_hidden(
                    "must be smtps://USER@HOST:PORT or smtp://…; the password belongs into mail.password_file",
                )
            })?)
        }
    };
    Ok(Some(Mail {
        from,
        smtp,
        starttls: settings.get("mail.starttls").map_or(Ok(StartTls::Required), |setting| setting.one_of())?,
        password: settings.secret("mail.password")?.map(|(_, password)| password),
        directory: settings.get("mail.directory").map(|setting| setting.path()).transpose()?,
    }))
}

fn scan(settings: &Settings) -> Result<Option<Clamd>, ConfigError> {
    let Some(setting) = settings.get("scan.clamd") else { return Ok(None) };
    let text = setting.text()?;
    if text.contains('/') {
        return Ok(Some(Clamd::Socket(setting.path()?)));
    }
    let port =
        text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).and_then(|(_, port)| port.parse::<u16>().ok());
    match port {
        Some(port) if port > 0 => Ok(Some(Clamd::Tcp(text.to_owned()))),
        _ => Err(setting.wrong("must be the path of clamd's socket, such as /run/clamav/clamd.ctl, or HOST:PORT")),
    }
}

fn staff(settings: &Settings) -> Result<Staff, ConfigError> {
    let session_absolute_hours: u32 = settings.number("staff.session_absolute_hours", 1..=720)?;
    let idle = settings.require("staff.session_idle_minutes")?;
    let session_idle_minutes = idle.number(1..=43_200)?;
    if session_idle_minutes > session_absolute_hours * 60 {
        return Err(idle.wrong(format!(
            "must not be longer than staff.session_absolute_hours, which is {session_absolute_hours}"
        )));
    }
    Ok(Staff {
        providers: providers::providers(settings)?,
        session_idle_minutes,
        session_absolute_hours,
        confirm_after_minutes: settings.number("staff.confirm_after_minutes", 1..=1440)?,
        sign_in_at_once: settings.require("staff.sign_in_at_once")?.flag()?,
        second_factor: settings.require("staff.second_factor")?.one_of()?,
    })
}

fn limits(settings: &Settings) -> Result<Limits, ConfigError> {
    Ok(Limits {
        body_bytes: settings.number("limits.body_bytes", 1024..=16_777_216)?,
        answers: settings.number("limits.answers", 1..=10_000)?,
        submissions_per_minute: settings.number("limits.submissions_per_minute", 0..=1_000_000)?,
        burst: settings.number("limits.burst", 1..=1_000_000)?,
        pages_per_minute: settings.number("limits.pages_per_minute", 0..=1_000_000)?,
        queue: settings.number("limits.queue", 1..=65_536)?,
        logins_at_once: settings.number("limits.logins_at_once", 1..=64)?,
        form_token_hours: settings.number("limits.form_token_hours", 1..=720)?,
        upload_bytes: settings.number("limits.upload_bytes", 0..=1_073_741_824)?,
        uploads_at_once: settings.number("limits.uploads_at_once", 1..=1000)?,
        uploads_at_once_by_address: settings.number("limits.uploads_at_once_by_address", 1..=1000)?,
        waiting_upload_bytes: settings.number("limits.waiting_upload_bytes", 1_048_576..=1_099_511_627_776)?,
        quickest_seconds: settings.number("limits.quickest_seconds", 0..=60)?,
        challenge_after: settings.number("limits.challenge_after", 0..=1_000_000)?,
        challenge_address_after: settings.number("limits.challenge_address_after", 0..=1_000_000)?,
    })
}

fn log(settings: &Settings) -> Result<Log, ConfigError> {
    let format = settings.get("log.format").map(|setting| setting.one_of()).transpose()?;
    let level = settings.require("log.level")?;
    let text = level.text()?;
    // The filter itself would take a misspelt level for the name of a module.
    let is_level = |text: &str| matches!(text, "off" | "error" | "warn" | "info" | "debug" | "trace");
    let is_directive = |part: &str| is_level(part.rsplit_once('=').map_or(part, |(_, level)| level));
    let usable = text.split(',').all(|part| is_directive(part.trim()))
        && tracing_subscriber::EnvFilter::builder().parse(text).is_ok();
    if !usable {
        return Err(level.wrong("must be error, warn, info, debug or trace, or parts such as info,sealwax=debug"));
    }
    Ok(Log { format, level: text.to_owned() })
}

/// See [`Config::warnings`].
fn doubts(settings: &Settings, config: &Config) -> Vec<String> {
    let mut doubts = Vec::new();
    if config.mail.as_ref().is_some_and(|mail| mail.smtp.is_none() && mail.directory.is_none()) {
        doubts.push("[mail] has neither smtp nor directory, so no mail is sent".to_owned());
    }
    let server = &config.server;
    if server.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        doubts.push("server.trusted_proxies trusts every address, so that visitors can forge theirs".to_owned());
    }
    if server.public_url.is_some() && config.https() && server.tls.is_none() && server.trusted_proxies.is_empty() {
        doubts.push(
            "server.public_url is https and server.tls is not set, so a proxy adds TLS: name it in \
             server.trusted_proxies, or all visitors share its address and its limits"
                .to_owned(),
        );
    }
    if server.public_url.is_none() && !server.trusted_proxies.is_empty() {
        doubts.push(format!("server.public_url is not set, so links and receipts say {}", config.public_url()));
    }
    if server.role == Role::Public {
        for key in ["keys.master", "keys.master_command", "keys.master_file"] {
            if settings.is_set(key) {
                doubts.push(format!("{key} is not used with server.role = \"public\": keep that key off this node"));
            }
        }
    }
    let database = &config.database;
    if database.url.sqlite_path().is_none() && database.writers > database.max_connections as usize {
        doubts.push(format!(
            "database.writers is {}, but database.max_connections lets only {} work at once",
            database.writers, database.max_connections
        ));
    }
    if database.url.sqlite_path().is_some() {
        for key in ["database.max_connections", "database.writers"] {
            if settings.is_set(key) {
                doubts.push(format!("{key} is for PostgreSQL and has no effect on SQLite"));
            }
        }
    }
    if config.limits.submissions_per_minute == 0 && settings.is_set("limits.burst") {
        doubts.push("limits.burst has no effect while limits.submissions_per_minute is 0".to_owned());
    }
    let mut secrets = vec!["keys.index", "mail.password"];
    if database.url.has_password() {
        secrets.push("database.url");
    }
    for key in secrets {
        if let Some(file) = settings.exposed(key) {
            doubts.push(format!("{key} is in {file}, which everybody on this machine can read; run: chmod 640 {file}"));
        }
    }
    doubts
}

#[cfg(test)]
mod tests;
