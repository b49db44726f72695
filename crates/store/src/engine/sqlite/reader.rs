//! Point reads run inline on a connection of the thread that asks: handing them to another thread would cost more than
//! the read.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use super::connection::open_reader;
use crate::chains::Chains;
use crate::engine::Tx;
use crate::fault::Fault;

/// Where this thread's connection comes from.
pub(super) struct Readers {
    path: PathBuf,
    chains: Arc<Chains>,
}

thread_local! {
    /// The connections of this thread: one for each store that it has read from (a process has one; tests have more).
    static CONNECTIONS: RefCell<Vec<(Weak<Readers>, Tx)>> = const { RefCell::new(Vec::new()) };
}

impl Readers {
    pub(super) fn new(path: &Path, chains: Arc<Chains>) -> Self {
        Self {
            path: path.to_owned(),
            chains,
        }
    }

    pub(super) fn read<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Tx) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut tx = match self.take() {
            Some(tx) => tx,
            None => self.connect()?,
        };
        let done = work(&mut tx);
        // After an error the connection may be the reason: the next read gets a new one.
        if done.is_ok() {
            CONNECTIONS.with_borrow_mut(|all| all.push((Arc::downgrade(self), tx)));
        }
        done
    }

    fn take(self: &Arc<Self>) -> Option<Tx> {
        CONNECTIONS.with_borrow_mut(|all| {
            let mine = all
                .iter()
                .position(|(of, _)| std::ptr::eq(of.as_ptr(), Arc::as_ptr(self)))?;
            Some(all.swap_remove(mine).1)
        })
    }

    fn connect(&self) -> Result<Tx, Fault> {
        // A store that is gone leaves its connections behind; this is where they are closed.
        CONNECTIONS.with_borrow_mut(|all| all.retain(|(of, _)| of.strong_count() > 0));
        let connection =
            open_reader(&self.path).map_err(|error| Fault::Unreachable(error.to_string()))?;
        Ok(Tx::on_sqlite(connection, Arc::clone(&self.chains)))
    }
}
