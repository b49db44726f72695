//! Requests that are pushed (RFC 9126) or signed (RFC 9101), and what the authorization endpoint makes of them.

use http::Method;
use keywright_domain::Period;
use keywright_domain::account::LoginName;
use keywright_domain::audit::Origin;
use keywright_domain::authorize::{
    Authorization, AuthorizationResponse, AuthorizeError, Parameters,
};
use keywright_domain::client::ASSERTION_TYPE;
use keywright_domain::login::{LogInBrowser, Login};
use keywright_domain::secret::PlainSecret;
use keywright_tests::{
    Answer, Prover, SigningClient, TestIssuer, escaped, forge, on_both_engines, seed,
};
use serde_json::{Value, json};

const PAR: &str = "/oauth2/par";
const CALLBACK: &str = "https://shop.example/cb";
/// RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// A client of the house, whose people are not asked whether they consent.
pub(super) async fn shop(issuer: &TestIssuer, more: Value) -> SigningClient {
    let mut members = json!({ "redirect_uris": [CALLBACK], "first_party": true });
    for (name, value) in more.as_object().expect("members") {
        members[name] = value.clone();
    }
    let shop = issuer.signing_client(members).await;
    let grants = json!({ "grants": ["authorization_code", "refresh_token", "client_credentials"] });
    let admin = issuer.admin().await;
    admin.patch("/admin/v1/clients/shop", &grants).await.is(200);
    shop
}

fn request() -> Pairs<'static> {
    vec![
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("state", "xyz"),
        ("scope", "read:orders"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

fn with<'a>(name: &'a str, value: &'a str) -> Pairs<'a> {
    let mut pairs: Pairs<'a> = request();
    pairs.retain(|(own, _)| *own != name);
    pairs.push((name, value));
    pairs
}

async fn push(shop: &SigningClient, pairs: &[(&str, &str)]) -> Answer {
    let assertion = shop.assertion();
    let proof = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    let form: Vec<String> = pairs
        .iter()
        .chain(&proof)
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    let call = shop.actor.call(Method::POST, PAR);
    call.form(&form.join("&")).send().await
}

/// Pushes a good request.
async fn pushed(shop: &SigningClient) -> String {
    push(shop, &request()).await.is(201).str("/request_uri")
}

/// Ann, who has logged in in this browser.
pub(super) async fn ann(issuer: &TestIssuer) -> Login {
    let attempt = LogInBrowser {
        name: LoginName::new("ann"),
        password: PlainSecret::new(seed::PASSWORD),
        origin: Origin::default(),
        replaces: None,
    };
    let logged_in = issuer.issuer().log_in_browser(attempt).await;
    logged_in.expect("ann may log in").0
}

async fn authorize(
    issuer: &TestIssuer,
    pairs: &[(&str, &str)],
    login: Option<&Login>,
) -> Result<Authorization, AuthorizeError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let parameters = Parameters::new(pairs.iter().map(owned)).unwrap();
    let origin = Origin::default();
    issuer.issuer().authorize(&parameters, login, &origin).await
}

/// What the browser carries back.
async fn answer(
    issuer: &TestIssuer,
    pairs: &[(&str, &str)],
    login: &Login,
) -> AuthorizationResponse {
    match authorize(issuer, pairs, Some(login))
        .await
        .expect("an answer")
    {
        Authorization::Answer(response) => response,
        Authorization::LogIn(_) | Authorization::Consent(_) | Authorization::Fault(_) => {
            panic!("nobody is asked")
        }
    }
}

/// The tokens of a session that is opened by a pushed request.
pub(super) async fn session(
    issuer: &TestIssuer,
    shop: &SigningClient,
    login: &Login,
    key: &Prover,
) -> Answer {
    let uri = pushed(shop).await;
    let response = answer(
        issuer,
        &[("client_id", "shop"), ("request_uri", &uri)],
        login,
    )
    .await;
    let (code, assertion) = (value(&response, "code").expect("a code"), shop.assertion());
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", CALLBACK),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &*assertion),
    ];
    let answer = key.post_form(&shop.actor, "/oauth2/token", &form).await;
    answer.is(200)
}

pub(super) async fn refresh(shop: &SigningClient, key: &Prover, token: &str) -> Answer {
    let assertion = shop.assertion();
    let form = refresh_form(token, &assertion);
    key.post_form(&shop.actor, "/oauth2/token", &form).await
}

pub(super) fn refresh_form<'a>(token: &'a str, assertion: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ]
}

fn value(response: &AuthorizationResponse, name: &str) -> Option<String> {
    let found = response.parameters.iter().find(|(own, _)| *own == name);
    found.map(|(_, value)| value.clone())
}

#[track_caller]
pub(super) fn is_refused(answer: Answer, error: &str) {
    let answer = answer.is(400);
    assert_eq!(answer.str("/error"), error, "{answer}");
}

