//! An administrator sees who may come in and how, and takes it away again.

use reqwest::header::COOKIE;
use reqwest::{Response, StatusCode};
use sealwax::staff::{Grant, Role};
use time::Duration;

use crate::support::directory::{Oddities, OpenLdap};
use crate::support::lemon::{Lemon, LemonOptions};
use crate::support::openid::OpenId;
use crate::support::page::Page;
use crate::support::server::Certificate;
use crate::support::{Database, Installation, PASSWORD, fresh_directory, location, said, sealwax};

const EVERYWHERE: Grant = Grant { role: Role::Reviewer, site: None, form: None };

/// The id of the account that a page of accounts calls so.
fn id_of(page: &Page, name: &str) -> String {
    let pattern = format!(r#"href="/staff/accounts/([0-9a-f-]+)"><bdi>{name}<"#);
    regex::Regex::new(&pattern).unwrap().captures(&page.html).unwrap_or_else(|| panic!("{}", page.html))[1].to_owned()
}

async fn change(shop: &Installation, cookie: &str, id: &str, more: &[(&str, &str)]) -> Response {
    let page = shop.staff_page(cookie, "/staff/accounts").await;
    let csrf = page.hidden("csrf");
    let form: Vec<(&str, &str)> = [("csrf", csrf.as_str())].iter().chain(more).copied().collect();
    shop.post(&format!("/staff/accounts/{id}")).header(COOKIE, cookie).form(&form).send().await.unwrap()
}

async fn status(shop: &Installation, cookie: &str, path: &str) -> StatusCode {
    shop.get(path).header(COOKIE, cookie).send().await.unwrap().status()
}

on_both! {
    async fn accounts_are_seen_kept_out_and_given_roles(shop: Installation) {
        let admin = shop.admin().await;
        let ana = shop.staff("ana", EVERYWHERE).await;
        // Nobody but administrators.
        for path in ["/staff/accounts", "/staff/accounts/0190b0f4-0000-7000-8000-000000000000", "/staff/providers"] {
            assert_eq!(status(&shop, &ana, path).await, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(shop.get(path).send().await.unwrap().status(), StatusCode::SEE_OTHER, "{path}");
        }
        let list = shop.staff_page(&admin, "/staff/accounts").await;
        list.assert_has("ana the tester");
        list.assert_has("Reviewer · everywhere");
        let id = id_of(&list, "ana the tester");
        for action in ["disable", "end-sessions", "add-role"] {
            let csrf = shop.staff_page(&ana, "/staff/inbox").await.hidden("csrf");
            let form = [("csrf", csrf.as_str()), ("action", action), ("role", "admin")];
            let tried = shop.post(&format!("/staff/accounts/{id}")).header(COOKIE, &ana).form(&form).send().await.unwrap();
            assert_eq!(tried.status(), StatusCode::FORBIDDEN, "{action}");
        }
        let nowhere = "0190b0f4-0000-7000-8000-000000000000";
        assert_eq!(status(&shop, &admin, &format!("/staff/accounts/{nowhere}")).await, StatusCode::NOT_FOUND);
        assert_eq!(status(&shop, &admin, "/staff/accounts/nonsense").await, StatusCode::NOT_FOUND);

        // A role on one form, and another that is taken away.
        let page = shop.staff_page(&admin, &format!("/staff/accounts/{id}")).await;
        page.assert_has("last used");
        let form = regex::Regex::new(r#"<option value="([0-9a-f-]+:[0-9a-f-]+)">shop/contact<"#).unwrap();
        let place = form.captures(&page.html).expect("the form is offered")[1].to_owned();
        let given = [("action", "add-role"), ("role", "editor"), ("place", place.as_str())];
        assert_eq!(change(&shop, &admin, &id, &given).await.status(), StatusCode::SEE_OTHER);
        shop.staff_page(&ana, "/staff/embed").await.assert_has("shop/contact");
        let unknown = [("action", "add-role"), ("role", "root"), ("place", "")];
        assert_eq!(change(&shop, &admin, &id, &unknown).await.status(), StatusCode::NOT_FOUND);
        let taken = [("action", "remove-role"), ("grant", "reviewer::")];
        assert_eq!(change(&shop, &admin, &id, &taken).await.status(), StatusCode::SEE_OTHER);
        shop.staff_page(&admin, "/staff/accounts").await.assert_lacks("Reviewer · everywhere");
        assert_eq!(shop.count("ledger_entries", "kind = 'staff-roles-changed' AND actor_id IS NOT NULL").await, 2);

        // Kept out, and let in again.
        assert_eq!(change(&shop, &admin, &id, &[("action", "disable")]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(status(&shop, &ana, "/staff/embed").await, StatusCode::SEE_OTHER);
        assert_eq!(shop.log_in("ana", PASSWORD).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(change(&shop, &admin, &id, &[("action", "enable")]).await.status(), StatusCode::SEE_OTHER);
        let ana = crate::support::cookie(&shop.log_in("ana", PASSWORD).await);

        // One session of two, all of an account's, and everybody's.
        let other = crate::support::cookie(&shop.log_in("ana", PASSWORD).await);
        let page = shop.staff_page(&admin, &format!("/staff/accounts/{id}")).await;
        let csrf = page.hidden("csrf");
        let session = regex::Regex::new(r"/staff/sessions/([0-9a-f-]+)/end").unwrap();
        let newest = session.captures(&page.html).unwrap()[0].to_owned();
        let end = async |path: &str, cookie: &str| {
            shop.post(path).header(COOKIE, cookie).form(&[("csrf", &csrf)]).send().await.unwrap().status()
        };
        assert_eq!(end(&newest, &ana).await, StatusCode::FORBIDDEN);
        assert_eq!(end(&newest, &admin).await, StatusCode::SEE_OTHER);
        assert_eq!(end(&newest, &admin).await, StatusCode::NOT_FOUND, "it is gone");
        assert_eq!(status(&shop, &other, "/staff/embed").await, StatusCode::SEE_OTHER);
        assert_eq!(status(&shop, &ana, "/staff/embed").await, StatusCode::OK);
        assert_eq!(change(&shop, &admin, &id, &[("action", "end-sessions")]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(status(&shop, &ana, "/staff/embed").await, StatusCode::SEE_OTHER);
        let ana = crate::support::cookie(&shop.log_in("ana", PASSWORD).await);
        assert_eq!(end("/staff/sessions/end", &admin).await, StatusCode::SEE_OTHER);
        assert_eq!(status(&shop, &ana, "/staff/embed").await, StatusCode::SEE_OTHER);
        assert_eq!(status(&shop, &admin, "/staff/accounts").await, StatusCode::OK);

        // Nobody locks themselves out, and nobody's page does it for them.
        let own = id_of(&shop.staff_page(&admin, "/staff/accounts").await, "admin the tester");
        for action in [[("action", "disable"), ("grant", "")], [("action", "remove-role"), ("grant", "admin::")]] {
            assert_eq!(change(&shop, &admin, &own, &action).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        }
        let forged = [("csrf", "x"), ("action", "disable")];
        let forged = shop.post(&format!("/staff/accounts/{id}")).header(COOKIE, &admin).form(&forged).send().await.unwrap();
        assert_eq!(forged.status(), StatusCode::FORBIDDEN);
        for kind in ["disabled", "enabled", "sessions-revoked", "session-revoked", "all-sessions-revoked"] {
            let entries = shop.count("ledger_entries", &format!("kind = 'staff-{kind}' AND actor_id IS NOT NULL")).await;
            assert_eq!(entries, 1, "{kind}");
        }
        shop.stop().await;
    }

    async fn what_cannot_be_taken_back_asks_for_the_password_again(shop: Installation) {
        let admin = shop.admin().await;
        let answer = shop.send_json(&crate::support::contact_answers()).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        shop.staff("ana", EVERYWHERE).await;
        let id = id_of(&shop.staff_page(&admin, "/staff/accounts").await, "ana the tester");
        let inbox = shop.staff_page(&admin, "/staff/inbox").await;
        let submission = inbox.first_link("/staff/submissions/");
        let part = shop.staff_page(&admin, &submission).await.first_link(&format!("{submission}/parts/"));
        assert_eq!(status(&shop, &admin, &part).await, StatusCode::OK, "just signed in");
        shop.clock.advance(Duration::minutes(16));
        let asked = shop.get(&part).header(COOKIE, &admin).send().await.unwrap();
        assert_eq!(asked.status(), StatusCode::SEE_OTHER);
        let confirm = location(&asked);
        assert!(confirm.starts_with("/staff/confirm?next=%2Fstaff%2Fsubmissions%2F"), "{confirm}");
        assert_eq!(location(&change(&shop, &admin, &id, &[("action", "disable")]).await), format!("/staff/confirm?next=%2Fstaff%2Faccounts%2F{id}"));
        assert_eq!(shop.count("staff", "disabled_at IS NOT NULL").await, 0);
        // Reading goes on.
        assert_eq!(status(&shop, &admin, &submission).await, StatusCode::OK);
        let page = shop.staff_page(&admin, &confirm).await;
        let csrf = page.hidden("csrf");
        let next = page.hidden("next");
        let prove = async |password: &str, next: &str| {
            let form = [("csrf", csrf.as_str()), ("next", next), ("password", password)];
            shop.post("/staff/confirm").header(COOKIE, &admin).form(&form).send().await.unwrap()
        };
        let wrong = prove("not the password", &next).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status(&shop, &admin, &part).await, StatusCode::SEE_OTHER);
        assert_eq!(location(&prove(PASSWORD, "https://evil.example/").await), "/staff/inbox");
        assert_eq!(location(&prove(PASSWORD, &next).await), submission);
        assert_eq!(status(&shop, &admin, &part).await, StatusCode::OK);
        assert_eq!(shop.count("ledger_entries", "kind = 'staff-confirmed'").await, 2);
        // Guessing is slowed down here as well.
        for _ in 0..5 {
            prove("not the password", &next).await;
        }
        assert_eq!(prove(PASSWORD, &next).await.status(), StatusCode::TOO_MANY_REQUESTS);
        shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_providers_fare_is_seen_at_a_glance() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, Some(Certificate::Good));
    let settings = format!("{}{}{}", directory.provider(""), lemon.cas_provider(""), lemon.oidc_provider(""));
    let shop = Installation::start_now(
        Database::Sqlite,
        &format!("{settings}[[staff.providers]]\nid = \"here\"\nkind = \"local\"\n"),
    )
    .await;
    let admin = shop.admin().await;
    let csrf = shop.staff_page(&admin, "/staff/providers").await.hidden("csrf");
    let check = async || {
        let sent = shop.post("/staff/providers").header(COOKIE, &admin).form(&[("csrf", &csrf)]).send().await.unwrap();
        assert_eq!(location(&sent), "/staff/providers");
        shop.staff_page(&admin, "/staff/providers").await
    };
    let page = check().await;
    assert_eq!(page.html.matches(">does not work<").count(), 2, "{}", page.html);
    page.assert_has("Nothing listens there");
    lemon.run(&LemonOptions { service: shop.url.clone(), ..LemonOptions::default() });
    let page = check().await;
    assert_eq!(page.html.matches(">works<").count(), 4, "{}", page.html);
    // The certificates of the tests hold for two days.
    assert_eq!(page.html.matches("renew it soon").count(), 3, "{}", page.html);
    for word in ["LDAP directory", "CAS", "OpenID Connect", "Accounts of this installation", "Last success"] {
        page.assert_has(word);
    }
    shop.stop().await;
}

#[test]
fn the_doctor_tries_every_kind_of_provider() {
    let directory = OpenLdap::start(Oddities::default());
    let (good, expired, foreign) = (Certificate::Good, Certificate::Expired, Certificate::Foreign);
    let [mut lemon, mut old, mut other] =
        [good, expired, foreign].map(|certificate| Lemon::reserve(&directory, Some(certificate)));
    for one in [&mut lemon, &mut old, &mut other] {
        one.run(&LemonOptions::default());
    }
    let file = fresh_directory().join("sealwax.toml");
    let doctor = |settings: &str| {
        std::fs::write(&file, settings).unwrap();
        let output = sealwax(&["doctor", "--config", file.to_str().unwrap()]);
        (output.status.success(), said(&output))
    };
    let all = |lemon: &Lemon| [lemon.cas_provider(""), lemon.oidc_provider("")];
    for settings in all(&lemon) {
        let (fine, said) = doctor(&settings);
        assert!(fine && said.contains("ok     "), "{said}");
    }
    for (which, word) in [(&old, "certificate has expired"), (&other, "certificate is for another host name")] {
        for settings in all(which) {
            let (fine, said) = doctor(&settings);
            assert!(!fine && said.contains(word), "{said}");
        }
    }
    let elsewhere = [
        (lemon.oidc_provider("").replace(&lemon.url, "https://no-such-host.invalid"), "name is not known"),
        (lemon.cas_provider("").replace("/cas\"\n", "/nowhere\"\n"), "check the address"),
        (
            lemon.oidc_provider("").replace(&format!("\"{}\"", lemon.url), &format!("\"{}/\"", lemon.url)),
            "calls itself something other",
        ),
    ];
    for (settings, word) in elsewhere {
        let (fine, said) = doctor(&settings);
        assert!(!fine && said.contains(word), "'{word}' is not in {said}");
    }
    lemon.run(&LemonOptions { clock: Some("+600s"), ..LemonOptions::default() });
    for settings in all(&lemon) {
        let (fine, said) = doctor(&settings);
        assert!(!fine && said.contains("The clocks differ by"), "{said}");
    }
    // Nobody's secret.
    let (_, said) = doctor(&OpenId::reserve().provider("rs256", ""));
    assert!(said.contains("Nothing listens there") && !said.contains("secret"), "{said}");
}

#[cfg(feature = "saml")]
#[test]
fn the_doctor_reads_the_metadata_of_saml_providers() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, Some(Certificate::Good));
    lemon.run(&LemonOptions::default());
    let dir = fresh_directory();
    let file = dir.join("sealwax.toml");
    let doctor = |settings: &str| {
        std::fs::write(&file, settings).unwrap();
        let output = sealwax(&["doctor", "--config", file.to_str().unwrap()]);
        (output.status.success(), said(&output))
    };
    let good = lemon.saml_provider("");
    let (fine, told) = doctor(&good);
    assert!(fine, "{told}");
    let metadata_file = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        good.replace(&lemon.saml_metadata_url(), path.to_str().unwrap())
    };
    let without_key = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://id.example\">\
        <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:SingleSignOnService \
        Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://id.example/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>";
    for (settings, word) in [
        (metadata_file("without-key.xml", without_key), "no certificate"),
        (metadata_file("page.xml", "<html/>"), "metadata"),
        (good.replace("/saml/metadata/idp", "/"), "description"),
        (good.replace("service.key", "nowhere.key"), "key_file"),
    ] {
        let (fine, said) = doctor(&settings);
        assert!(!fine && said.contains(word), "'{word}' is not in {said}");
    }
    lemon.run(&LemonOptions { clock: Some("-600s"), ..LemonOptions::default() });
    let (fine, told) = doctor(&good);
    assert!(!fine && told.contains("The clocks differ by -"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_by_pages_of_others() {
    let shop = Installation::start(Database::Sqlite).await;
    let admin = shop.admin().await;
    let csrf = shop.staff_page(&admin, "/staff/accounts").await.hidden("csrf");
    let paths = [
        "/staff/login",
        "/staff/login/second",
        "/staff/logout",
        "/staff/confirm",
        "/staff/providers",
        "/staff/sessions/end",
        "/staff/setup/nonsense",
        "/staff/account/password",
    ];
    for path in paths {
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let form = [
                ("csrf", csrf.as_str()),
                ("username", "admin"),
                ("password", PASSWORD),
                ("repeated", PASSWORD),
                ("old", PASSWORD),
                ("new", PASSWORD),
            ];
            let sent = shop.post(path).header(COOKIE, &admin).header(name, value).form(&form).send().await.unwrap();
            assert_eq!(sent.status(), StatusCode::FORBIDDEN, "{path} with {name}");
        }
    }
    assert_eq!(shop.count("sessions", "1 = 1").await, 1, "the session is as it was");
    shop.stop().await;
}
