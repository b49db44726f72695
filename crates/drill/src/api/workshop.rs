//! What forgeries are made of.

use std::sync::Arc;

use keywright_jwt::Algorithm;
use serde_json::Value;

use crate::CannotRun;
use crate::token::{Genuine, Members, PublicKey, Stranger};

/// The issuer does not lend its signature for this.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotSealed(pub String);

/// The issuer's own signature, lent by an operator who holds its keys, for tokens that are wrong in what they say.
pub trait Seal: Send + Sync {
    /// A compact JWS with the issuer's usual header and this `typ`. Its payload is that of `good`, a living token, with one thing wrong;
    /// its `jti` may become another.
    fn sign(&self, good: &str, typ: &str, payload: &[u8]) -> Result<String, NotSealed>;
}

pub struct Workshop {
    pub genuine: Genuine,
    /// Another valid token of the same issuer.
    pub other: Option<Genuine>,
    pub keys: Vec<PublicKey>,
    /// An attacker's key of the same algorithm as the issuer's; with HMAC, some asymmetric one.
    pub stranger: Stranger,
    pub seal: Option<Arc<dyn Seal>>,
    /// Seconds since 1970.
    pub now: i64,
}

impl Workshop {
    pub fn new(
        genuine: Genuine,
        other: Option<Genuine>,
        keys: &[Value],
        seal: Option<Arc<dyn Seal>>,
        now: i64,
    ) -> Result<Self, CannotRun> {
        let algorithm = match genuine.algorithm {
            symmetric if symmetric.is_symmetric() => Algorithm::Es256,
            asymmetric => asymmetric,
        };
        let stranger = Stranger::of(algorithm)
            .map_err(|error| CannotRun::Unusable(format!("no key of our own: {error}")))?;
        Ok(Self {
            genuine,
            other,
            keys: keys.iter().filter_map(PublicKey::of).collect(),
            stranger,
            seal,
            now,
        })
    }

    pub fn header(&self) -> Members {
        self.genuine.header.clone()
    }

    pub fn claims(&self) -> Members {
        self.genuine.claims.clone()
    }

    /// Signed by the issuer. Without a seal there is none; the runner asks before.
    pub fn sealed(&self, claims: &Members) -> Option<String> {
        self.sealed_as("at+jwt", claims)
    }

    pub fn sealed_as(&self, typ: &str, claims: &Members) -> Option<String> {
        self.try_to_seal(typ, claims)?.ok()
    }

    /// `None` without a seal.
    pub fn try_to_seal(&self, typ: &str, claims: &Members) -> Option<Result<String, NotSealed>> {
        let seal = self.seal.as_ref()?;
        Some(seal.sign(&self.genuine.token(), typ, claims.json().as_bytes()))
    }
}
