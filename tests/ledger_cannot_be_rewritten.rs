//! What was recorded stays what it was: consents, publications and what staff did, one tree for all of them.

use std::process::Output;
use std::sync::Arc;

use sealwax::app::{App, ledger_sources};
use sealwax::ledger::sequencer::{self, Sequencer};
use sealwax::ledger::verify::{Finding, Kept, Report, verify};
use sealwax::ledger::{self, Entry, keys};
use sealwax::sites::versions;
use serde_json::json;

use crate::support::{Database, Installation, contact_answers, said, sealwax};

async fn sequence(app: &App) -> usize {
    let (origin, sources) = (keys::origin(&app.config.public_url()), ledger_sources());
    let keyring = app.keyring.as_ref().unwrap();
    let sequencer = Sequencer { db: &app.db, ambient: &app.ambient, keyring, origin: &origin, sources: &sources };
    sequencer.run().await.unwrap()
}

async fn looked_at(app: &App, kept: &Kept) -> Report {
    let mut report = verify(&app.db, &ledger_sources(), kept, |_, _| {}).await.unwrap();
    report.add(versions::damaged(app.db.reader()).await.unwrap());
    report
}

async fn is_clean(app: &App) {
    let report = looked_at(app, &Kept::default()).await;
    assert!(report.is_clean(), "{:?}", report.findings);
}

async fn checkpoint(app: &App) -> Vec<u8> {
    sequencer::head(app.db.reader()).await.unwrap().1.unwrap().into_bytes()
}

