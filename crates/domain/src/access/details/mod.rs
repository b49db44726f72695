//! Authorization details (RFC 9396): what a scope is too coarse to say, such as one payment of one amount.
//!
//! | file | owns |
//! |---|---|
//! | `schema.rs` | what a member of a detail may be: a strict subset of JSON Schema |
//! | `kind.rs` | a type of details, as an API registers it |
//! | `granted.rs` | the details of a request and of what it is granted, and whether they may be |
//! | `readable.rs` | a detail as a person reads it |

mod granted;
mod kind;
mod readable;
mod schema;

#[cfg(test)]
mod tests;

pub(super) use kind::check;

pub use granted::{AuthorizationDetails, DetailsRefused};
pub use kind::{DetailType, DetailTypeName, DetailTypeRefused, DetailTypes, MalformedDetailType};
pub use readable::ReadableDetail;
pub use schema::{ObjectSchema, Schema, SchemaRefused};
