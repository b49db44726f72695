//! Letters that were sent.

use keywright_domain::account::Mail;

use crate::TestIssuer;

/// A letter, as its reader has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub to: String,
    /// `verify_email`, `reset_password` and so on.
    pub kind: &'static str,
    pub token: Option<String>,
}

impl TestIssuer {
    /// Sends what is due, as the background task does, and answers what arrived; oldest first.
    pub async fn letters(&self) -> Vec<Received> {
        let mut received = Vec::new();
        loop {
            let due = self
                .issuer()
                .letters_due()
                .await
                .expect("the outbox answers");
            if due.is_empty() {
                return received;
            }
            for (id, mail) in due {
                self.issuer()
                    .letter_sent(id)
                    .await
                    .expect("the outbox answers");
                received.push(Received::from(mail));
            }
        }
    }

    /// The token in the one letter that was sent to `to`.
    pub async fn letter_token(&self, to: &str, kind: &str) -> String {
        let letters = self.letters().await;
        let [letter] = letters.as_slice() else {
            panic!("expected one letter, and there are {letters:?}");
        };
        assert_eq!((letter.to.as_str(), letter.kind), (to, kind));
        letter.token.clone().expect("a letter with a link")
    }
}

impl From<Mail> for Received {
    fn from(mail: Mail) -> Self {
        Self {
            to: mail.to.as_str().to_owned(),
            kind: mail.kind.as_str(),
            token: mail.token.map(|token| token.expose().to_owned()),
        }
    }
}
