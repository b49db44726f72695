//! Responses that the client can check (JWT Secured Authorization Response Mode, JARM): one parameter, a JWT, in place of all others. Who
//! changes an answer on its way through the browser, or brings another one, is found out.

use serde_json::{Map, Value, json};

use crate::authorize::AuthorizationResponse;
use crate::authorize::response::{Destination, SignedFor};
use crate::client::ClientId;
use crate::keys::RingId;
use crate::{Issuer, Period, Time, Unavailable};

/// No type is registered for responses. Without `sub` none passes for an ID token.
const TYPE: &str = "JWT";
/// JARM §2.1 recommends at most this; the code inside lives for less.
const LIFETIME: Period = Period::minutes(10);

impl Issuer {
    /// `response` as it leaves for `to`.
    pub(super) fn seal_response(
        &self,
        to: &Destination,
        response: AuthorizationResponse,
    ) -> Result<AuthorizationResponse, Unavailable> {
        let Some(SignedFor { client, algorithm }) = &to.signed_for else {
            return Ok(response);
        };
        let failed =
            |error: &dyn std::error::Error| Unavailable::new("authorization response", error);
        let held = self.held();
        let ring = RingId::public(*algorithm);
        let signer = held.ring.active(&ring).map_err(|error| failed(&error))?;
        let claims = claims(client, self.now(), &response.parameters);
        let signed = signer.sign(TYPE, Value::from(claims).to_string().as_bytes());
        let token = signed.map_err(|error| failed(&error))?;
        Ok(AuthorizationResponse {
            parameters: vec![("response", token)],
            ..response
        })
    }
}

/// The parameters, `iss` among them, and what makes a JWT of them.
fn claims(client: &ClientId, now: Time, parameters: &[(&str, String)]) -> Map<String, Value> {
    let own = [
        ("aud", json!(client.as_str())),
        ("exp", json!((now + LIFETIME).secs())),
    ];
    let told = parameters.iter().map(|(name, value)| (*name, json!(value)));
    let all = told.chain(own);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_the_answer_its_reader_and_its_end() {
        let parameters = [
            ("code", "kwc_a".to_owned()),
            ("state", "s".to_owned()),
            ("iss", "https://id.example".to_owned()),
        ];
        let now = Time::from_secs(1_800_000_000);
        let claims = claims(&"app".parse().unwrap(), now, &parameters);
        let expected = json!({
            "code": "kwc_a", "state": "s", "iss": "https://id.example", "aud": "app", "exp": 1_800_000_600,
        });
        assert_eq!(Value::from(claims), expected);
    }
}
