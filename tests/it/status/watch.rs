//! A service that polls the status lists and knows nothing else.

use keywright_domain::feed::StatusValue;
use keywright_domain::status::StatusRef;
use keywright_jwt::JwkSet;
use keywright_tests::forge::claims;
use keywright_tests::{TestIssuer, seed};
use keywright_verify::{KeySlot, Refusal, StatusLists, Verifier, WhenUnknown};

/// Where a token says that its status is.
pub fn entry(token: &str) -> StatusRef {
    let status = claims(token)["status"]["status_list"].clone();
    let uri = status["uri"].as_str().expect("an address");
    let list = uri.rsplit_once('/').expect("a path").1;
    StatusRef {
        list: list.parse().expect("a number"),
        index: u32::try_from(status["idx"].as_u64().expect("an index")).unwrap(),
    }
}

/// What this node's lists say of a token, after it has caught up.
pub async fn status(issuer: &TestIssuer, token: &str) -> StatusValue {
    issuer.follow().await;
    let said = issuer.issuer().status_of(entry(token));
    said.expect("the list has the entry")
}

/// What a verifier makes of the token that has fetched the list which it names.
pub async fn verdict(issuer: &TestIssuer, token: &str) -> Result<(), Refusal> {
    issuer.follow().await;
    let jwks = issuer.anonymous().get("/.well-known/jwks.json").await;
    let keys = KeySlot::new(JwkSet::parse(&jwks.body).unwrap()).unwrap();
    let now = issuer.issuer().now().secs();
    let lists = StatusLists::new(seed::ISSUER, keys.clone(), 60);
    let path = format!("/status/{}", entry(token).list);
    let served = issuer.anonymous().get(&path).await.is(200);
    lists
        .take(&format!("{}{path}", seed::ISSUER), served.text(), now)
        .expect("an acceptable list");
    let verifier = Verifier::builder(seed::ISSUER, keys)
        .audience(seed::ORDERS)
        .revocation(lists, WhenUnknown::FailClosed)
        .clock(move || now)
        .build()
        .unwrap();
    verifier.verify(token).map(drop)
}
