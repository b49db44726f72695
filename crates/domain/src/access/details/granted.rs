//! The details of a request, and of what it is granted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::kind::{DetailType, LOCATIONS, TYPE};
use crate::access::Api;
use crate::client::Client;

/// In bytes, as they are sent and as they go into a token.
const LONGEST: usize = 4_096;
const MOST: usize = 10;
/// Of a token's byte budget, what is left to its other claims.
const RESERVED_BUDGET: usize = 512;

/// In the order of the request. What is shown to the person, stored and signed is this, so that a member which the request names twice
/// means the same everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetails(Vec<Map<String, Value>>);

/// RFC 9396 §5 has one error for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DetailsRefused {
    #[error("authorization_details is no JSON array of one to ten objects that name their type")]
    Malformed,
    #[error("authorization_details are too long for a token of the API")]
    TooLong,
    #[error("the API knows no such type of authorization details")]
    UnknownType,
    #[error("the client may not ask the API for this type of authorization details")]
    NotAllowed,
    #[error("locations of authorization_details name another API")]
    OtherApi,
    #[error("authorization_details are not as their type demands")]
    Unfit,
    #[error("authorization_details are not among those that were granted")]
    NotGranted,
}

impl AuthorizationDetails {
    pub const NONE: &'static Self = &Self(Vec::new());

    /// What `client` asks of `api`. Whatever speaks against one of them refuses the request: half of what was asked for may mean
    /// something else than the whole (§5).
    pub fn asked(text: &str, api: &Api, client: &Client) -> Result<Self, DetailsRefused> {
        let asked = Self::read(text)?;
        asked
            .0
            .iter()
            .try_for_each(|detail| check(detail, api, client))?;
        let budget = usize::try_from(api.claims.max_bytes).unwrap_or(LONGEST);
        let bytes = Value::from_iter(asked.0.iter().cloned()).to_string().len();
        if bytes + RESERVED_BUDGET > budget {
            return Err(DetailsRefused::TooLong);
        }
        Ok(asked)
    }

    /// As they were sent, and looked at no further.
    pub(crate) fn read(text: &str) -> Result<Self, DetailsRefused> {
        if text.len() > LONGEST {
            return Err(DetailsRefused::TooLong);
        }
        let read: Self = serde_json::from_str(text).map_err(|_| DetailsRefused::Malformed)?;
        if (1..=MOST).contains(&read.0.len()) {
            Ok(read)
        } else {
            Err(DetailsRefused::Malformed)
        }
    }

    /// Whether each of `wanted` is one of these, member by member (RFC 9396 §6.1). What would be less than a detail, a lower amount or fewer
    /// actions, is for its API to say, and no schema says it.
    pub fn cover(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|one| self.0.contains(one))
    }

    /// Those that could still be asked for: a type that the API or the client has lost is in no new token.
    #[must_use]
    pub fn within(&self, api: &Api, client: &Client) -> Self {
        let still = self
            .0
            .iter()
            .filter(|detail| check(detail, api, client).is_ok());
        Self(still.cloned().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn as_slice(&self) -> &[Map<String, Value>] {
        &self.0
    }
}

fn check(detail: &Map<String, Value>, api: &Api, client: &Client) -> Result<(), DetailsRefused> {
    let name = type_of(detail).ok_or(DetailsRefused::Malformed)?;
    let kind = api.details.get(name).ok_or(DetailsRefused::UnknownType)?;
    // Two APIs may call different things by one name: the client must deal with this API at all.
    let may_ask = client.allowed.contains_key(&api.audience)
        && client
            .registration
            .authorization_details_types
            .contains(name);
    if !may_ask {
        return Err(DetailsRefused::NotAllowed);
    }
    if let Some(locations) = detail.get(LOCATIONS) {
        let named = locations.as_array().ok_or(DetailsRefused::Malformed)?;
        let is_here = |location: &Value| location.as_str() == Some(api.audience.as_str());
        // A token has one audience, so a detail that is meant for two APIs could not be used at the other.
        if named.is_empty() || !named.iter().all(is_here) {
            return Err(DetailsRefused::OtherApi);
        }
    }
    if is_fit(detail, kind) {
        Ok(())
    } else {
        Err(DetailsRefused::Unfit)
    }
}

fn is_fit(detail: &Map<String, Value>, kind: &DetailType) -> bool {
    let mut own = detail.clone();
    own.retain(|name, _| name != TYPE && name != LOCATIONS);
    kind.schema.admits(&own)
}

pub(super) fn type_of(detail: &Map<String, Value>) -> Option<&str> {
    detail.get(TYPE)?.as_str()
}
