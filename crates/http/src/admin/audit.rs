//! `/admin/v1/audit`: the log, and the proof that it is whole.

use keywright_domain::Time;
use keywright_domain::audit::{ChainReport, Entry, Head};
use keywright_domain::ports::AuditQuery;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::extract::{Json, Limit, Query, Seq, Words};
use crate::problem::Problem;
use crate::problem_map::unreadable_log;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditListQuery {
    /// One chain, oldest first. Without it: the newest entries of all chains, newest first.
    #[param(value_type = Option<String>)]
    chain: Option<Words>,
    /// With `chain`: entries behind this number.
    #[serde(default)]
    #[param(value_type = Option<u64>)]
    after: Seq,
    /// 1 to 200; 50 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct EntryBody {
    chain: String,
    /// 1, 2, 3 … in its chain; the `after` of the next page.
    seq: i64,
    at: i64,
    /// The same in milliseconds, as the hash covers it.
    at_ms: i64,
    event: String,
    actor: String,
    user_id: Option<String>,
    session_id: Option<String>,
    client_id: Option<String>,
    address: Option<String>,
    detail: Option<String>,
    hash: String,
}

#[derive(Serialize, ToSchema)]
pub struct AuditList {
    entries: Vec<EntryBody>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditReport {
    /// Whether every chain holds.
    intact: bool,
    /// The first thing that does not.
    fault: Option<String>,
    chains: Vec<ChainBody>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditChains {
    chains: Vec<ChainBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditChain)]
pub struct ChainBody {
    chain: String,
    entries: i64,
    /// The last hash. Kept elsewhere, it shows later that the log was not set back.
    head: String,
}

pub async fn list_audit(
    app: App,
    Query(query): Query<AuditListQuery>,
) -> Result<Json<AuditList>, Problem> {
    let limit = query.limit.0;
    let entries = match query.chain {
        None => app.issuer().newest_audit_entries(limit).await?,
        Some(Words(chain)) => {
            let after = query.after.0;
            let query = AuditQuery {
                chain,
                after,
                limit,
            };
            app.issuer().audit_entries(&query).await?
        }
    };
    let entries = entries.into_iter().map(EntryBody::of).collect();
    Ok(Json(AuditList { entries }))
}

pub async fn list_audit_chains(app: App) -> Result<Json<AuditChains>, Problem> {
    let heads = app.issuer().audit_heads().await?;
    let chains = heads.into_iter().map(ChainBody::at).collect();
    Ok(Json(AuditChains { chains }))
}

pub async fn verify_audit(app: App) -> Result<Json<AuditReport>, Problem> {
    let (fault, chains) = match app.issuer().verify_audit().await {
        Ok(reports) => (None, reports),
        Err(broken) => (Some(unreadable_log(broken)?), Vec::new()),
    };
    Ok(Json(AuditReport {
        intact: fault.is_none(),
        fault,
        chains: chains.into_iter().map(ChainBody::of).collect(),
    }))
}

impl EntryBody {
    fn of(entry: Entry) -> Self {
        Self {
            chain: entry.chain,
            seq: entry.seq,
            at: Time::from_millis(entry.at).secs(),
            at_ms: entry.at,
            event: entry.kind,
            actor: entry.actor,
            user_id: entry.user,
            session_id: entry.session,
            client_id: entry.client,
            address: entry.address,
            detail: entry.detail,
            hash: entry.hash.to_string(),
        }
    }
}

impl ChainBody {
    /// As recorded, which proves nothing yet.
    fn at(head: Head) -> Self {
        Self {
            chain: head.chain,
            entries: head.seq,
            head: head.hash.to_string(),
        }
    }

    fn of(report: ChainReport) -> Self {
        Self {
            chain: report.chain,
            entries: report.entries,
            head: report.head.to_string(),
        }
    }
}
