//! `/admin/v1/verifiers`: the services that check tokens, as they report themselves.

use std::collections::BTreeMap;

use keywright_domain::Time;
use keywright_domain::fleet::{Spike, Verifier};
use keywright_domain::keys::KeyRecord;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::Json;
use crate::problem::Problem;

#[derive(Serialize, ToSchema)]
#[schema(as = Verifier)]
pub struct VerifierBody {
    client_id: String,
    instance: String,
    software: String,
    /// It has reported within the last minute.
    connected: bool,
    reported_at: i64,
    /// The last event of the feed that it applied.
    position: Option<u64>,
    /// How many events it has still to apply.
    lag: u64,
    /// The keys that it believes.
    kids: Vec<String>,
    /// Keys that are served and that it has not reported.
    missing_kids: Vec<String>,
    accepted: u64,
    /// By refusal code, since the instance started.
    refused: BTreeMap<String, u64>,
    /// How old its knowledge of revocations was, in seconds.
    revocation_age: Option<u64>,
    /// What rises sharply there now: `unknown_keys`, `tampering`, `replay`.
    spikes: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub struct VerifierList {
    /// The position of the latest event.
    head: u64,
    verifiers: Vec<VerifierBody>,
}

pub async fn list_verifiers(app: App) -> Result<Json<VerifierList>, Problem> {
    let issuer = app.issuer();
    let verifiers = issuer.verifiers().await?;
    let (head, now, keys) = (issuer.feed().head(), issuer.now(), issuer.keys());
    let body = |verifier| VerifierBody::of(verifier, head, now, &keys);
    let verifiers = verifiers.into_iter().map(body).collect();
    Ok(Json(VerifierList { head, verifiers }))
}

impl VerifierBody {
    fn of(verifier: Verifier, head: u64, now: Time, keys: &[KeyRecord]) -> Self {
        let spikes = verifier.spikes.ongoing(now);
        Self {
            connected: verifier.is_connected(now),
            lag: verifier.lag(head),
            missing_kids: verifier.missing(keys),
            spikes: spikes.map(Spike::as_str).collect(),
            client_id: verifier.client.to_string(),
            reported_at: verifier.reported_at.secs(),
            instance: verifier.report.instance,
            software: verifier.report.software,
            position: verifier.report.position,
            kids: verifier.report.kids,
            accepted: verifier.report.accepted,
            refused: verifier.report.refused,
            revocation_age: verifier.report.revocation_age,
        }
    }
}
