//! The verifiers that cases name, as data and as the real thing.

use std::collections::BTreeMap;
use std::fs;

use base64_simd::URL_SAFE_NO_PAD;
use keywright_verify::{Algorithm, JwkSet, KeySlot, Profile, Verifier};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalogue::folder;

/// What verifiers.json holds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Seconds since the Unix epoch, for every verifier.
    pub now: i64,
    pub verifiers: BTreeMap<String, VerifierSettings>,
    pub key_sets: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, Secret>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierSettings {
    pub issuer: String,
    pub audience: String,
    /// `at+jwt` for an access token of RFC 9068 with all its claims; any other JWT has exactly this `typ`.
    pub typ: Option<String>,
    pub keys: Keys,
    /// Empty: each algorithm that a key is meant for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<Algorithm>,
    /// Seconds.
    pub leeway: u32,
    pub max_token_bytes: usize,
    /// Seconds since `iat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_token_age: Option<u32>,
    /// Seconds since `auth_time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_login_age: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether a token with `cnf` is taken without a proof.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_unproven_binding: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// Names a JWK set.
    Set(String),
    /// Names a shared secret.
    Secret(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub alg: Algorithm,
    /// base64url, like the member of an `oct` JWK.
    pub k: String,
}

impl Settings {
    pub fn load() -> Self {
        let text = fs::read_to_string(folder().join("verifiers.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub fn save(&self) {
        let text = serde_json::to_string_pretty(self).unwrap() + "\n";
        fs::write(folder().join("verifiers.json"), text).unwrap();
    }

    /// A verifier that has seen no token yet.
    pub fn build(&self, name: &str) -> Verifier {
        let settings = &self.verifiers[name];
        let now = self.now;
        let mut builder = Verifier::builder(&settings.issuer, self.slot(&settings.keys))
            .audience(&settings.audience)
            .profile(settings.profile())
            .leeway(settings.leeway)
            .max_token_bytes(settings.max_token_bytes)
            .clock(move || now);
        if !settings.algorithms.is_empty() {
            builder = builder.algorithms(&settings.algorithms);
        }
        if let Some(seconds) = settings.max_token_age {
            builder = builder.max_token_age(seconds);
        }
        if let Some(seconds) = settings.max_login_age {
            builder = builder.max_login_age(seconds);
        }
        if let Some(acr) = &settings.acr {
            builder = builder.acr(acr);
        }
        if let Some(scope) = &settings.scope {
            builder = builder.require_scope(scope);
        }
        if let Some(role) = &settings.role {
            builder = builder.require_role(role);
        }
        if settings.accept_unproven_binding {
            builder = builder.accept_unproven_binding();
        }
        builder.build().unwrap()
    }

    fn slot(&self, keys: &Keys) -> KeySlot {
        match keys {
            Keys::Set(name) => {
                let document = serde_json::to_vec(&self.key_sets[name]).unwrap();
                KeySlot::new(JwkSet::parse(&document).unwrap()).unwrap()
            }
            Keys::Secret(name) => {
                let secret = &self.secrets[name];
                let bytes = URL_SAFE_NO_PAD.decode_to_vec(&secret.k).unwrap();
                KeySlot::from_secret(secret.alg, &bytes).unwrap()
            }
        }
    }
}

impl VerifierSettings {
    fn profile(&self) -> Profile {
        match self.typ.as_deref() {
            Some("at+jwt") => Profile::AccessToken,
            typ => Profile::Jwt {
                typ: typ.map(str::to_owned),
            },
        }
    }
}
