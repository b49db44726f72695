//! The server's life: start, reload, stop.

mod doors;
mod figures;
mod fleet;
mod listen;
mod outward;
mod reload;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use keywright_domain::Issuer;
use tokio::sync::watch;

use crate::adapter::mail::Mailer;
use crate::background::{Background, follow};
use crate::causes::with_causes;
use crate::config::{Config, Environment, Severity, lint};
use crate::demo::{self, Follower};
use crate::deployment::Deployment;
use doors::Doors;
use outward::{Behind, Outward};
use reload::Reload;
use signals::{Asked, Signals};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A server that has its sockets and its issuer and has not answered anybody yet.
pub struct Prepared {
    pub deployment: Deployment,
    doors: Doors,
    mailer: Option<Arc<Mailer>>,
    outward: Outward,
    signals: Signals,
    source: Source,
}

/// Where the configuration came from, and comes from at a reload.
pub struct Source {
    pub file: PathBuf,
    pub environment: Environment,
}

impl Prepared {
    pub async fn new(config: Config, file: &Path, environment: &Environment) -> Result<Self> {
        refuse_unsafe(&config)?;
        let signals = Signals::listen()?;
        let mailer = Mailer::from_config(&config, environment)?.map(Arc::new);
        let outward = Outward::from_config(&config, environment)?;
        // The sockets before the database: a port that is taken is known before anything is touched.
        let doors = Doors::bind(&config).await?;
        let deployment = Deployment::open(config, environment).await?;
        let source = Source {
            file: file.to_owned(),
            environment: environment.clone(),
        };
        Ok(Self {
            deployment,
            doors,
            mailer,
            outward,
            signals,
            source,
        })
    }

    /// Serves until SIGTERM or SIGINT; `announce` is called once requests are answered.
    pub async fn serve(self, announce: impl FnOnce()) -> Result<()> {
        let Self {
            deployment,
            doors,
            mailer,
            outward,
            mut signals,
            source,
        } = self;
        let issuer = deployment.issuer.clone();
        let behind = Behind::of(&deployment);
        behind.replace(outward);
        // The lists are there when the first token is.
        follow(issuer.clone()).await.map_err(anyhow::Error::msg)?;
        let (address, tls, proxies) = (doors.address, doors.tls.clone(), doors.proxies.clone());
        let metrics = doors.metrics();
        let open = doors.open(&deployment)?;
        let (mailer, current_mailer) = watch::channel(mailer);
        let background = Background::start(&deployment, &metrics, current_mailer);
        tracing::info!(
            target: "server.started", version = VERSION, issuer = issuer.policy().issuer.as_str(),
            database = deployment.database(), %address, tls = tls.is_some(), "serving"
        );
        start_demo(&deployment.config, &issuer, &source.environment);
        announce();

        let reload = Reload {
            source,
            issuer,
            custody: deployment.custody.clone(),
            vaults: deployment.vaults.clone(),
            mailer,
            behind,
            tls,
            proxies,
            client_certificates: deployment.config.tls.client_certificates,
        };
        while signals.next().await == Asked::Reload {
            reload.run();
        }
        tracing::info!(target: "server.stopping", "finishing the requests under way");
        open.close().await;
        background.stop().await;
        tracing::info!(target: "server.stopped", "stopped");
        Ok(())
    }
}

/// An unsafe configuration never serves; a doubtful one says so in the log.
fn refuse_unsafe(config: &Config) -> Result<()> {
    let findings = lint(config);
    let texts = |severity: Severity| {
        let of = findings
            .iter()
            .filter(move |finding| finding.severity == severity);
        of.map(|finding| format!("{} {}", finding.key, finding.text))
    };
    for text in texts(Severity::Warning) {
        tracing::warn!(target: "config.check.doubtful", "{text}");
    }
    let errors: Vec<String> = texts(Severity::Error).collect();
    if errors.is_empty() {
        Ok(())
    } else {
        bail!("unsafe configuration: {}", errors.join("; "))
    }
}

fn start_demo(config: &Config, issuer: &Issuer, environment: &Environment) {
    let (Some(address), Some(audience)) = (config.demo.address, config.demo.audience.clone())
    else {
        return;
    };
    let issuer = issuer.policy().issuer.as_str().to_owned();
    let follower = demo_follower(config, environment);
    tokio::spawn(async move {
        if let Err(error) = demo::serve(address, &issuer, audience.as_str(), follower).await {
            let error = with_causes(error.as_ref());
            tracing::error!(target: "demo.failed", error, "the demo API ended");
        }
    });
}

fn demo_follower(config: &Config, environment: &Environment) -> Option<Follower> {
    let (client, secret) = config
        .demo
        .client
        .clone()
        .zip(config.demo.secret.as_ref())?;
    match secret.read(&config.base, environment) {
        Ok(secret) => Some(Follower { client, secret }),
        Err(error) => {
            tracing::warn!(target: "demo.secret.unreadable", %error, "the demo API polls instead of following the feed");
            None
        }
    }
}
