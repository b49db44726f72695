//! What a token may carry: APIs (audiences) know scopes, roles grant them, clients are allowed them.
//!
//! The answer is always the intersection; see [`Catalog::granted`].

mod administrator;
mod api;
mod catalog;
mod details;
mod manage;
mod narrow;
mod role;
mod scope;

pub use administrator::{AdministerError, Administration, Bearer, ConsoleError};
pub use api::{Api, Audience, ISSUER_SCOPES, MalformedAudience};
pub use catalog::{Catalog, ScopeRefused, issuer_api};
pub use details::{
    AuthorizationDetails, DetailType, DetailTypeName, DetailTypeRefused, DetailTypes,
    DetailsRefused, MalformedDetailType, ObjectSchema, ReadableDetail, Schema, SchemaRefused,
};
pub use manage::AccessError;
pub(crate) use manage::LONGEST_ACCESS;
pub use role::{MalformedRole, Role, RoleName};
pub use scope::{MalformedScope, OPENID_SCOPES, Scope, ScopeSet, openid_words};
