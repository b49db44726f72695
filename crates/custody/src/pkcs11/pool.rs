//! The sessions with a token: a bounded number, since tokens bound theirs, and each of them with one caller at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::Pkcs11Error;
use super::session::Session;
use crate::under_way::{Call, UnderWay};

/// How long a caller waits for a session.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Pool {
    size: usize,
    under_way: UnderWay,
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    /// Callers that hold a session, or are about to open one.
    busy: usize,
    idle: Vec<Session>,
}

/// The right to one session. Given back when dropped, also by a panic.
pub(super) struct Seat<'p> {
    pool: &'p Pool,
    _call: Call<'p>,
}

impl Pool {
    pub fn new(size: usize) -> Self {
        let (busy, idle) = (0, Vec::new());
        Self {
            size,
            under_way: UnderWay::default(),
            state: Mutex::new(State { busy, idle }),
            freed: Condvar::new(),
        }
    }

    pub fn seat(&self) -> Result<Seat<'_>, Pkcs11Error> {
        let call = self.under_way.begin()?;
        let full = |state: &mut State| state.busy >= self.size;
        let (mut state, _) = self
            .freed
            .wait_timeout_while(self.state(), PATIENCE, full)
            .unwrap_or_else(PoisonError::into_inner);
        if state.busy >= self.size {
            return Err(Pkcs11Error::Busy(self.size));
        }
        state.busy += 1;
        Ok(Seat {
            pool: self,
            _call: call,
        })
    }

    /// An idle session of this epoch; older ones are forgotten, not closed.
    pub fn take(&self, epoch: u64) -> Option<Session> {
        let mut state = self.state();
        state.idle.retain(|session| session.is_of(epoch));
        state.idle.pop()
    }

    pub fn put(&self, session: Session) {
        self.state().idle.push(session);
    }

    /// Closes all that are idle; to be called while the module's epoch cannot change.
    pub fn clear(&self, epoch: u64) {
        while let Some(session) = self.take(epoch) {
            session.close();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.pool.state().busy -= 1;
        self.pool.freed.notify_one();
    }
}
