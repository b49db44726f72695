//! A request that waits for the person: sealed text in a hidden field of the page, so that a visitor who is not logged in writes
//! nothing to the database.
//!
//! base64url( salt · nonce · AES-256-GCM ). Each ticket has a key of its own, derived from the server's by the salt: however many
//! pages are asked for, no nonce is used twice under one key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

use crate::authorize::Parameters;
use crate::keys::MacKey;
use crate::{LoginId, Period, Time};

/// How long a person may take over a page.
const LIFETIME: Period = Period::minutes(30);
/// What is sealed here is for nothing else.
const PURPOSE: &[u8] = b"authorization ticket";

const SALT: usize = 16;
pub(super) const RANDOM: usize = SALT + NONCE_LEN;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub parameters: Parameters,
    /// When the client asked. A login from then on is a fresh one for this request.
    pub asked_at: Time,
    /// Whose answer the consent page awaits. `None`: it is a login page.
    pub consent_of: Option<LoginId>,
}

/// Forged, of another issuer, too old, or no ticket at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page has expired, or was not made here")]
pub(super) struct NotATicket;

impl Ticket {
    pub fn seal(&self, key: &MacKey, random: [u8; RANDOM]) -> Result<String, NotATicket> {
        let mut text = serde_json::to_vec(self).map_err(|_| NotATicket)?;
        let (salt, nonce) = random.split_first_chunk::<SALT>().ok_or(NotATicket)?;
        cipher(key, salt)?
            .seal_in_place_append_tag(read_nonce(nonce)?, Aad::from(PURPOSE), &mut text)
            .map_err(|_| NotATicket)?;
        let whole = [random.as_slice(), &text].concat();
        Ok(base64_simd::URL_SAFE_NO_PAD.encode_to_string(whole))
    }

    pub fn open(text: &str, key: &MacKey, now: Time) -> Result<Self, NotATicket> {
        let whole = base64_simd::URL_SAFE_NO_PAD
            .decode_to_vec(text)
            .map_err(|_| NotATicket)?;
        let (salt, rest) = whole.split_first_chunk::<SALT>().ok_or(NotATicket)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotATicket)?;
        let mut sealed = sealed.to_vec();
        let opened = cipher(key, salt)?
            .open_in_place(read_nonce(nonce)?, Aad::from(PURPOSE), &mut sealed)
            .map_err(|_| NotATicket)?;
        let ticket: Self = serde_json::from_slice(opened).map_err(|_| NotATicket)?;
        if now < ticket.asked_at + LIFETIME {
            Ok(ticket)
        } else {
            Err(NotATicket)
        }
    }
}

fn cipher(key: &MacKey, salt: &[u8; SALT]) -> Result<LessSafeKey, NotATicket> {
    let own = key.mac(&[PURPOSE, salt]);
    let unbound = UnboundKey::new(&AES_256_GCM, &own).map_err(|_| NotATicket)?;
    Ok(LessSafeKey::new(unbound))
}

fn read_nonce(bytes: &[u8]) -> Result<Nonce, NotATicket> {
    Nonce::try_assume_unique_for_key(bytes).map_err(|_| NotATicket)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(1_800_000_000);

    fn key(byte: u8) -> MacKey {
        MacKey::new(1, &[byte; 32])
    }

    fn ticket() -> Ticket {
        let pair = ("state".to_owned(), "a secret state".to_owned());
        Ticket {
            parameters: Parameters::new([pair]).unwrap(),
            asked_at: NOW,
            consent_of: Some(LoginId::new(NOW, [1; 10])),
        }
    }

    #[test]
    fn a_ticket_opens_as_it_was_sealed_and_shows_nothing() {
        let text = ticket().seal(&key(1), [3; RANDOM]).unwrap();
        assert_eq!(Ticket::open(&text, &key(1), NOW), Ok(ticket()));
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&text).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        let again = ticket().seal(&key(1), [4; RANDOM]).unwrap();
        assert_ne!(text, again);
    }

    #[test]
    fn a_ticket_expires() {
        let text = ticket().seal(&key(1), [3; RANDOM]).unwrap();
        let late = NOW + LIFETIME;
        assert!(Ticket::open(&text, &key(1), late - Period::millis(1)).is_ok());
        assert_eq!(Ticket::open(&text, &key(1), late), Err(NotATicket));
    }

    #[test]
    fn whatever_is_changed_in_it_is_noticed() {
        let text = ticket().seal(&key(1), [3; RANDOM]).unwrap();
        assert_eq!(Ticket::open(&text, &key(2), NOW), Err(NotATicket));
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&text).unwrap();
        for place in [0, SALT, RANDOM, bytes.len() - 1] {
            let mut forged = bytes.clone();
            forged[place] ^= 1;
            let forged = base64_simd::URL_SAFE_NO_PAD.encode_to_string(forged);
            assert_eq!(
                Ticket::open(&forged, &key(1), NOW),
                Err(NotATicket),
                "{place}"
            );
        }
        for rubbish in ["", "AAAA", "not base64!", &"A".repeat(80)] {
            assert_eq!(Ticket::open(rubbish, &key(1), NOW), Err(NotATicket));
        }
    }
}
