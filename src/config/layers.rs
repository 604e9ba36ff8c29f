//! What is written where: the layers that settings come from, merged by the `config` crate, each
//! value with its origin (`sealwax.toml:12`, `SEALWAX__LOG__LEVEL`, `--listen`).
//!
//! [`Settings::get`] finds one by its name, `server.listen`; what [`Setting`] offers reads it, and
//! fails with one line that names the key, the value, the origin and what is allowed.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use config::{Map, Value, ValueKind};
use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Source};

/// Every setting, by section.
pub(super) const SECTIONS: &[(&str, &[&str])] = &[
    (
        "server",
        &[
            "listen",
            "public_url",
            "trusted_proxies",
            "tls.cert_file",
            "tls.key_file",
            "role",
            "workers",
            "shutdown_seconds",
            "metrics_listen",
        ],
    ),
    ("database", &["url", "url_file", "max_connections", "writers"]),
    ("keys", &["master_file", "master_command", "master", "index_file", "index", "identity_cache_seconds"]),
    ("mail", &["from", "smtp", "starttls", "password", "password_file", "directory"]),
    ("scan", &["clamd"]),
    (
        "staff",
        &[
            "providers",
            "session_idle_minutes",
            "session_absolute_hours",
            "confirm_after_minutes",
            "sign_in_at_once",
            "second_factor",
        ],
    ),
    (
        "limits",
        &[
            "body_bytes",
            "answers",
            "submissions_per_minute",
            "burst",
            "pages_per_minute",
            "queue",
            "logins_at_once",
            "form_token_hours",
            "upload_bytes",
            "uploads_at_once",
            "uploads_at_once_by_address",
            "waiting_upload_bytes",
            "quickest_seconds",
            "challenge_after",
            "challenge_address_after",
        ],
    ),
    ("log", &["format", "level"]),
];

/// Settings of which one counts. A later layer that sets one of them overrides all of them.
const ALTERNATIVES: &[&[&str]] = &[
    &["database.url", "database.url_file"],
    &["keys.master", "keys.master_command", "keys.master_file"],
    &["keys.index", "keys.index_file"],
    &["mail.password", "mail.password_file"],
];

/// The origin of what nobody has set.
const DEFAULT: &str = "default";
const PREFIX: &str = "SEALWAX__";

/// Settings from one place, by name (`server.listen`).
#[derive(Clone)]
struct Layer(Vec<(String, Value)>);

// Without the values, some of which are secrets; `config::Source` asks for `Debug`.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.iter().cloned().collect())
    }
}

impl Layer {
    /// The settings of a TOML text, whose origin is `name`, with the line where `lines` says so.
    fn toml(text: &str, name: &str, lines: bool) -> Result<Self, ConfigError> {
        let place = |position: usize| {
            let line = text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1;
            if lines { format!("{name}:{line}") } else { name.to_owned() }
        };
        // The parser's own report shows the line, which may hold a secret; its message does not.
        let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            place: place(error.span().map_or(0, |span| span.start)),
            message: clean(error.message()),
        })?;
        let mut settings = Vec::new();
        flatten("", table.into_inner(), &place, &mut settings);
        Self(settings).known()
    }

    /// The settings of `SEALWAX__SECTION__KEY` variables. Empty ones count as not set, which is what
    /// `${NAME:-}` in a compose file means.
    fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut settings: Vec<_> = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty())
            .map(|(name, value)| {
                let setting = name[PREFIX.len()..].to_lowercase().replace("__", ".");
                (setting, Value::new(Some(&clean(&name)), value))
            })
            .collect();
        settings.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(settings).known()
    }

    /// The settings of `--option value` pairs.
    fn arguments(arguments: &[(&str, String)]) -> Result<Self, ConfigError> {
        let value = |(name, value): &(&str, String)| {
            let option = format!("--{}", name.rsplit('.').next().unwrap_or(name).replace('_', "-"));
            ((*name).to_owned(), Value::new(Some(&option), value.as_str()))
        };
        Self(arguments.iter().map(value).collect()).known()
    }

    /// Fails at a setting that does not exist, and where two alternatives are set at once.
    fn known(self) -> Result<Self, ConfigError> {
        for (name, value) in &self.0 {
            if !is_known(name) {
                return Err(ConfigError::Unknown {
                    key: clean(name),
                    origin: origin_of(value),
                    known: neighbours(name),
                });
            }
        }
        for group in ALTERNATIVES {
            let mut set = self.0.iter().filter(|(name, _)| group.contains(&name.as_str()));
            if let (Some((first, _)), Some((second, value))) = (set.next(), set.next()) {
                return Err(ConfigError::Both { key: second.clone(), origin: origin_of(value), other: first.clone() });
            }
        }
        Ok(self)
    }

    fn sets_one_of(&self, group: &[&str]) -> bool {
        self.0.iter().any(|(name, _)| group.contains(&name.as_str()))
    }
}

