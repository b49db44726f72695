//! A gRPC service by hand, so that nobody needs protoc to build the examples. tonic-prost-build makes the same of
//!
//! ```text
//! package shop;
//! service Orders { rpc Find(Wanted) returns (Order); }
//! message Wanted { uint64 number = 1; }
//! message Order { uint64 number = 1; string owner = 2; }
//! ```

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use keywright_verify::Verified;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

/// The path of the one method.
pub const FIND: &str = "/shop.Orders/Find";

/// Which order is asked for.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Wanted {
    #[prost(uint64, tag = "1")]
    pub number: u64,
}

/// An order, and whose it is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Order {
    #[prost(uint64, tag = "1")]
    pub number: u64,
    #[prost(string, tag = "2")]
    pub owner: String,
}

/// The service. It trusts the layer in front of it and refuses whatever came past none.
#[derive(Clone, Debug)]
pub struct Orders;

async fn find(request: Request<Wanted>) -> Result<Response<Order>, Status> {
    // The token that `VerifyLayer` has checked travels with the request.
    let token = request.extensions().get::<Arc<Verified>>();
    let owner = token
        .and_then(|token| token.sub())
        .ok_or_else(|| Status::unauthenticated("there is no verified token"))?
        .to_owned();
    let number = request.into_inner().number;
    Ok(Response::new(Order { number, owner }))
}

impl NamedService for Orders {
    const NAME: &'static str = "shop.Orders";
}

impl Service<http::Request<Body>> for Orders {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            if request.uri().path() != FIND {
                return Ok(Status::unimplemented("there is no such method").into_http());
            }
            let codec = ProstCodec::<Order, Wanted>::default();
            Ok(Grpc::new(codec)
                .unary(tower::service_fn(find), request)
                .await)
        })
    }
}
