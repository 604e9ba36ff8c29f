//! Where the database is.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::sqlite::SqliteConnectOptions;
use url::Url;

use super::layers::within;

/// The address of an SQLite file or of a PostgreSQL database. Prints without its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    url: SecretString,
    shown: String,
    place: Place,
}

#[derive(Clone)]
enum Place {
    File(PathBuf),
    Server { has_password: bool },
}

impl DatabaseUrl {
    /// What [`DatabaseUrl::parse`] takes, as the end of a sentence that begins with the key.
    pub(super) const ALLOWED: &str = "must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE \
        (write special characters of user and password in percent-encoding)";

    /// Reads an address; a relative SQLite file is one in `dir`. `None` is all that is said about a
    /// wrong one, because any part of it may be the password.
    pub fn parse(text: &str, dir: &Path) -> Option<Self> {
        match text.strip_prefix("sqlite:") {
            Some(rest) => {
                let rest = rest.strip_prefix("//").unwrap_or(rest);
                let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
                // The other options of sqlx would weaken durability or keep everything in memory.
                let durable = matches!(options, "" | "mode=rwc") && path != ":memory:" && !path.is_empty();
                // sqlx decides how percent-encoding is read, so that both mean the same file.
                let file = durable.then(|| format!("sqlite://{path}").parse::<SqliteConnectOptions>().ok())??;
                Self::sqlite(&within(dir, file.get_filename()))
            }
            None => Self::postgres(text),
        }
    }

    /// The address of an SQLite file; `None` if its path is not UTF-8.
    pub fn sqlite(file: &Path) -> Option<Self> {
        let shown = format!("sqlite://{}", file.to_str()?);
        let url = format!("sqlite://{}", file.to_str()?.replace('%', "%25").replace('?', "%3F"));
        Some(Self { url: url.into(), shown, place: Place::File(file.to_owned()) })
    }

    fn postgres(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let (_, rest) = text.split_once("://")?;
        // With an unencoded `/`, `?` or `#` in it, a password and its `@` end up behind the host.
        if rest.split_once(['/', '?', '#'])?.1.contains('@') || url.fragment().is_some() {
            return None;
        }
        let host = url.host_str().unwrap_or_default();
        let has_host = !host.is_empty() || url.query_pairs().any(|(key, _)| key == "host");
        let database = url.path().strip_prefix('/').filter(|name| !name.is_empty() && !name.contains('/'))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") || !has_host {
            return None;
        }
        let user = if url.username().is_empty() { String::new() } else { format!("{}@", url.username()) };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{user}{host}{port}/{database}", url.scheme());
        let has_password = url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password");
        Some(Self { url: text.to_owned().into(), shown, place: Place::Server { has_password } })
    }

    /// The address for connecting, password and all.
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }

    /// The SQLite file; `None` for PostgreSQL.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(file) => Some(file),
            Place::Server { .. } => None,
        }
    }

    /// Whether the address itself holds a password.
    pub fn has_password(&self) -> bool {
        matches!(self.place, Place::Server { has_password: true })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({:?})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<DatabaseUrl> {
        DatabaseUrl::parse(text, Path::new("/srv/forms"))
    }

    #[test]
    fn a_relative_file_is_one_in_the_directory() {
        let url = parse("sqlite://data/sealwax.db").unwrap();
        assert_eq!(url.expose(), "sqlite:///srv/forms/data/sealwax.db");
        assert_eq!(url.sqlite_path(), Some(Path::new("/srv/forms/data/sealwax.db")));
        assert_eq!(parse("sqlite:x.db?mode=rwc").unwrap().expose(), "sqlite:///srv/forms/x.db");
        assert_eq!(parse("sqlite:///var/x.db").unwrap().expose(), "sqlite:///var/x.db");
    }

    #[test]
    fn odd_characters_of_a_file_survive() {
        for name in ["100%.db", "a?b.db", "a b#c.db", "%41.db"] {
            let file = Path::new("/srv/forms").join(name);
            let url = DatabaseUrl::sqlite(&file).unwrap();
            let options: SqliteConnectOptions = url.expose().parse().unwrap();
            assert_eq!(options.get_filename(), file);
        }
        assert_eq!(parse("sqlite://my%20forms.db").unwrap().to_string(), "sqlite:///srv/forms/my forms.db");
    }

    #[test]
    fn a_database_that_forgets_or_is_no_database_is_refused() {
        let refused = [
            "",
            "data/sealwax.db",
            "sqlite:",
            "sqlite::memory:",
            "sqlite://x.db?mode=memory",
            "sqlite://x.db?immutable=1",
            "mysql://u:p@h/d",
            "postgres://",
            "postgres://h",
            "postgres://u@h/",
            "postgres:///d",
            "postgres://u:1/s3@h/d",
            "postgres://u:1?s3@h/d",
            "postgres://u:1#s3@h/d",
            "postgres://u:1/s3?@h/d",
        ];
        for text in refused {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_server_is_shown_without_password_and_options() {
        let cases = [
            ("postgres://u:geheim@db.example/forms", "postgres://u@db.example/forms", true),
            ("postgresql://u@[::1]:5433/forms?sslmode=require", "postgresql://u@[::1]:5433/forms", false),
            ("postgres://u:ge@heim@db.example/forms", "postgres://u@db.example/forms", true),
            ("postgres://db/forms?user=u&password=geheim", "postgres://db/forms", true),
            ("postgres:///forms?host=/run/postgresql", "postgres:///forms", false),
        ];
        for (text, shown, has_password) in cases {
            let url = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown:?})"));
            assert_eq!(url.expose(), text);
            assert_eq!(url.sqlite_path(), None);
            assert_eq!(url.has_password(), has_password, "{text}");
        }
    }
}
