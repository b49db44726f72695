use std::collections::BTreeMap;

use keywright_jwt::Algorithm;

use super::*;
use crate::access::{Api, ScopeSet};
use crate::authorize::{Prompt, ResponseMode};
use crate::client::{ClientKind, Grant, Registration, fixtures};
use crate::{Period, SessionId, Time};

const OWN: &str = "https://id.example";
const ORDERS: &str = "https://orders.example";
/// RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn api(audience: &str, scopes: &[&str]) -> (Audience, Api) {
    let api = Api {
        audience: audience.parse().unwrap(),
        name: audience.to_owned(),
        scopes: scopes
            .iter()
            .map(|scope| (scope.parse().unwrap(), (*scope).to_owned()))
            .collect(),
        access_lifetime: Period::minutes(5),
        algorithm: Algorithm::Es256,
        claims: Default::default(),
        details: Default::default(),
        created_at: Time::from_secs(0),
    };
    (api.audience.clone(), api)
}

fn catalog() -> Catalog {
    Catalog {
        apis: BTreeMap::from([
            api(OWN, &["users:read"]),
            api(ORDERS, &["read", "write", "delete"]),
            api("https://mail.example", &["send"]),
        ]),
        ..Catalog::default()
    }
}

fn client() -> Client {
    Client {
        kind: ClientKind::Public,
        grants: [Grant::AuthorizationCode, Grant::RefreshToken].into(),
        allowed: [(ORDERS.parse().unwrap(), "read write".parse().unwrap())].into(),
        default_audience: Some(ORDERS.parse().unwrap()),
        registration: Registration {
            redirect_uris: vec!["https://app.example/cb".parse().unwrap()],
            openid_scope: "openid email offline_access".parse().unwrap(),
            ..Registration::default()
        },
        ..fixtures::client("app")
    }
}

/// Changes to a good request: `None` takes a parameter away.
type Changes<'a> = &'a [(&'a str, Option<&'a str>)];

fn parameters(changes: Changes<'_>) -> Parameters {
    let good = [
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("response_type", "code"),
        ("state", "xyz"),
        ("scope", "read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = good
        .into_iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let set = changes
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)));
    let pairs = kept.chain(set);
    Parameters::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap()
}

fn ask(client: &Client, changes: Changes<'_>) -> Result<AuthorizationRequest, Objection> {
    ask_with_hint(client, changes, None)
}

fn ask_with_hint(
    client: &Client,
    changes: Changes<'_>,
    hint: Option<&IdTokenHint>,
) -> Result<AuthorizationRequest, Objection> {
    let asked = Asked {
        parameters: &parameters(changes),
        client,
        catalog: &catalog(),
        hint,
    };
    request(&asked, OWN.parse().unwrap())
}

fn set(text: &str) -> ScopeSet {
    text.parse().unwrap()
}

#[test]
fn a_good_request_is_understood() {
    let request = ask(
        &client(),
        &[("nonce", Some("n")), ("scope", Some("openid read"))],
    )
    .unwrap();
    assert_eq!(request.audience.as_str(), ORDERS);
    assert_eq!(
        (request.scope, request.openid),
        (set("read"), set("openid"))
    );
    assert_eq!(request.code_challenge.as_deref(), Some(CHALLENGE));
    assert_eq!(request.nonce.as_deref(), Some("n"));
    assert_eq!((request.prompt, request.max_age), (Prompt::default(), None));
}

