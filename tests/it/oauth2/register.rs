//! Registration of clients by themselves (RFC 7591, RFC 7592).

use http::Method;
use keywright_domain::Period;
use keywright_domain::client::ClientCertificates;
use keywright_domain::policy::RegistrationDoor;
use keywright_tests::{
    Actor, Answer, Certified, Engine, TestIssuer, assert_answer, escaped, on_both_engines, seed,
};
use serde_json::{Value, json};

use super::refused;

const REGISTER: &str = "/oauth2/register";
const TOKENS: &str = "/admin/v1/clients/registration/tokens";

fn least() -> Value {
    json!({ "redirect_uris": ["https://app.example/cb"] })
}

/// The least that is accepted, with `members` in it.
fn with(members: &Value) -> Value {
    let mut document = least();
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

async fn register(issuer: &TestIssuer, document: &Value) -> Answer {
    issuer.anonymous().post(REGISTER, document).await
}

/// The client of a registration, with its registration access token; and its path.
fn managing(issuer: &TestIssuer, registered: &Answer) -> (Actor, String) {
    let uri = registered.str("/registration_client_uri");
    let path = uri.strip_prefix(seed::ISSUER).expect("below the issuer");
    let token = registered.str("/registration_access_token");
    (issuer.anonymous().bearing(&token), path.to_owned())
}

fn door(issuer: &TestIssuer, door: RegistrationDoor) {
    let mut policy = (*issuer.issuer().policy()).clone();
    policy.self_registration.door = door;
    issuer.issuer().reload(policy);
}

on_both_engines! {
    async fn client_is_told_what_it_is_registered_with(issuer: TestIssuer) {
        let document = with(&json!({
            "client_name": "Ledger Lens",
            "client_uri": "https://app.example/",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "scope": "openid email read:orders delete:everything",
            "contacts": ["ops@app.example"],
            "x_unknown": { "a": [1] },
        }));
        let mut answer = register(&issuer, &document).await.is(201);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let told = answer.json();
        for (member, prefix) in [("client_secret", "kws_"), ("registration_access_token", "kwm_")] {
            assert!(told[member].as_str().unwrap().starts_with(prefix), "{answer}");
        }
        let id = told["client_id"].as_str().unwrap().to_owned();
        let own = format!("{}{REGISTER}/{id}", seed::ISSUER);
        assert_eq!(told["registration_client_uri"], own);
        let mut told = told.clone();
        for drawn in ["client_id", "client_secret", "registration_access_token", "registration_client_uri", "client_id_issued_at"] {
            told.as_object_mut().unwrap().remove(drawn);
        }
        answer.body = told.to_string().into();
        assert_answer!(answer, @r#"
        201 Created
        {
          "client_name": "Ledger Lens",
          "client_secret_expires_at": 0,
          "client_uri": "https://app.example/",
          "grant_types": [
            "authorization_code",
            "refresh_token"
          ],
          "redirect_uris": [
            "https://app.example/cb"
          ],
          "response_types": [
            "code"
          ],
          "scope": "email openid read:orders",
          "subject_type": "public",
          "token_endpoint_auth_method": "client_secret_basic"
        }
        "#);
        let events = issuer.new_events().await;
        assert_eq!(events[0], "client.self.registered", "{events:?}");
    }

    async fn registered_client_is_a_stranger_and_a_public_one_has_no_secret(issuer: TestIssuer) {
        let public = with(&json!({ "token_endpoint_auth_method": "none" }));
        let answer = register(&issuer, &public).await.is(201);
        assert_eq!(answer.json().get("client_secret"), None);
        let admin = issuer.admin().await;
        let path = format!("/admin/v1/clients/{}", answer.str("/client_id"));
        let shown = admin.get(&path).await.is(200).json();
        assert_eq!(shown["kind"], "public");
        assert_eq!(shown["grants"], json!(["authorization_code"]));
        assert_eq!(shown["allowed"], json!({ seed::ORDERS: "read:orders write:orders" }));
        assert_eq!(shown["registration"].get("first_party"), None);
    }

    async fn each_refusal_is_one_of_rfc_7591(issuer: TestIssuer) {
        for (document, error, about) in [
            (json!({}), "invalid_redirect_uri", ""),
            (json!({ "redirect_uris": [] }), "invalid_redirect_uri", ""),
            (json!({ "redirect_uris": ["http://app.example/cb"] }), "invalid_redirect_uri", ""),
            (json!({ "redirect_uris": "https://app.example/cb" }), "invalid_client_metadata", "redirect_uris"),
            (with(&json!({ "grant_types": ["implicit"] })), "invalid_client_metadata", "grant_types"),
            (with(&json!({ "response_types": ["token"] })), "invalid_client_metadata", "response_types"),
            (with(&json!({ "jwks": { "keys": [] } })), "invalid_client_metadata", "jwks"),
            (with(&json!({ "subject_type": "secret" })), "invalid_client_metadata", "subject_type"),
            (with(&json!({ "software_statement": "eyJ.e30." })), "unapproved_software_statement", ""),
        ] {
            let answer = refused(register(&issuer, &document).await, 400, error);
            let says = answer.str("/error_description");
            assert!(says.ends_with(about), "{document}: {says}");
        }
        for body in ["", "[]", "{", "null", "{\"a\":1}{}"] {
            let stranger = issuer.anonymous();
            let call = stranger.call(Method::POST, REGISTER).body("application/json", body.to_owned());
            refused(call.send().await, 400, "invalid_client_metadata");
        }
        assert_eq!(issuer.new_events().await, Vec::<String>::new(), "nobody was registered");
    }

    async fn where_registration_is_closed_nobody_registers(issuer: TestIssuer) {
        door(&issuer, RegistrationDoor::Closed);
        refused(register(&issuer, &least()).await, 403, "access_denied");
        let metadata = issuer.anonymous().get("/.well-known/oauth-authorization-server").await;
        assert_eq!(metadata.json().get("registration_endpoint"), None);
        door(&issuer, RegistrationDoor::Open);
        let metadata = issuer.anonymous().get("/.well-known/oauth-authorization-server").await;
        assert_eq!(metadata.str("/registration_endpoint"), format!("{}{REGISTER}", seed::ISSUER));
    }

    async fn initial_access_token_admits_so_many_clients(issuer: TestIssuer) {
        door(&issuer, RegistrationDoor::Token);
        let admin = issuer.admin().await;
        let grant = json!({ "name": "Partner", "uses": 2, "expires_in": 3600 });
        let granted = admin.post(TOKENS, &grant).await.is(201);
        let token = granted.str("/initial_access_token");
        let bearer = issuer.anonymous().bearing(&token);
        for _ in 0..2 {
            bearer.post(REGISTER, &least()).await.is(201);
        }
        let used_up = refused(bearer.post(REGISTER, &least()).await, 401, "invalid_token");
        assert!(used_up.header("www-authenticate").unwrap().starts_with("Bearer "), "{used_up}");
        refused(register(&issuer, &least()).await, 401, "invalid_token");
        let listed = admin.get(TOKENS).await.is(200).json();
        assert_eq!(listed["tokens"], json!([]), "it is used up");
        let events = issuer.new_events().await;
        let registered = events.iter().filter(|event| *event == "client.self.registered");
        assert_eq!(registered.count(), 2);
        assert!(events.contains(&"client.initial_access.granted".to_owned()), "{events:?}");
    }

    async fn initial_access_token_expires_and_is_revoked(issuer: TestIssuer) {
        door(&issuer, RegistrationDoor::Token);
        let admin = issuer.admin().await;
        let grant = json!({ "name": "Partner", "uses": 9, "expires_in": 60 });
        let short = admin.post(TOKENS, &grant).await.is(201);
        let revoked = admin.post(TOKENS, &grant).await.is(201);
        let path = format!("{TOKENS}/{}", revoked.str("/id"));
        admin.delete(&path).await.is(204);
        admin.delete(&path).await.is_problem(404, "not_found");
        let short = issuer.anonymous().bearing(&short.str("/initial_access_token"));
        short.post(REGISTER, &least()).await.is(201);
        issuer.pass(Period::secs(60));
        let revoked = issuer.anonymous().bearing(&revoked.str("/initial_access_token"));
        for late in [short, revoked] {
            refused(late.post(REGISTER, &least()).await, 401, "invalid_token");
        }
        for (member, value) in [("uses", json!(0)), ("expires_in", json!(0)), ("expires_in", json!(400 * 86_400))] {
            let mut wrong = grant.clone();
            wrong[member] = value;
            let answer = admin.post(TOKENS, &wrong).await;
            assert_eq!(answer.is_problem(400, "invalid_field").blamed(), [member]);
        }
    }

    async fn guessing_initial_access_tokens_is_limited(issuer: TestIssuer) {
        door(&issuer, RegistrationDoor::Token);
        let guesser = issuer.anonymous().bearing("kwi_AAAA");
        let burst = issuer.issuer().policy().limits.address_burst;
        for _ in 0..burst {
            refused(guesser.post(REGISTER, &least()).await, 401, "invalid_token");
        }
        refused(guesser.post(REGISTER, &least()).await, 429, "temporarily_unavailable");
    }

    async fn open_registration_is_limited_by_network(issuer: TestIssuer) {
        let burst = issuer.issuer().policy().self_registration.quota.burst;
        for _ in 0..burst {
            register(&issuer, &least()).await.is(201);
        }
        refused(register(&issuer, &least()).await, 429, "temporarily_unavailable");
        let elsewhere = issuer.anonymous().from_address("198.51.100.3");
        elsewhere.post(REGISTER, &least()).await.is(201);
    }

    async fn sector_lists_whoever_belongs_to_it(issuer: TestIssuer) {
        let sector = "https://sector.example/clients.json";
        let uris = ["https://app.example/cb", "https://shop.example/cb"];
        let pairwise = with(&json!({
            "subject_type": "pairwise", "redirect_uris": uris, "sector_identifier_uri": sector, "scope": "openid",
        }));
        refused(register(&issuer, &pairwise).await, 400, "invalid_client_metadata");
        for document in ["not json", "[]", "[\"https://app.example/cb\"]"] {
            issuer.world().publishes(sector, document);
            refused(register(&issuer, &pairwise).await, 400, "invalid_client_metadata");
        }
        issuer.world().publishes(sector, &json!(uris).to_string());
        let registered = register(&issuer, &pairwise).await.is(201);
        assert_eq!(registered.str("/sector_identifier_uri"), sector);
        assert_eq!(registered.str("/subject_type"), "pairwise");

        let (client, path) = managing(&issuer, &registered);
        let elsewhere = with(&json!({
            "client_id": registered.str("/client_id"), "subject_type": "pairwise",
            "redirect_uris": ["https://evil.example/cb"], "sector_identifier_uri": sector,
        }));
        refused(client.put(&path, &elsewhere).await, 400, "invalid_client_metadata");
        let fetches = issuer.world().fetches();
        let plain = with(&json!({ "client_id": registered.str("/client_id") }));
        client.put(&path, &plain).await.is(200);
        assert_eq!(issuer.world().fetches(), fetches, "no sector, nobody is asked");
    }

    async fn client_manages_its_registration(issuer: TestIssuer) {
        let registered = register(&issuer, &least()).await.is(201);
        let (client, path) = managing(&issuer, &registered);
        let id = registered.str("/client_id");
        let shown = client.get(&path).await.is(200);
        assert_eq!(shown.str("/registration_access_token"), registered.str("/registration_access_token"));
        assert_eq!(shown.json().get("client_secret"), None, "it is shown once");

        let replacement = with(&json!({
            "client_id": id, "client_secret": registered.str("/client_secret"),
            "client_name": "Renamed", "scope": "read:orders",
        }));
        let replaced = client.put(&path, &replacement).await.is(200);
        assert_eq!(replaced.str("/client_name"), "Renamed");
        assert_eq!(replaced.str("/scope"), "read:orders");
        assert_eq!(replaced.json().get("client_secret"), None, "the secret stays");

        let public = with(&json!({ "client_id": id, "token_endpoint_auth_method": "none" }));
        client.put(&path, &public).await.is(200);
        let confidential = with(&json!({ "client_id": id }));
        let again = client.put(&path, &confidential).await.is(200);
        assert_ne!(again.str("/client_secret"), registered.str("/client_secret"));

        client.delete(&path).await.is(204);
        refused(client.get(&path).await, 401, "invalid_token");
        issuer.admin().await.get(&format!("/admin/v1/clients/{id}")).await.is_problem(404, "not_found");
        let events = issuer.new_events().await;
        for kind in ["client.self.changed", "client.self.deleted"] {
            assert!(events.contains(&kind.to_owned()), "{events:?}");
        }
    }

    async fn client_is_given_a_secret_to_sign_with_and_another_to_send(issuer: TestIssuer) {
        let signing = with(&json!({ "token_endpoint_auth_method": "client_secret_jwt" }));
        let registered = register(&issuer, &signing).await.is(201);
        let (id, secret) = (registered.str("/client_id"), registered.str("/client_secret"));
        assert!(secret.starts_with("kwj_"), "{registered}");
        let (client, path) = managing(&issuer, &registered);
        let own = with(&json!({
            "client_id": id, "client_secret": secret, "token_endpoint_auth_method": "client_secret_jwt",
        }));
        let kept = client.put(&path, &own).await.is(200);
        assert_eq!(kept.json().get("client_secret"), None, "the secret stays");
        assert_eq!(kept.str("/token_endpoint_auth_method"), "client_secret_jwt");
        let mut foreign = own.clone();
        foreign["client_secret"] = json!("kwj_mine");
        refused(client.put(&path, &foreign).await, 400, "invalid_client_metadata");
        let sending = with(&json!({ "client_id": id, "token_endpoint_auth_method": "client_secret_post" }));
        let changed = client.put(&path, &sending).await.is(200);
        assert!(changed.str("/client_secret").starts_with("kws_"), "{changed}");
    }

    async fn client_registers_its_certificate_and_is_bound_to_it(issuer: TestIssuer) {
        let document = with(&json!({
            "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=shop,O=Example",
            "tls_client_certificate_bound_access_tokens": true,
        }));
        refused(register(&issuer, &document).await, 400, "invalid_client_metadata");
        let issuer = issuer.behind_a_proxy(ClientCertificates::Verified).await;
        let registered = register(&issuer, &document).await.is(201);
        assert_eq!(registered.json().get("client_secret"), None, "{registered}");
        let (client, path) = managing(&issuer, &registered);
        let shown = client.get(&path).await.is(200);
        for name in ["token_endpoint_auth_method", "tls_client_auth_subject_dn", "tls_client_certificate_bound_access_tokens"] {
            assert_eq!(shown.json()[name], document[name]);
        }
        // It is proved at once: the token is unknown, and the client is not.
        let id = registered.str("/client_id");
        let form = format!("client_id={id}&token=x");
        let own = issuer.anonymous().showing(&Certified::new("shop"));
        own.call(Method::POST, "/oauth2/introspect").form(&form).send().await.is(200);
        let other = issuer.anonymous().showing(&Certified::new("shop2"));
        let unproved = other.call(Method::POST, "/oauth2/introspect").form(&form).send().await;
        refused(unproved, 401, "invalid_client");
    }

    async fn client_registers_types_of_details_that_are_open_to_it(issuer: TestIssuer) {
        let kind = json!({ "description": "One payment", "schema": { "properties": {} } });
        let api = json!({
            "name": "Orders", "scopes": { "read:orders": "" },
            "authorization_details_types": { "payment": kind, "salary": kind },
        });
        let path = format!("/admin/v1/apis/{}", escaped(seed::ORDERS));
        issuer.admin().await.put(&path, &api).await.is(200);
        let mut policy = (*issuer.issuer().policy()).clone();
        policy.self_registration.detail_types = ["payment".parse().unwrap()].into();
        issuer.issuer().reload(policy);
        let document = with(&json!({ "authorization_details_types": ["payment", "salary", "other"] }));
        let registered = register(&issuer, &document).await.is(201);
        assert_eq!(registered.json()["authorization_details_types"], json!(["payment"]));
        let silent = register(&issuer, &least()).await.is(201);
        assert_eq!(silent.json().get("authorization_details_types"), None);
    }

    async fn replacement_must_be_whole_and_the_clients_own(issuer: TestIssuer) {
        let registered = register(&issuer, &least()).await.is(201);
        let (client, path) = managing(&issuer, &registered);
        let id = registered.str("/client_id");
        for (document, error) in [
            (least(), "invalid_client_metadata"),
            (with(&json!({ "client_id": "web" })), "invalid_client_metadata"),
            (with(&json!({ "client_id": id, "client_secret": "kws_mine" })), "invalid_client_metadata"),
            (json!({ "client_id": id }), "invalid_redirect_uri"),
        ] {
            refused(client.put(&path, &document).await, 400, error);
        }
    }

    async fn nobody_manages_a_client_by_another_token(issuer: TestIssuer) {
        let one = register(&issuer, &least()).await.is(201);
        let other = register(&issuer, &least()).await.is(201);
        let (_, path) = managing(&issuer, &one);
        let (intruder, _) = managing(&issuer, &other);
        let by_admin = issuer.admin().await;
        for actor in [&intruder, &by_admin, &issuer.anonymous()] {
            refused(actor.get(&path).await, 401, "invalid_token");
            refused(actor.put(&path, &least()).await, 401, "invalid_token");
            refused(actor.delete(&path).await, 401, "invalid_token");
        }
        refused(intruder.get(&format!("{REGISTER}/web")).await, 401, "invalid_token");
        let id = one.str("/client_id");
        let disabled = json!({ "disabled": true });
        by_admin.patch(&format!("/admin/v1/clients/{id}"), &disabled).await.is(200);
        let (own, path) = managing(&issuer, &one);
        refused(own.get(&path).await, 401, "invalid_token");
    }

    async fn unused_client_is_forgotten(issuer: TestIssuer) {
        let registered = register(&issuer, &least()).await.is(201);
        issuer.pass(Period::days(89));
        assert_eq!(issuer.issuer().forget_unused_clients().await, Ok(0));
        issuer.pass(Period::days(2));
        assert_eq!(issuer.issuer().forget_unused_clients().await, Ok(1));
        let (client, path) = managing(&issuer, &registered);
        refused(client.get(&path).await, 401, "invalid_token");
        let mut events = issuer.new_events().await;
        // Keys were made for its ID tokens.
        events.retain(|event| !event.starts_with("keys."));
        assert_eq!(events, ["client.self.registered", "client.self.forgotten"]);
        let svc = issuer.client("svc");
        svc.token(&[("grant_type", "client_credentials")]).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registration_is_off_unless_the_operator_opens_it() {
    let mut policy = seed::policy();
    policy.self_registration.door = RegistrationDoor::Closed;
    let issuer = TestIssuer::with_policy(Engine::Sqlite, policy).await;
    refused(register(&issuer, &least()).await, 403, "access_denied");
}
