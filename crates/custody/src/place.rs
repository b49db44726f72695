//! Where a secret rests. The first byte of what the database has of it says so: each custody knows its own, and tells the others'
//! apart from damage.

use std::fmt;

use keywright_domain::ports::CustodyError;
use keywright_domain::secret::Sealed;

/// Bytes sealed under a master key (`envelope.rs`).
pub(crate) const UNDER_MASTER_KEY: u8 = 1;
/// The name of a key pair in a PKCS#11 token.
pub(crate) const KEY_PAIR_IN_TOKEN: u8 = 2;
/// Bytes sealed under a key that rests in a PKCS#11 token.
pub(crate) const UNDER_TOKEN_KEY: u8 = 3;
/// The name of a key pair in a Transit secrets engine.
pub(crate) const KEY_PAIR_IN_TRANSIT: u8 = 4;
/// Bytes sealed under a key that rests in a Transit secrets engine.
pub(crate) const UNDER_TRANSIT_KEY: u8 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the database, sealed under a master key.
    MasterKey,
    /// In a PKCS#11 token, or sealed under a key in there.
    Pkcs11,
    /// In the Transit secrets engine of an OpenBao or Vault server, or sealed under a key in there.
    Transit,
}

impl Place {
    /// `None` for what no custody of this release wrote.
    pub fn of(sealed: &Sealed) -> Option<Self> {
        match *sealed.as_bytes().first()? {
            UNDER_MASTER_KEY => Some(Self::MasterKey),
            KEY_PAIR_IN_TOKEN | UNDER_TOKEN_KEY => Some(Self::Pkcs11),
            KEY_PAIR_IN_TRANSIT | UNDER_TRANSIT_KEY => Some(Self::Transit),
            _ => None,
        }
    }

    /// Refuses what rests in another place, by the names of both.
    pub(crate) fn demand(self, label: &str, sealed: &Sealed) -> Result<(), CustodyError> {
        match Self::of(sealed) {
            Some(place) if place != self => Err(CustodyError::Elsewhere {
                label: label.to_owned(),
                rests: place.as_str(),
                configured: self.custodian(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::MasterKey => "in the database, sealed under a master key",
            Self::Pkcs11 => "in a PKCS#11 token",
            Self::Transit => "in a Transit secrets engine",
        }
    }

    const fn custodian(self) -> &'static str {
        match self {
            Self::MasterKey => "a master key",
            Self::Pkcs11 => "a PKCS#11 token",
            Self::Transit => "a Transit secrets engine",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
