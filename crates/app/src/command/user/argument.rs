use std::convert::Infallible;
use std::str::FromStr;

use keywright_domain::UserId;
use keywright_domain::account::{LoginName, ManageUserError, User};

use crate::deployment::Deployment;

/// An account on the command line: its id, its user name or its e-mail address.
#[derive(Clone, Debug)]
pub enum UserArgument {
    Id(UserId),
    Name(LoginName),
}

impl UserArgument {
    pub async fn find(&self, deployment: &Deployment) -> Result<User, ManageUserError> {
        match self {
            Self::Id(id) => deployment.issuer.user(*id).await,
            Self::Name(name) => deployment.issuer.find_user(name).await,
        }
    }
}

impl FromStr for UserArgument {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text
            .parse()
            .map_or_else(|_| Self::Name(LoginName::new(text)), Self::Id))
    }
}
