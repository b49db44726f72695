//! Access tokens: what they are worth when they come back, and minting, the one place where access tokens come from. A token carries identifiers, roles, scopes and what its
//! API declares (`claims`).

mod introspect;
mod introspection;
mod mint;
mod own;
mod revoke;

pub use introspect::{Introspect, IntrospectError};
pub use introspection::Introspection;
pub(crate) use mint::Minting;
pub use mint::{Grantee, MintError, Minted, Tokens};
pub use revoke::{Revoke, RevokeError};
