//! What a client's request to log somebody out says (RP-Initiated Logout §2). Pure.

use crate::authorize::Parameters;
use crate::client::{Client, ClientId};
use crate::openid::IdTokenHint;

/// Where the person goes afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// Registered for the client, so that it may be trusted.
    pub redirect_uri: String,
    /// Goes back as it came.
    pub state: Option<String>,
}

/// Why nothing ends and nobody is sent anywhere: whoever wrote the request may have written the address, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutRefused {
    #[error("is given more than once")]
    Repeated(&'static str),
    #[error("is no ID token of this issuer")]
    Hint,
    #[error("is not the client that the ID token was made for")]
    ClientContradicts,
    #[error("is no client that is registered here")]
    UnknownClient,
    #[error("is not registered for the client")]
    WayBack,
    #[error("counts only with id_token_hint or client_id, which say whose it is")]
    NobodysWayBack,
}

/// All that mean something here. `logout_hint` and `ui_locales` may come along and are not looked at.
const KNOWN: [&str; 4] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
];

impl LogoutRefused {
    /// The parameter at fault.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Repeated(name) => name,
            Self::Hint => "id_token_hint",
            Self::ClientContradicts | Self::UnknownClient => "client_id",
            Self::WayBack | Self::NobodysWayBack => "post_logout_redirect_uri",
        }
    }
}

/// A parameter that is given twice could be read one way here and another way by whoever looked at it before.
pub(super) fn check_repeated(parameters: &Parameters) -> Result<(), LogoutRefused> {
    let repeated = KNOWN.into_iter().find(|name| parameters.is_repeated(name));
    repeated.map_or(Ok(()), |name| Err(LogoutRefused::Repeated(name)))
}

/// Who asks; `None`: it is not said.
pub(super) fn asking(
    parameters: &Parameters,
    hint: Option<&IdTokenHint>,
) -> Result<Option<ClientId>, LogoutRefused> {
    let hinted = hint.map(|hint| &hint.client);
    match (parameters.value("client_id"), hinted) {
        (None, hinted) => Ok(hinted.cloned()),
        (Some(named), Some(hinted)) if named != hinted.as_str() => {
            Err(LogoutRefused::ClientContradicts)
        }
        (Some(_), Some(hinted)) => Ok(Some(hinted.clone())),
        (Some(named), None) => {
            let id = named.parse().map_err(|_| LogoutRefused::UnknownClient)?;
            Ok(Some(id))
        }
    }
}

/// Where the person goes; `None`: nowhere else.
pub(super) fn way_back(
    parameters: &Parameters,
    client: Option<&Client>,
) -> Result<Option<WayBack>, LogoutRefused> {
    let Some(presented) = parameters.value("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let client = client.ok_or(LogoutRefused::NobodysWayBack)?;
    let registered = &client.registration.post_logout_redirect_uris;
    if !registered.iter().any(|uri| uri.matches(presented)) {
        return Err(LogoutRefused::WayBack);
    }
    Ok(Some(WayBack {
        redirect_uri: presented.to_owned(),
        state: parameters.value("state").map(str::to_owned),
    }))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
