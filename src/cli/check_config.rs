//! `sealwax check-config`: say whether the configuration can be used, without starting anything.

use clap::Args;

use super::{Failure, Place, print};
use crate::config::Role;
use crate::crypto::keyring::{self, KeySource, MasterKey};
use crate::server::tls::ReloadingCertificate;

/// `sealwax check-config`
#[derive(Debug, Args)]
pub struct CheckConfig {
    #[command(flatten)]
    place: Place,
}

/// Reads everything that the configuration names and can be read without a server.
pub fn run(command: &CheckConfig) -> Result<(), Failure> {
    let config = command.place.config(Vec::new())?;
    if let Some(files) = &config.server.tls {
        ReloadingCertificate::load(files).map_err(|error| Failure::Told(error.to_string()))?;
    }
    // Files that are not there yet are made at the first start.
    let is_there = |source: &KeySource| !matches!(source, KeySource::File(path) if !path.exists());
    if config.server.role != Role::Public && is_there(&config.keys.master) {
        MasterKey::load(&config.keys.master)?;
    }
    if is_there(&config.keys.index) {
        keyring::load_index_secret(&config.keys.index)?;
    }
    for warning in config.warnings() {
        print(&format!("warning: {warning}"));
    }
    print(&format!(
        "ok: would serve {} on {}, database {}",
        config.public_url(),
        config.server.listen,
        config.database.url
    ));
    Ok(())
}
