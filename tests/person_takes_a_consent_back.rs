//! Whoever has sent a form sees what is kept, and takes a consent back without anybody's help.

use reqwest::{Response, StatusCode};
use sealwax::app::ledger_sources;
use sealwax::ledger::keys;
use sealwax::ledger::sequencer::Sequencer;
use sealwax::people::receipt::{Invalid, verify};
use serde_json::Value;
use time::Duration;

use crate::support::page::Page;
use crate::support::{Installation, location, said, sealwax};

/// Sends the contact form as a page does; gives the thank-you page.
async fn thanked(shop: &Installation) -> Page {
    let page = shop.form_page("/f/shop/contact?lang=en").await;
    let token = page.token();
    let fields = [
        ("form.token", token.as_str()),
        ("form.lang", "en"),
        ("name", "Ana"),
        ("email", "ana@post.example"),
        ("topic", "order"),
        ("message", "Where is my purple ink?"),
        ("phone", "030 23125456"),
        ("consent.calls", "yes"),
    ];
    let sent = shop.post("/f/shop/contact").form(&fields).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{}", sent.text().await.unwrap());
    let path = location(&sent);
    Page::read(shop.get(&path).send().await.unwrap()).await
}

/// The link that the thank-you page leads to.
async fn link(shop: &Installation, thanks: &Page) -> String {
    let (reference, proof) = (thanks.hidden("ref"), thanks.hidden("m"));
    let opened = open(shop, &reference, &proof).await;
    assert_eq!(opened.status(), StatusCode::SEE_OTHER);
    let path = location(&opened);
    assert!(path.starts_with("/me/"), "{path}");
    path
}

async fn open(shop: &Installation, reference: &str, proof: &str) -> Response {
    let fields = [("ref", reference), ("m", proof), ("lang", "en")];
    shop.post("/f/shop/contact/mine").form(&fields).send().await.unwrap()
}

async fn withdraw(shop: &Installation, path: &str, purpose: &str) -> Response {
    let base = path.split('?').next().unwrap();
    shop.post(&format!("{base}/withdraw")).form(&[("purpose", purpose), ("lang", "en")]).send().await.unwrap()
}

/// How many files of the database hold the end of these bytes.
fn files_with(shop: &Installation, bytes: &[u8]) -> usize {
    let end = &bytes[bytes.len() - 48..];
    let files =
        std::fs::read_dir(shop.dir.join("data")).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.filter(|file| file.windows(end.len()).any(|window| window == end)).count()
}

