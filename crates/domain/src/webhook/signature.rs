//! The signature of the Standard Webhooks convention: HMAC-SHA256 over `id.timestamp.body`.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::Time;
use crate::secret::PlainSecret;

/// What receivers know a secret by.
const PREFIX: &str = "whsec_";
/// The convention's bounds.
const SHORTEST: usize = 24;
const LONGEST: usize = 64;

/// The secret that is shared with the receiver.
pub struct WebhookSecret(hmac::Key);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the secret of a webhook: expected 24 to 64 random bytes in base64, with or without `whsec_` before them"
)]
pub struct MalformedWebhookSecret;

impl WebhookSecret {
    pub fn parse(secret: &PlainSecret) -> Result<Self, MalformedWebhookSecret> {
        let text = secret.expose().trim();
        let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
        let bytes = base64_simd::STANDARD
            .decode_to_vec(encoded)
            .map(Zeroizing::new)
            .map_err(|_| MalformedWebhookSecret)?;
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(MalformedWebhookSecret);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The value of `webhook-signature`. The time is in it, so that a receiver can refuse what is replayed later.
    pub fn sign(&self, id: &str, at: Time, body: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [id, ".", &at.secs().to_string(), ".", body] {
            context.update(part.as_bytes());
        }
        let tag = base64_simd::STANDARD.encode_to_string(context.sign());
        format!("v1,{tag}")
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<WebhookSecret, MalformedWebhookSecret> {
        WebhookSecret::parse(&PlainSecret::new(text))
    }

    /// The example that the libraries of the convention are tested with.
    #[test]
    fn a_signature_is_the_one_that_receivers_compute() {
        for secret in [
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            let signature = parse(secret).unwrap().sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                Time::from_secs(1_614_265_330),
                r#"{"test": 2432232314}"#,
            );
            assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        }
    }

    #[test]
    fn a_secret_that_is_short_or_no_base64_is_refused_and_not_repeated() {
        let short = base64_simd::STANDARD.encode_to_string([7; 23]);
        let long = base64_simd::STANDARD.encode_to_string([7; 65]);
        for text in [
            "",
            "whsec_",
            "hunter2 hunter2 hunter2 hunter2",
            &short,
            &long,
        ] {
            let refused = parse(text).unwrap_err().to_string();
            assert!(!refused.contains("hunter2"));
        }
        let secret = base64_simd::STANDARD.encode_to_string([7; 24]);
        assert_eq!(format!("{:?}", parse(&secret).unwrap()), "WebhookSecret(…)");
    }
}