on_both_engines! {
    async fn pushed_request_becomes_a_code_and_the_browser_shows_nothing_of_it(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({})).await, ann(&issuer).await);
        let answered = push(&shop, &request()).await.is(201);
        assert_eq!(answered.header("cache-control"), Some("no-store"));
        assert_eq!(answered.json()["expires_in"], 60);
        let uri = answered.str("/request_uri");
        assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"), "{uri}");

        // What is written beside it in the address does not count.
        let beside = [("client_id", "shop"), ("request_uri", &*uri), ("state", "evil"), ("redirect_uri", "https://evil.example")];
        let response = answer(&issuer, &beside, &ann).await;
        assert_eq!((&*response.redirect_uri, value(&response, "state")), (CALLBACK, Some("xyz".into())));
        let code = value(&response, "code").expect("a code");
        let assertion = shop.assertion();
        let form = [
            ("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion),
        ];
        let tokens = shop.actor.token(&form).await.is(200);
        assert_eq!(tokens.str("/scope"), "read:orders");

        let again = answer(&issuer, &beside[..2], &ann).await;
        assert_eq!(value(&again, "error").as_deref(), Some("invalid_request_uri"), "once");
    }

    async fn one_code_is_issued_for_a_pushed_request_however_many_browsers_bring_it(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({})).await, ann(&issuer).await);
        let (uri, other) = (pushed(&shop).await, issuer.another_node().await);
        let arrivals: Vec<_> = (0..100)
            .map(|i| {
                let node = if i % 2 == 0 { issuer.clone() } else { other.clone() };
                let (uri, ann) = (uri.clone(), ann.clone());
                tokio::spawn(async move {
                    let response = answer(&node, &[("client_id", "shop"), ("request_uri", &uri)], &ann).await;
                    value(&response, "code").is_some()
                })
            })
            .collect();
        let mut codes = 0;
        for arrival in arrivals {
            codes += u32::from(arrival.await.unwrap());
        }
        assert_eq!(codes, 1);
    }

    async fn page_of_a_pushed_request_may_be_loaded_again_while_it_lives(issuer: TestIssuer) {
        let shop = shop(&issuer, json!({})).await;
        let uri = pushed(&shop).await;
        let arrive = [("client_id", "shop"), ("request_uri", &*uri)];
        for _ in 0..2 {
            let page = authorize(&issuer, &arrive, None).await.unwrap();
            assert!(matches!(page, Authorization::LogIn(_)), "{page:?}");
        }
        let Ok(Authorization::LogIn(waiting)) = authorize(&issuer, &arrive, None).await else {
            panic!("a login page");
        };
        issuer.pass(Period::secs(60));
        let ann = ann(&issuer).await;
        let late = answer(&issuer, &arrive, &ann).await;
        assert_eq!(value(&late, "error").as_deref(), Some("invalid_request_uri"));
        // Who was at the page in time may take their time there.
        let resumed = issuer.issuer().resume(&waiting.ticket, Some(&ann), None, &Origin::default()).await;
        let Ok(Authorization::Answer(response)) = resumed else {
            panic!("{resumed:?}");
        };
        assert!(value(&response, "code").is_some());
    }

    async fn pushed_request_is_its_clients_alone(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({})).await, ann(&issuer).await);
        let uri = pushed(&shop).await;
        let admin = issuer.admin().await;
        let registration = json!({
            "grants": ["authorization_code", "client_credentials"],
            "registration": { "redirect_uris": ["https://evil.example/cb"] },
        });
        admin.patch("/admin/v1/clients/svc", &registration).await.is(200);
        let stolen = answer(&issuer, &[("client_id", "svc"), ("request_uri", &uri)], &ann).await;
        assert_eq!(value(&stolen, "error").as_deref(), Some("invalid_request_uri"));
        for foreign in ["https://shop.example/request.jwt", "urn:ietf:params:oauth:request_uri:AAAA"] {
            let other = answer(&issuer, &[("client_id", "shop"), ("request_uri", foreign)], &ann).await;
            assert_eq!(value(&other, "error").as_deref(), Some("request_uri_not_supported"));
        }
    }

    async fn what_is_wrong_is_told_when_it_is_pushed(issuer: TestIssuer) {
        let shop = shop(&issuer, json!({})).await;
        for (pairs, error) in [
            (with("redirect_uri", "https://evil.example/cb"), "invalid_request"),
            (with("response_type", "token"), "unsupported_response_type"),
            (with("scope", "fly"), "invalid_scope"),
            (with("code_challenge", ""), "invalid_request"),
            (with("request_uri", "urn:ietf:params:oauth:request_uri:AAAA"), "request_uri_not_supported"),
            (with("request", "eyJhbGciOiJub25lIn0.e30."), "invalid_request_object"),
            (with("resource", "https://nowhere.example"), "invalid_target"),
        ] {
            is_refused(push(&shop, &pairs).await, error);
        }
        let stranger = issuer.anonymous().call(Method::POST, PAR).form("client_id=shop").send().await;
        assert_eq!(stranger.is(401).str("/error"), "invalid_client");
        let same_name = with("client_id", "shop");
        push(&shop, &same_name).await.is(201);
    }

    async fn client_that_must_push_is_not_served_otherwise(issuer: TestIssuer) {
        let members = json!({ "require_pushed_authorization_requests": true });
        let (shop, ann) = (shop(&issuer, members).await, ann(&issuer).await);
        let plain = with("client_id", "shop");
        let response = answer(&issuer, &plain, &ann).await;
        assert_eq!(value(&response, "error").as_deref(), Some("invalid_request"));
        let uri = pushed(&shop).await;
        let response = answer(&issuer, &[("client_id", "shop"), ("request_uri", &uri)], &ann).await;
        assert!(value(&response, "code").is_some());
    }

    async fn client_of_the_fapi_profile_pushes_and_names_its_address(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({ "fapi": true })).await, ann(&issuer).await);
        let plain = with("client_id", "shop");
        let response = answer(&issuer, &plain, &ann).await;
        assert_eq!(value(&response, "error").as_deref(), Some("invalid_request"), "§5.3.2.2 item 3");
        is_refused(push(&shop, &with("redirect_uri", "")).await, "invalid_request");
        let unproved = shop.actor.call(Method::POST, PAR).form("client_id=shop&response_type=code").send().await;
        assert_eq!(unproved.is(401).str("/error"), "invalid_client");
        pushed(&shop).await;
    }

    async fn key_that_is_proved_when_the_request_is_pushed_binds_the_code(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({ "fapi": true })).await, ann(&issuer).await);
        let (key, other) = (Prover::default(), Prover::default());
        let codes = async |jkt: Option<&str>| {
            let assertion = shop.assertion();
            let mut form = request();
            form.extend([("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &*assertion)]);
            form.extend(jkt.map(|jkt| ("dpop_jkt", jkt)));
            key.post_form(&shop.actor, PAR, &form).await
        };
        is_refused(codes(Some(&other.jkt())).await, "invalid_request");
        let uri = codes(None).await.is(201).str("/request_uri");
        let response = answer(&issuer, &[("client_id", "shop"), ("request_uri", &uri)], &ann).await;
        let code = value(&response, "code").expect("a code");
        let exchange = async |key: &Prover| {
            let assertion = shop.assertion();
            let form = [
                ("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER),
                ("redirect_uri", CALLBACK), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &*assertion),
            ];
            key.post_form(&shop.actor, "/oauth2/token", &form).await
        };
        let tokens = exchange(&key).await.is(200);
        assert_eq!(tokens.str("/token_type"), "DPoP");
        let cnf = forge::claims(&tokens.str("/access_token"))["cnf"].clone();
        assert_eq!(cnf, json!({ "jkt": key.jkt() }));

        // A confidential client proves itself, and may refresh with another key.
        let refreshed = refresh(&shop, &other, &tokens.str("/refresh_token")).await.is(200);
        let cnf = forge::claims(&refreshed.str("/access_token"))["cnf"].clone();
        assert_eq!(cnf, json!({ "jkt": other.jkt() }));
    }

    async fn signed_request_counts_for_what_is_in_it(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({})).await, ann(&issuer).await);
        let now = issuer.issuer().now().secs();
        let mut claims = json!({ "iss": "shop", "aud": seed::ISSUER, "client_id": "shop", "exp": now + 60 });
        for (name, text) in request() {
            claims[name] = json!(text);
        }
        let object = shop.sign("oauth-authz-req+jwt", &claims);
        let beside = [("client_id", "shop"), ("request", &*object), ("state", "evil")];
        let response = answer(&issuer, &beside, &ann).await;
        assert_eq!(value(&response, "state").as_deref(), Some("xyz"));
        assert!(value(&response, "code").is_some());
        push(&shop, &[("request", &object)]).await.is(201);
        claims["iat"] = json!(now + 10);
        let early = shop.sign("oauth-authz-req+jwt", &claims);
        push(&shop, &[("request", &early)]).await.is(201);

        let bad = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            shop.sign("oauth-authz-req+jwt", &claims)
        };
        let forgery = forge::Forgery::of(&object);
        for object in [
            bad("aud", json!("https://evil.example")),
            bad("client_id", json!("svc")),
            bad("iss", json!("svc")),
            bad("exp", json!(now)),
            bad("nbf", json!(now + 60)),
            bad("iat", json!(now + 60)),
            bad("iat", json!(now + 11)),
            bad("request_uri", json!("https://shop.example/r")),
            shop.sign("client-authentication+jwt", &claims),
            forge::tampered(&object),
            forgery.unsigned(),
            forgery.signed_by_stranger(),
            shop.assertion(),
        ] {
            let asked = [("client_id", "shop"), ("redirect_uri", CALLBACK), ("request", &*object)];
            let response = answer(&issuer, &asked, &ann).await;
            assert_eq!(value(&response, "error").as_deref(), Some("invalid_request_object"), "{object}");
            is_refused(push(&shop, &[("request", &object)]).await, "invalid_request_object");
        }
    }
}
