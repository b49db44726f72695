//! What OpenID Connect adds to OAuth: who a person is to a client (subject, profile, standard claims), and what of it a client asks for.
//!
//! ID tokens are minted in `token`, the browser's login and the authorization request live in rooms of their own.

pub mod acr;
mod claims_request;
mod id_token_hint;
mod manage_profile;
mod person;
mod profile;
mod standard_claims;
mod subject;
mod user_info;

pub use claims_request::{ClaimsRequest, MalformedClaimsRequest};
pub use id_token_hint::IdTokenHint;
pub(crate) use person::Person;
pub use profile::{Address, MalformedProfile, Profile};
pub use standard_claims::STANDARD_CLAIMS;
pub(crate) use subject::sector;
pub use user_info::{UserInfo, UserInfoError};
