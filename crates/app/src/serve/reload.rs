//! SIGHUP: the configuration and the files that it names anew, all or nothing.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use keywright_domain::Issuer;
use keywright_domain::ports::Custody;
use keywright_http::middleware::ProxiesHandle;
use keywright_http::server::TlsHandle;
use tokio::sync::watch;

use super::outward::{Behind, Outward};
use super::{Source, listen, refuse_unsafe};
use crate::adapter::mail::Mailer;
use crate::causes::with_causes;
use crate::config::{CertificateSource, Config};
use crate::custody::Vaults;

pub struct Reload {
    pub source: Source,
    pub issuer: Arc<Issuer>,
    pub custody: Arc<dyn Custody>,
    pub vaults: Arc<Vaults>,
    pub mailer: watch::Sender<Option<Arc<Mailer>>>,
    pub behind: Behind,
    pub tls: Option<TlsHandle>,
    pub proxies: ProxiesHandle,
    /// Settled when the server began to listen.
    pub client_certificates: CertificateSource,
}

impl Reload {
    pub fn run(&self) {
        match self.apply() {
            Ok(()) => {
                tracing::info!(target: "server.config.reloaded", file = %self.source.file.display(), "the configuration was reloaded")
            }
            Err(error) => tracing::error!(
                target: "server.config.refused",
                error = with_causes(error.as_ref()),
                "the configuration was not reloaded; nothing has changed"
            ),
        }
    }

    /// Everything that can fail comes first.
    fn apply(&self) -> Result<()> {
        let config = Config::load(&self.source.file, &self.source.environment)?;
        refuse_unsafe(&config)?;
        let policy = config.policy(&self.source.environment)?;
        if config.tls.client_certificates != self.client_certificates {
            bail!("tls.client_certificates: it cannot be changed while the server runs");
        }
        self.custody.supports(policy.keys.default_algorithm)?;
        let mailer = Mailer::from_config(&config, &self.source.environment)?.map(Arc::new);
        let outward = Outward::from_config(&config, &self.source.environment)?;
        self.vaults.reload(&config, &self.source.environment)?;
        match (&self.tls, listen::pem(&config)?) {
            (Some(tls), Some(pem)) => pem.replace_in(tls).context("tls")?,
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                bail!("tls: it cannot be switched on or off while the server runs")
            }
        }
        self.proxies.replace(listen::proxies(&config));
        self.issuer.reload(policy);
        self.mailer.send_replace(mailer);
        self.behind.replace(outward);
        Ok(())
    }
}
