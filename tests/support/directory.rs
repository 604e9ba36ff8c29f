//! A real OpenLDAP server for one test: people with odd names on purpose, groups within groups, and
//! switches for what goes wrong.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, dn_escape};

use serde_json::{Value, json};

use super::server::{Certificate, Server, free_port, make_certificates, run};

pub const BASE: &str = "dc=example,dc=org";
pub const READER: &str = "cn=reader,ou=services,dc=example,dc=org";
pub const READER_PASSWORD: &str = "reader-secret";
const ROOT: &str = "cn=root,dc=example,dc=org";
const ROOT_PASSWORD: &str = "root-secret";

/// User name, common name, password.
pub const PEOPLE: [(&str, &str, &str); 15] = [
    ("alice", "Alice Admin", "alice-secret"),
    ("bob", "Bob Editor", "bob-secret"),
    ("carol", "Carol Nobody", "carol-secret"),
    ("zoë.müller", "Zoë Müller-Łukasiewicz", "pässwörd-漢字"),
    ("paren(the)sis", "Paren (The) Sis", "paren-secret"),
    ("star*", "Star * Asterisk", "star-secret"),
    ("back\\slash", "Back \\ Slash", "back-secret"),
    ("comma, plus+\"q\"", "Comma, Plus + \"Quote\" <tag> & Co", "comma-secret & <x>"),
    ("locked", "Lou Locked", "locked-secret"),
    ("disabled", "Di Disabled", "disabled-secret"),
    ("many", "Mona Many", "many-secret"),
    // The password is older than it may be.
    ("expired", "Ed Expired", "expired-secret"),
    // Locked by the directory itself after three wrong passwords.
    ("lockme", "Lotte Lockme", "lockme-secret"),
    // Two people with one address.
    ("twin1", "Toni Twin", "twin1-secret"),
    ("twin2", "Tony Twin", "twin2-secret"),
];

/// What the groups may do here, the same for each kind of provider.
pub const ROLES: &str = "roles = { admins = \"admin\", editors = \"editor\", reviewers = \"reviewer\", \
                         \"R&D <team>, \\\"Größe\\\"\" = \"auditor\", team-59 = \"reviewer:shop\" }\n";

/// What is different from a well-behaved server.
#[derive(Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Oddities {
    /// Takes a name without a password for an anonymous bind, and says yes.
    pub empty_password_succeeds: bool,
    /// Shows a certificate for another host.
    pub foreign_certificate: bool,
    /// Shows a certificate that is over.
    pub expired_certificate: bool,
    /// Takes no password but over TLS.
    pub requires_tls: bool,
    /// Knows nothing of TLS: no `ldaps`, and `StartTLS` is refused.
    pub without_tls: bool,
    /// Says of `ou=branch` among the people, and of one of them called `abroad`, that they are at the directory on
    /// this port.
    pub refers_to: Option<u16>,
}

pub struct OpenLdap {
    pub port: u16,
    pub tls_port: u16,
    pub ca: PathBuf,
    dir: PathBuf,
    oddities: Oddities,
    program: Option<Server>,
}

fn entry(dn: &str, attributes: &[(&str, &str)]) -> String {
    use base64::Engine as _;
    let line =
        |name: &str, value: &str| format!("{name}:: {}\n", base64::engine::general_purpose::STANDARD.encode(value));
    let lines: String = attributes.iter().map(|(name, value)| line(name, value)).collect();
    format!("{}{lines}\n", line("dn", dn))
}

pub fn dn_of(uid: &str) -> String {
    format!("uid={},ou=people,{BASE}", dn_escape(uid))
}

fn group_dn(name: &str) -> String {
    format!("cn={},ou=groups,{BASE}", dn_escape(name))
}

fn policy_dn(name: &str) -> String {
    format!("cn={name},ou=policies,{BASE}")
}

