//! A second `OpenID` provider for one test, the library `oidc-provider` on Node.js: with the algorithms and the
//! back-channel logout that `LemonLDAP::NG` has not, and with everything that can be wrong with an answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::directory;
use super::server::{Server, free_port};

/// The secret of each client that has one: `sealwax-` and `rs256`, `ps256`, `es256`, `eddsa`, which its ID tokens
/// are signed by; `sealwax-post` sends it in the form; `sealwax-public` has none.
pub const CLIENT_SECRET: &str = "a-secret-of-the-openid-clients";

/// Each fault of [`OpenId::mode`] that is one of the ID token.
pub const TOKEN_FAULTS: [&str; 11] = [
    "bad-nonce",
    "no-nonce",
    "bad-issuer",
    "bad-audience",
    "extra-audience",
    "expired",
    "future",
    "unknown-kid",
    "alg-none",
    "bad-signature",
    "alg-confusion",
];

pub struct OpenId {
    /// `http://localhost:PORT`
    pub issuer: String,
    port: u16,
    dir: PathBuf,
    server: Option<Server>,
}

impl OpenId {
    /// Starts it at once, for an installation whose address is known already.
    pub fn start(service: &str) -> Self {
        let mut this = Self::reserve();
        this.run(service);
        this
    }

    /// Settles where it will be. Nothing answers there yet.
    pub fn reserve() -> Self {
        let port = free_port();
        Self { issuer: format!("http://localhost:{port}"), port, dir: super::fresh_directory(), server: None }
    }

    /// Starts it for the installation at this address: it sends people back to `/staff/auth/oidc/callback`, after
    /// logging out to `/staff/logged-out`, and tells `/staff/auth/oidc/backchannel` of who has logged out.
    pub fn run(&mut self, service: &str) {
        self.cut();
        let client = |name: &str, algorithm: &str, authentication: &str| {
            let mut client = json!({
                "client_id": format!("sealwax-{name}"),
                "id_token_signed_response_alg": algorithm,
                "token_endpoint_auth_method": authentication,
                "grant_types": ["authorization_code"],
                "response_types": ["code"],
                "redirect_uris": [format!("{service}/staff/auth/oidc/callback")],
                "post_logout_redirect_uris": [format!("{service}/staff/logged-out")],
                "backchannel_logout_uri": format!("{service}/staff/auth/oidc/backchannel"),
                "backchannel_logout_session_required": true,
            });
            if authentication != "none" {
                client["client_secret"] = json!(CLIENT_SECRET);
            }
            client
        };
        let settings = json!({
            "issuer": self.issuer,
            "port": self.port,
            "fault": self.dir.join("fault"),
            "people": directory::people(),
            "clients": [
                client("rs256", "RS256", "client_secret_basic"),
                client("ps256", "PS256", "client_secret_basic"),
                client("es256", "ES256", "client_secret_basic"),
                client("eddsa", "EdDSA", "client_secret_basic"),
                client("post", "RS256", "client_secret_post"),
                client("public", "RS256", "none"),
            ],
        });
        self.mode("");
        std::fs::write(self.dir.join("settings.json"), settings.to_string()).unwrap();
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/openid/provider.mjs");
        let mut command = Command::new("node");
        command.arg(program).arg(self.dir.join("settings.json"));
        let server = Server::start(command, &self.dir, None);
        server.wait_for("ready", 1, &self.dir);
        self.server = Some(server);
    }

    /// What is wrong with it from now on: one of [`TOKEN_FAULTS`]; `asked-long-ago` or `never-asked`, which are wrong
    /// only where somebody was to be asked; `other-subject`, for which `/me` tells of
    /// somebody else; `token`, `jwks`, `userinfo` or `discovery` with `-500`, `-html` or `-hang`; nothing by `""`.
    pub fn mode(&self, fault: &str) {
        let new = self.dir.join("fault.new");
        std::fs::write(&new, fault).unwrap();
        std::fs::rename(&new, self.dir.join("fault")).unwrap();
    }

    /// Signs with new keys, and knows nothing of the old ones any more, nor of who has logged in.
    pub fn rotate(&self) {
        let server = self.server.as_ref().expect("it runs");
        server.signal("HUP");
        server.wait_for("rotated", 1, &self.dir);
    }

    /// Ends it, as a power cut would.
    pub fn cut(&mut self) {
        self.server = None;
    }

    /// Stops it from answering, or lets it go on: it still takes connections.
    pub fn freeze(&self, on: bool) {
        self.server.as_ref().expect("it runs").freeze(on);
    }

    /// The provider as an owner writes it, for the client `sealwax-NAME`; `more` are further lines.
    pub fn provider(&self, client: &str, more: &str) -> String {
        let issuer = &self.issuer;
        let secret = if client == "public" { String::new() } else { format!("client_secret = \"{CLIENT_SECRET}\"\n") };
        format!(
            "[[staff.providers]]\nid = \"oidc\"\nkind = \"oidc\"\nlabel = \"OpenID account\"\nissuer = \"{issuer}\"\n\
             client_id = \"sealwax-{client}\"\n{secret}{more}\n{}",
            directory::ROLES
        )
    }
}

impl Drop for OpenId {
    fn drop(&mut self) {
        self.cut();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// What a token says, for tests that look into one.
pub fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
