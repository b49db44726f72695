use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Method, Response, StatusCode, Url};
use tokio::time::{Instant, timeout, timeout_at};

use super::credentials::Credentials;
use super::feed::{FeedError, Live};
use super::{FetchError, RemoteKeys, RemoteStatusLists};
use crate::feed::{
    EventError, EventKind, EventStream, ExpectedEvent, Progress, SecurityEvent, Step,
};
use crate::{Clock, Refusal, StatusChange};

/// The issuer sends a heartbeat each second. Without one for so long, nobody is there any more.
const SILENCE: Duration = Duration::from_secs(5);

/// A node of the issuer may publish a list without a change that another node has announced, if it is behind by less than
/// so many seconds. Such a list does not undo the change.
const NODES_APART: i64 = 10;

/// One connection after the other, and how far they have brought us.
pub(super) struct Link {
    pub client: Client,
    pub url: Url,
    pub audience: String,
    pub credentials: Arc<Credentials>,
    pub keys: RemoteKeys,
    pub lists: RemoteStatusLists,
    pub clock: Arc<dyn Clock>,
    pub live: Arc<Live>,
    pub progress: Progress,
}

impl Link {
    /// Follows one connection to its end, and says how it ended.
    pub async fn follow(&mut self) -> FeedError {
        let error = match self.connect().await {
            Ok(response) => self.read(response).await,
            Err(error) => error,
        };
        if matches!(error, FeedError::Missed | FeedError::Event(_)) {
            self.progress.miss();
        }
        error
    }

    async fn connect(&self) -> Result<Response, FeedError> {
        let request = self
            .credentials
            .request(&self.client, Method::GET, &self.url);
        let mut request = request.await?.header(ACCEPT, "text/event-stream");
        if let Some(position) = self.progress.position() {
            request = request.header("last-event-id", position);
        }
        let sent = timeout(SILENCE, request.send()).await;
        let Ok(Ok(response)) = sent else {
            return Err(FetchError::Unreachable.into());
        };
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()).into());
        }
        let content = response.headers().get(CONTENT_TYPE);
        let content = content
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match content.split(';').next().unwrap_or_default().trim() {
            "text/event-stream" => Ok(response),
            _ => Err(FeedError::NotAStream),
        }
    }

    async fn read(&mut self, mut response: Response) -> FeedError {
        let mut stream = EventStream::default();
        let mut deadline = Instant::now() + SILENCE;
        loop {
            let chunk = match timeout_at(deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return FeedError::Ended,
                Ok(Err(_)) => return FetchError::Unreachable.into(),
                Err(_) => return FeedError::Silent,
            };
            let messages = match stream.read(&chunk) {
                Ok(messages) => messages,
                Err(error) => return error.into(),
            };
            for message in messages {
                match self.take(&message.data).await {
                    // Only what moves us on counts as a sign of life.
                    Ok(Step::Ignore) => {}
                    Ok(_) => deadline = Instant::now() + SILENCE,
                    Err(error) => return error,
                }
            }
        }
    }

    async fn take(&mut self, token: &str) -> Result<Step, FeedError> {
        let event = self.verify(token).await?;
        let step = self.progress.judge(&event);
        match step {
            Step::Apply => self.apply(event),
            Step::Confirm => self.lists.confirm(),
            Step::StartOver => {
                self.lists.begin_anew();
                self.keys.keeper().renew();
                self.lists.lists().reached(event.position);
            }
            Step::Ignore => return Ok(step),
            Step::Missed => return Err(FeedError::Missed),
        }
        if self.live.heard(self.progress.position()) {
            self.lists.set_live(true);
        }
        Ok(step)
    }

    /// The event may be signed by a key that is newer than ours, like any token.
    async fn verify(&self, token: &str) -> Result<SecurityEvent, EventError> {
        let lists = self.lists.lists();
        let expected = ExpectedEvent {
            issuer: lists.issuer(),
            audience: &self.audience,
            now: self.clock.now(),
        };
        match SecurityEvent::verify(token, lists.keys(), &expected) {
            Err(EventError::Token(Refusal::UnknownKey | Refusal::KeysUnavailable)) => {
                self.keys.keeper().renewed().await;
                SecurityEvent::verify(token, lists.keys(), &expected)
            }
            answer => answer,
        }
    }

    fn apply(&self, event: SecurityEvent) {
        match event.kind {
            EventKind::StatusChanged { uri, index, value } => {
                let at = event.issued_at.saturating_add(NODES_APART);
                let change = StatusChange {
                    uri,
                    index,
                    value,
                    at,
                };
                self.lists.lists().apply(change, event.position);
            }
            EventKind::KeyRevoked { kid } => {
                self.keys.keeper().slot().revoke(&kid);
                self.keys.keeper().renew();
            }
            EventKind::KeysChanged { .. } => self.keys.keeper().renew(),
            EventKind::Heartbeat | EventKind::Snapshot | EventKind::Other => {}
        }
        self.lists.lists().reached(event.position);
    }
}
