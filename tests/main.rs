//! Journeys through the real server, on both databases. One file a user's journey.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a journey that can't go on has failed")]

#[macro_use]
mod support;

mod admin_manages_access;
mod api_sends_a_form;
mod bad_input;
mod identity_servers_work;
mod installation_starts;
mod ledger_cannot_be_rewritten;
mod owner_publishes;
mod person_takes_a_consent_back;
mod reviewer_reads;
mod spam_is_held_back;
#[cfg(feature = "saml")]
mod staff_signs_in_by_browser;
mod staff_signs_in_by_ldap;
mod staff_signs_in_by_openid;
#[cfg(feature = "saml")]
mod staff_signs_in_by_saml;
mod staff_signs_in_elsewhere;
mod staff_use_second_factors;
mod storage_survives;
mod templates_in_every_language;
mod visitor_sends_a_form;
mod visitor_sends_files;
mod visitor_signs_in_for_a_form;
mod who_may_answer;
