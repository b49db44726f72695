//! Tokens bound to a DPoP key, and what their presenters have to show.

use aws_lc_rs::digest;
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Algorithm;
use keywright_verify::{BoundVerifier, Dpop, Nonces, Possession, Presented, ProofOf};
use serde_json::{Value, json};

use crate::support::{Issuer, NOW, code, good, with};

pub const URL: &str = "https://orders.example/orders";

/// A client with a key of its own.
pub struct Client {
    key: aws_lc_rs::signature::Ed25519KeyPair,
    jwk: Value,
    pub jkt: String,
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub fn sha256(bytes: &[u8]) -> String {
    encode(digest::digest(&digest::SHA256, bytes))
}

impl Client {
    pub fn new() -> Self {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
        let key = Ed25519KeyPair::generate().expect("a key");
        let x = encode(key.public_key());
        // RFC 7638 §3.3: required members in lexicographic order.
        let jkt = sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes());
        Self {
            key,
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": x}),
            jkt,
        }
    }

    pub fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.jwk})
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims.to_string())
        );
        let signature = encode(self.key.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    pub fn proof(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

pub struct Scene {
    pub issuer: Issuer,
    pub client: Client,
    pub verifier: BoundVerifier,
    token: String,
}

impl Scene {
    pub fn new(possession: Possession) -> Self {
        let (issuer, client) = (Issuer::new(Algorithm::EdDsa), Client::new());
        let verifier = issuer
            .builder()
            .build_bound(possession)
            .expect("a verifier");
        let token = issuer.token(&with("cnf", json!({"jkt": client.jkt})));
        Self {
            issuer,
            client,
            verifier,
            token,
        }
    }

    pub fn claims(&self) -> Value {
        json!({"jti": "p1", "htm": "GET", "htu": URL, "iat": NOW, "ath": sha256(self.token.as_bytes())})
    }

    pub fn claims_with(&self, name: &str, value: impl Into<Value>) -> Value {
        let mut claims = self.claims();
        match value.into() {
            value if value.is_null() => {
                drop(claims.as_object_mut().expect("an object").remove(name))
            }
            value => claims[name] = value,
        }
        claims
    }

    pub fn present(&self, proof: &str) -> &'static str {
        let dpop = ProofOf {
            proof,
            method: "GET",
            url: "https://orders.example/orders?page=2",
        };
        let presented = Presented {
            dpop: Some(dpop),
            certificate: None,
        };
        code(self.verifier.verify(&self.token, &presented))
    }

    pub fn plain(&self, token: &str, certificate: Option<&[u8]>) -> &'static str {
        code(self.verifier.verify(
            token,
            &Presented {
                dpop: None,
                certificate,
            },
        ))
    }
}

pub fn dpop() -> Scene {
    Scene::new(Possession::new().dpop(Dpop::new()))
}

#[test]
fn a_proof_of_the_tokens_key_for_this_request_is_accepted_once() {
    let scene = dpop();
    let proof = scene.client.proof(&scene.claims());
    assert_eq!(scene.present(&proof), "accepted");
    assert_eq!(scene.present(&proof), "proof_replayed");
    let next = scene.client.proof(&scene.claims_with("jti", "p2"));
    assert_eq!(scene.present(&next), "accepted");
}

#[test]
fn a_bound_token_is_no_bearer_token_and_a_proof_binds_no_other() {
    let scene = dpop();
    assert_eq!(scene.plain(&scene.token, None), "proof_required");
    assert_eq!(scene.plain(&scene.issuer.token(&good()), None), "accepted");
    let unbound = scene.issuer.token(&good());
    let proof = scene
        .client
        .proof(&scene.claims_with("ath", sha256(unbound.as_bytes())));
    let dpop = Some(ProofOf {
        proof: &proof,
        method: "GET",
        url: URL,
    });
    let presented = Presented {
        dpop,
        certificate: None,
    };
    assert_eq!(
        code(scene.verifier.verify(&unbound, &presented)),
        "not_bound"
    );
    let by_certificate = scene
        .issuer
        .token(&with("cnf", json!({"x5t#S256": sha256(b"certificate")})));
    let presented = Presented {
        dpop,
        certificate: Some(b"certificate"),
    };
    assert_eq!(
        code(scene.verifier.verify(&by_certificate, &presented)),
        "not_bound"
    );
}

#[test]
fn a_binding_of_an_unknown_kind_is_never_proved() {
    let scene = dpop();
    for cnf in [json!({}), json!({"jwk": {}}), json!({"kid": "k"})] {
        assert_eq!(
            scene.plain(&scene.issuer.token(&with("cnf", cnf)), None),
            "proof_required"
        );
    }
}

#[test]
fn only_bound_tokens_can_be_demanded() {
    let scene = Scene::new(Possession::new().dpop(Dpop::new()).only_bound());
    assert_eq!(scene.plain(&scene.issuer.token(&good()), None), "not_bound");
    assert_eq!(
        scene.present(&scene.client.proof(&scene.claims())),
        "accepted"
    );
}

#[test]
fn without_dpop_no_proof_is_taken() {
    let scene = Scene::new(Possession::new());
    assert_eq!(
        scene.present(&scene.client.proof(&scene.claims())),
        "proof_required"
    );
}

