use crate::base64url::{self, NotBase64Url};

/// The signature of every algorithm but RSA fits; ECDSA on P-384 has the longest.
const SHORT_SIGNATURE: usize = 96;

/// RSA of 2048 bits, the usual size, has signatures this long.
const USUAL_RSA_SIGNATURE: usize = 256;

/// RSA of 8192 bits has the longest signature that is accepted.
const MAX_SIGNATURE: usize = 1024;

/// A token in the JWS compact serialisation (RFC 7515 §7.1), split in place: nothing is decoded or copied yet.
#[derive(Clone, Copy)]
pub struct Compact<'t> {
    token: &'t str,
    header_end: usize,
    payload_end: usize,
}

/// Why text is no compact JWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompactError {
    /// Not three non-empty parts. Five would be an encrypted token, a brace the JSON serialisation, an empty payload a
    /// detached one: none of them is an access token.
    #[error("not three parts separated by dots")]
    NotThreeParts,
    /// A part is not canonical base64url.
    #[error(transparent)]
    Encoding(#[from] NotBase64Url),
    /// Longer than any signature accepted here.
    #[error("the signature is too long")]
    SignatureTooLong,
}

impl CompactError {
    /// A stable name for logs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotThreeParts => "not_compact_jws",
            Self::Encoding(NotBase64Url) => "not_base64url",
            Self::SignatureTooLong => "signature_too_long",
        }
    }
}

impl<'t> Compact<'t> {
    /// Finds the two dots. The search for a third stops at the first, however many follow (CVE-2025-30204).
    pub fn split(token: &'t str) -> Result<Self, CompactError> {
        let mut dots = token
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'.')
            .map(|(at, _)| at);
        let (Some(header_end), Some(payload_end), None) = (dots.next(), dots.next(), dots.next())
        else {
            return Err(CompactError::NotThreeParts);
        };
        let split = Self {
            token,
            header_end,
            payload_end,
        };
        if split.header().is_empty() || split.payload().is_empty() || split.signature().is_empty() {
            return Err(CompactError::NotThreeParts);
        }
        Ok(split)
    }

    /// Splits a token whose header is known already and whose signature has a known length, without a search.
    ///
    /// `None` when the token does not have that shape; [`Compact::split`] then says why.
    pub fn split_known(token: &'t str, header: &str, signature_len: usize) -> Option<Self> {
        let payload_end = token
            .len()
            .checked_sub(base64url::encoded_len(signature_len) + 1)?;
        let bytes = token.as_bytes();
        let shaped = payload_end > header.len() + 1
            && bytes.get(payload_end) == Some(&b'.')
            && bytes.get(header.len()) == Some(&b'.')
            && bytes.starts_with(header.as_bytes());
        // A dot inside the payload or the signature is found when they are decoded: it is not in the alphabet.
        shaped.then_some(Self {
            token,
            header_end: header.len(),
            payload_end,
        })
    }

    /// The encoded header.
    pub fn header(&self) -> &'t str {
        &self.token[..self.header_end]
    }

    /// The encoded payload.
    pub fn payload(&self) -> &'t str {
        &self.token[self.header_end + 1..self.payload_end]
    }

    /// The encoded signature.
    pub fn signature(&self) -> &'t str {
        &self.token[self.payload_end + 1..]
    }

    /// The bytes that the signature covers: header, dot, payload, exactly as they were sent.
    pub fn signing_input(&self) -> &'t [u8] {
        &self.token.as_bytes()[..self.payload_end]
    }

    /// Decodes the header.
    pub fn decode_header(&self) -> Result<Vec<u8>, CompactError> {
        Ok(base64url::decode(self.header().as_bytes())?)
    }

    /// Decodes the payload behind what `buffer` holds, so that a caller can use one buffer again and again.
    pub fn decode_payload(&self, buffer: &mut Vec<u8>) -> Result<(), CompactError> {
        Ok(base64url::decode_append(self.payload().as_bytes(), buffer)?)
    }

    /// Decodes the signature on the stack and hands it to `check`.
    pub fn with_signature<T>(&self, check: impl FnOnce(&[u8]) -> T) -> Result<T, CompactError> {
        let encoded = self.signature().as_bytes();
        // Clearing a kilobyte takes a noticeable part of the time that an HMAC takes.
        if encoded.len() <= base64url::encoded_len(SHORT_SIGNATURE) {
            return decode_within::<SHORT_SIGNATURE, T>(encoded, check);
        }
        if encoded.len() <= base64url::encoded_len(USUAL_RSA_SIGNATURE) {
            return decode_within::<USUAL_RSA_SIGNATURE, T>(encoded, check);
        }
        if encoded.len() <= base64url::encoded_len(MAX_SIGNATURE) {
            return decode_within::<MAX_SIGNATURE, T>(encoded, check);
        }
        Err(CompactError::SignatureTooLong)
    }

    /// Decodes the signature, to be kept.
    pub fn decode_signature(&self) -> Result<SignatureBytes, CompactError> {
        self.with_signature(|signature| {
            let mut space = [0; MAX_SIGNATURE];
            space[..signature.len()].copy_from_slice(signature);
            SignatureBytes {
                space,
                len: signature.len(),
            }
        })
    }
}

