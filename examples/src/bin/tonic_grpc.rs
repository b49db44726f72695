//! A gRPC service on tonic. It takes the layer as it is: refusals are answers of 401 and 403, which every gRPC client reads as
//! UNAUTHENTICATED and PERMISSION_DENIED.
#![expect(clippy::print_stdout, reason = "says where it listens")]

use keywright_examples::orders::Orders;
use keywright_examples::{arguments, verifier};
use keywright_verify::tower::{VerifyLayer, require_scope};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (verifier, _background) = verifier(&arguments()?).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Server::builder()
        .layer(VerifyLayer::new(verifier))
        .layer(require_scope("read:orders"))
        .add_service(Orders)
        .serve_with_incoming(TcpIncoming::from(listener))
        .await?;
    Ok(())
}
