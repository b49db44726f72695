pub mod metrics;
pub mod middleware;
pub mod server;
