//! What waits to be hashed: bounded, first come first served.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keywright_domain::Time;
use keywright_domain::account::password::{PasswordCheck, PasswordHash};
use keywright_domain::ports::PasswordsError;
use keywright_domain::secret::PlainSecret;
use tokio::sync::oneshot;

/// After this long without work a thread frees its memory: 19 MiB each would double what an idle server takes.
const IDLE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

pub(super) struct Job {
    pub password: PlainSecret,
    pub work: Work,
    pub deadline: Time,
}

pub(super) enum Work {
    Hash {
        salt: [u8; 16],
        answer: Reply<PasswordHash>,
    },
    Verify {
        hash: Option<PasswordHash>,
        answer: Reply<PasswordCheck>,
    },
}

pub(super) type Reply<T> = oneshot::Sender<Result<T, PasswordsError>>;
impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, job: Job, most: usize) -> Result<(), PasswordsError> {
        let mut state = self.lock();
        if state.jobs.len() >= most {
            return Err(PasswordsError::Overloaded);
        }
        state.jobs.push_back(job);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Lets the threads end after the jobs that wait.
    pub fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// The next job; `None` when the pool is closed. Calls `idle` whenever nothing came for a while.
    pub fn next(&self, mut idle: impl FnMut()) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            let (woken, waited) = self
                .ready
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if waited.timed_out() && state.jobs.is_empty() {
                idle();
            }
        }
    }
}
