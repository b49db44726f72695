//! What the configuration names outside and the server asks or tells: the database of addresses, the webhook's receiver.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::adapter::{Atlas, Geoip, Receiver, Webhook};
use crate::config::{Config, Environment};
use crate::deployment::Deployment;

/// Opened and not in use yet.
pub struct Outward {
    atlas: Option<Atlas>,
    receiver: Option<Receiver>,
}

/// The adapters that use it.
pub struct Behind {
    geoip: Arc<Geoip>,
    webhook: Arc<Webhook>,
}

impl Outward {
    pub fn from_config(config: &Config, environment: &Environment) -> Result<Self> {
        let file = config.sessions.geoip.as_ref();
        let atlas = file.map(|file| Atlas::open(&config.path(file)));
        Ok(Self {
            atlas: atlas.transpose().context("sessions.geoip")?,
            receiver: Receiver::from_config(config, environment).context("webhooks")?,
        })
    }
}

impl Behind {
    pub fn of(deployment: &Deployment) -> Self {
        Self {
            geoip: deployment.geoip.clone(),
            webhook: deployment.webhook.clone(),
        }
    }

    pub fn replace(&self, outward: Outward) {
        self.geoip.replace(outward.atlas);
        self.webhook.replace(outward.receiver);
    }
}
