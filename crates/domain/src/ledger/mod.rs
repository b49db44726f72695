//! Every access token and ID token that lives, on record before it leaves: which client, which API, which scopes, which key, which grant,
//! whose session, when it was issued and when it dies.
//!
//! Owns what a record is ([`Entry`]), how records are asked for ([`TokenFilter`]), and ending what a question finds. A token
//! itself is never kept. Who mints is `token`'s matter; what ends a session is `session`'s.

mod entry;
mod impact;
mod jti;
mod list;
mod query;
mod revoke;

pub use entry::{ClassId, Entry, GrantType, TokenClass, TokenKind};
pub use impact::{Affected, KeyImpact};
pub use jti::{Jti, MalformedJti};
pub use query::{ClassCount, Recorded, TokenCount, TokenFilter, TokenQuery, TokenSpan, TokenState};
pub use revoke::{RevokeTokensError, Revoked};
