//! Who follows now: how many, and how they hear of news and of the end.

use std::sync::Arc;

use keywright_domain::Issuer;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;

/// Whether the streams are to end. Sent anew, unchanged, when there is news.
type Ending = bool;

pub struct Followers {
    signal: Arc<watch::Sender<Ending>>,
    following: Gauge,
}

/// A place among the followers, given back when dropped.
pub struct Place {
    signal: watch::Receiver<Ending>,
    following: Gauge,
}

impl Followers {
    pub fn of(issuer: &Issuer, following: Gauge) -> Self {
        let signal = Arc::new(watch::Sender::new(false));
        let news = signal.clone();
        issuer
            .feed()
            .on_news(move || news.send_modify(|_ending| {}));
        Self { signal, following }
    }

    /// `None`: there are `limit` already.
    pub fn enter(&self, limit: u32) -> Option<Place> {
        let place = Place {
            signal: self.signal.subscribe(),
            following: self.following.clone(),
        };
        let before = self.following.inc();
        (before < i64::from(limit)).then_some(place)
    }

    /// Ends all streams, so that a server that stops need not wait for them. Followers come back to another node, or to the
    /// next process, and go on where they were.
    pub fn end(&self) {
        self.signal.send_replace(true);
    }
}

impl Place {
    /// Whether the stream is to end. News that comes after this call is heard by [`Place::news`].
    pub fn is_ending(&mut self) -> bool {
        *self.signal.borrow_and_update()
    }

    pub async fn news(&mut self) {
        if self.signal.changed().await.is_err() {
            // The server is gone; so will be this stream.
            std::future::pending().await
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.following.dec();
    }
}
