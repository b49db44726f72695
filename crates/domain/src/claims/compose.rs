//! The declared claims of one token.

use serde_json::{Map, Value};

use super::lint::{Finding, inspect};
use super::{ClaimsPolicy, Source, UserAttribute};
use crate::account::User;

impl ClaimsPolicy {
    /// What a token of `user` carries, or a service's own token without one.
    ///
    /// What is really written is looked at again: a value of a user is known only now, and a stored policy may be older than a
    /// rule of the lint. A finding refuses the token. To leave the claim out would hand services a token that silently
    /// differs from what its API declared, and one that is missing may be the one that restricts.
    pub(crate) fn compose(&self, user: Option<&User>) -> Result<Map<String, Value>, Finding> {
        let mut written = Map::new();
        for (name, source) in &self.claims {
            let Some(value) = source.value(user) else {
                continue;
            };
            if let Some(finding) = inspect(name.as_str(), &value, self.scope_of(name)) {
                return Err(finding);
            }
            written.insert(name.as_str().to_owned(), value);
        }
        Ok(written)
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
