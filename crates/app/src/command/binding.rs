//! What a client's tokens are bound to and by what certificate it is known: arguments that `client create` and `client update` share.

use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Keys and certificates")]
pub(super) struct Binding {
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

impl Binding {
    /// Writes what was said into a registration, and leaves the rest.
    pub fn write_into(self, registration: &mut Value) {
        let said = [
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
                registration[name] = json!(value);
            }
        }
    }
}
