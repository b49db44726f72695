//! `authorization_details` (RFC 9396 §2): each of a type that the API knows and the client is registered for, and as the type demands.

use super::Asked;
use crate::access::{AuthorizationDetails, DetailsRefused};
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    if let Some(text) = asked.parameters.value("authorization_details") {
        let api = asked.catalog.api(&request.audience);
        let api = api.map_err(|_| Objection::TargetUnknown)?;
        request.details = AuthorizationDetails::asked(text, api, asked.client)?;
    }
    Ok(())
}

impl From<DetailsRefused> for Objection {
    fn from(refused: DetailsRefused) -> Self {
        match refused {
            DetailsRefused::Malformed => Objection::DetailsMalformed,
            DetailsRefused::TooLong => Objection::DetailsTooLong,
            DetailsRefused::UnknownType => Objection::DetailsUnknown,
            DetailsRefused::NotAllowed => Objection::DetailsNotAllowed,
            DetailsRefused::OtherApi => Objection::DetailsOtherApi,
            DetailsRefused::Unfit => Objection::DetailsUnfit,
            DetailsRefused::NotGranted => Objection::DetailsNotGranted,
        }
    }
}
