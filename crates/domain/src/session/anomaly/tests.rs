use super::*;
use crate::access::ScopeSet;
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
        login: None,
        family: Family {
            salt: [7; 16],
            current: 5,
            superseded: Vec::new(),
            idle_until: at(1_000_000),
            absolute_until: at(2_000_000),
        },
        proof_key: None,
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
        let anomaly = weigh(&session, &origin(address, agent), at(second));
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
    let anomaly = weigh(&session, &Origin::default(), at(1));
    assert_eq!(anomaly.score(), 0);
}

#[test]
fn an_ipv6_site_is_one_network() {
    let session = session("2001:db8:1:2::3", None);
    let score = |address| weigh(&session, &origin(address, None), at(600)).score();
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
        assert_eq!(rules.notice(&session, &origin, at(600)).is_some(), noticed);
    }
}
