use clap::Subcommand;
use keywright_domain::access::Audience;
use keywright_domain::audit::Actor;
use keywright_domain::keys::{KeySummary, RingId, SharedKey};
use keywright_jwt::Algorithm;

use super::{Context, Outcome};
use crate::deployment::Deployment;
use crate::output::{Cell, Table};

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
    /// Refused while some verifier may not know that key yet.
    #[command(after_help = "Example:\n  keywright keys rotate --algorithm ES256")]
    Rotate(Ring),
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
        let deployment = context.open().await?;
        let (issuer, actor) = (&deployment.issuer, &Actor::Operator);
        match self {
            Keys::List => {
                let rows = issuer.list_keys().await?.iter().map(row).collect();
                let columns = &[
                    "kid",
                    "algorithm",
                    "audience",
                    "state",
                    "created_at",
                    "activated_at",
                    "may_sign_from",
                    "verifies_until",
                    "ended_at",
                ];
                context.output.table(&Table { columns, rows })?;
            }
            Keys::Rotate(ring) => {
                issuer.rotate_keys(&ring.id(&deployment), actor).await?;
                context.output.done("the key in waiting signs now; the one before it is served until its tokens are dead")?;
            }
            Keys::Rollback(ring) => {
                issuer.roll_back_keys(&ring.id(&deployment), actor).await?;
                context.output.done("the previous key signs again")?;
            }
            Keys::Revoke { kid, force } => {
                issuer.revoke_key(&kid, force, actor).await?;
                context.output.done(&format!("the key {kid} is revoked"))?;
            }
            Keys::Export { audience } => {
                let shared = issuer.export_shared_keys(&audience, actor).await?;
                let rows = shared.iter().map(shared_row).collect();
                let columns = &["kid", "algorithm", "state", "may_sign_from", "k"];
                context.output.table(&Table { columns, rows })?;
            }
        }
        Ok(())
    }
}

impl Ring {
    fn id(self, deployment: &Deployment) -> RingId {
        let algorithm = self.algorithm.unwrap_or(deployment.config.keys.algorithm);
        RingId {
            algorithm,
            audience: self.audience,
        }
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

fn row(key: &KeySummary) -> Vec<Cell> {
    vec![
        Cell::text(&key.kid),
        Cell::text(key.ring.algorithm),
        Cell::maybe(key.ring.audience.as_ref()),
        Cell::text(key.state),
        Cell::Time(key.created_at),
        Cell::time(key.activated_at),
        Cell::time(key.known_at),
        Cell::time(key.verifies_until),
        Cell::time(key.ended_at),
    ]
}
