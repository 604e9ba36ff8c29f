//! THE route table: who may call what is decided here and in the first lines of each handler.

use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, ServiceConfig, get, post, resource};
use actix_web::{HttpResponse, http::Method};

use super::middleware::compact;
use super::problem::Problem;
use super::{assets, cors, health};
use crate::config::Role;
use crate::{forms, people, policies, sites, staff, submissions};

/// Puts the routes of `role` in.
pub fn configure(config: &mut ServiceConfig, role: Role) {
    config
        .service(resource("/healthz").route(get().to(health::alive)))
        .service(resource("/readyz").route(get().to(health::ready)))
        .service(resource("/static/{name:.+}").wrap(Compress::default()).route(get().to(assets::show)))
        .service(resource("/brand/{site}/{name}").route(get().to(sites::pages::brand)))
        .service(resource("/policies/{site}/{policy}").route(get().to(policies::pages::current)))
        .service(resource("/policies/{site}/{policy}/{version}").route(get().to(policies::pages::version)));
    if role != Role::Staff {
        public(config);
    }
    if role == Role::Public {
        ways_back(config);
    } else {
        staff_area(config);
    }
}

/// For everybody, without a cookie.
fn public(config: &mut ServiceConfig) {
    config
        .service(
            resource("/f/{site}/{form}")
                .name("form")
                .route(get().to(forms::pages::show).wrap(from_fn(compact)))
                .route(post().to(submissions::pages::post)),
        )
        .service(resource("/f/{site}/{form}/sign-in/{provider}").route(get().to(submissions::sign_in::start)))
        .service(resource("/f/{site}/{form}/done").route(get().to(submissions::pages::done).wrap(from_fn(compact))))
        .service(resource("/f/{site}/{form}/mine").route(post().to(people::pages::open)))
        .service(resource("/me/{token}").route(get().to(people::pages::show)))
        .service(resource("/me/{token}/withdraw").route(post().to(people::pages::withdraw)))
        .service(resource("/api/v1/receipt.schema.json").route(get().to(people::pages::receipt_schema)))
        .service(resource("/me/{token}/receipt.json").route(get().to(people::pages::receipt)))
        .service(resource("/embed.js").route(get().to(forms::widget::newest)))
        .service(resource("/embed/{version}/embed.js").route(get().to(forms::widget::pinned)))
        .service(resource("/embed.d.ts").route(get().to(forms::widget::typings)))
        .service(
            resource("/api/v1/forms/{site}/{form}")
                .route(get().to(forms::api::show))
                .route(web::method(Method::OPTIONS).to(cors::preflight)),
        )
        .service(
            resource("/api/v1/forms/{site}/{form}/submissions")
                .route(post().to(submissions::api::create))
                .route(web::method(Method::OPTIONS).to(cors::preflight)),
        );
}

/// Where providers send visitors back to who sign in for a form, on nodes without the staff area.
fn ways_back(config: &mut ServiceConfig) {
    config
        .service(resource("/staff/auth/{provider}/callback").route(get().to(staff::auth::callback)))
        .configure(saml_way_back);
}

