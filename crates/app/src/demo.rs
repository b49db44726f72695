//! The demo API: what a service that protects itself with `keywright-verify` looks like. It knows the issuer's URL and its own
//! audience, and nothing else of the process that it happens to run in.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use keywright_domain::secret::PlainSecret;
use keywright_verify::axum::Bearer;
use keywright_verify::remote::{RemoteFeed, RemoteKeys, RemoteStatusLists};
use keywright_verify::tower::{VerifyLayer, require_scope};
use keywright_verify::{StatusLists, Verifier, WhenUnknown};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Seconds for which what is known of killed tokens counts.
const KNOWLEDGE: u32 = 120;
/// Orders that strangers may leave behind; the oldest go first.
const MOST_ORDERS: usize = 100;

#[derive(Clone, Default)]
struct Orders(Arc<Mutex<Vec<Value>>>);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    item: String,
}

/// The client as which the demo API follows the feed.
pub struct Follower {
    pub client: String,
    pub secret: PlainSecret,
}

/// Serves until the process ends. The issuer must answer by now: its keys are fetched once before the first request.
pub async fn serve(
    address: SocketAddr,
    issuer: &str,
    audience: &str,
    follower: Option<Follower>,
) -> Result<()> {
    let keys = RemoteKeys::of_issuer(issuer).start()?;
    let lists = StatusLists::new(issuer, keys.slot(), KNOWLEDGE);
    let lists = RemoteStatusLists::of(lists).discover().start()?;
    let verifier = Verifier::builder(issuer, keys.slot())
        .audience(audience)
        // Better no orders than a killed token's.
        .revocation(lists.clone(), WhenUnknown::FailClosed)
        .build()?;
    let follow = |Follower { client, secret }: Follower| {
        RemoteFeed::of(&keys, &lists, &client, secret.expose())
            .report(&verifier)
            .instance("demo")
            .start()
    };
    let _feed = follower.map(follow).transpose()?;
    if let Err(error) = keys.ready().await {
        tracing::warn!(target: "demo.keys.unavailable", %error, "the demo API has no keys yet and goes on trying");
    }
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("the demo API cannot listen on {address}"))?;
    axum::serve(listener, router(verifier)).await?;
    Ok(())
}

fn router(verifier: Verifier) -> Router {
    let orders = Orders(Arc::new(Mutex::new(vec![
        json!({ "item": "coffee", "by": "the house" }),
    ])));
    Router::new()
        .merge(
            Router::new()
                .route("/orders", get(list_orders))
                .layer(require_scope("read:orders")),
        )
        .merge(
            Router::new()
                .route("/orders", post(place_order))
                .layer(require_scope("write:orders")),
        )
        .layer(VerifyLayer::new(verifier).realm("orders"))
        .with_state(orders)
}

async fn list_orders(token: Bearer, State(orders): State<Orders>) -> Json<Value> {
    let orders = orders
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    Json(
        json!({ "caller": token.sub(), "scopes": token.scopes().collect::<Vec<_>>(), "orders": orders }),
    )
}

async fn place_order(
    token: Bearer,
    State(orders): State<Orders>,
    Json(new): Json<NewOrder>,
) -> (StatusCode, Json<Value>) {
    let order = json!({ "item": new.item, "by": token.sub() });
    let mut orders = orders.0.lock().unwrap_or_else(PoisonError::into_inner);
    if orders.len() == MOST_ORDERS {
        orders.remove(0);
    }
    orders.push(order.clone());
    (StatusCode::CREATED, Json(order))
}
