use super::{JsonError, Reader};

/// Enough for a claims set; objects with more members pay for a vector.
const INLINE: usize = 24;

/// Bounds the quadratic comparison below.
const MAX_MEMBERS: usize = 1024;

/// Found by trial: with this factor the registered names have 64 numbers without a collision.
const SPREAD: u64 = 0x18b8_a008_f9f5_9771;

/// A member's name, and its first seven bytes and length as one integer.
#[derive(Clone, Copy)]
pub(crate) struct Name<'n> {
    text: &'n [u8],
    start: usize,
    end: usize,
    pub print: u64,
}

impl<'n> Name<'n> {
    pub fn new(text: &'n [u8]) -> Self {
        Self::within(text, 0, text.len())
    }

    /// The name that stands at `start..end` in `text`. Its print is one load and one mask, except at the text's end.
    #[inline(always)]
    pub fn within(text: &'n [u8], start: usize, end: usize) -> Self {
        let head = text.get(start..start + 8).and_then(<[u8]>::first_chunk);
        let len = end - start;
        let print = match head {
            Some(head) => {
                let kept = !(u64::MAX << (8 * len.min(7)));
                u64::from_le_bytes(*head) & kept | (len.min(255) as u64) << 56
            }
            None => Self::print_of(text.get(start..end).unwrap_or_default()),
        };
        Self {
            text,
            start,
            end,
            print,
        }
    }

    pub fn bytes(&self) -> &'n [u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// A number below 64 that differs between all registered names of claims, and seldom agrees for others.
    const fn spread(self) -> u32 {
        (self.print.wrapping_mul(SPREAD) >> 58) as u32
    }

    /// Names of up to seven bytes have a print of their own; longer ones may share theirs.
    pub const fn print_of(name: &[u8]) -> u64 {
        let len = if name.len() < 255 {
            name.len() as u64
        } else {
            255
        };
        let mut print = len << 56;
        let mut at = 0;
        while at < name.len() && at < 7 {
            print |= (name[at] as u64) << (8 * at);
            at += 1;
        }
        print
    }
}

/// The names of one object so far. Prints are compared, without a hash table and without a copy, and only where one bit of
/// 64 per print does not tell them apart already; names whose prints agree are read again.
#[derive(Default)]
pub(super) struct Names {
    seen: u64,
    len: usize,
    prints: [u64; INLINE],
    starts: [u32; INLINE],
    more: Vec<(u64, u32)>,
}

impl Names {
    /// Remembers the name that stands at `start`, unless it was there before.
    #[inline(always)]
    pub fn insert(
        &mut self,
        name: Name<'_>,
        start: u32,
        reader: &Reader<'_>,
    ) -> Result<(), JsonError> {
        let bit = 1 << name.spread();
        if self.seen & bit != 0 || self.len == INLINE {
            return self.insert_slowly(name, start, reader);
        }
        self.seen |= bit;
        self.prints[self.len] = name.print;
        self.starts[self.len] = start;
        self.len += 1;
        Ok(())
    }

    #[cold]
    fn insert_slowly(
        &mut self,
        name: Name<'_>,
        start: u32,
        reader: &Reader<'_>,
    ) -> Result<(), JsonError> {
        let inline = self.prints.iter().copied().zip(self.starts).take(self.len);
        for (print, start) in inline.chain(self.more.iter().copied()) {
            if print == name.print && reader.string_at(start)?.as_bytes() == name.bytes() {
                return Err(JsonError::DuplicateMember);
            }
        }
        if self.len + self.more.len() >= MAX_MEMBERS {
            return Err(JsonError::TooManyMembers);
        }
        self.seen |= 1 << name.spread();
        match (self.prints.get_mut(self.len), self.starts.get_mut(self.len)) {
            (Some(slot), Some(place)) => {
                (*slot, *place) = (name.print, start);
                self.len += 1;
            }
            _ => self.more.push((name.print, start)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn registered_names_are_told_apart_by_one_bit_each() {
        let names = [
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "client_id",
            "scope",
            "roles",
            "sid",
            "auth_time",
            "acr",
            "amr",
            "nonce",
            "cnf",
            "act",
            "status",
            "events",
            "azp",
            "groups",
            "entitlements",
            "email",
            "email_verified",
            "name",
            "preferred_username",
        ];
        let bits: HashSet<u32> = names
            .iter()
            .map(|name| Name::new(name.as_bytes()).spread())
            .collect();
        assert_eq!(bits.len(), names.len());
    }
}
