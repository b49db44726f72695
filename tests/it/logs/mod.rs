//! The never-log list: what no log line and no error body may show, at any level.

mod capture;

use http::Method;
use keywright_domain::Period;
use keywright_tests::{Answer, TestIssuer, flow, on_both_engines, seed};
use serde_json::json;

use capture::Capture;

/// Walks through the main job and collects each secret that it meets, and each refusal.
#[derive(Default)]
struct Walk {
    secrets: Vec<(&'static str, String)>,
    refusals: Vec<Answer>,
}

impl Walk {
    fn secret(&mut self, what: &'static str, value: &str) {
        self.secrets.push((what, value.to_owned()));
    }

    fn refused(&mut self, answer: Answer) {
        assert!(answer.status.is_client_error(), "{answer}");
        self.refusals.push(answer);
    }

    async fn accounts(&mut self, issuer: &TestIssuer) {
        let stranger = issuer.anonymous();
        let (password, email) = ("violet kettles sing at noon", "zelda.zander@people.example");
        self.secret("password", password);
        self.secret("e-mail address", email);
        let registration = json!({ "username": "zelda", "email": email, "password": password });
        stranger.post("/v1/register", &registration).await.is(201);
        stranger.post("/v1/register", &registration).await.is(201);
        let login = json!({ "username": email, "password": password });
        self.refused(stranger.post("/v1/login", &login).await);
        let letters = issuer.letters().await;
        let token = letters
            .iter()
            .find_map(|letter| letter.token.clone())
            .unwrap();
        self.secret("link token", &token);
        stranger
            .post("/v1/email/verify", &json!({ "token": token }))
            .await
            .is(204);
        self.refused(
            stranger
                .post("/v1/email/verify", &json!({ "token": token }))
                .await,
        );

        let zelda = issuer.log_in(&login).await;
        self.secret("access token", &zelda.access_token);
        self.secret("refresh token", &zelda.refresh_token);
        let wrong = json!({ "current_password": "marbles in the attic", "new_password": password });
        self.secret("wrong password", "marbles in the attic");
        self.refused(zelda.post("/v1/password", &wrong).await);
        let renewed = zelda.refreshed().await;
        self.secret("refreshed token", &renewed.refresh_token);
        issuer.advance(Period::secs(11)).await;
        self.refused(zelda.refresh().await);
        self.refused(renewed.get("/v1/me").await);
        stranger
            .post("/v1/password/forgot", &json!({ "email": email }))
            .await
            .is(202);
        let letters = issuer.letters().await;
        for token in letters.iter().filter_map(|letter| letter.token.clone()) {
            self.secret("reset token", &token);
        }
    }

    async fn clients(&mut self, issuer: &TestIssuer) {
        let svc = issuer.client("svc");
        self.secret("client secret", &svc.secret);
        let basic = base64_simd::STANDARD.encode_to_string(format!("svc:{}", svc.secret));
        self.secret("authorization header", &basic);
        let answer = svc
            .token(&[("grant_type", "client_credentials")])
            .await
            .is(200);
        self.secret("service token", &answer.str("/access_token"));
        self.refused(svc.get("/v1/me").await);
        self.refused(
            svc.token(&[("grant_type", "password"), ("password", "violet kettles")])
                .await,
        );
    }

    /// A login at the page, for a client.
    async fn browser(&mut self, issuer: &TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor();
        ann.open(&app.request(&[])).await.is(200);
        self.secret("ticket of a login page", &ann.ticket());
        ann.type_in("ann", seed::PASSWORD).await.is(200);
        self.secret("ticket of a consent page", &ann.ticket());
        for name in ["__Host-keywright", "__Host-keywright-visit"] {
            self.secret("cookie", ann.cookie(name).expect("the cookie"));
        }
        let code = app.response(&flow::decide(&mut ann, "allow").await)["code"].clone();
        self.secret("authorization code", &code);
        self.secret("code verifier", flow::VERIFIER);
        let tokens = app.exchange(&code, &[]).await.is(200);
        self.secret("access token of a code", &tokens.str("/access_token"));
        self.secret("refresh token of a code", &tokens.str("/refresh_token"));
        self.refused(app.exchange(&code, &[]).await);
        self.refused(ann.open(&app.request(&[("client_id", None)])).await);
    }

    /// Secrets in places where none belongs.
    async fn misplaced(&mut self, issuer: &TestIssuer) {
        let stranger = issuer.anonymous();
        let stray = "stray-secret-in-the-wrong-place";
        self.secret("misplaced secret", stray);
        self.refused(stranger.get(&format!("/v1/me?access_token={stray}")).await);
        self.refused(stranger.get(&format!("/nowhere/{stray}")).await);
        self.refused(stranger.bearing(stray).get("/v1/me").await);
        self.refused(stranger.delete(&format!("/v1/sessions/{stray}")).await);
        for body in [
            json!({ "username": "ann", "password": { "is": stray } }),
            json!({ "username": [stray], "password": seed::PASSWORD }),
            json!({ "username": "ann", "password": seed::PASSWORD, "audience": format!("{stray} {stray}") }),
            json!({ "username": "ann", "password": seed::PASSWORD, "scope": format!("{stray}\u{7f}") }),
        ] {
            self.refused(stranger.post("/v1/login", &body).await);
        }
        let broken = format!("{{\"username\":\"ann\",\"password\":\"{stray}");
        let call = stranger
            .call(Method::POST, "/v1/login")
            .body("application/json", broken);
        self.refused(call.send().await);
        let refresh = json!({ "refresh_token": stray });
        self.refused(stranger.post("/v1/refresh", &refresh).await);
        let email = json!({ "email": format!("{stray}@"), "password": seed::PASSWORD });
        self.refused(stranger.post("/v1/register", &email).await);
    }
}

on_both_engines! {
    async fn invariant_09_no_secret_reaches_a_log_or_an_error(issuer: TestIssuer) {
        let capture = Capture::start();
        let mut walk = Walk::default();
        walk.accounts(&issuer).await;
        walk.clients(&issuer).await;
        walk.browser(&issuer).await;
        walk.misplaced(&issuer).await;
        issuer.store().set_down(true);
        let login = json!({ "username": "ann", "password": seed::PASSWORD });
        issuer.anonymous().post("/v1/login", &login).await.is(503);
        issuer.store().set_down(false);
        let log = capture.stop();

        walk.secret("seeded password", seed::PASSWORD);
        walk.secret("seeded address", "@people.example");
        assert!(log.contains("http.request.served"), "requests are logged: {log}");
        assert!(log.contains("the test pulled the plug"), "the cause of a 503 is for the log: {log}");
        assert!(walk.secrets.len() >= 12 && walk.refusals.len() >= 15);
        for (what, secret) in &walk.secrets {
            assert!(!log.contains(secret.as_str()), "{what} in the log: {}", around(&log, secret));
            for refusal in &walk.refusals {
                let all = refusal.comparable();
                assert!(!all.contains(secret.as_str()), "{what} in an answer: {all}");
            }
        }
    }
}

fn around(log: &str, secret: &str) -> String {
    let line = log.lines().find(|line| line.contains(secret));
    line.unwrap_or_default().chars().take(400).collect()
}
