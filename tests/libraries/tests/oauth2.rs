//! The crate `oauth2`: code with PKCE for an API, without OpenID Connect, and introspection. (It revokes over https alone,
//! and the server under test is on loopback without.)

use keywright_client_tests::{client, send};
use keywright_tests::{Administrator, Binary, Browser, WebApp};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, IntrospectionUrl,
    PkceCodeChallenge, RedirectUrl, Scope, TokenIntrospectionResponse, TokenResponse, TokenUrl,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_logs_in_through_the_crate_oauth2() {
    let binary = Binary::quickstart(&[]).await;
    let audience = binary.manifest()["demo_api"]["audience"].clone();
    let app = WebApp::new();
    let secret = Administrator::of(&binary)
        .await
        .register(json!({
            "client_id": "crate", "name": "A Rust application", "kind": "confidential",
            "grants": ["authorization_code", "refresh_token"],
            "allowed": { audience.as_str().unwrap(): "read:orders" }, "default_audience": audience,
            "registration": { "redirect_uris": [app.url("/callback")] },
        }))
        .await
        .unwrap();
    let http = client();
    let http = move |request: HttpRequest| send(http.clone(), request);
    let client = BasicClient::new(ClientId::new("crate".to_owned()))
        .set_client_secret(ClientSecret::new(secret))
        .set_auth_uri(AuthUrl::new(binary.url("/oauth2/authorize")).unwrap())
        .set_token_uri(TokenUrl::new(binary.url("/oauth2/token")).unwrap())
        .set_introspection_url(IntrospectionUrl::new(binary.url("/oauth2/introspect")).unwrap())
        .set_redirect_uri(RedirectUrl::new(app.url("/callback")).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("read:orders".to_owned()))
        .set_pkce_challenge(challenge)
        .url();

    let browser = Browser::start().await;
    let returned = browser
        .authorize(&binary, url.as_str(), &app.url("/callback"))
        .await;
    assert_eq!(returned["state"], *state.secret());
    let code = AuthorizationCode::new(returned["code"].clone());
    let request = client.exchange_code(code).set_pkce_verifier(verifier);
    let tokens = request.request_async(&http).await.unwrap();
    let access = tokens.access_token();
    let orders = format!("{}/orders", binary.demo_api());
    let reading = || {
        binary
            .http()
            .get(&orders)
            .bearer_auth(access.secret())
            .send()
    };
    assert_eq!(reading().await.unwrap().status(), 200);

    let refresh = client.exchange_refresh_token(tokens.refresh_token().unwrap());
    let refreshed = refresh.request_async(&http).await.unwrap();
    let is_active = async |token: &oauth2::AccessToken| {
        let answer = client.introspect(token).request_async(&http).await;
        answer.unwrap().active()
    };
    assert!(is_active(refreshed.access_token()).await);
}
