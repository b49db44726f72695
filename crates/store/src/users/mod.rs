//! Accounts, and the one-time links that belong to them.

mod change_password;
mod links;
mod manage;
mod profile;
mod register;

use keywright_domain::access::RoleName;
use keywright_domain::account::password::PasswordHash;
use keywright_domain::account::{
    Link, LinkId, LinkPurpose, LoginName, RegisterOutcomes, User, UserStatus,
};
use keywright_domain::audit::Effects;
use keywright_domain::openid::Profile;
use keywright_domain::ports::{Answer, Page, Redeemed, Registered, Users};
use keywright_domain::{SessionId, Time, UserId};

pub(crate) use links::insert as insert_link;

use crate::Store;
use crate::engine::{Columns, params};
use crate::fault::Fault;
use crate::statement::Sql;

statements! {
    BY_ID = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");
    BY_USERNAME = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.username = $1");
    BY_EMAIL = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.email = $1");
    PAGE = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id > $1 ORDER BY u.id LIMIT $2");
}

pub(crate) fn statements() -> [&'static [&'static Sql]; 6] {
    [
        STATEMENTS,
        change_password::STATEMENTS,
        links::STATEMENTS,
        manage::STATEMENTS,
        profile::STATEMENTS,
        register::STATEMENTS,
    ]
}

const STATUSES: [UserStatus; 2] = [UserStatus::Active, UserStatus::Disabled];

/// Reads [`user_columns!`].
pub(crate) fn read_user(row: &mut Columns<'_>) -> Result<User, Fault> {
    let row = row.row_of("users");
    Ok(User {
        id: UserId::from_bytes(row.bytes()?),
        username: row.opt_parse()?,
        email: row.parse()?,
        email_verified: row.flag()?,
        password: row.opt_parse()?,
        status: row.one_of(&STATUSES, UserStatus::as_str)?,
        roles: row.words()?,
        epoch: row.int()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// Roles as they are stored: words separated by single spaces.
pub(crate) fn words(roles: &[RoleName]) -> String {
    roles
        .iter()
        .map(RoleName::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

impl Users for Store {
    fn by_login<'a>(&'a self, name: &'a LoginName) -> Answer<'a, Option<User>> {
        let sql = match name {
            LoginName::Username(_) => &BY_USERNAME,
            LoginName::Email(_) => &BY_EMAIL,
        };
        Box::pin(async move {
            Ok(self
                .engine
                .point(sql, &params![name.as_str()], read_user)
                .await?)
        })
    }

    fn by_id(&self, id: UserId) -> Answer<'_, Option<User>> {
        Box::pin(async move { Ok(self.engine.point(&BY_ID, &params![id], read_user).await?) })
    }

    fn list(&self, page: Page<UserId>) -> Answer<'_, Vec<User>> {
        self.scan(page, |page, tx| {
            Box::pin(async move {
                let after = page.after.map_or([0; 16], |id| *id.as_bytes());
                tx.all(&PAGE, &params![after, page.limit], read_user).await
            })
        })
    }

    fn register<'a>(
        &'a self,
        user: &'a User,
        outcomes: &'a RegisterOutcomes,
    ) -> Answer<'a, Registered> {
        self.write((user.clone(), outcomes.clone()), |(user, outcomes), tx| {
            Box::pin(register::register(tx, user, outcomes))
        })
    }

    fn upgrade_password<'a>(
        &'a self,
        id: UserId,
        from: &'a PasswordHash,
        to: &'a PasswordHash,
    ) -> Answer<'a, ()> {
        Box::pin(async move { Ok(change_password::upgrade(&self.engine, id, from, to).await?) })
    }

    fn change_password<'a>(
        &'a self,
        user: &'a User,
        to: &'a PasswordHash,
        keep: Option<SessionId>,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let change = change_password::Change {
            user: user.id,
            epoch: user.epoch,
            to: to.clone(),
            keep,
            at,
        };
        self.write((change, effects.clone()), |(change, effects), tx| {
            Box::pin(change_password::change(tx, change, effects))
        })
    }

    fn open_link(&self, id: LinkId, purpose: LinkPurpose, now: Time) -> Answer<'_, Option<Link>> {
        Box::pin(async move { Ok(links::open(&self.engine, id, purpose, now).await?) })
    }

    fn redeem<'a>(
        &'a self,
        link: &'a Link,
        what: Redeemed<'a>,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let password = match what {
            Redeemed::EmailVerified => None,
            Redeemed::PasswordReset(hash) => Some(hash.clone()),
        };
        let redemption = links::Redemption {
            link: link.clone(),
            password,
            at,
        };
        self.write(
            (redemption, effects.clone()),
            |(redemption, effects), tx| Box::pin(links::redeem(tx, redemption, effects)),
        )
    }

    fn record<'a>(&'a self, effects: &'a Effects) -> Answer<'a, ()> {
        self.write(effects.clone(), |effects, tx| {
            Box::pin(crate::effects::record(tx, effects))
        })
    }

    fn set_status<'a>(
        &'a self,
        id: UserId,
        status: UserStatus,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (id, status, at, effects.clone()),
            |(id, status, at, effects), tx| {
                Box::pin(manage::set_status(tx, *id, *status, *at, effects))
            },
        )
    }

    fn set_roles<'a>(
        &'a self,
        id: UserId,
        roles: &'a [RoleName],
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (id, words(roles), at, effects.clone()),
            |(id, roles, at, effects), tx| {
                Box::pin(manage::set_roles(tx, *id, roles, *at, effects))
            },
        )
    }

    fn profile(&self, id: UserId) -> Answer<'_, Option<Profile>> {
        Box::pin(async move { Ok(profile::read(&self.engine, id).await?) })
    }

    fn put_profile<'a>(
        &'a self,
        id: UserId,
        profile: &'a Profile,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (id, profile.clone(), at, effects.clone()),
            |(id, profile, at, effects), tx| Box::pin(profile::put(tx, *id, profile, *at, effects)),
        )
    }

    fn delete<'a>(&'a self, id: UserId, at: Time, effects: &'a Effects) -> Answer<'a, bool> {
        self.write((id, at, effects.clone()), |(id, at, effects), tx| {
            Box::pin(manage::delete(tx, *id, *at, effects))
        })
    }
}
