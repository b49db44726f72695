//! Certificates of clients, as they show them and as a proxy tells of them (RFC 9440).

use aws_lc_rs::digest;
use keywright_jwt::{Algorithm, PrivateKey, SigningKey};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::Actor;

/// The proxy that is believed by whoever is [behind](crate::TestIssuer::behind_a_proxy) it.
pub const PROXY: &str = "10.0.0.1";

/// A certificate of `CN=name,O=Example` and `name.example`, and its key.
pub struct Certified {
    pub key: SigningKey,
    private: PrivateKey,
    name: String,
    der: Vec<u8>,
}

impl Certified {
    pub fn new(name: &str) -> Self {
        let (key, private) = SigningKey::generate(Algorithm::Es256).expect("a key can be made");
        let der = certificate(name, &private);
        Self {
            key,
            private,
            name: name.to_owned(),
            der,
        }
    }

    /// Another certificate of the same key.
    pub fn renewed(&self) -> Self {
        let (algorithm, private) = (
            Algorithm::Es256,
            PrivateKey::from_bytes(self.private.as_bytes().to_vec()),
        );
        Self {
            key: SigningKey::from_private(algorithm, &private).expect("a key"),
            der: certificate(&self.name, &private),
            private,
            name: self.name.clone(),
        }
    }

    /// `x5t#S256`.
    pub fn thumbprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.der);
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash)
    }

    /// Certificate and key in PEM, as clients load them.
    pub fn pem(&self) -> String {
        let pair = KeyPair::try_from(self.private.as_bytes()).expect("a key");
        let certificate = base64_simd::STANDARD.encode_to_string(&self.der);
        format!(
            "-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n{}",
            pair.serialize_pem()
        )
    }

    /// What the proxy writes.
    pub fn field(&self) -> String {
        format!(":{}:", base64_simd::STANDARD.encode_to_string(&self.der))
    }
}

impl Actor {
    /// The same actor, through the proxy, over a connection that showed this certificate.
    #[must_use]
    pub fn showing(&self, certificate: &Certified) -> Self {
        self.from_address(PROXY)
            .with_client_cert(certificate.field())
    }
}

fn certificate(name: &str, private: &PrivateKey) -> Vec<u8> {
    let names = vec![format!("{name}.example")];
    let mut params = CertificateParams::new(names).expect("a host");
    params.distinguished_name = DistinguishedName::new();
    let own = &mut params.distinguished_name;
    own.push(DnType::OrganizationName, "Example");
    own.push(DnType::CommonName, name);
    let pair = KeyPair::try_from(private.as_bytes()).expect("a key");
    params
        .self_signed(&pair)
        .expect("a certificate")
        .der()
        .to_vec()
}
