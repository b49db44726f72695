//! An API on axum: one layer for all routes, a scope per route, claims as a type, and the document that leads clients to
//! the issuer.
#![expect(clippy::print_stdout, reason = "says where it listens")]

use axum::{Router, routing::get};
use keywright_examples::{arguments, verifier};
use keywright_verify::axum::{Bearer, Claims};
use keywright_verify::tower::{ResourceMetadata, VerifyLayer, require_scope};
use tokio::net::TcpListener;

#[derive(serde::Deserialize)]
struct Tenant {
    tenant: Option<String>,
}

async fn list_orders(token: Bearer, Claims(claims): Claims<Tenant>) -> String {
    let tenant = claims.tenant.as_deref().unwrap_or("none");
    format!(
        "orders of {} (tenant {tenant})",
        token.sub().unwrap_or_default()
    )
}

async fn whoami(token: Bearer) -> String {
    token.sub().unwrap_or_default().to_owned()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = arguments()?;
    let (verifier, _background) = verifier(&arguments).await?;
    let metadata = ResourceMetadata::new(&arguments.audience)
        .issuer(&arguments.issuer)
        .scope("read:orders");
    let app = Router::new()
        .route(
            "/orders",
            get(list_orders).layer(require_scope("read:orders")),
        )
        .route("/whoami", get(whoami))
        .layer(
            VerifyLayer::new(verifier)
                .realm("orders")
                .resource_metadata(&metadata.url()),
        )
        .route_service(&metadata.path(), metadata.service());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
