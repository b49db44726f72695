//! The checks of an authorization request: one file each, in the order of [`CHECKS`].
//!
//! [`client`] and [`redirect_uri`] come before all others and stand apart, because their errors must not travel: whoever wrote the
//! request may have written the address, too (RFC 6749 §4.1.2.1). What fails later is told to the client.

mod acr_values;
mod authorization_details;
mod claims;
mod client;
mod dpop_jkt;
mod grant;
mod hints;
mod id_token_hint;
mod max_age;
mod nonce;
mod pkce;
mod prompt;
mod pushed;
mod redirect_uri;
mod registration;
mod repeated;
mod request_object;
mod resource;
mod response_mode;
mod response_type;
mod scope;

#[cfg(test)]
mod tests;

use crate::access::{Audience, Catalog};
use crate::authorize::response::{Destination, SignedFor};
use crate::authorize::{AuthorizationRequest, Objection, Parameters};
use crate::client::Client;
use crate::openid::IdTokenHint;

pub(super) use client::{client_id, usable};
pub use response_mode::NAMES as RESPONSE_MODES;

/// What every check may look at.
pub(super) struct Asked<'a> {
    pub parameters: &'a Parameters,
    pub client: &'a Client,
    pub catalog: &'a Catalog,
    /// What `id_token_hint` says; `None` also if it says nothing that counts.
    pub hint: Option<&'a IdTokenHint>,
}

/// Looks at its own parameters and notes what they say.
type Check = fn(&Asked<'_>, &mut AuthorizationRequest) -> Result<(), Objection>;

/// The first that objects is answered. A later one may rely on what an earlier one noted: the scope is read for the API that
/// `resource` names, and whether a request may do without PKCE depends on its scope.
const CHECKS: [Check; 19] = [
    repeated::check,
    response_type::check,
    response_mode::check,
    request_object::check,
    pushed::check,
    registration::check,
    grant::check,
    resource::check,
    scope::check,
    authorization_details::check,
    nonce::check,
    pkce::check,
    dpop_jkt::check,
    prompt::check,
    max_age::check,
    acr_values::check,
    hints::check,
    id_token_hint::check,
    claims::check,
];

/// Where the answer goes; `None` if the request must not be redirected.
pub(super) fn destination(asked: &Asked<'_>) -> Option<Destination> {
    let client = asked.client;
    let algorithm = client.registration.response_algorithm();
    let is_signed = response_mode::is_signed(asked.parameters);
    Some(Destination {
        signed_for: algorithm.filter(|_| is_signed).map(|algorithm| SignedFor {
            client: client.id.clone(),
            algorithm,
        }),
        redirect_uri: redirect_uri::trusted(client, asked.parameters)?,
        mode: response_mode::of(asked.parameters),
        state: asked.parameters.value("state").map(str::to_owned),
    })
}

/// The request, if no check objects. `own` is the issuer's own API, which tokens are for that no other is named for.
pub(super) fn request(asked: &Asked<'_>, own: Audience) -> Result<AuthorizationRequest, Objection> {
    let mut request = AuthorizationRequest::of(own);
    CHECKS
        .iter()
        .try_for_each(|check| check(asked, &mut request))?;
    Ok(request)
}
