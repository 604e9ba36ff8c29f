//! A reviewer logs in, finds a submission and reads it; others do not.

use std::io::Write as _;
use std::process::{Command, Stdio};

use reqwest::StatusCode;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use sealwax::staff::{Grant, Role};
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use crate::support::page::Page;
use crate::support::{Installation, PASSWORD, contact_answers, cookie, location, sealwax};

async fn sent(shop: &Installation) -> (String, String) {
    let body: Value = shop.send_json(&contact_answers()).await.json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["id"]), text(&body["receipt"]["reference"]))
}

async fn id_of(shop: &Installation, table: &str, slug: &str) -> Uuid {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let sql = format!("SELECT id FROM {table} WHERE slug = ?");
    sealwax::db::one::<Row, _>(shop.app.db.reader(), &sql, vec![slug.into()]).await.unwrap().unwrap().id
}

on_both! {
    async fn the_inbox_masks_and_the_submission_shows_everything(shop: Installation) {
        let (id, reference) = sent(&shop).await;
        let admin = shop.admin().await;
        let inbox = shop.staff_page(&admin, "/staff/inbox").await;
        inbox.assert_has(&reference);
        inbox.assert_has("A••• K•••, a•••@p•••.example");
        inbox.assert_lacks("ana.kovacevic");
        inbox.assert_lacks("Kovačević");

        let page = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        for shown in [
            "Ana Kovačević", "ana.kovacevic@post.example", "Where is my purple ink?", "An order", "Paper", "Ink",
            "Yes, send me the newsletter.", "Yes, call me.", "/policies/shop/privacy/1", "Not kept because of the refusal: Phone number",
            "admin the tester",
        ] {
            page.assert_has(shown);
        }
        assert_eq!(page.html.matches("badge given").count(), 2);
        assert_eq!(page.html.matches("badge refused").count(), 1);
        page.assert_lacks("23125");
        assert_eq!(shop.count("ledger_entries", "kind = 'submission-opened'").await, 1);
        assert_eq!(page.headers["cache-control"], "no-store");
        shop.stop().await;
    }

    async fn a_submission_reads_as_its_own_form_version_asked(shop: Installation) {
        let (id, _) = sent(&shop).await;
        shop.republish(|toml| toml.replace("Your name", "What shall we call you")).await;
        let admin = shop.admin().await;
        let page = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        page.assert_has("Your name");
        page.assert_lacks("What shall we call you");
        shop.stop().await;
    }

    async fn the_status_is_set_and_filtered_by(shop: Installation) {
        let (id, reference) = sent(&shop).await;
        let (_, other) = sent(&shop).await;
        let admin = shop.admin().await;
        let page = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        let path = format!("/staff/submissions/{id}/status");
        let csrf = page.hidden("csrf");
        let set = shop.post(&path).header(COOKIE, &admin).form(&[("csrf", csrf.as_str()), ("status", "done")]).send().await.unwrap();
        assert_eq!(set.status(), StatusCode::SEE_OTHER);
        let done = shop.staff_page(&admin, "/staff/inbox?status=done").await;
        done.assert_has(&reference);
        done.assert_lacks(&other);
        let found = shop.staff_page(&admin, &format!("/staff/inbox?ref={}", other.to_lowercase().replace('-', "+"))).await;
        found.assert_has(&other);
        found.assert_lacks(&reference);
        shop.staff_page(&admin, "/staff/inbox?ref=nonsense").await.assert_has("A reference has ten letters");
        let wrong = shop.post(&path).header(COOKIE, &admin).form(&[("csrf", csrf.as_str()), ("status", "gone")]).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
        shop.stop().await;
    }

    async fn pages_go_on_where_the_last_one_ended(shop: Installation) {
        let mut references = Vec::new();
        for _ in 0..30 {
            references.push(sent(&shop).await.1);
        }
        let admin = shop.admin().await;
        let first = shop.staff_page(&admin, "/staff/inbox?form=shop%2Fcontact").await;
        let on = |page: &Page, reference: &String| page.html.contains(reference.as_str());
        assert!(references[5..].iter().all(|reference| on(&first, reference)));
        assert!(!references[..5].iter().any(|reference| on(&first, reference)));
        let older = regex::Regex::new(r#"<a href="([^"]+)" rel="next">"#).unwrap();
        let link = older.captures(&first.html).expect("there is an older page")[1].replace("&#38;", "&");
        // What comes in meanwhile moves nothing from one page to the next.
        sent(&shop).await;
        let second = shop.staff_page(&admin, &link).await;
        assert!(references[..5].iter().all(|reference| on(&second, reference)));
        assert!(!references[5..].iter().any(|reference| on(&second, reference)));
        assert!(older.captures(&second.html).is_none());
        shop.stop().await;
    }

    async fn a_reviewer_of_one_form_sees_that_form_only(shop: Installation) {
        let (contact, reference) = sent(&shop).await;
        let survey = shop.post("/api/v1/forms/shop/survey/submissions").json(&serde_json::json!({ "answers": { "recommend": 9 } }));
        let survey: Value = survey.send().await.unwrap().json().await.unwrap();
        let site = id_of(&shop, "sites", "shop").await;
        let form = id_of(&shop, "forms", "survey").await;
        let reviewer = shop.staff("ria", Grant { role: Role::Reviewer, site: Some(site), form: Some(form) }).await;
        let inbox = shop.staff_page(&reviewer, "/staff/inbox").await;
        inbox.assert_has(survey["receipt"]["reference"].as_str().unwrap());
        inbox.assert_lacks(&reference);
        for path in [format!("/staff/submissions/{contact}"), format!("/staff/submissions/{}", Uuid::nil())] {
            let response = shop.get(&path).header(COOKIE, &reviewer).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
        }
        let part = format!("/staff/submissions/{}/parts/enquiry.age", survey["id"].as_str().unwrap());
        let response = shop.get(&part).header(COOKIE, &reviewer).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "exporting takes an administrator");
        let editor = shop.staff("edi", Grant { role: Role::Editor, site: None, form: None }).await;
        let response = shop.get("/staff/inbox").header(COOKIE, &editor).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        shop.stop().await;
    }

    async fn without_a_session_there_is_only_the_login(shop: Installation) {
        let (id, _) = sent(&shop).await;
        for path in ["/staff".to_owned(), "/staff/inbox".to_owned(), format!("/staff/submissions/{id}"), format!("/staff/submissions/{id}/parts/enquiry.age")] {
            let response = shop.get(&path).header(COOKIE, "__Host-sealwax=made-up").send().await.unwrap();
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
            assert!(response.text().await.unwrap().is_empty());
        }
        let response = shop.get(&format!("/staff/submissions/{id}")).send().await.unwrap();
        assert_eq!(location(&response), format!("/staff/login?next=%2Fstaff%2Fsubmissions%2F{id}"));
        shop.stop().await;
    }

    async fn the_cookie_is_fit_for_its_purpose_and_ends_with_the_session(shop: Installation) {
        shop.admin().await;
        let response = shop.log_in("ADMIN ", PASSWORD).await;
        let set = response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        for attribute in ["__Host-sealwax=", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
            assert!(set.contains(attribute), "{set}");
        }
        let session = cookie(&response);
        let page = shop.staff_page(&session, "/staff/inbox").await;
        let csrf = page.hidden("csrf");
        let foreign = shop.post("/staff/logout").header(COOKIE, &session).header(ORIGIN, "https://evil.example");
        assert_eq!(foreign.form(&[("csrf", csrf.as_str())]).send().await.unwrap().status(), StatusCode::FORBIDDEN);
        let cross = shop.post("/staff/logout").header(COOKIE, &session).header("sec-fetch-site", "cross-site");
        assert_eq!(cross.form(&[("csrf", csrf.as_str())]).send().await.unwrap().status(), StatusCode::FORBIDDEN);
        let forged = shop.post("/staff/logout").header(COOKIE, &session).form(&[("csrf", "x")]).send().await.unwrap();
        assert_eq!(forged.status(), StatusCode::FORBIDDEN);
        let out = shop.post("/staff/logout").header(COOKIE, &session).form(&[("csrf", csrf.as_str())]).send().await.unwrap();
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        let after = shop.get("/staff/inbox").header(COOKIE, &session).send().await.unwrap();
        assert_eq!(after.status(), StatusCode::SEE_OTHER);
        shop.stop().await;
    }

    async fn sessions_end_when_idle_and_in_any_case(shop: Installation) {
        let admin = shop.admin().await;
        let status = |cookie: String| { let get = shop.get("/staff/inbox").header(COOKIE, cookie); async move { get.send().await.unwrap().status() } };
        for _ in 0..13 {
            shop.clock.advance(Duration::minutes(50));
            assert_eq!(status(admin.clone()).await, StatusCode::OK);
        }
        shop.clock.advance(Duration::minutes(50));
        shop.clock.advance(Duration::minutes(11));
        assert_eq!(status(admin).await, StatusCode::SEE_OTHER, "idle for an hour");
        let again = cookie(&shop.log_in("admin", PASSWORD).await);
        for _ in 0..12 {
            shop.clock.advance(Duration::minutes(59));
            assert_eq!(status(again.clone()).await, StatusCode::OK);
        }
        shop.clock.advance(Duration::minutes(13));
        assert_eq!(status(again).await, StatusCode::SEE_OTHER, "twelve hours are over");
        shop.stop().await;
    }

    async fn guessing_is_slowed_down_for_known_and_unknown_names_alike(shop: Installation) {
        shop.admin().await;
        for name in ["admin", "nobody"] {
            for _ in 0..5 {
                assert_eq!(shop.log_in(name, "wrong").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
            }
            assert_eq!(shop.log_in(name, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS, "{name}");
        }
        shop.clock.advance(Duration::seconds(31));
        assert_eq!(shop.log_in("admin", "wrong").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        shop.clock.advance(Duration::seconds(31));
        assert_eq!(shop.log_in("admin", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS, "the wait has doubled");
        shop.clock.advance(Duration::seconds(31));
        assert_eq!(shop.log_in("admin", PASSWORD).await.status(), StatusCode::SEE_OTHER);
        shop.stop().await;
    }

    async fn an_exported_part_opens_with_the_ordinary_age_program(shop: Installation) {
        let (id, _) = sent(&shop).await;
        let admin = shop.admin().await;
        let response = shop.get(&format!("/staff/submissions/{id}/parts/enquiry.age")).header(COOKIE, &admin).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let sealed = response.bytes().await.unwrap();
        assert!(sealed.starts_with(b"age-encryption.org/v1"));
        assert_eq!(shop.count("ledger_entries", "kind = 'part-exported'").await, 1);

        let config = shop.dir.join("sealwax.toml");
        std::fs::write(&config, format!("[database]\nurl = \"{}\"\n", shop.app.config.database.url.expose().replace('\\', "/"))).unwrap();
        let at = config.to_str().unwrap();
        let list = sealwax(&["keys", "list", "--config", at, "--dir", shop.dir.to_str().unwrap()]);
        let text = String::from_utf8(list.stdout).unwrap();
        assert!(text.contains("site shop  age1"), "{text}{}", String::from_utf8_lossy(&list.stderr));
        let key = text.split_whitespace().next().unwrap();
        let identity = sealwax(&["keys", "identity", key, "--config", at, "--dir", shop.dir.to_str().unwrap()]);
        let file = shop.dir.join("inbox.agekey");
        std::fs::write(&file, &identity.stdout).unwrap();
        let mut age = Command::new("age").args(["--decrypt", "--identity"]).arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("age is installed");
        age.stdin.take().unwrap().write_all(&sealed).unwrap();
        let opened = age.wait_with_output().unwrap();
        let part: Value = serde_json::from_slice(&opened.stdout).expect("age opens the part");
        assert_eq!(part["answers"]["email"], "ana.kovacevic@post.example");
        assert_eq!(part["context"]["submission"], id);
        assert!(part["answers"].get("phone").is_none());
        shop.stop().await;
    }

    async fn a_part_moved_to_another_submission_does_not_open(shop: Installation) {
        let (first, _) = sent(&shop).await;
        let (second, _) = sent(&shop).await;
        let id = |text: &str| Uuid::parse_str(text).unwrap();
        let sql = "UPDATE submission_parts SET sealed = (SELECT p.sealed FROM submission_parts p WHERE p.submission_id = ? \
                   AND p.purpose_id = submission_parts.purpose_id) WHERE submission_id = ?";
        sealwax::db::execute(shop.app.db.writer(), sql, vec![id(&first).into(), id(&second).into()]).await.unwrap();
        let admin = shop.admin().await;
        shop.staff_page(&admin, &format!("/staff/submissions/{second}")).await.assert_has("This part does not open");
        shop.staff_page(&admin, &format!("/staff/submissions/{first}")).await.assert_has("ana.kovacevic@post.example");
        shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embed_page_is_for_those_who_edit() {
    let shop = Installation::start(crate::support::Database::Sqlite).await;
    let reviewer = shop.staff("reviewer", Grant { role: Role::Reviewer, site: None, form: None }).await;
    let refused = shop.get("/staff/embed").header(COOKIE, &reviewer).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    shop.staff_page(&reviewer, "/staff/inbox").await.assert_lacks("/staff/embed");

    let editor = shop.staff("editor", Grant { role: Role::Editor, site: None, form: None }).await;
    let page = shop.staff_page(&editor, "/staff/embed?form=shop/survey&mode=dialog&origin=shop.example/page").await;
    page.assert_has("Pages of https://shop.example may show this form.");
    page.assert_has("data-form=&#34;shop/survey&#34; data-mode=&#34;dialog&#34;");
    page.assert_has("integrity=&#34;sha384-");
    let other = shop.staff_page(&editor, "/staff/embed?origin=https://evil.example").await;
    other.assert_has("may not show this form yet");
    shop.staff_page(&editor, "/staff/embed?origin=javascript:alert(1)")
        .await
        .assert_has("This is no address of a page");

    // One form's editor sees that form only.
    let survey = id_of(&shop, "forms", "survey").await;
    let site = id_of(&shop, "sites", "shop").await;
    let one = shop.staff("one", Grant { role: Role::Editor, site: Some(site), form: Some(survey) }).await;
    let page = shop.staff_page(&one, "/staff/embed?form=shop/contact").await;
    page.assert_lacks("shop/contact");
    shop.stop().await;
}
