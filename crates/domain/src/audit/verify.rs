//! Proving that the log is whole.

use crate::audit::{ChainKey, Entry, Hash, Head};
use crate::ports::AuditQuery;
use crate::{Issuer, Unavailable};

const BATCH: u32 = 1000;

/// Follows one chain entry by entry.
pub struct ChainCheck<'k> {
    key: &'k ChainKey,
    chain: String,
    seq: i64,
    hash: Hash,
}

/// A chain that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    pub chain: String,
    pub entries: i64,
    /// The last hash. Kept elsewhere, it shows later that the log was not set back to an older copy.
    pub head: Hash,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    #[error("chain `{chain}`: entry {expected} is missing; {found} follows instead")]
    Gap {
        chain: String,
        expected: i64,
        found: i64,
    },
    #[error("chain `{chain}`: entry {seq} was edited, or an entry before it was replaced")]
    Edited { chain: String, seq: i64 },
    #[error(
        "chain `{chain}`: the log ends at entry {found}, but its head is {expected}: entries were removed or added"
    )]
    Cut {
        chain: String,
        expected: i64,
        found: i64,
    },
    #[error("chain `{chain}`: the head was edited")]
    ForgedHead { chain: String },
    #[error("chain `{chain}`: the head was removed")]
    NoHead { chain: String },
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl<'k> ChainCheck<'k> {
    pub fn new(key: &'k ChainKey, chain: &str) -> Self {
        Self {
            key,
            chain: chain.to_owned(),
            seq: 0,
            hash: Hash::ZERO,
        }
    }

    pub fn add(&mut self, entry: &Entry) -> Result<(), BrokenChain> {
        let chain = || self.chain.clone();
        if entry.seq != self.seq + 1 {
            return Err(BrokenChain::Gap {
                chain: chain(),
                expected: self.seq + 1,
                found: entry.seq,
            });
        }
        if self.key.hash(&self.hash, entry) != entry.hash {
            return Err(BrokenChain::Edited {
                chain: chain(),
                seq: entry.seq,
            });
        }
        (self.seq, self.hash) = (entry.seq, entry.hash);
        Ok(())
    }

    pub fn finish(self, head: &Head) -> Result<ChainReport, BrokenChain> {
        if !self.key.head_is_genuine(head) {
            return Err(BrokenChain::ForgedHead { chain: self.chain });
        }
        if (head.seq, head.hash) != (self.seq, self.hash) {
            return Err(BrokenChain::Cut {
                chain: self.chain,
                expected: head.seq,
                found: self.seq,
            });
        }
        Ok(ChainReport {
            chain: self.chain,
            entries: self.seq,
            head: self.hash,
        })
    }
}

impl Issuer {
    /// Reads every chain from its beginning and answers what each holds, or the first thing that does not.
    pub async fn verify_audit(&self) -> Result<Vec<ChainReport>, BrokenChain> {
        let mut reports = Vec::new();
        let heads = self.outside.store.heads().await?;
        let chains = self.outside.store.chains().await?;
        // A chain may have got its first entry since the heads were read; then it has a head by now.
        let without = |chain: &&String| !heads.iter().any(|head| head.chain == **chain);
        if let Some(chain) = chains.iter().find(without) {
            let now = self.outside.store.heads().await?;
            if !now.iter().any(|head| head.chain == *chain) {
                return Err(BrokenChain::NoHead {
                    chain: chain.clone(),
                });
            }
        }
        for head in heads {
            let mut check = ChainCheck::new(&self.secrets.audit, &head.chain);
            // Up to the head as it was read: what is appended meanwhile belongs to the next check.
            while check.seq < head.seq {
                let left = u32::try_from(head.seq - check.seq).unwrap_or(BATCH);
                let query = AuditQuery {
                    chain: head.chain.clone(),
                    after: check.seq,
                    limit: left.min(BATCH),
                };
                let entries = self.outside.store.entries(&query).await?;
                if entries.is_empty() {
                    break;
                }
                entries.iter().try_for_each(|entry| check.add(entry))?;
            }
            reports.push(check.finish(&head)?);
        }
        Ok(reports)
    }

    pub async fn audit_heads(&self) -> Result<Vec<Head>, Unavailable> {
        self.outside.store.heads().await
    }

    pub async fn audit_entries(&self, query: &AuditQuery) -> Result<Vec<Entry>, Unavailable> {
        self.outside.store.entries(query).await
    }

    pub async fn newest_audit_entries(&self, limit: u32) -> Result<Vec<Entry>, Unavailable> {
        self.outside.store.newest(limit).await
    }
}
