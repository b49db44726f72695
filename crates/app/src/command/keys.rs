use clap::Subcommand;
use keywright_domain::access::Audience;
use keywright_domain::audit::Actor;
use keywright_domain::keys::SharedKey;
use keywright_jwt::Algorithm;
use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::admin::{Call, Server, taken};
use crate::output::{Cell, Column, Output, Table};

const COLUMNS: &[Column] = &[
    Column::text("kid"),
    Column::text("algorithm"),
    Column::text("audience"),
    Column::text("state"),
    Column::time("created_at"),
    Column::time("activated_at"),
    Column::time("may_sign_from").of("known_at"),
    Column::time("verifies_until"),
    Column::time("ended_at"),
    Column::text("held"),
];

const IMPACT: &[Column] = &[
    Column::text("audience"),
    Column::text("client_id"),
    Column::number("dying"),
    Column::number("surviving"),
];

/// Signing keys: see, rotate, roll back, revoke
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List the keys with their states and times
    #[command(
        after_help = "Example:\n  keywright keys list --json | jq '.[] | select(.state == \"active\") | .kid'"
    )]
    List,
    /// Hand over to the key in waiting, now
    ///
    /// Refused while some verifier may not know that key yet: before its time, while it cannot be seen through the public
    /// URL, or while a connected verifier lacks it.
    #[command(after_help = "Example:\n  keywright keys rotate --now --algorithm ES256")]
    Rotate {
        #[command(flatten)]
        ring: Ring,
        /// Do it now; this is what the command does anyway
        #[arg(long)]
        now: bool,
        /// Go on without that evidence; never before the key's time
        #[arg(long)]
        force: bool,
    },
    /// Let the previous key sign again
    #[command(after_help = "Example:\n  keywright keys rollback")]
    Rollback(Ring),
    /// Take a key out at once: its tokens are refused by whoever refreshes the key set
    #[command(
        after_help = "Example:\n  keywright keys revoke 8q1zK1wK3Pj0jX4r2m0bQv8n5y7c9d1e3f5g7h9i0kM"
    )]
    Revoke {
        /// The key's id
        kid: String,
        /// Revoke it even if no other key may sign yet: then nothing is signed until one may
        #[arg(long)]
        force: bool,
    },
    /// Show what would become of the living tokens if a key were revoked now
    ///
    /// Counting stops at a hundred thousand tokens of one kind.
    #[command(
        after_help = "Example:\n  keywright keys impact 8q1zK1wK3Pj0jX4r2m0bQv8n5y7c9d1e3f5g7h9i0kM"
    )]
    Impact {
        /// The key's id
        kid: String,
    },
    /// Show the symmetric keys of an API that signs with HS256, HS384 or HS512, for its verifiers
    ///
    /// Each export is on record in the audit log.
    #[command(
        after_help = "Example:\n  keywright keys export https://orders.example.org --json | jq -r '.[] | select(.state == \"active\") | .k'"
    )]
    Export {
        /// The `aud` of its tokens
        audience: Audience,
    },
}

/// Which keys: they rotate by algorithm
#[derive(Debug, clap::Args)]
pub struct Ring {
    /// The algorithm; the default one of the configuration unless given
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// The API, for an API that signs with HS256, HS384 or HS512
    #[arg(long)]
    audience: Option<Audience>,
}

impl Keys {
    pub async fn run(self, context: &Context) -> Outcome {
        // Symmetric keys leave the machine in nobody's answer.
        if let Keys::Export { audience } = &self {
            return export(context, audience).await;
        }
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            Keys::List => {
                let mut document = server.ask(Call::to("list_keys")).await?;
                output.list(COLUMNS, &taken(&mut document, "keys")?)?;
            }
            Keys::Rotate {
                ring,
                now: _,
                force,
            } => {
                let mut order = ring.document();
                order["force"] = json!(force);
                let call = Call::to("rotate_keys").json(order);
                server.ask(call).await?;
                output.done("the key in waiting signs now; the one before it is served until its tokens are dead")?;
            }
            Keys::Rollback(ring) => {
                let call = Call::to("roll_back_keys").json(ring.document());
                server.ask(call).await?;
                output.done("the previous key signs again")?;
            }
            Keys::Revoke { kid, force } => {
                let call = Call::to("revoke_key").at(&kid);
                server.ask(call.json(json!({ "force": force }))).await?;
                output.done(&format!("the key {kid} is revoked"))?;
            }
            Keys::Impact { kid } => {
                let call = Call::to("show_key_impact").at(&kid);
                let mut impact = server.ask(call).await?;
                let mut affected = taken(&mut impact, "affected")?;
                affected.iter_mut().for_each(without_bounds);
                output.list(IMPACT, &affected)?;
            }
            // Handled above.
            Keys::Export { .. } => {}
        }
        Ok(())
    }
}

async fn export(context: &Context, audience: &Audience) -> Outcome {
    let deployment = context.open().await?;
    let shared = deployment
        .issuer
        .export_shared_keys(audience, &Actor::Operator)
        .await?;
    let rows = shared.iter().map(shared_row).collect();
    let columns = &["kid", "algorithm", "state", "may_sign_from", "k"];
    Ok(context.output.table(&Table { columns, rows })?)
}

/// A count is a number here; how far counting goes, the help says.
fn without_bounds(affected: &mut Value) {
    for member in ["dying", "surviving"] {
        affected[member] = affected[member]["tokens"].take();
    }
}

impl Ring {
    fn document(self) -> Value {
        json!({
            "algorithm": self.algorithm.map(Algorithm::as_str),
            "audience": self.audience.as_ref().map(Audience::to_string),
        })
    }
}

/// `k` is base64url, as in a JWK (RFC 7518 §6.4.1).
fn shared_row(key: &SharedKey) -> Vec<Cell> {
    vec![
        Cell::text(&key.kid),
        Cell::text(key.algorithm),
        Cell::text(key.state),
        Cell::time(key.known_at),
        Cell::text(base64_simd::URL_SAFE_NO_PAD.encode_to_string(key.secret.as_bytes())),
    ]
}
