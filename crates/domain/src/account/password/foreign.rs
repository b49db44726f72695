//! Hashes that other systems made. They verify here with their own cost, which is capped: an imported row must not be able to
//! buy minutes of CPU with each login attempt.

use argon2::{Algorithm, Params};
use aws_lc_rs::pbkdf2;

use super::MalformedHash;
use crate::secret::PlainSecret;

const MOST_MEMORY_KIB: u32 = 256 * 1024;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 8;
const MOST_BCRYPT_COST: u32 = 14;
const MOST_SCRYPT_LOG_N: u32 = 17;
const MOST_SCRYPT_R: u32 = 16;
const MOST_PBKDF2_ROUNDS: u32 = 2_000_000;
const HASH_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

/// A stored hash, taken apart.
pub(super) enum Scheme {
    Argon2 {
        algorithm: Algorithm,
        params: Params,
        salt: Vec<u8>,
        expected: Vec<u8>,
    },
    Bcrypt(String),
    Scrypt {
        params: scrypt::Params,
        salt: Vec<u8>,
        expected: Vec<u8>,
    },
    Pbkdf2 {
        algorithm: pbkdf2::Algorithm,
        rounds: std::num::NonZeroU32,
        salt: Vec<u8>,
        expected: Vec<u8>,
    },
}

impl Scheme {
    pub(super) fn of(text: &str) -> Result<Self, MalformedHash> {
        match text.split('$').nth(1) {
            Some("2a" | "2b" | "2x" | "2y") => Self::bcrypt(text),
            Some("argon2id" | "argon2i") => Self::argon2(text),
            Some("scrypt") => Self::scrypt(text),
            Some("pbkdf2-sha256" | "pbkdf2-sha512") => Self::pbkdf2(text),
            Some(_) | None => Err(MalformedHash::UnknownScheme),
        }
    }

    /// Whether the password gives this hash. Argon2 is the hasher's own, which owns the memory for it.
    pub(super) fn matches(&self, password: &PlainSecret) -> bool {
        let password = password.expose().as_bytes();
        match self {
            Scheme::Argon2 { .. } => false,
            // bcrypt reads 72 bytes. The hash was made from those, so the rest of a longer password cannot count.
            Scheme::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Scheme::Scrypt {
                params,
                salt,
                expected,
            } => {
                let mut out = vec![0; expected.len()];
                scrypt::scrypt(password, salt, params, &mut out).is_ok()
                    && aws_lc_rs::constant_time::verify_slices_are_equal(&out, expected).is_ok()
            }
            Scheme::Pbkdf2 {
                algorithm,
                rounds,
                salt,
                expected,
            } => pbkdf2::verify(*algorithm, *rounds, salt, password, expected).is_ok(),
        }
    }

    fn bcrypt(text: &str) -> Result<Self, MalformedHash> {
        let cost = text.split('$').nth(2).and_then(|c| c.parse::<u32>().ok());
        match cost {
            Some(cost) if cost > MOST_BCRYPT_COST => Err(MalformedHash::TooCostly),
            Some(4..) if text.len() == 60 => Ok(Self::Bcrypt(text.to_owned())),
            Some(_) | None => Err(MalformedHash::Malformed),
        }
    }

    fn argon2(text: &str) -> Result<Self, MalformedHash> {
        let phc = Phc::parse(text)?;
        let (m, t, p) = (phc.number("m")?, phc.number("t")?, phc.number("p")?);
        if m > MOST_MEMORY_KIB || t > MOST_PASSES || p > MOST_LANES {
            return Err(MalformedHash::TooCostly);
        }
        let algorithm = if text.starts_with("$argon2id$") {
            Algorithm::Argon2id
        } else {
            Algorithm::Argon2i
        };
        let (salt, expected) = phc.salt_and_hash()?;
        let params =
            Params::new(m, t, p, Some(expected.len())).map_err(|_| MalformedHash::Malformed)?;
        Ok(Self::Argon2 {
            algorithm,
            params,
            salt,
            expected,
        })
    }

    fn scrypt(text: &str) -> Result<Self, MalformedHash> {
        let phc = Phc::parse(text)?;
        let (ln, r, p) = (phc.number("ln")?, phc.number("r")?, phc.number("p")?);
        if ln > MOST_SCRYPT_LOG_N || r > MOST_SCRYPT_R || p > MOST_LANES {
            return Err(MalformedHash::TooCostly);
        }
        let log_n = u8::try_from(ln).map_err(|_| MalformedHash::TooCostly)?;
        let params = scrypt::Params::new(log_n, r, p).map_err(|_| MalformedHash::Malformed)?;
        let (salt, expected) = phc.salt_and_hash()?;
        Ok(Self::Scrypt {
            params,
            salt,
            expected,
        })
    }

    fn pbkdf2(text: &str) -> Result<Self, MalformedHash> {
        let phc = Phc::parse(text)?;
        let rounds = phc.number("i")?;
        if rounds > MOST_PBKDF2_ROUNDS {
            return Err(MalformedHash::TooCostly);
        }
        let algorithm = if text.starts_with("$pbkdf2-sha256$") {
            pbkdf2::PBKDF2_HMAC_SHA256
        } else {
            pbkdf2::PBKDF2_HMAC_SHA512
        };
        let rounds = rounds.try_into().map_err(|_| MalformedHash::Malformed)?;
        let (salt, expected) = phc.salt_and_hash()?;
        Ok(Self::Pbkdf2 {
            algorithm,
            rounds,
            salt,
            expected,
        })
    }
}

struct Phc(phc::PasswordHash);

impl Phc {
    fn parse(text: &str) -> Result<Self, MalformedHash> {
        phc::PasswordHash::new(text)
            .map(Self)
            .map_err(|_| MalformedHash::Malformed)
    }

    fn number(&self, name: &str) -> Result<u32, MalformedHash> {
        self.0
            .params
            .get_decimal(name)
            .ok_or(MalformedHash::Malformed)
    }

    fn salt_and_hash(&self) -> Result<(Vec<u8>, Vec<u8>), MalformedHash> {
        let salt = self.0.salt.as_ref().ok_or(MalformedHash::Malformed)?;
        let hash = self.0.hash.as_ref().ok_or(MalformedHash::Malformed)?;
        if HASH_BYTES.contains(&hash.len()) {
            Ok((salt.as_ref().to_vec(), hash.as_bytes().to_vec()))
        } else {
            Err(MalformedHash::Malformed)
        }
    }
}
