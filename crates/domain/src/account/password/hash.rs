//! Argon2id (RFC 9106) with OWASP's parameters, in PHC strings.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::foreign;
use crate::secret::PlainSecret;

/// What one hash costs. The defaults are OWASP's first choice of equal strength: 19 MiB, two passes, one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// A stored hash: PHC string format, or bcrypt's own.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    Mismatch,
    Match,
    /// It matches, but under another scheme or cost than today's: hash it anew.
    MatchOutdated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedHash {
    #[error(
        "not a password hash: expected $argon2id$, $argon2i$, $2b$ (bcrypt), $scrypt$ or $pbkdf2-sha256$/$pbkdf2-sha512$"
    )]
    UnknownScheme,
    #[error("the hash's parameters are missing or malformed")]
    Malformed,
    #[error("the hash costs more than this server will spend on a login")]
    TooCostly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed with these parameters")]
pub struct HashFailed;

/// One thread's hasher: it keeps its memory between passwords, because touching 19 fresh MiB each time costs more
/// than a fifth of the hash.
pub struct Hasher {
    cost: HashCost,
    memory: Vec<Block>,
    /// Checked when there is no account, so that a stranger's login costs what a user's does. No password gives it: the
    /// expected output is all zeros.
    decoy: PasswordHash,
}

impl Default for HashCost {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

impl PasswordHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PasswordHash {
    type Err = MalformedHash;

