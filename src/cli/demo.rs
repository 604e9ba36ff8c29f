//! `sealwax demo`: a filled example installation, and a page on another origin that embeds its
//! forms.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use rust_embed::RustEmbed;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use time::Duration;

use super::apply::SourceFile;
use super::serve::{forms, wait_for_signal};
use super::{Failure, print, staff, start_log};
use crate::ambient::Ambient;
use crate::app::{App, StartError, open_installation};
use crate::config::{self, Config};
use crate::forms::Sent;
use crate::forms::catalog;
use crate::forms::publishing::{Mode, Source, publish};
use crate::server;
use crate::sites::Lang;
use crate::staff::{Grant, Role, Username, store};
use crate::submissions::store::View;
use crate::submissions::{self, Incoming, Method, Status, accept};

/// `sealwax demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the example is kept.
    #[arg(long, default_value = "sealwax-demo")]
    dir: PathBuf,
    /// Where to serve it.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where to serve the page that embeds its forms.
    #[arg(long, default_value = "127.0.0.1:8081")]
    host_listen: SocketAddr,
    /// Settings that count before the example's own.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The example's definitions, texts, pictures and submissions.
#[derive(RustEmbed)]
#[folder = "demo/"]
struct Example;

const USERNAME: &str = "demo";

/// Fills the example where it is empty, then serves it until told to stop.
pub async fn run(command: Demo, ambient: Ambient) -> Result<(), Failure> {
    let base = format!(
        "[server]\nlisten = \"{}\"\n[limits]\nsubmissions_per_minute = 1000\nburst = 1000\nchallenge_address_after = 0\n[mail]\ndirectory = \"mail\"\n",
        command.listen
    );
    let source = config::Source {
        file: command.config.clone(),
        dir: Some(command.dir.clone()),
        base: Some(base),
        arguments: Vec::new(),
    };
    let mut config = config::load(&source, config::environment())?;
    start_log(&config);
    let listener = listen(config.server.listen, "--listen")?;
    let host_listener = listen(command.host_listen, "--host-listen")?;
    if let Ok(address) = listener.local_addr() {
        config.server.listen = address;
    }
    let host_address = host_listener.local_addr().map_err(|error| StartError::Io(error.to_string()))?;
    let host_page = format!("http://{host_address}");

    let password = fill(&config, &ambient, &host_page).await?;
    let app = Box::pin(App::start(config, ambient)).await?;
    fill_submissions(&app).await?;
    let host = serve_host_page(&app, host_listener).await?;
    let running = server::start(&app, listener)?;
    let url = app.config.public_url();
    let ready = json!({
        "url": url,
        "staff_url": format!("{url}/staff"),
        "host_page": host_page,
        "forms": forms(&app).await?,
        "staff": { "username": USERNAME, "password": password },
    });
    print(&format!("ready {ready}"));
    wait_for_signal().await;
    host.stop(true).await;
    running.stop().await;
    Ok(())
}

fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        Failure::Told(format!("{option} {address}: {error}; choose another with {option} 127.0.0.1:PORT"))
    })
}

fn example(name: &str) -> Result<Vec<u8>, String> {
    Example::get(name).map(|file| file.data.into_owned()).ok_or_else(|| "is not part of the example".to_owned())
}

fn definitions(name: &str) -> Result<SourceFile, Failure> {
    let text = example(name)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()))
        .map_err(Failure::Told)?;
    SourceFile::parse(name.to_owned(), text, &|file| example(file))
}

/// Publishes the example's definitions, and gives the demo account a new password.
async fn fill(config: &Config, ambient: &Ambient, host_page: &str) -> Result<String, Failure> {
    let (db, keys) = open_installation(config, ambient).await?;
    let allowing = |mut source: Source| {
        for site in &mut source.document.sites {
            site.allowed_origins = vec![host_page.to_owned()];
        }
        source
    };
    let now = allowing(definitions("shop.toml")?.source);
    let mut sources = Vec::new();
    if catalog::publication(db.reader()).await? == 0 {
        // First everything with the policy of last year, then as it is today.
        let mut before = now.clone();
        before.document.policies = definitions("shop-1.toml")?.source.document.policies;
        sources.push(before);
    }
    sources.push(now);
    // The policy of last year was published last year.
    let long_ago =
        |days| Ambient::new(Arc::new(Then(ambient.now() - Duration::days(days))), Arc::clone(&ambient.random));
    let moments = if sources.len() > 1 { vec![long_ago(300), long_ago(45)] } else { vec![ambient.clone()] };
    let atelier = allowing(definitions("atelier.toml")?.source);
    for (source, ambient) in sources.into_iter().zip(&moments).chain([(atelier, ambient)]) {
        let report = publish(&db, ambient, &keys.master_recipient, &[source], Mode::Publish).await?;
        if report.is_refused() {
            let findings: Vec<String> = report
                .findings
                .iter()
                .map(|finding| format!("{}: {}", finding.path.join("."), finding.message))
                .collect();
            return Err(Failure::Told(format!("the example does not publish: {}", findings.join("; "))));
        }
    }
    let username = Username::parse(USERNAME).ok_or_else(|| Failure::Told("the demo account has no name".to_owned()))?;
    let staff_id = if let Some(staff) = store::by_username(db.reader(), &username).await? {
        staff.id
    } else {
        let id = store::add(db.writer(), ambient, &username, "Demo").await?;
        store::grant(db.writer(), ambient, id, &Grant { role: Role::Admin, site: None, form: None }).await?;
        id
    };
    let password = URL_SAFE_NO_PAD.encode(ambient.bytes::<12>());
    staff::set_password(&db, staff_id, SecretString::from(password.clone()), &config.public_url()).await?;
    db.close().await;
    Ok(password)
}

