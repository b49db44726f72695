use crate::Challenge;

/// Why a request presents no usable token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BearerError {
    /// There is no `Authorization: Bearer` field. Other schemes count as none.
    #[error("no bearer token")]
    Missing,
    /// There are several credentials, or one that is no token. Guessing which one counts would let a proxy and a
    /// service see two different callers.
    #[error("the authorization field is malformed")]
    Malformed,
}

impl BearerError {
    /// The HTTP status to answer with (RFC 6750 §3.1).
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Missing => 401,
            Self::Malformed => 400,
        }
    }

    /// The `WWW-Authenticate` value to answer with.
    pub fn challenge(&self) -> Challenge {
        match self {
            Self::Missing => Challenge::missing(),
            Self::Malformed => Challenge::invalid_request("the authorization field is malformed"),
        }
    }
}

/// Finds the token among the values of all `Authorization` fields of one request (RFC 6750 §2.1).
pub fn bearer_token<'a>(
    fields: impl IntoIterator<Item = &'a [u8]>,
) -> Result<&'a str, BearerError> {
    match credentials(fields)? {
        (Scheme::Bearer, token) => Ok(token),
        (Scheme::Dpop, _) => Err(BearerError::Missing),
    }
}

/// The schemes that carry an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Bearer,
    /// RFC 9449 §7.1.
    Dpop,
}

/// Finds the token and the scheme that it came with. Several fields are refused, whatever they hold.
pub(crate) fn credentials<'a>(
    fields: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Scheme, &'a str), BearerError> {
    let mut fields = fields.into_iter();
    let field = fields.next().ok_or(BearerError::Missing)?;
    if fields.next().is_some() {
        return Err(BearerError::Malformed);
    }
    let space = field
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(field.len());
    let (scheme, token) = field.split_at(space);
    let scheme = if scheme.eq_ignore_ascii_case(b"bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case(b"dpop") {
        Scheme::Dpop
    } else {
        return Err(BearerError::Missing);
    };
    // RFC 9110 §11.4 allows several spaces in front of the token, and none inside.
    let token = std::str::from_utf8(token)
        .map_err(|_| BearerError::Malformed)?
        .trim_start_matches(' ');
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || !token.bytes().all(is_token) {
        return Err(BearerError::Malformed);
    }
    Ok((scheme, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find<'a>(fields: &[&'a str]) -> Result<&'a str, BearerError> {
        bearer_token(fields.iter().map(|field| field.as_bytes()))
    }

    #[test]
    fn one_bearer_token_is_found() {
        for field in ["Bearer a.b-c_d.e", "bearer a.b-c_d.e", "BEARER   a.b-c_d.e"] {
            assert_eq!(find(&[field]), Ok("a.b-c_d.e"), "{field}");
        }
    }

    #[test]
    fn other_schemes_are_no_token() {
        for fields in [
            &[][..],
            &[""],
            &["Basic YTpi"],
            &["Bearer2 a"],
            &["DPoP a.b.c"],
        ] {
            assert_eq!(find(fields), Err(BearerError::Missing), "{fields:?}");
        }
    }

    #[test]
    fn anything_ambiguous_is_malformed() {
        let ambiguous = [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer a "],
            &["Bearer a\t"],
            &["Bearer \u{e9}"],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic YTpi"],
            &["Basic YTpi", "Bearer a"],
        ];
        for fields in ambiguous {
            assert_eq!(find(fields), Err(BearerError::Malformed), "{fields:?}");
        }
    }
}
