//! All clients at one address: takes logout tokens and notes when they came.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

type Arrivals = Arc<Mutex<Vec<Instant>>>;

pub struct Receiver {
    address: SocketAddr,
    arrivals: Arrivals,
    /// Ends when this is dropped.
    _server: JoinSet<()>,
}

impl Receiver {
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, arrivals) = (listener.local_addr()?, Arrivals::default());
        let noted = arrivals.clone();
        let take = move |form: String| {
            let is_token = form.starts_with("logout_token=");
            if is_token {
                held(&noted).push(Instant::now());
            }
            std::future::ready(match is_token {
                true => StatusCode::OK,
                false => StatusCode::BAD_REQUEST,
            })
        };
        let router = Router::new().route("/{client}", post(take));
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It serves until this process ends it.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            arrivals,
            _server: server,
        })
    }

    /// Of one of the clients.
    pub fn address(&self, client: usize) -> String {
        format!("http://{}/{client}", self.address)
    }

    pub fn count(&self) -> usize {
        held(&self.arrivals).len()
    }

    /// What came since this was last asked.
    pub fn take(&self) -> Vec<Instant> {
        std::mem::take(&mut held(&self.arrivals))
    }
}

fn held(arrivals: &Arrivals) -> std::sync::MutexGuard<'_, Vec<Instant>> {
    arrivals.lock().unwrap_or_else(PoisonError::into_inner)
}
