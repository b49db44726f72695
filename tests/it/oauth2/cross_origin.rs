use http::Method;
use http::header::ORIGIN;
use keywright_http::routes;
use keywright_tests::{Actor, Answer, TestIssuer, on_both_engines};

const APP: &str = "https://app.example";

async fn from_a_page(actor: &Actor, method: Method, path: &str) -> Answer {
    actor.call(method, path).header(ORIGIN, APP).send().await
}

on_both_engines! {
    async fn browser_apps_read_what_a_login_needs_and_nothing_else(issuer: TestIssuer) {
        let open = [
            "/.well-known/jwks.json",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-protected-resource",
            "/.well-known/openid-configuration",
            "/oauth2/revoke",
            "/oauth2/token",
            "/oauth2/userinfo",
        ];
        let stranger = issuer.anonymous();
        for path in open {
            let preflight = from_a_page(&stranger, Method::OPTIONS, path).await.is(204);
            assert_eq!(preflight.header("access-control-allow-origin"), Some("*"), "{path}");
            let headers = preflight.header("access-control-allow-headers").unwrap();
            assert!(headers.contains("authorization") && headers.contains("dpop"), "{headers}");
            assert_eq!(preflight.header("access-control-allow-credentials"), None, "{path}");
        }
        for route in routes() {
            let answer = from_a_page(&stranger, route.method.clone(), route.path).await;
            let is_readable = answer.header("access-control-allow-origin").is_some();
            assert_eq!(is_readable, open.contains(&route.path), "{} {}", route.method, route.path);
        }
    }

    async fn refusal_can_be_read_by_the_app_that_it_is_for(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let answer = from_a_page(&stranger, Method::GET, "/oauth2/userinfo").await.is(401);
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("www-authenticate"), "{exposed}");
    }
}
