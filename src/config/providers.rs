//! `[[staff.providers]]`: who lets staff in, and what their groups may do.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::ConfigError;
use super::layers::{Setting, Settings};
use crate::staff::Role;

/// One of `[[staff.providers]]`.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name in URLs and in the database: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its name on the login page.
    pub label: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What the members of each group may do, in the order in which it is written.
    pub roles: Vec<(String, Vec<RoleAt>)>,
}

/// The kinds of provider.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Accounts of this installation.
    Local,
    /// A directory.
    Ldap(Box<LdapProvider>),
    /// An identity provider that speaks SAML 2.0.
    Saml(Box<SamlProvider>),
    /// A CAS 3.0 server.
    Cas(Box<CasProvider>),
    /// An `OpenID` provider.
    Oidc(Box<OidcProvider>),
}

/// What a provider that people are sent to calls what is read of them.
#[derive(Debug, Clone)]
pub struct Attributes {
    /// What never changes and is nobody else's.
    pub subject: String,
    /// The name that colleagues see.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The groups that roles come from.
    pub groups: String,
}

/// Where the metadata of a SAML identity provider comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataSource {
    /// A file, read at start and whenever it has changed.
    File(PathBuf),
    /// An address, asked once an hour.
    Url(Url),
}

/// A SAML 2.0 identity provider.
#[derive(Debug, Clone)]
pub struct SamlProvider {
    /// What says who it is and which keys it signs with.
    pub metadata: MetadataSource,
    /// The certificates that the address of the metadata is verified with; the system's where absent.
    pub ca_file: Option<PathBuf>,
    /// Our private key in PEM, which signs requests and opens encrypted assertions.
    pub key_file: PathBuf,
    /// Its certificate in PEM.
    pub cert_file: PathBuf,
    /// What we are called there; the address of our metadata where absent.
    pub entity_id: Option<String>,
    /// What it calls what is read of people; `name_id` is the `NameID`.
    pub attributes: Attributes,
    /// Whether people may begin there instead of at our login page.
    pub idp_initiated: bool,
    /// Whether our metadata offers a key to encrypt assertions with.
    pub encryption: bool,
    /// How long the address of the metadata may take.
    pub timeout: Duration,
}

/// A CAS 3.0 server.
#[derive(Debug, Clone)]
pub struct CasProvider {
    /// Its address, without a slash at the end.
    pub url: String,
    /// The certificates that it is verified with; the system's where absent.
    pub ca_file: Option<PathBuf>,
    /// What it calls what is read of people; `user` is the name that CAS itself gives.
    pub attributes: Attributes,
    /// How long it may take for one answer.
    pub timeout: Duration,
}

/// An `OpenID` provider.
#[derive(Debug, Clone)]
pub struct OidcProvider {
    /// The issuer, letter by letter.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The client's secret; none for a public client.
    pub client_secret: Option<SecretString>,
    /// Whether the provider insists on the ID token when somebody logs out, which puts it into an address.
    pub logout_hint: bool,
    /// What is asked for beside `openid`; where absent, `profile email groups`.
    pub scopes: Option<Vec<String>>,
    /// The certificates that it is verified with; the system's where absent.
    pub ca_file: Option<PathBuf>,
    /// What it calls what is read of people.
    pub attributes: Attributes,
    /// How long it may take for one answer.
    pub timeout: Duration,
}

/// A role on everything, one site or one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAt {
    /// The role.
    pub role: Role,
    /// Only on the site with this slug.
    pub site: Option<String>,
    /// Only on the form with this slug.
    pub form: Option<String>,
}

