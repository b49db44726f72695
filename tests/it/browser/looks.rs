//! What can be said of a page's looks and use without eyes; the pictures are for eyes.

use keywright_tests::{Binary, Browser};

use super::authorize::{register, request};
use super::console::log_in;

/// Width and height of a phone and of a desk.
const SIZES: [(&str, u32, u32); 2] = [("narrow", 390, 844), ("wide", 1280, 900)];

/// Where nobody listens: the browser stands before a page of its own then.
const CALLBACK: &str = "http://127.0.0.1:9/cb";

/// Fields that no label names, buttons without a text, and ids that stand twice.
const FAULTS: &str = "
    const seen = [...document.querySelectorAll('input:not([type=hidden], [hidden])')];
    const faults = seen.filter(field => field.labels.length !== 1 || field.labels[0].textContent.trim() === '').map(field => field.name);
    for (const button of document.querySelectorAll('button')) {
        if ((button.getAttribute('aria-label') ?? button.textContent).trim() === '') faults.push('button');
    }
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    faults.push(...ids.filter((id, at) => ids.indexOf(id) !== at));
    if (document.documentElement.lang === '') faults.push('lang');
    if (document.querySelectorAll('main h1').length !== 1) faults.push('h1');
    if (document.documentElement.scrollWidth > window.innerWidth) faults.push('wider than the window');
    if (getComputedStyle(document.querySelector('main')).paddingTop === '0px') faults.push('without its stylesheet');
    return faults";

async fn look(browser: &Browser, name: &str, scheme: &str) {
    for (size, width, height) in SIZES {
        let driver = browser.driver();
        driver
            .set_window_rect(0, 0, width, height)
            .await
            .expect("a window");
        let faults = driver.execute(FAULTS, Vec::new()).await.expect("a script");
        assert_eq!(faults, serde_json::json!([]), "{name}, {size}");
        browser.screenshot(&format!("{name}-{size}-{scheme}")).await;
    }
}

async fn look_at_all(browser: &Browser, binary: &Binary, scheme: &str) {
    browser.goto(&binary.url("/login")).await;
    look(browser, "login", scheme).await;
    browser.log_in("demo", "wrong").await;
    look(browser, "login-refused", scheme).await;
    browser.log_in_as_user(binary).await;
    look(browser, "account", scheme).await;
    browser.fill("[name=current_password]", "wrong").await;
    browser
        .fill("[name=new_password]", "seven otters juggle lamps")
        .await;
    browser.click("#password-submit").await;
    assert!(browser.has("#password-error").await);
    look(browser, "account-refused", scheme).await;
    browser.goto(&request(binary, CALLBACK)).await;
    look(browser, "consent", scheme).await;
    browser.consent_if_asked().await;
    browser.goto(&binary.url("/account")).await;
    look(browser, "account-allowed", scheme).await;
    browser.click("#consents button").await;
    browser.click("#logout-submit").await;
    look(browser, "logged-out", scheme).await;
    browser.goto(&request(binary, CALLBACK)).await;
    look(browser, "login-for-client", scheme).await;
    browser.goto(&binary.url("/login")).await;
    let forgotten = browser.driver().delete_all_cookies().await;
    forgotten.expect("no cookies");
    browser.log_in_as_user(binary).await;
    look(browser, "error", scheme).await;
}

async fn look_at_the_console(browser: &Browser, binary: &Binary, scheme: &str) {
    log_in(binary).await;
    browser.goto(&binary.url("/admin")).await;
    browser.log_in_as(binary, "admin").await;
    look(browser, "console-tokens", scheme).await;
    browser
        .goto(&binary.url("/admin/tokens?client=web&user=ann"))
        .await;
    look(browser, "console-tokens-refused", scheme).await;
    let name = binary.manifest()["user"]["username"].clone();
    browser
        .fill("#person", name.as_str().expect("a name"))
        .await;
    browser.click("#person-submit").await;
    browser.open_details("#revoke-form").await;
    look(browser, "console-tokens-found", scheme).await;
    browser.click("#tokens td:nth-child(7) a").await;
    browser.open_details("#revoke-form").await;
    look(browser, "console-key", scheme).await;
    for section in ["keys", "verifiers", "audit"] {
        browser
            .goto(&binary.url(&format!("/admin/{section}")))
            .await;
        look(browser, &format!("console-{section}"), scheme).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_labelled_and_fit_phones_and_desks_by_day_and_night() {
    let binary = Binary::quickstart(&[]).await;
    register(&binary, CALLBACK).await;
    for (scheme, argument) in [
        ("light", "--force-color-profile=srgb"),
        ("dark", "--blink-settings=preferredColorScheme=0"),
    ] {
        let browser = Browser::with(&[argument]).await;
        look_at_all(&browser, &binary, scheme).await;
        let browser = Browser::with(&[argument]).await;
        look_at_the_console(&browser, &binary, scheme).await;
    }
}
