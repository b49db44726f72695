//! A client whose people log in in a browser: its requests, and what it makes of the answers.

use std::collections::BTreeMap;

use http::Method;
use keywright_domain::audit;
use keywright_domain::client::{ClientKind, Grant, NewClient, Registration};
use serde_json::{Value, json};

use crate::{Actor, Answer, Certified, TestIssuer, Visitor, escaped, seed};

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Parameters to add, to replace, or (`None`) to take away.
pub type Changes<'a> = &'a [(&'a str, Option<&'a str>)];

/// A registered client of browser flows.
#[derive(Clone)]
pub struct FlowClient {
    issuer: TestIssuer,
    pub id: String,
    pub redirect_uri: String,
    /// Carries its credentials, if it has any.
    actor: Actor,
}

impl TestIssuer {
    /// A public client on a web site, which asks people for consent.
    pub async fn flow_client(&self, id: &str) -> FlowClient {
        self.flow_client_with(id, ClientKind::Public, json!({}))
            .await
    }

    /// One with these members of its registration besides.
    pub async fn flow_client_with(&self, id: &str, kind: ClientKind, members: Value) -> FlowClient {
        let mut registration = json!({
            "redirect_uris": [format!("https://{id}.example/cb")],
            "openid_scope": "openid profile email offline_access",
        });
        for (name, value) in members.as_object().expect("members") {
            registration[name] = value.clone();
        }
        let registration: Registration =
            serde_json::from_value(registration).expect("a registration");
        let redirect_uri = registration.redirect_uris[0].to_string();
        let orders = seed::audience(seed::ORDERS);
        let new = NewClient {
            id: Some(id.parse().expect("a client id")),
            name: format!("The {id} app"),
            kind,
            grants: [Grant::AuthorizationCode, Grant::RefreshToken].into(),
            allowed: [(orders.clone(), "read:orders write:orders".parse().unwrap())].into(),
            default_audience: Some(orders),
            registration,
        };
        let created = self
            .issuer()
            .create_client(new, &audit::Actor::Operator)
            .await;
        let secret = created.expect("a client").secret;
        let actor = match &secret {
            Some(secret) => self.anonymous().with_basic(id, secret.expose()),
            None => self.anonymous(),
        };
        FlowClient {
            issuer: self.clone(),
            id: id.to_owned(),
            redirect_uri,
            actor,
        }
    }

    /// A public client that came to be in another way.
    pub fn flow_client_known(&self, id: &str, redirect_uri: &str) -> FlowClient {
        FlowClient {
            issuer: self.clone(),
            id: id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            actor: self.anonymous(),
        }
    }
}

impl FlowClient {
    /// The same client over connections that show this certificate.
    #[must_use]
    pub fn showing(&self, certificate: &Certified) -> Self {
        Self {
            actor: self.actor.showing(certificate),
            ..self.clone()
        }
    }

    /// Where it sends the browser.
    pub fn request(&self, changes: Changes<'_>) -> String {
        format!("/oauth2/authorize?{}", self.parameters(changes))
    }

    /// The parameters of its request, encoded.
    pub fn parameters(&self, changes: Changes<'_>) -> String {
        let good = [
            ("client_id", self.id.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", "code"),
            ("scope", "read:orders"),
            ("state", "af0if jsl&dkj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        encoded(&good, changes)
    }

    /// Sends the browser, in which somebody has logged in, and consents to what is asked; answers the response's parameters.
    pub async fn authorize(
        &self,
        visitor: &mut Visitor,
        changes: Changes<'_>,
    ) -> BTreeMap<String, String> {
        let mut answer = visitor.open(&self.request(changes)).await;
        if answer.status == 200 {
            answer = decide(visitor, "allow").await;
        }
        self.response(&answer)
    }

    /// A code of somebody who has logged in at `visitor`.
    pub async fn code(&self, visitor: &mut Visitor, changes: Changes<'_>) -> String {
        let mut response = self.authorize(visitor, changes).await;
        response
            .remove("code")
            .unwrap_or_else(|| panic!("no code: {response:?}"))
    }

    /// What came back to the client by redirect.
    #[track_caller]
    pub fn response(&self, answer: &Answer) -> BTreeMap<String, String> {
        assert_eq!(
            answer.status, 303,
            "never 307, which sends the form on: {answer}"
        );
        let location = answer.header("location").expect("a location");
        let rest = location.strip_prefix(&self.redirect_uri);
        let rest = rest.unwrap_or_else(|| panic!("redirected to {location}"));
        let text = rest.strip_prefix(['?', '#', '&']).expect("parameters");
        pairs_of(text)
    }

    /// What it sends to the token endpoint with a code.
    pub fn exchange_form<'a>(&'a self, code: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        if !self.is_confidential() {
            form.push(("client_id", &self.id));
        }
        form
    }

    /// `POST /oauth2/token` with the code.
    pub async fn exchange(&self, code: &str, changes: Changes<'_>) -> Answer {
        let form = encoded(&self.exchange_form(code), changes);
        let call = self.actor.call(Method::POST, "/oauth2/token");
        call.form(&form).send().await
    }

    /// `POST /oauth2/token` with the refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        if !self.is_confidential() {
            form.push(("client_id", &self.id));
        }
        self.actor.token(&form).await
    }

    /// The tokens of somebody who has logged in at `visitor`.
    pub async fn tokens(&self, visitor: &mut Visitor, changes: Changes<'_>) -> Answer {
        let code = self.code(visitor, changes).await;
        self.exchange(&code, &[]).await.is(200)
    }

    /// Calls with an access token.
    pub fn bearing(&self, tokens: &Answer) -> Actor {
        self.issuer
            .anonymous()
            .bearing(&tokens.str("/access_token"))
    }

    /// Whoever has its credentials.
    pub fn with_credentials(&self) -> &Actor {
        &self.actor
    }

    fn is_confidential(&self) -> bool {
        self.actor.is_authorized()
    }
}

/// Presses a button of the consent page.
pub async fn decide(visitor: &mut Visitor, decision: &str) -> Answer {
    let ticket = visitor.ticket();
    let fields = [("ticket", ticket.as_str()), ("decision", decision)];
    visitor.submit("/consent", &fields).await
}

/// Form-encoded pairs, decoded.
pub fn pairs_of(text: &str) -> BTreeMap<String, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a pair");
        (decoded(name), decoded(value))
    };
    text.split('&').map(pair).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn encoded(good: &[(&str, &str)], changes: Changes<'_>) -> String {
    let kept = good
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name))
        .copied();
    let set = changes
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)));
    let pairs = kept.chain(set);
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.join("&")
}
