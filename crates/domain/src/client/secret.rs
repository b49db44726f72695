//! A client's secret: how it is made, and what is kept of it.
//!
//! Of a secret that the client sends, the hash is enough. One that it signs with (`client_secret_jwt`, OpenID Connect Core §9) has to be known
//! here as well, to compute the same MAC: it is derived from a server key and a salt that only the client's row knows. Neither the
//! database nor the server key alone tells it.

use std::fmt;

use crate::Issuer;
use crate::client::{AuthMethod, Client, ClientId};
use crate::keys::MacKey;
use crate::secret::{HashedSecret, PlainSecret};

/// What rests in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptSecret {
    /// Of one that the client sends.
    Hashed(HashedSecret),
    /// Of one that it signs with.
    Derived(Derivation),
}

/// From what a secret is computed again, but for the server key.
#[derive(Clone, PartialEq, Eq)]
pub struct Derivation {
    pub key_version: u16,
    pub salt: [u8; SALT],
}

const SALT: usize = 16;
const DERIVATION: usize = 2 + SALT;

impl KeptSecret {
    /// As it rests: 32 bytes are a hash, 18 a derivation.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            KeptSecret::Hashed(hash) => hash.as_bytes().to_vec(),
            KeptSecret::Derived(derivation) => {
                [&derivation.key_version.to_be_bytes()[..], &derivation.salt].concat()
            }
        }
    }

    /// `None`: it is neither.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Ok(hash) = bytes.try_into() {
            return Some(KeptSecret::Hashed(HashedSecret::from_bytes(hash)));
        }
        let bytes: &[u8; DERIVATION] = bytes.try_into().ok()?;
        let (version, salt) = bytes.split_first_chunk()?;
        Some(KeptSecret::Derived(Derivation {
            key_version: u16::from_be_bytes(*version),
            salt: salt.try_into().ok()?,
        }))
    }

    pub(crate) fn serves(&self, method: Option<AuthMethod>) -> bool {
        let signs = method == Some(AuthMethod::ClientSecretJwt);
        signs == matches!(self, KeptSecret::Derived(_))
    }
}

impl Derivation {
    /// The same text whenever it is computed. Two MACs, because HS512 takes no key below 64 bytes (RFC 7518 §3.2); the strength is the server
    /// key's, 256 bits. The prefix lets secret scanners find leaked ones.
    fn secret(&self, id: &ClientId, key: &MacKey) -> PlainSecret {
        let half = |n: u8| key.mac(&[b"client-secret", &[n], &self.salt, id.as_str().as_bytes()]);
        let text = base64_simd::URL_SAFE_NO_PAD.encode_to_string([half(1), half(2)].concat());
        PlainSecret::new(format!("kwj_{text}"))
    }
}

impl Issuer {
    /// A secret by which the client can prove itself as registered; the one time that it is in the clear, for one that it sends.
    pub(crate) fn new_client_secret(
        &self,
        id: &ClientId,
        method: Option<AuthMethod>,
    ) -> (KeptSecret, PlainSecret) {
        if method == Some(AuthMethod::ClientSecretJwt) {
            let key = self.secrets.client_secret.newest();
            let derivation = Derivation {
                key_version: key.version(),
                salt: self.random(),
            };
            let secret = derivation.secret(id, key);
            return (KeptSecret::Derived(derivation), secret);
        }
        // 256 random bits, with a prefix that secret scanners find.
        let random = base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.random::<32>());
        let secret = PlainSecret::new(format!("kws_{random}"));
        (KeptSecret::Hashed(HashedSecret::of(&secret)), secret)
    }

    /// What the client signs with. `None`: it has no such secret, or the server key that it was derived from is gone.
    pub(super) fn signing_secret(&self, client: &Client) -> Option<PlainSecret> {
        let Some(KeptSecret::Derived(derivation)) = &client.secret else {
            return None;
        };
        let key = self.secrets.client_secret.of(derivation.key_version)?;
        Some(derivation.secret(&client.id, key))
    }

    /// Whether it is the client's secret, of either kind. Constant time.
    pub(crate) fn is_secret_of(&self, client: &Client, presented: &PlainSecret) -> bool {
        match &client.secret {
            Some(KeptSecret::Hashed(hash)) => hash.matches(presented),
            Some(KeptSecret::Derived(_)) => self
                .signing_secret(client)
                .is_some_and(|own| HashedSecret::of(&own).matches(presented)),
            None => false,
        }
    }
}

impl Client {
    /// Whether it has what it is registered to prove itself by, as far as that is a secret.
    pub(super) fn has_its_secret(&self) -> bool {
        let method = self.registration.token_endpoint_auth_method;
        let serves = |secret: &KeptSecret| secret.serves(method);
        !self.registration.needs_secret(self.kind) || self.secret.as_ref().is_some_and(serves)
    }
}

impl fmt::Debug for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Derivation(version {})", self.key_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(id: &str, salt: u8, key: u8) -> String {
        let derivation = Derivation {
            key_version: 1,
            salt: [salt; SALT],
        };
        let secret = derivation.secret(&id.parse().unwrap(), &MacKey::new(1, &[key; 32]));
        secret.expose().to_owned()
    }

    #[test]
    fn a_derived_secret_takes_the_client_the_row_and_the_server_key() {
        let own = secret("shop", 1, 1);
        assert_eq!(
            own,
            secret("shop", 1, 1),
            "the same whenever it is computed"
        );
        for other in [
            secret("shop2", 1, 1),
            secret("shop", 2, 1),
            secret("shop", 1, 2),
        ] {
            assert_ne!(own, other);
        }
        assert!(own.starts_with("kwj_") && own.len() >= 64, "for HS512 too");
        let (one, two) = own["kwj_".len()..].split_at(43);
        assert_ne!(one, two);
    }

    #[test]
    fn what_is_kept_is_read_back_and_nothing_else_is() {
        let derived = KeptSecret::Derived(Derivation {
            key_version: 258,
            salt: [7; SALT],
        });
        let hashed = KeptSecret::Hashed(HashedSecret::from_bytes([9; 32]));
        for kept in [derived, hashed] {
            assert_eq!(KeptSecret::from_bytes(&kept.to_bytes()), Some(kept));
        }
        for length in [0, 16, 17, 19, 31, 33] {
            assert_eq!(KeptSecret::from_bytes(&vec![0; length]), None);
        }
    }

    #[test]
    fn a_secret_serves_the_methods_that_it_was_made_for() {
        let hashed = KeptSecret::Hashed(HashedSecret::from_bytes([9; 32]));
        let derived = KeptSecret::from_bytes(&[0; DERIVATION]).unwrap();
        for (method, signs) in [
            (None, false),
            (Some(AuthMethod::ClientSecretBasic), false),
            (Some(AuthMethod::ClientSecretPost), false),
            (Some(AuthMethod::ClientSecretJwt), true),
        ] {
            assert_eq!(
                (hashed.serves(method), derived.serves(method)),
                (!signs, signs)
            );
        }
    }

    #[test]
    fn what_is_kept_says_nothing_in_a_log() {
        let derived = KeptSecret::from_bytes(&[5; DERIVATION]).unwrap();
        assert_eq!(format!("{derived:?}"), "Derived(Derivation(version 1285))");
    }
}
