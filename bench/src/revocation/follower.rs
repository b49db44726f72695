//! A service that follows the feed, as `keywright-verify` documents it.

use anyhow::Result;
use keywright_verify::remote::{RemoteFeed, RemoteKeys, RemoteStatusLists};
use keywright_verify::{Refusal, StatusLists, Verified, Verifier, WhenUnknown};

use crate::site::Site;

/// So that looking at a thousand followers costs less than what is measured: a verified token is recognised, and its status
/// looked up each time.
const CACHE_BYTES: usize = 64 * 1024;
/// Seconds after which unconfirmed knowledge of revocations counts as none.
const KNOWLEDGE: u32 = 60;

pub struct Follower {
    verifier: Verifier,
    feed: RemoteFeed,
}

impl Follower {
    /// Started one after the other, as services are.
    pub async fn several(count: usize, site: &Site) -> Result<Vec<Self>> {
        let mut followers = Vec::with_capacity(count);
        for _ in 0..count {
            followers.push(Self::start(site).await?);
        }
        Ok(followers)
    }

    async fn start(site: &Site) -> Result<Self> {
        let issuer = site.url();
        let keys = RemoteKeys::of_issuer(issuer).start()?;
        keys.ready().await?;
        let lists = StatusLists::new(issuer, keys.slot(), KNOWLEDGE);
        let lists = RemoteStatusLists::of(lists).discover().start()?;
        let verifier = Verifier::builder(issuer, keys.slot())
            .audience(site.audience())
            .revocation(lists.clone(), WhenUnknown::FailClosed)
            .cache(CACHE_BYTES)
            .build()?;
        let (id, secret) = site.follower_client();
        let feed = RemoteFeed::of(&keys, &lists, id, secret)
            .report(&verifier)
            .start()?;
        Ok(Self { verifier, feed })
    }

    pub fn verify(&self, token: &str) -> Result<Verified, Refusal> {
        self.verifier.verify(token)
    }

    pub fn position(&self) -> Option<u64> {
        self.feed.state().position
    }

    pub fn interruptions(&self) -> u64 {
        self.feed.state().interruptions
    }
}
