//! The end of everything that one client has, while others go on having tokens recorded: by query, as `token revoke` does, and with the
//! client itself.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use keywright_domain::SessionId;
use keywright_domain::account::User;
use keywright_domain::audit::{Actor, Effects, Event, EventKind};
use keywright_domain::client::ClientId;
use keywright_domain::keys::MacKey;
use keywright_domain::ledger::{Entry, GrantType, Jti, TokenClass, TokenFilter, TokenQuery};
use keywright_domain::ports::{Clients, Ledger, Sessions};
use keywright_domain::session::EndReason;
use keywright_store::Store;
use tokio::task::JoinSet;

use super::data::{NOW, class, client, random};
use crate::store::people;

/// As many as `Issuer::revoke_tokens` reads at a time, and ends in one write.
const PAGE: u32 = 1_000;
const BITE: usize = 100;

/// Logins at once while the sessions are made.
const LOGINS: u32 = 64;

pub async fn measure(store: &Arc<Store>, sessions: u64) -> Result<()> {
    let own = asked(client(7)?, GrantType::ClientCredentials);
    let (classes, took, others) = beside_others(store, async {
        Ok(store.count_tokens(&TokenQuery { limit: 1, ..own }).await?)
    })
    .await?;
    ensure!(!classes.is_empty(), "no class");
    report("finding whose a service's own tokens are", took, &others);

    let (user, of_all) = (people::user(0)?, people::client()?.id);
    open(store, &user, 0..sessions).await?;
    let query = asked(of_all.clone(), GrantType::Login);
    let (ended, took, others) = beside_others(store, by_query(store, query)).await?;
    ensure!(ended == sessions, "{ended} ended");
    let what = format!("ending {ended} sessions by query, {BITE} in a write");
    report(&what, took, &others);

    open(store, &user, sessions..2 * sessions).await?;
    let gone = Effects::from(Event::new(EventKind::ClientDeleted, Actor::Operator, NOW));
    let (deleted, took, others) = beside_others(store, async {
        Ok(store.delete_client(&of_all, NOW, &gone).await?)
    })
    .await?;
    ensure!(deleted, "no client");
    report(
        &format!("deleting a client with {sessions} sessions"),
        took,
        &others,
    );
    Ok(())
}

/// Logins, each with a token on record.
async fn open(store: &Arc<Store>, user: &User, numbers: std::ops::Range<u64>) -> Result<()> {
    let numbers = Arc::new(Mutex::new(numbers));
    let mut logins = JoinSet::new();
    for _ in 0..LOGINS {
        let (store, user, numbers) = (Arc::clone(store), user.clone(), Arc::clone(&numbers));
        let next = move || {
            numbers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next()
        };
        logins.spawn(async move {
            while let Some(n) = next() {
                log_in(&store, &user, n).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = logins.join_next().await {
        done??;
    }
    Ok(())
}

async fn log_in(store: &Store, user: &User, n: u64) -> Result<()> {
    // Apart from the sessions of the population.
    let session = people::session(1_000_000 + n, user)?;
    let class = TokenClass {
        client: session.client.clone(),
        grant: GrantType::Login,
        ..class(0)?
    };
    let key = MacKey::new(1, &[6; 32]);
    let entry = Entry::new(Jti::new(NOW, random(n)), class, Some(session.id), &key);
    let left = Effects {
        minted: vec![entry],
        ..people::logged_in(&session)
    };
    ensure!(store.open(&session, user.epoch, &left).await?, "no session");
    Ok(())
}

fn asked(client: ClientId, grant: GrantType) -> TokenQuery {
    TokenQuery {
        filter: TokenFilter {
            client: Some(client),
            grant: Some(grant),
            ..TokenFilter::default()
        },
        live_at: NOW,
        after: None,
        limit: PAGE,
    }
}

/// How many sessions ended.
async fn by_query(store: &Store, mut query: TokenQuery) -> Result<u64> {
    let told = |id: SessionId| {
        let event = Event::new(EventKind::SessionEnded, Actor::Operator, NOW);
        (id, event.session(id))
    };
    let mut ended = 0;
    loop {
        let page = store.tokens(&query).await?;
        query.after = page.last().map(|token| token.jti);
        if query.after.is_none() {
            return Ok(ended);
        }
        let ids: BTreeSet<_> = page.iter().filter_map(|token| token.session).collect();
        let all: Vec<_> = ids.into_iter().map(told).collect();
        for bite in all.chunks(BITE) {
            ended += store.end_each(bite, EndReason::EndedByAdmin, NOW).await?;
        }
    }
}

/// Does `work` while a service gets one token after the other. Answers what the work did, its time, and the time of each record.
async fn beside_others<T>(
    store: &Arc<Store>,
    work: impl Future<Output = Result<T>>,
) -> Result<(T, Duration, Vec<Duration>)> {
    let over = Arc::new(AtomicBool::new(false));
    let others = tokio::spawn(record_until(Arc::clone(store), Arc::clone(&over)));
    let began = Instant::now();
    let done = work.await;
    let took = began.elapsed();
    over.store(true, Ordering::Relaxed);
    let mut times = others.await??;
    times.sort_unstable();
    Ok((done?, took, times))
}

async fn record_until(store: Arc<Store>, over: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    static NEXT: AtomicU64 = AtomicU64::new(1 << 40);
    let key = MacKey::new(1, &[6; 32]);
    let mut times = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let jti = Jti::new(NOW, random(NEXT.fetch_add(1, Ordering::Relaxed)));
        let began = Instant::now();
        store
            .record_token(&Entry::new(jti, class(1)?, None, &key))
            .await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

fn report(what: &str, took: Duration, others: &[Duration]) {
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "  {what}: {:.1} s; {} records beside it, p50 {:.1} ms, p99 {:.1} ms, longest {:.0} ms",
        took.as_secs_f64(),
        others.len(),
        ms(others.get(others.len() / 2)),
        ms(others.get(others.len() * 99 / 100)),
        ms(others.last()),
    );
}
