//! A logged-in session with a token. One thread at a time uses it; it dies at its first error.

use std::collections::BTreeMap;
use std::fmt;

use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session as Raw, SessionState, UserType};
use cryptoki::types::AuthPin;

use super::error::Pkcs11Error;

/// `CKA_ID`: drawn at random, so that two nodes never name two keys alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyId(pub [u8; KeyId::LENGTH]);

impl KeyId {
    pub const LENGTH: usize = 16;

    pub fn attribute(&self) -> Attribute {
        Attribute::Id(self.0.to_vec())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

pub(super) struct Session {
    raw: Raw,
    /// The module's when it was opened.
    epoch: u64,
    /// Found in this session: a handle is good for no longer than the login that it was found under.
    keys: BTreeMap<KeyId, ObjectHandle>,
}

impl Session {
    pub fn new(raw: Raw, epoch: u64) -> Self {
        let keys = BTreeMap::new();
        Self { raw, epoch, keys }
    }

    pub fn is_of(&self, epoch: u64) -> bool {
        self.epoch == epoch
    }

    /// Only in its own epoch: later, its number may be another session's.
    pub fn close(self) {
        // What cannot be closed is gone.
        let _ = self.raw.close();
    }

    pub fn log_in(&self, pin: &AuthPin) -> Result<(), Error> {
        self.raw.login(UserType::User, Some(pin))
    }

    /// Asks the token whether it is still there and knows us. Whoever is not logged in is not refused a private key, but shown none.
    pub fn check(&self) -> Result<(), Pkcs11Error> {
        match self.raw.get_session_info()?.session_state() {
            SessionState::RwUser | SessionState::RoUser => Ok(()),
            other @ (SessionState::RoPublic
            | SessionState::RwPublic
            | SessionState::RwSecurityOfficer) => {
                Err(Pkcs11Error::Lost(format!("the session is {other:?}")))
            }
        }
    }

    /// A failure without a better word, in a session that is gone, is the session's.
    pub fn diagnose(&self, error: Pkcs11Error) -> Pkcs11Error {
        match (error, self.check()) {
            (Pkcs11Error::Failed(told), Err(_)) => Pkcs11Error::Lost(told),
            (error, _) => error,
        }
    }

    /// The private or secret key of this id.
    pub fn key(&mut self, class: ObjectClass, id: KeyId) -> Result<ObjectHandle, Pkcs11Error> {
        if let Some(known) = self.keys.get(&id) {
            return Ok(*known);
        }
        let template = [
            Attribute::Token(true),
            Attribute::Class(class),
            id.attribute(),
        ];
        let found = self.raw.find_objects(&template)?;
        let [key] = found[..] else {
            self.check()?;
            return Err(Pkcs11Error::NoKey { id: id.to_string() });
        };
        self.keys.insert(id, key);
        Ok(key)
    }

    /// The ids of all secret keys with this label, in order.
    pub fn secret_keys(&self, label: &str) -> Result<Vec<KeyId>, Pkcs11Error> {
        let template = [
            Attribute::Token(true),
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::Label(label.as_bytes().to_vec()),
        ];
        let mut ids = Vec::new();
        for key in self.raw.find_objects(&template)? {
            for attribute in self.raw.get_attributes(key, &[AttributeType::Id])? {
                // An id of another length is not one of ours.
                if let Attribute::Id(id) = attribute
                    && let Ok(id) = id.try_into()
                {
                    ids.push(KeyId(id));
                }
            }
        }
        if ids.is_empty() {
            self.check()?;
        }
        ids.sort();
        Ok(ids)
    }

    pub fn generate_secret(
        &self,
        mechanism: &Mechanism<'_>,
        template: &[Attribute],
    ) -> Result<ObjectHandle, Pkcs11Error> {
        let key = self.raw.generate_key(mechanism, template)?;
        self.demand_confined(key)?;
        Ok(key)
    }

    /// The public and the private half.
    pub fn generate_pair(
        &self,
        mechanism: &Mechanism<'_>,
        public: &[Attribute],
        private: &[Attribute],
    ) -> Result<(ObjectHandle, ObjectHandle), Pkcs11Error> {
        let pair = self.raw.generate_key_pair(mechanism, public, private)?;
        self.demand_confined(pair.1)?;
        Ok(pair)
    }

    /// Some tokens make what they please of a template.
    fn demand_confined(&self, key: ObjectHandle) -> Result<(), Pkcs11Error> {
        let asked = [AttributeType::Sensitive, AttributeType::Extractable];
        let attributes = self.raw.get_attributes(key, &asked)?;
        let confined = attributes.contains(&Attribute::Sensitive(true))
            && attributes.contains(&Attribute::Extractable(false));
        if confined {
            return Ok(());
        }
        // It must not stay either; but that it was made is worse news than that it stays.
        let _ = self.raw.destroy_object(key);
        Err(Pkcs11Error::Extractable)
    }

    pub fn attributes(
        &self,
        key: ObjectHandle,
        types: &[AttributeType],
    ) -> Result<Vec<Attribute>, Pkcs11Error> {
        Ok(self.raw.get_attributes(key, types)?)
    }

    /// The label is for people alone, and not every token lets it be changed.
    pub fn rename(&self, key: ObjectHandle, label: &str) {
        let label = Attribute::Label(label.as_bytes().to_vec());
        let _ = self.raw.update_attributes(key, &[label]);
    }

    pub fn sign(
        &self,
        mechanism: &Mechanism<'_>,
        key: ObjectHandle,
        data: &[u8],
    ) -> Result<Vec<u8>, Pkcs11Error> {
        Ok(self.raw.sign(mechanism, key, data)?)
    }

    pub fn encrypt(
        &self,
        mechanism: &Mechanism<'_>,
        key: ObjectHandle,
        data: &[u8],
    ) -> Result<Vec<u8>, Pkcs11Error> {
        Ok(self.raw.encrypt(mechanism, key, data)?)
    }

    pub fn decrypt(
        &self,
        mechanism: &Mechanism<'_>,
        key: ObjectHandle,
        data: &[u8],
    ) -> Result<Vec<u8>, Pkcs11Error> {
        Ok(self.raw.decrypt(mechanism, key, data)?)
    }
}
