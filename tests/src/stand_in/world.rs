use std::collections::BTreeMap;
use std::future::ready;
use std::net::IpAddr;
use std::sync::Mutex;

use keywright_domain::Unavailable;
use keywright_domain::ports::{Answer, Message, Places, Probe, Webhook};
use keywright_domain::session::{Place, Position};

/// What is outside: what the issuer's public URL serves, where addresses are, who is told of anomalies. Nothing and nobody, until
/// a test puts it there.
#[derive(Debug, Default)]
pub struct World {
    key_set: Mutex<Option<String>>,
    places: Mutex<BTreeMap<IpAddr, Place>>,
    told: Mutex<Option<Vec<(String, String)>>>,
}

impl World {
    pub fn serves(&self, key_set: &str) {
        *self.key_set.lock().unwrap() = Some(key_set.to_owned());
    }

    /// An address is in a country, at a latitude and a longitude.
    pub fn has(&self, address: &str, country: &str, (latitude, longitude): (f64, f64)) {
        let place = Place {
            country: country.parse().ok(),
            position: Some(Position {
                latitude,
                longitude,
                radius: 10.0,
            }),
        };
        let address = address.parse().unwrap();
        self.places.lock().unwrap().insert(address, place);
    }

    /// From now on, somebody takes notices.
    pub fn listens(&self) {
        *self.told.lock().unwrap() = Some(Vec::new());
    }

    /// From now on, nobody does.
    pub fn hangs_up(&self) {
        *self.told.lock().unwrap() = None;
    }

    /// What was told since this was last asked: ids and bodies.
    pub fn told(&self) -> Vec<(String, String)> {
        let mut told = self.told.lock().unwrap();
        told.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Probe for World {
    fn key_set(&self) -> Answer<'_, Vec<u8>> {
        let served = self.key_set.lock().unwrap().clone();
        let nobody = || Unavailable::new("public URL", "nobody answers there");
        Box::pin(ready(served.map(String::into_bytes).ok_or_else(nobody)))
    }
}

impl Places for World {
    fn place_of(&self, address: IpAddr) -> Option<Place> {
        self.places.lock().unwrap().get(&address).copied()
    }
}

impl Webhook for World {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> Answer<'a, ()> {
        let taken = self.told.lock().unwrap().as_mut().map(|told| {
            told.push((message.id.clone(), message.body.to_owned()));
        });
        let nobody = || Unavailable::new("webhook", "nobody listens");
        Box::pin(ready(taken.ok_or_else(nobody)))
    }
}
