//! The admin API as commands use it: in process, on the database that `--config` names, or over the network at `--url`.
//!
//! A command asks and prints one document, whichever way it went, so both ways do and print the same.

mod answer;
mod arguments;
mod call;
mod credentials;
mod here;
mod reference;
mod there;

use anyhow::Context as _;
use keywright_http::{Route, routes};
use serde_json::Value;

use crate::deployment::Deployment;
use crate::failure::{Failure, could_not_run};
use answer::{Answer, Refusal};
pub use arguments::{Arguments, Base, Elsewhere};
pub use call::Call;
use here::Here;
pub use there::There;

/// The most that one page of a list holds.
const PAGE: u32 = 200;

/// The issuer that a command is about, behind its admin API.
pub struct Server {
    rows: Vec<Route>,
    way: Way,
}

enum Way {
    Here(Here),
    There(There),
}

impl Server {
    pub fn here(deployment: &Deployment) -> anyhow::Result<Self> {
        Ok(Self {
            rows: routes(),
            way: Way::Here(Here::new(deployment)?),
        })
    }

    pub fn there(there: There) -> Self {
        Self {
            rows: routes(),
            way: Way::There(there),
        }
    }

    /// The document that the call is answered with; `null` if it has none.
    pub async fn ask(&mut self, call: Call) -> Result<Value, Failure> {
        self.answer(&call).await?.into_document().map_err(failure)
    }

    /// The same, where nothing of that name is an answer too.
    pub async fn find(&mut self, call: Call) -> Result<Option<Value>, Failure> {
        match self.answer(&call).await?.into_document() {
            Ok(document) => Ok(Some(document)),
            Err(refusal) if refusal.status == 404 => Ok(None),
            Err(refusal) => Err(failure(refusal)),
        }
    }

    /// At most `limit` entries of a list, page by page; `member` is what the document calls them.
    pub async fn list(
        &mut self,
        call: Call,
        member: &str,
        limit: u32,
    ) -> Result<Vec<Value>, Failure> {
        let mut entries = Vec::new();
        let mut next = None::<String>;
        loop {
            let left = limit.saturating_sub(u32::try_from(entries.len()).unwrap_or(limit));
            let mut page = call.clone().query("limit", left.clamp(1, PAGE));
            if let Some(next) = next {
                page = page.query("after", next);
            }
            let mut document = self.ask(page).await?;
            entries.extend(taken(&mut document, member)?);
            next = document["next"].as_str().map(str::to_owned);
            if next.is_none() || entries.len() >= limit as usize {
                entries.truncate(limit as usize);
                return Ok(entries);
            }
        }
    }

    /// Leaves no session behind that was opened for this command.
    pub async fn leave(self) {
        match self.way {
            Way::Here(_) => {}
            Way::There(there) => there.leave().await,
        }
    }

    async fn answer(&mut self, call: &Call) -> Result<Answer, Failure> {
        let request = call.request(&self.rows).map_err(could_not_run)?;
        match &mut self.way {
            Way::Here(here) => here.send(request).await.map_err(could_not_run),
            Way::There(there) => there.send(request).await,
        }
    }
}

/// The entries of a list's document.
pub fn taken(document: &mut Value, member: &str) -> Result<Vec<Value>, Failure> {
    let list = document.get_mut(member).map(Value::take);
    let list = list.and_then(|list| serde_json::from_value(list).ok());
    list.with_context(|| format!("the server's answer has no list of {member}"))
        .map_err(could_not_run)
}

/// Credentials that are not taken are as good as none: nothing was tried.
fn failure(refusal: Refusal) -> Failure {
    if refusal.status == 401 {
        could_not_run(refusal)
    } else {
        Failure::Refused(refusal.into())
    }
}
