use std::io::{self, Read};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use keywright_domain::Time;
use keywright_jwt::{JwkSet, decode_unverified};
use keywright_verify::{KeySlot, Verifier};
use serde_json::{Value, json};

use super::{Context, Failure, Outcome, could_not_run, tokens};

/// A token is a few KiB; what is longer is none.
const LONGEST_INPUT: u64 = 1024 * 1024;

/// Access tokens: look into one, check one, see which live, revoke them
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Show what a token says, without checking anything
    #[command(after_help = "Example:\n  echo \"$ACCESS_TOKEN\" | keywright token inspect")]
    Inspect {
        /// The token; without it, standard input (which no other user of the machine can see)
        token: Option<String>,
    },
    /// Check a token as an API would, and say why it is refused
    ///
    /// The keys are those of the configured issuer, of the one at --url, or of --jwks.
    #[command(
        after_help = "Example:\n  echo \"$ACCESS_TOKEN\" | keywright token verify --audience https://orders.example.org"
    )]
    Verify(Verify),
    /// List the access tokens that live, newest first
    #[command(
        after_help = "Example:\n  keywright token list --user ann@example.org --audience https://orders.example.org"
    )]
    List(tokens::List),
    /// End the sessions behind the living tokens that match
    ///
    /// Without --yes it only counts them. A session is ended as a whole, with the tokens that do not match.
    #[command(
        after_help = "Example:\n  keywright token revoke --client mobile --since 1767225600 --yes"
    )]
    Revoke(tokens::Revoke),
}

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The token; without it, standard input
    token: Option<String>,
    /// The API that the token must be for
    #[arg(long)]
    audience: String,
    /// Scopes that it must carry
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// A key set in a file, instead of the configured issuer's
    #[arg(long, value_name = "FILE", requires = "issuer")]
    jwks: Option<PathBuf>,
    /// With --jwks: the `iss` that the token must have
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
}

impl Token {
    pub async fn run(self, context: &Context) -> Outcome {
        match self {
            Token::Inspect { token } => {
                let decoded = decode_unverified(&given(token)?)?;
                let document = json!({
                    "verified": false,
                    "header": decoded.header,
                    "claims": decoded.claims,
                    "times": times(&decoded.claims),
                });
                context.output.document(&document)?;
                Ok(())
            }
            Token::Verify(verify) => verify.run(context).await,
            Token::List(list) => list.run(context).await,
            Token::Revoke(revoke) => revoke.run(context).await,
        }
    }
}

impl Verify {
    async fn run(mut self, context: &Context) -> Outcome {
        let token = given(self.token.take())?;
        let verifier = self.verifier(context).await?;
        match verifier.verify(&token) {
            Ok(verified) => {
                let claims: Value = verified.deserialize()?;
                context
                    .output
                    .document(&json!({ "accepted": true, "claims": claims }))?;
                Ok(())
            }
            Err(refusal) => {
                let why = json!({ "accepted": false, "code": refusal.code(), "reason": refusal.to_string() });
                context.output.document(&why)?;
                Err(Failure::Told)
            }
        }
    }

    async fn verifier(self, context: &Context) -> Result<Verifier, Failure> {
        let (issuer, set) = match (self.issuer, self.jwks) {
            (Some(issuer), Some(file)) => {
                let json =
                    std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()));
                (
                    issuer,
                    JwkSet::parse(&json.map_err(could_not_run)?).map_err(could_not_run)?,
                )
            }
            (issuer, _) => {
                let (own, keys) = context.published().await?;
                (issuer.unwrap_or(own), keys)
            }
        };
        let keys = KeySlot::new(set).map_err(could_not_run)?;
        let builder = Verifier::builder(issuer, keys).audience(self.audience);
        let builder = self
            .scopes
            .into_iter()
            .fold(builder, |builder, scope| builder.require_scope(scope));
        builder.build().map_err(could_not_run)
    }
}

fn given(token: Option<String>) -> io::Result<String> {
    let mut text = token.unwrap_or_default();
    if text.is_empty() {
        io::stdin()
            .lock()
            .take(LONGEST_INPUT)
            .read_to_string(&mut text)?;
    }
    Ok(text.trim().to_owned())
}

/// The numeric dates in words.
fn times(claims: &Value) -> Value {
    let named = ["iat", "nbf", "auth_time", "exp"].into_iter();
    let times = named.filter_map(|name| {
        Some((
            name.to_owned(),
            json!(Time::from_secs(claims[name].as_i64()?).to_string()),
        ))
    });
    Value::Object(times.collect())
}
