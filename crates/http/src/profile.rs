//! What a person tells about themselves, as a document (OpenID Connect Core §5.1).

use keywright_domain::openid::Profile;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The domain reads and writes its members; [`Described`] says which they are.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub struct ProfileBody(pub Profile);

/// Members that are left out, or null, are not told.
#[derive(ToSchema)]
#[schema(as = Profile)]
#[expect(
    dead_code,
    reason = "it is read by the derive alone, for the reference"
)]
struct Described {
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    middle_name: Option<String>,
    nickname: Option<String>,
    /// The address of a page, as are `picture` and `website`.
    profile: Option<String>,
    picture: Option<String>,
    website: Option<String>,
    gender: Option<String>,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    birthdate: Option<String>,
    /// Such as `Europe/Berlin`.
    zoneinfo: Option<String>,
    /// Such as `de-AT`.
    locale: Option<String>,
    /// Such as `+49 30 123456`.
    phone_number: Option<String>,
    /// An administrator's to say; a person keeps it for as long as the number stays.
    #[schema(required = false)]
    phone_number_verified: bool,
    address: Option<DescribedAddress>,
}

#[derive(ToSchema)]
#[schema(as = Address)]
#[expect(
    dead_code,
    reason = "it is read by the derive alone, for the reference"
)]
struct DescribedAddress {
    /// As on a letter, line by line.
    formatted: Option<String>,
    street_address: Option<String>,
    locality: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

impl PartialSchema for ProfileBody {
    fn schema() -> RefOr<Schema> {
        Described::schema()
    }
}

impl ToSchema for ProfileBody {
    fn name() -> std::borrow::Cow<'static, str> {
        Described::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Described::schemas(schemas);
    }
}
