//! What every custody promises, on each of them; and what a token can do to us.
//!
//! Tokens are SoftHSM's: `cargo xtask test` says where the module and its configuration are.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod conformance;
mod kit;
mod mixed;
#[path = "../records/mod.rs"]
mod records;
mod token;
