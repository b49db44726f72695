//! `/admin/v1/clients`

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use keywright_domain::access::{Audience, ScopeSet};
use keywright_domain::client::{
    AuthMethod, ChangeClient, Client, ClientId, ClientKind, Grant, NewClient, Registration,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, Limit, Name, OptionalJson, PathParam, Query, UniqueMap, present};
use crate::problem::Problem;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ClientListQuery {
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<ClientId>,
    /// 1 to 200; 50 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    /// Drawn at random unless given.
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
    name: Name,
    /// `public` or `confidential`.
    #[schema(value_type = String)]
    kind: ClientKind,
    /// Of `login`, `authorization_code`, `refresh_token`, `client_credentials`, `feed`,
    /// `urn:ietf:params:oauth:grant-type:device_code`, `…:token-exchange` and `…:jwt-bearer`.
    #[schema(value_type = Vec<String>)]
    grants: BTreeSet<Grant>,
    /// Per audience, the scopes that the client may ask for, separated by spaces.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    allowed: UniqueMap<Audience, ScopeSet>,
    #[schema(value_type = Option<String>)]
    default_audience: Option<Audience>,
    /// For browser flows and OpenID Connect; members by RFC 7591.
    #[serde(default)]
    #[schema(value_type = Object)]
    registration: Registration,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchClient {
    name: Option<Name>,
    #[schema(value_type = Option<Vec<String>>)]
    grants: Option<BTreeSet<Grant>>,
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    allowed: Option<UniqueMap<Audience, ScopeSet>>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    default_audience: Option<Option<Audience>>,
    /// Replaced as a whole.
    #[schema(value_type = Option<Object>)]
    registration: Option<Registration>,
    /// Disabling ends the client's sessions.
    disabled: Option<bool>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientBody {
    client_id: String,
    name: String,
    #[schema(value_type = String)]
    kind: ClientKind,
    grants: Vec<&'static str>,
    allowed: BTreeMap<String, String>,
    default_audience: Option<String>,
    #[schema(value_type = Object)]
    registration: Registration,
    disabled: bool,
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreatedClient)]
pub struct CreatedClientBody {
    client: ClientBody,
    /// Shown this once. `null` for public clients.
    client_secret: Option<String>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// How the client proves itself from now on, if otherwise than before: `client_secret_jwt` takes a secret that is made for it, and so do
    /// the methods that send one.
    #[schema(value_type = Option<String>)]
    token_endpoint_auth_method: Option<AuthMethod>,
}

/// A new secret, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientSecret)]
pub struct SecretBody {
    client_secret: String,
}

#[derive(Serialize, ToSchema)]
pub struct ClientList {
    clients: Vec<ClientBody>,
    next: Option<String>,
}

pub async fn list_clients(
    app: App,
    Query(query): Query<ClientListQuery>,
) -> Result<Json<ClientList>, Problem> {
    let asked = page::ask(query.after, query.limit);
    let clients = app.issuer().clients(asked).await?;
    let (clients, next) = page::cut(clients, query.limit, |client| client.id.to_string());
    let clients = clients.iter().map(ClientBody::of).collect();
    Ok(Json(ClientList { clients, next }))
}

pub async fn create_client(
    app: App,
    Administrator(actor): Administrator,
    Json(body): Json<CreateClient>,
) -> Result<(StatusCode, Json<CreatedClientBody>), Problem> {
    let new = NewClient {
        id: body.client_id,
        name: body.name.0,
        kind: body.kind,
        grants: body.grants,
        allowed: body.allowed.0,
        default_audience: body.default_audience,
        registration: body.registration,
    };
    let created = app.issuer().create_client(new, &actor).await?;
    let created = CreatedClientBody {
        client: ClientBody::of(&created.client),
        client_secret: created.secret.map(|secret| secret.expose().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn show_client(
    app: App,
    PathParam(id): PathParam<ClientId>,
) -> Result<Json<ClientBody>, Problem> {
    Ok(Json(ClientBody::of(&app.issuer().client(&id).await?)))
}

pub async fn change_client(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<ClientId>,
    Json(body): Json<PatchClient>,
) -> Result<Json<ClientBody>, Problem> {
    let change = ChangeClient {
        name: body.name.map(|name| name.0),
        grants: body.grants,
        allowed: body.allowed.map(|allowed| allowed.0),
        default_audience: body.default_audience,
        registration: body.registration,
        disabled: body.disabled,
    };
    let client = app.issuer().change_client(&id, change, &actor).await?;
    Ok(Json(ClientBody::of(&client)))
}

pub async fn rotate_client_secret(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<ClientId>,
    OptionalJson(body): OptionalJson<RotateSecret>,
) -> Result<Json<SecretBody>, Problem> {
    let method = body.token_endpoint_auth_method;
    let issuer = app.issuer();
    let secret = issuer.rotate_client_secret(&id, method, &actor).await?;
    Ok(Json(SecretBody {
        client_secret: secret.expose().to_owned(),
    }))
}

pub async fn delete_client(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<ClientId>,
) -> Result<StatusCode, Problem> {
    app.issuer().delete_client(&id, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl ClientBody {
    fn of(client: &Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            name: client.name.clone(),
            kind: client.kind,
            grants: client.grants.iter().map(|grant| grant.as_str()).collect(),
            allowed: super::scopes_by_audience(&client.allowed),
            default_audience: client.default_audience.as_ref().map(Audience::to_string),
            registration: client.registration.clone(),
            disabled: client.disabled,
            created_at: client.created_at.secs(),
        }
    }
}
