//! Clients' own addresses: documents that they publish about themselves, and where they are told something. Somebody outside chose
//! them: they must not lead to where only this server can go, no redirect is followed, and each call comes to an end in size and time.

use crate::ports::Answer;

pub trait Documents: Send + Sync {
    /// The body of `url`.
    fn fetch<'a>(&'a self, url: &'a str) -> Answer<'a, Vec<u8>>;

    /// Posts an encoded form; answers once whoever is there has taken it.
    fn submit<'a>(&'a self, url: &'a str, form: &'a str) -> Answer<'a, ()>;
}
