use clap::{Subcommand, ValueEnum};
use keywright_domain::InitialAccessId;
use keywright_domain::access::{Audience, ScopeSet};
use keywright_domain::client::{ClientId, Grant, RedirectUri};
use serde_json::{Value, json};

use super::credentials::Credentials;
use super::{Context, Failure, Outcome, grants};
use crate::admin::{Call, Server};
use crate::output::{Column, Output};

const COLUMNS: &[Column] = &[
    Column::text("client_id"),
    Column::text("name"),
    Column::text("kind"),
    Column::words("grants"),
    Column::grants("allowed"),
    Column::flag("disabled"),
    Column::time("created_at"),
];
const SECRET: &[Column] = &[Column::text("client_id"), Column::text("client_secret")];

const INVITED: &[Column] = &[Column::text("id"), Column::text("initial_access_token")];
const INVITATIONS: &[Column] = &[
    Column::text("id"),
    Column::text("name"),
    Column::number("uses_left"),
    Column::time("expires_at"),
];

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
        after_help = "Example:\n  keywright client create --name Billing --grant client-credentials \\\n    --allow 'https://orders.example.org=read:orders'\n  \
            keywright client create --name Shop --grant authorization-code --grant refresh-token \\\n    \
            --redirect-uri https://shop.example.org/callback --openid-scope 'openid email'"
    )]
    Create(Box<Create>),
    /// Change a client; what is not given stays as it is
    #[command(
        after_help = "Example:\n  keywright client update billing --name 'Billing, new' --dpop-bound\n  \
            keywright client update billing --dpop-bound=false\n  \
            keywright client update billing --auth-method private_key_jwt --jwks billing-keys.json"
    )]
    Update {
        client_id: ClientId,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        credentials: Credentials,
    },
    /// Replace a client's secret; the old one stops working at once
    #[command(
        after_help = "Example:\n  keywright client rotate-secret billing --json | jq -r .client_secret"
    )]
    RotateSecret {
        client_id: ClientId,
        /// How it proves itself from now on: client_secret_basic, client_secret_post or client_secret_jwt
        #[arg(long, value_name = "METHOD")]
        auth_method: Option<String>,
    },
    /// Disable a client; its sessions end
    #[command(after_help = "Example:\n  keywright client disable billing")]
    Disable { client_id: ClientId },
    /// Enable a disabled client
    #[command(after_help = "Example:\n  keywright client enable billing")]
    Enable { client_id: ClientId },
    /// Make a token by which clients register themselves, where `registration.mode` demands one; it is shown this once
    #[command(
        after_help = "Example:\n  keywright client invite --name 'Partner X' --uses 5 --expires-in 604800 --json | jq -r .initial_access_token"
    )]
    Invite {
        /// What you call it
        #[arg(long)]
        name: String,
        /// Clients that may be registered with it
        #[arg(long, default_value_t = 1)]
        uses: u32,
        /// Seconds until it expires
        #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
        expires_in: u32,
    },
    /// List the tokens by which clients may still register themselves
    #[command(after_help = "Example:\n  keywright client invitations --json | jq -r '.[].id'")]
    Invitations,
    /// Revoke such a token; clients that were registered with it stay
    #[command(
        after_help = "Example:\n  keywright client uninvite 019a7c1e-0000-7000-8000-000000000000"
    )]
    Uninvite { id: InitialAccessId },
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
    #[command(flatten)]
    flow: Flow,
    #[command(flatten)]
    credentials: Credentials,
}

/// Of browser flows and OpenID Connect.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Browser flows")]
struct Flow {
    /// Where people are sent back to, byte for byte; repeat it for several
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<RedirectUri>,
    /// Where people may be sent back to after logging out, byte for byte; repeat it for several
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told, server to server, that a session of it is over
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// What the logged-out page loads in a frame, so that it can log out as well
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// What it may ask for of openid, profile, email, address, phone and offline_access
    #[arg(long, value_name = "SCOPES")]
    openid_scope: Option<ScopeSet>,
    /// It is of your own house: people are not asked whether they consent
    #[arg(long)]
    first_party: bool,
    /// It sends no PKCE; an old library that sends a nonce may do without (confidential clients only)
    #[arg(long)]
    pkce_optional: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GrantArgument {
    /// Log people in by password (first-party, public clients only)
    Login,
    /// Have people log in at Keywright's own page (needs --redirect-uri)
    AuthorizationCode,
    /// Refresh the sessions that it opened
    RefreshToken,
    /// Act for itself (confidential clients only)
    ClientCredentials,
    /// Let devices without a browser in, by a code that a person types elsewhere
    DeviceCode,
    /// Exchange tokens that it was called with for others (confidential clients only), or those of a trusted issuer for a session
    TokenExchange,
    /// Open sessions by assertions of a trusted issuer
    JwtBearer,
    /// Follow the feed of revocations and keys, and report to it (confidential clients only)
    Feed,
}

impl Client {
    pub async fn run(self, context: &Context) -> Outcome {
        let output = context.output;
        context
            .administer(async move |server| self.ask(server, output).await)
            .await
    }

