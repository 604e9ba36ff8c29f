//! A visitor opens the form, chooses, and sends it: without JavaScript, as browsers post.

use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, RETRY_AFTER, SET_COOKIE};
use time::Duration;

use crate::support::page::Page;
use crate::support::{Installation, location};

/// What a browser would post for a filled-in contact form.
fn filled_in(token: &str) -> Vec<(String, String)> {
    let pairs = [
        ("form.token", token),
        ("form.lang", "en"),
        ("name", "Ana Kovačević"),
        ("email", "ana.kovacevic@post.example"),
        ("phone", "030 23125 456"),
        ("topic", "other"),
        ("topic.other", "A wish"),
        ("interests", "ink"),
        ("interests", "paper"),
        ("order", ""),
        ("message", "Where is my purple ink?\r\nThank you"),
        ("consent.newsletter", "yes"),
        ("consent.research", "yes"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn with(mut pairs: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    pairs.retain(|(known, _)| known != name);
    pairs.push((name.to_owned(), value.to_owned()));
    pairs
}

async fn post(shop: &Installation, pairs: &[(String, String)]) -> reqwest::Response {
    shop.post("/f/shop/contact").form(pairs).send().await.unwrap()
}

on_both! {
    async fn two_consents_given_and_one_refused(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        page.assert_lacks(" checked");
        page.assert_has("Yes, send me the newsletter.");
        page.assert_has("What we ask and why");
        assert!(page.headers.get(SET_COOKIE).is_none());
        assert!(page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("frame-ancestors 'none'"));

        let sent = post(&shop, &filled_in(&page.token())).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        let done = shop.form_page(&location(&sent)).await;
        done.assert_has("Thank you");
        done.assert_has("We answer within a day.");

        assert_eq!(shop.count("submissions", "status = 'new' AND method = 'form'").await, 1);
        assert_eq!(shop.count("consent_events", "action = 'given'").await, 2);
        assert_eq!(shop.count("consent_events", "action = 'refused'").await, 1);
        // enquiry and newsletter have answers; research has none; calls was refused.
        assert_eq!(shop.count("submission_parts", "1 = 1").await, 2);
        // The phone number belongs to the refused consent, so nothing finds the person by it.
        assert_eq!(shop.count("blind_indexes", "kind = 'email'").await, 1);
        assert_eq!(shop.count("blind_indexes", "kind = 'phone'").await, 0);
        shop.stop().await;
    }

    async fn the_policy_that_was_shown_is_the_one_stored(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        shop.republish(|toml| toml.replace("First English text.", "Second English text.").replace("Yes, call me.", "Yes, ring me.")).await;
        let again = shop.form_page("/f/shop/contact").await;
        again.assert_has("/policies/shop/privacy/2");
        again.assert_has("Yes, ring me.");

        assert_eq!(post(&shop, &filled_in(&page.token())).await.status(), StatusCode::SEE_OTHER);
        let shown = "policy_version_id IN (SELECT id FROM policy_versions WHERE number = 1)";
        assert_eq!(shop.count("submissions", shown).await, 1);
        let wording = "purpose_version_id IN (SELECT id FROM purpose_versions WHERE number = 1)";
        assert_eq!(shop.count("consent_events", wording).await, 3);

        for (version, text) in [(1, "First English text."), (2, "Second English text.")] {
            shop.form_page(&format!("/policies/shop/privacy/{version}")).await.assert_has(text);
        }
        let current = shop.form_page("/policies/shop/privacy").await;
        current.assert_has("Second English text.");
        current.assert_has("/policies/shop/privacy/1");
        shop.stop().await;
    }

    async fn answers_survive_errors_which_come_all_at_once(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        let pairs = with(with(with(filled_in(&page.token()), "email", "not an address"), "order", "12"), "name", "");
        let response = post(&shop, &pairs).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let again = Page::read(response).await;
        again.assert_has("There is a problem");
        again.assert_has("<title>Error:");
        for error in ["Please answer this question", "Please write an e-mail address", "Write it like AB-123456"] {
            assert_eq!(again.html.matches(error).count(), 2, "{error}: once in the summary, once beside the field");
        }
        for kept in ["not an address", "Where is my purple ink?", r#"value="ink" checked"#, r#"value="A wish""#] {
            again.assert_has(kept);
        }
        assert_eq!(again.html.matches(r#"value="yes" checked"#).count(), 2);
        assert_eq!(again.headers[CACHE_CONTROL], "no-store");
        assert_eq!(again.token(), page.token());
        assert_eq!(shop.count("submissions", "1 = 1").await, 0);
        shop.stop().await;
    }

    async fn sending_twice_stores_once_and_a_change_is_asked_about(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        let pairs = filled_in(&page.token());
        let first = post(&shop, &pairs).await;
        let second = post(&shop, &pairs).await;
        assert_eq!(second.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&first), location(&second));
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);

        let changed = post(&shop, &with(pairs, "message", "Something else")).await;
        assert_eq!(changed.status(), StatusCode::CONFLICT);
        let asked = Page::read(changed).await;
        asked.assert_has("has already been sent");
        asked.assert_has("Something else");
        assert_eq!(asked.html.matches(r#"value="yes" checked"#).count(), 2);
        let resent = post(&shop, &with(filled_in(&asked.token()), "message", "Something else")).await;
        assert_eq!(resent.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("submissions", "1 = 1").await, 2);
        shop.stop().await;
    }

    async fn what_was_agreed_to_in_other_words_is_not_agreed_to(shop: Installation) {
        let pairs = filled_in(&shop.form_page("/f/shop/contact").await.token());
        assert_eq!(post(&shop, &pairs).await.status(), StatusCode::SEE_OTHER);
        let words = "Yes, send me the newsletter.";
        let report = shop.republish(|toml| toml.replacen(words, "Yes, send me everything.", 1)).await;
        assert!(!report.is_refused(), "{:?}", report.findings);
        let asked = post(&shop, &with(pairs, "message", "Something else")).await;
        assert_eq!(asked.status(), StatusCode::CONFLICT);
        let asked = Page::read(asked).await;
        asked.assert_has("Yes, send me everything.");
        asked.assert_lacks(r#"value="yes" checked"#);
        shop.stop().await;
    }

    async fn a_page_left_open_too_long_keeps_its_answers_and_asks_again(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        shop.clock.advance(Duration::hours(25));
        let response = post(&shop, &filled_in(&page.token())).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let again = Page::read(response).await;
        again.assert_has("open for so long");
        again.assert_has("Where is my purple ink?");
        again.assert_lacks(r#"value="yes" checked"#);
        let resent = post(&shop, &with(filled_in(&again.token()), "form.token", &again.token())).await;
        assert_eq!(resent.status(), StatusCode::SEE_OTHER);
        shop.stop().await;
    }

    async fn a_clock_that_jumps_loses_nothing(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        shop.clock.advance(Duration::days(-400));
        let response = post(&shop, &filled_in(&page.token())).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "a token of the future is not believed");
        let again = Page::read(response).await;
        again.assert_has("Where is my purple ink?");
        let sent = post(&shop, &filled_in(&again.token())).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        shop.clock.advance(Duration::days(800));
        let page = shop.form_page("/f/shop/contact").await;
        assert_eq!(post(&shop, &filled_in(&page.token())).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("submissions", "1 = 1").await, 2);
        shop.stop().await;
    }

    async fn forged_and_foreign_tokens_keep_the_answers_and_untick_the_consents(shop: Installation) {
        let survey = shop.form_page("/f/shop/survey").await;
        for token in ["forged", &survey.token()] {
            let response = post(&shop, &filled_in(token)).await;
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            let again = Page::read(response).await;
            again.assert_has("could not verify");
            again.assert_has("Where is my purple ink?");
            again.assert_lacks(r#"value="yes" checked"#);
        }
        assert_eq!(shop.count("submissions", "1 = 1").await, 0);
        shop.stop().await;
    }

    async fn a_form_that_closed_meanwhile_says_so_in_the_sites_words(shop: Installation) {
        let page = shop.form_page("/f/shop/contact").await;
        let sent_in_time = post(&shop, &filled_in(&page.token())).await;
        let late = shop.form_page("/f/shop/contact").await;
        shop.republish(|toml| toml.replacen(
            "policy = \"privacy\"\nthank_you",
            "policy = \"privacy\"\nclosed = true\nclosed_message = { en = \"We are on holiday.\", de = \"Wir sind im Urlaub.\", fr = \"Nous sommes en congé.\" }\nthank_you",
            1,
        )).await;
        let response = post(&shop, &filled_in(&late.token())).await;
        assert_eq!(response.status(), StatusCode::GONE);
        Page::read(response).await.assert_has("We are on holiday.");
        assert_eq!(shop.get("/f/shop/contact").send().await.unwrap().status(), StatusCode::GONE);
        // A retry of what was accepted in time still gets its thanks.
        let retried = post(&shop, &filled_in(&page.token())).await;
        assert_eq!(location(&retried), location(&sent_in_time));
        shop.stop().await;
    }

    async fn every_type_of_question_is_taken(shop: Installation) {
        let page = shop.form_page("/f/shop/survey").await;
        let token = page.token();
        let answers = [
            ("form.token", token.as_str()), ("recommend", "9"), ("stars", "4"), ("bought", "2026-02-28"), ("hour", "14:30:00"),
            ("orders", "12,5"), ("site", "https://ana.example/photos"), ("again", "yes"), ("consent.research", "yes"),
        ];
        let sent = shop.post("/f/shop/survey").form(&answers).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{}", sent.text().await.unwrap());
        let wrong = [
            ("form.token", token.as_str()), ("recommend", "11"), ("stars", "0"), ("bought", "2019-12-31"), ("hour", "20:01"),
            ("orders", "501"), ("site", "javascript:alert(1)"), ("again", "maybe"),
        ];
        let response = shop.post("/f/shop/survey").form(&wrong).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(Page::read(response).await.html.matches("class=\"error\"").count(), 7);
        shop.stop().await;
    }

    async fn the_form_speaks_the_visitors_language(shop: Installation) {
        let german = shop.form_page("/f/shop/contact?lang=de").await;
        german.assert_has("<html lang=\"de\" dir=\"ltr\"");
        german.assert_has("Schreiben Sie uns");
        german.assert_has("Ja, senden Sie mir den Rundbrief.");
        let french = shop.get("/f/shop/contact").header("accept-language", "fr-CA, en;q=0.5").send().await.unwrap();
        Page::read(french).await.assert_has("Écrivez-nous");
        let pairs = with(with(filled_in(&german.token()), "form.lang", "de"), "email", "x");
        Page::read(post(&shop, &pairs).await).await.assert_has("Bitte schreiben Sie eine E-Mail-Adresse");
        shop.stop().await;
    }

    async fn only_the_sites_own_pages_may_frame_the_form(shop: Installation) {
        let framed = shop.form_page("/f/shop/contact?embed=1").await;
        let policy = framed.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains(&format!("frame-ancestors https://shop.example {};", shop.url)), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        shop.stop().await;
    }
}

/// In a frame, whoever has sent must see that something is busy, not an empty form.
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_thank_you_page_can_be_framed_and_speaks_the_forms_language() {
    let settings = "[limits]\npages_per_minute = 1\n";
    let shop = Installation::start_with(crate::support::Database::Sqlite, settings).await;
    let mut busy = None;
    for _ in 0..3 {
        let page = shop.get("/f/shop/contact/done?embed=1&lang=de").send().await.unwrap();
        busy = Some(page).filter(|page| page.status() == StatusCode::TOO_MANY_REQUESTS).or(busy);
    }
    let page = Page::read(busy.expect("a page of one too many")).await;
    let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors https://shop.example"), "{policy}");
    page.assert_has("<html lang=\"de\"");
    page.assert_has("/f/shop/contact/done?embed=1");
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_can_not_send_without_end() {
    let settings = "[limits]\nsubmissions_per_minute = 1\nburst = 3\n";
    let shop = Installation::start_with(crate::support::Database::Sqlite, settings).await;
    let page = shop.form_page("/f/shop/contact").await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(post(&shop, &filled_in(&page.token())).await);
    }
    let last = answers.pop().unwrap();
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::SEE_OTHER));
    assert_eq!(last.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers()[RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() > 0);
    shop.stop().await;
}
