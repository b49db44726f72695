//! Where two uses of a session were, and whether anybody gets from one to the other in the time between.

use std::fmt;
use std::str::FromStr;

use super::AnomalyReason;
use crate::Period;

/// ISO 3166-1, two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

/// What a database of addresses knows of one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub country: Option<Country>,
    pub position: Option<Position>,
}

/// Degrees, and how many kilometres it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    pub latitude: f64,
    pub longitude: f64,
    pub radius: f64,
}

/// A way that nobody travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Travel {
    pub from: Option<Country>,
    pub to: Option<Country>,
    /// Kilometres an hour, in hundreds.
    pub speed: u32,
}

/// Airliners reach 950 km/h.
const FASTEST: f64 = 1000.0;
/// Addresses of one provider are told to be in this or that city of a region.
const NEARBY: f64 = 100.0;
/// Two uses within a second are no infinite speed.
const SHORTEST: Period = Period::minutes(1);
/// The mean radius of the Earth in kilometres.
const EARTH: f64 = 6371.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a country: expected two capital letters")]
pub struct MalformedCountry;

impl FromStr for Country {
    type Err = MalformedCountry;

    fn from_str(text: &str) -> Result<Self, MalformedCountry> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(MalformedCountry),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|b| write!(f, "{}", char::from(*b)))
    }
}

impl fmt::Display for Travel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |country: Option<Country>| country.map_or("?".to_owned(), |c| c.to_string());
        let (from, to) = (name(self.from), name(self.to));
        write!(f, "{from} to {to}, {} km/h", self.speed)
    }
}

/// What is unlike between two places, `between` apart in time.
pub(super) fn compare(before: Place, after: Place, between: Period) -> Option<AnomalyReason> {
    let (from, to) = (before.country, after.country);
    if let (Some(a), Some(b)) = (before.position, after.position) {
        let way = a.distance(b) - a.radius.max(0.0) - b.radius.max(0.0);
        let hours = between.max(SHORTEST).as_millis() as f64 / 3_600_000.0;
        let speed = way / hours;
        if way >= NEARBY && speed > FASTEST {
            let speed = (speed / 100.0).round() as u32 * 100;
            return Some(AnomalyReason::Travel(Travel { from, to, speed }));
        }
    }
    let (from, to) = (from?, to?);
    (from != to).then_some(AnomalyReason::Country { from, to })
}

impl Position {
    /// Along a great circle, by the haversine formula.
    fn distance(self, other: Self) -> f64 {
        let (here, there) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = (there - here) / 2.0;
        let east = (other.longitude - self.longitude).to_radians() / 2.0;
        let h = north.sin().powi(2) + here.cos() * there.cos() * east.sin().powi(2);
        2.0 * EARTH * h.clamp(0.0, 1.0).sqrt().asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: (&str, f64, f64) = ("DE", 52.52, 13.40);
    const POTSDAM: (&str, f64, f64) = ("DE", 52.40, 13.06);
    const PARIS: (&str, f64, f64) = ("FR", 48.86, 2.35);
    const NEW_YORK: (&str, f64, f64) = ("US", 40.71, -74.01);

    fn place((country, latitude, longitude): (&str, f64, f64)) -> Place {
        Place {
            country: country.parse().ok(),
            position: Some(Position {
                latitude,
                longitude,
                radius: 10.0,
            }),
        }
    }

    #[test]
    fn a_way_counts_by_its_speed_and_a_border_by_itself() {
        let minutes = Period::minutes;
        for (from, to, between, expected) in [
            (BERLIN, BERLIN, minutes(0), "nothing"),
            (BERLIN, POTSDAM, minutes(1), "nothing"),
            (
                BERLIN,
                PARIS,
                minutes(30),
                "travel +30 (DE to FR, 1700 km/h)",
            ),
            (BERLIN, PARIS, minutes(120), "country +10 (DE to FR)"),
            (
                BERLIN,
                NEW_YORK,
                minutes(60),
                "travel +30 (DE to US, 6400 km/h)",
            ),
            (
                NEW_YORK,
                BERLIN,
                minutes(60),
                "travel +30 (US to DE, 6400 km/h)",
            ),
            (BERLIN, NEW_YORK, minutes(600), "country +10 (DE to US)"),
            (
                BERLIN,
                NEW_YORK,
                minutes(0),
                "travel +30 (DE to US, 381900 km/h)",
            ),
        ] {
            let reason = compare(place(from), place(to), between);
            let told = reason.map_or("nothing".to_owned(), |reason| reason.to_string());
            assert_eq!(told, expected, "{from:?} to {to:?} in {between:?}");
        }
    }

    #[test]
    fn what_is_not_known_of_a_place_counts_for_nothing() {
        let nowhere = Place::default();
        assert_eq!(compare(nowhere, place(BERLIN), Period::ZERO), None);
        assert_eq!(compare(place(BERLIN), nowhere, Period::ZERO), None);
        let country_alone = |country: &str| Place {
            country: country.parse().ok(),
            position: None,
        };
        let reason = compare(country_alone("DE"), country_alone("US"), Period::ZERO);
        assert_eq!(reason.unwrap().to_string(), "country +10 (DE to US)");
        let at_sea = |mut place: Place| {
            place.country = None;
            place
        };
        let reason = compare(at_sea(place(BERLIN)), place(NEW_YORK), Period::hours(1));
        assert_eq!(
            reason.unwrap().to_string(),
            "travel +30 (? to US, 6400 km/h)"
        );
    }

    /// A database that is unsure must not accuse.
    #[test]
    fn a_position_that_may_be_far_off_is_given_the_benefit() {
        let mut vague = place(PARIS);
        vague.position.as_mut().unwrap().radius = 1000.0;
        let reason = compare(place(BERLIN), vague, Period::minutes(1));
        assert_eq!(reason.unwrap().to_string(), "country +10 (DE to FR)");
    }

    #[test]
    fn two_capital_letters_are_a_country() {
        for text in ["", "D", "de", "DEU", "D1", "Ä"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
        assert_eq!("DE".parse::<Country>().unwrap().to_string(), "DE");
    }
}
