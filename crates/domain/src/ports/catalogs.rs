//! APIs and roles at rest. Read as a whole; each write raises the catalog's version, which other nodes watch.

use crate::UserId;
use crate::access::{Api, Audience, Catalog, Role, RoleName};
use crate::audit::Effects;
use crate::ports::Answer;

pub trait Catalogs: Send + Sync {
    fn catalog(&self) -> Answer<'_, Catalog>;
    /// Inserts or replaces.
    fn put_api<'a>(&'a self, api: &'a Api, effects: &'a Effects) -> Answer<'a, ()>;
    /// Also takes the API out of every role and client. False if there is none.
    fn delete_api<'a>(&'a self, audience: &'a Audience, effects: &'a Effects) -> Answer<'a, bool>;
    /// Inserts or replaces.
    fn put_role<'a>(&'a self, role: &'a Role, effects: &'a Effects) -> Answer<'a, ()>;
    /// Also takes the role from every user, and answers from whom. `None` if there is no such role.
    fn delete_role<'a>(
        &'a self,
        name: &'a RoleName,
        effects: &'a Effects,
    ) -> Answer<'a, Option<Vec<UserId>>>;
}
