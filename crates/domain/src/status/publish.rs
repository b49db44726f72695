//! A list as it is served: compressed and signed (Token Status List §5.1).

use std::sync::Arc;

use serde::Serialize;

use crate::access::LONGEST_ACCESS;
use crate::keys::NoSigningKey;
use crate::ports::Signer;
use crate::status::book::BITS;
use crate::{Issuer, Period, Time};

const LIST_TYPE: &str = "statuslist+jwt";
/// Twice the longest life of a token, and renewed at half of it: whoever fetched a list just before the issuer went silent can use it
/// until every token is dead that it might have been asked about.
const LIFETIME: Period = Period::millis(LONGEST_ACCESS.as_millis() * 2);
/// Under a storm of kills a list is signed once a second; followers of the feed hear of each at once.
const BREATH: Period = Period::secs(1);
/// Of 1 to 10. Marks are scattered at random, so that searching longer finds nothing more.
const COMPRESSION: u8 = 6;

/// One list, ready to send.
#[derive(Debug)]
pub struct StatusListToken {
    /// A compact JWS.
    pub token: String,
    /// A strong entity tag, with its quotes.
    pub etag: String,
    /// For how long a cache may keep it.
    pub ttl: Period,
    kid: String,
    revision: u64,
    signed_at: Time,
}

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    NoSigningKey(#[from] NoSigningKey),
    #[error("a status list cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
    #[error("a status list cannot be signed: {0}")]
    Sign(#[from] crate::ports::SignError),
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    /// Not when it was signed, but up to when it is complete: a node that is cut off from the database says so by it.
    iat: i64,
    exp: i64,
    ttl: i64,
    status_list: List<'a>,
}

#[derive(Serialize)]
struct List<'a> {
    bits: u32,
    lst: &'a str,
    aggregation_uri: &'a str,
}

impl Issuer {
    /// The list as it is served now. Needs no database.
    pub fn status_list(&self, list: u32) -> Option<Arc<StatusListToken>> {
        self.status.served().get(&list).cloned()
    }

    /// Where each list is served.
    pub fn status_list_uris(&self) -> Vec<String> {
        let policy = self.policy();
        let served = self.status.served();
        let uri = |list: &u32| policy.issuer.join(&format!("/status/{list}"));
        served.keys().map(uri).collect()
    }

    /// Signs the lists that have changed, or that are half-way to their end, or whose key signs no more. It compresses, which
    /// takes milliseconds: not for a thread that serves requests. With nothing to do it costs nothing.
    pub fn publish_status_lists(&self) -> Result<(), PublishError> {
        let now = self.now();
        let signer = self.announcer()?;
        let served = self.status.served();
        let lists: Vec<u32> = self.status.known().book.lists().collect();
        let mut next = super::room::Served::new();
        let mut changed = lists.len() != served.len();
        for list in lists {
            let revision = self.status.known().book.revision(list);
            let old = served
                .get(&list)
                .filter(|old| !old.is_due(revision, signer.kid(), now));
            let token = match old {
                Some(old) => old.clone(),
                None => {
                    changed = true;
                    Arc::new(self.sign_list(list, &*signer, now)?)
                }
            };
            next.insert(list, token);
        }
        if changed {
            self.status.serve(next);
        }
        Ok(())
    }

    fn sign_list(
        &self,
        list: u32,
        signer: &dyn Signer,
        now: Time,
    ) -> Result<StatusListToken, PublishError> {
        let policy = self.policy();
        let (cells, revision, current_at) = {
            let known = self.status.known();
            let cells = known.book.cells(list).unwrap_or_default();
            let revision = known.book.revision(list).unwrap_or_default();
            (cells, revision, known.current_at.unwrap_or(now))
        };
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&cells, COMPRESSION);
        let claims = Claims {
            iss: policy.issuer.as_str(),
            sub: &policy.issuer.join(&format!("/status/{list}")),
            iat: current_at.secs(),
            exp: (now + LIFETIME).secs(),
            ttl: policy.status_ttl.as_secs(),
            status_list: List {
                bits: BITS,
                lst: &base64_simd::URL_SAFE_NO_PAD.encode_to_string(&compressed),
                aggregation_uri: &policy.issuer.join("/status"),
            },
        };
        let token = signer.sign(LIST_TYPE, &serde_json::to_vec(&claims)?)?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
        let tag = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&digest.as_ref()[..12]);
        Ok(StatusListToken {
            token,
            etag: format!("\"{tag}\""),
            ttl: policy.status_ttl,
            kid: signer.kid().to_owned(),
            revision,
            signed_at: now,
        })
    }
}

impl StatusListToken {
    fn is_due(&self, revision: Option<u64>, kid: &str, now: Time) -> bool {
        let age = now.since(self.signed_at);
        let changed = revision != Some(self.revision);
        (changed && age >= BREATH) || self.kid != kid || age >= LIFETIME / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::StatusValue;
    use crate::status::{Book, Permutation, StatusRef};

    #[test]
    fn a_list_is_signed_again_for_a_change_a_new_key_and_its_age() {
        let at = Time::from_secs(1_800_000_000);
        let token = StatusListToken {
            token: String::new(),
            etag: String::new(),
            ttl: Period::secs(30),
            kid: "k1".to_owned(),
            revision: 7,
            signed_at: at,
        };
        for (revision, kid, after, due) in [
            (7, "k1", 0, false),
            (7, "k1", 3599, false),
            (7, "k1", 3600, true),
            (8, "k1", 0, false),
            (8, "k1", 1, true),
            (7, "k2", 0, true),
        ] {
            let now = at + Period::secs(after);
            assert_eq!(
                token.is_due(Some(revision), kid, now),
                due,
                "{revision} {kid} {after}"
            );
        }
    }

    /// The table of docs/decisions/0007-status-lists.md: base64url characters of `lst`, by marks among a million.
    #[test]
    fn a_list_is_about_as_long_as_its_marks_are_many() {
        let order = Permutation::new(crate::keys::MacKey::new(1, &[7; 32]));
        for (marks, least, most) in [
            (0, 300, 500),
            (1_049, 3_500, 4_500),
            (10_486, 21_000, 26_000),
            (104_858, 100_000, 120_000),
        ] {
            let mut book = Book::of([1], &[]);
            for counter in 0..marks {
                let index = order.index(1, counter);
                book.set(StatusRef { list: 1, index }.says(StatusValue::Invalid));
            }
            let cells = book.cells(1).unwrap();
            let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&cells, COMPRESSION);
            let length = compressed.len().div_ceil(3) * 4;
            assert!((least..most).contains(&length), "{marks} marks: {length}");
        }
    }
}