#[derive(Deserialize)]
struct ExampleSubmission {
    form: String,
    minutes_ago: i64,
    lang: String,
    answers: std::collections::BTreeMap<String, Value>,
    #[serde(default)]
    consents: std::collections::BTreeMap<String, bool>,
    #[serde(default)]
    touchpoint: Option<String>,
    status: String,
}

/// A clock that stands at the moment at which an example came in.
struct Then(time::OffsetDateTime);

impl crate::ambient::Clock for Then {
    fn now(&self) -> time::OffsetDateTime {
        self.0
    }
}

/// Sends the example's submissions the way of every other, each at its own time.
async fn fill_submissions(app: &App) -> Result<(), Failure> {
    if !submissions::store::page(app.db.reader(), &View::default(), 1).await?.is_empty() {
        return Ok(());
    }
    let bytes = example("submissions.json").map_err(Failure::Told)?;
    let mut examples: Vec<ExampleSubmission> =
        serde_json::from_slice(&bytes).map_err(|error| Failure::Told(error.to_string()))?;
    examples.sort_by_key(|one| std::cmp::Reverse(one.minutes_ago));
    for one in examples {
        let entry = app
            .catalog
            .form("shop", &one.form)
            .await?
            .ok_or_else(|| Failure::Told(format!("the example has no form {}", one.form)))?;
        let then = Ambient::new(
            Arc::new(Then(app.ambient.now() - Duration::minutes(one.minutes_ago))),
            Arc::clone(&app.ambient.random),
        );
        let sent = Sent::from_json(one.answers);
        let lang = one.lang.parse().map_err(Failure::Told)?;
        let incoming = Incoming {
            shown: entry.shown.clone(),
            method: Method::Form,
            lang,
            touchpoint: one.touchpoint,
            sent,
            consents: one.consents,
            evidence: submissions::spam::Evidence::default(),
            content: None,
            admitted: None,
            visitor: None,
            idempotency: None,
        };
        let accepted = accept(&entry, &incoming, &then, &app.secrets, Duration::ZERO)
            .map_err(|error| Failure::Told(format!("an example submission of {} does not fit: {error:?}", one.form)))?;
        let id = accepted.sealed.id;
        app.writer.commit(accepted.sealed).await.map_err(|error| Failure::Told(error.to_string()))?;
        if let Some(status) = Status::named(&one.status) {
            submissions::store::set_status(app.db.writer(), id, status).await?;
        }
    }
    Ok(())
}

/// The context of `templates/demo/host.html`.
#[derive(Template)]
#[template(path = "demo/host.html")]
struct HostPage {
    url: String,
    forms: Vec<(String, String, Lang)>,
}

async fn serve_host_page(app: &App, listener: TcpListener) -> Result<actix_web::dev::ServerHandle, Failure> {
    let current = app.catalog.current().await?;
    let url = app.config.public_url();
    let links = current.forms_in_order().into_iter().map(|entry| {
        let form = &entry.shown.form.definition;
        let lang = entry.shown.site.definition.default_language();
        (format!("{}/f/{}/{}", app.config.public_url(), form.site, form.slug), form.title.get(lang).to_owned(), lang)
    });
    let forms = links.collect();
    let html = HostPage { url, forms }.render().map_err(|error| Failure::Told(error.to_string()))?;
    let style = example("host.css").map_err(Failure::Told)?;
    let (html, style) = (web::Bytes::from(html), web::Bytes::from(style));
    let server = HttpServer::new(move || {
        let (html, style) = (html.clone(), style.clone());
        ActixApp::new()
            .route(
                "/",
                web::get().to(move || {
                    std::future::ready(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html.clone()))
                }),
            )
            .route(
                "/host.css",
                web::get()
                    .to(move || std::future::ready(HttpResponse::Ok().content_type("text/css").body(style.clone()))),
            )
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .map_err(|error| StartError::Io(error.to_string()))?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}
