//! Minting: the one place where access tokens come from. A token carries identifiers, roles and scopes; never personal data.

mod mint;

pub(crate) use mint::Minting;
pub use mint::{Grantee, MintError, Minted, Tokens};
