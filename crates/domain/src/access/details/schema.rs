//! What a member of a detail may be: the part of JSON Schema that bounds a value and can be read at a glance. A keyword that is not here is
//! refused when the type is registered, so that no bound is believed in that nobody keeps.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::claims::unique_map;

/// Objects and arrays one inside the other.
const DEEPEST: usize = 4;
/// Members of one object; values of one `enum`.
const MOST: usize = 64;
/// Where the schema names no bound itself.
const LONGEST_TEXT: usize = 256;
const MOST_ITEMS: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "lowercase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Schema {
    Object(ObjectSchema),
    Array {
        items: Box<Schema>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_items: Option<usize>,
    },
    String {
        #[serde(default, rename = "enum", skip_serializing_if = "Option::is_none")]
        one_of: Option<BTreeSet<String>>,
        /// In characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<usize>,
    },
    // In braces, because serde lets a variant without fields have any.
    Integer {},
    Number {},
    Boolean {},
}

/// No member but these: a service that overlooks one it does not know would grant less or more than the person read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ObjectSchema {
    #[serde(deserialize_with = "unique_map")]
    pub properties: BTreeMap<String, Schema>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub required: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaRefused {
    #[error("`{0}` is required and is no property")]
    Required(String),
    #[error("`{0}`: a property is 1 to 64 of A-Z, a-z, 0-9, `-` and `_`")]
    Property(String),
    #[error("an object has at most {MOST} properties")]
    Properties,
    #[error("an enum lists 1 to {MOST} values")]
    Enum,
    #[error("it is nested more than {DEEPEST} deep")]
    Depth,
}

impl ObjectSchema {
    pub(super) fn check(&self) -> Result<(), SchemaRefused> {
        self.check_to(DEEPEST)
    }

    fn check_to(&self, depth: usize) -> Result<(), SchemaRefused> {
        if self.properties.len() > MOST {
            return Err(SchemaRefused::Properties);
        }
        let is_declared = |name: &&String| self.properties.contains_key(*name);
        if let Some(stranger) = self.required.iter().find(|name| !is_declared(name)) {
            return Err(SchemaRefused::Required(stranger.clone()));
        }
        self.properties.iter().try_for_each(|(name, schema)| {
            if is_property(name) {
                schema.check_to(depth)
            } else {
                Err(SchemaRefused::Property(name.clone()))
            }
        })
    }

    pub(super) fn admits(&self, members: &Map<String, Value>) -> bool {
        let is_admitted = |(name, value): (&String, &Value)| {
            let declared = self.properties.get(name);
            declared.is_some_and(|schema| schema.admits(value))
        };
        members.iter().all(is_admitted)
            && self.required.iter().all(|name| members.contains_key(name))
    }
}

impl Schema {
    fn check_to(&self, depth: usize) -> Result<(), SchemaRefused> {
        match self {
            Schema::Object(_) | Schema::Array { .. } if depth <= 1 => Err(SchemaRefused::Depth),
            Schema::Object(object) => object.check_to(depth - 1),
            Schema::Array { items, .. } => items.check_to(depth - 1),
            Schema::String { one_of, .. } => match one_of {
                Some(words) if !(1..=MOST).contains(&words.len()) => Err(SchemaRefused::Enum),
                Some(_) | None => Ok(()),
            },
            Schema::Integer {} | Schema::Number {} | Schema::Boolean {} => Ok(()),
        }
    }

    fn admits(&self, value: &Value) -> bool {
        match self {
            Schema::Object(object) => value
                .as_object()
                .is_some_and(|members| object.admits(members)),
            Schema::Array { items, max_items } => value.as_array().is_some_and(|values| {
                values.len() <= max_items.unwrap_or(MOST_ITEMS)
                    && values.iter().all(|value| items.admits(value))
            }),
            Schema::String { one_of, max_length } => value.as_str().is_some_and(|text| {
                text.chars().count() <= max_length.unwrap_or(LONGEST_TEXT)
                    && !text.chars().any(is_deceptive)
                    && one_of.as_ref().is_none_or(|words| words.contains(text))
            }),
            Schema::Integer {} => value.is_i64() || value.is_u64(),
            Schema::Number {} => value.is_number(),
            Schema::Boolean {} => value.is_boolean(),
        }
    }
}

/// What a person consents to must be what they see.
fn is_deceptive(c: char) -> bool {
    c.is_control() || crate::client::dynamic::is_invisible(c)
}

fn is_property(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}
