//! What a token is bound to (RFC 7800), so that whoever steals it alone has nothing.

use keywright_jwt::{Algorithm, Confirmation};

/// Stored with a session. A DPoP key stands there as it always did; a certificate has a prefix that no thumbprint can begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The RFC 7638 thumbprint of a key that is proved with each request (RFC 9449 §6.1).
    Dpop(String),
    /// The SHA-256 of the certificate that the client's connection shows (RFC 8705 §3.1).
    Certificate(String),
}

/// A key whose possession a request proved (RFC 9449 §5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedKey {
    /// RFC 7638.
    pub thumbprint: String,
    /// What the proof is signed with.
    pub algorithm: Algorithm,
}

const CERTIFICATE: &str = "x5t#S256:";

impl From<ProvedKey> for Binding {
    fn from(key: ProvedKey) -> Self {
        Binding::Dpop(key.thumbprint)
    }
}

impl Binding {
    pub fn from_text(text: &str) -> Self {
        match text.strip_prefix(CERTIFICATE) {
            Some(thumbprint) => Binding::Certificate(thumbprint.to_owned()),
            None => Binding::Dpop(text.to_owned()),
        }
    }

    pub fn to_text(&self) -> String {
        match self {
            Binding::Dpop(thumbprint) => thumbprint.clone(),
            Binding::Certificate(thumbprint) => format!("{CERTIFICATE}{thumbprint}"),
        }
    }

    /// The claim `cnf`.
    pub(crate) fn confirmation(&self) -> Confirmation<'_> {
        match self {
            Binding::Dpop(thumbprint) => Confirmation {
                jkt: Some(thumbprint),
                ..Confirmation::default()
            },
            Binding::Certificate(thumbprint) => Confirmation {
                x5t_s256: Some(thumbprint),
                ..Confirmation::default()
            },
        }
    }

    /// RFC 9449 §5 has a `token_type` of its own; RFC 8705 §3 leaves it at `Bearer`.
    pub(crate) fn is_dpop(&self) -> bool {
        match self {
            Binding::Dpop(_) => true,
            Binding::Certificate(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again_and_a_bare_thumbprint_is_of_a_dpop_key() {
        let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned();
        let dpop = Binding::Dpop(thumbprint.clone());
        let certificate = Binding::Certificate(thumbprint.clone());
        assert_eq!(Binding::from_text(&thumbprint), dpop);
        for binding in [dpop, certificate] {
            assert_eq!(Binding::from_text(&binding.to_text()), binding);
        }
    }
}
