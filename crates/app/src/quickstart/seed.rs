//! An API, three roles, an administrator, a user and three clients.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use keywright_domain::Issuer;
use keywright_domain::access::{Api, Audience, DetailTypes, ISSUER_SCOPES, Role, ScopeSet};
use keywright_domain::account::{LoginName, ManageUserError, NewPassword, NewUser};
use keywright_domain::audit::Actor;
use keywright_domain::claims::ClaimsPolicy;
use keywright_domain::client::{ClientError, ClientKind, Grant, NewClient, Registration};
use keywright_domain::ports::Entropy;
use keywright_domain::secret::PlainSecret;

use super::directory::FOLLOWER;
use super::manifest::{ClientLogin, DemoApi, Login, Manifest};
use crate::adapter::SystemEntropy;
use crate::deployment::Deployment;

const READ: &str = "read:orders";
const WRITE: &str = "write:orders";
const SERVICE: &str = "order-report";

/// Everything, with fresh passwords and fresh client secrets. What an interrupted run left behind is taken over. The second is
/// the secret of the demo API's own client.
pub async fn seed(deployment: &Deployment) -> Result<(Manifest, PlainSecret)> {
    let (issuer, config) = (&deployment.issuer, &deployment.config);
    let orders = config
        .demo
        .audience
        .clone()
        .context("demo.audience is not set")?;
    let address = config.demo.address.context("demo.address is not set")?;
    let own = issuer
        .policy()
        .issuer_audience()
        .context("the issuer URL is no audience")?;
    put_api(deployment, &orders).await?;
    put_roles(issuer, &orders, &own).await?;
    let admin = put_user(issuer, "admin", "admin").await?;
    let user = put_user(issuer, "user", "viewer").await?;
    put_web_client(deployment, &orders, &own).await?;
    let client = put_service(issuer, &orders).await?;
    let follower = put_follower(issuer).await?;
    let manifest = Manifest {
        issuer: issuer.policy().issuer.as_str().to_owned(),
        admin,
        user,
        client,
        demo_api: DemoApi {
            url: format!("http://{address}"),
            audience: orders.to_string(),
        },
    };
    Ok((manifest, follower))
}

async fn put_api(deployment: &Deployment, orders: &Audience) -> Result<()> {
    let api = Api {
        audience: orders.clone(),
        name: "Orders (demo)".to_owned(),
        scopes: BTreeMap::from([
            (READ.parse()?, "See orders".to_owned()),
            (WRITE.parse()?, "Place and change orders".to_owned()),
        ]),
        access_lifetime: deployment.config.tokens.access.0,
        algorithm: deployment.config.keys.algorithm,
        created_at: deployment.issuer.now(),
        claims: ClaimsPolicy::default(),
        details: DetailTypes::default(),
    };
    Ok(deployment.issuer.put_api(&api, &Actor::Operator).await?)
}

async fn put_roles(issuer: &Issuer, orders: &Audience, own: &Audience) -> Result<()> {
    let both: ScopeSet = format!("{READ} {WRITE}").parse()?;
    let roles = [
        (
            "viewer",
            "Sees orders",
            BTreeMap::from([(orders.clone(), READ.parse()?)]),
        ),
        (
            "editor",
            "Sees and changes orders",
            BTreeMap::from([(orders.clone(), both.clone())]),
        ),
        (
            "admin",
            "Does everything, the issuer's administration included",
            BTreeMap::from([(orders.clone(), both), (own.clone(), issuer_scopes()?)]),
        ),
    ];
    for (name, description, grants) in roles {
        let role = Role {
            name: name.parse()?,
            description: description.to_owned(),
            grants,
        };
        issuer.put_role(&role, &Actor::Operator).await?;
    }
    Ok(())
}

async fn put_user(issuer: &Issuer, name: &str, role: &str) -> Result<Login> {
    let password = password();
    let new = NewUser {
        username: Some(name.parse()?),
        email: format!("{name}@example.com").parse()?,
        email_verified: true,
        password: NewPassword::Plain(PlainSecret::new(&password)),
        roles: vec![role.parse()?],
    };
    match issuer.create_user(new, &Actor::Operator).await {
        Ok(_) => {}
        Err(ManageUserError::UsernameTaken | ManageUserError::EmailTaken) => {
            let user = issuer.find_user(&LoginName::new(name)).await?;
            issuer
                .set_user_password(user.id, PlainSecret::new(&password), &Actor::Operator)
                .await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Login {
        username: name.to_owned(),
        password,
    })
}

/// The first-party client: what `/v1/login` means when a request names none.
async fn put_web_client(deployment: &Deployment, orders: &Audience, own: &Audience) -> Result<()> {
    let new = NewClient {
        id: Some(deployment.config.first_party_client()?),
        name: "Your own pages and apps".to_owned(),
        kind: ClientKind::Public,
        grants: [Grant::Login, Grant::RefreshToken].into(),
        allowed: BTreeMap::from([
            (orders.clone(), format!("{READ} {WRITE}").parse()?),
            (own.clone(), issuer_scopes()?),
        ]),
        default_audience: Some(orders.clone()),
        registration: Registration::default(),
    };
    match deployment.issuer.create_client(new, &Actor::Operator).await {
        Ok(_) | Err(ClientError::Taken) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn put_service(issuer: &Issuer, orders: &Audience) -> Result<ClientLogin> {
    let new = NewClient {
        id: Some(SERVICE.parse()?),
        name: "A service that reads orders".to_owned(),
        kind: ClientKind::Confidential,
        grants: [Grant::ClientCredentials].into(),
        allowed: BTreeMap::from([(orders.clone(), READ.parse()?)]),
        default_audience: Some(orders.clone()),
        registration: Registration::default(),
    };
    let secret = put_confidential(issuer, SERVICE, new).await?;
    Ok(ClientLogin {
        client_id: SERVICE.to_owned(),
        client_secret: secret.expose().to_owned(),
    })
}

/// What the demo API is to Keywright: a verifier that wants to know at once which tokens are killed.
async fn put_follower(issuer: &Issuer) -> Result<PlainSecret> {
    let new = NewClient {
        id: Some(FOLLOWER.parse()?),
        name: "The demo API, which follows the feed".to_owned(),
        kind: ClientKind::Confidential,
        grants: [Grant::Feed].into(),
        allowed: BTreeMap::new(),
        default_audience: None,
        registration: Registration::default(),
    };
    put_confidential(issuer, FOLLOWER, new).await
}

async fn put_confidential(issuer: &Issuer, id: &str, new: NewClient) -> Result<PlainSecret> {
    match issuer.create_client(new, &Actor::Operator).await {
        Ok(created) => created.secret.context("a confidential client has a secret"),
        Err(ClientError::Taken) => Ok(issuer
            .rotate_client_secret(&id.parse()?, None, &Actor::Operator)
            .await?),
        Err(error) => Err(error.into()),
    }
}

fn issuer_scopes() -> Result<ScopeSet> {
    let scopes: Vec<&str> = ISSUER_SCOPES.iter().map(|(scope, _)| *scope).collect();
    Ok(scopes.join(" ").parse()?)
}

/// 120 random bits in groups that people can type.
fn password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 24];
    SystemEntropy.fill(&mut bytes);
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    letters
        .chunks(6)
        .map(String::from_iter)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_four_groups_of_six_and_never_the_same() {
        let (one, other) = (password(), password());
        assert_eq!(
            one.split('-').map(str::len).collect::<Vec<_>>(),
            [6, 6, 6, 6]
        );
        assert_ne!(one, other);
    }
}
