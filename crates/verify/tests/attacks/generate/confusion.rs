use super::Family;
use crate::catalogue::Case;
use crate::forge::{ISSUER, Members, NOW, claims, good, header, quote, token};
use crate::keys::{Signer, encode, public};

pub fn write(cases: &mut Vec<Case>) {
    other_tokens_as_access_token(cases);
    access_token_as_other(cases);
    encrypted(cases);
}

/// Every one of them is really signed by the issuer, or by whoever such a token comes from.
fn other_tokens_as_access_token(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "confusion", "not-an-access-token").why(
        "RFC 8725 §2.8, §3.11, RFC 9068 §4",
        "a real token of another kind",
    );
    let issued = |typ: &str, members: &Members| {
        token(
            header("EdDSA").with("typ", &quote(typ)).json(),
            members.json(),
            &Signer::of("EdDSA"),
        )
    };
    let untyped = |members: &Members| {
        token(
            header("EdDSA").without("typ").json(),
            members.json(),
            &Signer::of("EdDSA"),
        )
    };
    let id = id_token();
    family.refuse("ID token", "wrong_type", issued("JWT", &id));
    family.refuse("ID token without typ", "wrong_type", untyped(&id));
    family.refuse(
        "ID token that names the API too",
        "wrong_type",
        issued(
            "JWT",
            &id.with("aud", r#"["shop","https://orders.example"]"#),
        ),
    );
    let logout = claims()
        .with("aud", r#""shop""#)
        .and("events", LOGOUT_EVENT);
    family.refuse("logout token", "wrong_type", issued("logout+jwt", &logout));
    family.refuse(
        "logout token typed as JWT",
        "wrong_type",
        issued("JWT", &logout),
    );
    family.refuse(
        "logout token typed as access token",
        "wrong_type",
        issued("at+jwt", &claims().and("events", LOGOUT_EVENT)),
    );
    let list = Members::new(&[
        ("iss", &quote(ISSUER)),
        ("sub", r#""https://id.example/status/1""#),
        ("iat", &NOW.to_string()),
        ("exp", &(NOW + 300).to_string()),
        ("status_list", r#"{"bits":2,"lst":"eNrbuRgAAhcBXQ"}"#),
    ]);
    family.refuse(
        "status list token",
        "wrong_type",
        issued("statuslist+jwt", &list),
    );
    family.refuse(
        "status list token typed as access token",
        "missing_claim",
        issued("at+jwt", &list),
    );
    let event = claims().and(
        "events",
        r#"{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{}}"#,
    );
    family.refuse(
        "security event",
        "wrong_type",
        issued("secevent+jwt", &event),
    );
    family.refuse(
        "security event typed as access token",
        "wrong_type",
        issued("at+jwt", &event),
    );
    family.refuse(
        "empty events typed as access token",
        "wrong_type",
        issued("at+jwt", &claims().and("events", "{}")),
    );
    family.refuse(
        "introspection response",
        "wrong_type",
        issued(
            "token-introspection+jwt",
            &claims().and("token_introspection", r#"{"active":true}"#),
        ),
    );
    family.refuse(
        "userinfo response",
        "wrong_type",
        issued("JWT", &claims().and("email", r#""alice@example.org""#)),
    );
    family.refuse(
        "authorization response",
        "wrong_type",
        issued("oauth-authz-resp+jwt", &claims().and("code", r#""x""#)),
    );
    from_clients(&mut family);
}

fn from_clients(family: &mut Family<'_>) {
    let signer = Signer::ed25519("attacker-ed25519");
    let client = |typ: &str, members: Members| {
        token(
            header("EdDSA")
                .with("typ", &quote(typ))
                .with("kid", r#""client-key""#)
                .json(),
            members.json(),
            &signer,
        )
    };
    let assertion = claims()
        .with("iss", r#""shop""#)
        .with("sub", r#""shop""#)
        .with("aud", &quote(ISSUER));
    family.refuse(
        "client assertion",
        "wrong_type",
        client("client-authentication+jwt", assertion.clone()),
    );
    family.refuse(
        "client assertion typed as JWT",
        "wrong_type",
        client("JWT", assertion.clone()),
    );
    family.refuse(
        "client assertion typed as access token",
        "unknown_key",
        client("at+jwt", assertion),
    );
    family.refuse(
        "request object",
        "wrong_type",
        client(
            "oauth-authz-req+jwt",
            claims().and("response_type", r#""code""#),
        ),
    );
    let proof = Members::new(&[
        ("typ", r#""dpop+jwt""#),
        ("alg", r#""EdDSA""#),
        ("jwk", &public("attacker-ed25519").jwk),
    ]);
    let proof_claims = Members::new(&[
        ("jti", r#""x""#),
        ("htm", r#""GET""#),
        ("htu", r#""https://orders.example/""#),
        ("iat", &NOW.to_string()),
    ]);
    family.refuse(
        "DPoP proof",
        "header_embedded_key",
        token(proof.json(), proof_claims.json(), &signer),
    );
    let proof_typed = proof.with("typ", r#""at+jwt""#);
    family.refuse(
        "DPoP proof typed as access token",
        "header_embedded_key",
        token(proof_typed.json(), claims().json(), &signer),
    );
}

fn access_token_as_other(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "confusion", "not-an-id-token")
        .why(
            "OpenID Connect Core §3.1.3.7, RFC 8725 §3.11",
            "an access token says nothing about a login at this client",
        )
        .at("id-token");
    let issued = |typ: &str, members: &Members| {
        token(
            header("EdDSA").with("typ", &quote(typ)).json(),
            members.json(),
            &Signer::of("EdDSA"),
        )
    };
    family.refuse("access token", "wrong_type", good("EdDSA"));
    family.refuse(
        "ID token of another client whose name begins with ours",
        "wrong_audience",
        issued("JWT", &id_token().with("aud", r#""shop2""#)),
    );
    family.refuse(
        "access token that names the client as audience",
        "wrong_type",
        issued("at+jwt", &claims().with("aud", r#""shop""#)),
    );
    family.refuse(
        "access token typed as JWT",
        "wrong_audience",
        issued("JWT", &claims()),
    );
    family.refuse(
        "logout token",
        "wrong_type",
        issued("logout+jwt", &id_token().and("events", LOGOUT_EVENT)),
    );
    family.refuse(
        "logout token typed as JWT",
        "wrong_type",
        issued("JWT", &id_token().and("events", LOGOUT_EVENT)),
    );
    family.refuse(
        "ID token of another client",
        "wrong_audience",
        issued("JWT", &id_token().with("aud", r#""other-shop""#)),
    );
    family.refuse(
        "ID token of another issuer",
        "wrong_issuer",
        issued("JWT", &id_token().with("iss", r#""https://other.example""#)),
    );
    family.refuse(
        "ID token without typ",
        "wrong_type",
        token(
            header("EdDSA").without("typ").json(),
            id_token().json(),
            &Signer::of("EdDSA"),
        ),
    );
}

fn encrypted(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "confusion", "encrypted").why(
        "RFC 7516 §9, RFC 8725 §2.3",
        "encrypting with a public key needs no secret, so it proves nothing about the sender",
    );
    let head = encode(br#"{"alg":"RSA-OAEP","enc":"A128GCM","typ":"at+jwt","kid":"rs256-1"}"#);
    let part = encode(&[7; 24]);
    family.refuse(
        "JWE",
        "not_compact_jws",
        format!("{head}.{part}.{part}.{part}.{part}"),
    );
    family.refuse(
        "JWE that stops after three parts",
        "algorithm_unknown",
        format!("{head}.{part}.{part}"),
    );
    let signed_head = header("EdDSA").and("enc", r#""A128GCM""#).json();
    family.refuse(
        "signed, with enc in its header",
        "header_encrypted",
        token(signed_head, claims().json(), &Signer::of("EdDSA")),
    );
    let direct = encode(br#"{"alg":"dir","enc":"A128GCM"}"#);
    family.refuse(
        "JWE with a direct key and an empty key part",
        "not_compact_jws",
        format!("{direct}..{part}.{part}.{part}"),
    );
}

fn id_token() -> Members {
    claims()
        .with("aud", r#""shop""#)
        .without("client_id")
        .without("scope")
        .and("nonce", r#""n-0S6""#)
}

const LOGOUT_EVENT: &str = r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#;
