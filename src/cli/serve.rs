//! `sealwax serve`: migrate, then serve until told to stop.

use std::net::TcpListener;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Failure, Place, print, start_log};
use crate::ambient::Ambient;
use crate::app::{App, StartError};
use crate::config::{Config, Role};
use crate::server::{self, Running};
use crate::staff::setup;

/// `sealwax serve`
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// What this node serves; server.role where absent.
    #[arg(long, value_enum)]
    role: Option<Role>,
}

/// Serves until SIGINT or SIGTERM.
pub async fn run(command: Serve, ambient: Ambient) -> Result<(), Failure> {
    let role = command.role.and_then(|role| role.to_possible_value());
    let arguments = role.map(|role| ("server.role", role.get_name().to_owned())).into_iter().collect();
    let config = command.place.config(arguments)?;
    start_log(&config);
    let role = config.server.role;
    let (app, running) = start(config, ambient).await?;
    let mut ready = json!({ "url": app.config.public_url(), "forms": forms(&app).await? });
    if role != Role::Public {
        ready["staff_url"] = format!("{}/staff", app.config.public_url()).into();
        if let Some(token) = setup::first_link(&app).await? {
            ready["setup_url"] = format!("{}/staff/setup/{token}", app.config.public_url()).into();
        }
    }
    print(&format!("ready {ready}"));
    wait_for_signal().await;
    tracing::info!("stopping: finishing what was accepted");
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Starts the installation and the server. A port of 0 is replaced by the one that was free.
pub async fn start(mut config: Config, ambient: Ambient) -> Result<(Arc<App>, Running), Failure> {
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen).map_err(|error| {
        StartError::Io(format!("server.listen = {listen}: {error}; stop what listens there, or choose another port"))
    })?;
    if let Ok(address) = listener.local_addr() {
        config.server.listen = address;
    }
    let app = Box::pin(App::start(config, ambient)).await?;
    let running = server::start(&app, listener)?;
    Ok((app, running))
}

/// Every published form with its address.
pub async fn forms(app: &App) -> Result<Vec<Value>, Failure> {
    let current = app.catalog.current().await?;
    let url = app.config.public_url();
    let forms = current.forms_in_order().into_iter().map(|entry| {
        let form = &entry.shown.form.definition;
        let path = format!("{}/{}", form.site, form.slug);
        json!({ "url": format!("{url}/f/{path}"), "path": path })
    });
    Ok(forms.collect())
}

/// Returns at SIGINT or SIGTERM.
pub async fn wait_for_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
