use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::anyhow;
use keywright_domain::access::Audience;
use keywright_domain::audit::Actor;
use keywright_domain::keys::DrillSigner;
use keywright_domain::ports::Clock;
use keywright_domain::secret::PlainSecret;
use keywright_drill::{ApiDrill, Credentials, NotSealed, Seal, Service};

use super::super::{Context, Failure, Outcome, could_not_run};
use super::disposable::Disposable;
use super::given::Given;
use super::outcome::{Lines, ReportOptions};
use crate::adapter::SystemClock;
use crate::config::Span;
use crate::deployment::Deployment;
use crate::quickstart::Manifest;

/// Send the attack catalogue to a service that takes the issuer's tokens, and say what it wrongly accepts
///
/// It needs the URL of a resource that the good token may read, and a good token: given, or fetched with the credentials of a client,
/// of a person, or of `quickstart.json` beside --config; else --config lets it make a client of its own, which it removes at the end.
/// With --config the issuer's key signs tokens that are wrong in what they say (expired, for another API, …); that is on record in the
/// audit log. Without it those attacks are left out.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  keywright drill api http://127.0.0.1:8081/orders --config keywright-data/keywright.toml\n  \
                  keywright drill api https://orders.example.org/orders --url https://id.example.org --client-id ci \\\n      \
                  --client-secret file:ci.secret --html drill.html"
)]
pub struct DrillApi {
    /// A protected resource of the service
    service: String,
    /// The `aud` of the service [default: the demo API's of quickstart.json, else the client's default]
    #[arg(long)]
    audience: Option<String>,
    /// The scope to ask for [default: all that may be had]
    #[arg(long)]
    scope: Option<String>,
    /// The method to ask with
    #[arg(long, default_value = "GET")]
    method: String,
    /// A JSON body to ask with
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
    /// Statuses that mean "accepted", such as 200..299 [default: what the good token gets, and 200..299]
    #[arg(long, value_name = "RANGE", value_parser = statuses)]
    accepted: Option<RangeInclusive<u16>>,
    /// Where the service can reach this machine, to see whether tokens lead it astray [default: loopback, for services there]
    #[arg(long, value_name = "URL")]
    decoy: Option<String>,
    /// How long the service may take to learn of a logout
    #[arg(long, value_name = "TIME", default_value = "45s")]
    revocation_within: Span,
    /// Also wait until a real token has expired
    #[arg(long)]
    await_expiry: bool,
    /// Do not sign anything with the issuer's key
    #[arg(long)]
    no_keys: bool,
    #[command(flatten)]
    report: ReportOptions,
}

impl DrillApi {
    pub async fn run(self, context: &Context) -> Outcome {
        let mut given = Given::find(None, context)?;
        let credentials = self.credentials(&given, context)?;
        let Some(config) = given.config.take().filter(|_| !self.no_keys) else {
            return self.examine(given, credentials, None, context).await;
        };
        let deployment = Deployment::open(config, &context.environment).await;
        let deployment = deployment.map_err(Failure::CouldNotRun)?;
        let audience = named(credentials.audience.as_deref())?;
        let seal = lend(&deployment, &audience).await?;
        let client = Disposable::make(&deployment, &audience).await?;
        let credentials = client.complete(credentials);
        let examining = self.examine(given, credentials, Some(seal), context);
        let examined = tokio::select! {
            examined = examining => examined,
            () = super::stopped() => Err(could_not_run(anyhow!("stopped"))),
        };
        client.remove().await?;
        examined
    }

    async fn examine(
        self,
        given: Given,
        credentials: Credentials,
        seal: Option<Arc<dyn Seal>>,
        context: &Context,
    ) -> Outcome {
        let drill = ApiDrill {
            service: Service {
                url: self.service,
                method: self.method,
                body: self.body,
                accepted: self.accepted,
            },
            issuer: given.issuer,
            credentials,
            seal,
            decoy: self.decoy,
            revocation_within: self.revocation_within.to_std(),
            await_expiry: self.await_expiry,
            ca: given.ca,
            patience: super::PATIENCE,
            now: SystemClock.now().secs(),
        };
        let lines = Lines {
            json: context.output.json,
        };
        let report = drill.run(&lines).await.map_err(could_not_run)?;
        self.report.tell(report, context)
    }

    fn credentials(&self, given: &Given, context: &Context) -> Result<Credentials, Failure> {
        let (elsewhere, environment) = (&context.elsewhere, &context.environment);
        let shown = |(name, secret): (String, PlainSecret)| (name, secret.expose().to_owned());
        let token = elsewhere.token(environment).map_err(could_not_run)?;
        let client = elsewhere.client(environment).map_err(could_not_run)?;
        let user = elsewhere.person(environment).map_err(could_not_run)?;
        let manifest = given.manifest.as_ref();
        let is_told = token.is_some() || client.is_some() || user.is_some();
        let quick = manifest.filter(|_| !is_told);
        let of_user = |m: &Manifest| (m.user.username.clone(), m.user.password.clone());
        let of_client = |m: &Manifest| (m.client.client_id.clone(), m.client.client_secret.clone());
        let demo = manifest.map(|manifest| manifest.demo_api.audience.clone());
        Ok(Credentials {
            token: token.map(|token| token.expose().trim().to_owned()),
            client: client.map(shown).or_else(|| quick.map(of_client)),
            user: user.map(shown).or_else(|| quick.map(of_user)),
            follower: None,
            audience: self.audience.clone().or(demo),
            scope: self.scope.clone(),
        })
    }
}

struct Lent(DrillSigner);

impl Seal for Lent {
    fn sign(&self, good: &str, typ: &str, payload: &[u8]) -> Result<String, NotSealed> {
        let signed = self.0.sign(good, typ, payload);
        signed.map_err(|why| NotSealed(why.to_string()))
    }
}

fn named(audience: Option<&str>) -> Result<Audience, Failure> {
    let audience =
        audience.ok_or_else(|| could_not_run(anyhow!("name the service's --audience")))?;
    audience.parse().map_err(could_not_run)
}

async fn lend(deployment: &Deployment, audience: &Audience) -> Result<Arc<dyn Seal>, Failure> {
    let signer = deployment
        .issuer
        .lend_signer(audience, &Actor::Operator)
        .await;
    let signer =
        signer.map_err(|error| could_not_run(anyhow!("the key for {audience}: {error}")))?;
    Ok(Arc::new(Lent(signer)))
}

fn statuses(text: &str) -> Result<RangeInclusive<u16>, String> {
    let expected = || format!("`{text}` is no range of statuses: expected one such as 200..299");
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let status = |digits: &str| digits.parse::<u16>().map_err(|_| expected());
    Ok(status(first)?..=status(last.trim_start_matches('='))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_one_or_a_range() {
        assert_eq!(statuses("200..299"), Ok(200..=299));
        assert_eq!(statuses("200..=204"), Ok(200..=204));
        assert_eq!(statuses("204"), Ok(204..=204));
        assert!(statuses("2xx").is_err());
    }
}
