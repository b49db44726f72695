//! A real browser: headless Chromium with a profile of its own, driven over WebDriver.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::time::sleep;

use crate::{Binary, Folder, environment, free_ports};

const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(20);

/// A browser with one window. It ends, with all its processes, when this is dropped.
pub struct Browser {
    driver: Client,
    _chromedriver: Chromedriver,
}

struct Chromedriver {
    process: Child,
    /// Its temporary files, and the browser's profile.
    folder: Folder,
}

impl Browser {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with more arguments for Chromium, such as `--blink-settings=scriptEnabled=false`.
    pub async fn with(arguments: &[&str]) -> Self {
        let port = free_ports();
        let chromedriver = Chromedriver::start(port).await;
        let profile = format!(
            "--user-data-dir={}",
            chromedriver.folder.path().join("profile").display()
        );
        // Containers give neither a sandbox nor much shared memory; nothing but our own pages is looked at.
        let own = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            &profile,
        ];
        let chromium = json!({
            "binary": environment().chromium(),
            "args": own.iter().chain(arguments).collect::<Vec<_>>(),
        });
        let wanted = [("goog:chromeOptions".to_owned(), chromium)];
        let driver = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.into_iter().collect())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        Self {
            driver: driver.expect("Chromium starts"),
            _chromedriver: chromedriver,
        }
    }

    /// Everything else that a browser can do.
    pub fn driver(&self) -> &Client {
        &self.driver
    }

    pub async fn goto(&self, url: &str) {
        self.driver.goto(url).await.expect(url);
    }

    pub async fn url(&self) -> String {
        self.driver.current_url().await.expect("a page").to_string()
    }

    pub async fn title(&self) -> String {
        self.driver.title().await.expect("a page")
    }

    pub async fn has(&self, css: &str) -> bool {
        !self
            .driver
            .find_all(Locator::Css(css))
            .await
            .expect("a page")
            .is_empty()
    }

    /// The text that a person sees.
    pub async fn text(&self, css: &str) -> String {
        self.element(css).await.text().await.expect("its text")
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.element(css).await;
        field.clear().await.expect("a field");
        field.send_keys(text).await.expect("a field");
    }

    /// Clicks, and waits until the page that follows is there.
    pub async fn click(&self, css: &str) {
        let page = self.element("html").await;
        self.element(css).await.click().await.expect("a button");
        // A click answers before the browser has begun to leave; an element of the page that is left goes stale.
        let mut waited = Duration::ZERO;
        while page.tag_name().await.is_ok() {
            assert!(waited < PATIENCE, "no page follows {css}");
            sleep(GLANCE).await;
            waited += GLANCE;
        }
    }

    /// Unfolds the details that hold this element.
    pub async fn open_details(&self, css: &str) {
        let summary = format!("details:has({css}) > summary");
        let summary = self.element(&summary).await;
        summary.click().await.expect("a summary");
    }

    /// Writes what is seen to `target/screenshots`, for people to look at.
    pub async fn screenshot(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.png"));
        let picture = self.driver.screenshot().await.expect("a picture");
        std::fs::write(&file, picture).expect("a file");
    }

    /// Logs in on the login page, where the browser must be.
    pub async fn log_in(&self, name: &str, password: &str) {
        self.fill("#login-form [name=username]", name).await;
        self.fill("#login-form [name=password]", password).await;
        self.click("#login-form [type=submit]").await;
    }

    /// The same, as the person whom a quickstart makes.
    pub async fn log_in_as_user(&self, binary: &Binary) {
        self.log_in_as(binary, "user").await;
    }

    /// The same, as one of those whom a quickstart makes: `user` or `admin`.
    pub async fn log_in_as(&self, binary: &Binary, who: &str) {
        let user = binary.manifest()[who].clone();
        let text = |name: &str| user[name].as_str().expect("a text").to_owned();
        self.log_in(&text("username"), &text("password")).await;
    }

    /// Consents, if the browser is on the consent page.
    pub async fn consent_if_asked(&self) {
        if self.has("#consent-form").await {
            self.click("#consent-form [value=allow]").await;
        }
    }

    /// Takes an authorization request to its end; answers the parameters with which the browser arrived at `callback`. Nobody
    /// need listen there.
    pub async fn authorize(
        &self,
        binary: &Binary,
        url: &str,
        callback: &str,
    ) -> BTreeMap<String, String> {
        self.goto(url).await;
        self.log_in_as_user(binary).await;
        self.consent_if_asked().await;
        let arrived = self.driver.current_url().await.expect("a page");
        assert!(arrived.as_str().starts_with(callback), "{arrived}");
        arrived.query_pairs().into_owned().collect()
    }

    async fn element(&self, css: &str) -> Element {
        let found = self.driver.find(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(_) => panic!(
                "{css} is not on {}: {}",
                self.url().await,
                self.source().await
            ),
        }
    }

    async fn source(&self) -> String {
        self.driver.source().await.unwrap_or_default()
    }
}

impl Chromedriver {
    async fn start(port: u16) -> Self {
        crate::install_crypto();
        let folder = Folder::new();
        let process = Command::new(environment().chromedriver())
            .arg(format!("--port={port}"))
            .env("TMPDIR", folder.path())
            // A group of its own, so that the browser's processes can be ended with it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let this = Self {
            process: process.expect("chromedriver starts"),
            folder,
        };
        let mut waited = Duration::ZERO;
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            assert!(waited < PATIENCE, "chromedriver does not answer");
            sleep(GLANCE).await;
            waited += GLANCE;
        }
        this
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill")
            .args(["-s", "KILL", "--", &group])
            .status();
        let _ = self.process.wait();
    }
}
