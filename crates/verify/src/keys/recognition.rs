//! Recognising headers saves time and changes no answer, so only these tests would notice if it stopped.

use keywright_jwt::{Algorithm, Compact, Header, SigningKey};

use super::{KeyEntry, KeyTable};

struct Scene {
    key: SigningKey,
    table: KeyTable,
}

impl Scene {
    fn new() -> Self {
        let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let entry = KeyEntry::named(key.kid().to_owned(), key.verifying_key());
        let table = KeyTable::new(vec![entry]);
        Self { key, table }
    }

    fn token(&self, typ: &str) -> String {
        self.key.sign(typ, br#"{"sub":"alice"}"#).unwrap()
    }

    fn remember(&self, token: &str) {
        let compact = Compact::split(token).unwrap();
        let json = compact.decode_header().unwrap();
        let header = Header::parse(&json).unwrap();
        let entry = self.table.select(&header).unwrap();
        self.table.remember(compact.header(), &header, entry);
    }
}

#[test]
fn a_header_is_recognised_once_it_has_been_remembered() {
    let scene = Scene::new();
    let token = scene.token("at+jwt");
    assert!(scene.table.recognise(&token).is_none());
    scene.remember(&token);
    let known = scene.table.recognise(&token).unwrap();
    assert_eq!(
        (known.typ, known.entry.kid()),
        (Some("at+jwt"), Some(scene.key.kid()))
    );
    assert!(scene.table.recognise(&scene.token("JWT")).is_none());
}

#[test]
fn a_header_takes_one_place_however_often_it_is_seen() {
    let scene = Scene::new();
    for _ in 0..100 {
        scene.remember(&scene.token("at+jwt"));
    }
    let other = scene.token("JWT");
    scene.remember(&other);
    assert!(scene.table.recognise(&other).is_some());
}
