//! The token endpoint, in the formats of RFC 6749. Errors have a map of their own: OAuth clients do not read problem+json.

mod client;
mod error;
mod token;

pub use client::presented_client;
pub use error::{OAuthError, OAuthErrorBody, OAuthReason};
pub use token::{GRANTS, TokenRequest, issue_token};
