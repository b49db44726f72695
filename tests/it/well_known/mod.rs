//! What verifiers and client libraries read.

mod discovery;
mod jwks;
mod protected_resource;
