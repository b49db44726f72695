//! The grants of the token endpoint: a code for a session, a session's refresh by a client that names itself, and a client's own
//! token.

mod authorization_code;
mod client_credentials;
pub mod device;
mod jwt_bearer;
mod refresh_token;
mod token_exchange;
mod wanted;

pub use authorization_code::{ExchangeCode, ExchangeCodeError};
pub use client_credentials::{ClientCredentials, ClientCredentialsError};
pub use jwt_bearer::{JwtBearer, JwtBearerError};
pub use refresh_token::RefreshGrantError;
pub use token_exchange::{ExchangeToken, ExchangeTokenError};
pub(crate) use wanted::Wanted;
