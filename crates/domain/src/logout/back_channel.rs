//! Telling a client, server to server, that a session of its is over (OpenID Connect Back-Channel Logout 1.0).

use serde_json::{Value, json};

use crate::client::{Client, ClientId};
use crate::keys::RingId;
use crate::ledger::Jti;
use crate::logout::Farewell;
use crate::{Issuer, Period, Time, Unavailable};

/// The `typ` of the header (§2.4): what checks it takes nothing else for a logout token.
const TYPE: &str = "logout+jwt";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// §2.4 recommends at most this.
const LIFETIME: Period = Period::minutes(2);

/// What all logout tokens have in common, for one attempt.
struct Envelope<'a> {
    issuer: &'a str,
    jti: Jti,
    now: Time,
}

impl Issuer {
    /// One attempt. A client that is gone, or wants no word any more, has been told.
    pub(crate) async fn say_farewell(
        &self,
        client: &ClientId,
        body: &str,
    ) -> Result<(), Unavailable> {
        let Some(farewell) = Farewell::read(client, body) else {
            return Err(Unavailable::new("farewell", "what waits cannot be read"));
        };
        let Some(client) = self.outside.store.client(client).await? else {
            return Ok(());
        };
        let Some(uri) = &client.registration.backchannel_logout_uri else {
            return Ok(());
        };
        let token = self.logout_token(&client, &farewell)?;
        let form = format!("logout_token={token}");
        self.outside.documents.submit(uri, &form).await
    }

    /// Signed as the client's ID tokens are (§2.4). Its `jti` is a new one each time: a client that has seen one before would refuse it.
    fn logout_token(&self, client: &Client, farewell: &Farewell) -> Result<String, Unavailable> {
        let policy = self.policy();
        let now = self.now();
        let envelope = Envelope {
            issuer: policy.issuer.as_str(),
            jti: Jti::new(now, self.random()),
            now,
        };
        let subject = self.subject(client, farewell.user);
        let payload = payload(&envelope, farewell, &subject).to_string();
        let failed = |error: &dyn std::error::Error| Unavailable::new("logout token", error);
        let held = self.held();
        let ring = RingId::public(client.registration.id_token_algorithm());
        let signer = held.ring.active(&ring).map_err(|error| failed(&error))?;
        let signed = signer.sign(TYPE, payload.as_bytes());
        signed.map_err(|error| failed(&error))
    }
}

/// §2.4; never with `nonce`, so that it cannot pass for an ID token.
fn payload(envelope: &Envelope<'_>, farewell: &Farewell, subject: &str) -> Value {
    json!({
        "iss": envelope.issuer,
        "aud": farewell.client.as_str(),
        "iat": envelope.now.secs(),
        "exp": (envelope.now + LIFETIME).secs(),
        "jti": envelope.jti.to_string(),
        "sub": subject,
        "sid": farewell.session.to_string(),
        "events": { EVENT: {} },
    })
}
