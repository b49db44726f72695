//! Access tokens from the `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1), the only place where they are looked for: a query string
//! ends in logs, and a form or a cookie can be sent by somebody else's page.

use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, Method, Request};
use keywright_domain::Policy;
use keywright_domain::client::ClientCertificate;
use keywright_verify::{Challenge, Presented, ProofOf, Refusal};

use crate::algorithms;
use crate::middleware::Arrival;
use crate::oauth::{called_url, proof_of};
use crate::problem::Problem;
use crate::reason::Reason;

/// The protection space, in every challenge.
pub const REALM: &str = "keywright";

/// What of a request matters to who presents a token.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    method: &'r Method,
    path: &'r str,
    headers: &'r HeaderMap,
    certificate: Option<&'r ClientCertificate>,
}

/// A token, and what proves that its presenter holds what it is bound to.
pub struct Credentials<'r> {
    pub token: &'r str,
    proof: Option<&'r str>,
    method: &'r str,
    url: String,
    certificate: Option<&'r ClientCertificate>,
}

impl<'r> Asked<'r> {
    pub fn of<B>(request: &'r Request<B>) -> Self {
        Self {
            method: request.method(),
            path: request.uri().path(),
            headers: request.headers(),
            certificate: certificate_of(request.extensions()),
        }
    }

    /// The token that a request to this issuer presents: as a bearer token, or by the scheme `DPoP` with a proof.
    pub fn credentials(self, policy: &Policy) -> Result<Credentials<'r>, Problem> {
        let (scheme, token) = token(self.headers)?;
        let proof = match scheme {
            Scheme::Bearer => None,
            Scheme::Dpop => Some(proof(self.headers)?),
        };
        Ok(Credentials {
            token,
            proof,
            method: self.method.as_str(),
            url: proof.map_or_else(String::new, |proof| called_url(policy, self.path, proof)),
            certificate: self.certificate,
        })
    }
}

impl<'r> Credentials<'r> {
    /// A bearer token out of a form. Proofs come with the scheme `DPoP` alone (RFC 9449 §7.1), so none is looked for.
    pub fn in_form(token: &'r str, extensions: &'r Extensions) -> Self {
        Self {
            token,
            proof: None,
            method: "POST",
            url: String::new(),
            certificate: certificate_of(extensions),
        }
    }
}

impl Credentials<'_> {
    pub fn presented(&self) -> Presented<'_> {
        let dpop = self.proof.map(|proof| ProofOf {
            proof,
            method: self.method,
            url: &self.url,
        });
        Presented {
            dpop,
            certificate: self.certificate.map(ClientCertificate::as_der),
        }
    }
}

/// What the connection of the request showed (RFC 8705).
pub fn certificate_of(extensions: &Extensions) -> Option<&ClientCertificate> {
    extensions.get::<Arrival>()?.certificate.as_ref()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// An opaque token that no key is bound to (RFC 6750 §2.1).
pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    match token(headers)? {
        (Scheme::Bearer, token) => Ok(token),
        (Scheme::Dpop, _) => Err(missing()),
    }
}

fn token(headers: &HeaderMap) -> Result<(Scheme, &str), Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(missing());
    };
    if values.next().is_some() {
        return Err(malformed(
            "the request has more than one Authorization header",
        ));
    }
    let text = value
        .to_str()
        .map_err(|_| malformed("the Authorization header is not text"))?;
    let Some((scheme, token)) = text.split_once(' ') else {
        return Err(missing());
    };
    let scheme = if scheme.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Err(missing());
    };
    Ok((scheme, token.trim_start_matches(' ')))
}

fn proof(headers: &HeaderMap) -> Result<&str, Problem> {
    match proof_of(headers) {
        Ok(Some(proof)) => Ok(proof),
        Ok(None) => Err(refused(&Refusal::ProofRequired)),
        Err(_) => Err(malformed("the request has more than one DPoP header")),
    }
}

/// A token that was presented and not accepted.
pub fn refused(refusal: &Refusal) -> Problem {
    let reason = match refusal.http_status() {
        403 => Reason::InsufficientScope,
        503 => Reason::Unavailable,
        _ => Reason::InvalidToken,
    };
    let detail = if let Refusal::InsufficientScope { required } = refusal {
        format!("this requires the scope {required}")
    } else {
        refusal.to_string()
    };
    let is_about_proof = matches!(refusal, Refusal::Proof(_) | Refusal::ProofRequired);
    let mut challenge = refusal.challenge();
    if is_about_proof {
        challenge = challenge.dpop(algorithms::asymmetric().join(" "));
    }
    Problem::new(reason)
        .with_detail(detail)
        .with_challenge(challenge.realm(REALM))
}

/// A genuine token whose session, user or client may not act any more.
pub fn session_over() -> Problem {
    Problem::new(Reason::SessionOver).with_challenge(Refusal::Revoked.challenge().realm(REALM))
}

fn missing() -> Problem {
    Problem::new(Reason::TokenRequired).with_challenge(Challenge::missing().realm(REALM))
}

fn malformed(description: &'static str) -> Problem {
    Problem::new(Reason::MalformedRequest)
        .with_detail(description)
        .with_challenge(Challenge::invalid_request(description).realm(REALM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<(Scheme, String), Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        token(&headers)
            .map(|(scheme, token)| (scheme, token.to_owned()))
            .map_err(|p| p.reason())
    }

    #[test]
    fn one_header_of_the_right_scheme_carries_the_token() {
        for (scheme, text) in [
            (Scheme::Bearer, "Bearer a.b.c"),
            (Scheme::Bearer, "bearer a.b.c"),
            (Scheme::Dpop, "DPoP a.b.c"),
            (Scheme::Dpop, "dpop  a.b.c"),
        ] {
            assert_eq!(read(&[text]), Ok((scheme, "a.b.c".into())));
        }
        for without in [&[][..], &["Bearer"], &["Basic YTpi"], &["DPoP"]] {
            assert_eq!(read(without), Err(Reason::TokenRequired), "{without:?}");
        }
        assert_eq!(
            read(&["Bearer a", "Bearer a"]),
            Err(Reason::MalformedRequest)
        );
    }
}