/// What exists near an unknown name, as the end of a sentence.
fn neighbours(name: &str) -> String {
    let (section, key) = name.split_once('.').unwrap_or((name, ""));
    match SECTIONS.iter().find(|(known, _)| *known == section) {
        None => {
            let sections: Vec<_> = SECTIONS.iter().map(|(known, _)| format!("[{known}]")).collect();
            format!("the sections are {}", sections.join(", "))
        }
        Some((_, keys)) if key.is_empty() => {
            format!("[{section}] is a section with {}", keys.join(", "))
        }
        Some(_) if key.starts_with("providers.") => "each provider begins with [[staff.providers]]".to_owned(),
        Some((_, keys)) => format!("[{section}] knows {}", keys.join(", ")),
    }
}

fn flatten(prefix: &str, table: DeTable<'_>, place: &dyn Fn(usize) -> String, into: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => flatten(&name, table, place, into),
            value => into.push((name, convert(Spanned::new(span, value), place))),
        }
    }
}

fn convert(value: Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> String) -> Value {
    let origin = place(value.span().start);
    let kind = match value.into_inner() {
        DeValue::String(text) => ValueKind::String(text.into_owned()),
        DeValue::Integer(number) => {
            // One that does not fit is refused by its digits, wherever a number is wanted.
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.to_string().into(), ValueKind::I64)
        }
        DeValue::Float(number) => number.as_str().into(),
        DeValue::Boolean(flag) => ValueKind::Boolean(flag),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(values) => ValueKind::Array(values.into_iter().map(|value| convert(value, place)).collect()),
        DeValue::Table(table) => ValueKind::Table(
            table.into_iter().map(|(key, value)| (key.into_inner().into_owned(), convert(value, place))).collect(),
        ),
    };
    Value::new(Some(&origin), kind)
}

/// Everything that is set, merged.
pub(super) struct Settings {
    values: BTreeMap<String, Value>,
    /// Where relative paths begin that are not written in the file.
    pub(super) dir: PathBuf,
    file: Option<File>,
}

struct File {
    shown: String,
    dir: PathBuf,
    readable_by_all: bool,
}

impl Settings {
    /// Reads and merges: `defaults`, the base, the file, the environment, the arguments.
    pub(super) fn read(
        defaults: &str,
        source: &Source,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = vec![Layer::toml(defaults, DEFAULT, false)?];
        if let Some(base) = &source.base {
            layers.push(Layer::toml(base, "built in", false)?);
        }
        let mut file = None;
        if let Some(path) = &source.file {
            let shown = shown_path(path);
            let text = read_text(path).map_err(|cause| ConfigError::Unreadable { file: shown.clone(), cause })?;
            layers.push(Layer::toml(&text, &shown, true)?);
            let dir = path.parent().map(Path::to_owned).unwrap_or_default();
            file = Some(File { shown, dir, readable_by_all: readable_by_all(path) });
        }
        layers.push(Layer::environment(environment)?);
        layers.push(Layer::arguments(&source.arguments)?);
        for group in ALTERNATIVES {
            if let Some(last) = layers.iter().rposition(|layer| layer.sets_one_of(group)) {
                for layer in &mut layers[..last] {
                    layer.0.retain(|(name, _)| !group.contains(&name.as_str()));
                }
            }
        }
        let builder = layers
            .into_iter()
            .fold(config::Config::builder(), config::ConfigBuilder::<config::builder::DefaultState>::add_source);
        let merged = builder.build().map_err(|_| ConfigError::Unmerged)?;
        let mut values = BTreeMap::new();
        collect("", merged.cache, &mut values);
        let dir = source.dir.clone().or_else(|| file.as_ref().map(|file| file.dir.clone())).unwrap_or_default();
        Ok(Self { values, dir, file })
    }

