//! Whether the person must do something before the client gets its answer. Pure.

use crate::Time;
use crate::access::ScopeSet;
use crate::authorize::{AuthorizationRequest, Consent};
use crate::client::{Client, ClientKind};
use crate::login::Login;

/// What a consent page asks for, beside the details of the request, which are asked for every time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asking {
    pub scope: ScopeSet,
    pub openid: ScopeSet,
}

/// Whether a login page comes first. `resumed`: when the client asked, if the person has been at a page since. A login from then on
/// was made for this request and satisfies whatever the client wants of it, or the person would be asked for ever. Somebody else than the
/// client means may have the right one at hand, so they are asked too; `subject` is by which name the client knows who is logged in.
///
/// A browser has one login at a time, so to choose an account is to log in.
pub(super) fn must_log_in(
    request: &AuthorizationRequest,
    (login, subject): (&Login, &str),
    resumed: Option<Time>,
    now: Time,
) -> bool {
    if resumed.is_some_and(|asked_at| login.authenticated_at >= asked_at) {
        return false;
    }
    let is_too_old = |max_age| now.since(login.authenticated_at) > max_age;
    let is_somebody_else = !request.is_about(subject);
    is_somebody_else
        || request.prompt.login
        || request.prompt.select_account
        || request.max_age.is_some_and(is_too_old)
}

/// What the person must be asked; `None`: nothing.
pub(super) fn must_consent(
    request: &AuthorizationRequest,
    client: &Client,
    redirect_uri: &str,
    given: Option<&Consent>,
) -> Option<Asking> {
    let all = Asking {
        scope: request.scope.clone(),
        openid: request.openid_told(),
    };
    if request.prompt.consent {
        return Some(all);
    }
    // A detail is this one payment, not payments: what was granted before, or to the house at large, says nothing of it.
    let at_least = (!request.details.is_empty()).then(Asking::default);
    if client.registration.first_party {
        return at_least;
    }
    match given {
        // Any program on the device can take the place of this client (RFC 8252 §8.6): what the person granted was granted to the
        // one that ran then. And a client that is known by its address alone can become another overnight.
        Some(_) if is_impersonable(client, redirect_uri) || client.id.document_host().is_some() => {
            Some(all)
        }
        None => Some(all),
        Some(given) => {
            let had = given.scopes.get(&request.audience);
            let missing = Asking {
                scope: had.map_or_else(|| all.scope.clone(), |had| all.scope.without(had)),
                openid: all.openid.without(&given.openid),
            };
            let is_missing = missing != Asking::default();
            is_missing.then_some(missing).or(at_least)
        }
    }
}

fn is_impersonable(client: &Client, redirect_uri: &str) -> bool {
    client.kind == ClientKind::Public && !redirect_uri.starts_with("https://")
}

#[cfg(test)]
#[path = "interaction_tests.rs"]
mod tests;
