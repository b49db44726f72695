//! What every custody promises, on each of them; and what a token or a vault can do to us.
//!
//! Tokens are SoftHSM's, the vault is OpenBao: `cargo xtask test` says where the module with its configuration and the program are.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod bao;
mod conformance;
mod kit;
mod mixed;
#[path = "../records/mod.rs"]
mod records;
mod relay;
mod token;
mod transit;
