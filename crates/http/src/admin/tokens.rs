//! `/admin/v1/tokens`: which tokens live, and ending them by what they have in common.

use keywright_domain::access::{Audience, Scope};
use keywright_domain::client::ClientId;
use keywright_domain::ledger::{
    GrantType, Jti, Recorded, Revoked, TokenCount, TokenFilter, TokenKind, TokenState,
};
use keywright_domain::{SessionId, Time, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, Limit, Name, Query, Seq};
use crate::problem::Problem;

/// What a list, a count and a revocation can ask for alike. Query strings know only text, so times are of another type there.
macro_rules! criteria {
    ($(#[$meta:meta])* $name:ident, $attribute:ident, $time:ty, $seconds:expr $(, $(#[$more_meta:meta])* $more:ident: $of:ty)*) => {
        $(#[$meta])*
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Of this user's sessions.
            #[$attribute(value_type = Option<String>)]
            user: Option<UserId>,
            /// Of this session.
            #[$attribute(value_type = Option<String>)]
            session: Option<SessionId>,
            /// Issued to this client.
            #[$attribute(value_type = Option<String>)]
            client: Option<ClientId>,
            /// For this API.
            #[$attribute(value_type = Option<String>)]
            audience: Option<Audience>,
            /// Signed by this key.
            #[$attribute(value_type = Option<String>)]
            key: Option<Name>,
            /// With this scope, perhaps among others.
            #[$attribute(value_type = Option<String>)]
            scope: Option<Scope>,
            /// `login`, `refresh_token` or `client_credentials`.
            #[$attribute(value_type = Option<String>)]
            grant: Option<GrantType>,
            /// `access_token` or `id_token`.
            #[$attribute(value_type = Option<String>)]
            kind: Option<TokenKind>,
            /// Issued then or later; seconds since 1970.
            #[$attribute(value_type = Option<i64>)]
            since: Option<$time>,
            /// Issued before then.
            #[$attribute(value_type = Option<i64>)]
            until: Option<$time>,
            $($(#[$more_meta])* $more: $of,)*
        }

        impl $name {
            fn filter(&self) -> TokenFilter {
                let time = |at: &$time| Time::from_secs($seconds(at));
                TokenFilter {
                    user: self.user,
                    session: self.session,
                    client: self.client.clone(),
                    audience: self.audience.clone(),
                    kid: self.key.as_ref().map(|Name(kid)| kid.clone()),
                    scope: self.scope.clone(),
                    grant: self.grant,
                    kind: self.kind,
                    since: self.since.as_ref().map(time),
                    until: self.until.as_ref().map(time),
                }
            }
        }
    };
}

criteria!(
    #[derive(Deserialize, IntoParams)]
    TokenListQuery, param, Seq, |at: &Seq| at.0,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Jti>,
    /// 1 to 200; 50 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit
);

criteria!(
    #[derive(Deserialize, IntoParams)]
    TokenCountQuery,
    param,
    Seq,
    |at: &Seq| at.0
);

criteria!(
    /// Which tokens; at least one criterion is needed.
    #[derive(Deserialize, ToSchema)]
    RevokeTokens, schema, i64, |at: &i64| *at
);

#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenBody {
    jti: String,
    client_id: String,
    audience: String,
    scope: String,
    /// The `kid` of the key that signed it.
    key: String,
    grant: &'static str,
    /// `access_token` or `id_token`.
    kind: &'static str,
    user_id: Option<String>,
    session_id: Option<String>,
    issued_at: i64,
    expires_at: i64,
    /// `valid` or `revoked`, as its session stands; null for a client's own token.
    status: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub struct TokenList {
    tokens: Vec<TokenBody>,
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TokenCount)]
pub struct TokenCountBody {
    tokens: u64,
    /// There are more; counting stops at a hundred thousand of one kind, and at a million.
    more: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RevokedTokens)]
pub struct RevokedBody {
    /// How many sessions were ended.
    sessions: u64,
    /// How many clients' own tokens were revoked.
    clients: u64,
    /// More may match than one request ends: send it again.
    more: bool,
}

pub async fn list_tokens(
    app: App,
    Query(query): Query<TokenListQuery>,
) -> Result<Json<TokenList>, Problem> {
    let asked = page::ask(query.after, query.limit);
    let tokens = app.issuer().tokens(query.filter(), asked).await?;
    let (tokens, next) = page::cut(tokens, query.limit, |token| token.jti.to_string());
    let tokens = tokens.iter().map(TokenBody::of).collect();
    Ok(Json(TokenList { tokens, next }))
}

pub async fn count_tokens(
    app: App,
    Query(query): Query<TokenCountQuery>,
) -> Result<Json<TokenCountBody>, Problem> {
    let count = app.issuer().count_tokens(query.filter()).await?;
    Ok(Json(count.into()))
}

pub async fn revoke_tokens(
    app: App,
    Administrator(actor): Administrator,
    Json(body): Json<RevokeTokens>,
) -> Result<Json<RevokedBody>, Problem> {
    let Revoked {
        sessions,
        clients,
        more,
    } = app.issuer().revoke_tokens(body.filter(), &actor).await?;
    Ok(Json(RevokedBody {
        sessions,
        clients,
        more,
    }))
}

impl TokenBody {
    fn of(token: &Recorded) -> Self {
        let class = &token.class;
        let issued_at = token.jti.issued_at();
        Self {
            jti: token.jti.to_string(),
            client_id: class.client.to_string(),
            audience: class.audience.to_string(),
            scope: class.scope.to_string(),
            key: class.kid.clone(),
            grant: class.grant.as_str(),
            kind: class.kind.as_str(),
            user_id: token.user.map(|id| id.to_string()),
            session_id: token.session.map(|id| id.to_string()),
            issued_at: issued_at.secs(),
            expires_at: class.dies_at(issued_at).secs(),
            status: token.state().map(TokenState::as_str),
        }
    }
}

impl From<TokenCount> for TokenCountBody {
    fn from(TokenCount { tokens, more }: TokenCount) -> Self {
        Self { tokens, more }
    }
}
