use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use keywright_domain::access::{Api as Registered, Audience, Scope};
use keywright_domain::audit::Actor;
use keywright_domain::claims::ClaimsPolicy;
use keywright_jwt::Algorithm;

use super::{Context, Failure, Outcome};
use crate::config::Span;
use crate::deployment::Deployment;
use crate::output::{Cell, Table};

/// APIs (audiences): their scopes, token lifetime and algorithm
#[derive(Debug, Subcommand)]
pub enum Api {
    /// List the APIs
    #[command(after_help = "Example:\n  keywright api list --json | jq -r '.[].audience'")]
    List,
    /// Create an API or change one; what is not given stays as it is
    #[command(
        after_help = "Example:\n  keywright api put https://orders.example.org --name Orders \\\n    --scope 'read:orders=See orders' --scope 'write:orders=Change orders'"
    )]
    Put(Put),
    /// Delete an API; roles and clients lose their scopes on it
    #[command(after_help = "Example:\n  keywright api delete https://orders.example.org")]
    Delete {
        /// The `aud` of its tokens
        audience: Audience,
    },
}

#[derive(Debug, clap::Args)]
pub struct Put {
    /// The `aud` of its tokens
    audience: Audience,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// A scope and what it lets one do; repeat it for all: they replace the earlier ones
    #[arg(long = "scope", value_name = "SCOPE=WORDS", value_parser = scope)]
    scopes: Vec<(Scope, String)>,
    /// How long its access tokens live, such as 5m
    #[arg(long)]
    lifetime: Option<Span>,
    /// ES256, EdDSA, ES384, PS256, RS256, HS256, HS384 or HS512
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// A JSON file that says what its tokens carry beyond the registered claims; see docs/claims.md
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
}

impl Api {
    pub async fn run(self, context: &Context) -> Outcome {
        let deployment = context.open().await?;
        let issuer = &deployment.issuer;
        match self {
            Api::List => {
                let rows = issuer.catalog().apis.values().map(row).collect();
                let columns = &[
                    "audience",
                    "name",
                    "scopes",
                    "lifetime_seconds",
                    "algorithm",
                ];
                context.output.table(&Table { columns, rows })?;
            }
            Api::Put(put) => {
                let api = put.onto(&deployment)?;
                issuer.put_api(&api, &Actor::Operator).await?;
                context
                    .output
                    .done(&format!("the API {} is registered", api.audience))?;
            }
            Api::Delete { audience } => {
                issuer.delete_api(&audience, &Actor::Operator).await?;
                context
                    .output
                    .done(&format!("the API {audience} is deleted"))?;
            }
        }
        Ok(())
    }
}

impl Put {
    fn onto(self, deployment: &Deployment) -> Result<Registered, Failure> {
        let fresh = |audience: Audience| Registered {
            name: audience.to_string(),
            audience,
            scopes: BTreeMap::new(),
            access_lifetime: deployment.config.tokens.access.0,
            algorithm: deployment.config.keys.algorithm,
            claims: ClaimsPolicy::default(),
            created_at: deployment.issuer.now(),
        };
        let known = deployment
            .issuer
            .catalog()
            .apis
            .get(&self.audience)
            .cloned();
        let mut api = known.unwrap_or_else(|| fresh(self.audience));
        api.name = self.name.unwrap_or(api.name);
        api.access_lifetime = self.lifetime.map_or(api.access_lifetime, |span| span.0);
        api.algorithm = self.algorithm.unwrap_or(api.algorithm);
        if !self.scopes.is_empty() {
            api.scopes = self.scopes.into_iter().collect();
        }
        if let Some(file) = self.claims {
            api.claims = policy_in(&file)?;
        }
        Ok(api)
    }
}

fn policy_in(file: &Path) -> Result<ClaimsPolicy, Failure> {
    let read =
        || -> anyhow::Result<ClaimsPolicy> { Ok(serde_json::from_slice(&std::fs::read(file)?)?) };
    let policy = read().with_context(|| format!("cannot read {}", file.display()));
    policy.map_err(Failure::CouldNotRun)
}

fn row(api: &Registered) -> Vec<Cell> {
    vec![
        Cell::text(&api.audience),
        Cell::text(&api.name),
        Cell::words(api.scopes.keys().map(Scope::as_str)),
        Cell::Number(api.access_lifetime.as_secs()),
        Cell::text(api.algorithm),
    ]
}

fn scope(text: &str) -> Result<(Scope, String), String> {
    let (scope, words) = text.split_once('=').unwrap_or((text, ""));
    let scope = scope
        .parse()
        .map_err(|e: keywright_domain::access::MalformedScope| e.to_string())?;
    Ok((scope, words.to_owned()))
}