on_both! {
    async fn a_consent_is_taken_back_in_one_click_and_at_once(shop: Installation) {
        let thanks = thanked(&shop).await;
        let path = link(&shop, &thanks).await;
        let answer = shop.get(&path).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        let page = Page::read(answer).await;
        // What was agreed to stands there, and none of the answers.
        page.assert_has("Withdraw this consent");
        page.assert_has("you agreed to this:");
        page.assert_lacks("ana@post.example");
        page.assert_lacks("purple");
        let calls = "purpose_id IN (SELECT id FROM purposes WHERE slug = 'calls')";
        let others = "purpose_id NOT IN (SELECT id FROM purposes WHERE slug = 'calls')";
        let (before, rest) = (shop.count("submission_parts", calls).await, shop.count("submission_parts", others).await);
        let found_by = shop.count("blind_indexes", calls).await;
        assert!(before == 1 && rest > 0, "{before} {rest} {found_by}");
        let sealed = shop.blobs(&format!("SELECT sealed FROM submission_parts WHERE {calls}")).await.remove(0);
        if shop.app.db.is_sqlite() {
            assert!(files_with(&shop, &sealed) > 0, "it is on disk");
        }
        assert_eq!(location(&withdraw(&shop, &path, "calls").await).split('?').next(), path.split('?').next());
        assert_eq!(shop.count("submission_parts", calls).await, 0);
        assert_eq!(shop.count("blind_indexes", calls).await, 0);
        assert_eq!(shop.count("submission_parts", others).await, rest, "nothing else is touched");
        assert_eq!(shop.count("consent_events", "action = 'withdrawn' AND method = 'self-service'").await, 1);
        assert_eq!(shop.count("ledger_entries", "kind = 'part-erased' AND body LIKE '%withdrawn%'").await, 1);
        // The words that were read then stand in both events.
        let words = format!("{calls} AND wording_sha256 = (SELECT wording_sha256 FROM consent_events WHERE action = 'withdrawn')");
        assert_eq!(shop.count("consent_events", &words).await, 2);
        // A second click changes nothing, and the page says so.
        assert_eq!(withdraw(&shop, &path, "calls").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("consent_events", "action = 'withdrawn'").await, 1);
        let page = Page::read(shop.get(&path).send().await.unwrap()).await;
        page.assert_has("you withdrew your consent");
        page.assert_lacks("Withdraw this consent");
        // What was erased is in no file any more.
        if shop.app.db.is_sqlite() {
            // Somebody may have been reading just then; nobody waits for that, and it is tried again.
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
            while files_with(&shop, &sealed) > 0 {
                assert!(std::time::Instant::now() < patience, "it is still on disk");
                shop.app.db.scrub_again().await;
            }
        }
        // Staff see it.
        let admin = shop.admin().await;
        let id = shop.ids("submissions", "id").await.remove(0);
        let shown = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        shown.assert_has("Withdrawn");
        shown.assert_has("Part erased");
        shop.stop().await;
    }

    async fn a_withdrawal_waits_for_nobody_who_reads(shop: Installation) {
        use sea_orm::ConnectionTrait as _;
        let path = link(&shop, &thanked(&shop).await).await;
        let reading = shop.app.db.begin_snapshot().await.unwrap();
        reading.query_all_raw(sealwax::db::statement(&reading, "SELECT id FROM submissions", vec![])).await.unwrap();
        let began = std::time::Instant::now();
        withdraw(&shop, &path, "calls").await;
        // Far less than the ten seconds for which whoever writes waits for others.
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
        reading.rollback().await.unwrap();
        if shop.app.db.is_sqlite() {
            // The server reads, too, now and then.
            let log = || std::fs::metadata(shop.dir.join("data/sealwax.db-wal")).unwrap().len();
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
            while log() > 0 {
                assert!(std::time::Instant::now() < patience, "the log is not emptied");
                shop.app.db.scrub().await;
            }
        }
        shop.stop().await;
    }

    async fn what_has_another_legal_basis_is_kept_and_no_longer_used(shop: Installation) {
        shop.republish(|toml| {
            let changed = toml.replace("slug = \"calls\"", "slug = \"calls\"\nwithdrawal = \"restrict\"");
            assert_ne!(changed, toml);
            changed
        }).await;
        let path = link(&shop, &thanked(&shop).await).await;
        withdraw(&shop, &path, "calls").await;
        let calls = "purpose_id IN (SELECT id FROM purposes WHERE slug = 'calls')";
        assert_eq!(shop.count("submission_parts", &format!("{calls} AND restricted_at IS NOT NULL")).await, 1);
        Page::read(shop.get(&path).send().await.unwrap()).await.assert_has("no longer used");
        // Staff can neither read it nor take it out.
        let admin = shop.admin().await;
        let id = shop.ids("submissions", "id").await.remove(0);
        let shown = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        shown.assert_lacks("parts/calls.age");
        let part = shop.get(&format!("/staff/submissions/{id}/parts/calls.age")).header("cookie", &admin);
        assert_eq!(part.send().await.unwrap().status(), StatusCode::NOT_FOUND);
        shop.stop().await;
    }

    async fn a_link_is_for_whoever_sent_it_and_for_a_while(shop: Installation) {
        let thanks = thanked(&shop).await;
        let (reference, proof) = (thanks.hidden("ref"), thanks.hidden("m"));
        // Neither by the reference alone, which people tell others, nor by a guess.
        for (reference, guess) in [(reference.as_str(), ""), (&reference, &"0".repeat(32)), ("AAAA-AAAA", &proof), ("", "")] {
            assert_eq!(open(&shop, reference, guess).await.status(), StatusCode::GONE, "{reference} {guess}");
        }
        let path = link(&shop, &thanks).await;
        let token = path.trim_start_matches("/me/").split('?').next().unwrap().to_owned();
        assert_eq!(token.len(), 43);
        assert_eq!(shop.count("person_links", "1 = 1").await, 1);
        for wrong in ["x", &token[..42], &format!("{token}x"), &"A".repeat(43)] {
            assert_eq!(shop.get(&format!("/me/{wrong}")).send().await.unwrap().status(), StatusCode::GONE, "{wrong}");
            assert_eq!(withdraw(&shop, &format!("/me/{wrong}"), "calls").await.status(), StatusCode::GONE, "{wrong}");
        }
        assert_eq!(withdraw(&shop, &path, "nothing").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(shop.count("consent_events", "action = 'withdrawn'").await, 0);
        // However often somebody asks, only so many are kept, and the newest works.
        for _ in 0..15 {
            shop.clock.advance(Duration::seconds(1));
            let newest = location(&open(&shop, &reference, &proof).await);
            assert_eq!(shop.get(&newest).send().await.unwrap().status(), StatusCode::OK);
        }
        assert_eq!(shop.count("person_links", "1 = 1").await, 10);
        let path = location(&open(&shop, &reference, &proof).await);
        // A day later the thank-you page gives no more links; the one that was given works for a month.
        shop.clock.advance(Duration::hours(25));
        assert_eq!(open(&shop, &reference, &proof).await.status(), StatusCode::GONE);
        assert_eq!(shop.get(&path).send().await.unwrap().status(), StatusCode::OK);
        shop.clock.advance(Duration::days(30));
        assert_eq!(shop.get(&path).send().await.unwrap().status(), StatusCode::GONE);
        sealwax::people::store::sweep(shop.app.db.writer(), shop.app.ambient.now()).await.unwrap();
        assert_eq!(shop.count("person_links", "1 = 1").await, 0);
        shop.stop().await;
    }

    async fn two_clicks_at_once_take_one_consent_back_once(shop: Installation) {
        let path = link(&shop, &thanked(&shop).await).await;
        let clicks = (0..6).map(|_| withdraw(&shop, &path, "calls"));
        for answer in futures_util::future::join_all(clicks).await {
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        }
        assert_eq!(shop.count("consent_events", "action = 'withdrawn'").await, 1);
        assert_eq!(shop.count("ledger_entries", "kind = 'part-erased'").await, 1);
        shop.stop().await;
    }

    async fn a_receipt_proves_itself_and_nothing_else(shop: Installation) {
        let app = std::sync::Arc::clone(&shop.app);
        let path = link(&shop, &thanked(&shop).await).await;
        let address = format!("{}/receipt.json", path.split('?').next().unwrap());
        let fetch = async || {
            let answer = shop.get(&address).send().await.unwrap();
            assert_eq!(answer.headers()["content-type"], "application/ld+json");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            answer.text().await.unwrap()
        };
        withdraw(&shop, &path, "calls").await;
        let (origin, sources) = (keys::origin(&shop.url), ledger_sources());
        let (db, ambient, keyring) = (&app.db, &app.ambient, app.keyring.as_ref().unwrap());
        Sequencer { db, ambient, keyring, origin: &origin, sources: &sources }.run().await.unwrap();
        let receipt = fetch().await;
        let verdict = verify(receipt.as_bytes(), None).unwrap();
        assert_eq!(verdict.origin, origin);
        let said_of_calls: Vec<&str> =
            verdict.consents.iter().filter(|one| one.purpose == "Calls").map(|one| one.action.as_str()).collect();
        assert_eq!(said_of_calls, ["given", "withdrawn"]);
        assert!(verdict.consents.iter().all(|one| !one.wording.is_empty()), "{verdict:?}");
        assert_eq!(verdict.consents.len(), 4);
        // Of the person it holds nothing that they typed.
        for typed in ["Ana", "ana@post.example", "23125", "purple"] {
            assert!(!receipt.contains(typed), "{typed}");
        }
        // Whatever is altered, left out or put in is found.
        let value: Value = serde_json::from_str(&receipt).unwrap();
        let at = |path: &str| value.pointer(path).unwrap_or_else(|| panic!("{path}")).clone();
        let calls = (0..4).find(|n| at(&format!("/dpv:hasProcess/{n}/dct:identifier")) == "calls").unwrap();
        let consent = format!("/dpv:hasProcess/{calls}/dpv:hasConsent/0");
        let altered = |path: &str, new: Value| {
            let mut other = value.clone();
            *other.pointer_mut(path).unwrap() = new;
            verify(other.to_string().as_bytes(), None)
        };
        for (path, new, what) in [
            (format!("{consent}/sealwax:wording"), Value::from("Yes, call me at night."), "the wording"),
            (format!("{consent}/dpv:hasConsentStatus/@id"), Value::from("dpv:ConsentRefused"), "the status"),
            (format!("{consent}/dpv:isIndicatedAtTime"), Value::from("2020-01-01T00:00:00.000000Z"), "the time"),
            (format!("{consent}/@id"), Value::from("urn:uuid:0192f0c1-0000-7000-8000-000000000000"), "the entry"),
            (format!("/dpv:hasProcess/{calls}/dpv:hasPurpose/sealwax:sha256"), Value::from("00"), "the purpose's hash"),
            ("/dpv:hasNotice/sealwax:sha256".to_owned(), Value::from("00"), "the notice"),
            ("/sealwax:form/sealwax:sha256".to_owned(), Value::from("00"), "the form"),
            ("/@id".to_owned(), Value::from("urn:uuid:0192f0c1-0000-7000-8000-000000000000"), "the submission"),
            (format!("/dpv:hasProcess/{calls}/dpv:hasConsent"), Value::Array(Vec::new()), "the consent, which it leaves out,"),
        ] {
            let found = altered(&path, new);
            assert!(matches!(&found, Err(Invalid::Differs { what: named, .. }) if *named == what), "{path}: {found:?}");
        }
        let entry = at("/sealwax:proofs/entries/0/entry").as_str().unwrap().replace("given", "refused").replace("\"en\"", "\"de\"");
        for (path, new) in [
            ("/sealwax:proofs/entries/0/entry", Value::from(entry)),
            ("/sealwax:proofs/entries/0/salt", Value::from("00".repeat(16))),
            ("/sealwax:proofs/entries/0/salt", Value::from("0\u{e9}")),
            ("/sealwax:proofs/entries/0/position", Value::from(u64::MAX)),
            ("/sealwax:proofs/entries/0/path", Value::Array(Vec::new())),
            ("/sealwax:proofs/checkpoint", Value::from(at("/sealwax:proofs/checkpoint").as_str().unwrap().replace("/ledger\n", "/ledges\n"))),
        ] {
            assert!(matches!(altered(path, new), Err(Invalid::Unproved(_) | Invalid::NoReceipt(_))), "{path}");
        }
        for nothing in ["", "{}", "[]", "null", "{\"@type\":\"dpv:ConsentReceipt\"}"] {
            assert!(verify(nothing.as_bytes(), None).is_err(), "{nothing}");
        }
        // The command says so offline, with the key that somebody was told.
        let file = shop.dir.join("receipt.json");
        std::fs::write(&file, &receipt).unwrap();
        let key = keys::verifiers(app.db.reader()).await.unwrap().remove(0);
        let call = |key: &str| sealwax(&["receipt", "verify", file.to_str().unwrap(), "--key", key]);
        let good = call(&key);
        assert!(good.status.success(), "{}", said(&good));
        assert!(said(&good).contains("Yes, call me."), "{}", said(&good));
        let stranger = "forms.example/ledger+97a7ab87+ASnJ8VvTIzFhtO1rSDFPc6HtWf8MyhjMtoA0dGqjSJHZ";
        assert!(!call(stranger).status.success());
        shop.stop().await;
    }

    async fn a_receipt_that_comes_too_early_says_so(shop: Installation) {
        let path = link(&shop, &thanked(&shop).await).await;
        // The server may have been faster.
        shop.execute("DELETE FROM ledger_leaves").await;
        let address = format!("{}/receipt.json", path.split('?').next().unwrap());
        let receipt = shop.get(&address).send().await.unwrap().text().await.unwrap();
        assert_eq!(verify(receipt.as_bytes(), None), Err(Invalid::Early));
        shop.stop().await;
    }

    async fn what_is_due_is_erased_by_purpose_and_nothing_else(shop: Installation) {
        use sealwax::people::retention;
        for _ in 0..3 {
            thanked(&shop).await;
        }
        let (app, of) = (&shop.app, |purpose: &str| format!("purpose_id IN (SELECT id FROM purposes WHERE slug = '{purpose}')"));
        let (calls, enquiry) = (of("calls"), of("enquiry"));
        assert_eq!(shop.count("submission_parts", &calls).await, 3);
        assert_eq!(retention::run(&app.db, &app.ambient).await.unwrap(), 0);
        // Calls are kept for six months, enquiries for two years.
        shop.clock.advance(Duration::days(160));
        let ahead = retention::due(app.db.reader(), app.ambient.now() + Duration::days(30)).await.unwrap();
        assert_eq!(ahead.into_iter().collect::<Vec<_>>(), [(("shop".to_owned(), "calls".to_owned()), 3)]);
        shop.clock.advance(Duration::days(30));
        // Several nodes at once: each part goes once, and is on record once.
        let runs = (0..3).map(|_| retention::run(&app.db, &app.ambient));
        for run in futures_util::future::join_all(runs).await {
            run.unwrap();
        }
        retention::run(&app.db, &app.ambient).await.unwrap();
        let record = "kind = 'part-erased' AND body LIKE '%expired%'";
        assert_eq!(shop.count("ledger_entries", record).await, 3);
        assert_eq!(shop.count("submission_parts", &calls).await, 0);
        assert_eq!(shop.count("blind_indexes", &calls).await, 0);
        assert_eq!(shop.count("submission_parts", &enquiry).await, 3);
        assert!(shop.count("blind_indexes", &enquiry).await > 0);
        // What was agreed to stays on record.
        assert_eq!(shop.count("consent_events", "action = 'given'").await, 3);
        shop.clock.advance(Duration::days(600));
        retention::run(&app.db, &app.ambient).await.unwrap();
        assert_eq!(shop.count("submission_parts", "1 = 1").await, 0);
        assert_eq!(shop.count("ledger_entries", record).await, 6);
        shop.stop().await;
    }

    async fn more_than_a_batch_goes_at_once(shop: Installation) {
        use sealwax::people::retention;
        thanked(&shop).await;
        let new = if shop.app.db.is_sqlite() { "randomblob(16)" } else { "gen_random_uuid()" };
        let columns = "site_id, form_id, site_version_id, form_version_id, policy_version_id, reference, status, method, lang, \
                       touchpoint, unknown_fields, received_at, suspicions";
        for _ in 0..2 * retention::BATCH {
            let copy = format!("INSERT INTO submissions (id, {columns}) SELECT {new}, {columns} FROM submissions LIMIT 1");
            shop.execute(&copy).await;
        }
        shop.execute(
            "INSERT INTO submission_parts (submission_id, purpose_id, purpose_version_id, inbox_key_id, sealed, expires_at) \
             SELECT s.id, p.purpose_id, p.purpose_version_id, p.inbox_key_id, p.sealed, p.expires_at FROM submissions s, \
             submission_parts p WHERE s.id NOT IN (SELECT submission_id FROM submission_parts)",
        )
        .await;
        let there = shop.count("submission_parts", "1 = 1").await;
        assert!(there > 2 * i64::from(retention::BATCH), "{there}");
        shop.clock.advance(Duration::days(800));
        retention::run(&shop.app.db, &shop.app.ambient).await.unwrap();
        assert_eq!(shop.count("submission_parts", "1 = 1").await, 0);
        assert_eq!(shop.count("ledger_entries", "kind = 'part-erased' AND body LIKE '%expired%'").await, there);
        shop.stop().await;
    }
}
