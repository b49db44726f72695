//! Places: co-ordinates, and postal addresses by the words of a street.

/// Words for a street, as they stand beside a house number.
const STREETS: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "lane",
    "ln",
    "boulevard",
    "blvd",
    "drive",
    "dr",
    "court",
    "square",
    "terrace",
    "strasse",
    "straße",
    "str",
    "weg",
    "platz",
    "gasse",
    "allee",
    "rue",
    "chemin",
    "impasse",
    "calle",
    "avenida",
    "plaza",
    "paseo",
    "via",
    "viale",
    "piazza",
    "corso",
    "rua",
    "travessa",
    "ulica",
    "ul",
    "straat",
    "laan",
    "gatan",
    "gata",
    "vej",
    "vei",
    "katu",
    "ulice",
    "улица",
    "ул",
];

/// Ends of compound street names.
const ENDS: &[&str] = &[
    "strasse", "straße", "str", "weg", "platz", "gasse", "allee", "straat", "laan", "gatan",
    "vägen", "vej", "katu", "tie",
];

/// A house number and a word for a street, in two to twelve words.
pub fn is_street(text: &str) -> bool {
    let words = || text.split([' ', ',', '\n']).filter(|word| !word.is_empty());
    if !(2..=16).contains(&words().take(17).count()) {
        return false;
    }
    let number = |word: &str| {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        (1..=5).contains(&digits) && word.len() <= digits + 1
    };
    let street = |(at, word): (usize, &str)| {
        let word = word.trim_end_matches('.');
        let capital = word.starts_with(char::is_uppercase);
        let mut buffer = [0; 24];
        let folded = lower(word, &mut buffer);
        // `5 rue de la Paix`: small letters, and at the beginning.
        let known = STREETS.contains(&folded) && (capital || (at < 2 && folded != "st"));
        let compound = |end: &&str| folded.len() > end.len() + 3 && folded.ends_with(end);
        known || (capital && ENDS.iter().any(compound))
    };
    words().any(number)
        && words().any(|word| word.starts_with(char::is_uppercase))
        && (0..).zip(words()).any(street)
}

/// Lower case in `buffer`; a longer word is no word for a street.
fn lower<'a>(word: &str, buffer: &'a mut [u8; 24]) -> &'a str {
    let mut length = 0;
    for c in word.chars().flat_map(char::to_lowercase) {
        let Some(room) = buffer.get_mut(length..length + c.len_utf8()) else {
            return "";
        };
        c.encode_utf8(room);
        length += c.len_utf8();
    }
    std::str::from_utf8(&buffer[..length]).unwrap_or_default()
}

/// A pair of degrees, precise to some ten metres.
pub fn is_coordinates(text: &str) -> bool {
    let Some((latitude, longitude)) = text.split_once([',', ' ', ';']) else {
        return false;
    };
    let degrees = |text: &str, most: f64| {
        let text = text.trim();
        let decimals = text
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        decimals >= 4
            && text
                .parse::<f64>()
                .is_ok_and(|degrees| degrees.abs() <= most)
    };
    degrees(latitude, 90.0) && degrees(longitude, 180.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_have_a_word_and_a_number() {
        for text in [
            "12 High Street",
            "Hauptstraße 7a",
            "5 rue de la Paix, 75002 Paris",
            "Calle Mayor 3",
            "ул. Ленина 5",
        ] {
            assert!(is_street(text), "{text}");
        }
        for text in [
            "Wall Street Journal",
            "street view",
            "Version 2",
            "Store 42",
            "Drive",
            "10 st",
            "Room 12",
        ] {
            assert!(!is_street(text), "{text}");
        }
    }

    #[test]
    fn coordinates_are_a_precise_pair() {
        assert!(is_coordinates("52.520008, 13.404954") && is_coordinates("-33.8568 151.2153"));
        for text in [
            "1.5, 2.5",
            "52.520008",
            "95.00001, 10.00001",
            "1.24.3, 2.0000",
        ] {
            assert!(!is_coordinates(text), "{text}");
        }
    }
}
