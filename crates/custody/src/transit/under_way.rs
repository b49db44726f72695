//! How many calls wait for the server. Each holds a thread, and a server that hangs must not hold all of them.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::TransitError;

/// Half of what tokio gives to those who block. At a millisecond for each, nobody comes near it while the server answers.
const MOST: usize = 256;

#[derive(Default)]
pub(super) struct UnderWay(AtomicUsize);

/// One call. It is over when this is dropped, also by a panic.
pub(super) struct Call<'u>(&'u UnderWay);

impl UnderWay {
    pub fn begin(&self) -> Result<Call<'_>, TransitError> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let call = Call(self);
        match before < MOST {
            true => Ok(call),
            false => Err(TransitError::Busy(MOST)),
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
