//! The grants of the token endpoint: a client's own token, and a session's refresh by a client that names itself.

mod client_credentials;
mod refresh_token;

pub use client_credentials::{ClientCredentials, ClientCredentialsError};
pub use refresh_token::RefreshGrantError;
