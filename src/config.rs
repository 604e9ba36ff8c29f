//! `sealwax.toml` and the environment, read into one typed [`Config`].
//!
//! Defaults, then the file, then `SEALWAX__SECTION__KEY` from the environment (lists separated by
//! commas); the `config` crate merges them. Each key is then read by name, so that an error is one
//! line with the key, the value, where it came from and what is allowed. Relative paths in the
//! file are relative to the file's directory.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use config::{Environment, File, FileFormat, Value, ValueKind};
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::crypto::keyring::KeySource;

/// How the installation is configured; every value is checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: Keys,
    /// `[staff]`
    pub staff: Staff,
    /// `[limits]`
    pub limits: Limits,
    /// `[log]`
    pub log: Log,
    /// Accepted, but without effect or worth a thought.
    pub warnings: Vec<String>,
}

/// What a node serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    All,
    /// Forms only; the node can seal and not open.
    Public,
    /// The staff area only.
    Staff,
}

/// `[server]`
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to accept connections.
    pub listen: SocketAddr,
    /// The address in visitors' browsers, without a slash at the end; `None`: the listening address.
    pub public_url: Option<Url>,
    /// Networks of proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Own certificate and key.
    pub tls: Option<Tls>,
    /// What the node serves.
    pub role: Role,
    /// Worker threads; `None`: one for each core.
    pub workers: Option<usize>,
    /// How long open requests may take when the server stops.
    pub shutdown_seconds: u64,
}

/// `server.tls`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate with its chain, PEM.
    pub cert_file: PathBuf,
    /// The private key, PEM.
    pub key_file: PathBuf,
}

/// `[database]`
#[derive(Debug, Clone)]
pub struct Database {
    /// SQLite or PostgreSQL.
    pub url: DatabaseUrl,
    /// Most connections, for PostgreSQL.
    pub max_connections: u32,
    /// Writers side by side, for PostgreSQL.
    pub writers: usize,
}

/// A database's address. Prints without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// An address, password and all.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The address for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

fn without_password(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) if url.scheme() == "sqlite" => url.to_string(),
        Ok(url) => format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or("…"), url.path()),
        Err(_) => "(not a URL)".to_owned(),
    }
}

/// `[keys]`
#[derive(Debug, Clone)]
pub struct Keys {
    /// Where the master key comes from.
    pub master: KeySource,
    /// Where the index secret comes from.
    pub index: KeySource,
    /// How long an unwrapped inbox identity stays in memory.
    pub identity_cache_seconds: u32,
}

/// `[staff]`
#[derive(Debug, Clone)]
pub struct Staff {
    /// A session ends after so many minutes without a request.
    pub session_idle_minutes: u32,
    /// A session ends after so many hours in any case.
    pub session_absolute_hours: u32,
}

/// `[limits]`
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Most controls of one submission.
    pub answers: usize,
    /// Submissions from one address in a minute; 0 is off.
    pub submissions_per_minute: u32,
    /// Submissions from one address at once.
    pub burst: u32,
    /// Public pages to one address in a minute; 0 is off.
    pub pages_per_minute: u32,
    /// Most submissions that wait for the database.
    pub queue: usize,
    /// Most passwords checked at once; each takes 19 MiB.
    pub logins_at_once: usize,
    /// How long a page may stay open before it is sent, in hours.
    pub form_token_hours: u32,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct Log {
    /// Whether to write JSON; `None`: unless standard error is a terminal.
    pub json: Option<bool>,
    /// A `tracing` filter such as `info` or `sealwax=debug`.
    pub level: String,
}

/// Where configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// `--config FILE`
    pub file: Option<PathBuf>,
    /// `--dir DIR`: where an installation without a file keeps everything. Default: here.
    pub dir: Option<PathBuf>,
    /// TOML that replaces defaults and is itself replaced by the file and the environment.
    pub base: Option<String>,
}

