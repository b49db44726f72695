//! Commands beside a running server: two processes on one database.

use std::process::Output;
use std::time::Duration;

use keywright_jwt::{Algorithm, SigningKey};
use keywright_tests::{Administrator, Binary};
use serde_json::{Value, json};
use tokio::time::sleep;

#[track_caller]
fn told(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {output:?}"))
}

async fn log_in(binary: &Binary, name: &str, password: &str) -> (u16, Value) {
    let login = json!({ "username": name, "password": password });
    let answer = binary
        .http()
        .post(binary.url("/v1/login"))
        .json(&login)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn refresh(binary: &Binary, tokens: &Value) -> (u16, Value) {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    let answer = binary
        .http()
        .post(binary.url("/v1/refresh"))
        .json(&body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_does_takes_effect_on_the_running_server() {
    let binary = Binary::quickstart(&[]).await;
    let password = "seven otters juggle lamps";
    let create = [
        "user",
        "create",
        "--email",
        "ann@people.example",
        "--username",
        "ann",
        "--role",
        "viewer",
    ];
    let created = binary.run_with(&create, password);
    assert!(created.status.success(), "{created:?}");
    let (status, tokens) = log_in(&binary, "ann", password).await;
    assert_eq!((status, &tokens["scope"]), (200, &json!("read:orders")));

    assert!(
        binary
            .run(&["user", "roles", "ann", "editor"])
            .status
            .success()
    );
    let (status, tokens) = refresh(&binary, &tokens).await;
    assert_eq!(
        (status, &tokens["scope"]),
        (200, &json!("read:orders write:orders"))
    );

    assert!(binary.run(&["user", "disable", "ann"]).status.success());
    assert_eq!(refresh(&binary, &tokens).await.0, 401);
    assert_eq!(log_in(&binary, "ann", password).await.0, 401);
    assert!(binary.run(&["user", "enable", "ann"]).status.success());
    assert_eq!(log_in(&binary, "ann", password).await.0, 200);

    let events = String::from_utf8(binary.run(&["audit", "export"]).stdout).unwrap();
    for expected in [
        "account.user.created",
        "account.roles.changed",
        "account.user.disabled",
    ] {
        assert!(
            events.contains(expected),
            "{expected} is on record: {events}"
        );
    }
    assert!(
        !events.contains("people.example"),
        "no personal data in the log"
    );
    told(&binary.run(&["audit", "verify", "--json"]));
    assert_eq!(
        binary.run(&["user", "disable", "nobody"]).status.code(),
        Some(1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imported_people_log_in_with_their_old_passwords() {
    let binary = Binary::quickstart(&[]).await;
    let bcrypt = "$2b$05$Esegu/S.5cZXtcCLnZ8vweSdinCkZ2ryMQtKSyZ4SFpRDjBMPwJju";
    let person = json!({
        "email": "old@people.example", "username": "old", "email_verified": true, "roles": ["viewer"],
        "password_hash": bcrypt,
    });
    let bad = json!({ "email": "bad@people.example", "password_hash": "md5:1234" });
    let output = binary.run_with(&["user", "import", "-"], &format!("{person}\n{bad}\n"));
    assert_eq!(
        output.status.code(),
        Some(1),
        "one line was refused: {output:?}"
    );
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        complaint.contains('2') && !complaint.contains("md5:1234"),
        "by its number: {complaint}"
    );
    assert_eq!(log_in(&binary, "old", "hunter2 ✓").await.0, 200);
    assert_eq!(log_in(&binary, "old", "hunter3 ✓").await.0, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_client_of_the_command_line_gets_a_token() {
    let binary = Binary::quickstart(&[]).await;
    let audience = binary.manifest()["demo_api"]["audience"]
        .as_str()
        .unwrap()
        .to_owned();
    let allow = format!("{audience}=read:orders");
    let created = told(&binary.run(&[
        "client",
        "create",
        "--id",
        "reports",
        "--name",
        "Reports",
        "--grant",
        "client-credentials",
        "--allow",
        &allow,
        "--json",
    ]));
    let created = created
        .as_array()
        .map_or(created.clone(), |rows| rows[0].clone());
    let secret = created["client_secret"].as_str().expect("shown this once");
    let request = binary
        .http()
        .post(binary.url("/oauth2/token"))
        .basic_auth("reports", Some(secret));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("grant_type=client_credentials&audience={audience}"));
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_does_not_name_stays() {
    let binary = Binary::quickstart(&[]).await;
    let done = |line: &[&str]| {
        let output = binary.run(line);
        assert!(output.status.success(), "{output:?}");
    };
    let administrator = Administrator::of(&binary).await;
    let client = async || administrator.get("/admin/v1/clients/bound").await;
    let create = [
        "client",
        "create",
        "--id",
        "bound",
        "--name",
        "B",
        "--grant",
        "client-credentials",
    ];
    done(
        &[
            &create[..],
            &["--dpop-bound", "--auth-method", "client_secret_post"],
        ]
        .concat(),
    );
    done(&["client", "update", "bound", "--name", "Renamed"]);
    let renamed = client().await;
    assert_eq!(renamed["name"], "Renamed");
    let post = json!({ "token_endpoint_auth_method": "client_secret_post", "dpop_bound_access_tokens": true });
    assert_eq!(renamed["registration"], post);
    done(&["client", "update", "bound", "--dpop-bound=false"]);
    assert_eq!(
        client().await["registration"].get("dpop_bound_access_tokens"),
        None
    );

    let rotated = told(&binary.run(&[
        "client",
        "rotate-secret",
        "bound",
        "--auth-method",
        "client_secret_jwt",
        "--json",
    ]));
    let secret = rotated["client_secret"]
        .as_str()
        .unwrap_or_else(|| rotated[0]["client_secret"].as_str().unwrap());
    assert!(secret.starts_with("kwj_"), "{rotated}");

    let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = json!({ "keys": [key.public_jwk()] });
    let file = binary.data().join("keys.json");
    std::fs::write(&file, keys.to_string()).unwrap();
    let update = ["client", "update", "bound"];
    let by_key = ["--auth-method", "private_key_jwt", "--jwks"];
    done(&[&update[..], &by_key, &[file.to_str().unwrap()]].concat());
    let registered = client().await["registration"].clone();
    assert_eq!(registered["token_endpoint_auth_method"], "private_key_jwt");
    assert_eq!(registered["jwks"], keys);
    done(&[&update[..], &["--jwks-uri", "https://bound.example/keys"]].concat());
    let registered = client().await["registration"].clone();
    assert_eq!(registered["jwks_uri"], "https://bound.example/keys");
    assert_eq!(registered.get("jwks"), None, "one takes the other's place");

    let types = json!({ "payment": {
        "description": "One payment", "schema": { "properties": {} },
    }});
    let file = binary.data().join("types.json");
    std::fs::write(&file, types.to_string()).unwrap();
    let api = ["api", "put", "https://pay.example"];
    let file = file.to_str().unwrap();
    done(
        &[
            &api[..],
            &["--name", "Pay", "--authorization-details-types", file],
        ]
        .concat(),
    );
    done(&[&api[..], &["--lifetime", "2m"]].concat());
    let path = "/admin/v1/apis/https%3A%2F%2Fpay.example";
    let mut shown = administrator.get(path).await;
    // The server reads what another process wrote within a second or so.
    while shown["access_lifetime"] != 120 {
        sleep(Duration::from_millis(50)).await;
        shown = administrator.get(path).await;
    }
    let kept = &shown["authorization_details_types"]["payment"];
    assert_eq!(kept["description"], "One payment", "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_is_inspected_and_verified_offline() {
    let binary = Binary::quickstart(&[]).await;
    let user = binary.manifest()["user"].clone();
    let (name, password) = (
        user["username"].as_str().unwrap(),
        user["password"].as_str().unwrap(),
    );
    let (_, tokens) = log_in(&binary, name, password).await;
    let token = tokens["access_token"].as_str().unwrap();
    let audience = binary.manifest()["demo_api"]["audience"]
        .as_str()
        .unwrap()
        .to_owned();
    let verify = ["token", "verify", "--audience", &audience];
    assert!(binary.run_with(&verify, token).status.success());
    let tampered = keywright_tests::forge::tampered(token);
    assert_eq!(binary.run_with(&verify, &tampered).status.code(), Some(1));
    let shown = binary.run_with(&["token", "inspect"], &tampered);
    assert!(
        shown.status.success(),
        "inspecting believes nothing: {shown:?}"
    );
}
