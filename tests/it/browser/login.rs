use keywright_tests::{Binary, Browser, escaped};

/// What a script on the page would find.
async fn script(browser: &Browser, code: &str) -> serde_json::Value {
    let answer = browser.driver().execute(code, Vec::new()).await;
    answer.expect("a script")
}

/// A page of another site with this markup.
async fn foreign_page(browser: &Browser, markup: &str) {
    browser
        .goto(&format!("data:text/html,{}", escaped(markup)))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_logs_in_and_out_and_no_script_sees_the_cookies() {
    let binary = Binary::quickstart(&[]).await;
    let browser = Browser::start().await;
    browser.goto(&binary.url("/account")).await;
    assert_eq!(browser.url().await, binary.url("/login"));
    assert_eq!(browser.title().await, "Log in");

    browser.log_in("demo", "wrong").await;
    assert!(browser.has("#login-error[role=alert]").await);
    assert_eq!(browser.url().await, binary.url("/login"));

    browser.log_in_as_user(&binary).await;
    assert_eq!(browser.url().await, binary.url("/account"));
    let cookies = browser.driver().get_all_cookies().await.expect("cookies");
    let mut names: Vec<_> = cookies.iter().map(|cookie| cookie.name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["__Host-keywright", "__Host-keywright-visit"]);
    assert_eq!(script(&browser, "return document.cookie").await, "");

    browser.click("#logout-submit").await;
    assert!(browser.has("#logged-out").await);
    browser.goto(&binary.url("/account")).await;
    assert_eq!(browser.url().await, binary.url("/login"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_work_without_script() {
    let binary = Binary::quickstart(&[]).await;
    let browser = Browser::with(&["--blink-settings=scriptEnabled=false"]).await;
    browser.goto(&binary.url("/login")).await;
    browser.log_in_as_user(&binary).await;
    assert_eq!(browser.url().await, binary.url("/account"));
    browser.click("#logout-everywhere-submit").await;
    assert!(browser.has("#logged-out").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_neither_frames_a_page_nor_sends_its_form() {
    let binary = Binary::quickstart(&[]).await;
    let browser = Browser::start().await;
    let login = binary.url("/login");
    browser.goto(&login).await;

    foreign_page(&browser, &format!("<iframe src='{login}'></iframe>")).await;
    browser.driver().enter_frame(0).await.expect("a frame");
    assert!(!browser.has("#login-form").await);
    browser.driver().enter_parent_frame().await.expect("a page");

    let form = format!(
        "<form method=post action='{login}'><input name=username value=demo><input name=password value=demo>\
         <button type=submit>Win</button></form>"
    );
    foreign_page(&browser, &form).await;
    browser.click("button").await;
    assert_eq!(browser.text("#error-code").await, "foreign_form");
}
