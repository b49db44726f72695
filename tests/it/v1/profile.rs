use keywright_tests::{TestIssuer, forge, on_both_engines};
use serde_json::{Value, json};

fn profile() -> Value {
    json!({
        "name": "Ann Example",
        "given_name": "Ann",
        "website": "https://ann.example/",
        "birthdate": "1990-02-28",
        "zoneinfo": "Europe/Berlin",
        "locale": "de-AT",
        "phone_number": "+49 30 123456",
        "address": { "formatted": "Street 1\nBerlin", "country": "DE" },
    })
}

on_both_engines! {
    async fn person_tells_about_themselves_and_takes_it_back(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        assert_eq!(ann.get("/v1/me").await.is(200).json()["profile"], json!({}));
        issuer.new_events().await;
        ann.put("/v1/me/profile", &profile()).await.is(204);
        assert_eq!(ann.get("/v1/me").await.json()["profile"], profile());
        assert_eq!(issuer.new_events().await, ["account.profile.changed"]);
        let bob = issuer.user("bob").await;
        assert_eq!(bob.get("/v1/me").await.json()["profile"], json!({}));
        ann.put("/v1/me/profile", &json!({})).await.is(204);
        assert_eq!(ann.get("/v1/me").await.json()["profile"], json!({}));
    }

    async fn nobody_vouches_for_their_own_telephone(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let claimed = json!({ "phone_number": "+49 30 123456", "phone_number_verified": true });
        ann.put("/v1/me/profile", &claimed).await.is(204);
        let unproved = json!({ "phone_number": "+49 30 123456" });
        assert_eq!(ann.get("/v1/me").await.json()["profile"], unproved);

        let id = forge::claims(&ann.access_token)["sub"].as_str().unwrap().to_owned();
        let path = format!("/admin/v1/users/{id}/profile");
        let admin = issuer.admin().await;
        admin.put(&path, &claimed).await.is(204);
        ann.put("/v1/me/profile", &unproved).await.is(204);
        assert_eq!(ann.get("/v1/me").await.json()["profile"], claimed, "the number is the same");
        ann.put("/v1/me/profile", &json!({ "phone_number": "+49 30 999999" })).await.is(204);
        assert_eq!(admin.get(&path).await.is(200).json(), json!({ "phone_number": "+49 30 999999" }));
    }

    async fn what_a_person_tells_is_in_no_token_and_no_log(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        ann.put("/v1/me/profile", &profile()).await.is(204);
        let ann = ann.refreshed().await;
        let token = forge::claims(&ann.access_token).to_string();
        let log = format!("{:?}", issuer.new_entries().await);
        for told in ["Example", "1990-02-28", "123456", "Berlin"] {
            assert!(!token.contains(told), "{token}");
            assert!(!log.contains(told), "{log}");
        }
    }

    async fn profile_goes_with_the_account(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        ann.put("/v1/me/profile", &profile()).await.is(204);
        let id = forge::claims(&ann.access_token)["sub"].as_str().unwrap().to_owned();
        let admin = issuer.admin().await;
        admin.delete(&format!("/admin/v1/users/{id}")).await.is(204);
        let path = format!("/admin/v1/users/{id}/profile");
        admin.get(&path).await.is_problem(404, "not_found");
        admin.put(&path, &profile()).await.is_problem(404, "not_found");
    }
}
