//! What a claim's name says: folded into words of one spelling, and each run of up to three words looked up.

use super::Kind;
use super::vocabulary::{Meaning, lookup, stem};

/// What a name gives away about the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The value is one of these, if it can be.
    pub kind: Option<Kind>,
    /// The value may be one of these, if it looks like it.
    pub maybe: Option<Kind>,
    /// The name speaks of a thing (an order, a product, a version): likeness to a person's data is chance.
    pub thing: bool,
    /// The name speaks of a property (`email_verified`): it says nothing about the value of what it describes.
    pub aspect: bool,
}

impl Hint {
    pub fn of(claim: &str) -> Self {
        let words = Words::of(claim);
        let mut hint = Self::default();
        let mut at = 0;
        while at < words.count {
            let longest = (1..=3.min(words.count - at)).rev();
            let found = longest.filter_map(|run| Some((run, lookup(words.run(at, run))?)));
            let (run, meaning) = match found.into_iter().next() {
                Some((run, meaning)) => (run, Some(meaning)),
                None => (1, stem(words.run(at, 1))),
            };
            at += run;
            let property = matches!(meaning, Some(Meaning::Aspect | Meaning::Part));
            hint.aspect = property && at > run;
            match meaning {
                Some(Meaning::Is(kind)) => hint.kind = hint.kind.or(Some(kind)),
                Some(Meaning::Maybe(kind)) => hint.maybe = hint.maybe.or(Some(kind)),
                Some(Meaning::Thing | Meaning::Part) => hint.thing = true,
                Some(Meaning::Aspect) | None => {}
            }
        }
        if hint.aspect {
            (hint.kind, hint.maybe, hint.thing) = (None, None, true);
        }
        hint
    }

    /// The same inside an object whose name gave `outer`: `{"phone": {"value": …}}`.
    pub fn within(self, outer: Self) -> Self {
        let says = self.kind.is_some() || self.maybe.is_some() || self.thing || self.aspect;
        if says { self } else { outer }
    }
}

/// Longer names are cut: what they are about stands in their last segment, within this.
const BYTES: usize = 96;
const WORDS: usize = 10;

/// The words of a name, side by side in one buffer on the stack, so that any run of them is one slice.
struct Words {
    text: [u8; BYTES],
    ends: [usize; WORDS],
    count: usize,
}

impl Words {
    fn of(claim: &str) -> Self {
        // A namespaced claim is about its last segment: `https://acme.example/claims/email`, `urn:acme:email`.
        let claim = claim.rsplit(['/', '#', ':']).next().unwrap_or(claim);
        let mut words = Self {
            text: [0; BYTES],
            ends: [0; WORDS],
            count: 0,
        };
        let mut length = 0;
        let mut previous = ' ';
        for c in claim.chars() {
            if !c.is_alphabetic() || (c.is_uppercase() && previous.is_lowercase()) {
                words.end(length);
            }
            previous = c;
            let mut utf8 = [0; 4];
            for folded in fold(c) {
                let bytes = folded.encode_utf8(&mut utf8).as_bytes();
                let Some(room) = words.text.get_mut(length..length + bytes.len()) else {
                    break;
                };
                room.copy_from_slice(bytes);
                length += bytes.len();
            }
        }
        words.end(length);
        words
    }

    /// Closes the word that ends at `length`, if there is one.
    fn end(&mut self, length: usize) {
        let begin = self.count.checked_sub(1).map_or(0, |last| self.ends[last]);
        if length > begin && self.count < WORDS {
            self.ends[self.count] = length;
            self.count += 1;
        }
    }

    fn run(&self, at: usize, count: usize) -> &str {
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        std::str::from_utf8(&self.text[begin..self.ends[at + count - 1]]).unwrap_or_default()
    }
}

/// Lower case without accents, as names are spelled where only ASCII is at hand. Digits and signs vanish: `line1` is `line`.
fn fold(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'A'..='Z' => (c.to_ascii_lowercase(), None),
        'a'..='z' => (c, None),
        'ß' => ('s', Some('s')),
        'æ' | 'Æ' => ('a', Some('e')),
        'œ' | 'Œ' => ('o', Some('e')),
        'à'..='å' | 'À'..='Å' | 'ą' | 'ă' => ('a', None),
        'ç' | 'Ç' | 'ć' | 'č' => ('c', None),
        'è'..='ë' | 'È'..='Ë' | 'ę' | 'ě' => ('e', None),
        'ì'..='ï' | 'Ì'..='Ï' | 'ı' | 'İ' => ('i', None),
        'ñ' | 'ń' | 'ň' | 'Ñ' => ('n', None),
        'ò'..='ö' | 'ø' | 'Ò'..='Ö' | 'Ø' | 'ő' => ('o', None),
        'ù'..='ü' | 'Ù'..='Ü' | 'ů' | 'ű' => ('u', None),
        'ý' | 'ÿ' => ('y', None),
        'ł' | 'Ł' => ('l', None),
        'ś' | 'š' | 'ş' | 'Š' | 'Ş' | 'Ś' => ('s', None),
        'ź' | 'ż' | 'ž' => ('z', None),
        'ğ' => ('g', None),
        'ř' => ('r', None),
        'ť' => ('t', None),
        'ď' | 'ð' => ('d', None),
        c if c.is_alphabetic() => (c.to_lowercase().next().unwrap_or(c), None),
        _ => return None.into_iter().chain(None),
    };
    Some(first).into_iter().chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_one() {
        for name in [
            "phone_number",
            "phoneNumber",
            "PhoneNumber",
            "phone-number",
            "phone.number",
            "PHONE_NUMBER",
            "https://acme.example/claims/phone_number",
            "urn:acme:phoneNumber",
            "phone_number_2",
        ] {
            assert_eq!(Hint::of(name).kind, Some(Kind::Phone), "{name}");
        }
    }

    #[test]
    fn a_property_of_personal_data_is_none() {
        for name in [
            "email_verified",
            "password_expires_at",
            "phoneNumberType",
            "birthday_enabled",
        ] {
            assert_eq!(Hint::of(name).kind, None, "{name}");
        }
    }

    #[test]
    fn names_of_any_length_and_script_are_read() {
        for name in [
            "",
            "_",
            "9",
            "é",
            "名".repeat(50).as_str(),
            "a_".repeat(64).as_str(),
        ] {
            assert_eq!(Hint::of(name), Hint::default(), "{name}");
        }
        assert_eq!(Hint::of("мой_телефон").kind, Some(Kind::Phone));
    }
}
