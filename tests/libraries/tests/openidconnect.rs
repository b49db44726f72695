//! The crate `openidconnect`: discovery, code with PKCE, a verified ID token, userinfo, refresh.

use keywright_client_tests::{client, send};
use keywright_tests::{Administrator, Binary, Browser, WebApp};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, IssuerUrl,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_logs_in_through_the_crate_openidconnect() {
    let binary = Binary::quickstart(&[]).await;
    let app = WebApp::new();
    let secret = Administrator::of(&binary)
        .await
        .register(json!({
            "client_id": "crate", "name": "A Rust application", "kind": "confidential",
            "grants": ["authorization_code", "refresh_token"],
            "registration": { "redirect_uris": [app.url("/callback")], "openid_scope": "openid email" },
        }))
        .await
        .unwrap();
    let http = client();
    let http = move |request: HttpRequest| send(http.clone(), request);
    let issuer = IssuerUrl::new(binary.issuer()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http)
        .await
        .unwrap();
    let redirect = RedirectUrl::new(app.url("/callback")).unwrap();
    let id = ClientId::new("crate".to_owned());
    let client = CoreClient::from_provider_metadata(metadata, id, Some(ClientSecret::new(secret)))
        .set_redirect_uri(redirect);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();

    let browser = Browser::start().await;
    let returned = browser
        .authorize(&binary, url.as_str(), &app.url("/callback"))
        .await;
    assert_eq!(returned["state"], *state.secret());
    let code = AuthorizationCode::new(returned["code"].clone());
    let request = client
        .exchange_code(code)
        .unwrap()
        .set_pkce_verifier(verifier);
    let tokens = request.request_async(&http).await.unwrap();
    let id_token = tokens.id_token().unwrap();
    let key = client.id_token_verifier();
    let claims = id_token.claims(&key, &nonce).unwrap();
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&key).unwrap(),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.unwrap()));

    let subject = Some(claims.subject().clone());
    let userinfo = client
        .user_info(tokens.access_token().clone(), subject)
        .unwrap();
    let userinfo: CoreUserInfoClaims = userinfo.request_async(&http).await.unwrap();
    assert!(userinfo.email().is_some());
    let refresh = tokens.refresh_token().unwrap();
    let request = client.exchange_refresh_token(refresh).unwrap();
    let refreshed = request.request_async(&http).await.unwrap();
    assert_ne!(
        refreshed.access_token().secret(),
        tokens.access_token().secret()
    );
}
