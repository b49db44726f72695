//! Services protected by keywright-verify, as small as they can be: `src/bin/` holds one per file.
//!
//! Each takes the issuer's address as its first argument. Against a server that `keywright quickstart` has set up:
//!
//! ```text
//! cargo run -p keywright-examples --bin axum_api -- http://127.0.0.1:8080 https://orders.example
//! ```
//!
//! What they share is here: how a service finds its issuer's keys and status lists.

use std::time::Duration;

use keywright_verify::remote::{RemoteKeys, RemoteStatusLists};
use keywright_verify::{StatusLists, Verifier, WhenUnknown};

/// Everything that keeps a verifier current. Drop it, and keys and lists stay as they are.
pub struct Background {
    _keys: RemoteKeys,
    _lists: RemoteStatusLists,
}

/// A verifier for tokens of `issuer` that are meant for `audience`, its keys fetched, its revocations followed.
pub async fn verifier(issuer: &str, audience: &str) -> anyhow::Result<(Verifier, Background)> {
    let keys = RemoteKeys::of_issuer(issuer)
        .timeout(Duration::from_secs(2))
        .start()?;
    keys.ready().await?;
    // Ten minutes without news of revocations, and it is safer to serve nobody.
    let lists = StatusLists::new(issuer, keys.slot(), 600);
    let remote = RemoteStatusLists::of(lists.clone()).start()?;
    let verifier = Verifier::builder(issuer, keys.slot())
        .audience(audience)
        .revocation(lists, WhenUnknown::FailClosed)
        .build()?;
    let background = Background {
        _keys: keys,
        _lists: remote,
    };
    Ok((verifier, background))
}

/// The issuer and the audience, as every example takes them.
pub fn arguments() -> anyhow::Result<(String, String)> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(issuer), Some(audience)) => Ok((issuer, audience)),
        (Some(_), None) | (None, _) => anyhow::bail!("usage: EXAMPLE ISSUER AUDIENCE"),
    }
}
