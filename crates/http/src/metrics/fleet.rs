//! The verifiers that report back, as a scrape sees them.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use super::watched::Watched;

/// The connected verifiers in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetFigures {
    pub connected: u64,
    /// Events that the slowest of them has still to apply.
    pub lag: u64,
    /// Tokens that they refused since they started, by reason. The reasons are a fixed set: what verifiers write there is
    /// theirs, and must not make series.
    pub refused: Vec<(&'static str, u64)>,
    /// Signing keys that are due and held back, by reason.
    pub held: Vec<(&'static str, u64)>,
}

impl Collector for Watched<FleetFigures> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(fleet) = self.read() else {
            return Ok(());
        };
        for (name, help, value) in [
            (
                "keywright_verifiers_connected",
                "Verifiers that reported within a minute",
                fleet.connected,
            ),
            (
                "keywright_verifiers_lag_events",
                "Events that the slowest connected verifier has still to apply",
                fleet.lag,
            ),
        ] {
            let described = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            gauge(value).encode(described)?;
        }
        // Gauges: verifiers come and go, so the sums may fall.
        for (name, help, values) in [
            (
                "keywright_verifiers_refused",
                "Tokens that connected verifiers refused since they started",
                &fleet.refused,
            ),
            (
                "keywright_signing_keys_held",
                "Signing keys that are due and wait for evidence",
                &fleet.held,
            ),
        ] {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (reason, value) in values {
                gauge(*value).encode(family.encode_family(&[("reason", *reason)])?)?;
            }
        }
        Ok(())
    }
}

fn gauge(value: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
}
