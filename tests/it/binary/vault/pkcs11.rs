//! Keys in a PKCS#11 token.

use std::fs;

use keywright_tests::{Binary, SoftHsm};

use super::*;

const KIND: Kind = Kind {
    pair: 2,
    secret: 3,
    rests: "in a PKCS#11 token",
};

async fn quickstart_on(hsm: &SoftHsm) -> Binary {
    quickstart_with(|binary| hsm.give_to(binary)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_a_token_serve_logins_through_rotation_and_restart_without_a_master_key() {
    let hsm = SoftHsm::new();
    serves_without_a_master_key(quickstart_on(&hsm).await, &KIND).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_token_is_out_nothing_is_minted_and_no_refresh_token_is_spent() {
    let hsm = SoftHsm::new();
    let binary = quickstart_on(&hsm).await;
    mints_nothing_while_away(&binary, async || hsm.take_out(), async || hsm.put_back()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_or_a_missing_token_at_reload_changes_nothing() {
    let hsm = SoftHsm::new();
    let binary = quickstart_on(&hsm).await;
    let good = fs::read_to_string(binary.config_file()).unwrap();
    hsm.set_pin_of(&binary, "hunter2");
    reload(&binary, "server.config.refused").await;
    assert!(
        binary
            .stderr()
            .contains("pkcs11.pin: the token refuses the PIN")
    );
    assert!(!binary.stderr().contains("hunter2"));
    tokens(&binary).await;

    hsm.correct_pin_of(&binary);
    fs::write(
        binary.config_file(),
        good.replace("token = \"keywright\"", "token = \"other\""),
    )
    .unwrap();
    reload(&binary, "server.config.refused").await;
    assert!(binary.stderr().contains("only the PIN can be changed"));
    fs::write(binary.config_file(), &good).unwrap();

    hsm.take_out();
    until_ready_is(&binary, 503).await;
    reload(&binary, "server.config.refused").await;
    hsm.put_back();
    until_ready_is(&binary, 200).await;
    reload(&binary, "server.config.reloaded").await;
    assert!(is_accepted(&binary, &tokens(&binary).await).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_token_is_named_by_check_and_at_the_start() {
    let hsm = SoftHsm::new();
    let mut binary = quickstart_on(&hsm).await;
    assert!(binary.stop().await);
    assert!(binary.run(&["check", "--database"]).status.success());
    let good = fs::read_to_string(binary.config_file()).unwrap();
    for (from, to, key, says) in [
        (
            "libsofthsm2.so",
            "libnothing.so",
            "pkcs11.module",
            "libnothing.so",
        ),
        (
            "token = \"keywright\"",
            "token = \"nobodys\"",
            "pkcs11.token",
            "the module has `keywright`",
        ),
        (
            "file:token.pin",
            "file:nowhere.pin",
            "pkcs11.pin",
            "nowhere.pin",
        ),
    ] {
        fs::write(binary.config_file(), good.replacen(from, to, 1)).unwrap();
        is_refused(&binary, key, says);
    }
    fs::write(binary.config_file(), &good).unwrap();
    hsm.set_pin_of(&binary, "hunter2");
    is_refused(&binary, "pkcs11.pin", "locks the PIN after a few");
    hsm.correct_pin_of(&binary);
    hsm.take_out();
    is_refused(&binary, "pkcs11", "");
    hsm.put_back();

    let sealing = "CKM_AES_KEY_GEN,CKM_AES_GCM,CKM_RSA_PKCS_KEY_PAIR_GEN,CKM_SHA256_RSA_PKCS";
    hsm.allow(sealing);
    is_refused(&binary, "keys.algorithm", "CKM_EC_KEY_PAIR_GEN");
    hsm.allow(&format!("{sealing},CKM_EC_KEY_PAIR_GEN,CKM_ECDSA"));
    assert!(binary.run(&["check", "--database"]).status.success());
    let put = |algorithm| {
        binary.run(&[
            "api",
            "put",
            "https://new.example",
            "--algorithm",
            algorithm,
        ])
    };
    assert!(
        told(&put("EdDSA")).contains("CKM_EC_EDWARDS_KEY_PAIR_GEN"),
        "{}",
        told(&put("EdDSA"))
    );
    assert!(put("RS256").status.success());
    hsm.allow("CKM_RSA_PKCS");
    is_refused(&binary, "pkcs11", "CKM_AES_KEY_GEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_move_from_a_master_key_into_a_token_by_two_rotations_and_back() {
    let hsm = SoftHsm::new();
    moves_there_and_back(&KIND, |binary| hsm.give_to(binary), async || hsm.take_out()).await;
}
