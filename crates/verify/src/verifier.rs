use std::fmt;
use std::sync::Arc;

use keywright_jwt::{Claims, Compact, Header};

use crate::cache::TokenCache;
use crate::counters::{Counters, Counts};
use crate::keys::{KeyEntry, KeyTable, Known};
use crate::policy::Policy;
use crate::{KeySlot, Refusal, Scratch, Verified, VerifierBuilder};

/// Checks tokens of one issuer for one service. Cheap to clone; clones share keys and what they have learned.
#[derive(Clone)]
pub struct Verifier {
    keys: KeySlot,
    policy: Arc<Policy>,
    counters: Arc<Counters>,
    cache: Option<Arc<TokenCache>>,
}

impl Verifier {
    /// Starts a verifier for tokens of `issuer`, compared byte for byte with `iss`, signed by one of `keys`.
    pub fn builder(issuer: impl Into<String>, keys: KeySlot) -> VerifierBuilder {
        VerifierBuilder::new(issuer.into(), keys)
    }

    pub(crate) fn new(keys: KeySlot, policy: Policy, cache: Option<Arc<TokenCache>>) -> Self {
        Self {
            keys,
            policy: Arc::new(policy),
            counters: Arc::default(),
            cache,
        }
    }

    /// Checks a token and keeps its claims.
    pub fn verify(&self, token: &str) -> Result<Verified, Refusal> {
        self.counters.watch(|| match &self.cache {
            Some(cache) => self.recall(token, cache),
            None => {
                let mut scratch = Scratch::default();
                self.judge(token, &mut scratch)?;
                Ok(Verified::new(scratch))
            }
        })
    }

    /// Checks a token like [`Verifier::verify`], and asks once more where the key or the status is not known: the
    /// [`crate::KeySource`], or [`crate::Revocation::refresh`].
    pub async fn verify_fresh(&self, token: &str) -> Result<Verified, Refusal> {
        match self.verify(token) {
            Err(refusal) if self.can_learn(&refusal).await => self.verify(token),
            answer => answer,
        }
    }

    /// Whether the token may be good for all that has been learnt since it was refused.
    pub(crate) async fn can_learn(&self, refusal: &Refusal) -> bool {
        if matches!(refusal, Refusal::UnknownKey | Refusal::KeysUnavailable) {
            return self.keys.refresh().await;
        }
        matches!(refusal, Refusal::StatusUnknown) && self.policy.refresh_status().await
    }

    /// Checks a token like [`Verifier::verify`], with the claims borrowed from a buffer that is used again and again. The
    /// cache takes no part.
    pub fn verify_in<'s>(
        &self,
        token: &str,
        scratch: &'s mut Scratch,
    ) -> Result<Claims<'s>, Refusal> {
        self.counters.watch(|| self.judge(token, scratch))?;
        Ok(scratch.claims())
    }

    /// What this verifier and its clones have accepted and refused, and what they know.
    pub fn counters(&self) -> Counts {
        Counts {
            kids: self.keys.kids(),
            revocation: self.policy.knowledge(),
            ..self.counters.read()
        }
    }

    /// The keys this verifier believes.
    pub fn keys(&self) -> &KeySlot {
        &self.keys
    }

    fn recall(&self, token: &str, cache: &Arc<TokenCache>) -> Result<Verified, Refusal> {
        let generation = self.keys.generation();
        if let Some(kept) = cache.find(token, generation) {
            self.policy.check_again(&kept.claims())?;
            return Ok(Verified::kept(kept));
        }
        let mut scratch = Scratch::default();
        self.judge(token, &mut scratch)?;
        Ok(Verified::kept(cache.keep(token, generation, scratch)))
    }

    fn judge(&self, token: &str, scratch: &mut Scratch) -> Result<(), Refusal> {
        if token.len() > self.policy.max_token_bytes {
            return Err(Refusal::TooLarge);
        }
        let table = self.keys.load();
        let table = table.as_deref().ok_or(Refusal::KeysUnavailable)?;
        let compact = match table.recognise(token) {
            Some(known) => self.check_known(token, known)?,
            None => self.check_unknown(token, table)?,
        };
        scratch.read(&compact)?;
        self.policy.check_claims(&scratch.claims())
    }

    fn check_known<'t>(
        &self,
        token: &'t str,
        known: Known<'_, 't>,
    ) -> Result<Compact<'t>, Refusal> {
        self.policy.check_type(known.typ)?;
        match self.check_signature(&known.compact, known.entry) {
            Ok(()) => Ok(known.compact),
            // The parts were found by their lengths. A dot too many is the better reason, and the one that a verifier
            // gives which has not seen this header yet.
            Err(refusal) => Err(Compact::split(token).map_or_else(Refusal::from, |_| refusal)),
        }
    }

    fn check_unknown<'t>(&self, token: &'t str, table: &KeyTable) -> Result<Compact<'t>, Refusal> {
        let compact = Compact::split(token)?;
        let json = compact.decode_header()?;
        let header = Header::parse(&json)?;
        self.policy.check_type(header.typ.as_deref())?;
        let entry = table.select(&header)?;
        self.check_signature(&compact, entry)?;
        table.remember(compact.header(), &header, entry);
        Ok(compact)
    }

    fn check_signature(&self, compact: &Compact<'_>, entry: &KeyEntry) -> Result<(), Refusal> {
        self.policy.check_algorithm(entry.key().algorithm())?;
        compact
            .with_signature(|signature| entry.key().verify(compact.signing_input(), signature))?
            .map_err(|_| Refusal::Signature)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.policy.issuer)
            .field("audiences", &self.policy.audiences)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
