//! Questions an administrator asks, each among all living tokens.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use keywright_domain::Period;
use keywright_domain::ledger::{GrantType, TokenFilter, TokenQuery};
use keywright_domain::ports::Ledger;
use keywright_store::Store;

use super::data::{LIFETIME, NOW, Population, audience, client, kid};

const TIMES: usize = 15;

/// Tokens in one transaction of the purge.
const BITE: u32 = 500;

pub async fn measure(store: &Store, population: &Population) -> Result<()> {
    let all = TokenFilter::default;
    let a_minute = |ago: i64| {
        (
            Some(NOW - Period::minutes(ago + 1)),
            Some(NOW - Period::minutes(ago)),
        )
    };
    let ((since, until), session) = (a_minute(30), population.sessions.first());
    let filters = [
        ("no filter", all()),
        (
            "client",
            TokenFilter {
                client: Some(client(7)?),
                ..all()
            },
        ),
        (
            "API",
            TokenFilter {
                audience: Some(audience(3)?),
                ..all()
            },
        ),
        (
            "key",
            TokenFilter {
                kid: Some(kid(1)),
                ..all()
            },
        ),
        (
            "scope",
            TokenFilter {
                scope: Some("scope:3".parse()?),
                ..all()
            },
        ),
        (
            "grant",
            TokenFilter {
                grant: Some(GrantType::Login),
                ..all()
            },
        ),
        (
            "a minute, half an hour ago",
            TokenFilter {
                since,
                until,
                ..all()
            },
        ),
        (
            "user",
            TokenFilter {
                user: session.map(|session| session.user),
                ..all()
            },
        ),
        (
            "session",
            TokenFilter {
                session: session.map(|session| session.id),
                ..all()
            },
        ),
        (
            "nothing matches",
            TokenFilter {
                kid: Some("unknown".to_owned()),
                ..all()
            },
        ),
    ];
    for (name, filter) in filters {
        let query = TokenQuery {
            filter,
            live_at: NOW,
            after: None,
            limit: 51,
        };
        let mut found = 0;
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let began = Instant::now();
            found = store.tokens(&query).await?.len();
            times.push(began.elapsed());
        }
        ensure!(
            (found > 0) == (name != "nothing matches"),
            "{name}: {found} found"
        );
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "  {name:<28} {found:>3} found, p50 {:>7.2} ms, worst of {TIMES} {:>7.2} ms",
            ms(times[TIMES / 2]),
            ms(times[TIMES - 1])
        );
    }
    let count = TokenQuery {
        filter: all(),
        live_at: NOW,
        after: None,
        limit: 100_000,
    };
    let began = Instant::now();
    let counted: u64 = store
        .count_tokens(&count)
        .await?
        .iter()
        .map(|one| one.count.tokens)
        .sum();
    println!(
        "  counting all of {counted}: {:.0} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}

/// A million of them die, or the tenth part; never more than half, so that there are others.
pub async fn purge(store: &Store, population: &Population) -> Result<()> {
    let dying = population
        .tokens
        .div_euclid(2)
        .min((population.tokens / 10).max(1_000_000));
    let share = LIFETIME.as_millis() * i64::try_from(dying)? / i64::try_from(population.tokens)?;
    let before = NOW + Period::millis(share);
    let began = Instant::now();
    let gone = store.purge_tokens(before, BITE).await?;
    println!(
        "  purge of {gone} in bites of {BITE}: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
