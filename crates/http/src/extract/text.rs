//! Text from outside that the domain takes as it is: bounded, and free of what databases, logs and terminals choke on.

use std::fmt;

use keywright_domain::secret::PlainSecret;
use serde::Deserialize;
use utoipa::ToSchema;

/// A short name for people, such as an application's: 1 to 100 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 100)]
pub struct Name(pub String);

/// A sentence or two for people: at most 500 characters, none of them a control character.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 500)]
pub struct Words(pub String);

/// What a person types to say who they are: 1 to 254 characters, none of them a control character.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 254)]
pub struct LoginText(pub String);

/// A password or a token.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Password)]
pub struct Secret(pub PlainSecret);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {least} to {most} characters, none of them a control character")]
pub struct UnfitText {
    least: usize,
    most: usize,
}

impl TryFrom<String> for Name {
    type Error = UnfitText;

    fn try_from(text: String) -> Result<Self, UnfitText> {
        fit(text, 1, 100).map(Self)
    }
}

impl TryFrom<String> for Words {
    type Error = UnfitText;

    fn try_from(text: String) -> Result<Self, UnfitText> {
        fit(text, 0, 500).map(Self)
    }
}

impl TryFrom<String> for LoginText {
    type Error = UnfitText;

    fn try_from(text: String) -> Result<Self, UnfitText> {
        fit(text, 1, 254).map(Self)
    }
}

impl TryFrom<String> for Secret {
    type Error = UnfitText;

    /// PostgreSQL takes no NUL in a text, and a password must mean the same on both engines.
    fn try_from(text: String) -> Result<Self, UnfitText> {
        if text.contains('\0') {
            let (least, most) = (1, keywright_domain::account::password::LONGEST);
            return Err(UnfitText { least, most });
        }
        Ok(Self(PlainSecret::new(text)))
    }
}

fn fit(text: String, least: usize, most: usize) -> Result<String, UnfitText> {
    let fits = (least..=most).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(UnfitText { least, most })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
