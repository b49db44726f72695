//! Where keys rest, and what opens that.

use reqwest::Url;

use super::Findings;
use super::network::is_plain_off_loopback;
use crate::config::{Config, SecretRef};

pub(super) fn vaults(config: &Config, findings: &mut Findings) {
    let issuer = &config.issuer;
    for (reference, key) in [
        (&issuer.master_key, "issuer.master_key"),
        (&issuer.previous_master_key, "issuer.previous_master_key"),
        (&config.pkcs11.pin, "pkcs11.pin"),
        (&config.transit.token, "transit.token"),
    ] {
        findings.warning(
            matches!(reference, Some(SecretRef::Env(_))),
            key,
            "comes from an environment variable, which child processes and crash reports see: prefer file: or cred:",
        );
    }
    findings.error(
        issuer.previous_master_key.is_some() && issuer.master_key.is_none(),
        "issuer.previous_master_key",
        "has no successor: issuer.master_key is not set, and nothing can be sealed anew",
    );
    findings.error(
        config.pkcs11.sessions == 0,
        "pkcs11.sessions",
        "is 0: nothing would ever be signed",
    );
    transit(config, findings);
}

fn transit(config: &Config, findings: &mut Findings) {
    let transit = &config.transit;
    let parsed = transit.url.as_deref().map(Url::parse);
    let url = parsed.and_then(Result::ok);
    let is_web = |url: &Url| matches!(url.scheme(), "https" | "http");
    findings.error(
        transit.url.is_some() && !url.as_ref().is_some_and(is_web),
        "transit.url",
        "is no URL of a server: expected https://",
    );
    findings.error(
        url.is_some_and(|url| is_plain_off_loopback(url.as_str())),
        "transit.url",
        "is plain HTTP off loopback: anybody on the way could take the token and sign with it. Use https://",
    );
    let in_a_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    findings.error(
        transit.mount.trim_matches('/').is_empty() || !transit.mount.bytes().all(in_a_path),
        "transit.mount",
        "is no path of a secrets engine",
    );
}
