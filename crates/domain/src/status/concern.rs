//! Whose tokens claim more than is granted, after somebody took something away. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::UserId;
use crate::access::{Audience, Catalog, ScopeSet};
use crate::client::ClientId;
use crate::session::Standing;

/// What was taken away. Adding to a role, an API or a client makes no token wrong, and concerns nobody.
#[derive(Clone, Debug)]
pub enum Concern {
    /// APIs or roles were narrowed or deleted.
    Catalog {
        before: Arc<Catalog>,
        after: Arc<Catalog>,
    },
    /// These lost a role; their tokens name it.
    Users(BTreeSet<UserId>),
    /// A client may ask for less.
    Client {
        id: ClientId,
        before: BTreeMap<Audience, ScopeSet>,
        after: BTreeMap<Audience, ScopeSet>,
    },
}

impl Concern {
    /// Whether a token of this session may say what is true no more.
    pub fn has(&self, standing: &Standing) -> bool {
        let (session, user) = (&standing.session, &standing.user);
        let audience = &session.audience;
        match self {
            Concern::Users(users) => users.contains(&user.id),
            Concern::Client { id, before, after } => {
                let nothing = ScopeSet::default();
                let of = |allowed: &BTreeMap<Audience, ScopeSet>| {
                    let allowed = allowed.get(audience).unwrap_or(&nothing);
                    session.scope.intersection(allowed)
                };
                *id == session.client && lost(&of(before), &of(after))
            }
            Concern::Catalog { before, after } => {
                let of = |catalog: &Catalog| {
                    let known = catalog.apis.get(audience).map(|api| api.scope_set());
                    let granted = catalog.granted(&user.roles, audience);
                    session
                        .scope
                        .intersection(&known.unwrap_or_default())
                        .intersection(&granted)
                };
                let api_gone =
                    before.apis.contains_key(audience) && !after.apis.contains_key(audience);
                let details = |catalog: &Catalog| {
                    let api = catalog.apis.get(audience)?;
                    Some(session.details.within(api, &standing.client))
                };
                let has_lost_details =
                    !session.details.is_empty() && details(before) != details(after);
                api_gone || has_lost_details || lost(&of(before), &of(after))
            }
        }
    }

    /// Whether it can have anybody at all: then no session needs to be looked at.
    pub fn is_empty(&self) -> bool {
        match self {
            Concern::Users(users) => users.is_empty(),
            Concern::Client { before, after, .. } => !narrowed(before, after),
            Concern::Catalog { before, after } => {
                let apis = before.apis.iter().any(|(audience, api)| {
                    let now = after.apis.get(audience);
                    now.is_none_or(|now| {
                        let is_kept = |(name, kind)| now.details.get(name) == Some(kind);
                        lost(&api.scope_set(), &now.scope_set()) || !api.details.iter().all(is_kept)
                    })
                });
                let roles = before.roles.iter().any(|(name, role)| {
                    let now = after.roles.get(name);
                    now.is_none_or(|now| narrowed(&role.grants, &now.grants))
                });
                !apis && !roles
            }
        }
    }
}

fn lost(before: &ScopeSet, after: &ScopeSet) -> bool {
    !before.without(after).is_empty()
}

/// Whether some API's scopes have become fewer.
pub(crate) fn narrowed(
    before: &BTreeMap<Audience, ScopeSet>,
    after: &BTreeMap<Audience, ScopeSet>,
) -> bool {
    let nothing = ScopeSet::default();
    before
        .iter()
        .any(|(audience, scopes)| lost(scopes, after.get(audience).unwrap_or(&nothing)))
}
