//! The same layer without axum: a tower service on a hyper connection.
#![expect(clippy::print_stdout, reason = "says where it listens")]

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use keywright_examples::{arguments, verifier};
use keywright_verify::Verified;
use keywright_verify::tower::{VerifyLayer, require_scope};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

async fn greet(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let token = request.extensions().get::<Arc<Verified>>();
    let name = token.and_then(|token| token.sub()).unwrap_or("nobody");
    Ok(Response::new(Full::from(format!("hello {name}"))))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (verifier, _background) = verifier(&arguments()?).await?;
    let service = ServiceBuilder::new()
        .layer(VerifyLayer::new(verifier))
        .layer(require_scope("read:orders"))
        .service_fn(greet);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        // A client that goes away in the middle is its own affair.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
