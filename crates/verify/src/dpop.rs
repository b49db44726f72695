//! Proof of possession by DPoP (RFC 9449), as a resource server or an authorization server checks it.

mod address;
mod error;
mod nonce;
mod replay;

pub use error::ProofError;
pub use nonce::Nonces;

use std::borrow::Cow;

use aws_lc_rs::digest;
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::{Algorithm, Claims, Compact, ProofHeader, VerifyingKey};
use serde::Deserialize;

use crate::Scratch;
use replay::ReplayWindow;

/// The longest proof that is looked at: one with an RSA key of 8192 bits fits.
const MAX_PROOF: usize = 8 * 1024;

/// How DPoP proofs are checked. One value serves a whole service: it remembers which proofs have been used.
pub struct Dpop {
    algorithms: Vec<Algorithm>,
    max_age: i64,
    leeway: i64,
    nonces: Option<Nonces>,
    used: ReplayWindow,
}

/// A proof and the request that it came with.
#[derive(Clone, Copy, Debug)]
pub struct ProofOf<'a> {
    /// The value of the one `DPoP` field.
    pub proof: &'a str,
    /// The request's method.
    pub method: &'a str,
    /// The address that the client called, as it sees it: with the public scheme, host and port. Query and fragment do
    /// not matter.
    pub url: &'a str,
}

/// The token that a proof comes with.
pub(crate) struct Expected<'a> {
    pub token: &'a str,
    /// `cnf.jkt` of the token.
    pub jkt: &'a str,
    pub now: i64,
}

/// A key whose possession was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedKey {
    /// RFC 7638.
    pub thumbprint: String,
    /// What the proof is signed with.
    pub algorithm: Algorithm,
}

/// A proof that holds, and how it is remembered.
struct Proven {
    key: ProvedKey,
    name: u128,
    /// The last second at which it would be accepted again.
    last: i64,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    htm: Cow<'a, str>,
    #[serde(borrow)]
    htu: Cow<'a, str>,
    #[serde(borrow)]
    ath: Option<Cow<'a, str>>,
}

impl Default for Dpop {
    fn default() -> Self {
        Self::new()
    }
}

impl Dpop {
    /// Every asymmetric algorithm; proofs of at most 60 seconds, from clocks that differ by at most 5; no nonces; room for
    /// 65,536 proofs in one such time.
    pub fn new() -> Self {
        let asymmetric = |algorithm: &Algorithm| !algorithm.is_symmetric();
        Self {
            algorithms: Algorithm::ALL.into_iter().filter(asymmetric).collect(),
            max_age: 60,
            leeway: 5,
            nonces: None,
            used: ReplayWindow::new(65_536),
        }
    }

