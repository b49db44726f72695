use super::strings::List;
use super::{ClaimIndex, Span};
use crate::json::{JsonError, Reader};

/// Positions are kept as 32-bit numbers; no token comes near.
const MAX_PAYLOAD: usize = 1 << 24;

/// Why a payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Longer than any token.
    #[error("the payload is too large")]
    TooLarge,
    /// Not UTF-8.
    #[error("the payload is not UTF-8")]
    NotUtf8,
    /// Not one JSON object with unique members, registered claims having their registered types.
    #[error("the claims are malformed: {0}")]
    Json(#[from] JsonError),
}

impl ClaimsError {
    /// A stable name for logs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "claims_too_large",
            Self::NotUtf8 | Self::Json(_) => "claims_malformed",
        }
    }
}

/// What stands behind the payload: the text of claims that had escapes.
struct Unescaped {
    offset: usize,
    text: String,
}

pub(super) fn read(payload: &mut String) -> Result<ClaimIndex, ClaimsError> {
    if payload.len() > MAX_PAYLOAD {
        return Err(ClaimsError::TooLarge);
    }
    let mut index = ClaimIndex {
        json_len: payload.len(),
        ..ClaimIndex::default()
    };
    let mut unescaped = Unescaped {
        offset: payload.len(),
        text: String::new(),
    };
    let mut reader = Reader::over(payload);
    reader.object(|reader, name| read_claim(reader, name, &mut index, &mut unescaped))?;
    reader.end()?;
    payload.push_str(&unescaped.text);
    Ok(index)
}

fn read_claim(
    reader: &mut Reader<'_>,
    name: &str,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    let text = match name {
        "iss" => &mut index.iss,
        "sub" => &mut index.sub,
        "client_id" => &mut index.client_id,
        "jti" => &mut index.jti,
        "scope" => &mut index.scope,
        "sid" => &mut index.sid,
        "acr" => &mut index.acr,
        "nonce" => &mut index.nonce,
        "exp" => return read_into(&mut index.exp, reader.integer()),
        "nbf" => return read_into(&mut index.nbf, reader.integer()),
        "iat" => return read_into(&mut index.iat, reader.integer()),
        "auth_time" => return read_into(&mut index.auth_time, reader.integer()),
        "aud" => return read_into(&mut index.aud, string_or_strings(reader)),
        "roles" => return read_into(&mut index.roles, string_or_strings(reader)),
        "amr" => return read_into(&mut index.amr, string_or_strings(reader)),
        "cnf" => return read_confirmation(reader, index, unescaped),
        "act" => return read_actor(reader, index, unescaped),
        "status" => return read_status(reader, index, unescaped),
        "events" => {
            index.has_events = true;
            return reader.skip();
        }
        _ => return reader.skip(),
    };
    *text = Some(string(reader, unescaped)?);
    Ok(())
}

fn read_into<T>(slot: &mut Option<T>, value: Result<T, JsonError>) -> Result<(), JsonError> {
    *slot = Some(value?);
    Ok(())
}

/// RFC 7800 §3.1: members that are not understood are ignored here; whoever demands binding checks what it demands.
fn read_confirmation(
    reader: &mut Reader<'_>,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    index.is_bound = true;
    reader.object(|reader, name| match name {
        "jkt" => read_into(&mut index.jkt, string(reader, unescaped)),
        "x5t#S256" => read_into(&mut index.x5t_s256, string(reader, unescaped)),
        _ => reader.skip(),
    })
}

fn read_actor(
    reader: &mut Reader<'_>,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    reader.object(|reader, name| match name {
        "sub" => read_into(&mut index.actor, string(reader, unescaped)),
        _ => reader.skip(),
    })
}

fn read_status(
    reader: &mut Reader<'_>,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    reader.object(|reader, name| match name {
        "status_list" => reader.object(|reader, name| match name {
            "idx" => read_into(&mut index.status_idx, non_negative(reader)),
            "uri" => read_into(&mut index.status_uri, string(reader, unescaped)),
            _ => reader.skip(),
        }),
        _ => reader.skip(),
    })
}

fn non_negative(reader: &mut Reader<'_>) -> Result<u64, JsonError> {
    let value = reader.integer()?;
    u64::try_from(value).map_err(|_| JsonError::NumberRange {
        at: reader.position(),
    })
}

fn string(reader: &mut Reader<'_>, unescaped: &mut Unescaped) -> Result<Span, JsonError> {
    let token = reader.string_token()?;
    if !token.escaped {
        return Ok(span(token.start, token.end));
    }
    let start = unescaped.offset + unescaped.text.len();
    unescaped.text.push_str(&reader.unescape(token)?);
    Ok(span(start, unescaped.offset + unescaped.text.len()))
}

fn string_or_strings(reader: &mut Reader<'_>) -> Result<List, JsonError> {
    let is_array = reader.peek() == Some(b'[');
    let start = reader.position();
    if is_array {
        reader.strings(|_| ())?
    } else {
        reader.string_token().map(|_| ())?
    }
    let Span { start, end } = span(start, reader.position());
    Ok(List { start, end })
}

/// Positions below `MAX_PAYLOAD` fit.
fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}
