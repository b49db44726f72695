use serde_json::{Value, json};

use super::*;
use crate::access::{Api, DetailType};
use crate::limit::Quota;
use crate::policy::RegistrationDoor;
use crate::{Period, Time};

const ORDERS: &str = "https://orders.example";
const MAIL: &str = "https://mail.example";

fn api(audience: &str, scopes: &[&str]) -> Api {
    Api {
        audience: audience.parse().unwrap(),
        name: audience.to_owned(),
        scopes: scopes
            .iter()
            .map(|s| (s.parse().unwrap(), String::new()))
            .collect(),
        access_lifetime: Period::minutes(5),
        algorithm: Algorithm::Es256,
        claims: Default::default(),
        details: Default::default(),
        created_at: Time::from_secs(0),
    }
}

fn detail_type() -> DetailType {
    let schema = json!({ "properties": {} });
    serde_json::from_value(json!({ "description": "What it is", "schema": schema })).unwrap()
}

fn catalog() -> Catalog {
    let apis = [
        Api {
            details: ["payment", "reading"]
                .map(|name| (name.parse().unwrap(), detail_type()))
                .into(),
            ..api(ORDERS, &["read:orders", "write:orders"])
        },
        api(MAIL, &["read:mail"]),
    ];
    Catalog {
        apis: apis.map(|api| (api.audience.clone(), api)).into(),
        ..Catalog::default()
    }
}

fn policy(open: &[(&str, &str)]) -> SelfRegistration {
    SelfRegistration {
        door: RegistrationDoor::Open,
        documents: true,
        open_to_strangers: open
            .iter()
            .map(|(audience, scopes)| (audience.parse().unwrap(), scopes.parse().unwrap()))
            .collect(),
        detail_types: ["payment", "gone"].map(|name| name.parse().unwrap()).into(),
        unused: Period::days(90),
        quota: Quota {
            burst: 1,
            interval: Period::secs(1),
        },
    }
}

/// The least that is admitted, with `members` in place of its own.
fn admit(members: Value) -> Result<Admitted, MetadataRefused> {
    admit_by(&policy(&[(ORDERS, "read:orders")]), members)
}

fn admit_by(policy: &SelfRegistration, members: Value) -> Result<Admitted, MetadataRefused> {
    let mut document = json!({ "redirect_uris": ["https://app.example/cb"] });
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    let metadata: ClientMetadata = serde_json::from_value(document).unwrap();
    metadata.admit(policy, ClientCertificates::Off, &catalog())
}

#[test]
fn the_least_that_is_said_makes_a_confidential_client_of_the_code_flow() {
    let admitted = admit(json!({})).unwrap();
    assert_eq!(admitted.kind, ClientKind::Confidential);
    assert_eq!(admitted.grants, BTreeSet::from([Grant::AuthorizationCode]));
    assert_eq!(admitted.default_audience, Some(ORDERS.parse().unwrap()));
    assert_eq!(admitted.registration.redirect_uris.len(), 1);
    assert!(!admitted.registration.first_party && !admitted.registration.pkce_optional);
    let method = admitted.registration.token_endpoint_auth_method;
    assert_eq!(method, None, "its secret may come in Basic or in the form");
}

#[test]
fn a_stranger_gets_no_more_than_the_operator_opens() {
    let open = policy(&[
        (ORDERS, "read:orders delete:orders"),
        ("https://gone.example", "x"),
    ]);
    for (scope, granted, openid) in [
        (
            None,
            "read:orders",
            "openid profile email address phone offline_access",
        ),
        (
            Some("openid read:orders write:orders read:mail"),
            "read:orders",
            "openid",
        ),
        (Some("write:orders"), "", ""),
    ] {
        let admitted = admit_by(&open, json!({ "scope": scope })).unwrap();
        let expected = BTreeMap::from([(ORDERS.parse().unwrap(), granted.parse().unwrap())]);
        assert_eq!(admitted.allowed, expected, "{scope:?}");
        assert_eq!(admitted.registration.openid_scope, openid.parse().unwrap());
    }
}

