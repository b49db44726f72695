//! `/admin/v1/roles`

use std::collections::BTreeMap;

use http::StatusCode;
use keywright_domain::access::{AccessError, Audience, Role, RoleName, ScopeSet};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, PathParam, UniqueMap, Words};
use crate::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRole {
    #[serde(default)]
    description: Words,
    /// Per audience, the scopes that the role grants, separated by spaces.
    #[schema(value_type = BTreeMap<String, String>)]
    grants: UniqueMap<Audience, ScopeSet>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleBody {
    name: String,
    description: String,
    grants: BTreeMap<String, String>,
}

#[derive(Serialize, ToSchema)]
pub struct RoleList {
    roles: Vec<RoleBody>,
}

pub async fn list_roles(app: App) -> Json<RoleList> {
    let roles = app
        .issuer()
        .catalog()
        .roles
        .values()
        .map(RoleBody::of)
        .collect();
    Json(RoleList { roles })
}

pub async fn show_role(
    app: App,
    PathParam(name): PathParam<RoleName>,
) -> Result<Json<RoleBody>, Problem> {
    let catalog = app.issuer().catalog();
    let role = catalog.roles.get(&name).ok_or(AccessError::UnknownRole)?;
    Ok(Json(RoleBody::of(role)))
}

pub async fn put_role(
    app: App,
    Administrator(actor): Administrator,
    PathParam(name): PathParam<RoleName>,
    Json(body): Json<PutRole>,
) -> Result<Json<RoleBody>, Problem> {
    let role = Role {
        name,
        description: body.description.0,
        grants: body.grants.0,
    };
    app.issuer().put_role(&role, &actor).await?;
    Ok(Json(RoleBody::of(&role)))
}

pub async fn delete_role(
    app: App,
    Administrator(actor): Administrator,
    PathParam(name): PathParam<RoleName>,
) -> Result<StatusCode, Problem> {
    app.issuer().delete_role(&name, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl RoleBody {
    fn of(role: &Role) -> Self {
        Self {
            name: role.name.to_string(),
            description: role.description.clone(),
            grants: super::scopes_by_audience(&role.grants),
        }
    }
}
