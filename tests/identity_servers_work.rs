//! The identity servers that journeys use do what they are used for, without this program's part in it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode};
use sealwax::staff::COOKIE;
use serde_json::Value;
use url::Url;

use crate::support::directory::{Oddities, OpenLdap};
use crate::support::lemon::{CLIENT, CLIENT_SECRET, Lemon, LemonOptions, SamlSign};
use crate::support::server::{Certificate, make_signing_key};
use crate::support::walker::{Walked, Walker};
use crate::support::{Database, Installation, PASSWORD, client, configuration, fresh_directory};

const SERVICE: &str = "http://127.0.0.1:9";
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

/// What is in the middle of a token.
fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// The way to an `OpenID` provider, as a client begins it.
async fn authorize(client: &Client, issuer: &str, id: &str) -> (Value, String) {
    let discovery = client.get(format!("{issuer}/.well-known/openid-configuration"));
    let discovery: Value = discovery.send().await.unwrap().json().await.unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(sealwax::crypto::sha256(VERIFIER.as_bytes()));
    let query = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", &format!("{SERVICE}/staff/auth/oidc/callback")),
        ("scope", "openid profile email groups"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = address(discovery["authorization_endpoint"].as_str().unwrap(), &query);
    (discovery, url)
}

/// The claims that a code is good for.
async fn redeem(client: &Client, discovery: &Value, id: &str, code: &str) -> Value {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &format!("{SERVICE}/staff/auth/oidc/callback")),
        ("code_verifier", VERIFIER),
    ];
    let tokens = client.post(discovery["token_endpoint"].as_str().unwrap()).basic_auth(id, Some(CLIENT_SECRET));
    let tokens: Value = tokens.form(&form).send().await.unwrap().json().await.unwrap();
    claims(tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}")))
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
    let (discovery, url) = authorize(&client(), &lemon.url, CLIENT).await;
    assert_eq!(discovery["issuer"], lemon.url.as_str());
    let back = left(Walker::new(&[]).walk(&url, "alice", "alice-secret").await);
    assert_eq!(parameter(&back, "state"), "the-state");
    let told = redeem(&client(), &discovery, CLIENT, &parameter(&back, "code")).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lemonldap_answers_by_saml_as_it_is_told_to() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, Some(Certificate::Good));
    let dir = lemon.ca.parent().unwrap().to_owned();
    make_signing_key(&dir, "reader");
    let certificate = std::fs::read_to_string(dir.join("reader.pem"))
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect::<String>();
    let acs = format!("{SERVICE}/staff/auth/saml/acs");
    let metadata = format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{SERVICE}\"><SPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><KeyDescriptor><KeyInfo \
         xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>\
         </KeyInfo></KeyDescriptor><SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{SERVICE}/staff/auth/saml/slo\"/><AssertionConsumerService index=\"0\" \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"{acs}\"/></SPSSODescriptor></EntityDescriptor>"
    );
    let options = LemonOptions { sp_metadata: vec![metadata], ..LemonOptions::default() };
    let begin = format!("{}/saml/singleSignOn", lemon.url);
    let begin = address(&begin, &[("IDPInitiated", "1"), ("sp", SERVICE)]);
    let respond = async |walker: &Walker| {
        let walked = walker.walk(&begin, "alice", "alice-secret").await;
        let Walked::Post { url, fields } = walked else { panic!("{walked:?}") };
        assert_eq!(url.as_str(), acs);
        let response = &fields.iter().find(|(name, _)| name == "SAMLResponse").unwrap().1;
        String::from_utf8(STANDARD.decode(response).unwrap()).unwrap()
    };

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
async fn the_walker_keeps_cookies_and_fills_in_forms_as_somebody_at_a_browser() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, None);
    let settings = [lemon.cas_provider(""), lemon.oidc_provider(""), lemon.saml_provider("")].concat();
    assert_eq!(configuration(&fresh_directory(), &settings).staff.providers.len(), 3, "they can be written so");

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
