//! Verifiers' reports: one row for each instance, replaced with each report.

use keywright_domain::Time;
use keywright_domain::audit::Effects;
use keywright_domain::client::ClientId;
use keywright_domain::fleet::{Report, Spikes, Verifier};
use keywright_domain::ports::{Answer, Fleet};
use serde::{Deserialize, Serialize};

use crate::catalogs::json;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{Store, effects};

statements! {
    ONE = "SELECT client_id, reported_at, report FROM verifiers WHERE client_id = $1 AND instance = $2";
    SINCE = "SELECT client_id, reported_at, report FROM verifiers WHERE reported_at >= $1 \
             ORDER BY client_id, instance";
    /// Of two reports that cross each other on the way, the later one stays.
    PUT = "INSERT INTO verifiers (client_id, instance, reported_at, report) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (client_id, instance) DO UPDATE SET reported_at = excluded.reported_at, report = excluded.report \
           WHERE verifiers.reported_at <= excluded.reported_at";
    FORGET = "DELETE FROM verifiers WHERE reported_at < $1";
}

/// The column `report`.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    report: Report,
    #[serde(default)]
    spikes: Spikes,
}

fn read(row: &mut Columns<'_>) -> Result<Verifier, Fault> {
    let row = row.row_of("verifiers");
    let (client, reported_at) = (row.parse()?, row.time()?);
    let Stored { report, spikes } = row.json()?;
    Ok(Verifier {
        client,
        reported_at,
        report,
        spikes,
    })
}

async fn put(tx: &mut Tx, verifier: &Verifier, left: &Effects) -> Result<(), Fault> {
    let stored = Stored {
        report: verifier.report.clone(),
        spikes: verifier.spikes.clone(),
    };
    let row = params![
        verifier.client.as_str(),
        verifier.report.instance.as_str(),
        verifier.reported_at,
        json(&stored)?,
    ];
    tx.execute(&PUT, &row).await?;
    effects::record(tx, left).await
}

impl Fleet for Store {
    fn verifier<'a>(
        &'a self,
        client: &'a ClientId,
        instance: &'a str,
    ) -> Answer<'a, Option<Verifier>> {
        Box::pin(async move {
            let named = params![client.as_str(), instance];
            Ok(self.engine.point(&ONE, &named, read).await?)
        })
    }

    fn put_verifier<'a>(&'a self, verifier: &'a Verifier, effects: &'a Effects) -> Answer<'a, ()> {
        self.write(
            (verifier.clone(), effects.clone()),
            |(verifier, effects), tx| Box::pin(put(tx, verifier, effects)),
        )
    }

    fn verifiers(&self, since: Time) -> Answer<'_, Vec<Verifier>> {
        self.scan(since, |since, tx| {
            Box::pin(async move { tx.all(&SINCE, &params![*since], read).await })
        })
    }

    fn forget_verifiers(&self, before: Time) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.engine.execute(&FORGET, params![before].into()).await?) })
    }
}
