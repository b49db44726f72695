//! When a verifier asks for newer keys or for news of revocations, and how often it judges a token.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use keywright_jwt::{Algorithm, Claims, JwkSet};
use keywright_verify::{
    KeySlot, KeySource, Possession, Presented, Revocation, Status, VerifierBuilder, WhenUnknown,
};

use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, code, good, with};

/// Has a newer set, or has none.
struct Source {
    slot: KeySlot,
    newer: Option<JwkSet>,
    asked: AtomicUsize,
}

impl KeySource for Source {
    fn refresh(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let newer = self.newer.clone();
        let taken = newer.is_some_and(|newer| self.slot.replace(newer).is_ok());
        Box::pin(ready(taken))
    }
}

/// Knows nothing of any token before it has been asked for news, and then only if there are any.
#[derive(Clone, Default)]
struct News {
    any: bool,
    came: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Revocation for News {
    fn status(&self, _: &Claims<'_>, _: i64) -> Status {
        if self.came.load(Ordering::SeqCst) {
            Status::Valid
        } else {
            Status::Unknown
        }
    }

    fn refresh(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.came.store(self.any, Ordering::SeqCst);
        Box::pin(ready(self.any))
    }
}

/// A verifier of `issuer`'s tokens, and the source that it asks.
fn verifier(issuer: &Issuer, newer: Option<JwkSet>) -> (VerifierBuilder, Arc<Source>) {
    let slot = issuer.slot();
    let source = Arc::new(Source {
        slot: slot.clone(),
        newer,
        asked: AtomicUsize::new(0),
    });
    let slot = slot.with_source(source.clone());
    let builder = keywright_verify::Verifier::builder(ISSUER, slot);
    (builder.audience(AUDIENCE).clock(|| NOW), source)
}

#[tokio::test]
async fn a_token_is_judged_again_only_when_there_are_newer_keys() {
    let (old, new) = (Issuer::new(Algorithm::EdDsa), Issuer::new(Algorithm::EdDsa));
    for (newer, expected) in [(Some(new.jwks()), "accepted"), (None, "unknown_key")] {
        let (builder, source) = verifier(&old, newer);
        let verifier = builder.build().expect("a verifier");
        assert_eq!(
            code(verifier.verify_fresh(&new.token(&good())).await),
            expected
        );
        assert_eq!(verifier.counters().refused["unknown_key"], 1);
        assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_verifier_of_bound_tokens_asks_as_well() {
    let (old, new) = (Issuer::new(Algorithm::EdDsa), Issuer::new(Algorithm::EdDsa));
    for (newer, expected) in [(Some(new.jwks()), "accepted"), (None, "unknown_key")] {
        let (builder, source) = verifier(&old, newer);
        let verifier = builder.build_bound(Possession::new()).expect("a verifier");
        let (token, presented) = (new.token(&good()), Presented::default());
        let outcome = verifier.verify_fresh(&token, &presented).await;
        assert_eq!(code(outcome), expected);
        assert_eq!(verifier.counters().refused["unknown_key"], 1);
        assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_token_of_unknown_status_is_judged_again_only_when_there_are_news() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    for (any, expected) in [(true, "accepted"), (false, "status_unknown")] {
        let news = News {
            any,
            ..News::default()
        };
        let builder = issuer.builder();
        let builder = builder.revocation(news.clone(), WhenUnknown::FailClosed);
        let verifier = builder.build().expect("a verifier");
        let outcome = verifier.verify_fresh(&issuer.token(&good())).await;
        assert_eq!(code(outcome), expected);
        assert_eq!(verifier.counters().refused["status_unknown"], 1);
        assert_eq!(news.asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn no_other_refusal_is_a_reason_to_ask() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let (builder, source) = verifier(&issuer, Some(issuer.jwks()));
    let news = News::default();
    let builder = builder.revocation(news.clone(), WhenUnknown::FailClosed);
    let verifier = builder.build().expect("a verifier");
    for token in [issuer.token(&with("exp", NOW - 100)), "garbage".to_owned()] {
        assert!(verifier.verify_fresh(&token).await.is_err());
    }
    assert_eq!(source.asked.load(Ordering::SeqCst), 0);
    assert_eq!(news.asked.load(Ordering::SeqCst), 0);
}
