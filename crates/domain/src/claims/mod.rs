//! What access tokens carry beyond the registered claims: what an API declares, what a mint makes of it, and the byte budget.
//!
//! Who may declare it is `access`; the registered claims are written by `token`.

mod budget;
mod check;
mod compose;
pub mod lint;
mod policy;
mod refused;
mod unique;

pub use budget::OverBudget;
pub(crate) use budget::fits;
pub use check::Objection;
pub use policy::{ClaimName, ClaimsPolicy, MalformedClaimName, Source, UserAttribute};
pub use refused::ClaimsRefused;
pub(crate) use refused::Refusals;
pub use unique::map as unique_map;
