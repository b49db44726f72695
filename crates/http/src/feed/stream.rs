//! A response body that goes on for as long as somebody follows.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame};
use keywright_domain::Time;
use keywright_domain::feed::{Follower, Message};

use super::followers::Place;
use crate::app::App;

/// One follower's way through the feed.
pub struct Following {
    pub app: App,
    pub follower: Follower,
    pub place: Place,
    /// The last event that was sent, or that the follower says it applied.
    pub position: Option<u64>,
    /// When the stream ends at the latest.
    pub until: Time,
    /// Taken from the log and not sent yet: one bite at most.
    pending: VecDeque<Arc<Message>>,
    /// The heartbeat that was last sent, or that was old news when the stream began.
    heartbeat: Option<Arc<Message>>,
}

impl Following {
    pub fn new(
        app: App,
        follower: Follower,
        place: Place,
        position: Option<u64>,
        until: Time,
    ) -> Self {
        let heartbeat = app.issuer().feed().heartbeat();
        Self {
            app,
            follower,
            place,
            position,
            until,
            pending: VecDeque::new(),
            heartbeat,
        }
    }

    /// The next message; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(message) = self.pending.pop_front() {
                self.position = Some(message.position);
                return Some(Bytes::from_owner(message.block.clone()));
            }
            if self.place.is_ending() {
                return None;
            }
            // While nothing can be signed there is nothing to send: the issuer's background task complains of it once, and
            // the follower sees that the heartbeat stays away.
            let news = self.app.issuer().feed_after(self.position);
            self.pending.extend(news.unwrap_or_default());
            if self.pending.is_empty() {
                if let Some(heartbeat) = self.new_heartbeat() {
                    return self
                        .may_go_on()
                        .await
                        .then(|| Bytes::from_owner(heartbeat.block.clone()));
                }
                self.place.news().await;
            }
        }
    }

    /// A heartbeat that has not been sent and is not ahead of the events that were: it would tell the follower that it has missed
    /// what it is about to be sent.
    fn new_heartbeat(&mut self) -> Option<Arc<Message>> {
        let latest = self.app.issuer().feed().heartbeat()?;
        let known = self
            .heartbeat
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, &latest));
        let fits = self
            .position
            .is_some_and(|position| latest.position <= position);
        if known || !fits {
            return None;
        }
        self.heartbeat = Some(latest.clone());
        Some(latest)
    }

    async fn may_go_on(&self) -> bool {
        let issuer = self.app.issuer();
        issuer.now() < self.until && issuer.still_follows(&self.follower).await
    }

    async fn step(mut self) -> (Self, Option<Bytes>) {
        let next = self.next().await;
        (self, next)
    }
}

type Step = Pin<Box<dyn Future<Output = (Following, Option<Bytes>)> + Send>>;

/// [`Following`] as a body: each message is asked for when the connection has room for it.
pub struct FollowingBody(Option<Step>);

impl FollowingBody {
    pub fn new(following: Following) -> Self {
        Self(Some(Box::pin(following.step())))
    }
}

impl HttpBody for FollowingBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(step) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let (following, next) = ready!(step.as_mut().poll(cx));
        self.0 = next.is_some().then(|| Box::pin(following.step()) as Step);
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }
}
