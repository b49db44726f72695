//! Bearer tokens from the `Authorization` header (RFC 6750 §2.1), the only place where they are looked for: a query string
//! ends in logs, and a form or a cookie can be sent by somebody else's page.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use keywright_verify::{Challenge, Refusal};

use crate::problem::Problem;
use crate::reason::Reason;

/// The protection space, in every challenge.
pub const REALM: &str = "keywright";

/// The token of the request.
pub fn token(headers: &HeaderMap) -> Result<&str, Problem> {
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
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim_start_matches(' '))
    } else {
        Err(missing())
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
    Problem::new(reason)
        .with_detail(detail)
        .with_challenge(refusal.challenge().realm(REALM))
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

    fn read(values: &[&'static str]) -> Result<String, Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        token(&headers).map(str::to_owned).map_err(|p| p.reason())
    }

    #[test]
    fn one_header_of_the_bearer_scheme_carries_the_token() {
        assert_eq!(read(&["Bearer a.b.c"]), Ok("a.b.c".into()));
        assert_eq!(read(&["bearer a.b.c"]), Ok("a.b.c".into()));
        for without in [&[][..], &["Bearer"], &["Basic YTpi"], &["DPoP a.b.c"]] {
            assert_eq!(read(without), Err(Reason::TokenRequired), "{without:?}");
        }
        assert_eq!(
            read(&["Bearer a", "Bearer a"]),
            Err(Reason::MalformedRequest)
        );
    }
}
