//! `sealwax ledger`: whether the record is what it was, and its signed head for safe keeping elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Subcommand;
use time::Duration;

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::app::ledger_sources;
use crate::crypto::Keyring;
use crate::ledger::keys;
use crate::ledger::sequencer::{self, Sequencer};
use crate::ledger::verify::{self, Kept};
use crate::sites::versions;

/// `sealwax ledger …`
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Check every entry, consent and published version against the signed tree; say what was changed.
    Verify {
        /// A signed head from `sealwax ledger checkpoint` that was kept elsewhere: proves that the log still extends it.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
        /// The verifier key that `sealwax ledger checkpoint` printed, so that not even the key is taken from the
        /// database.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
    /// Print the signed head of the log, to be kept where nobody of this installation can change it.
    Checkpoint {
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
}

/// Verifies, or prints the head.
pub async fn run(command: Ledger, ambient: Ambient) -> Result<(), Failure> {
    match command {
        Ledger::Verify { against, key, place } => {
            let (db, _, _) = super::open(&place, &ambient).await?;
            let note = match &against {
                Some(file) => {
                    Some(std::fs::read(file).map_err(|error| Failure::Told(format!("{}: {error}", file.display())))?)
                }
                None => None,
            };
            let began = std::time::Instant::now();
            let mut report =
                verify::verify(&db, &ledger_sources(), &Kept { note, verifier: key }, show_progress()).await?;
            report.add(versions::damaged(db.reader()).await?);
            let took = began.elapsed().as_secs_f64();
            for finding in &report.findings {
                print(&format!("wrong  {finding}"));
            }
            if report.more > 0 {
                print(&format!("wrong  {} more", report.more));
            }
            if !report.is_clean() {
                let count = report.findings.len() + report.more;
                return Err(Failure::Told(format!("the record is not what it was: {count} findings")));
            }
            let kept = if against.is_some() { ", and extends the head that was kept" } else { "" };
            print(&format!("ok     {} entries are what was recorded{kept}", report.size));
            if report.waiting > 0 {
                print(&format!(
                    "       {} more wait for their place, which a running server gives them",
                    report.waiting
                ));
            }
            let _ = writeln!(std::io::stderr().lock(), "in {took:.1} s");
            Ok(())
        }
        Ledger::Checkpoint { place } => {
            let (db, keys, config) = super::open(&place, &ambient).await?;
            if let Some(master) = keys.master {
                let keyring = Keyring::new(master, Duration::ZERO);
                let (origin, sources) = (keys::origin(&config.public_url()), ledger_sources());
                let (db, ambient) = (&db, &ambient);
                Sequencer { db, ambient, keyring: &keyring, origin: &origin, sources: &sources }.run().await?;
            }
            let (_, checkpoint) = sequencer::head(db.reader()).await?;
            let checkpoint = checkpoint.ok_or_else(|| Failure::Told("nothing was recorded yet".to_owned()))?;
            print(checkpoint.trim_end_matches('\n'));
            if let Some(verifier) = keys::verifiers(db.reader()).await?.first() {
                let _ = writeln!(std::io::stderr().lock(), "verifier key: {verifier}");
            }
            Ok(())
        }
    }
}

/// Tells on a terminal how far it is.
fn show_progress() -> impl Fn(u64, u64) {
    let terminal = std::io::stderr().is_terminal();
    move |done, all| {
        if terminal {
            let end = if done == all { "\n" } else { "" };
            let _ = write!(std::io::stderr().lock(), "\r{done} of {all} entries{end}");
        }
    }
}
