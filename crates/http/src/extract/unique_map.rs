//! A JSON object as a map, no name twice. serde's own maps keep the last of two, and the reader of a log the first.

use std::collections::BTreeMap;
use std::fmt;

use keywright_domain::claims::unique_map;
use serde::de::{Deserialize, Deserializer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueMap<K, V>(pub BTreeMap<K, V>);

impl<K, V> Default for UniqueMap<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, K, V> Deserialize<'de> for UniqueMap<K, V>
where
    K: TryFrom<String, Error: fmt::Display> + Ord,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unique_map(deserializer).map(Self)
    }
}
