//! `sealwax keys`: look at inbox keys, and take an identity out for use with the `age` program.

use clap::Subcommand;
use sea_orm::FromQueryResult;
use secrecy::ExposeSecret as _;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::crypto::Keyring;
use crate::{db, ledger};

/// `sealwax keys …`
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List inbox keys with the public keys that parts are sealed to.
    List {
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
    /// Print the private key of an inbox, for opening exported parts with the age program.
    Identity {
        /// The inbox key's id, from `sealwax keys list`.
        id: Uuid,
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    slug: String,
    recipient: String,
    wrapped_identity: Vec<u8>,
    retired_at: Option<time::OffsetDateTime>,
}

const SELECT: &str = "SELECT k.id, s.slug, k.recipient, k.wrapped_identity, k.retired_at FROM inbox_keys k JOIN sites s ON s.id = k.site_id";

/// Lists or exports.
pub async fn run(command: Keys, ambient: Ambient) -> Result<(), Failure> {
    match command {
        Keys::List { place } => {
            let (db, _, _) = super::open(&place, &ambient).await?;
            for row in db::all::<Row, _>(db.reader(), &format!("{SELECT} ORDER BY k.id"), vec![]).await? {
                let state = if row.retired_at.is_some() { "retired" } else { "in use" };
                print(&format!("{}  site {}  {}  {state}", row.id, row.slug, row.recipient));
            }
        }
        Keys::Identity { id, place } => {
            let (db, keys, _) = super::open(&place, &ambient).await?;
            let row = db::one::<Row, _>(db.reader(), &format!("{SELECT} WHERE k.id = ?"), vec![id.into()]).await?;
            let row = row.ok_or_else(|| Failure::Told(format!("there is no inbox key {id}; see sealwax keys list")))?;
            let master = keys
                .master
                .ok_or_else(|| Failure::Told("this node has no master key; run the command where it is".to_owned()))?;
            let identity = Keyring::new(master, Duration::ZERO)
                .identity(row.id, &row.wrapped_identity, ambient.now())
                .map_err(|error| Failure::Told(error.to_string()))?;
            let entry = ledger::Entry::new("inbox-key-exported", json!({ "key": row.id })).about(row.id);
            ledger::append(db.writer(), &ambient, entry).await?;
            print(&format!("# inbox key {} of site {}\n# public key: {}", row.id, row.slug, row.recipient));
            print(identity.to_secret().expose_secret());
        }
    }
    Ok(())
}
