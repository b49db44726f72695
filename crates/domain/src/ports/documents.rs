//! Documents that clients publish about themselves: key sets and metadata.

use crate::ports::Answer;

pub trait Documents: Send + Sync {
    /// The body of `url`, which somebody outside chose: it must not lead to where only this server can go, follow no redirect,
    /// and come to an end in size and time.
    fn fetch<'a>(&'a self, url: &'a str) -> Answer<'a, Vec<u8>>;
}
