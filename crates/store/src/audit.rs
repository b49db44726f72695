//! The audit log: events are linked into a chain of this node in the transaction of their cause.

use keywright_domain::audit::{ChainKey, Entry, Event, Hash, Head};
use keywright_domain::ports::{Answer, AuditLog, AuditQuery};

use crate::Store;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::notices;

macro_rules! entry_columns {
    () => {
        "SELECT chain, seq, at, kind, actor, user_id, session_id, client_id, address, detail, hash FROM audit_entries"
    };
}

statements! {
    /// Locked, because another process may go by the same name of node.
    HEAD = "SELECT chain, seq, hash, mac FROM audit_heads WHERE chain = $1 {for_update}";
    FOUND_CHAIN = "INSERT INTO audit_heads (chain, seq, hash, mac) VALUES ($1, $2, $3, $4) ON CONFLICT (chain) DO NOTHING";
    MOVE_HEAD = "UPDATE audit_heads SET seq = $2, hash = $3, mac = $4 WHERE chain = $1";
    APPEND = "INSERT INTO audit_entries (chain, seq, at, kind, actor, user_id, session_id, client_id, address, detail, hash) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Reads the whole index: only the proof of the log asks, and it reads every entry anyway.
    CHAINS = "SELECT DISTINCT chain FROM audit_entries ORDER BY chain";
    HEADS = "SELECT chain, seq, hash, mac FROM audit_heads ORDER BY chain";
    ENTRIES = concat!(entry_columns!(), " WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3");
    NEWEST = concat!(entry_columns!(), " WHERE chain = $1 ORDER BY seq DESC LIMIT $2");
}

pub(crate) async fn append(tx: &mut Tx, events: &[Event]) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let (chain, key) = tx.lane()?;
    let mut head = locked_head(tx, &chain, &key).await?;
    for event in events {
        let mut entry = entry_of(event, &head);
        entry.hash = key.hash(&head.hash, &entry);
        insert(tx, &entry).await?;
        notices::queue(tx, event, &entry).await?;
        (head.seq, head.hash) = (entry.seq, entry.hash);
    }
    let head = key.head(&chain, head.seq, head.hash);
    let moved = params![
        head.chain.as_str(),
        head.seq,
        head.hash.as_bytes().as_slice(),
        head.mac.as_bytes().as_slice()
    ];
    tx.execute(&MOVE_HEAD, &moved).await.map(drop)
}

/// A head that is not genuine is never built upon: that would turn an attacker's cut into a valid chain.
async fn locked_head(tx: &mut Tx, chain: &str, key: &ChainKey) -> Result<Head, Fault> {
    let head = match tx.first(&HEAD, &params![chain], read_head).await? {
        Some(head) => head,
        None => found(tx, chain, key).await?,
    };
    if key.head(chain, head.seq, head.hash).mac == head.mac {
        Ok(head)
    } else {
        Err(Fault::ForgedHead(chain.to_owned()))
    }
}

/// The first entry of a chain. Another process may be founding it too: then its head is read.
async fn found(tx: &mut Tx, chain: &str, key: &ChainKey) -> Result<Head, Fault> {
    let head = key.head(chain, 0, Hash::ZERO);
    let first = params![
        chain,
        head.seq,
        head.hash.as_bytes().as_slice(),
        head.mac.as_bytes().as_slice()
    ];
    tx.execute(&FOUND_CHAIN, &first).await?;
    Ok(tx
        .first(&HEAD, &params![chain], read_head)
        .await?
        .unwrap_or(head))
}

/// The entry behind `head` that records `event`; its hash is still to be computed.
fn entry_of(event: &Event, head: &Head) -> Entry {
    Entry {
        chain: head.chain.clone(),
        seq: head.seq + 1,
        at: event.at.millis(),
        kind: event.kind.as_str().to_owned(),
        actor: event.actor.to_string(),
        user: event.user.map(|id| id.to_string()),
        session: event.session.map(|id| id.to_string()),
        client: event.client.as_ref().map(ToString::to_string),
        address: event.address.map(|address| address.to_string()),
        // As it will be stored, because the hash is over what is stored.
        detail: event
            .detail
            .as_ref()
            .map(|text| text.replace('\0', "\u{fffd}")),
        hash: Hash::ZERO,
    }
}

async fn insert(tx: &mut Tx, entry: &Entry) -> Result<(), Fault> {
    let row = params![
        entry.chain.as_str(),
        entry.seq,
        entry.at,
        entry.kind.as_str(),
        entry.actor.as_str(),
        entry.user.as_deref(),
        entry.session.as_deref(),
        entry.client.as_deref(),
        entry.address.as_deref(),
        entry.detail.as_deref(),
        entry.hash.as_bytes().as_slice(),
    ];
    tx.execute(&APPEND, &row).await.map(drop)
}

fn read_head(row: &mut Columns<'_>) -> Result<Head, Fault> {
    row.row_of("audit_heads");
    Ok(Head {
        chain: row.text()?.to_owned(),
        seq: row.int()?,
        hash: Hash::from_bytes(row.bytes()?),
        mac: Hash::from_bytes(row.bytes()?),
    })
}

fn read_chain(row: &mut Columns<'_>) -> Result<String, Fault> {
    row.row_of("audit_entries");
    Ok(row.text()?.to_owned())
}

fn read_entry(row: &mut Columns<'_>) -> Result<Entry, Fault> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    row.row_of("audit_entries");
    Ok(Entry {
        chain: row.text()?.to_owned(),
        seq: row.int()?,
        at: row.int()?,
        kind: row.text()?.to_owned(),
        actor: row.text()?.to_owned(),
        user: owned(row.opt_text()?),
        session: owned(row.opt_text()?),
        client: owned(row.opt_text()?),
        address: owned(row.opt_text()?),
        detail: owned(row.opt_text()?),
        hash: Hash::from_bytes(row.bytes()?),
    })
}

/// From the end of each chain, which its key finds at once; there are as many chains as nodes.
async fn newest(tx: &mut Tx, limit: u32) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    for head in tx.all(&HEADS, &[], read_head).await? {
        entries.extend(
            tx.all(&NEWEST, &params![head.chain, limit], read_entry)
                .await?,
        );
    }
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.seq)));
    entries.truncate(limit as usize);
    Ok(entries)
}

impl AuditLog for Store {
    fn arm(&self, key: ChainKey) {
        self.engine.chains().arm(key);
    }

    fn heads(&self) -> Answer<'_, Vec<Head>> {
        self.scan((), |(), tx| Box::pin(tx.all(&HEADS, &[], read_head)))
    }

    fn chains(&self) -> Answer<'_, Vec<String>> {
        self.scan((), |(), tx| Box::pin(tx.all(&CHAINS, &[], read_chain)))
    }

    fn entries<'a>(&'a self, query: &'a AuditQuery) -> Answer<'a, Vec<Entry>> {
        self.scan(query.clone(), |query, tx| {
            Box::pin(async move {
                let page = params![query.chain.as_str(), query.after, query.limit];
                tx.all(&ENTRIES, &page, read_entry).await
            })
        })
    }

    fn newest(&self, limit: u32) -> Answer<'_, Vec<Entry>> {
        self.scan(limit, |limit, tx| Box::pin(newest(tx, *limit)))
    }
}
