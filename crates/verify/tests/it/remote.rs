//! Keys over HTTP, from an issuer that misbehaves in every way that real ones do.

use std::time::Duration;

use keywright_jwt::{Algorithm, JwkSet};
use keywright_verify::remote::{FetchError, RemoteKeys, RemoteKeysBuilder};
use serde_json::json;

use crate::site::{Page, Site};
use crate::support::{Issuer, code};

async fn first_failure(builder: RemoteKeysBuilder) -> FetchError {
    builder
        .start()
        .expect("a fetcher")
        .ready()
        .await
        .expect_err("a failure")
}

#[tokio::test]
async fn keys_are_found_through_the_issuers_metadata() {
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    site.publish(&[&issuer]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    assert_eq!(keys.state().kids, [issuer.key.kid()]);
    assert_eq!(
        code(site.verifier(keys.slot()).verify(&site.token(&issuer))),
        "accepted"
    );
}

#[tokio::test]
async fn oauth_metadata_serves_as_well() {
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    let metadata =
        json!({"issuer": site.url, "jwks_uri": format!("{}/jwks", site.url)}).to_string();
    site.put("/.well-known/openid-configuration", Page::status(404));
    site.put(
        "/.well-known/oauth-authorization-server",
        Page::ok(metadata),
    );
    site.publish(&[&issuer]);
    assert_eq!(
        site.keys().start().expect("a fetcher").ready().await,
        Ok(())
    );
}

#[tokio::test]
async fn metadata_of_another_issuer_is_not_believed() {
    let site = Site::start().await;
    let foreign =
        json!({"issuer": "https://evil.example", "jwks_uri": format!("{}/jwks", site.url)});
    site.put(
        "/.well-known/openid-configuration",
        Page::ok(foreign.to_string()),
    );
    assert_eq!(first_failure(site.keys()).await, FetchError::IssuerMismatch);
}

#[tokio::test]
async fn what_is_no_key_set_is_told_apart() {
    let site = Site::start().await;
    let first = |page| {
        site.put("/jwks", page);
        first_failure(site.keys())
    };
    assert!(matches!(
        first(Page::ok("<html>maintenance</html>")).await,
        FetchError::JwkSet(_)
    ));
    assert!(matches!(
        first(Page::ok(r#"{"keys":[{"kty":"EC","crv""#)).await,
        FetchError::JwkSet(_)
    ));
    assert!(matches!(
        first(Page::ok(r#"{"keys":[]}"#)).await,
        FetchError::Keys(_)
    ));
    assert_eq!(
        first(Page::ok(" ".repeat(600 * 1024))).await,
        FetchError::TooLarge
    );
    assert_eq!(first(Page::status(500)).await, FetchError::Status(500));
    let slow = Page {
        delay: Duration::from_secs(5),
        ..Page::ok("{}")
    };
    assert_eq!(first(slow).await, FetchError::Unreachable);
    let elsewhere = Page {
        headers: vec![("location", format!("{}/other", site.url))],
        ..Page::status(302)
    };
    assert_eq!(first(elsewhere).await, FetchError::Status(302));
}

#[tokio::test]
async fn keys_over_plain_http_are_refused_before_any_request() {
    let refused = RemoteKeys::of_issuer("http://id.example").start().err();
    assert_eq!(refused, Some(FetchError::InsecureUrl));
}

#[tokio::test]
async fn without_keys_the_answer_is_that_keys_are_unavailable() {
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    let keys = site.keys().start().expect("a fetcher");
    assert!(keys.ready().await.is_err());
    let refusal = site
        .verifier(keys.slot())
        .verify_fresh(&site.token(&issuer))
        .await
        .expect_err("a refusal");
    assert_eq!(
        (refusal.code(), refusal.http_status()),
        ("keys_unavailable", 503)
    );
    assert!(keys.state().failures > 0 && keys.state().last_error == Some(FetchError::Status(404)));
}

#[tokio::test]
async fn a_new_key_is_fetched_when_the_first_token_bears_it() {
    let site = Site::start().await;
    let (old, new) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::Es256));
    site.publish(&[&old]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    let verifier = site.verifier(keys.slot());
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&new)).await),
        "unknown_key"
    );
    site.publish(&[&old, &new]);
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&new)).await),
        "accepted"
    );
    assert_eq!(code(verifier.verify(&site.token(&old))), "accepted");
}