/// Why the configuration does not count. One line, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read or is no TOML.
    #[error("{file}: {cause}")]
    File {
        /// Its path.
        file: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A key that nothing knows.
    #[error("{key} (in {origin}) is no setting{near}")]
    Unknown {
        /// The key.
        key: String,
        /// A file or "the environment".
        origin: String,
        /// What is known near it.
        near: String,
    },
    /// A value that is not allowed.
    #[error("{key} = {value} (in {origin}): {allowed}")]
    Wrong {
        /// The key.
        key: String,
        /// The value, or dots for a secret.
        value: String,
        /// A file, "the environment" or "the defaults".
        origin: String,
        /// What is allowed.
        allowed: String,
    },
}

impl Config {
    /// The address in visitors' browsers, without a slash at the end.
    pub fn public_url(&self) -> String {
        let scheme = if self.server.tls.is_some() { "https" } else { "http" };
        let url = self
            .server
            .public_url
            .as_ref()
            .map_or_else(|| format!("{scheme}://{}", self.server.listen), Url::to_string);
        url.trim_end_matches('/').to_owned()
    }

    /// Whether visitors come over TLS, ours or a proxy's.
    pub fn https(&self) -> bool {
        self.public_url().starts_with("https://")
    }
}

/// Merges and checks everything.
pub fn load(source: &Source, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let dir = source.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let base_dir = match &source.file {
        Some(file) => file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .map_or_else(|| PathBuf::from("."), Path::to_owned),
        None => dir.clone(),
    };
    let mut builder = config::Config::builder();
    if let Some(base) = &source.base {
        builder = builder.add_source(File::from_str(base, FileFormat::Toml));
    }
    if let Some(file) = &source.file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ConfigError::File { file: file.display().to_string(), cause: error.to_string() })?;
        // Parsed once for the place of a mistake, without the source line, which may hold a secret.
        if let Err(error) = text.parse::<toml::Table>() {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            return Err(ConfigError::File {
                file: file.display().to_string(),
                cause: format!("line {line}: {}", error.message()),
            });
        }
        builder = builder.add_source(File::from(file.as_path()).format(FileFormat::Toml));
    }
    let variables = environment.into_iter().filter(|(name, _)| name.starts_with("SEALWAX__")).collect();
    builder = builder
        .add_source(Environment::with_prefix("SEALWAX").prefix_separator("__").separator("__").source(Some(variables)));
    let merged = builder
        .build()
        .map_err(|error| ConfigError::File { file: "configuration".to_owned(), cause: error.to_string() })?;
    let mut values = BTreeMap::new();
    flatten("", merged.cache, &mut values);
    let file = source.file.as_ref().map(|file| file.display().to_string());
    Reader { values, file, base_dir, dir }.read()
}

fn flatten(path: &str, value: Value, into: &mut BTreeMap<String, Value>) {
    if let ValueKind::Table(table) = value.kind {
        for (key, value) in table {
            let path = if path.is_empty() { key } else { format!("{path}.{key}") };
            flatten(&path, value, into);
        }
    } else if !path.is_empty() {
        into.insert(path.to_owned(), value);
    }
}

/// Every key that may be set.
const KNOWN: &[&str] = &[
    "server.listen",
    "server.public_url",
    "server.trusted_proxies",
    "server.tls.cert_file",
    "server.tls.key_file",
    "server.role",
    "server.workers",
    "server.shutdown_seconds",
    "database.url",
    "database.url_file",
    "database.max_connections",
    "database.writers",
    "keys.master_file",
    "keys.master_command",
    "keys.master",
    "keys.index_file",
    "keys.index",
    "keys.identity_cache_seconds",
    "mail.from",
    "mail.smtp",
    "mail.starttls",
    "mail.password_file",
    "mail.directory",
    "staff.providers",
    "staff.session_idle_minutes",
    "staff.session_absolute_hours",
    "limits.body_bytes",
    "limits.answers",
    "limits.submissions_per_minute",
    "limits.burst",
    "limits.pages_per_minute",
    "limits.queue",
    "limits.logins_at_once",
    "limits.form_token_hours",
    "log.format",
    "log.level",
];

