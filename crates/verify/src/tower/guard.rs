use std::fmt;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};

use super::{ClientCertificate, refuse};
use crate::bearer::{Scheme, credentials};
use crate::{
    BearerError, BoundVerifier, Challenge, Presented, ProofError, ProofOf, Refusal, Verified,
    Verifier,
};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Judges requests and words the answers to those that are refused.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    check: Check,
    pub realm: Option<Arc<str>>,
    pub resource_metadata: Option<Arc<str>>,
}

#[derive(Clone)]
enum Check {
    Bearer(Verifier),
    Bound {
        verifier: BoundVerifier,
        origin: Arc<str>,
    },
}

/// What of a request matters here.
pub(super) struct Asked<'r> {
    method: &'r Method,
    path: &'r str,
    headers: &'r HeaderMap,
    certificate: Option<&'r ClientCertificate>,
}

/// Why a request is not let through.
pub(super) enum Refused {
    NoToken(BearerError),
    Token(Refusal),
}

impl<'r> Asked<'r> {
    pub fn of<B>(request: &'r Request<B>) -> Self {
        Self {
            method: request.method(),
            path: request.uri().path(),
            headers: request.headers(),
            certificate: request.extensions().get(),
        }
    }

    /// RFC 9449 §4.3 item 1: one proof and no more.
    fn proof(&self) -> Result<&'r str, Refused> {
        let mut fields = self.headers.get_all(DPOP).into_iter();
        match (fields.next().map(HeaderValue::to_str), fields.next()) {
            (Some(Ok(proof)), None) => Ok(proof),
            (None, _) => Err(Refused::Token(Refusal::ProofRequired)),
            (Some(_), _) => Err(Refused::NoToken(BearerError::Malformed)),
        }
    }
}

impl Guard {
    pub fn bearer(verifier: Verifier) -> Self {
        Self::new(Check::Bearer(verifier))
    }

    pub fn bound(verifier: BoundVerifier, origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').into();
        Self::new(Check::Bound { verifier, origin })
    }

    fn new(check: Check) -> Self {
        Self {
            check,
            realm: None,
            resource_metadata: None,
        }
    }

    pub async fn check(&self, asked: &Asked<'_>) -> Result<Verified, Refused> {
        let fields = asked.headers.get_all(AUTHORIZATION);
        let fields = fields.into_iter().map(HeaderValue::as_bytes);
        let (scheme, token) = credentials(fields).map_err(Refused::NoToken)?;
        let outcome = match (&self.check, scheme) {
            (Check::Bearer(verifier), Scheme::Bearer) => verifier.verify_fresh(token).await,
            (Check::Bearer(_), Scheme::Dpop) => {
                return Err(Refused::NoToken(BearerError::Missing));
            }
            (Check::Bound { verifier, origin }, scheme) => {
                let url = format!("{origin}{}", asked.path);
                let dpop = match scheme {
                    Scheme::Bearer => None,
                    Scheme::Dpop => Some(ProofOf {
                        proof: asked.proof()?,
                        method: asked.method.as_str(),
                        url: &url,
                    }),
                };
                let certificate = asked.certificate.map(|shown| &*shown.0);
                let presented = Presented { dpop, certificate };
                verifier.verify_fresh(token, &presented).await
            }
        };
        outcome.map_err(Refused::Token)
    }

    /// The response to a request that is not let through.
    pub fn answer<B: Default>(&self, refused: &Refused) -> Response<B> {
        let (status, challenge) = match refused {
            Refused::NoToken(error) => (error.http_status(), error.challenge()),
            Refused::Token(refusal) => (refusal.http_status(), refusal.challenge()),
        };
        let mut response = refuse(status, &self.complete(challenge, refused));
        let nonce_wanted = matches!(
            refused,
            Refused::Token(Refusal::Proof(ProofError::NonceRequired))
        );
        if nonce_wanted {
            self.offer_nonce(response.headers_mut());
        }
        response
    }

    /// Gives the client the nonce for its next proof (RFC 9449 §8.2), where nonces are demanded.
    pub fn offer_nonce(&self, headers: &mut HeaderMap) {
        let Check::Bound { verifier, .. } = &self.check else {
            return;
        };
        let nonce = verifier.fresh_nonce();
        if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(&nonce).ok()) {
            headers.insert(DPOP_NONCE, nonce);
        }
    }

    fn complete(&self, mut challenge: Challenge, refused: &Refused) -> Challenge {
        // Whoever can prove possession is asked to; a mere lack of authority is no reason to.
        let about_proof = matches!(
            refused,
            Refused::NoToken(BearerError::Missing)
                | Refused::Token(Refusal::Proof(_) | Refusal::ProofRequired)
        );
        if let Check::Bound { verifier, .. } = &self.check
            && about_proof
            && let Some(algs) = verifier.algs()
        {
            challenge = challenge.dpop(algs);
        }
        if let Some(realm) = &self.realm {
            challenge = challenge.realm(&**realm);
        }
        if let Some(url) = &self.resource_metadata {
            challenge = challenge.resource_metadata(&**url);
        }
        challenge
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(verifier) => verifier.fmt(f),
            Self::Bound { verifier, origin } => f
                .debug_struct("Bound")
                .field("verifier", verifier.verifier())
                .field("origin", origin)
                .finish(),
        }
    }
}