#[tokio::test]
async fn a_flood_of_unknown_keys_causes_one_fetch_per_interval() {
    let site = Site::start().await;
    let issuer = Issuer::new(Algorithm::EdDsa);
    site.publish(&[&issuer]);
    let keys = site
        .keys()
        .min_interval(Duration::from_millis(700))
        .start()
        .expect("a fetcher");
    keys.ready().await.expect("keys");
    let (verifier, stranger) = (site.verifier(keys.slot()), Issuer::new(Algorithm::EdDsa));
    tokio::time::sleep(Duration::from_millis(800)).await;
    let before = site.hits();
    let token = site.token(&stranger);
    let flood: Vec<_> = (0..500)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), token.clone());
            tokio::spawn(async move { code(verifier.verify_fresh(&token).await) })
        })
        .collect();
    for refused in flood {
        assert_eq!(refused.await.expect("no panic"), "unknown_key");
    }
    assert_eq!(site.hits() - before, 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_no_fetch() {
    let site = Site::start().await;
    let (old, new) = (Issuer::new(Algorithm::EdDsa), Issuer::new(Algorithm::EdDsa));
    site.publish(&[&old]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    let verifier = site.verifier(keys.slot());
    let both = JwkSet {
        keys: [old.jwks().keys, new.jwks().keys].concat(),
    };
    site.put(
        "/jwks",
        Page {
            delay: Duration::from_millis(200),
            ..Page::ok(both.to_json())
        },
    );
    let token = site.token(&new);
    let impatient =
        tokio::time::timeout(Duration::from_millis(50), verifier.verify_fresh(&token)).await;
    assert!(impatient.is_err());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(code(verifier.verify(&token)), "accepted");
}

#[tokio::test]
async fn the_last_good_keys_survive_garbage_and_outages() {
    let site = Site::start().await;
    let (issuer, stranger) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::Es256));
    site.publish(&[&issuer]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    let verifier = site.verifier(keys.slot());
    let bad = [
        Page::ok("<html>"),
        Page::ok(""),
        Page::ok(r#"{"keys":[]}"#),
        Page::ok(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#),
        Page::status(503),
        Page::status(404),
    ];
    for (failed, page) in bad.into_iter().enumerate() {
        site.put("/jwks", page);
        assert_eq!(
            code(verifier.verify_fresh(&site.token(&stranger)).await),
            "unknown_key"
        );
        assert!(
            keys.state().failures as usize > failed,
            "failure {failed} is counted"
        );
        assert_eq!(code(verifier.verify(&site.token(&issuer))), "accepted");
    }
    site.server.abort();
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&stranger)).await),
        "unknown_key"
    );
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&issuer)).await),
        "accepted"
    );
}

#[tokio::test]
async fn an_unchanged_set_is_not_sent_again() {
    let site = Site::start().await;
    let (issuer, stranger) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::Es256));
    let page = Page {
        headers: vec![("etag", "\"v1\"".to_owned())],
        ..Page::ok(issuer.jwks().to_json())
    };
    site.put("/jwks", page.clone());
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    // Were the body read again, it would be refused; a 304 is a success.
    site.put(
        "/jwks",
        Page {
            body: "garbage".to_owned(),
            ..page
        },
    );
    assert_eq!(
        code(
            site.verifier(keys.slot())
                .verify_fresh(&site.token(&stranger))
                .await
        ),
        "unknown_key"
    );
    assert_eq!(
        (keys.state().failures, keys.state().kids),
        (0, vec![issuer.key.kid().to_owned()])
    );
}

#[tokio::test]
async fn keys_that_outlived_their_bound_are_dropped_and_come_back() {
    let site = Site::start().await;
    let issuer = Issuer::new(Algorithm::Es256);
    let page = Page {
        headers: vec![("etag", "\"v1\"".to_owned())],
        ..Page::ok(issuer.jwks().to_json())
    };
    site.put("/jwks", page.clone());
    let keys = site
        .keys()
        .stale_for(Duration::from_secs(3600))
        .start()
        .expect("a fetcher");
    keys.ready().await.expect("keys");
    let verifier = site.verifier(keys.slot());
    site.put("/jwks", Page::status(500));
    tokio::time::pause();
    // Half an hour beyond their max-age of five minutes, then beyond the hour of grace as well.
    tokio::time::sleep(Duration::from_secs(35 * 60)).await;
    assert_eq!(code(verifier.verify(&site.token(&issuer))), "accepted");
    tokio::time::sleep(Duration::from_secs(60 * 60)).await;
    assert_eq!(
        code(verifier.verify(&site.token(&issuer))),
        "keys_unavailable"
    );
    tokio::time::resume();
    site.put("/jwks", page);
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&issuer)).await),
        "accepted"
    );
}

#[tokio::test]
async fn fetching_ends_when_nobody_holds_the_keys_any_more() {
    let site = Site::start().await;
    let issuer = Issuer::new(Algorithm::Es256);
    site.publish(&[&issuer]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    drop(keys);
    let hits = site.hits();
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(3 * 24 * 3600)).await;
    assert_eq!(site.hits(), hits);
}
