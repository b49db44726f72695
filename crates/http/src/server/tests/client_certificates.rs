//! Certificates of clients, by real handshakes.

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, HandshakeKind, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use super::kit::{Running, start};
use crate::server::{AskClients, Peer, ServerLimits, TlsHandle};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate and its key.
struct Own {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn named() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

fn self_signed() -> Own {
    let key = KeyPair::generate().unwrap();
    let certificate = named().self_signed(&key).unwrap();
    Own {
        certificate: certificate.into(),
        key,
    }
}

fn issued(by: &Issuer<'_, KeyPair>, params: &CertificateParams) -> Own {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    Own {
        certificate: certificate.into(),
        key,
    }
}

/// Says what the connection showed.
fn telling() -> Router {
    let tell = async |Extension(peer): Extension<Peer>| match peer.certificate {
        None => "nothing".to_owned(),
        Some(shown) if shown.has_trusted_chain() => format!("chain {}", shown.thumbprint()),
        Some(shown) => format!("key {}", shown.thumbprint()),
    };
    Router::new().route("/", get(tell))
}

struct Site {
    server: Running,
    tls: TlsHandle,
    own: Own,
    pem: String,
}

impl Site {
    async fn asking(clients: AskClients<'_>) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let pem = made.cert.pem();
        let key = made.signing_key;
        let tls =
            TlsHandle::from_pem(pem.as_bytes(), key.serialize_pem().as_bytes(), clients).unwrap();
        Self {
            server: start(ServerLimits::default(), Some(tls.clone()), telling()).await,
            tls,
            own: Own {
                certificate: made.cert.into(),
                key,
            },
            pem,
        }
    }

    fn now_asks(&self, clients: AskClients<'_>) {
        let key = self.own.key.serialize_pem();
        self.tls
            .replace(self.pem.as_bytes(), key.as_bytes(), clients)
            .unwrap();
    }

    /// A client that keeps its sessions, and so resumes the second time.
    fn client(
        &self,
        shows: Option<&Own>,
        version: &'static SupportedProtocolVersion,
    ) -> Arc<ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.own.certificate.clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match shows {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let key = PrivateKeyDer::try_from(own.key.serialize_der()).unwrap();
                builder
                    .with_client_auth_cert(vec![own.certificate.clone()], key)
                    .unwrap()
            }
        })
    }

    async fn told(&self, client: &Arc<ClientConfig>) -> String {
        self.told_and_how(client).await.0
    }

    async fn told_and_how(&self, client: &Arc<ClientConfig>) -> (String, Option<HandshakeKind>) {
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(client.clone());
        let mut stream = connector
            .connect(name, self.server.connect().await)
            .await
            .unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let word = body.split(' ').next().unwrap().to_owned();
        (word, stream.get_ref().1.handshake_kind())
    }

    async fn made_of(&self, shows: Option<&Own>) -> String {
        self.told(&self.client(shows, &TLS13)).await
    }
}

#[tokio::test]
async fn everybody_is_asked_and_nobody_has_to_show_one() {
    let site = Site::asking(AskClients::AnyKey).await;
    let own = self_signed();
    assert_eq!(site.made_of(None).await, "nothing");
    assert_eq!(site.made_of(Some(&own)).await, "key");
    let older = site.client(Some(&own), &TLS12);
    assert_eq!(site.told(&older).await, "key");
    site.now_asks(AskClients::No);
    assert_eq!(site.made_of(Some(&own)).await, "nothing");
}

#[tokio::test]
async fn names_count_where_an_authority_has_issued_the_certificate() {
    let (ours, theirs) = (authority(), authority());
    let roots = ours.pem();
    let site = Site::asking(AskClients::WithRoots(roots.as_bytes())).await;
    let mut over = named();
    over.not_after = rcgen::date_time_ymd(2001, 1, 1);
    for (own, expected) in [
        (issued(&ours, &named()), "chain"),
        (issued(&theirs, &named()), "key"),
        (issued(&ours, &over), "key"),
        (self_signed(), "key"),
    ] {
        assert_eq!(site.made_of(Some(&own)).await, expected);
    }
    assert_eq!(site.made_of(None).await, "nothing");
}

#[tokio::test]
async fn who_resumes_is_judged_again() {
    let ours = authority();
    let roots = ours.pem();
    let site = Site::asking(AskClients::WithRoots(roots.as_bytes())).await;
    let own = issued(&ours, &named());
    for version in [&TLS13, &TLS12] {
        let client = site.client(Some(&own), version);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let told = site.told_and_how(&client).await;
            assert_eq!(told, ("chain".to_owned(), Some(kind)));
        }
    }
    let client = site.client(Some(&own), &TLS13);
    assert_eq!(site.told(&client).await, "chain");
    let others = authority().pem();
    site.now_asks(AskClients::WithRoots(others.as_bytes()));
    assert_eq!(
        site.told(&client).await,
        "key",
        "the authority is trusted no more"
    );
}

#[tokio::test]
async fn a_certificate_without_its_key_ends_the_handshake() {
    let site = Site::asking(AskClients::AnyKey).await;
    let stolen = Own {
        certificate: self_signed().certificate,
        key: KeyPair::generate().unwrap(),
    };
    let provider = aws_lc_rs::default_provider();
    let key = PrivateKeyDer::try_from(stolen.key.serialize_der()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    // rustls would not pair them.
    let certified = rustls::sign::CertifiedKey::new(vec![stolen.certificate], key);
    let mut client = (*site.client(None, &TLS13)).clone();
    let resolver = rustls::sign::SingleCertAndKey::from(certified);
    client.client_auth_cert_resolver = Arc::new(resolver);
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    // With TLS 1.3 the client has finished before the server has looked.
    if let Ok(mut stream) = connector.connect(name, site.server.connect().await).await {
        let _ = stream.write_all(super::kit::REQUEST).await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer).await;
        assert!(read.is_err() && answer.is_empty(), "{answer:?}");
    }
    site.server
        .counts("keywright_tls_handshakes_failed_total{reason=\"refused\"} 1")
        .await;
}
