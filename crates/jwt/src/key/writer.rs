use std::borrow::Cow;

use super::SignError;
use crate::{Algorithm, base64url};

/// The types this product signs all day; their encoded headers are prepared, so that no JSON is built per token.
const PREPARED_TYPES: [&str; 5] = [
    "at+jwt",
    "JWT",
    "statuslist+jwt",
    "secevent+jwt",
    "logout+jwt",
];

/// Writes the compact JWS of one key. It holds nothing secret: the signature may come from a vault that keeps the key.
#[derive(Clone, Debug)]
pub struct CompactWriter {
    algorithm: Algorithm,
    kid: String,
    headers: [String; PREPARED_TYPES.len()],
}

impl CompactWriter {
    /// For the key of this name, which signs with this algorithm alone.
    pub fn new(algorithm: Algorithm, kid: impl Into<String>) -> Self {
        let kid = kid.into();
        let headers = PREPARED_TYPES.map(|typ| encode_header(algorithm, typ, &kid));
        Self {
            algorithm,
            kid,
            headers,
        }
    }

    /// The one algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The JWS of `payload` with the header `{"alg","typ","kid"}`. `sign` is given the signing input (RFC 7515 §5.1) and answers with
    /// the signature as JWA writes it, which takes `signature_len` bytes.
    pub fn write<E: From<SignError>>(
        &self,
        typ: &str,
        payload: &[u8],
        signature_len: usize,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<String, E> {
        let header = self.encoded_header(typ)?;
        let payload_len = base64url::encoded_len(payload.len());
        let signature_len = base64url::encoded_len(signature_len);
        let mut token = String::with_capacity(header.len() + payload_len + signature_len + 2);
        token.push_str(&header);
        token.push('.');
        base64url::append(payload, &mut token);
        let signature = sign(token.as_bytes())?;
        token.push('.');
        base64url::append(&signature, &mut token);
        Ok(token)
    }

    /// The encoded header that [`CompactWriter::write`] puts in front. A verifier that knows it need not parse it.
    pub fn encoded_header(&self, typ: &str) -> Result<Cow<'_, str>, SignError> {
        if let Some(prepared) = PREPARED_TYPES.iter().position(|known| *known == typ) {
            return Ok(Cow::Borrowed(&self.headers[prepared]));
        }
        // These bytes go into JSON as they are, so nothing that would need escaping may pass.
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte);
        if typ.is_empty() || typ.len() > 127 || !typ.bytes().all(is_token) {
            return Err(SignError::MalformedType);
        }
        Ok(Cow::Owned(encode_header(self.algorithm, typ, &self.kid)))
    }
}

fn encode_header(algorithm: Algorithm, typ: &str, kid: &str) -> String {
    base64url::encode(format!(r#"{{"alg":"{algorithm}","typ":"{typ}","kid":"{kid}"}}"#).as_bytes())
}
