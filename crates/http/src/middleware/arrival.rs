//! How a request came here, as far as that can be believed.

use std::net::IpAddr;

use keywright_domain::client::ClientCertificate;

use super::RequestId;

/// An extension of every request that passed [`stack`](super::stack). Handlers take the client's address from here and from
/// nowhere else.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The client's address: the peer's, or what trusted proxies vouch for. `None` only where a router is called in process.
    pub address: Option<IpAddr>,
    /// Whether the client's own connection was TLS.
    pub https: bool,
    /// What the client's own connection showed, as far as that is looked at here.
    pub certificate: Option<ClientCertificate>,
    pub request_id: RequestId,
}
