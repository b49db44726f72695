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
    pub max_age: Duration,
}

#[derive(Serialize, Deserialize)]
struct Document<'a> {
    /// Where the keys came from: a file of another issuer is not taken.
    origin: &'a str,
    /// When the issuer last confirmed the keys (Unix time).
    confirmed_at: i64,
    max_age: u64,
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
        Some(Saved {
            set: JwkSet::parse(document.jwks.get().as_bytes()).ok()?,
            age: Duration::from_secs(age.unsigned_abs()),
            max_age: Duration::from_secs(document.max_age),
        })
    }

    /// Saves a key set that was just confirmed. Off the runtime's threads: a disk may be slow.
    pub async fn save(
        &self,
        origin: &str,
        jwks: Vec<u8>,
        max_age: Duration,
    ) -> Result<(), FetchError> {
        let (path, origin, confirmed_at) = (self.path.clone(), origin.to_owned(), self.clock.now());
        let write = move || {
            let jwks: &RawValue = serde_json::from_slice(&jwks)?;
            let document = Document {
                origin: &origin,
                confirmed_at,
                max_age: max_age.as_secs(),
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
