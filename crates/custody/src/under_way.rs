//! How many calls wait for a vault. Each holds a thread, and a vault that hangs must not hold all of them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Half of what tokio gives to those who block. At a millisecond for each, nobody comes near it while the vault answers.
const MOST: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MOST} calls wait for the vault already")]
pub struct TooMany;

#[derive(Default)]
pub(crate) struct UnderWay(AtomicUsize);

/// One call. It is over when this is dropped, also by a panic.
pub(crate) struct Call<'u>(&'u UnderWay);

impl UnderWay {
    pub fn begin(&self) -> Result<Call<'_>, TooMany> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let call = Call(self);
        match before < MOST {
            true => Ok(call),
            false => Err(TooMany),
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_when_too_many_wait_is_refused_at_once() {
        let under_way = UnderWay::default();
        let mut calls: Vec<_> = (0..MOST).map(|_| under_way.begin().ok()).collect();
        assert!(calls.iter().all(Option::is_some));
        assert!(under_way.begin().is_err() && under_way.begin().is_err());
        calls.pop();
        assert!(under_way.begin().is_ok());
    }
}
