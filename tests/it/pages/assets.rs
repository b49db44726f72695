use keywright_tests::{TestIssuer, attribute, on_both_engines};

on_both_engines! {
    async fn stylesheet_is_kept_for_ever_under_a_name_of_its_content(issuer: TestIssuer) {
        let page = issuer.visitor().open("/login").await;
        let path = attribute(page.text(), "rel=\"stylesheet\" href=\"").unwrap();
        let answer = issuer.anonymous().get(&path).await.is(200);
        assert_eq!(answer.header("content-type"), Some("text/css; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        issuer.anonymous().get("/assets/style.css").await.is_problem(404, "not_found");
    }
}
