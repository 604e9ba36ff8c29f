//! A real `LemonLDAP::NG` for one test: SAML 2.0 identity provider, CAS 3.0 server and `OpenID` provider
//! at once, over the people of a [`OpenLdap`].
//!
//! The provider and the installation each need to know where the other is before they start:
//! [`Lemon::reserve`] settles the provider's address, keys and certificates, and [`Lemon::run`] starts it
//! when the installation is up.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::directory::{BASE, OpenLdap, READER, READER_PASSWORD, ROLES};
use super::server::{Certificate, Server, free_port, make_certificates, make_signing_key};

/// What the installation is called as an `OpenID` client, and its secret.
pub const CLIENT: &str = "sealwax";
pub const CLIENT_SECRET: &str = "sealwax-client-secret";
/// A client without a secret.
pub const PUBLIC_CLIENT: &str = "sealwax-public";
/// Another service that people use: its tickets and tokens are none of ours.
pub const OTHER_CLIENT: &str = "other";
pub const OTHER_SERVICE: &str = "http://127.0.0.1:9/other";
/// One that calls the service, one that is called by it meanwhile, and one more.
const WORKERS: usize = 3;
/// Between the values of an attribute: nothing that is in a name.
const SEPARATOR: &str = "\u{1f}";
const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";

/// What a SAML response is signed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SamlSign {
    Both,
    Assertion,
}

/// How it is set up, and what is different from a well-behaved provider.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct LemonOptions {
    /// The installation's own address.
    pub service: String,
    /// Answers on `https`, with this certificate. Settled by [`Lemon::reserve`].
    pub tls: Option<Certificate>,
    /// The authority that the installation is verified with, where that is on `https`.
    pub trust: Option<PathBuf>,
    /// May log in and use nothing.
    pub deny: Option<&'static str>,
    /// Tells of the groups that people are in themselves, and not of those around them.
    pub direct_groups: bool,
    /// Another time than now, such as `-600s`.
    pub clock: Option<&'static str>,
    /// The metadata of each SAML service.
    pub sp_metadata: Vec<String>,
    pub saml_sign: SamlSign,
    /// Encrypts assertions with the key in the service's metadata.
    pub saml_encrypt: bool,
    pub saml_sha1: bool,
    /// How many seconds an assertion holds; a minute is added for clocks.
    pub saml_lifetime: u32,
    /// `persistent`, `email`, `transient` or `unspecified`; the user name, but for `email` and `transient`.
    pub saml_name_id: &'static str,
    /// Takes requests without a signature.
    pub saml_unsigned_requests: bool,
    pub cas_ticket_seconds: u32,
    /// Writes names into the XML of CAS as they are.
    pub cas_raw_xml: bool,
    /// `RS256`, `RS512` or `HS256`.
    pub oidc_algorithm: &'static str,
    pub oidc_token_seconds: u32,
}

impl Default for LemonOptions {
    fn default() -> Self {
        Self {
            service: "http://127.0.0.1:9".to_owned(),
            tls: None,
            trust: None,
            deny: None,
            direct_groups: false,
            clock: None,
            sp_metadata: Vec::new(),
            saml_sign: SamlSign::Both,
            saml_encrypt: false,
            saml_sha1: false,
            saml_lifetime: 120,
            saml_name_id: "persistent",
            saml_unsigned_requests: false,
            cas_ticket_seconds: 30,
            cas_raw_xml: false,
            oidc_algorithm: "RS256",
            oidc_token_seconds: 300,
        }
    }
}

pub struct Lemon {
    /// `http://localhost:PORT`, which is the issuer too.
    pub url: String,
    /// The authority of its certificate, where it has one.
    pub ca: PathBuf,
    port: u16,
    tls: bool,
    keys: u32,
    people: Value,
    dir: PathBuf,
    server: Option<Server>,
}

impl Lemon {
    /// Starts it at once, for whoever knows the installation's address already.
    pub fn start(directory: &OpenLdap, options: &LemonOptions) -> Self {
        let mut this = Self::reserve(directory, options.tls);
        this.run(options);
        this
    }

