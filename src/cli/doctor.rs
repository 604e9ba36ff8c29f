//! `sealwax doctor`: tries what the installation needs from others, and says in a line each what is
//! wrong.

use clap::Args;

use super::{Failure, Place, print};
use crate::config::Kind;
use crate::db::{self, Db};
use crate::staff::providers::Providers;

/// `sealwax doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    place: Place,
}

/// Tries the database and every provider; fails when one of them fails.
pub async fn run(command: Doctor) -> Result<(), Failure> {
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
    let providers = Providers::new(&config.staff.providers).map_err(Failure::Told)?;
    for ready in providers.all() {
        let (Kind::Ldap(_), Some(directory)) = (&ready.settings.kind, &ready.directory) else { continue };
        for (server, outcome) in directory.probe().await {
            tell(&format!("{} at {server}", ready.settings.id), outcome.map_err(|error| error.to_string()));
        }
    }
    if wrong > 0 { Err(Failure::Told(format!("{wrong} of these do not work"))) } else { Ok(()) }
}
