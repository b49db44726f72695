use clap::Subcommand;
use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::admin::{Call, Server, taken};
use crate::output::{Column, Output, harmless, print};

/// The most that is answered at once.
const PAGE: i64 = 200;

const ENTRY: &[Column] = &[
    Column::time("at"),
    Column::text("kind").of("event"),
    Column::text("actor"),
    Column::text("user_id"),
    Column::text("session_id"),
    Column::text("client_id"),
    Column::text("address"),
    Column::text("detail"),
];
const CHAIN: &[Column] = &[
    Column::text("chain"),
    Column::number("entries"),
    Column::text("head"),
    Column::flag("whole"),
];

/// The audit log: what happened, and the proof that nothing was changed
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Show the newest entries
    #[command(after_help = "Example:\n  keywright audit tail --lines 50")]
    Tail {
        /// How many; `export` has all of them
        #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=PAGE))]
        lines: i64,
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
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            Audit::Tail { lines } => {
                let call = Call::to("list_audit").query("limit", lines);
                let mut document = server.ask(call).await?;
                let mut entries = taken(&mut document, "entries")?;
                entries.reverse();
                output.list(ENTRY, &entries)?;
            }
            Audit::Verify => verify(server, output).await?,
            Audit::Export => export(server).await?,
        }
        Ok(())
    }
}

async fn verify(server: &mut Server, output: Output) -> Outcome {
    let mut report = server.ask(Call::to("verify_audit")).await?;
    if report["intact"] != true {
        let fault = report["fault"].as_str().unwrap_or("the log is not whole");
        return Err(anyhow::anyhow!("{}", harmless(fault)).into());
    }
    let mut chains = taken(&mut report, "chains")?;
    for chain in &mut chains {
        chain["whole"] = json!(true);
    }
    Ok(output.list(CHAIN, &chains)?)
}

async fn export(server: &mut Server) -> Outcome {
    let mut heads = server.ask(Call::to("list_audit_chains")).await?;
    for head in taken(&mut heads, "chains")? {
        let chain = head["chain"].as_str().unwrap_or_default();
        let mut after = 0;
        loop {
            let call = Call::to("list_audit").query("chain", chain);
            let call = call.query("after", after).query("limit", PAGE);
            let mut document = server.ask(call).await?;
            let entries = taken(&mut document, "entries")?;
            let Some(last) = entries.last().and_then(|entry| entry["seq"].as_i64()) else {
                break;
            };
            after = last;
            let lines = entries.iter().map(|entry| format!("{}\n", exported(entry)));
            print(&lines.collect::<String>())?;
        }
    }
    Ok(())
}

/// All members as stored, so that whoever holds the chain key can prove the export too.
fn exported(entry: &Value) -> Value {
    json!({
        "chain": entry["chain"], "seq": entry["seq"], "at_ms": entry["at_ms"], "kind": entry["event"],
        "actor": entry["actor"], "user_id": entry["user_id"], "session_id": entry["session_id"],
        "client_id": entry["client_id"], "address": entry["address"], "detail": entry["detail"],
        "hash": entry["hash"],
    })
}
