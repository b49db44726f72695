//! What would become of the living tokens if a key were revoked now.

use std::collections::BTreeMap;

use crate::Issuer;
use crate::access::Audience;
use crate::client::ClientId;
use crate::keys::{KeyError, TickError};
use crate::ledger::{TokenCount, TokenFilter};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyImpact {
    /// Signed by the key: refused from then on.
    pub dying: TokenCount,
    /// Signed by another key.
    pub surviving: TokenCount,
    /// Who holds those that die, by API and client.
    pub affected: Vec<Affected>,
}

/// The tokens of one client for one API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    pub audience: Audience,
    pub client: ClientId,
    pub dying: TokenCount,
    pub surviving: TokenCount,
}

impl Issuer {
    pub async fn key_impact(&self, kid: &str) -> Result<KeyImpact, KeyError> {
        if !self.list_keys().await?.iter().any(|key| key.kid == kid) {
            return Err(KeyError::Unknown);
        }
        let mut impact = KeyImpact::default();
        let mut groups = BTreeMap::<_, (TokenCount, TokenCount)>::new();
        let counts = self.token_counts(TokenFilter::default()).await;
        for counted in counts.map_err(TickError::from)? {
            let group = groups
                .entry((counted.class.audience, counted.class.client))
                .or_default();
            if counted.class.kid == kid {
                impact.dying += counted.count;
                group.0 += counted.count;
            } else {
                impact.surviving += counted.count;
                group.1 += counted.count;
            }
        }
        impact.affected = groups
            .into_iter()
            .filter(|(_, (dying, _))| *dying != TokenCount::default())
            .map(|((audience, client), (dying, surviving))| Affected {
                audience,
                client,
                dying,
                surviving,
            })
            .collect();
        Ok(impact)
    }
}
