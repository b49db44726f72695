use clap::{Subcommand, ValueEnum};
use keywright_domain::access::{Audience, ScopeSet};
use keywright_domain::audit::Actor;
use keywright_domain::client::{
    ChangeClient, Client as Registered, ClientId, ClientKind, Grant, NewClient,
};
use keywright_domain::ports::Page;

use super::{Context, Outcome, grants};
use crate::output::{Cell, Table};

/// Clients: the applications and services that ask for tokens
#[derive(Debug, Subcommand)]
pub enum Client {
    /// List the clients
    #[command(after_help = "Example:\n  keywright client list --json | jq -r '.[].client_id'")]
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Those behind this one
        #[arg(long, value_name = "CLIENT_ID")]
        after: Option<ClientId>,
    },
    /// Register a client; a confidential client's secret is shown this once
    #[command(
        after_help = "Example:\n  keywright client create --name Billing --grant client-credentials \\\n    --allow 'https://orders.example.org=read:orders'"
    )]
    Create(Create),
    /// Replace a client's secret; the old one stops working at once
    #[command(
        after_help = "Example:\n  keywright client rotate-secret billing --json | jq -r .client_secret"
    )]
    RotateSecret { client_id: ClientId },
    /// Disable a client; its sessions end
    #[command(after_help = "Example:\n  keywright client disable billing")]
    Disable { client_id: ClientId },
    /// Enable a disabled client
    #[command(after_help = "Example:\n  keywright client enable billing")]
    Enable { client_id: ClientId },
    /// Delete a client; its sessions end
    #[command(after_help = "Example:\n  keywright client delete billing")]
    Delete { client_id: ClientId },
}

#[derive(Debug, clap::Args)]
pub struct Create {
    /// What people call it
    #[arg(long)]
    name: String,
    /// Its client_id; drawn at random unless given
    #[arg(long)]
    id: Option<ClientId>,
    /// It runs where it cannot keep a secret: a browser, a phone, a command line
    #[arg(long)]
    public: bool,
    /// How it may get tokens; repeat it for several
    #[arg(long = "grant", required = true)]
    grants: Vec<GrantArgument>,
    /// The scopes that it may ask for on one API; repeat it for several
    #[arg(long = "allow", value_name = "AUDIENCE=SCOPES", value_parser = grants::parse)]
    allowed: Vec<(Audience, ScopeSet)>,
    /// The API that a request without `audience` means; the first of --allow unless given
    #[arg(long, value_name = "AUDIENCE")]
    default_audience: Option<Audience>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GrantArgument {
    /// Log people in by password (first-party, public clients only)
    Login,
    /// Refresh the sessions that it opened
    RefreshToken,
    /// Act for itself (confidential clients only)
    ClientCredentials,
    /// Follow the feed of revocations and keys, and report to it (confidential clients only)
    Feed,
}

impl Client {
    pub async fn run(self, context: &Context) -> Outcome {
        let deployment = context.open().await?;
        let (issuer, actor) = (&deployment.issuer, &Actor::Operator);
        match self {
            Client::List { limit, after } => {
                let clients = issuer.clients(Page { after, limit }).await?;
                let columns = &[
                    "client_id",
                    "name",
                    "kind",
                    "grants",
                    "allowed",
                    "disabled",
                    "created_at",
                ];
                context.output.table(&Table {
                    columns,
                    rows: clients.iter().map(row).collect(),
                })?;
            }
            Client::Create(create) => {
                let created = issuer.create_client(create.into(), actor).await?;
                context.output.record(&[
                    ("client_id", Cell::text(&created.client.id)),
                    (
                        "client_secret",
                        Cell::maybe(created.secret.as_ref().map(|s| s.expose())),
                    ),
                ])?;
            }
            Client::RotateSecret { client_id } => {
                let secret = issuer.rotate_client_secret(&client_id, actor).await?;
                context.output.record(&[
                    ("client_id", Cell::text(&client_id)),
                    ("client_secret", Cell::text(secret.expose())),
                ])?;
            }
            Client::Disable { client_id } => {
                issuer
                    .change_client(&client_id, disabled(true), actor)
                    .await?;
                context
                    .output
                    .done(&format!("the client {client_id} is disabled"))?;
            }
            Client::Enable { client_id } => {
                issuer
                    .change_client(&client_id, disabled(false), actor)
                    .await?;
                context
                    .output
                    .done(&format!("the client {client_id} is enabled"))?;
            }
            Client::Delete { client_id } => {
                issuer.delete_client(&client_id, actor).await?;
                context
                    .output
                    .done(&format!("the client {client_id} is deleted"))?;
            }
        }
        Ok(())
    }
}

fn disabled(disabled: bool) -> ChangeClient {
    ChangeClient {
        disabled: Some(disabled),
        ..ChangeClient::default()
    }
}

impl From<Create> for NewClient {
    fn from(create: Create) -> Self {
        let default_audience = create
            .default_audience
            .or_else(|| create.allowed.first().map(|(audience, _)| audience.clone()));
        NewClient {
            id: create.id,
            name: create.name,
            kind: if create.public {
                ClientKind::Public
            } else {
                ClientKind::Confidential
            },
            grants: create.grants.into_iter().map(Grant::from).collect(),
            allowed: create.allowed.into_iter().collect(),
            default_audience,
        }
    }
}

impl From<GrantArgument> for Grant {
    fn from(argument: GrantArgument) -> Self {
        match argument {
            GrantArgument::Login => Grant::Login,
            GrantArgument::RefreshToken => Grant::RefreshToken,
            GrantArgument::ClientCredentials => Grant::ClientCredentials,
            GrantArgument::Feed => Grant::Feed,
        }
    }
}

fn row(client: &Registered) -> Vec<Cell> {
    let kind = match client.kind {
        ClientKind::Public => "public",
        ClientKind::Confidential => "confidential",
    };
    vec![
        Cell::text(&client.id),
        Cell::text(&client.name),
        Cell::text(kind),
        Cell::words(client.grants.iter().map(|grant| grant.as_str())),
        grants::cell(&client.allowed),
        Cell::Flag(client.disabled),
        Cell::Time(client.created_at),
    ]
}
