//! Staff sign in through a second, certified `OpenID` provider, with other algorithms and with every fault
//! that an answer can have.

use reqwest::StatusCode;
use sealwax::staff::{COOKIE, store};
use time::Duration;
use url::Url;

use crate::support::openid::{OpenId, TOKEN_FAULTS};
use crate::support::walker::{Arrived, Walked, Walker};
use crate::support::{Database, Installation};

struct Company {
    provider: OpenId,
    shop: Installation,
}

impl Company {
    async fn start(database: Database, client: &str, more: &str) -> Self {
        let mut provider = OpenId::reserve();
        let shop = Installation::start_now(database, &provider.provider(client, more)).await;
        provider.run(&shop.url);
        Self { provider, shop }
    }

    fn begin(&self) -> String {
        format!("{}/staff/auth/oidc/login", self.shop.url)
    }

    async fn sign_in(&self, walker: &Walker, username: &str, password: &str) -> Arrived {
        walker.sign_in(&self.begin(), username, password).await
    }

    fn has_session(&self, walker: &Walker) -> bool {
        walker.cookie(&self.shop.url, COOKIE).is_some()
    }

    async fn walker_of(&self, username: &str, password: &str) -> Walker {
        let walker = Walker::new(&[]);
        let page = self.sign_in(&walker, username, password).await;
        assert!(self.has_session(&walker), "{username}: {page:?}");
        walker
    }

