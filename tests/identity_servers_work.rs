//! The identity servers that journeys use do what they are used for, without this program's part in it.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode};
use sealwax::staff::COOKIE;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::support::directory::{Oddities, OpenLdap};
use crate::support::lemon::{CLIENT, CLIENT_SECRET, Lemon, LemonOptions, SamlSign};
use crate::support::openid::{self, OpenId, TOKEN_FAULTS, claims};
use crate::support::server::{Certificate, make_signing_key};
use crate::support::simplesaml::{CN, GROUPS, MAIL, Signed, SimpleSaml, SimpleSamlOptions, UID};
use crate::support::walker::{Walked, Walker};
use crate::support::{Database, Installation, PASSWORD, client, configuration, fresh_directory};

const SERVICE: &str = "http://127.0.0.1:9";
const ACS: &str = "http://127.0.0.1:9/staff/auth/saml/acs";
const VERIFIER: &str = "a-verifier-that-is-forty-three-characters-long-or-more";

fn address(base: &str, query: &[(&str, &str)]) -> String {
    Url::parse_with_params(base, query).unwrap().to_string()
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

/// Where a walk has left the provider for.
#[track_caller]
fn left(walked: Walked) -> Url {
    let Walked::Left { url } = walked else { panic!("{walked:?}") };
    url
}

#[track_caller]
fn code(walked: Walked) -> Option<u32> {
    let Walked::Refused { code, page } = walked else { panic!("{walked:?}") };
    assert_eq!(page.status, StatusCode::OK);
    code
}

/// Every value between tags of this name.
fn elements(xml: &str, tag: &str) -> BTreeSet<String> {
    let pattern = regex::Regex::new(&format!("<{tag}(?: [^>]*)?>([^<]*)</{tag}>")).unwrap();
    pattern.captures_iter(xml).map(|found| found[1].to_owned()).collect()
}

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

/// The way to an `OpenID` provider, as a client begins it.
async fn authorize(client: &Client, issuer: &str, id: &str, service: &str) -> (Value, String) {
    let discovery = client.get(format!("{issuer}/.well-known/openid-configuration"));
    let discovery: Value = discovery.send().await.unwrap().json().await.unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(sealwax::crypto::sha256(VERIFIER.as_bytes()));
    let query = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", &format!("{service}/staff/auth/oidc/callback")),
        ("scope", "openid profile email groups"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = address(discovery["authorization_endpoint"].as_str().unwrap(), &query);
    (discovery, url)
}

/// The ID token that a code is good for.
async fn redeem(discovery: &Value, id: &str, secret: &str, back: &Url) -> String {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &parameter(back, "code")),
        ("redirect_uri", back.as_str().split_once('?').unwrap().0),
        ("code_verifier", VERIFIER),
    ];
    let tokens = client().post(discovery["token_endpoint"].as_str().unwrap()).basic_auth(id, Some(secret));
    let tokens: Value = tokens.form(&form).send().await.unwrap().json().await.unwrap();
    tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lemonldap_speaks_saml_cas_and_openid_for_the_people_of_the_directory() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::start(&directory, &LemonOptions::default());
    let nested = ["admins", "everyone", "staff"];

    // CAS, with names that mean something in XML.
    let callback = format!("{SERVICE}/staff/auth/cas/callback");
    let login = address(&format!("{}/cas/login", lemon.url), &[("service", &callback)]);
    let validate = async |lemon: &Lemon, ticket: &str| {
        let query = [("service", callback.as_str()), ("ticket", ticket)];
        let answer = client().get(address(&format!("{}/cas/p3/serviceValidate", lemon.url), &query)).send();
        answer.await.unwrap().text().await.unwrap()
    };
    for (username, password) in [("alice", "wrong"), ("*", "alice-secret"), ("locked", "locked-secret")] {
        assert!(code(Walker::new(&[]).walk(&login, username, password).await).is_some(), "{username}");
    }
    let walker = Walker::new(&[]);
    let back = left(walker.walk(&login, "zoë.müller", "pässwörd-漢字").await);
    assert!(back.as_str().starts_with(&callback), "{back}");
    let told = validate(&lemon, &parameter(&back, "ticket")).await;
    assert_eq!(elements(&told, "cas:user"), set(&["zoë.müller"]), "{told}");
    let groups = set(&["editors", "everyone", "staff", "R&amp;D &lt;team&gt;, &quot;Größe&quot;"]);
    assert_eq!(elements(&told, "cas:groups"), groups);
    assert!(validate(&lemon, &parameter(&back, "ticket")).await.contains("INVALID_TICKET"), "it counts once");
    // It knows her now.
    assert!(left(walker.look(&login).await).query().unwrap().contains("ticket="));

    // OpenID Connect.
    let (discovery, url) = authorize(&client(), &lemon.url, CLIENT, SERVICE).await;
    assert_eq!(discovery["issuer"], lemon.url.as_str());
    let back = left(Walker::new(&[]).walk(&url, "alice", "alice-secret").await);
    assert_eq!(parameter(&back, "state"), "the-state");
    let told = claims(&redeem(&discovery, CLIENT, CLIENT_SECRET, &back).await);
    assert_eq!((&told["sub"], &told["nonce"]), (&"alice".into(), &"the-nonce".into()));
    let groups: BTreeSet<String> = serde_json::from_value(told["groups"].clone()).unwrap();
    assert_eq!(groups, set(&nested));

    // Logging out there is told to the services, and asks for the password again.
    let bye = walker.look(&lemon.logout_url()).await;
    let Walked::Page { page } = bye else { panic!("{bye:?}") };
    assert_eq!(page.code(), Some(47), "{page:?}");
    let Walked::Asked { page } = walker.look(&login).await else { panic!("she is still known") };
    assert!(page.forms().iter().any(|form| form.has("password")));

    // While it does not answer, it still takes connections; when it is gone, it does not.
    lemon.freeze(true);
    let hasty = Client::builder().timeout(std::time::Duration::from_millis(300)).build().unwrap();
    assert!(hasty.get(&lemon.url).send().await.unwrap_err().is_timeout());
    lemon.freeze(false);
    client().get(&lemon.url).send().await.unwrap();
    lemon.cut();
    assert!(client().get(&lemon.url).send().await.unwrap_err().is_connect());
}

