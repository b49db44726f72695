use serde_json::{Value, json};

use super::Catalogue;
use crate::case::Case;
use crate::forge::{AUDIENCE, ISSUER, Key, NOW, borrowed_signature, encode, sha256, with};

const URL: &str = "https://orders.example/orders";
const CHECKS: &str = "RFC 9449 §4.3";

/// A client, the token that is bound to its key, and somebody else.
struct Scene {
    client: Key,
    thief: Key,
    token: String,
    cases: Vec<Case>,
}

pub fn catalogue() -> Catalogue {
    let issuer = Key::read("ed25519-1");
    let mut jwk = issuer.jwk();
    jwk["kid"] = json!("ed25519-1");
    let client = Key::read("dpop-client-ed25519");
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "ed25519-1"});
    let claims = json!({"iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "client_id": "shop", "exp": NOW + 300,
        "iat": NOW - 10, "jti": "9b2d0f", "cnf": {"jkt": client.thumbprint()}});
    let token = issuer.sign(header.to_string(), claims.to_string());
    let thief = Key::read("attacker-ed25519");
    let mut scene = Scene {
        client,
        thief,
        token,
        cases: Vec::new(),
    };
    scene.good();
    scene.types_and_algorithms();
    scene.keys_that_come_along();
    scene.wrong_signatures();
    scene.names_and_methods();
    scene.addresses();
    scene.times_and_tokens();
    scene.wrong_shapes();
    Catalogue {
        now: NOW,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        key_set: json!({"keys": [jwk]}),
        access_token: scene.token,
        method: "GET".to_owned(),
        url: URL.to_owned() + "?page=2",
        max_age: 60,
        leeway: 5,
        algorithms: vec![
            keywright_verify::Algorithm::EdDsa,
            keywright_verify::Algorithm::Es256,
        ],
        cases: scene.cases,
    }
}

