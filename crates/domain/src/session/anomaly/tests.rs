use super::*;
use crate::access::ScopeSet;
use crate::ports::Nowhere;
use crate::session::Family;
use crate::{SessionId, UserId};

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const CHROME_NEXT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

fn at(secs: i64) -> Time {
    Time::from_secs(1_800_000_000 + secs)
}

fn session(address: &str, device: Option<&str>) -> Session {
    Session {
        id: SessionId::new(at(0), [1; 10]),
        user: UserId::new(at(0), [2; 10]),
        client: "web".parse().unwrap(),
        audience: "orders".parse().unwrap(),
        scope: "read:orders".parse().unwrap(),
        openid: ScopeSet::default(),
        details: Default::default(),
        claims: Default::default(),
        login: None,
        family: Family {
            salt: [7; 16],
            current: 5,
            superseded: Vec::new(),
            idle_until: at(1_000_000),
            absolute_until: at(2_000_000),
        },
        binding: None,
        created_at: at(0),
        authenticated_at: at(0),
        last_used_at: at(300),
        ended: None,
        device: device.map(str::to_owned),
        address: address.parse().ok(),
        amr: Vec::new(),
        status: None,
    }
}

fn origin(address: &str, user_agent: Option<&str>) -> Origin {
    Origin {
        address: address.parse().ok(),
        user_agent: user_agent.map(str::to_owned),
    }
}

fn weighed(session: &Session, origin: &Origin, at: Time) -> Anomaly {
    let seen = Seen {
        origin,
        places: &Nowhere,
        at,
    };
    weigh(session, &seen)
}

/// The first byte of an address is its place: 203 is Berlin, all others are New York.
#[derive(Debug)]
struct TwoCities;

impl Places for TwoCities {
    fn place_of(&self, address: IpAddr) -> Option<Place> {
        let IpAddr::V4(v4) = address else { return None };
        let (country, latitude, longitude) = match v4.octets()[0] {
            203 => ("DE", 52.52, 13.40),
            _ => ("US", 40.71, -74.01),
        };
        Some(Place {
            country: country.parse().ok(),
            position: Some(Position {
                latitude,
                longitude,
                radius: 10.0,
            }),
        })
    }
}

#[test]
fn impossible_travel_is_explained_and_an_address_alone_stays_below_the_default_threshold() {
    let session = session("203.0.113.7", Some(CHROME));
    let score = |address, agent, second| {
        let seen = Seen {
            origin: &origin(address, Some(agent)),
            places: &TwoCities,
            at: at(second),
        };
        weigh(&session, &seen).to_string()
    };
    assert_eq!(
        score("198.51.100.7", CHROME, 3900),
        "score 55: network +25, travel +30 (DE to US, 6400 km/h)"
    );
    assert_eq!(
        score("198.51.100.7", CHROME, 300 + 10 * 3600),
        "score 35: network +25, country +10 (DE to US)"
    );
    assert_eq!(
        score("198.51.100.7", CHROME, 310),
        "score 70: network +25, travel +30 (DE to US, 381900 km/h), cadence +15"
    );
    assert_eq!(score("203.0.113.99", CHROME, 3900), "score 0");
    assert_eq!(
        score("2001:db8::1", CHROME, 3900),
        "score 25: network +25",
        "not in the database"
    );
}

#[test]
fn each_difference_has_its_points_and_its_name() {
    let home = "203.0.113.7";
    for (device, address, agent, second, expected) in [
        (Some(CHROME), home, Some(CHROME), 600, "score 0"),
        (Some(CHROME), home, Some(CHROME_NEXT), 600, "score 0"),
        (Some(CHROME), "203.0.113.250", Some(CHROME), 600, "score 0"),
        (
            Some(CHROME),
            "198.51.100.7",
            Some(CHROME),
            600,
            "score 25: network +25",
        ),
        (
            Some(CHROME),
            "::ffff:203.0.113.9",
            Some(CHROME),
            600,
            "score 0",
        ),
        (
            Some(CHROME),
            "2001:db8::1",
            Some(CHROME),
            600,
            "score 25: network +25",
        ),
        (Some(CHROME), home, Some(EDGE), 600, "score 40: agent +40"),
        (
            Some(CHROME),
            home,
            Some(SAFARI),
            600,
            "score 80: agent +40, system +40",
        ),
        (
            Some(SAFARI),
            home,
            Some(FIREFOX),
            600,
            "score 80: agent +40, system +40",
        ),
        (
            Some("Shop/4.1 (Android 16)"),
            home,
            Some("Shop/4.2 (Android 16)"),
            600,
            "score 0",
        ),
        (
            Some("okhttp/5.1"),
            home,
            Some("curl/8.14"),
            600,
            "score 40: agent +40",
        ),
        (
            Some(CHROME),
            "198.51.100.7",
            Some(EDGE),
            310,
            "score 80: network +25, agent +40, cadence +15",
        ),
        (
            Some(CHROME),
            home,
            Some(CHROME),
            329,
            "score 15: cadence +15",
        ),
        (Some(CHROME), home, Some(CHROME), 330, "score 0"),
        (None, home, Some(CHROME), 600, "score 0"),
        (Some(CHROME), "", None, 600, "score 0"),
        (Some(""), home, Some("é/1"), 600, "score 40: agent +40"),
    ] {
        let session = session(home, device);
        let anomaly = weighed(&session, &origin(address, agent), at(second));
        assert_eq!(
            anomaly.to_string(),
            expected,
            "{device:?} → {address} {agent:?}"
        );
    }
}

#[test]
fn the_first_refresh_after_a_login_is_never_a_rush() {
    let mut session = session("203.0.113.7", None);
    session.last_used_at = session.created_at;
    let anomaly = weighed(&session, &Origin::default(), at(1));
    assert_eq!(anomaly.score(), 0);
}

#[test]
fn an_ipv6_site_is_one_network() {
    let session = session("2001:db8:1:2::3", None);
    let score = |address| weighed(&session, &origin(address, None), at(600)).score();
    assert_eq!(score("2001:db8:1:ffff::9"), 0);
    assert_eq!(score("2001:db8:2:2::3"), AnomalyReason::Network.points());
}

#[test]
fn off_notices_nothing_and_the_threshold_is_reached_by_equality() {
    let session = session("203.0.113.7", Some(CHROME));
    let origin = origin("203.0.113.7", Some(EDGE));
    for (threshold, response, noticed) in [
        (40, AnomalyResponse::Record, true),
        (41, AnomalyResponse::Record, false),
        (40, AnomalyResponse::End, true),
        (0, AnomalyResponse::Off, false),
    ] {
        let rules = AnomalyRules {
            threshold,
            response,
        };
        let seen = Seen {
            origin: &origin,
            places: &Nowhere,
            at: at(600),
        };
        assert_eq!(rules.notice(&session, &seen).is_some(), noticed);
    }
}
