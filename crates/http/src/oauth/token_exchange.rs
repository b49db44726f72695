//! Token exchange at the token endpoint (RFC 8693 §2).

use keywright_domain::audit::Origin;
use keywright_domain::grant::ExchangeToken;
use keywright_domain::secret::PlainSecret;

use super::error::{OAuthError, OAuthReason};
use super::token::{audience, scope};
use crate::app::App;
use crate::door::ClientRequest;
use crate::extract::form::Form;
use crate::observe;
use crate::tokens::TokensBody;

/// §3. An access token of ours is a JWT as well, and some clients say that.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

pub(super) async fn exchange_token(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    let form = &request.form;
    if let Some(wanted) = form.value("requested_token_type")
        && wanted != ACCESS_TOKEN
        && wanted != JWT
    {
        return Err(OAuthReason::UnsupportedTokenType.into());
    }
    let subject = token(form, "subject_token", "subject_token_type")?;
    let asked = ExchangeToken {
        subject_token: subject.ok_or(OAuthReason::MissingParameter)?,
        actor_token: token(form, "actor_token", "actor_token_type")?,
        audience: audience(form)?,
        scope: scope(form)?,
        proof_key: request.proof_key,
        client: request.client,
        origin,
    };
    let exchanged = app.issuer().exchange_token(asked).await;
    observe::exchange_token(app.metrics(), &exchanged);
    Ok(TokensBody::from(exchanged?).issued(ACCESS_TOKEN))
}

/// A token and its type come together or not at all (§2.1).
fn token(
    form: &Form,
    name: &'static str,
    type_name: &'static str,
) -> Result<Option<PlainSecret>, OAuthError> {
    match (form.value(name), form.value(type_name)) {
        (None, None) => Ok(None),
        (Some(token), Some(ACCESS_TOKEN | JWT)) => Ok(Some(PlainSecret::new(token))),
        (Some(_), Some(_)) => Err(OAuthReason::UnsupportedTokenType.into()),
        (Some(_), None) | (None, Some(_)) => Err(OAuthReason::MissingParameter.into()),
    }
}
