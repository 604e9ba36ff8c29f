//! `sealwax doctor`: tries what the installation needs from others, and says in a line each what is
//! wrong.

use clap::Args;

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::db::{self, Db};
use crate::staff::providers::Providers;

/// `sealwax doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    place: Place,
}

/// Tries the database and every provider; fails when one of them fails.
pub async fn run(command: Doctor, ambient: Ambient) -> Result<(), Failure> {
    let config = command.place.config(Vec::new())?;
    let mut wrong = 0;
    let mut tell = |what: &str, outcome: Result<(), String>| match outcome {
        Ok(()) => print(&format!("ok     {what}")),
        Err(reason) => {
            wrong += 1;
            print(&format!("wrong  {what}: {reason}"));
        }
    };
    let url = config.database.url.expose().to_owned();
    let database = if config.database.url.sqlite_path().is_some_and(|file| !file.exists()) {
        // The first start makes it.
        Ok(())
    } else {
        match Db::connect(&db::Settings { url, max_connections: config.database.max_connections }).await {
            Ok(db) => {
                db.close().await;
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    };
    tell("database", database);
    let providers = Providers::new(&config.staff.providers, &config.public_url()).map_err(Failure::Told)?;
    for ready in providers.all() {
        for probe in ready.probe(ambient.now()).await {
            let at = if probe.server.is_empty() { String::new() } else { format!(" at {}", probe.server) };
            tell(&format!("{}{at}", ready.id()), probe.outcome.map(drop).map_err(|fault| fault.to_string()));
        }
    }
    if wrong > 0 { Err(Failure::Told(format!("{wrong} of these do not work"))) } else { Ok(()) }
}
