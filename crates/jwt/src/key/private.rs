use std::fmt;

use zeroize::Zeroizing;

/// A private key at rest: PKCS#8 DER, or the raw secret of an HMAC algorithm. Wiped when dropped; `Debug` shows nothing.
#[derive(Clone)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// Takes the bytes over; nothing is checked before [`crate::SigningKey::from_private`].
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key material. Whoever calls this must neither log it nor leave a copy behind.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}