fn decode_within<const N: usize, T>(
    encoded: &[u8],
    check: impl FnOnce(&[u8]) -> T,
) -> Result<T, CompactError> {
    let mut space = [0; N];
    Ok(check(base64url::decode_into(encoded, &mut space)?))
}

/// A decoded signature of up to 1024 bytes, without allocation.
#[derive(Clone)]
pub struct SignatureBytes {
    space: [u8; MAX_SIGNATURE],
    len: usize,
}

impl SignatureBytes {
    /// The signature.
    pub fn as_bytes(&self) -> &[u8] {
        &self.space[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_parts_and_no_empty_one() {
        let split = Compact::split("aa.bb.cc").unwrap();
        assert_eq!(
            (split.header(), split.payload(), split.signature()),
            ("aa", "bb", "cc")
        );
        assert_eq!(split.signing_input(), b"aa.bb");
        for token in [
            "",
            ".",
            "..",
            "...",
            "a.b",
            "a.b.",
            ".b.c",
            "a..c",
            "a.b.c.",
            "a.b.c.d",
            ".a.b.c",
            "a.b.c.d.e",
        ] {
            assert_eq!(
                Compact::split(token).err(),
                Some(CompactError::NotThreeParts),
                "{token:?}"
            );
        }
    }

    #[test]
    fn every_error_has_its_own_name_in_logs() {
        for (error, code) in [
            (CompactError::NotThreeParts, "not_compact_jws"),
            (CompactError::Encoding(NotBase64Url), "not_base64url"),
            (CompactError::SignatureTooLong, "signature_too_long"),
        ] {
            assert_eq!(error.code(), code);
        }
    }

    #[test]
    fn ten_megabytes_of_dots_are_refused_at_the_third() {
        assert!(Compact::split(&".".repeat(10 << 20)).is_err());
    }

    #[test]
    fn a_known_header_and_signature_length_split_like_the_search() {
        let token = "aGVhZA.cGF5bG9hZA.c2ln";
        let (known, searched) = (
            Compact::split_known(token, "aGVhZA", 3).unwrap(),
            Compact::split(token).unwrap(),
        );
        assert_eq!(known.payload(), searched.payload());
        assert_eq!(known.signature(), searched.signature());
        assert_eq!(known.signing_input(), searched.signing_input());
    }

    #[test]
    fn another_header_or_signature_length_is_not_the_known_shape() {
        let token = "aGVhZA.cGF5bG9hZA.c2ln";
        assert!(Compact::split_known(token, "aGVhZB", 3).is_none());
        assert!(Compact::split_known(token, "aGVh", 3).is_none());
        assert!(Compact::split_known(token, "aGVhZA", 4).is_none());
        assert!(Compact::split_known(token, "aGVhZA", 4000).is_none());
        assert!(Compact::split_known("aGVhZA..c2ln", "aGVhZA", 3).is_none());
        assert!(Compact::split_known("aGVhZA.c2ln", "aGVhZA", 3).is_none());
    }
}