    async fn ask(self, server: &mut Server, output: Output) -> Outcome {
        match self {
            Client::List { limit, after } => {
                let call = Call::to("list_clients").maybe("after", after);
                let clients = server.list(call, "clients", limit).await?;
                output.list(COLUMNS, &clients)?;
            }
            Client::Create(create) => {
                let call = Call::to("create_client").json(create.document()?);
                let mut created = server.ask(call).await?;
                created["client_id"] = created["client"]["client_id"].take();
                output.one(SECRET, &created)?;
            }
            Client::Update {
                client_id,
                name,
                credentials,
            } => {
                let mut client = server.ask(Call::to("show_client").at(&client_id)).await?;
                let registered = client["registration"].take();
                let mut registration = registered.clone();
                credentials.write_into(&mut registration)?;
                let mut change = json!({});
                if registration != registered {
                    change["registration"] = registration;
                }
                if let Some(name) = name {
                    change["name"] = json!(name);
                }
                let call = Call::to("change_client").at(&client_id).json(change);
                server.ask(call).await?;
                output.done(&format!("the client {client_id} is changed"))?;
            }
            Client::RotateSecret {
                client_id,
                auth_method,
            } => {
                let members = auth_method
                    .map(|method| ("token_endpoint_auth_method".to_owned(), json!(method)));
                let document = Value::Object(members.into_iter().collect());
                let call = Call::to("rotate_client_secret")
                    .at(&client_id)
                    .json(document);
                let mut renewed = server.ask(call).await?;
                renewed["client_id"] = json!(client_id.as_str());
                output.one(SECRET, &renewed)?;
            }
            Client::Disable { client_id } => {
                server.ask(disable(&client_id, true)).await?;
                output.done(&format!("the client {client_id} is disabled"))?;
            }
            Client::Enable { client_id } => {
                server.ask(disable(&client_id, false)).await?;
                output.done(&format!("the client {client_id} is enabled"))?;
            }
            Client::Invite {
                name,
                uses,
                expires_in,
            } => {
                let document = json!({ "name": name, "uses": uses, "expires_in": expires_in });
                let call = Call::to("grant_initial_access").json(document);
                output.one(INVITED, &server.ask(call).await?)?;
            }
            Client::Invitations => {
                let found = server.ask(Call::to("list_initial_accesses")).await?;
                let tokens = found["tokens"].as_array().cloned().unwrap_or_default();
                output.list(INVITATIONS, &tokens)?;
            }
            Client::Uninvite { id } => {
                let call = Call::to("revoke_initial_access").at(id);
                server.ask(call).await?;
                output.done(&format!("the token {id} admits no more clients"))?;
            }
            Client::Delete { client_id } => {
                server.ask(Call::to("delete_client").at(&client_id)).await?;
                output.done(&format!("the client {client_id} is deleted"))?;
            }
        }
        Ok(())
    }
}

fn disable(client: &ClientId, disabled: bool) -> Call {
    let call = Call::to("change_client").at(client);
    call.json(json!({ "disabled": disabled }))
}

impl Create {
    fn document(self) -> Result<Value, Failure> {
        let first = self.allowed.first().map(|(audience, _)| audience);
        let default_audience = self.default_audience.as_ref().or(first);
        let grants = self.grants.iter().map(|grant| Grant::from(*grant).as_str());
        let mut registration = self.flow.document();
        self.credentials.write_into(&mut registration)?;
        Ok(json!({
            "client_id": self.id.as_ref().map(ClientId::as_str),
            "name": self.name,
            "kind": if self.public { "public" } else { "confidential" },
            "grants": grants.collect::<Vec<_>>(),
            "default_audience": default_audience.map(Audience::to_string),
            "allowed": grants::document(self.allowed),
            "registration": registration,
        }))
    }
}

impl Flow {
    /// Members by RFC 7591; what is not said is left out.
    fn document(self) -> Value {
        let mut members = serde_json::Map::new();
        let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
        for (name, uris) in [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            if !uris.is_empty() {
                set(name, uris.iter().map(RedirectUri::as_str).collect());
            }
        }
        for (name, uri) in [
            ("backchannel_logout_uri", self.backchannel_logout_uri),
            ("frontchannel_logout_uri", self.frontchannel_logout_uri),
        ] {
            if let Some(uri) = uri {
                set(name, json!(uri));
            }
        }
        if let Some(scope) = &self.openid_scope {
            set("openid_scope", json!(scope.as_str()));
        }
        for (name, is_set) in [
            ("first_party", self.first_party),
            ("pkce_optional", self.pkce_optional),
        ] {
            if is_set {
                set(name, json!(true));
            }
        }
        Value::Object(members)
    }
}

impl From<GrantArgument> for Grant {
    fn from(argument: GrantArgument) -> Self {
        match argument {
            GrantArgument::Login => Grant::Login,
            GrantArgument::AuthorizationCode => Grant::AuthorizationCode,
            GrantArgument::RefreshToken => Grant::RefreshToken,
            GrantArgument::ClientCredentials => Grant::ClientCredentials,
            GrantArgument::DeviceCode => Grant::DeviceCode,
            GrantArgument::TokenExchange => Grant::TokenExchange,
            GrantArgument::JwtBearer => Grant::JwtBearer,
            GrantArgument::Feed => Grant::Feed,
        }
    }
}
