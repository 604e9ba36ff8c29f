//! A program sends a form as JSON.

use reqwest::StatusCode;
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ORIGIN};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Installation, contact_answers, location};

async fn problem(response: reqwest::Response, status: StatusCode, kind: &str) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["type"], format!("urn:sealwax:problem:{kind}"), "{body}");
    assert_eq!(body["status"], status.as_u16());
    body
}

on_both! {
    async fn a_submission_comes_back_with_a_receipt(shop: Installation) {
        let response = shop.send_json(&contact_answers()).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["receipt"]["submission"], body["id"]);
        assert_eq!(body["receipt"]["policy"]["version"], 1);
        assert_eq!(body["receipt"]["policy_url"], format!("{}/policies/shop/privacy/1", shop.url));
        let consents = body["receipt"]["consents"].as_array().unwrap();
        let actions: Vec<_> = consents.iter().map(|one| (one["slug"].as_str().unwrap(), one["action"].as_str().unwrap())).collect();
        assert_eq!(actions, [("newsletter", "given"), ("research", "given"), ("calls", "refused")]);
        assert_eq!(consents[0]["wording"], "Yes, send me the newsletter.");
        shop.stop().await;
    }

    async fn the_definition_names_what_to_send_and_its_token_pins_the_versions(shop: Installation) {
        let definition: Value = shop.get("/api/v1/forms/shop/contact").send().await.unwrap().json().await.unwrap();
        assert_eq!(definition["fields"][1]["name"], "email");
        assert_eq!(definition["open"], true);
        assert_eq!(definition["purposes"][0]["legal_basis"], "contract");
        shop.republish(|toml| toml.replace("First English text.", "Second.")).await;
        let mut body = contact_answers();
        body["token"] = definition["token"].clone();
        let pinned: Value = shop.send_json(&body).await.json().await.unwrap();
        assert_eq!(pinned["receipt"]["policy"]["version"], 1);
        let current: Value = shop.send_json(&contact_answers()).await.json().await.unwrap();
        assert_eq!(current["receipt"]["policy"]["version"], 2);
        shop.stop().await;
    }

    async fn every_error_comes_at_once_in_the_forms_language(shop: Installation) {
        let body = json!({ "answers": { "name": "", "email": "x", "topic": "nonsense", "interests": ["ink", "paper", "pens"], "order": "1" }, "lang": "de" });
        let body = problem(shop.send_json(&body).await, StatusCode::UNPROCESSABLE_ENTITY, "invalid-answers").await;
        let errors = body["errors"].as_array().unwrap();
        let found: Vec<_> = errors.iter().map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
        assert_eq!(found, [
            ("name", "required"), ("email", "email"), ("topic", "choice"), ("interests", "too-many-choices"),
            ("order", "pattern"), ("message", "required"),
        ]);
        assert_eq!(errors[0]["pointer"], "/answers/name");
        assert_eq!(errors[0]["message"], "Bitte beantworten Sie diese Frage");
        assert_eq!(errors[4]["message"], "Schreiben Sie sie wie AB-123456");
        shop.stop().await;
    }

    async fn unknown_fields_are_ignored_and_counted(shop: Installation) {
        let mut body = contact_answers();
        body["answers"]["nickname"] = "Annie".into();
        body["answers"]["welcome"] = "x".into();
        body["consents"]["world-domination"] = true.into();
        assert_eq!(shop.send_json(&body).await.status(), StatusCode::CREATED);
        assert_eq!(shop.count("submissions", "unknown_fields = 3").await, 1);
        assert_eq!(shop.count("consent_events", "1 = 1").await, 3);
        shop.stop().await;
    }

    async fn the_same_key_and_body_give_the_same_answer_and_another_body_a_conflict(shop: Installation) {
        let send = |body: Value| shop.post("/api/v1/forms/shop/contact/submissions").header("idempotency-key", "k-1").json(&body).send();
        let first: Value = send(contact_answers()).await.unwrap().json().await.unwrap();
        let again = send(contact_answers()).await.unwrap();
        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.json::<Value>().await.unwrap(), first);
        let mut other = contact_answers();
        other["answers"]["message"] = "Something else".into();
        problem(send(other).await.unwrap(), StatusCode::CONFLICT, "key-reused").await;
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);

        // The same key belongs to another form too.
        let survey = shop.post("/api/v1/forms/shop/survey/submissions").header("idempotency-key", "k-1");
        let sent = survey.json(&json!({ "answers": { "recommend": 10 } })).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::CREATED);
        for bad in ["", "with space", "ü"] {
            let response = shop.post("/api/v1/forms/shop/contact/submissions").header("idempotency-key", bad.as_bytes()).json(&contact_answers());
            problem(response.send().await.unwrap(), StatusCode::BAD_REQUEST, "bad-idempotency-key").await;
        }
        shop.stop().await;
    }

    async fn twenty_racing_retries_make_one_submission(shop: Installation) {
        let sends = (0..20).map(|_| shop.post("/api/v1/forms/shop/contact/submissions").header("idempotency-key", "race").json(&contact_answers()).send());
        let mut running = Vec::new();
        for send in sends {
            running.push(tokio::spawn(send));
        }
        let mut ids = std::collections::BTreeSet::new();
        for one in running {
            let response = one.await.unwrap().unwrap();
            assert_eq!(response.status(), StatusCode::CREATED);
            ids.insert(response.json::<Value>().await.unwrap()["id"].to_string());
        }
        assert_eq!(ids.len(), 1);
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);
        shop.stop().await;
    }

    async fn tokens_that_do_not_count_are_named(shop: Installation) {
        let survey: Value = shop.get("/api/v1/forms/shop/survey").send().await.unwrap().json().await.unwrap();
        let contact: Value = shop.get("/api/v1/forms/shop/contact").send().await.unwrap().json().await.unwrap();
        let with = |token: &Value| { let mut body = contact_answers(); body["token"] = token.clone(); body };
        problem(shop.send_json(&with(&json!("nonsense"))).await, StatusCode::BAD_REQUEST, "forged-token").await;
        problem(shop.send_json(&with(&survey["token"])).await, StatusCode::BAD_REQUEST, "foreign-token").await;
        shop.clock.advance(Duration::hours(25));
        problem(shop.send_json(&with(&contact["token"])).await, StatusCode::UNPROCESSABLE_ENTITY, "expired-token").await;
        shop.stop().await;
    }

    async fn only_allowed_origins_may_send(shop: Installation) {
        let send = |origin: &str| shop.post("/api/v1/forms/shop/contact/submissions").header(ORIGIN, origin.to_owned()).json(&contact_answers()).send();
        let allowed = send("https://shop.example").await.unwrap();
        assert_eq!(allowed.status(), StatusCode::CREATED);
        assert_eq!(allowed.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "https://shop.example");
        let own = send(&shop.url).await.unwrap();
        assert_eq!(own.status(), StatusCode::CREATED);
        let foreign = send("https://evil.example").await.unwrap();
        assert!(foreign.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
        problem(foreign, StatusCode::FORBIDDEN, "origin-refused").await;
        let preflight = shop.client.request(reqwest::Method::OPTIONS, format!("{}/api/v1/forms/shop/contact/submissions", shop.url));
        let preflight = preflight.header(ORIGIN, "https://shop.example").send().await.unwrap();
        assert_eq!(preflight.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "https://shop.example");
        shop.stop().await;
    }

    async fn a_page_with_its_own_markup_leads_on_to_allowed_origins_only(shop: Installation) {
        let fields = [("name", "Ana"), ("email", "ana@post.example"), ("message", "Hello")];
        let send = |to: &str| {
            let all = [fields.as_slice(), &[("form.redirect", to)]].concat();
            shop.post("/f/shop/contact").header(ORIGIN, "https://shop.example").form(&all).send()
        };
        let allowed = send("https://shop.example/thanks?x=1").await.unwrap();
        assert_eq!(location(&allowed), "https://shop.example/thanks?x=1");
        for refused in ["https://evil.example/", "//evil.example", "javascript:alert(1)", "https://shop.example@evil.example/"] {
            let sent = send(refused).await.unwrap();
            assert!(location(&sent).starts_with("/f/shop/contact/done?"), "{refused}");
        }
        shop.stop().await;
    }

    async fn marks_that_say_nothing_of_anybody_count_each_and_a_second_click_does_not(shop: Installation) {
        let post = |form: &str, fields: &[(&str, &str)]| {
            let request = shop.post(&format!("/f/shop/{form}")).header(ORIGIN, "https://shop.example");
            request.form(fields).send()
        };
        for _ in 0..2 {
            assert_eq!(post("survey", &[("recommend", "9"), ("stars", "4")]).await.unwrap().status(), StatusCode::SEE_OTHER);
        }
        assert_eq!(shop.count("submissions", "1 = 1").await, 2, "two people of one house");
        let ana = [("name", "Ana"), ("email", "ana@post.example"), ("message", "Hello")];
        for _ in 0..2 {
            assert_eq!(post("contact", &ana).await.unwrap().status(), StatusCode::SEE_OTHER);
        }
        assert_eq!(shop.count("submissions", "1 = 1").await, 3, "one Ana");
        shop.stop().await;
    }

    async fn a_page_with_its_own_markup_may_post_from_an_allowed_origin(shop: Installation) {
        let fields = [("name", "Ana"), ("email", "ana@post.example"), ("message", "Hello"), ("consent.newsletter", "on")];
        let send = |origin: &str| shop.post("/f/shop/contact").header(ORIGIN, origin.to_owned()).form(&fields).send();
        assert_eq!(send("https://shop.example").await.unwrap().status(), StatusCode::SEE_OTHER);
        assert_eq!(send("https://evil.example").await.unwrap().status(), StatusCode::FORBIDDEN);
        assert_eq!(send("null").await.unwrap().status(), StatusCode::FORBIDDEN);
        assert_eq!(shop.count("submissions", "method = 'api'").await, 1);
        // A token that was fetched elsewhere does not make another page ours.
        let token = shop.form_page("/f/shop/contact").await.token();
        let stolen = [fields.as_slice(), &[("form.token", token.as_str())]].concat();
        let posted = shop.post("/f/shop/contact").header(ORIGIN, "https://evil.example").form(&stolen).send().await.unwrap();
        assert_eq!(posted.status(), StatusCode::FORBIDDEN);
        let crossed = shop.post("/f/shop/contact").header("sec-fetch-site", "cross-site").form(&stolen).send().await.unwrap();
        assert_eq!(crossed.status(), StatusCode::FORBIDDEN);
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);
        shop.stop().await;
    }
}
