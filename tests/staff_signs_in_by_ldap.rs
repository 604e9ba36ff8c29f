//! Staff sign in through a real OpenLDAP server.

use std::collections::HashSet;
use std::time::{Duration as Span, Instant};

use ldap3::Mod;
use reqwest::header::COOKIE;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use time::Duration;

use crate::support::directory::{BASE, Oddities, OpenLdap, PEOPLE, READER, READER_PASSWORD, dn_of};
use crate::support::page::Page;
use crate::support::{Database, Installation, contact_answers, cookie, fresh_directory, location, said, sealwax};

async fn shop_of(database: Database, directory: &OpenLdap, more: &str) -> Installation {
    Installation::start_with(database, &directory.provider(more)).await
}

async fn sign_in(shop: &Installation, username: &str, password: &str) -> Response {
    let form = [("provider", "directory"), ("username", username), ("password", password)];
    shop.post("/staff/login").form(&form).send().await.unwrap()
}

async fn is_refused(shop: &Installation, username: &str, password: &str) -> bool {
    let answer = sign_in(shop, username, password).await;
    assert!(answer.headers().get("set-cookie").is_none(), "{username}: nobody gets a session with a refusal");
    answer.status() == StatusCode::UNPROCESSABLE_ENTITY
}

async fn in_both(database: Database) {
    let directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(database, &directory, "").await;
    // The login page offers the directory first, and this installation's accounts on request.
    let login = Page::read(shop.get("/staff/login").send().await.unwrap()).await;
    login.assert_has("Company account");
    login.assert_has("name=\"provider\" value=\"directory\"");
    Page::read(shop.get("/staff/login?local").send().await.unwrap())
        .await
        .assert_has("name=\"provider\" value=\"local\"");

    let without = ["carol", "locked", "disabled", "expired"];
    for (username, name, password) in PEOPLE {
        if !without.contains(&username) {
            let answer = sign_in(&shop, username, password).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{username}");
            // Editors have a page of their own to begin with.
            let path = if ["bob", "zoë.müller"].contains(&username) { "/staff/embed" } else { "/staff/inbox" };
            let page = Page::read(shop.get(path).header(COOKIE, cookie(&answer)).send().await.unwrap()).await;
            page.assert_has(&askama::filters::escape(name, askama::filters::Html).unwrap().to_string());
        } else if username == "carol" {
            // Known, but without a role: told so by name, for the help desk.
            let answer = sign_in(&shop, username, password).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN);
            assert!(answer.headers().get("set-cookie").is_none());
            let page = Page::read(answer).await;
            page.assert_has("Carol Nobody");
            page.assert_has("has a role here");
        } else {
            assert!(is_refused(&shop, username, password).await, "{username} is not let in");
        }
    }
    // Each is one account, however often it comes, and none of them is known by name or address.
    let count = shop.count("staff", "provider = 'directory'").await;
    sign_in(&shop, "ALICE", "alice-secret").await;
    sign_in(&shop, " alice ", "alice-secret").await;
    assert_eq!(shop.count("staff", "provider = 'directory'").await, count);
    // Two of them have one address, and are two people all the same.
    assert_eq!(count, 11);
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-refused' AND body LIKE '%no-role%'").await, 1);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_with_a_role_come_in_whatever_they_are_called_on_sqlite() {
    in_both(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_with_a_role_come_in_whatever_they_are_called_on_postgresql() {
    in_both(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_and_no_password_gets_around_the_search() {
    let directory = OpenLdap::start(Oddities { empty_password_succeeds: true, ..Oddities::default() });
    let shop = shop_of(Database::Sqlite, &directory, "").await;
    for (username, password) in [
        ("alice", "wrong"),
        ("alice", ""),
        ("", "alice-secret"),
        ("*", "alice-secret"),
        ("al*", "alice-secret"),
        ("alice)(uid=*", "alice-secret"),
        ("*)(|(uid=*", "alice-secret"),
        ("alice\\", "alice-secret"),
        ("alice\0", "alice-secret"),
        ("bob,ou=people,dc=example,dc=org", "bob-secret"),
        ("uid=alice", "alice-secret"),
        ("nobody", "nobody-secret"),
    ] {
        assert!(is_refused(&shop, username, password).await, "{username:?} with {password:?}");
        // Each name and address has only so many tries.
        shop.execute("DELETE FROM login_failures").await;
    }
    // Two people by one name: neither is taken for the other.
    let both =
        shop_of(Database::Sqlite, &directory, "user_filter = \"(&(uid={username})(objectClass=inetOrgPerson))\"\n")
            .await;
    assert_eq!(sign_in(&both, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    both.stop().await;
    let settings = directory.provider("").replace(&format!("ou=people,{BASE}"), BASE);
    let below_root = Installation::start_with(Database::Sqlite, &settings).await;
    for password in ["alice-secret", "former-secret"] {
        assert!(is_refused(&below_root, "alice", password).await);
    }
    below_root.stop().await;
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_failures_make_an_account_wait_and_no_other() {
    let directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(Database::Sqlite, &directory, "").await;
    for _ in 0..5 {
        assert!(is_refused(&shop, "bob", "wrong").await);
    }
    assert_eq!(sign_in(&shop, "bob", "bob-secret").await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    shop.clock.advance(Duration::minutes(2));
    assert_eq!(sign_in(&shop, "bob", "bob-secret").await.status(), StatusCode::SEE_OTHER);
    shop.stop().await;
    // By whichever of its names it is tried, it is one account.
    let filter = "user_filter = \"(|(uid={username})(mail={username}))\"";
    let shop = shop_of(Database::Sqlite, &directory, filter).await;
    for spelt in ["bob", "BOB", "bob@example.org", "Bob@Example.org", " bob "] {
        assert!(is_refused(&shop, spelt, "wrong").await, "{spelt}");
    }
    for spelt in ["bob", "bob@example.org"] {
        // Neither is told whether it would have been right, nor that there is such a name.
        for password in ["bob-secret", "wrong"] {
            assert!(is_refused(&shop, spelt, password).await, "{spelt}");
        }
    }
    assert_eq!(sign_in(&shop, "alice@example.org", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_follow_the_groups_and_reach_as_far_as_they_say() {
    let directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(Database::Sqlite, &directory, "nested = 5").await;
    let roles = async |uid: &str| {
        let sql = format!("staff_id IN (SELECT id FROM staff WHERE login = '{uid}')");
        shop.count("grants", &sql).await
    };
    let bob = sign_in(&shop, "bob", "bob-secret").await;
    assert_eq!(bob.status(), StatusCode::SEE_OTHER);
    assert_eq!(roles("bob").await, 1);
    // The sixtieth group counts like the first, on its site only.
    assert_eq!(sign_in(&shop, "many", "many-secret").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("grants", "site_id IS NOT NULL AND role = 'reviewer'").await, 1);
    // Out of the group: in no more at the next sign-in, and the session that was open has ended.
    directory.leave_group("bob", "editors").await;
    assert_eq!(sign_in(&shop, "bob", "bob-secret").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(roles("bob").await, 0);
    let answer = shop.get("/staff/inbox").header(COOKIE, cookie(&bob)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(shop.count("ledger_entries", "kind = 'staff-roles-changed'").await >= 3);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_within_groups_count_as_deep_as_configured() {
    let directory = OpenLdap::start(Oddities::default());
    for (nested, status) in [(0, StatusCode::FORBIDDEN), (1, StatusCode::SEE_OTHER), (20, StatusCode::SEE_OTHER)] {
        let settings =
            directory.provider(&format!("nested = {nested}")).replace("admins = \"admin\"", "staff = \"admin\"");
        let shop = Installation::start_with(Database::Sqlite, &settings).await;
        assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), status, "{nested}");
        shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_instead_of_a_search() {
    let directory = OpenLdap::start(Oddities::default());
    let settings = directory.provider(&format!("user_dn = \"uid={{username}},ou=people,{BASE}\""));
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    for (username, _, password) in [PEOPLE[0], PEOPLE[3], PEOPLE[7]] {
        assert_eq!(sign_in(&shop, username, password).await.status(), StatusCode::SEE_OTHER, "{username}");
    }
    for username in ["alice,ou=former", "alice+uid=bob", "alice,ou=people,dc=example,dc=org"] {
        assert!(is_refused(&shop, username, "alice-secret").await, "{username}");
    }
    shop.stop().await;

    // Without an account that searches, people read what they are themselves.
    let lines = [
        format!("bind_dn = \"{READER}\"\n"),
        format!("bind_password = \"{READER_PASSWORD}\"\n"),
        format!("group_base = \"ou=groups,{BASE}\"\n"),
    ];
    let settings = lines.iter().fold(settings, |settings, line| {
        assert!(settings.contains(line.as_str()), "{line}");
        settings.replace(line, "")
    });
    let settings = settings.replace("admins = \"admin\"", &format!("\"cn=admins,ou=groups,{BASE}\" = \"admin\""));
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(shop.count("grants", "role = 'admin'").await, 1);
    assert_eq!(sign_in(&shop, "zoë.müller", "pässwörd-漢字").await.status(), StatusCode::FORBIDDEN);
    for (username, password) in [
        ("alice", ""),
        ("alice", "wrong"),
        ("alice,ou=former", "former-secret"),
        ("alice\\,ou=former", "former-secret"),
        ("alice,ou=former,dc=example,dc=org#", "former-secret"),
        ("alice+cn=Alice Admin", "alice-secret"),
        ("\\61lice", "alice-secret"),
        ("#616c696365", "alice-secret"),
        ("alice\0", "alice-secret"),
        ("alice\nuid=bob", "alice-secret"),
        ("*", "alice-secret"),
        ("{username}", "alice-secret"),
    ] {
        assert!(is_refused(&shop, username, password).await, "{username:?}");
        shop.execute("DELETE FROM login_failures").await;
    }
    // Nobody can look them up again, so nobody is out because of that.
    shop.clock.advance(Duration::minutes(11));
    assert_eq!(sealwax::staff::providers::recheck(&shop.app, Duration::minutes(10)).await.unwrap(), 0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_are_read_in_each_way_that_directories_keep_them() {
    let directory = OpenLdap::start(Oddities::default());
    let group_base = format!("group_base = \"ou=groups,{BASE}\"\n");
    // What is different, which group is to be admin, and who is in it and who is not.
    let cases = [
        ("group_filter = \"(uniqueMember={dn})\"", "unique", ["bob", "alice"]),
        ("group_filter = \"(memberUid={username})\"", "posix", ["comma, plus+\"q\"", "paren(the)sis"]),
        ("group_filter = \"(memberUid={username})\"", "posix", ["star*", "back\\slash"]),
        ("group_filter = \"(|(member={dn})(uniqueMember={dn}))\"\nnested = 1", "staff", ["alice", "many"]),
        ("attributes = { groups = \"memberOf\" }", "cn=editors,ou=groups,dc=example,dc=org", ["bob", "alice"]),
    ];
    for (more, group, [within, without]) in cases {
        let settings = directory.provider(more);
        let (settings, _) = settings.split_once("roles = ").unwrap();
        let settings = format!("{settings}roles = {{ \"{group}\" = \"admin\" }}\n");
        let settings = if more.contains("memberOf") { settings.replace(&group_base, "") } else { settings };
        let shop = Installation::start_with(Database::Sqlite, &settings).await;
        for (username, status) in [(within, StatusCode::SEE_OTHER), (without, StatusCode::FORBIDDEN)] {
            let password = PEOPLE.iter().find(|(uid, ..)| *uid == username).unwrap().2;
            assert_eq!(sign_in(&shop, username, password).await.status(), status, "{username} by {more}");
        }
        assert_eq!(shop.count("grants", "role = 'admin'").await, 1);
        if more.contains("memberOf") {
            // The directory keeps the attribute when the group changes.
            directory.leave_group("bob", "editors").await;
            assert_eq!(sign_in(&shop, "bob", "bob-secret").await.status(), StatusCode::FORBIDDEN);
        }
        shop.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_referred_to_is_not_followed() {
    let elsewhere = OpenLdap::start(Oddities::default());
    let directory = OpenLdap::start(Oddities { refers_to: Some(elsewhere.port), ..Oddities::default() });
    let shop = shop_of(Database::Sqlite, &directory, "").await;
    // Each search is also told where more may be; there is another alice there.
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    assert!(is_refused(&shop, "abroad", "alice-secret").await);
    shop.stop().await;
    let template = format!("user_dn = \"uid={{username}},ou=people,{BASE}\"");
    let shop = shop_of(Database::Sqlite, &directory, &template).await;
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    let answer = sign_in(&shop, "abroad", "alice-secret").await;
    assert!(answer.status().is_client_error() || answer.status().is_server_error(), "{}", answer.status());
    assert!(answer.headers().get("set-cookie").is_none());
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_directory_itself_locks_stays_out_with_the_right_password() {
    let directory = OpenLdap::start(Oddities::default());
    // Without what would tell that an account is locked.
    let settings = directory.provider("").replace("live_filter", "# live_filter");
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    assert_eq!(sign_in(&shop, "lockme", "lockme-secret").await.status(), StatusCode::SEE_OTHER);
    for _ in 0..3 {
        assert!(is_refused(&shop, "lockme", "wrong").await);
    }
    shop.execute("DELETE FROM login_failures").await;
    assert!(is_refused(&shop, "lockme", "lockme-secret").await);
    let unlock = Mod::Delete("pwdAccountLockedTime".to_owned(), HashSet::new());
    directory.change(&dn_of("lockme"), unlock).await;
    assert_eq!(sign_in(&shop, "lockme", "lockme-secret").await.status(), StatusCode::SEE_OTHER);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_verified_is_not_spoken_to() {
    let foreign = OpenLdap::start(Oddities { foreign_certificate: true, ..Oddities::default() });
    let shop = shop_of(Database::Sqlite, &foreign, "").await;
    let answer = sign_in(&shop, "alice", "alice-secret").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    Page::read(answer).await.assert_has("does not answer");
    // The accounts of this installation go on.
    shop.admin().await;
    shop.stop().await;

    let directory = OpenLdap::start(Oddities::default());
    let other = OpenLdap::start(Oddities::default());
    let settings = directory.provider("").replace(&directory.ca.display().to_string(), &other.ca.display().to_string());
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    shop.stop().await;

    let expired = OpenLdap::start(Oddities { expired_certificate: true, ..Oddities::default() });
    let strict = OpenLdap::start(Oddities { requires_tls: true, ..Oddities::default() });
    let plain = OpenLdap::start(Oddities { without_tls: true, ..Oddities::default() });
    for (directory, starttls, status) in [
        (&directory, "starttls = true", StatusCode::SEE_OTHER),
        (&directory, "", StatusCode::SEE_OTHER),
        (&expired, "starttls = true", StatusCode::SERVICE_UNAVAILABLE),
        (&strict, "starttls = true", StatusCode::SEE_OTHER),
        (&strict, "", StatusCode::SERVICE_UNAVAILABLE),
        // No password goes there in the clear instead.
        (&plain, "starttls = true", StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let url = format!("url = \"ldap://127.0.0.1:{}\"\n{starttls}", directory.port);
        let shop = shop_of(Database::Sqlite, directory, &url).await;
        assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), status, "{starttls}");
        shop.stop().await;
    }
    let shop = shop_of(Database::Sqlite, &expired, "").await;
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    shop.stop().await;
}

#[test]
fn the_doctor_says_in_a_line_what_is_wrong() {
    let mut directory = OpenLdap::start(Oddities::default());
    let foreign = OpenLdap::start(Oddities { foreign_certificate: true, ..Oddities::default() });
    let expired = OpenLdap::start(Oddities { expired_certificate: true, ..Oddities::default() });
    let strict = OpenLdap::start(Oddities { requires_tls: true, ..Oddities::default() });
    let dir = fresh_directory();
    let file = dir.join("sealwax.toml");
    let doctor = |settings: &str| {
        std::fs::write(&file, settings).unwrap();
        let output = sealwax(&["doctor", "--config", file.to_str().unwrap()]);
        (output.status.success(), said(&output))
    };
    let good = directory.provider("");
    assert!(doctor(&good).0, "{}", doctor(&good).1);
    let port = |server: &OpenLdap| server.tls_port.to_string();
    let cases = [
        (good.replace("reader-secret", "forgotten"), "bind_dn or its password is refused"),
        (good.replace("ou=people", "ou=nowhere"), "user_base is not found"),
        (good.replace("127.0.0.1:", "no-such-host.invalid:"), "name is not known"),
        (
            good.replace(&port(&directory), &port(&foreign))
                .replace(&directory.ca.display().to_string(), &foreign.ca.display().to_string()),
            "certificate is for another host name",
        ),
        (
            good.replace(&directory.ca.display().to_string(), &foreign.ca.display().to_string()),
            "from an authority that is not known here",
        ),
        (expired.provider(""), "expired"),
        (strict.provider(&format!("url = \"ldap://127.0.0.1:{}\"", strict.port)), "answered 13"),
    ];
    for (settings, expected) in cases {
        let (fine, said) = doctor(&settings);
        assert!(!fine && said.to_lowercase().contains(expected), "'{expected}' is not in {said}");
        assert!(!said.contains("reader-secret") && !said.contains("forgotten"), "{said}");
    }
    directory.cut();
    let (fine, said) = doctor(&good);
    assert!(!fine && said.contains("Nothing listens there"), "{said}");
    // What can't be right is told at once, and no secret with it.
    for (settings, expected) in [
        (good.replace("(!(pwdAccountLockedTime=*))", "pwdAccountLockedTime=*"), "must be a filter in brackets"),
        (good.replace("ldaps://127", "ldap://u:geheim@127"), "must be ldaps://HOST"),
        (good.replace("ldaps://127.0.0.1", "ldap://ldap.example"), "would send passwords in the clear"),
        (good.replace("\"reviewer:shop\"", "\"root\""), "must be admin, editor, reviewer or auditor"),
    ] {
        let (fine, said) = doctor(&settings);
        assert!(!fine && said.contains(expected) && !said.contains("geheim"), "'{expected}' is not in {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_count_by_the_accounts_own_name_whatever_was_typed() {
    let directory = OpenLdap::start(Oddities::default());
    // Mallory may change the address that people can sign in with, and takes the name of somebody else.
    let mail = Mod::Replace("mail".to_owned(), HashSet::from(["star*".to_owned()]));
    directory.change(&dn_of("carol"), mail).await;
    let settings = directory
        .provider("user_filter = \"(|(&(uid={username})(sn=nobody at all))(mail={username}))\"\ngroup_filter = \"(description={username})\"")
        .replace("nested = 5", "");
    let members = Mod::Add("description".to_owned(), HashSet::from(["star*".to_owned()]));
    directory.change(&format!("cn=reviewers,ou=groups,{BASE}"), members).await;
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    assert_eq!(sign_in(&shop, "star*", "carol-secret").await.status(), StatusCode::FORBIDDEN);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_stays_in_by_a_provider_that_is_gone() {
    let directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(Database::Sqlite, &directory, "").await;
    let alice = cookie(&sign_in(&shop, "alice", "alice-secret").await);
    let dir = shop.dir.clone();
    shop.stop().await;
    let without = Installation::open(&dir, "").await;
    let answer = without.get("/staff/inbox").header(COOKIE, &alice).send().await.unwrap();
    assert_eq!(location(&answer), "/staff/login?next=%2Fstaff%2Finbox");
    without.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_come_in_while_one_of_two_servers_is_dead_on_sqlite() {
    fifty_at_once(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_come_in_while_one_of_two_servers_is_dead_on_postgresql() {
    fifty_at_once(Database::Postgres).await;
}

async fn fifty_at_once(database: Database) {
    let directory = OpenLdap::start(Oddities::default());
    let frozen = OpenLdap::start(Oddities::default());
    frozen.freeze(true);
    let urls = format!(
        "url = [\"ldaps://127.0.0.1:{}\", \"ldaps://127.0.0.1:{}\"]\ntimeout_seconds = 1",
        frozen.tls_port, directory.tls_port
    );
    // One address has only so many tries in a minute, so fifty come from places of their own. (The harness begins [server]
    // where there is no [database].)
    let (most, proxies) = match database {
        Database::Sqlite => (50, "trusted_proxies = [\"127.0.0.1/32\"]\n"),
        Database::Postgres => (18, ""),
    };
    let settings = format!("{proxies}{}", directory.provider(&urls));
    let shop = Installation::start_with(database, &settings).await;
    let from = |number: u32| {
        let form = [("provider", "directory"), ("username", "alice"), ("password", "alice-secret")];
        let post = shop.post("/staff/login").header("x-forwarded-for", format!("192.0.2.{number}")).form(&form);
        async move { post.send().await.unwrap() }
    };
    let began = Instant::now();
    let all = futures_util::future::join_all((1..=most).map(from)).await;
    let statuses: HashSet<u16> = all.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses, HashSet::from([303]));
    // The dead one is asked once, and then left alone.
    let again = Instant::now();
    from(60).await;
    assert!(again.elapsed() < Span::from_secs(1), "{:?} after {:?}", again.elapsed(), began.elapsed());
    frozen.freeze(false);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_is_away_is_said_so_and_used_again_when_it_is_back() {
    let mut directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(Database::Sqlite, &directory, "timeout_seconds = 1").await;
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    directory.cut();
    let answer = sign_in(&shop, "alice", "alice-secret").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    // Nobody's failure.
    assert_eq!(shop.count("login_failures", "1 = 1").await, 0);
    directory.resume();
    assert_eq!(sign_in(&shop, "alice", "alice-secret").await.status(), StatusCode::SEE_OTHER);
    // While it says nothing at all, forms are served as ever.
    directory.freeze(true);
    let waiting = async { (sign_in(&shop, "alice", "alice-secret").await, Instant::now()) };
    let forms = async {
        for _ in 0..20 {
            assert_eq!(shop.get("/f/shop/contact").send().await.unwrap().status(), StatusCode::OK);
        }
        Instant::now()
    };
    let ((waited, ended), served) = futures_util::future::join(waiting, forms).await;
    assert_eq!(waited.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(served < ended, "the forms were served while the sign-in waited");
    directory.freeze(false);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_locked_or_gone_is_out_soon() {
    let directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(Database::Sqlite, &directory, "").await;
    let [alice, bob] =
        [sign_in(&shop, "alice", "alice-secret").await, sign_in(&shop, "bob", "bob-secret").await].map(|answer| {
            assert_eq!(location(&answer), "/staff/inbox");
            cookie(&answer)
        });
    let lock = Mod::Add("pwdAccountLockedTime".to_owned(), HashSet::from(["000001010000Z".to_owned()]));
    directory.change(&dn_of("bob"), lock).await;
    let recheck = || sealwax::staff::providers::recheck(&shop.app, Duration::minutes(10));
    assert_eq!(recheck().await.unwrap(), 0, "they were looked up a moment ago");
    shop.clock.advance(Duration::minutes(11));
    assert_eq!(recheck().await.unwrap(), 1);
    let status = async |cookie: &str| shop.get("/staff/inbox").header(COOKIE, cookie).send().await.unwrap().status();
    assert_eq!(status(&alice).await, StatusCode::OK);
    assert_eq!(status(&bob).await, StatusCode::SEE_OTHER);
    assert!(is_refused(&shop, "bob", "bob-secret").await);
    // One who has left the company.
    directory.delete(&dn_of("alice")).await;
    assert_eq!(recheck().await.unwrap(), 0, "she was looked up a moment ago");
    shop.clock.advance(Duration::minutes(11));
    assert_eq!(recheck().await.unwrap(), 1);
    assert_eq!(status(&alice).await, StatusCode::SEE_OTHER);
    assert!(is_refused(&shop, "alice", "alice-secret").await);
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-sessions-ended' AND body LIKE '%gone-or-locked%'").await, 2);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_back_asks_for_the_password_of_the_directory() {
    let directory = OpenLdap::start(Oddities::default());
    let shop = shop_of(Database::Sqlite, &directory, "").await;
    let alice = cookie(&sign_in(&shop, "alice", "alice-secret").await);
    sign_in(&shop, "bob", "bob-secret").await;
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let page = shop.staff_page(&alice, "/staff/accounts").await;
        let csrf = page.hidden("csrf");
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        shop.post(path).header(COOKIE, &alice).form(&fields).send().await.unwrap()
    };
    assert_eq!(location(&send("/staff/sessions/end", &[]).await), "/staff/accounts");
    shop.clock.advance(Duration::minutes(16));
    assert!(location(&send("/staff/sessions/end", &[]).await).starts_with("/staff/confirm"));
    // Neither a wrong password nor somebody else's.
    for password in ["wrong", "bob-secret", ""] {
        let refused = send("/staff/confirm", &[("password", password), ("next", "/staff/accounts")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(location(&send("/staff/sessions/end", &[]).await).starts_with("/staff/confirm"), "{password}");
    }
    let confirmed = send("/staff/confirm", &[("password", "alice-secret"), ("next", "/staff/accounts")]).await;
    assert_eq!(location(&confirmed), "/staff/accounts");
    assert_eq!(location(&send("/staff/sessions/end", &[]).await), "/staff/accounts");
    assert_eq!(shop.count("ledger_entries", "kind = 'staff-confirmed'").await, 1);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_directories_never_share_an_account() {
    let (first, second) = (OpenLdap::start(Oddities::default()), OpenLdap::start(Oddities::default()));
    // What somebody is called there is the same in both, and all that tells the accounts apart is where it is from.
    let by_name = "attributes = { subject = \"uid\" }";
    let other = second.provider(by_name).replace("id = \"directory\"", "id = \"partners\"");
    let other = other.replace("admins = \"admin\"", "admins = \"reviewer\"");
    assert!(other.contains("partners") && other.contains("admins = \"reviewer\""));
    let settings = format!("{}\n{other}", first.provider(by_name));
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    let enter = async |provider: &str| {
        let form = [("provider", provider), ("username", "alice"), ("password", "alice-secret")];
        cookie(&shop.post("/staff/login").form(&form).send().await.unwrap())
    };
    let (here, there) = (enter("directory").await, enter("partners").await);
    // One name and one address, twice.
    assert_eq!(shop.count("staff", "login = 'alice' AND name = 'Alice Admin'").await, 2);
    assert_eq!(shop.count("staff", "username = 'alice' AND provider IN ('directory', 'partners')").await, 2);
    let status = async |cookie: &str, path: &str| shop.get(path).header(COOKIE, cookie).send().await.unwrap().status();
    assert_eq!(status(&here, "/staff/accounts").await, StatusCode::OK);
    assert_eq!(status(&there, "/staff/inbox").await, StatusCode::OK);
    assert_eq!(status(&there, "/staff/accounts").await, StatusCode::FORBIDDEN, "a role here is none there");
    // Who is gone from one of them is gone there.
    second.delete(&dn_of("alice")).await;
    shop.clock.advance(Duration::minutes(11));
    assert_eq!(sealwax::staff::providers::recheck(&shop.app, Duration::minutes(10)).await.unwrap(), 1);
    assert_eq!(status(&here, "/staff/inbox").await, StatusCode::OK);
    assert_eq!(status(&there, "/staff/inbox").await, StatusCode::SEE_OTHER);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_on_one_form_reaches_that_form_and_no_other() {
    let directory = OpenLdap::start(Oddities::default());
    let settings = directory.provider("").replace("reviewers = \"reviewer\"", "reviewers = \"reviewer:shop/contact\"");
    assert!(settings.contains("shop/contact"));
    let shop = Installation::start_with(Database::Sqlite, &settings).await;
    let send = async |form: &str, body: &Value| {
        let sent = shop.post(&format!("/api/v1/forms/shop/{form}/submissions")).json(body).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::CREATED, "{form}");
        sent.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let contact = send("contact", &contact_answers()).await;
    let survey = send("survey", &json!({ "answers": { "recommend": 9 } })).await;
    let reviewer = cookie(&sign_in(&shop, "star*", "star-secret").await);
    let admin = cookie(&sign_in(&shop, "alice", "alice-secret").await);
    let seen = async |cookie: &str| {
        let mut links = shop.staff_page(cookie, "/staff/inbox").await.links("/staff/submissions/");
        links.sort();
        links
    };
    let open = async |cookie: &str, id: &str| {
        let page = shop.get(&format!("/staff/submissions/{id}")).header(COOKIE, cookie);
        page.send().await.unwrap().status()
    };
    let [of_contact, of_survey] = [&contact, &survey].map(|id| format!("/staff/submissions/{id}"));
    assert_eq!(seen(&reviewer).await, std::slice::from_ref(&of_contact));
    assert_eq!(open(&reviewer, &contact).await, StatusCode::OK);
    assert_eq!(open(&reviewer, &survey).await, StatusCode::NOT_FOUND);
    // It is there for whoever has a role on everything.
    let mut both = [of_contact, of_survey];
    both.sort();
    assert_eq!(seen(&admin).await, both);
    assert_eq!(open(&admin, &survey).await, StatusCode::OK);
    shop.stop().await;
}

/// How long the middle one of several wrong passwords takes.
async fn takes(shop: &Installation, provider: &str, names: &[&str]) -> Span {
    let mut took = Vec::new();
    for name in names {
        let form = [("provider", provider), ("username", *name), ("password", "not the password")];
        let began = Instant::now();
        let answer = shop.post("/staff/login").form(&form).send().await.unwrap();
        took.push(began.elapsed());
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{provider}, {name}");
    }
    took.sort_unstable();
    took[took.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has() {
    let directory = OpenLdap::start(Oddities::default());
    for provider in ["local", "directory"] {
        let local = "[[staff.providers]]\nid = \"here\"\nkind = \"local\"\n";
        let shop = Installation::start_with(Database::Sqlite, &format!("{local}{}", directory.provider(""))).await;
        let known = ["alice", "bob", "carol", "star*", "many", "twin1", "twin2"];
        if provider == "local" {
            let hash = shop.app.passwords.hash("correct horse battery staple".into()).await.unwrap();
            for name in known {
                let username = sealwax::staff::Username::parse(name).unwrap();
                let db = shop.app.db.writer();
                let id = sealwax::staff::store::add(db, &shop.app.ambient, &username, name).await.unwrap();
                sealwax::staff::store::set_password(db, id, &hash).await.unwrap();
            }
        }
        // The first one of each connects and fills caches.
        takes(&shop, provider, &["nobody"]).await;
        let (known, unknown) =
            (takes(&shop, provider, &known).await, takes(&shop, provider, &["a", "b", "c", "d", "e", "f", "g"]).await);
        let ratio = known.as_secs_f64() / unknown.as_secs_f64();
        assert!((0.4..2.5).contains(&ratio), "{provider}: {known:?} for a known name, {unknown:?} for an unknown one");
        shop.stop().await;
    }
}
