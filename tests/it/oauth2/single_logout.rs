//! Clients are told that somebody has logged out: from server to server (Back-Channel Logout), and in the browser (Front-Channel Logout).

use http::Method;
use keywright_domain::Period;
use keywright_domain::webhook::Delivery;
use keywright_jwt::{Algorithm, Compact, JwkSet, VerifyingKey};
use keywright_tests::flow::Changes;
use keywright_tests::{Answer, FlowClient, TestIssuer, Visitor, forge, on_both_engines};
use serde_json::{Value, json};

const OPENID: Changes<'_> = &[("scope", Some("openid"))];
const OUT: &str = "https://app.example/out";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

async fn told_app(issuer: &TestIssuer, more: Value) -> FlowClient {
    let mut members = json!({ "backchannel_logout_uri": OUT });
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    issuer.world().takes_forms(OUT);
    issuer.openid_client("app", members).await
}

/// Attempts at whatever is due.
async fn deliver(issuer: &TestIssuer) -> Vec<Delivery> {
    let mut made = Vec::new();
    for notice in issuer.issuer().notices_due().await.unwrap() {
        made.push(issuer.issuer().deliver(&notice).await.unwrap());
    }
    made
}

/// The logout tokens that came to [`OUT`].
async fn logout_tokens(issuer: &TestIssuer) -> Vec<String> {
    deliver(issuer).await;
    let forms = issuer.world().submitted(OUT);
    let token = |form: &String| form.strip_prefix("logout_token=").expect(form).to_owned();
    forms.iter().map(token).collect()
}

/// What the client knows of the login: the claims of its ID token.
fn known(tokens: &Answer) -> Value {
    forge::claims(&tokens.str("/id_token"))
}

async fn at_app(issuer: &TestIssuer, name: &str, app: &FlowClient) -> (Visitor, Answer) {
    let mut visitor = issuer.visitor_named(name).await;
    let tokens = app.tokens(&mut visitor, OPENID).await;
    (visitor, tokens)
}

fn is_signed_by_one_of(jwks: &Answer, token: &str) -> bool {
    let set = JwkSet::parse(jwks.text().as_bytes()).unwrap();
    let keys = set.keys.iter();
    let mut keys = keys.filter_map(|key| VerifyingKey::from_jwk(key, Algorithm::Rs256).ok());
    let compact = Compact::split(token).unwrap();
    let signature = compact.decode_signature().unwrap();
    keys.any(|key| {
        let verified = key.verify(compact.signing_input(), signature.as_bytes());
        verified.is_ok()
    })
}

