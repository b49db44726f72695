use clap::Subcommand;
use keywright_domain::Time;
use keywright_domain::audit::Entry;
use keywright_domain::ports::AuditQuery;
use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::deployment::Deployment;
use crate::output::{Cell, Table, print};

const BATCH: u32 = 1000;

/// The audit log: what happened, and the proof that nothing was changed
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Show the newest entries
    #[command(after_help = "Example:\n  keywright audit tail --lines 50")]
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: u32,
    },
    /// Check every entry of every chain; an edit, a removal or a reordering ends with code 1
    ///
    /// The printed heads, kept elsewhere, show later whether the whole database was set back to an older copy.
    #[command(
        after_help = "Example:\n  keywright audit verify --json | jq -r '.[] | \"\\(.chain) \\(.head)\"'"
    )]
    Verify,
    /// Print every entry, one JSON object a line, oldest first in each chain
    #[command(after_help = "Example:\n  keywright audit export > audit.jsonl")]
    Export,
}

impl Audit {
    pub async fn run(self, context: &Context) -> Outcome {
        let deployment = context.open().await?;
        match self {
            Audit::Tail { lines } => {
                let mut entries = deployment.issuer.newest_audit_entries(lines).await?;
                entries.reverse();
                let columns = &[
                    "at",
                    "kind",
                    "actor",
                    "user_id",
                    "session_id",
                    "client_id",
                    "address",
                    "detail",
                ];
                context.output.table(&Table {
                    columns,
                    rows: entries.iter().map(row).collect(),
                })?;
            }
            Audit::Verify => {
                let reports = deployment.issuer.verify_audit().await?;
                let rows = reports
                    .into_iter()
                    .map(|r| {
                        vec![
                            Cell::text(r.chain),
                            Cell::Number(r.entries),
                            Cell::text(r.head),
                            Cell::Flag(true),
                        ]
                    })
                    .collect();
                context.output.table(&Table {
                    columns: &["chain", "entries", "head", "whole"],
                    rows,
                })?;
            }
            Audit::Export => export(&deployment).await?,
        }
        Ok(())
    }
}

async fn export(deployment: &Deployment) -> Outcome {
    for head in deployment.issuer.audit_heads().await? {
        let mut query = AuditQuery {
            chain: head.chain,
            after: 0,
            limit: BATCH,
        };
        loop {
            let entries = deployment.issuer.audit_entries(&query).await?;
            let Some(last) = entries.last() else { break };
            query.after = last.seq;
            let lines: String = entries
                .iter()
                .map(|entry| format!("{}\n", document(entry)))
                .collect();
            print(&lines)?;
        }
    }
    Ok(())
}

/// All members as stored, so that whoever holds the chain key can prove the export too.
fn document(entry: &Entry) -> Value {
    json!({
        "chain": entry.chain, "seq": entry.seq, "at_ms": entry.at, "kind": entry.kind, "actor": entry.actor,
        "user_id": entry.user, "session_id": entry.session, "client_id": entry.client, "address": entry.address,
        "detail": entry.detail, "hash": entry.hash.to_string(),
    })
}

fn row(entry: &Entry) -> Vec<Cell> {
    vec![
        Cell::Time(Time::from_millis(entry.at)),
        Cell::text(&entry.kind),
        Cell::text(&entry.actor),
        Cell::maybe(entry.user.as_ref()),
        Cell::maybe(entry.session.as_ref()),
        Cell::maybe(entry.client.as_ref()),
        Cell::maybe(entry.address.as_ref()),
        Cell::maybe(entry.detail.as_ref()),
    ]
}
