//! The claims of a token, read in one borrowed pass (RFC 7519 §4, RFC 9068 §2.2).

mod read;
mod strings;

pub use read::ClaimsError;
pub use strings::Strings;

use std::num::NonZeroU32;
use std::ops::Range;

/// Where a piece of text stands in the payload: never before the first byte, so that absence costs no space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: u32,
    end: NonZeroU32,
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end.get() as usize
    }
}

/// Where each registered claim stands in a payload. It borrows nothing, so payload and index can be kept together.
#[derive(Clone, Debug, Default)]
pub struct ClaimIndex {
    json_len: usize,
    iss: Option<Span>,
    sub: Option<Span>,
    aud: Option<Span>,
    client_id: Option<Span>,
    jti: Option<Span>,
    scope: Option<Span>,
    roles: Option<Span>,
    sid: Option<Span>,
    acr: Option<Span>,
    amr: Option<Span>,
    nonce: Option<Span>,
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    auth_time: Option<i64>,
    jkt: Option<Span>,
    x5t_s256: Option<Span>,
    actor: Option<Span>,
    status_idx: Option<u64>,
    status_uri: Option<Span>,
    has_status: bool,
    has_events: bool,
    is_bound: bool,
}

/// A payload read through its index.
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a> {
    text: &'a str,
    index: &'a ClaimIndex,
}

impl ClaimIndex {
    /// Reads a payload and says where its claims are.
    ///
    /// The text of claims that were written with escapes is appended to `payload`, so that every claim can be borrowed.
    pub fn read(payload: &mut String) -> Result<Self, ClaimsError> {
        let mut index = Self::default();
        index.read_again(payload)?;
        Ok(index)
    }

    /// Like [`ClaimIndex::read`], in place of what this index says of another payload. After an error it says nothing.
    pub fn read_again(&mut self, payload: &mut String) -> Result<(), ClaimsError> {
        *self = Self {
            json_len: payload.len(),
            ..Self::default()
        };
        read::read(payload, self).inspect_err(|_| *self = Self::default())
    }

    /// The claims, given the text that [`ClaimIndex::read`] returned this index for.
    pub fn claims<'a>(&'a self, payload: &'a str) -> Claims<'a> {
        Claims {
            text: payload,
            index: self,
        }
    }
}

macro_rules! text_claims {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            pub fn $name(&self) -> Option<&'a str> {
                self.text_at(self.index.$name)
            }
        )*
    };
}

macro_rules! number_claims {
    ($($(#[$doc:meta])* $name:ident: $type:ty),* $(,)?) => {
        $(
            $(#[$doc])*
            pub fn $name(&self) -> Option<$type> {
                self.index.$name
            }
        )*
    };
}

macro_rules! list_claims {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            pub fn $name(&self) -> Strings<'a> {
                Strings::at(self.text, self.index.$name)
            }
        )*
    };
}

impl<'a> Claims<'a> {
    text_claims! {
        /// Who issued the token.
        iss,
        /// Whom it is about.
        sub,
        /// The client it was issued to.
        client_id,
        /// The token's own name.
        jti,
        /// Granted scopes as written, separated by spaces.
        scope,
        /// The session it belongs to.
        sid,
        /// How strongly the user proved who they are.
        acr,
        /// What a client asked to have repeated, in an ID token.
        nonce,
        /// `cnf.jkt`: thumbprint of the DPoP key that the presenter must hold (RFC 9449 §6.1).
        jkt,
        /// `cnf.x5t#S256`: thumbprint of the certificate that the presenter must use (RFC 8705 §3.1).
        x5t_s256,
        /// `act.sub`: who acts for the subject (RFC 8693 §4.1).
        actor,
        /// `status.status_list.uri`: where the token's status is published.
        status_uri,
    }

    number_claims! {
        /// Dead from this second on (seconds since the Unix epoch, like all times here).
        exp: i64,
        /// Not valid before this second.
        nbf: i64,
        /// Minted in this second.
        iat: i64,
        /// When the user last proved who they are.
        auth_time: i64,
        /// `status.status_list.idx`: the token's entry in that list.
        status_idx: u64,
    }

    list_claims! {
        /// For whom the token is: one string or several.
        aud,
        /// The subject's roles.
        roles,
        /// How the user proved who they are (RFC 8176).
        amr,
    }

    /// Granted scopes, one by one.
    pub fn scopes(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.scope()
            .unwrap_or_default()
            .split(' ')
            .filter(|scope| !scope.is_empty())
    }

    /// Whether exactly this scope was granted.
    pub fn has_scope(&self, wanted: &str) -> bool {
        self.scopes().any(|scope| scope == wanted)
    }

    /// Whether the token's status is published somewhere (`status`), by whatever mechanism.
    pub fn has_status(&self) -> bool {
        self.index.has_status
    }

    /// Whether this is a security event or logout token (RFC 8417 §2.2), which is never an access token.
    pub fn has_events(&self) -> bool {
        self.index.has_events
    }

    /// Whether the token is bound to a key that its presenter must prove to hold (`cnf`, RFC 7800).
    pub fn is_bound(&self) -> bool {
        self.index.is_bound
    }

    /// The payload as it was signed.
    pub fn json(&self) -> &'a str {
        &self.text[..self.index.json_len]
    }

    /// All claims as a type of the caller's. The registered ones have been checked already.
    pub fn deserialize<T: serde::Deserialize<'a>>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.json())
    }

    fn text_at(&self, span: Option<Span>) -> Option<&'a str> {
        span.map(|span| &self.text[span.range()])
    }
}
