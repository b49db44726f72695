//! What became of a handler.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::sleep;

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
    let mut late = pin!(None);
    poll_fn(|cx| {
        let outcome = poll(cx);
        if outcome.is_ready() {
            return outcome;
        }
        // Cached answers are there at the first look, and a timer would cost as much as they do.
        if late.is_none() {
            late.set(Some(sleep(time)));
        }
        match late.as_mut().as_pin_mut() {
            Some(late) => late.poll(cx).map(|()| Outcome::Late),
            None => Poll::Pending,
        }
    })
    .await
}
