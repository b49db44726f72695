use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Claims in their order. Unlike a map it keeps what stands twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    /// As a map, if nothing stands twice.
    pub fn once(&self) -> Option<Map<String, Value>> {
        let map: Map<_, _> = self.0.iter().cloned().collect();
        (map.len() == self.0.len()).then_some(map)
    }

    /// All but one of this name and value, if there is one.
    pub fn less(mut self, name: &str, value: &Value) -> Option<Self> {
        let is_it = |(known, said): &(String, Value)| known == name && said == value;
        let at = self.0.iter().position(is_it)?;
        self.0.remove(at);
        Some(self)
    }

    /// The member of this name alone says `value`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
        self
    }

    pub fn to_json(&self) -> String {
        let member = |(name, value): &(String, Value)| format!("{}:{value}", Value::from(&**name));
        let members: Vec<_> = self.0.iter().map(member).collect();
        format!("{{{}}}", members.join(","))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("claims")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