struct Reader {
    values: BTreeMap<String, Value>,
    file: Option<String>,
    base_dir: PathBuf,
    dir: PathBuf,
}

impl Reader {
    fn read(self) -> Result<Config, ConfigError> {
        self.refuse_unknown()?;
        let warnings = self.warnings()?;
        let config = Config {
            server: self.server()?,
            database: self.database()?,
            keys: self.keys()?,
            staff: Staff {
                session_idle_minutes: self.number("staff.session_idle_minutes", 60, 1, 24 * 60)?,
                session_absolute_hours: self.number("staff.session_absolute_hours", 12, 1, 24 * 30)?,
            },
            limits: Limits {
                body_bytes: self.number("limits.body_bytes", 256 * 1024, 1024, 16 << 20)? as usize,
                answers: self.number("limits.answers", 200, 1, 10_000)? as usize,
                submissions_per_minute: self.number("limits.submissions_per_minute", 100, 0, 1_000_000)?,
                burst: self.number("limits.burst", 100, 1, 1_000_000)?,
                pages_per_minute: self.number("limits.pages_per_minute", 600, 0, 1_000_000)?,
                queue: self.number("limits.queue", 1024, 1, 65_536)? as usize,
                logins_at_once: self.number("limits.logins_at_once", 2, 1, 64)? as usize,
                form_token_hours: self.number("limits.form_token_hours", 24, 1, 24 * 30)?,
            },
            log: self.log()?,
            warnings,
        };
        self.check_exposure(&config)?;
        Ok(config)
    }

    fn refuse_unknown(&self) -> Result<(), ConfigError> {
        let Some((key, value)) = self.values.iter().find(|(key, _)| !KNOWN.contains(&key.as_str())) else {
            return Ok(());
        };
        let section = key.split('.').next().unwrap_or_default();
        let near: Vec<&str> = KNOWN.iter().filter_map(|known| known.strip_prefix(&format!("{section}."))).collect();
        let near = if near.is_empty() {
            "; the sections are server, database, keys, mail, staff, limits and log".to_owned()
        } else {
            format!("; [{section}] takes {}", near.join(", "))
        };
        Err(ConfigError::Unknown { key: key.clone(), origin: self.origin(value), near })
    }

    fn warnings(&self) -> Result<Vec<String>, ConfigError> {
        let mut warnings = Vec::new();
        if self.values.keys().any(|key| key.starts_with("mail.")) {
            warnings.push("[mail] is set, but this version sends no mail".to_owned());
        }
        if let Some(providers) = self.values.get("staff.providers") {
            let list = providers
                .clone()
                .into_array()
                .map_err(|_| self.wrong("staff.providers", false, "takes a list of tables"))?;
            for (i, provider) in list.into_iter().enumerate() {
                let table = provider.clone().into_table().unwrap_or_default();
                let kind = table.get("kind").map(ToString::to_string).unwrap_or_default();
                if kind != "local" {
                    return Err(ConfigError::Wrong {
                        key: format!("staff.providers[{i}].kind"),
                        value: kind,
                        origin: self.origin(&provider),
                        allowed: "this version signs staff in with local accounts only; write \"local\" or remove the provider".to_owned(),
                    });
                }
            }
        }
        Ok(warnings)
    }