#[test]
fn each_check_objects_to_its_own() {
    let long = "x".repeat(513);
    let longer = format!("{{\"a\":\"{}\"}}", "x".repeat(4096));
    let table: &[(Objection, Changes<'_>)] = &[
        (
            Objection::Repeated,
            &[("nonce", Some("a")), ("nonce", Some("b"))],
        ),
        (
            Objection::Repeated,
            &[("state", Some("a")), ("state", Some("a"))],
        ),
        (Objection::ResponseTypeMissing, &[("response_type", None)]),
        (
            Objection::ResponseTypeUnknown,
            &[("response_type", Some("token"))],
        ),
        (
            Objection::ResponseTypeUnknown,
            &[("response_type", Some("code id_token"))],
        ),
        (
            Objection::ResponseTypeUnknown,
            &[("response_type", Some("CODE"))],
        ),
        (
            Objection::ResponseModeUnknown,
            &[("response_mode", Some("web_message"))],
        ),
        (
            Objection::RequestObject,
            &[("request", Some("eyJhbGciOiJub25lIn0.e30."))],
        ),
        (
            Objection::RequestUri,
            &[("request_uri", Some("https://app.example/r"))],
        ),
        (Objection::Registration, &[("registration", Some("{}"))]),
        (Objection::ScopeMalformed, &[("scope", Some("a\"b"))]),
        (Objection::ScopeUnknown, &[("scope", Some("read fly"))]),
        (Objection::ScopeNotAllowed, &[("scope", Some("delete"))]),
        (
            Objection::TargetUnknown,
            &[("resource", Some("https://nowhere.example"))],
        ),
        (
            Objection::TargetUnknown,
            &[("resource", Some("no audience"))],
        ),
        (
            Objection::TargetUnknown,
            &[("resource", Some(ORDERS)), ("resource", Some(OWN))],
        ),
        (
            Objection::TargetUnknown,
            &[("resource", Some(ORDERS)), ("audience", Some(OWN))],
        ),
        (
            Objection::DetailsMalformed,
            &[("authorization_details", Some("[]"))],
        ),
        (
            Objection::DetailsUnknown,
            &[("authorization_details", Some(r#"[{"type":"payment"}]"#))],
        ),
        (Objection::ChallengeMissing, &[("code_challenge", None)]),
        (
            Objection::ChallengeMissing,
            &[("code_challenge", None), ("code_challenge_method", None)],
        ),
        (
            Objection::ChallengeMethod,
            &[("code_challenge_method", None)],
        ),
        (
            Objection::ChallengeMethod,
            &[("code_challenge_method", Some("plain"))],
        ),
        (
            Objection::ChallengeMethod,
            &[("code_challenge_method", Some("s256"))],
        ),
        (
            Objection::ChallengeMalformed,
            &[("code_challenge", Some("short"))],
        ),
        (
            Objection::ChallengeMalformed,
            &[("code_challenge", Some(&format!("{CHALLENGE}=")))],
        ),
        (Objection::ProofKeyMalformed, &[("dpop_jkt", Some("thumb"))]),
        (Objection::NonceTooLong, &[("nonce", Some(&long))]),
        (
            Objection::PromptUnknown,
            &[("prompt", Some("login create"))],
        ),
        (
            Objection::PromptContradicts,
            &[("prompt", Some("none login"))],
        ),
        (
            Objection::PromptContradicts,
            &[("prompt", Some("consent none"))],
        ),
        (Objection::MaxAgeMalformed, &[("max_age", Some("-1"))]),
        (Objection::MaxAgeMalformed, &[("max_age", Some("+1"))]),
        (Objection::MaxAgeMalformed, &[("max_age", Some("soon"))]),
        (
            Objection::MaxAgeMalformed,
            &[("max_age", Some("99999999999"))],
        ),
        (Objection::AcrValuesTooMany, &[("acr_values", Some(&long))]),
        (Objection::HintTooLong, &[("login_hint", Some(&long))]),
        (Objection::HintTooLong, &[("ui_locales", Some(&long))]),
        (Objection::IdTokenHint, &[("id_token_hint", Some("x"))]),
        (Objection::ClaimsMalformed, &[("claims", Some("[]"))]),
        (Objection::ClaimsMalformed, &[("claims", Some("{"))]),
        (Objection::ClaimsMalformed, &[("claims", Some(&longer))]),
    ];
    for (objection, changes) in table {
        assert_eq!(ask(&client(), changes), Err(*objection), "{changes:?}");
    }
    let mut other_grant = client();
    other_grant.grants = [Grant::RefreshToken].into();
    assert_eq!(ask(&other_grant, &[]), Err(Objection::GrantNotAllowed));
    let mut pushes = client();
    pushes.registration.require_pushed_authorization_requests = true;
    assert_eq!(ask(&pushes, &[]), Err(Objection::NotPushed));
    let mut no_openid = client();
    no_openid.registration.openid_scope = ScopeSet::default();
    let openid = [("scope", Some("openid"))];
    assert_eq!(ask(&no_openid, &openid), Err(Objection::OpenIdNotAllowed));
}

#[test]
fn scopes_of_openid_are_apart_from_those_of_the_api() {
    let granted = |scope| {
        let request = ask(&client(), &[("scope", scope)]).unwrap();
        (request.scope.to_string(), request.openid.to_string())
    };
    let pair = |api: &str, openid: &str| (api.to_owned(), openid.to_owned());
    assert_eq!(granted(None), pair("read write", ""), "all that may be had");
    assert_eq!(
        granted(Some("openid")),
        pair("", "openid"),
        "and nothing else"
    );
    assert_eq!(granted(Some("read delete")), pair("read", ""));
    let all = "openid email phone offline_access write";
    assert_eq!(
        granted(Some(all)),
        pair("write", "email offline_access openid")
    );

    let mut no_refresh = client();
    no_refresh.grants = [Grant::AuthorizationCode].into();
    let request = ask(&no_refresh, &[("scope", Some("openid offline_access"))]).unwrap();
    assert_eq!(request.openid, set("openid"));
}

#[test]
fn the_api_is_the_one_that_is_named_or_the_default_or_the_issuers_own() {
    let audience = |client: &Client, changes: Changes<'_>| {
        ask(client, changes).map(|request| request.audience.to_string())
    };
    assert_eq!(audience(&client(), &[]), Ok(ORDERS.to_owned()));
    let named = [("resource", Some(OWN)), ("scope", Some("openid"))];
    assert_eq!(audience(&client(), &named), Ok(OWN.to_owned()));
    let twice = [("resource", Some(ORDERS)), ("resource", Some(ORDERS))];
    assert_eq!(audience(&client(), &twice), Ok(ORDERS.to_owned()));
    let mut no_default = client();
    no_default.default_audience = None;
    let openid = [("scope", Some("openid"))];
    assert_eq!(audience(&no_default, &openid), Ok(OWN.to_owned()));
}

#[test]
fn only_a_confidential_openid_client_with_a_nonce_may_do_without_pkce() {
    let without: Changes<'_> = &[
        ("code_challenge", None),
        ("code_challenge_method", None),
        ("scope", Some("openid")),
        ("nonce", Some("n")),
    ];
    let mut old = client();
    old.kind = ClientKind::Confidential;
    old.registration.pkce_optional = true;
    assert_eq!(
        ask(&old, without).map(|request| request.code_challenge),
        Ok(None)
    );

    let refused = Err(Objection::ChallengeMissing);
    assert_eq!(ask(&old, &without[..3]), refused, "without a nonce");
    let no_openid = [without[0], without[1], without[3]];
    assert_eq!(ask(&old, &no_openid), refused, "without openid");
    let public = Client {
        kind: ClientKind::Public,
        ..old.clone()
    };
    assert_eq!(ask(&public, without), refused);
    old.registration.pkce_optional = false;
    assert_eq!(ask(&old, without), refused);
}

#[test]
fn what_the_person_is_to_be_asked_is_noted() {
    let changes = [
        ("prompt", Some("login  consent")),
        ("max_age", Some("0")),
        ("acr_values", Some("a  b")),
        ("display", Some("hologram")),
        ("login_hint", Some("ann@people.example")),
        ("claims", Some(r#"{"id_token":{"email":null}}"#)),
        ("dpop_jkt", Some(CHALLENGE)),
        ("unknown", Some("ignored, RFC 6749 §3.1")),
    ];
    let request = ask(&client(), &changes).unwrap();
    let asked = Prompt {
        login: true,
        consent: true,
        ..Prompt::default()
    };
    assert_eq!(
        (request.prompt, request.max_age),
        (asked, Some(Period::ZERO))
    );
    assert_eq!(request.acr_values, ["a", "b"]);
    assert_eq!(request.login_hint.as_deref(), Some("ann@people.example"));
    assert_eq!(request.claims.of_id_token().collect::<Vec<_>>(), ["email"]);
    assert_eq!(request.dpop_jkt.as_deref(), Some(CHALLENGE));
}

#[test]
fn a_hint_counts_for_the_client_that_it_was_made_for() {
    let changes = [("id_token_hint", Some("a token that was read before"))];
    let hint = |client: &str| IdTokenHint {
        client: client.parse().unwrap(),
        subject: "ann".to_owned(),
        session: SessionId::new(Time::from_secs(1), [1; 10]),
    };
    let own = ask_with_hint(&client(), &changes, Some(&hint("app"))).unwrap();
    assert_eq!(own.hinted.as_deref(), Some("ann"));
    let other = ask_with_hint(&client(), &changes, Some(&hint("shop")));
    assert_eq!(other, Err(Objection::IdTokenHint));
    assert_eq!(ask(&client(), &[]).unwrap().hinted, None);
}

#[test]
fn only_a_registered_address_is_trusted() {
    let mut client = client();
    let trusted = |client: &Client, uri: Option<&str>| {
        redirect_uri::trusted(client, &parameters(&[("redirect_uri", uri)]))
    };
    let good = Some("https://app.example/cb".to_owned());
    assert_eq!(trusted(&client, Some("https://app.example/cb")), good);
    assert_eq!(trusted(&client, None), good, "there is one");
    for bad in [
        "https://app.example/cb/",
        "https://app.example/CB",
        "https://app.example:443/cb",
        "https://app.example/cb?x=1",
        "https://app.example/cb#x",
        "https://app.example/%63b",
        "https://app.example/x/../cb",
        "https://user@app.example/cb",
        "https://app.example@evil.example/cb",
        "https://app.example.evil.example/cb",
        "HTTPS://app.example/cb",
        "http://app.example/cb",
        "//app.example/cb",
        " https://app.example/cb",
    ] {
        assert_eq!(trusted(&client, Some(bad)), None, "{bad}");
    }
    let twice = [
        ("redirect_uri", Some("https://app.example/cb")),
        ("redirect_uri", Some("https://app.example/cb")),
    ];
    assert_eq!(redirect_uri::trusted(&client, &parameters(&twice)), None);
    client
        .registration
        .redirect_uris
        .push("https://app.example/2".parse().unwrap());
    assert_eq!(trusted(&client, None), None, "which of the two?");
    client.registration.redirect_uris.clear();
    assert_eq!(trusted(&client, None), None);
}

#[test]
fn an_answer_goes_where_the_client_looks_for_it() {
    let mode = |changes: Changes<'_>| response_mode::of(&parameters(changes));
    assert_eq!(mode(&[]), ResponseMode::Query);
    for (named, expected) in [
        ("query", ResponseMode::Query),
        ("fragment", ResponseMode::Fragment),
        ("form_post", ResponseMode::FormPost),
        ("query.jwt", ResponseMode::Query),
        ("fragment.jwt", ResponseMode::Fragment),
        ("form_post.jwt", ResponseMode::FormPost),
        ("jwt", ResponseMode::Query),
    ] {
        assert!(RESPONSE_MODES.contains(&named));
        assert_eq!(mode(&[("response_mode", Some(named))]), expected, "{named}");
    }
    assert_eq!(
        mode(&[("response_mode", Some("unknown"))]),
        ResponseMode::Query
    );
    let implicit = [("response_type", Some("id_token token"))];
    assert_eq!(mode(&implicit), ResponseMode::Fragment);
}

#[test]
fn an_answer_is_signed_by_what_the_client_registered_and_never_by_something_else() {
    let signed_for = |client: &Client, mode: &str| {
        let asked = Asked {
            parameters: &parameters(&[("response_mode", Some(mode))]),
            client,
            catalog: &catalog(),
            hint: None,
        };
        let answered = destination(&asked).unwrap().signed_for;
        let outcome = request(&asked, OWN.parse().unwrap()).map(drop);
        (answered.map(|signed| signed.algorithm), outcome)
    };
    let openid = client();
    let mut chosen = client();
    chosen.registration.authorization_signed_response_alg = Some(Algorithm::Es256);
    let mut plain = client();
    plain.registration.openid_scope = ScopeSet::default();
    let unsigned = Err(Objection::ResponseModeUnsigned);
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let default = Some(Algorithm::Rs256);
        assert_eq!(signed_for(&openid, mode), (default, Ok(())), "{mode}");
        let own = Some(Algorithm::Es256);
        assert_eq!(signed_for(&chosen, mode), (own, Ok(())), "{mode}");
        assert_eq!(signed_for(&plain, mode), (None, unsigned), "{mode}");
    }
    assert_eq!(signed_for(&chosen, "query"), (None, Ok(())));
}
