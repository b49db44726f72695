//! Where a string may end, for 64 bytes at a time: strings in claims are short, so that finding each end anew costs more
//! than finding all of them at once.

/// Bytes that one word of marks speaks of.
const BLOCK: usize = 64;

/// Words kept: most claims sets are not longer than eight blocks.
const WINDOW: usize = 8;

/// Farther from every place in a text than a window is long.
const NOWHERE: usize = usize::MAX / 2;

/// The marks of the part of a text that was looked at last.
pub(super) struct Marks {
    start: usize,
    words: [u64; WINDOW],
}

impl Marks {
    /// Nothing has been looked at.
    pub fn none() -> Self {
        Self {
            start: NOWHERE,
            words: [0; WINDOW],
        }
    }

    /// The first quote, backslash or control character at or behind `from`; some place behind the text if there is none.
    #[inline(always)]
    pub fn next(&mut self, text: &[u8], from: usize) -> usize {
        let inside = from.wrapping_sub(self.start);
        if let Some(word) = self.words.get(inside / BLOCK) {
            let ahead = word >> (inside % BLOCK);
            if ahead != 0 {
                return from + ahead.trailing_zeros() as usize;
            }
        }
        self.next_elsewhere(text, from)
    }

    /// Kept out of line, so that the many searches that stay in a block are a few instructions each.
    #[inline(never)]
    fn next_elsewhere(&mut self, text: &[u8], mut from: usize) -> usize {
        loop {
            let inside = from.wrapping_sub(self.start);
            let Some(word) = self.words.get(inside / BLOCK) else {
                self.look_at(text, from);
                continue;
            };
            let ahead = word >> (inside % BLOCK);
            if ahead != 0 {
                return from + ahead.trailing_zeros() as usize;
            }
            from += BLOCK - inside % BLOCK;
        }
    }

    #[inline(never)]
    fn look_at(&mut self, text: &[u8], start: usize) {
        let (blocks, rest) = text.get(start..).unwrap_or_default().as_chunks();
        self.start = start;
        // What is behind the text counts as a control character, so that every search ends.
        self.words = [u64::MAX; WINDOW];
        for (word, block) in self.words.iter_mut().zip(blocks) {
            *word = marks(block);
        }
        if blocks.len() < WINDOW {
            let mut padded = [0; BLOCK];
            padded[..rest.len()].copy_from_slice(rest);
            self.words[blocks.len()] = marks(&padded);
        }
    }
}

/// Brings the lowest bits of eight bytes together in the highest byte, the first byte's the lowest. No two of the
/// products meet, so nothing is carried.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// One bit per byte, the first byte's the lowest.
#[inline]
fn marks(block: &[u8; BLOCK]) -> u64 {
    // Without a branch: compilers turn this into comparisons of sixteen bytes each.
    let flags = block.map(|byte| u8::from((byte == b'"') | (byte == b'\\') | (byte < b' ')));
    let (words, _) = flags.as_chunks();
    let mut marks = 0;
    for (at, word) in words.iter().enumerate() {
        marks |= (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) << (at * 8);
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_marked_or_not() {
        for byte in 0..=u8::MAX {
            let is_mark = matches!(byte, b'"' | b'\\' | 0..b' ');
            for at in 0..BLOCK {
                for (around, marked_around) in [(b'a', false), (b'"', true), (0xff, false)] {
                    let mut block = [around; BLOCK];
                    block[at] = byte;
                    let all = if marked_around { u64::MAX } else { 0 };
                    let expected = (all & !(1 << at)) | u64::from(is_mark) << at;
                    assert_eq!(marks(&block), expected, "{byte} at {at}");
                }
            }
        }
    }

    #[test]
    fn the_next_mark_is_found_from_every_place_of_texts_around_each_bound() {
        const FULL: usize = WINDOW * BLOCK;
        for len in (0..=BLOCK + 2).chain([FULL - 1, FULL, FULL + 1, FULL + BLOCK + 1]) {
            for marked in 0..len {
                let mut text = vec![b'a'; len];
                text[marked] = b'"';
                let mut marks = Marks::none();
                for from in 0..=len + 2 {
                    let next = marks.next(&text, from);
                    if from <= marked {
                        assert_eq!(next, marked);
                    } else {
                        assert!(next >= len && next >= from);
                    }
                }
            }
        }
    }
}
