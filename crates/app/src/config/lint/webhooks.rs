//! Who is told of anomalies.

use reqwest::Url;

use super::Findings;
use super::network::is_plain_off_loopback;
use crate::config::{Config, SecretRef};

pub(super) fn webhooks(config: &Config, findings: &mut Findings) {
    let webhooks = &config.webhooks;
    findings.error(
        webhooks.url.is_some() != webhooks.secret.is_some(),
        "webhooks",
        "is half set: expected both `url` and `secret`, or neither",
    );
    let parsed = webhooks.url.as_deref().map(Url::parse);
    let url = parsed.and_then(Result::ok);
    let is_web = |url: &Url| matches!(url.scheme(), "https" | "http");
    findings.error(
        webhooks.url.is_some() && !url.as_ref().is_some_and(is_web),
        "webhooks.url",
        "is no URL of a receiver: expected https://",
    );
    findings.error(
        url.is_some_and(|url| is_plain_off_loopback(url.as_str())),
        "webhooks.url",
        "is plain HTTP off loopback: anybody on the way learns whose sessions are under attack. Use https://",
    );
    findings.warning(
        matches!(webhooks.secret, Some(SecretRef::Env(_))),
        "webhooks.secret",
        "comes from the environment, which child processes and crash reports see: use file: or cred:",
    );
}
