//! How fast the ledger gives entries their places, and how fast all of them are verified:
//!
//!     cargo bench --bench ledger
//!
//! 300,000 consent events and 100,000 other entries on SQLite, in a temporary directory (`TMPDIR` chooses the disk).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that can't go on ends, and is not exact"
)]

#[path = "../tests/support/mod.rs"]
#[macro_use]
#[expect(dead_code, unused_macros, reason = "the harness of the journeys, of which this needs a part")]
mod support;

use std::time::Instant;

use sealwax::app::ledger_sources;
use sealwax::ledger::keys;
use sealwax::ledger::sequencer::Sequencer;
use sealwax::ledger::verify::{Kept, verify};
use support::{Database, Installation, contact_answers};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let shop = Installation::start(Database::Sqlite).await;
    shop.send_json(&contact_answers()).await;
    let app = std::sync::Arc::clone(&shop.app);
    shop.stop().await;
    let numbers =
        |count: u32| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let run = async |sql: String| sealwax::db::execute(app.db.writer(), &sql, vec![]).await.unwrap();
    run(format!(
        "{} INSERT INTO consent_events SELECT randomblob(16), site_id, randomblob(16), randomblob(16), action, method, lang, \
         touchpoint, purpose_id, purpose_version_id, wording_sha256, policy_version_id, form_version_id, occurred_at, \
         site_version_id FROM n, (SELECT * FROM consent_events LIMIT 1)",
        numbers(300_000)
    ))
    .await;
    run(format!(
        "{} INSERT INTO ledger_entries (id, occurred_at, kind, actor_id, subject_id, body) SELECT randomblob(16), occurred_at, \
         'submission-opened', randomblob(16), randomblob(16), '{{\"submission\":\"0192f0c1-0000-7000-8000-000000000000\"}}' \
         FROM n, (SELECT occurred_at FROM ledger_entries LIMIT 1)",
        numbers(100_000)
    ))
    .await;
    run("DELETE FROM ledger_queue".to_owned()).await;
    for (table, source) in [("consent_events", "consent"), ("ledger_entries", "entry")] {
        let known = "SELECT id FROM ledger_leaves";
        run(format!("INSERT INTO ledger_queue SELECT id, '{source}' FROM {table} WHERE id NOT IN ({known})")).await;
    }
    let (origin, sources) = (keys::origin(&app.config.public_url()), ledger_sources());
    let keyring = app.keyring.as_ref().unwrap();
    let sequencer = Sequencer { db: &app.db, ambient: &app.ambient, keyring, origin: &origin, sources: &sources };
    let (mut longest, mut all, began) = (0.0_f64, 0, Instant::now());
    loop {
        let step = Instant::now();
        let some = sequencer.step().await.unwrap();
        longest = longest.max(step.elapsed().as_secs_f64() * 1000.0);
        all += some;
        if some == 0 {
            break;
        }
    }
    let took = began.elapsed().as_secs_f64();
    let per_second = |entries: usize, took: f64| entries as f64 / took;
    println!("sequenced {all} entries: {:.0} a second, the longest transaction {longest:.1} ms", per_second(all, took));
    for _ in 0..3 {
        let began = Instant::now();
        let report = verify(&app.db, &sources, &Kept::default(), |_, _| {}).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
        let took = began.elapsed().as_secs_f64();
        let size = usize::try_from(report.size).unwrap();
        println!("verified {size} entries in {took:.2} s: {:.0} a second", per_second(size, took));
    }
}
