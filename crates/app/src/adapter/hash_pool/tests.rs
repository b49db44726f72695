use std::sync::atomic::{AtomicI64, Ordering};

use keywright_domain::{Period, Time};

use super::*;
use crate::adapter::SystemEntropy;

const CHEAP: HashCost = HashCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

/// A clock that moves by `step` milliseconds at each look.
struct Ticking {
    now: AtomicI64,
    step: i64,
}

impl Clock for Ticking {
    fn now(&self) -> Time {
        Time::from_millis(self.now.fetch_add(self.step, Ordering::Relaxed))
    }
}

fn pool(cost: HashCost, queue: usize, step: i64) -> HashPool {
    let size = PoolSize {
        threads: 1,
        queue,
        wait: Period::secs(1),
    };
    let clock = Arc::new(Ticking {
        now: AtomicI64::new(0),
        step,
    });
    HashPool::start(cost, size, clock, Arc::new(SystemEntropy)).unwrap()
}

fn secret(text: &str) -> PlainSecret {
    PlainSecret::new(text)
}

#[tokio::test]
async fn a_hash_verifies_its_password_and_no_other() {
    let pool = pool(CHEAP, 8, 0);
    let hash = pool.hash(secret("otters")).await.unwrap();
    assert_eq!(
        pool.verify(secret("otters"), Some(hash.clone())).await,
        Ok(PasswordCheck::Match)
    );
    assert_eq!(
        pool.verify(secret("others"), Some(hash)).await,
        Ok(PasswordCheck::Mismatch)
    );
    assert_eq!(
        pool.verify(secret("otters"), None).await,
        Ok(PasswordCheck::Mismatch)
    );
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let pool = pool(CHEAP, 8, 0);
    let (one, other) = (
        pool.hash(secret("otters")).await,
        pool.hash(secret("otters")).await,
    );
    assert_ne!(one.unwrap().as_str(), other.unwrap().as_str());
}

#[tokio::test]
async fn what_waited_past_its_deadline_is_refused() {
    let pool = pool(CHEAP, 8, 1001);
    assert_eq!(
        pool.hash(secret("otters")).await.err(),
        Some(PasswordsError::Overloaded)
    );
}

#[test]
fn a_full_queue_refuses_at_once() {
    let queue = Queue::default();
    let push = || {
        let work = Work::Verify {
            hash: None,
            answer: oneshot::channel().0,
        };
        queue.push(
            Job {
                password: secret("otters"),
                work,
                deadline: Time::from_secs(1),
            },
            2,
        )
    };
    assert_eq!(
        [push(), push(), push()],
        [Ok(()), Ok(()), Err(PasswordsError::Overloaded)]
    );
    assert!(queue.next(|| {}).is_some());
    assert_eq!(push(), Ok(()));
}

#[tokio::test]
async fn a_cost_that_cannot_be_paid_is_an_answer_not_a_hang() {
    let pool = pool(
        HashCost {
            memory_kib: 1,
            passes: 0,
            lanes: 1,
        },
        8,
        0,
    );
    assert_eq!(
        pool.hash(secret("otters")).await.err(),
        Some(PasswordsError::Failed)
    );
}