/// Every group by name, with the DNs of its members.
fn groups() -> Vec<(String, Vec<String>)> {
    let people = |uids: &[&str]| uids.iter().map(|uid| dn_of(uid)).collect::<Vec<_>>();
    let mut groups = vec![
        ("admins".to_owned(), people(&["alice"])),
        ("admins-of-nothing".to_owned(), people(&["carol"])),
        ("editors".to_owned(), people(&["bob", "zoë.müller"])),
        (
            "reviewers".to_owned(),
            people(&["paren(the)sis", "star*", "back\\slash", "comma, plus+\"q\"", "lockme", "twin1", "twin2"]),
        ),
        ("R&D <team>, \"Größe\"".to_owned(), people(&["zoë.müller"])),
        (
            "staff".to_owned(),
            [people(&["locked", "disabled", "expired"]), vec![group_dn("admins"), group_dn("editors")]].concat(),
        ),
        ("everyone".to_owned(), vec![group_dn("staff"), group_dn("reviewers"), group_dn("everyone")]),
    ];
    groups.extend((0..60).map(|number| (format!("team-{number:02}"), people(&["many"]))));
    groups
}

/// Nobody writes to Carol; the twins share an address.
fn mail_of(uid: &str) -> Option<String> {
    let mailbox = if uid.starts_with("twin") { "twins" } else { uid };
    let mailbox: String = mailbox.chars().filter(char::is_ascii_alphanumeric).collect();
    (uid != "carol").then(|| format!("{mailbox}@example.org"))
}

/// The same people for a provider that keeps its own: `uid`, `name`, `mail`, `password`, `groups` with those around
/// them, and whether they `may_log_in`.
pub fn people() -> Value {
    let all = groups();
    let person = |(uid, name, password): &(&str, &str, &str)| {
        let mut within = BTreeSet::from([dn_of(uid)]);
        loop {
            let more = all.iter().filter(|(_, members)| members.iter().any(|member| within.contains(member)));
            let more: Vec<String> = more.map(|(name, _)| group_dn(name)).filter(|dn| !within.contains(dn)).collect();
            if more.is_empty() {
                break;
            }
            within.extend(more);
        }
        let groups: Vec<&String> =
            all.iter().map(|(name, _)| name).filter(|name| within.contains(&group_dn(name))).collect();
        json!({
            "uid": uid, "name": name, "mail": mail_of(uid), "password": password, "groups": groups,
            "may_log_in": !["locked", "disabled", "expired"].contains(uid),
        })
    };
    PEOPLE.iter().map(person).collect()
}

