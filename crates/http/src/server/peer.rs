use std::net::SocketAddr;

use keywright_domain::client::ClientCertificate;

/// The other end of the connection, as the kernel and TLS know it: an extension of every request. Behind a proxy it is the
/// proxy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub address: SocketAddr,
    pub is_tls: bool,
    /// What it showed, where the server asks for it.
    pub certificate: Option<ClientCertificate>,
}
