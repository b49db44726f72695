//! The attack catalogue: tokens that a verifier must refuse, and good ones that it must accept.
//!
//! The cases are data (`*.json` beside this file, format in README.md), so that verifiers in other languages can be run
//! against them. `generate/` writes them; `run.rs` runs them through keywright-verify; `published.rs` tells which case
//! stands for which published vulnerability.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalogue;
mod differential;
mod forge;
mod generate;
mod keys;
mod published;
mod run;
mod settings;
mod well_formed;
