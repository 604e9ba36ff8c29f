//! `sealwax retention run`: erases what is due, or says what would go.

use clap::Subcommand;
use time::Duration;

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::people::retention;

/// Days that `--dry-run` looks ahead.
const AHEAD: i64 = 30;

/// `sealwax retention …`
#[derive(Debug, Subcommand)]
pub enum Retention {
    /// Erase every part whose retention period has ended. A running server does so by itself, once a minute.
    Run {
        /// Say what would be erased now and within 30 days, and erase nothing.
        #[arg(long)]
        dry_run: bool,
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
}

/// Erases, or says what would go.
pub async fn run(command: Retention, ambient: Ambient) -> Result<(), Failure> {
    let Retention::Run { dry_run, place } = command;
    let (db, _, _) = super::open(&place, &ambient).await?;
    let now = ambient.now();
    if !dry_run {
        let erased = retention::run(&db, &ambient).await?;
        print(&format!("{erased} parts erased"));
        return Ok(());
    }
    let due = retention::due(db.reader(), now).await?;
    let ahead = retention::due(db.reader(), now + Duration::days(AHEAD)).await?;
    if ahead.is_empty() {
        print(&format!("nothing is due now or within {AHEAD} days"));
    }
    for ((site, purpose), count) in &ahead {
        let now = due.get(&(site.clone(), purpose.clone())).copied().unwrap_or(0);
        print(&format!("site {site}  purpose {purpose}  {now} parts now, {count} within {AHEAD} days"));
    }
    Ok(())
}
