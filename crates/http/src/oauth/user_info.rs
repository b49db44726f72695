//! `GET` and `POST /oauth2/userinfo` (OpenID Connect Core §5.3).

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use keywright_domain::openid::{UserInfo, UserInfoError};
use keywright_domain::session::Caller;
use keywright_verify::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::Json;
use crate::extract::bearer::refused;
use crate::problem::Problem;

/// For the reference: which of the standard claims are told depends on the scopes and claims that were granted.
#[derive(Serialize, ToSchema)]
#[schema(as = UserInfo)]
pub struct UserInfoBody {
    /// By this name the client knows the person.
    sub: String,
}

/// The form of a POST, for the reference.
#[derive(Serialize, ToSchema)]
pub struct UserInfoRequest {
    /// Unless it is in the header (RFC 6750 §2.2).
    access_token: Option<String>,
}

pub async fn show_user_info(app: App, caller: Caller) -> Result<Response, Problem> {
    Ok(match app.issuer().user_info(&caller).await? {
        UserInfo::Plain(claims) => Json(claims).into_response(),
        UserInfo::Signed(jwt) => {
            let media_type = HeaderValue::from_static("application/jwt");
            ([(CONTENT_TYPE, media_type)], jwt).into_response()
        }
    })
}

/// The same, by its other method: each row bears a name of its own.
pub async fn request_user_info(app: App, caller: Caller) -> Result<Response, Problem> {
    show_user_info(app, caller).await
}

impl From<UserInfoError> for Problem {
    fn from(error: UserInfoError) -> Self {
        match error {
            UserInfoError::NotOpenId => refused(&Refusal::InsufficientScope {
                required: "openid".to_owned(),
            }),
            UserInfoError::Mint(error) => error.into(),
            UserInfoError::Unavailable(error) => error.into(),
        }
    }
}
