//! One hashing thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use keywright_domain::Time;
use keywright_domain::account::password::{HashCost, Hasher};
use keywright_domain::ports::{Clock, PasswordsError};

use super::queue::{Job, Queue, Reply, Work};

pub(super) struct Worker {
    cost: HashCost,
    hasher: Option<Hasher>,
}

impl Worker {
    pub fn new(cost: HashCost) -> Self {
        Self { cost, hasher: None }
    }

    pub fn run(mut self, queue: &Queue, clock: &dyn Clock) {
        while let Some(job) = queue.next(|| self.hasher = None) {
            // A panic in here ends one job, not the thread that the next one needs.
            if catch_unwind(AssertUnwindSafe(|| self.work(job, clock.now()))).is_err() {
                self.hasher = None;
            }
        }
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
                let hashed = self.hasher().and_then(|hasher| {
                    hasher
                        .hash(&password, &salt)
                        .map_err(|_| PasswordsError::Failed)
                });
                reply(answer, hashed);
            }
            Work::Verify { hash, answer } => {
                let checked = self
                    .hasher()
                    .map(|hasher| hasher.verify(&password, hash.as_ref()));
                reply(answer, checked);
            }
        }
    }

    fn hasher(&mut self) -> Result<&mut Hasher, PasswordsError> {
        if self.hasher.is_none() {
            self.hasher = Hasher::new(self.cost).ok();
        }
        self.hasher.as_mut().ok_or(PasswordsError::Failed)
    }
}

fn reply<T>(answer: Reply<T>, result: Result<T, PasswordsError>) {
    // The receiver may be gone; then nobody waits for the result.
    let _ = answer.send(result);
}
