//! One deployment: what it holds in memory, and how it starts.

use std::sync::{Arc, PoisonError, RwLock};

use crate::access::{Api, Audience, Catalog, issuer_api};
use crate::audit::ChainKey;
use crate::claims::Refusals;
use crate::client::{KnownKeySets, ProvenClients};
use crate::feed::{Feed, KnownClients};
use crate::fleet::Verifier;
use crate::keys::{
    CheckedBy, GateState, Jwks, KeyRecord, KeyRing, MacKey, MacKeys, NoSigningKey, RingId,
    ServerKey, ServerKeyPurpose, Wanted, reseal,
};
use crate::limit::Limits;
use crate::ports::{
    Clock, Custody, CustodyError, Documents, Entropy, Passwords, Places, Probe, SignError, Signer,
    Store, Versions, Webhook, random,
};
use crate::status::{Permutation, StatusRoom};
use crate::{Policy, Time, Unavailable};

/// The ports, as the binary wires them.
#[derive(Clone)]
pub struct Outside {
    pub store: Arc<dyn Store>,
    pub custody: Arc<dyn Custody>,
    pub passwords: Arc<dyn Passwords>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub probe: Arc<dyn Probe>,
    pub places: Arc<dyn Places>,
    pub webhook: Arc<dyn Webhook>,
    pub documents: Arc<dyn Documents>,
}

/// One deployment (`iss`). Use cases are its methods, one file each.
pub struct Issuer {
    pub(crate) outside: Outside,
    pub(crate) secrets: ServerSecrets,
    pub(crate) limits: Limits,
    pub(crate) refused_claims: Refusals,
    pub(crate) feed: Feed,
    pub(crate) followers: KnownClients,
    pub(crate) client_keys: KnownKeySets,
    pub(crate) status: StatusRoom,
    pub(crate) gate: GateState,
    pub(crate) connected: RwLock<Arc<Vec<Verifier>>>,
    policy: RwLock<Arc<Policy>>,
    held: RwLock<Arc<Held>>,
}

/// What is read at every request and changes seldom. Replaced as a whole; with the database down it goes on serving.
#[derive(Clone)]
pub(crate) struct Held {
    pub versions: Versions,
    pub catalog: Arc<Catalog>,
    /// Read since the catalog was.
    pub clients: Arc<ProvenClients>,
    pub keys: Arc<Vec<KeyRecord>>,
    pub ring: Arc<KeyRing>,
    pub jwks: Arc<Jwks>,
}