/// A directory that lets staff in (RFC 4511).
#[derive(Debug, Clone)]
pub struct LdapProvider {
    /// `ldaps://` or `ldap://` with host and port, in the order in which they are asked.
    pub urls: Vec<String>,
    /// Whether `ldap://` is secured by `StartTLS` (RFC 4511 §4.14).
    pub starttls: bool,
    /// The certificates that its servers are verified with; the system's where absent.
    pub ca_file: Option<PathBuf>,
    /// The account that searches.
    pub bind: Option<(String, SecretString)>,
    /// Below which accounts are.
    pub user_base: String,
    /// Finds an account by `{username}`.
    pub user_filter: String,
    /// Instead: what an account is called by `{username}`; it then reads what is known of it itself.
    pub user_dn: Option<String>,
    /// What holds for an account that may come in.
    pub live_filter: String,
    /// Below which groups are searched for; the account's own attribute names them where absent.
    pub group_base: Option<String>,
    /// Finds the groups of an account or a group by `{dn}` or `{username}`.
    pub group_filter: String,
    /// How many levels of groups in groups count.
    pub nested: u8,
    /// The attribute that never changes and is nobody else's.
    pub subject: String,
    /// The attribute with the user name, as groups name it.
    pub username: String,
    /// The attribute with the name that colleagues see.
    pub name: String,
    /// The attribute with the e-mail address.
    pub email: String,
    /// The attribute with the name of a group, or of the account's groups.
    pub groups: String,
    /// How long one server may take for one answer.
    pub timeout: Duration,
}

impl LdapProvider {
    /// The attributes that are read of an account.
    pub fn attributes(&self) -> [&str; 5] {
        [&self.subject, &self.username, &self.name, &self.email, &self.groups]
    }

    /// `ldap` with the time that its next operation may take.
    pub fn timed<'a>(&self, ldap: &'a mut ldap3::Ldap) -> &'a mut ldap3::Ldap {
        ldap.with_timeout(self.timeout)
    }
}

const LDAP_KEYS: &str = "an ldap provider knows id, kind, label, url, starttls, ca_file, bind_dn, bind_password, \
     bind_password_file, user_base, user_filter, user_dn, live_filter, group_base, group_filter, nested, attributes, \
     roles, timeout_seconds";

const SAML_KEYS: &str = "a saml provider knows id, kind, label, idp_metadata, ca_file, key_file, cert_file, entity_id, \
     attributes, roles, idp_initiated, encryption, timeout_seconds";
const CAS_KEYS: &str = "a cas provider knows id, kind, label, url, ca_file, attributes, roles, timeout_seconds";
const OIDC_KEYS: &str = "an oidc provider knows id, kind, label, issuer, client_id, client_secret, client_secret_file, \
     scopes, logout_hint, ca_file, attributes, roles, timeout_seconds";

type Table<'a> = HashMap<String, Setting<'a>>;

