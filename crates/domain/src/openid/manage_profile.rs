//! Seeing and replacing a profile: one's own, or anybody's by an administrator. The log says that it changed, never what it says.

use super::Profile;
use crate::account::ManageUserError;
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::session::{CallError, Caller};
use crate::{Issuer, Unavailable, UserId};

impl Issuer {
    pub async fn own_profile(&self, caller: &Caller) -> Result<Profile, Unavailable> {
        self.profile(caller.standing.user.id).await
    }

    pub async fn set_own_profile(
        &self,
        caller: &Caller,
        profile: Profile,
        origin: &Origin,
    ) -> Result<(), CallError> {
        let (now, user) = (self.now(), caller.standing.user.id);
        let profile = profile.written_by_owner(&self.profile(user).await?);
        let event = Event::new(EventKind::AccountProfileChanged, Actor::User(user), now);
        let effects = event
            .user(user)
            .session(caller.standing.session.id)
            .from(origin)
            .into();
        let store = &self.outside.store;
        if store.put_profile(user, &profile, now, &effects).await? {
            Ok(())
        } else {
            // Deleted a moment ago.
            Err(CallError::SessionOver)
        }
    }

    pub async fn user_profile(&self, id: UserId) -> Result<Profile, ManageUserError> {
        let found = self.outside.store.profile(id).await?;
        found.ok_or(ManageUserError::Unknown)
    }

    pub async fn set_user_profile(
        &self,
        id: UserId,
        profile: &Profile,
        actor: &Actor,
    ) -> Result<(), ManageUserError> {
        let now = self.now();
        let event = Event::new(EventKind::AccountProfileChanged, actor.clone(), now);
        let effects = event.user(id).into();
        if self
            .outside
            .store
            .put_profile(id, profile, now, &effects)
            .await?
        {
            Ok(())
        } else {
            Err(ManageUserError::Unknown)
        }
    }
}
