use keywright_domain::account::password::HashCost;
use keywright_tests::{Answer, TestIssuer, on_both_engines, seed};
use serde_json::{Value, json};

/// What an outsider can tell two answers apart by.
#[derive(Debug, PartialEq)]
struct Observed {
    answer: String,
    writes: u64,
    hashes: u64,
}

async fn observe(issuer: &TestIssuer, path: &str, body: &Value) -> Observed {
    let (writes, hashes) = (issuer.store().writes(), issuer.hashes());
    let answer: Answer = issuer.anonymous().post(path, body).await;
    Observed {
        answer: answer.comparable(),
        writes: issuer.store().writes() - writes,
        hashes: issuer.hashes() - hashes,
    }
}

on_both_engines! {
    async fn invariant_07_nobody_learns_whether_an_account_exists(issuer: TestIssuer) {
        let (known, unknown) = (seed::email("ann"), seed::email("nobody"));
        for (path, with) in [
            ("/v1/login", json!({ "username": null, "password": "wrong" })),
            ("/v1/register", json!({ "email": null, "password": seed::PASSWORD })),
            ("/v1/password/forgot", json!({ "email": null })),
            ("/v1/email/resend", json!({ "email": null })),
        ] {
            let name = if path == "/v1/login" { "username" } else { "email" };
            let body = |email: &str| {
                let mut body = with.clone();
                body[name] = email.into();
                body
            };
            let (of_known, of_unknown) = (
                observe(&issuer, path, &body(&known)).await,
                observe(&issuer, path, &body(&unknown)).await,
            );
            assert_eq!(of_known, of_unknown, "{path}");
        }
    }
}

#[test]
fn invariant_08_passwords_cost_what_owasp_recommends() {
    let HashCost { memory_kib, passes, lanes } = HashCost::default();
    assert_eq!((memory_kib, passes, lanes), (19 * 1024, 2, 1));
}
