//! A real security event (RFC 8417): every follower of the feed holds them, and the issuer's own key has signed each.

use std::time::Duration;

use tokio::time::timeout;

use crate::api::ApiDrill;
use crate::api::attack::Variant;
use crate::issuer::Issuer;

/// The feed has a heartbeat each second.
const PATIENCE: Duration = Duration::from_secs(5);

/// The first that the feed sends to a client that may follow it.
pub async fn of_the_feed(drill: &ApiDrill, issuer: &Issuer) -> Option<Variant> {
    let (id, secret) = drill.credentials.follower.as_ref()?;
    let request = issuer.http.get(issuer.at("/feed"));
    let request = request.basic_auth(id, Some(secret)).timeout(PATIENCE);
    let event = timeout(PATIENCE, first(request)).await.ok()??;
    Some(Variant::token("a security event of the feed", event))
}

async fn first(request: reqwest::RequestBuilder) -> Option<String> {
    let mut stream = request.send().await.ok()?.error_for_status().ok()?;
    let mut text = String::new();
    while let Some(chunk) = stream.chunk().await.ok()? {
        text.push_str(&String::from_utf8_lossy(&chunk));
        // A line that has not ended may be half a token.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let event = whole.lines().find_map(|line| line.strip_prefix("data:"));
        if let Some(event) = event {
            return Some(event.trim().to_owned());
        }
    }
    None
}