impl Scene {
    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.client.jwk()})
    }

    fn claims(&self) -> Value {
        json!({"jti": "e1j3V_bKic8-LAEB", "htm": "GET", "htu": URL, "iat": NOW, "ath": sha256(&self.token)})
    }

    fn good_proof(&self) -> String {
        self.client
            .sign(self.header().to_string(), self.claims().to_string())
    }

    fn good(&mut self) {
        self.cases.push(Case::good(
            "good/full",
            self.good_proof(),
            "every claim as it must be",
            CHECKS,
        ));
        for (id, name, value, why) in [
            (
                "good/query",
                "htu",
                json!(URL.to_owned() + "?page=3#x"),
                "query and fragment do not matter",
            ),
            (
                "good/host-case",
                "htu",
                json!("HTTPS://ORDERS.example:443/orders"),
                "RFC 3986 §6.2.2 and §6.2.3",
            ),
            (
                "good/oldest",
                "iat",
                json!(NOW - 65),
                "the edge of the age and the leeway",
            ),
            (
                "good/newest",
                "iat",
                json!(NOW + 5),
                "the edge of the leeway",
            ),
            (
                "good/unasked-nonce",
                "nonce",
                json!("n"),
                "a nonce that nobody asked for is ignored",
            ),
            (
                "good/long-name",
                "jti",
                json!("j".repeat(4_000)),
                "a name may be long",
            ),
        ] {
            let proof = self.client.sign(
                self.header().to_string(),
                with(&self.claims(), name, value).to_string(),
            );
            self.cases.push(Case::good(id, proof, why, CHECKS));
        }
    }

    fn types_and_algorithms(&mut self) {
        self.changed_headers(&[
            ("type/plain", "typ", json!("JWT"), "proof_wrong_type"),
            (
                "type/access-token",
                "typ",
                json!("at+jwt"),
                "proof_wrong_type",
            ),
            (
                "type/upper-case",
                "typ",
                json!("DPOP+JWT"),
                "proof_wrong_type",
            ),
            ("type/absent", "typ", Value::Null, "proof_wrong_type"),
            ("algorithm/none", "alg", json!("none"), "proof_header"),
            ("algorithm/None", "alg", json!("None"), "proof_header"),
            ("algorithm/absent", "alg", Value::Null, "proof_header"),
            (
                "algorithm/symmetric",
                "alg",
                json!("HS256"),
                "proof_wrong_algorithm",
            ),
            (
                "algorithm/not-allowed",
                "alg",
                json!("RS256"),
                "proof_wrong_algorithm",
            ),
            (
                "algorithm/not-the-keys",
                "alg",
                json!("ES256"),
                "proof_key_unfit",
            ),
            ("extension/critical", "crit", json!(["exp"]), "proof_header"),
            ("extension/unencoded", "b64", json!(false), "proof_header"),
            ("extension/zip", "zip", json!("DEF"), "proof_header"),
        ]);
    }

    fn keys_that_come_along(&mut self) {
        let mut private = self.client.jwk();
        private["d"] = json!(encode([1; 32]));
        let p256 = json!({"kty": "EC", "crv": "P-256", "x": encode([0; 32]), "y": encode([0; 32])});
        let thief = self.thief.jwk();
        self.changed_headers(&[
            ("key/absent", "jwk", Value::Null, "proof_header"),
            ("key/private", "jwk", private, "proof_header"),
            (
                "key/symmetric",
                "jwk",
                json!({"kty": "oct", "k": encode([1; 32])}),
                "proof_header",
            ),
            ("key/not-on-the-curve", "jwk", p256, "proof_wrong_key"),
            ("key/text", "jwk", json!("key"), "proof_header"),
            ("key/of-somebody-else", "jwk", thief, "proof_wrong_key"),
            (
                "key/by-address",
                "jku",
                json!("https://evil.example/jwks"),
                "proof_header",
            ),
            ("key/certificate", "x5c", json!(["MIIB"]), "proof_header"),
        ]);
    }

    fn changed_headers(&mut self, changes: &[(&str, &str, Value, &str)]) {
        for (id, name, value, reason) in changes {
            let header = with(&self.header(), name, value.clone()).to_string();
            let proof = self.client.sign(header, self.claims().to_string());
            let why = "the header says how to check, and nothing else";
            self.cases.push(Case::bad(id, proof, reason, why, CHECKS));
        }
    }

    fn wrong_signatures(&mut self) {
        let (header, claims) = (self.header().to_string(), self.claims().to_string());
        let by_thief = self.thief.sign(&header, &claims);
        let own = with(&self.header(), "jwk", self.thief.jwk()).to_string();
        let other = self
            .client
            .sign(&header, with(&self.claims(), "jti", json!("x")).to_string());
        for (id, proof, reason) in [
            ("signature/by-a-thief", by_thief, "proof_signature_invalid"),
            (
                "signature/of-another-proof",
                borrowed_signature(&self.good_proof(), &other),
                "proof_signature_invalid",
            ),
            (
                "signature/of-a-thiefs-own-key",
                self.thief.sign(own, &claims),
                "proof_wrong_key",
            ),
            (
                "signature/zero",
                borrowed_signature(&self.good_proof(), &format!(".{}", "A".repeat(86))),
                "proof_signature_invalid",
            ),
        ] {
            self.cases.push(Case::bad(
                id,
                proof,
                reason,
                "a stolen token comes without the key",
                "RFC 9449 §2",
            ));
        }
    }

    fn names_and_methods(&mut self) {
        self.changed_claims(&[
            ("name/absent", "jti", Value::Null, "proof_claims"),
            ("name/empty", "jti", json!(""), "proof_claims"),
            ("name/number", "jti", json!(1), "proof_claims"),
            ("method/absent", "htm", Value::Null, "proof_claims"),
            (
                "method/another",
                "htm",
                json!("DELETE"),
                "proof_wrong_method",
            ),
            (
                "method/lower-case",
                "htm",
                json!("get"),
                "proof_wrong_method",
            ),
            ("method/array", "htm", json!(["GET"]), "proof_claims"),
        ]);
    }

    fn addresses(&mut self) {
        self.changed_claims(&[
            ("address/absent", "htu", Value::Null, "proof_claims"),
            (
                "address/another-host",
                "htu",
                json!("https://evil.example/orders"),
                "proof_wrong_address",
            ),
            (
                "address/another-path",
                "htu",
                json!("https://orders.example/admin"),
                "proof_wrong_address",
            ),
            (
                "address/path-case",
                "htu",
                json!("https://orders.example/Orders"),
                "proof_wrong_address",
            ),
            (
                "address/path-only",
                "htu",
                json!("/orders"),
                "proof_wrong_address",
            ),
            (
                "address/in-clear",
                "htu",
                json!("http://orders.example/orders"),
                "proof_wrong_address",
            ),
            (
                "address/another-port",
                "htu",
                json!("https://orders.example:8443/orders"),
                "proof_wrong_address",
            ),
            (
                "address/credentials",
                "htu",
                json!("https://orders.example@evil.example/orders"),
                "proof_wrong_address",
            ),
            (
                "address/host-prefix",
                "htu",
                json!("https://orders.example.evil.example/orders"),
                "proof_wrong_address",
            ),
        ]);
    }

    fn times_and_tokens(&mut self) {
        let (hash, token) = (sha256(&self.token), self.token.clone());
        self.changed_claims(&[
            ("time/absent", "iat", Value::Null, "proof_claims"),
            ("time/too-old", "iat", json!(NOW - 66), "proof_not_current"),
            ("time/future", "iat", json!(NOW + 6), "proof_not_current"),
            ("time/text", "iat", json!(NOW.to_string()), "proof_claims"),
            ("time/float", "iat", json!(NOW as f64 + 0.5), "proof_claims"),
            ("time/negative", "iat", json!(-1), "proof_not_current"),
            ("token/absent", "ath", Value::Null, "proof_wrong_token"),
            (
                "token/another",
                "ath",
                json!(sha256("another token")),
                "proof_wrong_token",
            ),
            (
                "token/padded",
                "ath",
                json!(hash + "="),
                "proof_wrong_token",
            ),
            ("token/itself", "ath", json!(token), "proof_wrong_token"),
        ]);
    }

    fn changed_claims(&mut self, changes: &[(&str, &str, Value, &str)]) {
        for (id, name, value, reason) in changes {
            let claims = with(&self.claims(), name, value.clone()).to_string();
            let proof = self.client.sign(self.header().to_string(), claims);
            let why = "a proof is for one request with one token, now";
            self.cases.push(Case::bad(id, proof, reason, why, CHECKS));
        }
    }

    fn wrong_shapes(&mut self) {
        let twice = self
            .claims()
            .to_string()
            .replacen('{', r#"{"htm":"DELETE","#, 1);
        let good = self.good_proof();
        for (id, proof, reason) in [
            ("shape/empty", String::new(), "proof_malformed"),
            ("shape/two-parts", "e30.e30".to_owned(), "proof_malformed"),
            ("shape/four-parts", format!("{good}.e30"), "proof_malformed"),
            ("shape/padding", format!("{good}="), "proof_malformed"),
            (
                "shape/two-proofs",
                format!("{good},{good}"),
                "proof_malformed",
            ),
            ("shape/the-access-token", self.token.clone(), "proof_header"),
            ("shape/huge", "a".repeat(8_193), "proof_too_large"),
            (
                "shape/method-twice",
                self.client.sign(self.header().to_string(), twice),
                "proof_claims",
            ),
            (
                "shape/no-object",
                self.client.sign(self.header().to_string(), "[]"),
                "proof_claims",
            ),
        ] {
            self.cases.push(Case::bad(
                id,
                proof,
                reason,
                "a proof is one strict JWT",
                CHECKS,
            ));
        }
    }
}
