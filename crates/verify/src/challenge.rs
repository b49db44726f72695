use std::fmt;

use crate::{ProofError, Refusal};

/// A `WWW-Authenticate` value of the scheme `Bearer` or `DPoP` (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3, RFC 9728 §5.1). `Display` writes the header value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    scheme: &'static str,
    algs: Option<String>,
    realm: Option<String>,
    resource_metadata: Option<String>,
    error: Option<&'static str>,
    description: Option<String>,
    scope: Option<String>,
}

impl Challenge {
    /// For a request without any token: it names the scheme and no error (RFC 6750 §3.1).
    pub fn missing() -> Self {
        Self {
            scheme: "Bearer",
            algs: None,
            realm: None,
            resource_metadata: None,
            error: None,
            description: None,
            scope: None,
        }
    }

    /// For a request that carries a token in a way that is not allowed, such as twice.
    pub fn invalid_request(description: &str) -> Self {
        Self {
            error: Some("invalid_request"),
            description: Some(description.to_owned()),
            ..Self::missing()
        }
    }

    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let (error, scope) = match refusal {
            Refusal::InsufficientScope { required } => {
                ("insufficient_scope", Some(required.clone()))
            }
            Refusal::InsufficientRole { .. } => ("insufficient_scope", None),
            Refusal::InsufficientAuthentication => ("insufficient_user_authentication", None),
            Refusal::Proof(ProofError::NonceRequired) => ("use_dpop_nonce", None),
            Refusal::Proof(_) => ("invalid_dpop_proof", None),
            Refusal::TooLarge
            | Refusal::Compact(_)
            | Refusal::Header(_)
            | Refusal::WrongType
            | Refusal::KeysUnavailable
            | Refusal::UnknownKey
            | Refusal::AmbiguousKey
            | Refusal::WrongAlgorithm
            | Refusal::Signature
            | Refusal::Claims(_)
            | Refusal::MissingClaim(_)
            | Refusal::WrongIssuer
            | Refusal::WrongAudience
            | Refusal::Expired
            | Refusal::NotYetValid
            | Refusal::IssuedInFuture
            | Refusal::TooOld
            | Refusal::ProofRequired
            | Refusal::WrongCertificate
            | Refusal::NotBound
            | Refusal::Revoked
            | Refusal::Suspended
            | Refusal::Stale
            | Refusal::RevokedKey
            | Refusal::StatusUnknown => ("invalid_token", None),
        };
        Self {
            scheme: if matches!(refusal, Refusal::Proof(_)) {
                "DPoP"
            } else {
                "Bearer"
            },
            error: Some(error),
            description: Some(refusal.to_string()),
            scope,
            ..Self::missing()
        }
    }

    /// Asks for a DPoP proof with one of these algorithms, separated by spaces (RFC 9449 §7.1).
    #[must_use]
    pub fn dpop(mut self, algs: impl Into<String>) -> Self {
        self.scheme = "DPoP";
        self.algs = Some(algs.into());
        self
    }

    /// Names the protection space.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Says where the service describes itself (RFC 9728 §5.1).
    #[must_use]
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.resource_metadata = Some(url.into());
        self
    }

    /// The error code of RFC 6750 §3.1, if the challenge reports one.
    pub fn error(&self) -> Option<&'static str> {
        self.error
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = [
            ("realm", self.realm.as_deref()),
            ("error", self.error),
            ("error_description", self.description.as_deref()),
            ("scope", self.scope.as_deref()),
            ("algs", self.algs.as_deref()),
            ("resource_metadata", self.resource_metadata.as_deref()),
        ];
        f.write_str(self.scheme)?;
        let mut separator = " ";
        for (name, value) in parameters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
        {
            write!(f, "{separator}{name}=\"{}\"", Quoted(value))?;
            separator = ", ";
        }
        Ok(())
    }
}

/// The inside of a quoted-string, limited to what every parameter here may contain (RFC 6750 §3).
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let harmless = |symbol: &char| matches!(symbol, ' '..='~') && !matches!(symbol, '"' | '\\');
        self.0
            .chars()
            .filter(harmless)
            .try_for_each(|symbol| fmt::Write::write_char(f, symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_a_token_is_told_no_error() {
        assert_eq!(Challenge::missing().to_string(), "Bearer");
        assert_eq!(
            Challenge::missing().realm("orders").to_string(),
            r#"Bearer realm="orders""#
        );
    }

    #[test]
    fn a_refused_token_is_told_why() {
        assert_eq!(
            Refusal::Expired.challenge().realm("orders").to_string(),
            r#"Bearer realm="orders", error="invalid_token", error_description="the token has expired""#
        );
    }

    #[test]
    fn a_missing_scope_is_named() {
        let refusal = Refusal::InsufficientScope {
            required: "read:orders write:orders".to_owned(),
        };
        assert_eq!(
            refusal.challenge().to_string(),
            "Bearer error=\"insufficient_scope\", error_description=\"the token lacks a required scope\", \
             scope=\"read:orders write:orders\""
        );
        assert_eq!(refusal.http_status(), 403);
    }

    #[test]
    fn a_refused_proof_is_answered_in_its_own_scheme() {
        let refusal = Refusal::from(ProofError::NonceRequired);
        assert_eq!(
            refusal.challenge().dpop("ES256").to_string(),
            "DPoP error=\"use_dpop_nonce\", error_description=\"the proof of possession is not acceptable: the proof \
             lacks a current nonce\", algs=\"ES256\""
        );
        let replayed = Refusal::from(ProofError::Replayed).challenge();
        assert_eq!(replayed.error(), Some("invalid_dpop_proof"));
        assert!(replayed.to_string().starts_with("DPoP error="));
    }

    #[test]
    fn a_malformed_request_is_told_what_is_wrong_with_it() {
        assert_eq!(
            Challenge::invalid_request("two tokens").to_string(),
            r#"Bearer error="invalid_request", error_description="two tokens""#
        );
    }

    #[test]
    fn nothing_can_break_out_of_a_quoted_value() {
        let challenge = Challenge::missing().realm("a\"b\\c\r\nSet-Cookie: x\u{e9}");
        assert_eq!(challenge.to_string(), r#"Bearer realm="abcSet-Cookie: x""#);
    }
}
