//! Who may answer a form, how often, how long, and what is given in return.

use reqwest::header::{ACCEPT, COOKIE, ORIGIN};
use reqwest::{Response, StatusCode};
use sealwax::submissions::admission;
use serde_json::Value;
use time::Duration;

use crate::support::page::Page;
use crate::support::{Database, Installation, contact_answers, fresh_directory, location, said, sealwax};

/// The test shop, with `keys` in its contact form.
async fn with_keys(shop: &Installation, keys: &str) {
    let place = "slug = \"contact\"\n";
    let report = shop.republish(|toml| toml.replacen(place, &format!("{place}{keys}\n"), 1)).await;
    assert!(!report.is_refused(), "{:?}", report.findings);
}

fn filled(token: &str, email: &str) -> Vec<(String, String)> {
    [("form.token", token), ("name", "Ana"), ("email", email), ("topic", "order"), ("message", "Hello")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

async fn send(shop: &Installation, pairs: &[(String, String)]) -> Response {
    shop.post("/f/shop/contact").form(pairs).send().await.unwrap()
}

async fn read(response: Response, status: StatusCode) -> Page {
    assert_eq!(response.status(), status);
    Page::read(response).await
}

async fn get(shop: &Installation, path: &str, status: StatusCode) -> Page {
    read(shop.get(path).send().await.unwrap(), status).await
}

async fn code_of(response: Response) -> String {
    let problem: Value = response.json().await.unwrap();
    problem["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
}

/// What stands in the mails that were sent to `address`.
fn mailed_codes(shop: &Installation, address: &str) -> Vec<String> {
    let mails = std::fs::read_dir(shop.dir.join("mail")).unwrap().map(|mail| mail.unwrap().path());
    let mails = mails.map(|path| std::fs::read_to_string(path).unwrap()).filter(|mail| mail.contains(address));
    let code = regex::Regex::new(r"(?m)^(\d{6})\r?$").unwrap();
    let codes = mails.map(|mail| {
        assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
        code.captures(&mail).expect("a code")[1].to_owned()
    });
    codes.collect()
}

/// What stands in the only one.
fn mailed_code(shop: &Installation, address: &str) -> String {
    mailed_codes(shop, address).into_iter().next().expect("a mail")
}

/// One request that is refused must not answer for another that came with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_of_what_was_refused_is_refused() {
    let shop = Installation::start(Database::Sqlite).await;
    with_keys(&shop, "limit = 1\nfull_message = { en = \"Full.\", de = \"Voll.\", fr = \"Complet.\" }").await;
    let first = shop.form_page("/f/shop/contact").await.token();
    let late = shop.form_page("/f/shop/contact").await.token();
    assert_eq!(send(&shop, &filled(&first, "ana@post.example")).await.status(), StatusCode::SEE_OTHER);
    let form = filled(&late, "bo@post.example");
    let same = futures_util::future::join_all((0..20).map(|_| send(&shop, &form))).await;
    assert!(same.iter().all(|answer| answer.status() == StatusCode::GONE));
    shop.stop().await;
}

on_both! {
    async fn a_form_opens_and_closes_in_its_own_words(shop: Installation) {
        with_keys(&shop, r#"opens_at = "2026-11-24T09:00:00Z"
closes_at = "2026-11-25T09:00:00Z"
opening_message = { en = "Come back on Tuesday.", de = "Ab Dienstag.", fr = "Dès mardi." }
closed_message = { en = "It is over.", de = "Es ist vorbei.", fr = "C’est fini." }"#).await;
        get(&shop, "/f/shop/contact?lang=de", StatusCode::FORBIDDEN).await.assert_has("Ab Dienstag.");
        assert_eq!(code_of(shop.send_json(&contact_answers()).await).await, "form-early");
        shop.clock.advance(Duration::days(1));
        let token = shop.form_page("/f/shop/contact").await.token();
        assert_eq!(send(&shop, &filled(&token, "ana@post.example")).await.status(), StatusCode::SEE_OTHER);
        let late = shop.form_page("/f/shop/contact").await.token();
        shop.clock.advance(Duration::days(1));
        get(&shop, "/f/shop/contact", StatusCode::GONE).await.assert_has("It is over.");
        let refused = send(&shop, &filled(&late, "ana@post.example")).await;
        read(refused, StatusCode::GONE).await.assert_has("It is over.");
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);
        shop.stop().await;
    }

    async fn the_last_place_goes_to_one_of_many(shop: Installation) {
        with_keys(&shop, r#"limit = 3
full_message = { en = "All places are taken.", de = "Ausgebucht.", fr = "Complet." }"#).await;
        let mut tokens = Vec::new();
        for _ in 0..12 {
            tokens.push(shop.form_page("/f/shop/contact").await.token());
        }
        let forms: Vec<_> = tokens.iter().map(|token| filled(token, "ana@post.example")).collect();
        let answers = futures_util::future::join_all(forms.iter().map(|form| send(&shop, form))).await;
        let taken = answers.iter().filter(|answer| answer.status() == StatusCode::SEE_OTHER).count();
        assert_eq!((taken, shop.count("submissions", "1 = 1").await), (3, 3));
        for answer in answers.into_iter().filter(|answer| answer.status() != StatusCode::SEE_OTHER) {
            read(answer, StatusCode::GONE).await.assert_has("All places are taken.");
        }
        get(&shop, "/f/shop/contact", StatusCode::GONE).await.assert_has("All places are taken.");
        assert_eq!(code_of(shop.send_json(&contact_answers()).await).await, "form-full");

        // What turns out to be spam gives its place back.
        let one = shop.ids("submissions", "id").await.remove(0);
        let admin = shop.admin().await;
        let page = shop.staff_page(&admin, &format!("/staff/submissions/{one}")).await;
        let csrf = page.hidden("csrf");
        let marked = shop.post(&format!("/staff/submissions/{one}/status")).header(COOKIE, &admin);
        marked.form(&[("csrf", csrf.as_str()), ("status", "spam")]).send().await.unwrap();
        shop.form_page("/f/shop/contact").await;
        shop.stop().await;
    }

    async fn one_person_answers_once_however_the_address_is_written(shop: Installation) {
        with_keys(&shop, r#"limit_per_person = { field = "email" }"#).await;
        let mut tokens = Vec::new();
        for _ in 0..8 {
            tokens.push(shop.form_page("/f/shop/contact").await.token());
        }
        let forms: Vec<_> = tokens.iter().map(|token| filled(token, "ana@post.example")).collect();
        let answers = futures_util::future::join_all(forms.iter().map(|form| send(&shop, form))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status() == StatusCode::SEE_OTHER).count(), 1);
        let token = shop.form_page("/f/shop/contact").await.token();
        let again = send(&shop, &filled(&token, " ANA@Post.example")).await;
        read(again, StatusCode::CONFLICT).await.assert_has("You have answered already");
        // The retry of what was stored is no second answer.
        let stored = answers.iter().position(|answer| answer.status() == StatusCode::SEE_OTHER).unwrap();
        let retried = send(&shop, &forms[stored]).await;
        assert_eq!(location(&retried), location(&answers[stored]));
        assert_eq!(send(&shop, &filled(&token, "bo@post.example")).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("submissions", "1 = 1").await, 2);
        shop.stop().await;
    }

    async fn an_access_code_opens_the_form_and_nothing_else_does(shop: Installation) {
        let before = shop.form_page("/f/shop/contact").await.token();
        with_keys(&shop, "access_code = \"Blue Heron\"").await;
        let door = get(&shop, "/f/shop/contact?lang=de&touchpoint=checkout", StatusCode::OK).await;
        door.assert_lacks("name=\"form.token\"");
        door.assert_has("Zugangscode");
        let knock = |code: &str| {
            let request = shop.post("/f/shop/contact?lang=de&touchpoint=checkout");
            request.form(&[("form.code", code), ("form.lang", "de")]).send()
        };
        let wrong = read(knock("red heron").await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
        wrong.assert_has("aria-invalid");
        wrong.assert_lacks("form.token");
        let inside = knock(" blue heron ").await.unwrap();
        assert_eq!(inside.status(), StatusCode::SEE_OTHER);
        let inside = location(&inside);
        let form = get(&shop, &inside, StatusCode::OK).await;
        assert_eq!(form.hidden("form.touchpoint"), "checkout");
        // It can be loaded again, and read in another language.
        let french = form.first_link("/f/shop/contact?lang=fr").replace("&#38;", "&");
        get(&shop, &french, StatusCode::OK).await.assert_has("name=\"form.token\"");
        get(&shop, &inside.replace("&a=", "&a=A"), StatusCode::OK).await.assert_lacks("form.token");
        // Errors bring the form again without another door.
        let lacking = send(&shop, &filled(&form.token(), "nobody")).await;
        let again = read(lacking, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(send(&shop, &filled(&again.token(), "ana@post.example")).await.status(), StatusCode::SEE_OTHER);

        // A token from before there was a code is worth nothing, nor is the API a way around.
        let asked = shop.get("/api/v1/forms/shop/contact").send().await.unwrap();
        assert_eq!(code_of(asked).await, "not-admitted");
        let refused = send(&shop, &filled(&before, "ana@post.example")).await;
        read(refused, StatusCode::FORBIDDEN).await;
        let mut body = contact_answers();
        assert_eq!(code_of(shop.send_json(&body).await).await, "not-admitted");
        body["token"] = before.into();
        assert_eq!(code_of(shop.send_json(&body).await).await, "not-admitted");
        body["code"] = "BLUE HERON".into();
        assert_eq!(shop.send_json(&body).await.status(), StatusCode::CREATED);

        // An owner's own markup sends the code along.
        let mut own = filled("", "ana@post.example");
        own.remove(0);
        let foreign = |pairs: Vec<(String, String)>| {
            shop.post("/f/shop/contact").header(ORIGIN, "https://shop.example").form(&pairs).send()
        };
        read(foreign(own.clone()).await.unwrap(), StatusCode::OK).await.assert_has("form.code");
        own.push(("form.code".to_owned(), "blue heron".to_owned()));
        assert_eq!(foreign(own.clone()).await.unwrap().status(), StatusCode::SEE_OTHER);
        // The same once more is the same, however often the button was pressed.
        let count = shop.count("submissions", "1 = 1").await;
        assert_eq!(foreign(own).await.unwrap().status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.count("submissions", "1 = 1").await, count);

        // Another code lets nobody in who had the old one, neither by the address nor by the page.
        let kept = get(&shop, &inside, StatusCode::OK).await.token();
        with_keys(&shop, "access_code = \"Grey Goose\"").await;
        get(&shop, &inside, StatusCode::OK).await.assert_lacks("form.token");
        assert_eq!(send(&shop, &filled(&kept, "cy@post.example")).await.status(), StatusCode::FORBIDDEN);
        shop.stop().await;
    }

    async fn nothing_but_what_opens_a_form_shows_its_questions(shop: Installation) {
        // Somebody who is inside another form of the same shop.
        with_keys(&shop, "access_code = \"Blue Heron\"").await;
        let knocked = shop.post("/f/shop/contact").form(&[("form.code", "blue heron")]).send().await.unwrap();
        let inside = get(&shop, &location(&knocked), StatusCode::OK).await.token();
        let place = "slug = \"survey\"\n";
        for keys in ["access_code = \"Grey Goose\"", "by_invitation = true", "verify_email = \"email\""] {
            let report = shop.republish(|toml| {
                let toml = toml.replacen("slug = \"contact\"\n", "slug = \"contact\"\naccess_code = \"Blue Heron\"\n", 1);
                if keys.starts_with("verify") { toml.replacen(place, "slug = \"survey\"\nby_invitation = true\n", 1) } else { toml.replacen(place, &format!("{place}{keys}\n"), 1) }
            }).await;
            assert!(!report.is_refused(), "{:?}", report.findings);
            for token in [inside.as_str(), "forged", ""] {
                let pairs = [("form.token", token), ("x", "1")];
                let pairs = if token.is_empty() { &pairs[1..] } else { &pairs[..] };
                let answer = shop.post("/f/shop/survey").form(pairs).send().await.unwrap();
                let page = Page::read(answer).await;
                page.assert_lacks("name=\"form.token\"");
            }
        }
        shop.stop().await;
    }

    async fn a_personal_link_counts_once(shop: Installation) {
        with_keys(&shop, "by_invitation = true").await;
        get(&shop, "/f/shop/contact", StatusCode::FORBIDDEN).await.assert_has("by invitation");
        get(&shop, "/f/shop/contact?i=guessed", StatusCode::FORBIDDEN).await;
        let admin = shop.admin().await;
        let page = shop.staff_page(&admin, "/staff/links?form=shop/contact").await;
        let csrf = page.hidden("csrf");
        let make = |names: &str, days: &str| {
            let request = shop.post("/staff/links").header(COOKIE, &admin);
            request.form(&[("csrf", csrf.as_str()), ("form", "shop/contact"), ("names", names), ("days", days)]).send()
        };
        for (names, days) in [(" \n", ""), ("Ana", "soon"), (&"x".repeat(201), "1")] {
            read(make(names, days).await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await.assert_has("role=\"alert\"");
        }
        let made = read(make("Ana <Kovačević>\nBo\n\nCy\n", "7").await.unwrap(), StatusCode::OK).await;
        let links: Vec<String> = regex::Regex::new(r"\?i=([\w-]+)").unwrap().captures_iter(&made.html).map(|link| link[1].to_owned()).collect();
        assert_eq!(links.len(), 3);
        assert_eq!(shop.count("invitations", "1 = 1").await, 3);
        for sealed in shop.blobs("SELECT sealed_name AS sealed FROM invitations").await {
            assert!(!String::from_utf8_lossy(&sealed).contains("Ana"), "names are sealed");
        }

        let path = |link: &str| format!("/f/shop/contact?i={link}");
        let first = shop.form_page(&path(&links[0])).await.token();
        let second = shop.form_page(&path(&links[0])).await.token();
        shop.form_page(&path(&links[1])).await;
        let forms = [filled(&first, "ana@post.example"), filled(&second, "ana@post.example")];
        let answers = futures_util::future::join_all(forms.iter().map(|form| send(&shop, form))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410]);
        get(&shop, &path(&links[0]), StatusCode::GONE).await.assert_has("This link was used already");
        let mut body = contact_answers();
        body["invitation"] = links[0].clone().into();
        assert_eq!(code_of(shop.send_json(&body).await).await, "link-answered");

        let list = shop.staff_page(&admin, "/staff/links?form=shop/contact").await;
        list.assert_has("Ana &#60;Kovačević&#62;");
        for state in ["answered", "opened", "not opened"] {
            assert_eq!(list.html.matches(&format!("<td>{state}</td>")).count(), 1, "{state}");
        }
        list.assert_lacks(&links[1]);
        shop.clock.advance(Duration::days(8));
        get(&shop, &path(&links[2]), StatusCode::FORBIDDEN).await;
        let admin = shop.log_in("admin", crate::support::PASSWORD).await;
        let admin = crate::support::cookie(&admin);
        shop.staff_page(&admin, "/staff/links?form=shop/contact").await.assert_has("<td>expired</td>");
        body["invitation"] = links[2].clone().into();
        assert_eq!(code_of(shop.send_json(&body).await).await, "not-admitted");
        assert_eq!(shop.count("submissions", "1 = 1").await, 1);
        // Whoever looks at the names is on record, and the names don't stay for ever.
        assert_eq!(shop.count("ledger_entries", "kind = 'links-seen'").await, 3);
        let sweep = || admission::sweep(shop.app.db.writer(), shop.app.ambient.now());
        sweep().await.unwrap();
        assert_eq!(shop.count("invitations", "1 = 1").await, 3);
        shop.clock.advance(Duration::days(31));
        sweep().await.unwrap();
        assert_eq!(shop.count("invitations", "1 = 1").await, 0);
        shop.stop().await;
    }

    async fn every_code_is_given_to_one(shop: Installation) {
        with_keys(&shop, r#"incentive = { text = { en = "Ten per cent off.", de = "Zehn Prozent.", fr = "Dix pour cent." }, own_codes = true, for_consent = "newsletter" }"#).await;
        let form = shop.app.catalog.form("shop", "contact").await.unwrap().unwrap().form_id;
        let codes: Vec<String> = (0..6).map(|number| format!("CODE-{number}")).collect();
        let db = shop.app.db.writer();
        assert_eq!(admission::add_codes(db, &shop.app.ambient, form, &codes).await.unwrap(), 6);
        assert_eq!(admission::add_codes(db, &shop.app.ambient, form, &codes[..2]).await.unwrap(), 0);

        let mut forms = Vec::new();
        for number in 0..8 {
            let mut pairs = filled(&shop.form_page("/f/shop/contact").await.token(), &format!("ana{number}@post.example"));
            pairs.push(("consent.newsletter".to_owned(), "yes".to_owned()));
            forms.push(pairs);
        }
        let answers = futures_util::future::join_all(forms.iter().map(|form| send(&shop, form))).await;
        let mut given = Vec::new();
        let mut waiting = Vec::new();
        let shape = regex::Regex::new("CODE-[0-9]").unwrap();
        for answer in &answers {
            let done = get(&shop, &location(answer), StatusCode::OK).await;
            done.assert_has("Ten per cent off.");
            assert_eq!(done.headers["cache-control"], "no-store");
            if let Some(code) = shape.find(&done.html) {
                given.push(code.as_str().to_owned());
            } else {
                done.assert_has("Your code is not ready yet");
                waiting.push(location(answer));
            }
        }
        given.sort();
        assert_eq!((given, waiting.len()), (codes, 2));
        // Whoever came when there was none gets one as soon as there is, the first one first.
        admission::add_codes(db, &shop.app.ambient, form, &["CODE-8".to_owned()]).await.unwrap();
        let mut found = Vec::new();
        for page in &waiting {
            found.push(get(&shop, page, StatusCode::OK).await.html.contains("CODE-8"));
        }
        found.sort_unstable();
        assert_eq!(found, [false, true]);

        // A suspect gets one when it is released.
        admission::add_codes(db, &shop.app.ambient, form, &["CODE-9".to_owned(), "CODE-7".to_owned()]).await.unwrap();
        let mut pairs = filled(&shop.form_page("/f/shop/contact").await.token(), "trapped@post.example");
        pairs.extend([("consent.newsletter", "yes"), ("website-url", "x")].map(|(name, value)| (name.to_owned(), value.to_owned())));
        let done = location(&send(&shop, &pairs).await);
        get(&shop, &done, StatusCode::OK).await.assert_has("Your code is not ready yet");
        let admin = shop.admin().await;
        let id = shop.ids("submissions", "id").await.into_iter().max().unwrap();
        let csrf = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await.hidden("csrf");
        let release = shop.post(&format!("/staff/submissions/{id}/status")).header(COOKIE, &admin);
        let released = release.form(&[("csrf", csrf.as_str()), ("status", "new")]).send().await.unwrap();
        assert_eq!(released.status(), StatusCode::SEE_OTHER);
        get(&shop, &done, StatusCode::OK).await.assert_has("CODE-");

        // Who knows a reference gets nothing, who refuses the consent gets nothing.
        let done = location(&answers[0]);
        let reference = regex::Regex::new("ref=([^&]+)").unwrap().captures(&done).unwrap()[1].to_owned();
        for guess in ["", "&t=", "&t=00112233445566778899aabbccddeeff"] {
            let page = get(&shop, &format!("/f/shop/contact/done?ref={reference}{guess}"), StatusCode::OK).await;
            page.assert_lacks("Ten per cent off.");
        }
        let token = shop.form_page("/f/shop/contact").await.token();
        let refused = location(&send(&shop, &filled(&token, "bo@post.example")).await);
        get(&shop, &refused, StatusCode::OK).await.assert_lacks("Ten per cent off.");
        // The retry finds the same code again.
        assert_eq!(location(&send(&shop, &forms[0]).await), done);
        shop.stop().await;
    }
}

async fn an_address_is_proved_before_the_form_opens(database: Database) {
    let shop =
        Installation::start_with(database, "[mail]\ndirectory = \"mail\"\nfrom = \"Shop <forms@shop.example>\"\n")
            .await;
    with_keys(&shop, "verify_email = \"email\"").await;
    let door = get(&shop, "/f/shop/contact?utm_source=x", StatusCode::OK).await;
    door.assert_has("type=\"email\"");
    door.assert_lacks("form.token");
    let post = |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let shop = &shop;
        async move { send(shop, &pairs).await }
    };
    read(post(&[("form.address", "nobody")]).await, StatusCode::UNPROCESSABLE_ENTITY).await.assert_has("aria-invalid");
    let mailed = read(post(&[("form.address", "ana@post.example")]).await, StatusCode::OK).await;
    let (ticket, code) = (mailed.hidden("form.ticket"), mailed_code(&shop, "ana@post.example"));
    let wrong_code = if code == "123456" { "654321" } else { "123456" };
    let answer = |address: &'static str, ticket: &str, code: &str| {
        let (ticket, code) = (ticket.to_owned(), code.to_owned());
        let post = &post;
        async move { post(&[("form.address", address), ("form.ticket", &ticket), ("form.code", &code)]).await }
    };
    read(answer("ana@post.example", &ticket, wrong_code).await, StatusCode::UNPROCESSABLE_ENTITY)
        .await
        .assert_has("not right");
    // The code is of no use for another address.
    read(answer("bo@post.example", &ticket, &code).await, StatusCode::UNPROCESSABLE_ENTITY)
        .await
        .assert_lacks("form.token");
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let inside = answer("ana@post.example", &ticket, &spaced).await;
    assert_eq!(inside.status(), StatusCode::SEE_OTHER);
    // The address stands where no server sees it.
    let inside = location(&inside);
    assert!(inside.ends_with("#email=ana%40post.example"), "{inside}");
    let form = get(&shop, inside.split('#').next().unwrap(), StatusCode::OK).await;
    read(answer("ana@post.example", &ticket, &code).await, StatusCode::UNPROCESSABLE_ENTITY)
        .await
        .assert_has("counts no more");

    let other =
        shop.post("/f/shop/contact").header(ACCEPT, "application/json").form(&filled(&form.token(), "bo@post.example"));
    let other: Value = other.send().await.unwrap().json().await.unwrap();
    assert_eq!((other["status"].as_u64(), other["errors"][0]["code"].as_str()), (Some(422), Some("not-verified")));
    assert_eq!(send(&shop, &filled(&form.token(), "Ana@post.example")).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(code_of(shop.send_json(&contact_answers()).await).await, "not-admitted");

    // Five tries, however they are spread; then the right one counts no more either.
    let mailed = read(post(&[("form.address", "cy@post.example")]).await, StatusCode::OK).await;
    let (ticket, code) = (mailed.hidden("form.ticket"), mailed_code(&shop, "cy@post.example"));
    for _ in 0..5 {
        answer("cy@post.example", &ticket, "nonsense").await;
    }
    read(answer("cy@post.example", &ticket, &code).await, StatusCode::UNPROCESSABLE_ENTITY)
        .await
        .assert_has("counts no more");
    // Three codes at once for one address, and none counts after a quarter of an hour.
    for status in [200, 200] {
        assert_eq!(post(&[("form.address", "cy@post.example")]).await.status().as_u16(), status);
    }
    // Whoever else has asked for them, the newest is enough to get on.
    let often = read(post(&[("form.address", "cy@post.example")]).await, StatusCode::TOO_MANY_REQUESTS).await;
    often.assert_has("Several codes are on their way");
    let newest = mailed_codes(&shop, "cy@post.example");
    let ticket = often.hidden("form.ticket");
    let mut opened = 0;
    for code in newest {
        opened += u32::from(answer("cy@post.example", &ticket, &code).await.status() == StatusCode::SEE_OTHER);
    }
    assert_eq!(opened, 1);
    shop.clock.advance(Duration::minutes(16));
    for code in mailed_codes(&shop, "cy@post.example") {
        assert_eq!(answer("cy@post.example", &ticket, &code).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Without scripts there is nothing to fill the address in again, so the form comes at once.
    let mailed = read(post(&[("form.address", "dee@post.example")]).await, StatusCode::OK).await;
    let (ticket, code) = (mailed.hidden("form.ticket"), mailed_code(&shop, "dee@post.example"));
    let plain = post(&[
        ("form.address", "dee@post.example"),
        ("form.ticket", &ticket),
        ("form.code", &code),
        ("form.noscript", "yes"),
    ]);
    let form = read(plain.await, StatusCode::OK).await;
    form.assert_has("value=\"dee@post.example\"");
    assert_eq!(form.headers["cache-control"], "no-store");
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_proved_before_the_form_opens_on_sqlite() {
    an_address_is_proved_before_the_form_opens(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_proved_before_the_form_opens_on_postgresql() {
    an_address_is_proved_before_the_form_opens(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_a_visitor_is_told_so() {
    let shop = Installation::start(Database::Sqlite).await;
    with_keys(&shop, "verify_email = \"email\"").await;
    let asked = send(&shop, &[("form.address".to_owned(), "ana@post.example".to_owned())]).await;
    read(asked, StatusCode::SERVICE_UNAVAILABLE).await.assert_has("could not send");
    assert_eq!(shop.count("address_codes", "1 = 1").await, 0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_make_links_and_add_codes_from_files() {
    let shop = Installation::start(Database::Sqlite).await;
    with_keys(
        &shop,
        "by_invitation = true\nincentive = { text = { en = \"A\", de = \"B\", fr = \"C\" }, own_codes = true }",
    )
    .await;
    let dir = shop.dir.clone();
    shop.stop().await;
    let files = fresh_directory();
    let write = |name: &str, text: &str| {
        let path = files.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let dir = dir.to_str().unwrap();
    let people = write("people.csv", "name,email\n\"Kovačević, Ana\",ana@post.example\nBo,\n");
    let made = sealwax(&["invite", "shop/contact", &people, "--days", "30", "--dir", dir]);
    assert!(made.status.success(), "{}", said(&made));
    let text = String::from_utf8(made.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "name,email,link");
    assert!(lines[1].starts_with("\"Kovačević, Ana\",ana@post.example,"), "{text}");
    assert!(lines[1].contains("/f/shop/contact?i=") && lines[1].ends_with("&email=ana%40post.example"), "{text}");
    assert!(lines[2].ends_with("#name=Bo"), "{text}");
    for (csv, says) in [
        ("who\nAna\n", "has no column 'name'"),
        ("name,shoe\nAna,44\n", "'shoe' is no field"),
        ("name,email\nAna\n", "line: 2"),
    ] {
        let refused = sealwax(&["invite", "shop/contact", &write("wrong.csv", csv), "--dir", dir]);
        assert!(!refused.status.success() && said(&refused).contains(says), "{}", said(&refused));
    }
    let codes = write("codes.txt", "A-1\n\nA-2\nA-1\n");
    let added = sealwax(&["codes", "shop/contact", &codes, "--dir", dir]);
    assert_eq!(said(&added).trim(), "2 codes added, 1 known already; 2 are left to give");
    let nowhere = sealwax(&["codes", "shop/nothing", &codes, "--dir", dir]);
    assert!(!nowhere.status.success() && said(&nowhere).contains("no published form"));
}
