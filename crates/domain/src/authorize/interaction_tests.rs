use super::*;
use crate::authorize::Prompt;
use crate::client::{Grant, fixtures};
use crate::secret::HashedSecret;
use crate::{LoginId, Period, UserId};

const NOW: Time = Time::from_secs(1_800_000_000);
const CALLBACK: &str = "https://app.example/cb";

fn login(age: Period) -> Login {
    let at = NOW - age;
    Login {
        id: LoginId::new(at, [1; 10]),
        user: UserId::new(at, [2; 10]),
        secret: HashedSecret::from_bytes([3; 32]),
        amr: vec!["pwd".to_owned()],
        authenticated_at: at,
        idle_until: at + Period::days(7),
        expires_at: at + Period::days(30),
        ended: None,
        device: None,
        address: None,
        created_at: at,
    }
}

fn request(scope: &str, openid: &str) -> AuthorizationRequest {
    AuthorizationRequest {
        scope: scope.parse().unwrap(),
        openid: openid.parse().unwrap(),
        ..AuthorizationRequest::of("orders".parse().unwrap())
    }
}

fn client(kind: ClientKind) -> Client {
    Client {
        kind,
        grants: [Grant::AuthorizationCode].into(),
        ..fixtures::client("app")
    }
}

fn given(scope: &str, openid: &str) -> Consent {
    let user = UserId::new(NOW, [2; 10]);
    Consent::to(&request(scope, openid), &"app".parse().unwrap(), user, NOW)
}

fn asking(scope: &str, openid: &str) -> Option<Asking> {
    Some(Asking {
        scope: scope.parse().unwrap(),
        openid: openid.parse().unwrap(),
    })
}

#[test]
fn details_are_asked_for_every_time() {
    let detailed = AuthorizationRequest {
        details: serde_json::from_str(r#"[{"type":"payment"}]"#).unwrap(),
        ..request("read", "")
    };
    let remembered = given("read", "");
    let mut client = client(ClientKind::Confidential);
    let ask = |client: &Client, given: Option<&Consent>| {
        must_consent(&detailed, client, "https://app.example/cb", given)
    };
    assert_eq!(ask(&client, None), asking("read", ""));
    assert_eq!(ask(&client, Some(&remembered)), asking("", ""));
    client.registration.first_party = true;
    assert_eq!(ask(&client, Some(&remembered)), asking("", ""));
}

#[test]
fn a_login_stands_unless_the_client_wants_another() {
    let with = |prompt, max_age| AuthorizationRequest {
        prompt,
        max_age,
        ..request("", "openid")
    };
    let nothing = Prompt::default();
    let again = Prompt {
        login: true,
        ..nothing
    };
    let select = Prompt {
        select_account: true,
        ..nothing
    };
    let minute = Period::minutes(1);
    for (request, age, asked) in [
        (with(nothing, None), Period::days(20), false),
        (with(again, None), minute, true),
        (with(select, None), minute, true),
        (with(nothing, Some(minute)), minute, false),
        (with(nothing, Some(minute)), Period::millis(60_001), true),
        (with(nothing, Some(Period::ZERO)), Period::millis(1), true),
    ] {
        let must = must_log_in(&request, (&login(age), "ann"), None, NOW);
        assert_eq!(must, asked, "{request:?} {age:?}");
    }
}

#[test]
fn a_login_that_was_made_for_the_request_satisfies_it() {
    let prompt = Prompt {
        login: true,
        ..Prompt::default()
    };
    let request = AuthorizationRequest {
        prompt,
        max_age: Some(Period::ZERO),
        ..request("", "openid")
    };
    let minute = Period::minutes(1);
    let must = |asked_at| must_log_in(&request, (&login(minute), "ann"), Some(asked_at), NOW);
    assert!(!must(NOW - minute - Period::secs(1)));
    assert!(
        must(NOW - minute + Period::millis(1)),
        "made before the client asked"
    );
}

#[test]
fn somebody_else_than_the_client_means_has_to_log_in_once() {
    let minute = Period::minutes(1);
    for (hinted, must) in [(None, false), (Some("ann"), false), (Some("bob"), true)] {
        let request = AuthorizationRequest {
            hinted: hinted.map(str::to_owned),
            ..request("", "openid")
        };
        let asks = |resumed| must_log_in(&request, (&login(minute), "ann"), resumed, NOW);
        assert_eq!(asks(None), must, "{hinted:?}");
        assert!(
            !asks(Some(NOW - minute)),
            "who has just logged in is not asked for ever"
        );
    }
}

#[test]
fn people_are_asked_for_what_is_new() {
    let service = client(ClientKind::Confidential);
    let ask = |scope, openid, given: Option<Consent>| {
        must_consent(&request(scope, openid), &service, CALLBACK, given.as_ref())
    };
    assert_eq!(ask("read", "openid", None), asking("read", "openid"));
    assert_eq!(ask("", "", None), asking("", ""), "never asked before");
    let had = || Some(given("read", "openid email"));
    assert_eq!(ask("read", "openid", had()), None);
    assert_eq!(ask("read write", "openid", had()), asking("write", ""));
    assert_eq!(ask("read", "openid phone", had()), asking("", "phone"));
    let mut elsewhere = request("read", "openid");
    elsewhere.audience = "mail".parse().unwrap();
    let asked = must_consent(&elsewhere, &service, CALLBACK, had().as_ref());
    assert_eq!(asked, asking("read", ""), "the same word of another API");
}

#[test]
fn a_client_that_asks_for_consent_is_obeyed() {
    let mut request = request("read", "openid");
    request.prompt.consent = true;
    let mut client = client(ClientKind::Confidential);
    client.registration.first_party = true;
    let had = given("read", "openid");
    let asked = must_consent(&request, &client, CALLBACK, Some(&had));
    assert_eq!(asked, asking("read", "openid"));
}

#[test]
fn people_are_not_asked_about_the_operators_own_clients() {
    let mut own = client(ClientKind::Public);
    own.registration.first_party = true;
    for uri in [CALLBACK, "http://127.0.0.1:5000/cb", "com.example.app:/cb"] {
        assert_eq!(
            must_consent(&request("read", "openid"), &own, uri, None),
            None
        );
    }
}

#[test]
fn what_any_program_can_pretend_to_be_is_asked_about_each_time() {
    let had = given("read", "openid");
    let request = request("read", "openid");
    let ask = |kind, uri| must_consent(&request, &client(kind), uri, Some(&had));
    for uri in [
        "http://127.0.0.1:5000/cb",
        "http://localhost/cb",
        "com.example.app:/cb",
    ] {
        assert_eq!(
            ask(ClientKind::Public, uri),
            asking("read", "openid"),
            "{uri}"
        );
        assert_eq!(
            ask(ClientKind::Confidential, uri),
            None,
            "its secret tells it apart"
        );
    }
    assert_eq!(ask(ClientKind::Public, CALLBACK), None);
}
