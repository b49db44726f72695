//! Services that follow by an access token, however they proved themselves to get it.

use http::Method;
use keywright_domain::Period;
use keywright_domain::audit::Actor as Who;
use keywright_domain::client::ClientCertificates::Unverified;
use keywright_domain::client::{ASSERTION_TYPE, ChangeClient, ClientKind, Grant, NewClient};
use keywright_domain::feed::FOLLOW;
use keywright_tests::{
    Actor, Answer, Certified, DPOP, Engine, EventStream, Person, Prover, SigningClient, TestIssuer,
    key_set, on_both_engines, seed,
};
use serde_json::{Value, json};

/// Registers a service with these members that may ask for tokens to follow by.
async fn service(issuer: &TestIssuer, id: &str, members: Value) -> Option<String> {
    let new = NewClient {
        id: Some(id.parse().unwrap()),
        name: id.to_owned(),
        kind: ClientKind::Confidential,
        grants: [Grant::ClientCredentials].into(),
        allowed: [(seed::audience(seed::ISSUER), FOLLOW.parse().unwrap())].into(),
        default_audience: Some(seed::audience(seed::ISSUER)),
        registration: serde_json::from_value(members).unwrap(),
    };
    let created = issuer.issuer().create_client(new, &Who::Operator).await;
    let secret = created.expect("a client").secret?;
    Some(secret.expose().to_owned())
}

/// `orders`, which sends its secret for its tokens.
async fn orders(issuer: &TestIssuer) -> Actor {
    let secret = service(issuer, "orders", json!({})).await.unwrap();
    issuer.anonymous().with_basic("orders", &secret)
}

async fn token_of(service: &Actor, more: &[(&str, &str)]) -> String {
    let form = [&[("grant_type", "client_credentials")], more].concat();
    let answer = service.token(&form).await.is(200);
    answer.str("/access_token")
}

async fn follow(actor: &Actor) -> EventStream {
    let stream = actor.call(Method::GET, "/feed").stream().await;
    assert_eq!(stream.status, 200);
    stream
}

fn report() -> Value {
    json!({
        "instance": "one", "software": "keywright-verify/0.1.0", "kids": [], "accepted": 1, "refused": {},
    })
}

/// Follows and reports with this token.
async fn is_follower(issuer: &TestIssuer, token: &str, id: &str) {
    let actor = issuer.anonymous().bearing(token);
    let first = follow(&actor).await.message().await;
    assert_eq!(first.event, "snapshot");
    first.verified(issuer);
    actor.post("/feed/report", &report()).await.is(204);
    let admin = issuer.admin_with("verifiers:read").await;
    let fleet = admin.get("/admin/v1/verifiers").await.is(200);
    assert_eq!(fleet.str("/verifiers/0/client_id"), id);
}

async fn change(issuer: &TestIssuer, change: ChangeClient) {
    let id = "orders".parse().unwrap();
    let changed = issuer.issuer().change_client(&id, change, &Who::Operator);
    changed.await.unwrap();
}

/// Within a few seconds, each of which has a heartbeat.
async fn is_cut_off(issuer: &TestIssuer, stream: &mut EventStream) {
    issuer.pass(Period::secs(4));
    issuer.issuer().beat().unwrap();
    while let Some(message) = stream.next().await {
        assert_ne!(message.event, "heartbeat");
    }
}

#[track_caller]
fn lacks_the_scope(answer: Answer) {
    let answer = answer.is_problem(403, "insufficient_scope");
    let challenge = answer.header("www-authenticate").expect("RFC 6750 §3");
    assert!(challenge.contains("scope=\"feed:follow\""), "{challenge}");
}

