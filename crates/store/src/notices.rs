//! Notices that wait for the receiver of the webhook, or for a client.

use std::collections::BTreeMap;

use keywright_domain::Time;
use keywright_domain::audit::{Entry, Event, Hash};
use keywright_domain::client::{ClientId, Registration};
use keywright_domain::logout::Farewell;
use keywright_domain::ports::{Answer, Notices};
use keywright_domain::webhook::{Addressee, Notice, NoticeId};

use crate::Store;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::statement::Sql;

statements! {
    INSERT = "INSERT INTO notices (id, body, created_at, attempts, due_at, client_id) VALUES ($1, $2, $3, 0, $3, $4) \
              ON CONFLICT (id) DO NOTHING";
    REGISTRATION = "SELECT registration FROM clients WHERE id = $1";
    ANY_DUE = "SELECT due_at FROM notices WHERE due_at <= $1 LIMIT 1";
    ANY_DUE_TO_CLIENTS = "SELECT due_at FROM notices WHERE due_at <= $1 AND client_id IS NOT NULL LIMIT 1";
    /// As with letters, each goes to one sender.
    TAKE_DUE = "UPDATE notices SET due_at = $2, attempts = attempts + 1 WHERE id IN \
                (SELECT id FROM notices WHERE due_at <= $1 ORDER BY due_at LIMIT $3 {skip_locked}) \
                RETURNING id, client_id, body, created_at, attempts";
    TAKE_DUE_TO_CLIENTS = "UPDATE notices SET due_at = $2, attempts = attempts + 1 WHERE id IN \
                (SELECT id FROM notices WHERE due_at <= $1 AND client_id IS NOT NULL ORDER BY due_at LIMIT $3 {skip_locked}) \
                RETURNING id, client_id, body, created_at, attempts";
    POSTPONE = "UPDATE notices SET due_at = $2 WHERE id = $1";
    POSTPONE_CLIENT = "UPDATE notices SET due_at = $3 WHERE client_id = $1 AND due_at <= $2";
    FAREWELLS = "SELECT count(*) FROM notices WHERE client_id IS NOT NULL";
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
    insert(tx, &notice).await
}

/// Queues what clients are to be told, those that have an address for it.
pub(crate) async fn queue_farewells(
    tx: &mut Tx,
    farewells: &[Farewell],
    at: Time,
) -> Result<(), Fault> {
    let mut wanted: BTreeMap<&ClientId, bool> = BTreeMap::new();
    for farewell in farewells {
        let client = &farewell.client;
        if !wanted.contains_key(client) {
            wanted.insert(client, wants_farewells(tx, client).await?);
        }
        if wanted[client]
            && let Some(notice) = farewell.notice(at)
        {
            insert(tx, &notice).await?;
        }
    }
    Ok(())
}

async fn wants_farewells(tx: &mut Tx, client: &ClientId) -> Result<bool, Fault> {
    let read = |row: &mut Columns<'_>| row.row_of("clients").opt_json::<Registration>();
    let found = tx
        .first(&REGISTRATION, &params![client.as_str()], read)
        .await?;
    let registration = found.flatten().unwrap_or_default();
    Ok(registration.backchannel_logout_uri.is_some())
}

/// One that waits already is not queued again.
async fn insert(tx: &mut Tx, notice: &Notice) -> Result<(), Fault> {
    let client = match &notice.to {
        Addressee::Webhook => None,
        Addressee::Client(client) => Some(client.as_str()),
    };
    let row = params![
        notice.id.as_bytes().as_slice(),
        notice.body.as_str(),
        notice.created_at,
        client,
    ];
    tx.execute(&INSERT, &row).await.map(drop)
}

fn read_notice(row: &mut Columns<'_>) -> Result<Notice, Fault> {
    let row = row.row_of("notices");
    Ok(Notice {
        id: NoticeId::of(Hash::from_bytes(row.bytes()?)),
        to: row
            .opt_parse()?
            .map_or(Addressee::Webhook, Addressee::Client),
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
        (any, take): (&'static Sql, &'static Sql),
    ) -> Result<Vec<Notice>, Fault> {
        // Asked every second, and mostly for nothing: a read costs no write lock.
        let by_now = params![now];
        let any = self.engine.point(any, &by_now, |row| row.int());
        if any.await?.is_none() {
            return Ok(Vec::new());
        }
        let taken = self.engine.write(
            (now, hidden_until, limit, take),
            |(now, hidden_until, limit, take), tx| {
                Box::pin(async move {
                    let which = params![*now, *hidden_until, *limit];
                    tx.all(take, &which, read_notice).await
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

    fn due_notices(
        &self,
        now: Time,
        hidden_until: Time,
        limit: u32,
        webhook: bool,
    ) -> Answer<'_, Vec<Notice>> {
        let by: (&'static Sql, &'static Sql) = if webhook {
            (&ANY_DUE, &TAKE_DUE)
        } else {
            (&ANY_DUE_TO_CLIENTS, &TAKE_DUE_TO_CLIENTS)
        };
        Box::pin(async move { Ok(self.take_notices(now, hidden_until, limit, by).await?) })
    }

    fn postpone_notice(&self, id: NoticeId, until: Time) -> Answer<'_, ()> {
        Box::pin(async move {
            let row = params![id.as_bytes().to_vec(), until];
            self.engine.execute(&POSTPONE, row.into()).await?;
            Ok(())
        })
    }

    fn postpone_client<'a>(
        &'a self,
        client: &'a ClientId,
        now: Time,
        until: Time,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let which = params![client.as_str().to_owned(), now, until];
            self.engine.execute(&POSTPONE_CLIENT, which.into()).await?;
            Ok(())
        })
    }

    fn count_farewells(&self) -> Answer<'_, u64> {
        Box::pin(async move {
            let counted = self.engine.point(&FAREWELLS, &[], |row| row.int());
            Ok(u64::try_from(counted.await?.unwrap_or_default()).unwrap_or_default())
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
