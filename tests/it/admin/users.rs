use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

const USERS: &str = "/admin/v1/users";

on_both_engines! {
    async fn administrator_creates_sees_and_deletes_a_user(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        issuer.new_events().await;
        let new = json!({
            "username": "cleo", "email": seed::email("cleo"), "email_verified": true,
            "password": seed::PASSWORD, "roles": ["editor"],
        });
        let created = admin.post(USERS, &new).await.is(201);
        let id = created.str("/id");
        assert!(!created.text().contains("argon2"), "no hash leaves: {created}");
        assert_eq!(issuer.new_events().await, ["account.user.created"]);

        let path = format!("{USERS}/{id}");
        let seen = admin.get(&path).await.is(200).json();
        assert_eq!((&seen["username"], &seen["status"]), (&json!("cleo"), &json!("active")));
        assert_eq!(seen["roles"], json!(["editor"]));
        let cleo = issuer.user("cleo").await;
        admin.delete(&path).await.is(204);
        cleo.is_out().await;
        admin.get(&path).await.is_problem(404, "not_found");
        admin.delete(&path).await.is_problem(404, "not_found");
    }

    async fn taken_names_and_unknown_roles_are_told_to_the_administrator(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let new = |name: &str, email: &str, role: &str| {
            json!({ "username": name, "email": email, "email_verified": false, "roles": [role] })
        };
        for (body, status, code) in [
            (new("ann", "cleo@people.example", "viewer"), 409, "taken"),
            (new("cleo", "ann@people.example", "viewer"), 409, "taken"),
            (new("cleo", "cleo@people.example", "emperor"), 400, "invalid_field"),
        ] {
            admin.post(USERS, &body).await.is_problem(status, code);
        }
    }

    async fn users_are_listed_in_pages(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let mut seen = Vec::new();
        let mut path = format!("{USERS}?limit=2");
        loop {
            let page = admin.get(&path).await.is(200).json();
            let users = page["users"].as_array().unwrap().clone();
            assert!(users.len() <= 2);
            seen.extend(users.iter().map(|user| user["username"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("{USERS}?limit=2&after={next}");
        }
        seen.sort();
        assert_eq!(seen, ["ann", "bob", "root"]);
    }

    async fn user_is_found_by_name_or_address_and_by_nothing_less(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let find = |login: &str| {
            let body = json!({ "login": login });
            let admin = admin.clone();
            async move { admin.post(&format!("{USERS}/find"), &body).await }
        };
        let by_name = find("ann").await.is(200);
        assert_eq!(by_name.str("/username"), "ann");
        assert_eq!(find(&seed::email("ann")).await.is(200).str("/id"), by_name.str("/id"));
        for unknown in ["an", "people.example", "nobody"] {
            find(unknown).await.is_problem(404, "not_found");
        }
    }

    async fn password_set_by_an_administrator_ends_every_session(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        let id = ann.get("/v1/me").await.str("/id");
        let new = json!({ "password": "nine badgers hum an anthem" });
        admin.put(&format!("{USERS}/{id}/password"), &new).await.is(204);
        ann.is_out().await;
        let login = json!({ "username": "ann", "password": "nine badgers hum an anthem" });
        issuer.log_in(&login).await.is_in().await;
    }
}
