//! What each `sslmode` accepts. A proxy speaks TLS with the store and plainly with the server behind it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keywright_domain::ports::Upkeep;
use keywright_store::{OpenError, Store, StoreConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::kit::Database;
use crate::kit::database::{fresh_folder, server_address, through};

/// The first message of a client that wants TLS (PostgreSQL documentation, "Message Formats": SSLRequest).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// An authority of certificates, and the file that holds its root.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    root: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let root = folder.join(name);
        std::fs::write(&root, issuer.pem()).unwrap();
        Self { issuer, root }
    }

    /// The TLS side of a server that goes by `name`.
    fn server(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Listens, and passes on what comes by TLS.
async fn listen(tls: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                // A refused handshake is what half of these connections end in.
                let _ = pass_on(client, tls).await;
            });
        }
    });
    port
}

async fn pass_on(mut client: TcpStream, tls: TlsAcceptor) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server_address()).await?;
    let mut first = [0; SSL_REQUEST.len()];
    client.peek(&mut first).await?;
    if first == SSL_REQUEST {
        client.read_exact(&mut first).await?;
        client.write_all(b"S").await?;
        let mut client = tls.accept(client).await?;
        copy_bidirectional(&mut client, &mut server).await?;
    } else {
        // Whoever asks for no TLS is turned away, so that a success means that there was some.
        client.shutdown().await?;
    }
    Ok(())
}

/// Opens the database through a server that has a certificate for `name` by `authority`.
async fn open(database: &Database, tls: TlsAcceptor, parameters: &str) -> Result<Store, OpenError> {
    let port = listen(tls).await;
    let StoreConfig::Postgres {
        url,
        pool_size,
        node,
    } = through(&database.config, port)
    else {
        panic!("PostgreSQL")
    };
    let url = format!("{url}&{parameters}");
    let patience = std::time::Duration::from_secs(30);
    let config = StoreConfig::Postgres {
        url,
        pool_size,
        node,
    };
    Store::open_with_deadline(&config, patience).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_sslmode_accepts_the_servers_that_libpq_would() {
    let database = Database::postgres().await;
    let folder = fresh_folder();
    let ours = Authority::new(&folder, "ours.pem");
    let other = Authority::new(&folder, "other.pem");
    let (root, wrong_root) = (ours.root.display(), other.root.display());
    let (right, misnamed) = ("127.0.0.1", "db.example.com");
    let cases = [
        ("sslmode=disable".to_owned(), right, false),
        ("sslmode=prefer".to_owned(), misnamed, true),
        ("sslmode=require".to_owned(), misnamed, true),
        (
            format!("sslmode=require&sslrootcert={root}"),
            misnamed,
            true,
        ),
        (
            format!("sslmode=require&sslrootcert={wrong_root}"),
            right,
            false,
        ),
        (
            format!("sslmode=verify-ca&sslrootcert={root}"),
            misnamed,
            true,
        ),
        (
            format!("sslmode=verify-ca&sslrootcert={wrong_root}"),
            right,
            false,
        ),
        (
            format!("sslmode=verify-full&sslrootcert={root}"),
            right,
            true,
        ),
        (
            format!("sslmode=verify-full&sslrootcert={root}"),
            misnamed,
            false,
        ),
        (
            format!("sslmode=verify-full&sslrootcert={wrong_root}"),
            right,
            false,
        ),
        ("sslmode=verify-full".to_owned(), right, false),
    ];
    for (parameters, name, accepted) in cases {
        match open(&database, ours.server(name), &parameters).await {
            Ok(store) => {
                assert!(accepted, "{parameters}, {name}");
                store.versions().await.unwrap();
            }
            Err(error) => assert!(!accepted, "{parameters}, {name}: {error}"),
        }
    }
    database.drop_schema().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_root_file_without_a_certificate_is_refused_by_name() {
    let folder = fresh_folder();
    let file = folder.join("empty.pem");
    std::fs::write(&file, "no certificate\n").unwrap();
    let url = format!(
        "postgres://u:p@127.0.0.1:1/db?sslmode=verify-full&sslrootcert={}",
        file.display()
    );
    let config = StoreConfig::Postgres {
        url,
        pool_size: 1,
        node: "tls".to_owned(),
    };
    let refused = Store::open(&config)
        .await
        .err()
        .expect("refused")
        .to_string();
    assert!(refused.contains("empty.pem"), "{refused}");
    std::fs::remove_dir_all(folder).unwrap();
}