    /// Settles where it will be, with keys and certificates. Nothing answers there yet.
    pub fn reserve(directory: &OpenLdap, tls: Option<Certificate>) -> Self {
        let (dir, port) = (super::fresh_directory(), free_port());
        for part in ["conf", "cache", "sessions/lock", "psessions/lock"] {
            std::fs::create_dir_all(dir.join(part)).unwrap();
        }
        make_certificates(&dir, tls.unwrap_or_default());
        std::fs::write(dir.join("portal.psgi"), include_str!("lemon/portal.psgi")).unwrap();
        let people = json!({
            "authentication": "LDAP",
            "userDB": "Same",
            "ldapServer": format!("ldap://127.0.0.1:{}", directory.port),
            "ldapVersion": 3,
            "ldapBase": format!("ou=people,{BASE}"),
            "managerDn": READER,
            "managerPassword": READER_PASSWORD,
            "ldapPpolicyControl": 1,
            "ldapExportedVars": { "uid": "uid", "cn": "cn", "sn": "sn", "mail": "mail" },
            "ldapGroupBase": format!("ou=groups,{BASE}"),
            "ldapGroupObjectClass": "groupOfNames",
            "ldapGroupAttributeName": "member",
            "ldapGroupAttributeNameUser": "dn",
            "ldapGroupAttributeNameGroup": "dn",
            "ldapGroupAttributeNameSearch": "cn",
        });
        let url = format!("{}://localhost:{port}", if tls.is_some() { "https" } else { "http" });
        let mut this =
            Self { url, ca: dir.join("ca.pem"), port, tls: tls.is_some(), keys: 0, people, dir, server: None };
        this.make_keys();
        this
    }

    /// Starts it, or starts it again set up in another way; keys and sessions stay.
    pub fn run(&mut self, options: &LemonOptions) {
        self.cut();
        self.write_configuration(options);
        let mut command = Command::new("starman");
        command.arg("--listen").arg(format!("127.0.0.1:{}", self.port)).arg("--workers").arg(WORKERS.to_string());
        // A connection that is kept open would keep a worker.
        command.args(["--disable-keepalive", "-E", "deployment"]);
        // Loaded once for all of them; what holds a connection to the directory is loaded by each.
        command.args(["-MLemonldap::NG::Portal::Main", "-MLasso", "-MNet::LDAP"]);
        if self.tls {
            command.args(["--enable-ssl", "--ssl-cert", "server.pem", "--ssl-key", "server.key"]);
        }
        command.arg("portal.psgi").env("LLNG_DEFAULTCONFFILE", self.dir.join("lemonldap-ng.ini"));
        if options.cas_raw_xml {
            command.env("PORTAL_RAW_XML", "1");
        }
        let server = Server::start(command, &self.dir, options.clock);
        server.wait_for("ready", WORKERS, &self.dir);
        self.server = Some(server);
    }

    /// Signs with other keys from the next [`Self::run`] on.
    pub fn new_keys(&mut self) {
        self.make_keys();
    }

    fn make_keys(&mut self) {
        self.keys += 1;
        std::thread::scope(|scope| {
            for name in ["saml", "oidc"] {
                scope.spawn(|| make_signing_key(&self.dir, name));
            }
        });
    }

    /// Ends it, as a power cut would.
    pub fn cut(&mut self) {
        self.server = None;
    }

    /// Stops it from answering, or lets it go on: it still takes connections.
    pub fn freeze(&self, on: bool) {
        self.server.as_ref().expect("it runs").freeze(on);
    }

    pub fn saml_entity_id(&self) -> String {
        format!("{}/saml/metadata", self.url)
    }

    /// Where its SAML metadata is.
    pub fn saml_metadata_url(&self) -> String {
        format!("{}/saml/metadata/idp", self.url)
    }

    /// Where people log out at the provider itself.
    pub fn logout_url(&self) -> String {
        format!("{}/?logout=1", self.url)
    }

    /// What it signs SAML messages with, for tests that forge some.
    pub fn saml_key_pem(&self) -> String {
        std::fs::read_to_string(self.dir.join("saml.key")).unwrap()
    }

