//! Keys in the Transit secrets engine of an OpenBao server.

use std::fs;

use keywright_tests::{Binary, OpenBao};

use super::*;

const KIND: Kind = Kind {
    pair: 4,
    secret: 5,
    rests: "in a Transit secrets engine",
};

async fn quickstart_on(bao: &OpenBao) -> Binary {
    quickstart_with(|binary| bao.give_to(binary)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_an_engine_serve_logins_through_rotation_and_restart_without_a_master_key() {
    let bao = OpenBao::start().await;
    serves_without_a_master_key(quickstart_on(&bao).await, &KIND).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_vault_is_sealed_nothing_is_minted_and_no_refresh_token_is_spent() {
    let bao = OpenBao::start().await;
    let binary = quickstart_on(&bao).await;
    let (seal, unseal) = (async || bao.seal().await, async || bao.unseal().await);
    mints_nothing_while_away(&binary, seal, unseal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_move_from_a_master_key_into_an_engine_by_two_rotations_and_back() {
    let bao = OpenBao::start().await;
    moves_there_and_back(
        &KIND,
        |binary| bao.give_to(binary),
        async || bao.seal().await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_at_reload_changes_nothing_and_a_newer_one_is_found_without_one() {
    let bao = OpenBao::start().await;
    let binary = quickstart_on(&bao).await;
    let good = fs::read_to_string(binary.config_file()).unwrap();
    bao.put_token_of(&binary, "hvs.hunter2");
    reload(&binary, "server.config.refused").await;
    let told = binary.stderr();
    assert!(told.contains("transit.token: the vault refuses the token"));
    assert!(!told.contains("hunter2") && !told.contains(bao.token()));
    tokens(&binary).await;

    bao.put_token_of(&binary, bao.token());
    let elsewhere = good.replace("[transit]", "[transit]\nmount = \"elsewhere\"");
    fs::write(binary.config_file(), elsewhere).unwrap();
    reload(&binary, "server.config.refused").await;
    assert!(binary.stderr().contains("only the token can be changed"));
    fs::write(binary.config_file(), &good).unwrap();

    let newer = bao.new_token().await;
    bao.put_token_of(&binary, &newer);
    bao.revoke(bao.token()).await;
    assert!(is_accepted(&binary, &tokens(&binary).await).await);
    bao.put_token_of(&binary, &bao.new_token().await);
    reload(&binary, "server.config.reloaded").await;
    bao.revoke(&newer).await;
    assert!(is_accepted(&binary, &tokens(&binary).await).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_vault_is_named_by_check_and_at_the_start() {
    let bao = OpenBao::start().await;
    let mut binary = quickstart_on(&bao).await;
    assert!(binary.stop().await);
    assert!(binary.run(&["check", "--database"]).status.success());
    let good = fs::read_to_string(binary.config_file()).unwrap();
    let nobody = good.replace(
        "[transit]\nurl = \"http://127.0.0.1:",
        "[transit]\nurl = \"http://127.0.0.2:",
    );
    for (config, key, says) in [
        (nobody, "transit.url", "the server cannot be reached"),
        (
            good.replace("file:transit.token", "file:nowhere.token"),
            "transit.token",
            "nowhere.token",
        ),
        (
            good.replace("[transit]", "[transit]\nmount = \"elsewhere\""),
            "transit.token",
            "does not allow `read` on `elsewhere/keys/",
        ),
        (
            good.replace("[transit]", "[transit]\nca = \"nowhere.pem\""),
            "transit.ca",
            "nowhere.pem",
        ),
    ] {
        fs::write(binary.config_file(), config).unwrap();
        is_refused(&binary, key, says);
    }
    fs::write(binary.config_file(), &good).unwrap();
    bao.put_token_of(&binary, "hvs.hunter2");
    is_refused(&binary, "transit.token", "the vault refuses the token");
    bao.put_token_of(&binary, bao.token());
    bao.seal().await;
    is_refused(&binary, "transit.url", "the vault is sealed");
    bao.unseal().await;
    assert!(binary.run(&["check", "--database"]).status.success());
    bao.disable_engine().await;
    is_refused(
        &binary,
        "transit.mount",
        "there is no secrets engine at `transit`",
    );
}