fn tree(oddities: Oddities) -> String {
    let groups = groups();
    let mut tree = entry(
        BASE,
        &[("objectClass", "dcObject"), ("objectClass", "organization"), ("o", "Example"), ("dc", "example")],
    );
    for unit in ["people", "groups", "services", "former", "policies"] {
        tree += &entry(&format!("ou={unit},{BASE}"), &[("objectClass", "organizationalUnit"), ("ou", unit)]);
    }
    let reader = [
        ("objectClass", "organizationalRole"),
        ("objectClass", "simpleSecurityObject"),
        ("cn", "reader"),
        ("userPassword", READER_PASSWORD),
    ];
    tree += &entry(READER, &reader);
    for (uid, name, password) in PEOPLE {
        let mail = mail_of(uid);
        let password = if uid == "disabled" { "{CRYPT}!" } else { password };
        let mut attributes = vec![
            ("objectClass", "inetOrgPerson"),
            ("uid", uid),
            ("cn", name),
            ("sn", name),
            ("userPassword", password),
        ];
        attributes.extend(mail.as_deref().map(|mail| ("mail", mail)));
        let policy = match uid {
            "expired" => Some(policy_dn("ageing")),
            "lockme" => Some(policy_dn("strict")),
            _ => None,
        };
        attributes.extend(policy.as_deref().map(|policy| ("pwdPolicySubentry", policy)));
        match uid {
            "locked" => attributes.push(("pwdAccountLockedTime", "000001010000Z")),
            "expired" => attributes.push(("pwdChangedTime", "20200101000000Z")),
            _ => {}
        }
        let within = groups.iter().filter(|(_, members)| members.contains(&dn_of(uid)));
        let within: Vec<String> = within.map(|(name, _)| group_dn(name)).collect();
        attributes.extend(within.iter().map(|group| ("memberOf", group.as_str())));
        tree += &entry(&dn_of(uid), &attributes);
    }
    for (name, key, value) in
        [("default", "pwdMaxFailure", "0"), ("strict", "pwdMaxFailure", "3"), ("ageing", "pwdMaxAge", "86400")]
    {
        let policy = [
            ("objectClass", "organizationalRole"),
            ("objectClass", "pwdPolicy"),
            ("cn", name),
            ("pwdAttribute", "userPassword"),
            ("pwdLockout", "TRUE"),
            (key, value),
        ];
        tree += &entry(&policy_dn(name), &policy);
    }
    // A second alice elsewhere: a search below the root finds two.
    let former = [
        ("objectClass", "inetOrgPerson"),
        ("uid", "alice"),
        ("cn", "Alice Former"),
        ("sn", "Former"),
        ("userPassword", "former-secret"),
    ];
    tree += &entry(&format!("uid=alice,ou=former,{BASE}"), &former);
    for (name, members) in &groups {
        let mut attributes = vec![("objectClass", "groupOfNames"), ("cn", name.as_str())];
        attributes.extend(members.iter().map(|member| ("member", member.as_str())));
        let around: Vec<String> =
            groups.iter().filter(|(_, all)| all.contains(&group_dn(name))).map(|(name, _)| group_dn(name)).collect();
        attributes.extend(around.iter().map(|group| ("memberOf", group.as_str())));
        tree += &entry(&group_dn(name), &attributes);
    }
    // Groups of other kinds.
    let unique = [("objectClass", "groupOfUniqueNames"), ("cn", "unique"), ("uniqueMember", &dn_of("bob"))];
    tree += &entry(&group_dn("unique"), &unique);
    let posix = [("objectClass", "posixGroup"), ("cn", "posix"), ("gidNumber", "5000")];
    let members = ["comma, plus+\"q\"", "star*"].map(|uid| ("memberUid", uid));
    tree += &entry(&group_dn("posix"), &[&posix[..], &members[..]].concat());
    if let Some(port) = oddities.refers_to {
        for (name, there) in [("ou=branch", "ou=people"), ("uid=abroad", "uid=alice,ou=people")] {
            let address = format!("ldap://127.0.0.1:{port}/{there},{BASE}");
            let (kind, value) = name.split_once('=').unwrap();
            let refer =
                [("objectClass", "referral"), ("objectClass", "extensibleObject"), (kind, value), ("ref", &address)];
            tree += &entry(&format!("{name},ou=people,{BASE}"), &refer);
        }
    }
    tree
}

impl OpenLdap {
    pub fn start(oddities: Oddities) -> Self {
        let dir = super::fresh_directory();
        let certificate = match oddities {
            Oddities { foreign_certificate: true, .. } => Certificate::Foreign,
            Oddities { expired_certificate: true, .. } => Certificate::Expired,
            _ => Certificate::Good,
        };
        make_certificates(&dir, certificate);
        std::fs::create_dir(dir.join("db")).unwrap();
        let path = dir.display();
        let anonymous = if oddities.empty_password_succeeds { "allow bind_anon_dn" } else { "disallow bind_anon" };
        let required = if oddities.requires_tls { "security simple_bind=128\n" } else { "" };
        let tls = format!(
            "TLSCACertificateFile {path}/ca.pem\nTLSCertificateFile {path}/server.pem\nTLSCertificateKeyFile {path}/server.key\n"
        );
        let tls = if oddities.without_tls { "" } else { &tls };
        let configuration = format!(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\ninclude /etc/ldap/schema/inetorgperson.schema\n\
             include /etc/ldap/schema/nis.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload ppolicy\n\
             moduleload memberof\npidfile {path}/slapd.pid\n\
             {tls}{required}{anonymous}\nrequire authc\ndatabase mdb\nmaxsize 67108864\ndbnosync\nsuffix \"{BASE}\"\nrootdn \"{ROOT}\"\nrootpw \"{ROOT_PASSWORD}\"\n\
             directory {path}/db\nindex objectClass,uid,member eq\noverlay ppolicy\nppolicy_default \"cn=default,ou=policies,{BASE}\"\noverlay memberof\n\
             access to attrs=userPassword by anonymous auth by * none\n\
             access to * by dn.exact=\"{READER}\" read by self read by anonymous auth by * none\n"
        );
        std::fs::write(dir.join("slapd.conf"), configuration).unwrap();
        std::fs::write(dir.join("tree.ldif"), tree(oddities)).unwrap();
        run("/usr/sbin/slapadd", &["-q", "-f", "slapd.conf", "-l", "tree.ldif"], &dir);
        let mut this =
            Self { port: free_port(), tls_port: free_port(), ca: dir.join("ca.pem"), dir, oddities, program: None };
        this.resume();
        this
    }

