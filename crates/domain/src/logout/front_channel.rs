//! What the logged-out page loads, so that clients can clear what they keep in this browser (OpenID Connect Front-Channel Logout 1.0).

use std::collections::BTreeMap;

use crate::client::ClientId;
use crate::logout::Farewell;
use crate::{Issuer, SessionId, Unavailable};

/// A page is no flood of requests: of more sessions, the newest.
const MOST: usize = 20;

/// One address of a client, and the session that it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontChannel {
    pub uri: String,
    pub session: SessionId,
}

impl Issuer {
    /// For those that want it.
    pub(crate) async fn front_channel(
        &self,
        mut told: Vec<Farewell>,
    ) -> Result<Vec<FrontChannel>, Unavailable> {
        // Identifiers sort by time.
        told.sort_by_key(|farewell| std::cmp::Reverse(farewell.session));
        let mut uris: BTreeMap<ClientId, Option<String>> = BTreeMap::new();
        let mut frames = Vec::new();
        for farewell in told {
            let uri = match uris.get(&farewell.client) {
                Some(known) => known.clone(),
                None => {
                    let found = self.outside.store.client(&farewell.client).await?;
                    let uri = found.and_then(|found| found.registration.frontchannel_logout_uri);
                    uris.insert(farewell.client, uri.clone());
                    uri
                }
            };
            let session = farewell.session;
            frames.extend(uri.map(|uri| FrontChannel { uri, session }));
            if frames.len() == MOST {
                break;
            }
        }
        Ok(frames)
    }
}
