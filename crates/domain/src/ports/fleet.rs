//! Verifiers' reports at rest.

use crate::Time;
use crate::audit::Effects;
use crate::client::ClientId;
use crate::fleet::Verifier;
use crate::ports::Answer;

pub trait Fleet: Send + Sync {
    /// One instance of a client, as it last reported.
    fn verifier<'a>(
        &'a self,
        client: &'a ClientId,
        instance: &'a str,
    ) -> Answer<'a, Option<Verifier>>;
    /// Inserts or replaces.
    fn put_verifier<'a>(&'a self, verifier: &'a Verifier, effects: &'a Effects) -> Answer<'a, ()>;
    /// Those that have reported at `since` or later, by client and instance.
    fn verifiers(&self, since: Time) -> Answer<'_, Vec<Verifier>>;
    /// Answers how many were forgotten.
    fn forget_verifiers(&self, before: Time) -> Answer<'_, u64>;
}
