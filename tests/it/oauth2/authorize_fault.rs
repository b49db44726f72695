//! Requests at fault, and requests that fail here: who is sent back to the client by them, and who is asked first.

use keywright_tests::flow::decide;
use keywright_tests::{Answer, FlowClient, TestIssuer, attribute, on_both_engines};
use serde_json::json;

const STRANGERS_SITE: &str = "https://prize.example/cb";

async fn registered_stranger(issuer: &TestIssuer) -> FlowClient {
    let document = json!({
        "client_name": "Prize Draw", "redirect_uris": [STRANGERS_SITE], "token_endpoint_auth_method": "none",
    });
    let registered = issuer.anonymous().post("/oauth2/register", &document).await;
    issuer.flow_client_known(&registered.is(201).str("/client_id"), STRANGERS_SITE)
}

fn published_stranger(issuer: &TestIssuer) -> FlowClient {
    let id = "https://prize.example/client.json";
    let document = json!({
        "client_id": id, "client_name": "Prize Draw", "redirect_uris": [STRANGERS_SITE],
        "token_endpoint_auth_method": "none",
    });
    issuer.world().publishes(id, &document.to_string());
    issuer.flow_client_known(id, STRANGERS_SITE)
}

/// A page that says what is wrong and whose site it is, and leads there by a button alone.
#[track_caller]
fn asks_first(page: Answer, error: &str) -> Answer {
    let page = page.is(400);
    assert_eq!(page.header("location"), None);
    assert!(!page.text().contains("<script") && !page.text().contains("http-equiv"));
    let shown = format!("id=\"error-code\">{error}<");
    assert!(page.text().contains(&shown), "{error}: {page}");
    assert!(page.text().contains("Prize Draw"), "{page}");
    assert!(
        page.text()
            .contains("id=\"destination\">https://prize.example<")
    );
    page
}

/// Where the button of such a page leads.
fn way_back(page: &Answer) -> String {
    let link = attribute(page.text(), "id=\"go-on\" class=\"button\" href=\"");
    link.expect("a button").replace("&#38;", "&")
}

on_both_engines! {
    /// RFC 9700 §4.11.2, the first of its attacks.
    async fn fault_of_a_stranger_leads_nowhere_before_the_person_has_seen_it(issuer: TestIssuer) {
        let (registered, published) = (registered_stranger(&issuer).await, published_stranger(&issuer));
        for app in [registered, published] {
            for mut browser in [issuer.visitor(), issuer.visitor_named("ann").await] {
                let page = browser.open(&app.request(&[("scope", Some("fly"))])).await;
                let page = asks_first(page, "invalid_scope");
                let way = way_back(&page);
                let (site, answer) = way.split_once('?').unwrap();
                assert_eq!(site, STRANGERS_SITE);
                let answer = keywright_tests::flow::pairs_of(answer);
                assert_eq!((&*answer["error"], &*answer["state"]), ("invalid_scope", "af0if jsl&dkj"));
                assert_eq!(answer["iss"], keywright_tests::seed::ISSUER);
            }
            for (error, changes) in [
                ("invalid_request", ("response_type", None)),
                ("invalid_request", ("code_challenge", None)),
                ("invalid_request", ("prompt", Some("none login"))),
                ("invalid_request_object", ("request", Some("eyJhbGciOiJub25lIn0.e30."))),
                ("request_uri_not_supported", ("request_uri", Some("urn:ietf:params:oauth:request_uri:x"))),
            ] {
                asks_first(issuer.visitor().open(&app.request(&[changes])).await, error);
            }
        }
    }

    async fn fault_of_a_stranger_travels_as_it_asked_once_the_person_goes_on(issuer: TestIssuer) {
        let app = registered_stranger(&issuer).await;
        let fault = |mode| [("scope", Some("fly")), ("response_mode", Some(mode))];
        let page = issuer.visitor().open(&app.request(&fault("fragment"))).await;
        let way = way_back(&asks_first(page, "invalid_scope"));
        assert!(way.starts_with("https://prize.example/cb#error=invalid_scope&"), "{way}");
        let page = issuer.visitor().open(&app.request(&fault("form_post"))).await;
        let page = asks_first(page, "invalid_scope");
        assert!(page.text().contains("method=\"post\" action=\"https://prize.example/cb\""), "{page}");
        assert!(page.text().contains("name=\"error\" value=\"invalid_scope\""), "{page}");
    }

    /// What has to answer without a page does so: OpenID Connect Core §3.1.2.6.
    async fn silent_request_of_a_stranger_is_answered_at_once(issuer: TestIssuer) {
        let app = registered_stranger(&issuer).await;
        let silent = [("prompt", Some("none"))];
        let answer = issuer.visitor().open(&app.request(&silent)).await;
        assert_eq!(app.response(&answer)["error"], "login_required");
    }

    async fn stranger_hears_at_once_what_the_person_decided(issuer: TestIssuer) {
        let app = registered_stranger(&issuer).await;
        let mut ann = issuer.visitor_named("ann").await;
        let page = ann.open(&app.request(&[])).await.is(200);
        assert!(page.text().contains("id=\"destination\">https://prize.example<"), "{page}");
        let answer = decide(&mut ann, "deny").await;
        assert_eq!(app.response(&answer)["error"], "access_denied");
    }

    /// RFC 6749 §4.1.2.1: a browser carries no status to the client.
    async fn client_is_told_that_its_code_could_not_be_kept(issuer: TestIssuer) {
        let own = issuer.flow_client("shop").await;
        let stranger = registered_stranger(&issuer).await;
        for (app, is_told) in [(own, true), (stranger, false)] {
            let mut ann = issuer.visitor_named("ann").await;
            ann.open(&app.request(&[])).await.is(200);
            issuer.store().set_full(true);
            let answer = decide(&mut ann, "allow").await;
            issuer.store().set_full(false);
            if is_told {
                let response = app.response(&answer);
                assert_eq!(response["error"], "temporarily_unavailable");
                assert_eq!(response["state"], "af0if jsl&dkj");
            } else {
                assert_eq!(answer.is(503).header("location"), None);
            }
            app.code(&mut ann, &[]).await;
        }
    }
}
