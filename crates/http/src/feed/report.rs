//! `POST /feed/report`

use std::collections::BTreeMap;

use http::StatusCode;
use keywright_domain::feed::Follower;
use keywright_domain::fleet::{Report, TimingBucket};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::ShortJson;
use crate::problem::Problem;

/// What a verifier tells about itself. Counts are totals since the instance started.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FleetReport {
    /// Which of the client's processes: 1 to 64 printable characters.
    instance: String,
    /// Name and version of the library, such as `keywright-verify/0.1.0`.
    software: String,
    /// The last event of the feed that it applied.
    position: Option<u64>,
    /// The keys that it believes.
    kids: Vec<String>,
    accepted: u64,
    /// By refusal code.
    refused: BTreeMap<String, u64>,
    /// How long verifications took.
    #[serde(default)]
    verification_micros: Vec<TimingBar>,
    /// How old its knowledge of revocations is, in seconds.
    revocation_age: Option<u64>,
}

/// How many verifications took at most so long, and longer than the bar before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimingBar {
    /// In microseconds. Without it: anything longer.
    at_most: Option<u64>,
    count: u64,
}

pub async fn take_report(
    app: App,
    follower: Follower,
    ShortJson(report): ShortJson<FleetReport>,
) -> Result<StatusCode, Problem> {
    app.issuer().take_report(&follower, report.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<FleetReport> for Report {
    fn from(report: FleetReport) -> Self {
        let bars = report.verification_micros.into_iter();
        let bucket = |bar: TimingBar| TimingBucket {
            at_most: bar.at_most,
            count: bar.count,
        };
        Self {
            instance: report.instance,
            software: report.software,
            position: report.position,
            kids: report.kids,
            accepted: report.accepted,
            refused: report.refused,
            verification_micros: bars.map(bucket).collect(),
            revocation_age: report.revocation_age,
        }
    }
}
