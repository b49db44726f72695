//! Figures that somebody else keeps and that are asked for at each scrape.

use std::fmt;
use std::sync::{Arc, OnceLock};

use keywright_domain::Period;
use keywright_domain::keys::KeyState;
use keywright_jwt::Algorithm;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// A signing key, as the scrape shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyAge {
    pub algorithm: Algorithm,
    /// The API that the key's ring belongs to; `None` for the rings that all APIs share.
    pub audience: Option<String>,
    pub state: KeyState,
    pub age: Period,
}

type Source<T> = dyn Fn() -> T + Send + Sync;

/// A source that is wired after the registry was made; until then nothing is shown.
pub(super) struct Watched<T>(Arc<OnceLock<Box<Source<T>>>>);

impl<T: 'static> Watched<T> {
    pub fn new() -> Self {
        Self(Arc::new(OnceLock::new()))
    }

    /// The first source stays.
    pub fn watch(&self, source: impl Fn() -> T + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(source));
    }

    pub fn read(&self) -> Option<T> {
        self.0.get().map(|source| source())
    }
}

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl Collector for Watched<u64> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(waiting) = self.read() else {
            return Ok(());
        };
        let gauge = ConstGauge::new(i64::try_from(waiting).unwrap_or(i64::MAX));
        gauge.encode(encoder.encode_descriptor(
            "keywright_hash_pool_queue",
            "Passwords that wait to be hashed",
            None,
            MetricType::Gauge,
        )?)
    }
}

impl Collector for Watched<Vec<KeyAge>> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(keys) = self.read() else {
            return Ok(());
        };
        let mut family = encoder.encode_descriptor(
            "keywright_signing_key_age_seconds",
            "Time since a signing key entered its state; the youngest where a ring has several in one state",
            None,
            MetricType::Gauge,
        )?;
        for (at, key) in keys.iter().enumerate() {
            let same = |other: &&KeyAge| {
                (other.algorithm, &other.audience, other.state)
                    == (key.algorithm, &key.audience, key.state)
            };
            // Two samples with one label set are an error to Prometheus.
            if keys[..at].iter().any(|other| same(&other)) {
                continue;
            }
            let youngest = keys
                .iter()
                .filter(same)
                .map(|key| key.age)
                .min()
                .unwrap_or(key.age);
            let labels = [
                ("algorithm", key.algorithm.as_str()),
                ("audience", key.audience.as_deref().unwrap_or("")),
                ("state", key.state.as_str()),
            ];
            ConstGauge::new(youngest.as_secs()).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
