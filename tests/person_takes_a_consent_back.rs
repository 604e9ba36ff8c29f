//! Whoever has sent a form sees what is kept, and takes a consent back without anybody's help.

use reqwest::{Response, StatusCode};
use serde_json::Value;
use time::Duration;

use crate::support::page::Page;
use crate::support::{Installation, location};

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
            assert_eq!(files_with(&shop, &sealed), 0);
        }
        // Staff see it, and the receipt says what it said.
        let admin = shop.admin().await;
        let id = shop.ids("submissions", "id").await.remove(0);
        let shown = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        shown.assert_has("Withdrawn");
        shown.assert_has("Part erased");
        let base = path.split('?').next().unwrap();
        let receipt: Value = shop.get(&format!("{base}/receipt.json")).send().await.unwrap().json().await.unwrap();
        let given: Vec<&Value> = receipt["consents"].as_array().unwrap().iter().filter(|one| one["action"] == "given").collect();
        assert_eq!(given.len(), 1, "{receipt}");
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
}