    /// Allows these algorithms only. A symmetric one proves nothing and is left out.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        let asymmetric = algorithms
            .iter()
            .filter(|algorithm| !algorithm.is_symmetric());
        self.algorithms = asymmetric.copied().collect();
        self
    }

    /// Takes proofs up to this many seconds old.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = i64::from(seconds);
        self
    }

    /// Takes proofs from clocks that differ from ours by at most this many seconds.
    #[must_use]
    pub fn leeway(mut self, seconds: u32) -> Self {
        self.leeway = i64::from(seconds);
        self
    }

    /// Remembers at most this many proofs while they could be replayed, some 50 bytes each. What comes beyond is refused:
    /// forgetting a proof early would let it be used twice.
    #[must_use]
    pub fn replay_capacity(mut self, proofs: usize) -> Self {
        self.used = ReplayWindow::new(proofs);
        self
    }

    /// Demands a nonce that this service has given out (RFC 9449 §9). Then a proof cannot be made in advance.
    #[must_use]
    pub fn nonces(mut self, nonces: Nonces) -> Self {
        self.nonces = Some(nonces);
        self
    }

    /// A nonce for the `DPoP-Nonce` field of a response, where nonces are demanded.
    pub fn fresh_nonce(&self, now: i64) -> Option<String> {
        self.nonces.as_ref().map(|nonces| nonces.issue(now))
    }

    /// The allowed algorithms as the `algs` parameter of a challenge names them (RFC 9449 §7.1).
    #[cfg(feature = "tower")]
    pub(crate) fn algs(&self) -> String {
        let names: Vec<_> = self
            .algorithms
            .iter()
            .map(|algorithm| algorithm.as_str())
            .collect();
        names.join(" ")
    }

    /// Checks a proof that comes without a token, as an authorization server is sent it (RFC 9449 §5), and answers the key
    /// whose possession it proves.
    ///
    /// A replay is refused for as long as there is room to remember. Anybody can make proofs here, so a full memory must not keep
    /// everybody out; and a proof that is replayed is worth nothing without the grant or the secret that it came with.
    pub fn prove(&self, request: &ProofOf<'_>, now: i64) -> Result<ProvedKey, ProofError> {
        let proven = self.examine(request, None, now)?;
        match self.used.mark(proven.name, proven.last, now) {
            Ok(()) | Err(ProofError::Overload) => Ok(proven.key),
            Err(refused) => Err(refused),
        }
    }

    /// Checks a proof as RFC 9449 §4.3 lists it, and marks it as used. To be called last, after everything about the
    /// token: then nobody without a valid token can fill the memory of used proofs.
    pub(crate) fn check(
        &self,
        request: &ProofOf<'_>,
        expected: &Expected<'_>,
    ) -> Result<(), ProofError> {
        let proven = self.examine(request, Some(expected), expected.now)?;
        self.used.mark(proven.name, proven.last, expected.now)
    }

    fn examine(
        &self,
        request: &ProofOf<'_>,
        expected: Option<&Expected<'_>>,
        now: i64,
    ) -> Result<Proven, ProofError> {
        if request.proof.len() > MAX_PROOF {
            return Err(ProofError::TooLarge);
        }
        let compact = Compact::split(request.proof)?;
        let json = compact.decode_header()?;
        let header = ProofHeader::parse(&json)?;
        let jkt = self.check_key(&header, expected)?;
        let key = VerifyingKey::from_jwk(&header.jwk, header.header.algorithm)?;
        let signature = compact.decode_signature()?;
        key.verify(compact.signing_input(), signature.as_bytes())
            .map_err(|_| ProofError::Signature)?;
        let mut scratch = Scratch::default();
        scratch.read(&compact).map_err(|_| ProofError::Claims)?;
        let claims = scratch.claims();
        let token = expected.map(|expected| expected.token);
        let issued_at = self.check_claims(&claims, request, token, now)?;
        Ok(Proven {
            name: replay::name_of(&jkt, claims.jti().unwrap_or_default()),
            last: issued_at.saturating_add(self.max_age + self.leeway),
            key: ProvedKey {
                thumbprint: jkt,
                algorithm: header.header.algorithm,
            },
        })
    }

    fn check_key(
        &self,
        header: &ProofHeader<'_>,
        expected: Option<&Expected<'_>>,
    ) -> Result<String, ProofError> {
        if header.header.typ.as_deref() != Some("dpop+jwt") {
            return Err(ProofError::WrongType);
        }
        if !self.algorithms.contains(&header.header.algorithm) {
            return Err(ProofError::WrongAlgorithm);
        }
        let jkt = header.jwk.thumbprint();
        match expected {
            Some(expected) if expected.jkt != jkt => Err(ProofError::WrongKey),
            Some(_) | None => Ok(jkt),
        }
    }

    fn check_claims(
        &self,
        claims: &Claims<'_>,
        request: &ProofOf<'_>,
        token: Option<&str>,
        now: i64,
    ) -> Result<i64, ProofError> {
        if claims.jti().unwrap_or_default().is_empty() {
            return Err(ProofError::Claims);
        }
        let payload: Payload<'_> = claims.deserialize().map_err(|_| ProofError::Claims)?;
        if payload.htm != request.method {
            return Err(ProofError::WrongMethod);
        }
        let called = address::normalise(request.url);
        if called.is_none() || address::normalise(&payload.htu) != called {
            return Err(ProofError::WrongAddress);
        }
        let issued_at = claims.iat().ok_or(ProofError::Claims)?;
        self.check_time(issued_at, now)?;
        if token.is_some_and(|token| payload.ath.as_deref() != Some(&token_hash(token))) {
            return Err(ProofError::WrongToken);
        }
        match &self.nonces {
            Some(nonces) if !claims.nonce().is_some_and(|nonce| nonces.check(nonce, now)) => {
                Err(ProofError::NonceRequired)
            }
            Some(_) | None => Ok(issued_at),
        }
    }

    fn check_time(&self, issued_at: i64, now: i64) -> Result<(), ProofError> {
        let earliest = now.saturating_sub(self.max_age + self.leeway);
        let latest = now.saturating_add(self.leeway);
        if (earliest..=latest).contains(&issued_at) {
            Ok(())
        } else {
            Err(ProofError::NotCurrent)
        }
    }
}

/// `ath`: the token that the proof goes with (RFC 9449 §4.2).
fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode_to_string(digest::digest(&digest::SHA256, token.as_bytes()))
}
