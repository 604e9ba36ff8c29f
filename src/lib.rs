//! Sealwax: a secure, self-hosted web-form backend.
