//! Whether the process lives, and whether it can do its work.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::app::App;
use crate::forms::catalog;

/// `GET /healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "alive": true }))
}

/// `GET /readyz`: the database answers, and after a failed write takes writes again.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    let reason = if app.writer.is_closed() {
        Some("submissions are not written")
    } else if app.writer.is_failing() {
        match app.db.probe(app.ambient.now()).await {
            Ok(()) if app.writer.may_recover() => {
                app.writer.recovered();
                None
            }
            Ok(()) => Some("writing failed a moment ago"),
            Err(error) => Some(reason(&error)),
        }
    } else {
        catalog::publication(app.db.reader()).await.err().map(|error| reason(&error))
    };
    match reason {
        None => HttpResponse::Ok().json(json!({ "ready": true })),
        Some(reason) => {
            HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE).json(json!({ "ready": false, "reason": reason }))
        }
    }
}

fn reason(error: &crate::db::Error) -> &'static str {
    match error {
        crate::db::Error::Full => "the disk is full",
        crate::db::Error::Unavailable(_) => "the database can't be reached",
        _ => "the database refuses",
    }
}
