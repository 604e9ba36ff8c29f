//! Staff sign in through real SAML 2.0 identity providers, and nobody does by what was forged.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Response, StatusCode};
use sealwax::staff::auth::BROWSER_COOKIE;
use sealwax::staff::{COOKIE, store};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::support::directory::{Oddities, OpenLdap, PEOPLE};
use crate::support::identity_provider::{PROVIDER, SHA256, STRANGER, Sides, Signer, encoded, unsigned, written};
use crate::support::lemon::{Lemon, LemonOptions, SamlSign};
use crate::support::server::Certificate;
use crate::support::simplesaml::{self, Signed, SimpleSaml, SimpleSamlOptions};
use crate::support::walker::{Arrived, Walked, Walker};
use crate::support::{Database, Installation, fresh_directory, location};

/// An installation and the identity provider that it trusts.
struct Company {
    directory: OpenLdap,
    lemon: Lemon,
    shop: Installation,
    options: LemonOptions,
}

impl Company {
    async fn start(database: Database, more: &str) -> Self {
        let directory = OpenLdap::start(Oddities::default());
        let mut lemon = Lemon::reserve(&directory, Some(Certificate::Good));
        let shop = Installation::start_now(database, &lemon.saml_provider(more)).await;
        let metadata = shop.get("/staff/auth/saml/metadata").send().await.unwrap();
        assert_eq!(metadata.headers()["content-type"], "application/samlmetadata+xml");
        let metadata = vec![metadata.text().await.unwrap()];
        let options = LemonOptions { service: shop.url.clone(), sp_metadata: metadata, ..LemonOptions::default() };
        lemon.run(&options);
        forget_why(&shop).await;
        Self { directory, lemon, shop, options }
    }

    fn walker(&self) -> Walker {
        Walker::new(&[&self.lemon.ca])
    }

    fn begin(&self) -> String {
        format!("{}/staff/auth/saml/login", self.shop.url)
    }

    async fn sign_in(&self, walker: &Walker, username: &str, password: &str) -> Arrived {
        walker.sign_in(&self.begin(), username, password).await
    }

    async fn walker_of(&self, username: &str, password: &str) -> Walker {
        let walker = self.walker();
        let page = self.sign_in(&walker, username, password).await;
        assert!(self.has_session(&walker), "{username}: {page:?}");
        walker
    }

    fn has_session(&self, walker: &Walker) -> bool {
        walker.cookie(&self.shop.url, COOKIE).is_some()
    }

    async fn is_in(&self, walker: &Walker) -> bool {
        walker.get(&format!("{}/staff/inbox", self.shop.url)).await.status == StatusCode::OK
    }

    /// The form with which the provider sends somebody back, not yet sent.
    async fn way_back(&self, walker: &Walker, username: &str, password: &str) -> (Url, Vec<(String, String)>) {
        let away = walker.get(&self.begin()).await.redirect().unwrap();
        let walked = walker.walk(away.as_str(), username, password).await;
        let Walked::Post { url, fields } = walked else { panic!("{walked:?}") };
        (url, fields)
    }

    async fn bring(&self, walker: &Walker, (url, fields): &(Url, Vec<(String, String)>)) -> Arrived {
        walker.post(&self.lemon.url, url.as_str(), fields).await
    }
}

/// Nothing was wrong so far. An installation is up before its provider, and says so until a clock moves on.
async fn forget_why(shop: &Installation) {
    shop.execute("UPDATE provider_states SET last_failure = NULL").await;
}

/// Why the last answer was refused. It is told once, so that the next one is refused for a reason of its own.
async fn told_why(shop: &Installation) -> String {
    let states = sealwax::staff::states::all(shop.app.db.reader()).await.unwrap();
    let failure = states[0].last_failure.clone().expect("something was refused");
    forget_why(shop).await;
    failure.strip_prefix("refused ").unwrap_or(&failure).to_owned()
}

