//! One issuer in this process: everything real but time, randomness and the cost of a hash.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use keywright_custody::{MasterKey, SealedCustody};
use keywright_domain::audit::Entry;
use keywright_domain::client::ClientCertificates;
use keywright_domain::keys::{KeyState, MacKey, ServerKeyPurpose};
use keywright_domain::ports::{Custody, Keys, Sessions};
use keywright_domain::session::RefreshToken;
use keywright_domain::{Issuer, Outside, Period, Policy, SessionId};
use keywright_http::App;
use keywright_http::metrics::Metrics;
use keywright_http::middleware::{StackConfig, TrustedProxies, stack};
use keywright_http::server::Peer;
use tower::ServiceExt;

use crate::engine::Database;
use crate::stand_in::{
    FakeClock, InlinePasswords, LackingCustody, SeededEntropy, WatchedStore, World,
};
use crate::{Answer, Engine, PROXY, seed};

/// Cheap to clone; the database goes with the last clone.
#[derive(Clone)]
pub struct TestIssuer(Arc<Held>);

struct Held {
    issuer: Arc<Issuer>,
    app: App,
    router: Router,
    store: Arc<WatchedStore>,
    parts: Parts,
    secrets: BTreeMap<String, String>,
    /// How many entries of the audit log a test has seen.
    seen: Mutex<usize>,
    database: Arc<Database>,
}

/// What all nodes of one issuer share.
#[derive(Clone)]
struct Parts {
    custody: Arc<LackingCustody>,
    passwords: Arc<InlinePasswords>,
    clock: Arc<FakeClock>,
    entropy: Arc<SeededEntropy>,
    world: Arc<World>,
}

impl Parts {
    fn new() -> Self {
        let custody = SealedCustody::new(&TestIssuer::master_key()).expect("a cipher");
        let entropy = Arc::new(SeededEntropy::new(1));
        Self {
            custody: Arc::new(LackingCustody::new(custody)),
            passwords: Arc::new(InlinePasswords::new(entropy.clone())),
            clock: Arc::new(FakeClock::default()),
            entropy,
            world: Arc::default(),
        }
    }
}

impl TestIssuer {
    pub async fn new(engine: Engine) -> Self {
        Self::with_policy(engine, seed::policy()).await
    }

    pub async fn with_policy(engine: Engine, policy: Policy) -> Self {
        let database = Arc::new(Database::new(engine).await);
        let parts = Parts::new();
        let mut this = Self::start(policy, database, parts, BTreeMap::new()).await;
        let secrets = seed::seed(this.issuer()).await;
        Arc::get_mut(&mut this.0)
            .expect("nobody else has it yet")
            .secrets = secrets;
        this.new_events().await;
        this.catch_up().await;
        this
    }

    /// Another node on the same database, with the same clock.
    pub async fn another_node(&self) -> Self {
        let policy = (*self.issuer().policy()).clone();
        self.node(policy, self.0.parts.clone()).await
    }

    /// The same, with master keys of its own.
    pub async fn another_node_under(&self, custody: SealedCustody) -> Self {
        let policy = (*self.issuer().policy()).clone();
        let parts = Parts {
            custody: Arc::new(LackingCustody::new(custody)),
            ..self.0.parts.clone()
        };
        self.node(policy, parts).await
    }

    /// What a new issuer's keys rest under.
    pub fn master_key() -> MasterKey {
        let text = base64_simd::STANDARD.encode_to_string(MASTER);
        MasterKey::from_base64(&text).expect("a master key")
    }

    /// Another node, behind a proxy at [`PROXY`](crate::PROXY) that tells such certificates of clients, and asks for them at a host of its own.
    pub async fn behind_a_proxy(&self, client_certificates: ClientCertificates) -> Self {
        let policy = Policy {
            client_certificates,
            mtls_url: seed::MTLS.parse().ok(),
            ..(*self.issuer().policy()).clone()
        };
        self.node(policy, self.0.parts.clone()).await
    }

    async fn node(&self, policy: Policy, parts: Parts) -> Self {
        let held = &self.0;
        Self::start(policy, held.database.clone(), parts, held.secrets.clone()).await
    }

    async fn start(
        policy: Policy,
        database: Arc<Database>,
        parts: Parts,
        secrets: BTreeMap<String, String>,
    ) -> Self {
        let store = Arc::new(WatchedStore::new(database.open().await));
        let stack_config = StackConfig::default();
        if policy.client_certificates.are_taken() {
            stack_config.proxies.replace(TrustedProxies {
                ranges: vec![PROXY.parse().expect("an address")],
                certificates: policy.client_certificates,
                ..TrustedProxies::default()
            });
        }
        let outside = Outside {
            store: store.clone(),
            custody: parts.custody.clone(),
            passwords: parts.passwords.clone(),
            clock: parts.clock.clone(),
            entropy: parts.entropy.clone(),
            probe: parts.world.clone(),
            places: parts.world.clone(),
            webhook: parts.world.clone(),
            documents: parts.world.clone(),
        };
        let issuer = Arc::new(
            Issuer::start(policy, outside)
                .await
                .expect("the issuer starts"),
        );
        let metrics = Arc::new(Metrics::new("test", FakeClock::START));
        let app = App::new(issuer.clone(), metrics.clone()).expect("an app");
        let router = stack(keywright_http::router(&app), stack_config, &metrics);
        Self(Arc::new(Held {
            app,
            router,
            issuer,
            store,
            parts,
            secrets,
            seen: Mutex::new(0),
            database,
        }))
    }

