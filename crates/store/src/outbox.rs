//! Letters that wait to be sent.

use keywright_domain::Time;
use keywright_domain::account::{Letter, LetterKind, LinkId};
use keywright_domain::ports::{Answer, Outbox};

use crate::Store;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    INSERT = "INSERT INTO outbox (id, recipient, user_id, kind, link_id, username, created_at, due_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    ANY_DUE = "SELECT due_at FROM outbox WHERE due_at <= $1 LIMIT 1";
    /// Each letter goes to one sender: who asks while another is being answered skips what that one takes.
    TAKE_DUE = "UPDATE outbox SET due_at = $2 WHERE id IN \
                (SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT $3 {skip_locked}) \
                RETURNING id, recipient, user_id, kind, link_id, username, created_at";
    SENT = "DELETE FROM outbox WHERE id = $1";
}

pub(crate) async fn insert(tx: &mut Tx, letter: &Letter) -> Result<(), Fault> {
    let row = params![
        letter.id,
        letter.to.as_str(),
        letter.user,
        letter.kind.as_str(),
        letter.kind.link().copied(),
        wanted_name(&letter.kind),
        letter.created_at,
    ];
    tx.execute(&INSERT, &row).await.map(drop)
}

fn wanted_name(kind: &LetterKind) -> Option<&str> {
    match kind {
        LetterKind::UsernameTaken(name) => Some(name.as_str()),
        LetterKind::VerifyEmail(_)
        | LetterKind::AlreadyRegistered
        | LetterKind::ResetPassword(_)
        | LetterKind::PasswordChanged
        | LetterKind::TheftDetected => None,
    }
}

fn read_letter(row: &mut Columns<'_>) -> Result<Letter, Fault> {
    let row = row.row_of("outbox");
    let id = row.bytes()?;
    let to = row.parse()?;
    let user = row.opt_bytes()?.map(keywright_domain::UserId::from_bytes);
    let kind = read_kind(row)?;
    Ok(Letter {
        id,
        to,
        user,
        kind,
        created_at: row.time()?,
    })
}

fn read_kind(row: &mut Columns<'_>) -> Result<LetterKind, Fault> {
    let kind = row.text()?;
    let link = row.opt_bytes()?.map(LinkId);
    let name = row.opt_parse()?;
    match (kind, link, name) {
        ("verify_email", Some(link), None) => Ok(LetterKind::VerifyEmail(link)),
        ("reset_password", Some(link), None) => Ok(LetterKind::ResetPassword(link)),
        ("username_taken", None, Some(name)) => Ok(LetterKind::UsernameTaken(name)),
        ("already_registered", None, None) => Ok(LetterKind::AlreadyRegistered),
        ("password_changed", None, None) => Ok(LetterKind::PasswordChanged),
        ("theft_detected", None, None) => Ok(LetterKind::TheftDetected),
        _ => Err(row.corrupt()),
    }
}

impl Store {
    async fn take_due(&self, now: Time, retry_at: Time, limit: u32) -> Result<Vec<Letter>, Fault> {
        // Asked every second, and mostly for nothing: a read costs no write lock.
        if self
            .engine
            .point(&ANY_DUE, &params![now], |row| row.int())
            .await?
            .is_none()
        {
            return Ok(Vec::new());
        }
        let mut letters = self
            .engine
            .write((now, retry_at, limit), |(now, retry_at, limit), tx| {
                Box::pin(async move {
                    tx.all(&TAKE_DUE, &params![*now, *retry_at, *limit], read_letter)
                        .await
                })
            })
            .await?;
        letters.sort_by_key(|letter| letter.created_at);
        Ok(letters)
    }
}

impl Outbox for Store {
    fn due_letters(&self, now: Time, retry_at: Time, limit: u32) -> Answer<'_, Vec<Letter>> {
        Box::pin(async move { Ok(self.take_due(now, retry_at, limit).await?) })
    }

    fn letter_sent(&self, id: [u8; 16]) -> Answer<'_, ()> {
        Box::pin(async move {
            self.engine.execute(&SENT, params![id].into()).await?;
            Ok(())
        })
    }
}
