//! The real server, an application, and a browser.

use keywright_tests::{Administrator, Binary, Browser, WebApp};
use serde_json::{Value, json};

/// What the small applications have in common.
pub const APP: (&str, &str) = ("app.mjs", include_str!("apps/app.mjs"));

/// What all of these applications ask for.
pub const SCOPE: &str = "openid email offline_access";

pub struct Scene {
    pub binary: Binary,
    pub app: WebApp,
    pub browser: Browser,
    secret: Option<String>,
}

impl Scene {
    /// Registers an application that logs people in; `extra` adds to its registration.
    pub async fn with(kind: &str, extra: Value) -> Self {
        let client = json!({ "kind": kind, "grants": ["authorization_code", "refresh_token"] });
        Self::of(client, extra).await
    }

    /// The same of a client that may do something else.
    pub async fn of(mut client: Value, extra: Value) -> Self {
        let binary = Binary::quickstart(&[]).await;
        let app = WebApp::new();
        let mut registration = json!({
            "redirect_uris": [app.url("/callback")],
            "post_logout_redirect_uris": [app.url("/bye")],
            "openid_scope": SCOPE,
        });
        for (name, value) in extra.as_object().into_iter().flatten() {
            registration[name] = value.clone();
        }
        client["client_id"] = json!("app");
        client["name"] = json!("An application");
        client["registration"] = registration;
        let secret = Administrator::of(&binary).await.register(client).await;
        Self {
            browser: Browser::start().await,
            binary,
            app,
            secret,
        }
    }

    /// What the application is told; `extra` adds to it.
    pub fn settings(&self, extra: Value) -> Value {
        let mut settings = json!({
            "issuer": self.binary.issuer(), "client_id": "app", "client_secret": self.secret, "scope": SCOPE,
        });
        for (name, value) in extra.as_object().into_iter().flatten() {
            settings[name] = value.clone();
        }
        settings
    }

    pub async fn run_node(&mut self, module: (&str, &str), extra: Value) {
        let settings = self.settings(extra);
        self.app.run_node(&[module, APP], settings).await;
    }

    pub async fn run_python(&mut self, script: &str, extra: Value) {
        let settings = self.settings(extra);
        self.app.run_python(script, settings).await;
    }

    /// The person goes to the application, is sent to log in, consents, and comes back; answers what the application shows.
    pub async fn log_in(&self) -> Value {
        self.browser.goto(&self.app.url("/")).await;
        self.browser.log_in_as_user(&self.binary).await;
        self.browser.consent_if_asked().await;
        shown(&self.browser, &self.app).await
    }

    /// The person logs out at the application, and lands where it said.
    pub async fn log_out(&self) {
        self.browser.goto(&self.app.url("/logout")).await;
        let title = self.browser.title().await;
        assert_eq!(title, "bye", "{}", self.browser.url().await);
        // The login at the issuer is over too: the next visit asks for the password again.
        self.browser.goto(&self.app.url("/")).await;
        assert!(self.browser.has("#login-form").await);
    }
}

/// What the application made of the login, which stands on the page that it ends at.
pub async fn shown(browser: &Browser, app: &WebApp) -> Value {
    let title = browser.title().await;
    let text = browser.text(&format!("#{title}")).await;
    assert_eq!(title, "result", "{text}\n{}", app.said());
    serde_json::from_str(&text).unwrap()
}
