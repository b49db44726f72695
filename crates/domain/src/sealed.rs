//! Text that a browser carries for us and must neither read nor change: what waits for a person is in their page and not in the database.
//!
//! base64url( salt · nonce · AES-256-GCM ). Each text has a key of its own, derived from the server's by the salt: however many
//! pages are asked for, no nonce is used twice under one key. The purpose is authenticated too, so that what was sealed for one page
//! opens at no other.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::MacKey;
use crate::{Period, Time};

const SALT: usize = 16;
pub(crate) const RANDOM: usize = SALT + NONCE_LEN;

/// How long a person may take over a page.
pub(crate) const ON_A_PAGE: Period = Period::minutes(30);

/// What waits in a page.
pub(crate) trait Waits {
    fn since(&self) -> Time;
}

/// Forged, sealed elsewhere or for something else, or no such text at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text was not sealed here, or not for this")]
pub(crate) struct NotSealed;

pub(crate) fn seal(
    value: &impl Serialize,
    purpose: &[u8],
    key: &MacKey,
    random: [u8; RANDOM],
) -> Result<String, NotSealed> {
    let mut text = serde_json::to_vec(value).map_err(|_| NotSealed)?;
    let (salt, nonce) = random.split_first_chunk::<SALT>().ok_or(NotSealed)?;
    cipher(purpose, key, salt)?
        .seal_in_place_append_tag(read_nonce(nonce)?, Aad::from(purpose), &mut text)
        .map_err(|_| NotSealed)?;
    let whole = [random.as_slice(), &text].concat();
    Ok(base64_simd::URL_SAFE_NO_PAD.encode_to_string(whole))
}

pub(crate) fn open<T: DeserializeOwned>(
    text: &str,
    purpose: &[u8],
    key: &MacKey,
) -> Result<T, NotSealed> {
    let whole = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(text)
        .map_err(|_| NotSealed)?;
    let (salt, rest) = whole.split_first_chunk::<SALT>().ok_or(NotSealed)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotSealed)?;
    let mut sealed = sealed.to_vec();
    let opened = cipher(purpose, key, salt)?
        .open_in_place(read_nonce(nonce)?, Aad::from(purpose), &mut sealed)
        .map_err(|_| NotSealed)?;
    serde_json::from_slice(opened).map_err(|_| NotSealed)
}

/// The same of what waited in a page, unless the person took too long over it.
pub(crate) fn open_from_page<T: Waits + DeserializeOwned>(
    text: &str,
    purpose: &[u8],
    key: &MacKey,
    now: Time,
) -> Result<T, NotSealed> {
    let waiting: T = open(text, purpose, key)?;
    let is_in_time = now < waiting.since() + ON_A_PAGE;
    is_in_time.then_some(waiting).ok_or(NotSealed)
}

fn cipher(purpose: &[u8], key: &MacKey, salt: &[u8; SALT]) -> Result<LessSafeKey, NotSealed> {
    let own = key.mac(&[purpose, salt]);
    let unbound = UnboundKey::new(&AES_256_GCM, &own).map_err(|_| NotSealed)?;
    Ok(LessSafeKey::new(unbound))
}

fn read_nonce(bytes: &[u8]) -> Result<Nonce, NotSealed> {
    Nonce::try_assume_unique_for_key(bytes).map_err(|_| NotSealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MacKey {
        MacKey::new(1, &[byte; 32])
    }

    fn read(text: &str, purpose: &[u8], key: &MacKey) -> Result<String, NotSealed> {
        open(text, purpose, key)
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_alone_and_shows_nothing() {
        let text = seal(&"a secret state", b"one", &key(1), [3; RANDOM]).unwrap();
        assert_eq!(
            read(&text, b"one", &key(1)),
            Ok("a secret state".to_owned())
        );
        assert_eq!(read(&text, b"other", &key(1)), Err(NotSealed));
        assert_eq!(read(&text, b"one", &key(2)), Err(NotSealed));
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&text).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        let again = seal(&"a secret state", b"one", &key(1), [4; RANDOM]).unwrap();
        assert_ne!(text, again);
    }

    #[test]
    fn whatever_is_changed_in_it_is_noticed() {
        let text = seal(&"state", b"one", &key(1), [3; RANDOM]).unwrap();
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&text).unwrap();
        for place in [0, SALT, RANDOM, bytes.len() - 1] {
            let mut forged = bytes.clone();
            forged[place] ^= 1;
            let forged = base64_simd::URL_SAFE_NO_PAD.encode_to_string(forged);
            assert_eq!(read(&forged, b"one", &key(1)), Err(NotSealed), "{place}");
        }
        for rubbish in ["", "AAAA", "not base64!", &"A".repeat(80)] {
            assert_eq!(read(rubbish, b"one", &key(1)), Err(NotSealed));
        }
    }
}