    /// One setting, if it is set or has a default.
    pub(super) fn get(&self, name: &str) -> Option<Setting<'_>> {
        debug_assert!(is_known(name), "{name} is missing in SECTIONS");
        let (key, value) = self.values.get_key_value(name)?;
        Some(Setting { key: key.clone(), value, settings: self })
    }

    /// One setting that has a default.
    pub(super) fn require(&self, name: &str) -> Result<Setting<'_>, ConfigError> {
        self.get(name).ok_or_else(|| ConfigError::Missing { key: name.to_owned(), reason: "" })
    }

    /// A whole number that has a default.
    pub(super) fn number<T: TryFrom<i64>>(&self, name: &str, allowed: RangeInclusive<i64>) -> Result<T, ConfigError> {
        self.require(name)?.number(allowed)
    }

    /// Whether somebody has set this.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|setting| setting.value.origin() != Some(DEFAULT))
    }

    /// Whether anything of a section is set.
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.values.keys().any(|name| name.split('.').next() == Some(section))
    }

    /// The secret `name`, or the content of the file that `name` + `_file` names.
    pub(super) fn secret(&self, name: &str) -> Result<Option<(Setting<'_>, SecretString)>, ConfigError> {
        if let Some(setting) = self.get(name) {
            let secret = setting.secret()?;
            return Ok(Some((setting, secret)));
        }
        let Some(setting) = self.get(&format!("{name}_file")) else {
            return Ok(None);
        };
        let secret = setting.secret_in_file()?;
        Ok(Some((setting, secret)))
    }

    /// The file, if everybody on this machine can read it and `name` is written in it.
    pub(super) fn exposed(&self, name: &str) -> Option<&str> {
        let file = self.file.as_ref().filter(|file| file.readable_by_all)?;
        self.get(name).is_some_and(|setting| setting.is_in(file)).then_some(file.shown.as_str())
    }
}

fn is_known(name: &str) -> bool {
    let (section, key) = name.split_once('.').unwrap_or((name, ""));
    SECTIONS.iter().any(|(known, keys)| *known == section && keys.contains(&key))
}

fn collect(prefix: &str, value: Value, into: &mut BTreeMap<String, Value>) {
    if let ValueKind::Table(table) = value.kind {
        for (key, value) in table {
            collect(&if prefix.is_empty() { key } else { format!("{prefix}.{key}") }, value, into);
        }
    } else {
        into.insert(prefix.to_owned(), value);
    }
}

/// One value with its name and origin.
pub(super) struct Setting<'a> {
    key: String,
    value: &'a Value,
    settings: &'a Settings,
}

impl<'a> Setting<'a> {
    /// The error for this value, which it shows. `allowed` ends a sentence: "must be …".
    pub(super) fn wrong(&self, allowed: impl Into<String>) -> ConfigError {
        let value = format!(" = {} ({})", shown(&self.value.kind), self.origin());
        ConfigError::Wrong { key: self.key.clone(), value, allowed: allowed.into() }
    }

