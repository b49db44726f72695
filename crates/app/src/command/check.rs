use std::path::Path;

use keywright_custody::Place;
use keywright_domain::Period;
use keywright_domain::keys::KeyState;
use keywright_domain::ports::Page;

use super::{Context, Failure, Outcome, could_not_run};
use crate::adapter::{Atlas, Receiver};
use crate::config::{Config, Finding, Severity, lint};
use crate::custody;
use crate::deployment::Deployment;
use crate::output::{Cell, Table};

/// Clients that are read at a time.
const PAGE: u32 = 200;
const LONGEST_ACCESS: Period = Period::hours(1);

/// Say what is wrong or unsafe in the configuration
///
/// Exit codes: 0 nothing, or warnings only; 1 errors, with which `serve` would not start; 2 the file cannot be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  keywright check --config /etc/keywright/keywright.toml --json")]
pub struct Check {
    /// Also look into the database; opens it as `serve` does, migrations included
    #[arg(long)]
    database: bool,
}

impl Check {
    pub async fn run(self, context: &Context) -> Outcome {
        let config = context.config()?;
        let mut findings = lint(&config);
        findings.extend(files(&config, context));
        if self.database && findings.iter().all(|f| f.severity == Severity::Warning) {
            let deployment = Deployment::open(config, &context.environment)
                .await
                .map_err(could_not_run)?;
            findings.extend(database(&deployment).await?);
        }
        report(context, &findings)?;
        let failed = findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        if failed { Err(Failure::Told) } else { Ok(()) }
    }
}

fn report(context: &Context, findings: &[Finding]) -> std::io::Result<()> {
    if findings.is_empty() && !context.output.json {
        return context.output.done("the configuration is fine");
    }
    let severity = |finding: &Finding| match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let rows = findings
        .iter()
        .map(|f| {
            vec![
                Cell::text(severity(f)),
                Cell::text(f.key),
                Cell::text(&f.text),
            ]
        })
        .collect();
    context.output.table(&Table {
        columns: &["severity", "key", "text"],
        rows,
    })
}

/// Whether the secrets and certificates that the configuration points to are there and fit for use.
fn files(config: &Config, context: &Context) -> Vec<Finding> {
    let faults = custody::faults(config, &context.environment);
    let faults = faults.into_iter().map(|(key, text)| problem(key, text));
    let mut findings: Vec<Finding> = faults.collect();
    let references = [
        (&config.database.postgres, "database.postgres"),
        (&config.mail.password, "mail.password"),
    ];
    for (reference, key) in references {
        if let Some(reference) = reference
            && let Err(error) = reference.read(&config.base, &context.environment)
        {
            findings.push(problem(key, error.to_string()));
        }
    }
    if let Err(error) = Receiver::from_config(config, &context.environment) {
        findings.push(problem("webhooks", error.to_string()));
    }
    if let Err(error) = config.trusted_issuers(&context.environment) {
        findings.push(problem("trusted_issuers", format!("{error:#}")));
    }
    if let Some(file) = &config.sessions.geoip
        && let Err(error) = Atlas::open(&config.path(file))
    {
        findings.push(problem("sessions.geoip", error.to_string()));
    }
    for (path, key) in [
        (&config.tls.certificate, "tls.certificate"),
        (&config.tls.key, "tls.key"),
        (&config.tls.client_roots, "tls.client_roots"),
    ] {
        let path = path.as_ref().map(|path| config.path(path));
        if let Some(path) = path.filter(|path| !is_readable(path)) {
            findings.push(problem(key, format!("cannot read {}", path.display())));
        }
    }
    findings
}

/// Keys that go on resting where they were made before the configuration changed. The last one of them frees the operator of their vault.
fn left_behind(deployment: &Deployment) -> Vec<Finding> {
    let wanted = custody::new_keys(&deployment.config);
    let keys = deployment.issuer.keys();
    let in_use = keys.iter().filter(|key| match key.state {
        KeyState::Next | KeyState::Published | KeyState::Active => true,
        KeyState::Retiring | KeyState::Retired | KeyState::Revoked => false,
    });
    let elsewhere = in_use
        .filter_map(|key| Some((key, Place::of(&key.sealed)?)))
        .filter(|(_, place)| *place != wanted);
    let findings = elsewhere.map(|(key, place)| Finding {
        severity: Severity::Warning,
        key: "database",
        text: format!(
            "the {} key {} rests {place} until it is rotated out",
            key.ring.algorithm, key.kid
        ),
    });
    findings.collect()
}

/// Whether the exchange of the master key is over. Opening the database has sealed anew what could be.
async fn under_previous_master_key(deployment: &Deployment) -> Result<Vec<Finding>, Failure> {
    if deployment.config.issuer.previous_master_key.is_none() {
        return Ok(Vec::new());
    }
    let told = |text| Finding {
        severity: Severity::Warning,
        key: "issuer.previous_master_key",
        text,
    };
    let left = deployment.issuer.keys_to_reseal().await?;
    if left.is_empty() {
        let text = "nothing rests under it: remove it once every node was restarted with it";
        return Ok(vec![told(text.to_owned())]);
    }
    let still =
        |name| format!("{name} rests under it still: another node made it, or it is damaged");
    Ok(left.into_iter().map(still).map(told).collect())
}

fn is_readable(path: &Path) -> bool {
    std::fs::File::open(path).is_ok()
}

async fn database(deployment: &Deployment) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let catalog = deployment.issuer.catalog();
    for api in catalog.apis.values() {
        if api.access_lifetime > LONGEST_ACCESS {
            findings.push(problem(
                "database",
                format!("the API {} has access tokens over an hour", api.audience),
            ));
        }
        for objection in deployment.issuer.objections_to_claims(api) {
            let text = format!("the API {}: {objection}", api.audience);
            findings.push(problem("database", text));
        }
        if api.algorithm.is_symmetric() {
            let text = format!(
                "the API {} signs with {}: whoever verifies its tokens can also make them",
                api.audience, api.algorithm
            );
            findings.push(Finding {
                severity: Severity::Warning,
                key: "database",
                text,
            });
        }
    }
    for role in deployment
        .config
        .accounts
        .default_roles
        .iter()
        .filter(|role| !catalog.roles.contains_key(role))
    {
        findings.push(problem(
            "accounts.default_roles",
            format!("there is no role {role}"),
        ));
    }
    findings.extend(left_behind(deployment));
    findings.extend(under_previous_master_key(deployment).await?);
    findings.extend(without_pkce(deployment).await?);
    let first_party = deployment.config.first_party_client()?;
    if deployment.store.client(&first_party).await?.is_none() {
        let text =
            format!("there is no client {first_party}: logins that name no client are refused");
        findings.push(Finding {
            severity: Severity::Warning,
            key: "issuer.first_party_client",
            text,
        });
    }
    Ok(findings)
}

/// Clients whose old libraries send no PKCE: their codes are kept from being injected by a nonce alone.
async fn without_pkce(deployment: &Deployment) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let mut after = None;
    loop {
        let page = Page { after, limit: PAGE };
        let clients = deployment.issuer.clients(page).await?;
        let Some(last) = clients.last().map(|client| client.id.clone()) else {
            return Ok(findings);
        };
        let lenient = clients
            .iter()
            .filter(|client| client.registration.pkce_optional);
        findings.extend(lenient.map(|client| Finding {
            severity: Severity::Warning,
            key: "database",
            text: format!(
                "the client {} may do without PKCE: update its library",
                client.id
            ),
        }));
        after = Some(last);
    }
}

fn problem(key: &'static str, text: String) -> Finding {
    Finding {
        severity: Severity::Error,
        key,
        text,
    }
}
