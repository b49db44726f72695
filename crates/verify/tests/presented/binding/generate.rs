use serde_json::{Value, json};

use super::{Binding, Catalogue};
use crate::case::Case;
use crate::forge::{AUDIENCE, ISSUER, Key, NOW, encode, sha256};

const URL: &str = "https://orders.example/orders";
const DPOP: &str = "RFC 9449 §7.1";
const MTLS: &str = "RFC 8705 §3";

/// What stands in for certificates: only their hash matters here.
const CERTIFICATE: &[u8] = b"the client's certificate";
const OTHER_CERTIFICATE: &[u8] = b"somebody else's certificate";

struct Scene {
    issuer: Key,
    client: Key,
    thief: Key,
    cases: Vec<Binding>,
}

/// What comes with a token.
#[derive(Default)]
struct With {
    proof: Option<String>,
    certificate: Option<&'static [u8]>,
}

pub fn catalogue() -> Catalogue {
    let mut scene = Scene {
        issuer: Key::read("ed25519-1"),
        client: Key::read("dpop-client-ed25519"),
        thief: Key::read("attacker-ed25519"),
        cases: Vec::new(),
    };
    let mut jwk = scene.issuer.jwk();
    jwk["kid"] = json!("ed25519-1");
    scene.bound_to_a_key();
    scene.bound_to_a_certificate();
    scene.bound_to_both_or_nothing();
    Catalogue {
        now: NOW,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        key_set: json!({"keys": [jwk]}),
        method: "GET".to_owned(),
        url: URL.to_owned(),
        cases: scene.cases,
    }
}

fn hash_of(certificate: &[u8]) -> String {
    sha256(certificate)
}

impl Scene {
    fn token(&self, cnf: Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "ed25519-1"});
        let mut claims = json!({"iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "client_id": "shop", "exp": NOW + 300,
            "iat": NOW - 10, "jti": "9b2d0f"});
        if !cnf.is_null() {
            claims["cnf"] = cnf;
        }
        self.issuer.sign(header.to_string(), claims.to_string())
    }

    fn proof(&self, key: &Key, token: &str) -> With {
        let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": key.jwk()});
        let claims =
            json!({"jti": "p1", "htm": "GET", "htu": URL, "iat": NOW, "ath": sha256(token)});
        With {
            proof: Some(key.sign(header.to_string(), claims.to_string())),
            certificate: None,
        }
    }

    fn put(&mut self, case: Case, with: With) {
        self.cases.push(Binding {
            case,
            proof: with.proof,
            certificate: with.certificate.map(encode),
        });
    }

    fn refuse(&mut self, id: &str, token: String, with: With, reason: &str) {
        let source = if id.starts_with("certificate") {
            MTLS
        } else {
            DPOP
        };
        let why = "whoever presents the token does not hold what it is bound to";
        self.put(Case::bad(id, token, reason, why, source), with);
    }

    fn bound_to_a_key(&mut self) {
        let ours = self.client.thumbprint();
        let token = self.token(json!({ "jkt": ours }));
        let with = self.proof(&self.client, &token);
        let good = Case::good(
            "key/its-own-proof",
            token.clone(),
            "the key that it is bound to",
            DPOP,
        );
        self.put(good, with);
        self.refuse(
            "key/no-proof",
            token.clone(),
            With::default(),
            "proof_required",
        );
        let stolen = self.proof(&self.thief, &token);
        self.refuse(
            "key/anothers-proof",
            token.clone(),
            stolen,
            "proof_wrong_key",
        );
        let anothers = self.token(json!({"jkt": self.thief.thumbprint()}));
        let with = self.proof(&self.client, &anothers);
        self.refuse("key/anothers-thumbprint", anothers, with, "proof_wrong_key");
        for (id, jkt) in [
            ("key/empty-thumbprint", String::new()),
            ("key/half-a-thumbprint", ours[..20].to_owned()),
            ("key/padded-thumbprint", format!("{ours}=")),
            ("key/lower-case-thumbprint", ours.to_lowercase()),
        ] {
            let token = self.token(json!({ "jkt": jkt }));
            let with = self.proof(&self.client, &token);
            self.refuse(id, token, with, "proof_wrong_key");
        }
        let certificate = With {
            certificate: Some(CERTIFICATE),
            ..With::default()
        };
        self.refuse(
            "key/a-certificate-instead",
            token,
            certificate,
            "proof_required",
        );
    }

    fn bound_to_a_certificate(&mut self) {
        let shown = |certificate| With {
            certificate: Some(certificate),
            ..With::default()
        };
        let token = self.token(json!({"x5t#S256": hash_of(CERTIFICATE)}));
        let why = "the certificate that it is bound to";
        let good = Case::good("certificate/its-own", token.clone(), why, MTLS);
        self.put(good, shown(CERTIFICATE));
        self.refuse(
            "certificate/none",
            token.clone(),
            With::default(),
            "wrong_certificate",
        );
        self.refuse(
            "certificate/anothers",
            token.clone(),
            shown(OTHER_CERTIFICATE),
            "wrong_certificate",
        );
        let anothers = self.token(json!({"x5t#S256": hash_of(OTHER_CERTIFICATE)}));
        self.refuse(
            "certificate/anothers-thumbprint",
            anothers,
            shown(CERTIFICATE),
            "wrong_certificate",
        );
        let empty = self.token(json!({"x5t#S256": ""}));
        self.refuse(
            "certificate/empty-thumbprint",
            empty,
            shown(CERTIFICATE),
            "wrong_certificate",
        );
        let with = With {
            certificate: Some(CERTIFICATE),
            ..self.proof(&self.client, &token)
        };
        self.refuse("certificate/with-a-proof-beside", token, with, "not_bound");
    }

    fn bound_to_both_or_nothing(&mut self) {
        let both = json!({"jkt": self.client.thumbprint(), "x5t#S256": hash_of(CERTIFICATE)});
        let token = self.token(both);
        let with = With {
            certificate: Some(CERTIFICATE),
            ..self.proof(&self.client, &token)
        };
        let good = Case::good(
            "both/both",
            token.clone(),
            "what it is bound to",
            "RFC 7800 §3.1",
        );
        self.put(good, with);
        let only = self.proof(&self.client, &token);
        self.refuse(
            "both/the-key-only",
            token.clone(),
            only,
            "wrong_certificate",
        );
        let only = With {
            certificate: Some(CERTIFICATE),
            ..With::default()
        };
        self.refuse("both/the-certificate-only", token, only, "proof_required");
        for (id, cnf, reason) in [
            ("nothing/no-cnf", Value::Null, "not_bound"),
            ("nothing/empty-cnf", json!({}), "proof_required"),
            (
                "nothing/an-unknown-method",
                json!({"kid": "x"}),
                "proof_required",
            ),
        ] {
            let token = self.token(cnf);
            self.refuse(id, token.clone(), With::default(), reason);
            let with = self.proof(&self.client, &token);
            self.refuse(&format!("{id}-with-a-proof"), token, with, reason);
        }
    }
}
