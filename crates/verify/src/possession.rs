use std::sync::Arc;

use aws_lc_rs::digest;
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Claims;

use crate::counters::{Counters, Counts};
use crate::dpop::{Dpop, Expected, ProofOf};
use crate::{Clock, Refusal, Verified, Verifier};

/// A verifier that takes tokens bound to a key (`cnf`, RFC 7800) once their presenter has proved to hold it: by DPoP
/// (RFC 9449) or by the certificate of the connection (RFC 8705). [`crate::VerifierBuilder::build_bound`] makes it.
#[derive(Clone)]
pub struct BoundVerifier {
    verifier: Verifier,
    possession: Arc<Possession>,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
}

/// What a [`BoundVerifier`] demands. Certificates are always looked at; DPoP is taken where it is set up.
#[derive(Default)]
pub struct Possession {
    dpop: Option<Arc<Dpop>>,
    only_bound: bool,
}

/// How a request presents its token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presented<'a> {
    /// The proof, if the token came as `Authorization: DPoP …`. `None`: it came as a bearer token.
    pub dpop: Option<ProofOf<'a>>,
    /// The certificate in DER that the client of this TLS connection has shown, if any.
    pub certificate: Option<&'a [u8]>,
}

impl Possession {
    /// By certificate alone, and tokens without a binding are taken as bearer tokens.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes DPoP proofs. Verifiers that share one [`Dpop`] remember used proofs together.
    #[must_use]
    pub fn dpop(mut self, dpop: impl Into<Arc<Dpop>>) -> Self {
        self.dpop = Some(dpop.into());
        self
    }

    /// Refuses tokens without a binding: a stolen one would be good for anybody.
    #[must_use]
    pub fn only_bound(mut self) -> Self {
        self.only_bound = true;
        self
    }
}

impl BoundVerifier {
    pub(crate) fn new(verifier: Verifier, possession: Possession, clock: Arc<dyn Clock>) -> Self {
        Self {
            verifier,
            possession: Arc::new(possession),
            clock,
            counters: Arc::default(),
        }
    }

    /// Checks a token like [`Verifier::verify`], and that whoever presents it holds the key that it is bound to.
    pub fn verify(&self, token: &str, presented: &Presented<'_>) -> Result<Verified, Refusal> {
        self.counters.watch(|| {
            let verified = self.verifier.verify(token)?;
            self.check_binding(token, &verified, presented)?;
            Ok(verified)
        })
    }

    /// Checks like [`BoundVerifier::verify`], and asks once more where the token's key or status is not known.
    pub async fn verify_fresh(
        &self,
        token: &str,
        presented: &Presented<'_>,
    ) -> Result<Verified, Refusal> {
        match self.verify(token, presented) {
            Err(refusal) if self.verifier.can_learn(&refusal).await => {
                self.verify(token, presented)
            }
            answer => answer,
        }
    }

    /// What this verifier and its clones have accepted and refused, proofs included.
    pub fn counters(&self) -> Counts {
        let Counts {
            kids, revocation, ..
        } = self.verifier.counters();
        Counts {
            kids,
            revocation,
            ..self.counters.read()
        }
    }

    /// The verifier inside. It knows nothing of possession, so it takes any token that is otherwise good.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// A value for the `DPoP-Nonce` field of responses, where nonces are demanded (RFC 9449 §8.2).
    pub fn fresh_nonce(&self) -> Option<String> {
        self.possession.dpop.as_ref()?.fresh_nonce(self.clock.now())
    }

    /// Proof algorithms for the challenge, if DPoP is taken at all.
    #[cfg(feature = "tower")]
    pub(crate) fn algs(&self) -> Option<String> {
        self.possession.dpop.as_deref().map(Dpop::algs)
    }

    fn check_binding(
        &self,
        token: &str,
        verified: &Verified,
        presented: &Presented<'_>,
    ) -> Result<(), Refusal> {
        let claims = verified.claims();
        let (jkt, certificate) = (claims.jkt(), claims.x5t_s256());
        if jkt.is_none() && certificate.is_none() {
            return self.check_unbound(&claims, presented);
        }
        if let Some(thumbprint) = certificate
            && presented.certificate.map(thumbprint_of).as_deref() != Some(thumbprint)
        {
            return Err(Refusal::WrongCertificate);
        }
        match (jkt, &presented.dpop) {
            (None, None) => Ok(()),
            // RFC 9449 §7.1: what is bound to a DPoP key is no bearer token, and the other way round.
            (Some(_), None) => Err(Refusal::ProofRequired),
            (None, Some(_)) => Err(Refusal::NotBound),
            (Some(jkt), Some(proof)) => {
                let dpop = self
                    .possession
                    .dpop
                    .as_ref()
                    .ok_or(Refusal::ProofRequired)?;
                let now = self.clock.now();
                Ok(dpop.check(proof, &Expected { token, jkt, now })?)
            }
        }
    }

    fn check_unbound(&self, claims: &Claims<'_>, presented: &Presented<'_>) -> Result<(), Refusal> {
        if claims.is_bound() {
            // By a method that is not known here, so nobody can have proved anything.
            return Err(Refusal::ProofRequired);
        }
        // RFC 9449 §7.1: a proof with a token that is bound to nothing proves nothing.
        if self.possession.only_bound || presented.dpop.is_some() {
            return Err(Refusal::NotBound);
        }
        Ok(())
    }
}

/// `x5t#S256`: the hash of the whole certificate (RFC 8705 §3.1).
fn thumbprint_of(certificate: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(digest::digest(&digest::SHA256, certificate))
}
