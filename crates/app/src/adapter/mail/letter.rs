//! What letters say. Plain text, in ASCII, so that no transfer encoding breaks a token.
//!
//! A one-time token stands in the text, or behind the `#` of the operator's own page: never in a query, which servers log
//! and `Referer` carries on (RFC 9700 §4.2.4).

use keywright_domain::account::{LetterKind, Mail};
use keywright_domain::secret::PlainSecret;

use crate::config::Links;

pub struct Letter {
    pub subject: String,
    pub body: String,
}

pub fn write(mail: &Mail, issuer: &str, links: &Links) -> Letter {
    let (subject, text) = match &mail.kind {
        LetterKind::VerifyEmail(_) => (
            "Confirm your e-mail address",
            format!(
                "Somebody, probably you, registered this address at\n{issuer}\n\n{}\n\nIf it was not you, do nothing: without the \
                 token the account cannot be used.",
                token(
                    mail.token.as_ref(),
                    links.verify_email.as_deref(),
                    "confirm the address"
                )
            ),
        ),
        LetterKind::AlreadyRegistered => (
            "You have an account already",
            format!(
                "Somebody, probably you, tried to register this address at\n{issuer}\n\nIt has an account already. If you forgot \
                 the password, ask for a new one there. If it was not you, do nothing."
            ),
        ),
        LetterKind::UsernameTaken(name) => (
            "The user name is taken",
            format!(
                "Somebody, probably you, tried to register at\n{issuer}\n\nThe user name \"{}\" belongs to another account. Register \
                 again with another name. If it was not you, do nothing.",
                name.as_str()
            ),
        ),
        LetterKind::ResetPassword(_) => (
            "Set a new password",
            format!(
                "Somebody, probably you, asked for a new password at\n{issuer}\n\n{}\n\nIf it was not you, do nothing: your password \
                 stays as it is.",
                token(
                    mail.token.as_ref(),
                    links.reset_password.as_deref(),
                    "set a new password"
                )
            ),
        ),
        LetterKind::PasswordChanged => (
            "Your password was changed",
            format!(
                "The password of your account at\n{issuer}\nwas changed, and every other session was ended.\n\nIf it was not you, ask for \
                 a new password there at once."
            ),
        ),
        LetterKind::TheftDetected => (
            "We ended one of your sessions",
            format!(
                "A session of your account at\n{issuer}\nwas used from two places at once, so somebody else may have copied it. It was \
                 ended.\n\nLog in again. If you do not know the cause, change your password."
            ),
        ),
    };
    Letter {
        subject: subject.to_owned(),
        body: format!("{text}\n"),
    }
}

fn token(token: Option<&PlainSecret>, page: Option<&str>, purpose: &str) -> String {
    let token = token.map(PlainSecret::expose).unwrap_or_default();
    match page {
        Some(page) => format!("To {purpose}, open this page:\n\n{page}#token={token}"),
        None => format!("This one-time token lets you {purpose}:\n\n{token}"),
    }
}

#[cfg(test)]
mod tests {
    use keywright_domain::account::LinkId;

    use super::*;

    fn letter(kind: LetterKind, links: &Links) -> Letter {
        let token = kind.link().map(|_| PlainSecret::new("kwl_abc"));
        let mail = Mail {
            to: "ann@example.org".parse().unwrap(),
            kind,
            token,
        };
        write(&mail, "https://id.example.org", links)
    }

    fn kinds() -> Vec<LetterKind> {
        vec![
            LetterKind::VerifyEmail(LinkId([1; 16])),
            LetterKind::AlreadyRegistered,
            LetterKind::UsernameTaken("ann".parse().unwrap()),
            LetterKind::ResetPassword(LinkId([1; 16])),
            LetterKind::PasswordChanged,
            LetterKind::TheftDetected,
        ]
    }

    #[test]
    fn every_letter_names_the_issuer_and_needs_no_transfer_encoding() {
        for kind in kinds() {
            let Letter { subject, body } = letter(kind.clone(), &Links::default());
            assert!(body.contains("https://id.example.org"), "{kind:?}");
            assert!(subject.is_ascii() && body.is_ascii(), "{kind:?}");
            assert_eq!(body.contains("kwl_abc"), kind.link().is_some(), "{kind:?}");
        }
    }

    #[test]
    fn the_token_stands_behind_the_fragment_sign_and_never_in_a_query() {
        let links = Links {
            verify_email: Some("https://app.example.org/verify".to_owned()),
            reset_password: Some("https://app.example.org/reset?lang=en".to_owned()),
        };
        let verify = letter(LetterKind::VerifyEmail(LinkId([1; 16])), &links).body;
        let reset = letter(LetterKind::ResetPassword(LinkId([1; 16])), &links).body;
        assert!(verify.contains("https://app.example.org/verify#token=kwl_abc\n"));
        assert!(reset.contains("https://app.example.org/reset?lang=en#token=kwl_abc\n"));
    }
}