/// Every provider, in the order of the login page; the local accounts where none is configured.
pub(super) fn providers(settings: &Settings) -> Result<Vec<Provider>, ConfigError> {
    let Some(list) = settings.get("staff.providers") else { return Ok(vec![local("local", None)]) };
    let mut providers: Vec<Provider> = Vec::new();
    for (index, mut table) in list.tables()?.into_iter().enumerate() {
        let missing = |key: &str| ConfigError::Missing { key: format!("staff.providers[{index}].{key}"), reason: "" };
        // The kind first: it decides what else is known.
        let kind = table.remove("kind").ok_or_else(|| missing("kind"))?;
        let id = |table: &mut Table<'_>| -> Result<String, ConfigError> {
            let id = table.remove("id").ok_or_else(|| missing("id"))?;
            let name = id.text()?;
            if name.is_empty()
                || name.len() > 64
                || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            {
                return Err(id.wrong("must be made of lower-case letters, digits and hyphens"));
            }
            if providers.iter().any(|known| known.id == name) {
                return Err(id.wrong("is there twice; each provider needs an id of its own"));
            }
            Ok(name.to_owned())
        };
        let provider = match kind.text()? {
            "local" => {
                let (id, label) = (id(&mut table)?, text(&mut table, "label")?);
                refuse_rest(&table, "a local provider knows id, kind and label")?;
                if providers.iter().any(|known| matches!(known.kind, Kind::Local)) {
                    return Err(kind.wrong("is there twice; one provider of local accounts is enough"));
                }
                local(&id, label)
            }
            name @ ("ldap" | "saml" | "cas" | "oidc") => {
                let (id, label) = (id(&mut table)?, text(&mut table, "label")?);
                if id == "local" {
                    return Err(kind.wrong("can't be called local, which is the name of this installation's accounts"));
                }
                let roles = roles(&table.remove("roles").ok_or_else(|| missing("roles"))?)?;
                let (made, known) = match name {
                    "ldap" => (Kind::Ldap(Box::new(ldap(&mut table, &missing)?)), LDAP_KEYS),
                    "saml" => (Kind::Saml(Box::new(saml(&kind, &mut table, &missing)?)), SAML_KEYS),
                    "cas" => (Kind::Cas(Box::new(cas(&mut table, &missing)?)), CAS_KEYS),
                    _ => (Kind::Oidc(Box::new(oidc(&mut table, &missing)?)), OIDC_KEYS),
                };
                refuse_rest(&table, known)?;
                Provider { id, label, kind: made, roles }
            }
            _ => return Err(kind.wrong(r#"must be "local", "ldap", "saml", "cas" or "oidc""#)),
        };
        providers.push(provider);
    }
    Ok(if providers.is_empty() { vec![local("local", None)] } else { providers })
}

fn local(id: &str, label: Option<String>) -> Provider {
    Provider { id: id.to_owned(), label, kind: Kind::Local, roles: Vec::new() }
}

fn refuse_rest(table: &Table<'_>, known: &str) -> Result<(), ConfigError> {
    match table.values().min_by_key(|setting| setting.key()) {
        Some(unknown) => Err(unknown.unknown(known)),
        None => Ok(()),
    }
}

fn text(table: &mut Table<'_>, key: &str) -> Result<Option<String>, ConfigError> {
    table.remove(key).map(|setting| setting.text().map(str::to_owned)).transpose()
}

/// A filter that the directory can read (RFC 4515).
fn filter(setting: &Setting<'_>) -> Result<String, ConfigError> {
    let text = setting.text()?;
    let tried = text.replace("{username}", "x").replace("{dn}", "x");
    // As it is used: beside another.
    if ldap3::parse_filter(format!("(&(a=b){tried})")).is_err() {
        return Err(setting.wrong("must be a filter in brackets, such as (uid={username})"));
    }
    Ok(text.to_owned())
}

/// A filter or a DN with a place for what is looked for.
fn template(table: &mut Table<'_>, key: &str, places: &[&str]) -> Result<Option<String>, ConfigError> {
    let Some(setting) = table.remove(key) else { return Ok(None) };
    let text = setting.text()?;
    if !places.iter().any(|place| text.contains(place)) {
        return Err(setting.wrong(format!("must hold {}", places.join(" or "))));
    }
    if key.ends_with("filter") {
        return filter(&setting).map(Some);
    }
    Ok(Some(text.to_owned()))
}

fn ldap(table: &mut Table<'_>, missing: &dyn Fn(&str) -> ConfigError) -> Result<LdapProvider, ConfigError> {
    let url = table.remove("url").ok_or_else(|| missing("url"))?;
    let starttls = table.remove("starttls").map_or(Ok(false), |setting| setting.flag())?;
    let urls = url.list()?;
    if urls.is_empty() {
        return Err(url.wrong("must name at least one server"));
    }
    for one in &urls {
        let parsed = Url::parse(one).ok().filter(|url| {
            matches!(url.scheme(), "ldap" | "ldaps")
                && url.host_str().is_some_and(|host| !host.is_empty())
                && url.username().is_empty()
                && url.password().is_none()
                // What the host of a certificate is compared with can't be written with brackets.
                && url.host_str().is_some_and(|host| !host.starts_with('['))
                && matches!(url.path(), "" | "/")
        });
        let parsed = parsed.ok_or_else(|| {
            url.wrong_hidden(
                "must be ldaps://HOST or ldap://HOST, each with a port if need be; for an IPv6 address, a name",
            )
        })?;
        if parsed.scheme() == "ldap" && !starttls && !is_loopback(&parsed) {
            return Err(url.wrong(
                "would send passwords in the clear; use ldaps://, or set starttls = true (plain ldap:// is for loopback)",
            ));
        }
    }
    let bind_dn = text(table, "bind_dn")?;
    let password = Setting::secret_of(table, "bind_password")?;
    let bind = match (bind_dn, password) {
        (Some(dn), Some(password)) => Some((dn, password)),
        (None, None) => None,
        (Some(_), None) => return Err(missing("bind_password_file")),
        (None, Some(_)) => return Err(missing("bind_dn")),
    };
    let user_dn = template(table, "user_dn", &["{username}"])?;
    let user_filter = template(table, "user_filter", &["{username}"])?.unwrap_or_else(|| "(uid={username})".to_owned());
    let user_base = text(table, "user_base")?.ok_or_else(|| missing("user_base"))?;
    if user_dn.is_none() && bind.is_none() {
        return Err(missing("bind_dn"));
    }
    let group_base = text(table, "group_base")?;
    let group_filter = template(table, "group_filter", &["{dn}", "{username}"])?;
    let mut attributes = table.remove("attributes").map(|setting| setting.table()).transpose()?.unwrap_or_default();
    let mut attribute = |key: &str, default: &str| -> Result<String, ConfigError> {
        Ok(text(&mut attributes, key)?.unwrap_or_else(|| default.to_owned()))
    };
    let names = if group_base.is_some() { "cn" } else { "memberOf" };
    let provider = LdapProvider {
        urls,
        starttls,
        ca_file: ca_file(table)?,
        bind,
        user_base,
        user_filter,
        user_dn,
        live_filter: table
            .remove("live_filter")
            .map_or_else(|| Ok("(objectClass=*)".to_owned()), |setting| filter(&setting))?,
        group_filter: group_filter.unwrap_or_else(|| "(member={dn})".to_owned()),
        group_base,
        nested: table.remove("nested").map_or(Ok(0), |setting| setting.number(0..=20))?,
        subject: attribute("subject", "entryUUID")?,
        username: attribute("username", "uid")?,
        name: attribute("name", "cn")?,
        email: attribute("email", "mail")?,
        groups: attribute("groups", names)?,
        timeout: timeout(table)?,
    };
    refuse_rest(&attributes, "attributes knows subject, username, name, email and groups")?;
    Ok(provider)
}

/// The names of attributes, with what holds for those that are not given.
fn attributes(table: &mut Table<'_>, subject: &str, defaults: [&str; 3]) -> Result<Attributes, ConfigError> {
    let mut named = table.remove("attributes").map(|setting| setting.table()).transpose()?.unwrap_or_default();
    let mut attribute = |key: &str, default: &str| -> Result<String, ConfigError> {
        Ok(text(&mut named, key)?.unwrap_or_else(|| default.to_owned()))
    };
    let attributes = Attributes {
        subject: attribute("subject", subject)?,
        name: attribute("name", defaults[0])?,
        email: attribute("email", defaults[1])?,
        groups: attribute("groups", defaults[2])?,
    };
    refuse_rest(&named, "attributes knows subject, name, email and groups")?;
    Ok(attributes)
}

fn timeout(table: &mut Table<'_>) -> Result<Duration, ConfigError> {
    let seconds = table.remove("timeout_seconds").map_or(Ok(5), |setting| setting.number(1..=60))?;
    Ok(Duration::from_secs(seconds))
}

fn ca_file(table: &mut Table<'_>) -> Result<Option<PathBuf>, ConfigError> {
    table.remove("ca_file").map(|setting| setting.path()).transpose()
}

/// An address that nobody can listen to on the way.
fn address(setting: &Setting<'_>) -> Result<Url, ConfigError> {
    let parsed = Url::parse(setting.text()?).ok().filter(|url| {
        url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    });
    let parsed = parsed.ok_or_else(|| setting.wrong_hidden("must be an address such as https://id.example"))?;
    if is_safe(&parsed) { Ok(parsed) } else { Err(setting.wrong("must be https:// (plain http:// is for loopback)")) }
}

/// Whether requests to this address can't be read or changed on the way: `https`, or this machine.
pub fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

fn saml(
    kind: &Setting<'_>,
    table: &mut Table<'_>,
    missing: &dyn Fn(&str) -> ConfigError,
) -> Result<SamlProvider, ConfigError> {
    if !cfg!(feature = "saml") {
        return Err(kind.wrong("needs a build with the feature saml, which this one is without"));
    }
    let metadata = table.remove("idp_metadata").ok_or_else(|| missing("idp_metadata"))?;
    let metadata = if metadata.text()?.contains("://") {
        MetadataSource::Url(address(&metadata)?)
    } else {
        MetadataSource::File(metadata.path()?)
    };
    let flag = |table: &mut Table<'_>, key: &str| table.remove(key).map_or(Ok(false), |setting| setting.flag());
    Ok(SamlProvider {
        metadata,
        ca_file: ca_file(table)?,
        key_file: table.remove("key_file").ok_or_else(|| missing("key_file"))?.path()?,
        cert_file: table.remove("cert_file").ok_or_else(|| missing("cert_file"))?.path()?,
        entity_id: text(table, "entity_id")?,
        attributes: attributes(table, "name_id", ["cn", "mail", "groups"])?,
        idp_initiated: flag(table, "idp_initiated")?,
        encryption: flag(table, "encryption")?,
        timeout: timeout(table)?,
    })
}

fn cas(table: &mut Table<'_>, missing: &dyn Fn(&str) -> ConfigError) -> Result<CasProvider, ConfigError> {
    let url = table.remove("url").ok_or_else(|| missing("url"))?;
    let parsed = address(&url)?;
    if parsed.query().is_some() {
        return Err(url.wrong("must be the address of the server itself, such as https://cas.example/cas"));
    }
    Ok(CasProvider {
        url: parsed.as_str().trim_end_matches('/').to_owned(),
        ca_file: ca_file(table)?,
        attributes: attributes(table, "user", ["cn", "mail", "groups"])?,
        timeout: timeout(table)?,
    })
}

fn oidc(table: &mut Table<'_>, missing: &dyn Fn(&str) -> ConfigError) -> Result<OidcProvider, ConfigError> {
    let issuer = table.remove("issuer").ok_or_else(|| missing("issuer"))?;
    address(&issuer)?;
    Ok(OidcProvider {
        // As it is written: an issuer is compared letter by letter (OpenID Connect Discovery 1.0 §4.3).
        issuer: issuer.text()?.to_owned(),
        client_id: text(table, "client_id")?.ok_or_else(|| missing("client_id"))?,
        client_secret: Setting::secret_of(table, "client_secret")?,
        logout_hint: table.remove("logout_hint").map_or(Ok(false), |setting| setting.flag())?,
        scopes: table.remove("scopes").map(|setting| setting.list()).transpose()?,
        ca_file: ca_file(table)?,
        attributes: attributes(table, "sub", ["name", "email", "groups"])?,
        timeout: timeout(table)?,
    })
}

/// Whether nobody else can listen on the way there.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `group = "role"`, `"role:site"` or `"role:site/form"`, or a list of them.
fn roles(setting: &Setting<'_>) -> Result<Vec<(String, Vec<RoleAt>)>, ConfigError> {
    let mut table: Vec<_> = setting.table()?.into_iter().collect();
    if table.is_empty() {
        return Err(setting.wrong("must say what at least one group may do"));
    }
    table.sort_by(|(a, _), (b, _)| a.cmp(b));
    let one = |(group, setting): (String, Setting<'_>)| {
        let roles = setting.list()?.iter().map(|text| role(text)).collect::<Option<Vec<_>>>();
        let roles = roles.filter(|roles| !roles.is_empty()).ok_or_else(|| {
            setting.wrong("must be admin, editor, reviewer or auditor, on everything or as in \"reviewer:SITE\" or \"reviewer:SITE/FORM\"")
        })?;
        Ok((group, roles))
    };
    table.into_iter().map(one).collect()
}

fn role(text: &str) -> Option<RoleAt> {
    let (role, place) = text.split_once(':').map_or((text, None), |(role, place)| (role, Some(place)));
    let (site, form) =
        match place.map(|place| place.split_once('/').map_or((place, None), |(site, form)| (site, Some(form)))) {
            None => (None, None),
            Some((site, form)) => (Some(site.to_owned()), form.map(str::to_owned)),
        };
    let named = |slug: &Option<String>| slug.as_ref().is_none_or(|slug| !slug.is_empty());
    Some(RoleAt { role: Role::named(role)?, site, form }).filter(|at| named(&at.site) && named(&at.form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reaches_as_far_as_it_says() {
        let at = |role, site: Option<&str>, form: Option<&str>| {
            Some(RoleAt { role, site: site.map(str::to_owned), form: form.map(str::to_owned) })
        };
        assert_eq!(role("admin"), at(Role::Admin, None, None));
        assert_eq!(role("reviewer:shop"), at(Role::Reviewer, Some("shop"), None));
        assert_eq!(role("editor:shop/contact"), at(Role::Editor, Some("shop"), Some("contact")));
        for wrong in ["", "root", "admin:", "admin:shop/", "admin:/x"] {
            assert_eq!(role(wrong), None, "{wrong}");
        }
    }
}
