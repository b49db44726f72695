//! Members of a change for which `null` means something: it takes away, and leaving the member out leaves things as they are.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "present")]` on an `Option<Option<T>>`: `Some` whenever the member is there.
pub fn present<'de, T, D>(member: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(member).map(Some)
}
