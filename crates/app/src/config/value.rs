//! The kinds of values that keys hold. Each reads one spelling and says what it expects.

use std::fmt;
use std::str::FromStr;

use keywright_domain::{IssuerUrl, Period};
use keywright_http::middleware::AddressRange;
use serde::{Deserialize, Serialize};

/// A span of time with its unit, such as `90s`, `15m`, `12h` or `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Period);

/// The `iss` of every token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Url(pub IssuerUrl);

/// The addresses of a proxy, or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(pub AddressRange);

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $type { $($(#[$variant_doc])* $variant),+ }
    };
}

words!(
    /// Whether a login needs a proved e-mail address.
    EmailVerification { Required, Optional }
);
words!(
    /// What a key needs before it signs.
    KeyGate { Evidence, Time }
);
words!(
    /// What a refresh that is unlike the last use of its session comes to.
    Anomaly { Off, Record, StepUp, End }
);
words!(
    /// What a trusted issuer names people by.
    Names { Email, Username, Id }
);
words!(
    /// How a key is written that both sides keep.
    SecretEncoding { Text, Base64 }
);
words!(
    /// Who may register a client.
    RegistrationMode { Off, Token, Open }
);
words!(
    /// How letters leave.
    Transport {
        /// Letters are kept in the outbox until a transport is configured.
        None,
        /// Each letter becomes a file.
        Folder,
        Smtp,
    }
);
words!(
    /// How the connection to the mail server is protected.
    MailSecurity {
        /// TLS from the first byte (port 465).
        Tls,
        /// Plain at first, then TLS or nothing (port 587).
        Starttls,
        /// Never encrypted: for a mail server on this machine.
        Plain,
    }
);
words!(
    /// The header in which the trusted proxies name the client.
    ForwardedHeader {
        /// `X-Forwarded-For` and `X-Forwarded-Proto`.
        XForwarded,
        /// `Forwarded` (RFC 7239).
        Forwarded,
    }
);
words!(
    /// Where the certificates of clients come from, and what they are worth.
    CertificateSource {
        Off,
        /// A proxy tells them, and has not looked who issued them.
        Proxy,
        /// A proxy tells them, and has verified the chain.
        ProxyVerified,
        /// This process asks for them.
        Listener,
    }
);
words!(
    /// The shape of log lines.
    LogFormat { Text, Json }
);

const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl Span {
    pub const fn secs(secs: i64) -> Self {
        Self(Period::secs(secs))
    }

    pub const fn minutes(minutes: i64) -> Self {
        Self(Period::minutes(minutes))
    }

    pub const fn hours(hours: i64) -> Self {
        Self(Period::hours(hours))
    }

    pub const fn days(days: i64) -> Self {
        Self(Period::days(days))
    }

    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0.as_millis().unsigned_abs())
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        UNITS
            .iter()
            .find_map(|(unit, secs)| Some((text.strip_suffix(unit)?.parse::<u32>().ok()?, secs)))
            .map(|(number, secs)| Self::secs(i64::from(number).saturating_mul(*secs)))
            .ok_or_else(|| {
                format!(
                    "`{text}` is not a span: expected a number with s, m, h or d, such as \"15m\""
                )
            })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        match UNITS.iter().find(|(_, unit)| secs != 0 && secs % unit == 0) {
            Some((name, unit)) => write!(f, "{}{name}", secs / unit),
            None => write!(f, "{secs}s"),
        }
    }
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<IssuerUrl>()
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<AddressRange>()
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! as_text {
    ($($type:ty),+) => {$(
        impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
    )+};
}
as_text!(Span, Url, Network);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_back_as_it_was_read() {
        for text in ["1s", "90s", "15m", "12h", "30d", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("3600s".parse::<Span>().unwrap().to_string(), "1h");
    }

    #[test]
    fn a_span_without_a_known_unit_is_refused() {
        for text in ["", "15", "m", "1.5h", "-3s", "15 m", "1w", "99999999999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
