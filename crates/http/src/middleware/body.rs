//! Request bodies: bounded, and known to have arrived or not.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http_body_util::Limited;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// Whether a request's body has arrived.
#[derive(Clone, Debug)]
pub(super) struct Received(Option<Arc<AtomicBool>>);

impl Received {
    pub fn whole(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|arrived| arrived.load(Ordering::Relaxed))
    }
}

/// Reading more than `limit` bytes fails with `http_body_util::LengthLimitError`, which axum's extractors know. A request
/// without a body, the common case of everything that must be fast, is left alone.
pub(super) fn bound(request: Request, limit: usize) -> (Request, Received) {
    if request.body().is_end_stream() {
        return (request, Received(None));
    }
    let arrived = Arc::new(AtomicBool::new(false));
    let received = Received(Some(arrived.clone()));
    let request = request.map(|body| {
        Body::new(Bounded {
            body: Limited::new(body, limit),
            arrived,
        })
    });
    (request, received)
}

struct Bounded {
    body: Limited<Body>,
    arrived: Arc<AtomicBool>,
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || this.body.is_end_stream() {
            this.arrived.store(true, Ordering::Relaxed);
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