    /// The error for a value that is a secret or may hold one.
    pub(super) fn wrong_hidden(&self, allowed: impl Into<String>) -> ConfigError {
        let value = format!(" ({}, value not shown)", self.origin());
        ConfigError::Wrong { key: self.key.clone(), value, allowed: allowed.into() }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    fn origin(&self) -> String {
        origin_of(self.value)
    }

    fn is_in(&self, file: &File) -> bool {
        self.origin().strip_prefix(file.shown.as_str()).is_some_and(|rest| rest.starts_with(':'))
    }

    pub(super) fn is_from_file(&self) -> bool {
        self.settings.file.as_ref().is_some_and(|file| self.is_in(file))
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Result<&'a str, ConfigError> {
        match &self.value.kind {
            ValueKind::String(text) if !text.is_empty() => Ok(text),
            _ => Err(self.wrong("must be a text")),
        }
    }

    /// A text that errors do not show.
    pub(super) fn hidden_text(&self) -> Result<&'a str, ConfigError> {
        self.text().map_err(|_| self.wrong_hidden("must be a text"))
    }

    pub(super) fn secret(&self) -> Result<SecretString, ConfigError> {
        self.hidden_text().map(SecretString::from)
    }

    /// Yes or no.
    pub(super) fn flag(&self) -> Result<bool, ConfigError> {
        match &self.value.kind {
            ValueKind::Boolean(flag) => Ok(*flag),
            _ => Err(self.wrong("must be true or false")),
        }
    }

