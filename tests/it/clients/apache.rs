//! Apache's mod_auth_openidc (Debian).

use std::fs;
use std::process::Command;

use keywright_tests::environment;
use serde_json::{Value, json};

use super::scene::Scene;

const CONFIGURATION: &str = include_str!("apps/apache.conf");

async fn run_apache(scene: &mut Scene) {
    let folder = scene.app.folder().to_owned();
    let pages = folder.join("pages");
    fs::create_dir(&pages).unwrap();
    for name in ["index.html", "bye"] {
        let title = name.trim_end_matches(".html");
        fs::write(
            pages.join(name),
            format!("<!doctype html><title>{title}</title>"),
        )
        .unwrap();
    }
    fs::write(folder.join("apache.conf"), CONFIGURATION).unwrap();
    let settings = scene.settings(json!({}));
    let text = |name: &str| settings[name].as_str().unwrap().to_owned();
    let mut apache = Command::new(environment().apache());
    apache
        .arg("-f")
        .arg(folder.join("apache.conf"))
        // One process with all of its threads: it leaves no children behind when it is ended.
        .arg("-X")
        .env("APP_PORT", scene.app.port().to_string())
        .env("APP_FOLDER", &folder)
        .env("APP_ISSUER", text("issuer"))
        .env("APP_CLIENT_ID", text("client_id"))
        .env("APP_CLIENT_SECRET", text("client_secret"));
    scene.app.run(apache, json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn page_behind_apache_is_seen_by_who_logged_in() {
    let mut scene = Scene::with("confidential", json!({})).await;
    run_apache(&mut scene).await;
    let app = |path: &str| scene.app.url(path);
    scene.browser.goto(&app("/")).await;
    scene.browser.log_in_as_user(&scene.binary).await;
    scene.browser.consent_if_asked().await;
    assert_eq!(scene.browser.title().await, "index", "{}", scene.app.said());
    // The module's own view of the session.
    scene.browser.goto(&app("/callback?info=json")).await;
    let info: Value = serde_json::from_str(&scene.browser.text("body").await).unwrap();
    assert_eq!(info["id_token"]["aud"], "app", "{info}");
    assert!(info["userinfo"]["email"].is_string(), "{info}");
    assert!(info["refresh_token"].is_string());
    let bye = format!(
        "/callback?logout={}",
        keywright_tests::escaped(&app("/bye"))
    );
    scene.browser.goto(&app(&bye)).await;
    assert_eq!(
        scene.browser.title().await,
        "bye",
        "{}",
        scene.browser.url().await
    );
}
