use std::sync::atomic::{AtomicU8, Ordering};

use miniz_oxide::inflate;

use super::StatusListError;

/// 4 MiB hold 16 million entries of two bits. A list that inflates beyond is a bomb, not a list: DEFLATE gives a
/// thousandfold.
const MAX_INFLATED: usize = 4 << 20;

/// The entries of a status list, read and changed without a lock.
pub(super) struct Bitmap {
    /// Entries have `1 << width` bits, so that an entry is found by shifts: divisions would cost more than all the rest.
    width: u32,
    cells: Box<[AtomicU8]>,
}

impl Bitmap {
    /// Inflates `lst` (Token Status List §4.1: DEFLATE in the ZLIB format, entries of 1, 2, 4 or 8 bits).
    pub fn inflate(bits: u8, compressed: &[u8]) -> Result<Self, StatusListError> {
        if !matches!(bits, 1 | 2 | 4 | 8) {
            return Err(StatusListError::Bits(bits));
        }
        let bytes = inflate::decompress_to_vec_zlib_with_limit(compressed, MAX_INFLATED).map_err(
            |error| match error.status == inflate::TINFLStatus::HasMoreOutput {
                true => StatusListError::TooLarge,
                false => StatusListError::Compression,
            },
        )?;
        Ok(Self {
            width: bits.ilog2(),
            cells: bytes.into_iter().map(AtomicU8::new).collect(),
        })
    }

    /// The number of entries, the padding of the last byte included.
    pub fn len(&self) -> u64 {
        (self.cells.len() as u64) << (3 - self.width)
    }

    /// The value of an entry, `None` beyond the end.
    pub fn get(&self, index: u64) -> Option<u8> {
        let (cell, shift) = self.locate(index)?;
        Some(cell.load(Ordering::Relaxed) >> shift & self.mask())
    }

    /// Changes one entry; `false` if there is no such entry or it cannot hold the value.
    pub fn set(&self, index: u64, value: u8) -> bool {
        let mask = self.mask();
        let Some((cell, shift)) = self.locate(index).filter(|_| value <= mask) else {
            return false;
        };
        // The neighbours in this byte may be changing as well.
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| {
            Some(old & !(mask << shift) | value << shift)
        });
        true
    }

    /// Entries fill each byte from its least significant bit (§4.1).
    fn locate(&self, index: u64) -> Option<(&AtomicU8, u8)> {
        let cell = usize::try_from(index >> (3 - self.width)).ok()?;
        let shift = (index << self.width) as u8 % 8;
        Some((self.cells.get(cell)?, shift))
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - (1 << self.width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(bits: u8, bytes: &[u8]) -> Bitmap {
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(bytes, 9);
        Bitmap::inflate(bits, &compressed).unwrap()
    }

    /// Token Status List §4.1.1 and §4.1.2: the bytes and the entries that they stand for.
    #[test]
    fn the_examples_of_the_specification_are_read_as_it_says() {
        let one = bitmap(1, &[0xb9, 0xa3]);
        let entries: Vec<_> = (0..16).map(|index| one.get(index).unwrap()).collect();
        assert_eq!(entries, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
        assert_eq!(one.get(16), None);
        let two = bitmap(2, &[0xc9, 0x44, 0xf9]);
        let entries: Vec<_> = (0..12).map(|index| two.get(index).unwrap()).collect();
        assert_eq!(entries, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
        assert_eq!(two.get(12), None);
    }

    #[test]
    fn the_compressed_example_of_the_specification_inflates() {
        let encoded = "eNrbuRgAAhcBXQ";
        let compressed = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(encoded).unwrap();
        let list = Bitmap::inflate(1, &compressed).unwrap();
        assert_eq!(
            (list.len(), list.get(0), list.get(1)),
            (16, Some(1), Some(0))
        );
    }

    #[test]
    fn a_change_touches_one_entry_only() {
        for bits in [1, 2, 4, 8] {
            let list = bitmap(bits, &[0; 8]);
            let last = u8::MAX >> (8 - bits);
            for index in 0..list.len() {
                assert!(list.set(index, last));
                let set: Vec<_> = (0..list.len())
                    .filter(|at| list.get(*at) != Some(0))
                    .collect();
                assert_eq!(set, [index], "{bits} bits");
                assert_eq!(list.get(index), Some(last));
                assert!(list.set(index, 0));
            }
            assert!(!list.set(list.len(), 0) && !list.set(u64::MAX, 0));
            assert!(bits == 8 || !list.set(0, last + 1));
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; MAX_INFLATED + 1], 9);
        assert_eq!(
            Bitmap::inflate(1, &bomb).err(),
            Some(StatusListError::TooLarge)
        );
        let full = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; MAX_INFLATED], 9);
        assert!(Bitmap::inflate(1, &full).is_ok());
        for bits in [0, 3, 5, 6, 7, 9, 16, 255] {
            assert_eq!(
                Bitmap::inflate(bits, &full).err(),
                Some(StatusListError::Bits(bits))
            );
        }
        let raw = miniz_oxide::deflate::compress_to_vec(&[1, 2, 3], 9);
        let whole = miniz_oxide::deflate::compress_to_vec_zlib(&[1, 2, 3], 9);
        let mut altered = whole.clone();
        *altered.last_mut().unwrap() ^= 1;
        for bad in [&raw[..], &whole[..whole.len() - 1], &altered, b""] {
            assert_eq!(
                Bitmap::inflate(2, bad).err(),
                Some(StatusListError::Compression),
                "{bad:?}"
            );
        }
    }
}
