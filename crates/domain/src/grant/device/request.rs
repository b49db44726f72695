//! A device asks for its codes (RFC 8628 §3.1).

use crate::access::{Audience, AuthorizationDetails, DetailsRefused, ScopeRefused, ScopeSet};
use crate::audit::Origin;
use crate::client::{Client, ClientRefused, Grant, PresentedClient};
use crate::grant::Wanted;
use crate::grant::device::{DeviceCode, DeviceCodeId, DeviceState, UserCode};
use crate::limit::{LimitKey, Limited, Network};
use crate::ports::Inserted;
use crate::secret::PlainSecret;
use crate::{Issuer, Period, Time, Unavailable};

/// Long enough to find a telephone; no longer, because somebody may try codes.
const LIFETIME: Period = Period::minutes(10);
const INTERVAL: Period = Period::secs(5);
/// User codes that are drawn before the issuer gives up: a second that is taken as well means that something is wrong.
const DRAWS: u32 = 3;

#[derive(Clone, Debug)]
pub struct RequestDeviceCode {
    pub client: PresentedClient,
    /// `None`: the client's default API.
    pub audience: Option<Audience>,
    pub scope: Option<ScopeSet>,
    /// RFC 9396, as it was sent.
    pub details: Option<String>,
    pub origin: Origin,
}

#[derive(Clone, Debug)]
pub struct DeviceCodes {
    pub device_code: PlainSecret,
    pub user_code: UserCode,
    pub expires_in: Period,
    pub interval: Period,
}

#[derive(Debug, thiserror::Error)]
pub enum RequestDeviceCodeError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Details(#[from] DetailsRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn request_device_code(
        &self,
        request: RequestDeviceCode,
    ) -> Result<DeviceCodes, RequestDeviceCodeError> {
        let origin = &request.origin;
        let client = self
            .authenticate_for(Grant::DeviceCode, &request.client, origin)
            .await?;
        let now = self.now();
        // Each is a row, and a public client proves nothing.
        let network = LimitKey::DeviceCodes(Network::from(origin.address));
        self.limits
            .take(network, self.policy().limits.address(), now)?;
        let wanted = self.wanted_of(&client, request.audience, request.scope)?;
        let details = match &request.details {
            Some(text) => {
                let catalog = self.catalog();
                AuthorizationDetails::asked(text, catalog.api(&wanted.audience)?, &client)?
            }
            None => AuthorizationDetails::default(),
        };
        for _ in 0..DRAWS {
            let user_code = UserCode::draw(&*self.outside.entropy);
            let code = DeviceCode {
                details: details.clone(),
                ..self.new_device_code(&client, &wanted, &user_code, now)
            };
            let store = &self.outside.store;
            if store.insert_device_code(&code).await? == Inserted::Yes {
                return Ok(DeviceCodes {
                    device_code: code.id.token(&self.secrets.link),
                    user_code,
                    expires_in: LIFETIME,
                    interval: INTERVAL,
                });
            }
        }
        Err(Unavailable::new("entropy", "it draws the same user codes again and again").into())
    }

    fn new_device_code(
        &self,
        client: &Client,
        wanted: &Wanted,
        user_code: &UserCode,
        now: Time,
    ) -> DeviceCode {
        DeviceCode {
            id: DeviceCodeId(self.random()),
            user_code: user_code.id(&self.secrets.link),
            client: client.id.clone(),
            audience: wanted.audience.clone(),
            scope: wanted.scope.clone(),
            openid: wanted.openid.clone(),
            details: AuthorizationDetails::default(),
            created_at: now,
            expires_at: now + LIFETIME,
            state: DeviceState::Pending,
            interval: INTERVAL,
            polled_at: None,
        }
    }
}
