//! SoftHSM: a real PKCS#11 module whose token rests in a folder, so that a test can take it out.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Binary, Folder, environment};

const PIN: &str = "4711-user";
const LABEL: &str = "keywright";

/// One token, behind a module that knows no other.
pub struct SoftHsm(Folder);

impl SoftHsm {
    pub fn new() -> Self {
        let this = Self(Folder::new());
        fs::create_dir(this.tokens()).expect("a new folder");
        this.allow("ALL");
        let output = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", LABEL])
            .args(["--pin", PIN, "--so-pin", "0815-officer"])
            .env("SOFTHSM2_CONF", this.conf())
            .output()
            .expect("softhsm2-util runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        this
    }

    /// What the token can do, as a list of mechanisms; known to whoever opens it from now on.
    pub fn allow(&self, mechanisms: &str) {
        let conf = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.mechanisms = {mechanisms}\n",
            self.tokens().display()
        );
        fs::write(self.conf(), conf).expect("the configuration of SoftHSM");
    }

    /// From the next start on, new keys are made in the token.
    pub fn give_to(&self, binary: &mut Binary) {
        binary.set_override("SOFTHSM2_CONF", self.conf().to_str().expect("UTF-8"));
        self.set_pin_of(binary, PIN);
        let file = binary.config_file();
        let config = fs::read_to_string(&file).expect("a configuration");
        let module = environment().soft_hsm().display();
        let section = format!(
            "[pkcs11]\nmodule = \"{module}\"\ntoken = \"{LABEL}\"\npin = \"file:token.pin\"\n"
        );
        fs::write(file, format!("{config}\n{section}")).expect("the configuration");
    }

    /// What the configuration's reference leads to.
    pub fn set_pin_of(&self, binary: &Binary, pin: &str) {
        fs::write(binary.data().join("token.pin"), pin).expect("a PIN");
    }

    pub fn correct_pin_of(&self, binary: &Binary) {
        self.set_pin_of(binary, PIN);
    }

    pub fn take_out(&self) {
        fs::rename(self.tokens(), self.away()).expect("a token");
    }

    pub fn put_back(&self) {
        fs::rename(self.away(), self.tokens()).expect("a token that is out");
    }

    fn conf(&self) -> PathBuf {
        self.0.path().join("softhsm2.conf")
    }

    fn tokens(&self) -> PathBuf {
        self.0.path().join("tokens")
    }

    fn away(&self) -> PathBuf {
        self.0.path().join("away")
    }
}

impl Default for SoftHsm {
    fn default() -> Self {
        Self::new()
    }
}
