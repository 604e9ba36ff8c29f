//! The `sealwax` program.
fn main() {}
