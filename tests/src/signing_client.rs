//! A confidential client that proves itself by what it signs, with its own key or with its secret.

use std::sync::atomic::{AtomicU64, Ordering};

use keywright_domain::audit::Actor as Who;
use keywright_domain::client::{
    ASSERTION_TYPE, ClientKind, CreatedClient, Grant, NewClient, Registration,
};
use keywright_jwt::{Algorithm, PrivateKey, SigningKey};
use serde_json::{Value, json};

use crate::{Actor, Answer, TestIssuer, seed};

pub struct SigningClient {
    pub actor: Actor,
    pub id: &'static str,
    pub key: SigningKey,
    /// How many assertions were made: no two bear one name.
    made: AtomicU64,
}

impl TestIssuer {
    /// Registers `shop` for `private_key_jwt`, with `more` members.
    pub async fn signing_client(&self, more: Value) -> SigningClient {
        let (key, _) = SigningKey::generate(Algorithm::Es256).expect("a key can be made");
        let mut members = json!({ "token_endpoint_auth_method": "private_key_jwt" });
        if more.get("jwks_uri").is_none() {
            members["jwks"] = key_set(&[&key]);
        }
        for (name, value) in more.as_object().expect("members") {
            members[name] = value.clone();
        }
        let created = create_shop(self, members).await;
        assert!(created.secret.is_none());
        self.signing_with(key)
    }

    /// Registers `shop` for `client_secret_jwt`, with `more` members. Answers its secret too.
    pub async fn client_with_signing_secret(&self, more: Value) -> (SigningClient, String) {
        let mut members = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
        for (name, value) in more.as_object().expect("members") {
            members[name] = value.clone();
        }
        let created = create_shop(self, members).await;
        let secret = created.secret.expect("a secret").expose().to_owned();
        let client = self.signing_with(key_of_secret(Algorithm::Hs256, &secret));
        (client, secret)
    }

    /// `shop`, as it signs with this key.
    pub fn signing_with(&self, key: SigningKey) -> SigningClient {
        SigningClient {
            actor: self.anonymous(),
            id: "shop",
            key,
            made: AtomicU64::new(0),
        }
    }
}

async fn create_shop(issuer: &TestIssuer, members: Value) -> CreatedClient {
    let registration: Registration = serde_json::from_value(members).expect("a registration");
    let new = NewClient {
        id: Some("shop".parse().unwrap()),
        name: "Shop".to_owned(),
        kind: ClientKind::Confidential,
        grants: [Grant::ClientCredentials, Grant::RefreshToken].into(),
        allowed: [(
            seed::audience(seed::ORDERS),
            "read:orders write:orders".parse().unwrap(),
        )]
        .into(),
        default_audience: Some(seed::audience(seed::ORDERS)),
        registration,
    };
    let created = issuer.issuer().create_client(new, &Who::Operator).await;
    issuer.new_events().await;
    created.expect("a client")
}

/// The octets of the text are the key (OpenID Connect Core §10.1).
pub fn key_of_secret(algorithm: Algorithm, secret: &str) -> SigningKey {
    let private = PrivateKey::from_bytes(secret.as_bytes().to_vec());
    SigningKey::from_private(algorithm, &private).expect("a secret that is long enough")
}

impl SigningClient {
    /// The claims of a good assertion.
    pub fn claims(&self) -> Value {
        let now = self.actor.issuer.issuer().now().secs();
        let n = self.made.fetch_add(1, Ordering::SeqCst);
        json!({
            "iss": self.id, "sub": self.id, "aud": seed::ISSUER, "jti": format!("assertion-{n}"),
            "iat": now, "exp": now + 60,
        })
    }

    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        let signed = self.key.sign(typ, claims.to_string().as_bytes());
        signed.expect("a key can sign")
    }

    /// A good assertion.
    pub fn assertion(&self) -> String {
        self.sign("JWT", &self.claims())
    }

    /// Asks for a token of its own with this assertion.
    pub async fn token_by(&self, assertion: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ];
        self.actor.token(&form).await
    }
}

/// The public halves.
pub fn key_set(keys: &[&SigningKey]) -> Value {
    let public = keys.iter().filter_map(|key| key.public_jwk());
    json!({ "keys": public.collect::<Vec<_>>() })
}
