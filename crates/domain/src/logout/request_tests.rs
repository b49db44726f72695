use super::*;
use crate::client::{ClientKind, Registration, fixtures};
use crate::{SessionId, Time};

const NOW: Time = Time::from_secs(1_800_000_000);

fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Parameters::new(pairs.iter().map(owned)).unwrap()
}

fn hint(client: &str) -> IdTokenHint {
    IdTokenHint {
        client: client.parse().unwrap(),
        subject: "ann".to_owned(),
        session: SessionId::new(NOW, [1; 10]),
    }
}

fn client(registered: &[&str]) -> Client {
    Client {
        kind: ClientKind::Public,
        registration: Registration {
            redirect_uris: vec!["https://app.example/cb".parse().unwrap()],
            post_logout_redirect_uris: registered.iter().map(|uri| uri.parse().unwrap()).collect(),
            ..Registration::default()
        },
        ..fixtures::client("app")
    }
}

#[test]
fn who_asks_is_said_by_the_hint_or_by_name_and_never_by_two_names() {
    let app = Ok(Some("app".parse().unwrap()));
    for (named, hinted, expected) in [
        (None, None, Ok(None)),
        (Some("app"), None, app.clone()),
        (None, Some("app"), app.clone()),
        (Some("app"), Some("app"), app),
        (
            Some("app"),
            Some("shop"),
            Err(LogoutRefused::ClientContradicts),
        ),
        (Some("a b"), None, Err(LogoutRefused::UnknownClient)),
    ] {
        let pairs: Vec<_> = named.map(|name| ("client_id", name)).into_iter().collect();
        let hint = hinted.map(hint);
        let who = asking(&parameters(&pairs), hint.as_ref());
        assert_eq!(who, expected, "{named:?} {hinted:?}");
    }
}

/// Not an open redirector: nothing is sent where it was not registered to go.
#[test]
fn only_a_registered_address_leads_away() {
    let app = client(&[
        "https://app.example/bye",
        "http://127.0.0.1/bye",
        "com.example.app:/bye",
    ]);
    for (presented, is_good) in [
        ("https://app.example/bye", true),
        ("http://127.0.0.1:5000/bye", true),
        ("com.example.app:/bye", true),
        ("https://app.example/", false),
        ("https://app.example/bye/", false),
        ("https://app.example/bye?next=https://evil.example", false),
        ("https://app.example/bye#x", false),
        ("https://app.example/bye/../cb", false),
        ("https://app.example/cb", false),
        ("https://app.example/%62ye", false),
        ("https://APP.example/bye", false),
        ("http://app.example/bye", false),
        ("https://app.example:8443/bye", false),
        ("https://app.example.evil.example/bye", false),
        ("https://app.example@evil.example/bye", false),
        ("https://evil.example\\@app.example/bye", false),
        ("http://127.0.0.1:1@evil.example/bye", false),
        ("//app.example/bye", false),
        ("/bye", false),
        ("javascript:alert(1)", false),
    ] {
        let asked = parameters(&[("post_logout_redirect_uri", presented), ("state", "s")]);
        let expected = if is_good {
            Ok(Some(WayBack {
                redirect_uri: presented.to_owned(),
                state: Some("s".to_owned()),
            }))
        } else {
            Err(LogoutRefused::WayBack)
        };
        assert_eq!(way_back(&asked, Some(&app)), expected, "{presented}");
        assert_eq!(way_back(&asked, None), Err(LogoutRefused::NobodysWayBack));
        assert_eq!(
            way_back(&asked, Some(&client(&[]))),
            Err(LogoutRefused::WayBack),
            "{presented} at a client that has registered none"
        );
    }
    assert_eq!(
        way_back(&parameters(&[("state", "s")]), Some(&app)),
        Ok(None)
    );
}

#[test]
fn what_is_said_twice_is_refused_by_name() {
    for name in KNOWN {
        let twice = parameters(&[(name, "a"), (name, "b")]);
        let refused = check_repeated(&twice).unwrap_err();
        assert_eq!(refused, LogoutRefused::Repeated(name));
        assert_eq!(refused.parameter(), name);
    }
    let others = parameters(&[("ui_locales", "a"), ("ui_locales", "b"), ("state", "s")]);
    assert_eq!(check_repeated(&others), Ok(()));
}
