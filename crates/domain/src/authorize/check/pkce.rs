//! `code_challenge` (RFC 7636): required of everybody, by `S256` alone.
//!
//! One exception, by registration: an old library of a confidential OpenID client that sends a nonce, which the client compares in
//! the ID token and which therefore keeps injected codes out as well (RFC 9700 §2.1.1).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};
use crate::client::ClientKind;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let method = asked.parameters.value("code_challenge_method");
    let Some(challenge) = asked.parameters.value("code_challenge") else {
        return if method.is_none() && may_do_without(asked, request) {
            Ok(())
        } else {
            Err(Objection::ChallengeMissing)
        };
    };
    // Without a method it would be `plain` (RFC 7636 §4.3), which shows the verifier to whoever sees the request.
    if method != Some("S256") {
        return Err(Objection::ChallengeMethod);
    }
    if !is_sha256(challenge) {
        return Err(Objection::ChallengeMalformed);
    }
    request.code_challenge = Some(challenge.to_owned());
    Ok(())
}

fn may_do_without(asked: &Asked<'_>, request: &AuthorizationRequest) -> bool {
    asked.client.registration.pkce_optional
        && asked.client.kind == ClientKind::Confidential
        && request.is_openid()
        && request.nonce.is_some()
}

/// 32 bytes in base64url without padding.
pub fn is_sha256(text: &str) -> bool {
    let decoded = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text);
    decoded.is_ok_and(|bytes| bytes.len() == 32)
}
