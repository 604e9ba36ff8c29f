//! One-time links: to make the first account, and to choose a password.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::login::Passed;
use super::{Grant, Role, Username, factors, login, store};
use crate::ambient::Ambient;
use crate::app::App;
use crate::crypto::passwords::Unfit;
use crate::crypto::sha256;
use crate::db::{self, Db};
use crate::forms::catalog::Current;
use crate::ledger;

/// The token of a new link for the very first account, when there is none yet. Older ones stop
/// working.
pub async fn first_link(app: &App) -> Result<Option<String>, db::Error> {
    if store::is_empty(app.db.reader()).await? { link(&app.db, &app.ambient, None).await.map(Some) } else { Ok(None) }
}

/// The token of a new link with which `staff` chooses a password.
pub async fn link(db: &Db, ambient: &Ambient, staff: Option<Uuid>) -> Result<String, db::Error> {
    let token = URL_SAFE_NO_PAD.encode(ambient.bytes::<32>());
    let transaction = db.begin().await?;
    store::add_setup_link(&transaction, &sha256(token.as_bytes()), staff, ambient.now()).await?;
    transaction.commit().await?;
    Ok(token)
}

/// What somebody chose.
pub struct Choice {
    /// For the first account: its name for logging in.
    pub username: String,
    /// For the first account: its name for colleagues.
    pub name: String,
    /// The password, twice.
    pub password: SecretString,
    /// The password again.
    pub repeated: SecretString,
}

/// What is wrong with it, as the end of the message's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// The user name can't be one.
    Username,
    /// Somebody has this user name.
    Taken,
    /// Too short or too long.
    Length,
    /// A password that anybody would try.
    Guessable,
    /// The two are not the same.
    Repeated,
}

impl Mistake {
    /// The end of the message's key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Taken => "taken",
            Self::Length => "length",
            Self::Guessable => "guessable",
            Self::Repeated => "repeated",
        }
    }
}

impl From<Unfit> for Mistake {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Length => Self::Length,
            Unfit::Guessable => Self::Guessable,
        }
    }
}

/// Words that anybody would try as a password here: what its owner, the installation and its sites
/// are called.
pub fn known_words(username: &str, name: &str, public_url: &str, current: &Current) -> Vec<String> {
    let host = url::Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let sites = current.sites.values().map(|site| &site.definition);
    let sites = sites.flat_map(|site| [site.slug.clone(), site.name.clone()]);
    let own = ["sealwax", username, name].map(str::to_owned);
    own.into_iter().chain(host).chain(sites).collect()
}

/// What became of it.
pub enum SetUp {
    /// Done; a session, or the question for the second factor that the account has already.
    Done(Passed),
    /// Not done; the link still works.
    Mistaken(Mistake),
    /// The link does not work any more.
    Spent,
}

/// Uses a link.
pub async fn use_link(app: &App, token: &str, choice: Choice) -> Result<SetUp, db::Error> {
    let hash = sha256(token.as_bytes());
    let Some(for_whom) = store::setup_link(app.db.reader(), &hash, app.ambient.now()).await? else {
        return Ok(SetUp::Spent);
    };
    let owner = match for_whom {
        Some(staff) => factors::store::account(app.db.reader(), staff).await?,
        None => None,
    };
    let (username, name) =
        owner.map_or_else(|| (choice.username.clone(), choice.name.clone()), |owner| (owner.username, owner.name));
    let known = known_words(&username, &name, &app.config.public_url(), &*app.catalog.current().await?);
    if let Some(unfit) = app.passwords.unfit(&choice.password, known).await {
        return Ok(SetUp::Mistaken(unfit.into()));
    }
    if choice.password.expose_secret() != choice.repeated.expose_secret() {
        return Ok(SetUp::Mistaken(Mistake::Repeated));
    }
    let username = Username::parse(&choice.username);
    let unusable = choice.name.chars().count() > 100 || choice.name.chars().any(char::is_control);
    if for_whom.is_none() && (username.is_none() || unusable) {
        return Ok(SetUp::Mistaken(Mistake::Username));
    }
    let Some(password_hash) = app.passwords.hash(choice.password).await else {
        return Err(db::Error::Other("the password could not be hashed".to_owned()));
    };
    let transaction = app.db.begin_alone().await?;
    // Somebody may have been faster, with this link or with another way to the first account.
    if store::setup_link(&transaction, &hash, app.ambient.now()).await?.is_none()
        || !store::spend_setup_link(&transaction, &hash).await?
    {
        return Ok(SetUp::Spent);
    }
    let staff = match (for_whom, username) {
        (Some(staff), _) => staff,
        (None, Some(username)) => {
            let name = if choice.name.trim().is_empty() { username.as_str() } else { choice.name.trim() };
            let staff = match store::add(&transaction, &app.ambient, &username, name).await {
                Err(db::Error::Duplicate) => return Ok(SetUp::Mistaken(Mistake::Taken)),
                other => other?,
            };
            store::grant(&transaction, &app.ambient, staff, &Grant { role: Role::Admin, site: None, form: None })
                .await?;
            let body = json!({ "role": Role::Admin.name(), "site": null, "form": null });
            let entry = ledger::Entry::new("staff-added", body).by(staff).about(staff);
            ledger::append(&transaction, &app.ambient, entry).await?;
            staff
        }
        (None, None) => return Ok(SetUp::Mistaken(Mistake::Username)),
    };
    store::set_password(&transaction, staff, &password_hash).await?;
    let entry = ledger::Entry::new("staff-password-set", json!({})).by(staff).about(staff);
    ledger::append(&transaction, &app.ambient, entry).await?;
    transaction.commit().await?;
    let origin = store::Origin::of(super::providers::LOCAL);
    match login::pass(app, staff, Some(&password_hash), &origin).await {
        Ok(passed) => Ok(SetUp::Done(passed)),
        Err(login::LoginError::Database(error)) => Err(error),
        // Disabled, or changed once more meanwhile.
        Err(_) => Ok(SetUp::Spent),
    }
}
