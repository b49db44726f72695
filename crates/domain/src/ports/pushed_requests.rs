//! Pushed requests at rest.

use crate::Time;
use crate::authorize::{PushedId, PushedRequest};
use crate::ports::Answer;

pub trait PushedRequests: Send + Sync {
    fn push<'a>(&'a self, request: &'a PushedRequest) -> Answer<'a, ()>;
    fn pushed(&self, id: PushedId) -> Answer<'_, Option<PushedRequest>>;
    /// Uses the request up; false if it was before. Of a hundred that ask at once, one is told true.
    fn take_pushed(&self, id: PushedId) -> Answer<'_, bool>;
    /// Forgets at most `limit` that were over at `before`; answers how many went.
    fn forget_pushed(&self, before: Time, limit: u32) -> Answer<'_, u64>;
}
