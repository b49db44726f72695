use std::time::Duration;

use anyhow::anyhow;
use keywright_domain::ports::{Clock, Entropy};
use keywright_domain::secret::PlainSecret;
use keywright_drill::{Admin, ServerDrill};

use super::super::{Context, Failure, Outcome, could_not_run};
use super::given::Given;
use super::outcome::{Lines, ReportOptions};
use crate::adapter::{SystemClock, SystemEntropy};
use crate::config::Span;

/// Try an issuer: refresh races and thefts, logout, forged tokens, enumeration, limits, headers, slow clients
///
/// It makes a user, a client, a role and an API of its own through the admin API and removes them at the end, also after Ctrl-C.
/// The administrator is the one of `quickstart.json` beside --config, or the one given. It guesses at the password of its own
/// user, so for some minutes the limits may refuse wrong logins from this address.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  keywright drill server --config keywright-data/keywright.toml\n  \
                  keywright drill server https://id.example.org --client-id drill \\\n      --client-secret file:drill.secret"
)]
pub struct DrillServer {
    /// The issuer's URL [default: that of --url, else of the configuration file]
    issuer: Option<String>,
    /// The issuer's grace time for superseded refresh tokens [default: the configuration's, or 10s]
    #[arg(long, value_name = "TIME")]
    grace: Option<Span>,
    /// Also rotate the signing keys
    #[arg(long)]
    rotate: bool,
    #[command(flatten)]
    report: ReportOptions,
}

const USUAL_GRACE: Duration = Duration::from_secs(10);

impl DrillServer {
    pub async fn run(self, context: &Context) -> Outcome {
        let given = Given::find(self.issuer.clone(), context)?;
        let configured = given.config.as_ref().map(|config| config.sessions.grace);
        let drill = ServerDrill {
            admin: admin(&given, context)?,
            ca: given.ca,
            issuer: given.issuer,
            random: random_digits(),
            grace: self.grace.or(configured).map_or(USUAL_GRACE, Span::to_std),
            rotate: self.rotate,
            patience: super::PATIENCE,
            now: SystemClock.now().secs(),
        };
        let lines = Lines {
            json: context.output.json,
        };
        let stopped = Box::pin(super::stopped());
        let report = drill.run(&lines, stopped).await.map_err(could_not_run)?;
        self.report.tell(report, context)
    }
}

/// The one who was named, or the one of `quickstart.json`.
fn admin(given: &Given, context: &Context) -> Result<Admin, Failure> {
    let (elsewhere, environment) = (&context.elsewhere, &context.environment);
    let shown = |(name, secret): (String, PlainSecret)| (name, secret.expose().to_owned());
    if let Some(client) = elsewhere.client(environment).map_err(could_not_run)? {
        let (id, secret) = shown(client);
        return Ok(Admin::Client(id, secret));
    }
    if let Some(person) = elsewhere.person(environment).map_err(could_not_run)? {
        let (name, password) = shown(person);
        return Ok(Admin::User(name, password));
    }
    let manifest = given.manifest.as_ref().ok_or_else(|| {
        could_not_run(anyhow!(
            "name an administrator: --login and --password, or --client-id and --client-secret"
        ))
    })?;
    Ok(Admin::User(
        manifest.admin.username.clone(),
        manifest.admin.password.clone(),
    ))
}

/// 160 random bits, hexadecimal.
pub(super) fn random_digits() -> String {
    let mut bytes = [0; 20];
    SystemEntropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
