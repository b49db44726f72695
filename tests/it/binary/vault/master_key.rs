//! Another master key, by a restart.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use keywright_tests::Binary;
use serde_json::Value;

use super::*;

const NEW: &str = "HxwdHhsYGRoXFBUWExAREg8MDQ4LCAkKBwQFBgMAAQI=";

fn write_key(binary: &Binary, name: &str, key: &str) {
    let file = binary.data().join(name);
    fs::write(&file, key).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The configuration as it is, with these master keys.
fn configured(config: &str, master: &str, previous: Option<&str>) -> String {
    let previous = previous.map(|name| format!("\nprevious_master_key = \"file:{name}\""));
    let keys = format!("\"file:{master}\"{}", previous.unwrap_or_default());
    let changed = config.replace("\"file:master.key\"", &keys);
    assert!(changed.contains(&keys));
    changed
}

/// The headers of all that is sealed, which say under which master key.
fn headers(binary: &Binary) -> BTreeSet<Vec<u8>> {
    let database = database(binary);
    let query = "SELECT substr(sealed, 1, 5) FROM signing_keys UNION SELECT substr(sealed, 1, 5) FROM server_keys";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn shared(binary: &Binary) -> Value {
    let exported = binary.run(&["keys", "export", "https://hs.example", "--json"]);
    assert!(exported.status.success(), "{}", told(&exported));
    serde_json::from_slice(&exported.stdout).unwrap()
}

fn check(binary: &Binary) -> String {
    let check = binary.run(&["check", "--database"]);
    assert!(check.status.success(), "{}", told(&check));
    told(&check)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_key_is_exchanged_for_another_by_a_restart_and_nobody_notices() {
    let mut binary = Binary::quickstart(&[("KEYWRIGHT_KEYS__GATE", "time")]).await;
    let put = binary.run(&["api", "put", "https://hs.example", "--algorithm", "HS256"]);
    assert!(put.status.success(), "{}", told(&put));
    let first = tokens(&binary).await;
    let config = fs::read_to_string(binary.config_file()).unwrap();
    assert!(binary.stop().await);
    let (secrets, before) = (shared(&binary), headers(&binary));
    assert_eq!(before.len(), 1);

    write_key(&binary, "new.key", NEW);
    let exchanging = configured(&config, "new.key", Some("master.key"));
    fs::write(binary.config_file(), exchanging).unwrap();
    binary.start_serve().await;
    let after = headers(&binary);
    assert!(after.len() == 1 && after != before);
    assert!(is_accepted(&binary, &first).await);
    assert_eq!(kid(&tokens(&binary).await), kid(&first));
    assert_eq!(shared(&binary), secrets);
    let (status, second) = refresh(&binary, &first).await;
    assert_eq!(status, 200, "{second}");
    let told_by_check = check(&binary);
    assert!(
        told_by_check.contains("nothing rests under it"),
        "{told_by_check}"
    );

    assert!(binary.stop().await);
    fs::rename(binary.data().join("master.key"), binary.data().join("kept")).unwrap();
    fs::write(binary.config_file(), configured(&config, "new.key", None)).unwrap();
    binary.start_serve().await;
    assert!(is_accepted(&binary, &second).await);
    let (status, third) = refresh(&binary, &second).await;
    assert_eq!((status.as_u16(), kid(&third)), (200, kid(&first)));
    assert_eq!(shared(&binary), secrets);
    assert!(!check(&binary).contains("previous_master_key"));
    assert!(binary.run(&["audit", "verify"]).status.success());

    assert!(binary.stop().await);
    fs::write(binary.config_file(), configured(&config, "kept", None)).unwrap();
    let serve = binary.run(&["serve"]);
    assert_eq!(serve.status.code(), Some(2));
    let said = told(&serve);
    assert!(
        said.contains("server-key/") && said.contains("another master key"),
        "{said}"
    );
    assert_eq!(headers(&binary), after, "nothing was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_previous_master_key_that_cannot_be_one_is_named_by_check_and_at_the_start() {
    let mut binary = Binary::quickstart(&[]).await;
    let config = fs::read_to_string(binary.config_file()).unwrap();
    write_key(&binary, "new.key", NEW);
    fs::write(
        binary.config_file(),
        configured(&config, "new.key", Some("master.key")),
    )
    .unwrap();
    reload(&binary, "server.config.refused").await;
    assert!(
        binary
            .stderr()
            .contains("master keys are exchanged by a restart")
    );
    tokens(&binary).await;
    assert!(binary.stop().await);

    fs::copy(
        binary.data().join("master.key"),
        binary.data().join("copy.key"),
    )
    .unwrap();
    write_key(&binary, "short.key", "AAAA");
    for (name, says) in [
        ("copy.key", "it is the master key itself"),
        ("short.key", "32 bytes"),
        ("nowhere.key", "nowhere.key"),
    ] {
        let config = configured(&config, "master.key", Some(name));
        fs::write(binary.config_file(), config).unwrap();
        is_refused(&binary, "issuer.previous_master_key", says);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_names_a_key_that_rests_under_the_previous_master_key_still() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let damage = "UPDATE signing_keys SET sealed = substr(sealed, 1, 20) WHERE state = 'published' RETURNING kid";
    let damaged = database(&binary).query_row(damage, [], |row| row.get::<_, String>(0));
    let config = fs::read_to_string(binary.config_file()).unwrap();
    write_key(&binary, "new.key", NEW);
    let exchanging = configured(&config, "new.key", Some("master.key"));
    fs::write(binary.config_file(), exchanging).unwrap();
    let said = check(&binary);
    let names = format!("ES256 key {} rests under it still", damaged.unwrap());
    assert!(
        said.contains(&names) && !said.contains("nothing rests"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_master_key_seals_nothing_not_even_what_a_newer_release_needs() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    // As an older release left it.
    let forget = "DELETE FROM server_keys WHERE purpose = 'dpop'";
    assert_eq!(database(&binary).execute(forget, []).unwrap(), 1);
    let stored = || {
        let count = "SELECT count(*) FROM server_keys WHERE purpose = 'dpop'";
        let one = database(&binary).query_row(count, [], |row| row.get::<_, i64>(0));
        one.unwrap()
    };
    let right = fs::read_to_string(binary.data().join("master.key")).unwrap();
    write_key(&binary, "master.key", NEW);
    let refused = binary.run(&["check", "--database"]);
    assert!(!refused.status.success(), "{}", told(&refused));
    assert!(
        told(&refused).contains("another master key"),
        "{}",
        told(&refused)
    );
    assert_eq!(stored(), 0);
    write_key(&binary, "master.key", &right);
    check(&binary);
    assert_eq!(stored(), 1);
}
