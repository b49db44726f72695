//! All lists of the issuer as bits in memory. Pure.

use std::collections::BTreeMap;

use crate::feed::{StatusEntry, StatusValue};
use crate::status::{ENTRIES, StatusRef};

pub const BITS: u32 = 2;
const PER_BYTE: u32 = 8 / BITS;
const BYTES: usize = (ENTRIES / PER_BYTE) as usize;

#[derive(Clone, Default)]
pub struct Book {
    lists: BTreeMap<u32, List>,
}

#[derive(Clone)]
struct List {
    cells: Box<[u8]>,
    /// Differs whenever the cells may.
    revision: u64,
}

impl Book {
    pub fn of(lists: impl IntoIterator<Item = u32>, marks: &[StatusEntry]) -> Self {
        let mut book = Self::default();
        lists.into_iter().for_each(|list| book.open(list));
        marks.iter().for_each(|mark| book.set(*mark));
        book
    }

    /// From now on the list is served; nothing changes if it was before.
    pub fn open(&mut self, list: u32) {
        self.lists.entry(list).or_insert_with(|| List {
            cells: vec![0; BYTES].into(),
            revision: 0,
        });
    }

    pub fn newest(&self) -> u32 {
        self.lists.last_key_value().map_or(0, |(id, _)| *id)
    }

    pub fn lists(&self) -> impl Iterator<Item = u32> {
        self.lists.keys().copied()
    }

    /// An event may be heard of before its list.
    pub fn set(&mut self, entry: StatusEntry) {
        self.open(entry.list);
        let Some((cell, shift)) = self.cell(entry.list, entry.index) else {
            return;
        };
        let bits = *cell & !(0b11 << shift) | u8::from(entry.value) << shift;
        if std::mem::replace(cell, bits) != bits
            && let Some(list) = self.lists.get_mut(&entry.list)
        {
            list.revision += 1;
        }
    }

    /// What the list says of the entry; `None` if there is none.
    pub fn get(&self, entry: StatusRef) -> Option<StatusValue> {
        let cells = &self.lists.get(&entry.list)?.cells;
        let cell = cells.get((entry.index / PER_BYTE) as usize)?;
        StatusValue::try_from(cell >> shift(entry.index) & 0b11).ok()
    }

    pub fn revision(&self, list: u32) -> Option<u64> {
        self.lists.get(&list).map(|list| list.revision)
    }

    /// As the specification lays them out (§4.1): from each byte's least significant bits upwards.
    pub fn cells(&self, list: u32) -> Option<Box<[u8]>> {
        self.lists.get(&list).map(|list| list.cells.clone())
    }

    /// Takes what was read from the store, which knows which marks are over and which lists are gone.
    pub fn replace(&mut self, mut read: Book) {
        for (id, list) in &mut read.lists {
            if let Some(old) = self.lists.get(id) {
                list.revision = old.revision + u64::from(old.cells != list.cells);
            }
        }
        *self = read;
    }

    fn cell(&mut self, list: u32, index: u32) -> Option<(&mut u8, u32)> {
        let cells = &mut self.lists.get_mut(&list)?.cells;
        Some((cells.get_mut((index / PER_BYTE) as usize)?, shift(index)))
    }
}

const fn shift(index: u32) -> u32 {
    index % PER_BYTE * BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: StatusRef = StatusRef {
        list: 2,
        index: ENTRIES - 1,
    };

    #[test]
    fn the_example_of_the_specification_is_laid_out_as_it_says() {
        let mut book = Book::default();
        for (index, value) in [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].into_iter().enumerate() {
            let index = u32::try_from(index).unwrap();
            book.set(StatusRef { list: 1, index }.says(StatusValue::try_from(value).unwrap()));
        }
        assert_eq!(book.cells(1).unwrap()[..4], [0xc9, 0x44, 0xf9, 0]);
    }

    #[test]
    fn a_mark_changes_one_entry_and_the_revision() {
        let mut book = Book::of([1, 2], &[]);
        for value in [
            StatusValue::Invalid,
            StatusValue::Stale,
            StatusValue::Suspended,
        ] {
            let before = book.revision(2);
            book.set(ENTRY.says(value));
            assert_eq!(book.get(ENTRY), Some(value));
            assert!(book.revision(2) > before);
        }
        let marked: u32 = book.cells(2).unwrap().iter().map(|c| c.count_ones()).sum();
        assert_eq!(marked, 1);
        book.set(ENTRY.says(StatusValue::Valid));
        assert!(book.cells(2).unwrap().iter().all(|cell| *cell == 0));
        assert_eq!(book.revision(1), Some(0));
    }

    #[test]
    fn saying_it_twice_is_no_change() {
        let mut book = Book::of([2], &[ENTRY.says(StatusValue::Invalid)]);
        let before = book.revision(2);
        book.set(ENTRY.says(StatusValue::Invalid));
        assert_eq!(book.revision(2), before);
    }

    #[test]
    fn an_index_beyond_the_list_is_no_entry() {
        let mut book = Book::of([1], &[]);
        let beyond = StatusRef {
            list: 1,
            index: ENTRIES,
        };
        book.set(beyond.says(StatusValue::Invalid));
        assert_eq!((book.get(beyond), book.revision(1)), (None, Some(0)));
    }

    #[test]
    fn what_the_store_has_forgotten_is_forgotten_and_counts_as_a_change() {
        let mut book = Book::of([1, 2], &[ENTRY.says(StatusValue::Invalid)]);
        let before = book.revision(2).unwrap();
        book.replace(Book::of([2, 3], &[]));
        assert_eq!(book.get(ENTRY), Some(StatusValue::Valid));
        assert_eq!(book.revision(2), Some(before + 1));
        assert_eq!(book.lists().collect::<Vec<_>>(), [2, 3]);
    }
}
