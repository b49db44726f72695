use clap::Subcommand;
use keywright_domain::SessionId;

use super::user::UserArgument;
use super::{Context, Outcome};
use crate::admin::{Call, Server};
use crate::output::{Column, Output};

const COLUMNS: &[Column] = &[
    Column::text("session_id").of("id"),
    Column::text("user_id"),
    Column::text("client_id"),
    Column::text("device"),
    Column::text("address"),
    Column::time("created_at"),
    Column::time("last_used_at"),
];

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
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            Session::List { user, limit, after } => {
                let user = match user {
                    Some(user) => Some(user.id(server).await?),
                    None => None,
                };
                let call = Call::to("list_sessions").maybe("user", user);
                let sessions = server
                    .list(call.maybe("after", after), "sessions", limit)
                    .await?;
                output.list(COLUMNS, &sessions)?;
            }
            Session::End { session_id } => {
                server.ask(Call::to("end_session").at(session_id)).await?;
                output.done(&format!("the session {session_id} is ended"))?;
            }
            Session::EndAll { user } => {
                let id = user.id(server).await?;
                let call = Call::to("end_sessions_of_user").query("user", id);
                output.one(&[Column::number("ended")], &server.ask(call).await?)?;
            }
        }
        Ok(())
    }
}
