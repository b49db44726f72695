//! Each entry's hash covers the entry and the hash before it, keyed by a secret that rests under the master key.
//!
//! Keyed, because whoever can edit the table could otherwise compute the whole chain anew; the head carries a MAC of its
//! own, because the last entries could otherwise be cut off without a trace. What no chain can show is a database that
//! was set back as a whole to an older copy: keep a head (`audit verify` prints it) somewhere else to notice that.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};

/// HMAC-SHA256 of an entry and its predecessor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

/// The key of all chains of this issuer.
#[derive(Clone)]
pub struct ChainKey(hmac::Key);

/// A stored entry. The members are the stored text, not parsed: what is proved is what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which chain: one per node, so that nodes do not wait for each other.
    pub chain: String,
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    pub at: i64,
    pub kind: String,
    pub actor: String,
    pub user: Option<String>,
    pub session: Option<String>,
    pub client: Option<String>,
    pub address: Option<String>,
    pub detail: Option<String>,
    pub hash: Hash,
}

/// Where a chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub chain: String,
    pub seq: i64,
    pub hash: Hash,
    pub mac: Hash,
}

impl Hash {
    pub const ZERO: Hash = Hash([0; 32]);

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey(…)")
    }
}

impl ChainKey {
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The hash that belongs to `entry` (whose own `hash` is not looked at) behind `previous`.
    pub fn hash(&self, previous: &Hash, entry: &Entry) -> Hash {
        let mut mac = hmac::Context::with_key(&self.0);
        mac.update(b"entry");
        mac.update(&previous.0);
        mac.update(&entry.seq.to_be_bytes());
        mac.update(&entry.at.to_be_bytes());
        for member in [Some(&entry.chain), Some(&entry.kind), Some(&entry.actor)] {
            update(&mut mac, member);
        }
        for member in [
            &entry.user,
            &entry.session,
            &entry.client,
            &entry.address,
            &entry.detail,
        ] {
            update(&mut mac, member.as_ref());
        }
        finish(mac)
    }

    /// The head of a chain whose last entry is `(seq, hash)`.
    pub fn head(&self, chain: &str, seq: i64, hash: Hash) -> Head {
        let mut mac = hmac::Context::with_key(&self.0);
        mac.update(b"head");
        update(&mut mac, Some(&chain.to_owned()));
        mac.update(&seq.to_be_bytes());
        mac.update(&hash.0);
        Head {
            chain: chain.to_owned(),
            seq,
            hash,
            mac: finish(mac),
        }
    }

    pub(super) fn head_is_genuine(&self, head: &Head) -> bool {
        let expected = self.head(&head.chain, head.seq, head.hash).mac;
        constant_time::verify_slices_are_equal(&expected.0, &head.mac.0).is_ok()
    }
}

/// Length in front, so that two different entries never feed the same bytes; `None` differs from the empty text.
fn update(mac: &mut hmac::Context, member: Option<&String>) {
    match member {
        None => mac.update(&[0]),
        Some(text) => {
            mac.update(&[1]);
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
    }
}

fn finish(mac: hmac::Context) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(mac.sign().as_ref());
    Hash(hash)
}

#[cfg(test)]
mod tests;
