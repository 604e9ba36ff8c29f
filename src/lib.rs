//! Sealwax: a secure, self-hosted web-form backend with an embeddable form.
//!
//! The map of the house. Features depend on each other in one direction only:
//! sites → policies → forms → consents → submissions → people, with the ledger below all and staff beside.

/// Time and randomness as parameters.
pub mod ambient;
/// Everything that a request handler needs, made once at start.
pub mod app;
/// The command line, one file a subcommand.
pub mod cli;
/// `sealwax.toml` and the environment, read into one checked value.
pub mod config;
/// Consents given and refused, and what a refusal withholds.
pub mod consents;
/// Sealing, keys, blind index, signed tokens, password hashing.
pub mod crypto;
/// Connecting, transactions, and what differs between SQLite and PostgreSQL.
pub mod db;
/// Forms: definitions, publishing, checking answers, the public page and API.
pub mod forms;
/// The append-only record of publications and staff actions.
pub mod ledger;
/// Mail, through an SMTP server or into a directory.
pub mod mail;
/// A person's own page: what is kept, and taking a consent back.
pub mod people;
/// Policies and purposes: what visitors are told.
pub mod policies;
/// Listeners, TLS, THE route table, middleware, errors as pages and problem+json.
pub mod server;
/// Sites: branding, languages, origins, and numbered immutable versions.
pub mod sites;
/// Staff: accounts, roles, login, sessions.
pub mod staff;
/// Submissions: accepting, sealing, committing, and reading them again.
pub mod submissions;
/// The interface's words in every language.
pub mod words;
