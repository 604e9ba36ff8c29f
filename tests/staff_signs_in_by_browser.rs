//! Staff of the demo sign in with a real browser through real LDAP, SAML, CAS and `OpenID` servers. What
//! the browser does there is in `tests/browser/sign-in.mjs`.

use std::process::{Command, Output};

use serde_json::{Map, Value, json};

use crate::support::directory::{Oddities, OpenLdap, PEOPLE};
use crate::support::lemon::{Lemon, LemonOptions};
use crate::support::program::Program;
use crate::support::{fresh_directory, said};

/// Goes through the journey with Chromium.
fn browse(journey: &Value) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/sign-in.mjs");
    let node = Command::new("node").arg(script).env("SEALWAX_JOURNEY", journey.to_string()).output();
    node.unwrap_or_else(|error| panic!("node: {error}; run scripts/setup.sh test"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_and_a_reviewer_come_into_the_demo_by_all_four_protocols_and_nobody_without_a_role() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, None);
    let providers = [
        directory.provider(""),
        lemon.saml_provider(""),
        lemon.cas_provider(""),
        lemon.oidc_provider("logout_hint = true"),
    ];
    let dir = fresh_directory();
    let demo = Program::demo(&dir, &providers.concat());
    let metadata = reqwest::get(format!("{}/staff/auth/saml/metadata", demo.url)).await.unwrap().text().await.unwrap();
    let options = LemonOptions { service: demo.url.clone(), sp_metadata: vec![metadata], ..LemonOptions::default() };
    lemon.run(&options);

    let people: Map<String, Value> = PEOPLE
        .iter()
        .map(|(uid, name, password)| ((*uid).to_owned(), json!({ "name": name, "password": password })))
        .collect();
    let journey = json!({ "url": demo.url, "lemon": lemon.url, "logout": lemon.logout_url(), "people": people });
    let browsed = browse(&journey);
    assert!(browsed.status.success(), "{}\nthe demo said:\n{}", said(&browsed), demo.log());
    drop(demo);
    let _ = std::fs::remove_dir_all(dir);
}
