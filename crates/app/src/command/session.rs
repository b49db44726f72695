use clap::Subcommand;
use keywright_domain::SessionId;
use keywright_domain::audit::Actor;
use keywright_domain::ports::Page;
use keywright_domain::session::Session as Live;

use super::user::UserArgument;
use super::{Context, Outcome};
use crate::output::{Cell, Table};

/// Sessions: who is logged in, and ending it
#[derive(Debug, Subcommand)]
pub enum Session {
    /// List the live sessions
    #[command(after_help = "Example:\n  keywright session list --user ann@example.org")]
    List {
        /// Those of one user: an id, a user name or an e-mail address
        #[arg(long)]
        user: Option<UserArgument>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Those behind this one
        #[arg(long, value_name = "SESSION_ID")]
        after: Option<SessionId>,
    },
    /// End one session
    #[command(
        after_help = "Example:\n  keywright session end 01985a3e-7c1d-7b2a-9f60-2f4f8a1b6c3d"
    )]
    End { session_id: SessionId },
    /// End every session of a user
    #[command(after_help = "Example:\n  keywright session end-all ann@example.org")]
    EndAll {
        /// An id, a user name or an e-mail address
        user: UserArgument,
    },
}

impl Session {
    pub async fn run(self, context: &Context) -> Outcome {
        let deployment = context.open().await?;
        let issuer = &deployment.issuer;
        match self {
            Session::List { user, limit, after } => {
                let user = match user {
                    Some(user) => Some(user.find(&deployment).await?.id),
                    None => None,
                };
                let sessions = issuer.sessions(user, Page { after, limit }).await?;
                let columns = &[
                    "session_id",
                    "user_id",
                    "client_id",
                    "device",
                    "address",
                    "created_at",
                    "last_used_at",
                ];
                context.output.table(&Table {
                    columns,
                    rows: sessions.iter().map(row).collect(),
                })?;
            }
            Session::End { session_id } => {
                issuer.end_session(session_id, &Actor::Operator).await?;
                context
                    .output
                    .done(&format!("the session {session_id} is ended"))?;
            }
            Session::EndAll { user } => {
                let user = user.find(&deployment).await?;
                let ended = issuer.end_sessions_of(user.id, &Actor::Operator).await?;
                context.output.record(&[(
                    "ended",
                    Cell::Number(i64::try_from(ended).unwrap_or(i64::MAX)),
                )])?;
            }
        }
        Ok(())
    }
}

fn row(session: &Live) -> Vec<Cell> {
    vec![
        Cell::text(session.id),
        Cell::text(session.user),
        Cell::text(&session.client),
        Cell::maybe(session.device.as_ref()),
        Cell::maybe(session.address),
        Cell::Time(session.created_at),
        Cell::Time(session.last_used_at),
    ]
}
