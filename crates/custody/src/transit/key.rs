//! A key in the engine, by its name.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::TransitError;
use super::server::Server;

/// Every key is used in the version that it was made in: somebody who rotates it in the vault changes nothing here.
pub(super) const VERSION: u32 = 1;
const VERSION_PREFIX: &str = "vault:v1:";

/// What the engine tells of a key.
#[derive(Deserialize)]
pub(super) struct Told {
    #[serde(rename = "type")]
    key_type: String,
    exportable: bool,
    allow_plaintext_backup: bool,
    /// By version: of a key pair an object, of others the time when it was made.
    keys: BTreeMap<u32, Value>,
}

impl Told {
    pub fn demand_type(&self, name: &str, expected: &'static str) -> Result<(), TransitError> {
        if self.key_type == expected {
            return Ok(());
        }
        Err(TransitError::OtherType {
            name: name.to_owned(),
            found: self.key_type.clone(),
            expected,
        })
    }

    /// As the engine writes it.
    pub fn public_half(&self) -> Option<&str> {
        self.keys.get(&VERSION)?.get("public_key")?.as_str()
    }
}

/// Makes the key, unless it is there already.
pub(super) fn make(
    server: &Server,
    name: &str,
    key_type: &'static str,
) -> Result<Told, TransitError> {
    let wanted = json!({ "type": key_type, "exportable": false, "allow_plaintext_backup": false });
    let path = format!("keys/{name}");
    server.post(&path, &wanted)?;
    // Vault answers with nothing, and a key of that name may have been there.
    let told: Told = server.get(&path)?.read()?;
    told.demand_type(name, key_type)?;
    match told.exportable || told.allow_plaintext_backup {
        true => Err(TransitError::Exportable),
        false => Ok(told),
    }
}

/// `None` if there is no key of that name.
pub(super) fn find(server: &Server, name: &str) -> Result<Option<Told>, TransitError> {
    match server.get(&format!("keys/{name}")) {
        Ok(data) => data.read().map(Some),
        Err(TransitError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the engine wrote, without the version in front.
pub(super) fn unversioned<'t>(written: &'t str, path: &str) -> Result<&'t str, TransitError> {
    let bare = written.strip_prefix(VERSION_PREFIX);
    bare.ok_or_else(|| TransitError::unexpected(path))
}

pub(super) fn versioned(bare: &str) -> String {
    format!("{VERSION_PREFIX}{bare}")
}

/// Drawn at random, so that two nodes never name two keys alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId(pub [u8; KeyId::LENGTH]);

impl KeyId {
    pub const LENGTH: usize = 16;
}

/// The key's name in the engine.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keywright-")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
