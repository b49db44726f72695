use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use keywright_custody::{MasterKey, Pkcs11Custody, Pkcs11Settings, SealedCustody, TransitCustody};
use keywright_domain::ports::{Custody, CustodyError, Signer};
use keywright_domain::secret::PlainSecret;
use keywright_jwt::{Compact, VerifyingKey};

use crate::bao::{self, Engine};

pub use crate::records::{generated, record};

pub const PIN: &str = "4711-user";
const SECURITY_OFFICERS_PIN: &str = "0815-officer";
const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "HxwdHhsYGRoXFBUWExAREg8MDQ4LCAkKBwQFBgMAAQI=";

/// A vault, and a way to it that is not the first: what a restart finds.
pub struct Vault {
    open: Box<dyn Fn() -> Arc<dyn Custody>>,
}

impl Vault {
    pub fn custody(&self) -> Arc<dyn Custody> {
        (self.open)()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sealed,
    /// Under a master key that takes over from another.
    Exchanged,
    Pkcs11,
    Transit,
}

impl Kind {
    /// Two vaults of the kind that have nothing in common.
    pub fn two_vaults(self) -> (Vault, Vault) {
        match self {
            Self::Sealed => (sealed_vault(MASTER), sealed_vault(OTHER)),
            Self::Exchanged => (exchanged_vault(), sealed_vault(OTHER)),
            Self::Pkcs11 => (token_vault(new_token()), token_vault(new_token())),
            Self::Transit => (engine_vault(), engine_vault()),
        }
    }

    pub fn vault(self) -> Vault {
        match self {
            Self::Sealed => sealed_vault(MASTER),
            Self::Exchanged => exchanged_vault(),
            Self::Pkcs11 => token_vault(new_token()),
            Self::Transit => engine_vault(),
        }
    }
}

const PREVIOUS: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

pub fn sealed() -> SealedCustody {
    sealed_under(MASTER)
}

/// Under the master key before that of [`exchanged`].
pub fn sealed_before() -> SealedCustody {
    sealed_under(PREVIOUS)
}

/// Under the same master key as [`sealed`], which takes over from another.
pub fn exchanged() -> SealedCustody {
    sealed().with_previous(&master(PREVIOUS)).unwrap()
}

fn sealed_under(key: &str) -> SealedCustody {
    SealedCustody::new(&master(key)).unwrap()
}

fn master(key: &str) -> MasterKey {
    MasterKey::from_base64(key).unwrap()
}

fn exchanged_vault() -> Vault {
    let open = Box::new(|| Arc::new(exchanged()) as Arc<dyn Custody>);
    Vault { open }
}

fn sealed_vault(master: &'static str) -> Vault {
    let open = Box::new(move || Arc::new(sealed_under(master)) as Arc<dyn Custody>);
    Vault { open }
}

fn token_vault(token: String) -> Vault {
    let open = move || {
        let custody = Pkcs11Custody::open(settings(&token)).unwrap();
        Arc::new(custody) as Arc<dyn Custody>
    };
    Vault {
        open: Box::new(open),
    }
}

/// With no more rights than the documentation grants.
fn engine_vault() -> Vault {
    let engine = Engine::new(&bao::shared());
    let open = move || {
        let custody = TransitCustody::open(engine.settings()).unwrap();
        Arc::new(custody) as Arc<dyn Custody>
    };
    Vault {
        open: Box::new(open),
    }
}

pub fn settings(token: &str) -> Pkcs11Settings {
    Pkcs11Settings {
        module: module(),
        token: token.to_owned(),
        pin: PlainSecret::new(PIN),
        sessions: 2,
    }
}

/// An initialised token that no other test has, by its label. All are made before the first is used: SoftHSM looks for tokens when it
/// starts.
pub fn new_token() -> String {
    static FREE: LazyLock<Mutex<Vec<String>>> = LazyLock::new(|| {
        let labels = (0..TOKENS).map(|n| format!("custody-{}-{n}", std::process::id()));
        Mutex::new(labels.inspect(|label| initialize(label)).collect())
    });
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    free.pop().expect("raise TOKENS: each test has its own")
}

const TOKENS: usize = 32;

fn initialize(label: &str) {
    let output = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", label])
        .args(["--pin", PIN, "--so-pin", SECURITY_OFFICERS_PIN])
        .output()
        .expect("softhsm2-util runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where these tests read the environment"
)]
pub fn module() -> PathBuf {
    let module = std::env::var_os("KEYWRIGHT_TEST_SOFTHSM");
    let conf = std::env::var_os("SOFTHSM2_CONF");
    // Without the second, SoftHSM would use the tokens of the machine.
    module
        .zip(conf)
        .expect("KEYWRIGHT_TEST_SOFTHSM or SOFTHSM2_CONF is not set: run `cargo xtask test`")
        .0
        .into()
}

pub fn refusal(opened: Result<Arc<dyn Signer>, CustodyError>) -> String {
    match opened {
        Ok(_) => panic!("the key was opened"),
        Err(error) => error.to_string(),
    }
}

/// Whether `signer` signs so that whoever has the public half believes it.
pub fn signs(signer: &dyn Signer, public: &VerifyingKey) -> bool {
    let token = signer.sign("at+jwt", br#"{"sub":"alice"}"#).unwrap();
    let compact = Compact::split(&token).unwrap();
    let signature = compact.decode_signature().unwrap();
    public
        .verify(compact.signing_input(), signature.as_bytes())
        .is_ok()
}
