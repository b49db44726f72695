//! A device code for a session (RFC 8628 §3.4).

use crate::access::ScopeRefused;
use crate::audit::{Effects, Origin};
use crate::client::{Client, ClientRefused, Grant, PresentedClient};
use crate::grant::device::{Approval, DeviceCode, DeviceCodeId, Poll, PollRefused};
use crate::ledger::GrantType;
use crate::limit::Limited;
use crate::secret::PlainSecret;
use crate::session::{Asked, Opening, Session, Standing};
use crate::token::{Binding, MintError, ProvedKey, Tokens};
use crate::{Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct ExchangeDeviceCode {
    pub client: PresentedClient,
    pub device_code: PlainSecret,
    pub proof_key: Option<ProvedKey>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum DeviceGrantError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Refused(#[from] PollRefused),
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn exchange_device_code(
        &self,
        request: ExchangeDeviceCode,
    ) -> Result<Tokens, DeviceGrantError> {
        let origin = &request.origin;
        let client = self
            .authenticate_for(Grant::DeviceCode, &request.client, origin)
            .await?;
        let binding = client.binding(request.proof_key, &request.client)?;
        let now = self.now();
        let found = match DeviceCodeId::from_token(&request.device_code, &self.secrets.link) {
            Some(id) => self.outside.store.poll_device(id, &client.id, now).await?,
            None => None,
        };
        match found {
            None | Some((_, Poll::Refused(PollRefused::Unknown))) => {
                self.count_failure(origin, now)?;
                Err(PollRefused::Unknown.into())
            }
            Some((_, Poll::Wait { refused, .. } | Poll::Refused(refused))) => Err(refused.into()),
            Some((code, Poll::Open(approval))) => {
                let allowed = AllowedDevice {
                    code: &code,
                    approval: &approval,
                    client: &client,
                    binding,
                    origin,
                };
                self.open_by_device(allowed, now).await
            }
        }
    }

    async fn open_by_device(
        &self,
        allowed: AllowedDevice<'_>,
        now: Time,
    ) -> Result<Tokens, DeviceGrantError> {
        let opened = self.standing_of_device(&allowed, now).await?;
        let minting = self.begin_minting(now)?.bound_to(allowed.binding);
        let asked = Asked {
            standing: &opened,
            scope: None,
            grant: GrantType::DeviceCode,
            nonce: None,
        };
        let session = &opened.session;
        let effects = Effects {
            minted: minting.entries_for::<DeviceGrantError>(asked)?,
            ..session.opened(allowed.origin, now).into()
        };
        let store = &self.outside.store;
        let redeeming = store.redeem_device(allowed.code.id, session, allowed.approval, &effects);
        if !redeeming.await? {
            // Another presentation was first, or account and login are not what they were when this was allowed.
            return Err(PollRefused::Unknown.into());
        }
        let tokens = self.first_tokens::<DeviceGrantError>(minting, asked);
        Ok(tokens.await?.ok_or(PollRefused::Unknown)?)
    }

    /// The session that the code opens, with those it will stand on. From now on it belongs to no browser's login: who logs out there
    /// is not logged out of the device.
    async fn standing_of_device(
        &self,
        allowed: &AllowedDevice<'_>,
        now: Time,
    ) -> Result<Standing, DeviceGrantError> {
        let AllowedDevice {
            code,
            approval,
            client,
            binding,
            origin,
        } = allowed;
        let user = self.outside.store.by_id(approval.user).await?;
        let user = user.ok_or(PollRefused::Unknown)?;
        let opening = Opening {
            user: &user,
            client,
            audience: &code.audience,
            scope: code.scope.clone(),
            origin,
            entry: self.free_entry(now).await?.entry,
            binding: binding.clone(),
        };
        let standing = self.new_standing(opening, now);
        Ok(Standing {
            session: Session {
                openid: code.openid.clone(),
                details: code.details.clone(),
                authenticated_at: approval.authenticated_at,
                amr: approval.amr.clone(),
                ..standing.session
            },
            ..standing
        })
    }
}

/// A code whose device was let in, and who presents it.
struct AllowedDevice<'a> {
    code: &'a DeviceCode,
    approval: &'a Approval,
    client: &'a Client,
    binding: Option<Binding>,
    origin: &'a Origin,
}
