//! Clients that show a certificate (RFC 8705): who they are by it, and tokens that are worth nothing without it.

use http::Method;
use keywright_domain::audit::Actor as Who;
use keywright_domain::client::ClientCertificates::{Unverified, Verified};
use keywright_domain::client::{ClientKind, Grant, NewClient};
use keywright_tests::flow::Changes;
use keywright_tests::{
    Actor, Answer, Certified, DPOP, PROXY, Person, Prover, TestIssuer, escaped, forge, key_set,
    on_both_engines, seed,
};
use serde_json::{Value, json};

const BY_ITSELF: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("client_id", "shop")];

/// Registers `shop`, a service with these members that may also read the list of users.
async fn shop(issuer: &TestIssuer, members: Value) -> Actor {
    let allowed = [(seed::ORDERS, "read:orders"), (seed::ISSUER, "users:read")];
    let new = NewClient {
        id: Some("shop".parse().unwrap()),
        name: "Shop".to_owned(),
        kind: ClientKind::Confidential,
        grants: [Grant::ClientCredentials].into(),
        allowed: allowed
            .map(|(api, scope)| (seed::audience(api), scope.parse().unwrap()))
            .into(),
        default_audience: Some(seed::audience(seed::ORDERS)),
        registration: serde_json::from_value(members).unwrap(),
    };
    let created = issuer.issuer().create_client(new, &Who::Operator).await;
    assert!(created.expect("a client").secret.is_none());
    issuer.anonymous()
}

fn self_signed(certificate: &Certified) -> Value {
    json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": key_set(&[&certificate.key]),
    })
}

fn by_subject(more: Value) -> Value {
    let mut members = json!({ "token_endpoint_auth_method": "tls_client_auth" });
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    members
}

#[track_caller]
fn is_refused(answer: Answer) {
    let answer = answer.is(401);
    assert_eq!(answer.str("/error"), "invalid_client", "{answer}");
}