#[test]
fn every_claim_of_the_proof_counts() {
    let scene = dpop();
    let with = |name: &str, value: Value| {
        scene.present(&scene.client.proof(&scene.claims_with(name, value)))
    };
    for name in ["jti", "htm", "htu", "iat"] {
        assert_eq!(with(name, Value::Null), "proof_claims", "{name}");
        assert_eq!(with(name, json!(["GET"])), "proof_claims", "{name}");
    }
    assert_eq!(with("jti", json!("")), "proof_claims");
    for method in ["POST", "get", "GET ", ""] {
        assert_eq!(with("htm", json!(method)), "proof_wrong_method", "{method}");
    }
    for url in [
        "https://orders.example/",
        "http://orders.example/orders",
        "https://evil.example/orders",
        "/orders",
        "",
    ] {
        assert_eq!(with("htu", json!(url)), "proof_wrong_address", "{url}");
    }
    assert_eq!(with("ath", Value::Null), "proof_wrong_token");
    assert_eq!(
        with("ath", json!(sha256(b"another token"))),
        "proof_wrong_token"
    );
    assert_eq!(
        with("htu", json!("HTTPS://Orders.Example:443/orders#x")),
        "accepted"
    );
}

#[test]
fn a_proof_is_current_to_the_second() {
    let scene = Scene::new(Possession::new().dpop(Dpop::new().max_age(30).leeway(2)));
    let at = |iat: i64| {
        let mut claims = scene.claims_with("jti", iat.to_string());
        claims["iat"] = json!(iat);
        scene.present(&scene.client.proof(&claims))
    };
    assert_eq!(
        (at(NOW - 33), at(NOW - 32)),
        ("proof_not_current", "accepted")
    );
    assert_eq!(
        (at(NOW + 3), at(NOW + 2)),
        ("proof_not_current", "accepted")
    );
    for iat in [0, -1, i64::MIN >> 12, i64::MAX >> 12] {
        assert_eq!(at(iat), "proof_not_current", "{iat}");
    }
}

#[test]
fn the_proofs_key_is_the_one_that_the_token_is_bound_to() {
    let scene = dpop();
    let thief = Client::new();
    assert_eq!(
        scene.present(&thief.proof(&scene.claims())),
        "proof_wrong_key"
    );
    // The right key in the header, the wrong one behind the signature.
    assert_eq!(
        scene.present(&thief.sign(&scene.client.header(), &scene.claims())),
        "proof_signature_invalid"
    );
}

#[test]
fn the_header_of_a_proof_is_as_strict_as_that_of_a_token() {
    let scene = dpop();
    let with = |name: &str, value: Value| {
        let mut header = scene.client.header();
        header[name] = value;
        scene.present(&scene.client.sign(&header, &scene.claims()))
    };
    for typ in [json!("JWT"), json!("at+jwt"), json!("DPOP+JWT"), json!("")] {
        assert_eq!(with("typ", typ), "proof_wrong_type");
    }
    assert_eq!(with("alg", json!("none")), "proof_header");
    assert_eq!(with("alg", json!("HS256")), "proof_wrong_algorithm");
    assert_eq!(with("alg", json!("ES256")), "proof_key_unfit");
    let mut private = scene.client.jwk.clone();
    private["d"] = json!("AAAA");
    assert_eq!(with("jwk", private), "proof_header");
    for name in ["jku", "x5u", "x5c", "crit", "b64", "zip"] {
        assert_eq!(
            with(name, json!("https://evil.example")),
            "proof_header",
            "{name}"
        );
    }
    let bare = json!({"typ": "dpop+jwt", "alg": "EdDSA"});
    assert_eq!(
        scene.present(&scene.client.sign(&bare, &scene.claims())),
        "proof_header"
    );
    assert_eq!(scene.present(""), "proof_malformed");
    assert_eq!(scene.present(&"a".repeat(9000)), "proof_too_large");
    assert_eq!(scene.present(&scene.token), "proof_header");
}

#[test]
fn algorithms_can_be_narrowed_and_never_to_a_secret() {
    let scene = Scene::new(
        Possession::new().dpop(Dpop::new().algorithms(&[Algorithm::Es256, Algorithm::Hs256])),
    );
    assert_eq!(
        scene.present(&scene.client.proof(&scene.claims())),
        "proof_wrong_algorithm"
    );
    let mut header = scene.client.header();
    header["alg"] = json!("HS256");
    assert_eq!(
        scene.present(&scene.client.sign(&header, &scene.claims())),
        "proof_wrong_algorithm"
    );
}

#[test]
fn a_nonce_is_demanded_and_handed_out() {
    let scene = Scene::new(Possession::new().dpop(Dpop::new().nonces(Nonces::new(&[1; 32], 60))));
    let with = |nonce: &str| scene.present(&scene.client.proof(&scene.claims_with("nonce", nonce)));
    assert_eq!(
        scene.present(&scene.client.proof(&scene.claims())),
        "proof_nonce_required"
    );
    assert_eq!(with("made-up"), "proof_nonce_required");
    assert_eq!(
        with(&scene.verifier.fresh_nonce().expect("a nonce")),
        "accepted"
    );
    assert_eq!(dpop().verifier.fresh_nonce(), None);
}

#[test]
fn refused_proofs_are_counted_as_refusals() {
    let scene = dpop();
    let proof = scene.client.proof(&scene.claims());
    for expected in ["accepted", "proof_replayed", "proof_replayed"] {
        assert_eq!(scene.present(&proof), expected);
    }
    let counts = scene.verifier.counters();
    assert_eq!(counts.accepted, 1);
    assert_eq!(
        counts.refused.into_iter().collect::<Vec<_>>(),
        [("proof_replayed", 2)]
    );
    assert_eq!(counts.kids, [scene.issuer.key.kid()]);
}
