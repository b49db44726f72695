use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keywright_jwt::JwkSet;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::FetchError;
use crate::Clock;

/// The last good key set in a file, so that a service can start while the issuer is down. Whoever can write the file
/// chooses the keys: it belongs where only the service writes.
#[derive(Clone)]
pub(super) struct SnapshotFile {
    path: PathBuf,
    clock: Arc<dyn Clock>,
}

/// A snapshot that was read.
pub(super) struct Saved {
    pub set: JwkSet,
    pub age: Duration,
    pub revoked: Vec<String>,
    pub confirmed: Confirmed,
}

/// A key set document, and when the issuer last said that it is current.
#[derive(Clone)]
pub(super) struct Confirmed {
    pub body: Vec<u8>,
    pub max_age: Duration,
    at: i64,
}

#[derive(Serialize, Deserialize)]
struct Document<'a> {
    /// Where the keys came from: a file of another issuer is not taken.
    origin: &'a str,
    /// When the issuer last confirmed the keys (Unix time).
    confirmed_at: i64,
    max_age: u64,
    /// Keys that were revoked: `jwks` may be older than that.
    #[serde(default)]
    revoked: Vec<String>,
    #[serde(borrow)]
    jwks: &'a RawValue,
}

impl SnapshotFile {
    pub fn new(path: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { path, clock }
    }

    /// The saved keys, if there are any of this origin and they can be read. A clock that was set back since makes them
    /// no younger than just saved.
    pub fn load(&self, origin: &str) -> Option<Saved> {
        let text = std::fs::read(&self.path).ok()?;
        let document: Document<'_> = serde_json::from_slice(&text).ok()?;
        let age = self
            .clock
            .now()
            .saturating_sub(document.confirmed_at)
            .max(0);
        (document.origin == origin).then_some(())?;
        let body = document.jwks.get().as_bytes();
        Some(Saved {
            set: JwkSet::parse(body).ok()?,
            age: Duration::from_secs(age.unsigned_abs()),
            revoked: document.revoked,
            confirmed: Confirmed {
                body: body.to_vec(),
                max_age: Duration::from_secs(document.max_age),
                at: document.confirmed_at,
            },
        })
    }

    /// A document that the issuer has just served or confirmed.
    pub fn confirmed_now(&self, body: Vec<u8>, max_age: Duration) -> Confirmed {
        Confirmed {
            body,
            max_age,
            at: self.clock.now(),
        }
    }

    /// Saves a key set. Off the runtime's threads: a disk may be slow.
    pub async fn save(
        &self,
        origin: &str,
        confirmed: Confirmed,
        revoked: Vec<String>,
    ) -> Result<(), FetchError> {
        let (path, origin) = (self.path.clone(), origin.to_owned());
        let write = move || {
            let jwks: &RawValue = serde_json::from_slice(&confirmed.body)?;
            let document = Document {
                origin: &origin,
                confirmed_at: confirmed.at,
                max_age: confirmed.max_age.as_secs(),
                revoked,
                jwks,
            };
            replace_file(&path, &serde_json::to_vec(&document)?)
        };
        let written = tokio::task::spawn_blocking(write).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(FetchError::Snapshot),
        }
    }
}

/// A reader finds the old file or the new one, whenever power fails.
fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
