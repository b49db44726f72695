//! The issuer's own tokens, checked as any other service would check them: with `keywright-verify`. One that is bound to a key is
//! believed with a proof alone (RFC 9449 §7.1).

use std::convert::Infallible;
use std::sync::Arc;

use keywright_domain::Issuer;
use keywright_domain::access::Catalog;
use keywright_domain::keys::Jwks;
use keywright_verify::{
    BoundVerifier, BuildError, Dpop, KeySlot, Possession, Presented, Refusal, Verified, Verifier,
};

use crate::derived::Derived;

/// The nodes of one issuer keep their clocks this close, in seconds.
const LEEWAY: u32 = 5;

pub struct OwnTokens {
    issuer: Arc<Issuer>,
    keys: KeySlot,
    taken: Derived<Jwks, ()>,
    for_any: Derived<Catalog, BoundVerifier>,
    for_issuer: BoundVerifier,
    /// One memory of used proofs for both: a proof is for an address, not for an API.
    proofs: Arc<Dpop>,
}

impl OwnTokens {
    pub fn new(issuer: Arc<Issuer>) -> Result<Self, BuildError> {
        let keys = KeySlot::empty();
        let proofs = Arc::new(Dpop::new());
        let own = issuer.policy().issuer.as_str().to_owned();
        Ok(Self {
            for_issuer: verifier(&issuer, &keys, &proofs, [own])?,
            proofs,
            keys,
            taken: Derived::new(),
            for_any: Derived::new(),
            issuer,
        })
    }

    /// Accepts tokens for any API of this issuer: what the identity endpoints do is the session's matter, not the API's.
    pub fn verify_for_any_api(
        &self,
        token: &str,
        presented: &Presented<'_>,
    ) -> Result<Verified, Refusal> {
        self.follow_keys();
        let made = self.for_any.of(self.issuer.catalog(), |catalog| {
            let audiences = catalog.apis.keys().map(ToString::to_string);
            verifier(&self.issuer, &self.keys, &self.proofs, audiences)
        });
        // Every issuer has its own API, so there is always an audience to accept.
        made.map_err(|_| Refusal::KeysUnavailable)?
            .verify(token, presented)
    }

    /// Accepts tokens for the issuer's own API alone.
    pub fn verify_for_issuer(
        &self,
        token: &str,
        presented: &Presented<'_>,
    ) -> Result<Verified, Refusal> {
        self.follow_keys();
        self.for_issuer.verify(token, presented)
    }

    /// Takes over what the issuer serves now, so that a revoked key is refused here at once.
    fn follow_keys(&self) {
        let Ok(_) = self.taken.of(self.issuer.jwks(), |jwks| {
            if self.keys.replace(jwks.set.clone()).is_err() {
                // Nothing is served any more: the old keys were taken out for a reason.
                self.keys.clear();
            }
            Ok::<_, Infallible>(())
        });
    }
}

fn verifier(
    issuer: &Arc<Issuer>,
    keys: &KeySlot,
    proofs: &Arc<Dpop>,
    audiences: impl IntoIterator<Item = String>,
) -> Result<BoundVerifier, BuildError> {
    let clock = issuer.clone();
    let builder = Verifier::builder(issuer.policy().issuer.as_str(), keys.clone())
        .leeway(LEEWAY)
        .clock(move || clock.now().secs());
    audiences
        .into_iter()
        .fold(builder, |builder, audience| builder.audience(audience))
        .build_bound(Possession::new().dpop(proofs.clone()))
}
