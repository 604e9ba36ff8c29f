//! A form may ask its visitors to sign in: who they are is kept with their answers, as the provider says.

use reqwest::header::SET_COOKIE;
use reqwest::{Response, StatusCode};
use sealwax::staff::COOKIE;
use sealwax::staff::auth::BROWSER_COOKIE;
use sealwax::submissions::admission;
use serde_json::{Value, json};
use time::Duration;
use url::Url;

use crate::support::directory::{Oddities, OpenLdap};
use crate::support::lemon::{Lemon, LemonOptions};
use crate::support::page::Page;
use crate::support::program::Program;
use crate::support::walker::{Arrived, Walked, Walker};
use crate::support::{
    Database, Installation, PASSWORD, client, contact_answers, fresh_directory, location, said, sealwax,
};

const SIGN_IN: &str = r#"sign_in = { providers = ["oidc", "cas", "directory", "local"], identity = ["name", "email"], purpose = "enquiry" }"#;

/// The test shop with `keys` in its contact form.
fn with(shop: &str, keys: &str) -> String {
    let place = "slug = \"contact\"\n";
    shop.replacen(place, &format!("{place}{keys}\n"), 1)
}

async fn with_keys(shop: &Installation, keys: &str) {
    let report = shop.republish(|toml| with(toml, keys)).await;
    assert!(!report.is_refused(), "{:?}", report.findings);
}

/// A directory, a provider of every other kind, and an installation that trusts them.
struct Company {
    _directory: OpenLdap,
    _lemon: Lemon,
    shop: Installation,
}

impl Company {
    async fn start(database: Database, keys: &str) -> Self {
        let directory = OpenLdap::start(Oddities::default());
        let mut lemon = Lemon::reserve(&directory, None);
        let mut settings = format!("{}{}{}", directory.provider(""), lemon.cas_provider(""), lemon.oidc_provider(""));
        if cfg!(feature = "saml") {
            settings += &lemon.saml_provider("");
        }
        let shop = Installation::start_now(database, &settings).await;
        let mut options = LemonOptions { service: shop.url.clone(), ..LemonOptions::default() };
        if cfg!(feature = "saml") {
            let metadata = shop.get("/staff/auth/saml/metadata").send().await.unwrap().text().await.unwrap();
            options.sp_metadata.push(metadata);
        }
        lemon.run(&options);
        with_keys(&shop, keys).await;
        Self { _directory: directory, _lemon: lemon, shop }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.shop.url)
    }

    /// Somebody who comes back from a provider.
    async fn by(&self, provider: &str, walker: &Walker, username: &str, password: &str) -> Arrived {
        let door = walker.get(&self.url("/f/shop/contact?lang=en&touchpoint=checkout")).await;
        assert_eq!(door.status, StatusCode::OK);
        let start = format!("/f/shop/contact/sign-in/{provider}?lang=en&touchpoint=checkout");
        door.assert_has(&format!("href=\"{}\"", start.replace('&', "&#38;")));
        walker.sign_in(&self.url(&start), username, password).await
    }

    async fn knock(&self, provider: &str, username: &str, password: &str) -> Response {
        knock(&self.shop, provider, username, password).await
    }

    /// The address of the form for somebody whose password is asked for here.
    async fn inside(&self, username: &str, password: &str) -> String {
        let answer = self.knock("directory", username, password).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{username}");
        assert!(answer.headers().get(SET_COOKIE).is_none(), "visitors get no cookie");
        location(&answer)
    }
}

async fn knock(shop: &Installation, provider: &str, username: &str, password: &str) -> Response {
    let form = [("form.provider", provider), ("form.username", username), ("form.password", password)];
    shop.post("/f/shop/contact?lang=en").form(&form).send().await.unwrap()
}

