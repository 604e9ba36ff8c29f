//! Staff with accounts of this installation prove a second factor, and look after their own account.

use std::io::Write as _;
use std::process::{Command, Stdio};

use regex::Regex;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Response, StatusCode};
use sealwax::staff::{Grant, Role, store};
use time::Duration;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::support::directory::{Oddities, OpenLdap};
use crate::support::page::Page;
use crate::support::{Database, Installation, PASSWORD, cookie, location, said, sealwax};

const ADMIN: Grant = Grant { role: Role::Admin, site: None, form: None };
const SECOND: &str = "/staff/login/second";

/// An app with one account in it.
struct App(Totp);

impl App {
    fn of(page: &Page) -> Self {
        let key = Regex::new(r#"<code class="key"[^>]*>([A-Z2-7 ]+)</code>"#).unwrap();
        let key = key.captures(&page.html).expect("a key")[1].replace(' ', "");
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6);
        Self(builder.with_secret(Secret::try_from_base32(key).unwrap()).build().unwrap())
    }

    /// What it shows on a phone whose clock is `ahead` of the server's.
    fn shows(&self, shop: &Installation, ahead: i64) -> String {
        let now = shop.app.ambient.now() + Duration::seconds(ahead);
        self.0.generate(now.unix_timestamp().try_into().unwrap()).to_string()
    }
}

/// Sends a form of a staff page, as its page would.
async fn send(shop: &Installation, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Response {
    let page = if path.starts_with(SECOND) { SECOND } else { "/staff/account" };
    let csrf = Page::read(shop.get(page).header(COOKIE, cookie).send().await.unwrap()).await.hidden("csrf");
    let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    shop.post(path).header(COOKIE, cookie).form(&fields).send().await.unwrap()
}

/// Adds an authenticator app, and gives it with the page that says so.
async fn add_app(shop: &Installation, session: &str, label: &str) -> (App, Response) {
    let begun = send(shop, session, "/staff/account/totp/begin", &[]).await;
    assert_eq!(location(&begun), "/staff/account/totp");
    let app = App::of(&shop.staff_page(session, "/staff/account/totp").await);
    let code = app.shows(shop, 0);
    let added = send(shop, session, "/staff/account/totp", &[("code", &code), ("label", label)]).await;
    (app, added)
}

fn codes(page: &Page) -> Vec<String> {
    let code = Regex::new(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b").unwrap();
    code.find_iter(&page.html).map(|found| found.as_str().to_owned()).collect()
}

/// Somebody with an app: their session, the app, and the recovery codes.
async fn with_app(shop: &Installation, name: &str) -> (String, App, Vec<String>) {
    let session = shop.staff(name, ADMIN).await;
    let (app, added) = add_app(shop, &session, "work phone").await;
    assert_eq!(added.status(), StatusCode::OK);
    let codes = codes(&Page::read(added).await);
    assert_eq!(codes.len(), 10);
    // The code that proved the app is used up.
    shop.clock.advance(Duration::seconds(30));
    (session, app, codes)
}

/// Gives the right password, and the cookie of the sign-in that waits for its second factor.
async fn waiting(shop: &Installation, name: &str) -> String {
    let answer = shop.log_in(name, PASSWORD).await;
    assert_eq!(location(&answer), SECOND);
    let all: Vec<_> = answer.headers().get_all(SET_COOKIE).iter().map(|one| one.to_str().unwrap()).collect();
    assert_eq!(all.len(), 1, "there is no session yet");
    assert!(all[0].starts_with("__Host-sealwax-second="), "{}", all[0]);
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=600"] {
        assert!(all[0].contains(flag), "{flag} is missing: {}", all[0]);
    }
    cookie(&answer)
}

async fn proves(shop: &Installation, pending: &str, field: &str, value: &str) -> Response {
    send(shop, pending, SECOND, &[(field, value)]).await
}

#[track_caller]
fn is_in(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let session = cookie(answer);
    assert!(session.starts_with("__Host-sealwax="), "{session}");
    session
}

#[track_caller]
fn is_refused(answer: &Response) {
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.headers().get(SET_COOKIE).is_none(), "nobody gets a session with a refusal");
}