    /// Starts the server again where it was.
    pub fn resume(&mut self) {
        let plain = format!("ldap://127.0.0.1:{}/", self.port);
        let (addresses, ports) = if self.oddities.without_tls {
            (plain, vec![self.port])
        } else {
            (format!("{plain} ldaps://127.0.0.1:{}/", self.tls_port), vec![self.port, self.tls_port])
        };
        let mut command = Command::new("/usr/sbin/slapd");
        command.args(["-d", "0", "-f", "slapd.conf", "-h", &addresses]);
        let mut program = Server::start(command, &self.dir, None);
        for port in ports {
            program.wait_for_port(port, &self.dir);
        }
        self.program = Some(program);
    }

    /// Ends the server, as a power cut would.
    pub fn cut(&mut self) {
        self.program = None;
    }

    /// Stops it from answering, or lets it go on: it still takes connections.
    pub fn freeze(&self, on: bool) {
        self.program.as_ref().expect("it runs").freeze(on);
    }

    async fn master(&self) -> Ldap {
        let url = format!("ldap://127.0.0.1:{}", self.port);
        let (connection, mut ldap) = LdapConnAsync::with_settings(LdapConnSettings::new(), &url).await.unwrap();
        tokio::spawn(connection.drive());
        ldap.simple_bind(ROOT, ROOT_PASSWORD).await.unwrap().success().unwrap();
        ldap
    }

    /// Changes one attribute of an entry.
    pub async fn change(&self, dn: &str, change: Mod<String>) {
        self.master().await.modify(dn, vec![change]).await.unwrap().success().unwrap();
    }

    /// Deletes an entry.
    pub async fn delete(&self, dn: &str) {
        self.master().await.delete(dn).await.unwrap().success().unwrap();
    }

    pub async fn leave_group(&self, uid: &str, group: &str) {
        let member = std::collections::HashSet::from([dn_of(uid)]);
        self.change(&group_dn(group), Mod::Delete("member".to_owned(), member)).await;
    }

    /// The provider as an owner writes it; `more` are further lines.
    pub fn provider(&self, more: &str) -> String {
        let (port, ca) = (self.tls_port, self.ca.display());
        let url = if more.contains("url =") { String::new() } else { format!("url = \"ldaps://127.0.0.1:{port}\"\n") };
        format!(
            "[[staff.providers]]\nid = \"directory\"\nkind = \"ldap\"\nlabel = \"Company account\"\n{url}ca_file = \"{ca}\"\n\
             bind_dn = \"{READER}\"\nbind_password = \"{READER_PASSWORD}\"\nuser_base = \"ou=people,{BASE}\"\n\
             group_base = \"ou=groups,{BASE}\"\nlive_filter = \"(!(pwdAccountLockedTime=*))\"\n{more}\n{ROLES}"
        )
    }
}

impl Drop for OpenLdap {
    fn drop(&mut self) {
        self.cut();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
