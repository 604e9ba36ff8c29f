//! The page behind a set-up link, where somebody chooses a name and a password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::pages::tongue;
use super::setup::{self, Choice, SetUp};
use super::{factors, refuse_foreign_pages, store};
use crate::app::App;
use crate::crypto::sha256;
use crate::server::html;
use crate::server::problem::Problem;
use crate::submissions::limits::Limited;
use crate::words::Tongue;

/// The context of `templates/staff/setup.html`.
#[derive(Template)]
#[template(path = "staff/setup.html")]
pub struct SetupPage {
    /// The words.
    pub t: Tongue,
    /// Whether this makes the first account.
    pub first: bool,
    /// The user name, as typed.
    pub username: String,
    /// The name for colleagues, as typed.
    pub name: String,
    /// What is wrong.
    pub error: Option<String>,
    /// Fewest characters of a password.
    pub shortest: String,
}

impl SetupPage {
    fn new(t: Tongue, first: bool) -> Self {
        let shortest = crate::crypto::passwords::SHORTEST_PASSWORD.to_string();
        Self { t, first, username: String::new(), name: String::new(), error: None, shortest }
    }
}

/// `GET /staff/setup/{token}`: whoever has the link.
pub async fn show(
    app: web::Data<App>,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    app.limits.count(Limited::Logins, &request)?;
    let hash = sha256(token.as_bytes());
    let for_whom =
        store::setup_link(app.db.reader(), &hash, app.ambient.now()).await?.ok_or_else(Problem::link_spent)?;
    html::page(StatusCode::OK, &SetupPage::new(tongue(&request), for_whom.is_none()))
}

/// What the set-up form sends.
#[derive(Deserialize)]
pub struct SetupForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    name: String,
    password: SecretString,
    repeated: SecretString,
}

/// `POST /staff/setup/{token}`: whoever has the link, once.
pub async fn send(
    app: web::Data<App>,
    token: web::Path<String>,
    form: web::Form<SetupForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_pages(&request, &app.config.public_url())?;
    app.limits.count(Limited::Logins, &request)?;
    let SetupForm { username, name, password, repeated } = form.into_inner();
    let t = tongue(&request);
    let hash = sha256(token.as_bytes());
    let first =
        store::setup_link(app.db.reader(), &hash, app.ambient.now()).await?.ok_or_else(Problem::link_spent)?.is_none();
    let choice = Choice { username: username.clone(), name: name.clone(), password, repeated };
    match setup::use_link(&app, &token, choice).await? {
        SetUp::Spent => Err(Problem::link_spent()),
        SetUp::Done(passed) => factors::second::after_password(&app, &request, passed, "/staff/inbox").await,
        SetUp::Mistaken(mistake) => {
            let page = SetupPage::new(t, first);
            let error = Some(t.with1(&format!("setup-error-{}", mistake.name()), "shortest", &page.shortest));
            html::page(StatusCode::UNPROCESSABLE_ENTITY, &SetupPage { username, name, error, ..page })
        }
    }
}