async fn in_by_saml(database: Database) {
    let company = Company::start(database, "").await;
    let with_roles = ["alice", "zoë.müller", "paren(the)sis", "star*", "back\\slash", "comma, plus+\"q\"", "many"];
    let with_roles = [with_roles.as_slice(), &["bob", "lockme", "twin1", "twin2"]].concat();
    for (username, name, password) in PEOPLE {
        let walker = company.walker();
        let page = company.sign_in(&walker, username, password).await;
        if with_roles.contains(&username) {
            assert!(company.has_session(&walker), "{username}: {page:?}");
            let embed = format!("{}/staff/embed", company.shop.url);
            let page = if ["bob", "zoë.müller"].contains(&username) { walker.get(&embed).await } else { page };
            assert_eq!(page.status, StatusCode::OK, "{username}");
            page.assert_has(&askama::filters::escape(name, askama::filters::Html).unwrap().to_string());
        } else {
            assert!(!company.has_session(&walker), "{username}: {page:?}");
            if username == "carol" {
                assert_eq!(page.status, StatusCode::FORBIDDEN);
                page.assert_has("Carol Nobody");
            }
        }
    }
    assert_eq!(company.shop.count("staff", "provider = 'saml'").await, 11);
    company.walker_of("alice", "alice-secret").await;
    assert_eq!(company.shop.count("staff", "provider = 'saml'").await, 11);
    let walker = company.walker();
    company.sign_in(&walker, "alice", "wrong").await;
    assert!(!company.has_session(&walker));
    // Out of the group, out of the role.
    company.directory.leave_group("bob", "editors").await;
    let walker = company.walker();
    assert_eq!(company.sign_in(&walker, "bob", "bob-secret").await.status, StatusCode::FORBIDDEN);
    assert!(!company.has_session(&walker));
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_with_a_role_come_in_and_nobody_else_on_sqlite() {
    in_by_saml(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_with_a_role_come_in_and_nobody_else_on_postgresql() {
    in_by_saml(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_way_a_provider_signs_and_encrypts() {
    let mut company = Company::start(Database::Sqlite, "encryption = true").await;
    company.lemon.run(&LemonOptions { saml_sign: SamlSign::Assertion, ..company.options.clone() });
    company.walker_of("alice", "alice-secret").await;
    company.lemon.run(&LemonOptions { saml_encrypt: true, ..company.options.clone() });
    company.walker_of("zoë.müller", "pässwörd-漢字").await;
    // An encrypted assertion in a response that nobody signed is refused, and SHA-1 is.
    for (bad, reason) in [
        (
            LemonOptions { saml_encrypt: true, saml_sign: SamlSign::Assertion, ..company.options.clone() },
            "an encrypted assertion must come in a signed response: let the provider sign the response",
        ),
        (
            LemonOptions { saml_sha1: true, ..company.options.clone() },
            "signed by a method that is not accepted: use RSA or ECDSA with SHA-256",
        ),
    ] {
        company.lemon.run(&bad);
        let walker = company.walker();
        let page = company.sign_in(&walker, "alice", "alice-secret").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
        assert!(!company.has_session(&walker));
        assert_eq!(told_why(&company.shop).await, reason);
    }
    assert_eq!(company.shop.count("ledger_entries", "kind = 'staff-refused'").await, 2);
    // New keys count when the metadata is had again, and the page says so until then.
    company.lemon.new_keys();
    company.lemon.run(&company.options.clone());
    let walker = company.walker();
    assert_eq!(company.sign_in(&walker, "alice", "alice-secret").await.status, StatusCode::FORBIDDEN);
    assert_eq!(told_why(&company.shop).await, NOT_SIGNED_BY);
    company.shop.clock.advance(Duration::minutes(61));
    let walker = company.walker();
    company.sign_in(&walker, "alice", "alice-secret").await;
    company.shop.clock.advance(Duration::minutes(-61));
    company.walker_of("alice", "alice-secret").await;
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_counts_once_in_the_browser_that_asked_and_for_ten_minutes() {
    let company = Company::start(Database::Sqlite, "").await;
    let walker = company.walker();
    let back = company.way_back(&walker, "alice", "alice-secret").await;
    // In another browser: somebody is to be signed in as somebody else.
    let victim = company.walker();
    assert_eq!(company.bring(&victim, &back).await.status, StatusCode::GONE);
    let other = company.way_back(&victim, "bob", "bob-secret").await;
    let named =
        |fields: &[(String, String)], wanted: &str| fields.iter().find(|(name, _)| name == wanted).unwrap().clone();
    let mixed = (back.0.clone(), vec![named(&back.1, "SAMLResponse"), named(&other.1, "RelayState")]);
    let page = company.bring(&victim, &mixed).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "an answer to a request of somebody else: {page:?}");
    assert_eq!(told_why(&company.shop).await, OF_ANOTHER);
    assert!(!company.has_session(&victim));
    // Without what it belongs to, and with an address instead.
    let response = named(&back.1, "SAMLResponse");
    for relay_state in ["", "https://evil.example/", "/staff/inbox", "x"] {
        let fields = vec![response.clone(), ("RelayState".to_owned(), relay_state.to_owned())];
        assert_eq!(company.bring(&walker, &(back.0.clone(), fields)).await.status, StatusCode::GONE, "{relay_state}");
    }
    company.shop.clock.advance(Duration::minutes(11));
    assert_eq!(company.bring(&walker, &back).await.status, StatusCode::GONE, "too late");
    company.shop.clock.advance(Duration::minutes(-11));
    assert_eq!(company.bring(&walker, &back).await.redirect().unwrap().path(), "/staff/inbox");
    assert_eq!(company.bring(&walker, &back).await.status, StatusCode::GONE, "twice");
    // The same answer with a request that waits: it answers another one.
    let next = company.walker();
    let start = next.get(&company.begin()).await.redirect().unwrap();
    let state = start.query_pairs().find(|(name, _)| name == "RelayState").unwrap().1.into_owned();
    let fields = vec![response, ("RelayState".to_owned(), state)];
    let page = company.bring(&next, &(back.0.clone(), fields)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.assert_has("does not count");
    assert_eq!(told_why(&company.shop).await, OF_ANOTHER);
    assert!(!company.has_session(&next));
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_here_and_there() {
    let company = Company::start(Database::Sqlite, "").await;
    // Here, and so there.
    let walker = company.walker_of("alice", "alice-secret").await;
    let inbox = walker.get(&format!("{}/staff/inbox", company.shop.url)).await;
    let form = inbox.forms().into_iter().find(|form| form.action.path() == "/staff/logout").unwrap();
    let page = walker.submit(inbox.url.as_str(), form).await;
    assert_eq!(page.url.path(), "/staff/logged-out", "{page:?}");
    assert!(!company.is_in(&walker).await);
    let away = walker.get(&company.begin()).await.redirect().unwrap();
    let walked = walker.look(away.as_str()).await;
    assert!(matches!(walked, Walked::Asked { .. }), "{walked:?}");
    // There, and so here; the session of another browser goes on.
    let other = company.walker_of("alice", "alice-secret").await;
    let walker = company.walker_of("alice", "alice-secret").await;
    let bye = walker.get(&company.lemon.logout_url()).await;
    let parts = walker.load_parts(&bye).await;
    assert!(!company.is_in(&walker).await, "{bye:?} {parts:?}");
    assert!(company.is_in(&other).await);
    assert_eq!(company.shop.count("ledger_entries", "kind = 'staff-sessions-ended'").await, 1);
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_back_asks_the_provider_again() {
    let company = Company::start(Database::Sqlite, "").await;
    let shop = &company.shop;
    let walker = company.walker_of("alice", "alice-secret").await;
    let staff = store::by_subject(shop.app.db.reader(), "saml", "alice").await.unwrap().unwrap().id;
    let session = sealwax::crypto::sha256(walker.cookie(&shop.url, COOKIE).unwrap().as_bytes());
    let before = shop.app.ambient.now() - Duration::minutes(16);
    assert!(store::confirm_session(shop.app.db.writer(), &session, staff, before).await.unwrap());
    let page = walker.visit(&format!("{}/staff/confirm?next=/staff/accounts", shop.url)).await;
    let form = page.forms().into_iter().find(|form| form.action.path().ends_with("/confirm")).unwrap();
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(15);
    let page = loop {
        let page = walker.submit(page.url.as_str(), form.clone()).await;
        if page.forms().iter().any(|form| form.has("password")) {
            break page;
        }
        assert!(std::time::Instant::now() < patience, "{page:?}");
    };
    let mut form = page.forms().into_iter().find(|form| form.has("password")).unwrap();
    form.fill("user", "alice");
    form.fill("password", "alice-secret");
    let back = walker.submit(page.url.as_str(), form).await;
    assert_eq!((back.status, back.url.path()), (StatusCode::OK, "/staff/accounts"), "{back:?}");
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_begins_at_the_provider_comes_in_only_where_that_is_switched_on() {
    for (more, welcome) in [("", false), ("idp_initiated = true", true)] {
        let company = Company::start(Database::Sqlite, more).await;
        let service = format!("{}/staff/auth/saml/metadata", company.shop.url);
        let begin = format!("{}/saml/singleSignOn", company.lemon.url);
        let begin = Url::parse_with_params(&begin, [("IDPInitiated", "1"), ("sp", &service)]).unwrap();
        let walker = company.walker();
        let walked = walker.walk(begin.as_str(), "alice", "alice-secret").await;
        let Walked::Post { url, fields } = walked else { panic!("{walked:?}") };
        let page = company.bring(&walker, &(url.clone(), fields.clone())).await;
        assert_eq!(company.has_session(&walker), welcome, "{page:?}");
        if welcome {
            assert_eq!(page.redirect().unwrap().path(), "/staff/inbox");
            // Wherever the provider was told to lead: within the staff area.
            let evil = walker.walk(begin.as_str(), "alice", "alice-secret").await;
            let Walked::Post { url: to, fields: mut evil } = evil else { panic!("{evil:?}") };
            evil.retain(|(name, _)| name != "RelayState");
            evil.push(("RelayState".to_owned(), "https://evil.example/".to_owned()));
            let page = company.bring(&walker, &(to, evil)).await;
            assert_eq!(page.redirect().unwrap().path(), "/staff/inbox");
            let again = company.bring(&company.walker(), &(url, fields)).await;
            assert_eq!(again.status, StatusCode::FORBIDDEN, "twice");
            assert_eq!(told_why(&company.shop).await, "the assertion came a second time");
        } else {
            assert_eq!(page.status, StatusCode::GONE);
        }
        company.shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_that_cannot_be_had_again_goes_on_even_after_a_restart() {
    let mut company = Company::start(Database::Sqlite, "timeout_seconds = 1").await;
    company.walker_of("alice", "alice-secret").await;
    let walker = company.walker();
    let back = company.way_back(&walker, "alice", "alice-secret").await;
    company.lemon.freeze(true);
    company.shop.clock.advance(Duration::minutes(61));
    // The provider is asked in vain, and people are sent there all the same.
    let forms = async {
        for _ in 0..20 {
            assert_eq!(company.shop.get("/f/shop/contact").send().await.unwrap().status(), StatusCode::OK);
        }
        std::time::Instant::now()
    };
    let start = async { (company.walker().get(&company.begin()).await, std::time::Instant::now()) };
    let ((start, started), served) = futures_util::future::join(start, forms).await;
    assert_eq!(start.status, StatusCode::SEE_OTHER, "{start:?}");
    assert!(served < started, "forms are served meanwhile");
    company.shop.clock.advance(Duration::minutes(-61));
    assert_eq!(company.bring(&walker, &back).await.redirect().unwrap().path(), "/staff/inbox");
    company.lemon.cut();
    let (dir, settings) = (company.shop.dir.clone(), company.lemon.saml_provider("timeout_seconds = 1"));
    company.shop.stop().await;
    let shop = Installation::start_in(dir.clone(), Database::Sqlite, &settings).await;
    let start = shop.get("/staff/auth/saml/login").send().await.unwrap();
    assert_eq!(start.status(), StatusCode::SEE_OTHER, "known from before");
    shop.stop().await;
    // What was had from one address says nothing of another, and where there never was any, it is said so.
    let other = settings.replace("/saml/metadata/idp\"", "/saml/metadata/other\"");
    assert_ne!(other, settings);
    let shop = Installation::start_in(dir, Database::Sqlite, &other).await;
    let start = shop.get("/staff/auth/saml/login").send().await.unwrap();
    assert_eq!(start.status(), StatusCode::SERVICE_UNAVAILABLE);
    shop.stop().await;
    let shop = Installation::start_now(Database::Sqlite, &settings).await;
    let start = shop.get("/staff/auth/saml/login").send().await.unwrap();
    assert_eq!(start.status(), StatusCode::SERVICE_UNAVAILABLE);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_of_a_server_whose_certificate_does_not_fit_counts_for_nothing() {
    let directory = OpenLdap::start(Oddities::default());
    for (certificate, fault) in
        [(Certificate::Expired, "certificate-expired"), (Certificate::Foreign, "certificate-foreign")]
    {
        let mut lemon = Lemon::reserve(&directory, Some(certificate));
        let shop = Installation::start_now(Database::Sqlite, &lemon.saml_provider("")).await;
        lemon.run(&LemonOptions { service: shop.url.clone(), ..LemonOptions::default() });
        let start = shop.get("/staff/auth/saml/login").send().await.unwrap();
        assert_eq!(start.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(shop.count("provider_states", &format!("last_failure LIKE '{fault}%'")).await, 1, "{fault}");
        assert_eq!(shop.count("provider_states", "metadata IS NOT NULL").await, 0, "{fault}");
        shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_provider_that_does_everything_otherwise() {
    let directory = OpenLdap::start(Oddities::default());
    let mut provider = SimpleSaml::reserve(&directory);
    let dir = fresh_directory();
    crate::support::server::make_signing_key(&dir, "service");
    let (url, dir) = (provider.metadata_url(), dir.display());
    let settings = format!(
        "[[staff.providers]]\nid = \"saml\"\nkind = \"saml\"\nidp_metadata = \"{url}\"\nkey_file = \"{dir}/service.key\"\n\
         cert_file = \"{dir}/service.pem\"\nencryption = true\nattributes = {{ subject = \"{}\", name = \"{}\", email = \"{}\", groups = \"{}\" }}\n\
         roles = {{ \"cn=admins,ou=groups,dc=example,dc=org\" = \"admin\" }}\n",
        simplesaml::UID,
        simplesaml::CN,
        simplesaml::MAIL,
        simplesaml::GROUPS
    );
    let shop = Installation::start_now(Database::Sqlite, &settings).await;
    let metadata = shop.get("/staff/auth/saml/metadata").send().await.unwrap().text().await.unwrap();
    let good = SimpleSamlOptions { sp_metadata: vec![metadata], ..SimpleSamlOptions::default() };
    let begin = format!("{}/staff/auth/saml/login", shop.url);
    for (options, reason) in [
        (good.clone(), None),
        (SimpleSamlOptions { signed: Signed::Response, ..good.clone() }, None),
        (SimpleSamlOptions { signed: Signed::Assertion, ..good.clone() }, None),
        (SimpleSamlOptions { encrypt: true, ..good.clone() }, None),
        (SimpleSamlOptions { signed: Signed::Nothing, ..good.clone() }, Some(UNSIGNED)),
        (SimpleSamlOptions { clock: Some("-600s"), ..good.clone() }, Some(STALE)),
        (SimpleSamlOptions { clock: Some("+600s"), ..good.clone() }, Some(EARLY)),
    ] {
        provider.run(&options);
        let walker = Walker::new(&[]);
        let page = walker.sign_in(&begin, "alice", "alice-secret").await;
        let session = walker.cookie(&shop.url, COOKIE);
        assert_eq!(session.is_some(), reason.is_none(), "{options:?}: {page:?}");
        if let Some(reason) = reason {
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{options:?}");
            assert_eq!(told_why(&shop).await, reason, "{options:?}");
        } else {
            page.assert_has("Alice Admin");
            forget_why(&shop).await;
        }
    }
    provider.run(&good);
    let walker = Walker::new(&[]);
    assert_eq!(walker.sign_in(&begin, "bob", "bob-secret").await.status, StatusCode::FORBIDDEN);
    assert_eq!(shop.count("staff", "provider = 'saml'").await, 1);
    shop.stop().await;
}

/// An installation whose provider is the test itself.
struct Forger {
    shop: Installation,
    sides: Sides,
    key: Signer,
}

impl Forger {
    async fn start() -> Self {
        let dir = fresh_directory();
        let mut sides = Sides {
            provider: "https://id.example/saml".to_owned(),
            sso_url: "https://id.example/sso".to_owned(),
            slo_url: "https://id.example/slo".to_owned(),
            our_entity_id: String::new(),
            our_acs_url: String::new(),
            our_slo_url: String::new(),
        };
        crate::support::server::make_signing_key(&dir, "service");
        let key = Signer::new(PROVIDER);
        std::fs::write(dir.join("idp.xml"), sides.metadata(&[&key])).unwrap();
        let dir = dir.display();
        let settings = format!(
            "[[staff.providers]]\nid = \"saml\"\nkind = \"saml\"\nidp_metadata = \"{dir}/idp.xml\"\n\
             key_file = \"{dir}/service.key\"\ncert_file = \"{dir}/service.pem\"\nroles = {{ reviewers = \"reviewer\" }}\n"
        );
        let shop = Installation::start_now(Database::Sqlite, &settings).await;
        let base = format!("{}/staff/auth/saml", shop.url);
        sides.our_entity_id = format!("{base}/metadata");
        sides.our_acs_url = format!("{base}/acs");
        sides.our_slo_url = format!("{base}/slo");
        Self { shop, sides, key }
    }

    fn now(&self) -> OffsetDateTime {
        self.shop.app.ambient.now()
    }

    /// A request that waits: the browser's cookie, the request's id and the relay state.
    async fn ask(&self) -> (String, String, String) {
        let start = self.shop.get("/staff/auth/saml/login").send().await.unwrap();
        let cookie = crate::support::cookie(&start);
        assert!(cookie.starts_with(BROWSER_COOKIE));
        let (id, relay_state) = asked_by(&Url::parse(&location(&start)).unwrap());
        (cookie, id, relay_state)
    }

    async fn bring(&self, cookie: &str, relay_state: &str, response: &str) -> Response {
        let fields = [("SAMLResponse", response), ("RelayState", relay_state)];
        self.shop.post("/staff/auth/saml/acs").header("cookie", cookie).form(&fields).send().await.unwrap()
    }

    /// What becomes of a response to a request of its own.
    async fn answer(&self, make: impl Fn(&Self, &str) -> String) -> Response {
        let (cookie, id, relay_state) = self.ask().await;
        let response = make(self, &id);
        self.bring(&cookie, &relay_state, &encoded(&response)).await
    }

    /// An assertion in answer to a request, with an id that no other has.
    fn assertion(&self, name: &str, request: &str, step: Duration) -> String {
        self.sides.assertion(name, Some(request), self.now() + step).replace("_assertion", &unique(request))
    }

    /// A response with an assertion that is signed.
    fn signed(&self, assertion: &str, request: &str) -> String {
        self.signed_by(&self.key, assertion, request)
    }

    fn signed_by(&self, key: &Signer, assertion: &str, request: &str) -> String {
        let signed = key.sign(assertion, &unique(request), SHA256);
        unsigned(&self.sides.response(&signed, Some(request), self.now()))
    }
}

/// The id of the signed request in an address, and its relay state.
fn asked_by(url: &Url) -> (String, String) {
    let parameter = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned();
    let mut request = String::new();
    let packed = STANDARD.decode(parameter("SAMLRequest")).unwrap();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_string(&mut request).unwrap();
    let id = regex::Regex::new(r#" ID="(_[0-9a-f]{32})""#).unwrap().captures(&request).unwrap()[1].to_owned();
    assert!(!parameter("Signature").is_empty() && parameter("SigAlg").ends_with("rsa-sha256"));
    (id, parameter("RelayState"))
}

fn unique(request: &str) -> String {
    format!("_a{}", &request[1..])
}

fn comes_in(response: &Response) -> bool {
    response.headers().get_all("set-cookie").iter().any(|set| set.to_str().unwrap().starts_with(&format!("{COOKIE}=")))
}

const NOT_SIGNED_BY: &str = "the signature is not the provider's, or something was altered";
const UNSIGNED: &str = "nothing is signed: let the provider sign the response or the assertion";
const OF_ANOTHER: &str = "the response answers another request";
const EARLY: &str = "it was issued in the future: the provider's clock or ours is wrong";
const STALE: &str = "it was issued too long ago, or the provider's clock or ours is wrong";
const DOCTYPE: &str = "the message has a document type (DOCTYPE)";

/// What is wrong with a response, why it is refused, and how it is made in answer to a request.
type Forgery = (&'static str, &'static str, Box<dyn Fn(&Forger, &str) -> String>);

fn good(forger: &Forger, id: &str) -> String {
    forger.signed(&forger.assertion("ana", id, Duration::ZERO), id)
}

/// Altered after it was signed.
fn altered(what: &'static str, reason: &'static str, from: &'static str, to: &'static str) -> Forgery {
    let make = move |forger: &Forger, id: &str| {
        let response = good(forger, id);
        assert!(response.contains(from), "{what}: {from}");
        response.replace(from, to)
    };
    (what, reason, Box::new(make))
}

/// Signed by the provider all the same.
fn resigned(what: &'static str, reason: &'static str, from: &'static str, to: &'static str) -> Forgery {
    let make = move |forger: &Forger, id: &str| {
        let assertion = forger.assertion("ana", id, Duration::ZERO);
        assert!(assertion.contains(from), "{what}: {from}");
        forger.signed(&assertion.replace(from, to), id)
    };
    (what, reason, Box::new(make))
}

/// Of another time.
fn at(what: &'static str, reason: &'static str, step: Duration) -> Forgery {
    (what, reason, Box::new(move |forger, id| forger.signed(&forger.assertion("ana", id, step), id)))
}

/// What was put together by somebody without the provider's key, or out of its parts.
fn forged() -> Vec<Forgery> {
    vec![
        (
            "unsigned",
            UNSIGNED,
            Box::new(|forger, id| {
                let assertion = forger.assertion("ana", id, Duration::ZERO);
                unsigned(&forger.sides.response(&unsigned(&assertion), Some(id), forger.now()))
            }),
        ),
        (
            "signed by somebody else",
            NOT_SIGNED_BY,
            Box::new(|forger, id| {
                let assertion = forger.assertion("ana", id, Duration::ZERO);
                forger.signed_by(&Signer::new(STRANGER), &assertion, id)
            }),
        ),
        (
            "to another request",
            OF_ANOTHER,
            Box::new(|forger, _| {
                let assertion = forger.assertion("ana", "_ffffffffffffffffffffffffffffffff", Duration::ZERO);
                forger.signed(&assertion, "_ffffffffffffffffffffffffffffffff")
            }),
        ),
        (
            "to no request",
            OF_ANOTHER,
            Box::new(|forger, _| {
                let assertion = forger.sides.assertion("ana", None, forger.now());
                let signed = forger.key.sign(&assertion, "_assertion", SHA256);
                unsigned(&forger.sides.response(&signed, None, forger.now()))
            }),
        ),
        (
            "two assertions",
            "an element that may stand once stands there twice",
            Box::new(move |forger, id| {
                let response = good(forger, id);
                let evil = unsigned(&forger.assertion("root", id, Duration::ZERO)).replace(&unique(id), "_evil");
                response.replace("</samlp:Response>", &format!("{evil}</samlp:Response>"))
            }),
        ),
        (
            "the signed one moved into the signature of an evil one",
            "a signature is not made the way SAML allows",
            Box::new(move |forger, id| {
                let response = good(forger, id);
                let start = response.find("<saml:Assertion").unwrap();
                let end = response.find("</saml:Assertion>").unwrap() + "</saml:Assertion>".len();
                let signed = &response[start..end];
                let evil = forger.assertion("root", id, Duration::ZERO).replace(&unique(id), "_evil");
                let evil = evil.replace("@signature@", &format!("<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:Object>{signed}</ds:Object></ds:Signature>"));
                response.replace(signed, &evil)
            }),
        ),
        (
            "a document type",
            DOCTYPE,
            Box::new(move |forger, id| format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{}", good(forger, id))),
        ),
        (
            "an entity bomb",
            DOCTYPE,
            Box::new(move |forger, id| {
                let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
                format!("{bomb}{}", good(forger, id).replace(">ana<", ">&c;<"))
            }),
        ),
        (
            "cut short",
            "no well-formed XML",
            Box::new(move |forger, id| {
                let response = good(forger, id);
                response[..response.len() - 20].to_owned()
            }),
        ),
        ("not XML", "text outside of the root element", Box::new(|_, _| "hello".to_owned())),
        ("nothing", "the message is cut off", Box::new(|_, _| String::new())),
    ]
}

/// What differs in one thing from what is right.
fn wrong() -> Vec<Forgery> {
    vec![
        altered("another name", NOT_SIGNED_BY, ">ana<", ">root<"),
        altered("another group", NOT_SIGNED_BY, ">reviewers<", ">admins<"),
        altered("a comment in the name", "the message has a comment", ">ana<", ">an<!-- -->a<"),
        altered(
            "another address",
            "the response is for another address",
            "Destination=\"http://127.0.0.1",
            "Destination=\"http://127.0.0.2",
        ),
        altered("no success", "Requester", "status:Success", "status:Requester"),
        resigned(
            "another audience",
            "the assertion is for another audience",
            "/metadata</saml:Audience>",
            "/other</saml:Audience>",
        ),
        resigned("another recipient", "the assertion is for another recipient", "/acs\"", "/other\""),
        resigned(
            "another issuer",
            "the assertion is of another provider",
            "https://id.example/saml</saml:Issuer>",
            "https://evil.example/</saml:Issuer>",
        ),
        resigned("nobody", "the NameID is empty", ">ana<", "> <"),
        at("expired", STALE, Duration::minutes(-10)),
        at("not yet valid", EARLY, Duration::minutes(10)),
        resigned(
            "a name for one session",
            "attribute-missing name_id",
            "nameid-format:persistent",
            "nameid-format:transient",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_by_what_was_forged() {
    let forger = Forger::start().await;
    let answer = forger.answer(good).await;
    assert!(comes_in(&answer), "{}", answer.text().await.unwrap());
    for (what, reason, make) in forged().into_iter().chain(wrong()) {
        let answer = forger.answer(&make).await;
        assert!(!comes_in(&answer), "{what}");
        let status = answer.status();
        let fits = [StatusCode::FORBIDDEN, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
        assert!(fits, "{what}: {status} {}", answer.text().await.unwrap());
        // For no other reason than the one that is meant.
        assert_eq!(told_why(&forger.shop).await, reason, "{what}");
    }
    // The same answer a second time.
    let (cookie, id, relay_state) = forger.ask().await;
    let response = encoded(&good(&forger, &id));
    assert!(comes_in(&forger.bring(&cookie, &relay_state, &response).await));
    assert_eq!(forger.bring(&cookie, &relay_state, &response).await.status(), StatusCode::GONE);
    // Too much of anything.
    for length in [300 * 1024, 5 * 1024 * 1024] {
        let (cookie, _, relay_state) = forger.ask().await;
        let answer = forger.bring(&cookie, &relay_state, &"A".repeat(length)).await;
        let status = answer.status();
        assert!([StatusCode::FORBIDDEN, StatusCode::PAYLOAD_TOO_LARGE].contains(&status), "{length}: {status}");
    }
    forger.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_same_person_asked_anew_confirms() {
    let forger = Forger::start().await;
    let shop = &forger.shop;
    let bob = forger.answer(|forger, id| forger.signed(&forger.assertion("bob", id, Duration::ZERO), id)).await;
    assert!(comes_in(&bob));
    let walker = Walker::new(&[]);
    // What the provider answers to the request in an address: who it is, and when it asked them.
    let answered = async |url: &Url, name: &str, asked: Option<Duration>| {
        let (id, relay_state) = asked_by(url);
        let assertion = forger.assertion(name, &id, Duration::ZERO);
        let now = format!(" AuthnInstant=\"{}\"", written(forger.now()));
        assert!(assertion.contains(&now));
        let then = asked.map(|ago| format!(" AuthnInstant=\"{}\"", written(forger.now() - ago)));
        let response = forger.signed(&assertion.replace(&now, &then.unwrap_or_default()), &id);
        let fields = [("SAMLResponse", encoded(&response)), ("RelayState", relay_state)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        walker.post(&forger.sides.sso_url, &forger.sides.our_acs_url, &fields).await
    };
    let away = walker.get(&format!("{}/staff/auth/saml/login", shop.url)).await.redirect().unwrap();
    answered(&away, "ana", Some(Duration::ZERO)).await;
    let session = walker.cookie(&shop.url, COOKIE);
    assert!(session.is_some());
    shop.clock.advance(Duration::minutes(16));
    let confirm = async |name: &str, asked: Option<Duration>| {
        let ask = format!("{}/staff/confirm?next=/staff/inbox", shop.url);
        let page = walker.get(&ask).await;
        let form = page.forms().into_iter().find(|form| form.action.path().ends_with("/confirm")).unwrap();
        let onward = walker.post(&ask, form.action.as_str(), &form.fields).await.refresh().unwrap();
        let back = answered(&onward, name, asked).await;
        walker.visit(back.redirect().unwrap().as_str()).await
    };
    let recent = "authenticated_at > (SELECT MIN(authenticated_at) FROM sessions)";
    let (old, never) = ("the password was not asked for again", "the assertion does not say when somebody signed in");
    for (name, asked, reason) in [
        ("ana", Some(Duration::minutes(16)), Some(old)),
        ("ana", Some(Duration::minutes(2)), Some(old)),
        ("ana", None, Some(never)),
        ("bob", Some(Duration::ZERO), None),
        // Nobody has an account by asking for a confirmation.
        ("eve", Some(Duration::ZERO), None),
    ] {
        let page = confirm(name, asked).await;
        assert_eq!((page.status, page.url.path()), (StatusCode::FORBIDDEN, "/staff/confirm"), "{name}: {page:?}");
        page.assert_has(reason.map_or("somebody else has signed in", |_| "you were not asked anew"));
        if let Some(reason) = reason {
            assert_eq!(told_why(shop).await, reason, "{name} {asked:?}");
        }
        assert_eq!(walker.cookie(&shop.url, COOKIE), session, "{name}");
        assert_eq!(shop.count("sessions", recent).await, 0, "{name}");
    }
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-refused' AND body LIKE '%somebody-else%'").await, 2);
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-confirmed'").await, 0);
    assert_eq!(shop.count("staff", "provider = 'saml'").await, 2);
    let page = confirm("ana", Some(Duration::ZERO)).await;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/staff/inbox"), "{page:?}");
    assert_eq!(walker.cookie(&shop.url, COOKIE), session);
    assert_eq!(shop.count("sessions", recent).await, 1);
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-confirmed'").await, 1);
    forger.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_provider_ends_sessions_from_afar() {
    let forger = Forger::start().await;
    let shop = &forger.shop;
    let enter = async || {
        let answer = forger
            .answer(|forger, id| {
                let assertion = forger.assertion("ana", id, Duration::ZERO);
                forger.signed(&assertion, id)
            })
            .await;
        let set = answer.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap().to_owned());
        set.into_iter()
            .find(|set| set.starts_with(&format!("{COOKIE}=")))
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    };
    let is_in = async |cookie: &str| {
        shop.get("/staff/inbox").header("cookie", cookie).send().await.unwrap().status() == StatusCode::OK
    };
    let cookie = enter().await;
    let message = forger.sides.logout_request("ana", forger.now());
    let query = forger.key.query("SAMLRequest", &unsigned(&message), Some("state"));
    let send = async |query: &str| shop.get(&format!("/staff/auth/saml/slo?{query}")).send().await.unwrap();
    let stranger = Signer::new(STRANGER).query("SAMLRequest", &unsigned(&message), Some("state"));
    let plain = query.split("&SigAlg").next().unwrap().to_owned();
    let other = forger.key.query(
        "SAMLRequest",
        &unsigned(&forger.sides.logout_request("bob", forger.now())).replace("_logout", "_other"),
        None,
    );
    let bomb = {
        use std::io::Write as _;
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![b' '; 8 * 1024 * 1024]).unwrap();
        forger.key.packed_query("SAMLRequest", &packed.finish().unwrap(), None)
    };
    for (what, forged) in [
        ("by a stranger", &stranger),
        ("unsigned", &plain),
        ("altered", &query.replace("state", "other")),
        ("empty", &String::new()),
        ("a bomb", &bomb),
    ] {
        assert_eq!(send(forged).await.status(), StatusCode::BAD_REQUEST, "{what}");
        assert!(is_in(&cookie).await, "{what}");
    }
    assert_eq!(send(&other).await.status(), StatusCode::SEE_OTHER, "of somebody else");
    assert!(is_in(&cookie).await);
    let answer = send(&query).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = location(&answer);
    assert!(to.starts_with("https://id.example/slo?SAMLResponse=") && to.contains("RelayState=state"), "{to}");
    assert!(!is_in(&cookie).await);
    // It counts once.
    let cookie = enter().await;
    assert_eq!(send(&query).await.status(), StatusCode::BAD_REQUEST);
    assert!(is_in(&cookie).await);
    // The same by a form.
    let message = message.replace("_logout", "_second");
    let signed = forger.key.sign(&message, "_second", SHA256);
    let post = async |xml: &str| {
        shop.post("/staff/auth/saml/slo").form(&[("SAMLRequest", encoded(xml))]).send().await.unwrap()
    };
    assert_eq!(post(&unsigned(&message)).await.status(), StatusCode::BAD_REQUEST);
    assert!(is_in(&cookie).await);
    assert!(post(&signed).await.status().is_redirection());
    assert!(!is_in(&cookie).await);
    // The answer to a request of ours ends nothing, and says that all is done.
    let cookie = enter().await;
    let answer =
        forger.key.query("SAMLResponse", &unsigned(&forger.sides.logout_response("_ours", forger.now())), None);
    assert_eq!(location(&send(&answer).await), "/staff/logged-out");
    assert!(is_in(&cookie).await);
    forger.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_lasts_no_longer_than_the_provider_says() {
    let forger = Forger::start().await;
    let answer = forger
        .answer(|forger, id| {
            let end = written(forger.now() + Duration::minutes(40));
            let assertion = forger.assertion("ana", id, Duration::ZERO);
            let limited = assertion.replace(" SessionIndex=", &format!(" SessionNotOnOrAfter=\"{end}\" SessionIndex="));
            assert_ne!(limited, assertion);
            forger.signed(&limited, id)
        })
        .await;
    let cookie = answer.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let cookie = cookie.into_iter().find(|set| set.starts_with(&format!("{COOKIE}="))).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    for (minutes, status) in [(30, StatusCode::OK), (15, StatusCode::SEE_OTHER)] {
        forger.shop.clock.advance(Duration::minutes(minutes));
        let inbox = forger.shop.get("/staff/inbox").header("cookie", cookie).send().await.unwrap();
        assert_eq!(inbox.status(), status, "{minutes} minutes later");
    }
    forger.shop.stop().await;
}
