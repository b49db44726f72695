//! One OpenBao or Vault server: what it is asked, as whom, and what its refusals mean.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keywright_domain::secret::PlainSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use ureq::http::{HeaderMap, HeaderValue, Method, Uri};
use zeroize::Zeroizing;

use super::TransitSettings;
use super::error::TransitError;
use super::link::Link;
use super::login::{Lease, Login, TokenSource};
use super::refusal::refusal;
use crate::contact::{Contact, now};
use crate::under_way::UnderWay;

/// A call that failed later than this is not tried again: its caller has waited for long enough.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What we do behind the mount: the policy that docs/operations.md prints allows it, and no more.
const NEEDED: [(&str, &str); 5] = [
    ("keys/keywright-any", "read"),
    ("keys/keywright-any", "update"),
    ("sign/keywright-any", "update"),
    ("encrypt/keywright-secrets", "update"),
    ("decrypt/keywright-secrets", "update"),
];

pub(super) struct Server {
    link: Link,
    url: String,
    mount: String,
    namespace: Option<HeaderValue>,
    login: Mutex<Login>,
    contact: Mutex<Contact>,
    under_way: UnderWay,
}

/// The `data` of an answer, still as it was written: what is secret in there is wiped with it.
pub(super) struct Data {
    path: String,
    body: Zeroizing<Vec<u8>>,
}

struct Ask<'a> {
    method: Method,
    path: &'a str,
    body: Zeroizing<Vec<u8>>,
}

#[derive(Deserialize)]
struct Enveloped<T> {
    data: T,
}

#[derive(Deserialize)]
struct Renewed {
    auth: Lease,
}

impl Server {
    /// Shows the token, and names what its policy does not allow.
    pub fn open(settings: TransitSettings) -> Result<Self, TransitError> {
        let namespace = settings.namespace.as_deref();
        let namespace = namespace.map(HeaderValue::from_str).transpose();
        let server = Self {
            link: Link::new(settings.ca.as_deref())?,
            url: settings.url.trim_end_matches('/').to_owned(),
            mount: settings.mount.trim_matches('/').to_owned(),
            namespace: namespace.map_err(|_| TransitError::Namespace)?,
            login: Mutex::new(Login::new(settings.token, now())?),
            contact: Mutex::new(Contact::Answered(now())),
            under_way: UnderWay::default(),
        };
        server.uri("")?;
        server.tend()?;
        server.demand_capabilities()?;
        Ok(server)
    }

    /// Asks for something behind the mount. While the server is away most callers are refused at once.
    pub fn get(&self, path: &str) -> Result<Data, TransitError> {
        self.behind_mount(Method::GET, path, Zeroizing::default())
    }

    pub fn post(&self, path: &str, body: &impl Serialize) -> Result<Data, TransitError> {
        self.behind_mount(Method::POST, path, written(body))
    }

    /// Whether it did what it was asked a moment ago.
    pub fn has_answered(&self) -> bool {
        self.contact().is_news(now())
    }

    /// Renews the token when half of its life is gone. To be called now and then.
    pub fn tend(&self) -> Result<(), TransitError> {
        let at = now();
        let Login { token, due, .. } = self.login().clone();
        if due.is_none_or(|due| at < due) {
            return Ok(());
        }
        let known = self.of_token(Method::GET, "auth/token/lookup-self");
        let known = known.map_err(|error| match error.is_denial() {
            true => TransitError::TokenRefused,
            false => error,
        })?;
        let mut lease: Lease = known.read()?;
        if lease.is_renewable() {
            let renewed = self.of_token(Method::POST, "auth/token/renew-self")?;
            lease = renewed.parse::<Renewed>()?.auth;
        }
        let mut login = self.login();
        // Another that came in between is looked at on its own.
        if login.token == token {
            login.due = lease.due(now());
        }
        Ok(())
    }

    /// Shows this token from now on. If it is refused, the one before goes on.
    pub fn take_token(&self, source: TokenSource) -> Result<(), TransitError> {
        let login = Login::new(source, now())?;
        let before = std::mem::replace(&mut *self.login(), login);
        let outcome = self.tend();
        match &outcome {
            Ok(()) => *self.contact() = Contact::Answered(now()),
            Err(_) => *self.login() = before,
        }
        outcome
    }

