//! The description of the JSON API (OpenAPI 3.1), made from the handlers.

use utoipa::OpenApi;

/// The whole API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Sealwax", description = "Forms, and submissions that are sealed before they are stored."),
    paths(crate::forms::api::show, crate::submissions::api::create)
)]
pub struct Api;

/// The description as JSON.
pub fn json() -> String {
    Api::openapi().to_pretty_json().unwrap_or_default()
}