    async fn is_in(&self, walker: &Walker) -> bool {
        walker.get(&format!("{}/staff/inbox", self.shop.url)).await.status == StatusCode::OK
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_algorithm_and_way_to_authenticate_works() {
    for client in ["rs256", "ps256", "es256", "eddsa", "post", "public"] {
        let company = Company::start(Database::Sqlite, client, "").await;
        company.walker_of("alice", "alice-secret").await;
        let walker = Walker::new(&[]);
        let page = company.sign_in(&walker, "carol", "carol-secret").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{client}");
        page.assert_has("Carol Nobody");
        // The provider knows her by now, and lets her in again without a word: unless it is to ask.
        let again = walker.visit(&company.begin()).await;
        assert_eq!(again.status, StatusCode::FORBIDDEN, "{client}");
        again.assert_has("/staff/auth/oidc/login?next=%2Fstaff%2Finbox&#38;again");
        walker.sign_in(&format!("{}?again", company.begin()), "alice", "alice-secret").await;
        assert!(company.is_in(&walker).await, "{client}");
        company.shop.stop().await;
    }
}

async fn faulty(database: Database) {
    let company = Company::start(database, "es256", "timeout_seconds = 1").await;
    company.walker_of("alice", "alice-secret").await;
    // One of them makes the token say alice.
    for fault in TOKEN_FAULTS {
        company.provider.mode(fault);
        let walker = Walker::new(&[]);
        let page = company.sign_in(&walker, "bob", "bob-secret").await;
        assert!(!company.has_session(&walker), "{fault}");
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{fault}: {page:?}");
        page.assert_has("does not count");
    }
    let refusals = i64::try_from(TOKEN_FAULTS.len()).unwrap();
    assert_eq!(company.shop.count("ledger_entries", "kind = 'staff-refused'").await, refusals);
    for fault in ["token-500", "token-html", "token-hang", "jwks-500", "discovery-500"] {
        company.provider.mode(fault);
        let walker = Walker::new(&[]);
        let page = company.sign_in(&walker, "alice", "alice-secret").await;
        // What is known of it from before is enough, where only that can't be had.
        let known = fault.starts_with("jwks") || fault.starts_with("discovery");
        assert_eq!(company.has_session(&walker), known, "{fault}: {page:?}");
        assert_eq!(page.status, if known { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, "{fault}");
    }
    // A new look at a provider that does not answer: the last that was good goes on.
    company.shop.clock.advance(Duration::minutes(61));
    company.provider.mode("discovery-500");
    let start = company.shop.get("/staff/auth/oidc/login").send().await.unwrap();
    assert_eq!(start.status(), StatusCode::SEE_OTHER);
    company.provider.mode("");
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_by_a_faulty_answer_on_sqlite() {
    faulty(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_by_a_faulty_answer_on_postgresql() {
    faulty(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_for_later_has_to_be_of_the_same_person() {
    // A claim that is nowhere is looked for in the answer about the person, too.
    let more = "attributes = { email = \"nowhere\" }";
    let company = Company::start(Database::Sqlite, "rs256", more).await;
    company.walker_of("alice", "alice-secret").await;
    company.provider.mode("other-subject");
    let walker = Walker::new(&[]);
    let page = company.sign_in(&walker, "alice", "alice-secret").await;
    assert!(!company.has_session(&walker), "{page:?}");
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    company.provider.mode("userinfo-500");
    let page = company.sign_in(&walker, "alice", "alice-secret").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_same_person_asked_anew_confirms() {
    let company = Company::start(Database::Sqlite, "rs256", "").await;
    let shop = &company.shop;
    company.walker_of("bob", "bob-secret").await;
    let walker = company.walker_of("alice", "alice-secret").await;
    let session = walker.cookie(&shop.url, COOKIE);
    let ask = format!("{}/staff/confirm?next=/staff/accounts", shop.url);
    let confirm = async |username: &str, password: &str| {
        let page = walker.get(&ask).await;
        let form = page.forms().into_iter().find(|form| form.action.path().ends_with("/confirm")).unwrap();
        let onward = walker.post(&ask, form.action.as_str(), &form.fields).await.refresh().unwrap();
        // Somebody else has a browser of their own, or the provider would end her session when they sign in.
        let there = if username == "alice" { &walker } else { &Walker::new(&[]) };
        let Walked::Left { url } = there.walk(onward.as_str(), username, password).await else { panic!() };
        walker.visit(url.as_str()).await
    };
    let recent = async || {
        let accounts = format!("{}/staff/accounts", shop.url);
        let page = walker.get(&accounts).await;
        let form = page.forms().into_iter().find(|form| form.action.path() == "/staff/sessions/end").unwrap();
        walker.submit(&accounts, form).await.url.path() == "/staff/accounts"
    };
    // She signed in a while ago.
    let staff = store::by_subject(shop.app.db.reader(), "oidc", "alice").await.unwrap().unwrap().id;
    let hash = sealwax::crypto::sha256(session.as_ref().unwrap().as_bytes());
    let before = shop.app.ambient.now() - Duration::minutes(16);
    assert!(store::confirm_session(shop.app.db.writer(), &hash, staff, before).await.unwrap());
    for (fault, username, password, words) in [
        ("asked-long-ago", "alice", "alice-secret", "you were not asked anew"),
        ("never-asked", "alice", "alice-secret", "you were not asked anew"),
        ("", "bob", "bob-secret", "somebody else has signed in"),
    ] {
        company.provider.mode(fault);
        let page = confirm(username, password).await;
        assert_eq!((page.status, page.url.path()), (StatusCode::FORBIDDEN, "/staff/confirm"), "{fault}: {page:?}");
        page.assert_has(words);
        assert!(!recent().await, "{fault}");
        // Whoever it was, the session is still hers.
        assert_eq!(walker.cookie(&shop.url, COOKIE), session, "{fault}");
        page.assert_has("Alice Admin");
    }
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-refused' AND body LIKE '%somebody-else%'").await, 1);
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-confirmed'").await, 0);
    let page = confirm("alice", "alice-secret").await;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/staff/accounts"), "{page:?}");
    assert!(recent().await);
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_fetched_again_when_they_change_and_not_for_everybody_who_says_so() {
    let company = Company::start(Database::Sqlite, "rs256", "").await;
    company.walker_of("alice", "alice-secret").await;
    company.provider.rotate();
    company.walker_of("alice", "alice-secret").await;
    // So soon after, nobody makes us ask again.
    company.provider.rotate();
    let walker = Walker::new(&[]);
    assert_eq!(company.sign_in(&walker, "alice", "alice-secret").await.status, StatusCode::FORBIDDEN);
    company.shop.clock.advance(Duration::seconds(31));
    company.walker_of("alice", "alice-secret").await;
    company.shop.stop().await;
}

async fn logged_out(database: Database) {
    let company = Company::start(database, "es256", "").await;
    let shop = &company.shop;
    let walker = company.walker_of("alice", "alice-secret").await;
    let other = company.walker_of("alice", "alice-secret").await;
    // Here: no token stands in an address, so the provider asks; then it tells every session of this browser.
    let inbox = walker.get(&format!("{}/staff/inbox", shop.url)).await;
    let form = inbox.forms().into_iter().find(|form| form.action.path() == "/staff/logout").unwrap();
    let page = walker.submit(inbox.url.as_str(), form).await;
    assert!(!page.url.as_str().contains("token"), "{page:?}");
    assert_eq!(page.url.path(), "/staff/logged-out", "{page:?}");
    assert!(!company.is_in(&walker).await && company.is_in(&other).await);
    let away = walker.get(&company.begin()).await.redirect().unwrap();
    assert!(matches!(walker.look(away.as_str()).await, Walked::Asked { .. }));
    // There: the session here ends by what the provider sends behind the browser's back.
    let end = format!("{}/session/end", company.provider.issuer);
    other.visit(&end).await;
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while company.is_in(&other).await {
        assert!(std::time::Instant::now() < patience, "the session goes on");
    }
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-sessions-ended'").await, 1);
    // Nobody else can say so.
    let still = company.walker_of("alice", "alice-secret").await;
    let none = "eyJhbGciOiJub25lIn0.e30.";
    for token in ["", "x", "a.b.c", none] {
        let sent = shop.post("/staff/auth/oidc/backchannel").form(&[("logout_token", token)]).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::BAD_REQUEST, "{token}");
    }
    assert!(company.is_in(&still).await);
    company.shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_here_and_there_on_sqlite() {
    logged_out(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_here_and_there_on_postgresql() {
    logged_out(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_has_to_say_whose_it_is_and_cancelling_is_no_failure() {
    let company = Company::start(Database::Sqlite, "rs256", "").await;
    let walker = Walker::new(&[]);
    let begin = async || walker.get(&company.begin()).await.redirect().unwrap();
    let walked = walker.walk(begin().await.as_str(), "alice", "alice-secret").await;
    let Walked::Left { url } = walked else { panic!("{walked:?}") };
    let without = |url: &Url, name: &str, value: Option<&str>| {
        let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        let mut changed = url.clone();
        changed.query_pairs_mut().clear().extend_pairs(kept);
        if let Some(value) = value {
            changed.query_pairs_mut().append_pair(name, value);
        }
        changed
    };
    assert!(url.query_pairs().any(|(name, value)| name == "iss" && value == company.provider.issuer.as_str()));
    for iss in [Some("https://evil.example"), None] {
        let Walked::Left { url } = walker.look(begin().await.as_str()).await else { panic!() };
        let page = walker.get(without(&url, "iss", iss).as_str()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{iss:?}");
        assert!(!company.has_session(&walker));
    }
    let Walked::Left { url } = walker.look(begin().await.as_str()).await else { panic!() };
    let cancelled = without(&without(&url, "code", None), "error", Some("access_denied"));
    let page = walker.get(cancelled.as_str()).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.assert_has("turned back");
    // A code of somebody else's sign-in.
    let mallory = Walker::new(&[]);
    let away = mallory.get(&company.begin()).await.redirect().unwrap();
    let Walked::Left { url: theirs } = mallory.walk(away.as_str(), "bob", "bob-secret").await else { panic!() };
    let code = theirs.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let Walked::Left { url } = walker.look(begin().await.as_str()).await else { panic!() };
    let page = walker.get(without(&url, "code", Some(&code)).as_str()).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "the code was made for another challenge");
    assert!(!company.has_session(&walker));
    company.shop.stop().await;
}
