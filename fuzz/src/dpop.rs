use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Jwk;
use keywright_verify::{BoundVerifier, Dpop, Possession, Presented, ProofOf};
use serde_json::{Value, json};

use super::issuer::{AUDIENCE, ISSUER, NOW, builder, sign};

/// All the ways to write where `/orders` is called: the default port may be said, left out or left empty (RFC 3986 §6.2.3).
const ORIGINS: [&str; 3] = [
    "https://orders.example",
    "https://orders.example:",
    "https://orders.example:443",
];

/// The holder of the key that the access token is bound to.
struct Client {
    key: Ed25519KeyPair,
    x: String,
    token: String,
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("any seed is a key");
    let x = URL_SAFE_NO_PAD.encode_to_string(key.public_key());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x}).to_string();
    let jkt = Jwk::parse(jwk.as_bytes()).expect("a good key").thumbprint();
    let token = bound_token(&jkt);
    Client { key, x, token }
});

/// Header and payload of a DPoP proof with a line feed between them, really signed by the key that the access token is
/// bound to.
pub fn run(data: &[u8]) -> bool {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    let (header, payload) = (&data[..end], &data[end + 1..]);
    let Client { key, x, token } = &*CLIENT;
    let proof = prove(key, header, payload);
    let dpop = Some(ProofOf {
        proof: &proof,
        method: "GET",
        url: "https://orders.example/orders?page=2",
    });
    let presented = Presented {
        dpop,
        certificate: None,
    };
    let verifier = verifier();
    assert!(
        verifier.verifier().verify(&proof).is_err(),
        "a proof is no access token"
    );
    if verifier.verify(token, &presented).is_err() {
        return false;
    }
    assert!(
        verifier.verify(token, &presented).is_err(),
        "a proof is good once"
    );
    let header: Value = serde_json::from_slice(header).expect("an accepted header is JSON");
    assert_eq!(
        (&header["typ"], &header["jwk"]["x"]),
        (&json!("dpop+jwt"), &json!(x))
    );
    let claims: Value = serde_json::from_slice(payload).expect("accepted claims are JSON");
    check_claims(&claims, token);
    true
}

fn check_claims(claims: &Value, token: &str) {
    assert_eq!(claims["htm"], "GET");
    let url = claims["htu"].as_str().unwrap_or_default();
    let address = url.split(['?', '#']).next().unwrap_or_default();
    let origin = address.strip_suffix("/orders").unwrap_or_default();
    assert!(
        ORIGINS.iter().any(|own| own.eq_ignore_ascii_case(origin)),
        "{url}"
    );
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    assert_eq!(claims["ath"], URL_SAFE_NO_PAD.encode_to_string(hash));
    assert!(
        claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()),
        "{claims}"
    );
    let iat = claims["iat"].as_i64().expect("iat is a number");
    assert!((NOW - 65..=NOW + 5).contains(&iat), "{claims}");
}

fn bound_token(jkt: &str) -> String {
    let claims = json!({"iss": ISSUER, "sub": "a", "aud": AUDIENCE, "client_id": "c", "exp": NOW + 300,
        "iat": NOW, "jti": "j", "cnf": {"jkt": jkt}});
    sign(
        br#"{"alg":"HS256","typ":"at+jwt"}"#,
        claims.to_string().as_bytes(),
    )
}

fn prove(client: &Ed25519KeyPair, header: &[u8], payload: &[u8]) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = client.sign(input.as_bytes());
    format!("{input}.{}", encode(signature.as_ref()))
}

/// One that remembers no proof yet.
fn verifier() -> BoundVerifier {
    let dpop = Dpop::new().replay_capacity(16);
    builder()
        .build_bound(Possession::new().dpop(dpop).only_bound())
        .expect("issuer and audience are named")
}
