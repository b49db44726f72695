//! What the request demands of the login itself, once there is one (OpenID Connect Core §3.1.2.2, §5.5.1). Pure.

use crate::authorize::{AuthorizationRequest, Objection};
use crate::login::Login;
use crate::openid::acr;

/// Why this login, of whom the client knows as `subject`, will not do.
pub(super) fn unmet(
    request: &AuthorizationRequest,
    login: &Login,
    subject: &str,
) -> Option<Objection> {
    if !request.claims.admits_acr(acr::of(&login.amr)) {
        return Some(Objection::ClassUnmet);
    }
    // To log in as that one is the person's to decide; the client is told that somebody else is here.
    let is_meant = request.is_about(subject) && request.claims.admits_subject(subject);
    (!is_meant).then_some(Objection::LoginRequired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openid::ClaimsRequest;
    use crate::secret::HashedSecret;
    use crate::{LoginId, Time, UserId};

    const NOW: Time = Time::from_secs(1_800_000_000);

    fn unmet_by_a_password_of_ann(claims: &str, hinted: Option<&str>) -> Option<Objection> {
        let login = Login {
            id: LoginId::new(NOW, [1; 10]),
            user: UserId::new(NOW, [2; 10]),
            secret: HashedSecret::from_bytes([3; 32]),
            amr: vec!["pwd".to_owned()],
            authenticated_at: NOW,
            idle_until: NOW,
            expires_at: NOW,
            ended: None,
            device: None,
            address: None,
            created_at: NOW,
        };
        let request = AuthorizationRequest {
            claims: ClaimsRequest::parse(claims).unwrap(),
            hinted: hinted.map(str::to_owned),
            ..AuthorizationRequest::of("orders".parse().unwrap())
        };
        unmet(&request, &login, "ann")
    }

    #[test]
    fn a_class_and_a_person_that_are_demanded_must_be_met() {
        let password = acr::PASSWORD;
        for (claims, expected) in [
            ("{}".to_owned(), None),
            (
                format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{password}"}}}}}}"#),
                None,
            ),
            (
                r#"{"id_token":{"acr":{"essential":true,"value":"phr"}}}"#.to_owned(),
                Some(Objection::ClassUnmet),
            ),
            (r#"{"id_token":{"acr":{"value":"phr"}}}"#.to_owned(), None),
            (r#"{"id_token":{"sub":{"value":"ann"}}}"#.to_owned(), None),
            (
                r#"{"id_token":{"sub":{"value":"bob"}}}"#.to_owned(),
                Some(Objection::LoginRequired),
            ),
        ] {
            let unmet = |hinted| unmet_by_a_password_of_ann(&claims, hinted);
            assert_eq!(unmet(None), expected, "{claims}");
            assert_eq!(unmet(Some("ann")), expected, "{claims}");
            assert!(unmet(Some("bob")).is_some(), "{claims}");
        }
    }
}
