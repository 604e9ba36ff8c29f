//! `sealwax receipt verify`: whether a receipt is what was recorded, without an installation or a network.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, print};
use crate::people::receipt::verify;

/// `sealwax receipt …`
#[derive(Debug, Subcommand)]
pub enum Receipt {
    /// Check a receipt of consents: its signed head, its proofs, and that it says what was recorded.
    Verify {
        /// The receipt, as it was downloaded.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The verifier key of the installation, from `sealwax ledger checkpoint` or whoever can be asked for it; without
        /// it the key that the receipt brings is believed.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
}

/// Verifies.
pub fn run(command: &Receipt) -> Result<(), Failure> {
    let Receipt::Verify { file, key } = command;
    let text = std::fs::read(file).map_err(|error| Failure::Told(format!("{}: {error}", file.display())))?;
    let verdict = verify(&text, key.as_deref()).map_err(|error| Failure::Told(error.to_string()))?;
    for consent in &verdict.consents {
        print(&format!("ok     {} {} at {}: \"{}\"", consent.purpose, consent.action, consent.at, consent.wording));
    }
    print(&format!("signed by {} over {} entries", verdict.origin, verdict.size));
    if key.is_none() {
        print("note   the key was taken from the receipt itself; compare it with --key to know whose it is");
    }
    Ok(())
}