on_both_engines! {
    async fn client_is_known_by_the_key_of_its_certificate(issuer: TestIssuer) {
        let issuer = issuer.behind_a_proxy(Unverified).await;
        let own = Certified::new("shop");
        let shop = shop(&issuer, self_signed(&own)).await;
        let token = shop.showing(&own).token(&BY_ITSELF).await.is(200);
        assert_eq!(forge::claims(&token.str("/access_token")).get("cnf"), None, "it did not ask for that");
        shop.showing(&own.renewed()).token(&BY_ITSELF).await.is(200);
        issuer.new_events().await;
        is_refused(shop.showing(&Certified::new("shop")).token(&BY_ITSELF).await);
        let entry = issuer.new_entries().await.pop().expect("an entry");
        assert_eq!(entry.kind, "client.authentication.failed");
        assert_eq!(entry.detail.as_deref(), Some("self_signed_tls_client_auth"));
        is_refused(shop.token(&BY_ITSELF).await);
        let with_secret = [BY_ITSELF[0], BY_ITSELF[1], ("client_secret", "s")];
        is_refused(shop.showing(&own).token(&with_secret).await);
    }

    async fn metadata_names_the_addresses_for_certificates_and_the_issuer_stays(issuer: TestIssuer) {
        let behind = issuer.behind_a_proxy(Unverified).await;
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let without = issuer.anonymous().get(path).await.is(200).json();
            assert_eq!(without.get("mtls_endpoint_aliases"), None);
            let metadata = behind.anonymous().get(path).await.is(200).json();
            assert_eq!(metadata["issuer"], seed::ISSUER);
            let aliases = metadata["mtls_endpoint_aliases"].as_object().expect("RFC 8705 §5");
            assert_eq!(aliases.len(), 6);
            for (name, alias) in aliases {
                let own = metadata[name].as_str().expect("an endpoint of the metadata");
                let path = own.strip_prefix(seed::ISSUER).expect("below the issuer");
                assert_eq!(alias.as_str(), Some(&*format!("{}{path}", seed::MTLS)));
            }
        }
    }

    async fn assertion_and_proof_may_name_the_address_for_certificates(issuer: TestIssuer) {
        let behind = issuer.behind_a_proxy(Unverified).await;
        let client = behind.signing_client(json!({})).await;
        let mut claims = client.claims();
        claims["aud"] = json!(format!("{}/oauth2/token", seed::MTLS));
        client.token_by(&client.sign("JWT", &claims)).await.is(200);
        claims["jti"] = json!("elsewhere");
        claims["aud"] = json!("https://mtls.example/oauth2/token");
        is_refused(client.token_by(&client.sign("JWT", &claims)).await);

        let (svc, key) = (behind.client("svc"), Prover::default());
        let form = "grant_type=client_credentials";
        let nonce = key.post_form(&svc, "/oauth2/token", &[("grant_type", "client_credentials")]).await;
        let nonce = nonce.is(200).header("dpop-nonce").expect("RFC 9449 §8.2").to_owned();
        for (base, status) in [(seed::MTLS, 200), (seed::ISSUER, 200), ("https://mtls.example", 400)] {
            let mut claims = key.claims(&svc, &Method::POST, "/oauth2/token");
            claims["htu"] = json!(format!("{base}/oauth2/token"));
            claims["nonce"] = json!(nonce);
            let proof = key.sign("dpop+jwt", &claims);
            let call = svc.call(Method::POST, "/oauth2/token").form(form).header(DPOP, &proof);
            call.send().await.is(status);
        }
    }

    async fn only_one_readable_certificate_of_the_proxy_is_believed(issuer: TestIssuer) {
        let own = Certified::new("shop");
        let behind = issuer.behind_a_proxy(Unverified).await;
        let shop = shop(&behind, self_signed(&own)).await;
        let field = own.field();
        let told = |from: &str, field: &str| shop.from_address(from).with_client_cert(field.to_owned());
        told(PROXY, &field).token(&BY_ITSELF).await.is(200);
        is_refused(told("203.0.113.7", &field).token(&BY_ITSELF).await);
        for bad in [&*format!("{field}, {field}"), field.trim_matches(':'), ":AAAA:", "", ":rubbish"] {
            is_refused(told(PROXY, bad).token(&BY_ITSELF).await);
        }
        let off = issuer.anonymous().showing(&own);
        is_refused(off.token(&BY_ITSELF).await);
    }

    async fn client_is_known_by_its_name_where_the_chain_was_verified(issuer: TestIssuer) {
        let verified = issuer.behind_a_proxy(Verified).await;
        let subject = json!({ "tls_client_auth_subject_dn": "CN=shop,O=Example" });
        let actor = shop(&verified, by_subject(subject)).await;
        let (own, other) = (Certified::new("shop"), Certified::new("shop2"));
        actor.showing(&own).token(&BY_ITSELF).await.is(200);
        // The name counts, whatever the key.
        actor.showing(&Certified::new("shop")).token(&BY_ITSELF).await.is(200);
        is_refused(actor.showing(&other).token(&BY_ITSELF).await);
        is_refused(actor.token(&BY_ITSELF).await);
        // Anybody can put a name into a certificate of their own making.
        let unverified = issuer.behind_a_proxy(Unverified).await;
        is_refused(unverified.anonymous().showing(&own).token(&BY_ITSELF).await);
        let dns = json!({ "registration": by_subject(json!({ "tls_client_auth_san_dns": "shop2.example" })) });
        verified.admin().await.patch("/admin/v1/clients/shop", &dns).await.is(200);
        actor.showing(&other).token(&BY_ITSELF).await.is(200);
        is_refused(actor.showing(&own).token(&BY_ITSELF).await);
    }

    async fn bound_token_is_taken_over_its_certificate_alone(issuer: TestIssuer) {
        let issuer = issuer.behind_a_proxy(Unverified).await;
        let (own, other) = (Certified::new("shop"), Certified::new("shop"));
        let mut members = self_signed(&own);
        members["tls_client_certificate_bound_access_tokens"] = json!(true);
        let shop = shop(&issuer, members).await;
        let form = [BY_ITSELF[0], BY_ITSELF[1], ("audience", seed::ISSUER)];
        let answer = shop.showing(&own).token(&form).await.is(200);
        assert_eq!(answer.str("/token_type"), "Bearer", "RFC 8705 §3");
        let token = answer.str("/access_token");
        let cnf = json!({ "x5t#S256": own.thumbprint() });
        assert_eq!(forge::claims(&token)["cnf"], cnf);
        let (bearer, users) = (issuer.anonymous().bearing(&token), "/admin/v1/users");
        bearer.showing(&own).get(users).await.is(200);
        for without in [
            bearer.clone(),
            bearer.showing(&other),
            bearer.showing(&own.renewed()),
            bearer.with_client_cert(own.field()),
        ] {
            without.get(users).await.is_problem(401, "invalid_token");
        }
        let asked = [("client_id", "shop"), ("token", &*token)].map(|(name, value)| format!("{name}={}", escaped(value)));
        let showing = shop.showing(&own);
        let told = showing.call(Method::POST, "/oauth2/introspect").form(&asked.join("&")).send().await.is(200).json();
        assert_eq!((&told["active"], &told["token_type"], &told["cnf"]), (&json!(true), &json!("Bearer"), &cnf));
    }

    async fn session_of_a_public_client_is_refreshed_over_its_certificate_alone(issuer: TestIssuer) {
        let issuer = issuer.behind_a_proxy(Unverified).await;
        let bound = json!({ "tls_client_certificate_bound_access_tokens": true });
        let (app, own) = (issuer.openid_client("app", bound).await, Certified::new("phone"));
        let asked: Changes<'_> = &[("scope", Some("openid read:orders"))];
        let (_, answer) = issuer.openid_session("ann", &app.showing(&own), asked).await;
        let ann = Person::of(&issuer.anonymous(), &answer);
        let cnf = json!({ "x5t#S256": own.thumbprint() });
        assert_eq!(forge::claims(&ann.access_token)["cnf"], cnf);
        let stranger = issuer.anonymous();
        let refresh = [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &*ann.refresh_token)];
        let missing = stranger.token(&refresh).await.is(400);
        assert_eq!(missing.str("/error"), "invalid_request");
        let other = stranger.showing(&Certified::new("phone")).token(&refresh).await.is(400);
        assert_eq!(other.str("/error"), "invalid_grant");
        let next = stranger.showing(&own).token(&refresh).await.is(200);
        let token = next.str("/access_token");
        assert_eq!(forge::claims(&token)["cnf"], cnf);
        let (path, form) = ("/oauth2/userinfo", format!("access_token={}", escaped(&token)));
        for (actor, status) in [(stranger.showing(&own), 200), (stranger.clone(), 401)] {
            actor.bearing(&token).get(path).await.is(status);
            actor.call(Method::POST, path).form(&form).send().await.is(status);
        }
    }

    async fn client_of_the_fapi_profile_binds_its_tokens_by_its_certificate(issuer: TestIssuer) {
        let issuer = issuer.behind_a_proxy(Unverified).await;
        let own = Certified::new("shop");
        let mut members = self_signed(&own);
        members["fapi"] = json!(true);
        let shop = shop(&issuer, members).await;
        let token = shop.showing(&own).token(&BY_ITSELF).await.is(200).str("/access_token");
        assert_eq!(forge::claims(&token)["cnf"], json!({ "x5t#S256": own.thumbprint() }));
    }

    async fn discovery_and_registration_say_what_arrives(issuer: TestIssuer) {
        for (node, methods) in [
            (issuer.clone(), &[][..]),
            (issuer.behind_a_proxy(Unverified).await, &["self_signed_tls_client_auth"]),
            (issuer.behind_a_proxy(Verified).await, &["tls_client_auth", "self_signed_tls_client_auth"]),
        ] {
            let path = "/.well-known/oauth-authorization-server";
            let told = node.anonymous().get(path).await.is(200).json();
            for endpoint in ["token", "introspection", "revocation"] {
                let offered = &told[format!("{endpoint}_endpoint_auth_methods_supported")];
                let offered = offered.as_array().unwrap().iter().filter_map(Value::as_str);
                let by_certificate: Vec<_> = offered.filter(|name| name.contains("tls")).collect();
                assert_eq!(by_certificate, methods);
            }
            let binds = &told["tls_client_certificate_bound_access_tokens"];
            assert_eq!(binds, &json!(!methods.is_empty()));
            let registration = by_subject(json!({ "tls_client_auth_subject_dn": "CN=x" }));
            let new = json!({ "name": "x", "kind": "confidential", "grants": [], "registration": registration });
            let answer = node.admin().await.post("/admin/v1/clients", &new).await;
            let works = methods.contains(&"tls_client_auth");
            assert_eq!(answer.status.as_u16(), if works { 201 } else { 400 }, "{answer}");
        }
    }
}