#[test]
fn only_one_open_api_is_the_default() {
    let both = policy(&[(ORDERS, "read:orders"), (MAIL, "read:mail")]);
    assert_eq!(admit_by(&both, json!({})).unwrap().default_audience, None);
    assert_eq!(
        admit_by(&policy(&[]), json!({})).unwrap().default_audience,
        None
    );
}

#[test]
fn a_stranger_asks_only_for_details_that_are_open_and_known_and_for_none_unless_it_says_so() {
    for (asked, granted) in [
        (json!(null), None),
        (json!([]), None),
        (json!(["reading", "gone", "x y", "other"]), None),
        (json!(["payment", "reading"]), Some("payment")),
    ] {
        let admitted = admit(json!({ "authorization_details_types": asked })).unwrap();
        let types = admitted.registration.authorization_details_types;
        let types: Vec<_> = types.iter().map(ToString::to_string).collect();
        assert_eq!(types, Vec::from_iter(granted), "{asked}");
    }
}

#[test]
fn certificates_count_where_they_arrive_and_the_client_is_named_once() {
    use ClientCertificates::{Off, Unverified, Verified};
    let (key, _) = keywright_jwt::SigningKey::generate(Algorithm::Es256).unwrap();
    let by_key = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": { "keys": [key.public_jwk().unwrap()] },
    });
    let without_key = json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth" });
    let by_name = json!({
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=shop",
    });
    let nameless = json!({ "token_endpoint_auth_method": "tls_client_auth" });
    let mut twice = by_name.clone();
    twice["tls_client_auth_san_dns"] = json!("shop.example");
    let bound = json!({ "tls_client_certificate_bound_access_tokens": true });
    let mut both = bound.clone();
    both["dpop_bound_access_tokens"] = json!(true);
    let (method, subject) = ("token_endpoint_auth_method", "tls_client_auth_subject_dn");
    let binding = "tls_client_certificate_bound_access_tokens";
    for (members, taken, expected) in [
        (&by_key, Unverified, Ok(())),
        (&by_key, Off, Err(method)),
        (&without_key, Unverified, Err("jwks")),
        (&by_name, Verified, Ok(())),
        (&by_name, Unverified, Err(method)),
        (&nameless, Verified, Err(subject)),
        (&twice, Verified, Err(subject)),
        (&bound, Unverified, Ok(())),
        (&bound, Off, Err(binding)),
        (&both, Unverified, Err(binding)),
    ] {
        let mut document = members.clone();
        document["redirect_uris"] = json!(["https://app.example/cb"]);
        let metadata: ClientMetadata = serde_json::from_value(document).unwrap();
        let outcome = metadata.admit(&policy(&[]), taken, &catalog());
        let outcome = outcome.map(drop).map_err(|refused| match refused {
            MetadataRefused::Member(name, _) => name,
            MetadataRefused::RedirectUri(_)
            | MetadataRefused::RedirectUris
            | MetadataRefused::SoftwareStatement
            | MetadataRefused::Algorithm(_) => "another",
        });
        assert_eq!(outcome, expected, "{members} {taken:?}");
    }
}

#[test]
fn grants_that_no_stranger_gets_are_left_out() {
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    for (asked, granted) in [
        (
            json!(["authorization_code"]),
            &[Grant::AuthorizationCode][..],
        ),
        (
            json!([
                "authorization_code",
                "refresh_token",
                device,
                "client_credentials",
                "login"
            ]),
            &[Grant::AuthorizationCode, Grant::RefreshToken],
        ),
    ] {
        let admitted = admit(json!({ "grant_types": asked })).unwrap();
        assert!(admitted.grants.iter().eq(granted), "{asked}");
    }
}

