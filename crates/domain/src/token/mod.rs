//! Minting: the one place where access tokens come from. A token carries identifiers, roles, scopes and what its
//! API declares (`claims`).

mod mint;

pub(crate) use mint::Minting;
pub use mint::{Grantee, MintError, Minted, Tokens};
