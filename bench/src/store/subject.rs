//! The store, asked as the server asks it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use keywright_domain::Period;
use keywright_domain::account::{RegisterOutcomes, User};
use keywright_domain::audit::{ChainKey, Effects};
use keywright_domain::keys::MacKey;
use keywright_domain::ports::{AuditLog, Clients, Sessions, Users};
use keywright_domain::session::AnomalyRules;
use keywright_domain::session::Session;
use keywright_domain::session::rotation::{RefreshRules, Rotation};
use keywright_store::{Store, StoreConfig};

use super::meter::{Measured, Meter};
use super::{Kind, floor, people};

const RULES: RefreshRules = RefreshRules {
    grace: Period::secs(10),
    idle: Period::days(9_000),
    anomaly: AnomalyRules::OFF,
};

/// A session, and the sequence that is accepted next.
type Family = (Session, u32);

pub struct Subject {
    worker: Worker,
    user: User,
    families: Vec<Family>,
    opened: u64,
}

/// What a task needs.
#[derive(Clone)]
struct Worker {
    store: Arc<Store>,
    key: Arc<MacKey>,
}

impl Subject {
    pub async fn open(path: &Path) -> Result<Self> {
        let store = Store::open(&StoreConfig::Sqlite {
            path: path.to_owned(),
        })
        .await?;
        store.arm(ChainKey::new(&[7; 32]));
        let nothing = Effects::default();
        store.insert_client(&people::client()?, &nothing).await?;
        let user = people::user(0)?;
        let outcomes = RegisterOutcomes {
            created: nothing.clone(),
            email_taken: nothing.clone(),
            username_taken: nothing,
        };
        store.register(&user, &outcomes).await?;
        let worker = Worker {
            store: Arc::new(store),
            key: Arc::new(MacKey::new(1, &[5; 32])),
        };
        let mut this = Self {
            worker,
            user,
            families: vec![],
            opened: 0,
        };
        let first = this.new_sessions(floor::ROWS)?;
        this.families = first.iter().map(|session| (session.clone(), 1)).collect();
        this.at_once(split(first, 64), log_in).await?;
        Ok(this)
    }

    pub async fn measure(&mut self, kind: Kind, at_once: usize, times: usize) -> Result<Measured> {
        if let Kind::Login = kind {
            let shares = split(self.new_sessions(times as u64)?, at_once);
            let meter = Meter::start()?;
            let latencies = self.at_once(shares, log_in).await?;
            return meter.stop(latencies.concat());
        }
        let shares = split(std::mem::take(&mut self.families), at_once);
        let each = times / at_once;
        let meter = Meter::start()?;
        let done = self
            .at_once(shares, move |worker, mine| {
                worker.use_sessions(kind, mine, each)
            })
            .await?;
        let (latencies, families): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        self.families = families.concat();
        meter.stop(latencies.concat())
    }

    /// Sessions that are not stored yet.
    fn new_sessions(&mut self, count: u64) -> Result<Vec<Session>> {
        let from = self.opened;
        self.opened += count;
        (from..self.opened)
            .map(|n| people::session(n, &self.user))
            .collect()
    }

    /// Gives each share to a task of its own.
    async fn at_once<S, T, F>(
        &self,
        shares: Vec<S>,
        work: impl Fn(Worker, S) -> F,
    ) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let start = |share| tokio::spawn(work(self.worker.clone(), share));
        let mut done = Vec::new();
        for task in shares.into_iter().map(start).collect::<Vec<_>>() {
            done.push(task.await??);
        }
        Ok(done)
    }
}

async fn log_in(worker: Worker, sessions: Vec<Session>) -> Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(sessions.len());
    for session in &sessions {
        let effects = people::logged_in(session);
        let began = Instant::now();
        ensure!(
            worker.store.open(session, 0, &effects).await?,
            "the login was refused"
        );
        latencies.push(began.elapsed());
    }
    Ok(latencies)
}

impl Worker {
    /// Reads or rotates the sessions in turn, `times` in all, and gives them back as they are then.
    async fn use_sessions(
        self,
        kind: Kind,
        mut mine: Vec<Family>,
        times: usize,
    ) -> Result<(Vec<Duration>, Vec<Family>)> {
        let mut latencies = Vec::with_capacity(times);
        let count = mine.len();
        for n in 0..times {
            let (session, sequence) = &mut mine[n % count];
            let began = Instant::now();
            match kind {
                Kind::Read => {
                    let standing = self.store.standing(session.id).await?;
                    ensure!(standing.is_some(), "the session does not stand");
                }
                Kind::Rotation | Kind::Login => *sequence = self.rotate(session, *sequence).await?,
            }
            latencies.push(began.elapsed());
        }
        Ok((latencies, mine))
    }

    /// A minute after the rotation before it, as in life: the row does not fill with times inside the grace.
    async fn rotate(&self, session: &Session, sequence: u32) -> Result<u32> {
        let presented = people::presented(session, sequence, &self.key);
        let now = people::NOW + Period::minutes(sequence.into());
        match self
            .store
            .rotate(&presented, &RULES, &people::minted, now)
            .await?
        {
            Rotation::Current { standing, .. } => Ok(standing.session.family.current),
            refused @ (Rotation::Reused(_)
            | Rotation::StepUp
            | Rotation::EndedAsAnomalous(_)
            | Rotation::Refused(_)) => {
                anyhow::bail!("a current token was refused: {refused:?}")
            }
        }
    }
}

/// Deals `all` into `shares` piles.
fn split<T>(all: Vec<T>, shares: usize) -> Vec<Vec<T>> {
    let mut piles: Vec<Vec<T>> = (0..shares).map(|_| Vec::new()).collect();
    for (n, one) in all.into_iter().enumerate() {
        piles[n % shares].push(one);
    }
    piles
}
