use std::collections::BTreeMap;
use std::future::ready;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use keywright_domain::Unavailable;
use keywright_domain::ports::{Answer, Documents, Message, Places, Probe, Webhook};
use keywright_domain::session::{Place, Position};

/// What is outside: what the issuer's public URL serves, where addresses are, who is told of anomalies. Nothing and nobody, until
/// a test puts it there.
#[derive(Debug, Default)]
pub struct World {
    key_set: Mutex<Option<String>>,
    places: Mutex<BTreeMap<IpAddr, Place>>,
    told: Mutex<Option<Vec<(String, String)>>>,
    documents: Mutex<BTreeMap<String, String>>,
    fetches: AtomicUsize,
    submitted: Mutex<BTreeMap<String, Vec<String>>>,
}

impl World {
    /// Behind the issuer's public URL.
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

    /// A document of a client.
    pub fn publishes(&self, url: &str, document: &str) {
        let mut documents = self.documents.lock().unwrap();
        documents.insert(url.to_owned(), document.to_owned());
    }

    /// Nothing is at `url` any more.
    pub fn withdraws(&self, url: &str) {
        self.documents.lock().unwrap().remove(url);
    }

    /// From now on, a client takes forms at `url`.
    pub fn takes_forms(&self, url: &str) {
        let mut submitted = self.submitted.lock().unwrap();
        submitted.entry(url.to_owned()).or_default();
    }

    /// What was sent to `url` since this was last asked.
    pub fn submitted(&self, url: &str) -> Vec<String> {
        let mut submitted = self.submitted.lock().unwrap();
        submitted
            .get_mut(url)
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// How often documents of clients were asked for.
    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
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

impl Documents for World {
    fn fetch<'a>(&'a self, url: &'a str) -> Answer<'a, Vec<u8>> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let published = self.documents.lock().unwrap().get(url).cloned();
        let nobody = || Unavailable::new("client document", "nobody answers there");
        Box::pin(ready(published.map(String::into_bytes).ok_or_else(nobody)))
    }

    fn submit<'a>(&'a self, url: &'a str, form: &'a str) -> Answer<'a, ()> {
        let mut submitted = self.submitted.lock().unwrap();
        let taken = submitted
            .get_mut(url)
            .map(|forms| forms.push(form.to_owned()));
        let nobody = || Unavailable::new("client address", "nobody answers there");
        Box::pin(ready(taken.ok_or_else(nobody)))
    }
}
