//! A code for a session (RFC 6749 §4.1.3): the login was proved in the browser, and the client fetches what it opens.

use crate::access::{Audience, AuthorizationDetails, DetailsRefused, ScopeRefused};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::authorize::{AuthorizationCode, CodeId, CodeRefused, PresentedCode, Verdict, decide};
use crate::client::{Client, ClientRefused, Grant, PresentedClient};
use crate::ledger::GrantType;
use crate::limit::Limited;
use crate::ports::CodeSpent;
use crate::secret::PlainSecret;
use crate::session::{Asked, EndReason, Opening, Session, Standing};
use crate::token::{Binding, MintError, ProvedKey, Tokens};
use crate::{Issuer, SessionId, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct ExchangeCode {
    pub client: PresentedClient,
    pub code: PlainSecret,
    pub redirect_uri: Option<String>,
    pub code_verifier: Option<PlainSecret>,
    /// RFC 8707 §2.2: it may be named again, and must be the same.
    pub audience: Option<Audience>,
    /// RFC 9396 §6: those of the granted ones that the first token carries. The session keeps all.
    pub details: Option<String>,
    pub proof_key: Option<ProvedKey>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum ExchangeCodeError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Refused(#[from] CodeRefused),
    /// It had been used already: what it opened is over now.
    #[error("an authorization code was presented again; what it had opened was ended")]
    Reused,
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Details(#[from] DetailsRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// The client is authenticated before the code is looked at, so that a stolen code alone spends nothing.
    pub async fn exchange_code(&self, request: ExchangeCode) -> Result<Tokens, ExchangeCodeError> {
        let origin = &request.origin;
        let client = self
            .authenticate_for(Grant::AuthorizationCode, &request.client, origin)
            .await?;
        let binding = client.binding(request.proof_key.clone(), &request.client)?;
        let details = request.details.as_deref();
        let details = details.map(AuthorizationDetails::read).transpose()?;
        let now = self.now();
        let found = match CodeId::from_token(&request.code, &self.secrets.link) {
            Some(id) => self.outside.store.code(id).await?,
            None => None,
        };
        let Some(stored) = found else {
            self.count_failure(origin, now)?;
            return Err(CodeRefused::Unknown.into());
        };
        let presented = PresentedCode {
            client: client.id.clone(),
            redirect_uri: request.redirect_uri,
            verifier: request.code_verifier,
            audience: request.audience,
            proof_key: request.proof_key.map(|key| key.thumbprint),
        };
        let exceeds = |wanted: &AuthorizationDetails| !stored.code.details.cover(wanted);
        match decide(&stored, &presented, now) {
            // The code is not spent for it: the client may ask again rightly.
            Verdict::Open if details.as_ref().is_some_and(exceeds) => {
                Err(DetailsRefused::NotGranted.into())
            }
            Verdict::Open => {
                let redemption = Redemption {
                    code: &stored.code,
                    client: &client,
                    binding,
                    details,
                    origin,
                };
                self.open_by_code(redemption, now).await
            }
            Verdict::Burn(mismatch) => {
                self.outside.store.burn_code(stored.code.id, now).await?;
                self.count_failure(origin, now)?;
                Err(mismatch.into())
            }
            Verdict::Reused(opened) => Err(self
                .end_for_code_reuse(&stored.code, opened, origin)
                .await?),
            Verdict::Refuse(refused) => {
                self.count_failure(origin, now)?;
                Err(refused.into())
            }
        }
    }

    async fn open_by_code(
        &self,
        redemption: Redemption<'_>,
        now: Time,
    ) -> Result<Tokens, ExchangeCodeError> {
        let (code, origin) = (redemption.code, redemption.origin);
        let (binding, details) = (redemption.binding.clone(), redemption.details.clone());
        let opened = self.standing_of(redemption, now).await?;
        let minting = self
            .begin_minting(now)?
            .bound_to(binding)
            .narrowed_to(details);
        let asked = Asked {
            standing: &opened,
            scope: None,
            grant: GrantType::AuthorizationCode,
            nonce: code.nonce.as_deref(),
        };
        let effects = Effects {
            minted: minting.entries_for::<ExchangeCodeError>(asked)?,
            ..opened.session.opened(origin, now).into()
        };
        let store = &self.outside.store;
        match store.redeem_code(code, &opened.session, &effects).await? {
            CodeSpent::Opened => {
                let tokens = self.first_tokens::<ExchangeCodeError>(minting, asked);
                Ok(tokens.await?.ok_or(CodeRefused::LoginOver)?)
            }
            CodeSpent::Before(opened) => Err(self.end_for_code_reuse(code, opened, origin).await?),
            CodeSpent::Void => Err(CodeRefused::LoginOver.into()),
        }
    }

    /// The session that the code opens, with those it will stand on.
    async fn standing_of(
        &self,
        redemption: Redemption<'_>,
        now: Time,
    ) -> Result<Standing, ExchangeCodeError> {
        let Redemption {
            code,
            client,
            binding,
            details: _,
            origin,
        } = redemption;
        let user = self.outside.store.by_id(code.user).await?;
        let user = user.ok_or(CodeRefused::LoginOver)?;
        let free = self.free_entry(now).await?;
        let opening = Opening {
            user: &user,
            client,
            audience: &code.audience,
            scope: code.scope.clone(),
            origin,
            entry: free.entry,
            binding,
        };
        let standing = self.new_standing(opening, now);
        Ok(Standing {
            session: Session {
                openid: code.openid.clone(),
                claims: code.claims.clone(),
                details: code.details.clone(),
                login: Some(code.login),
                authenticated_at: code.authenticated_at,
                amr: code.amr.clone(),
                ..standing.session
            },
            ..standing
        })
    }

    /// Whoever was first, the client or a thief, neither of them goes on (RFC 6749 §4.1.2).
    async fn end_for_code_reuse(
        &self,
        code: &AuthorizationCode,
        opened: Option<SessionId>,
        origin: &Origin,
    ) -> Result<ExchangeCodeError, ExchangeCodeError> {
        let now = self.now();
        if let Some(session) = opened {
            let event = Event::new(EventKind::CodeReused, Actor::Issuer, now)
                .user(code.user)
                .session(session)
                .client(&code.client)
                .from(origin);
            let store = &self.outside.store;
            store
                .end(session, None, EndReason::CodeReused, now, &event.into())
                .await?;
        }
        self.count_failure(origin, now)?;
        Ok(ExchangeCodeError::Reused)
    }
}

/// A code that may be spent, and for whom.
struct Redemption<'a> {
    code: &'a AuthorizationCode,
    client: &'a Client,
    binding: Option<Binding>,
    /// `None`: the token carries all that were granted.
    details: Option<AuthorizationDetails>,
    origin: &'a Origin,
}
