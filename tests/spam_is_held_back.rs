//! Spam is held back for staff to look at, never lost; who sends often is asked for a proof of work.

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, ORIGIN};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Database, Installation, contact_answers};

const SETTINGS: &str = "[limits]\nquickest_seconds = 2\nchallenge_after = 0\nchallenge_address_after = 0\n";

fn filled(token: &str, message: &str) -> Vec<(&'static str, String)> {
    [("form.token", token), ("name", "Ana"), ("email", "ana@post.example"), ("topic", "order"), ("message", message)]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
}

async fn send(shop: &Installation, pairs: &[(&'static str, String)]) -> reqwest::Response {
    shop.post("/f/shop/contact").form(pairs).send().await.unwrap()
}

/// The page's token, with as much time gone as a person takes.
async fn token(shop: &Installation) -> String {
    let token = shop.form_page("/f/shop/contact").await.token();
    shop.clock.advance(Duration::seconds(30));
    token
}

async fn with_rules(database: Database, rules: &str) -> Installation {
    let shop = Installation::start_with(database, SETTINGS).await;
    let report =
        shop.republish(|toml| toml.replacen("[[forms.fields]]", &format!("{rules}\n[[forms.fields]]"), 1)).await;
    assert!(!report.is_refused(), "{:?}", report.findings);
    shop
}

async fn each_suspicion_is_held_back_with_its_reason(database: Database) {
    let rules = "[forms.spam]\nlinks = 1\nwords = [\"Casino Royale\"]\ndeny = [\"@spam.example\"]\nallow = [\"friend@spam.example\"]\n";
    let shop = with_rules(database, rules).await;
    let held = |reason: &str| format!("status = 'spam' AND suspicions = '{reason}'");

    let quick = shop.form_page("/f/shop/contact").await.token();
    assert_eq!(send(&shop, &filled(&quick, "Quick")).await.status(), StatusCode::SEE_OTHER, "the sender is not told");
    assert_eq!(shop.count("submissions", &held("too-fast")).await, 1);

    let mut trapped = filled(&token(&shop).await, "Trapped");
    trapped.push(("website-url", "https://spam.example".to_owned()));
    send(&shop, &trapped).await;
    assert_eq!(shop.count("submissions", &held("trap")).await, 1);

    send(&shop, &filled(&token(&shop).await, "https://a.example and https://b.example")).await;
    assert_eq!(shop.count("submissions", &held("links")).await, 1);
    send(&shop, &filled(&token(&shop).await, "Come to our CASINO ROYALE")).await;
    assert_eq!(shop.count("submissions", &held("words")).await, 1);

    let from = |token: &str, email: &str| {
        let mut pairs = filled(token, "Come to our casino royale");
        email.clone_into(&mut pairs[2].1);
        pairs
    };
    send(&shop, &from(&token(&shop).await, "bot@Spam.example")).await;
    assert_eq!(shop.count("submissions", &held("words,denied")).await, 1);
    send(&shop, &from(&token(&shop).await, "friend@spam.example")).await;
    assert_eq!(shop.count("submissions", "status = 'new'").await, 1, "whom the owner trusts is not held back");

    let same = "The very same long message, sent over and over again by a machine.";
    send(&shop, &filled(&token(&shop).await, same)).await;
    send(&shop, &filled(&token(&shop).await, &same.to_uppercase().replace(' ', "  "))).await;
    assert_eq!(shop.count("submissions", &held("duplicate")).await, 1);
    shop.clock.advance(Duration::hours(25));
    send(&shop, &filled(&token(&shop).await, same)).await;
    assert_eq!(shop.count("submissions", &held("duplicate")).await, 1, "after a day it is news again");

    // Nothing is lost: staff find it, see why, and release it.
    let admin = shop.admin().await;
    let inbox = shop.staff_page(&admin, "/staff/inbox").await;
    assert_eq!(inbox.html.matches("class=\"is-").count(), 3);
    let spam = shop.staff_page(&admin, "/staff/inbox?status=spam").await;
    assert_eq!(spam.html.matches("class=\"is-spam").count(), 6);
    let link = spam.links("/staff/submissions/").pop().unwrap();
    let page = shop.staff_page(&admin, &link).await;
    page.assert_has("Sent sooner than anybody could fill it in");
    let released = shop.post(&format!("{link}/status")).header("cookie", &admin);
    let released = released.form(&[("csrf", page.hidden("csrf").as_str()), ("status", "new")]).send().await.unwrap();
    assert_eq!(released.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("submissions", &held("too-fast")).await, 0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_suspicion_is_held_back_with_its_reason_on_sqlite() {
    each_suspicion_is_held_back_with_its_reason(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_suspicion_is_held_back_with_its_reason_on_postgresql() {
    each_suspicion_is_held_back_with_its_reason(Database::Postgres).await;
}

fn solved(problem: &Value) -> String {
    let challenge: Challenge = serde_json::from_value(problem["challenge"].clone()).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
    serde_json::to_string(&Payload { challenge, solution }).unwrap()
}

async fn a_rush_asks_for_a_proof_of_work(database: Database) {
    let settings = "[limits]\nquickest_seconds = 0\nchallenge_after = 3\nchallenge_address_after = 0\n";
    let shop = Installation::start_with(database, settings).await;
    for _ in 0..4 {
        assert_eq!(send(&shop, &filled(&token(&shop).await, "Hello")).await.status(), StatusCode::SEE_OTHER);
        shop.clock.advance(Duration::seconds(-30));
    }
    shop.clock.advance(Duration::seconds(2));

    // The page's script is told, and sends the same again with the proof.
    let page = shop.form_page("/f/shop/contact").await.token();
    let pairs = filled(&page, "In a rush");
    let asked = shop.post("/f/shop/contact").header(ACCEPT, "application/json").form(&pairs).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::PRECONDITION_REQUIRED);
    let proof = solved(&asked.json().await.unwrap());
    let proved = [pairs.as_slice(), &[("form.proof", proof.clone())]].concat();
    let sent = shop.post("/f/shop/contact").header(ACCEPT, "application/json").form(&proved).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::CREATED);
    assert_eq!(shop.count("submissions", "status = 'spam'").await, 0);
    // A retry that is asked for another proof is the same submission.
    let again = shop.post("/f/shop/contact").header(ACCEPT, "application/json").form(&proved).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(shop.count("submissions", "1 = 1").await, 5);

    // A proof counts for its own page; without one, and without a script, somebody looks at it.
    let other = shop.form_page("/f/shop/contact").await.token();
    let stolen = [filled(&other, "Stolen").as_slice(), &[("form.proof", proof)]].concat();
    assert_eq!(send(&shop, &stolen).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("submissions", "status = 'spam' AND suspicions = 'no-proof'").await, 1);

    // So are those who come through the API, and a proof counts once with the token it belongs to.
    let body = contact_answers();
    let asked = shop.post("/api/v1/forms/shop/contact/submissions").header(ORIGIN, "https://shop.example").json(&body);
    let asked = asked.send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::PRECONDITION_REQUIRED);
    let challenge: Value = asked.json().await.unwrap();
    let mut proved = body.clone();
    proved["proof"] = json!(solved(&challenge));
    let without = shop.send_json(&proved).await;
    assert_eq!(without.status(), StatusCode::PRECONDITION_REQUIRED, "a proof without its token");
    proved["token"] = challenge["token"].clone();
    let sent = shop.post("/api/v1/forms/shop/contact/submissions").header(ORIGIN, "https://shop.example").json(&proved);
    assert_eq!(sent.send().await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::PRECONDITION_REQUIRED);
    let stored = shop.count("submissions", "1 = 1").await;
    assert_eq!(shop.send_json(&proved).await.headers()["idempotency-replayed"], "true");
    proved["answers"]["message"] = json!("Something else");
    assert_eq!(shop.send_json(&proved).await.status(), StatusCode::CONFLICT);
    assert_eq!(shop.count("submissions", "1 = 1").await, stored);

    // When the rush is over, nothing is asked.
    shop.clock.advance(Duration::minutes(2));
    let calm = shop.form_page("/f/shop/contact").await.token();
    let sent =
        shop.post("/f/shop/contact").header(ACCEPT, "application/json").form(&filled(&calm, "Calm")).send().await;
    assert_eq!(sent.unwrap().status(), StatusCode::CREATED);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_asks_for_a_proof_of_work_on_sqlite() {
    a_rush_asks_for_a_proof_of_work(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_asks_for_a_proof_of_work_on_postgresql() {
    a_rush_asks_for_a_proof_of_work(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_a_second_time_has_had_the_time() {
    let shop = Installation::start_with(Database::Sqlite, SETTINGS).await;
    let first = token(&shop).await;
    assert_eq!(send(&shop, &filled(&first, "First")).await.status(), StatusCode::SEE_OTHER);
    let asked = send(&shop, &filled(&first, "Second")).await;
    assert_eq!(asked.status(), StatusCode::CONFLICT);
    let again = crate::support::page::Page::read(asked).await.token();
    assert_eq!(send(&shop, &filled(&again, "Second")).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("submissions", "status = 'new'").await, 2);
    // A page of its own that comes back as soon is suspect.
    let quick = shop.form_page("/f/shop/contact").await.token();
    send(&shop, &filled(&quick, "Third")).await;
    assert_eq!(shop.count("submissions", "status = 'spam'").await, 1);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_counts_by_reason() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // The harness begins [server], so its settings go on there.
    let shop = Installation::start_with(Database::Sqlite, &format!("metrics_listen = \"{port}\"\n{SETTINGS}")).await;
    send(&shop, &filled(&token(&shop).await, "Fine")).await;
    let quick = shop.form_page("/f/shop/contact").await.token();
    send(&shop, &filled(&quick, "Quick")).await;
    let evil = shop.post("/f/shop/contact").header(ORIGIN, "https://evil.example").form(&filled("x", "x")).send().await;
    assert_eq!(evil.unwrap().status(), StatusCode::FORBIDDEN);
    // A page with what is wrong is a refusal too.
    let mut lacking = filled(&token(&shop).await, "Lacking");
    lacking.retain(|(name, _)| *name != "email");
    assert_eq!(send(&shop, &lacking).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let metrics = shop.client.get(format!("http://{port}/metrics")).send().await.unwrap().text().await.unwrap();
    for line in [
        "sealwax_submissions_total{outcome=\"accepted\"} 1",
        "sealwax_submissions_total{outcome=\"suspect\"} 1",
        "sealwax_suspicions_total{reason=\"too-fast\"} 1",
        "sealwax_problems_total{route=\"/f/{site}/{form}\",reason=\"origin-refused\"} 1",
        "sealwax_problems_total{route=\"/f/{site}/{form}\",reason=\"invalid-answers\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert_eq!(shop.get("/metrics").send().await.unwrap().status(), StatusCode::NOT_FOUND);
    shop.stop().await;
}