    pub fn issuer(&self) -> &Arc<Issuer> {
        &self.0.issuer
    }

    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// What the world sees behind the issuer's public URL.
    pub fn world(&self) -> &World {
        &self.0.parts.world
    }

    /// Where its keys rest.
    pub fn custody(&self) -> &LackingCustody {
        &self.0.parts.custody
    }

    pub fn store(&self) -> &WatchedStore {
        &self.0.store
    }

    pub fn client_secret(&self, id: &str) -> String {
        self.0.secrets[id].clone()
    }

    /// Time passes, and nothing else happens.
    pub fn pass(&self, by: Period) {
        self.0.parts.clock.advance(by);
    }

    /// Time passes, and the background task does what is due.
    pub async fn advance(&self, by: Period) {
        self.pass(by);
        self.issuer().tick().await.expect("the tick");
    }

    /// A second passes, and this node follows the log of the feed and signs its status lists anew.
    pub async fn follow(&self) {
        self.pass(Period::secs(1));
        self.catch_up().await;
    }

    async fn catch_up(&self) {
        let issuer = self.issuer();
        issuer.follow_feed().await.expect("the log can be read");
        issuer.publish_status_lists().expect("the lists are signed");
    }

    /// What the audit log says happened since this was last asked, oldest first.
    pub async fn new_events(&self) -> Vec<String> {
        self.new_entries()
            .await
            .into_iter()
            .map(|entry| entry.kind)
            .collect()
    }

    /// The same, whole.
    pub async fn new_entries(&self) -> Vec<Entry> {
        const MANY: u32 = 100_000;
        let mut entries = self
            .issuer()
            .newest_audit_entries(MANY)
            .await
            .expect("the log");
        entries.reverse();
        let mut seen = self.0.seen.lock().unwrap();
        let new = entries.split_off(*seen);
        *seen += new.len();
        new
    }

    /// The refresh token that a session would have handed out `by` rotations later. Presenting it is what a client does
    /// after a failover to a replica that had not seen those rotations.
    pub async fn refresh_token_ahead(&self, session: &str, by: u32) -> String {
        let id: SessionId = session.parse().expect("a session id");
        let session = self
            .store()
            .standing(id)
            .await
            .unwrap()
            .expect("a session")
            .session;
        let stored = self.store().server_keys().await.unwrap();
        let sealed = stored
            .iter()
            .find(|key| key.purpose == ServerKeyPurpose::Refresh)
            .unwrap();
        let secret = self
            .0
            .parts
            .custody
            .unseal("server-key/refresh/1", &sealed.sealed)
            .unwrap();
        let key = MacKey::new(sealed.version, secret.as_slice().try_into().unwrap());
        let sequence = session.family.current + by;
        let token = RefreshToken::derive(id, sequence, &session.family.salt, &key);
        token.to_secret().expose().to_owned()
    }

    /// Runs SQL behind the issuer's back.
    pub async fn meddle(&self, sql: &str) {
        self.0.database.meddle(sql).await;
    }

    /// How many passwords were hashed so far; what an attacker measures with a stopwatch.
    pub fn hashes(&self) -> u64 {
        self.0.parts.passwords.hashes()
    }

    /// Signs what the issuer itself would never sign, with its own active key.
    pub async fn signed(&self, typ: &str, claims: &serde_json::Value) -> String {
        let keys = self.store().signing_keys().await.expect("the keys").keys;
        let active = keys
            .iter()
            .find(|key| key.state == KeyState::Active)
            .expect("an active key");
        let signer = self.0.parts.custody.open(active).expect("the key opens");
        signer
            .sign(typ, claims.to_string().as_bytes())
            .expect("a signature")
    }

    /// The head of the response; its body is read as it comes.
    pub(crate) async fn respond(&self, request: Request<Bytes>, from: IpAddr) -> Response<Body> {
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(Peer {
            address: SocketAddr::new(from, 50_000),
            is_tls: true,
            certificate: None,
        });
        let answered = self.0.router.clone().oneshot(request).await;
        match answered {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    pub(crate) async fn answer(&self, request: Request<Bytes>, from: IpAddr) -> Answer {
        let (parts, body) = self.respond(request, from).await.into_parts();
        let body = body.collect().await.expect("the body ends well").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// Any 32 bytes that differ.
const MASTER: &[u8; 32] = b"0123456789abcdef0123456789ABCDEF";
