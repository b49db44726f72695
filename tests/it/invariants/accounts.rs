use keywright_domain::account::password::HashCost;
use keywright_tests::{Actor, TestIssuer, on_both_engines, seed};
use serde_json::{Value, json};

/// What an outsider can tell two answers apart by.
#[derive(Debug, PartialEq)]
struct Observed {
    answer: String,
    writes: u64,
    hashes: u64,
}

async fn observe(stranger: &Actor, path: &str, body: &Value) -> Observed {
    let issuer = &stranger.issuer;
    let (writes, hashes) = (issuer.store().writes(), issuer.hashes());
    let answer = stranger.post(path, body).await;
    Observed {
        answer: answer.comparable(),
        writes: issuer.store().writes() - writes,
        hashes: issuer.hashes() - hashes,
    }
}

on_both_engines! {
    async fn invariant_07_nobody_learns_whether_an_account_exists(issuer: TestIssuer) {
        let (known, unknown) = (seed::email("ann"), seed::email("nobody"));
        for (network, path, with) in [
            (1, "/v1/login", json!({ "username": null, "password": "wrong" })),
            (2, "/v1/register", json!({ "email": null, "password": seed::PASSWORD })),
            (3, "/v1/password/forgot", json!({ "email": null })),
            (4, "/v1/email/resend", json!({ "email": null })),
        ] {
            let name = if path == "/v1/login" { "username" } else { "email" };
            let body = |email: &str| {
                let mut body = with.clone();
                body[name] = email.into();
                body
            };
            // From elsewhere each time: limits on letters are another matter.
            let stranger = issuer.anonymous().from_address(&format!("198.51.100.{network}"));
            let of_known = observe(&stranger, path, &body(&known)).await;
            let of_unknown = observe(&stranger, path, &body(&unknown)).await;
            assert_eq!(of_known, of_unknown, "{path}");
        }
    }
}

#[test]
fn invariant_08_passwords_cost_what_owasp_recommends() {
    let HashCost {
        memory_kib,
        passes,
        lanes,
    } = HashCost::default();
    assert_eq!((memory_kib, passes, lanes), (19 * 1024, 2, 1));
}
