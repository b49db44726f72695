//! The wiring: from a configuration to an issuer with everything that stands behind its ports. Servers and commands use the same.

use std::sync::Arc;

use anyhow::{Context, Result};
use keywright_domain::ports::{Clock, Custody, Entropy, Store as AnyStore};
use keywright_domain::{Issuer, Outside};
use keywright_store::{Store, StoreConfig};

use crate::adapter::{
    Geoip, HashPool, PoolSize, PublicUrl, PublishedDocuments, Reach, SigningTimes, SystemClock,
    SystemEntropy, TimedCustody, Webhook,
};
use crate::config::{Config, Environment};
use crate::custody::{self, Vaults};

pub struct Deployment {
    pub config: Config,
    pub issuer: Arc<Issuer>,
    pub store: Arc<dyn AnyStore>,
    pub custody: Arc<dyn Custody>,
    pub vaults: Arc<Vaults>,
    pub passwords: Arc<HashPool>,
    pub signing_times: SigningTimes,
    /// Both empty until a server fills them: a command needs neither, and must run while a file of theirs is broken.
    pub geoip: Arc<Geoip>,
    pub webhook: Arc<Webhook>,
}

impl Deployment {
    pub async fn open(config: Config, environment: &Environment) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let custody::Chosen { custody, vaults } = custody::open(&config, environment)?;
        let passwords = Arc::new(HashPool::start(
            config.hash_cost(),
            pool_size(&config),
            clock.clone(),
            entropy.clone(),
        )?);
        let store = Store::open(&store_config(&config, environment)?)
            .await
            .context("database")?;
        let store: Arc<dyn AnyStore> = Arc::new(store);
        let signing_times = SigningTimes::default();
        let timed = TimedCustody {
            custody: custody.clone(),
            times: signing_times.clone(),
        };
        let (geoip, webhook) = (Arc::<Geoip>::default(), Arc::<Webhook>::default());
        let policy = config.policy(environment)?;
        let outside = Outside {
            store: store.clone(),
            custody: Arc::new(timed),
            passwords: passwords.clone(),
            clock,
            entropy,
            probe: Arc::new(PublicUrl::of(&policy.issuer)?),
            places: geoip.clone(),
            webhook: webhook.clone(),
            documents: Arc::new(PublishedDocuments::new(reach(&config))?),
        };
        let issuer = Arc::new(Issuer::start(policy, outside).await?);
        Ok(Self {
            config,
            issuer,
            store,
            custody,
            vaults,
            passwords,
            signing_times,
            geoip,
            webhook,
        })
    }

    /// What the startup line calls the database.
    pub fn database(&self) -> &'static str {
        if self.config.database.sqlite.is_some() {
            "sqlite"
        } else {
            "postgres"
        }
    }
}

fn reach(config: &Config) -> Reach {
    if config.clients.private_addresses {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn store_config(config: &Config, environment: &Environment) -> Result<StoreConfig> {
    let database = &config.database;
    if let Some(path) = &database.sqlite {
        return Ok(StoreConfig::Sqlite {
            path: config.path(path),
        });
    }
    let reference = database
        .postgres
        .as_ref()
        .context("the configuration names no database")?;
    let url = reference
        .read(&config.base, environment)
        .context("database.postgres")?;
    let pool_size = usize::try_from(database.pool)?;
    Ok(StoreConfig::Postgres {
        url: url.expose().to_owned(),
        pool_size,
        node: database.node.clone(),
    })
}

fn pool_size(config: &Config) -> PoolSize {
    let passwords = &config.passwords;
    let threads = match passwords.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => usize::try_from(threads).unwrap_or(1),
    };
    PoolSize {
        threads,
        queue: usize::try_from(passwords.queue).unwrap_or(usize::MAX),
        wait: passwords.wait.0,
    }
}