/// The form, filled in by somebody who tries to be somebody else.
fn filled(token: &str) -> Vec<(String, String)> {
    [
        ("form.token", token),
        ("name", "Ana"),
        ("email", "ana@post.example"),
        ("topic", "order"),
        ("message", "Hello"),
        ("form.identity", "{\"provider\":\"local\",\"subject\":\"forged\",\"name\":\"Forged\"}"),
        ("identity.name", "Forged"),
        ("subject", "forged"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn admission_in(address: &str) -> String {
    let url = Url::parse("http://shop.example").unwrap().join(address).unwrap();
    url.query_pairs().find(|(name, _)| name == "a").expect("an admission").1.into_owned()
}

async fn get(shop: &Installation, path: &str, status: StatusCode) -> Page {
    let response = shop.get(path).send().await.unwrap();
    assert_eq!(response.status(), status, "{path}");
    Page::read(response).await
}

async fn send(shop: &Installation, path: &str, pairs: &[(String, String)]) -> Response {
    shop.post(path).form(pairs).send().await.unwrap()
}

async fn code_of(response: Response) -> String {
    let problem: Value = response.json().await.unwrap();
    problem["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
}

/// Nor does it keep anything for longer than an hour.
async fn the_database_says_nothing(shop: &Installation, rows: usize) {
    let sealed = shop.blobs("SELECT sealed FROM visitor_sign_ins").await;
    assert_eq!(sealed.len(), rows);
    for one in sealed {
        let text = String::from_utf8_lossy(&one).into_owned();
        assert!(text.starts_with("age-encryption.org/v1"));
        assert!(!["lice", "Bob", "example.org", "tester"].iter().any(|word| text.contains(word)));
        let keyring = shop.app.keyring.as_ref().unwrap();
        let opened = keyring.identity(uuid::Uuid::nil(), &one, shop.app.ambient.now());
        assert!(opened.is_err(), "the master key does not open it either");
    }
    shop.clock.advance(Duration::minutes(61));
    sealwax::staff::requests::sweep(shop.app.db.writer(), shop.app.ambient.now()).await.unwrap();
    assert_eq!(shop.count("visitor_sign_ins", "1 = 1").await, 0);
}

async fn by_every_provider(database: Database) {
    let saml = if cfg!(feature = "saml") { "\"saml\", " } else { "" };
    let company = Company::start(database, &SIGN_IN.replacen('[', &format!("[{saml}"), 1)).await;
    let shop = &company.shop;
    let door = shop.get("/f/shop/contact").send().await.unwrap();
    assert!(door.headers().get(SET_COOKIE).is_none(), "looking sets no cookie");
    let door = Page::read(door).await;
    door.assert_lacks("form.token");
    door.assert_lacks("Where is");
    door.assert_has("Sign in with OpenID account");
    door.assert_has("type=\"password\"");

    let providers: &[&str] = if cfg!(feature = "saml") { &["cas", "oidc", "saml"] } else { &["cas", "oidc"] };
    for provider in providers {
        let walker = Walker::new(&[]);
        let page = company.by(provider, &walker, "alice", "alice-secret").await;
        assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/f/shop/contact"), "{provider}: {}", page.html);
        page.assert_has("You are signed in as Alice");
        page.assert_has("alice@example.org");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(walker.cookie(&shop.url, COOKIE).is_none(), "{provider}: a visitor is no staff");
        assert!(!page.url.as_str().contains("alice"));
        // It can be loaded again, also in another language.
        let again = walker.get(page.url.as_str()).await;
        again.assert_has("name=\"form.token\"");
        let german = page.url.as_str().replace("lang=en", "lang=de");
        walker.get(&german).await.assert_has("Sie sind angemeldet als Alice");

        // What does not fit comes back, still signed in; then it is sent.
        let mut form = page.forms().into_iter().find(|form| form.has("form.token")).unwrap();
        assert_eq!(form.value("form.touchpoint"), Some("checkout"));
        for (name, value) in filled(form.value("form.token").unwrap()) {
            form.fill(&name, &value);
        }
        form.fill("email", "nobody");
        let wrong = walker.submit(page.url.as_str(), form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.assert_has("You are signed in as Alice");
        let mut form = wrong.forms().into_iter().find(|form| form.has("form.token")).unwrap();
        form.fill("email", "ana@post.example");
        form.fill("message", "Hello");
        let done = walker.submit(wrong.url.as_str(), form).await;
        assert_eq!(done.url.path(), "/f/shop/contact/done", "{provider}: {}", done.html);
    }
    assert_eq!(shop.count("staff", "1 = 1").await + shop.count("sessions", "1 = 1").await, 0);

    let inside = company.inside("bob", "bob-secret").await;
    let page = get(shop, &inside, StatusCode::OK).await;
    page.assert_has("You are signed in as Bob Editor.");
    page.assert_has("Company account");
    let sent = send(shop, &inside, &filled(&page.token())).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);

    let admin = shop.admin().await;
    let answer = company.knock("local", "admin", PASSWORD).await;
    assert!(answer.headers().get(SET_COOKIE).is_none());
    let inside = location(&answer);
    let page = get(shop, &inside, StatusCode::OK).await;
    page.assert_has("You are signed in as admin the tester.");
    assert_eq!(send(shop, &inside, &filled(&page.token())).await.status(), StatusCode::SEE_OTHER);

    // Staff read who it was, and by whose word.
    let mut seen = Vec::new();
    let vouched = regex::Regex::new("verified by ([^<]+)<").unwrap();
    for id in shop.ids("submissions", "id").await {
        let page = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        page.assert_lacks("Forged");
        page.assert_lacks("forged");
        let label = vouched.captures(&page.html).unwrap()[1].to_owned();
        match label.as_str() {
            "Company account" => {
                page.assert_has("Bob Editor");
                page.assert_has("mailto:bob@example.org");
            }
            "Accounts of this installation" => page.assert_has("admin the tester"),
            _ => page.assert_has("mailto:alice@example.org"),
        }
        seen.push(label);
    }
    seen.sort();
    let mut expected = vec!["Accounts of this installation", "CAS account", "Company account", "OpenID account"];
    expected.extend(cfg!(feature = "saml").then_some("SAML account"));
    assert_eq!(seen, expected);
    let found = shop.count("blind_indexes", "kind = 'subject'").await;
    assert_eq!(usize::try_from(found).unwrap(), seen.len());
    assert_eq!(
        shop.count("blind_indexes", "kind = 'email'").await,
        found * 2 - 1,
        "those of the answers, and verified"
    );
    let inbox = shop.staff_page(&admin, "/staff/inbox").await;
    inbox.assert_has("B••• E•••");

    // A password alone does not vouch for an account with a second factor.
    let factor = "INSERT INTO second_factors (id, staff_id, kind, label, created_at) SELECT id, id, 'totp', 'App', created_at FROM staff";
    shop.execute(factor).await;
    let refused = company.knock("local", "admin", PASSWORD).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    Page::read(refused).await.assert_has("has a second factor");

    the_database_says_nothing(shop, seen.len()).await;
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_they_are_is_sent_along_by_every_provider_on_sqlite() {
    by_every_provider(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_they_are_is_sent_along_by_every_provider_on_postgresql() {
    by_every_provider(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admission_is_for_one_form_one_hour_and_who_has_it() {
    let company = Company::start(Database::Sqlite, "").await;
    let shop = &company.shop;
    let open_to_all = shop.form_page("/f/shop/contact").await.token();
    let report = shop
        .republish(|toml| {
            with(toml, SIGN_IN).replacen("slug = \"survey\"\n", &format!("slug = \"survey\"\n{SIGN_IN}\n"), 1)
        })
        .await;
    assert!(!report.is_refused(), "{:?}", report.findings);
    let alice = company.inside("alice", "alice-secret").await;
    let bob = company.inside("bob", "bob-secret").await;
    let token = get(shop, &alice, StatusCode::OK).await.token();

    // Forged, cut short, or of another form.
    let a = admission_in(&alice);
    let flipped = format!("{}{}", if a.starts_with('B') { "C" } else { "B" }, &a[1..]);
    for forged in [&flipped, &a[..a.len() - 2], "x", ""] {
        let page = get(shop, &format!("/f/shop/contact?lang=en&a={forged}"), StatusCode::OK).await;
        page.assert_lacks("form.token");
        page.assert_lacks("Alice");
        page.assert_has("not signed in for this form");
        let sent = send(shop, &format!("/f/shop/contact?lang=en&a={forged}"), &filled(&token)).await;
        assert_eq!(sent.status(), StatusCode::FORBIDDEN, "{forged}");
    }
    let other = get(shop, &format!("/f/shop/survey?lang=en&a={a}"), StatusCode::OK).await;
    other.assert_lacks("form.token");
    other.assert_lacks("Alice");
    let moved = "UPDATE visitor_sign_ins SET form_id = (SELECT id FROM forms WHERE slug = 'survey')";
    shop.execute(moved).await;
    get(shop, &format!("/f/shop/survey?lang=en&a={a}"), StatusCode::OK).await.assert_lacks("form.token");
    shop.execute(&moved.replace("'survey'", "'contact'")).await;

    // The page of one with the sign-in of another, and without any.
    for path in [bob.as_str(), "/f/shop/contact?lang=en"] {
        let sent = send(shop, path, &filled(&token)).await;
        assert_eq!(sent.status(), StatusCode::FORBIDDEN, "{path}");
    }
    // A page from before anybody had to sign in showed nobody what is kept of them.
    let old = send(shop, &alice, &filled(&open_to_all)).await;
    assert_eq!(old.status(), StatusCode::FORBIDDEN);
    let mut body = contact_answers();
    body["token"] = open_to_all.into();
    body["admission"] = a.as_str().into();
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::FORBIDDEN);
    // A personal link is no way around.
    let entry = shop.app.catalog.form("shop", "contact").await.unwrap().unwrap();
    let until = shop.app.ambient.now() + Duration::days(1);
    let link = admission::invite(shop.app.db.writer(), &shop.app.ambient, &entry, "Ana", until).await.unwrap();
    get(shop, &format!("/f/shop/contact?i={link}"), StatusCode::OK).await.assert_lacks("form.token");
    let mut body = contact_answers();
    body["invitation"] = link.into();
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(shop.count("submissions", "1 = 1").await, 0);

    // Programs send it along.
    let asked = shop.get("/api/v1/forms/shop/contact").send().await.unwrap();
    assert_eq!((asked.status(), code_of(asked).await.as_str()), (StatusCode::FORBIDDEN, "not-admitted"));
    let shown = shop.get(&format!("/api/v1/forms/shop/contact?a={a}")).send().await.unwrap();
    let shown: Value = shown.json().await.unwrap();
    let mut body = contact_answers();
    for (key, value) in [("lang", "en"), ("admission", flipped.as_str())] {
        body[key] = value.into();
        let refused = shop.send_json(&body).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let problem: Value = refused.json().await.unwrap();
        assert!(problem["type"].as_str().unwrap().ends_with(":not-admitted"));
        assert!(problem["title"].as_str().unwrap().contains("sign in"), "{problem}");
    }
    body["admission"] = a.as_str().into();
    body["answers"]["form.identity"] = json!({ "provider": "local", "subject": "forged" });
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::CREATED);
    body["token"] = shown["token"].clone();
    body["admission"] = admission_in(&bob).into();
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::FORBIDDEN, "the token is Alice's");
    body["admission"] = a.as_str().into();
    assert_eq!(shop.send_json(&body).await.status(), StatusCode::CREATED);

    // Several times in an hour, and then no more; what was stored is still said to be.
    let first = filled(&token);
    let sent = send(shop, &alice, &first).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let page = get(shop, &alice, StatusCode::OK).await;
    let unsent = filled(&page.token());
    page.assert_has("Not you?");
    get(shop, &page.first_link("/f/shop/contact?lang=en").replace("&#38;", "&"), StatusCode::OK).await;
    shop.clock.advance(Duration::minutes(61));
    let late = get(shop, &alice, StatusCode::OK).await;
    late.assert_lacks("form.token");
    late.assert_has("more than an hour ago");
    let late = send(shop, &alice, &unsent).await;
    assert_eq!(late.status(), StatusCode::FORBIDDEN);
    Page::read(late).await.assert_has("nothing was sent");
    let script = shop.post(&alice).header("accept", "application/json").form(&unsent).send().await.unwrap();
    assert_eq!((script.status(), code_of(script).await.as_str()), (StatusCode::FORBIDDEN, "not-admitted"));
    assert_eq!(location(&send(shop, &alice, &first).await), location(&sent), "a retry is told what became of it");
    assert_eq!(shop.count("submissions", "1 = 1").await, 3);

    // A form that asks others, or nobody, lets nobody in who was let in before.
    let carol = company.inside("alice", "alice-secret").await;
    let token = get(shop, &carol, StatusCode::OK).await.token();
    for keys in
        [SIGN_IN.replace("\"directory\", ", ""), SIGN_IN.replace("identity", "groups = [\"nobodies\"], identity")]
    {
        with_keys(shop, &keys).await;
        get(shop, &carol, StatusCode::OK).await.assert_lacks("form.token");
        assert_eq!(send(shop, &carol, &filled(&token)).await.status(), StatusCode::FORBIDDEN);
    }
    with_keys(shop, "").await;
    assert_eq!(send(shop, &carol, &filled(&token)).await.status(), StatusCode::FORBIDDEN, "it was to be kept who");
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_is_for_the_browser_that_began_and_for_nothing_else() {
    let company = Company::start(Database::Sqlite, SIGN_IN).await;
    let shop = &company.shop;
    for provider in ["cas", "oidc"] {
        let walker = Walker::new(&[]);
        let start = walker.get(&company.url(&format!("/f/shop/contact/sign-in/{provider}?lang=en"))).await;
        let set = start.headers["set-cookie"].to_str().unwrap();
        assert!(set.starts_with(BROWSER_COOKIE), "{set}");
        let walked = walker.walk(start.redirect().unwrap().as_str(), "alice", "alice-secret").await;
        let Walked::Left { url: back } = walked else { panic!("{walked:?}") };
        let other = Walker::new(&[]);
        assert_eq!(other.get(back.as_str()).await.status, StatusCode::GONE, "{provider}: another browser");
        let page = walker.get(back.as_str()).await;
        assert_eq!(page.redirect().unwrap().path(), "/f/shop/contact");
        assert_eq!(walker.get(back.as_str()).await.status, StatusCode::GONE, "{provider}: twice");
        // With a role or without, it is no session of staff, and one of staff is no sign-in for the form.
        assert!(walker.cookie(&shop.url, COOKIE).is_none());
        let inbox = walker.get(&company.url("/staff/inbox")).await;
        assert_eq!(inbox.redirect().unwrap().path(), "/staff/login");
        let staff = Walker::new(&[]);
        staff.sign_in(&company.url(&format!("/staff/auth/{provider}/login")), "alice", "alice-secret").await;
        assert!(staff.cookie(&shop.url, COOKIE).is_some());
        let door = staff.get(&company.url("/f/shop/contact")).await;
        assert!(!door.html.contains("form.token"), "{provider}");
    }
    // Without a role somebody may still answer.
    let walker = Walker::new(&[]);
    company.by("oidc", &walker, "alice", "wrong").await;
    assert_eq!(shop.count("visitor_sign_ins", "1 = 1").await, 2);
    // Only what the form names, and what there is.
    for path in [
        "/f/shop/contact/sign-in/saml",
        "/f/shop/contact/sign-in/directory",
        "/f/shop/contact/sign-in/nobody",
        "/f/shop/survey/sign-in/oidc",
        "/f/shop/nothing/sign-in/oidc",
    ] {
        assert_eq!(shop.get(path).send().await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
    // What the form's address carries on is kept meanwhile, but not without an end.
    for (length, kept) in [(500, true), (20_000, false)] {
        let long = company.url(&format!("/f/shop/contact/sign-in/oidc?touchpoint={}", "~".repeat(length)));
        assert_eq!(shop.get(&long.replace(&shop.url, "")).send().await.unwrap().status(), StatusCode::SEE_OTHER);
        let carried = shop.count("sign_in_requests", "length(next) > 1000").await;
        assert_eq!(carried > 0, kept, "{length}");
        shop.execute("DELETE FROM sign_in_requests").await;
    }
    // Who turns back is led back, and told so in the form's language.
    let start = walker.get(&company.url("/f/shop/contact/sign-in/oidc?lang=de")).await;
    let away = start.redirect().unwrap();
    let state = away.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let back = company.url(&format!("/staff/auth/oidc/callback?error=access_denied&state={state}"));
    let door = walker.visit(&back).await;
    assert_eq!((door.status, door.url.path()), (StatusCode::FORBIDDEN, "/f/shop/contact"));
    door.assert_has("Sie sind umgekehrt");
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_members_of_the_groups_are_let_in_and_guessing_is_slowed_down() {
    let keys = SIGN_IN.replace("identity", "groups = [\"editors\", \"R&D <team>, \\\"Größe\\\"\"], identity");
    let company = Company::start(Database::Sqlite, &keys).await;
    let shop = &company.shop;
    company.inside("bob", "bob-secret").await;
    let refused = company.knock("directory", "alice", "alice-secret").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let page = Page::read(refused).await;
    page.assert_has("not for your account");
    page.assert_lacks("form.token");
    let walker = Walker::new(&[]);
    let page = company.by("oidc", &walker, "alice", "alice-secret").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.assert_has("not for your account");
    assert!(!page.url.as_str().contains("a="));
    let walker = Walker::new(&[]);
    company.by("oidc", &walker, "bob", "bob-secret").await.assert_has("You are signed in as Bob Editor");
    let rows = shop.count("visitor_sign_ins", "1 = 1").await;
    assert_eq!(rows, 2);

    // The same words for names that are known and names that are not, and the same waits as for staff.
    let mut told = Vec::new();
    for name in ["bob", "nobody-at-all"] {
        let page = Page::read(company.knock("directory", name, "wrong").await).await;
        told.push(page.html.replace(name, "…"));
    }
    assert_eq!(told[0], told[1]);
    for _ in 0..4 {
        assert_eq!(company.knock("directory", "bob", "wrong").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(company.knock("directory", "bob", "bob-secret").await.status(), StatusCode::TOO_MANY_REQUESTS);
    let staff = [("provider", "directory"), ("username", "bob"), ("password", "bob-secret")];
    let staff = shop.post("/staff/login").form(&staff).send().await.unwrap();
    assert_eq!(staff.status(), StatusCode::TOO_MANY_REQUESTS, "it is one account");
    assert_eq!(shop.count("visitor_sign_ins", "1 = 1").await, rows);
    // A page of somebody else's has no business with passwords.
    shop.clock.advance(Duration::hours(2));
    let pairs = [("form.provider", "directory"), ("form.username", "bob"), ("form.password", "bob-secret")];
    let foreign = shop.post("/f/shop/contact").header("origin", "https://shop.example").form(&pairs).send();
    let foreign = foreign.await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    company.shop.stop().await;
}

async fn one_answer_each(database: Database) {
    let directory = OpenLdap::start(Oddities::default());
    let shop = Installation::start_with(database, &directory.provider("")).await;
    let keys = r#"sign_in = { providers = ["directory"], purpose = "enquiry" }
limit_per_person = { signed_in = true }"#;
    with_keys(&shop, keys).await;
    let mut forms = Vec::new();
    for _ in 0..3 {
        let inside = location(&knock(&shop, "directory", "twin1", "twin1-secret").await);
        let page = get(&shop, &inside, StatusCode::OK).await;
        page.assert_lacks("twins@example.org");
        let mut pairs = filled(&page.token());
        pairs[2].1 = format!("ana{}@post.example", forms.len());
        forms.push((inside, pairs));
    }
    let answers = futures_util::future::join_all(forms.iter().map(|(path, pairs)| send(&shop, path, pairs))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == StatusCode::SEE_OTHER).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status() == StatusCode::CONFLICT).count(), 2);
    // Two people with one address are two.
    let inside = location(&knock(&shop, "directory", "twin2", "twin2-secret").await);
    let token = get(&shop, &inside, StatusCode::OK).await.token();
    assert_eq!(send(&shop, &inside, &filled(&token)).await.status(), StatusCode::SEE_OTHER);
    // What the form does not keep of them is in no answer.
    let admin = shop.admin().await;
    for id in shop.ids("submissions", "id").await {
        let page = shop.staff_page(&admin, &format!("/staff/submissions/{id}")).await;
        page.assert_has("verified by Company account");
        page.assert_lacks("twins@example.org");
    }
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_answers_once_whatever_they_write_on_sqlite() {
    one_answer_each(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_answers_once_whatever_they_write_on_postgresql() {
    one_answer_each(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_work_is_said_before_and_a_frame_leads_out() {
    let shop = Installation::start(Database::Sqlite).await;
    for (keys, wrong) in [
        (r#"sign_in = { providers = [], purpose = "enquiry" }"#, "providers"),
        (r#"sign_in = { providers = ["local", "local"], purpose = "enquiry" }"#, "twice"),
        (r#"sign_in = { providers = ["local"], purpose = "newsletter" }"#, "rests on consent"),
        (r#"sign_in = { providers = ["local"], purpose = "nothing" }"#, "no purpose"),
        (r#"sign_in = { providers = ["local"], purpose = "enquiry", identity = ["name", "name"] }"#, "twice"),
        ("sign_in = { providers = [\"local\"], purpose = \"enquiry\" }\nby_invitation = true", "keep one"),
        ("limit_per_person = { signed_in = true }", "needs sign_in"),
        ("limit_per_person = { count = 2 }", "names nothing"),
    ] {
        let report = shop.republish(|toml| with(toml, keys)).await;
        assert!(report.is_refused(), "{keys}");
        let told: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
        let places = format!("{told:?} {:?}", report.findings.iter().map(|one| &one.path).collect::<Vec<_>>());
        assert!(places.contains(wrong), "{keys}: {places}");
    }
    let keys = r#"sign_in = { providers = ["elsewhere"], purpose = "enquiry" }"#;
    let file = shop.dir.join("unknown.toml");
    std::fs::write(&file, with(include_str!("fixtures/shop.toml"), keys)).unwrap();
    let dir = shop.dir.to_str().unwrap();
    let warned = said(&sealwax(&["apply", "--dry-run", "--dir", dir, file.to_str().unwrap()]));
    assert!(warned.contains("warning: forms.0.sign_in.providers.0: 'elsewhere' is none of"), "{warned}");
    with_keys(&shop, keys).await;
    let page = get(&shop, "/f/shop/contact?lang=en", StatusCode::SERVICE_UNAVAILABLE).await;
    page.assert_has("Signing in is not possible just now");
    page.assert_lacks("form.token");

    with_keys(&shop, r#"sign_in = { providers = ["local"], purpose = "enquiry" }"#).await;
    let framed = get(&shop, "/f/shop/contact?lang=en&embed=1&touchpoint=checkout", StatusCode::OK).await;
    framed.assert_lacks("type=\"password\"");
    framed.assert_has("href=\"/f/shop/contact?lang=en&#38;touchpoint=checkout\" target=\"_blank\"");
    shop.stop().await;
}

/// A node for visitors: providers send them back there, it has no master key, and takes no staff in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_node_lets_visitors_sign_in_and_no_staff() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, None);
    let dir = fresh_directory();
    let database = crate::support::postgres::fresh_database().await;
    let providers = format!("{}{}{}", directory.provider(""), lemon.cas_provider(""), lemon.oidc_provider(""));
    let settings = format!("[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"{database}\"\n{providers}");
    let staff = Program::start(&dir, &settings, &["--role", "staff"]);
    let file = dir.join("shop.toml");
    std::fs::write(&file, with(include_str!("fixtures/shop.toml"), SIGN_IN)).unwrap();
    let config = dir.join("sealwax.toml");
    let arguments = ["apply", "--config", config.to_str().unwrap(), "--dir", dir.to_str().unwrap()];
    let applied = sealwax(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    assert!(applied.status.success(), "{}", said(&applied));
    std::fs::rename(dir.join("keys/master.agekey"), dir.join("elsewhere")).unwrap();
    let public = Program::start(&dir, &settings, &["--role", "public"]);
    lemon.run(&LemonOptions { service: public.url.clone(), ..LemonOptions::default() });

    for provider in ["cas", "oidc"] {
        let walker = Walker::new(&[]);
        let start = format!("{}/f/shop/contact/sign-in/{provider}?lang=en", public.url);
        let page = walker.sign_in(&start, "alice", "alice-secret").await;
        page.assert_has("You are signed in as Alice");
        let mut form = page.forms().into_iter().find(|form| form.has("form.token")).unwrap();
        for (name, value) in filled(form.value("form.token").unwrap()) {
            form.fill(&name, &value);
        }
        let done = walker.submit(page.url.as_str(), form).await;
        assert_eq!(done.url.path(), "/f/shop/contact/done", "{provider}: {}", done.html);
        let start = walker.get(&format!("{}/staff/auth/{provider}/login", public.url)).await;
        assert_eq!(start.status, StatusCode::NOT_FOUND);
        for path in ["confirm", "callback", "backchannel"] {
            let posted = client().post(format!("{}/staff/auth/{provider}/{path}", public.url)).send().await.unwrap();
            assert!(matches!(posted.status().as_u16(), 404 | 405), "{path}: {}", posted.status());
        }
    }
    let knocked = client()
        .post(format!("{}/f/shop/contact?lang=en", public.url))
        .form(&[("form.provider", "directory"), ("form.username", "bob"), ("form.password", "bob-secret")])
        .send()
        .await
        .unwrap();
    assert_eq!(knocked.status(), StatusCode::SEE_OTHER);

    // Somebody begins at a node for staff, and is sent back to this one: nobody comes in by that.
    let walker = Walker::new(&[]);
    let start = walker.get(&format!("{}/staff/auth/cas/login", staff.url)).await;
    let service = start.redirect().unwrap().query_pairs().find(|(name, _)| name == "service").unwrap().1.into_owned();
    let here = service.replace(&staff.url, &public.url);
    let login = Url::parse_with_params(&format!("{}/cas/login", lemon.url), [("service", &here)]).unwrap();
    let Walked::Left { url: back } = walker.walk(login.as_str(), "alice", "alice-secret").await else { panic!() };
    let page = walker.get(back.as_str()).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(walker.cookie(&public.url, COOKIE).is_none());
}
