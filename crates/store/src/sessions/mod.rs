//! Sessions: opened by a login, rotated by a refresh, ended by many things.

mod end;
mod end_of_client;
mod list;
mod open;
mod refresh;
mod row;

use keywright_domain::audit::{Effects, Event};
use keywright_domain::ports::{Answer, EntriesOf, SessionQuery, Sessions};
use keywright_domain::session::rotation::{Presented, RefreshRules, Rotation};
use keywright_domain::session::{EndReason, Ended, Session, Standing};
use keywright_domain::{SessionId, Time, UserId};

pub(crate) use end::{Left, end_all, end_all_at_client, end_of_login};
pub(crate) use end_of_client::{Bite, Fate, end_of_client, end_rest_of_client};
pub(crate) use open::{insert, lock_account};
pub(crate) use refresh::read_standing;

use crate::Store;
use crate::statement::Sql;

pub(crate) fn statements() -> [&'static [&'static Sql]; 5] {
    [
        end::STATEMENTS,
        end_of_client::STATEMENTS,
        list::STATEMENTS,
        open::STATEMENTS,
        refresh::STATEMENTS,
    ]
}

impl Sessions for Store {
    fn open<'a>(
        &'a self,
        session: &'a Session,
        epoch: i64,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (session.clone(), epoch, effects.clone()),
            |(session, epoch, effects), tx| Box::pin(open::open(tx, session, *epoch, effects)),
        )
    }

    fn standing(&self, id: SessionId) -> Answer<'_, Option<Standing>> {
        Box::pin(async move { Ok(refresh::standing(&self.engine, id).await?) })
    }

    fn sessions<'a>(&'a self, query: &'a SessionQuery) -> Answer<'a, Vec<Session>> {
        self.scan(*query, |query, tx| Box::pin(list::list(tx, query)))
    }

    fn rotate<'a>(
        &'a self,
        presented: &'a Presented,
        rules: &'a RefreshRules,
        entries: EntriesOf<'a>,
        now: Time,
    ) -> Answer<'a, Rotation> {
        let presentation = refresh::Presentation {
            presented,
            rules,
            entries,
            now,
        };
        Box::pin(async move { Ok(refresh::rotate(&self.engine, &presentation).await?) })
    }

    fn end<'a>(
        &'a self,
        id: SessionId,
        owner: Option<UserId>,
        reason: EndReason,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let ended = Ended { at, reason };
        self.write(
            (id, owner, ended, effects.clone()),
            |(id, owner, ended, effects), tx| Box::pin(end::end(tx, *id, *owner, *ended, effects)),
        )
    }

    fn end_each<'a>(
        &'a self,
        sessions: &'a [(SessionId, Event)],
        reason: EndReason,
        at: Time,
    ) -> Answer<'a, u64> {
        let ended = Ended { at, reason };
        self.write((sessions.to_vec(), ended), |(sessions, ended), tx| {
            Box::pin(end::end_each(tx, sessions, *ended))
        })
    }

    fn end_all<'a>(
        &'a self,
        user: UserId,
        keep: Option<SessionId>,
        reason: EndReason,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, u64> {
        let ended = Ended { at, reason };
        self.write(
            (user, keep, ended, effects.clone()),
            |(user, keep, ended, effects), tx| {
                Box::pin(end::end_all_with(tx, *user, *keep, *ended, effects))
            },
        )
    }
}
