//! What a client signed with its own key, an assertion that it is itself (RFC 7523) or an authorization request (RFC 9101), or a trusted
//! issuer with its own.

use keywright_jwt::{
    Algorithm, ClaimIndex, Claims, ClaimsError, Compact, CompactError, Header, HeaderError, Jwk,
    JwkSet, VerifyingKey,
};

use crate::Issuer;
use crate::client::key_set::PublishedKeys;
use crate::client::{Client, KeysUnknown};
use crate::secret::PlainSecret;

/// The longest that is looked at: a request object with rich authorization details fits.
const LONGEST: usize = 32 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum SignedRefused {
    #[error("it is longer than {LONGEST} bytes")]
    TooLarge,
    #[error("it is no compact JWS: {0}")]
    Compact(#[from] CompactError),
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error("it may not be signed with {0}")]
    Algorithm(Algorithm),
    #[error(transparent)]
    Keys(#[from] KeysUnknown),
    #[error("no key of the signer fits, or more than one")]
    UnknownKey,
    #[error("the signature is not valid")]
    Signature,
    #[error(transparent)]
    Claims(#[from] ClaimsError),
}

/// Claims that the signer's key vouches for. What they mean is not decided here.
pub(crate) struct Signed {
    pub typ: Option<String>,
    payload: String,
    index: ClaimIndex,
}

impl Signed {
    pub fn claims(&self) -> Claims<'_> {
        self.index.claims(&self.payload)
    }
}

impl Issuer {
    /// Checks the signature with the client's registered keys.
    pub(crate) async fn signed_by(
        &self,
        client: &Client,
        jws: &str,
    ) -> Result<Signed, SignedRefused> {
        let may = |algorithm| client.registration.may_sign_with(algorithm);
        let keys = PublishedKeys::of(client)?;
        self.signed_with(&keys, &may, jws).await
    }

    /// A key that is not among those that are known may be new: a set that is fetched is then fetched once more, within the limits of
    /// [`Issuer::newer_keys_of`].
    pub(crate) async fn signed_with(
        &self,
        published: &PublishedKeys<'_>,
        may: &(dyn Fn(Algorithm) -> bool + Sync),
        jws: &str,
    ) -> Result<Signed, SignedRefused> {
        let compact = split(jws)?;
        let json = compact.decode_header()?;
        let header = Header::parse(&json)?;
        if !may(header.algorithm) {
            return Err(SignedRefused::Algorithm(header.algorithm));
        }
        let keys = self.keys_of(published).await?;
        match verify(&keys, &header, &compact) {
            Err(SignedRefused::UnknownKey) => {
                let newer = self.newer_keys_of(published).await?;
                verify(&newer, &header, &compact)?;
            }
            verified => verified?,
        }
        read(&header, &compact)
    }
}

/// Checks the signature with the one key that both sides keep. A header that names another algorithm is refused before the key is used.
pub(crate) fn signed_by_secret(key: &VerifyingKey, jws: &str) -> Result<Signed, SignedRefused> {
    let compact = split(jws)?;
    let json = compact.decode_header()?;
    let header = Header::parse(&json)?;
    if header.algorithm != key.algorithm() {
        return Err(SignedRefused::Algorithm(header.algorithm));
    }
    let signature = compact.decode_signature()?;
    key.verify(compact.signing_input(), signature.as_bytes())
        .map_err(|_| SignedRefused::Signature)?;
    read(&header, &compact)
}

/// The same with the secret of a client, which may choose among the algorithms of such keys (OpenID Connect Core §10.1) and no others: a
/// public key never comes here, and a secret never meets an algorithm of public keys.
pub(super) fn signed_by_client_secret(
    secret: &PlainSecret,
    jws: &str,
) -> Result<Signed, SignedRefused> {
    let json = split(jws)?.decode_header()?;
    let algorithm = Header::parse(&json)?.algorithm;
    let key = VerifyingKey::from_secret(algorithm, secret.expose().as_bytes());
    let key = key.map_err(|_| SignedRefused::Algorithm(algorithm))?;
    signed_by_secret(&key, jws)
}

fn split(jws: &str) -> Result<Compact<'_>, SignedRefused> {
    if jws.len() > LONGEST {
        return Err(SignedRefused::TooLarge);
    }
    Ok(Compact::split(jws)?)
}

