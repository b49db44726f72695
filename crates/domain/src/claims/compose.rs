//! The declared claims of one token.

use serde_json::{Map, Value};

use super::{ClaimsPolicy, Source, UserAttribute};
use crate::account::User;

impl ClaimsPolicy {
    /// What a token of `user` carries, or a service's own token without one.
    pub(crate) fn compose(&self, user: Option<&User>) -> Map<String, Value> {
        let written = self
            .claims
            .iter()
            .filter_map(|(name, source)| Some((name.as_str().to_owned(), source.value(user)?)));
        written.collect()
    }
}

impl Source {
    fn value(&self, user: Option<&User>) -> Option<Value> {
        match self {
            Source::Static(value) => Some(value.clone()),
            Source::User(attribute) => attribute.of(user?),
            Source::RoleNames => {
                let names = user?.roles.iter();
                Some(names.map(|role| Value::from(role.as_str())).collect())
            }
            Source::ByRole(values) => {
                let granted = user?.roles.iter().filter_map(|role| values.get(role));
                let granted: Vec<Value> = granted.cloned().collect();
                (!granted.is_empty()).then_some(Value::Array(granted))
            }
        }
    }
}

impl UserAttribute {
    fn of(self, user: &User) -> Option<Value> {
        match self {
            UserAttribute::Id => Some(user.id.to_string().into()),
            UserAttribute::Username => Some(user.username.as_ref()?.as_str().into()),
            UserAttribute::Email => Some(user.email.as_str().into()),
            UserAttribute::EmailVerified => Some(user.email_verified.into()),
        }
    }
}
