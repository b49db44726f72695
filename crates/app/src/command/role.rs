use clap::Subcommand;
use keywright_domain::access::{Audience, RoleName, ScopeSet};
use serde_json::json;

use super::{Context, Outcome, grants};
use crate::admin::{Call, Server, taken};
use crate::output::{Column, Output};

const COLUMNS: &[Column] = &[
    Column::text("name"),
    Column::text("description"),
    Column::grants("grants"),
];

/// Roles: which scopes they grant on which API
#[derive(Debug, Subcommand)]
pub enum Role {
    /// List the roles
    #[command(after_help = "Example:\n  keywright role list")]
    List,
    /// Create a role or change one; what is not given stays as it is
    #[command(
        after_help = "Example:\n  keywright role put editor --grant 'https://orders.example.org=read:orders write:orders'"
    )]
    Put {
        name: RoleName,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// What it grants on one API; repeat it for all: they replace the earlier ones
        #[arg(long = "grant", value_name = "AUDIENCE=SCOPES", value_parser = grants::parse)]
        grants: Vec<(Audience, ScopeSet)>,
    },
    /// Delete a role; its users lose what it granted with their next token
    #[command(after_help = "Example:\n  keywright role delete editor")]
    Delete { name: RoleName },
}

impl Role {
    pub async fn run(self, context: &Context) -> Outcome {
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            Role::List => {
                let mut document = server.ask(Call::to("list_roles")).await?;
                output.list(COLUMNS, &taken(&mut document, "roles")?)?;
            }
            Role::Put {
                name,
                description,
                grants,
            } => {
                let known = server.find(Call::to("show_role").at(&name)).await?;
                let known = known.unwrap_or_else(|| json!({ "description": "", "grants": {} }));
                let mut role = json!({
                    "description": known["description"], "grants": known["grants"],
                });
                if let Some(description) = description {
                    role["description"] = json!(description);
                }
                if !grants.is_empty() {
                    role["grants"] = grants::document(grants);
                }
                server
                    .ask(Call::to("put_role").at(&name).json(role))
                    .await?;
                output.done(&format!("the role {name} is defined"))?;
            }
            Role::Delete { name } => {
                server.ask(Call::to("delete_role").at(&name)).await?;
                output.done(&format!("the role {name} is deleted"))?;
            }
        }
        Ok(())
    }
}