async fn run(app: &App, sql: &str) {
    let done = sealwax::db::execute(app.db.writer(), sql, vec![]).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// A shop with some life in it, whose server has stopped, and which does not defend itself any more.
async fn defenceless(shop: Installation) -> Arc<App> {
    #[derive(sea_orm::FromQueryResult)]
    struct Trigger {
        name: String,
        on_table: String,
    }
    for _ in 0..3 {
        assert_eq!(shop.send_json(&contact_answers()).await.status(), 201);
    }
    shop.admin().await;
    let app = Arc::clone(&shop.app);
    shop.stop().await;
    sequence(&app).await;
    is_clean(&app).await;
    let sql = if app.db.is_sqlite() {
        "SELECT name, tbl_name AS on_table FROM sqlite_master WHERE type = 'trigger'"
    } else {
        "SELECT tgname::TEXT AS name, tgrelid::regclass::TEXT AS on_table FROM pg_trigger WHERE NOT tgisinternal"
    };
    for Trigger { name, on_table } in sealwax::db::all::<Trigger, _>(app.db.reader(), sql, vec![]).await.unwrap() {
        let on = if app.db.is_sqlite() { String::new() } else { format!(" ON {on_table}") };
        run(&app, &format!("DROP TRIGGER {name}{on}")).await;
    }
    app
}

/// Changes something, looks what is found, and puts it back.
async fn found_after(app: &App, change: &str, back: &str) -> Vec<Finding> {
    run(app, change).await;
    let found = looked_at(app, &Kept::default()).await.findings;
    assert!(!found.is_empty(), "{change}");
    run(app, back).await;
    is_clean(app).await;
    found
}

on_both! {
    async fn everything_that_happens_has_its_place_in_one_tree(shop: Installation) {
        let app = Arc::clone(&shop.app);
        assert_eq!(shop.send_json(&contact_answers()).await.status(), 201);
        sequence(&app).await;
        let entries = shop.count("ledger_entries", "1 = 1").await + shop.count("consent_events", "1 = 1").await;
        let report = looked_at(&app, &Kept::default()).await;
        assert!(report.is_clean(), "{:?}", report.findings);
        assert_eq!(i64::try_from(report.size).unwrap(), entries);
        assert_eq!(shop.count("ledger_queue", "1 = 1").await, 0);
        // Nothing new, nothing to sign.
        let head = checkpoint(&app).await;
        assert_eq!(sequence(&app).await, 0);
        assert_eq!(checkpoint(&app).await, head);
        let head = String::from_utf8(head).unwrap();
        let lines: Vec<&str> = head.lines().collect();
        assert_eq!(lines[..2], [keys::origin(&shop.url).as_str(), &entries.to_string()]);
        assert!(lines[4].starts_with("\u{2014} "), "a signed note: {head}");
        // What waits is no defect.
        shop.send_json(&contact_answers()).await;
        is_clean(&app).await;
        shop.stop().await;
    }

    async fn whatever_is_changed_in_a_row_is_found_and_named(shop: Installation) {
        let app = defenceless(shop).await;
        let nobody = if app.db.is_sqlite() { format!("x'{}'", "0".repeat(32)) } else { "gen_random_uuid()".to_owned() };
        let bytes = if app.db.is_sqlite() { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
        let later = if app.db.is_sqlite() { "'2027-01-01 00:00:00.000000 +00:00'" } else { "'2027-01-01'" };
        let text = "'altered'";
        for (table, columns) in [
            ("consent_events", vec![
                ("action", "CASE action WHEN 'given' THEN 'refused' ELSE 'given' END"), ("method", text), ("lang", text),
                ("touchpoint", text), ("site_id", nobody.as_str()), ("submission_id", &nobody), ("subject_id", &nobody),
                ("policy_version_id", &nobody), ("form_version_id", &nobody), ("site_version_id", &nobody),
                ("wording_sha256", bytes), ("occurred_at", later),
            ]),
            ("ledger_entries", vec![
                ("kind", text), ("body", "'{}'"), ("body", "'no JSON'"), ("actor_id", &nobody), ("subject_id", &nobody),
                ("occurred_at", later),
            ]),
        ] {
            run(&app, &format!("CREATE TABLE kept AS SELECT * FROM {table}")).await;
            for (column, value) in columns {
                let first = format!("(SELECT id FROM {table} ORDER BY id LIMIT 1)");
                let change = format!("UPDATE {table} SET {column} = {value} WHERE id = {first}");
                let back = format!("UPDATE {table} SET {column} = (SELECT k.{column} FROM kept k WHERE k.id = {table}.id)");
                let found = found_after(&app, &change, &back).await;
                let of_row = |finding: &Finding| matches!(finding,
                    Finding::Changed { table: named, .. } | Finding::Missing { table: named, .. } if *named == table);
                assert!(of_row(&found[0]), "{table}.{column}: {found:?}");
                assert_eq!(found.iter().filter(|finding| of_row(finding)).count(), 1, "{table}.{column}: {found:?}");
            }
            // Taken out, put in, and put in another's place.
            let first = format!("(SELECT id FROM {table} ORDER BY id LIMIT 1)");
            let found = found_after(
                &app,
                &format!("DELETE FROM {table} WHERE id = {first}"),
                &format!("INSERT INTO {table} SELECT * FROM kept WHERE id NOT IN (SELECT id FROM {table})"),
            ).await;
            assert!(matches!(found[0], Finding::Missing { table: named, .. } if named == table), "{found:?}");
            run(&app, &format!("CREATE TABLE more AS SELECT * FROM kept WHERE id = {first}")).await;
            run(&app, &format!("UPDATE more SET id = {nobody}")).await;
            let found = found_after(
                &app,
                &format!("INSERT INTO {table} SELECT * FROM more"),
                &format!("DELETE FROM {table} WHERE id IN (SELECT id FROM more)"),
            ).await;
            assert!(matches!(found[..], [Finding::Inserted { table: named, .. }] if named == table), "{found:?}");
            run(&app, "DROP TABLE more").await;
            run(&app, "DROP TABLE kept").await;
        }
        for table in ["site_versions", "policy_versions", "purpose_versions", "form_versions"] {
            let found = found_after(
                &app,
                &format!("UPDATE {table} SET content = content || ' '"),
                &format!("UPDATE {table} SET content = substr(content, 1, length(content) - 1)"),
            ).await;
            assert!(found.iter().all(|one| matches!(one, Finding::Version { table: named, .. } if *named == table)), "{found:?}");
        }
    }

    async fn whatever_is_changed_in_the_tree_is_found_and_named(shop: Installation) {
        let app = defenceless(shop).await;
        run(&app, "CREATE TABLE leaves AS SELECT * FROM ledger_leaves").await;
        run(&app, "CREATE TABLE tiles AS SELECT * FROM ledger_tiles").await;
        run(&app, "CREATE TABLE tree AS SELECT * FROM ledger_tree").await;
        let leaves = "DELETE FROM ledger_leaves";
        let fill = "INSERT INTO ledger_leaves SELECT * FROM leaves";
        let restored = async || {
            run(&app, leaves).await;
            run(&app, fill).await;
            is_clean(&app).await;
        };
        let bytes = if app.db.is_sqlite() { "zeroblob(16)" } else { "decode(repeat('00', 16), 'hex')" };
        let found = async |sql: &str| {
            run(&app, sql).await;
            let found = looked_at(&app, &Kept::default()).await.findings;
            restored().await;
            found
        };
        let salt = found(&format!("UPDATE ledger_leaves SET salt = {bytes} WHERE position = 2")).await;
        assert!(matches!(salt[..], [Finding::Changed { position: 2, .. }]), "{salt:?}");
        let none = found("UPDATE ledger_leaves SET salt = NULL WHERE position = 2").await;
        assert!(matches!(none[..], [Finding::OddLeaf { position: 2 }]), "{none:?}");
        let taken = found("DELETE FROM ledger_leaves WHERE position = 2").await;
        assert_eq!(taken[0], Finding::NoLeaf { position: 2 });
        // Two of them in each other's place.
        run(&app, "UPDATE ledger_leaves SET position = 1000 WHERE position = 1").await;
        run(&app, "UPDATE ledger_leaves SET position = 1 WHERE position = 2").await;
        let swapped = found("UPDATE ledger_leaves SET position = 2 WHERE position = 1000").await;
        assert!(matches!(swapped[..], [Finding::Changed { position: 1, .. }, Finding::Changed { position: 2, .. }]), "{swapped:?}");
        // One more than there are.
        let more = found(&format!(
            "INSERT INTO ledger_leaves SELECT 5000, 'entry', {}, salt FROM leaves WHERE position = 0",
            if app.db.is_sqlite() { "randomblob(16)" } else { "gen_random_uuid()" }
        )).await;
        assert!(more.contains(&Finding::MoreLeaves { position: 5000 }), "{more:?}");
        // The tree and its head.
        let (tile, back) = ("DELETE FROM ledger_tiles", "INSERT INTO ledger_tiles SELECT * FROM tiles");
        assert_eq!(found_after(&app, tile, back).await[0], Finding::Tile((0, 0)));
        let head = "UPDATE ledger_tree SET checkpoint = (SELECT checkpoint FROM tree), size = (SELECT size FROM tree)";
        for (change, words) in [
            ("UPDATE ledger_tree SET checkpoint = NULL", "gone"),
            ("UPDATE ledger_tree SET checkpoint = 'x'", "no signed note"),
            ("UPDATE ledger_tree SET checkpoint = replace(checkpoint, '/ledger', '/ledges')", "signature"),
        ] {
            let found = found_after(&app, change, head).await;
            assert!(found[0].to_string().contains(words), "{change}: {found:?}");
        }
        // The end cut off, together with what is wrong then.
        run(&app, "UPDATE ledger_tree SET size = size - 1").await;
        let found = looked_at(&app, &Kept::default()).await.findings;
        assert!(found.iter().any(|one| one.to_string().contains("the tree has")), "{found:?}");
        run(&app, head).await;
    }

    async fn a_head_that_was_kept_shows_what_was_rewritten_since(shop: Installation) {
        let app = defenceless(shop).await;
        let verifier = keys::verifiers(app.db.reader()).await.unwrap().remove(0);
        let kept = Kept { note: Some(checkpoint(&app).await), verifier: Some(verifier) };
        for _ in 0..300 {
            ledger::append(app.db.writer(), &app.ambient, Entry::new("test", json!({}))).await.unwrap();
        }
        assert_eq!(sequence(&app).await, 300);
        let report = looked_at(&app, &kept).await;
        assert!(report.is_clean(), "{:?}", report.findings);
        // Whoever has the database and the keys writes it all anew.
        run(&app, "UPDATE consent_events SET action = 'given'").await;
        for sql in [
            "DELETE FROM ledger_tiles",
            "INSERT INTO ledger_queue (id, source) SELECT id, source FROM ledger_leaves",
            "DELETE FROM ledger_leaves",
            "UPDATE ledger_tree SET size = 0, checkpoint = NULL",
        ] {
            run(&app, sql).await;
        }
        sequence(&app).await;
        is_clean(&app).await;
        let found = looked_at(&app, &kept).await.findings;
        assert!(matches!(found[..], [Finding::Forked(_)]), "{found:?}");
        // Another key counts for nothing, wherever it is from.
        let stranger = "forms.example/ledger+97a7ab87+ASnJ8VvTIzFhtO1rSDFPc6HtWf8MyhjMtoA0dGqjSJHZ".to_owned();
        let found = looked_at(&app, &Kept { verifier: Some(stranger), ..kept }).await.findings;
        assert!(found.iter().any(|one| matches!(one, Finding::Head(_))), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_append_at_once_make_one_tree() {
    let shop = Installation::start(Database::Postgres).await;
    let app = Arc::clone(&shop.app);
    let append = async |count: usize| {
        for _ in 0..count {
            ledger::append(app.db.writer(), &app.ambient, Entry::new("test", json!({ "n": count }))).await.unwrap();
        }
    };
    let all =
        futures_util::future::join5(append(300), append(301), sequence(&app), sequence(&app), sequence(&app)).await;
    let rest = sequence(&app).await;
    assert!(all.2 + all.3 + all.4 + rest <= 700);
    assert_eq!(shop.count("ledger_entries", "kind = 'test'").await, 601);
    let leaves = shop.count("ledger_leaves", "1 = 1").await;
    assert_eq!(shop.count("ledger_leaves", &format!("position BETWEEN 0 AND {}", leaves - 1)).await, leaves);
    is_clean(&app).await;
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_is_green_before_and_red_after_one_byte() {
    let shop = Installation::start(Database::Sqlite).await;
    shop.send_json(&contact_answers()).await;
    let dir = shop.dir.clone();
    let app = Arc::clone(&shop.app);
    shop.stop().await;
    let place = dir.to_str().unwrap().to_owned();
    let call = |arguments: &[&str]| -> Output { sealwax(&[arguments, &["--dir", &place]].concat()) };
    // What waits gets its place before the head is printed.
    let head = call(&["ledger", "checkpoint"]);
    assert!(head.status.success(), "{}", said(&head));
    let file = dir.join("head.txt");
    std::fs::write(&file, &head.stdout).unwrap();
    let key = String::from_utf8(head.stderr).unwrap();
    let key = key.lines().find_map(|line| line.strip_prefix("verifier key: ")).unwrap().to_owned();
    let verify = ["ledger", "verify", "--against", file.to_str().unwrap(), "--key", &key];
    let green = call(&verify);
    assert!(green.status.success(), "{}", said(&green));
    assert!(said(&green).contains("extends the head that was kept"), "{}", said(&green));
    run(&app, "DROP TRIGGER consent_events_no_update").await;
    run(&app, "UPDATE consent_events SET lang = 'em' WHERE id = (SELECT MAX(id) FROM consent_events)").await;
    let red = call(&verify);
    assert!(!red.status.success());
    assert!(said(&red).contains("was changed: row"), "{}", said(&red));
    assert!(said(&red).contains("of consent_events"), "{}", said(&red));
}
