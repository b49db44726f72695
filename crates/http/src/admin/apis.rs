//! `/admin/v1/apis`: an API is named by its audience, which may be a URL: percent-encode it in the path.

use std::collections::BTreeMap;

use http::StatusCode;
use keywright_domain::Period;
use keywright_domain::access::{
    AccessError, Api, Audience, DetailType, DetailTypeName, DetailTypes, Scope,
};
use keywright_domain::claims::ClaimsPolicy;
use keywright_jwt::Algorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, Name, PathParam, UniqueMap, Words};
use crate::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutApi {
    name: Name,
    /// Each scope that the API knows, with what a person reads about it.
    #[schema(value_type = BTreeMap<String, String>)]
    scopes: UniqueMap<Scope, Words>,
    /// Seconds, from 10 to 3600; what the issuer's configuration says unless given.
    access_lifetime: Option<u32>,
    /// Such as `ES256`; what the issuer's configuration says unless given.
    #[schema(value_type = Option<String>)]
    algorithm: Option<Algorithm>,
    /// What its tokens carry beyond the registered claims; without it, nothing.
    #[serde(default)]
    #[schema(value_type = ClaimsBody)]
    claims: ClaimsPolicy,
    /// What may be asked for of it beyond scopes (RFC 9396), by type; without it, nothing.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, DetailTypeBody>)]
    authorization_details_types: UniqueMap<DetailTypeName, DetailType>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Api)]
pub struct ApiBody {
    audience: String,
    name: String,
    scopes: BTreeMap<String, String>,
    access_lifetime: i64,
    algorithm: &'static str,
    created_at: i64,
    #[schema(value_type = ClaimsBody)]
    claims: ClaimsPolicy,
    #[schema(value_type = BTreeMap<String, DetailTypeBody>)]
    authorization_details_types: DetailTypes,
}

/// As `DetailType` is written.
#[derive(ToSchema)]
#[schema(as = AuthorizationDetailsType)]
#[expect(
    dead_code,
    reason = "the domain's own type is read and written; this one describes it"
)]
pub struct DetailTypeBody {
    /// What a person reads about it.
    #[schema(min_length = 1, max_length = 500)]
    description: String,
    /// `properties` and `required` of a strict subset of JSON Schema.
    #[schema(value_type = Object)]
    schema: serde_json::Value,
}

/// As `ClaimsPolicy` is written.
#[derive(ToSchema)]
#[schema(as = ClaimsPolicy)]
#[expect(
    dead_code,
    reason = "the domain's own type is read and written; this one describes it"
)]
pub struct ClaimsBody {
    /// Each claim, and where its value comes from.
    claims: BTreeMap<String, ClaimSource>,
    /// The most that a token's payload may take, from 512 to 4608.
    #[schema(default = 2048)]
    max_bytes: u32,
    /// Claims that may be personal.
    allow_personal: Vec<String>,
}

/// As `Source` is written.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "the domain's own type is read and written; this one describes it"
)]
pub enum ClaimSource {
    /// The same in every token.
    Static(serde_json::Value),
    /// `id`, `username`, `email` or `email_verified`.
    User(String),
    /// The roles of the user.
    RoleNames,
    /// An array of the values of those roles that the user has.
    ByRole(BTreeMap<String, serde_json::Value>),
}

#[derive(Serialize, ToSchema)]
pub struct ApiList {
    apis: Vec<ApiBody>,
}

pub async fn list_apis(app: App) -> Json<ApiList> {
    let apis = app
        .issuer()
        .catalog()
        .apis
        .values()
        .map(ApiBody::of)
        .collect();
    Json(ApiList { apis })
}

pub async fn show_api(
    app: App,
    PathParam(audience): PathParam<Audience>,
) -> Result<Json<ApiBody>, Problem> {
    let catalog = app.issuer().catalog();
    let api = catalog.apis.get(&audience).ok_or(AccessError::UnknownApi)?;
    Ok(Json(ApiBody::of(api)))
}

pub async fn put_api(
    app: App,
    Administrator(actor): Administrator,
    PathParam(audience): PathParam<Audience>,
    Json(body): Json<PutApi>,
) -> Result<Json<ApiBody>, Problem> {
    let policy = app.issuer().policy();
    let known = app.issuer().catalog();
    let known = known.apis.get(&audience);
    let api = Api {
        created_at: known.map_or_else(|| app.issuer().now(), |known| known.created_at),
        audience,
        name: body.name.0,
        scopes: body
            .scopes
            .0
            .into_iter()
            .map(|(scope, words)| (scope, words.0))
            .collect(),
        access_lifetime: body
            .access_lifetime
            .map_or(policy.access_lifetime, |secs| Period::secs(secs.into())),
        algorithm: body.algorithm.unwrap_or(policy.keys.default_algorithm),
        claims: body.claims,
        details: body.authorization_details_types.0,
    };
    app.issuer().put_api(&api, &actor).await?;
    Ok(Json(ApiBody::of(&api)))
}

pub async fn delete_api(
    app: App,
    Administrator(actor): Administrator,
    PathParam(audience): PathParam<Audience>,
) -> Result<StatusCode, Problem> {
    app.issuer().delete_api(&audience, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl ApiBody {
    fn of(api: &Api) -> Self {
        Self {
            audience: api.audience.to_string(),
            name: api.name.clone(),
            scopes: api
                .scopes
                .iter()
                .map(|(scope, words)| (scope.as_str().to_owned(), words.clone()))
                .collect(),
            access_lifetime: api.access_lifetime.as_secs(),
            algorithm: api.algorithm.as_str(),
            created_at: api.created_at.secs(),
            claims: api.claims.clone(),
            authorization_details_types: api.details.clone(),
        }
    }
}
