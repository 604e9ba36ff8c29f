//! The command line: one file a subcommand.

pub mod apply;
pub mod check_config;
pub mod demo;
pub mod doctor;
pub mod invite;
pub mod keys;
pub mod ledger;
pub mod receipt;
pub mod retention;
pub mod serve;
pub mod staff;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::ambient::Ambient;
use crate::app::{StartError, open_installation};
use crate::config::{self, Config, ConfigError, LogFormat, Source};
use crate::crypto::KeyError;
use crate::db;

/// A secure, self-hosted web-form backend.
#[derive(Debug, Parser)]
#[command(name = "sealwax", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database, then serve forms and the staff area.
    Serve(serve::Serve),
    /// Serve a filled example installation, and a page on another origin that links to its forms.
    Demo(demo::Demo),
    /// Publish sites, policies, purposes and forms from TOML files, all or nothing.
    Apply(apply::Apply),
    /// Say whether the configuration can be used.
    CheckConfig(check_config::CheckConfig),
    /// Try the database and every provider of sign-ins, and say what is wrong.
    Doctor(doctor::Doctor),
    /// Manage the accounts of staff.
    #[command(subcommand)]
    Staff(staff::Staff),
    /// Make personal links to a form, one for each line of a CSV file.
    Invite(invite::Invite),
    /// Add codes to the list that a form gives in return, one to each who answers.
    Codes(invite::Codes),
    /// Look at keys and export them.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Check the record of consents, publications and staff, and print its signed head.
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Check a receipt of consents, without an installation.
    #[command(subcommand)]
    Receipt(receipt::Receipt),
    /// Erase what is due, or say what would go.
    #[command(subcommand)]
    Retention(retention::Retention),
    /// Print the description of the JSON API (OpenAPI).
    Openapi,
}

/// Where the installation is.
#[derive(Debug, Clone, Default, Args)]
pub struct Place {
    /// The configuration file, such as sealwax.toml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory of an installation without a configuration file [default: .].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Place {
    /// Reads the configuration. Without `--config`, a `sealwax.toml` in the directory counts.
    pub fn config(&self, arguments: Vec<(&'static str, String)>) -> Result<Config, Failure> {
        let beside = self.dir.clone().unwrap_or_default().join("sealwax.toml");
        let file = self.config.clone().or_else(|| beside.exists().then_some(beside));
        let source = Source { file, dir: self.dir.clone(), base: None, arguments };
        Ok(config::load(&source, config::environment())?)
    }
}

/// Why a command ends without having done its work. One line, or a few that belong together.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The installation can't start.
    #[error("{0}")]
    Start(#[from] StartError),
    /// A key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The database.
    #[error("{0}")]
    Database(#[from] db::Error),
    /// What the command was told.
    #[error("{0}")]
    Told(String),
}

/// Runs the command; gives the process's exit code.
pub fn run(cli: Cli) -> u8 {
    let _ = crate::server::tls::provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Failure::Told(format!("the runtime did not start: {error}"))),
    };
    let ambient = Ambient::system();
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => serve::run(command, ambient).await,
            Command::Demo(command) => demo::run(command, ambient).await,
            Command::Apply(command) => apply::run(command, ambient).await,
            Command::CheckConfig(command) => check_config::run(&command),
            Command::Doctor(command) => doctor::run(command, ambient).await,
            Command::Staff(command) => staff::run(command, ambient).await,
            Command::Invite(command) => invite::invite(command, ambient).await,
            Command::Codes(command) => invite::codes(command, ambient).await,
            Command::Keys(command) => keys::run(command, ambient).await,
            Command::Ledger(command) => ledger::run(command, ambient).await,
            Command::Receipt(command) => receipt::run(&command),
            Command::Retention(command) => retention::run(command, ambient).await,
            Command::Openapi => {
                print(&crate::server::openapi::json());
                Ok(())
            }
        }
    });
    match result {
        Ok(()) => 0,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> u8 {
    let _ = writeln!(std::io::stderr().lock(), "error: {failure}");
    1
}

/// A line on standard output. A reader that has gone away is no error.
pub fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Sends the log to standard error, as JSON unless that is a terminal.
pub fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(format!("sqlx=warn,sea_orm=warn,sea_orm_migration=warn,{}", config.log.level))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if config.log.format.map_or(!terminal, |format| format == LogFormat::Json) {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.with_ansi(terminal).with_target(false).try_init()
    };
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
}

/// Opens the installation for a command that is not the server.
async fn open(place: &Place, ambient: &Ambient) -> Result<(db::Db, crate::app::Keys, Config), Failure> {
    let config = place.config(Vec::new())?;
    let (db, keys) = open_installation(&config, ambient).await?;
    Ok((db, keys, config))
}
