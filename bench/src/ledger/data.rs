//! Generated tokens: an hour's worth, evenly over a thousand classes, written in the order of their issue behind the store's back.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, ensure};
use keywright_domain::access::Audience;
use keywright_domain::account::RegisterOutcomes;
use keywright_domain::audit::{ChainKey, Effects};
use keywright_domain::client::ClientId;
use keywright_domain::keys::MacKey;
use keywright_domain::ledger::{Entry, GrantType, Jti, TokenClass, TokenKind};
use keywright_domain::ports::{AuditLog, Clients, Ledger, Sessions, Users};
use keywright_domain::session::Session;
use keywright_domain::{Period, SessionId, Time};
use keywright_store::{Store, StoreConfig};
use tokio_postgres::NoTls;

use crate::store::people;

pub use crate::store::people::NOW;

pub const LIFETIME: Period = Period::hours(1);

const CLASSES: u64 = 1_000;

/// Every fifth class is of people's sessions, the others of services.
const SESSIONS_EACH: u64 = 5;

/// Spreads neighbours over the classes; without a common divisor with their number.
const STRIDE: u64 = 7_919;

/// Living tokens of a session: a refresh brings another while the one before still lives, and an ID token may be beside it.
const TOKENS_EACH: u64 = 3;

/// All are issued in this time before [`NOW`], so that all live.
const ISSUED_WITHIN: i64 = 3_500_000;

pub enum Database {
    Sqlite(PathBuf),
    Postgres { url: String, schema: String },
}

pub struct Population {
    pub tokens: u64,
    /// Their ids, in order.
    pub classes: Vec<i64>,
    pub sessions: Vec<Session>,
}

/// Per token.
pub struct Bytes {
    pub table: f64,
    pub all: f64,
}

