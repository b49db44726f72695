use std::num::NonZeroU32;

use super::{ClaimIndex, Span};
use crate::json::{JsonError, Name, Reader};

/// Positions are kept as 32-bit numbers; no token comes near.
const MAX_PAYLOAD: usize = 1 << 24;

/// Why a payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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

/// The registered claims, as [`Name::print`] sees them. Names of up to seven bytes are told apart by it alone.
mod print {
    use crate::json::Name;

    pub(super) const ISS: u64 = Name::print_of(b"iss");
    pub(super) const SUB: u64 = Name::print_of(b"sub");
    pub(super) const AUD: u64 = Name::print_of(b"aud");
    pub(super) const CLIENT_ID: u64 = Name::print_of(b"client_id");
    pub(super) const EXP: u64 = Name::print_of(b"exp");
    pub(super) const NBF: u64 = Name::print_of(b"nbf");
    pub(super) const IAT: u64 = Name::print_of(b"iat");
    pub(super) const JTI: u64 = Name::print_of(b"jti");
    pub(super) const SCOPE: u64 = Name::print_of(b"scope");
    pub(super) const ROLES: u64 = Name::print_of(b"roles");
    pub(super) const SID: u64 = Name::print_of(b"sid");
    pub(super) const AUTH_TIME: u64 = Name::print_of(b"auth_time");
    pub(super) const ACR: u64 = Name::print_of(b"acr");
    pub(super) const AMR: u64 = Name::print_of(b"amr");
    pub(super) const NONCE: u64 = Name::print_of(b"nonce");
    pub(super) const CNF: u64 = Name::print_of(b"cnf");
    pub(super) const ACT: u64 = Name::print_of(b"act");
    pub(super) const STATUS: u64 = Name::print_of(b"status");
    pub(super) const EVENTS: u64 = Name::print_of(b"events");
}

/// Where a claim of a registered type goes.
enum Slot<'i> {
    Text(&'i mut Option<Span>),
    Integer(&'i mut Option<i64>),
    List(&'i mut Option<Span>),
}

/// What stands behind the payload: the text of claims that had escapes.
struct Unescaped {
    offset: usize,
    text: String,
}

impl Unescaped {
    /// Positions below `MAX_PAYLOAD` fit, and resolving an escape never makes text longer.
    fn end(&self) -> u32 {
        (self.offset + self.text.len()) as u32
    }
}

/// Fills an index that says nothing yet.
pub(super) fn read(payload: &mut String, index: &mut ClaimIndex) -> Result<(), ClaimsError> {
    if payload.len() > MAX_PAYLOAD {
        return Err(ClaimsError::TooLarge);
    }
    let mut unescaped = Unescaped {
        offset: payload.len(),
        text: String::new(),
    };
    let mut reader = Reader::over(payload);
    reader.object(|reader, name| read_claim(reader, name, index, &mut unescaped))?;
    reader.end()?;
    payload.push_str(&unescaped.text);
    Ok(())
}

fn read_claim(
    reader: &mut Reader<'_>,
    name: Name<'_>,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    // A match on integers is a binary search; on strings it would be a comparison per arm.
    let slot = match name.print {
        print::ISS => Slot::Text(&mut index.iss),
        print::SUB => Slot::Text(&mut index.sub),
        print::JTI => Slot::Text(&mut index.jti),
        print::SCOPE => Slot::Text(&mut index.scope),
        print::SID => Slot::Text(&mut index.sid),
        print::ACR => Slot::Text(&mut index.acr),
        print::NONCE => Slot::Text(&mut index.nonce),
        print::CLIENT_ID if name.bytes() == b"client_id" => Slot::Text(&mut index.client_id),
        print::EXP => Slot::Integer(&mut index.exp),
        print::NBF => Slot::Integer(&mut index.nbf),
        print::IAT => Slot::Integer(&mut index.iat),
        print::AUTH_TIME if name.bytes() == b"auth_time" => Slot::Integer(&mut index.auth_time),
        print::AUD => Slot::List(&mut index.aud),
        print::ROLES => Slot::List(&mut index.roles),
        print::AMR => Slot::List(&mut index.amr),
        print::CNF => return read_confirmation(reader, index, unescaped),
        print::ACT => return read_actor(reader, index, unescaped),
        print::STATUS => return read_status(reader, index, unescaped),
        print::EVENTS => {
            index.has_events = true;
            return reader.skip();
        }
        _ => return reader.skip(),
    };
    match slot {
        Slot::Text(slot) => *slot = Some(string(reader, unescaped)?),
        Slot::Integer(slot) => *slot = Some(reader.integer()?),
        Slot::List(slot) => *slot = Some(string_or_strings(reader)?),
    }
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
    reader.object(|reader, name| match name.bytes() {
        b"jkt" => read_into(&mut index.jkt, string(reader, unescaped)),
        b"x5t#S256" => read_into(&mut index.x5t_s256, string(reader, unescaped)),
        _ => reader.skip(),
    })
}

fn read_actor(
    reader: &mut Reader<'_>,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    reader.object(|reader, name| match name.bytes() {
        b"sub" => read_into(&mut index.actor, string(reader, unescaped)),
        _ => reader.skip(),
    })
}

fn read_status(
    reader: &mut Reader<'_>,
    index: &mut ClaimIndex,
    unescaped: &mut Unescaped,
) -> Result<(), JsonError> {
    index.has_status = true;
    reader.object(|reader, name| match name.bytes() {
        b"status_list" => reader.object(|reader, name| match name.bytes() {
            b"idx" => read_into(&mut index.status_idx, non_negative(reader)),
            b"uri" => read_into(&mut index.status_uri, string(reader, unescaped)),
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

#[inline]
fn string(reader: &mut Reader<'_>, unescaped: &mut Unescaped) -> Result<Span, JsonError> {
    match reader.plain_string() {
        Some((start, end)) => span(start, end),
        None => any_string(reader, unescaped),
    }
}

#[cold]
fn any_string(reader: &mut Reader<'_>, unescaped: &mut Unescaped) -> Result<Span, JsonError> {
    let token = reader.string_token()?;
    if !token.escaped {
        return span(token.start, token.end);
    }
    let start = unescaped.end();
    unescaped.text.push_str(&reader.resolve(token)?);
    span(start, unescaped.end())
}

fn string_or_strings(reader: &mut Reader<'_>) -> Result<Span, JsonError> {
    let is_array = reader.peek() == Some(b'[');
    let start = reader.position();
    if is_array {
        reader.array(|reader| reader.string_token().map(|_| ()))?
    } else {
        reader.string_token().map(|_| ())?
    }
    span(start as u32, reader.position() as u32)
}

/// A quote or a bracket stands in front of every end, so that none is zero.
#[inline]
fn span(start: u32, end: u32) -> Result<Span, JsonError> {
    let end = NonZeroU32::new(end).ok_or(JsonError::Syntax { at: 0 })?;
    Ok(Span { start, end })
}
