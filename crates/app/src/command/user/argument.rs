use std::convert::Infallible;
use std::str::FromStr;

use keywright_domain::UserId;
use serde_json::{Value, json};

use crate::admin::{Call, Server};
use crate::command::Failure;

/// An account on the command line: its id, its user name or its e-mail address.
#[derive(Clone, Debug)]
pub enum UserArgument {
    Id(UserId),
    Name(String),
}

impl UserArgument {
    /// The account's document.
    pub async fn show(&self, server: &mut Server) -> Result<Value, Failure> {
        let call = match self {
            Self::Id(id) => Call::to("show_user").at(id),
            Self::Name(name) => Call::to("find_user").json(json!({ "login": name })),
        };
        server.ask(call).await
    }

    /// Looked up only where it is not given.
    pub async fn id(&self, server: &mut Server) -> Result<String, Failure> {
        match self {
            Self::Id(id) => Ok(id.to_string()),
            Self::Name(_) => {
                let user = self.show(server).await?;
                Ok(user["id"].as_str().unwrap_or_default().to_owned())
            }
        }
    }
}

impl FromStr for UserArgument {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text
            .parse()
            .map_or_else(|_| Self::Name(text.to_owned()), Self::Id))
    }
}
