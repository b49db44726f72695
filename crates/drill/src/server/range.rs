//! What the drill makes for itself: an API with short tokens, a role for it, a user with that role, a client that may log in.
//!
//! Everything bears one name, which says when it was made, so that a later drill can remove what an interrupted one left.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Admin, ServerDrill};
use crate::CannotRun;
use crate::issuer::{Issuer, Tokens};
use crate::server::admin::order;
use crate::web::{NoReply, Reply};

const PREFIX: &str = "drill-";
/// In seconds: the shortest that the admin API takes, so that a drill need not wait long for an expiry.
pub const LIFETIME: u32 = 10;
/// No drill goes on for so long, in seconds.
const ABANDONED: i64 = 3600;
/// Digits that tell two drills of one second apart.
const RUN: usize = 8;
const MOST_CLIENTS: usize = 200;

pub struct Range {
    pub issuer: Issuer,
    pub name: String,
    pub password: String,
    pub grace: Duration,
    pub rotate: bool,
    pub now: i64,
    admin: Admin,
    /// From before the limits were tried: they may refuse a login for a while.
    token: String,
    user_id: String,
}

impl Range {
    pub async fn prepare(drill: ServerDrill, issuer: Issuer) -> Result<Self, CannotRun> {
        let token = drill.admin.token(&issuer).await?;
        let (run, secret) = drill.random.split_at_checked(RUN).unwrap_or_default();
        let name = format!("{PREFIX}{:x}-{run}", drill.now);
        let mut range = Self {
            password: format!("otters juggle lamps {secret}"),
            grace: drill.grace,
            rotate: drill.rotate,
            now: drill.now,
            admin: drill.admin,
            user_id: String::new(),
            issuer,
            name,
            token,
        };
        range.sweep().await?;
        if let Err(error) = range.make().await {
            range.clear().await?;
            return Err(error);
        }
        Ok(range)
    }

    async fn make(&mut self) -> Result<(), CannotRun> {
        let name = self.name.clone();
        let api = json!({
            "name": "keywright drill", "scopes": { "drill": "Nothing" }, "access_lifetime": LIFETIME, "algorithm": self.algorithm(),
        });
        self.admin(Method::PUT, &format!("/admin/v1/apis/{name}"), &api)
            .await?;
        let role = json!({ "description": "keywright drill", "grants": { &name: "drill" } });
        self.admin(Method::PUT, &format!("/admin/v1/roles/{name}"), &role)
            .await?;
        let user = json!({
            "username": name, "email": self.email(), "email_verified": true, "password": self.password, "roles": [name],
        });
        let created = self
            .admin(Method::POST, "/admin/v1/users", &user)
            .await?
            .json();
        self.user_id = created["id"].as_str().unwrap_or_default().to_owned();
        // The name tells a later drill which user belongs to it.
        let client = json!({
            "client_id": name, "name": format!("keywright drill {}", self.user_id), "kind": "public",
            "grants": ["login", "refresh_token"], "default_audience": name,
            "allowed": { &name: "drill", &self.issuer.url: "users:read" },
        });
        self.admin(Method::POST, "/admin/v1/clients", &client)
            .await?;
        Ok(())
    }

    /// What the issuer signs with already: an algorithm of its own would make it generate a key.
    pub fn algorithm(&self) -> String {
        let named = self.issuer.keys.iter().find_map(|key| key["alg"].as_str());
        named.unwrap_or("ES256").to_owned()
    }

    pub fn email(&self) -> String {
        format!("{}@drill.invalid", self.name)
    }

