//! A type of authorization details, as an API registers it (RFC 9396 §2.1).

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::schema::{ObjectSchema, SchemaRefused};

/// `type`: a word or a URL, compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DetailTypeName(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a type of authorization details is 1 to 128 printable ASCII characters without spaces or quotes"
)]
pub struct MalformedDetailType;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailType {
    /// What a person reads about it.
    pub description: String,
    /// Of the members beside those that every detail may have.
    pub schema: ObjectSchema,
}

/// Those of one API.
pub type DetailTypes = BTreeMap<DetailTypeName, DetailType>;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetailTypeRefused {
    #[error("an API has at most {MOST} types of authorization details")]
    TooMany,
    #[error("the type `{0}` needs a description of at most 500 characters")]
    Description(DetailTypeName),
    #[error("the type `{0}` declares `{1}`, which every detail may have")]
    Common(DetailTypeName, &'static str),
    #[error("the schema of the type `{0}` is refused: {1}")]
    Schema(DetailTypeName, SchemaRefused),
}

const MOST: usize = 16;
const LONGEST_DESCRIPTION: usize = 500;

/// Members that mean the same whatever the type (RFC 9396 §2).
pub(super) const TYPE: &str = "type";
pub(super) const LOCATIONS: &str = "locations";

/// What an API must not register, so that a type which cannot be asked for is refused before anybody asks.
pub(in crate::access) fn check(types: &DetailTypes) -> Result<(), DetailTypeRefused> {
    if types.len() > MOST {
        return Err(DetailTypeRefused::TooMany);
    }
    types.iter().try_for_each(|(name, kind)| {
        let says = &kind.description;
        let is_readable = (1..=LONGEST_DESCRIPTION).contains(&says.chars().count());
        if !is_readable || says.chars().any(char::is_control) {
            return Err(DetailTypeRefused::Description(name.clone()));
        }
        let mut common = [TYPE, LOCATIONS].into_iter();
        if let Some(common) = common.find(|common| kind.schema.properties.contains_key(*common)) {
            return Err(DetailTypeRefused::Common(name.clone(), common));
        }
        let refused = |refused| DetailTypeRefused::Schema(name.clone(), refused);
        kind.schema.check().map_err(refused)
    })
}

impl DetailTypeName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for DetailTypeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DetailTypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DetailTypeName {
    type Err = MalformedDetailType;

    fn from_str(text: &str) -> Result<Self, MalformedDetailType> {
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
        if (1..=128).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedDetailType)
        }
    }
}

impl TryFrom<String> for DetailTypeName {
    type Error = MalformedDetailType;

    fn try_from(text: String) -> Result<Self, MalformedDetailType> {
        text.parse()
    }
}

impl From<DetailTypeName> for String {
    fn from(name: DetailTypeName) -> String {
        name.0
    }
}
