//! The `sealwax` program.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    ExitCode::from(sealwax::cli::run(sealwax::cli::Cli::parse()))
}
