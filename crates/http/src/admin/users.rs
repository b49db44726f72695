//! `/admin/v1/users`

use http::StatusCode;
use keywright_domain::UserId;
use keywright_domain::access::RoleName;
use keywright_domain::account::{Email, LoginName, NewPassword, NewUser, User, Username};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, Limit, LoginText, PathParam, Query, Secret};
use crate::problem::Problem;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UserListQuery {
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
    /// 1 to 200; 50 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    #[schema(value_type = Option<String>)]
    username: Option<Username>,
    #[schema(value_type = String, format = Email)]
    email: Email,
    /// Whether the address is known to be the person's.
    #[serde(default)]
    email_verified: bool,
    /// Without it, the person sets one through recovery.
    password: Option<Secret>,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    roles: Vec<RoleName>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindUser {
    /// The user name or the e-mail address.
    login: LoginText,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRoles {
    #[schema(value_type = Vec<String>)]
    roles: Vec<RoleName>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPassword {
    password: Secret,
}

#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserBody {
    id: String,
    username: Option<String>,
    email: String,
    email_verified: bool,
    /// Whether there is a password to log in with.
    has_password: bool,
    /// `active` or `disabled`.
    status: &'static str,
    roles: Vec<String>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct UserList {
    users: Vec<UserBody>,
    next: Option<String>,
}

pub async fn list_users(
    app: App,
    Query(query): Query<UserListQuery>,
) -> Result<Json<UserList>, Problem> {
    let users = app
        .issuer()
        .users(page::ask(query.after, query.limit))
        .await?;
    let (users, next) = page::cut(users, query.limit, |user| user.id.to_string());
    let users = users.iter().map(UserBody::of).collect();
    Ok(Json(UserList { users, next }))
}

pub async fn create_user(
    app: App,
    Administrator(actor): Administrator,
    Json(body): Json<CreateUser>,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let new = NewUser {
        username: body.username,
        email: body.email,
        email_verified: body.email_verified,
        password: body
            .password
            .map_or(NewPassword::None, |password| NewPassword::Plain(password.0)),
        roles: body.roles,
    };
    let user = app.issuer().create_user(new, &actor).await?;
    Ok((StatusCode::CREATED, Json(UserBody::of(&user))))
}

pub async fn find_user(app: App, Json(body): Json<FindUser>) -> Result<Json<UserBody>, Problem> {
    let name = LoginName::new(&body.login.0);
    Ok(Json(UserBody::of(&app.issuer().find_user(&name).await?)))
}

pub async fn show_user(
    app: App,
    PathParam(id): PathParam<UserId>,
) -> Result<Json<UserBody>, Problem> {
    Ok(Json(UserBody::of(&app.issuer().user(id).await?)))
}

pub async fn delete_user(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<UserId>,
) -> Result<StatusCode, Problem> {
    app.issuer().delete_user(id, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn disable_user(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<UserId>,
) -> Result<StatusCode, Problem> {
    app.issuer().disable_user(id, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn enable_user(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<UserId>,
) -> Result<StatusCode, Problem> {
    app.issuer().enable_user(id, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn set_user_roles(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<UserId>,
    Json(body): Json<PutRoles>,
) -> Result<StatusCode, Problem> {
    app.issuer().set_user_roles(id, body.roles, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn set_user_password(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<UserId>,
    Json(body): Json<PutPassword>,
) -> Result<StatusCode, Problem> {
    app.issuer()
        .set_user_password(id, body.password.0, &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl UserBody {
    fn of(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_ref().map(|name| name.as_str().to_owned()),
            email: user.email.as_str().to_owned(),
            email_verified: user.email_verified,
            has_password: user.password.is_some(),
            status: user.status.as_str(),
            roles: user.roles.iter().map(RoleName::to_string).collect(),
            created_at: user.created_at.secs(),
            updated_at: user.updated_at.secs(),
        }
    }
}
