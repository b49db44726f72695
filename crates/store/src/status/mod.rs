//! Status lists: which positions are given out, which entries are marked, and whose marks are over.

mod block;
mod forget;
mod mark;
mod stale;

use keywright_domain::client::{Client, ClientId};
use keywright_domain::feed::StatusEntry;
use keywright_domain::ports::{Answer, StatusLists, StatusRead};
use keywright_domain::status::{Block, Concern, StatusRef};
use keywright_domain::{SessionId, Time};

pub(crate) use mark::mark;
pub(crate) use stale::roles_changed;

use crate::Store;
use crate::clients::give_entry;
use crate::engine::{Columns, Tx};
use crate::fault::Fault;
use crate::statement::Sql;

statements! {
    POSITION = "SELECT seq FROM feed_head";
    MARKS = "SELECT list, idx, value FROM status_marks";
    LISTS = "SELECT id FROM status_lists";
}

pub(crate) fn statements() -> [&'static [&'static Sql]; 5] {
    [
        STATEMENTS,
        block::STATEMENTS,
        forget::STATEMENTS,
        mark::STATEMENTS,
        stale::STATEMENTS,
    ]
}

/// Two columns, both there or neither.
pub(crate) fn read_entry(row: &mut Columns<'_>) -> Result<Option<StatusRef>, Fault> {
    match (row.opt_number()?, row.opt_number()?) {
        (Some(list), Some(index)) => Ok(Some(StatusRef { list, index })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(row.corrupt()),
    }
}

/// Every mark of an event up to the position is among the marks, because the position is read first.
async fn read(tx: &mut Tx) -> Result<StatusRead, Fault> {
    let (positions, marks) = tx
        .both(
            (&POSITION, |row| row.row_of("feed_head").number()),
            (&MARKS, read_mark),
        )
        .await?;
    let lists = tx.all(&LISTS, &[], |row| row.row_of("status_lists").number());
    Ok(StatusRead {
        lists: lists.await?,
        position: positions.first().copied().unwrap_or_default(),
        marks,
    })
}

fn read_mark(row: &mut Columns<'_>) -> Result<StatusEntry, Fault> {
    let row = row.row_of("status_marks");
    let (list, index) = (row.number()?, row.number()?);
    let value = row.number::<u8>()?;
    let value = value.try_into().map_err(|_| row.corrupt())?;
    Ok(StatusRef { list, index }.says(value))
}

impl StatusLists for Store {
    fn take_block(&self, now: Time) -> Answer<'_, Block> {
        self.write(now, |now, tx| Box::pin(block::take(tx, *now)))
    }

    fn read_status(&self) -> Answer<'_, StatusRead> {
        self.scan((), |(), tx| Box::pin(read(tx)))
    }

    fn give_client_entry<'a>(
        &'a self,
        id: &'a ClientId,
        entry: StatusRef,
    ) -> Answer<'a, Option<Client>> {
        self.write((id.clone(), entry), |(id, entry), tx| {
            Box::pin(give_entry(tx, id, *entry))
        })
    }

    fn mark_stale<'a>(
        &'a self,
        concern: &'a Concern,
        after: Option<SessionId>,
        limit: u32,
        at: Time,
    ) -> Answer<'a, Option<SessionId>> {
        Box::pin(async move {
            let bite = stale::Bite { after, limit };
            Ok(stale::mark_bite(self, concern, bite, at).await?)
        })
    }

    fn forget_status(&self, now: Time, limit: u32) -> Answer<'_, u64> {
        Box::pin(async move { Ok(forget::forget(&self.engine, now, limit).await?) })
    }
}
