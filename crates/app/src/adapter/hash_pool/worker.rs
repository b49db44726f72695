//! One hashing thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use keywright_domain::Time;
use keywright_domain::account::password::{HashCost, Hasher};
use keywright_domain::ports::{Clock, PasswordsError};

use super::queue::{Job, Queue, Reply, Work};

const NUDGE_BYTES: usize = 1 << 20;

pub(super) struct Worker {
    hasher: Hasher,
}

impl Worker {
    pub fn new(cost: HashCost) -> Self {
        let hasher = Hasher::new(cost);
        Self { hasher }
    }

    pub fn run(mut self, queue: &Queue, clock: &dyn Clock) {
        while let Some(job) = queue.next(|| self.rest()) {
            // A panic in here ends one job, not the thread that the next one needs.
            let worked = catch_unwind(AssertUnwindSafe(|| self.work(job, clock.now())));
            if worked.is_err() {
                self.hasher.release_memory();
            }
        }
    }

    /// Gives the memory back. The allocator hands pages to the kernel only when something large is freed later than a second
    /// after them, and nothing large may come for hours; so each rest frees something large.
    fn rest(&mut self) {
        self.hasher.release_memory();
        drop(std::hint::black_box(Vec::<u8>::with_capacity(NUDGE_BYTES)));
    }

    fn work(&mut self, job: Job, now: Time) {
        let Job {
            password,
            work,
            deadline,
        } = job;
        let late = now > deadline;
        match work {
            // Whoever asked may have hung up; nobody pays for a hash that nobody reads.
            Work::Hash { answer, .. } if answer.is_closed() => {}
            Work::Verify { answer, .. } if answer.is_closed() => {}
            Work::Hash { answer, .. } if late => reply(answer, Err(PasswordsError::Overloaded)),
            Work::Verify { answer, .. } if late => reply(answer, Err(PasswordsError::Overloaded)),
            Work::Hash { salt, answer } => {
                let hashed = self.hasher.hash(&password, &salt);
                reply(answer, hashed.map_err(|_| PasswordsError::Failed));
            }
            Work::Verify { hash, answer } => {
                reply(answer, Ok(self.hasher.verify(&password, hash.as_ref())));
            }
        }
    }
}

fn reply<T>(answer: Reply<T>, result: Result<T, PasswordsError>) {
    // The receiver may be gone; then nobody waits for the result.
    let _ = answer.send(result);
}
