use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use keywright_jwt::{Algorithm, Compact, Header, Jwk, JwkSet, VerifyingKey};

use super::KeySetRefused;
use crate::Refusal;

/// Headers remembered per key. An issuer writes one per token type; a few more do no harm.
const HEADERS_PER_KEY: usize = 4;

/// Keys beyond this number still verify, but their headers are read each time.
const MAX_HEADERS: usize = 32;

/// One generation of keys, and the exact headers that tokens verified by them have borne.
pub(crate) struct KeyTable {
    entries: Vec<KeyEntry>,
    /// Names that are no longer anybody's, so that their tokens can be told from those of keys still to come.
    revoked: BTreeSet<String>,
    /// Filled front to back, only by tokens whose signature was valid: a flood of forged headers leaves no trace.
    known: Box<[OnceLock<KnownHeader>]>,
}

/// One key, pinned to its algorithm.
#[derive(Clone)]
pub(crate) struct KeyEntry {
    kid: Option<String>,
    key: VerifyingKey,
}

struct KnownHeader {
    encoded: Box<str>,
    typ: Option<Box<str>>,
    entry: usize,
}

/// A token that was split by a header seen before.
pub(crate) struct Known<'k, 't> {
    pub entry: &'k KeyEntry,
    pub typ: Option<&'k str>,
    pub compact: Compact<'t>,
}

impl KeyEntry {
    pub fn named(kid: String, key: VerifyingKey) -> Self {
        Self {
            kid: Some(kid),
            key,
        }
    }

    /// A key that was configured alone and goes by any name.
    pub fn unnamed(key: VerifyingKey) -> Self {
        Self { kid: None, key }
    }

    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    fn from_jwk(jwk: &Jwk) -> Option<Self> {
        // A key that does not say its algorithm gets the first that its type allows, RS256 for RSA, and only that one.
        let algorithm = jwk.usable_algorithms().next()?;
        let key = VerifyingKey::from_jwk(jwk, algorithm).ok()?;
        Some(Self {
            kid: jwk.kid().map(str::to_owned),
            key,
        })
    }
}

impl KeyTable {
    pub fn new(entries: Vec<KeyEntry>) -> Self {
        let headers = (entries.len() * HEADERS_PER_KEY).min(MAX_HEADERS);
        Self {
            entries,
            revoked: BTreeSet::new(),
            known: std::iter::repeat_with(OnceLock::new)
                .take(headers)
                .collect(),
        }
    }

    pub fn from_set(set: &JwkSet) -> Self {
        Self::new(set.keys.iter().filter_map(KeyEntry::from_jwk).collect())
    }

    /// These keys but those, with nothing remembered of any.
    pub fn without(&self, revoked: &BTreeSet<String>) -> Self {
        let stays = |entry: &&KeyEntry| !entry.kid().is_some_and(|kid| revoked.contains(kid));
        Self {
            revoked: revoked.clone(),
            ..Self::new(self.entries.iter().filter(stays).cloned().collect())
        }
    }

    /// What has to hold before any token is checked with these keys.
    pub fn check(&self) -> Result<(), KeySetRefused> {
        let first = self.entries.first().ok_or(KeySetRefused::NoUsableKey)?;
        let symmetric = first.key.algorithm().is_symmetric();
        if self
            .entries
            .iter()
            .any(|entry| entry.key.algorithm().is_symmetric() != symmetric)
        {
            return Err(KeySetRefused::MixedFamilies);
        }
        let mut names = HashSet::new();
        match self
            .entries
            .iter()
            .filter_map(KeyEntry::kid)
            .find(|kid| !names.insert(*kid))
        {
            Some(kid) => Err(KeySetRefused::DuplicateKid(kid.to_owned())),
            None => Ok(()),
        }
    }

    pub fn entries(&self) -> &[KeyEntry] {
        &self.entries
    }

    /// Splits a token whose header has been seen before, without decoding it.
    pub fn recognise<'k, 't>(&'k self, token: &'t str) -> Option<Known<'k, 't>> {
        self.known
            .iter()
            .map_while(OnceLock::get)
            .find_map(|known| {
                let entry = self.entries.get(known.entry)?;
                let compact =
                    Compact::split_known(token, &known.encoded, entry.key.signature_len())?;
                Some(Known {
                    entry,
                    typ: known.typ.as_deref(),
                    compact,
                })
            })
    }

    /// Remembers the header of a token whose signature was valid.
    pub fn remember(&self, encoded: &str, header: &Header<'_>, entry: &KeyEntry) {
        let Some(entry) = self.entries.iter().position(|own| std::ptr::eq(own, entry)) else {
            return;
        };
        for slot in &self.known {
            let fresh = || KnownHeader {
                encoded: encoded.into(),
                typ: header.typ.as_deref().map(Box::from),
                entry,
            };
            if *slot.get_or_init(fresh).encoded == *encoded {
                return;
            }
        }
    }

    /// The one key that a header may mean.
    pub fn select(&self, header: &Header<'_>) -> Result<&KeyEntry, Refusal> {
        let entry = match &header.kid {
            Some(kid) if self.revoked.contains(&**kid) => return Err(Refusal::RevokedKey),
            Some(kid) => {
                let by_name = |name| self.entries.iter().find(|entry| entry.kid() == name);
                // A key without a name goes by any, but never in place of the one that bears it.
                let entry = by_name(Some(kid)).or_else(|| by_name(None));
                entry.ok_or(Refusal::UnknownKey)?
            }
            None => self.only_key_for(header.algorithm)?,
        };
        if entry.key.algorithm() != header.algorithm {
            return Err(Refusal::WrongAlgorithm);
        }
        Ok(entry)
    }

    /// A token that names no key is accepted where there is nothing to choose.
    fn only_key_for(&self, algorithm: Algorithm) -> Result<&KeyEntry, Refusal> {
        let mut fitting = self
            .entries
            .iter()
            .filter(|entry| entry.key.algorithm() == algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Refusal::AmbiguousKey),
            (None, _) => Err(Refusal::WrongAlgorithm),
        }
    }
}
