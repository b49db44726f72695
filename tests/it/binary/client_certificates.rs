//! The server ends TLS itself and asks clients for certificates (RFC 8705).

use std::fs;
use std::time::Duration;

use keywright_tests::{Binary, Certified, forge, key_set};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};
use reqwest::{Certificate, Client, Identity};
use serde_json::{Value, json};
use tokio::time::sleep;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and key of `CN=named`.
fn issued(by: &Authority) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "named");
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    certificate.pem() + &key.serialize_pem()
}

struct Site {
    binary: Binary,
    server: String,
    audience: String,
}

impl Site {
    async fn new(roots: &str) -> Self {
        let mut binary = Binary::quickstart(&[]).await;
        assert!(binary.stop().await);
        let audience = binary.manifest()["demo_api"]["audience"].clone();
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let data = binary.data();
        fs::write(data.join("tls.crt"), made.cert.pem()).unwrap();
        fs::write(data.join("tls.key"), made.signing_key.serialize_pem()).unwrap();
        fs::write(data.join("roots.pem"), roots).unwrap();
        for (name, value) in [
            ("KEYWRIGHT_TLS__CERTIFICATE", "tls.crt"),
            ("KEYWRIGHT_TLS__KEY", "tls.key"),
            ("KEYWRIGHT_TLS__CLIENT_CERTIFICATES", "listener"),
            ("KEYWRIGHT_TLS__CLIENT_ROOTS", "roots.pem"),
        ] {
            binary.set_override(name, value);
        }
        binary.spawn_serve();
        let site = Self {
            binary,
            server: made.cert.pem(),
            audience: audience.as_str().unwrap().to_owned(),
        };
        site.until_served().await;
        site
    }

    /// Over a connection of its own.
    fn http(&self, shows: Option<&str>) -> Client {
        let trusted = Certificate::from_pem(self.server.as_bytes()).unwrap();
        let builder = Client::builder().tls_certs_only([trusted]);
        let builder = match shows {
            Some(pem) => builder.identity(Identity::from_pem(pem.as_bytes()).unwrap()),
            None => builder,
        };
        builder.build().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.binary.port())
    }

    async fn until_served(&self) {
        for _ in 0..1_500 {
            if self
                .http(None)
                .get(self.url("/healthz"))
                .send()
                .await
                .is_ok()
            {
                return;
            }
            assert!(
                !self.binary.process().has_ended(),
                "{}",
                self.binary.stderr()
            );
            sleep(Duration::from_millis(20)).await;
        }
        panic!("not served: {}", self.binary.stderr());
    }

    /// By the command line, beside the running server.
    fn registers(&self, id: &str, arguments: &[&str]) {
        let allow = format!("{}=read:orders", self.audience);
        let line = [
            &[
                "client", "create", "--id", id, "--name", id, "--allow", &allow,
            ],
            &["--grant", "client-credentials"][..],
            arguments,
        ];
        let created = self.binary.run(&line.concat());
        assert!(created.status.success(), "{created:?}");
    }

    async fn administrator(&self) -> String {
        let admin = &self.binary.manifest()["admin"];
        let login = json!({
            "username": admin["username"], "password": admin["password"], "audience": self.binary.issuer(),
        });
        let answer = self.http(None).post(self.url("/v1/login")).json(&login);
        let answer: Value = answer.send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    async fn token(&self, client: &str, shows: Option<&str>, header: Option<&str>) -> (u16, Value) {
        let request = self.http(shows).post(self.url("/oauth2/token"));
        let request = header.into_iter().fold(request, |request, field| {
            request.header("client-cert", field)
        });
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("grant_type=client_credentials&client_id={client}"));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// A client that is known by the subject of its certificate.
const NAMED: [&str; 4] = [
    "--auth-method",
    "tls_client_auth",
    "--certificate-subject",
    "CN=named",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_is_known_by_the_certificate_that_it_shows_to_the_server_itself() {
    let ours = authority();
    let site = Site::new(&ours.pem()).await;
    site.registers("named", &[&NAMED[..], &["--certificate-bound"]].concat());
    let own = issued(&ours);
    let (status, tokens) = site.token("named", Some(&own), None).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = forge::claims(tokens["access_token"].as_str().unwrap());
    assert!(claims["cnf"]["x5t#S256"].is_string(), "{claims}");
    for stranger in [None, Some(&*issued(&authority()))] {
        assert_eq!(site.token("named", stranger, None).await.0, 401);
    }

    let shop = Certified::new("shop");
    let registration = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": key_set(&[&shop.key]),
    });
    let client = json!({
        "client_id": "shop", "name": "Shop", "kind": "confidential", "grants": ["client_credentials"],
        "allowed": { &site.audience: "read:orders" }, "default_audience": site.audience,
        "registration": registration,
    });
    let created = site.http(None).post(site.url("/admin/v1/clients"));
    let created = created
        .bearer_auth(site.administrator().await)
        .json(&client);
    assert_eq!(created.send().await.unwrap().status(), 201);
    assert_eq!(site.token("shop", Some(&shop.pem()), None).await.0, 200);
    let other = Certified::new("shop");
    assert_eq!(site.token("shop", Some(&other.pem()), None).await.0, 401);

    // What a proxy would say counts for nothing here.
    let field = shop.field();
    assert_eq!(site.token("shop", None, Some(&field)).await.0, 401);
    assert_eq!(
        site.token("shop", Some(&other.pem()), Some(&field)).await.0,
        401
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authorities_are_taken_up_anew_without_a_restart() {
    let (ours, next) = (authority(), authority());
    let site = Site::new(&ours.pem()).await;
    site.registers("named", &NAMED);
    let (own, of_next) = (issued(&ours), issued(&next));
    assert_eq!(site.token("named", Some(&own), None).await.0, 200);
    assert_eq!(site.token("named", Some(&of_next), None).await.0, 401);

    let roots = site.binary.data().join("roots.pem");
    fs::write(&roots, "rubbish").unwrap();
    site.binary.process().signal("HUP");
    while !site.binary.stderr().contains("server.config.refused") {
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(site.token("named", Some(&own), None).await.0, 200);

    fs::write(&roots, next.pem()).unwrap();
    site.binary.process().signal("HUP");
    while !site.binary.stderr().contains("server.config.reloaded") {
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(site.token("named", Some(&of_next), None).await.0, 200);
    assert_eq!(site.token("named", Some(&own), None).await.0, 401);
}
