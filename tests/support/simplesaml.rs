//! A second SAML 2.0 identity provider for one test, `SimpleSAMLphp` over the people of a [`OpenLdap`]. It differs
//! where providers do: attributes are called by OIDs, groups are DNs, and the response alone may be signed.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::directory::{BASE, OpenLdap, READER, READER_PASSWORD};
use super::server::{Server, free_port, make_signing_key};

/// What its attributes are called.
pub const UID: &str = "urn:oid:0.9.2342.19200300.100.1.1";
pub const MAIL: &str = "urn:oid:0.9.2342.19200300.100.1.3";
pub const CN: &str = "urn:oid:2.5.4.3";
/// The groups' DNs; this one has no OID.
pub const GROUPS: &str = "memberOf";

/// What is signed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    #[default]
    Both,
    Response,
    Assertion,
    Nothing,
}

/// How it is set up, and what is different from a well-behaved provider.
#[derive(Debug, Default, Clone)]
pub struct SimpleSamlOptions {
    /// The metadata of each service.
    pub sp_metadata: Vec<String>,
    pub signed: Signed,
    /// Encrypts assertions with the key in the service's metadata.
    pub encrypt: bool,
    /// Another time than now, such as `-600s`.
    pub clock: Option<&'static str>,
}

pub struct SimpleSaml {
    /// `http://localhost:PORT/simplesaml`
    pub url: String,
    port: u16,
    directory: u16,
    dir: PathBuf,
    server: Option<Server>,
}

impl SimpleSaml {
    /// Settles where it will be, with its key. Nothing answers there yet.
    pub fn reserve(directory: &OpenLdap) -> Self {
        let (dir, port) = (super::fresh_directory(), free_port());
        for part in ["config", "metadata", "data", "tmp", "log", "sessions"] {
            std::fs::create_dir(dir.join(part)).unwrap();
        }
        make_signing_key(&dir, "saml");
        std::fs::write(dir.join("router.php"), include_str!("simplesaml/router.php")).unwrap();
        // Each of its files is a part of one that this program can write.
        for (file, variable, part) in [
            ("config/config.php", "config", "config"),
            ("config/authsources.php", "config", "sources"),
            ("metadata/saml20-idp-hosted.php", "metadata", "hosted"),
        ] {
            let settings = dir.join("settings.json");
            let read = format!(
                "<?php ${variable} = json_decode(file_get_contents('{}'), true)['{part}'];\n",
                settings.display()
            );
            std::fs::write(dir.join(file), read).unwrap();
        }
        let url = format!("http://localhost:{port}/simplesaml");
        Self { url, port, directory: directory.port, dir, server: None }
    }

    /// Starts it, or starts it again set up in another way; its key and sessions stay.
    pub fn run(&mut self, options: &SimpleSamlOptions) {
        self.cut();
        std::fs::write(self.dir.join("settings.json"), self.settings(options).to_string()).unwrap();
        let mut command = Command::new("php");
        command.args(["-d", "session.gc_probability=0", "-d", "date.timezone=UTC", "-d", "error_reporting=0", "-S"]);
        command.arg(format!("127.0.0.1:{}", self.port)).arg("router.php");
        command.env("SIMPLESAMLPHP_CONFIG_DIR", self.dir.join("config")).env("PHP_CLI_SERVER_WORKERS", "2");
        let mut server = Server::start(command, &self.dir, options.clock);
        server.wait_for_port(self.port, &self.dir);
        self.server = Some(server);
    }

    /// Ends it, as a power cut would.
    pub fn cut(&mut self) {
        self.server = None;
    }

    pub fn entity_id(&self) -> String {
        format!("http://localhost:{}/idp", self.port)
    }

    /// Where its metadata is.
    pub fn metadata_url(&self) -> String {
        format!("{}/saml2/idp/metadata.php", self.url)
    }

    /// Where people begin who want to use a service, by its entity id.
    pub fn begin_url(&self, service: &str) -> String {
        let start = format!("{}/saml2/idp/SSOService.php", self.url);
        url::Url::parse_with_params(&start, [("spentityid", service)]).unwrap().into()
    }

    fn settings(&self, options: &SimpleSamlOptions) -> Value {
        let path = |name: &str| format!("{}/{name}/", self.dir.display());
        let signs = |one: Signed| options.signed == Signed::Both || options.signed == one;
        let services = options.sp_metadata.iter().enumerate().map(|(number, metadata)| {
            let file = self.dir.join(format!("metadata/service{number}.xml"));
            // It would sign what a service asks to be signed, whatever is told here.
            let asked = if signs(Signed::Assertion) {
                metadata.clone()
            } else {
                metadata.replace(" WantAssertionsSigned=\"true\"", "")
            };
            std::fs::write(&file, asked).unwrap();
            json!({ "type": "xml", "file": file })
        });
        let sources: Vec<Value> = std::iter::once(json!({ "type": "flatfile" })).chain(services).collect();
        let bindings = ["Redirect", "POST"].map(|name| format!("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{name}"));
        json!({
            "config": {
                "baseurlpath": format!("{}/", self.url),
                "certdir": format!("{}/", self.dir.display()),
                "loggingdir": path("log"), "datadir": path("data"), "tempdir": path("tmp"),
                "metadatadir": path("metadata"),
                "attributenamemapdir": "/usr/share/simplesamlphp/config/attributemap/",
                "secretsalt": "salt-of-a-test", "auth.adminpassword": "admin-of-a-test",
                "technicalcontact_email": "test@example.org", "timezone": "UTC",
                "logging.level": 5, "logging.handler": "file", "logging.logfile": "simplesaml.log",
                "enable.saml20-idp": true, "module.enable": { "core": true, "saml": true, "ldap": true },
                "trusted.url.domains": null, "enable.http_post": true,
                "session.cookie.secure": false, "session.cookie.samesite": "Lax",
                "session.phpsession.savepath": path("sessions"), "session.phpsession.httponly": true,
                "language.available": ["en"], "language.default": "en",
                "store.type": "phpsession", "metadata.sources": sources, "production": true,
                "authproc.idp": { "90": { "class": "core:AttributeMap", "0": "name2oid" } },
            },
            "sources": {
                "directory": {
                    "0": "ldap:LDAP",
                    "hostname": format!("ldap://127.0.0.1:{}", self.directory), "port": self.directory,
                    "enable_tls": false, "debug": false, "referrals": false, "timeout": 5,
                    "attributes": ["uid", "cn", "mail", "memberOf"],
                    "search.enable": true, "search.base": format!("ou=people,{BASE}"), "search.scope": "subtree",
                    "search.attributes": ["uid"], "search.username": READER, "search.password": READER_PASSWORD,
                },
            },
            "hosted": {
                self.entity_id(): {
                    "host": "__DEFAULT__", "auth": "directory", "privatekey": "saml.key", "certificate": "saml.pem",
                    "signature.algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                    "saml20.sign.response": signs(Signed::Response),
                    "saml20.sign.assertion": signs(Signed::Assertion),
                    "assertion.encryption": options.encrypt,
                    "validate.authnrequest": true, "sign.logout": true, "validate.logout": true,
                    "redirect.sign": true, "redirect.validate": true,
                    "SingleSignOnServiceBinding": bindings,
                    "attributes.NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
                    "NameIDFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                    "authproc": { "1": { "class": "saml:PersistentNameID", "attribute": "uid" } },
                },
            },
        })
    }
}

impl Drop for SimpleSaml {
    fn drop(&mut self) {
        self.cut();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