pub fn random(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

pub fn client(n: u64) -> Result<ClientId> {
    Ok(format!("service-{n}").parse()?)
}

pub fn audience(n: u64) -> Result<Audience> {
    Ok(format!("https://api-{n}.example").parse()?)
}

/// As long as a thumbprint.
pub fn kid(n: u64) -> String {
    format!("{n:043}")
}

pub fn class(n: u64) -> Result<TokenClass> {
    let of_sessions = n.is_multiple_of(SESSIONS_EACH);
    Ok(TokenClass {
        client: client(n % 100)?,
        audience: audience(n / 100 % 5)?,
        scope: format!("read:orders scope:{}", n % 7).parse()?,
        kid: kid(n / 500),
        grant: if of_sessions {
            GrantType::Login
        } else {
            GrantType::ClientCredentials
        },
        kind: TokenKind::AccessToken,
        lifetime: LIFETIME,
    })
}

impl Population {
    /// Through the store: the classes, and the sessions with their users.
    pub async fn make(store: &Arc<Store>, tokens: u64) -> Result<Self> {
        let key = MacKey::new(1, &[6; 32]);
        let mut classes = Vec::new();
        let first = Jti::first_at(NOW - Period::millis(ISSUED_WITHIN));
        for n in 0..CLASSES {
            let entry = Entry::new(first, class(n)?, None, &key);
            store.record_token(&entry).await?;
            classes.push(entry.class_id.number());
        }
        let nothing = Effects::default;
        store.arm(ChainKey::new(&[7; 32]));
        store.insert_client(&people::client()?, &nothing()).await?;
        let mut sessions = Vec::new();
        for n in 0..100 {
            let user = people::user(n)?;
            let outcomes = RegisterOutcomes {
                created: nothing(),
                email_taken: nothing(),
                username_taken: nothing(),
            };
            store.register(&user, &outcomes).await?;
            for session in 0..(tokens / 50_000).clamp(1, 100) {
                let session = people::session(n * 1_000 + session, &user)?;
                ensure!(store.open(&session, 0, &nothing()).await?, "no session");
                sessions.push(session);
            }
        }
        Ok(Self {
            tokens,
            classes,
            sessions,
        })
    }

    /// The class, the id and the session of token `n`. Most sessions have nothing but tokens here: who asks by a session or a user asks
    /// for one of the few that are stored.
    fn token(&self, n: u64) -> Result<(i64, Jti, Option<SessionId>)> {
        let class = n * STRIDE % CLASSES;
        let late = i64::try_from(n * ISSUED_WITHIN.unsigned_abs() / self.tokens)?;
        let issued: Time = NOW - Period::millis(ISSUED_WITHIN - late);
        let of_session = class.is_multiple_of(SESSIONS_EACH);
        let sessions = self.tokens / SESSIONS_EACH / TOKENS_EACH;
        Ok((
            self.classes[usize::try_from(class)?],
            Jti::new(issued, random(n)),
            of_session.then(|| self.session(n * STRIDE / CLASSES % sessions)),
        ))
    }
}

impl Population {
    fn session(&self, n: u64) -> SessionId {
        let stored = usize::try_from(n).ok().and_then(|n| self.sessions.get(n));
        stored.map_or_else(|| SessionId::new(NOW, random(n)), |session| session.id)
    }
}

impl Database {
    pub async fn postgres(url: &str) -> Result<Self> {
        let schema = format!("keywright_bench_{}", std::process::id());
        let this = Self::Postgres {
            url: url.to_owned(),
            schema: schema.clone(),
        };
        this.batch(&format!("CREATE SCHEMA {schema}")).await?;
        Ok(this)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    pub fn config(&self) -> StoreConfig {
        match self {
            Self::Sqlite(path) => StoreConfig::Sqlite { path: path.clone() },
            Self::Postgres { url, schema } => {
                super::config(&format!("{url}?options=-csearch_path%3D{schema}"))
            }
        }
    }

    pub async fn clear(&self) -> Result<()> {
        self.batch("DELETE FROM ledger; DELETE FROM ledger_classes")
            .await
    }

    pub async fn drop_schema(&self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres { schema, .. } => {
                self.batch(&format!("DROP SCHEMA {schema} CASCADE")).await
            }
        }
    }

    pub async fn fill(&self, population: &Population) -> Result<Bytes> {
        self.clear_tokens().await?;
        let sizes = match self {
            Self::Sqlite(path) => fill_sqlite(path, population)?,
            Self::Postgres { .. } => self.fill_postgres(population).await?,
        };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let each = |bytes: i64| bytes as f64 / population.tokens as f64;
        Ok(Bytes {
            table: each(sizes.0),
            all: each(sizes.1),
        })
    }

    async fn clear_tokens(&self) -> Result<()> {
        self.batch("DELETE FROM ledger").await
    }

    async fn batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path)?;
                connection.busy_timeout(std::time::Duration::from_secs(60))?;
                Ok(connection.execute_batch(sql)?)
            }
            Self::Postgres { .. } => Ok(self.connect().await?.batch_execute(sql).await?),
        }
    }

    async fn connect(&self) -> Result<tokio_postgres::Client> {
        let Self::Postgres { url, schema } = self else {
            anyhow::bail!("PostgreSQL alone is connected to");
        };
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let path = format!("SET search_path = {schema}, public");
        client.batch_execute(&path).await?;
        Ok(client)
    }

    /// Multi-row inserts from arrays, in the order of issue.
    async fn fill_postgres(&self, population: &Population) -> Result<(i64, i64)> {
        let client = self.connect().await?;
        let insert = client
            .prepare(
                "INSERT INTO ledger (class, jti_head, jti_tail, session_id) \
                 SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])",
            )
            .await?;
        let all: Vec<u64> = (0..population.tokens).collect();
        for some in all.chunks(10_000) {
            let (mut classes, mut heads) = (Vec::new(), Vec::new());
            let (mut tails, mut sessions) = (Vec::new(), Vec::new());
            for n in some {
                let (class, jti, session) = population.token(*n)?;
                classes.push(class);
                let (head, tail) = halves(jti)?;
                heads.push(head);
                tails.push(tail);
                sessions.push(session.map(|id| id.as_bytes().to_vec()));
            }
            client
                .execute(&insert, &[&classes, &heads, &tails, &sessions])
                .await?;
        }
        client.batch_execute("VACUUM ANALYZE ledger").await?;
        let sizes = "SELECT pg_table_size('ledger'), pg_total_relation_size('ledger')";
        let row = client.query_one(sizes, &[]).await?;
        Ok((row.get(0), row.get(1)))
    }
}

/// As the store keeps an id.
fn halves(jti: Jti) -> Result<(i64, i64)> {
    let (head, tail) = jti.as_bytes().split_at(8);
    let number = |half: &[u8]| anyhow::Ok(i64::from_be_bytes(half.try_into()?));
    Ok((number(head)?, number(tail)? ^ i64::MIN))
}

fn fill_sqlite(path: &std::path::Path, population: &Population) -> Result<(i64, i64)> {
    let connection = rusqlite::Connection::open(path)?;
    connection
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN IMMEDIATE")?;
    let mut insert = connection.prepare(
        "INSERT INTO ledger (class, jti_head, jti_tail, session_id) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for n in 0..population.tokens {
        let (class, jti, session) = population.token(n)?;
        let session = session.map(|id| *id.as_bytes());
        let (head, tail) = halves(jti)?;
        insert.execute(rusqlite::params![class, head, tail, session])?;
    }
    drop(insert);
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    let size = "SELECT COALESCE(sum(pgsize), 0) FROM dbstat WHERE name = ?1";
    let of = |name: &str| connection.query_row(size, [name], |row| row.get::<_, i64>(0));
    let table = of("ledger")?;
    Ok((table, table + of("ledger_of_session")?))
}
