use std::net::SocketAddr;

/// The other end of the connection, as the kernel and TLS know it: an extension of every request. Behind a proxy it is the
/// proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub address: SocketAddr,
    pub is_tls: bool,
}