    /// Checks that the scheme is known and that its cost is one that a login may be made to pay.
    fn from_str(text: &str) -> Result<Self, MalformedHash> {
        foreign::Scheme::of(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl Hasher {
    pub fn new(cost: HashCost) -> Self {
        Self {
            cost,
            memory: Vec::new(),
            decoy: phc(cost, &[0; 16], &[0; 32]),
        }
    }

    /// Gives back the memory until the next password needs it.
    pub fn release_memory(&mut self) {
        self.memory = Vec::new();
    }

    pub fn hash(
        &mut self,
        password: &PlainSecret,
        salt: &[u8; 16],
    ) -> Result<PasswordHash, HashFailed> {
        let HashCost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| HashFailed)?;
        let mut out = [0; 32];
        self.argon2(Algorithm::Argon2id, params, password, salt, &mut out)?;
        Ok(phc(self.cost, salt, &out))
    }

    pub fn verify(&mut self, password: &PlainSecret, hash: Option<&PasswordHash>) -> PasswordCheck {
        let decoy = self.decoy.clone();
        let matched = self.matches(password, hash.unwrap_or(&decoy));
        match hash {
            Some(hash) if matched => {
                if self.is_current(hash) {
                    PasswordCheck::Match
                } else {
                    PasswordCheck::MatchOutdated
                }
            }
            Some(_) | None => PasswordCheck::Mismatch,
        }
    }

    fn matches(&mut self, password: &PlainSecret, hash: &PasswordHash) -> bool {
        let Ok(scheme) = foreign::Scheme::of(hash.as_str()) else {
            return false;
        };
        if let foreign::Scheme::Argon2 {
            algorithm,
            params,
            salt,
            expected,
        } = scheme
        {
            let mut out = vec![0; expected.len()];
            return self
                .argon2(algorithm, params, password, &salt, &mut out)
                .is_ok()
                && aws_lc_rs::constant_time::verify_slices_are_equal(&out, &expected).is_ok();
        }
        scheme.matches(password)
    }

    fn is_current(&self, hash: &PasswordHash) -> bool {
        match foreign::Scheme::of(hash.as_str()) {
            Ok(foreign::Scheme::Argon2 {
                algorithm: Algorithm::Argon2id,
                params,
                ..
            }) => {
                let HashCost {
                    memory_kib,
                    passes,
                    lanes,
                } = self.cost;
                (params.m_cost(), params.t_cost(), params.p_cost()) == (memory_kib, passes, lanes)
            }
            Ok(_) | Err(_) => false,
        }
    }

    fn argon2(
        &mut self,
        algorithm: Algorithm,
        params: Params,
        password: &PlainSecret,
        salt: &[u8],
        out: &mut [u8],
    ) -> Result<(), HashFailed> {
        let blocks = params.block_count();
        if self.memory.len() < blocks {
            self.memory.resize(blocks, Block::default());
        }
        Argon2::new(algorithm, Version::V0x13, params)
            .hash_password_into_with_memory(
                password.expose().as_bytes(),
                salt,
                out,
                &mut self.memory[..blocks],
            )
            .map_err(|_| HashFailed)
    }
}

fn phc(cost: HashCost, salt: &[u8; 16], out: &[u8; 32]) -> PasswordHash {
    let HashCost {
        memory_kib,
        passes,
        lanes,
    } = cost;
    let b64 = |bytes: &[u8]| base64_simd::STANDARD_NO_PAD.encode_to_string(bytes);
    let (salt, out) = (b64(salt), b64(out));
    PasswordHash(format!(
        "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${out}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };

    fn check(password: &str, hash: &str) -> PasswordCheck {
        let mut hasher = Hasher::new(CHEAP);
        hasher.verify(&PlainSecret::new(password), Some(&hash.parse().unwrap()))
    }

    #[test]
    fn a_new_hash_matches_its_password_alone() {
        let mut hasher = Hasher::new(CHEAP);
        let hash = hasher
            .hash(&PlainSecret::new("correct horse"), &[7; 16])
            .unwrap();
        assert_eq!(
            hasher.verify(&PlainSecret::new("correct horse"), Some(&hash)),
            PasswordCheck::Match
        );
        assert_eq!(
            hasher.verify(&PlainSecret::new("correct hors"), Some(&hash)),
            PasswordCheck::Mismatch
        );
    }

    #[test]
    fn another_cost_is_outdated() {
        let mut old = Hasher::new(HashCost { passes: 2, ..CHEAP });
        let hash = old.hash(&PlainSecret::new("secret"), &[1; 16]).unwrap();
        assert_eq!(check("secret", hash.as_str()), PasswordCheck::MatchOutdated);
    }

    #[test]
    fn a_stranger_costs_a_whole_hash_and_never_matches() {
        let mut hasher = Hasher::new(CHEAP);
        assert_eq!(
            hasher.verify(&PlainSecret::new(""), None),
            PasswordCheck::Mismatch
        );
        assert_eq!(hasher.memory.len(), 64, "the memory was filled");
        hasher.release_memory();
        assert_eq!(
            hasher.verify(&PlainSecret::new("x"), None),
            PasswordCheck::Mismatch
        );
    }

    /// Made with Python: bcrypt 4.2, hashlib.scrypt, hashlib.pbkdf2_hmac and argon2-cffi, each of the password `hunter2 ✓`.
    #[test]
    fn hashes_of_other_systems_match_and_are_outdated() {
        for hash in include_str!("foreign_hashes.txt")
            .lines()
            .filter(|l| !l.is_empty())
        {
            assert_eq!(
                check("hunter2 ✓", hash),
                PasswordCheck::MatchOutdated,
                "{hash}"
            );
            assert_eq!(check("hunter3 ✓", hash), PasswordCheck::Mismatch, "{hash}");
        }
    }

    #[test]
    fn hashes_that_cost_too_much_or_say_too_little_are_refused() {
        for (hash, why) in [
            (
                "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
                MalformedHash::TooCostly,
            ),
            (
                "$2b$19$abcdefghijklmnopqrstuuJ3iN3Hc8v8vS9pO7Zy3pI4uU1Jz5l2G",
                MalformedHash::TooCostly,
            ),
            (
                "$pbkdf2-sha256$i=99999999$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
                MalformedHash::TooCostly,
            ),
            (
                "$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
                MalformedHash::TooCostly,
            ),
            ("$argon2id$v=19$m=64$c2FsdHNhbHQ", MalformedHash::Malformed),
            ("$1$salt$hash", MalformedHash::UnknownScheme),
            ("plain", MalformedHash::UnknownScheme),
        ] {
            assert_eq!(hash.parse::<PasswordHash>(), Err(why), "{hash}");
        }
    }
}
