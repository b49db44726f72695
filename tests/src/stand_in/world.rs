use std::future::ready;
use std::sync::Mutex;

use keywright_domain::Unavailable;
use keywright_domain::ports::{Answer, Probe};

/// What answers behind the issuer's public URL: nobody, until a test puts a key set there.
#[derive(Debug, Default)]
pub struct World(Mutex<Option<String>>);

impl World {
    pub fn serves(&self, key_set: &str) {
        *self.0.lock().unwrap() = Some(key_set.to_owned());
    }
}

impl Probe for World {
    fn key_set(&self) -> Answer<'_, Vec<u8>> {
        let served = self.0.lock().unwrap().clone();
        let nobody = || Unavailable::new("public URL", "nobody answers there");
        Box::pin(ready(served.map(String::into_bytes).ok_or_else(nobody)))
    }
}
