use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use keywright_domain::Issuer;
use keywright_domain::access::RoleName;
use keywright_domain::account::{Email, NewPassword, NewUser, Username};
use keywright_domain::audit::Actor;
use serde::Deserialize;
use tokio::task::{JoinError, JoinSet};

use crate::causes::with_causes;
use crate::command::Context;
use crate::failure::{Failure, Outcome, could_not_run};
use crate::output::{Cell, complain};

/// So many wait for the disk together: the store commits them at once.
const AT_ONCE: usize = 64;

#[derive(Debug, clap::Args)]
pub struct Import {
    /// The file; `-` is standard input
    file: PathBuf,
}

#[derive(Default)]
struct Tally {
    imported: i64,
    refused: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    email: Email,
    username: Option<Username>,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    roles: Vec<RoleName>,
    password_hash: Option<String>,
}

impl Import {
    /// A line that cannot be imported is reported with its number, and the others go on.
    pub async fn run(self, context: &Context, issuer: &Arc<Issuer>) -> Outcome {
        let mut tally = Tally::default();
        let mut running = JoinSet::new();
        for (number, line) in (1..).zip(self.open()?.lines()) {
            let line = line.map_err(could_not_run)?;
            if line.trim().is_empty() {
                continue;
            }
            if running.len() >= AT_ONCE {
                tally.add(running.join_next().await);
            }
            let issuer = issuer.clone();
            running.spawn(async move { (number, import(&issuer, &line).await) });
        }
        while let Some(ended) = running.join_next().await {
            tally.add(Some(ended));
        }
        let Tally { imported, refused } = tally;
        context.output.record(&[
            ("imported", Cell::Number(imported)),
            ("refused", Cell::Number(refused)),
        ])?;
        if refused == 0 {
            Ok(())
        } else {
            Err(Failure::Told)
        }
    }

    fn open(&self) -> Result<Box<dyn BufRead>, Failure> {
        if self.file.as_os_str() == "-" {
            return Ok(Box::new(io::stdin().lock()));
        }
        let file =
            File::open(&self.file).with_context(|| format!("cannot read {}", self.file.display()));
        Ok(Box::new(BufReader::new(file.map_err(could_not_run)?)))
    }
}

impl Tally {
    fn add(&mut self, ended: Option<Result<(u64, anyhow::Result<()>), JoinError>>) {
        match ended {
            Some(Ok((_, Ok(())))) => self.imported += 1,
            Some(Ok((number, Err(error)))) => {
                self.refused += 1;
                complain(&format!("line {number}: {}", with_causes(error.as_ref())));
            }
            Some(Err(panic)) => {
                self.refused += 1;
                complain(&panic.to_string());
            }
            None => {}
        }
    }
}

async fn import(issuer: &Issuer, line: &str) -> anyhow::Result<()> {
    let new = NewUser::try_from(serde_json::from_str::<Line>(line)?)?;
    issuer.create_user(new, &Actor::Operator).await?;
    Ok(())
}

impl TryFrom<Line> for NewUser {
    type Error = anyhow::Error;

    fn try_from(line: Line) -> anyhow::Result<Self> {
        let hash = line
            .password_hash
            .map(|hash| hash.parse())
            .transpose()
            .context("password_hash")?;
        Ok(NewUser {
            username: line.username,
            email: line.email,
            email_verified: line.email_verified,
            password: hash.map_or(NewPassword::None, NewPassword::Imported),
            roles: line.roles,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<NewUser, String> {
        let line: Line = serde_json::from_str(line).map_err(|e| e.to_string())?;
        line.try_into().map_err(|e: anyhow::Error| format!("{e:#}"))
    }

    #[test]
    fn a_line_with_a_foreign_hash_is_an_account() {
        let hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
        let user = read(&format!(
            r#"{{"email":"Ann@Example.org","roles":["editor"],"password_hash":"{hash}"}}"#
        ))
        .unwrap();
        assert_eq!(user.email.as_str(), "ann@example.org");
        assert!(matches!(user.password, NewPassword::Imported(_)) && !user.email_verified);
    }

    #[test]
    fn what_is_wrong_is_named_without_the_hash() {
        assert!(
            read(r#"{"email":"ann@example.org","pasword_hash":"x"}"#)
                .unwrap_err()
                .contains("pasword_hash")
        );
        assert!(read(r#"{"username":"ann"}"#).unwrap_err().contains("email"));
        let refused = read(
            r#"{"email":"ann@example.org","password_hash":"5f4dcc3b5aa765d61d8327deb882cf99"}"#,
        )
        .unwrap_err();
        assert!(
            refused.starts_with("password_hash: ") && !refused.contains("5f4dcc"),
            "{refused}"
        );
    }
}