    pub async fn admin(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Reply, CannotRun> {
        order(&self.issuer, &self.token, (method, path), Some(body)).await
    }

    pub async fn look(&self, path: &str) -> Result<Reply, CannotRun> {
        order(&self.issuer, &self.token, (Method::GET, path), None).await
    }

    pub async fn remove(&self, path: &str) -> Result<Reply, CannotRun> {
        order(&self.issuer, &self.token, (Method::DELETE, path), None).await
    }

    pub fn login(&self, username: &str, password: &str) -> Value {
        json!({ "username": username, "password": password, "client_id": self.name })
    }

    /// A login for the drill's own API, whose tokens live for [`LIFETIME`].
    pub async fn log_in(&self) -> Result<Tokens, CannotRun> {
        self.log_in_for(None).await
    }

    /// A login for the issuer's own API: tokens of the usual life, without any scope.
    pub async fn log_in_to_issuer(&self) -> Result<Tokens, CannotRun> {
        self.log_in_for(Some(&self.issuer.url)).await
    }

    async fn log_in_for(&self, audience: Option<&str>) -> Result<Tokens, CannotRun> {
        let mut login = self.login(&self.name, &self.password);
        if let Some(audience) = audience {
            login["audience"] = json!(audience);
        }
        Tokens::needed(self.issuer.log_in(&login).await, "the drill's own login")
    }

    pub async fn refresh(&self, token: &str) -> Result<Reply, NoReply> {
        self.issuer.refresh(token).await
    }

    /// Removes what was made, in the order in which nothing refers to what is gone. What is not there was not made.
    pub async fn clear(&self) -> Result<(), CannotRun> {
        let fresh = self.admin.token(&self.issuer).await;
        let token = fresh.as_ref().unwrap_or(&self.token);
        let clear = remove_all(&self.issuer, token, &self.name, &self.user_id).await;
        clear.map_err(|error| {
            let name = &self.name;
            CannotRun::Unusable(format!(
                "the drill could not remove what it made ({name}): {error}"
            ))
        })
    }

    /// Removes what drills left behind that did not get to their end.
    async fn sweep(&self) -> Result<(), CannotRun> {
        let list = self
            .look(&format!("/admin/v1/clients?limit={MOST_CLIENTS}"))
            .await?
            .json();
        let apis = self.look("/admin/v1/apis").await?.json();
        let clients = list["clients"].as_array().into_iter().flatten();
        let clients = clients.filter_map(|client| {
            let user = client["name"].as_str()?.strip_prefix("keywright drill ")?;
            Some((client["client_id"].as_str()?, user))
        });
        let apis = apis["apis"].as_array().into_iter().flatten();
        let apis = apis.filter_map(|api| Some((api["audience"].as_str()?, "")));
        for (name, user) in clients.chain(apis) {
            if is_abandoned(name, self.now) {
                remove_all(&self.issuer, &self.token, name, user).await?;
            }
        }
        Ok(())
    }
}

/// A client that some examinations make.
pub fn second_client(name: &str) -> String {
    format!("{name}-second")
}

/// A client that people log in to by way of the pages.
pub fn relying_party(name: &str) -> String {
    format!("{name}-openid")
}

async fn remove_all(issuer: &Issuer, token: &str, name: &str, user: &str) -> Result<(), CannotRun> {
    let mut paths = vec![
        format!("/admin/v1/clients/{name}"),
        format!("/admin/v1/clients/{}", second_client(name)),
        format!("/admin/v1/clients/{}", relying_party(name)),
        format!("/admin/v1/roles/{name}"),
        format!("/admin/v1/apis/{name}"),
    ];
    if !user.is_empty() {
        paths.insert(0, format!("/admin/v1/users/{user}"));
    }
    for path in paths {
        let request = issuer.http.delete(issuer.at(&path)).bearer_auth(token);
        match crate::web::ask(request).await {
            Ok(reply) if reply.is_success() || reply.status == 404 => {}
            other => {
                return Err(CannotRun::unreachable(
                    format!("DELETE {path}"),
                    crate::web::told(&other),
                ));
            }
        }
    }
    Ok(())
}

/// Whether a name is a drill's that began long ago.
fn is_abandoned(name: &str, now: i64) -> bool {
    let began = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split('-').next());
    let began = began.and_then(|digits| i64::from_str_radix(digits, 16).ok());
    began.is_some_and(|began| now - began > ABANDONED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_old_drill_made_is_swept() {
        let now = 0x6800_0000;
        for (name, abandoned) in [
            ("drill-67ff0000-abc", true),
            ("drill-68000000-abc", false),
            ("drill-press", false),
            ("orders", false),
            ("drill-", false),
        ] {
            assert_eq!(is_abandoned(name, now), abandoned, "{name}");
        }
    }
}
