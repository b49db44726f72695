//! The claims about a person, by their names.

use serde_json::{Map, Value};

use super::Profile;
use super::standard_claims::scope_of;
use crate::account::User;
use crate::client::Client;

/// Somebody, as account and profile know them.
pub(crate) struct Person<'a> {
    pub user: &'a User,
    pub profile: &'a Profile,
}

impl Person<'_> {
    /// Of the standard claims `asked` for, those that are known and that the client is registered to ask for: a claim that is asked for
    /// by name is no way around the scopes that the client may have.
    pub fn claims<'n>(
        &self,
        client: &Client,
        asked: impl IntoIterator<Item = &'n str>,
    ) -> Map<String, Value> {
        let allowed = &client.registration.openid_scope;
        let may = |name: &&str| scope_of(name).is_some_and(|scope| allowed.contains(scope));
        // A struct of texts always serialises.
        let told = serde_json::to_value(self.profile).unwrap_or_default();
        let claim = |name: &'n str| Some((name.to_owned(), self.claim(name, &told)?));
        asked.into_iter().filter(may).filter_map(claim).collect()
    }

    fn claim(&self, name: &str, profile: &Value) -> Option<Value> {
        let user = self.user;
        match name {
            "preferred_username" => Some(user.username.as_ref()?.as_str().into()),
            "updated_at" => Some(user.updated_at.secs().into()),
            "email" => Some(user.email.as_str().into()),
            "email_verified" => Some(user.email_verified.into()),
            // Said of a number only, and said also when it is not so.
            "phone_number_verified" => {
                profile.get("phone_number")?;
                Some(self.profile.phone_number_verified.into())
            }
            _ => profile.get(name).cloned(),
        }
    }
}