/// For staff: every handler but those of login and set-up takes a `staff::Access`.
fn staff_area(config: &mut ServiceConfig) {
    config
        .service(resource("/").route(get().to(staff::pages::home)))
        .service(resource("/staff").route(get().to(staff::pages::home)))
        .service(resource("/staff/login").route(get().to(staff::pages::login)).route(post().to(staff::pages::log_in)))
        .service(resource("/staff/logout").route(post().to(staff::logout::log_out)))
        .service(resource("/staff/logged-out").route(get().to(staff::logout::logged_out)))
        .service(
            resource("/staff/confirm")
                .route(get().to(staff::pages::confirm))
                .route(post().to(staff::pages::confirm_with_password)),
        )
        .service(resource("/staff/auth/{provider}/login").route(get().to(staff::auth::start)))
        .service(resource("/staff/auth/{provider}/confirm").route(post().to(staff::auth::confirm)))
        .service(
            resource("/staff/auth/{provider}/callback")
                .route(get().to(staff::auth::callback))
                .route(post().to(staff::logout::cas_logout)),
        )
        .configure(saml)
        .service(resource("/staff/auth/{provider}/backchannel").route(post().to(staff::logout::oidc_logout)))
        .service(
            resource("/staff/setup/{token}")
                .route(get().to(staff::setup_page::show))
                .route(post().to(staff::setup_page::send)),
        )
        .service(
            resource("/staff/providers")
                .route(get().to(staff::providers_page::show))
                .route(post().to(staff::providers_page::check)),
        )
        .service(resource("/staff/accounts").route(get().to(staff::accounts::list)))
        .service(
            resource("/staff/accounts/{id}")
                .route(get().to(staff::accounts::show))
                .route(post().to(staff::accounts::change)),
        )
        .service(resource("/staff/sessions/end").route(post().to(staff::accounts::end_all)))
        .service(resource("/staff/sessions/{id}/end").route(post().to(staff::accounts::end_one)))
        .service(resource("/staff/inbox").route(get().to(submissions::inbox::list)))
        .service(resource("/staff/embed").route(get().to(forms::embedding::show)))
        .service(
            resource("/staff/links")
                .route(get().to(submissions::links::show))
                .route(post().to(submissions::links::make)),
        )
        .service(resource("/staff/submissions/{id}").route(get().to(submissions::inbox::show)))
        .service(resource("/staff/submissions/{id}/files/{upload}").route(get().to(submissions::inbox::file)))
        .service(resource("/staff/submissions/{id}/status").route(post().to(submissions::inbox::set_status)))
        .service(
            resource("/staff/submissions/{id}/parts/{purpose}.age").route(get().to(submissions::inbox::sealed_part)),
        );
    own_account(config);
}

/// The second factor at sign-in, for whoever has given a right password; and what somebody changes
/// of their own account.
fn own_account(config: &mut ServiceConfig) {
    use staff::factors::{pages as own, second};
    config
        .service(resource("/staff/login/second").route(get().to(second::show)).route(post().to(second::send)))
        .service(resource("/staff/login/second/passkey").route(post().to(second::challenge)))
        .service(resource("/staff/account").route(get().to(own::account)))
        .service(
            resource("/staff/account/password").route(get().to(own::password)).route(post().to(own::change_password)),
        )
        .service(resource("/staff/account/totp").route(get().to(own::totp)).route(post().to(own::add_totp)))
        .service(resource("/staff/account/totp/begin").route(post().to(own::begin_totp)))
        .service(resource("/staff/account/passkeys").route(get().to(own::passkey)).route(post().to(own::add_passkey)))
        .service(resource("/staff/account/passkeys/begin").route(post().to(own::begin_passkey)))
        .service(resource("/staff/account/factors/{id}/remove").route(post().to(own::remove)))
        .service(resource("/staff/account/recovery-codes").route(post().to(own::make_codes)));
}

/// For SAML identity providers and the browsers that they send.
#[cfg(feature = "saml")]
fn saml(config: &mut ServiceConfig) {
    use staff::saml::pages;
    let form = web::FormConfig::default().limit(pages::LARGEST_FORM);
    config
        .service(resource("/staff/auth/{provider}/metadata").route(get().to(pages::metadata)))
        .configure(saml_way_back)
        .service(
            resource("/staff/auth/{provider}/slo")
                .app_data(form)
                .app_data(web::PayloadConfig::new(pages::LARGEST_FORM))
                .wrap(from_fn(pages::prompt))
                .route(get().to(pages::logout_by_address))
                .route(post().to(pages::logout_by_form)),
        );
}

/// Where they send people back to.
#[cfg(feature = "saml")]
fn saml_way_back(config: &mut ServiceConfig) {
    use staff::saml::pages;
    let form = web::FormConfig::default().limit(pages::LARGEST_FORM);
    config.service(
        resource("/staff/auth/{provider}/acs")
            .app_data(form)
            .app_data(web::PayloadConfig::new(pages::LARGEST_FORM))
            .wrap(from_fn(pages::prompt))
            .route(post().to(pages::acs)),
    );
}

#[cfg(not(feature = "saml"))]
fn saml_way_back(_: &mut ServiceConfig) {}

#[cfg(not(feature = "saml"))]
fn saml(_: &mut ServiceConfig) {}

/// Anything else.
pub async fn nowhere() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}
