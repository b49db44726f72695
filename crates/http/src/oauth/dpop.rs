//! DPoP proofs as the authorization server is sent them (RFC 9449 §5, §8). A nonce is always demanded, so that nobody can make proofs
//! in advance and use them when the key is out of reach.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use keywright_domain::token::ProvedKey;
use keywright_domain::{Issuer, Policy};
use keywright_verify::{Dpop, Nonces, ProofOf};

use super::error::{OAuthError, OAuthReason};
use crate::app::App;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Seconds. A client that pauses for longer is given another nonce, which costs it one more request.
const NONCE_LIFETIME: u32 = 300;
/// Seconds: FAPI 2.0 Security Profile §5.3.2.1 puts up with clocks that are ten ahead.
const LEEWAY: u32 = 10;

pub fn proofs(issuer: &Issuer) -> Dpop {
    let nonces = Nonces::new(&issuer.dpop_nonce_key(), NONCE_LIFETIME);
    Dpop::new().leeway(LEEWAY).nonces(nonces)
}

/// The one proof among the fields of a request (RFC 9449 §4.3 item 1).
pub fn proof_of(headers: &HeaderMap) -> Result<Option<&str>, OAuthError> {
    let mut fields = headers.get_all(DPOP).iter();
    match (fields.next().map(HeaderValue::to_str), fields.next()) {
        (None, _) => Ok(None),
        (Some(Ok(proof)), None) => Ok(Some(proof)),
        (Some(_), _) => Err(OAuthReason::InvalidDpopProof.into()),
    }
}

/// The key whose possession a POST to `path` proves, if it proves any.
pub fn proof_key(
    app: &App,
    headers: &HeaderMap,
    path: &str,
) -> Result<Option<ProvedKey>, OAuthError> {
    let Some(proof) = proof_of(headers)? else {
        return Ok(None);
    };
    let issuer = app.issuer();
    let request = ProofOf {
        proof,
        method: "POST",
        url: &called_url(&issuer.policy(), path, proof),
    };
    let proved = app.proofs().prove(&request, issuer.now().secs())?;
    Ok(Some(ProvedKey {
        thumbprint: proved.thumbprint,
        algorithm: proved.algorithm,
    }))
}

/// The address by which a request to `path` was sent, as its proof says, if that is one of ours: the issuer's own, or the one for clients
/// with certificates. `Host` is the client's word too, and is not read.
pub fn called_url(policy: &Policy, path: &str, proof: &str) -> String {
    let alias = policy.mtls_url.as_ref().map(|base| base.join(path));
    let named = |url: &String| {
        let told = keywright_jwt::decode_unverified(proof).ok();
        told.is_some_and(|told| told.claims.get("htu").and_then(|htu| htu.as_str()) == Some(url))
    };
    alias
        .filter(named)
        .unwrap_or_else(|| policy.issuer.join(path))
}

/// Gives the client the nonce for its next proof (RFC 9449 §8.2).
pub fn offer_nonce(app: &App, mut response: Response) -> Response {
    let nonce = app.proofs().fresh_nonce(app.issuer().now().secs());
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(&nonce).ok()) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    response
}
