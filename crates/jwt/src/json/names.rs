use std::borrow::Cow;

use super::JsonError;

/// Enough for a claims set; objects with more members pay for a vector.
const INLINE: usize = 24;

/// Bounds the quadratic comparison below.
const MAX_MEMBERS: usize = 1024;

/// The member names of one object so far.
///
/// A name's length and first seven bytes are compared as one integer: real names rarely agree there, so a claims set
/// of twenty members is checked in some twenty nanoseconds without a hash table.
#[derive(Default)]
pub(super) struct Names<'a> {
    len: usize,
    prints: [u64; INLINE],
    inline: [Cow<'a, str>; INLINE],
    more: Vec<(u64, Cow<'a, str>)>,
}

impl<'a> Names<'a> {
    /// Remembers `name` and hands it back, unless it was there before.
    pub fn insert(&mut self, name: Cow<'a, str>) -> Result<&str, JsonError> {
        let print = fingerprint(name.as_bytes());
        let inline = self.prints[..self.len].iter().zip(&self.inline);
        let more = self.more.iter().map(|(print, name)| (print, name));
        if inline
            .chain(more)
            .any(|(known, other)| *known == print && *other == name)
        {
            return Err(JsonError::DuplicateMember);
        }
        if self.len < INLINE {
            let slot = self.len;
            self.len += 1;
            self.prints[slot] = print;
            self.inline[slot] = name;
            return Ok(&self.inline[slot]);
        }
        if self.len + self.more.len() >= MAX_MEMBERS {
            return Err(JsonError::TooManyMembers);
        }
        let last = self.more.len();
        self.more.push((print, name));
        Ok(&self.more[last].1)
    }
}

fn fingerprint(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let head = name.len().min(7);
    bytes[..head].copy_from_slice(&name[..head]);
    bytes[7] = name.len().min(255) as u8;
    u64::from_le_bytes(bytes)
}
