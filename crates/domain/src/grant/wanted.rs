//! What a client asks for that brings no authorization request.

use crate::Issuer;
use crate::access::{Audience, ScopeRefused, ScopeSet, openid_words};
use crate::client::Client;

pub(crate) struct Wanted {
    pub audience: Audience,
    pub scope: ScopeSet,
    pub openid: ScopeSet,
}

impl Issuer {
    /// requested ∩ known to the API ∩ allowed to the client. What the person's roles grant shows when the session opens.
    pub(crate) fn wanted_of(
        &self,
        client: &Client,
        audience: Option<Audience>,
        requested: Option<ScopeSet>,
    ) -> Result<Wanted, ScopeRefused> {
        let catalog = self.catalog();
        let asks_who = requested.as_ref().is_some_and(|all| all.contains("openid"));
        // Who wants to know who logged in, and names no API, gets a token for the issuer itself, where userinfo is.
        let userinfo = || asks_who.then(|| self.policy().issuer_audience()).flatten();
        let audience = audience
            .or(client.default_audience.clone())
            .or_else(userinfo)
            .ok_or(ScopeRefused::NoApi)?;
        let allowed = client.allowed.get(&audience).cloned().unwrap_or_default();
        let words = openid_words();
        let of_api = requested.as_ref().map(|scope| scope.without(&words));
        let openid = requested.unwrap_or_default().intersection(&words);
        let openid = client
            .openid_within(&openid)
            .ok_or(ScopeRefused::NothingGranted)?;
        let scope = catalog.narrow(catalog.api(&audience)?, of_api.as_ref(), &[&allowed])?;
        Ok(Wanted {
            audience,
            scope,
            openid,
        })
    }
}