on_both_engines! {
    async fn service_that_signs_assertions_follows(issuer: TestIssuer) {
        let client = issuer.signing_client(json!({})).await;
        may_follow(&issuer, &client).await;
        is_follower(&issuer, &signed_for(&client).await, "shop").await;
    }

    async fn service_that_signs_with_its_secret_follows(issuer: TestIssuer) {
        let (client, _) = issuer.client_with_signing_secret(json!({})).await;
        may_follow(&issuer, &client).await;
        is_follower(&issuer, &signed_for(&client).await, "shop").await;
    }

    async fn service_that_shows_a_certificate_follows_over_that_connection(issuer: TestIssuer) {
        let issuer = issuer.behind_a_proxy(Unverified).await;
        let own = Certified::new("orders");
        let members = json!({
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": key_set(&[&own.key]),
            "tls_client_certificate_bound_access_tokens": true,
        });
        service(&issuer, "orders", members).await;
        let nobody = issuer.anonymous();
        let token = token_of(&nobody.showing(&own), &[("client_id", "orders")]).await;
        let bearer = nobody.bearing(&token);
        let first = follow(&bearer.showing(&own)).await.message().await;
        assert_eq!(first.event, "snapshot");
        for thief in [&bearer, &bearer.showing(&Certified::new("orders"))] {
            thief.get("/feed").await.is_problem(401, "invalid_token");
        }
    }

    async fn bound_token_follows_with_a_proof_of_its_key_alone(issuer: TestIssuer) {
        let (service, prover) = (orders(&issuer).await, Prover::default());
        let form = [("grant_type", "client_credentials")];
        let answer = prover.post_form(&service, "/oauth2/token", &form).await.is(200);
        let token = answer.str("/access_token");
        let nobody = issuer.anonymous();
        let proof = prover.proof_for(&nobody, &Method::GET, "/feed", &token);
        let presenting = nobody.presenting(&token);
        let call = || presenting.call(Method::GET, "/feed");
        assert_eq!(call().header(DPOP, &proof).stream().await.status, 200);
        call().header(DPOP, &proof).send().await.is_problem(401, "invalid_token");
        call().send().await.is_problem(401, "invalid_token");
        nobody.bearing(&token).get("/feed").await.is_problem(401, "invalid_token");
    }

    async fn disabled_service_is_cut_off_and_its_token_is_dead(issuer: TestIssuer) {
        let service = orders(&issuer).await;
        let bearer = issuer.anonymous().bearing(&token_of(&service, &[]).await);
        let mut stream = follow(&bearer).await;
        change(&issuer, ChangeClient { disabled: Some(true), ..ChangeClient::default() }).await;
        is_cut_off(&issuer, &mut stream).await;
        bearer.get("/feed").await.is_problem(401, "invalid_token");
    }

    async fn service_that_lost_the_scope_is_cut_off(issuer: TestIssuer) {
        let service = orders(&issuer).await;
        let bearer = issuer.anonymous().bearing(&token_of(&service, &[]).await);
        let mut stream = follow(&bearer).await;
        let others = (seed::audience(seed::ISSUER), "users:read".parse().unwrap());
        let allowed = Some([others].into());
        change(&issuer, ChangeClient { allowed, ..ChangeClient::default() }).await;
        is_cut_off(&issuer, &mut stream).await;
        lacks_the_scope(bearer.get("/feed").await);
    }

    async fn token_of_another_kind_follows_nothing(issuer: TestIssuer) {
        let ops = issuer.client("ops");
        let of_ops = token_of(&ops, &[("scope", "users:read")]).await;
        lacks_the_scope(issuer.anonymous().bearing(&of_ops).get("/feed").await);
        // What is reported is the word of a service, not of a person.
        let person: Person = issuer.admin_with(FOLLOW).await;
        lacks_the_scope(person.get("/feed").await);
        lacks_the_scope(person.post("/feed/report", &report()).await);
        let for_orders = token_of(&issuer.client("svc"), &[]).await;
        let elsewhere = issuer.anonymous().bearing(&for_orders);
        elsewhere.get("/feed").await.is_problem(401, "invalid_token");
    }
}

/// Lets the signing client ask for a token to follow by.
async fn may_follow(issuer: &TestIssuer, client: &SigningClient) {
    let allowed = [(seed::audience(seed::ISSUER), FOLLOW.parse().unwrap())];
    let change = ChangeClient {
        allowed: Some(allowed.into()),
        default_audience: Some(Some(seed::audience(seed::ISSUER))),
        ..ChangeClient::default()
    };
    let id = client.id.parse().unwrap();
    let changed = issuer.issuer().change_client(&id, change, &Who::Operator);
    changed.await.unwrap();
}

async fn signed_for(client: &SigningClient) -> String {
    let assertion = client.assertion();
    let signed = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ];
    token_of(&client.actor, &signed).await
}

#[tokio::test]
async fn stream_ends_with_its_token() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    let bearer = issuer
        .anonymous()
        .bearing(&token_of(&orders(&issuer).await, &[]).await);
    issuer.issuer().follow_feed().await.unwrap();
    let mut stream = follow(&bearer).await;
    assert_eq!(stream.message().await.event, "snapshot");
    issuer.pass(Period::secs(299));
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.event, "heartbeat");
    issuer.pass(Period::secs(1));
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn with_the_database_down_a_token_that_was_seen_goes_on() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    let own = token_of(&orders(&issuer).await, &[]).await;
    let bearer = issuer.anonymous().bearing(&own);
    let secret = service(&issuer, "other", json!({})).await.unwrap();
    let other = issuer.anonymous().with_basic("other", &secret);
    let unseen = token_of(&other, &[]).await;
    issuer.issuer().follow_feed().await.unwrap();
    let mut stream = follow(&bearer).await;
    assert_eq!(stream.message().await.event, "snapshot");
    issuer.store().set_down(true);
    issuer.pass(Period::secs(10));
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.event, "heartbeat");
    assert_eq!(follow(&bearer).await.message().await.event, "snapshot");
    let unseen = issuer.anonymous().bearing(&unseen);
    unseen.get("/feed").await.is_problem(503, "unavailable");
}
