//! Attacks a running deployment from outside, as a stranger would, and reports what it got away with.
//!
//! [`ApiDrill`] sends forged, stale and confused tokens to a service that is protected by Keywright tokens; [`ServerDrill`] tries
//! an issuer. Both know HTTP and JOSE and nothing of the product's inside, so that they judge what others can see.
//!
//! | room | owns |
//! |---|---|
//! | `token` | taking tokens apart and putting them together wrongly |
//! | `api` | the catalogue of attacks on a service, who sends it, who judges the answers |
//! | `server` | the examination of an issuer: its disposable user and client, its checks |
//! | `report` | the outcome for people (terminal, HTML) and for machines (JSON) |

mod api;
mod card;
mod issuer;
mod report;
mod server;
mod token;
mod web;

pub use api::{ApiDrill, Credentials, NotSealed, Seal, Service};
pub use card::{Card, Evidence, Examined, Outcome, Severity};
pub use report::Report;
pub use server::{Admin, ServerDrill};

/// Told what happens while it happens. Everything here comes in order, from one task.
pub trait Progress: Sync {
    fn begins(&self, card: &'static Card);
    fn ends(&self, examined: &Examined);
}

/// Why there is no report: nothing was learned about whom we were asked to examine.
#[derive(Debug, thiserror::Error)]
pub enum CannotRun {
    #[error("{0}")]
    Baseline(String),
    #[error("{what} does not answer as it should: {why}")]
    Unreachable { what: String, why: String },
    #[error("{0}")]
    Unusable(String),
}

impl CannotRun {
    fn unreachable(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Unreachable {
            what: what.into(),
            why: why.to_string(),
        }
    }
}