    fn of_token(&self, method: Method, path: &str) -> Result<Data, TransitError> {
        let body = Zeroizing::default();
        self.ask(&Ask { method, path, body })
    }

    fn demand_capabilities(&self) -> Result<(), TransitError> {
        let full = |path: &str| format!("{}/{path}", self.mount);
        let ask = Ask {
            method: Method::POST,
            path: "sys/capabilities-self",
            body: written(&json!({ "paths": NEEDED.map(|(path, _)| full(path)) })),
        };
        let allowed: BTreeMap<String, Vec<String>> = self.ask(&ask)?.read()?;
        let lacks = |(path, capability): &&(&str, &'static str)| {
            let granted = allowed.get(&full(path));
            !granted.is_some_and(|all| all.iter().any(|one| one == capability || one == "root"))
        };
        match NEEDED.iter().find(lacks) {
            None => Ok(()),
            Some((path, capability)) => Err(TransitError::NoCapability {
                path: full(path),
                capability,
            }),
        }
    }

    fn behind_mount(
        &self,
        method: Method,
        path: &str,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<Data, TransitError> {
        let admitted = self.contact().admit(now());
        admitted.map_err(TransitError::Away)?;
        let _call = self.under_way.begin()?;
        let path = &format!("{}/{path}", self.mount);
        let outcome = self.ask(&Ask { method, path, body });
        match &outcome {
            Ok(_) => *self.contact() = Contact::Answered(now()),
            Err(error) if error.is_away() => {
                *self.contact() = Contact::silent(error.to_string(), now());
            }
            Err(_) => {}
        }
        outcome
    }

    /// Everything that is asked may be asked twice. It is, if the connection had been dropped, or a newer token is there.
    fn ask(&self, ask: &Ask<'_>) -> Result<Data, TransitError> {
        let began = now();
        let token = self.login().token.clone();
        let first = self.try_once(ask, &token);
        if now() - began > AT_ONCE {
            return first;
        }
        let again = match &first {
            Err(TransitError::Dropped(_)) => Some(token),
            Err(error) if error.is_denial() => self.login().instead_of(&token, now()),
            Ok(_) | Err(_) => None,
        };
        match again {
            Some(token) => self.try_once(ask, &token),
            None => first,
        }
    }

    fn try_once(&self, ask: &Ask<'_>, token: &PlainSecret) -> Result<Data, TransitError> {
        let uri = self.uri(ask.path)?;
        let headers = self.headers(token)?;
        let answer = self
            .link
            .send(ask.method.clone(), &uri, &headers, &ask.body)?;
        match answer.status {
            200..=299 => Ok(Data {
                path: ask.path.to_owned(),
                body: answer.body,
            }),
            _ => Err(refusal(&self.mount, ask.path, &answer)),
        }
    }

    fn uri(&self, path: &str) -> Result<Uri, TransitError> {
        let url = format!("{}/v1/{path}", self.url);
        url.parse().map_err(|_| TransitError::Url(self.url.clone()))
    }

    fn headers(&self, token: &PlainSecret) -> Result<HeaderMap, TransitError> {
        let mut headers = HeaderMap::with_capacity(4);
        let mut token = HeaderValue::from_str(token.expose());
        if let Ok(token) = &mut token {
            token.set_sensitive(true);
        }
        headers.insert(
            "x-vault-token",
            token.map_err(|_| TransitError::MalformedToken)?,
        );
        // An agent in between may insist on it, to tell us from a web page.
        headers.insert("x-vault-request", HeaderValue::from_static("true"));
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        if let Some(namespace) = &self.namespace {
            headers.insert("x-vault-namespace", namespace.clone());
        }
        Ok(headers)
    }

    fn login(&self) -> MutexGuard<'_, Login> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contact(&self) -> MutexGuard<'_, Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Data {
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, TransitError> {
        Ok(self.parse::<Enveloped<T>>()?.data)
    }

    fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, TransitError> {
        serde_json::from_slice(&self.body).map_err(|_| TransitError::unexpected(&self.path))
    }
}

fn written(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // What is sent is maps with strings for keys, which cannot fail to be written.
    Zeroizing::new(serde_json::to_vec(body).unwrap_or_default())
}
