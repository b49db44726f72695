//! The sockets: the server's own, and one for metrics if they have an address of their own.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use keywright_domain::ports::{Clock, Entropy};
use keywright_http::metrics::Metrics;
use keywright_http::middleware::{ProxiesHandle, StackConfig, stack};
use keywright_http::server::{Server, ServerConfig, TlsHandle};
use keywright_http::{App, Route, mount, routes};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::listen;
use crate::adapter::{SystemClock, SystemEntropy};
use crate::config::Config;
use crate::deployment::Deployment;

const METRICS: &str = "/metrics";

/// Bound, so that the kernel takes connections; nobody is answered yet.
pub struct Doors {
    pub address: SocketAddr,
    pub tls: Option<TlsHandle>,
    pub proxies: ProxiesHandle,
    main: Server,
    for_metrics: Option<Server>,
    metrics: Arc<Metrics>,
}

pub struct OpenDoors {
    app: App,
    stop: watch::Sender<bool>,
    serving: JoinSet<()>,
}

impl Doors {
    pub async fn bind(config: &Config) -> Result<Self> {
        let metrics = Arc::new(Metrics::new(super::VERSION, SystemClock.now()));
        let main = listen::server(config, metrics.connections())?;
        let (tls, proxies) = (main.tls.clone(), main.proxies.clone());
        let (main, address) = bind(main).await?;
        let for_metrics = match config.metrics.address.filter(|_| config.metrics.enabled) {
            Some(address) => Some(bind(listen::plain(address, metrics.connections())).await?.0),
            None => None,
        };
        Ok(Self {
            address,
            tls,
            proxies,
            main,
            for_metrics,
            metrics,
        })
    }

    /// What the background counts as well.
    pub fn metrics(&self) -> Arc<Metrics> {
        self.metrics.clone()
    }

    /// Answers from now on.
    pub fn open(self, deployment: &Deployment) -> Result<OpenDoors> {
        super::figures::watch(&self.metrics, deployment);
        let app = App::new(deployment.issuer.clone(), self.metrics.clone())?;
        let apart = !deployment.config.metrics.enabled || self.for_metrics.is_some();
        let (metrics_rows, mut rows): (Vec<Route>, Vec<Route>) =
            routes().into_iter().partition(|row| row.path == METRICS);
        let metrics_router = mount(&metrics_rows, &app);
        if !apart {
            rows.extend(metrics_rows);
        }
        let stacked = |router, https| {
            let config = stack_config(self.proxies.clone(), https);
            stack(router, config, &self.metrics)
        };

        let (stop, stopped) = watch::channel(false);
        let mut serving = JoinSet::new();
        let https = deployment.issuer.policy().issuer.is_https();
        serving.spawn(run(
            self.main,
            stacked(mount(&rows, &app), https),
            stopped.clone(),
        ));
        if let Some(server) = self.for_metrics {
            serving.spawn(run(server, stacked(metrics_router, false), stopped));
        }
        Ok(OpenDoors { app, stop, serving })
    }
}

impl OpenDoors {
    /// Takes no new connections, and returns when the requests under way are answered or their time is up.
    pub async fn close(mut self) {
        // They would go on until the drain deadline.
        self.app.end_streams();
        self.stop.send_replace(true);
        while self.serving.join_next().await.is_some() {}
    }
}

async fn bind(config: ServerConfig) -> Result<(Server, SocketAddr)> {
    let address = config.listen;
    Server::bind(config)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

async fn run(server: Server, router: Router, mut stopped: watch::Receiver<bool>) {
    server
        .run(router, async move {
            // An error means that the sender is gone, which says the same.
            let _ = stopped.changed().await;
        })
        .await;
}

fn stack_config(proxies: ProxiesHandle, https_required: bool) -> StackConfig {
    let mut seed = [0; 8];
    SystemEntropy.fill(&mut seed);
    StackConfig {
        proxies,
        https_required,
        request_id_seed: u64::from_le_bytes(seed),
        ..StackConfig::default()
    }
}