/// The metadata of a service that takes encrypted assertions, with a key that is made in `dir`.
fn service_metadata(dir: &Path) -> String {
    make_signing_key(dir, "reader");
    let pem = std::fs::read_to_string(dir.join("reader.pem")).unwrap();
    let certificate = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{SERVICE}\"><SPSSODescriptor \
         WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <KeyDescriptor><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{certificate}\
         </X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleLogoutService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{SERVICE}/staff/auth/saml/slo\"/>\
         <AssertionConsumerService index=\"0\" Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"{ACS}\"/></SPSSODescriptor></EntityDescriptor>"
    )
}

/// The response that a walk has ended with.
#[track_caller]
fn saml_response(walked: Walked) -> String {
    let Walked::Post { url, fields } = walked else { panic!("{walked:?}") };
    assert_eq!(url.as_str(), ACS);
    let response = &fields.iter().find(|(name, _)| name == "SAMLResponse").unwrap().1;
    String::from_utf8(STANDARD.decode(response).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lemonldap_answers_by_saml_as_it_is_told_to() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, Some(Certificate::Good));
    let metadata = service_metadata(lemon.ca.parent().unwrap());
    let options = LemonOptions { sp_metadata: vec![metadata], ..LemonOptions::default() };
    let begin = format!("{}/saml/singleSignOn", lemon.url);
    let begin = address(&begin, &[("IDPInitiated", "1"), ("sp", SERVICE)]);
    let respond = async |walker: &Walker| saml_response(walker.walk(&begin, "alice", "alice-secret").await);

    lemon.run(&LemonOptions { deny: Some("carol"), clock: Some("-600s"), ..options.clone() });
    let walker = Walker::new(&[&lemon.ca]);
    let response = respond(&walker).await;
    assert_eq!(elements(&response, "saml:NameID"), set(&["alice"]), "{response}");
    assert!(elements(&response, "saml:AttributeValue").is_superset(&set(&["admins", "staff", "everyone"])));
    assert_eq!(response.matches("<SignedInfo").count(), 2, "{response}");
    let issued = regex::Regex::new(r#"IssueInstant="([^"]+)""#).unwrap().captures(&response).unwrap()[1].to_owned();
    let format = time::format_description::well_known::Rfc3339;
    let age = sealwax::ambient::Ambient::system().now() - time::OffsetDateTime::parse(&issued, &format).unwrap();
    assert!((9..=12).contains(&age.whole_minutes()), "{issued}");
    let carol = Walker::new(&[&lemon.ca]).walk(&begin, "carol", "carol-secret").await;
    assert_eq!(code(carol), Some(84), "she may not use it");
    // Its certificate is verified.
    assert!(client().get(&lemon.url).send().await.unwrap_err().is_connect());
    // Logging out there tells the service through the browser.
    let bye = walker.get(&lemon.logout_url()).await;
    assert!(bye.html.contains("SAMLRequest") || bye.html.contains("relaySingleLogout"), "{}", bye.html);

    let trusted = lemon.saml_cert_pem();
    lemon.new_keys();
    assert_ne!(lemon.saml_cert_pem(), trusted);
    lemon.run(&LemonOptions { saml_encrypt: true, saml_sign: SamlSign::Assertion, ..options });
    let response = respond(&Walker::new(&[&lemon.ca])).await;
    assert!(response.contains("<saml:EncryptedAssertion>") && !response.contains("alice"), "{response}");
    let metadata = walker.get(&lemon.saml_metadata_url()).await;
    let key = lemon.saml_cert_pem().lines().nth(1).unwrap().to_owned();
    metadata.assert_has(&key);
    metadata.assert_has(&lemon.saml_entity_id());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simplesamlphp_signs_what_it_is_told_to() {
    let directory = OpenLdap::start(Oddities::default());
    let mut provider = SimpleSaml::reserve(&directory);
    let keys = fresh_directory();
    let options = SimpleSamlOptions { sp_metadata: vec![service_metadata(&keys)], ..SimpleSamlOptions::default() };
    let begin = provider.begin_url(SERVICE);
    provider.run(&options);
    client().get(provider.metadata_url()).send().await.unwrap().error_for_status().unwrap();
    for (username, password) in [("alice", "wrong"), ("*", "alice-secret"), ("locked", "locked-secret")] {
        assert_eq!(code(Walker::new(&[]).walk(&begin, username, password).await), None, "{username}");
    }
    for (signed, times) in [(Signed::Both, 2), (Signed::Response, 1), (Signed::Assertion, 1), (Signed::Nothing, 0)] {
        provider.run(&SimpleSamlOptions { signed, ..options.clone() });
        let response = saml_response(Walker::new(&[]).walk(&begin, "zoë.müller", "pässwörd-漢字").await);
        assert_eq!(response.matches("<ds:SignedInfo").count(), times, "{response}");
        // The issuer is the response's own first child; a signature of it comes next.
        let outer = response.split("<saml:Assertion").next().unwrap().contains("<ds:Signature");
        assert_eq!(outer, [Signed::Both, Signed::Response].contains(&signed), "{response}");
        assert!(response.contains(&provider.entity_id()));
        for name in [UID, MAIL, CN, GROUPS] {
            assert!(response.contains(&format!("Name=\"{name}\"")), "{name}: {response}");
        }
        let values = elements(&response, "saml:AttributeValue");
        assert!(values.is_superset(&set(&["zoë.müller", "cn=editors,ou=groups,dc=example,dc=org"])), "{values:?}");
    }
    provider.run(&SimpleSamlOptions { encrypt: true, clock: Some("-600s"), ..options });
    let response = saml_response(Walker::new(&[]).walk(&begin, "alice", "alice-secret").await);
    assert!(response.contains("<saml:EncryptedAssertion") && !response.contains("alice"), "{response}");
    provider.cut();
    assert!(client().get(provider.metadata_url()).send().await.unwrap_err().is_connect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_openid_provider_is_wrong_only_as_it_is_told_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let service = format!("http://{}", listener.local_addr().unwrap());
    let mut provider = OpenId::start(&service);
    let client = client();
    let token = async |id: &str, uid: &str, password: &str| {
        let (discovery, url) = authorize(&client, &provider.issuer, id, &service).await;
        let back = left(Walker::new(&[]).walk(&url, uid, password).await);
        redeem(&discovery, id, openid::CLIENT_SECRET, &back).await
    };
    for id in ["sealwax-rs256", "sealwax-ps256", "sealwax-es256", "sealwax-eddsa"] {
        let told = claims(&token(id, "zoë.müller", "pässwörd-漢字").await);
        assert_eq!(
            (&told["sub"], &told["aud"], &told["nonce"]),
            (&"zoë.müller".into(), &id.into(), &"the-nonce".into())
        );
        let groups: BTreeSet<String> = serde_json::from_value(told["groups"].clone()).unwrap();
        assert_eq!(groups, set(&["editors", "everyone", "staff", "R&D <team>, \"Größe\""]));
    }
    let (discovery, url) = authorize(&client, &provider.issuer, "sealwax-es256", &service).await;
    for (uid, password) in [("bob", "wrong"), ("locked", "locked-secret"), ("*", "bob-secret")] {
        assert_eq!(code(Walker::new(&[]).walk(&url, uid, password).await), None, "{uid}");
    }
    for fault in TOKEN_FAULTS {
        provider.mode(fault);
        let token = token("sealwax-rs256", "bob", "bob-secret").await;
        let (told, now) = (claims(&token), sealwax::ambient::Ambient::system().now().unix_timestamp());
        let header = String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
        let as_told = match fault {
            "bad-nonce" => told["nonce"] != "the-nonce",
            "no-nonce" => told["nonce"].is_null(),
            "bad-issuer" => told["iss"] != provider.issuer.as_str(),
            "bad-audience" => told["aud"] == "another-client",
            "extra-audience" => told["aud"].as_array().unwrap().len() == 2,
            "expired" => told["exp"].as_i64().unwrap() < now,
            "future" => told["iat"].as_i64().unwrap() > now,
            "unknown-kid" => header.contains("nobody-knows"),
            "alg-none" => header.contains("none") && token.ends_with('.'),
            "bad-signature" => told["sub"] == "alice",
            _ => header.contains("HS256"),
        };
        assert!(as_told, "{fault}: {header} {told}");
    }
    let status = async |url: &str| client.get(url).send().await.unwrap().status();
    provider.mode("jwks-500");
    let keys = discovery["jwks_uri"].as_str().unwrap();
    assert_eq!(status(keys).await, StatusCode::INTERNAL_SERVER_ERROR);
    provider.mode("");
    let before = client.get(keys).send().await.unwrap().text().await.unwrap();
    provider.rotate();
    assert_ne!(client.get(keys).send().await.unwrap().text().await.unwrap(), before);

    // Logging out leads back, and the service is told.
    let walker = Walker::new(&[]);
    let back = left(walker.walk(&url, "bob", "bob-secret").await);
    let token = redeem(&discovery, "sealwax-es256", openid::CLIENT_SECRET, &back).await;
    let home = format!("{service}/staff/logged-out");
    let query = [("id_token_hint", token.as_str()), ("post_logout_redirect_uri", &home)];
    let end = address(discovery["end_session_endpoint"].as_str().unwrap(), &query);
    let told = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut told = Vec::new();
        let is_whole =
            |told: &[u8]| regex::bytes::Regex::new(r"logout_token=[\w-]+\.[\w-]+\.[\w-]{86}").unwrap().is_match(told);
        while !is_whole(&told) {
            assert_ne!(stream.read_buf(&mut told).await.unwrap(), 0);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
        String::from_utf8(told).unwrap()
    };
    let (gone, told) = futures_util::future::join(walker.look(&end), told).await;
    assert_eq!(left(gone).as_str(), home);
    assert!(told.starts_with("POST /staff/auth/oidc/backchannel "), "{told}");
    let told = claims(told.split_once("logout_token=").unwrap().1);
    assert_eq!((&told["sub"], &told["sid"]), (&"bob".into(), &claims(&token)["sid"]));
    assert!(matches!(walker.look(&url).await, Walked::Asked { .. }));
    provider.freeze(true);
    provider.freeze(false);
    provider.cut();
    // By a connection of its own, not one that was kept.
    assert!(Client::new().get(keys).send().await.unwrap_err().is_connect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_walker_keeps_cookies_and_fills_in_forms_as_somebody_at_a_browser() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, None);
    let settings = [lemon.cas_provider(""), lemon.oidc_provider(""), lemon.saml_provider("")].concat();
    let second = OpenId::reserve().provider("public", "").replace("\"oidc\"\nkind", "\"second\"\nkind");
    let settings = format!("{settings}{second}");
    assert_eq!(configuration(&fresh_directory(), &settings).staff.providers.len(), 4, "they can be written so");

    let shop = Installation::start(Database::Sqlite).await;
    shop.admin().await;
    let start = format!("{}/staff/inbox", shop.url);
    let walker = Walker::new(&[]);
    // The form of the host where it begins is not that of a provider.
    let page = walker.sign_in(&start, "admin", PASSWORD).await;
    assert_eq!(page.url.path(), "/staff/login");
    let mut form = page.forms().into_iter().find(|form| form.has("password")).unwrap();
    assert_eq!(form.value("next"), Some("/staff/inbox"));
    form.fill("username", "admin");
    form.fill("password", PASSWORD);
    let inbox = walker.submit(&start, form.clone()).await;
    assert_eq!((inbox.status, inbox.url.path()), (StatusCode::OK, "/staff/inbox"));
    assert!(walker.cookie(&shop.url, COOKIE).is_some());
    assert!(walker.load_parts(&inbox).await.iter().all(|part| part.status.is_success()));
    // A page of another site sends nobody's session with it, even if it knew the token.
    let end = inbox.forms().into_iter().find(|form| form.has("csrf") && form.action.path() == "/staff/logout").unwrap();
    walker.post("https://elsewhere.example/", end.action.as_str(), &end.fields).await;
    assert_eq!(walker.get(&start).await.status, StatusCode::OK);
    walker.submit(&start, end).await;
    assert!(walker.get(&start).await.redirect().is_some());
    let german = Walker::new(&[]).with_header("accept-language", "de");
    german.visit(&start).await.assert_has("<html lang=\"de\"");
    lemon.cut();
    shop.stop().await;
}
