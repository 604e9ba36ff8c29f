//! What is acknowledged is stored, whatever happens; what is stored holds no plaintext.

use std::collections::BTreeSet;
use std::net::ToSocketAddrs as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::Value;

use crate::support::program::Program;
use crate::support::proxy::Proxy;
use crate::support::{Database, Installation, client, contact_answers, fresh_directory, postgres, said, sealwax};

const SETTINGS: &str =
    "[limits]\nsubmissions_per_minute = 0\npages_per_minute = 0\nchallenge_after = 0\nchallenge_address_after = 0\n";

async fn send(client: &reqwest::Client, url: &str, key: &str) -> Option<(StatusCode, Value)> {
    let mut body = contact_answers();
    body["answers"]["message"] = format!("message of {key}").into();
    let request =
        client.post(format!("{url}/api/v1/forms/shop/contact/submissions")).header("idempotency-key", key).json(&body);
    let response = request.send().await.ok()?;
    let status = response.status();
    Some((status, response.json().await.ok()?))
}

/// Kills the server at random moments of full load, ten times, and looks at what is left.
async fn killed_ten_times(toml: &str) {
    let dir = fresh_directory();
    let toml = format!("[server]\nlisten = \"127.0.0.1:0\"\n{SETTINGS}{toml}");
    let place =
        ["--config", dir.join("sealwax.toml").to_str().unwrap(), "--dir", dir.to_str().unwrap()].map(str::to_owned);
    let mut program = Program::start(&dir, &toml, &[]);
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.toml");
    let published = sealwax(&["apply", fixture, &place[0], &place[1], &place[2], &place[3]]);
    assert!(published.status.success(), "{}", said(&published));

    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    let mut unanswered: Vec<String> = Vec::new();
    for round in 0..10 {
        let answered = Arc::new(AtomicUsize::new(0));
        let over = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..16)
            .map(|sender| {
                let (answered, over, url) = (Arc::clone(&answered), Arc::clone(&over), program.url.clone());
                tokio::spawn(async move {
                    let (client, mut given, mut open) = (client(), Vec::new(), Vec::new());
                    for number in 0.. {
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                        let key = format!("r{round}-s{sender}-n{number}");
                        match send(&client, &url, &key).await {
                            Some((StatusCode::CREATED, body)) => {
                                given.push(body["id"].as_str().unwrap().to_owned());
                                answered.fetch_add(1, Ordering::Relaxed);
                            }
                            _ => open.push(key),
                        }
                    }
                    (given, open)
                })
            })
            .collect();
        // After a random number of answers, which is a random moment of the load.
        let enough = usize::from(rand::random::<u8>()) + 20;
        while answered.load(Ordering::Relaxed) < enough {
            tokio::task::yield_now().await;
        }
        program.kill();
        over.store(true, Ordering::Relaxed);
        for sender in senders {
            let (given, open) = sender.await.unwrap();
            acknowledged.extend(given);
            unanswered.extend(open);
        }
        program = Program::start(&dir, &toml, &[]);
    }
    // Whoever got no answer tries again with the same key, and never makes a second entry.
    let client = client();
    for key in &unanswered {
        let (status, body) = send(&client, &program.url, key).await.expect("an answer");
        assert_eq!(status, StatusCode::CREATED, "{body}");
        acknowledged.insert(body["id"].as_str().unwrap().to_owned());
    }
    assert!(program.terminate().success());

    let shop = Installation::open(&dir, &toml).await;
    let stored: BTreeSet<String> = shop.ids("submissions", "id").await.into_iter().collect();
    assert_eq!(stored.len(), acknowledged.len(), "one row for each acknowledged submission, and no other");
    assert_eq!(stored, acknowledged);
    let count = i64::try_from(stored.len()).unwrap();
    assert_eq!(shop.count("submission_parts", "1 = 1").await, 2 * count, "no half submission");
    assert_eq!(shop.count("consent_events", "1 = 1").await, 3 * count);
    assert_eq!(shop.count("blind_indexes", "1 = 1").await, count);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigkill_under_load_loses_and_doubles_nothing_on_sqlite() {
    killed_ten_times("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigkill_under_load_loses_and_doubles_nothing_on_postgresql() {
    killed_ten_times(&format!("[database]\nurl = \"{}\"\n", postgres::fresh_database().await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graceful_stop_finishes_what_was_accepted() {
    let shop = Installation::start_with(Database::Sqlite, SETTINGS).await;
    let (url, dir) = (shop.url.clone(), shop.dir.clone());
    let senders: Vec<_> = (0..32)
        .map(|number| {
            let url = url.clone();
            tokio::spawn(async move { send(&client(), &url, &format!("k{number}")).await })
        })
        .collect();
    shop.stop().await;
    let mut stored = 0;
    for sender in senders {
        if let Some((StatusCode::CREATED, _)) = sender.await.unwrap() {
            stored += 1;
        }
    }
    let again = Installation::open(&dir, "").await;
    assert_eq!(again.count("submissions", "1 = 1").await, stored);
    again.stop().await;
}

on_both! {
    async fn a_dump_of_the_database_holds_no_personal_value(shop: Installation) {
        assert_eq!(shop.send_json(&contact_answers()).await.status(), StatusCode::CREATED);
        let page = shop.form_page("/f/shop/contact").await;
        let token = page.token();
        let posted = [("form.token", token.as_str()), ("name", "Bogdan Secretive"), ("email", "bogdan@hidden.example"), ("message", "Purple prose"), ("consent.calls", "yes"), ("phone", "+49 30 23125 789")];
        assert_eq!(shop.post("/f/shop/contact").form(&posted).send().await.unwrap().status(), StatusCode::SEE_OTHER);
        shop.log_in("bogdan@hidden.example", "wrong").await;
        let bytes = match shop.database {
            Database::Sqlite => {
                let mut bytes = Vec::new();
                for entry in std::fs::read_dir(shop.dir.join("data")).unwrap() {
                    bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
                }
                bytes
            }
            Database::Postgres => {
                let dump = Command::new("pg_dump").arg(shop.app.config.database.url.expose()).output().expect("pg_dump is installed");
                assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
                dump.stdout
            }
        };
        let found = |needle: &str| bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()));
        assert!(found("newsletter"), "the search finds what is there");
        for value in ["Kova", "ana.kovacevic", "post.example", "purple ink", "23125", "302312", "Bogdan", "hidden.example", "Purple prose"] {
            assert!(!found(value), "'{value}' stands in the database");
            let hex = sealwax::crypto::hex(value.as_bytes());
            assert!(!found(&hex), "'{value}' stands in the database in hexadecimal");
        }
        shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_no_personal_value_and_no_secret() {
    let dir = fresh_directory();
    let toml = "[server]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"debug\"\nformat = \"json\"\n";
    let program = Program::start(&dir, toml, &[]);
    let setup = program.ready["setup_url"].as_str().unwrap().to_owned();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.toml");
    let (config, place) = (dir.join("sealwax.toml"), dir.to_str().unwrap());
    assert!(sealwax(&["apply", fixture, "--config", config.to_str().unwrap(), "--dir", place]).status.success());
    let client = client();
    client.get(&setup).send().await.unwrap();
    // A node sees what was published within a tenth of a second.
    let definition = format!("{}/api/v1/forms/shop/contact", program.url);
    while client.get(&definition).send().await.unwrap().status() == StatusCode::NOT_FOUND {
        tokio::task::yield_now().await;
    }
    let mut body = contact_answers();
    client.post(format!("{}/api/v1/forms/shop/contact/submissions", program.url)).json(&body).send().await.unwrap();
    body["answers"]["email"] = "ana.kovacevic@@post.example".into();
    let invalid =
        client.post(format!("{}/api/v1/forms/shop/contact/submissions?who=Kovačević", program.url)).json(&body);
    assert_eq!(invalid.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    let login = [("username", "kovacevic"), ("password", "geheimes Wort")];
    client.post(format!("{}/staff/login", program.url)).form(&login).send().await.unwrap();
    let log = program.log();
    assert!(log.contains("/api/v1/forms/{site}/{form}/submissions"), "requests are logged by their route: {log}");
    let token = setup.rsplit('/').next().unwrap();
    for value in ["ovacevi", "Kova", "post.example", "purple", "23125", "geheim", "127.0.0.1\"", token] {
        assert!(!log.contains(value), "'{value}' stands in the log: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_said_so_and_what_was_accepted_is_stored() {
    let url = postgres::fresh_database().await;
    let settings =
        format!("[database]\nurl = \"{url}\"\nwriters = 1\n[limits]\nsubmissions_per_minute = 0\nqueue = 1\n");
    let shop = Installation::start_in(fresh_directory(), Database::Postgres, &settings).await;
    let lock = shop.app.db.writer().begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..6 {
        let url = shop.url.clone();
        senders.spawn(async move { send(&client(), &url, &format!("k{number}")).await.unwrap() });
    }
    // One is with the writer and one in the queue, so at least four are told at once.
    let mut told = 0;
    while told < 4 {
        let (status, body) = senders.join_next().await.unwrap().unwrap();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["type"], "urn:sealwax:problem:queue-full");
        told += 1;
    }
    lock.rollback().await.unwrap();
    let mut stored = 0;
    while let Some(answer) = senders.join_next().await {
        stored += i64::from(answer.unwrap().0 == StatusCode::CREATED);
    }
    assert!(stored >= 1);
    assert_eq!(shop.count("submissions", "1 = 1").await, stored);
    shop.stop().await;
}

/// A file system of a few megabytes; `None` where this user may not mount one.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m,mode=0700", "tmpfs"]).arg(at).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(at))
    }

    fn grow(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=32m"]).arg(self.0).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_so_and_nothing_is_half_written() {
    let dir = fresh_directory();
    let data = dir.join("data");
    let Some(disk) = SmallDisk::mount(&data) else {
        assert!(
            !Path::new("/proc/self/fd").exists() || Command::new("id").arg("-u").output().unwrap().stdout != b"0\n",
            "root can mount a disk"
        );
        println!("not root: no small disk to fill");
        return;
    };
    let shop = Installation::start_in(dir.clone(), Database::Sqlite, SETTINGS).await;
    let mut body = contact_answers();
    body["answers"]["message"] = "x".repeat(2000).into();
    let mut stored = 0;
    let refused = loop {
        let response = shop.send_json(&body).await;
        if response.status() != StatusCode::CREATED {
            break response;
        }
        stored += 1;
        assert!(stored < 5000, "the disk does not fill");
    };
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key(RETRY_AFTER));
    assert_eq!(refused.json::<Value>().await.unwrap()["type"], "urn:sealwax:problem:disk-full");
    assert_eq!(shop.get("/readyz").send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(shop.get("/f/shop/contact").send().await.unwrap().status(), StatusCode::OK, "the form is still served");
    assert_eq!(shop.count("submissions", "1 = 1").await, stored);
    assert_eq!(shop.count("submission_parts", "1 = 1").await, 2 * stored);

    disk.grow();
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::CREATED, "it recovers by itself");
    assert_eq!(shop.get("/readyz").send().await.unwrap().status(), StatusCode::OK);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_said_so_and_its_return_noticed() {
    let mut address: url::Url = postgres::fresh_database().await.parse().unwrap();
    let target = format!("{}:{}", address.host_str().unwrap(), address.port().unwrap())
        .to_socket_addrs()
        .unwrap()
        .next()
        .unwrap();
    let proxy = Proxy::before(target).await;
    address.set_port(Some(proxy.address.port())).unwrap();
    let settings = format!("[database]\nurl = \"{address}\"\n{SETTINGS}");
    let shop = Installation::start_in(fresh_directory(), Database::Postgres, &settings).await;
    let page = shop.form_page("/f/shop/contact").await;
    assert_eq!(shop.send_json(&contact_answers()).await.status(), StatusCode::CREATED);

    proxy.cut();
    let away = shop.send_json(&contact_answers()).await;
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.headers().contains_key(RETRY_AFTER));
    assert_eq!(away.json::<Value>().await.unwrap()["type"], "urn:sealwax:problem:database-away");
    assert_eq!(shop.get("/readyz").send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(shop.get("/healthz").send().await.unwrap().status(), StatusCode::OK);
    let token = page.token();
    let plain = [
        ("form.token", token.as_str()),
        ("name", "Ana"),
        ("email", "ana@post.example"),
        ("message", "Kept on the page"),
    ];
    let kept = shop.post("/f/shop/contact").form(&plain).send().await.unwrap();
    assert_eq!(kept.status(), StatusCode::SERVICE_UNAVAILABLE);
    let html = kept.text().await.unwrap();
    assert!(html.contains("Kept on the page") && html.contains("could not be stored"), "{html}");

    proxy.heal();
    let retried = shop.post("/f/shop/contact").form(&plain).send().await.unwrap();
    assert_eq!(retried.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("submissions", "1 = 1").await, 2);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_can_not_be_stored_fails_alone() {
    let shop = Installation::start_with(Database::Sqlite, SETTINGS).await;
    let entry = shop.app.catalog.form("shop", "contact").await.unwrap().unwrap();
    let sealed = |broken: bool| {
        let body = contact_answers();
        let sent = body["answers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        let incoming = sealwax::submissions::Incoming {
            shown: entry.shown.clone(),
            method: sealwax::submissions::Method::Api,
            lang: sealwax::sites::Lang::En,
            touchpoint: None,
            sent,
            consents: [].into(),
            evidence: sealwax::submissions::spam::Evidence::default(),
            content: None,
            admitted: None,
            visitor: None,
            idempotency: None,
        };
        let mut sealed =
            sealwax::submissions::accept(&entry, &incoming, &shop.app.ambient, &shop.app.secrets, time::Duration::ZERO)
                .unwrap()
                .sealed;
        if broken {
            sealed.form_version_id = uuid::Uuid::nil();
        }
        sealed
    };
    // All of them wait while the one writing connection is taken, so they become one batch.
    let taken = shop.app.db.begin().await.unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..10 {
        let (app, submission) = (Arc::clone(&shop.app), sealed(number == 4));
        waiting.spawn(async move { (number, app.writer.commit(submission).await) });
    }
    tokio::task::yield_now().await;
    taken.rollback().await.unwrap();
    while let Some(answer) = waiting.join_next().await {
        let (number, outcome) = answer.unwrap();
        let expected = if number == 4 {
            Err(sealwax::submissions::writer::WriteError::Gone)
        } else {
            Ok(sealwax::submissions::writer::Outcome::Stored)
        };
        assert_eq!(outcome, expected, "{number}");
    }
    assert_eq!(shop.count("submissions", "1 = 1").await, 9);
    shop.stop().await;
}
