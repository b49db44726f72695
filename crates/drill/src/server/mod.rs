//! The examination of an issuer, with a user, a client, a role and an API of its own, which are removed at the end.

mod admin;
mod check;
mod range;
mod rank;
mod relying_party;

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

pub use admin::Admin;

use crate::card::{Examined, Outcome};
use crate::issuer::Issuer;
use crate::report::Report;
use crate::{CannotRun, Progress, web};
use range::Range;

pub struct ServerDrill {
    pub issuer: String,
    pub admin: Admin,
    /// At least 24 random letters and digits: the first name what the drill makes, the rest is its password.
    pub random: String,
    /// How long a superseded refresh token is answered with the current one.
    pub grace: Duration,
    /// Whether to rotate the signing keys. Harmless to sound verifiers; those that are not will show it.
    pub rotate: bool,
    /// The CA to trust instead of the machine's; PEM.
    pub ca: Option<Vec<u8>>,
    /// How long one answer may take.
    pub patience: Duration,
    /// Seconds since 1970.
    pub now: i64,
}

impl ServerDrill {
    /// When `stop` ends first, what was made is removed all the same.
    pub async fn run(
        self,
        progress: &dyn Progress,
        stop: Pin<Box<dyn Future<Output = ()> + '_>>,
    ) -> Result<Report, CannotRun> {
        let began = Instant::now();
        let issuer = Issuer::find(
            &self.issuer,
            web::client(self.patience, self.ca.as_deref())?,
        )
        .await?;
        let (target, now) = (issuer.url.clone(), self.now);
        let range = Range::prepare(self, issuer).await?;
        let mut examined = Vec::new();
        let was_stopped = tokio::select! {
            () = examine(&range, progress, &mut examined) => false,
            () = stop => true,
        };
        range.clear().await?;
        if was_stopped {
            return Err(CannotRun::Unusable(
                "stopped; what the drill had made is removed".to_owned(),
            ));
        }
        Ok(Report {
            kind: "server",
            issuer: target.clone(),
            target,
            started_at: now,
            took: began.elapsed(),
            examined,
        })
    }
}

async fn examine(range: &Range, progress: &dyn Progress, book: &mut Vec<Examined>) {
    for check in check::CHECKS {
        progress.begins(check.card);
        let outcome = match (check.examine)(range).await {
            Ok(outcome) => outcome,
            Err(cannot) => Outcome::skipped(cannot.to_string()),
        };
        let examined = Examined {
            card: check.card,
            outcome,
            tolerated: false,
        };
        progress.ends(&examined);
        book.push(examined);
    }
}
