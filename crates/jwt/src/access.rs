//! What an issuer puts into an access token (RFC 9068), borrowed from where it already lives.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// The claims of an access token that is about to be signed. Empty lists and `None` leave the member out.
///
/// All times are seconds since the Unix epoch (`NumericDate`, RFC 7519 §2).
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessClaims<'a> {
    /// The issuer's identifier, compared byte for byte by verifiers.
    pub iss: &'a str,
    /// The user, or the client itself when no user is involved (RFC 9068 §2.2).
    pub sub: &'a str,
    /// The APIs that may accept the token; one is written as a string, several as an array.
    pub aud: &'a [&'a str],
    /// The client that asked for the token (RFC 8693 §4.3).
    pub client_id: &'a str,
    /// From this second on the token is dead.
    pub exp: i64,
    /// Before this second the token is not yet valid.
    pub nbf: Option<i64>,
    /// When it was minted.
    pub iat: i64,
    /// Its own name, unique per issuer.
    pub jti: &'a str,
    /// Granted scopes, separated by single spaces.
    pub scope: &'a str,
    /// The user's roles (RFC 9068 §2.2.3.1).
    pub roles: &'a [&'a str],
    /// The session that the token belongs to.
    pub sid: Option<&'a str>,
    /// When the user last proved who they are.
    pub auth_time: Option<i64>,
    /// How strong that proof was.
    pub acr: Option<&'a str>,
    /// Which methods it used (RFC 8176).
    pub amr: &'a [&'a str],
    /// The key that the presenter must prove to hold (RFC 7800).
    pub cnf: Option<Confirmation<'a>>,
    /// Who acts for the subject (RFC 8693 §4.1).
    pub act: Option<Actor<'a>>,
    /// Where the token's revocation state is published (IETF Token Status List).
    pub status: Option<StatusReference<'a>>,
    /// What the token is good for beyond its scopes (RFC 9396 §9.1).
    pub authorization_details: &'a [Map<String, Value>],
    /// Claims of the deployment's own. They must not bear a registered name.
    pub extra: Option<&'a Map<String, Value>>,
}

/// `cnf`: proof-of-possession keys by thumbprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confirmation<'a> {
    /// JWK thumbprint of a DPoP key (RFC 9449 §6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jkt: Option<&'a str>,
    /// SHA-256 thumbprint of a client certificate (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<&'a str>,
}

/// `act`: the party that acts on behalf of the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Actor<'a> {
    /// Subject identifier of the actor.
    pub sub: &'a str,
    /// Whoever the actor itself acts for, the most recent first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<&'a Actor<'a>>,
}

/// `status.status_list`: one entry of one published list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatusReference<'a> {
    /// Index of the entry.
    pub idx: u64,
    /// Where the list is served.
    pub uri: &'a str,
}

/// Why claims cannot become a payload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// An extra claim bears a name that the issuer itself fills.
    #[error("claim {0:?} is reserved")]
    Reserved(String),
    /// RFC 9068 §2.2: an access token names its audience.
    #[error("the token has no audience")]
    NoAudience,
    /// An extra claim holds a value that JSON cannot carry.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Names that [`AccessClaims`] writes itself, so that no extra claim can shadow them.
const RESERVED: [&str; 18] = [
    "iss",
    "sub",
    "aud",
    "client_id",
    "exp",
    "nbf",
    "iat",
    "jti",
    "scope",
    "roles",
    "sid",
    "auth_time",
    "acr",
    "amr",
    "cnf",
    "act",
    "status",
    "authorization_details",
];

/// Whether the issuer fills the claim `name` itself, so that no extra claim may bear it.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

impl AccessClaims<'_> {
    /// The JSON payload to sign.
    pub fn to_payload(&self) -> Result<Vec<u8>, PayloadError> {
        if self.aud.is_empty() {
            return Err(PayloadError::NoAudience);
        }
        let mut extra = self.extra.into_iter().flatten();
        if let Some((name, _)) = extra.find(|(name, _)| is_reserved(name)) {
            return Err(PayloadError::Reserved(name.clone()));
        }
        let mut payload = Vec::with_capacity(640);
        serde_json::to_writer(&mut payload, self)?;
        Ok(payload)
    }
}

impl Serialize for AccessClaims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", self.iss)?;
        map.serialize_entry("sub", self.sub)?;
        match self.aud {
            [one] => map.serialize_entry("aud", one)?,
            several => map.serialize_entry("aud", several)?,
        }
        map.serialize_entry("client_id", self.client_id)?;
        map.serialize_entry("exp", &self.exp)?;
        map.serialize_entry("iat", &self.iat)?;
        entry_if_some(&mut map, "nbf", self.nbf.as_ref())?;
        map.serialize_entry("jti", self.jti)?;
        entry_if_some(
            &mut map,
            "scope",
            Some(self.scope).filter(|scope| !scope.is_empty()),
        )?;
        entry_if_some(
            &mut map,
            "roles",
            Some(self.roles).filter(|roles| !roles.is_empty()),
        )?;
        entry_if_some(&mut map, "sid", self.sid)?;
        entry_if_some(&mut map, "auth_time", self.auth_time.as_ref())?;
        entry_if_some(&mut map, "acr", self.acr)?;
        entry_if_some(
            &mut map,
            "amr",
            Some(self.amr).filter(|amr| !amr.is_empty()),
        )?;
        entry_if_some(&mut map, "cnf", self.cnf.as_ref())?;
        entry_if_some(&mut map, "act", self.act.as_ref())?;
        entry_if_some(
            &mut map,
            "status",
            self.status
                .as_ref()
                .map(|list| StatusClaim { status_list: list })
                .as_ref(),
        )?;
        entry_if_some(
            &mut map,
            "authorization_details",
            Some(self.authorization_details).filter(|details| !details.is_empty()),
        )?;
        for (name, value) in self.extra.into_iter().flatten() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

pub(crate) fn entry_if_some<M: SerializeMap, T: Serialize + ?Sized>(
    map: &mut M,
    name: &'static str,
    value: Option<&T>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

/// The reference as the claim nests it: `{"status_list":{"idx":…,"uri":…}}`.
#[derive(Serialize)]
struct StatusClaim<'a> {
    status_list: &'a StatusReference<'a>,
}
