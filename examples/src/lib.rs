//! Services protected by keywright-verify, as small as they can be: `src/bin/` holds one per file.
//!
//! Each takes the issuer's address as its first argument. Against a server that `keywright quickstart` has set up:
//!
//! ```text
//! cargo run -p keywright-examples --bin axum_api -- http://127.0.0.1:8080 https://orders.example
//! ```
//!
//! With a client that may follow the feed, and its secret in a file, a token that is killed is refused a moment later:
//!
//! ```text
//! keywright client add orders-api --grant feed
//! cargo run -p keywright-examples --bin axum_api -- http://127.0.0.1:8080 https://orders.example orders-api secret.txt
//! ```
//!
//! What they share is here: how a service finds its issuer's keys and status lists, and follows its feed; and the gRPC
//! service of `tonic_grpc`.

pub mod orders;

use std::time::Duration;

use anyhow::Context;
use keywright_verify::remote::{RemoteFeed, RemoteKeys, RemoteStatusLists};
use keywright_verify::{StatusLists, Verifier, WhenUnknown};

/// Everything that keeps a verifier current. Drop it, and keys and lists stay as they are.
pub struct Background {
    _keys: RemoteKeys,
    _lists: RemoteStatusLists,
    _feed: Option<RemoteFeed>,
}

/// What every example is told.
pub struct Arguments {
    pub issuer: String,
    pub audience: String,
    /// Name and secret of a client that may follow the feed.
    pub follower: Option<(String, String)>,
}

/// A verifier for tokens of the issuer that are meant for the audience, its keys fetched, its revocations followed.
pub async fn verifier(arguments: &Arguments) -> anyhow::Result<(Verifier, Background)> {
    let Arguments {
        issuer,
        audience,
        follower,
    } = arguments;
    let keys = RemoteKeys::of_issuer(issuer)
        .timeout(Duration::from_secs(2))
        .start()?;
    keys.ready().await?;
    // Ten minutes without news of revocations, and it is safer to serve nobody.
    let lists = StatusLists::new(issuer, keys.slot(), 600);
    let lists = RemoteStatusLists::of(lists).discover().start()?;
    let verifier = Verifier::builder(issuer, keys.slot())
        .audience(audience)
        .revocation(lists.clone(), WhenUnknown::FailClosed)
        .build()?;
    // Without the feed, revocations are polled, and take as long to arrive as the lists say.
    let follow = |(id, secret): &(String, String)| {
        RemoteFeed::of(&keys, &lists, id, secret)
            .report(&verifier)
            .start()
    };
    let feed = follower.as_ref().map(follow).transpose()?;
    let background = Background {
        _keys: keys,
        _lists: lists,
        _feed: feed,
    };
    Ok((verifier, background))
}

/// ISSUER AUDIENCE [CLIENT SECRET_FILE], as every example takes them.
pub fn arguments() -> anyhow::Result<Arguments> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (issuer, audience, follower) = match &arguments[..] {
        [issuer, audience] => (issuer, audience, None),
        [issuer, audience, client, file] => {
            let secret = std::fs::read_to_string(file).context("the secret cannot be read")?;
            let follower = (client.clone(), secret.trim_end().to_owned());
            (issuer, audience, Some(follower))
        }
        _ => anyhow::bail!("usage: EXAMPLE ISSUER AUDIENCE [CLIENT SECRET_FILE]"),
    };
    Ok(Arguments {
        issuer: issuer.clone(),
        audience: audience.clone(),
        follower,
    })
}
