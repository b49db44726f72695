//! Refusals at mint, kept for the audit log: a mint cannot wait for a write, and the hundredth refusal tells nothing that the
//! first did not.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::OverBudget;
use super::lint::Finding;
use crate::Issuer;
use crate::access::Audience;
use crate::audit::{Actor, Event, EventKind};

/// Why the claims that an API declares cannot go into a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRefused {
    #[error(transparent)]
    Finding(#[from] Finding),
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// More kinds of refusals than this are an attack or a broken deployment; the log has them all.
const MOST: usize = 256;

/// What was refused since the process started, and what of it the audit log does not have yet.
#[derive(Default)]
pub struct Refusals(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    all: BTreeSet<String>,
    fresh: Vec<String>,
}

impl Refusals {
    fn note(&self, what: String) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.all.len() < MOST && seen.all.insert(what.clone()) {
            seen.fresh.push(what);
        }
    }

    fn take(&self) -> Vec<String> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen.fresh)
    }

    /// Those that could not be written are fresh again.
    fn put_back(&self, what: Vec<String>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.fresh.extend(what);
    }
}

impl Issuer {
    /// Passes on what the claims of an API came to, and notes a refusal.
    pub(crate) fn noted<T, E: Into<ClaimsRefused>>(
        &self,
        audience: &Audience,
        outcome: Result<T, E>,
    ) -> Result<T, ClaimsRefused> {
        let refused = outcome.map_err(Into::into);
        if let Err(refused) = &refused {
            let (claim, why) = match refused {
                ClaimsRefused::Finding(finding) => (&finding.claim, finding.kind.as_str()),
                ClaimsRefused::OverBudget(over) => (&over.claim, "over_budget"),
            };
            self.refused_claims
                .note(format!("{audience} {claim} {why}"));
        }
        refused
    }

    /// Writes to the audit log what was refused since the last call, each claim of an API once.
    pub(crate) async fn record_refused_claims(&self) -> Result<(), crate::Unavailable> {
        let fresh = self.refused_claims.take();
        if fresh.is_empty() {
            return Ok(());
        }
        let events = fresh.iter().map(|what| {
            Event::new(EventKind::ClaimsRefused, Actor::Issuer, self.now()).detail(what)
        });
        let effects = crate::audit::Effects {
            events: events.collect(),
            ..Default::default()
        };
        let written = self.outside.store.record(&effects).await;
        if written.is_err() {
            self.refused_claims.put_back(fresh);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_taken_once_and_their_number_is_bounded() {
        let refusals = Refusals::default();
        refusals.note("api claim email".to_owned());
        refusals.note("api claim email".to_owned());
        assert_eq!(refusals.take(), ["api claim email"]);
        refusals.note("api claim email".to_owned());
        assert!(refusals.take().is_empty());
        refusals.put_back(vec!["api claim email".to_owned()]);
        assert_eq!(refusals.take().len(), 1, "a failed write is tried again");
        (0..2 * MOST).for_each(|at| refusals.note(at.to_string()));
        assert_eq!(refusals.take().len(), MOST - 1);
    }
}
