use clap::Subcommand;
use keywright_domain::access::{Audience, Role as Granting, RoleName, ScopeSet};
use keywright_domain::audit::Actor;

use super::{Context, Outcome, grants};
use crate::output::{Cell, Table};

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
        let deployment = context.open().await?;
        let issuer = &deployment.issuer;
        match self {
            Role::List => {
                let catalog = issuer.catalog();
                let rows = catalog.roles.values().map(row).collect();
                context.output.table(&Table {
                    columns: &["name", "description", "grants"],
                    rows,
                })?;
            }
            Role::Put {
                name,
                description,
                grants,
            } => {
                let known = issuer.catalog().roles.get(&name).cloned();
                let mut role = known.unwrap_or_else(|| Granting {
                    name: name.clone(),
                    description: String::new(),
                    grants: Default::default(),
                });
                role.description = description.unwrap_or(role.description);
                if !grants.is_empty() {
                    role.grants = grants.into_iter().collect();
                }
                issuer.put_role(&role, &Actor::Operator).await?;
                context
                    .output
                    .done(&format!("the role {name} is defined"))?;
            }
            Role::Delete { name } => {
                issuer.delete_role(&name, &Actor::Operator).await?;
                context
                    .output
                    .done(&format!("the role {name} is deleted"))?;
            }
        }
        Ok(())
    }
}

fn row(role: &Granting) -> Vec<Cell> {
    vec![
        Cell::text(&role.name),
        Cell::text(&role.description),
        grants::cell(&role.grants),
    ]
}
