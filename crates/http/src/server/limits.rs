use std::time::Duration;

/// What one server gives to connections. The defaults suit one node behind the Internet.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// Connections at once. Keep it below the limit of open files.
    pub connections: usize,
    /// Connections at once from one address (IPv6: one /64). Trusted proxies are exempt.
    pub connections_per_network: usize,
    /// TLS handshakes at once: the costliest thing that a stranger can ask for.
    pub handshakes: usize,
    pub handshake_timeout: Duration,
    /// From the connection to the end of its first request's head.
    pub header_timeout: Duration,
    /// How long a connection may show no progress: no request whose head is complete, no response, no part of a response's
    /// body. It ends idle keep-alive connections and clients that send, or read, byte by byte; it is noticed after one to two
    /// times this long. Keep it above the request timeout, above the heartbeat of streams, and above the keep-alive time of
    /// proxies in front, which otherwise send a request into a connection that is just being closed.
    pub stall_timeout: Duration,
    /// How long requests that have begun may go on when the server is asked to stop.
    pub drain_deadline: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 8192,
            connections_per_network: 512,
            handshakes: 1024,
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(75),
            drain_deadline: Duration::from_secs(20),
        }
    }
}
