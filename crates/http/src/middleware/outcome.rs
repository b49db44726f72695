//! What became of a handler.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::timeout;

pub(super) enum Outcome<T> {
    Answered(T),
    /// A bug in one request must not end the others. The payload is dropped unread, because it may quote what was being
    /// handled; the panic hook has seen it.
    Panicked,
    Late,
}

pub(super) async fn outcome<T>(
    answer: impl Future<Output = Result<T, Infallible>>,
    time: Duration,
) -> Outcome<T> {
    let mut answer = pin!(answer);
    // The future is not polled again after a panic, and the state that it shares with other requests recovers from poisoned
    // locks by itself; hence the assertion.
    let mut poll =
        |cx: &mut Context<'_>| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(answer))) => Poll::Ready(Outcome::Answered(answer)),
            Err(_payload) => Poll::Ready(Outcome::Panicked),
        };
    // Cached answers are there at the first look, and a timer would cost as much as they do.
    if let Poll::Ready(outcome) = poll_fn(|cx| Poll::Ready(poll(cx))).await {
        return outcome;
    }
    timeout(time, poll_fn(poll)).await.unwrap_or(Outcome::Late)
}
