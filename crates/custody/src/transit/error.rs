use keywright_domain::ports::CustodyError;

use crate::label::bad;
use crate::random::NoRandomness;
use crate::under_way::TooMany;

/// Why a Transit engine does not do what it is asked to. The texts are for the operator, who has to mend it; none of them has the token in it.
#[derive(Debug, thiserror::Error)]
pub enum TransitError {
    #[error("the URL is none of an OpenBao or Vault server: {0}")]
    Url(String),
    #[error("the namespace has bytes that none has")]
    Namespace,
    #[error("the certificates of its authority are not usable: {0}")]
    Ca(String),
    #[error("the token cannot be read: {0}")]
    NoToken(String),
    #[error("the token has bytes that no token has")]
    MalformedToken,
    #[error(
        "the vault refuses the token: it has expired, was revoked, is none of this vault, or its policy lacks `auth/token/lookup-self`"
    )]
    TokenRefused,
    #[error("the token's policy does not allow `{capability}` on `{path}`")]
    NoCapability {
        path: String,
        capability: &'static str,
    },
    #[error(
        "the vault refuses `{path}`: the token is not valid any more, or its policy lacks that"
    )]
    Denied { path: String },
    #[error("there is no secrets engine at `{mount}`: enable Transit there")]
    NoMount { mount: String },
    #[error("the key {name} is not in the Transit engine")]
    NoKey { name: String },
    #[error("the key {name} is {found}, and {expected} is needed")]
    OtherType {
        name: String,
        found: String,
        expected: &'static str,
    },
    #[error("the Transit engine made a key that may leave it")]
    Exportable,
    #[error("the Transit engine's public key is not usable: {0}")]
    PublicKey(#[from] keywright_jwt::KeyError),
    #[error("the vault answered `{path}` otherwise than expected")]
    Unexpected { path: String },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// No connection, or no whole answer in time.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// Worth another try: a server closes a connection that idles when it likes.
    #[error("the server dropped the connection: {0}")]
    Dropped(String),
    /// Nobody asked: a moment ago this was the answer.
    #[error("{0}")]
    Away(String),
    #[error(transparent)]
    Busy(#[from] TooMany),
    #[error("the vault is sealed")]
    Sealed,
    /// A standby that does not pass requests on, a quota, a server that is starting, a proxy without its server.
    #[error("the vault answers {status} to `{path}`: {told}")]
    NotNow {
        path: String,
        status: u16,
        told: String,
    },
    #[error("the vault has no `{path}`")]
    NotFound { path: String },
    #[error("the vault refuses `{path}`: {told}")]
    Refused { path: String, told: String },
}

impl TransitError {
    pub(super) fn unexpected(path: &str) -> Self {
        let path = path.to_owned();
        Self::Unexpected { path }
    }

    pub(super) const fn is_denial(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }

    /// Whether the engine did look at what it was given.
    pub(super) fn is_verdict(&self) -> bool {
        matches!(self, Self::Refused { told, .. } if !told.contains("key not found"))
    }

    /// Whether nobody else would fare better, so that callers are refused at once for a while.
    pub(super) const fn is_away(&self) -> bool {
        match self {
            Self::TokenRefused
            | Self::NoToken(_)
            | Self::MalformedToken
            | Self::Denied { .. }
            | Self::NoMount { .. }
            | Self::Unreachable(_)
            | Self::Dropped(_)
            | Self::Away(_)
            | Self::Busy(_)
            | Self::Sealed
            | Self::NotNow { .. } => true,
            Self::Url(_)
            | Self::Namespace
            | Self::Ca(_)
            | Self::NoCapability { .. }
            | Self::NoKey { .. }
            | Self::OtherType { .. }
            | Self::Exportable
            | Self::PublicKey(_)
            | Self::Unexpected { .. }
            | Self::NoRandomness(_)
            | Self::NotFound { .. }
            | Self::Refused { .. } => false,
        }
    }

    pub(super) fn into_custody(self, label: &str) -> CustodyError {
        match self.is_away() {
            true => CustodyError::Unavailable(self.to_string()),
            false => bad(label, self),
        }
    }
}
