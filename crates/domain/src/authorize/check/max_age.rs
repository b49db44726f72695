//! `max_age`: how many seconds ago the person may have logged in (OpenID Connect Core §3.1.2.1).

use super::Asked;
use crate::Period;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    if let Some(text) = asked.parameters.value("max_age") {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: u32 = text.parse().map_err(|_| Objection::MaxAgeMalformed)?;
        if !digits {
            return Err(Objection::MaxAgeMalformed);
        }
        request.max_age = Some(Period::secs(seconds.into()));
    }
    Ok(())
}
