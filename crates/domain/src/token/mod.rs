//! Tokens: minting, the one place where they come from, and what they are worth when they come back. An access token carries
//! identifiers, roles, scopes and what its API declares (`claims`).

mod binding;
mod delegation;
mod id_token;
mod introspect;
mod introspection;
mod mint;
mod own;
mod revoke;

pub use binding::{Binding, ProvedKey};
pub(crate) use delegation::Delegation;
pub(crate) use id_token::{ID_TOKEN_TYPE, Told};
pub use introspect::{Introspect, IntrospectError};
pub use introspection::Introspection;
pub(crate) use mint::{ACCESS_TOKEN_TYPE, Minting};
pub use mint::{Grantee, MintError, Minted, Tokens};
pub(crate) use own::{OwnToken, Stands};
pub use revoke::{Revoke, RevokeError};
