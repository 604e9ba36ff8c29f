//! What a sign-in costs the server in CPU time, through real servers of each kind:
//!
//!     cargo bench --bench sign_in
//!
//! LDAP, CAS, `OpenID` Connect and SAML through OpenLDAP and `LemonLDAP::NG`, which scripts/setup.sh test
//! installs. The time is that of the program's own process, from the first request to the session;
//! where a browser is sent elsewhere, the first page is included.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that can't go on ends"
)]

#[path = "../tests/support/mod.rs"]
#[macro_use]
#[expect(dead_code, unused_macros, reason = "the harness of the journeys, of which this needs a part")]
mod support;

use std::time::Instant;

use support::directory::{Oddities, OpenLdap};
use support::lemon::{Lemon, LemonOptions};
use support::program::Program;
use support::server::free_port;
use support::walker::Walker;

/// Sign-ins of each kind.
const TIMES: u32 = 200;
/// Ticks of /proc/PID/stat in a second, which Linux shows to programs.
const TICKS: f64 = 100.0;

/// CPU time of a process so far, in milliseconds.
fn cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) * 1000.0 / TICKS
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let directory = OpenLdap::start(Oddities::default());
    let mut lemon = Lemon::reserve(&directory, None);
    let dir = support::fresh_directory();
    let port = free_port();
    let providers =
        [directory.provider(""), lemon.cas_provider(""), lemon.oidc_provider(""), lemon.saml_provider("")].concat();
    let settings = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\ntrusted_proxies = [\"127.0.0.1/32\"]\n[limits]\npages_per_minute = 0\n{providers}"
    );
    let program = Program::start(&dir, &settings, &[]);
    let options = LemonOptions { service: program.url.clone(), ..LemonOptions::default() };
    lemon.run(&options);
    let metadata = support::client().get(format!("{}/staff/auth/saml/metadata", program.url)).send().await.unwrap();
    lemon.run(&LemonOptions { sp_metadata: vec![metadata.text().await.unwrap()], ..options });
    for provider in ["directory", "cas", "oidc", "saml"] {
        let walker = Walker::new(&[]);
        let (mut before, mut began) = (0.0, Instant::now());
        // The first ones connect, read metadata and fill caches.
        for number in 0..TIMES + 20 {
            if number == 20 {
                (before, began) = (cpu(program.id()), Instant::now());
            }
            // Whoever signs in so often comes from many addresses.
            let from = format!("10.{}.{}.7", number / 200, number % 200);
            if provider == "directory" {
                let form = [("provider", provider), ("username", "alice"), ("password", "alice-secret")];
                let request = support::client().post(format!("{}/staff/login", program.url)).form(&form);
                let answer = request.header("x-forwarded-for", from).send().await.unwrap();
                assert_eq!(support::location(&answer), "/staff/inbox");
            } else {
                walker.set_header("x-forwarded-for", &from);
                let start = format!("{}/staff/auth/{provider}/login", program.url);
                let page = walker.sign_in(&start, "alice", "alice-secret").await;
                assert_eq!(page.url.path(), "/staff/inbox", "{page:?}");
            }
        }
        let each = (cpu(program.id()) - before) / f64::from(TIMES);
        let wall = began.elapsed().as_secs_f64() * 1000.0 / f64::from(TIMES);
        println!(
            "{provider:10} {each:.2} ms of CPU for one sign-in ({wall:.1} ms from end to end, the provider's part included)"
        );
    }
}
