//! `sealwax staff`: accounts from the command line.

use clap::{Args, Subcommand};
use sea_orm::FromQueryResult;
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Failure, Place, print};
use crate::ambient::Ambient;
use crate::crypto::passwords::{LONGEST_PASSWORD, Passwords, SHORTEST_PASSWORD, Unfit};
use crate::db::{self, Db};
use crate::forms::Catalog;
use crate::ledger;
use crate::staff::providers::LOCAL;
use crate::staff::{Grant, Role, Username, factors, setup, store};

/// `sealwax staff …`
#[derive(Debug, Subcommand)]
pub enum Staff {
    /// Make an account; prints a link with which its owner chooses a password.
    Add(Add),
    /// List accounts and what they may do.
    List {
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
    /// Keep an account out and end its sessions.
    Disable {
        /// The user name, or for accounts of other providers the subject that the list shows.
        username: String,
        /// Who vouches for the account.
        #[arg(long, default_value = "local")]
        provider: String,
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
    /// Let an account choose a new password: prints a link, and lets it in again if disabled.
    Reset {
        /// The user name.
        username: String,
        /// Read the new password from standard input instead.
        #[arg(long)]
        password_stdin: bool,
        /// Remove the account's second factors and recovery codes instead, as when a phone is lost. The
        /// password stays, unless --password-stdin gives a new one.
        #[arg(long)]
        second_factor: bool,
        /// Where the installation is.
        #[command(flatten)]
        place: Place,
    },
}

/// `sealwax staff add`
#[derive(Debug, Args)]
pub struct Add {
    /// The name for logging in.
    username: String,
    /// The name shown to colleagues.
    #[arg(long)]
    name: Option<String>,
    /// What the account may do: admin, editor, reviewer or auditor.
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// Only on this site (its slug).
    #[arg(long)]
    site: Option<String>,
    /// Only on this form (its slug); needs --site.
    #[arg(long, requires = "site")]
    form: Option<String>,
    /// Read the password from standard input instead of printing a link.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::named(text).ok_or_else(|| "takes admin, editor, reviewer or auditor".to_owned())
}

/// Does what the subcommand says.
pub async fn run(command: Staff, ambient: Ambient) -> Result<(), Failure> {
    match command {
        Staff::Add(add) => run_add(add, &ambient).await,
        Staff::List { place } => list(&place, &ambient).await,
        Staff::Disable { username, provider, place } => {
            let (db, _, _) = super::open(&place, &ambient).await?;
            let id = if provider == LOCAL {
                account(&db, &username).await?
            } else {
                match store::by_login(db.reader(), &provider, &username).await?.as_slice() {
                    [staff] => staff.id,
                    [] => {
                        return Err(Failure::Told(format!(
                            "there is no '{username}' of '{provider}'; see sealwax staff list"
                        )));
                    }
                    _ => {
                        return Err(Failure::Told(format!(
                            "several of '{provider}' go by '{username}'; name the subject that sealwax staff list shows"
                        )));
                    }
                }
            };
            let transaction = db.begin().await?;
            store::set_disabled(&transaction, id, Some(ambient.now())).await?;
            record(&transaction, &ambient, "staff-disabled", id, json!({})).await?;
            transaction.commit().await.map_err(db::Error::from)?;
            print(&format!("{username} is disabled and logged out"));
            Ok(())
        }
        Staff::Reset { username, password_stdin, second_factor, place } => {
            let (db, _, config) = super::open(&place, &ambient).await?;
            let id = account(&db, &username).await?;
            if second_factor {
                let transaction = db.begin().await?;
                let had_any = factors::remove_all(&transaction, &ambient, id).await?;
                transaction.commit().await.map_err(db::Error::from)?;
                print(if had_any { "the second factors are removed" } else { "there was no second factor" });
                if !password_stdin {
                    return Ok(());
                }
            }
            let transaction = db.begin().await?;
            store::set_disabled(&transaction, id, None).await?;
            record(&transaction, &ambient, "staff-reset", id, json!({})).await?;
            transaction.commit().await.map_err(db::Error::from)?;
            give_access(&db, &ambient, id, password_stdin, &config.public_url()).await
        }
    }
}

async fn run_add(add: Add, ambient: &Ambient) -> Result<(), Failure> {
    let username = Username::parse(&add.username).ok_or_else(|| {
        Failure::Told(format!("'{}' can't be a user name; use 1 to 100 characters without spaces", add.username))
    })?;
    let (db, _, config) = super::open(&add.place, ambient).await?;
    let site = find(&db, "sites", add.site.as_deref(), None).await?;
    let form = find(&db, "forms", add.form.as_deref(), site).await?;
    let transaction = db.begin().await?;
    let name = add.name.as_deref().unwrap_or(username.as_str());
    let id = match store::add(&transaction, ambient, &username, name).await {
        Err(db::Error::Duplicate) => {
            return Err(Failure::Told(format!(
                "'{}' is taken; use sealwax staff reset for a new password",
                username.as_str()
            )));
        }
        other => other?,
    };
    store::grant(&transaction, ambient, id, &Grant { role: add.role, site, form }).await?;
    let body = json!({ "role": add.role.name(), "site": site, "form": form });
    record(&transaction, ambient, "staff-added", id, body).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    print(&format!("added {} as {}", username.as_str(), add.role.name()));
    give_access(&db, ambient, id, add.password_stdin, &config.public_url()).await
}

/// Puts on record what was done on the command line, by whoever may use it.
async fn record<C: sea_orm::ConnectionTrait>(
    connection: &C,
    ambient: &Ambient,
    kind: &'static str,
    staff: Uuid,
    body: serde_json::Value,
) -> Result<(), db::Error> {
    ledger::append(connection, ambient, ledger::Entry::new(kind, body).about(staff)).await
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

async fn find(db: &Db, table: &str, slug: Option<&str>, site: Option<Uuid>) -> Result<Option<Uuid>, Failure> {
    let Some(slug) = slug else { return Ok(None) };
    let (sql, values) = match site {
        None => (format!("SELECT id FROM {table} WHERE slug = ?"), vec![slug.into()]),
        Some(site) => {
            (format!("SELECT id FROM {table} WHERE slug = ? AND site_id = ?"), vec![slug.into(), site.into()])
        }
    };
    let row = db::one::<IdRow, _>(db.reader(), &sql, values).await?;
    row.map(|row| Some(row.id))
        .ok_or_else(|| Failure::Told(format!("there is no '{slug}' among the {table}; publish it with sealwax apply")))
}

async fn account(db: &Db, username: &str) -> Result<Uuid, Failure> {
    let found = match Username::parse(username) {
        Some(name) => store::by_username(db.reader(), &name).await?,
        None => None,
    };
    found
        .map(|staff| staff.id)
        .ok_or_else(|| Failure::Told(format!("there is no account '{username}'; see sealwax staff list")))
}

async fn give_access(db: &Db, ambient: &Ambient, staff: Uuid, from_stdin: bool, url: &str) -> Result<(), Failure> {
    if !from_stdin {
        let token = setup::link(db, ambient, Some(staff)).await?;
        print(&format!("choose a password within 72 hours at {url}/staff/setup/{token}"));
        return Ok(());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Failure::Told(error.to_string()))?;
    let password = SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned());
    set_password(db, staff, password, url).await?;
    print("the password is set");
    Ok(())
}

/// Sets an account's password, if it is one to choose.
pub async fn set_password(db: &Db, staff: Uuid, password: SecretString, url: &str) -> Result<(), Failure> {
    let owner = factors::store::account(db.reader(), staff).await?;
    let (username, name) = owner.map_or_else(Default::default, |owner| (owner.username, owner.name));
    let known = setup::known_words(&username, &name, url, &*Catalog::new(db.clone()).current().await?);
    let passwords = Passwords::new(1);
    match passwords.unfit(&password, known).await {
        None => {}
        Some(Unfit::Length) => {
            return Err(Failure::Told(format!(
                "the password takes {SHORTEST_PASSWORD} characters to {LONGEST_PASSWORD} bytes"
            )));
        }
        Some(Unfit::Guessable) => {
            return Err(Failure::Told(
                "the password is one that anybody would try; take several words that have nothing to do with each \
                 other, and leave out names"
                    .to_owned(),
            ));
        }
    }
    let hash =
        passwords.hash(password).await.ok_or_else(|| Failure::Told("the password could not be hashed".to_owned()))?;
    store::set_password(db.writer(), staff, &hash).await?;
    Ok(())
}

async fn list(place: &Place, ambient: &Ambient) -> Result<(), Failure> {
    let (db, _, _) = super::open(place, ambient).await?;
    for staff in store::all(db.reader()).await? {
        let grants = store::grants(db.reader(), staff.id).await?;
        let roles: Vec<String> = grants
            .iter()
            .map(|grant| match (grant.site, grant.form) {
                (None, _) => grant.role.name().to_owned(),
                (Some(_), None) => format!("{} on one site", grant.role.name()),
                (Some(_), Some(_)) => format!("{} on one form", grant.role.name()),
            })
            .collect();
        let state = match (staff.disabled_at, &staff.password_hash) {
            (Some(_), _) => "disabled",
            (None, None) if staff.login.is_none() => "no password yet",
            (None, _) => "active",
        };
        let login = staff.login.as_ref().unwrap_or(&staff.username);
        let name: String = staff.name.chars().filter(|c| !c.is_control()).collect();
        let login: String = login.chars().filter(|c| !c.is_control()).collect();
        let whose = if staff.provider != LOCAL {
            format!("{} {}", staff.provider, staff.username)
        } else if factors::store::has_any(db.reader(), staff.id).await? {
            "second factor".to_owned()
        } else {
            "no second factor".to_owned()
        };
        print(&format!("{login}  {name}  {}  {state}  {whose}", roles.join(", ")));
    }
    Ok(())
}
