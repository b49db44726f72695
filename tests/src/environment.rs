//! What `cargo xtask test` hands in. Read here and nowhere else.

use std::path::PathBuf;
use std::sync::LazyLock;

/// Paths and addresses of what the tests need from outside.
#[derive(Clone, Debug)]
pub struct Environment {
    postgres: Option<String>,
    python: Option<PathBuf>,
    node: Option<PathBuf>,
    node_modules: Option<PathBuf>,
    binary: Option<PathBuf>,
    chromium: Option<PathBuf>,
    chromedriver: Option<PathBuf>,
    apache: Option<PathBuf>,
    soft_hsm: Option<PathBuf>,
    open_bao: Option<PathBuf>,
    quick: bool,
}

/// The environment of this run.
pub fn environment() -> &'static Environment {
    static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(Environment::read);
    &ENVIRONMENT
}

impl Environment {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the tests read the environment"
    )]
    fn read() -> Self {
        let text = |name| std::env::var(name).ok();
        let path = |name| std::env::var_os(name).map(PathBuf::from);
        Self {
            postgres: text("KEYWRIGHT_TEST_POSTGRES"),
            python: path("KEYWRIGHT_TEST_PYTHON"),
            node: path("KEYWRIGHT_TEST_NODE"),
            node_modules: path("KEYWRIGHT_TEST_NODE_MODULES"),
            binary: path("KEYWRIGHT_TEST_BIN"),
            chromium: path("KEYWRIGHT_TEST_CHROMIUM"),
            chromedriver: path("KEYWRIGHT_TEST_CHROMEDRIVER"),
            apache: path("KEYWRIGHT_TEST_APACHE"),
            soft_hsm: path("KEYWRIGHT_TEST_SOFTHSM"),
            open_bao: path("KEYWRIGHT_TEST_BAO"),
            quick: text("KEYWRIGHT_TEST_QUICK").is_some_and(|value| value == "1"),
        }
    }

    /// URL of a PostgreSQL superuser; each test makes a database of its own.
    pub fn postgres(&self) -> &String {
        needed(self.postgres.as_ref(), "KEYWRIGHT_TEST_POSTGRES")
    }

    /// A Python that has PyJWT.
    pub fn python(&self) -> &PathBuf {
        needed(self.python.as_ref(), "KEYWRIGHT_TEST_PYTHON")
    }

    pub fn node(&self) -> &PathBuf {
        needed(self.node.as_ref(), "KEYWRIGHT_TEST_NODE")
    }

    pub fn chromium(&self) -> &PathBuf {
        needed(self.chromium.as_ref(), "KEYWRIGHT_TEST_CHROMIUM")
    }

    pub fn chromedriver(&self) -> &PathBuf {
        needed(self.chromedriver.as_ref(), "KEYWRIGHT_TEST_CHROMEDRIVER")
    }

    /// Apache with mod_auth_openidc.
    pub fn apache(&self) -> &PathBuf {
        needed(self.apache.as_ref(), "KEYWRIGHT_TEST_APACHE")
    }

    /// SoftHSM's PKCS#11 module.
    pub fn soft_hsm(&self) -> &PathBuf {
        needed(self.soft_hsm.as_ref(), "KEYWRIGHT_TEST_SOFTHSM")
    }

    /// The program of OpenBao.
    pub fn open_bao(&self) -> &PathBuf {
        needed(self.open_bao.as_ref(), "KEYWRIGHT_TEST_BAO")
    }

    /// Where the client libraries of Node are installed.
    pub fn node_modules(&self) -> &PathBuf {
        needed(self.node_modules.as_ref(), "KEYWRIGHT_TEST_NODE_MODULES")
    }

    /// The binary under test. Plain `cargo test` takes the one that `cargo build` made.
    pub fn binary(&self) -> PathBuf {
        let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/debug/keywright");
        let binary = self.binary.clone().unwrap_or_else(built);
        assert!(
            binary.is_file(),
            "{} is not built: run `cargo xtask test`, or `cargo build` first",
            binary.display()
        );
        binary
    }

    /// How often a test repeats what only chance decides.
    pub fn rounds(&self, thorough: u32, quick: u32) -> u32 {
        if self.quick { quick } else { thorough }
    }
}

/// A missing server is a failure, never a test that silently passes.
fn needed<'e, T>(value: Option<&'e T>, name: &str) -> &'e T {
    value.unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask test`"))
}
