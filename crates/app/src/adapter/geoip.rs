//! Places from a database file in the MaxMind format (GeoLite2, DB-IP and others): of cities, or of countries alone.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use keywright_domain::ports::Places;
use keywright_domain::session::{Place, Position};
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

/// What a database that does not say how far off it may be is given.
const VAGUE: f64 = 50.0;

/// Knows no address until a server gives it a database; replaced as a whole on reload.
#[derive(Default)]
pub struct Geoip(RwLock<Option<Arc<Atlas>>>);

/// A database, whole in memory: a file that is replaced under a mapping would end the process.
pub struct Atlas(Reader<Vec<u8>>);

#[derive(Debug, thiserror::Error)]
#[error("cannot read {path} as a database of addresses: {error}")]
pub struct AtlasError {
    path: PathBuf,
    error: MaxMindDbError,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    country: Option<Country<'a>>,
    location: Option<Location>,
}

#[derive(Deserialize)]
struct Country<'a> {
    iso_code: Option<&'a str>,
}

#[derive(Deserialize)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
    accuracy_radius: Option<u16>,
}

impl Atlas {
    pub fn open(path: &Path) -> Result<Self, AtlasError> {
        let opened = Reader::open_readfile(path).map(Self);
        opened.map_err(|error| AtlasError {
            path: path.to_owned(),
            error,
        })
    }

    /// What cannot be read is not known.
    fn place_of(&self, address: IpAddr) -> Option<Place> {
        let found = self.0.lookup(address.to_canonical()).ok()?;
        let record: Record<'_> = found.decode().ok()??;
        let code = record.country.and_then(|country| country.iso_code);
        Some(Place {
            country: code.and_then(|code| code.parse().ok()),
            position: record.location.and_then(position),
        })
    }
}

fn position(location: Location) -> Option<Position> {
    Some(Position {
        latitude: location.latitude?,
        longitude: location.longitude?,
        radius: location.accuracy_radius.map_or(VAGUE, f64::from),
    })
}

impl Geoip {
    pub fn replace(&self, atlas: Option<Atlas>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = atlas.map(Arc::new);
    }
}

impl Places for Geoip {
    fn place_of(&self, address: IpAddr) -> Option<Place> {
        let atlas = self.0.read().unwrap_or_else(PoisonError::into_inner);
        atlas.as_ref()?.place_of(address)
    }
}

impl fmt::Debug for Geoip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Geoip")
    }
}
