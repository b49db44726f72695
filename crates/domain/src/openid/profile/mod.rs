//! What a person tells about themselves (OpenID Connect Core §5.1). Personal data: it is kept apart from the account, leaves only to
//! clients that may ask for it, is in no access token and no log, and goes with the account.

mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use text::MalformedProfile;
use text::{Birthdate, Line, Locale, PhoneNumber, Sheet, WebPage, ZoneInfo};

/// Members are the claims of §5.1. What the account itself knows (`preferred_username`, `email`, `updated_at`) is not repeated here.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<WebPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<WebPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<WebPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Birthdate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<ZoneInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<PhoneNumber>,
    /// Somebody has proved that the number is this person's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub phone_number_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// §5.1.1.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// As on a letter, line by line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<Sheet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<Sheet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Line>,
}

impl Profile {
    /// What the person themselves may make of it: they cannot vouch for their own telephone number, and keep the proof of one that
    /// stays as it was.
    #[must_use]
    pub(crate) fn written_by_owner(self, before: &Profile) -> Self {
        let is_same = self.phone_number == before.phone_number;
        Self {
            phone_number_verified: is_same && before.phone_number_verified,
            ..self
        }
    }
}

/// Not what it says: it is somebody's.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profile(…)")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(text: &str) -> Profile {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_telephone_number_stays_proved_only_while_it_stays() {
        let before = profile(r#"{"phone_number":"+49 30 1234","phone_number_verified":true}"#);
        for (text, is_verified) in [
            (r#"{"phone_number":"+49 30 1234"}"#, true),
            (
                r#"{"phone_number":"+49 30 9999","phone_number_verified":true}"#,
                false,
            ),
            (r#"{"phone_number_verified":true}"#, false),
        ] {
            let after = profile(text).written_by_owner(&before);
            assert_eq!(after.phone_number_verified, is_verified, "{text}");
        }
        let unproved = profile(r#"{"phone_number":"+49 30 1234"}"#);
        let claimed = profile(r#"{"phone_number":"+49 30 1234","phone_number_verified":true}"#);
        assert!(!claimed.written_by_owner(&unproved).phone_number_verified);
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let ann = profile(r#"{"name":"Ann Example","address":{"country":"DE"}}"#);
        let printed = format!("{ann:?} {:?}", ann.address);
        assert!(
            !printed.contains("Ann") && !printed.contains("DE"),
            "{printed}"
        );
    }

    #[test]
    fn an_empty_profile_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&Profile::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Profile>(r#"{"email":"a@b.example"}"#).is_err());
    }
}
