//! What clients may present only once.

use crate::Time;
use crate::ports::Answer;

pub trait Assertions: Send + Sync {
    /// Remembers `name` until `until`; false if it was there already. Of a hundred that ask at once, one is told true.
    fn use_assertion(&self, name: [u8; 16], until: Time) -> Answer<'_, bool>;
    /// Forgets at most `limit` that were over at `before`; answers how many went.
    fn forget_assertions(&self, before: Time, limit: u32) -> Answer<'_, u64>;
}
