use std::path::Path;
use std::sync::Arc;

use keywright_custody::{MasterKey, SealedCustody};
use keywright_domain::keys::KeyState;
use keywright_domain::ports::{Custody, Keys, Signer as Key};
use keywright_store::{Store, StoreConfig};
use serde_json::Value;

/// The active key of a quickstart directory: signs what the issuer itself would never sign.
pub struct Signer(Arc<dyn Key>);

impl Signer {
    pub(super) async fn open(data: &Path) -> Self {
        let path = data.join("keywright.db");
        let store = Store::open(&StoreConfig::Sqlite { path })
            .await
            .expect("the database");
        let master = MasterKey::from_file(&data.join("master.key")).expect("the master key");
        let custody = SealedCustody::new(&master).expect("a cipher");
        let keys = store.signing_keys().await.expect("the keys").keys;
        let active = keys
            .iter()
            .find(|key| key.state == KeyState::Active)
            .expect("an active key");
        Self(custody.open(active).expect("the key opens"))
    }

    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        self.0
            .sign(typ, claims.to_string().as_bytes())
            .expect("a signature")
    }
}
