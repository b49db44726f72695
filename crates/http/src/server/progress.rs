//! Whether anything moves on a connection.
//!
//! One counter per connection instead of a timer per request: a timer that is set and cleared for each request would cost more
//! than a cached answer does.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::sleep;

use super::ServerLimits;

#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicU32>);

impl Progress {
    pub fn made(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Resolves when nothing has moved for the stall timeout, or no request came within the header timeout.
    pub async fn stalled(&self, limits: &ServerLimits) {
        let mut seen = self.0.load(Ordering::Relaxed);
        let mut patience = limits.header_timeout;
        loop {
            sleep(patience).await;
            let now = self.0.load(Ordering::Relaxed);
            if now == seen {
                return;
            }
            seen = now;
            patience = limits.stall_timeout;
        }
    }
}

/// A response body that counts as progress each time the connection takes a part of it.
pub(super) struct Watched {
    body: Body,
    progress: Progress,
}

impl Watched {
    pub fn new(body: Body, progress: Progress) -> Self {
        Self { body, progress }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if polled.is_ready() {
            this.progress.made();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
