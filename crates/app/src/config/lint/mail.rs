//! Letters, and the pages that they lead to.

use super::Findings;
use super::network::{is_loopback, is_plain_off_loopback};
use crate::config::{Config, EmailVerification, MailSecurity, Transport};

pub(super) fn mail(config: &Config, findings: &mut Findings) {
    let mail = &config.mail;
    let required = config.accounts.email_verification == EmailVerification::Required;
    findings.warning(
        mail.transport == Transport::None && config.accounts.registration && required,
        "mail.transport",
        "is none while registration needs a letter: nobody who registers can log in",
    );
    findings.error(
        mail.transport == Transport::Folder && mail.folder.is_none(),
        "mail.folder",
        "is not set: expected a directory for the letters",
    );
    let smtp = mail.transport == Transport::Smtp;
    findings.error(
        smtp && mail.host.is_none(),
        "mail.host",
        "is not set: expected the name of the mail server",
    );
    let remote = mail.host.as_deref().is_some_and(|host| !is_loopback(host));
    findings.error(
        smtp && remote && mail.security == MailSecurity::Plain,
        "mail.security",
        "is plain to another machine: recovery links would travel unencrypted",
    );
    findings.error(
        mail.username.is_some() != mail.password.is_some(),
        "mail.password",
        "is half set: expected both `username` and `password`, or neither",
    );
    let from = mail.from.parse::<lettre::message::Mailbox>();
    findings.error(
        from.is_err(),
        "mail.from",
        "is no sender: expected `Name <name@domain>`",
    );
    for (link, key) in [
        (&config.links.verify_email, "links.verify_email"),
        (&config.links.reset_password, "links.reset_password"),
    ] {
        let link = link.as_deref().unwrap_or_default();
        findings.error(
            link.contains('#'),
            key,
            "has a fragment already: the token goes there",
        );
        findings.error(
            is_plain_off_loopback(link) || !(link.is_empty() || link.starts_with("http")),
            key,
            "is not a page that browsers reach safely: expected https://",
        );
    }
}
