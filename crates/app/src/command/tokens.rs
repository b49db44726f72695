//! `token list` and `token revoke`: by what tokens have in common.

use keywright_domain::SessionId;
use keywright_domain::access::{Audience, Scope};
use keywright_domain::client::ClientId;
use keywright_domain::ledger::{GrantType, Jti, TokenKind};
use serde_json::{Map, Value, json};

use super::user::UserArgument;
use super::{Context, Failure, Outcome};
use crate::admin::{Call, Server};
use crate::output::{Column, Output};

const COLUMNS: &[Column] = &[
    Column::text("jti"),
    Column::text("client_id"),
    Column::text("audience"),
    Column::text("scope"),
    Column::text("key"),
    Column::text("grant"),
    Column::text("kind"),
    Column::text("user_id"),
    Column::text("session_id"),
    Column::time("issued_at"),
    Column::time("expires_at"),
    Column::text("status"),
];

/// `more`: counting stops at a hundred thousand tokens of one kind.
const COUNTED: &[Column] = &[
    Column::number("tokens"),
    Column::flag("more"),
    Column::flag("revoked"),
];

const REVOKED: &[Column] = &[
    Column::number("tokens"),
    Column::number("sessions"),
    Column::number("clients"),
];

/// What the admin API calls the criteria.
const NAMES: [&str; 10] = [
    "user", "session", "client", "audience", "key", "scope", "grant", "kind", "since", "until",
];

/// Criteria are met together
#[derive(Debug, clap::Args)]
pub struct Criteria {
    /// Of this user's sessions: an id, a user name or an e-mail address
    #[arg(long)]
    user: Option<UserArgument>,
    /// Of this session
    #[arg(long, value_name = "SESSION_ID")]
    session: Option<SessionId>,
    /// Issued to this client
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<ClientId>,
    /// For this API
    #[arg(long)]
    audience: Option<Audience>,
    /// Signed by this key
    #[arg(long, value_name = "KID")]
    key: Option<String>,
    /// With this scope, perhaps among others
    #[arg(long)]
    scope: Option<Scope>,
    /// Issued by `login`, `refresh_token` or `client_credentials`
    #[arg(long)]
    grant: Option<GrantType>,
    /// `access_token` or `id_token`
    #[arg(long)]
    kind: Option<TokenKind>,
    /// Issued then or later; seconds since 1970
    #[arg(long, value_name = "SECONDS")]
    since: Option<i64>,
    /// Issued before then
    #[arg(long, value_name = "SECONDS")]
    until: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    criteria: Criteria,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Those behind this one, which are older
    #[arg(long, value_name = "JTI")]
    after: Option<Jti>,
}

#[derive(Debug, clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    criteria: Criteria,
    /// Do it; otherwise the tokens are only counted
    #[arg(long)]
    yes: bool,
}

impl Criteria {
    /// As the admin API calls them.
    async fn document(self, server: &mut Server) -> Result<Map<String, Value>, Failure> {
        let user = match self.user {
            Some(user) => Some(json!(user.id(server).await?)),
            None => None,
        };
        let criteria = [
            ("user", user),
            ("session", self.session.map(|id| json!(id))),
            ("client", self.client.map(|id| json!(id))),
            ("audience", self.audience.map(|audience| json!(audience))),
            ("key", self.key.map(|kid| json!(kid))),
            ("scope", self.scope.map(|scope| json!(scope))),
            ("grant", self.grant.map(|grant| json!(grant.as_str()))),
            ("kind", self.kind.map(|kind| json!(kind.as_str()))),
            ("since", self.since.map(|at| json!(at))),
            ("until", self.until.map(|at| json!(at))),
        ];
        let given = criteria.into_iter();
        Ok(given
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect())
    }
}

/// The criteria in a query string.
fn asking(call: Call, criteria: &Map<String, Value>) -> Call {
    NAMES
        .iter()
        .fold(call, |call, name| match &criteria.get(*name) {
            Some(Value::String(text)) => call.query(name, text),
            Some(other) => call.query(name, other),
            None => call,
        })
}

impl List {
    pub async fn run(self, context: &Context) -> Outcome {
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        let criteria = self.criteria.document(server).await?;
        let call = asking(Call::to("list_tokens"), &criteria).maybe("after", self.after);
        let tokens = server.list(call, "tokens", self.limit).await?;
        output.list(COLUMNS, &tokens)?;
        Ok(())
    }
}

impl Revoke {
    pub async fn run(self, context: &Context) -> Outcome {
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        let criteria = self.criteria.document(server).await?;
        let matching = server
            .ask(asking(Call::to("count_tokens"), &criteria))
            .await?;
        let tokens = &matching["tokens"];
        if !self.yes {
            let told = json!({ "tokens": tokens, "more": matching["more"], "revoked": false });
            output.one(COUNTED, &told)?;
            return Ok(());
        }
        let (mut sessions, mut clients) = (0, 0);
        loop {
            let call = Call::to("revoke_tokens").json(Value::Object(criteria.clone()));
            let revoked = server.ask(call).await?;
            sessions += revoked["sessions"].as_u64().unwrap_or(0);
            clients += revoked["clients"].as_u64().unwrap_or(0);
            if revoked["more"] != json!(true) {
                break;
            }
        }
        let told = json!({ "tokens": tokens, "sessions": sessions, "clients": clients });
        output.one(REVOKED, &told)?;
        Ok(())
    }
}
