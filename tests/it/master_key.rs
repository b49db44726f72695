//! A master key is exchanged for another: node by node, while people are logged in.

use keywright_custody::{MasterKey, SealedCustody};
use keywright_domain::Period;
use keywright_domain::audit::Actor;
use keywright_domain::keys::KeyState;
use keywright_domain::ports::{Custody, Keys};
use keywright_jwt::Algorithm;
use keywright_tests::{Person, TestIssuer, on_both_engines, seed};
use serde_json::json;

const LEDGERS: &str = "https://ledgers.example";
const STOCKS: &str = "https://stocks.example";

fn old() -> MasterKey {
    TestIssuer::master_key()
}

fn new() -> MasterKey {
    let new = MasterKey::from_base64("HxwdHhsYGRoXFBUWExAREg8MDQ4LCAkKBwQFBgMAAQI=");
    new.unwrap()
}

fn alone(master: &MasterKey) -> SealedCustody {
    SealedCustody::new(master).unwrap()
}

fn both(master: &MasterKey, previous: &MasterKey) -> SealedCustody {
    alone(master).with_previous(previous).unwrap()
}

/// The names of the keys in the database that this master key alone does not open.
async fn not_under(issuer: &TestIssuer, master: &MasterKey) -> Vec<String> {
    let custody = alone(master);
    let server = issuer.store().server_keys().await.unwrap();
    assert!(!server.is_empty());
    let server = server.into_iter().filter_map(|key| {
        let label = format!("server-key/{}/{}", key.purpose.as_str(), key.version);
        let opened = custody.unseal(&label, &key.sealed);
        opened.is_err().then_some(label)
    });
    let signing = issuer.store().signing_keys().await.unwrap().keys;
    let signing = signing
        .into_iter()
        .filter(|key| custody.open(key).is_err())
        .map(|key| key.kid);
    server.chain(signing).collect()
}

async fn share_keys_with(issuer: &TestIssuer, audience: &str) {
    let api = seed::api(audience, &["read"], Algorithm::Hs256);
    let put = issuer.issuer().put_api(&api, &Actor::Operator).await;
    put.unwrap();
    issuer.issuer().tick().await.unwrap();
}

/// The keys of an API that verifies with a secret.
async fn shared_keys(issuer: &TestIssuer, audience: &str) -> Vec<(String, Vec<u8>)> {
    let (issuer, audience) = (issuer.issuer(), audience.parse().unwrap());
    let keys = issuer.export_shared_keys(&audience, &Actor::Operator).await;
    let keys = keys.unwrap().into_iter();
    keys.map(|key| (key.kid, key.secret.as_bytes().to_vec()))
        .collect()
}

/// The session goes on at this node.
async fn goes_on(session: &Person, node: &TestIssuer) -> Person {
    let body = json!({ "refresh_token": session.refresh_token });
    let answer = node.anonymous().post("/v1/refresh", &body).await.is(200);
    let session = Person::of(&node.anonymous(), &answer);
    session.is_in().await;
    session
}

