//! Accounts, as an operator sees and changes them.

mod argument;
mod import;
mod password;

use clap::Subcommand;
use keywright_domain::UserId;
use keywright_domain::access::RoleName;
use keywright_domain::account::{Email, NewPassword, NewUser, User as Account, Username};
use keywright_domain::audit::Actor;
use keywright_domain::ports::Page;

use super::{Context, Outcome};
use crate::deployment::Deployment;
use crate::output::{Cell, Table};
pub use argument::UserArgument;

/// Accounts
#[derive(Debug, Subcommand)]
pub enum User {
    /// List the accounts
    #[command(after_help = "Example:\n  keywright user list --limit 20 --json | jq -r '.[].email'")]
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Those behind this one
        #[arg(long, value_name = "USER_ID")]
        after: Option<UserId>,
    },
    /// Show one account
    #[command(after_help = "Example:\n  keywright user show ann@example.org")]
    Show { user: UserArgument },
    /// Create an account; the password is asked for, or read from standard input
    #[command(
        after_help = "Example:\n  printf '%s' \"$PASSWORD\" | keywright user create --email ann@example.org --username ann --role editor"
    )]
    Create(Create),
    /// Disable an account; its sessions end
    #[command(after_help = "Example:\n  keywright user disable ann")]
    Disable { user: UserArgument },
    /// Enable a disabled account
    #[command(after_help = "Example:\n  keywright user enable ann")]
    Enable { user: UserArgument },
    /// Delete an account; its sessions end
    #[command(after_help = "Example:\n  keywright user delete ann")]
    Delete { user: UserArgument },
    /// Set an account's roles: all of them, none takes all away
    #[command(after_help = "Example:\n  keywright user roles ann editor viewer")]
    Roles {
        user: UserArgument,
        roles: Vec<RoleName>,
    },
    /// Set a password, asked for or read from standard input; all sessions end
    #[command(after_help = "Example:\n  printf '%s' \"$PASSWORD\" | keywright user password ann")]
    Password { user: UserArgument },
    /// Import accounts with the password hashes of another system, one JSON object a line
    ///
    /// Members: email, username?, email_verified?, roles?, password_hash? (argon2, bcrypt, scrypt or PBKDF2, as PHC string
    /// or $2b$…). A hash is replaced by one of today's strength at the next login.
    #[command(
        after_help = "Example:\n  echo '{\"email\":\"ann@example.org\",\"password_hash\":\"$2b$12$…\"}' | keywright user import -"
    )]
    Import(import::Import),
}

#[derive(Debug, clap::Args)]
pub struct Create {
    #[arg(long)]
    email: Email,
    #[arg(long)]
    username: Option<Username>,
    /// A role; repeat it for several
    #[arg(long = "role")]
    roles: Vec<RoleName>,
    /// The address still has to be proved by a letter
    #[arg(long)]
    unverified: bool,
    /// No password: the person sets one through recovery
    #[arg(long)]
    no_password: bool,
}

impl User {
    pub async fn run(self, context: &Context) -> Outcome {
        let deployment = context.open().await?;
        let (issuer, actor) = (&deployment.issuer, &Actor::Operator);
        match self {
            User::List { limit, after } => {
                let users = issuer.users(Page { after, limit }).await?;
                let columns = &[
                    "user_id",
                    "username",
                    "email",
                    "email_verified",
                    "status",
                    "roles",
                    "created_at",
                ];
                context.output.table(&Table {
                    columns,
                    rows: users.iter().map(row).collect(),
                })?;
            }
            User::Show { user } => {
                let user = user.find(&deployment).await?;
                show(context, &user)?;
            }
            User::Create(create) => {
                let user = issuer.create_user(create.into_new()?, actor).await?;
                show(context, &user)?;
            }
            User::Import(import) => import.run(context, issuer).await?,
            User::Disable { user } => {
                let user = user.find(&deployment).await?;
                issuer.disable_user(user.id, actor).await?;
                context.output.done(&format!(
                    "the account {} is disabled and its sessions are ended",
                    user.id
                ))?;
            }
            User::Enable { user } => {
                let user = user.find(&deployment).await?;
                issuer.enable_user(user.id, actor).await?;
                context
                    .output
                    .done(&format!("the account {} is enabled", user.id))?;
            }
            User::Delete { user } => {
                let user = user.find(&deployment).await?;
                issuer.delete_user(user.id, actor).await?;
                context
                    .output
                    .done(&format!("the account {} is deleted", user.id))?;
            }
            User::Roles { user, roles } => set_roles(context, &deployment, user, roles).await?,
            User::Password { user } => {
                let user = user.find(&deployment).await?;
                issuer
                    .set_user_password(user.id, password::read()?, actor)
                    .await?;
                context.output.done(&format!(
                    "the account {} has a new password; its sessions are ended",
                    user.id
                ))?;
            }
        }
        Ok(())
    }
}

impl Create {
    fn into_new(self) -> std::io::Result<NewUser> {
        let password = if self.no_password {
            NewPassword::None
        } else {
            NewPassword::Plain(password::read()?)
        };
        Ok(NewUser {
            username: self.username,
            email: self.email,
            email_verified: !self.unverified,
            password,
            roles: self.roles,
        })
    }
}

async fn set_roles(
    context: &Context,
    deployment: &Deployment,
    user: UserArgument,
    roles: Vec<RoleName>,
) -> Outcome {
    let user = user.find(deployment).await?;
    deployment
        .issuer
        .set_user_roles(user.id, roles, &Actor::Operator)
        .await?;
    context.output.done(&format!(
        "the roles of {} are set; the next token of each session carries them",
        user.id
    ))?;
    Ok(())
}

fn show(context: &Context, user: &Account) -> std::io::Result<()> {
    let names = [
        "user_id",
        "username",
        "email",
        "email_verified",
        "status",
        "roles",
        "created_at",
    ];
    let fields: Vec<_> = names.into_iter().zip(row(user)).collect();
    context.output.record(&fields)
}

fn row(user: &Account) -> Vec<Cell> {
    vec![
        Cell::text(user.id),
        Cell::maybe(user.username.as_ref().map(Username::as_str)),
        Cell::text(user.email.as_str()),
        Cell::Flag(user.email_verified),
        Cell::text(user.status.as_str()),
        Cell::words(&user.roles),
        Cell::Time(user.created_at),
    ]
}
