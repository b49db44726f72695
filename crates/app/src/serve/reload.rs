//! SIGHUP: the configuration and the files that it names anew, all or nothing.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use keywright_custody::Pkcs11Custody;
use keywright_domain::Issuer;
use keywright_domain::ports::Custody;
use keywright_http::middleware::ProxiesHandle;
use keywright_http::server::TlsHandle;
use tokio::sync::watch;

use super::outward::{Behind, Outward};
use super::{Source, listen, refuse_unsafe};
use crate::adapter::mail::Mailer;
use crate::adapter::off_workers;
use crate::causes::with_causes;
use crate::config::{CertificateSource, Config, Pkcs11};
use crate::custody;

pub struct Reload {
    pub source: Source,
    pub issuer: Arc<Issuer>,
    pub custody: Arc<dyn Custody>,
    pub token: Option<Arc<Pkcs11Custody>>,
    /// As the token was opened by.
    pub pkcs11: Pkcs11,
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
        self.reload_token(&config)?;
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

    /// A token that does not answer, or refuses the PIN, refuses the reload too: the next start would fail with it.
    fn reload_token(&self, config: &Config) -> Result<()> {
        let but_for_the_pin = |section: &Pkcs11| Pkcs11 {
            pin: None,
            ..section.clone()
        };
        if but_for_the_pin(&config.pkcs11) != but_for_the_pin(&self.pkcs11) {
            bail!("pkcs11: only the PIN can be changed while the server runs");
        }
        let Some(token) = &self.token else {
            return Ok(());
        };
        let pin = custody::pin(config, &self.source.environment)?;
        off_workers(|| token.take_pin(pin)).map_err(custody::named)
    }
}