on_both_engines! {
    async fn nodes_exchange_the_master_key_one_by_one_and_nobody_notices(issuer: TestIssuer) {
        share_keys_with(&issuer, LEDGERS).await;
        let (shared, served) = (shared_keys(&issuer, LEDGERS).await, issuer.issuer().jwks());
        let ann = issuer.user("ann").await;

        // Every node first learns to open what the new one seals, and seals nothing under it.
        let one = issuer.another_node_under(both(&old(), &new())).await;
        let two = issuer.another_node_under(both(&old(), &new())).await;
        assert_eq!(not_under(&issuer, &old()).await, [""; 0]);

        let one_restarted = issuer.another_node_under(both(&new(), &old())).await;
        assert_eq!(not_under(&issuer, &new()).await, [""; 0]);
        let mut ann = ann;
        for node in [&one, &two, &one_restarted] {
            node.issuer().tick().await.unwrap();
            ann = goes_on(&ann, node).await;
            assert_eq!(shared_keys(node, LEDGERS).await, shared);
            assert_eq!(node.issuer().jwks().body, served.body);
        }

        // What the second node makes meanwhile is opened by the first, and found.
        share_keys_with(&two, STOCKS).await;
        one_restarted.issuer().tick().await.unwrap();
        let stocks = shared_keys(&two, STOCKS).await;
        assert_eq!(shared_keys(&one_restarted, STOCKS).await, stocks);
        let left = one_restarted.issuer().keys_to_reseal().await.unwrap();
        assert_eq!(left.len(), not_under(&issuer, &new()).await.len());
        assert!(stocks.iter().all(|(kid, _)| left.iter().any(|name| name.contains(kid))));

        // It crashes and comes back with the configuration of before: all is as it was, and both go on.
        let two = issuer.another_node_under(both(&old(), &new())).await;
        assert_eq!(not_under(&issuer, &old()).await, [""; 0]);
        for node in [&one_restarted, &two] {
            node.issuer().tick().await.unwrap();
            ann = goes_on(&ann, node).await;
        }

        let two_restarted = issuer.another_node_under(both(&new(), &old())).await;
        assert_eq!(not_under(&issuer, &new()).await, [""; 0]);
        for node in [&one_restarted, &two_restarted] {
            assert_eq!(node.issuer().keys_to_reseal().await.unwrap(), [""; 0]);
        }
        let last = issuer.another_node_under(alone(&new())).await;
        goes_on(&ann, &last).await;
        assert_eq!(shared_keys(&last, LEDGERS).await, shared);
        assert_eq!(last.issuer().jwks().body, served.body);
    }

    async fn nodes_that_start_at_once_seal_every_key_anew(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let (one, two, three) = tokio::join!(
            issuer.another_node_under(both(&new(), &old())),
            issuer.another_node_under(both(&new(), &old())),
            issuer.another_node_under(both(&new(), &old())),
        );
        assert_eq!(not_under(&issuer, &new()).await, [""; 0]);
        let mut ann = ann;
        for node in [one, two, three] {
            ann = goes_on(&ann, &node).await;
        }
    }

    async fn a_node_that_planned_on_the_keys_of_before_does_not_write_their_bytes_back(issuer: TestIssuer) {
        let slow = issuer.another_node_under(both(&old(), &new())).await;
        let before: Vec<_> = slow.issuer().keys().iter().map(|key| key.kid.clone()).collect();
        issuer.another_node_under(both(&new(), &old())).await;
        slow.advance(Period::days(31)).await;
        let signs_no_more = [KeyState::Retiring, KeyState::Retired];
        let rotated = slow.issuer().keys().iter().any(|key| signs_no_more.contains(&key.state));
        assert!(rotated, "it was due");
        let left = not_under(&issuer, &new()).await;
        assert!(!left.is_empty() && left.iter().all(|kid| !before.contains(kid)), "{left:?}");
    }

    async fn a_node_that_lacks_the_new_master_key_goes_on_with_the_keys_that_it_has_open(issuer: TestIssuer) {
        share_keys_with(&issuer, LEDGERS).await;
        let ann = issuer.user("ann").await;
        issuer.another_node_under(both(&new(), &old())).await;
        issuer.issuer().tick().await.unwrap();
        goes_on(&ann, &issuer).await;

        issuer.pass(Period::days(31));
        let refused = issuer.issuer().tick().await.unwrap_err().to_string();
        assert!(refused.contains("another master key"), "{refused}");
        let audience = LEDGERS.parse().unwrap();
        assert!(issuer.issuer().export_shared_keys(&audience, &Actor::Operator).await.is_err());
        let service = [("grant_type", "client_credentials")];
        issuer.client("svc").token(&service).await.is(200);

        let restarted = issuer.another_node_under(both(&new(), &old())).await;
        restarted.client("svc").token(&service).await.is(200);
        assert!(!shared_keys(&restarted, LEDGERS).await.is_empty());
    }

    async fn an_ended_key_is_sealed_anew_and_a_damaged_one_holds_up_no_start(issuer: TestIssuer) {
        for _ in 0..3 {
            issuer.advance(Period::days(31)).await;
            issuer.advance(Period::hours(2)).await;
        }
        let keys = issuer.issuer().keys();
        let retired: Vec<_> = keys.iter().filter(|key| key.state == KeyState::Retired).collect();
        assert!(retired.len() > 1);
        let damaged = &retired[0].kid;
        let damage = format!("UPDATE signing_keys SET sealed = substr(sealed, 1, 20) WHERE kid = '{damaged}'");
        issuer.meddle(&damage).await;
        let node = issuer.another_node_under(both(&new(), &old())).await;
        assert_eq!(not_under(&issuer, &new()).await, std::slice::from_ref(damaged));
        let left = node.issuer().keys_to_reseal().await.unwrap();
        assert_eq!(left, [format!("ES256 key {damaged}")]);
        node.user("ann").await.is_in().await;
    }
}
