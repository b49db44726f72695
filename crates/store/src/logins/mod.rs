//! Browsers' logins. Who ends sessions of a user ends the user's logins here first: every write takes their locks in that order, so none
//! waits in a circle.

mod end;
mod list;
mod open;

use keywright_domain::account::User;
use keywright_domain::audit::Effects;
use keywright_domain::login::Login;
use keywright_domain::logout::Farewell;
use keywright_domain::ports::{Answer, Logins};
use keywright_domain::secret::HashedSecret;
use keywright_domain::{LoginId, Time, UserId};

pub(crate) use end::end_all;
pub(crate) use open::lock_live;

use crate::Store;
use crate::engine::{Columns, params};
use crate::fault::Fault;
use crate::statement::Sql;
use crate::users::read_user;

statements! {
    BY_ID = concat!("SELECT ", login_columns!(), ", ", user_columns!(), " FROM logins l JOIN users u ON u.id = l.user_id WHERE l.id = $1");
    KEEP = "UPDATE logins SET idle_until = $2 WHERE id = $1 AND idle_until < $2 AND ended_at IS NULL";
}

pub(crate) fn statements() -> [&'static [&'static Sql]; 4] {
    [
        STATEMENTS,
        end::STATEMENTS,
        list::STATEMENTS,
        open::STATEMENTS,
    ]
}

/// Reads [`login_columns!`].
fn read_login(row: &mut Columns<'_>) -> Result<Login, Fault> {
    let row = row.row_of("logins");
    Ok(Login {
        id: LoginId::from_bytes(row.bytes()?),
        user: UserId::from_bytes(row.bytes()?),
        secret: HashedSecret::from_bytes(row.bytes()?),
        amr: row.words()?,
        authenticated_at: row.time()?,
        idle_until: row.time()?,
        expires_at: row.time()?,
        ended: row.opt_time()?,
        device: row.opt_text()?.map(str::to_owned),
        address: row.opt_parse()?,
        created_at: row.time()?,
    })
}

fn read_login_and_user(row: &mut Columns<'_>) -> Result<(Login, User), Fault> {
    Ok((read_login(row)?, read_user(row)?))
}

impl Logins for Store {
    fn login(&self, id: LoginId) -> Answer<'_, Option<(Login, User)>> {
        Box::pin(async move {
            let id = params![id];
            let found = self.engine.point(&BY_ID, &id, read_login_and_user);
            Ok(found.await?)
        })
    }

    fn logins_of(&self, user: UserId, live_at: Time, limit: u32) -> Answer<'_, Vec<Login>> {
        self.scan((user, live_at, limit), |(user, live_at, limit), tx| {
            Box::pin(list::of_user(tx, *user, *live_at, *limit))
        })
    }

    fn open_login<'a>(
        &'a self,
        login: &'a Login,
        epoch: i64,
        replaces: Option<LoginId>,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let opening = open::Opening {
            login: login.clone(),
            epoch,
            replaces,
        };
        self.write((opening, effects.clone()), |(opening, effects), tx| {
            Box::pin(open::open(tx, opening, effects))
        })
    }

    fn keep_login(&self, id: LoginId, idle_until: Time) -> Answer<'_, ()> {
        Box::pin(async move {
            let kept = self.engine.execute(&KEEP, params![id, idle_until].into());
            Ok(kept.await.map(drop)?)
        })
    }

    fn end_login<'a>(
        &'a self,
        id: LoginId,
        owner: UserId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, Option<Vec<Farewell>>> {
        self.write(
            (id, owner, at, effects.clone()),
            |(id, owner, at, effects), tx| Box::pin(end::end(tx, *id, *owner, *at, effects)),
        )
    }
}
