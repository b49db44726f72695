//! Accounts, as an operator sees and changes them.

mod argument;
mod import;

use clap::Subcommand;
use keywright_domain::UserId;
use keywright_domain::access::RoleName;
use keywright_domain::account::{Email, Username};
use serde_json::{Map, Value, json};

use super::{Context, Outcome};
use crate::admin::{Call, Server};
use crate::output::{Column, Output};
use crate::typed;
pub use argument::UserArgument;

const COLUMNS: &[Column] = &[
    Column::text("user_id").of("id"),
    Column::text("username"),
    Column::text("email"),
    Column::flag("email_verified"),
    Column::text("status"),
    Column::words("roles"),
    Column::time("created_at"),
];

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
    /// Show what a person tells about themselves, or replace it
    #[command(
        after_help = "Example:\n  echo '{\"name\":\"Ann Example\",\"locale\":\"de-AT\"}' | keywright user profile ann --replace"
    )]
    Profile {
        user: UserArgument,
        /// By the JSON object on standard input; its members are the claims of OpenID Connect Core 5.1
        #[arg(long)]
        replace: bool,
    },
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
        if let User::Import(import) = self {
            return import.run(context, &context.open().await?.issuer).await;
        }
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            User::List { limit, after } => {
                let call = Call::to("list_users").maybe("after", after);
                let users = server.list(call, "users", limit).await?;
                output.list(COLUMNS, &users)?;
            }
            User::Show { user } => output.one(COLUMNS, &user.show(server).await?)?,
            User::Create(create) => {
                let call = Call::to("create_user").json(create.document()?);
                output.one(COLUMNS, &server.ask(call).await?)?;
            }
            // Handled above: its endless file is no single request.
            User::Import(_) => {}
            User::Disable { user } => {
                let id = user.id(server).await?;
                server.ask(Call::to("disable_user").at(&id)).await?;
                output.done(&format!(
                    "the account {id} is disabled and its sessions are ended"
                ))?;
            }
            User::Enable { user } => {
                let id = user.id(server).await?;
                server.ask(Call::to("enable_user").at(&id)).await?;
                output.done(&format!("the account {id} is enabled"))?;
            }
            User::Delete { user } => {
                let id = user.id(server).await?;
                server.ask(Call::to("delete_user").at(&id)).await?;
                output.done(&format!("the account {id} is deleted"))?;
            }
            User::Roles { user, roles } => {
                let id = user.id(server).await?;
                let call = Call::to("set_user_roles").at(&id);
                server
                    .ask(call.json(json!({ "roles": words(&roles) })))
                    .await?;
                output.done(&format!(
                    "the roles of {id} are set; the next token of each session carries them"
                ))?;
            }
            User::Password { user } => {
                let id = user.id(server).await?;
                let password = typed::secret("Password")?;
                let call = Call::to("set_user_password").at(&id);
                let body = json!({ "password": password.expose() });
                server.ask(call.json(body)).await?;
                output.done(&format!(
                    "the account {id} has a new password; its sessions are ended"
                ))?;
            }
            User::Profile {
                user,
                replace: false,
            } => {
                let id = user.id(server).await?;
                let profile = server.ask(Call::to("show_user_profile").at(&id)).await?;
                output.document(&profile)?;
            }
            User::Profile {
                user,
                replace: true,
            } => {
                let id = user.id(server).await?;
                let profile: Value =
                    serde_json::from_reader(std::io::stdin()).map_err(std::io::Error::from)?;
                let call = Call::to("set_user_profile").at(&id);
                server.ask(call.json(profile)).await?;
                output.done(&format!("the profile of {id} is replaced"))?;
            }
        }
        Ok(())
    }
}

impl Create {
    fn document(self) -> std::io::Result<Value> {
        let mut document = Map::new();
        let mut set = |name: &str, value| document.insert(name.to_owned(), value);
        set("email", json!(self.email.as_str()));
        set("email_verified", json!(!self.unverified));
        set("roles", words(&self.roles));
        if let Some(username) = &self.username {
            set("username", json!(username.as_str()));
        }
        if !self.no_password {
            set("password", json!(typed::secret("Password")?.expose()));
        }
        Ok(document.into())
    }
}

fn words(roles: &[RoleName]) -> Value {
    roles.iter().map(RoleName::to_string).collect()
}
