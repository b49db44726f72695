//! The background side of letters.

use crate::account::{LetterKind, LinkPurpose, Mail};
use crate::{Issuer, Period, Unavailable};

/// How long a letter waits after a failed attempt, and how long a sender that died keeps it from others.
const RETRY: Period = Period::minutes(1);
const BATCH: u32 = 16;

impl Issuer {
    /// Letters to send now, with their tokens made. What is not confirmed by [`Issuer::letter_sent`] comes again.
    pub async fn letters_due(&self) -> Result<Vec<([u8; 16], Mail)>, Unavailable> {
        let now = self.now();
        let letters = self
            .outside
            .store
            .due_letters(now, now + RETRY, BATCH)
            .await?;
        let mail = letters.into_iter().map(|letter| {
            let token = match &letter.kind {
                LetterKind::VerifyEmail(link) => {
                    Some(link.token(LinkPurpose::VerifyEmail, &self.secrets.link))
                }
                LetterKind::ResetPassword(link) => {
                    Some(link.token(LinkPurpose::ResetPassword, &self.secrets.link))
                }
                LetterKind::AlreadyRegistered
                | LetterKind::UsernameTaken(_)
                | LetterKind::PasswordChanged
                | LetterKind::TheftDetected => None,
            };
            (
                letter.id,
                Mail {
                    to: letter.to,
                    kind: letter.kind,
                    token,
                },
            )
        });
        Ok(mail.collect())
    }

    pub async fn letter_sent(&self, id: [u8; 16]) -> Result<(), Unavailable> {
        self.outside.store.letter_sent(id).await
    }
}
