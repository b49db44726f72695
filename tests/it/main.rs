//! The integration tests, in one binary so that they link once. The tree mirrors the URLs: what `POST /v1/login` does is in
//! `v1/login.rs`.

mod admin;
mod binary;
mod coverage;
mod invariants;
mod logs;
mod oauth2;
mod ops;
mod v1;
mod well_known;
