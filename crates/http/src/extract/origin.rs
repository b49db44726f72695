//! Where a request came from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;
use http::{Extensions, HeaderMap};
use keywright_domain::audit::Origin;

use crate::door::Door;
use crate::middleware::Arrival;

/// In characters; more says nothing that a person could use to recognise a device.
const LONGEST_USER_AGENT: usize = 256;

impl<A: Sync> FromRequestParts<Door<A>> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Door<A>) -> Result<Self, Infallible> {
        Ok(origin_of(&parts.headers, &parts.extensions))
    }
}

pub fn origin_of(headers: &HeaderMap, extensions: &Extensions) -> Origin {
    let user_agent = headers.get(USER_AGENT);
    let user_agent = user_agent
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(LONGEST_USER_AGENT).collect());
    let arrival: Option<&Arrival> = extensions.get();
    Origin {
        address: arrival.and_then(|arrival| arrival.address),
        user_agent,
    }
}
