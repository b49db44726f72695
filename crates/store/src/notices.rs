//! Notices that wait for the receiver of the webhook.

use keywright_domain::Time;
use keywright_domain::audit::{Entry, Event, Hash};
use keywright_domain::ports::{Answer, Notices};
use keywright_domain::webhook::{Notice, NoticeId};

use crate::Store;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    INSERT = "INSERT INTO notices (id, body, created_at, attempts, due_at) VALUES ($1, $2, $3, 0, $3)";
    ANY_DUE = "SELECT due_at FROM notices WHERE due_at <= $1 LIMIT 1";
    /// As with letters, each goes to one sender.
    TAKE_DUE = "UPDATE notices SET due_at = $2, attempts = attempts + 1 WHERE id IN \
                (SELECT id FROM notices WHERE due_at <= $1 ORDER BY due_at LIMIT $3 {skip_locked}) \
                RETURNING id, body, created_at, attempts";
    POSTPONE = "UPDATE notices SET due_at = $2 WHERE id = $1";
    FORGET = "DELETE FROM notices WHERE id = $1";
}

/// Queues the notice of an audit entry, if anybody is to be told of it.
pub(crate) async fn queue(tx: &mut Tx, event: &Event, entry: &Entry) -> Result<(), Fault> {
    if !tx.queues_notices() {
        return Ok(());
    }
    let Some(notice) = Notice::of(event, entry) else {
        return Ok(());
    };
    let row = params![
        notice.id.as_bytes().as_slice(),
        notice.body,
        notice.created_at
    ];
    tx.execute(&INSERT, &row).await.map(drop)
}

fn read_notice(row: &mut Columns<'_>) -> Result<Notice, Fault> {
    let row = row.row_of("notices");
    Ok(Notice {
        id: NoticeId::of(Hash::from_bytes(row.bytes()?)),
        body: row.text()?.to_owned(),
        created_at: row.time()?,
        attempts: row.number()?,
    })
}

impl Store {
    async fn take_notices(
        &self,
        now: Time,
        hidden_until: Time,
        limit: u32,
    ) -> Result<Vec<Notice>, Fault> {
        // Asked every second, and mostly for nothing: a read costs no write lock.
        let by_now = params![now];
        let any = self.engine.point(&ANY_DUE, &by_now, |row| row.int());
        if any.await?.is_none() {
            return Ok(Vec::new());
        }
        let taken = self.engine.write(
            (now, hidden_until, limit),
            |(now, hidden_until, limit), tx| {
                Box::pin(async move {
                    let which = params![*now, *hidden_until, *limit];
                    tx.all(&TAKE_DUE, &which, read_notice).await
                })
            },
        );
        let mut notices = taken.await?;
        notices.sort_by_key(|notice| notice.created_at);
        Ok(notices)
    }
}

impl Notices for Store {
    fn queue_notices(&self, wanted: bool) {
        self.engine.chains().queue_notices(wanted);
    }

    fn due_notices(&self, now: Time, hidden_until: Time, limit: u32) -> Answer<'_, Vec<Notice>> {
        Box::pin(async move { Ok(self.take_notices(now, hidden_until, limit).await?) })
    }

    fn postpone_notice(&self, id: NoticeId, until: Time) -> Answer<'_, ()> {
        Box::pin(async move {
            let row = params![id.as_bytes().to_vec(), until];
            self.engine.execute(&POSTPONE, row.into()).await?;
            Ok(())
        })
    }

    fn forget_notice(&self, id: NoticeId) -> Answer<'_, ()> {
        Box::pin(async move {
            let row = params![id.as_bytes().to_vec()];
            self.engine.execute(&FORGET, row.into()).await?;
            Ok(())
        })
    }
}