on_both_engines! {
    async fn client_gets_a_logout_token_that_it_can_check(issuer: TestIssuer) {
        let app = told_app(&issuer, json!({ "subject_type": "pairwise" })).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        assert!(logout_tokens(&issuer).await.is_empty(), "nobody has logged out");
        ann.submit_from_account("/logout").await;
        // However long it waited, it is fresh.
        issuer.advance(Period::hours(1)).await;
        let sent = logout_tokens(&issuer).await;
        assert_eq!(sent.len(), 1);
        let (header, claims) = (forge::header(&sent[0]), forge::claims(&sent[0]));
        assert_eq!(header["typ"], "logout+jwt");
        assert_eq!(header["alg"], "RS256");
        let id_token = known(&tokens);
        for name in ["iss", "sub", "aud", "sid"] {
            assert_eq!(claims[name], id_token[name], "{name}");
        }
        let now = issuer.issuer().now().secs();
        assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 120)));
        assert_eq!(claims["events"], json!({ EVENT: {} }));
        assert!(claims["jti"].is_string() && claims.get("nonce").is_none(), "{claims}");
        let jwks = issuer.anonymous().get("/.well-known/jwks.json").await;
        assert!(is_signed_by_one_of(&jwks, &sent[0]), "the key is served");
        let forged = forge::tampered(&sent[0]);
        assert!(!is_signed_by_one_of(&jwks, &forged), "and is looked at");
        assert_eq!(issuer.issuer().read_id_token_hint(&sent[0]), None, "it is no ID token");
    }

    async fn whatever_ends_the_session_is_told(issuer: TestIssuer) {
        let app = told_app(&issuer, json!({})).await;
        let admin = issuer.admin().await;
        for end in ["account", "session", "everywhere", "admin", "revoke", "client", "user"] {
            let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
            let claims = known(&tokens);
            let sid = claims["sid"].as_str().unwrap();
            match end {
                "account" => ann.submit_from_account("/logout").await,
                "session" => ann.submit_from_account(&format!("/account/sessions/{sid}/end")).await,
                "everywhere" => ann.submit_from_account("/account/logout").await,
                "admin" => admin.delete(&format!("/admin/v1/sessions/{sid}")).await,
                "revoke" => {
                    let form = format!("client_id=app&token={}", tokens.str("/refresh_token"));
                    issuer.anonymous().call(Method::POST, "/oauth2/revoke").form(&form).send().await
                }
                "client" => {
                    let change = |disabled: bool| admin.call(Method::PATCH, "/admin/v1/clients/app").json(&json!({ "disabled": disabled })).send();
                    change(true).await.is(200);
                    change(false).await
                }
                _ => {
                    let sub = claims["sub"].as_str().unwrap();
                    admin.post(&format!("/admin/v1/users/{sub}/disable"), &json!({})).await
                }
            };
            let sent = logout_tokens(&issuer).await;
            assert_eq!(sent.len(), 1, "{end}");
            assert_eq!(forge::claims(&sent[0])["sid"], sid, "{end}");
        }
    }

    async fn client_that_may_go_on_is_told_all_the_same(issuer: TestIssuer) {
        let app = told_app(&issuer, json!({})).await;
        let mut ann = issuer.visitor_named("ann").await;
        let tokens = app.tokens(&mut ann, &[("scope", Some("openid offline_access"))]).await;
        ann.submit_from_account("/logout").await;
        assert_eq!(logout_tokens(&issuer).await.len(), 1);
        app.refresh(&tokens.str("/refresh_token")).await.is(200);
    }

    async fn client_that_does_not_answer_is_told_again_with_another_token(issuer: TestIssuer) {
        let elsewhere = "https://app.example/elsewhere";
        let app = told_app(&issuer, json!({ "backchannel_logout_uri": elsewhere })).await;
        let (mut ann, _) = at_app(&issuer, "ann", &app).await;
        ann.submit_from_account("/logout").await;
        let made = deliver(&issuer).await;
        assert!(matches!(made[..], [Delivery::Again { .. }]), "{made:?}");
        assert!(deliver(&issuer).await.is_empty(), "not at once");
        issuer.world().takes_forms(elsewhere);
        issuer.advance(Period::secs(5)).await;
        assert_eq!(deliver(&issuer).await, [Delivery::Told]);
        assert_eq!(issuer.world().submitted(elsewhere).len(), 1);
        issuer.advance(Period::days(1)).await;
        assert!(deliver(&issuer).await.is_empty(), "what was taken does not come again");
    }

    async fn client_that_wants_no_word_any_more_gets_none(issuer: TestIssuer) {
        let app = told_app(&issuer, json!({})).await;
        let (mut ann, _) = at_app(&issuer, "ann", &app).await;
        ann.submit_from_account("/logout").await;
        issuer.admin().await.delete("/admin/v1/clients/app").await.is(204);
        assert_eq!(deliver(&issuer).await, [Delivery::Told]);
        assert!(issuer.world().submitted(OUT).is_empty());
    }

    async fn page_loads_what_clients_clear_up_with_and_goes_back(issuer: TestIssuer) {
        let bye = "https://app.example/bye";
        let app = issuer.openid_client("app", json!({
            "frontchannel_logout_uri": "https://app.example/clear?a=b&c=%22d",
            "post_logout_redirect_uris": [bye],
        })).await;
        let plain = issuer.openid_client("plain", json!({})).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        plain.tokens(&mut ann, OPENID).await;
        let asked = format!("/oauth2/logout?id_token_hint={}&post_logout_redirect_uri={bye}&state=s", tokens.str("/id_token"));
        let page = ann.open(&asked).await.is(200);
        let sid = known(&tokens)["sid"].as_str().unwrap().to_owned();
        let text = page.text().replace("&#38;", "&");
        assert_eq!(text.matches("<iframe").count(), 1, "{page}");
        assert!(text.contains("src=\"https://app.example/clear?a=b&c=%22d&iss=https%3A%2F%2F"), "{page}");
        assert!(text.contains(&format!("&sid={sid}\"")), "{page}");
        assert!(text.contains(&format!("content=\"3;url={bye}?state=s\"")), "{page}");
        assert!(text.contains(&format!("id=\"go-on\" class=\"button\" href=\"{bye}?state=s\"")), "{page}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.ends_with("; frame-src https://app.example"), "{policy}");
        assert!(!policy.contains("script-src") && policy.contains("default-src 'none'"), "{policy}");
        ann.is_out().await;
    }

    async fn leaving_everywhere_tells_in_the_browser_those_who_know_this_browser(issuer: TestIssuer) {
        let members = |name: &str| json!({ "frontchannel_logout_uri": format!("https://{name}.example/clear") });
        let app = issuer.openid_client("app", members("app")).await;
        let other = issuer.openid_client("other", members("other")).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        at_app(&issuer, "ann", &other).await;
        let page = ann.submit_from_account("/account/logout").await.is(200);
        let sid = known(&tokens)["sid"].as_str().unwrap().to_owned();
        assert_eq!(page.text().matches("<iframe").count(), 1, "the other was opened elsewhere: {page}");
        assert!(page.text().contains(&format!("sid={sid}")), "{page}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.ends_with("; frame-src https://app.example"), "{policy}");
        ann.is_out().await;
    }

    async fn client_that_does_not_answer_is_not_asked_for_each_session(issuer: TestIssuer) {
        let elsewhere = "https://app.example/elsewhere";
        let app = told_app(&issuer, json!({ "backchannel_logout_uri": elsewhere })).await;
        for _ in 0..3 {
            let (mut ann, _) = at_app(&issuer, "ann", &app).await;
            ann.submit_from_account("/logout").await;
        }
        let due = issuer.issuer().notices_due().await.unwrap();
        assert_eq!(due.len(), 3);
        assert_eq!(issuer.issuer().farewells_waiting().await, Ok(3));
        let (mut bob, _) = at_app(&issuer, "bob", &app).await;
        bob.submit_from_account("/logout").await;
        let failed = issuer.issuer().deliver(&due[0]).await.unwrap();
        assert!(matches!(failed, Delivery::Again { .. }), "{failed:?}");
        assert!(deliver(&issuer).await.is_empty(), "bob's waits as well");
        issuer.world().takes_forms(elsewhere);
        issuer.advance(Period::secs(5)).await;
        assert_eq!(deliver(&issuer).await, [Delivery::Told, Delivery::Told], "the one that failed, and bob's");
        issuer.advance(Period::minutes(1)).await;
        assert_eq!(deliver(&issuer).await.len(), 2, "those that nobody settled");
        assert_eq!(issuer.issuer().farewells_waiting().await, Ok(0));
    }

    async fn button_of_our_own_page_tells_clients_in_the_browser_too(issuer: TestIssuer) {
        let members = json!({ "frontchannel_logout_uri": "https://app.example/clear" });
        let app = issuer.openid_client("app", members).await;
        let (mut ann, _) = at_app(&issuer, "ann", &app).await;
        let page = ann.submit_from_account("/logout").await.is(200);
        assert!(page.text().contains("<iframe src=\"https://app.example/clear?iss="), "{page}");
        assert!(page.text().contains("id=\"log-in-again\""), "{page}");
    }
}
