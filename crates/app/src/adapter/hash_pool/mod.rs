//! Threads that do nothing but hash passwords, so that a flood of logins is refused while all else stays fast.
//!
//! The queue is bounded, and what waited past its deadline is refused instead of hashed: the person has given up, and the
//! time goes to somebody who has not. A thread keeps its Argon2 memory between passwords and gives it back when idle.

mod queue;
#[cfg(test)]
mod tests;
mod worker;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

use keywright_domain::Period;
use keywright_domain::account::password::{HashCost, PasswordCheck, PasswordHash};
use keywright_domain::ports::{Clock, Entropy, Passwords, PasswordsError};
use keywright_domain::secret::PlainSecret;
use tokio::sync::oneshot;

use queue::{Job, Queue, Reply, Work};
use worker::Worker;

#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    pub threads: usize,
    /// Passwords that may wait.
    pub queue: usize,
    /// How long one may wait.
    pub wait: Period,
}

pub struct HashPool {
    queue: Arc<Queue>,
    size: PoolSize,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, PasswordsError>> + Send + 'a>>;

impl HashPool {
    pub fn start(
        cost: HashCost,
        size: PoolSize,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        for n in 0..size.threads.max(1) {
            let (queue, clock) = (queue.clone(), clock.clone());
            thread::Builder::new()
                .name(format!("hash-{n}"))
                .spawn(move || Worker::new(cost).run(&queue, &*clock))?;
        }
        Ok(Self {
            queue,
            size,
            clock,
            entropy,
        })
    }

    /// How many wait now.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    async fn ask<T>(
        &self,
        password: PlainSecret,
        work: impl FnOnce(Reply<T>) -> Work,
    ) -> Result<T, PasswordsError> {
        let (answer, answered) = oneshot::channel();
        let deadline = self.clock.now() + self.size.wait;
        self.queue.push(
            Job {
                password,
                work: work(answer),
                deadline,
            },
            self.size.queue,
        )?;
        answered.await.unwrap_or(Err(PasswordsError::Failed))
    }
}

impl Passwords for HashPool {
    fn hash(&self, password: PlainSecret) -> Answer<'_, PasswordHash> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        Box::pin(self.ask(password, move |answer| Work::Hash { salt, answer }))
    }

    fn verify(
        &self,
        password: PlainSecret,
        hash: Option<PasswordHash>,
    ) -> Answer<'_, PasswordCheck> {
        Box::pin(self.ask(password, move |answer| Work::Verify { hash, answer }))
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.queue.close();
    }
}
