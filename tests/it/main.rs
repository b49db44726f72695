//! The integration tests, in one binary so that they link once. The tree mirrors the URLs: what `POST /v1/login` does is in
//! `v1/login.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod admin;
mod binary;
mod browser;
mod clients;
mod coverage;
mod feed;
mod invariants;
mod logs;
mod master_key;
mod oauth2;
mod ops;
mod pages;
mod status;
mod v1;
mod webhook;
mod well_known;
