//! What people write into `sealwax.toml` and the environment, and what comes of it.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;

/// Loads `toml` from `sealwax.toml` in a directory of its own, which is `DIR` in messages.
fn load_with(toml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("sealwax-config-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("secret"), "geheim-from-file\n").unwrap();
    std::fs::write(dir.join("empty"), "\n").unwrap();
    std::fs::write(dir.join("sealwax.toml"), toml).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(dir.join("sealwax.toml"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let source = Source { file: Some(dir.join("sealwax.toml")), ..Source::default() };
    let result = load(&source, variables(environment));
    std::fs::remove_dir_all(&dir).unwrap();
    result.map_err(|error| error.to_string().replace(dir.to_str().unwrap(), "DIR"))
}

fn load_toml(toml: &str) -> Result<Config, String> {
    load_with(toml, &[])
}

fn load_environment(environment: &[(&str, &str)]) -> Result<Config, String> {
    load(&Source::default(), variables(environment)).map_err(|error| error.to_string())
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn file(source: &KeySource) -> &Path {
    match source {
        KeySource::File(path) => path,
        other => panic!("{other:?}"),
    }
}

const EXAMPLE: &str = r#"
[server]
listen = "127.0.0.1:8080"            # plain HTTP is for loopback or a trusted proxy
public_url = "https://forms.example"
trusted_proxies = ["127.0.0.1/32"]
tls = { cert_file = "fullchain.pem", key_file = "privkey.pem" }
role = "all"                          # all | public | staff

[database]
url = "sqlite://data/sealwax.db"      # or postgres://…; default: inside --dir

[keys]
master_file = "keys/master.agekey"    # or master_command = ["…"], or SEALWAX__KEYS__MASTER

[mail]
from = "Forms <forms@shop.example>"
smtp = "smtps://user@mail.example:465"   # smtp:// with starttls = "required" | "none"; password_file
directory = "mail"                    # used when no smtp is set
"#;

#[test]
fn nothing_at_all_is_a_working_installation_here() {
    let config = load_environment(&[]).unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.public_url(), "http://127.0.0.1:8080");
    assert!(!config.https());
    assert_eq!(config.server.role, Role::All);
    assert_eq!(config.server.tls, None);
    assert_eq!((config.server.workers, config.server.shutdown_seconds), (None, 30));
    assert!(config.server.trusted_proxies.is_empty());
    assert_eq!(config.database.url.to_string(), "sqlite://data/sealwax.db");
    assert_eq!((config.database.max_connections, config.database.writers), (10, 2));
    assert_eq!(file(&config.keys.master), Path::new("keys/master.agekey"));
    assert_eq!(file(&config.keys.index), Path::new("keys/index.secret"));
    assert_eq!(config.keys.identity_cache_seconds, 300);
    assert!(config.mail.is_none());
    assert!(matches!(config.staff.providers.as_slice(), [Provider { kind: Kind::Local, label: None, .. }]));
    assert_eq!((config.staff.session_idle_minutes, config.staff.session_absolute_hours), (60, 12));
    let limits = &config.limits;
    assert_eq!((limits.body_bytes, limits.answers, limits.queue), (262_144, 200, 1024));
    assert_eq!((limits.submissions_per_minute, limits.burst, limits.pages_per_minute), (100, 100, 600));
    assert_eq!((limits.logins_at_once, limits.form_token_hours), (2, 24));
    assert_eq!((limits.upload_bytes, limits.uploads_at_once), (52_428_800, 20));
    assert_eq!((limits.quickest_seconds, limits.challenge_after, limits.challenge_address_after), (2, 120, 10));
    assert_eq!((config.log.format, config.log.level.as_str()), (None, "info"));
    assert_eq!(config.warnings(), Vec::<String>::new());
}

#[test]
fn without_a_file_everything_is_in_the_directory() {
    let source = Source { dir: Some("/srv/forms".into()), ..Source::default() };
    let config = load(&source, variables(&[("SEALWAX__KEYS__INDEX_FILE", "index")])).unwrap();
    assert_eq!(config.database.url.expose(), "sqlite:///srv/forms/data/sealwax.db");
    assert_eq!(file(&config.keys.master), Path::new("/srv/forms/keys/master.agekey"));
    assert_eq!(file(&config.keys.index), Path::new("/srv/forms/index"));
}

#[test]
fn the_documented_example_is_accepted() {
    let config = load_toml(EXAMPLE).unwrap();
    assert_eq!(config.public_url(), "https://forms.example");
    assert!(config.https());
    assert_eq!(config.server.trusted_proxies, ["127.0.0.1/32".parse::<IpNet>().unwrap()]);
    let mail = config.mail.as_ref().unwrap();
    assert_eq!(mail.from.as_deref(), Some("Forms <forms@shop.example>"));
    assert_eq!(mail.smtp.as_ref().unwrap().as_str(), "smtps://user@mail.example:465");
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
}

#[test]
fn relative_paths_in_the_file_begin_in_its_directory() {
    let config = load_toml(EXAMPLE).unwrap();
    let dir = file(&config.keys.master).parent().unwrap().parent().unwrap().to_owned();
    assert!(dir.is_absolute());
    let tls = config.server.tls.unwrap();
    assert_eq!((tls.cert_file, tls.key_file), (dir.join("fullchain.pem"), dir.join("privkey.pem")));
    assert_eq!(config.database.url.sqlite_path(), Some(dir.join("data/sealwax.db").as_path()));
    assert_eq!(file(&config.keys.index), dir.join("keys/index.secret"));
    assert_eq!(config.mail.unwrap().directory, Some(dir.join("mail")));
}

#[test]
fn the_base_gives_way_to_the_file_and_the_file_to_the_environment_and_all_to_the_command_line() {
    let dir = std::env::temp_dir().join(format!("sealwax-config-{}-layers", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let written = dir.join("sealwax.toml");
    std::fs::write(
        &written,
        "[limits]\nqueue = 3\nanswers = 3\nburst = 3\n[keys]\nmaster_command = ['kms']\nindex_file = 'i'",
    )
    .unwrap();
    let source = Source {
        file: Some(written),
        dir: Some("/demo".into()),
        base: Some("[limits]\nqueue = 2\nanswers = 2\nburst = 2\nlogins_at_once = 2\n[keys]\nmaster_file = 'demo.agekey'\n[database]\nurl = 'sqlite:demo.db'".to_owned()),
        arguments: vec![("limits.queue", "5".to_owned())],
    };
    let environment = variables(&[("SEALWAX__LIMITS__QUEUE", "4"), ("SEALWAX__LIMITS__ANSWERS", "4")]);
    let config = load(&source, environment).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let limits = &config.limits;
    assert_eq!((limits.queue, limits.answers, limits.burst, limits.logins_at_once), (5, 4, 3, 2));
    assert_eq!(config.database.url.expose(), "sqlite:///demo/demo.db");
    assert!(matches!(&config.keys.master, KeySource::Command(words) if *words == ["kms"]));
    assert_eq!(file(&config.keys.index), dir.join("i"));
}

#[test]
fn every_kind_of_setting_can_come_from_the_environment() {
    let config = load_with(
        "[server]\nlisten = '127.0.0.1:1'\n[database]\nurl = 'sqlite:x.db'\n[keys]\nmaster_file = 'm'",
        &[
            ("SEALWAX__SERVER__LISTEN", "[::1]:9000"),
            ("SEALWAX__SERVER__PUBLIC_URL", "https://forms.example/"),
            ("SEALWAX__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("SEALWAX__SERVER__TLS__CERT_FILE", "/c.pem"),
            ("SEALWAX__SERVER__TLS__KEY_FILE", "/k.pem"),
            ("SEALWAX__SERVER__ROLE", "staff"),
            ("SEALWAX__SERVER__WORKERS", "4"),
            ("SEALWAX__DATABASE__URL_FILE", ""),
            ("SEALWAX__DATABASE__URL", "postgres://u:geheim@db/forms"),
            ("SEALWAX__KEYS__MASTER", "AGE-SECRET-KEY-1GEHEIM"),
            ("SEALWAX__KEYS__INDEX", "geheim"),
            ("SEALWAX__LOG__FORMAT", "json"),
            ("SEALWAX__LOG__LEVEL", "warn,sealwax=debug"),
            ("SEALWAX_UNRELATED", "x"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.listen, "[::1]:9000".parse().unwrap());
    assert_eq!(config.public_url(), "https://forms.example");
    let proxies: Vec<_> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    assert_eq!(config.server.tls, Some(Tls { cert_file: "/c.pem".into(), key_file: "/k.pem".into() }));
    assert_eq!((config.server.role, config.server.workers), (Role::Staff, Some(4)));
    assert_eq!(config.database.url.expose(), "postgres://u:geheim@db/forms");
    assert!(matches!(&config.keys.master, KeySource::Value(key) if key.expose_secret() == "AGE-SECRET-KEY-1GEHEIM"));
    assert!(matches!(&config.keys.index, KeySource::Value(key) if key.expose_secret() == "geheim"));
    assert_eq!(config.log.format, Some(LogFormat::Json));
    assert_eq!(config.log.level, "warn,sealwax=debug");
}

#[test]
fn a_command_comes_from_the_environment_as_a_list_in_toml() {
    let config = load_environment(&[("SEALWAX__KEYS__MASTER_COMMAND", r#"["kms", "--fields", "a,b"]"#)]).unwrap();
    assert!(matches!(&config.keys.master, KeySource::Command(words) if *words == ["kms", "--fields", "a,b"]));
}

#[test]
fn every_secret_can_be_in_a_file() {
    let config = load_toml("[keys]\nindex_file = 'i'\nmaster_file = 'm'\n[mail]\npassword_file = 'secret'").unwrap();
    assert_eq!(config.mail.unwrap().password.unwrap().expose_secret(), "geheim-from-file");
    assert_eq!(
        load_toml("[database]\nurl_file = 'secret'").unwrap_err(),
        "database.url_file (DIR/sealwax.toml:2, value not shown) must be sqlite://PATH or \
         postgres://USER:PASSWORD@HOST/DATABASE (write special characters of user and password in percent-encoding)"
    );
    assert_eq!(
        load_toml("[mail]\npassword_file = 'none'").unwrap_err(),
        "mail.password_file = \"DIR/none\" (DIR/sealwax.toml:2) cannot be used: No such file or directory (os error 2)"
    );
    assert_eq!(
        load_toml("[mail]\npassword_file = 'empty'").unwrap_err(),
        "mail.password_file = \"DIR/empty\" (DIR/sealwax.toml:2) cannot be used: it is empty"
    );
}

/// Wrong files and what is said about them.
const WRONG: &[(&str, &str)] = &[
    (
        "[server]\n\nlisten = 'here'",
        "server.listen = \"here\" (DIR/sealwax.toml:3) must be an address and a port, such as 127.0.0.1:8080 or [::1]:8080",
    ),
    ("server.listen = 8080", "server.listen = 8080 (DIR/sealwax.toml:1) must be a text"),
    (
        "server.listen = '0.0.0.0:80'",
        "server.listen = \"0.0.0.0:80\" (DIR/sealwax.toml:1) would serve plain HTTP to the network: \
             set server.tls, or name the proxy that adds TLS in server.trusted_proxies",
    ),
    (
        "server.public_url = 'https://a.example/forms'",
        "server.public_url = \"https://a.example/forms\" (DIR/sealwax.toml:1) must be http:// or https:// \
             with a host and nothing behind it, such as https://forms.example",
    ),
    (
        "server.public_url = 'https://me:geheim@a.example'",
        "server.public_url (DIR/sealwax.toml:1, value not shown) must be http:// or https:// \
             with a host and nothing behind it, such as https://forms.example",
    ),
    (
        "server.public_url = 'http://forms.example'",
        "server.public_url = \"http://forms.example\" (DIR/sealwax.toml:1) must begin with https://; \
             http:// is for localhost, 127.0.0.1 and [::1] only",
    ),
    (
        "server.public_url = 'http://localhost'\nserver.tls = { cert_file = 'c', key_file = 'k' }",
        "server.public_url = \"http://localhost\" (DIR/sealwax.toml:1) must begin with https://, because server.tls is set",
    ),
    (
        "server.listen = '0.0.0.0:80'\nserver.trusted_proxies = ['10.0.0.0/8']",
        "server.public_url is not set, and server.listen does not tell: set it to the https:// address in visitors' browsers",
    ),
    (
        "server.trusted_proxies = ['10.0.0.0/33']",
        "server.trusted_proxies = [\"10.0.0.0/33\"] (DIR/sealwax.toml:1) must be a list of networks, such as [\"127.0.0.1/32\", \"fd00::/8\"]",
    ),
    ("server.trusted_proxies = [1]", "server.trusted_proxies = [1] (DIR/sealwax.toml:1) must be a list of texts"),
    ("server.trusted_proxies = true", "server.trusted_proxies = true (DIR/sealwax.toml:1) must be a list of texts"),
    (
        "server.tls.cert_file = 'c'",
        "server.tls.cert_file = \"c\" (DIR/sealwax.toml:1) needs server.tls.key_file beside it",
    ),
    (
        "server.tls.key_file = 'k'",
        "server.tls.key_file = \"k\" (DIR/sealwax.toml:1) needs server.tls.cert_file beside it",
    ),
    ("server.role = 'both'", "server.role = \"both\" (DIR/sealwax.toml:1) must be \"all\" or \"public\" or \"staff\""),
    ("server.workers = 0", "server.workers = 0 (DIR/sealwax.toml:1) must be a whole number from 1 to 1024"),
    (
        "server.shutdown_seconds = -1",
        "server.shutdown_seconds = -1 (DIR/sealwax.toml:1) must be a whole number from 0 to 3600",
    ),
    (
        "database.url = 'mysql://u:geheim@h/d'",
        "database.url (DIR/sealwax.toml:1, value not shown) must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE \
             (write special characters of user and password in percent-encoding)",
    ),
    (
        "keys.master = 'AGE-SECRET-KEY-1GEHEIM'",
        "keys.master (DIR/sealwax.toml:1, value not shown) must not be in the configuration: \
             keep it in a file of its own for keys.master_file, or in SEALWAX__KEYS__MASTER",
    ),
    ("keys.index = 5", "keys.index (DIR/sealwax.toml:1, value not shown) must be a text"),
    (
        "keys.master_command = 'kms decrypt'",
        "keys.master_command (DIR/sealwax.toml:1, value not shown) must be a list with a program and its arguments, such as [\"kms\", \"decrypt\"]",
    ),
    (
        "[keys]\nindex = 'geheim'\nindex_file = 'i'",
        "keys.index_file (DIR/sealwax.toml:3) is set beside keys.index; keep one of them",
    ),
    (
        "mail.from = 'me'",
        "mail.from = \"me\" (DIR/sealwax.toml:1) must be a sender, such as \"Forms <forms@shop.example>\"",
    ),
    (
        "mail.smtp = 'smtps://me:geheim@mail.example'",
        "mail.smtp (DIR/sealwax.toml:1, value not shown) must be smtps://USER@HOST:PORT or smtp://…; \
             the password belongs into mail.password_file",
    ),
    ("mail.starttls = 'maybe'", "mail.starttls = \"maybe\" (DIR/sealwax.toml:1) must be \"required\" or \"none\""),
    (
        "[[staff.providers]]\nid = 'directory'\nkind = 'ldap'\nbind_password = 'geheim'",
        "staff.providers[0].roles is not set",
    ),
    (
        "[[staff.providers]]\nid = 'x'\nkind = 'kerberos'",
        "staff.providers[0].kind = \"kerberos\" (DIR/sealwax.toml:3) must be \"local\", \"ldap\", \"saml\", \"cas\" or \"oidc\"",
    ),
    ("[[staff.providers]]\nid = 'x'\nkind = 'cas'\nroles = { a = 'admin' }", "staff.providers[0].url is not set"),
    (
        "[[staff.providers]]\nid = 'x'\nkind = 'cas'\nroles = { a = 'admin' }\nurl = 'http://cas.example/cas'",
        "staff.providers[0].url = \"http://cas.example/cas\" (DIR/sealwax.toml:5) must be https:// (plain http:// is for loopback)",
    ),
    (
        "[[staff.providers]]\nid = 'x'\nkind = 'oidc'\nroles = { a = 'admin' }\nissuer = 'https://id.example/'",
        "staff.providers[0].client_id is not set",
    ),
    (
        "[[staff.providers]]\nid = 'x'\nkind = 'oidc'\nroles = { a = 'admin' }\nissuer = 'nowhere'\nclient_id = 'a'",
        "staff.providers[0].issuer (DIR/sealwax.toml:5, value not shown) must be an address such as https://id.example",
    ),
    (
        "[staff]\nsecond_factor = 'never'",
        "staff.second_factor = \"never\" (DIR/sealwax.toml:2) must be \"optional\" or \"required\"",
    ),
    ("[[staff.providers]]\nid = 'x'", "staff.providers[0].kind is not set"),
    ("[[staff.providers]]\nkind = 'local'", "staff.providers[0].id is not set"),
    (
        "[[staff.providers]]\nkind = 'local'\nid = 'My Accounts'",
        "staff.providers[0].id = \"My Accounts\" (DIR/sealwax.toml:3) must be made of lower-case letters, digits and hyphens",
    ),
    (
        "[[staff.providers]]\nkind = 'local'\nid = 'a'\n[[staff.providers]]\nkind = 'local'\nid = 'b'",
        "staff.providers[1].kind = \"local\" (DIR/sealwax.toml:5) is there twice; one provider of local accounts is enough",
    ),
    (
        "staff.session_idle_minutes = 780",
        "staff.session_idle_minutes = 780 (DIR/sealwax.toml:1) must not be longer than staff.session_absolute_hours, which is 12",
    ),
    ("limits.queue = 'many'", "limits.queue = \"many\" (DIR/sealwax.toml:1) must be a whole number from 1 to 65536"),
    ("limits.queue = 1.5", "limits.queue = \"1.5\" (DIR/sealwax.toml:1) must be a whole number from 1 to 65536"),
    (
        "limits.queue = 99999999999999999999",
        "limits.queue = \"99999999999999999999\" (DIR/sealwax.toml:1) must be a whole number from 1 to 65536",
    ),
    ("log.format = 'xml'", "log.format = \"xml\" (DIR/sealwax.toml:1) must be \"pretty\" or \"json\""),
    (
        "log.level = 'loud'",
        "log.level = \"loud\" (DIR/sealwax.toml:1) must be error, warn, info, debug or trace, or parts such as info,sealwax=debug",
    ),
];

#[test]
fn a_wrong_value_is_one_line_with_key_value_place_and_what_is_allowed() {
    for (toml, message) in WRONG {
        assert_eq!(load_toml(toml).unwrap_err(), *message, "{toml}");
    }
}

#[test]
fn a_wrong_value_names_its_variable_or_option() {
    assert_eq!(
        load_environment(&[("SEALWAX__LIMITS__QUEUE", "many\nlines")]).unwrap_err(),
        "limits.queue = \"many\\nlines\" (SEALWAX__LIMITS__QUEUE) must be a whole number from 1 to 65536"
    );
    assert_eq!(
        load_environment(&[("SEALWAX__STAFF__PROVIDERS", "geheim")]).unwrap_err(),
        "staff.providers (SEALWAX__STAFF__PROVIDERS, value not shown) must be written as [[staff.providers]] in the file"
    );
    assert_eq!(
        load_environment(&[("SEALWAX__KEYS__MASTER", "geheim"), ("SEALWAX__KEYS__MASTER_FILE", "x")]).unwrap_err(),
        "keys.master_file (SEALWAX__KEYS__MASTER_FILE) is set beside keys.master; keep one of them"
    );
    let source = Source { arguments: vec![("server.listen", "8080".to_owned())], ..Source::default() };
    assert_eq!(
        load(&source, []).unwrap_err().to_string(),
        "server.listen = \"8080\" (--listen) must be an address and a port, such as 127.0.0.1:8080 or [::1]:8080"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_what_there_is() {
    let log = "[log] knows format, level";
    let cases = [
        ("[log]\nlevle = 'geheim'", format!("log.levle (DIR/sealwax.toml:2) is not a setting; {log}")),
        ("log.level.x = 'geheim'", format!("log.level.x (DIR/sealwax.toml:1) is not a setting; {log}")),
        (
            "[logs]\nlevel = 'geheim'",
            "logs.level (DIR/sealwax.toml:2) is not a setting; \
             the sections are [server], [database], [keys], [mail], [scan], [staff], [limits], [log]"
                .to_owned(),
        ),
        ("log = 'geheim'", "log (DIR/sealwax.toml:1) is not a setting; [log] is a section with format, level".to_owned()),
        (
            "[staff.providers]\nkind = 'local'",
            "staff.providers.kind (DIR/sealwax.toml:2) is not a setting; each provider begins with [[staff.providers]]".to_owned(),
        ),
        (
            "[[staff.providers]]\nkind = 'local'\nid = 'a'\npassword = 'geheim'",
            "staff.providers[0].password (DIR/sealwax.toml:4) is not a setting; a local provider knows id, kind and label".to_owned(),
        ),
        ("[log]\n\"a\\nb\" = 1", format!("log.a\u{fffd}b (DIR/sealwax.toml:2) is not a setting; {log}")),
    ];
    for (toml, message) in cases {
        assert_eq!(load_toml(toml).unwrap_err(), message, "{toml}");
    }
    assert_eq!(
        load_environment(&[("SEALWAX__LOG__LEVLE", "geheim")]).unwrap_err(),
        format!("log.levle (SEALWAX__LOG__LEVLE) is not a setting; {log}")
    );
}

#[test]
fn a_file_that_is_no_toml_is_named_with_the_line() {
    assert_eq!(
        load_toml("[log]\nlevel = \"info\"\nlevel = \"warn\"").unwrap_err(),
        "DIR/sealwax.toml:3 is not valid TOML: duplicate key"
    );
    let source = Source { file: Some("/nowhere/sealwax.toml".into()), ..Source::default() };
    assert_eq!(
        load(&source, []).unwrap_err().to_string(),
        "cannot read the configuration /nowhere/sealwax.toml: No such file or directory (os error 2)"
    );
}

#[test]
fn plain_http_stays_on_this_machine_or_behind_a_proxy() {
    for listen in ["127.0.0.1:1", "[::1]:1", "127.8.0.1:1", "[::ffff:127.0.0.1]:1", "localhost:1"] {
        load_toml(&format!("server.listen = '{listen}'")).unwrap();
    }
    for listen in ["0.0.0.0:1", "[::]:1", "192.168.0.1:1", "[::ffff:10.0.0.1]:1"] {
        let plain = format!("server.listen = '{listen}'\nserver.public_url = 'https://forms.example'\n");
        assert!(load_toml(&plain).unwrap_err().contains("would serve plain HTTP to the network"), "{listen}");
        load_toml(&format!("{plain}server.trusted_proxies = ['10.0.0.0/8']")).unwrap();
        load_toml(&format!("{plain}server.tls = {{ cert_file = 'c', key_file = 'k' }}")).unwrap();
    }
}

#[test]
fn the_public_url_follows_the_listener() {
    let mut config = load_toml("server.listen = '127.0.0.1:0'").unwrap();
    config.server.listen.set_port(4711);
    assert_eq!(config.public_url(), "http://127.0.0.1:4711");
    let config = load_toml("server.listen = '10.0.0.5:443'\nserver.tls = { cert_file = 'c', key_file = 'k' }").unwrap();
    assert_eq!(config.public_url(), "https://10.0.0.5");
    for url in ["http://localhost:8080", "http://a.localhost", "http://[::1]:1", "https://forms.example:8443"] {
        let config = load_toml(&format!("server.public_url = '{url}'")).unwrap();
        assert_eq!(config.public_url(), url);
    }
}

#[test]
fn what_has_no_effect_is_said() {
    let cases = [
        ("server.public_url = 'https://a.example'", "so a proxy adds TLS: name it in server.trusted_proxies"),
        (
            "server.trusted_proxies = ['127.0.0.1']",
            "server.public_url is not set, so links and receipts say http://127.0.0.1:8080",
        ),
        ("server.public_url = 'https://a.example'\nserver.trusted_proxies = ['0.0.0.0/0']", "trusts every address"),
        (
            "server.role = 'public'\nkeys.master_file = 'm'",
            "keys.master_file is not used with server.role = \"public\"",
        ),
        ("database.writers = 3", "database.writers is for PostgreSQL"),
        ("database.url = 'postgres://h/d'\ndatabase.writers = 11", "lets only 10 work at once"),
        ("limits.submissions_per_minute = 0\nlimits.burst = 3", "limits.burst has no effect"),
        ("mail.from = 'a@b.example'", "has neither smtp nor directory"),
        #[cfg(unix)]
        ("keys.index = 'geheim'", "keys.index is in "),
    ];
    for (toml, doubt) in cases {
        let doubts = load_toml(toml).unwrap().warnings();
        assert_eq!(doubts.len(), 1, "{toml}: {doubts:?}");
        assert!(doubts[0].contains(doubt), "{toml}: {doubts:?}");
    }
}

#[test]
fn debug_output_holds_no_secret() {
    let config = load_with(
        "[database]\nurl = 'postgres://u:geheim@db/forms?password=geheim'\n[mail]\nsmtp = 'smtps://u@h'\npassword = 'geheim'",
        &[("SEALWAX__KEYS__MASTER", "geheim"), ("SEALWAX__KEYS__INDEX", "geheim")],
    )
    .unwrap();
    let shown = format!("{config:?} {config:#?} {:?} {}", config.warnings(), config.database.url);
    assert!(!shown.contains("geheim"), "{shown}");
}

/// Ways to write a secret into a file, many of them wrong; `SECRET` stands for it.
const PLACES: &[&str] = &[
    "[database]\nurl = 'SECRET'",
    "[database]\nurl = 'postgres://u:SECRET@h/d'",
    "[database]\nurl = 'postgres://u:1/SECRET@h/d'",
    "[database]\nurl = 'mysql://u:SECRET@h/d'",
    "[database]\nurl = ['SECRET']",
    "[database]\nurl = {password = 'SECRET'}",
    "[database]\nurl = SECRET",
    "[database]\nurl = \"SECRET",
    "[database]\nurl = 'SECRET' 'SECRET'",
    "[database]\nurl = \"\\SECRET\"",
    "[database]\npassword = 'SECRET'",
    "[keys]\nmaster = 'SECRET'",
    "[keys]\nmaster = ['SECRET']",
    "[keys]\nindex = ['SECRET']",
    "[keys]\nindex = 'SECRET'\nindex_file = 'x'",
    "[keys]\nmaster_command = 'kms --password SECRET'",
    "[keys]\nmaster_command = ['kms', ['SECRET']]",
    "[mail]\nsmtp = 'smtps://u:SECRET@h'",
    "[mail]\nsmtp = 'SECRET'",
    "[mail]\npassword = ['SECRET']",
    "[mail]\npassword = 'SECRET'\nfrom = 1",
    "[server]\npublic_url = 'https://u:SECRET@h'",
    "[[staff.providers]]\nkind = 'local'\nid = 'a'\nbind_password = 'SECRET'",
    "[staff]\nproviders = 'SECRET'",
    "[staff]\nproviders = ['SECRET']",
    "password = 'SECRET'",
    "[secrets]\npassword = 'SECRET'",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_error_and_no_debug_output_holds_a_secret(secret in "[a-zA-Z0-9@:/?#%&=+. -]{0,8}Geheim[a-zA-Z0-9@:/?#%&=+. -]{0,8}") {
        for place in PLACES {
            let (shown, lines) = match load_toml(&place.replace("SECRET", &secret)) {
                Ok(config) => (format!("{config:?} {:?}", config.warnings()), 1),
                Err(error) => (error.clone(), error.lines().count()),
            };
            prop_assert!(!shown.to_lowercase().contains("geheim"), "{place}: {shown}");
            prop_assert_eq!(lines, 1, "{}", place);
        }
    }
}
