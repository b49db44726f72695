//! A request that is signed by its client (RFC 9101, "JAR"), by value. Nothing is fetched from elsewhere for it.

use keywright_jwt::Claims;
use serde_json::{Map, Value};

use crate::authorize::{Objection, Parameters};
use crate::client::{Client, SignedRefused};
use crate::{Issuer, IssuerUrl, Period, Time};

/// FAPI 2.0 Message Signing §5.3.1: an object is made for now.
const LONGEST: Period = Period::hours(1);
const LEEWAY: Period = Period::secs(10);

#[derive(Debug, thiserror::Error)]
pub(super) enum ObjectRefused {
    #[error(transparent)]
    Signed(#[from] SignedRefused),
    #[error("it is a JWT of another type")]
    Type,
    #[error("it is for another issuer, by another client, or of another time")]
    NotForUs,
    #[error("a member is no parameter")]
    Member,
}

impl From<ObjectRefused> for Objection {
    fn from(refused: ObjectRefused) -> Self {
        match refused {
            ObjectRefused::Signed(_)
            | ObjectRefused::Type
            | ObjectRefused::NotForUs
            | ObjectRefused::Member => Objection::RequestObject,
        }
    }
}

/// Of the JWT itself, and no parameters of the request.
const OWN: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

impl Issuer {
    /// The parameters in the object, and no others (RFC 9101 §6.3).
    pub(super) async fn read_request_object(
        &self,
        client: &Client,
        object: &str,
    ) -> Result<Parameters, ObjectRefused> {
        let signed = self.signed_by(client, object).await?;
        if !is_request_type(signed.typ.as_deref()) {
            return Err(ObjectRefused::Type);
        }
        let claims = signed.claims();
        if !is_for_us(&claims, client, &self.policy().issuer, self.now()) {
            return Err(ObjectRefused::NotForUs);
        }
        let members: Map<String, Value> =
            claims.deserialize().map_err(|_| ObjectRefused::Member)?;
        parameters_of(members)
    }
}

/// RFC 9101 §10.8; objects of OpenID Connect Core §6 have no type of their own.
fn is_request_type(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| {
        let typ = typ.to_ascii_lowercase();
        let short = typ.strip_prefix("application/").unwrap_or(&typ);
        matches!(short, "jwt" | "oauth-authz-req+jwt")
    })
}

/// `client_id` is demanded (RFC 9101 §5), so that an assertion, which has none, is no request.
fn is_for_us(claims: &Claims<'_>, client: &Client, issuer: &IssuerUrl, now: Time) -> bool {
    let id = client.id.as_str();
    let is_theirs = claims.client_id() == Some(id) && claims.iss().is_none_or(|iss| iss == id);
    let is_ours = claims.aud().any(|audience| audience == issuer.as_str());
    let is_current = claims.exp().is_none_or(|exp| now.secs() < exp)
        && [claims.nbf(), claims.iat()]
            .into_iter()
            .flatten()
            .all(|from| from <= (now + LEEWAY).secs());
    let is_dated = match (claims.exp(), claims.nbf()) {
        (Some(exp), Some(nbf)) => exp <= nbf.saturating_add(LONGEST.as_secs()),
        (None, _) | (_, None) => !client.registration.fapi,
    };
    is_theirs && is_ours && is_current && is_dated
}

/// RFC 9101 §4: values are JSON there, and strings where a parameter is one. An object that points to another is refused.
fn parameters_of(members: Map<String, Value>) -> Result<Parameters, ObjectRefused> {
    let mut pairs = Vec::new();
    for (name, value) in members {
        if OWN.contains(&name.as_str()) {
            continue;
        }
        match (name.as_str(), value) {
            ("request" | "request_uri", _) | (_, Value::Null) => return Err(ObjectRefused::Member),
            // RFC 8707 §2: several APIs are several parameters.
            ("resource", Value::Array(values)) => {
                for value in values {
                    let text = value.as_str().ok_or(ObjectRefused::Member)?;
                    pairs.push((name.clone(), text.to_owned()));
                }
            }
            (_, Value::String(text)) => pairs.push((name, text)),
            (_, json) => pairs.push((name, json.to_string())),
        }
    }
    Parameters::new(pairs).map_err(|_| ObjectRefused::Member)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(members: Value) -> Option<Parameters> {
        let Value::Object(members) = members else {
            panic!("an object");
        };
        parameters_of(members).ok()
    }

    #[test]
    fn members_become_parameters_and_those_of_the_jwt_do_not() {
        let read = read(json!({
            "iss": "shop", "aud": "https://id.example", "exp": 1, "client_id": "shop",
            "state": "s", "max_age": 60, "claims": {"userinfo": {}}, "resource": ["a", "b"],
            "authorization_details": [{"type": "payment"}],
        }))
        .unwrap();
        let value = |name| read.value(name);
        assert_eq!(
            [
                value("client_id"),
                value("state"),
                value("max_age"),
                value("claims"),
                value("authorization_details")
            ],
            [
                Some("shop"),
                Some("s"),
                Some("60"),
                Some(r#"{"userinfo":{}}"#),
                Some(r#"[{"type":"payment"}]"#)
            ]
        );
        assert_eq!(read.all("resource"), ["a", "b"]);
        assert!(!read.contains("iss") && !read.contains("exp"));
    }

    #[test]
    fn an_object_does_not_point_to_another() {
        for member in ["request", "request_uri"] {
            assert_eq!(read(json!({ member: "x" })), None);
        }
        assert_eq!(read(json!({ "state": null })), None);
        assert_eq!(read(json!({ "resource": [1] })), None);
    }

    #[test]
    fn other_kinds_of_jwt_are_no_requests() {
        for (typ, is_one) in [
            (None, true),
            (Some("JWT"), true),
            (Some("oauth-authz-req+jwt"), true),
            (Some("application/oauth-authz-req+jwt"), true),
            (Some("client-authentication+jwt"), false),
            (Some("dpop+jwt"), false),
        ] {
            assert_eq!(is_request_type(typ), is_one, "{typ:?}");
        }
    }
}
