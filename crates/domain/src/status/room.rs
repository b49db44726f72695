//! What one node holds of the status lists.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::Time;
use crate::status::block::FreeEntries;
use crate::status::{Book, StatusListToken};

pub(crate) type Served = BTreeMap<u32, Arc<StatusListToken>>;

pub(crate) struct StatusRoom {
    pub(super) free: FreeEntries,
    known: Mutex<Known>,
    /// What is being served, replaced as a whole.
    served: RwLock<Arc<Served>>,
    following: AtomicBool,
    reading_due: AtomicBool,
}

#[derive(Default)]
pub(super) struct Known {
    pub book: Book,
    /// The last event of the log that is in `book`; `None` before anything was read.
    pub position: Option<u64>,
    /// When `book` was last known to hold all that the store holds.
    pub current_at: Option<Time>,
}

/// One at a time follows the log: two would publish its events twice.
pub(super) struct Turn<'a>(&'a AtomicBool);

impl StatusRoom {
    pub fn new() -> Self {
        Self {
            free: FreeEntries::default(),
            known: Mutex::default(),
            served: RwLock::default(),
            following: AtomicBool::new(false),
            reading_due: AtomicBool::new(true),
        }
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn served(&self) -> Arc<Served> {
        self.served
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn serve(&self, served: Served) {
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
    }

    /// `None` while somebody else is at it.
    pub(super) fn turn(&self) -> Option<Turn<'_>> {
        let taken = self.following.swap(true, Ordering::Acquire);
        (!taken).then(|| Turn(&self.following))
    }

    /// The store has forgotten something: the next who follows reads everything again.
    pub(super) fn want_reading(&self) {
        self.reading_due.store(true, Ordering::Release);
    }

    pub(super) fn take_reading(&self) -> bool {
        self.reading_due.swap(false, Ordering::AcqRel)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
