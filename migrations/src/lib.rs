//! The database schema of Sealwax, one file a step.
