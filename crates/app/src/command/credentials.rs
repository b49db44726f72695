//! How a client proves itself, and what its tokens are bound to: arguments that `client create` and `client update` share.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Failure, json_file};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Keys and certificates")]
pub(super) struct Credentials {
    /// How it proves itself at the token endpoint, such as client_secret_basic or private_key_jwt
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// A file with its public keys, a JWK Set: for private_key_jwt, self_signed_tls_client_auth and requests that it signs
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where it publishes them instead
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// It is given only tokens that are bound to a key by DPoP
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    dpop_bound: Option<bool>,
    /// It is given only tokens that are bound to its certificate
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    certificate_bound: Option<bool>,
    /// The subject of its certificate by RFC 4514, for tls_client_auth
    #[arg(long, value_name = "NAME")]
    certificate_subject: Option<String>,
}

impl Credentials {
    /// Writes what was said into a registration, and leaves the rest.
    pub fn write_into(self, registration: &mut Value) -> Result<(), Failure> {
        let keys = self.jwks.as_deref().map(json_file::read::<Value>);
        let keys = keys.transpose()?;
        if keys.is_some() || self.jwks_uri.is_some() {
            // One takes the other's place.
            registration["jwks"] = json!(keys);
            registration["jwks_uri"] = json!(self.jwks_uri);
        }
        let said = [
            (
                "token_endpoint_auth_method",
                self.auth_method.map(Value::from),
            ),
            ("dpop_bound_access_tokens", self.dpop_bound.map(Value::from)),
            (
                "tls_client_certificate_bound_access_tokens",
                self.certificate_bound.map(Value::from),
            ),
            (
                "tls_client_auth_subject_dn",
                self.certificate_subject.map(Value::from),
            ),
        ];
        for (name, value) in said {
            if let Some(value) = value {
                registration[name] = value;
            }
        }
        Ok(())
    }
}