fn verify(keys: &JwkSet, header: &Header<'_>, compact: &Compact<'_>) -> Result<(), SignedRefused> {
    let jwk = select(keys, header).ok_or(SignedRefused::UnknownKey)?;
    let key =
        VerifyingKey::from_jwk(jwk, header.algorithm).map_err(|_| SignedRefused::UnknownKey)?;
    let signature = compact.decode_signature()?;
    key.verify(compact.signing_input(), signature.as_bytes())
        .map_err(|_| SignedRefused::Signature)
}

/// The one key that the header may mean. Without a name, there must be nothing to choose.
fn select<'k>(keys: &'k JwkSet, header: &Header<'_>) -> Option<&'k Jwk> {
    let fits = |jwk: &&Jwk| jwk.usable_algorithms().any(|own| own == header.algorithm);
    if let Some(kid) = &header.kid {
        return keys.find(kid).filter(fits);
    }
    let mut fitting = keys.keys.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

fn read(header: &Header<'_>, compact: &Compact<'_>) -> Result<Signed, SignedRefused> {
    let mut bytes = Vec::new();
    compact.decode_payload(&mut bytes)?;
    let mut payload = String::from_utf8(bytes).map_err(|_| ClaimsError::NotUtf8)?;
    let index = ClaimIndex::read(&mut payload)?;
    Ok(Signed {
        typ: header.typ.as_deref().map(str::to_owned),
        payload,
        index,
    })
}

#[cfg(test)]
mod tests {
    use keywright_jwt::{PrivateKey, SigningKey};

    use super::*;

    fn set(keys: &[&SigningKey]) -> JwkSet {
        let public = keys.iter().filter_map(|key| key.public_jwk());
        JwkSet {
            keys: public.collect(),
        }
    }

    fn checked(keys: &JwkSet, jws: &str) -> Result<(), SignedRefused> {
        let compact = Compact::split(jws)?;
        let json = compact.decode_header()?;
        verify(keys, &Header::parse(&json)?, &compact)
    }

    #[test]
    fn a_signature_counts_only_by_the_key_that_its_header_names() {
        let (one, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        let (two, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        let jws = one.sign("JWT", br#"{"sub":"shop"}"#).unwrap();
        assert!(checked(&set(&[&one, &two]), &jws).is_ok());
        let refused = checked(&set(&[&two]), &jws);
        assert!(
            matches!(refused, Err(SignedRefused::UnknownKey)),
            "{refused:?}"
        );
        let (body, signature) = jws.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let altered = format!("{body}.{other}{}", &signature[1..]);
        let refused = checked(&set(&[&one]), &altered);
        assert!(
            matches!(refused, Err(SignedRefused::Signature)),
            "{refused:?}"
        );
    }

    #[test]
    fn a_clients_secret_checks_what_secrets_sign_and_nothing_else() {
        let text = "s".repeat(64);
        let secret = PlainSecret::new(&*text);
        let claims = br#"{"sub":"shop"}"#;
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            let sign = |text: &str| {
                let private = PrivateKey::from_bytes(text.as_bytes().to_vec());
                let key = SigningKey::from_private(algorithm, &private).unwrap();
                key.sign("JWT", claims).unwrap()
            };
            let own = signed_by_client_secret(&secret, &sign(&text));
            assert_eq!(own.unwrap().claims().sub(), Some("shop"), "{algorithm}");
            let other = signed_by_client_secret(&secret, &sign(&"x".repeat(64)));
            assert!(matches!(other, Err(SignedRefused::Signature)));
        }
        for algorithm in Algorithm::ALL.iter().filter(|one| !one.is_symmetric()) {
            let (key, _) = SigningKey::generate(*algorithm).unwrap();
            let refused = signed_by_client_secret(&secret, &key.sign("JWT", claims).unwrap());
            assert!(matches!(refused, Err(SignedRefused::Algorithm(own)) if own == *algorithm));
        }
    }

    #[test]
    fn a_header_without_a_name_must_leave_no_choice() {
        let key = |algorithm| SigningKey::generate(algorithm).unwrap().0;
        let (one, two, other) = (
            key(Algorithm::Es256),
            key(Algorithm::Es256),
            key(Algorithm::EdDsa),
        );
        let header = Header::parse(br#"{"alg":"ES256"}"#).unwrap();
        assert!(select(&set(&[&one, &other]), &header).is_some());
        assert!(select(&set(&[&one, &two]), &header).is_none());
        assert!(select(&set(&[&other]), &header).is_none());
    }
}
