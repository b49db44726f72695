//! Tokens that are used once: a prefix that secret scanners find, and base64url(id · MAC).
//!
//! The database holds the id alone, so a stolen database forges none; the server key alone forges none either, because ids are
//! random.

use crate::keys::MacKey;
use crate::secret::PlainSecret;

const MAC_BYTES: usize = 16;

/// What a token is for: no token of one kind passes for one of another.
pub(crate) struct OneTime<'a> {
    pub prefix: &'static str,
    /// Constants; they go into the MAC before the id.
    pub purpose: &'a [&'a [u8]],
}

impl OneTime<'_> {
    pub fn token(&self, id: &[u8; 16], key: &MacKey) -> PlainSecret {
        let mut bytes = id.to_vec();
        bytes.extend_from_slice(&self.mac(id, key));
        let text = base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
        PlainSecret::new(format!("{}{text}", self.prefix))
    }

    /// The id in a presented token, if the token was made here for this purpose.
    pub fn id_of(&self, token: &PlainSecret, key: &MacKey) -> Option<[u8; 16]> {
        let text = token.expose().strip_prefix(self.prefix)?;
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok()?;
        let (id, presented) = bytes.split_first_chunk::<16>()?;
        let expected = self.mac(id, key);
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected, presented).ok()?;
        Some(*id)
    }

    fn mac(&self, id: &[u8; 16], key: &MacKey) -> [u8; MAC_BYTES] {
        let parts: Vec<&[u8]> = self
            .purpose
            .iter()
            .copied()
            .chain([id.as_slice()])
            .collect();
        let tag = key.mac(&parts);
        let mut short = [0; MAC_BYTES];
        short.copy_from_slice(&tag[..MAC_BYTES]);
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: OneTime<'static> = OneTime {
        prefix: "kwc_",
        purpose: &[b"code"],
    };

    #[test]
    fn only_its_maker_and_its_purpose_know_a_token() {
        let (key, other) = (MacKey::new(1, &[1; 32]), MacKey::new(1, &[2; 32]));
        let token = CODE.token(&[7; 16], &key);
        assert_eq!(CODE.id_of(&token, &key), Some([7; 16]));
        assert_eq!(CODE.id_of(&token, &other), None);
        let device = OneTime {
            purpose: &[b"device"],
            ..CODE
        };
        assert_eq!(device.id_of(&token, &key), None);
    }

    #[test]
    fn what_is_not_whole_is_no_token() {
        let key = MacKey::new(1, &[1; 32]);
        let whole = CODE.token(&[7; 16], &key).expose().to_owned();
        for broken in [
            "",
            "kwc_",
            "kwl_AAAA",
            &whole[..whole.len() - 2],
            &format!("{whole}AA"),
            &whole[4..],
            &format!("{whole}="),
        ] {
            assert_eq!(
                CODE.id_of(&PlainSecret::new(broken), &key),
                None,
                "{broken}"
            );
        }
    }
}
