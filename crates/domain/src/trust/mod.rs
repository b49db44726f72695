//! Issuers of others whose word is taken about who somebody is: the system that Keywright takes the place of, or one that sends people on.
//! Owns whom to believe, in what, and whom here they speak of. The grants that ask are in `grant`.

mod issuer;
mod open;
mod vouch;

pub use issuer::{NamedBy, Naming, TrustedIssuer, TrustedKeys};
pub use open::TrustError;
pub(crate) use open::TrustedGrant;
pub(crate) use vouch::PresentedAs;
pub use vouch::TrustRefused;
