//! `/admin/v1/keys`: looking at signing keys, and what an emergency needs.

use http::StatusCode;
use keywright_domain::Time;
use keywright_domain::access::Audience;
use keywright_domain::keys::{KeySummary, RingId};
use keywright_domain::ledger::Affected;
use keywright_jwt::Algorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TokenCountBody;
use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, OptionalJson, PathParam};
use crate::problem::Problem;

/// Which keys to hand over: those of an algorithm, or for HS* those of one API.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKeys {
    /// Such as `ES256`; the issuer's default unless given.
    #[schema(value_type = Option<String>)]
    algorithm: Option<Algorithm>,
    #[schema(value_type = Option<String>)]
    audience: Option<Audience>,
    /// Also without evidence that verifiers know the successor; never before its time.
    #[serde(default)]
    force: bool,
}

/// Which keys: those of an algorithm, or for HS* those of one API.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RingBody {
    /// Such as `ES256`; the issuer's default unless given.
    #[schema(value_type = Option<String>)]
    algorithm: Option<Algorithm>,
    #[schema(value_type = Option<String>)]
    audience: Option<Audience>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Also while no verifier is sure to know the successor: until then nothing signs with this algorithm.
    #[serde(default)]
    force: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyBody {
    kid: String,
    algorithm: &'static str,
    audience: Option<String>,
    /// `next`, `published`, `active`, `retiring`, `retired` or `revoked`.
    state: &'static str,
    created_at: i64,
    published_at: Option<i64>,
    activated_at: Option<i64>,
    /// While published: when it may sign at the earliest.
    known_at: Option<i64>,
    /// Due to sign, and why it does not.
    held: Option<String>,
    /// While retiring: when the last token that it signed is dead.
    verifies_until: Option<i64>,
    ended_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct KeyList {
    keys: Vec<KeyBody>,
}

/// What would become of the living tokens if the key were revoked now.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyImpact)]
pub struct KeyImpactBody {
    /// Signed by this key.
    dying: TokenCountBody,
    /// Signed by other keys.
    surviving: TokenCountBody,
    /// Who holds those that would die.
    affected: Vec<AffectedBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AffectedTokens)]
pub struct AffectedBody {
    audience: String,
    client_id: String,
    dying: TokenCountBody,
    surviving: TokenCountBody,
}

pub async fn list_keys(app: App) -> Result<Json<KeyList>, Problem> {
    // A command's own process has seen nothing yet; a server has looked a second ago.
    app.issuer().probe_held_keys().await?;
    let keys = app.issuer().list_keys().await?;
    let keys = keys.into_iter().map(KeyBody::of).collect();
    Ok(Json(KeyList { keys }))
}

pub async fn rotate_keys(
    app: App,
    Administrator(actor): Administrator,
    Json(body): Json<RotateKeys>,
) -> Result<StatusCode, Problem> {
    let RotateKeys {
        algorithm,
        audience,
        force,
    } = body;
    let ring = RingBody {
        algorithm,
        audience,
    };
    let ring = ring.ring(&app);
    app.issuer().rotate_keys(&ring, force, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn roll_back_keys(
    app: App,
    Administrator(actor): Administrator,
    Json(body): Json<RingBody>,
) -> Result<StatusCode, Problem> {
    let ring = body.ring(&app);
    app.issuer().roll_back_keys(&ring, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn revoke_key(
    app: App,
    Administrator(actor): Administrator,
    PathParam(kid): PathParam<String>,
    OptionalJson(body): OptionalJson<RevokeKey>,
) -> Result<StatusCode, Problem> {
    app.issuer().revoke_key(&kid, body.force, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn show_key_impact(
    app: App,
    PathParam(kid): PathParam<String>,
) -> Result<Json<KeyImpactBody>, Problem> {
    let impact = app.issuer().key_impact(&kid).await?;
    let affected = impact.affected.into_iter().map(AffectedBody::of).collect();
    Ok(Json(KeyImpactBody {
        dying: impact.dying.into(),
        surviving: impact.surviving.into(),
        affected,
    }))
}

impl AffectedBody {
    fn of(affected: Affected) -> Self {
        Self {
            audience: affected.audience.to_string(),
            client_id: affected.client.to_string(),
            dying: affected.dying.into(),
            surviving: affected.surviving.into(),
        }
    }
}

impl RingBody {
    fn ring(self, app: &App) -> RingId {
        let default = app.issuer().policy().keys.default_algorithm;
        RingId {
            algorithm: self.algorithm.unwrap_or(default),
            audience: self.audience,
        }
    }
}

impl KeyBody {
    fn of(key: KeySummary) -> Self {
        Self {
            kid: key.kid,
            algorithm: key.ring.algorithm.as_str(),
            audience: key.ring.audience.map(|audience| audience.to_string()),
            state: key.state.as_str(),
            created_at: key.created_at.secs(),
            published_at: key.published_at.map(Time::secs),
            activated_at: key.activated_at.map(Time::secs),
            known_at: key.known_at.map(Time::secs),
            held: key.held.map(|doubt| doubt.to_string()),
            verifies_until: key.verifies_until.map(Time::secs),
            ended_at: key.ended_at.map(Time::secs),
        }
    }
}
