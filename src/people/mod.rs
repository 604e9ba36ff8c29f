//! A person's own page: what is kept of one submission, by purpose, and taking a consent back (GDPR Art. 7 §3, 12, 15);
//! and erasing what is due.
//!
//! Whoever has just sent a form gets a private link to it. The link is a random token of 256 bits, of which only the hash
//! is kept, and ends after [`LINK_LASTS`]. The page names what is kept and never shows the answers: a node that can only
//! seal has it too.

pub mod pages;
pub mod receipt;
pub mod retention;
pub mod store;

use time::Duration;

/// How long a private link works.
pub const LINK_LASTS: Duration = Duration::days(30);
/// How long after sending the thank-you page gives a private link.
pub const LINK_OFFERED: Duration = Duration::hours(24);