    fn server(&self) -> Result<Server, ConfigError> {
        let listen = self.parse(
            "server.listen",
            "127.0.0.1:8080",
            "takes an address and a port, such as 127.0.0.1:8080 or [::1]:8080",
        )?;
        let public_url = match self.text("server.public_url")? {
            None => None,
            Some(text) => {
                let url =
                    Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
                let url = url.filter(|url| url.path() == "/" && url.query().is_none() && url.username().is_empty());
                Some(url.ok_or_else(|| {
                    self.wrong(
                        "server.public_url",
                        false,
                        "takes scheme, host and port only, such as https://forms.example",
                    )
                })?)
            }
        };
        let mut trusted_proxies = Vec::new();
        for text in self.list("server.trusted_proxies")? {
            let network = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
            trusted_proxies.push(network.map_err(|_| {
                self.wrong("server.trusted_proxies", false, "takes networks such as [\"127.0.0.1/32\"]")
            })?);
        }
        let tls = match (self.path("server.tls.cert_file")?, self.path("server.tls.key_file")?) {
            (Some(cert_file), Some(key_file)) => Some(Tls { cert_file, key_file }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(self.wrong("server.tls.cert_file", false, "needs server.tls.key_file beside it"));
            }
            (None, Some(_)) => {
                return Err(self.wrong("server.tls.key_file", false, "needs server.tls.cert_file beside it"));
            }
        };
        let role = match self.text("server.role")?.as_deref() {
            None | Some("all") => Role::All,
            Some("public") => Role::Public,
            Some("staff") => Role::Staff,
            Some(_) => return Err(self.wrong("server.role", false, "takes all, public or staff")),
        };
        let workers = self.number("server.workers", 0, 0, 256)? as usize;
        Ok(Server {
            listen,
            public_url,
            trusted_proxies,
            tls,
            role,
            workers: (workers > 0).then_some(workers),
            shutdown_seconds: self.number("server.shutdown_seconds", 30, 0, 3600)?.into(),
        })
    }

