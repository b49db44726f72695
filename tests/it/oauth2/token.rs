use http::Method;
use http::header::AUTHORIZATION;
use keywright_tests::{Actor, Answer, TestIssuer, assert_answer, forge, on_both_engines, seed};
use serde_json::{Value, json};

use super::refused;

const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

async fn raw(actor: &Actor, form: &str) -> Answer {
    actor
        .call(Method::POST, "/oauth2/token")
        .form(form)
        .send()
        .await
}

on_both_engines! {
    async fn client_authenticates_by_basic(issuer: TestIssuer) {
        let answer = issuer.client("svc").token(&[CLIENT_CREDENTIALS]).await;
        assert_answer!(answer, @r#"
        200 OK
        {
          "access_token": "[access token]",
          "expires_in": 300,
          "scope": "read:orders write:orders",
          "token_type": "Bearer"
        }
        "#);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let claims = forge::claims(&answer.str("/access_token"));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("svc"), &json!("svc")));
        assert_eq!(claims["aud"], seed::ORDERS);
        assert_eq!(claims["sid"], Value::Null, "a service has no session");
    }

    async fn client_authenticates_in_the_form(issuer: TestIssuer) {
        let secret = issuer.client_secret("svc");
        let in_form = [CLIENT_CREDENTIALS, ("client_id", "svc"), ("client_secret", &secret)];
        issuer.anonymous().token(&in_form).await.is(200);
    }

    async fn one_way_to_authenticate_is_enough(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        let both = [CLIENT_CREDENTIALS, ("client_id", "svc"), ("client_secret", &svc.secret)];
        refused(svc.token(&both).await, 400, "invalid_request");
    }

    async fn client_that_proves_nothing_is_refused(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        refused(stranger.token(&[CLIENT_CREDENTIALS]).await, 401, "invalid_client");
        let named = [CLIENT_CREDENTIALS, ("client_id", "svc")];
        refused(stranger.token(&named).await, 401, "invalid_client");
        for (id, secret) in [("svc", "kws_wrong"), ("nobody", "kws_wrong"), ("web", "kws_wrong"), ("", "")] {
            let answer = stranger.with_basic(id, secret).token(&[CLIENT_CREDENTIALS]).await;
            let answer = refused(answer, 401, "invalid_client");
            let challenge = answer.header("www-authenticate").expect("RFC 6749 §5.2");
            assert!(challenge.starts_with("Basic"), "{challenge}");
        }
        let events = issuer.new_events().await;
        assert!(events.contains(&"client.authentication.failed".to_owned()), "{events:?}");
    }

    async fn nobody_learns_which_clients_exist(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let known = stranger.with_basic("svc", "kws_wrong").token(&[CLIENT_CREDENTIALS]).await;
        let unknown = stranger.with_basic("nobody", "kws_wrong").token(&[CLIENT_CREDENTIALS]).await;
        assert_eq!(known.comparable(), unknown.comparable());
    }

    async fn secret_from_the_form_is_decoded_as_rfc_6749_says(issuer: TestIssuer) {
        // Section 2.3.1: both parts of Basic are form-encoded before base64; for our alphabet that changes nothing, and
        // a client library that escapes more than it must is understood.
        let svc = issuer.client("svc");
        let escaped = svc.secret.replace('_', "%5F");
        issuer.anonymous().with_basic("s%76c", &escaped).token(&[CLIENT_CREDENTIALS]).await.is(200);
    }

    async fn every_parameter_comes_once(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        for form in [
            "grant_type=client_credentials&grant_type=client_credentials",
            "grant_type=client_credentials&scope=read%3Aorders&scope=write%3Aorders",
            "grant_type=client_credentials&audience=a&audience=b",
        ] {
            refused(raw(&svc, form).await, 400, "invalid_request");
        }
    }

    async fn grant_must_be_known_and_allowed(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        refused(svc.token(&[("grant_type", "password")]).await, 400, "unsupported_grant_type");
        refused(svc.token(&[]).await, 400, "invalid_request");
        let ann = issuer.user("ann").await;
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*ann.refresh_token)];
        refused(svc.token(&refresh).await, 400, "unauthorized_client");
        let public = [CLIENT_CREDENTIALS, ("client_id", "web")];
        refused(issuer.anonymous().token(&public).await, 400, "unauthorized_client");
        ann.is_in().await;
    }

    async fn scope_and_audience_are_bounded(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        let narrow = svc.token(&[CLIENT_CREDENTIALS, ("scope", "read:orders")]).await.is(200);
        assert_eq!(narrow.str("/scope"), "read:orders");
        let unknown = svc.token(&[CLIENT_CREDENTIALS, ("scope", "read:mail")]).await;
        refused(unknown, 400, "invalid_scope");
        let foreign = svc.token(&[CLIENT_CREDENTIALS, ("audience", seed::BILLING)]).await;
        refused(foreign, 400, "invalid_scope");
        for name in ["audience", "resource"] {
            let named = svc.token(&[CLIENT_CREDENTIALS, (name, seed::ORDERS)]).await.is(200);
            assert_eq!(forge::claims(&named.str("/access_token"))["aud"], seed::ORDERS);
            let nowhere = svc.token(&[CLIENT_CREDENTIALS, (name, "https://unknown.example")]).await;
            refused(nowhere, 400, "invalid_target");
        }
    }

    async fn refresh_may_name_the_api_of_its_session_and_no_other(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let naming = |api| [
            ("grant_type", "refresh_token"), ("client_id", "web"), ("refresh_token", &*ann.refresh_token), ("resource", api),
        ];
        refused(issuer.anonymous().token(&naming(seed::BILLING)).await, 400, "invalid_target");
        let named = issuer.anonymous().token(&naming(seed::ORDERS)).await.is(200);
        assert_eq!(forge::claims(&named.str("/access_token"))["aud"], seed::ORDERS);
    }

    async fn refresh_grant_rotates_for_the_client_that_owns_the_token(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let with = |client, token: &str| {
            vec![("grant_type", "refresh_token".to_owned()), ("client_id", client), ("refresh_token", token.to_owned())]
        };
        let stolen = with("phone".to_owned(), &ann.refresh_token);
        let stolen: Vec<_> = stolen.iter().map(|(n, v)| (*n, v.as_str())).collect();
        refused(issuer.anonymous().token(&stolen).await, 400, "invalid_grant");
        let own = with("web".to_owned(), &ann.refresh_token);
        let own: Vec<_> = own.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = issuer.anonymous().token(&own).await.is(200);
        assert_ne!(answer.str("/refresh_token"), ann.refresh_token);
        assert_eq!(forge::claims(&answer.str("/access_token"))["sid"], ann.session_id);

        issuer.advance(keywright_domain::Period::secs(11)).await;
        refused(issuer.anonymous().token(&own).await, 400, "invalid_grant");
        ann.is_out().await;
    }

    async fn guessing_a_secret_is_limited(issuer: TestIssuer) {
        let guesser = issuer.anonymous().with_basic("svc", "kws_wrong");
        let mut last = 0;
        for _ in 0..=seed::FORGIVEN {
            last = guesser.token(&[CLIENT_CREDENTIALS]).await.status.as_u16();
        }
        assert_eq!(last, 429);
        let elsewhere = issuer.anonymous().from_address("198.51.100.3");
        let secret = issuer.client_secret("svc");
        elsewhere.with_basic("svc", &secret).token(&[CLIENT_CREDENTIALS]).await.is(200);
    }

    async fn busy_service_is_never_limited(issuer: TestIssuer) {
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let svc = issuer.client("svc");
                tokio::spawn(async move { svc.token(&[CLIENT_CREDENTIALS]).await.status.as_u16() })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap(), 200, "limits count failures, and this is none");
        }
    }

    async fn rotated_secret_replaces_the_old_one_and_disabling_stops_the_client(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let svc = issuer.client("svc");
        let answer = admin.post("/admin/v1/clients/svc/secret", &json!({})).await.is(200);
        let secret = answer.str("/client_secret");
        refused(svc.token(&[CLIENT_CREDENTIALS]).await, 401, "invalid_client");
        let renewed = issuer.anonymous().with_basic("svc", &secret);
        renewed.token(&[CLIENT_CREDENTIALS]).await.is(200);
        admin.patch("/admin/v1/clients/svc", &json!({ "disabled": true })).await.is(200);
        refused(renewed.token(&[CLIENT_CREDENTIALS]).await, 401, "invalid_client");
    }

    async fn bearer_token_is_no_client_authentication(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let call = issuer.anonymous();
        let call = call.call(Method::POST, "/oauth2/token");
        let call = call.header(AUTHORIZATION, &format!("Bearer {}", ann.access_token));
        refused(call.form("grant_type=client_credentials").send().await, 401, "invalid_client");
    }
}
