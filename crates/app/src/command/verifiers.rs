use super::{Context, Outcome};
use crate::admin::{Call, taken};
use crate::output::Column;

const COLUMNS: &[Column] = &[
    Column::text("client_id"),
    Column::text("instance"),
    Column::text("software"),
    Column::flag("connected"),
    Column::time("reported_at"),
    Column::number("position"),
    Column::number("lag"),
    Column::number("accepted"),
    Column::number("revocation_age"),
    Column::words("missing_kids"),
    Column::words("spikes"),
];

/// List the services that verify tokens and report back: who lags, who lacks a key, who is attacked
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  keywright verifiers --json | jq '.[] | select(.connected and (.missing_kids | length > 0))'"
)]
pub struct Verifiers {}

impl Verifiers {
    pub async fn run(self, context: &Context) -> Outcome {
        let output = context.output;
        context
            .administer(async move |server| {
                let mut document = server.ask(Call::to("list_verifiers")).await?;
                output.list(COLUMNS, &taken(&mut document, "verifiers")?)?;
                Ok(())
            })
            .await
    }
}
