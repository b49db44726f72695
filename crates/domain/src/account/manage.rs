//! What an administrator does with accounts.

use crate::access::RoleName;
use crate::account::password::{PasswordHash, WeakPassword, check_strength};
use crate::account::{Email, LoginName, RegisterOutcomes, User, UserStatus, Username};
use crate::audit::{Actor, Effects, Event, EventKind};
use crate::ports::{Page, PasswordsError, Registered};
use crate::secret::PlainSecret;
use crate::{Issuer, Unavailable, UserId};

#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: Option<Username>,
    pub email: Email,
    pub email_verified: bool,
    pub password: NewPassword,
    pub roles: Vec<RoleName>,
}

#[derive(Clone, Debug)]
pub enum NewPassword {
    /// The person sets one through recovery.
    None,
    Plain(PlainSecret),
    /// A hash that another system made; the next login upgrades it.
    Imported(PasswordHash),
}

#[derive(Debug, thiserror::Error)]
pub enum ManageUserError {
    #[error("no such user")]
    Unknown,
    #[error("the e-mail address has an account already")]
    EmailTaken,
    #[error("the user name is taken")]
    UsernameTaken,
    #[error("there is no role `{0}`")]
    UnknownRole(RoleName),
    #[error("the account has changed meanwhile; try again")]
    Raced,
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn create_user(&self, new: NewUser, actor: &Actor) -> Result<User, ManageUserError> {
        let roles = self.known_roles(new.roles)?;
        let password = match new.password {
            NewPassword::None => None,
            NewPassword::Imported(hash) => Some(hash),
            NewPassword::Plain(plain) => {
                let least = self.policy().accounts.password_strength;
                check_strength(&plain, least, new.username.as_ref(), &new.email)?;
                Some(self.outside.passwords.hash(plain).await?)
            }
        };
        let now = self.now();
        let user = User {
            id: UserId::new(now, self.random()),
            username: new.username,
            email: new.email,
            email_verified: new.email_verified,
            password,
            status: UserStatus::Active,
            roles,
            epoch: 0,
            created_at: now,
            updated_at: now,
        };
        let created = Event::new(EventKind::AccountCreated, actor.clone(), now)
            .user(user.id)
            .into();
        let outcomes = RegisterOutcomes {
            created,
            email_taken: Effects::default(),
            username_taken: Effects::default(),
        };
        match self.outside.store.register(&user, &outcomes).await? {
            Registered::Created => Ok(user),
            Registered::EmailTaken => Err(ManageUserError::EmailTaken),
            Registered::UsernameTaken => Err(ManageUserError::UsernameTaken),
        }
    }

    pub async fn user(&self, id: UserId) -> Result<User, ManageUserError> {
        self.outside
            .store
            .by_id(id)
            .await?
            .ok_or(ManageUserError::Unknown)
    }

    /// By user name or e-mail address, as an operator types it.
    pub async fn find_user(&self, name: &LoginName) -> Result<User, ManageUserError> {
        self.outside
            .store
            .by_login(name)
            .await?
            .ok_or(ManageUserError::Unknown)
    }

    pub async fn users(&self, page: Page<UserId>) -> Result<Vec<User>, ManageUserError> {
        Ok(self.outside.store.list(page).await?)
    }

    /// Disabling ends every session of the user at once.
    pub async fn disable_user(&self, id: UserId, actor: &Actor) -> Result<(), ManageUserError> {
        self.set_status(id, UserStatus::Disabled, EventKind::AccountDisabled, actor)
            .await
    }

    pub async fn enable_user(&self, id: UserId, actor: &Actor) -> Result<(), ManageUserError> {
        self.set_status(id, UserStatus::Active, EventKind::AccountEnabled, actor)
            .await
    }

    pub async fn delete_user(&self, id: UserId, actor: &Actor) -> Result<(), ManageUserError> {
        let now = self.now();
        let effects = Event::new(EventKind::AccountDeleted, actor.clone(), now)
            .user(id)
            .into();
        found(self.outside.store.delete(id, now, &effects).await?)
    }

    /// Takes effect in the next token of each of the user's sessions.
    pub async fn set_user_roles(
        &self,
        id: UserId,
        roles: Vec<RoleName>,
        actor: &Actor,
    ) -> Result<(), ManageUserError> {
        let now = self.now();
        let roles = self.known_roles(roles)?;
        let names: Vec<&str> = roles.iter().map(RoleName::as_str).collect();
        let event = Event::new(EventKind::AccountRolesChanged, actor.clone(), now)
            .user(id)
            .detail(names.join(" "));
        found(
            self.outside
                .store
                .set_roles(id, &roles, now, &event.into())
                .await?,
        )
    }

    /// Sets a password without asking for the old one, and ends every session.
    pub async fn set_user_password(
        &self,
        id: UserId,
        password: PlainSecret,
        actor: &Actor,
    ) -> Result<(), ManageUserError> {
        let user = self.user(id).await?;
        let least = self.policy().accounts.password_strength;
        check_strength(&password, least, user.username.as_ref(), &user.email)?;
        let hash = self.outside.passwords.hash(password).await?;
        let now = self.now();
        let effects = Event::new(EventKind::PasswordChanged, actor.clone(), now)
            .user(id)
            .into();
        if self
            .outside
            .store
            .change_password(&user, &hash, None, now, &effects)
            .await?
        {
            Ok(())
        } else {
            Err(ManageUserError::Raced)
        }
    }

    async fn set_status(
        &self,
        id: UserId,
        status: UserStatus,
        kind: EventKind,
        actor: &Actor,
    ) -> Result<(), ManageUserError> {
        let now = self.now();
        let effects = Event::new(kind, actor.clone(), now).user(id).into();
        found(
            self.outside
                .store
                .set_status(id, status, now, &effects)
                .await?,
        )
    }

    fn known_roles(&self, mut roles: Vec<RoleName>) -> Result<Vec<RoleName>, ManageUserError> {
        let catalog = self.catalog();
        roles.sort();
        roles.dedup();
        match roles.iter().find(|role| !catalog.roles.contains_key(role)) {
            Some(unknown) => Err(ManageUserError::UnknownRole(unknown.clone())),
            None => Ok(roles),
        }
    }
}

fn found(done: bool) -> Result<(), ManageUserError> {
    if done {
        Ok(())
    } else {
        Err(ManageUserError::Unknown)
    }
}
