use std::fmt;

use aws_lc_rs::hmac;
use base64_simd::URL_SAFE_NO_PAD;

/// 128 bits cannot be guessed within a nonce's life.
const TAG: usize = 16;

/// Nonces that need no memory: the second at which each was given out, authenticated. Replicas that share the secret
/// accept each other's.
pub struct Nonces {
    key: hmac::Key,
    lifetime: i64,
}

impl Nonces {
    /// Nonces that are good for `lifetime` seconds. The secret comes from a random source and is kept secret.
    pub fn new(secret: &[u8; 32], lifetime: u32) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            lifetime: i64::from(lifetime),
        }
    }

    pub(super) fn issue(&self, now: i64) -> String {
        let time = now.to_be_bytes();
        let tag = hmac::sign(&self.key, &time);
        URL_SAFE_NO_PAD.encode_to_string([&time[..], &tag.as_ref()[..TAG]].concat())
    }

    pub(super) fn check(&self, nonce: &str, now: i64) -> bool {
        let Some(time) = self.read(nonce) else {
            return false;
        };
        // Another replica's clock may be ahead by as much as its nonces live.
        let age = now.saturating_sub(time).saturating_abs();
        age <= self.lifetime && same(self.issue(time).as_bytes(), nonce.as_bytes())
    }

    fn read(&self, nonce: &str) -> Option<i64> {
        // The length is looked at first: what a client sends here may be as long as a proof.
        let bytes = (nonce.len() == 32).then(|| URL_SAFE_NO_PAD.decode_to_vec(nonce))?;
        let time = bytes.ok()?.first_chunk::<8>().copied()?;
        Some(i64::from_be_bytes(time))
    }
}

/// Takes as long for every difference: the tag is a secret until it is given out.
fn same(own: &[u8], theirs: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(own, theirs).is_ok()
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    #[test]
    fn a_nonce_is_good_for_its_lifetime() {
        let nonces = Nonces::new(&[7; 32], 60);
        let nonce = nonces.issue(NOW);
        for (now, good) in [
            (NOW, true),
            (NOW + 60, true),
            (NOW + 61, false),
            (NOW - 60, true),
            (NOW - 61, false),
        ] {
            assert_eq!(nonces.check(&nonce, now), good, "{now}");
        }
        assert!(
            Nonces::new(&[7; 32], 60).check(&nonce, NOW),
            "another replica"
        );
        assert!(
            !Nonces::new(&[8; 32], 60).check(&nonce, NOW),
            "another secret"
        );
    }

    #[test]
    fn a_nonce_that_nobody_gave_out_is_refused() {
        let nonces = Nonces::new(&[7; 32], 60);
        let good = nonces.issue(NOW);
        for at in 0..good.len() {
            let mut altered = good.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(
                !nonces.check(std::str::from_utf8(&altered).unwrap(), NOW),
                "{at}"
            );
        }
        for bad in [
            "",
            "A",
            &good[..31],
            &format!("{good}A"),
            &"A".repeat(32),
            &"!".repeat(32),
        ] {
            assert!(!nonces.check(bad, NOW), "{bad}");
        }
        assert_eq!(format!("{nonces:?}"), "Nonces { lifetime: 60, .. }");
    }
}