    pub fn saml_cert_pem(&self) -> String {
        std::fs::read_to_string(self.dir.join("saml.pem")).unwrap()
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.join(name)).unwrap()
    }

    fn ca_line(&self) -> String {
        if self.tls { format!("ca_file = \"{}\"\n", self.ca.display()) } else { String::new() }
    }

    /// The CAS server as an owner writes it; `more` are further lines.
    pub fn cas_provider(&self, more: &str) -> String {
        let (url, ca) = (&self.url, self.ca_line());
        format!(
            "[[staff.providers]]\nid = \"cas\"\nkind = \"cas\"\nlabel = \"CAS account\"\nurl = \"{url}/cas\"\n{ca}{more}\n{ROLES}"
        )
    }

    /// The `OpenID` provider as an owner writes it.
    pub fn oidc_provider(&self, more: &str) -> String {
        let (url, ca) = (&self.url, self.ca_line());
        format!(
            "[[staff.providers]]\nid = \"oidc\"\nkind = \"oidc\"\nlabel = \"OpenID account\"\nissuer = \"{url}\"\n\
             client_id = \"{CLIENT}\"\nclient_secret = \"{CLIENT_SECRET}\"\n{ca}{more}\n{ROLES}"
        )
    }

    /// The SAML identity provider as an owner writes it, with a key for us that is made for it.
    pub fn saml_provider(&self, more: &str) -> String {
        if !self.dir.join("service.key").exists() {
            make_signing_key(&self.dir, "service");
        }
        let (url, ca, dir) = (self.saml_metadata_url(), self.ca_line(), self.dir.display());
        format!(
            "[[staff.providers]]\nid = \"saml\"\nkind = \"saml\"\nlabel = \"SAML account\"\nidp_metadata = \"{url}\"\n\
             key_file = \"{dir}/service.key\"\ncert_file = \"{dir}/service.pem\"\n{ca}{more}\n{ROLES}"
        )
    }

    fn write_configuration(&self, options: &LemonOptions) {
        let dir = self.dir.display();
        // What was kept of the last one.
        for part in ["conf", "cache"] {
            std::fs::remove_dir_all(self.dir.join(part)).unwrap();
            std::fs::create_dir(self.dir.join(part)).unwrap();
        }
        let mut all = Map::new();
        let parts = [
            self.people.clone(),
            self.portal(options),
            self.sessions(),
            self.saml(options),
            cas(options),
            self.oidc(options),
        ];
        for part in parts {
            let Value::Object(part) = part else { unreachable!("each part is a table") };
            all.extend(part);
        }
        std::fs::write(self.dir.join("conf/lmConf-1.json"), Value::Object(all).to_string()).unwrap();
        let ini = format!(
            "[all]\nlogLevel = notice\nlogger = Lemonldap::NG::Common::Logger::Std\n\
             userLogger = Lemonldap::NG::Common::Logger::Std\ncheckTime = 3600\n\
             [configuration]\ntype = File\ndirName = {dir}/conf\nlocalStorage = Cache::FileCache\n\
             localStorageOptions = {{ 'namespace' => 'conf', 'default_expires_in' => 3600, 'cache_root' => '{dir}/cache' }}\n\
             [portal]\nstaticPrefix = /static\ntemplateDir = /usr/share/lemonldap-ng/portal/templates\nlanguages = en\n"
        );
        std::fs::write(self.dir.join("lemonldap-ng.ini"), ini).unwrap();
    }

    fn portal(&self, options: &LemonOptions) -> Value {
        let mut portal = json!({
            // A configuration without a date counts as none.
            "cfgNum": 1, "cfgAuthor": "test", "cfgDate": 1_700_000_000, "cfgVersion": "2.16.1",
            "portal": format!("{}/", self.url),
            "domain": "localhost",
            "cookieName": "portal", "httpOnly": 1, "securedCookie": u8::from(self.tls),
            // Messages that come by a form of another site find their session by such a cookie only.
            "sameSite": if self.tls { "None" } else { "Lax" },
            "passwordDB": "Null", "registerDB": "Null",
            "ldapGroupRecursive": u8::from(!options.direct_groups),
            "exportedVars": {}, "groups": {}, "macros": { "_whatToTrace": "$uid" }, "whatToTrace": "_whatToTrace",
            "multiValuesSeparator": SEPARATOR,
            // By default no name with a parenthesis may be typed.
            "userControl": "^[^\\x00-\\x1f]{1,200}$",
            "locationRules": {}, "exportedHeaders": {}, "post": {}, "vhostOptions": {}, "applicationList": {},
            "notification": 0, "portalDisplayRegister": 0, "portalDisplayResetPassword": 0, "portalCheckLogins": 0,
            "captcha_login_enabled": 0, "captcha_mail_enabled": 0, "captcha_register_enabled": 0,
            // Whoever is asked to log in again is asked at once.
            "skipRenewConfirmation": 1, "skipUpgradeConfirmation": 1,
            // Whoever has just typed a password counts as asked for so many seconds.
            "portalForceAuthnInterval": 4,
            "timeout": 3600, "issuersTimeout": 120, "cspFormAction": "*", "trustedDomains": "*",
        });
        if let Some(trust) = &options.trust {
            portal["lwpSslOpts"] = json!({ "SSL_ca_file": trust });
        }
        portal
    }

    fn sessions(&self) -> Value {
        let dir = self.dir.display();
        json!({
            "globalStorage": "Apache::Session::File",
            "globalStorageOptions": {
                "Directory": format!("{dir}/sessions"), "LockDirectory": format!("{dir}/sessions/lock"),
                "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
            },
            "persistentStorage": "Apache::Session::File",
            "persistentStorageOptions": {
                "Directory": format!("{dir}/psessions"), "LockDirectory": format!("{dir}/psessions/lock"),
            },
            "localSessionStorage": "",
        })
    }

    fn saml(&self, options: &LemonOptions) -> Value {
        let (key, certificate) = (self.saml_key_pem(), self.saml_cert_pem());
        let signature = if options.saml_sha1 { "RSA_SHA1" } else { "RSA_SHA256" };
        let signed = u8::from(!options.saml_unsigned_requests);
        let own_key = if ["email", "transient"].contains(&options.saml_name_id) { "" } else { "uid" };
        let service = json!({
            "samlSPMetaDataOptionsNameIDFormat": options.saml_name_id,
            "samlSPMetaDataOptionsNameIDSessionKey": own_key,
            "samlSPMetaDataOptionsSignSSOMessage": match options.saml_sign {
                SamlSign::Both => 1, SamlSign::Assertion => 0,
            },
            "samlSPMetaDataOptionsSignSLOMessage": 1,
            "samlSPMetaDataOptionsCheckSSOMessageSignature": signed,
            "samlSPMetaDataOptionsCheckSLOMessageSignature": signed,
            "samlSPMetaDataOptionsSignatureMethod": signature,
            "samlSPMetaDataOptionsEnableIDPInitiatedURL": 1,
            "samlSPMetaDataOptionsRule": rule(options),
            "samlSPMetaDataOptionsNotOnOrAfterTimeout": options.saml_lifetime,
            "samlSPMetaDataOptionsSessionNotOnOrAfterTimeout": 7200,
            "samlSPMetaDataOptionsEncryptionMode": if options.saml_encrypt { "assertion" } else { "none" },
        });
        // Whether it must be there, what it is called, how, and by what name for people.
        let attribute = |name: &str, must: u8| format!("{must};{name};{BASIC};{name}");
        let exported = json!({
            "uid": attribute("uid", 1), "cn": attribute("cn", 0), "sn": attribute("sn", 0),
            "mail": attribute("mail", 0), "groups": attribute("groups", 0),
        });
        let each = |value: &dyn Fn(&str) -> Value| -> Map<String, Value> {
            let services = options.sp_metadata.iter().enumerate();
            services.map(|(number, metadata)| (format!("service{number}"), value(metadata))).collect()
        };
        json!({
            "issuerDBSAMLActivation": 1,
            "samlServicePrivateKeySig": key, "samlServicePublicKeySig": certificate,
            "samlServicePrivateKeyEnc": key, "samlServicePublicKeyEnc": certificate,
            "samlServiceSignatureMethod": signature, "samlServiceUseCertificateInResponse": 1,
            "samlOrganizationName": "Example", "samlOrganizationDisplayName": "Example",
            "samlOrganizationURL": self.url,
            "samlSPMetaDataXML": each(&|metadata| json!({ "samlSPMetaDataXML": metadata })),
            "samlSPMetaDataOptions": each(&|_| service.clone()),
            "samlSPMetaDataExportedAttributes": each(&|_| exported.clone()),
        })
    }

    fn oidc(&self, options: &LemonOptions) -> Value {
        let service = &options.service;
        let client = |id: &str, secret: Option<&str>| {
            let mut client = json!({
                "oidcRPMetaDataOptionsClientID": id,
                "oidcRPMetaDataOptionsRedirectUris": format!("{service}/staff/auth/oidc/callback"),
                "oidcRPMetaDataOptionsPostLogoutRedirectUris": format!("{service}/staff/logged-out"),
                "oidcRPMetaDataOptionsLogoutBypassConfirm": 1, "oidcRPMetaDataOptionsBypassConsent": 1,
                "oidcRPMetaDataOptionsRequirePKCE": 1, "oidcRPMetaDataOptionsUserIDAttr": "uid",
                "oidcRPMetaDataOptionsIDTokenSignAlg": options.oidc_algorithm,
                "oidcRPMetaDataOptionsIDTokenForceClaims": 1,
                "oidcRPMetaDataOptionsIDTokenExpiration": options.oidc_token_seconds,
                "oidcRPMetaDataOptionsAuthorizationCodeExpiration": 30,
                "oidcRPMetaDataOptionsRule": rule(options),
            });
            match secret {
                Some(secret) => client["oidcRPMetaDataOptionsClientSecret"] = json!(secret),
                None => client["oidcRPMetaDataOptionsPublic"] = json!(1),
            }
            client
        };
        let claims = json!({
            "email": "mail", "name": "cn", "family_name": "sn", "preferred_username": "uid",
            "groups": "groups;string;always",
        });
        let names = ["ours", "public", "other"];
        let same = |value: &Value| names.iter().map(|&name| (name.to_owned(), value.clone())).collect::<Map<_, _>>();
        json!({
            "issuerDBOpenIDConnectActivation": 1,
            "oidcServiceMetaDataIssuer": self.url,
            "oidcServiceKeyIdSig": format!("key-{}", self.keys),
            "oidcServicePrivateKeySig": self.file("oidc.key"), "oidcServicePublicKeySig": self.file("oidc.pem"),
            "oidcServiceAllowAuthorizationCodeFlow": 1,
            "oidcServiceAllowImplicitFlow": 0, "oidcServiceAllowHybridFlow": 0,
            "oidcRPMetaDataOptions": {
                "ours": client(CLIENT, Some(CLIENT_SECRET)),
                "public": client(PUBLIC_CLIENT, None),
                "other": client(OTHER_CLIENT, Some(CLIENT_SECRET)),
            },
            "oidcRPMetaDataExportedVars": same(&claims),
            "oidcRPMetaDataOptionsExtraClaims": same(&json!({ "groups": "groups" })),
        })
    }
}

fn cas(options: &LemonOptions) -> Value {
    let service = |url: &str| {
        json!({
            "casAppMetaDataOptionsService": url,
            "casAppMetaDataOptionsUserAttribute": "uid",
            "casAppMetaDataOptionsRule": rule(options),
        })
    };
    let told = json!({ "uid": "uid", "cn": "cn", "mail": "mail", "groups": "groups" });
    json!({
        "issuerDBCASActivation": 1, "casAccessControlPolicy": "error", "casAttr": "uid", "casAttributes": {},
        "casBackChannelSingleLogout": 1, "casStrictMatching": 1,
        "casTicketExpiration": options.cas_ticket_seconds,
        "casAppMetaDataOptions": {
            "ours": service(&format!("{}/staff/auth/cas/callback", options.service)),
            "other": service(OTHER_SERVICE),
        },
        "casAppMetaDataExportedVars": { "ours": told, "other": told },
    })
}

/// Who may use a service.
fn rule(options: &LemonOptions) -> String {
    match options.deny {
        Some(uid) => format!("$uid ne '{}'", uid.replace('\\', "\\\\").replace('\'', "\\'")),
        None => "1".to_owned(),
    }
}

impl Drop for Lemon {
    fn drop(&mut self) {
        self.cut();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
