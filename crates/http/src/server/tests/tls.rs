use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::kit::{REQUEST, Running, ask, closed_after, router, short_limits, start};
use crate::server::{AskClients, ServerLimits, TlsHandle};

struct Certificate {
    chain: String,
    key: String,
    der: CertificateDer<'static>,
}

fn certificate() -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Certificate {
        chain: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
        der: made.cert.der().clone(),
    }
}

impl Certificate {
    fn handle(&self) -> TlsHandle {
        self.asking(AskClients::No)
    }

    fn asking(&self, clients: AskClients<'_>) -> TlsHandle {
        TlsHandle::from_pem(self.chain.as_bytes(), self.key.as_bytes(), clients).unwrap()
    }
}

/// A client that trusts exactly this certificate.
async fn connect(
    server: &Running,
    trusted: &Certificate,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_by(server, trusted, protocol, aws_lc_rs::default_provider()).await
}

async fn connect_by(
    server: &Running,
    trusted: &Certificate,
    protocol: &[u8],
    provider: CryptoProvider,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, server.connect().await)
        .await
}

#[tokio::test]
async fn http2_is_negotiated_and_many_requests_share_a_connection() {
    let certificate = certificate();
    let server = start(
        ServerLimits::default(),
        Some(certificate.handle()),
        router(),
    )
    .await;
    let stream = connect(&server, &certificate, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let driver = tokio::spawn(connection);
    for _ in 0..3 {
        let request = http::Request::get("https://localhost/")
            .body(Body::empty())
            .unwrap();
        let response = requests.send_request(request).await.unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        assert_eq!(
            response.into_body().collect().await.unwrap().to_bytes(),
            "hello"
        );
    }
    server
        .counts("keywright_connections_accepted_total 1")
        .await;
    driver.abort();
}

#[tokio::test]
async fn tls_1_2_is_spoken_with_ecdhe_and_aes_gcm_alone() {
    use rustls::CipherSuite::{
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS13_CHACHA20_POLY1305_SHA256,
    };
    let certificate = certificate();
    let server = start(
        ServerLimits::default(),
        Some(certificate.handle()),
        router(),
    )
    .await;
    for (suite, is_spoken) in [
        (TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true),
        (TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true),
        (TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, false),
        (TLS13_CHACHA20_POLY1305_SHA256, true),
    ] {
        let mut offered = aws_lc_rs::default_provider();
        offered.cipher_suites.retain(|own| own.suite() == suite);
        assert_eq!(offered.cipher_suites.len(), 1);
        let connected = connect_by(&server, &certificate, b"http/1.1", offered).await;
        let spoken = connected.map(|stream| {
            let (_, connection) = stream.get_ref();
            connection.negotiated_cipher_suite().map(|own| own.suite())
        });
        assert_eq!(spoken.ok(), is_spoken.then_some(Some(suite)), "{suite:?}");
    }
}

#[tokio::test]
async fn a_replaced_certificate_is_shown_to_new_connections_and_open_ones_live_on() {
    let (old, new) = (certificate(), certificate());
    let handle = old.handle();
    let server = start(ServerLimits::default(), Some(handle.clone()), router()).await;
    let open = connect(&server, &old, b"http/1.1").await.unwrap();
    handle
        .replace(new.chain.as_bytes(), new.key.as_bytes(), AskClients::No)
        .unwrap();
    assert!(connect(&server, &old, b"http/1.1").await.is_err());
    assert!(connect(&server, &new, b"http/1.1").await.is_ok());

    let (mut requests, connection) = hyper::client::conn::http1::handshake(TokioIo::new(open))
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let request = http::Request::get("/")
        .header("host", "localhost")
        .body(Body::empty())
        .unwrap();
    assert_eq!(requests.send_request(request).await.unwrap().status(), 200);
    driver.abort();
}

#[tokio::test]
async fn a_handshake_that_does_not_begin_is_cut() {
    let server = start(short_limits(), Some(certificate().handle()), router()).await;
    assert!(closed_after(&mut server.connect().await).await < Duration::from_secs(3));
    server
        .counts("keywright_tls_handshakes_failed_total{reason=\"timed_out\"} 1")
        .await;
}

#[tokio::test]
async fn plain_http_on_the_tls_port_is_no_way_in() {
    let server = start(short_limits(), Some(certificate().handle()), router()).await;
    let mut client = server.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut client, REQUEST)
        .await
        .unwrap();
    closed_after(&mut client).await;
    server
        .counts("keywright_tls_handshakes_failed_total{reason=\"refused\"} 1")
        .await;
}

#[tokio::test]
async fn who_stops_in_the_middle_of_a_handshake_does_not_keep_others_out_for_ever() {
    let certificate = certificate();
    let limits = ServerLimits {
        handshakes: 1,
        handshake_timeout: Duration::from_secs(1),
        ..short_limits()
    };
    let server = start(limits, Some(certificate.handle()), router()).await;
    let mut half = server.connect().await;
    // The head of a TLS record that never comes.
    tokio::io::AsyncWriteExt::write_all(&mut half, &[22, 3, 1, 2, 0])
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(
        connect(&server, &certificate, b"http/1.1").await.is_ok(),
        "served when the place is free again"
    );
}

#[tokio::test]
async fn http2_without_tls_works_with_prior_knowledge() {
    let server = start(ServerLimits::default(), None, router()).await;
    let stream = TokioIo::new(server.connect().await);
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
            .await
            .unwrap();
    let driver = tokio::spawn(connection);
    let request = http::Request::get("http://localhost/")
        .body(Body::empty())
        .unwrap();
    assert_eq!(requests.send_request(request).await.unwrap().status(), 200);
    driver.abort();
    let mut plain = server.connect().await;
    assert!(ask(&mut plain, REQUEST).await.starts_with("HTTP/1.1 200"));
}
