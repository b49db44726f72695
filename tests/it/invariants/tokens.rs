use keywright_tests::forge::{Forgery, claims, jwks_texts, tampered};
use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::{Value, json};

on_both_engines! {
    async fn invariant_02_algorithm_and_key_are_pinned(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let genuine = Forgery::of(&admin.access_token);
        let jwks = issuer.anonymous().get("/.well-known/jwks.json").await.json();
        let stranger_key = Forgery::of(&genuine.signed_by_stranger()).header;
        let mut attacks = vec![
            ("tampered", tampered(&admin.access_token)),
            ("none", genuine.unsigned()),
            ("stranger", genuine.signed_by_stranger()),
            ("padded", format!("{}=", admin.access_token)),
            ("four parts", format!("{}.e30", admin.access_token)),
            ("two parts", admin.access_token.rsplit_once('.').unwrap().0.to_owned()),
            ("huge", format!("{}{}", admin.access_token, "A".repeat(20_000))),
        ];
        for spelling in ["none", "None", "NONE", "nOnE", ""] {
            attacks.push(("none, signature kept", genuine.clone().header("alg", spelling).with_old_signature()));
        }
        for (name, value) in [
            ("alg", json!("RS256")), ("alg", Value::Null), ("alg", json!(["ES256"])),
            ("jwk", json!({ "kty": "oct", "k": "" })), ("jku", json!("https://evil.example/jwks")),
            ("x5u", json!("https://evil.example/x5")), ("crit", json!(["x"])), ("crit", json!([])),
            ("typ", json!("JWT")), ("typ", Value::Null), ("kid", json!("../../etc/passwd")),
            ("kid", json!(7)), ("b64", json!(false)), ("zip", json!("DEF")),
            ("kid", stranger_key["kid"].clone()),
        ] {
            attacks.push((name, genuine.clone().header(name, value).with_old_signature()));
        }
        attacks.extend(jwks_texts(&jwks).iter().map(|key| ("HMAC", genuine.signed_with_public(key))));
        for (attack, token) in attacks {
            for door in ["/v1/me", "/admin/v1/users"] {
                let answer = issuer.anonymous().bearing(&token).get(door).await;
                assert_eq!(answer.status.as_u16(), 401, "{attack} at {door}: {answer}");
                assert_eq!(answer.str("/code"), "invalid_token", "{attack}");
            }
        }
        admin.get("/admin/v1/users").await.is(200);
    }

    async fn invariant_03_claims_are_always_checked(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let genuine = claims(&admin.access_token);
        let now = issuer.issuer().now().secs();
        let same = issuer.signed("at+jwt", &genuine).await;
        issuer.anonymous().bearing(&same).get("/admin/v1/users").await.is(200);
        for (name, value) in [
            ("iss", json!("https://id.example/")), ("iss", json!("https://evil.example")),
            ("iss", json!([seed::ISSUER])), ("iss", Value::Null),
            ("aud", json!("https://evil.example")), ("aud", json!([])), ("aud", json!("")),
            ("aud", json!("https://id.example/")), ("aud", json!([[seed::ISSUER]])), ("aud", Value::Null),
            ("exp", json!(now - 6)), ("exp", json!((now + 60).to_string())), ("exp", json!(-1)),
            ("exp", Value::Null), ("exp", json!(0)), ("exp", json!(true)),
            ("nbf", json!(now + 60)), ("nbf", json!("0")),
            ("iat", json!(now + 60)), ("iat", Value::Null), ("iat", json!("0")),
            ("sub", json!("")), ("sub", json!(7)), ("jti", Value::Null), ("client_id", Value::Null),
        ] {
            let mut wrong = genuine.clone();
            if value.is_null() {
                wrong.as_object_mut().unwrap().remove(name);
            } else {
                wrong[name] = value;
            }
            let token = issuer.signed("at+jwt", &wrong).await;
            let answer = issuer.anonymous().bearing(&token).get("/admin/v1/users").await;
            assert_eq!(answer.status.as_u16(), 401, "{wrong}: {answer}");
        }
        let as_id_token = issuer.signed("JWT", &genuine).await;
        let answer = issuer.anonymous().bearing(&as_id_token).get("/admin/v1/users").await;
        answer.is_problem(401, "invalid_token");
    }
}
