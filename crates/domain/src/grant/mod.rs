//! OAuth grants in which no session is involved.

mod client_credentials;

pub use client_credentials::{ClientCredentials, ClientCredentialsError};
