//! `POST /oauth2/revoke` (RFC 7009).

use http::StatusCode;
use keywright_domain::audit::Origin;
use keywright_domain::secret::PlainSecret;
use keywright_domain::token::Revoke;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{OAuthError, OAuthReason};
use crate::app::App;
use crate::door::ClientRequest;
use crate::observe;

/// The form, for the reference; beside it, what proves the client.
#[derive(Serialize, ToSchema)]
pub struct RevocationRequest {
    /// A refresh token or an access token. Its session ends; of a client's own token, all of the client's own tokens end.
    token: String,
    /// Not needed: tokens tell what they are.
    token_type_hint: Option<String>,
}

pub async fn revoke_token(
    app: App,
    origin: Origin,
    request: ClientRequest,
) -> Result<StatusCode, OAuthError> {
    let token = request.form.value("token");
    let asked = Revoke {
        token: PlainSecret::new(token.ok_or(OAuthReason::MissingParameter)?),
        client: request.client,
        origin,
    };
    let answer = app.issuer().revoke(asked).await;
    observe::revocation(app.metrics(), &answer);
    answer?;
    Ok(StatusCode::OK)
}
