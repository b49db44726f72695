//! Where a master key may come from, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keywright_custody::{MasterKey, MasterKeyError, SealedCustody};
use keywright_domain::ports::{Custody, Entropy};

/// A directory of this test alone, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keywright-custody-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &[u8], mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Counting;

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        (0u8..).zip(out).for_each(|(n, byte)| *byte = n);
    }
}

fn opens_the_same(one: &MasterKey, other: &MasterKey) -> bool {
    let sealed = SealedCustody::new(one)
        .unwrap()
        .seal("probe", b"x")
        .unwrap();
    SealedCustody::new(other)
        .unwrap()
        .unseal("probe", &sealed)
        .is_ok()
}

#[test]
fn raw_bytes_base64_and_an_environment_variable_are_the_same_key() {
    let scratch = Scratch::new("forms");
    let bytes: Vec<u8> = (0..32).collect();
    let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let raw = MasterKey::from_file(&scratch.file("raw", &bytes, 0o600)).unwrap();
    let base64 = MasterKey::from_file(&scratch.file("b64", format!("{text}=\n").as_bytes(), 0o400));
    assert!(opens_the_same(&raw, &base64.unwrap()));
    assert!(opens_the_same(&raw, &MasterKey::from_base64(text).unwrap()));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let scratch = Scratch::new("mode");
    for mode in [0o640, 0o604, 0o644, 0o620] {
        let path = scratch.file(&format!("{mode:o}"), &(0..32).collect::<Vec<u8>>(), mode);
        let refused = MasterKey::from_file(&path).unwrap_err();
        assert!(matches!(refused, MasterKeyError::TooOpen { mode: m, .. } if m == mode));
    }
}

#[test]
fn a_systemd_credential_is_read_whatever_its_group_bits() {
    let scratch = Scratch::new("credential");
    scratch.file("master", &(0..32).collect::<Vec<u8>>(), 0o440);
    assert!(MasterKey::from_credential(&scratch.0, "master").is_ok());
}

#[test]
fn a_created_key_is_private_and_never_overwritten() {
    let scratch = Scratch::new("create");
    let path = scratch.0.join("master.key");
    let created = MasterKey::create_file(&path, &Counting).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(opens_the_same(
        &created,
        &MasterKey::from_file(&path).unwrap()
    ));
    let again = MasterKey::create_file(&path, &Counting).unwrap_err();
    assert!(matches!(again, MasterKeyError::Uncreatable { .. }));
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    for text in [
        "",
        "hunter2",
        "AAECAwQFBgcICQoLDA0ODw==",
        "not base64 at all, but long enough to be one!",
    ] {
        let refused = MasterKey::from_base64(text).unwrap_err();
        assert!(matches!(refused, MasterKeyError::Malformed), "{text}");
        assert!(text.is_empty() || !refused.to_string().contains(text));
    }
    assert!(matches!(
        MasterKey::from_base64(&"A".repeat(43)),
        Err(MasterKeyError::Guessable)
    ));
    assert!(matches!(
        MasterKey::from_file(Path::new("/nonexistent")),
        Err(MasterKeyError::Unreadable { .. })
    ));
}
