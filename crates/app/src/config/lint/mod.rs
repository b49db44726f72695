//! What in a configuration is unsafe or cannot work. `check` prints it; `serve` refuses to start on an error.

mod accounts;
mod lifetimes;
mod mail;
mod network;
#[cfg(test)]
mod tests;
mod vaults;
mod webhooks;

use serde::Serialize;

use super::Config;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, and somebody should know.
    Warning,
    /// It breaks security or cannot work: the server does not start.
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    pub key: &'static str,
    pub text: String,
}

pub fn lint(config: &Config) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    network::transport_security(config, &mut findings);
    network::documents_of_clients(config, &mut findings);
    vaults::vaults(config, &mut findings);
    lifetimes::keys(config, &mut findings);
    lifetimes::lifetimes(config, &mut findings);
    accounts::accounts(config, &mut findings);
    mail::mail(config, &mut findings);
    webhooks::webhooks(config, &mut findings);
    findings
        .0
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn error(&mut self, wrong: bool, key: &'static str, text: &str) {
        self.add(wrong, Severity::Error, key, text);
    }

    fn warning(&mut self, wrong: bool, key: &'static str, text: &str) {
        self.add(wrong, Severity::Warning, key, text);
    }

    fn add(&mut self, wrong: bool, severity: Severity, key: &'static str, text: &str) {
        if wrong {
            self.0.push(Finding {
                severity,
                key,
                text: text.to_owned(),
            });
        }
    }
}
