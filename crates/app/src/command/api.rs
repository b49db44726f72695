use std::path::PathBuf;

use clap::Subcommand;
use keywright_domain::access::{Audience, DetailTypes, Scope};
use keywright_domain::claims::ClaimsPolicy;
use keywright_jwt::Algorithm;
use serde_json::{Map, Value, json};

use super::{Context, Failure, Outcome, json_file};
use crate::admin::{Call, Server, taken};
use crate::config::Span;
use crate::output::{Column, Output};

const COLUMNS: &[Column] = &[
    Column::text("audience"),
    Column::text("name"),
    Column::names("scopes"),
    Column::number("lifetime_seconds").of("access_lifetime"),
    Column::text("algorithm"),
];

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
    /// A JSON file with what may be asked for of it beyond scopes (RFC 9396): each type's name, its description and its schema
    #[arg(long, value_name = "FILE")]
    authorization_details_types: Option<PathBuf>,
}

impl Api {
    pub async fn run(self, context: &Context) -> Outcome {
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            Api::List => {
                let mut document = server.ask(Call::to("list_apis")).await?;
                output.list(COLUMNS, &taken(&mut document, "apis")?)?;
            }
            Api::Put(put) => {
                let audience = put.audience.clone();
                let known = server.find(Call::to("show_api").at(&audience)).await?;
                let call = Call::to("put_api").at(&audience).json(put.onto(known)?);
                server.ask(call).await?;
                output.done(&format!("the API {audience} is registered"))?;
            }
            Api::Delete { audience } => {
                server.ask(Call::to("delete_api").at(&audience)).await?;
                output.done(&format!("the API {audience} is deleted"))?;
            }
        }
        Ok(())
    }
}

impl Put {
    /// What is known of the API, or what a new one needs, with the changes in it.
    fn onto(self, known: Option<Value>) -> Result<Value, Failure> {
        let fresh = || json!({ "name": self.audience.to_string(), "scopes": {} });
        let mut api = known.unwrap_or_else(fresh);
        if let Some(members) = api.as_object_mut() {
            members.retain(|name, _| name != "audience" && name != "created_at");
        }
        if let Some(name) = self.name {
            api["name"] = json!(name);
        }
        if let Some(lifetime) = self.lifetime {
            api["access_lifetime"] = json!(lifetime.0.as_secs());
        }
        if let Some(algorithm) = self.algorithm {
            api["algorithm"] = json!(algorithm.as_str());
        }
        if !self.scopes.is_empty() {
            let scopes = self.scopes.into_iter();
            let scopes: Map<_, _> = scopes
                .map(|(scope, words)| (scope.as_str().to_owned(), json!(words)))
                .collect();
            api["scopes"] = scopes.into();
        }
        if let Some(file) = self.claims {
            api["claims"] = json!(json_file::read::<ClaimsPolicy>(&file)?);
        }
        if let Some(file) = self.authorization_details_types {
            api["authorization_details_types"] = json!(json_file::read::<DetailTypes>(&file)?);
        }
        Ok(api)
    }
}

fn scope(text: &str) -> Result<(Scope, String), String> {
    let (scope, words) = text.split_once('=').unwrap_or((text, ""));
    let scope = scope
        .parse()
        .map_err(|e: keywright_domain::access::MalformedScope| e.to_string())?;
    Ok((scope, words.to_owned()))
}