#[test]
fn each_member_that_is_not_acceptable_is_named() {
    let member = |name| MetadataRefused::Member(name, "");
    let private =
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c" }] });
    for (members, expected) in [
        (
            json!({ "grant_types": ["client_credentials"] }),
            member("grant_types"),
        ),
        (json!({ "grant_types": [] }), member("grant_types")),
        (
            json!({ "response_types": ["token"] }),
            member("response_types"),
        ),
        (
            json!({ "token_endpoint_auth_method": "tls_client_auth" }),
            member("token_endpoint_auth_method"),
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            member("jwks"),
        ),
        (json!({ "jwks": private }), member("jwks")),
        (json!({ "jwks": { "keys": [] } }), member("jwks")),
        (json!({ "jwks": "x" }), member("jwks")),
        (
            json!({ "jwks_uri": "http://app.example/jwks" }),
            member("jwks_uri"),
        ),
        (
            json!({ "jwks_uri": "https://app.example/k", "jwks": { "keys": [] } }),
            member("jwks"),
        ),
        (
            json!({ "client_name": "x".repeat(101) }),
            member("client_name"),
        ),
        (
            json!({ "client_name": "Bank\u{202e}knaB" }),
            member("client_name"),
        ),
        (
            json!({ "client_uri": "javascript:alert(1)" }),
            member("client_uri"),
        ),
        (
            json!({ "logo_uri": "https://user@app.example/logo" }),
            member("logo_uri"),
        ),
        (
            json!({ "policy_uri": "http://app.example" }),
            member("policy_uri"),
        ),
        (
            json!({ "tos_uri": "https://app.example/#x" }),
            member("tos_uri"),
        ),
        (json!({ "scope": "a\"b" }), member("scope")),
        (
            json!({ "id_token_signed_response_alg": "none" }),
            member("id_token_signed_response_alg"),
        ),
        (
            json!({ "id_token_signed_response_alg": "HS256" }),
            member("id_token_signed_response_alg"),
        ),
        (
            json!({ "userinfo_signed_response_alg": "X" }),
            member("userinfo_signed_response_alg"),
        ),
        (
            json!({ "authorization_signed_response_alg": "HS256" }),
            member("authorization_signed_response_alg"),
        ),
        (
            json!({ "backchannel_logout_uri": "http://127.0.0.1/out" }),
            member("backchannel_logout_uri"),
        ),
        (
            json!({ "frontchannel_logout_uri": "https://evil.example/out" }),
            member("frontchannel_logout_uri"),
        ),
        (
            json!({ "backchannel_logout_uri": "http://app.example" }),
            member("backchannel_logout_uri"),
        ),
        (
            json!({ "sector_identifier_uri": "http://app.example/s" }),
            member("sector_identifier_uri"),
        ),
        (
            json!({ "subject_type": "pairwise", "redirect_uris": ["https://a.example/", "https://b.example/"] }),
            member("subject_type"),
        ),
    ] {
        let refused = admit(members.clone()).unwrap_err();
        let name = |refused: &MetadataRefused| match refused {
            MetadataRefused::Member(name, _) => *name,
            MetadataRefused::RedirectUri(_)
            | MetadataRefused::RedirectUris
            | MetadataRefused::SoftwareStatement
            | MetadataRefused::Algorithm(_) => "",
        };
        assert_eq!(name(&refused), name(&expected), "{members}: {refused}");
    }
}

#[test]
fn redirect_uris_and_statements_have_errors_of_their_own() {
    let refused = |members| admit(members).unwrap_err();
    assert_eq!(
        refused(json!({ "redirect_uris": [] })),
        MetadataRefused::RedirectUris
    );
    let many: Vec<String> = (0..21)
        .map(|n| format!("https://app.example/{n}"))
        .collect();
    assert_eq!(
        refused(json!({ "redirect_uris": many })),
        MetadataRefused::RedirectUris
    );
    for uri in [
        "http://app.example/cb",
        "https://*.example/cb",
        "app:/cb",
        "",
    ] {
        let refused = refused(json!({ "redirect_uris": [uri] }));
        assert!(matches!(refused, MetadataRefused::RedirectUri(_)), "{uri}");
    }
    let refused = refused(json!({ "software_statement": "eyJ" }));
    assert_eq!(refused, MetadataRefused::SoftwareStatement);
}

#[test]
fn a_public_client_that_is_named_by_nobody_is_named_for_what_it_is() {
    let admitted =
        admit(json!({ "token_endpoint_auth_method": "none", "client_name": "  " })).unwrap();
    assert_eq!(admitted.kind, ClientKind::Public);
    assert_eq!(admitted.name, "an application without a name");
}