/// Server keys, opened.
pub(crate) struct ServerSecrets {
    pub refresh: MacKeys,
    pub client_secret: MacKeys,
    pub link: MacKey,
    pub audit: ChainKey,
    pub ledger: MacKey,
    pub status: Permutation,
    pub ticket: MacKey,
    pub dpop: MacKey,
    pub browser: MacKey,
    pub subject: MacKey,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Custody(#[from] CustodyError),
    #[error("the issuer URL cannot be an audience")]
    IssuerUrl,
    #[error(transparent)]
    Keys(#[from] crate::keys::TickError),
}

impl Issuer {
    /// Opens what rests in the store, creates what a fresh store lacks, and answers once it can sign.
    ///
    /// A wrong master key, a damaged signing key, or an algorithm that the custody cannot do is refused here, before anything listens.
    pub async fn start(policy: Policy, outside: Outside) -> Result<Self, StartError> {
        let now = outside.clock.now();
        let secrets = ServerSecrets::load(&outside, now).await?;
        reseal::signing_keys(&outside).await?;
        keep_own_api(&policy, &outside, now).await?;
        let held = Held {
            versions: Versions::default(),
            catalog: Arc::default(),
            clients: Arc::default(),
            keys: Arc::default(),
            ring: Arc::default(),
            jwks: Arc::default(),
        };
        outside.store.queue_notices(policy.webhook);
        let limits = Limits::new(random(&*outside.entropy));
        let issuer = Self {
            outside,
            secrets,
            limits,
            refused_claims: Refusals::default(),
            feed: Feed::default(),
            followers: KnownClients::default(),
            client_keys: KnownKeySets::default(),
            status: StatusRoom::new(),
            gate: GateState::default(),
            connected: RwLock::default(),
            policy: RwLock::new(Arc::new(policy)),
            held: RwLock::new(Arc::new(held)),
        };
        issuer.refresh_catalog().await?;
        for (ring, _) in issuer.wanted_rings(&issuer.catalog()) {
            issuer.outside.custody.supports(ring.algorithm)?;
        }
        issuer.tick().await?;
        Ok(issuer)
    }

    pub fn policy(&self) -> Arc<Policy> {
        self.policy
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes a changed policy; the issuer URL cannot change under running verifiers and stays as it was.
    pub fn reload(&self, mut policy: Policy) {
        let mut current = self.policy.write().unwrap_or_else(PoisonError::into_inner);
        policy.issuer = current.issuer.clone();
        self.outside.store.queue_notices(policy.webhook);
        *current = Arc::new(policy);
    }

    /// All APIs and roles, as of at most a second ago.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.held().catalog.clone()
    }

    /// The key set that verifiers are served. Needs no database.
    pub fn jwks(&self) -> Arc<Jwks> {
        self.held().jwks.clone()
    }

    /// All signing keys, as of at most a second ago.
    pub fn keys(&self) -> Arc<Vec<KeyRecord>> {
        self.held().keys.clone()
    }

    /// Every audience whose tokens this issuer mints.
    pub fn audiences(&self) -> Vec<Audience> {
        self.catalog().apis.keys().cloned().collect()
    }

    /// What the nonces of DPoP proofs are made with, the same on every node.
    pub fn dpop_nonce_key(&self) -> [u8; 32] {
        self.secrets.dpop.mac(&[b"nonce"])
    }

    pub fn now(&self) -> Time {
        self.outside.clock.now()
    }

    pub(crate) fn held(&self) -> Arc<Held> {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The signer of events and status lists. While the successor of a revoked key cannot be opened, the ring still holds the revoked one,
    /// which verifiers refuse: then there is none.
    pub(crate) fn announcer(&self) -> Result<Arc<dyn Signer>, NoSigningKey> {
        let ring = self.policy().keys.public_ring();
        let signer = self.held().ring.announcer(&ring).cloned()?;
        if self.feed.has_revoked(signer.kid()) {
            return Err(NoSigningKey);
        }
        Ok(signer)
    }

    /// Whether what signs now can be reached; keys in this process always can.
    pub fn check_signers(&self) -> Result<(), SignError> {
        self.held().ring.ready()
    }

    pub(crate) fn hold(&self, held: Held) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        random(&*self.outside.entropy)
    }

    /// The rings that something is signed with, and the default one.
    pub(crate) fn wanted_rings(&self, catalog: &Catalog) -> Wanted {
        let default = self.policy().keys.public_ring();
        let clients = catalog.client_algorithms.iter().copied();
        let apis = catalog.apis.values().map(|api: &Api| RingId::of(api));
        // Last those that count: services check what is signed with these.
        let by_clients = clients.map(|algorithm| (RingId::public(algorithm), CheckedBy::Clients));
        let by_services = apis
            .chain([default])
            .map(|ring| (ring, CheckedBy::Services));
        by_clients.chain(by_services).collect()
    }
}

/// The issuer's own API is there, and knows every scope that this release knows. What an older node beside it does not know stays.
async fn keep_own_api(policy: &Policy, outside: &Outside, now: Time) -> Result<(), StartError> {
    let ours = issuer_api(&policy.issuer, policy.keys.default_algorithm, now);
    let ours = ours.ok_or(StartError::IssuerUrl)?;
    let mut stored = outside.store.catalog().await?.apis;
    let api = match stored.remove(&own_audience(policy)?) {
        None => ours,
        Some(api)
            if ours
                .scopes
                .keys()
                .all(|scope| api.scopes.contains_key(scope)) =>
        {
            return Ok(());
        }
        Some(mut api) => {
            api.scopes.extend(ours.scopes);
            api
        }
    };
    let unsaid = crate::audit::Effects::default();
    Ok(outside.store.put_api(&api, &unsaid).await?)
}

fn own_audience(policy: &Policy) -> Result<Audience, StartError> {
    policy.issuer_audience().ok_or(StartError::IssuerUrl)
}

impl ServerSecrets {
    async fn load(outside: &Outside, now: Time) -> Result<Self, StartError> {
        let mut stored = outside.store.server_keys().await?;
        let is_there = |stored: &[ServerKey], purpose| {
            stored.iter().any(|key: &ServerKey| key.purpose == purpose)
        };
        if !ServerKeyPurpose::ALL
            .iter()
            .all(|purpose| is_there(&stored, *purpose))
        {
            // A wrong master key must not seal what a newer release needs.
            for key in &stored {
                open(outside, key)?;
            }
        }
        for purpose in ServerKeyPurpose::ALL {
            if !is_there(&stored, purpose) {
                let secret = random::<32>(&*outside.entropy);
                let sealed = outside.custody.seal(&purpose.label(1), &secret)?;
                outside
                    .store
                    .add_server_key(&ServerKey {
                        purpose,
                        version: 1,
                        sealed,
                        created_at: now,
                    })
                    .await?;
                // Another node may have been first: what counts is what is stored now.
                stored = outside.store.server_keys().await?;
            }
        }
        reseal::server_keys(outside, &stored).await?;
        stored.sort_by_key(|key| key.version);
        let opened = Opened(
            stored
                .iter()
                .map(|key| Ok((key.purpose, key.version, open(outside, key)?)))
                .collect::<Result<_, CustodyError>>()?,
        );
        let (_, audit) = opened.first(ServerKeyPurpose::Audit)?;
        let audit = ChainKey::new(audit);
        outside.store.arm(audit.clone());
        let (version, status) = opened.first(ServerKeyPurpose::Status)?;
        let (subject_version, subject) = opened.first(ServerKeyPurpose::Subject)?;
        Ok(Self {
            refresh: opened.all(ServerKeyPurpose::Refresh)?,
            client_secret: opened.all(ServerKeyPurpose::ClientSecret)?,
            link: opened.newest(ServerKeyPurpose::Link)?,
            audit,
            ledger: opened.newest(ServerKeyPurpose::Ledger)?,
            status: Permutation::new(MacKey::new(version, status)),
            ticket: opened.newest(ServerKeyPurpose::Ticket)?,
            dpop: opened.newest(ServerKeyPurpose::Dpop)?,
            browser: opened.newest(ServerKeyPurpose::Browser)?,
            subject: MacKey::new(subject_version, subject),
        })
    }
}

/// What was stored, in the order of the versions.
struct Opened(Vec<(ServerKeyPurpose, u16, [u8; 32])>);

impl Opened {
    fn of(&self, purpose: ServerKeyPurpose) -> impl DoubleEndedIterator<Item = (u16, &[u8; 32])> {
        let those = self.0.iter().filter(move |(of, ..)| *of == purpose);
        those.map(|(_, version, secret)| (*version, secret))
    }

    /// For what one key must do for ever: another would break the audit chain, give status entries out a second time, or
    /// make each person a stranger to every client.
    fn first(&self, purpose: ServerKeyPurpose) -> Result<(u16, &[u8; 32]), Unavailable> {
        self.of(purpose).next().ok_or_else(lost)
    }

    fn all(&self, purpose: ServerKeyPurpose) -> Result<MacKeys, Unavailable> {
        let those = self.of(purpose);
        MacKeys::new(those.map(|(version, secret)| MacKey::new(version, secret))).ok_or_else(lost)
    }

    fn newest(&self, purpose: ServerKeyPurpose) -> Result<MacKey, Unavailable> {
        let (version, secret) = self.of(purpose).next_back().ok_or_else(lost)?;
        Ok(MacKey::new(version, secret))
    }
}

fn lost() -> Unavailable {
    Unavailable::new(
        "store",
        "a server key was stored and could not be read back",
    )
}

fn open(outside: &Outside, key: &ServerKey) -> Result<[u8; 32], CustodyError> {
    let label = key.label();
    let secret = outside.custody.unseal(&label, &key.sealed)?;
    secret
        .as_slice()
        .try_into()
        .map_err(|_| CustodyError::BadKey {
            label,
            detail: "expected 32 bytes".to_owned(),
        })
}
