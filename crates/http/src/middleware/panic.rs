//! Panics: a bug in one request must not end the others.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// `None`: it panicked. The payload is dropped unread: it may quote what was being handled. The panic hook has seen it.
///
/// The future is not polled again after a panic, and the state that it shares with other requests recovers from poisoned
/// locks by itself; hence the assertion.
pub(super) async fn caught<T>(answer: impl Future<Output = Result<T, Infallible>>) -> Option<T> {
    let mut answer = pin!(answer);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(Some(response)),
            Err(_payload) => Poll::Ready(None),
        },
    )
    .await
}
