//! Listeners and TLS, the route table, middleware, and how an error becomes a page or problem+json.

pub mod assets;
pub mod cors;
pub mod health;
pub mod html;
pub mod language;
pub mod metrics;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod routes;
pub mod tls;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpServer, web};
use tokio::sync::watch;

use crate::app::{App, StartError, ledger_sources};
use crate::config::Role;
use crate::ledger::{self, sequencer::Sequencer};

/// A server that accepts connections.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    app: Arc<App>,
    handle: ServerHandle,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    stop: watch::Sender<bool>,
}

/// Starts serving `app` on `listener`.
pub fn start(app: &Arc<App>, listener: TcpListener) -> Result<Running, StartError> {
    let failed = |error: std::io::Error| StartError::Io(format!("server.listen: {error}"));
    let address = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = watch::channel(false);
    let shared = web::Data::from(Arc::clone(app));
    let body_bytes = app.config.limits.body_bytes;
    let role = app.config.server.role;
    let mut server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(shared.clone())
            .app_data(web::PayloadConfig::new(body_bytes))
            .wrap(from_fn(middleware::wrap))
            .configure(|config| routes::configure(config, role))
            .default_service(web::to(routes::nowhere))
    })
    .disable_signals()
    .shutdown_timeout(app.config.server.shutdown_seconds)
    .client_request_timeout(Duration::from_secs(10))
    .server_hostname(address.to_string());
    if let Some(workers) = app.config.server.workers {
        server = server.workers(workers);
    }
    let server = match &app.config.server.tls {
        None => server.listen(listener),
        Some(files) => {
            let certificate =
                tls::ReloadingCertificate::load(files).map_err(|error| StartError::Io(error.to_string()))?;
            let config =
                tls::server_config(Arc::clone(&certificate)).map_err(|error| StartError::Io(error.to_string()))?;
            tokio::spawn(tls::watch(certificate, Duration::from_secs(5), stopped.clone()));
            server.listen_rustls_0_23(listener, config)
        }
    }
    .map_err(failed)?
    .run();
    if let Some(address) = app.config.server.metrics_listen {
        let shared = web::Data::from(Arc::clone(app));
        let server = HttpServer::new(move || {
            ActixApp::new().app_data(shared.clone()).route("/metrics", web::get().to(metrics::show))
        })
        .workers(1)
        .disable_signals()
        .bind(address)
        .map_err(|error| StartError::Io(format!("server.metrics_listen: {error}")))?
        .run();
        let mut stopped = stopped.clone();
        let handle = server.handle();
        tokio::spawn(server);
        tokio::spawn(async move {
            let _ = stopped.changed().await;
            handle.stop(false).await;
        });
    }
    if role != Role::Public {
        tokio::spawn(recheck(Arc::clone(app), stopped.clone()));
    }
    tokio::spawn(sequence(Arc::clone(app), stopped.clone()));
    tokio::spawn(sweep(Arc::clone(app), stopped));
    let handle = server.handle();
    Ok(Running { address, app: Arc::clone(app), handle, serving: tokio::spawn(server), stop })
}

impl Running {
    /// Takes no more connections, finishes what was accepted, and returns when all of it is on disk.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        self.handle.stop(true).await;
        let _ = self.serving.await;
        self.app.writer.finish().await;
    }
}

/// How often an account with a session is looked up in its directory.
const RECHECK: time::Duration = time::Duration::minutes(15);

/// Looks accounts of directories up again and tries the providers once an hour, apart from everything
/// else: a directory may take its time.
async fn recheck(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    let mut minutes = 0_u32;
    loop {
        tokio::select! {
            _ = minute.tick() => {}
            _ = stopped.changed() => return,
        }
        if minutes.is_multiple_of(60) {
            let tried = tokio::select! {
                tried = crate::staff::providers::look_after(&app) => tried,
                _ = stopped.changed() => return,
            };
            if let Err(error) = tried {
                tracing::warn!(%error, "it could not be put down how providers fare");
            }
        }
        minutes = minutes.wrapping_add(1);
        let looked = tokio::select! {
            looked = crate::staff::providers::recheck(&app, RECHECK) => looked,
            _ = stopped.changed() => return,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "accounts of directories could not be looked up again");
        }
    }
}

/// How often entries of the ledger get their places.
const SEQUENCED_EVERY: Duration = Duration::from_secs(1);

/// Gives entries of the ledger their places in its tree, on nodes that hold the key that signs it.
async fn sequence(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let Some(keyring) = &app.keyring else { return };
    let (origin, sources) = (ledger::keys::origin(&app.config.public_url()), ledger_sources());
    let (db, ambient) = (&app.db, &app.ambient);
    let sequencer = Sequencer { db, ambient, keyring, origin: &origin, sources: &sources };
    let mut ticks = tokio::time::interval(SEQUENCED_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.changed() => return,
        }
        if let Err(error) = sequencer.run().await {
            tracing::error!(%error, "entries of the ledger did not get their places");
        }
    }
}

/// Housekeeping once a minute: rate limits forget quiet addresses, ended sessions are deleted.
async fn sweep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    loop {
        tokio::select! {
            _ = minute.tick() => {}
            _ = stopped.changed() => return,
        }
        app.limits.sweep();
        app.db.scrub_again().await;
        if let Err(error) = crate::people::retention::run(&app.db, &app.ambient).await {
            tracing::error!(%error, "what is due could not be erased");
        }
        if let Err(error) = crate::staff::store::sweep(app.db.writer(), app.ambient.now()).await {
            tracing::warn!(%error, "ended sessions could not be deleted");
        }
        if let Err(error) = crate::staff::requests::sweep(app.db.writer(), app.ambient.now()).await {
            tracing::warn!(%error, "sign-ins that are over could not be deleted");
        }
        if let Err(error) = crate::people::store::sweep(app.db.writer(), app.ambient.now()).await {
            tracing::warn!(%error, "private links that have ended could not be deleted");
        }
        let before = app.ambient.now() - crate::submissions::spam::REMEMBERED;
        if let Err(error) = crate::submissions::spam::sweep(app.db.writer(), before).await {
            tracing::warn!(%error, "hashes of recent contents could not be deleted");
        }
        if let Err(error) = crate::submissions::admission::sweep(app.db.writer(), app.ambient.now()).await {
            tracing::warn!(%error, "codes that count no more could not be deleted");
        }
        let before = app.ambient.now() - crate::submissions::uploads::waits(&app);
        if let Err(error) = crate::submissions::uploads::sweep(&app.db, before).await {
            tracing::warn!(%error, "files without a submission could not be erased");
        }
    }
}