    /// The entries of an inline table, as settings by name.
    pub(super) fn table(&self) -> Result<HashMap<String, Setting<'a>>, ConfigError> {
        let ValueKind::Table(table) = &self.value.kind else {
            return Err(self.wrong_hidden("must be a table such as { name = \"value\" }"));
        };
        let setting = |(name, value): (&String, &'a Value)| {
            let key = format!("{}.{}", self.key, clean(name));
            (name.clone(), Setting { key, value, settings: self.settings })
        };
        Ok(table.iter().map(setting).collect())
    }

    /// The secret `name` of a table, or the content of the file that `name` + `_file` names.
    pub(super) fn secret_of(
        table: &mut HashMap<String, Setting<'a>>,
        name: &str,
    ) -> Result<Option<SecretString>, ConfigError> {
        let (own, file) = (table.remove(name), table.remove(&format!("{name}_file")));
        match (own, file) {
            (Some(own), Some(file)) => {
                Err(ConfigError::Both { key: file.key.clone(), origin: file.origin(), other: own.key.clone() })
            }
            (Some(own), None) => own.secret().map(Some),
            (None, Some(file)) => file.secret_in_file().map(Some),
            (None, None) => Ok(None),
        }
    }

    fn secret_in_file(&self) -> Result<SecretString, ConfigError> {
        let path = self.path()?;
        let failed = |cause| ConfigError::Secret {
            key: self.key.clone(),
            file: shown_path(&path),
            origin: self.origin(),
            cause,
        };
        let text = read_text(&path).map_err(failed)?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(failed("it is empty".to_owned())),
            secret => Ok(SecretString::from(secret)),
        }
    }

    /// One of the names of `T`.
    pub(super) fn one_of<T: clap::ValueEnum>(&self) -> Result<T, ConfigError> {
        let text = match &self.value.kind {
            ValueKind::String(text) => text.as_str(),
            _ => "",
        };
        T::from_str(text, false).map_err(|_| {
            let names = T::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value);
            let names: Vec<_> = names.map(|value| format!("{:?}", value.get_name())).collect();
            self.wrong(format!("must be {}", names.join(" or ")))
        })
    }

    /// A whole number; a text will do, because the environment has nothing else.
    pub(super) fn number<T: TryFrom<i64>>(&self, allowed: RangeInclusive<i64>) -> Result<T, ConfigError> {
        let number = match &self.value.kind {
            ValueKind::I64(number) => Some(*number),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| allowed.contains(number)).and_then(|number| T::try_from(number).ok());
        number
            .ok_or_else(|| self.wrong(format!("must be a whole number from {} to {}", allowed.start(), allowed.end())))
    }

    /// The elements of a list, which the environment separates by commas or writes as in TOML.
    pub(super) fn list(&self) -> Result<Vec<String>, ConfigError> {
        let allowed = "must be a list of texts";
        match &self.value.kind {
            ValueKind::String(text) if text.trim_start().starts_with('[') => {
                let value = DeValue::parse(text).map_err(|_| self.wrong(allowed))?;
                match convert(value, &|_| self.origin()).kind {
                    ValueKind::Array(values) => self.texts(&values, allowed),
                    _ => Err(self.wrong(allowed)),
                }
            }
            ValueKind::String(text) => {
                Ok(text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect())
            }
            ValueKind::Array(values) => self.texts(values, allowed),
            _ => Err(self.wrong(allowed)),
        }
    }

    fn texts(&self, values: &[Value], allowed: &str) -> Result<Vec<String>, ConfigError> {
        let text = |value: &Value| match &value.kind {
            ValueKind::String(text) => Ok(text.clone()),
            _ => Err(self.wrong(allowed)),
        };
        values.iter().map(text).collect()
    }

    /// A program and its arguments, as a list; commas belong to the arguments.
    pub(super) fn command(&self) -> Result<Vec<String>, ConfigError> {
        let wrong =
            || self.wrong_hidden(r#"must be a list with a program and its arguments, such as ["kms", "decrypt"]"#);
        let is_list = match &self.value.kind {
            ValueKind::String(text) => text.trim_start().starts_with('['),
            kind => matches!(kind, ValueKind::Array(_)),
        };
        let words = if is_list {
            self.list().map_err(|_| wrong())?
        } else {
            return Err(wrong());
        };
        if words.first().is_none_or(String::is_empty) { Err(wrong()) } else { Ok(words) }
    }

    /// A path; a relative one begins in the directory of the file where it is written.
    pub(super) fn path(&self) -> Result<PathBuf, ConfigError> {
        Ok(within(self.base(), Path::new(self.text()?)))
    }

    /// Where relative paths in this setting begin.
    pub(super) fn base(&self) -> &'a Path {
        match &self.settings.file {
            Some(file) if self.is_in(file) => &file.dir,
            _ => &self.settings.dir,
        }
    }

    /// The tables of a list such as `[[staff.providers]]`, as settings by name.
    pub(super) fn tables(&self) -> Result<Vec<HashMap<String, Setting<'a>>>, ConfigError> {
        let wrong = || self.wrong_hidden(format!("must be written as [[{}]] in the file", self.key));
        let ValueKind::Array(values) = &self.value.kind else {
            return Err(wrong());
        };
        let table = |(index, value): (usize, &'a Value)| {
            let ValueKind::Table(table) = &value.kind else {
                return Err(wrong());
            };
            let setting = |(name, value): (&String, &'a Value)| {
                let key = format!("{}[{index}].{}", self.key, clean(name));
                (name.clone(), Setting { key, value, settings: self.settings })
            };
            Ok(table.iter().map(setting).collect())
        };
        values.iter().enumerate().map(table).collect()
    }

    /// The error for a key that a table of a list does not have.
    pub(super) fn unknown(&self, known: &str) -> ConfigError {
        ConfigError::Unknown { key: self.key.clone(), origin: self.origin(), known: known.to_owned() }
    }
}

/// `path` as seen from `dir`, without a `./` in front.
pub(super) fn within(dir: &Path, path: &Path) -> PathBuf {
    if dir == Path::new(".") { path.to_owned() } else { dir.join(path) }
}

fn origin_of(value: &Value) -> String {
    value.origin().unwrap_or(DEFAULT).to_owned()
}

fn read_text(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(unix)]
fn readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> bool {
    false
}

fn shown_path(path: &Path) -> String {
    clean(&path.display().to_string())
}

/// Keeps a message on one line, whatever is quoted in it.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A value as it is quoted in a message: in TOML's manner, on one line, not too long.
fn shown(kind: &ValueKind) -> String {
    const MOST: usize = 100;
    let text = match kind {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| shown(&value.kind)).collect();
            format!("[{}]", values.join(", "))
        }
        ValueKind::Table(_) => "{…}".to_owned(),
        kind => kind.to_string(),
    };
    if text.chars().count() > MOST { text.chars().take(MOST).chain(['…']).collect() } else { text }
}
