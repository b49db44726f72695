//! Tokens of another kind by the same issuer.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::quote;

pub const ATTACKS: &[Attack] = &[Attack {
    card: Card {
        name: "wrong-type",
        title: "Only access tokens are access tokens",
        severity: Severity::High,
        why: "An ID token reaches every page that a user logs in to, a logout token every client: each could be replayed here.",
        source: "RFC 9068 §4, RFC 8725 §2.8, §3.11",
        fix: "Require `typ: at+jwt` in the header (jose: the option typ; PyJWT: compare get_unverified_header after decode).",
    },
    by: Means::Seal,
    forge: others,
}];

fn others(shop: &Workshop) -> Vec<Variant> {
    let id_token = shop
        .claims()
        .with("nonce", r#""drill""#)
        .without("scope")
        .without("client_id");
    let logout = shop.claims().with(
        "events",
        r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#,
    );
    let event = shop.claims().with(
        "events",
        r#"{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{}}"#,
    );
    let list = shop
        .claims()
        .with("status_list", r#"{"bits":2,"lst":"eNrbuRgAAhcBXQ"}"#);
    let userinfo = shop.claims().with("email", quote("drill@example.org"));
    [
        ("an ID token", "JWT", id_token),
        ("an access token typed as JWT", "JWT", shop.claims()),
        ("a logout token", "logout+jwt", logout),
        ("a security event", "secevent+jwt", event),
        ("a status list", "statuslist+jwt", list),
        ("a userinfo response", "userinfo+jwt", userinfo),
    ]
    .into_iter()
    .filter_map(|(what, typ, claims)| Variant::sealed(what, shop.sealed_as(typ, &claims)))
    .collect()
}
