use std::sync::Arc;

use keywright_jwt::Algorithm;

use crate::cache::TokenCache;
use crate::policy::Policy;
use crate::{
    BoundVerifier, Clock, KeySlot, Possession, Profile, Revocation, SystemClock, Verifier,
    WhenUnknown,
};

/// Skew beyond five minutes is a broken clock, not a tolerance.
const MAX_LEEWAY: u32 = 300;

/// Assembles a [`Verifier`]. Everything that is not said has a strict default.
#[must_use]
pub struct VerifierBuilder {
    keys: KeySlot,
    policy: Policy,
    cache: Option<Arc<TokenCache>>,
}

/// Why a verifier cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The issuer is empty.
    #[error("the issuer is empty")]
    NoIssuer,
    /// No audience, or an empty one: the verifier would take tokens that are meant for others.
    #[error("name at least one audience, and no empty one")]
    NoAudience,
    /// Leeway is bounded by five minutes.
    #[error("leeway of {0} s exceeds {MAX_LEEWAY} s")]
    LeewayTooLong(u32),
    /// Symmetric and asymmetric algorithms are allowed together.
    #[error("symmetric and asymmetric algorithms cannot share a verifier")]
    MixedFamilies,
}

impl VerifierBuilder {
    pub(crate) fn new(issuer: String, keys: KeySlot) -> Self {
        let policy = Policy {
            issuer,
            audiences: Vec::new(),
            profile: Profile::AccessToken,
            algorithms: Vec::new(),
            leeway: 60,
            max_token_bytes: 16 * 1024,
            max_token_age: None,
            max_login_age: None,
            acr_values: Vec::new(),
            scopes: Vec::new(),
            roles: Vec::new(),
            accepts_unproven_binding: false,
            revocation: None,
            clock: Arc::new(SystemClock),
        };
        Self {
            keys,
            policy,
            cache: None,
        }
    }

    /// Accepts tokens for this audience. Call it again to accept several.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.policy.audiences.push(audience.into());
        self
    }

    /// Accepts another kind of token than RFC 9068 access tokens.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.policy.profile = profile;
        self
    }

    /// Allows these algorithms only. Without it, every algorithm that a current key is pinned to.
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.policy.algorithms = algorithms.to_vec();
        self
    }

    /// Seconds by which the issuer's clock may differ from ours: 60 unless said, at most 300.
    pub fn leeway(mut self, seconds: u32) -> Self {
        self.policy.leeway = i64::from(seconds);
        self
    }

    /// The longest token that is looked at: 16 KiB unless said.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.policy.max_token_bytes = bytes;
        self
    }

    /// Refuses tokens issued more than this many seconds ago, however long they are valid.
    pub fn max_token_age(mut self, seconds: u32) -> Self {
        self.policy.max_token_age = Some(i64::from(seconds));
        self
    }

    /// Refuses tokens whose user authenticated more than this many seconds ago (`auth_time`).
    pub fn max_login_age(mut self, seconds: u32) -> Self {
        self.policy.max_login_age = Some(i64::from(seconds));
        self
    }

    /// Requires one of these authentication classes. Call it again to accept several.
    pub fn acr(mut self, value: impl Into<String>) -> Self {
        self.policy.acr_values.push(value.into());
        self
    }

    /// Requires this scope of every token. Call it again to require several.
    pub fn require_scope(mut self, scope: impl Into<String>) -> Self {
        self.policy.scopes.push(scope.into());
        self
    }

    /// Requires this role of every token. Call it again to require several.
    pub fn require_role(mut self, role: impl Into<String>) -> Self {
        self.policy.roles.push(role.into());
        self
    }

    /// Accepts tokens that are bound to a key (`cnf`) although this verifier sees no proof. Right only where the proof
    /// has been checked already, such as behind a gateway, or where the token is merely looked at.
    pub fn accept_unproven_binding(mut self) -> Self {
        self.policy.accepts_unproven_binding = true;
        self
    }

    /// Asks `revocation` about each token, and says what to do when it does not know.
    pub fn revocation(mut self, revocation: impl Revocation, when_unknown: WhenUnknown) -> Self {
        self.policy.revocation = Some((Arc::new(revocation), when_unknown));
        self
    }

    /// Remembers accepted tokens, with up to this many bytes in every thread that calls [`Verifier::verify`]; 1.5 KiB are
    /// enough for a typical one. The whole token is compared, and `exp`, `nbf`, ages and revocation are checked on every
    /// call. Other keys in the slot make it forget.
    pub fn cache(mut self, bytes: usize) -> Self {
        self.cache = Some(TokenCache::new(bytes));
        self
    }

    /// Takes the time from `clock` instead of the machine.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.policy.clock = Arc::new(clock);
        self
    }

    /// A verifier that takes tokens bound to a key, once possession of it is proved.
    pub fn build_bound(self, possession: Possession) -> Result<BoundVerifier, BuildError> {
        let clock = self.policy.clock.clone();
        let verifier = self.accept_unproven_binding().build()?;
        Ok(BoundVerifier::new(verifier, possession, clock))
    }

    /// The verifier, or what is wrong with it.
    pub fn build(mut self) -> Result<Verifier, BuildError> {
        if self.policy.issuer.is_empty() {
            return Err(BuildError::NoIssuer);
        }
        if self.policy.audiences.is_empty() || self.policy.audiences.iter().any(String::is_empty) {
            return Err(BuildError::NoAudience);
        }
        if self.policy.leeway > i64::from(MAX_LEEWAY) {
            return Err(BuildError::LeewayTooLong(
                u32::try_from(self.policy.leeway).unwrap_or(u32::MAX),
            ));
        }
        if self.policy.algorithms.is_empty() {
            // A key slot holds one family only, so allowing all cannot confuse the two.
            self.policy.algorithms = Algorithm::ALL.to_vec();
        } else if !is_one_family(&self.policy.algorithms) {
            return Err(BuildError::MixedFamilies);
        }
        Ok(Verifier::new(self.keys, self.policy, self.cache))
    }
}

fn is_one_family(algorithms: &[Algorithm]) -> bool {
    algorithms
        .iter()
        .all(|algorithm| algorithm.is_symmetric() == algorithms[0].is_symmetric())
}