    fn database(&self) -> Result<Database, ConfigError> {
        let url = match self.secret_text("database.url", "database.url_file")? {
            Some(url) => url,
            None => format!("sqlite://{}", self.dir.join("data/sealwax.db").display()),
        };
        let allowed = "takes sqlite://path/to/file.db or postgres://user@host/database";
        let url = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let from_defaults = !self.values.contains_key("database.url");
            let place = if from_defaults { PathBuf::from(path) } else { self.base_dir.join(path) };
            format!("sqlite://{}", place.display())
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            if Url::parse(&url).is_err() {
                return Err(self.wrong("database.url", true, allowed));
            }
            url
        } else {
            return Err(self.wrong("database.url", true, allowed));
        };
        Ok(Database {
            url: DatabaseUrl(url),
            max_connections: self.number("database.max_connections", 10, 2, 1000)?,
            writers: self.number("database.writers", 2, 1, 32)? as usize,
        })
    }

    fn keys(&self) -> Result<Keys, ConfigError> {
        let ways = ["keys.master", "keys.master_command", "keys.master_file"];
        let set: Vec<&str> = ways.into_iter().filter(|key| self.values.contains_key(*key)).collect();
        if let [_, second, ..] = set.as_slice() {
            return Err(self.wrong(
                second,
                true,
                "is one way too many; give the master key as keys.master, keys.master_command or keys.master_file",
            ));
        }
        let master = if let Some(value) = self.text("keys.master")? {
            KeySource::Value(SecretString::from(value))
        } else if self.values.contains_key("keys.master_command") {
            let words = self.list("keys.master_command")?;
            if words.is_empty() {
                return Err(self.wrong(
                    "keys.master_command",
                    false,
                    "takes a program and its arguments, such as [\"kms\", \"decrypt\"]",
                ));
            }
            KeySource::Command(words)
        } else {
            KeySource::File(self.path("keys.master_file")?.unwrap_or_else(|| self.dir.join("keys/master.agekey")))
        };
        let index = match self.text("keys.index")? {
            Some(value) => KeySource::Value(SecretString::from(value)),
            None => {
                KeySource::File(self.path("keys.index_file")?.unwrap_or_else(|| self.dir.join("keys/index.secret")))
            }
        };
        Ok(Keys { master, index, identity_cache_seconds: self.number("keys.identity_cache_seconds", 300, 0, 86_400)? })
    }

    fn log(&self) -> Result<Log, ConfigError> {
        let json = match self.text("log.format")?.as_deref() {
            None => None,
            Some("json") => Some(true),
            Some("pretty") => Some(false),
            Some(_) => return Err(self.wrong("log.format", false, "takes json or pretty")),
        };
        let level = self.text("log.level")?.unwrap_or_else(|| "info".to_owned());
        if level.parse::<tracing_subscriber::filter::EnvFilter>().is_err() {
            return Err(self.wrong("log.level", false, "takes error, warn, info, debug or trace"));
        }
        Ok(Log { json, level })
    }

    /// Plain HTTP stays on this machine, or behind a proxy that somebody has declared.
    fn check_exposure(&self, config: &Config) -> Result<(), ConfigError> {
        let server = &config.server;
        if server.tls.is_none() && !server.listen.ip().is_loopback() && server.trusted_proxies.is_empty() {
            return Err(self.wrong(
                "server.listen",
                false,
                "is open to the network without TLS; set server.tls, or name the proxy that adds TLS in server.trusted_proxies",
            ));
        }
        let Some(url) = &server.public_url else { return Ok(()) };
        let local = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if url.scheme() == "http" && !local {
            return Err(self.wrong(
                "server.public_url",
                false,
                "is plain http for a host that is not this machine; write https",
            ));
        }
        Ok(())
    }

    fn origin(&self, value: &Value) -> String {
        match value.origin() {
            Some("the environment") => "the environment".to_owned(),
            Some(_) => self.file.clone().unwrap_or_else(|| "the defaults".to_owned()),
            None => "the defaults".to_owned(),
        }
    }

    fn wrong(&self, key: &str, secret: bool, allowed: &str) -> ConfigError {
        let value = self.values.get(key);
        let shown = match value {
            None => "(not set)".to_owned(),
            Some(_) if secret => "…".to_owned(),
            Some(value) => value.to_string(),
        };
        let origin = value.map_or_else(|| "the defaults".to_owned(), |value| self.origin(value));
        ConfigError::Wrong { key: key.to_owned(), value: shown, origin, allowed: allowed.to_owned() }
    }

    fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let Some(value) = self.values.get(key) else { return Ok(None) };
        let text = match &value.kind {
            ValueKind::String(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        };
        text.map(Some).ok_or_else(|| self.wrong(key, key == "keys.master" || key == "keys.index", "takes text"))
    }

    fn secret_text(&self, key: &str, file_key: &str) -> Result<Option<String>, ConfigError> {
        let Some(path) = self.path(file_key)? else {
            return self.text(key).map_err(|_| self.wrong(key, true, "takes text"));
        };
        if self.values.contains_key(key) {
            return Err(self.wrong(file_key, false, &format!("is one way too many beside {key}; keep one")));
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| self.wrong(file_key, false, &format!("can't be read: {error}")))?;
        Ok(Some(text.trim().to_owned()))
    }

    fn parse<T: std::str::FromStr>(&self, key: &str, default: &str, allowed: &str) -> Result<T, ConfigError> {
        let text = self.text(key)?.unwrap_or_else(|| default.to_owned());
        text.parse().map_err(|_| self.wrong(key, false, allowed))
    }

    fn number(&self, key: &str, default: u32, least: u32, most: u32) -> Result<u32, ConfigError> {
        let Some(value) = self.values.get(key) else { return Ok(default) };
        let number = match &value.kind {
            ValueKind::I64(number) => u32::try_from(*number).ok(),
            ValueKind::U64(number) => u32::try_from(*number).ok(),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.wrong(key, false, &format!("takes a whole number from {least} to {most}")))
    }

    fn list(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        let Some(value) = self.values.get(key) else { return Ok(Vec::new()) };
        match &value.kind {
            ValueKind::String(text) => {
                Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
            }
            ValueKind::Array(items) => {
                let texts = items.iter().map(|item| match &item.kind {
                    ValueKind::String(text) => Some(text.clone()),
                    _ => None,
                });
                texts.collect::<Option<Vec<_>>>().ok_or_else(|| self.wrong(key, false, "takes a list of texts"))
            }
            _ => Err(self.wrong(key, false, "takes a list of texts")),
        }
    }

    fn path(&self, key: &str) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self.text(key)?.map(|text| self.base_dir.join(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_text(toml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let source = Source { base: Some(toml.to_owned()), ..Source::default() };
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        load(&source, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_at_all_is_a_working_configuration() {
        let config = load_text("", &[]).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.public_url(), "http://127.0.0.1:8080");
        assert_eq!(config.database.url.expose(), "sqlite://./data/sealwax.db");
        assert!(matches!(&config.keys.master, KeySource::File(path) if path.ends_with("keys/master.agekey")));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load_text("server.listen = '127.0.0.1:1'", &[("SEALWAX__SERVER__LISTEN", "127.0.0.1:2")]).unwrap();
        assert_eq!(config.server.listen.port(), 2);
        let config = load_text("", &[("SEALWAX__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")]).unwrap();
        assert_eq!(config.server.trusted_proxies.len(), 2);
        let config = load_text(
            "",
            &[
                ("SEALWAX__LIMITS__QUEUE", "7"),
                ("SEALWAX__SERVER__TLS__CERT_FILE", "c"),
                ("SEALWAX__SERVER__TLS__KEY_FILE", "k"),
            ],
        )
        .unwrap();
        assert_eq!(config.limits.queue, 7);
        assert!(config.https());
    }

    #[test]
    fn wrong_values_are_named_with_what_is_allowed() {
        let cases = [
            ("server.listen = 'here'", "server.listen = here (in the defaults): takes an address and a port"),
            ("server.role = 'both'", "takes all, public or staff"),
            ("limits.queue = 0", "limits.queue = 0 (in the defaults): takes a whole number from 1 to 65536"),
            ("limits.queue = 'many'", "takes a whole number"),
            ("server.tls = { cert_file = 'x' }", "needs server.tls.key_file"),
            ("server.trusted_proxies = ['nonsense']", "takes networks"),
            ("server.public_url = 'https://a.example/path'", "takes scheme, host and port only"),
            ("server.public_url = 'http://forms.example'", "write https"),
            ("server.listen = '0.0.0.0:80'", "is open to the network without TLS"),
            ("log.format = 'xml'", "takes json or pretty"),
            ("database.url = 'mysql://u:geheim@h/d'", "database.url = … (in the defaults): takes sqlite"),
            ("[[staff.providers]]\nid='x'\nkind='ldap'", "staff.providers[0].kind = ldap"),
            ("keys.master_file = 'a'\nkeys.master = 'AGE-SECRET-KEY-1GEHEIM'", "is one way too many"),
        ];
        for (toml, expected) in cases {
            let error = load_text(toml, &[]).unwrap_err();
            assert!(error.contains(expected), "{toml}: {error}");
            assert!(!error.to_lowercase().contains("geheim"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_neighbours() {
        let error = load_text("server.lisen = 'x'", &[]).unwrap_err();
        assert!(error.contains("server.lisen") && error.contains("listen, public_url"), "{error}");
        let error = load_text("", &[("SEALWAX__SERVE__LISTEN", "x")]).unwrap_err();
        assert!(error.contains("the environment") && error.contains("the sections are"), "{error}");
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let config = load_text(
            "database.url = 'postgres://u:geheim@h/d'\nkeys.master = 'AGE-SECRET-KEY-1GEHEIM'\nkeys.index = 'GEHEIM'",
            &[],
        )
        .unwrap();
        assert!(!format!("{config:?}").to_lowercase().contains("geheim"), "{config:?}");
    }

    #[test]
    fn the_documented_example_is_read_but_for_its_directories() {
        let toml = r#"
            [server]
            listen = "127.0.0.1:8080"
            public_url = "https://forms.example"
            trusted_proxies = ["127.0.0.1/32"]
            tls = { cert_file = "fullchain.pem", key_file = "privkey.pem" }
            role = "all"
            [database]
            url = "sqlite://data/sealwax.db"
            [keys]
            master_file = "keys/master.agekey"
            [mail]
            from = "Forms <forms@shop.example>"
            smtp = "smtps://user@mail.example:465"
            directory = "mail"
        "#;
        let config = load_text(toml, &[]).unwrap();
        assert_eq!(config.public_url(), "https://forms.example");
        assert_eq!(config.warnings.len(), 1);
    }
}
