//! An operator starts an installation, also with something wrong.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use reqwest::StatusCode;
use reqwest::header::{COOKIE, STRICT_TRANSPORT_SECURITY};

use crate::support::page::Page;
use crate::support::program::{Program, command};
use crate::support::{PASSWORD, client, contact_answers, cookie, fresh_directory, location, postgres, said, sealwax};

const ANY_PORT: &str = "[server]\nlisten = \"127.0.0.1:0\"\nworkers = 1\n";

/// Publishes the test shop into the installation in `dir`.
fn publish(dir: &Path) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.toml");
    let output = sealwax(&[
        "apply",
        file,
        "--config",
        dir.join("sealwax.toml").to_str().unwrap(),
        "--dir",
        dir.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", said(&output));
}

/// What a start that is refused says, which is one line.
fn refusal(dir: &Path, toml: &str, arguments: &[&str]) -> String {
    let mut child = command(dir, toml, arguments).spawn().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!child.wait().unwrap().success(), "{text}");
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{text}");
    assert!(!text.contains("panicked"), "{text}");
    errors[0].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_first_start_prints_a_link_that_works_once() {
    let dir = fresh_directory();
    let program = Program::start(&dir, ANY_PORT, &[]);
    let link = program.ready["setup_url"].as_str().expect("a set-up link").to_owned();
    let client = client();
    let page = Page::read(client.get(&link).send().await.unwrap()).await;
    page.assert_has("Make the first account");
    let choose = |password: &'static str, repeated: &'static str| {
        client
            .post(&link)
            .form(&[("username", "Ana"), ("name", "Ana K"), ("password", password), ("repeated", repeated)])
            .send()
    };
    assert_eq!(choose("short", "short").await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(choose(PASSWORD, "another one entirely").await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    let done = choose(PASSWORD, PASSWORD).await.unwrap();
    assert_eq!(location(&done), "/staff/inbox");
    let inbox = client.get(format!("{}/staff/inbox", program.url)).header(COOKIE, cookie(&done)).send().await.unwrap();
    Page::read(inbox).await.assert_has("Nothing has come in yet");
    assert_eq!(choose(PASSWORD, PASSWORD).await.unwrap().status(), StatusCode::GONE);
    assert!(program.terminate().success());
    let again = Program::start(&dir, ANY_PORT, &[]);
    assert!(again.ready.get("setup_url").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_adds_staff_who_choose_their_password_by_link() {
    let dir = fresh_directory();
    let program = Program::start(&dir, ANY_PORT, &[]);
    publish(&dir);
    let place =
        ["--config", dir.join("sealwax.toml").to_str().unwrap(), "--dir", dir.to_str().unwrap()].map(str::to_owned);
    let run = |arguments: &[&str]| {
        let all: Vec<&str> = arguments.iter().copied().chain(place.iter().map(String::as_str)).collect();
        sealwax(&all)
    };
    let added = run(&["staff", "add", "ria", "--role", "reviewer", "--site", "shop", "--form", "contact"]);
    let text = said(&added);
    assert!(added.status.success() && text.contains("added ria as reviewer"), "{text}");
    let path = text.split("/staff/setup/").nth(1).unwrap().trim();
    let link = format!("{}/staff/setup/{path}", program.url);
    let done = client().post(&link).form(&[("password", PASSWORD), ("repeated", PASSWORD)]).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert!(said(&run(&["staff", "list"])).contains("ria  ria  reviewer on one form  active"));
    assert!(said(&run(&["staff", "add", "RIA", "--role", "admin"])).contains("'ria' is taken"));
    assert!(
        said(&run(&["staff", "add", "bob", "--role", "reviewer", "--site", "nowhere"]))
            .contains("there is no 'nowhere'")
    );
    assert!(run(&["staff", "disable", "ria"]).status.success());
    let inbox =
        client().get(format!("{}/staff/inbox", program.url)).header(COOKIE, cookie(&done)).send().await.unwrap();
    assert_eq!(inbox.status(), StatusCode::SEE_OTHER, "a disabled account is logged out");
}

#[test]
fn keys_that_are_missing_corrupt_foreign_or_open_to_others_stop_the_start_with_the_way_out() {
    let dir = fresh_directory();
    drop(Program::start(&dir, ANY_PORT, &[]));
    let key = dir.join("keys/master.agekey");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    assert_eq!(mode(&dir.join("keys")), 0o700);
    let good = std::fs::read_to_string(&key).unwrap();

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let text = refusal(&dir, ANY_PORT, &[]);
    assert!(text.contains("has mode 0644") && text.contains("chmod 600"), "{text}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    std::fs::write(&key, "AGE-SECRET-KEY-1NONSENSE").unwrap();
    let text = refusal(&dir, ANY_PORT, &[]);
    assert!(text.contains("does not hold a usable key") && !text.contains("NONSENSE"), "{text}");
    std::fs::write(&key, [0xff, 0xfe]).unwrap();
    assert!(refusal(&dir, ANY_PORT, &[]).contains("does not hold a usable key"));

    let other = fresh_directory();
    drop(Program::start(&other, ANY_PORT, &[]));
    std::fs::copy(other.join("keys/master.agekey"), &key).unwrap();
    assert!(refusal(&dir, ANY_PORT, &[]).contains("but the database was made with age1"));

    std::fs::remove_file(&key).unwrap();
    let text = refusal(&dir, ANY_PORT, &[]);
    assert!(text.contains("is missing") && text.contains("backup") && text.contains("--role public"), "{text}");
    assert!(!key.exists(), "no new key is made beside an old database");

    std::fs::write(&key, good).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::remove_file(dir.join("keys/index.secret")).unwrap();
    assert!(refusal(&dir, ANY_PORT, &[]).contains("keys.index_file"));
}

#[test]
fn a_configuration_that_can_not_be_used_is_refused_in_one_line() {
    let dir = fresh_directory();
    assert!(refusal(&dir, "[server]\nlisten = \"0.0.0.0:80\"\n", &[]).contains("server.listen"));
    assert!(refusal(&dir, "[server]\nlissen = \"x\"\n", &[]).contains("lissen"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = refusal(&dir, &format!("[server]\nlisten = \"{}\"\n", taken.local_addr().unwrap()), &[]);
    assert!(text.contains("stop what listens there"), "{text}");
    let text = refusal(
        &dir,
        "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"postgres://u:geheim@127.0.0.1:1/d\"\n",
        &[],
    );
    assert!(text.contains("database") && !text.contains("geheim"), "{text}");
    std::fs::write(dir.join("sealwax.toml"), ANY_PORT).unwrap();
    let checked = sealwax(&["check-config", "--config", dir.join("sealwax.toml").to_str().unwrap()]);
    assert!(checked.status.success() && said(&checked).contains("ok:"), "{}", said(&checked));
    assert!(!dir.join("data").exists(), "checking makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_node_takes_forms_without_the_master_key_and_has_no_staff_area() {
    let dir = fresh_directory();
    let database = format!("{ANY_PORT}[database]\nurl = \"{}\"\n", postgres::fresh_database().await);
    assert!(refusal(&dir, &database, &["--role", "public"]).contains("this database is new"));
    let staff = Program::start(&dir, &database, &["--role", "staff"]);
    publish(&dir);
    std::fs::rename(dir.join("keys/master.agekey"), dir.join("elsewhere")).unwrap();
    let public = Program::start(&dir, &database, &["--role", "public"]);
    assert!(public.ready.get("staff_url").is_none());
    let client = client();
    let sent = client
        .post(format!("{}/api/v1/forms/shop/contact/submissions", public.url))
        .json(&contact_answers())
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), StatusCode::CREATED);
    for path in ["/staff/login", "/staff/inbox", "/staff"] {
        assert_eq!(client.get(format!("{}{path}", public.url)).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(
        client.get(format!("{}/f/shop/contact", staff.url)).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let policy = client.get(format!("{}/policies/shop/privacy/1", staff.url)).send().await.unwrap();
    assert_eq!(policy.status(), StatusCode::OK, "what was shown is one click away for staff too");
    assert_eq!(client.get(format!("{}/staff/login", staff.url)).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_together_on_one_new_database_agree() {
    let dir = fresh_directory();
    let database = format!("{ANY_PORT}[database]\nurl = \"{}\"\n", postgres::fresh_database().await);
    let nodes: Vec<_> = (0..3)
        .map(|_| {
            let (dir, database) = (dir.clone(), database.clone());
            std::thread::spawn(move || Program::start(&dir, &database, &[]))
        })
        .collect();
    let nodes: Vec<Program> = nodes.into_iter().map(|node| node.join().unwrap()).collect();
    publish(&dir);
    let client = client();
    // A token of one node counts on another, and a key is known to all.
    let page = Page::read(client.get(format!("{}/f/shop/survey", nodes[0].url)).send().await.unwrap()).await;
    let token = page.token();
    let mut places = std::collections::BTreeSet::new();
    for node in &nodes {
        let sent = client
            .post(format!("{}/f/shop/survey", node.url))
            .form(&[("form.token", token.as_str()), ("recommend", "7")]);
        places.insert(location(&sent.send().await.unwrap()));
    }
    assert_eq!(places.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_tls_is_served_with_hsts() {
    let dir = fresh_directory();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", dir.join("key.pem").to_str().unwrap(), "-out", dir.join("cert.pem").to_str().unwrap()])
        .output()
        .expect("openssl is installed");
    assert!(made.status.success());
    let toml = format!("{ANY_PORT}tls = {{ cert_file = \"cert.pem\", key_file = \"key.pem\" }}\n");
    let program = Program::start(&dir, &toml, &[]);
    assert!(program.url.starts_with("https://127.0.0.1:"), "{}", program.url);
    let certificate = reqwest::Certificate::from_pem(&std::fs::read(dir.join("cert.pem")).unwrap()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap();
    let response = client.get(format!("{}/healthz", program.url)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()[STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age="));
}

#[test]
fn the_api_describes_itself() {
    let output = sealwax(&["openapi"]);
    let api: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let create = &api["paths"]["/api/v1/forms/{site}/{form}/submissions"]["post"];
    assert_eq!(create["responses"]["201"]["description"], "Stored, durably");
    assert!(create["responses"].get("422").is_some(), "{create}");
}