on_both! {
    async fn a_code_counts_once_and_for_a_step_either_way(shop: Installation) {
        let (_, app, _) = with_app(&shop, "ana").await;
        // What was used to add the app does not count again.
        let pending = waiting(&shop, "ana").await;
        is_refused(&proves(&shop, &pending, "code", &app.shows(&shop, -30)).await);
        let code = app.shows(&shop, 0);
        is_in(&proves(&shop, &pending, "code", &code).await);
        assert_eq!(proves_without_page(&shop, &pending, &code).await.status(), StatusCode::GONE, "done is done");
        // The same code in another sign-in, and an older one, are refused.
        let pending = waiting(&shop, "ana").await;
        is_refused(&proves(&shop, &pending, "code", &code).await);
        shop.clock.advance(Duration::seconds(30));
        is_refused(&proves(&shop, &pending, "code", &code).await);
        is_refused(&proves(&shop, &pending, "code", &app.shows(&shop, 60)).await);
        // A phone whose clock is half a minute ahead.
        is_in(&proves(&shop, &pending, "code", &app.shows(&shop, 30)).await);
        let pending = waiting(&shop, "ana").await;
        is_refused(&proves(&shop, &pending, "code", &app.shows(&shop, 0)).await);
        shop.clock.advance(Duration::seconds(60));
        let typed = app.shows(&shop, 0);
        is_in(&proves(&shop, &pending, "code", &format!(" {} {} ", &typed[..3], &typed[3..])).await);
        shop.stop().await;
    }

    async fn one_code_that_comes_twice_at_once_opens_one_session(shop: Installation) {
        let (_, app, _) = with_app(&shop, "ana").await;
        let (one, two) = (waiting(&shop, "ana").await, waiting(&shop, "ana").await);
        let code = app.shows(&shop, 0);
        let (one, two) = tokio::join!(proves(&shop, &one, "code", &code), proves(&shop, &two, "code", &code));
        let right = [one, two].iter().filter(|answer| answer.status() == StatusCode::SEE_OTHER).count();
        assert_eq!(right, 1);
        shop.stop().await;
    }

    async fn guesses_make_the_second_factor_wait_also_when_they_come_at_once(shop: Installation) {
        let (_, app, _) = with_app(&shop, "ana").await;
        let pending = waiting(&shop, "ana").await;
        let page = Page::read(shop.get(SECOND).header(COOKIE, &pending).send().await.unwrap()).await;
        let csrf = page.hidden("csrf");
        let wrong = app.shows(&shop, 3600);
        let guess = || {
            let fields = [("csrf", csrf.as_str()), ("code", wrong.as_str())];
            shop.post(SECOND).header(COOKIE, &pending).form(&fields).send()
        };
        let answers = tokio::join!(guess(), guess(), guess(), guess(), guess(), guess(), guess());
        let answers = [answers.0, answers.1, answers.2, answers.3, answers.4, answers.5, answers.6];
        let looked_at = answers.iter().filter(|one| one.as_ref().unwrap().status() == StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(looked_at.count(), 5);
        // Now a right one is told no more than a wrong one, and another right password does not help.
        let blocked = proves(&shop, &pending, "code", &app.shows(&shop, 0)).await;
        assert_eq!(blocked.status(), StatusCode::TOO_MANY_REQUESTS);
        Page::read(blocked).await.assert_has("wait a minute");
        let pending = waiting(&shop, "ana").await;
        assert_eq!(proves(&shop, &pending, "code", &wrong).await.status(), StatusCode::TOO_MANY_REQUESTS);
        shop.clock.advance(Duration::seconds(31));
        is_refused(&proves(&shop, &pending, "code", &wrong).await);
        assert_eq!(proves(&shop, &pending, "code", &wrong).await.status(), StatusCode::TOO_MANY_REQUESTS, "it doubles");
        shop.clock.advance(Duration::seconds(61));
        is_in(&proves(&shop, &pending, "code", &app.shows(&shop, 0)).await);
        assert_eq!(shop.count("ledger_entries", "kind = 'staff-factor-wrong'").await, 6);
        shop.stop().await;
    }

    async fn a_waiting_sign_in_is_for_one_browser_and_ten_minutes(shop: Installation) {
        let (_, app, _) = with_app(&shop, "ana").await;
        // Whoever has no such cookie, or a made-up one, is asked for nothing.
        for other in ["x=y", "__Host-sealwax-second=AAAA", "__Host-sealwax-second="] {
            let answer = shop.get(SECOND).header(COOKIE, other).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::GONE);
            Page::read(answer).await.assert_has("Sign in again");
        }
        let pending = waiting(&shop, "ana").await;
        // It is no session.
        for path in ["/staff/inbox", "/staff/account", "/staff/account/password"] {
            let answer = shop.get(path).header(COOKIE, &pending).send().await.unwrap();
            assert!(location(&answer).starts_with("/staff/login?"), "{path}");
        }
        let token = pending.split_once('=').unwrap().1;
        let as_session = shop.get("/staff/inbox").header(COOKIE, format!("__Host-sealwax={token}")).send().await.unwrap();
        assert_eq!(as_session.status(), StatusCode::SEE_OTHER);
        // A form of another page, and a page of somebody else.
        let code = app.shows(&shop, 0);
        let forged = shop.post(SECOND).header(COOKIE, &pending).form(&[("csrf", "x"), ("code", &code)]).send().await.unwrap();
        assert_eq!(forged.status(), StatusCode::FORBIDDEN);
        let foreign = shop.post(SECOND).header(COOKIE, &pending).header("sec-fetch-site", "cross-site");
        let foreign = foreign.form(&[("csrf", "x"), ("code", &code)]).send().await.unwrap();
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
        shop.clock.advance(Duration::minutes(10));
        let late = shop.get(SECOND).header(COOKIE, &pending).send().await.unwrap();
        assert_eq!(late.status(), StatusCode::GONE);
        assert_eq!(proves_without_page(&shop, &pending, &app.shows(&shop, 0)).await.status(), StatusCode::GONE);
        // Who is disabled meanwhile does not come in with what they began before.
        let pending = waiting(&shop, "ana").await;
        shop.execute("UPDATE staff SET disabled_at = created_at").await;
        let answer = proves(&shop, &pending, "code", &app.shows(&shop, 0)).await;
        assert_eq!(answer.status(), StatusCode::GONE);
        assert_eq!(shop.count("sessions", "1 = 1").await, 1, "only the session in which the app was added");
        shop.stop().await;
    }

    async fn a_recovery_code_works_once_and_new_ones_end_the_old(shop: Installation) {
        let (session, app, codes) = with_app(&shop, "ana").await;
        let pending = waiting(&shop, "ana").await;
        let answer = proves(&shop, &pending, "recovery", &codes[0].to_lowercase().replace('-', " ")).await;
        assert_eq!(location(&answer), "/staff/account", "who lost something sees what is left");
        let second = is_in(&answer);
        shop.staff_page(&second, "/staff/account").await.assert_has("You have 9 recovery codes left");
        let pending = waiting(&shop, "ana").await;
        is_refused(&proves(&shop, &pending, "recovery", &codes[0]).await);
        // Another account's code is none of this one.
        let (_, _, others) = with_app(&shop, "bob").await;
        is_refused(&proves(&shop, &pending, "recovery", &others[0]).await);
        let made = send(&shop, &session, "/staff/account/recovery-codes", &[]).await;
        let fresh = self::codes(&Page::read(made).await);
        assert_eq!((fresh.len(), codes.iter().any(|old| fresh.contains(old))), (10, false));
        is_refused(&proves(&shop, &pending, "recovery", &codes[1]).await);
        is_in(&proves(&shop, &pending, "recovery", &fresh[9]).await);
        // Few left, and none left.
        shop.execute("DELETE FROM recovery_codes WHERE code_hash NOT IN (SELECT code_hash FROM recovery_codes ORDER BY code_hash LIMIT 3)").await;
        shop.execute("DELETE FROM recovery_codes WHERE staff_id = (SELECT id FROM staff WHERE username = 'ana')").await;
        let page = shop.staff_page(&session, "/staff/account").await;
        page.assert_has("You have no recovery codes left.");
        page.assert_has("Please make new ones.");
        let pending = waiting(&shop, "ana").await;
        let page = Page::read(shop.get(SECOND).header(COOKIE, &pending).send().await.unwrap()).await;
        page.assert_lacks("Use a recovery code");
        is_in(&proves(&shop, &pending, "code", &app.shows(&shop, 0)).await);
        assert_eq!(shop.count("ledger_entries", "kind = 'staff-recovery-code-used'").await, 2);
        shop.stop().await;
    }

    async fn factors_are_added_and_removed_by_who_has_just_proved_who_they_are(shop: Installation) {
        let session = shop.staff("ana", ADMIN).await;
        let other = cookie(&shop.log_in("ana", PASSWORD).await);
        let page = shop.staff_page(&session, "/staff/account").await;
        page.assert_has("You have no second factor yet.");
        page.assert_has("Passkeys are not offered here");
        // A wrong code adds nothing, and the same key is asked for again.
        send(&shop, &session, "/staff/account/totp/begin", &[]).await;
        let app = App::of(&shop.staff_page(&session, "/staff/account/totp").await);
        let wrong = app.shows(&shop, 3600);
        let answer = send(&shop, &session, "/staff/account/totp", &[("code", &wrong), ("label", "<b>")]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = Page::read(answer).await;
        page.assert_has("This code is not right");
        assert_eq!(App::of(&page).shows(&shop, 0), app.shows(&shop, 0));
        // Another session of the same account has nothing to finish.
        assert_eq!(location(&shop.get("/staff/account/totp").header(COOKIE, &other).send().await.unwrap()), "/staff/account?done=late");
        let code = app.shows(&shop, 0);
        let answer = send(&shop, &session, "/staff/account/totp", &[("code", &code), ("label", "work phone")]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        // With the first factor, sessions that began without one are over.
        assert_eq!(shop.get("/staff/account").header(COOKIE, &other).send().await.unwrap().status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&send(&shop, &session, "/staff/account/totp", &[("code", &code)]).await), "/staff/account?done=late");
        shop.staff_page(&session, "/staff/account").await.assert_has("work phone");
        let (_, again) = add_app(&shop, &session, "").await;
        assert_eq!(location(&again), "/staff/account", "recovery codes are made once");
        // The secret opens with the master key alone, and for this account alone.
        for sealed in shop.blobs("SELECT sealed FROM second_factors").await {
            assert!(sealed.starts_with(b"age-encryption.org/v1"));
        }
        let ids = shop.ids("second_factors", "id").await;
        let remove = |id: &str| format!("/staff/account/factors/{id}/remove");
        // Nobody else's.
        let bob = shop.staff("bob", ADMIN).await;
        assert_eq!(send(&shop, &bob, &remove(&ids[0]), &[]).await.status(), StatusCode::NOT_FOUND);
        shop.clock.advance(Duration::minutes(16));
        for path in [remove(&ids[0]).as_str(), "/staff/account/totp/begin", "/staff/account/recovery-codes"] {
            assert_eq!(location(&send(&shop, &session, path, &[]).await), "/staff/confirm?next=%2Fstaff%2Faccount", "{path}");
        }
        assert_eq!(shop.count("second_factors", "1 = 1").await, 2);
        shop.clock.advance(Duration::minutes(-16));
        for id in &ids {
            assert_eq!(location(&send(&shop, &session, &remove(id), &[]).await), "/staff/account?done=removed");
        }
        assert_eq!(shop.count("recovery_codes", "1 = 1").await, 0, "codes instead of nothing are no second factor");
        assert!(cookie(&shop.log_in("ana", PASSWORD).await).starts_with("__Host-sealwax="));
        for (kind, times) in [("added", 2), ("removed", 2)] {
            assert_eq!(shop.count("ledger_entries", &format!("kind = 'staff-factor-{kind}'")).await, times);
        }
        assert_eq!(shop.count("ledger_entries", "body LIKE '%phone%' OR body LIKE '%ana%'").await, 0, "nothing personal");
        shop.stop().await;
    }

    async fn a_secret_moved_to_another_account_opens_nothing(shop: Installation) {
        let (_, app, _) = with_app(&shop, "ana").await;
        shop.staff("bob", ADMIN).await;
        shop.execute("UPDATE second_factors SET staff_id = (SELECT id FROM staff WHERE username = 'bob')").await;
        let pending = waiting(&shop, "bob").await;
        is_refused(&proves(&shop, &pending, "code", &app.shows(&shop, 0)).await);
        shop.stop().await;
    }

    async fn a_password_is_changed_with_the_old_one_and_ends_other_sessions(shop: Installation) {
        let session = shop.staff("ana", ADMIN).await;
        let other = cookie(&shop.log_in("ana", PASSWORD).await);
        let change = async |old: &str, new: &str, repeated: &str| {
            let fields = [("old", old), ("password", new), ("repeated", repeated)];
            send(&shop, &session, "/staff/account/password", &fields).await
        };
        let new = "violet tram under nine hats";
        for (old, password, repeated, words) in [
            ("wrong", new, new, "The password until now is not right"),
            (PASSWORD, "short", "short", "at least 12 characters"),
            (PASSWORD, "password1234", "password1234", "anybody would try"),
            (PASSWORD, "ana the tester", "ana the tester", "anybody would try"),
            (PASSWORD, "TestShop2026!!", "TestShop2026!!", "anybody would try"),
            (PASSWORD, new, "violet tram", "not the same"),
        ] {
            let answer = change(old, password, repeated).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{password}");
            let page = Page::read(answer).await;
            page.assert_has(words);
            page.assert_lacks(&format!("\"{password}\""));
        }
        shop.staff_page(&other, "/staff/account").await;
        assert_eq!(location(&change(PASSWORD, new, new).await), "/staff/account?done=password");
        shop.staff_page(&session, "/staff/account").await;
        assert_eq!(shop.get("/staff/account").header(COOKIE, &other).send().await.unwrap().status(), StatusCode::SEE_OTHER);
        assert_eq!(shop.log_in("ana", PASSWORD).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(cookie(&shop.log_in("ana", new).await).starts_with("__Host-sealwax="));
        // With a session alone, nobody guesses the password further than at the login.
        for _ in 0..5 {
            change("wrong", new, new).await;
        }
        assert_eq!(change(new, PASSWORD, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
        let wrong = "kind = 'staff-refused' AND body LIKE '%wrong%' AND actor_id IS NOT NULL";
        assert_eq!(shop.count("ledger_entries", wrong).await, 6, "the first is of before the change");
        assert_eq!(shop.count("ledger_entries", "kind = 'staff-password-changed'").await, 1);
        shop.stop().await;
    }

    async fn guesses_at_once_are_told_no_more_than_those_one_by_one(shop: Installation) {
        shop.staff("ana", ADMIN).await;
        let guess = |n: usize| {
            let shop = &shop;
            async move { shop.log_in("ana", &format!("guess number {n}")).await.status() }
        };
        let answers = futures_util::future::join_all((0..19).map(guess)).await;
        let wrong = answers.iter().filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY).count();
        // Five, and those whose password was being looked at just then. All others are told what a right one would be.
        assert!((5..=8).contains(&wrong), "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count(), 19 - wrong);
        shop.stop().await;
    }

    async fn a_sign_in_that_waits_ends_with_what_it_began_with(shop: Installation) {
        let (session, app, _) = with_app(&shop, "ana").await;
        // The password is changed meanwhile.
        let pending = waiting(&shop, "ana").await;
        let new = "violet tram under nine hats";
        let fields = [("old", PASSWORD), ("password", new), ("repeated", new)];
        let changed = send(&shop, &session, "/staff/account/password", &fields).await;
        assert_eq!(location(&changed), "/staff/account?done=password");
        let over = proves_without_page(&shop, &pending, &app.shows(&shop, 0)).await;
        assert_eq!(over.status(), StatusCode::GONE);
        assert!(!over.headers().get_all(SET_COOKIE).iter().any(|set| set.to_str().unwrap().starts_with("__Host-sealwax=")));
        let begin = async || {
            let answer = shop.log_in("ana", new).await;
            assert_eq!(location(&answer), SECOND);
            shop.clock.advance(Duration::seconds(30));
            cookie(&answer)
        };
        // It is set anew by somebody else, or the account is disabled and let in again since.
        let (db, now) = (shop.app.db.writer(), shop.app.ambient.now());
        let staff = store::by_subject(db, "local", "ana").await.unwrap().unwrap().id;
        for disabled in [false, true] {
            let pending = begin().await;
            if disabled {
                store::set_disabled(db, staff, Some(now)).await.unwrap();
                store::set_disabled(db, staff, None).await.unwrap();
            } else {
                let hash = shop.app.passwords.hash(new.into()).await.unwrap();
                store::set_password(db, staff, &hash).await.unwrap();
            }
            let over = proves_without_page(&shop, &pending, &app.shows(&shop, 0)).await;
            assert_eq!(over.status(), StatusCode::GONE, "disabled: {disabled}");
            assert_eq!(shop.count("sessions", "1 = 1").await, 0, "disabled: {disabled}");
        }
        // Or just when it came to wait, so that it was not there yet to be ended.
        let pending = begin().await;
        shop.execute("UPDATE staff SET password_hash = password_hash || 'x'").await;
        let over = proves(&shop, &pending, "code", &app.shows(&shop, 0)).await;
        assert_eq!(over.status(), StatusCode::GONE);
        shop.execute("UPDATE staff SET password_hash = substr(password_hash, 1, length(password_hash) - 1)").await;
        // The account is disabled meanwhile.
        let pending = begin().await;
        shop.execute("UPDATE staff SET disabled_at = created_at").await;
        let over = proves(&shop, &pending, "code", &app.shows(&shop, 0)).await;
        assert_eq!(over.status(), StatusCode::GONE);
        assert!(!over.headers().get_all(SET_COOKIE).iter().any(|set| set.to_str().unwrap().starts_with("__Host-sealwax=")));
        shop.stop().await;
    }

    async fn a_hash_of_earlier_days_is_made_anew_at_a_right_login(shop: Installation) {
        use argon2::password_hash::PasswordHasher as _;
        use argon2::{Argon2, Params, Version};
        shop.staff("ana", ADMIN).await;
        let weak = Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, Params::new(4096, 1, 1, None).unwrap());
        let old = weak.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
        shop.execute(&format!("UPDATE staff SET password_hash = '{old}'")).await;
        assert_eq!(shop.log_in("ana", "wrong").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(shop.count("staff", &format!("password_hash = '{old}'")).await, 1, "a wrong one changes nothing");
        let first = cookie(&shop.log_in("ana", PASSWORD).await);
        assert_eq!(shop.count("staff", "password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'").await, 1);
        assert_eq!(shop.log_in("ana", PASSWORD).await.status(), StatusCode::SEE_OTHER);
        shop.staff_page(&first, "/staff/account").await;
        shop.stop().await;
    }
}

/// Sends a code for a sign-in that is over, whose page there is no more.
async fn proves_without_page(shop: &Installation, pending: &str, code: &str) -> Response {
    shop.post(SECOND).header(COOKIE, pending).form(&[("csrf", "x"), ("code", code)]).send().await.unwrap()
}

async fn required_on(database: Database) {
    let shop = Installation::start_with(database, "[staff]\nsecond_factor = \"required\"\n").await;
    // A right password leads to setting one up, and to nothing else.
    let session = shop.staff("ana", ADMIN).await;
    for path in ["/staff/inbox", "/staff/embed", "/staff/links?form=shop/contact"] {
        let answer = shop.get(path).header(COOKIE, &session).send().await.unwrap();
        assert_eq!(location(&answer), "/staff/account", "{path}");
    }
    shop.staff_page(&session, "/staff/account").await.assert_has("This installation asks for a second factor");
    let (app, added) = add_app(&shop, &session, "").await;
    assert_eq!(added.status(), StatusCode::OK);
    shop.staff_page(&session, "/staff/inbox").await;
    // The last one stays.
    let id = shop.ids("second_factors", "id").await.remove(0);
    let kept = send(&shop, &session, &format!("/staff/account/factors/{id}/remove"), &[]).await;
    assert_eq!(kept.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Page::read(kept).await.assert_has("Your last second factor stays");
    shop.clock.advance(Duration::seconds(30));
    let pending = waiting(&shop, "ana").await;
    shop.staff_page(&is_in(&proves(&shop, &pending, "code", &app.shows(&shop, 0)).await), "/staff/inbox").await;
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_second_factor_is_required_nothing_else_comes_first_on_sqlite() {
    required_on(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_second_factor_is_required_nothing_else_comes_first_on_postgresql() {
    required_on(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_for_a_password_is_no_way_around_the_second_factor() {
    let shop = Installation::start(Database::Sqlite).await;
    let (_, app, _) = with_app(&shop, "ana").await;
    let id = shop.ids("staff", "id").await.remove(0).parse().unwrap();
    let link = sealwax::staff::setup::link(&shop.app.db, &shop.app.ambient, Some(id)).await.unwrap();
    let new = "violet tram under nine hats";
    let choose = async |password: &str| {
        let form = [("password", password), ("repeated", password)];
        shop.post(&format!("/staff/setup/{link}")).form(&form).send().await.unwrap()
    };
    let answer = choose("anatester2026!").await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Page::read(answer).await.assert_has("anybody would try");
    let answer = choose(new).await;
    assert_eq!(location(&answer), SECOND);
    let pending = cookie(&answer);
    is_in(&proves(&shop, &pending, "code", &app.shows(&shop, 0)).await);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_removes_the_second_factors_of_who_lost_the_phone() {
    let shop = Installation::start(Database::Sqlite).await;
    let (session, _, codes) = with_app(&shop, "ana").await;
    shop.staff("bob", ADMIN).await;
    let pending = waiting(&shop, "ana").await;
    let dir = shop.dir.to_str().unwrap().to_owned();
    let list = || said(&sealwax(&["staff", "list", "--dir", &dir]));
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line(&list(), "ana").ends_with("active  second factor"), "{}", list());
    assert!(line(&list(), "bob").ends_with("active  no second factor"), "{}", list());
    let reset = sealwax(&["staff", "reset", "ana", "--second-factor", "--dir", &dir]);
    let text = said(&reset);
    assert!(
        reset.status.success() && text.contains("the second factors are removed") && !text.contains("setup"),
        "{text}"
    );
    assert!(line(&list(), "ana").ends_with("no second factor"));
    // Whoever has the phone, or its session, or a code, is out; the password stays.
    assert_eq!(shop.get("/staff/inbox").header(COOKIE, &session).send().await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(proves_without_page(&shop, &pending, &codes[0]).await.status(), StatusCode::GONE);
    assert!(cookie(&shop.log_in("ana", PASSWORD).await).starts_with("__Host-sealwax="));
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-factors-reset' AND actor_id IS NULL").await, 1);
    // A password from standard input keeps to the same rules.
    let from_stdin = |password: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealwax"))
            .args(["staff", "reset", "ana", "--password-stdin", "--dir", &dir])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    for bad in ["password1234", "ana the tester", "Sealwax2026!!"] {
        let output = from_stdin(bad);
        let text = said(&output);
        assert!(!output.status.success() && text.contains("anybody would try") && !text.contains(bad), "{text}");
    }
    assert!(from_stdin("violet tram under nine hats").status.success());
    assert!(cookie(&shop.log_in("ana", "violet tram under nine hats").await).starts_with("__Host-sealwax="));
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_from_a_directory_has_password_and_second_factor_there() {
    let directory = OpenLdap::start(Oddities::default());
    let shop = Installation::start_with(Database::Sqlite, &directory.provider("")).await;
    let form = [("provider", "directory"), ("username", "alice"), ("password", "alice-secret")];
    let session = cookie(&shop.post("/staff/login").form(&form).send().await.unwrap());
    let page = shop.staff_page(&session, "/staff/account").await;
    page.assert_has("Another sign-in service looks after your account");
    page.assert_lacks("/staff/account/totp");
    for path in ["/staff/account/totp/begin", "/staff/account/passkeys/begin", "/staff/account/password"] {
        let fields = [("old", "x"), ("password", "x"), ("repeated", "x")];
        assert_eq!(send(&shop, &session, path, &fields).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    shop.stop().await;
}
