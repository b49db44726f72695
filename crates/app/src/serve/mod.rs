//! The server's life: start, reload, stop.

mod listen;
mod reload;
mod signals;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use keywright_domain::Issuer;
use keywright_domain::ports::{Clock, Entropy};
use keywright_http::App;
use keywright_http::metrics::{KeyAge, Metrics};
use keywright_http::middleware::{StackConfig, stack};
use keywright_http::server::{Server, TlsHandle};
use tokio::sync::{oneshot, watch};

use crate::adapter::mail::Mailer;
use crate::adapter::{SystemClock, SystemEntropy};
use crate::background::Background;
use crate::config::{Config, Environment, Severity, lint};
use crate::demo;
use crate::deployment::Deployment;
use reload::Reload;
use signals::{Asked, Signals};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A server that has its socket and its issuer and has not answered anybody yet.
pub struct Prepared {
    pub deployment: Deployment,
    server: Server,
    address: SocketAddr,
    tls: Option<TlsHandle>,
    metrics: Arc<Metrics>,
    mailer: Option<Arc<Mailer>>,
    signals: Signals,
    file: PathBuf,
    environment: Environment,
}

impl Prepared {
    pub async fn new(config: Config, file: &Path, environment: &Environment) -> Result<Self> {
        refuse_unsafe(&config)?;
        let signals = Signals::listen()?;
        let metrics = Arc::new(Metrics::new(VERSION, SystemClock.now()));
        let server_config = listen::server(&config, metrics.connections())?;
        let tls = server_config.tls.clone();
        let mailer = Mailer::from_config(&config, environment)?.map(Arc::new);
        // The socket before the database: a port that is taken is known before anything is touched.
        let listen = config.listen.address;
        let (server, address) = Server::bind(server_config)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        let deployment = Deployment::open(config, environment).await?;
        let (file, environment) = (file.to_owned(), environment.clone());
        Ok(Self {
            deployment,
            server,
            address,
            tls,
            metrics,
            mailer,
            signals,
            file,
            environment,
        })
    }

    /// Serves until SIGTERM or SIGINT; `announce` is called once requests are answered.
    pub async fn serve(self, announce: impl FnOnce()) -> Result<()> {
        let Self {
            deployment,
            server,
            address,
            tls,
            metrics,
            mailer,
            mut signals,
            file,
            environment,
        } = self;
        let issuer = deployment.issuer.clone();
        watch_figures(&metrics, &deployment);
        let router = stack(
            keywright_http::router(&App::new(issuer.clone(), metrics.clone())?),
            stack_config(&deployment),
            &metrics,
        );
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(router, async {
            // A sender that is gone means the same as one that spoke.
            let _ = stopped.await;
        }));
        let (mailer, current_mailer) = watch::channel(mailer);
        let background = Background::start(&deployment, current_mailer);
        tracing::info!(
            target: "server.started", version = VERSION, issuer = issuer.policy().issuer.as_str(),
            database = deployment.database(), %address, tls = tls.is_some(), "serving"
        );
        start_demo(&deployment.config, &issuer);
        announce();

        let reload = Reload {
            file,
            environment,
            issuer,
            mailer,
            tls,
        };
        while signals.next().await == Asked::Reload {
            reload.run();
        }
        tracing::info!(target: "server.stopping", "finishing the requests under way");
        let _ = stop.send(());
        serving.await?;
        background.stop().await;
        tracing::info!(target: "server.stopped", "stopped");
        Ok(())
    }
}

/// An unsafe configuration never serves; a doubtful one says so in the log.
fn refuse_unsafe(config: &Config) -> Result<()> {
    let findings = lint(config);
    for finding in findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
    {
        tracing::warn!(target: "config.check.doubtful", key = finding.key, "{}", finding.text);
    }
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{}: {}", finding.key, finding.text))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        bail!("unsafe configuration: {}", errors.join("; "))
    }
}

fn stack_config(deployment: &Deployment) -> StackConfig {
    let mut seed = [0; 8];
    SystemEntropy.fill(&mut seed);
    StackConfig {
        proxies: listen::proxies(&deployment.config),
        https_required: deployment.issuer.policy().issuer.is_https(),
        request_id_seed: u64::from_le_bytes(seed),
        ..StackConfig::default()
    }
}

fn watch_figures(metrics: &Metrics, deployment: &Deployment) {
    let passwords = deployment.passwords.clone();
    metrics.watch_hash_queue(move || passwords.waiting() as u64);
    let issuer = deployment.issuer.clone();
    metrics.watch_keys(move || key_ages(&issuer));
}

fn key_ages(issuer: &Issuer) -> Vec<KeyAge> {
    let now = issuer.now();
    let age = |key: &keywright_domain::keys::KeyRecord| KeyAge {
        algorithm: key.ring.algorithm,
        audience: key.ring.audience.as_ref().map(ToString::to_string),
        state: key.state,
        age: now.since(key.created_at),
    };
    issuer.keys().iter().map(age).collect()
}

fn start_demo(config: &Config, issuer: &Issuer) {
    let (Some(address), Some(audience)) = (config.demo.address, config.demo.audience.clone())
    else {
        return;
    };
    let issuer = issuer.policy().issuer.as_str().to_owned();
    tokio::spawn(async move {
        if let Err(error) = demo::serve(address, &issuer, audience.as_str()).await {
            tracing::error!(target: "demo.failed", error = format!("{error:#}"), "the demo API ended");
        }
    });
}
