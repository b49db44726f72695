use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::account::{User, UserStatus};
use crate::ports::Nowhere;
use crate::status::StatusRef;
use crate::token::Binding;
use crate::{SessionId, UserId};

const RULES: RefreshRules = RefreshRules {
    grace: Period::secs(10),
    idle: Period::days(30),
    anomaly: AnomalyRules::OFF,
};
const SALT: [u8; 16] = [7; 16];

fn at(secs: i64) -> Time {
    Time::from_secs(1_800_000_000 + secs)
}

fn key() -> Arc<MacKey> {
    Arc::new(MacKey::new(1, &[9; 32]))
}

fn session_id() -> SessionId {
    SessionId::new(at(0), [1; 10])
}

/// A session whose token number 5 is current; 4 was superseded at second 100, 3 at second 95.
fn standing() -> Standing {
    let client = Client {
        status: None,
        id: "web".parse().unwrap(),
        name: "Web".to_owned(),
        kind: ClientKind::Public,
        secret: None,
        grants: [Grant::Login, Grant::RefreshToken].into(),
        allowed: BTreeMap::new(),
        default_audience: None,
        registration: Default::default(),
        disabled: false,
        created_at: at(0),
    };
    let user = User {
        id: UserId::new(at(0), [2; 10]),
        username: None,
        email: "ann@example.org".parse().unwrap(),
        email_verified: true,
        password: None,
        status: UserStatus::Active,
        roles: Vec::new(),
        epoch: 0,
        created_at: at(0),
        updated_at: at(0),
    };
    let session = Session {
        status: None,
        id: session_id(),
        user: user.id,
        client: client.id.clone(),
        audience: "orders".parse().unwrap(),
        scope: "read:orders write:orders".parse().unwrap(),
        openid: ScopeSet::default(),
        details: Default::default(),
        claims: Default::default(),
        login: None,
        family: Family {
            salt: SALT,
            current: 5,
            superseded: vec![at(100), at(95)],
            idle_until: at(1_000_000),
            absolute_until: at(2_000_000),
        },
        binding: None,
        created_at: at(0),
        authenticated_at: at(0),
        last_used_at: at(100),
        ended: None,
        device: None,
        address: None,
        amr: vec!["pwd".to_owned()],
    };
    Standing {
        stale: false,
        session,
        user,
        client,
    }
}

fn presented(sequence: u32) -> Presented {
    Presented {
        token: RefreshToken::derive(session_id(), sequence, &SALT, &key()),
        key: key(),
        by: PresentedBy::FirstParty,
        binding: None,
        audience: None,
        scope: None,
        details: None,
        origin: Origin::default(),
        places: Arc::new(Nowhere),
        spare: StatusRef { list: 1, index: 9 },
    }
}

fn name(decision: &Decision) -> &'static str {
    match decision {
        Decision::Rotate(_) => "rotate",
        Decision::Keep(_) => "keep",
        Decision::Recover(_) => "recover",
        Decision::Repeat => "repeat",
        Decision::Reuse => "reuse",
        Decision::StepUp(_) => "step up",
        Decision::EndAsAnomalous(_) => "end",
        Decision::Refuse(Refused::Unknown) => "unknown",
        Decision::Refuse(Refused::Forged) => "forged",
        Decision::Refuse(Refused::Ended) => "ended",
        Decision::Refuse(Refused::Expired) => "expired",
        Decision::Refuse(Refused::OtherClient) => "other client",
        Decision::Refuse(Refused::ProofKey) => "proof key",
        Decision::Refuse(Refused::UserDisabled) => "user disabled",
        Decision::Refuse(Refused::ClientDisabled) => "client disabled",
        Decision::Refuse(Refused::OtherAudience) => "audience",
        Decision::Refuse(Refused::ScopeExceeded) => "scope",
        Decision::Refuse(Refused::DetailsExceeded) => "details",
    }
}

#[test]
fn each_place_in_the_sequence_has_its_answer() {
    let strict = RefreshRules {
        grace: Period::ZERO,
        ..RULES
    };
    for (sequence, second, rules, expected) in [
        (5, 101, RULES, "rotate"),
        (5, 999_999, RULES, "rotate"),
        (4, 101, RULES, "repeat"),
        (4, 110, RULES, "repeat"),
        (4, 111, RULES, "reuse"),
        (3, 105, RULES, "repeat"),
        (3, 106, RULES, "reuse"),
        (2, 101, RULES, "reuse"),
        (0, 101, RULES, "reuse"),
        (6, 101, RULES, "recover"),
        (600, 101, RULES, "recover"),
        (5, 101, strict, "rotate"),
        (4, 100, strict, "reuse"),
        (4, 90, RULES, "repeat"), // the clock stepped back: not the client's fault
        (5, 1_000_000, RULES, "expired"),
        (4, 1_000_000, RULES, "expired"),
    ] {
        let decision = decide(&standing(), &presented(sequence), &rules, at(second));
        assert_eq!(
            name(&decision),
            expected,
            "token {sequence} at second {second}"
        );
    }
}

#[test]
fn of_a_client_of_the_fapi_profile_the_current_token_stays_and_an_older_one_is_theft() {
    let mut standing = standing();
    standing.client.kind = ClientKind::Confidential;
    standing.client.registration.fapi = true;
    let by_client = |sequence| Presented {
        by: PresentedBy::Client("web".parse().unwrap()),
        ..presented(sequence)
    };
    for (sequence, second, expected) in [
        (5, 101, "keep"),
        (5, 999_999, "keep"),
        (5, 1_000_000, "expired"),
        (4, 110, "repeat"),
        (4, 111, "reuse"),
        (6, 101, "recover"),
    ] {
        let decision = decide(&standing, &by_client(sequence), &RULES, at(second));
        assert_eq!(name(&decision), expected, "token {sequence} at {second}");
    }
    let before = standing.session.family.clone();
    let decision = decide(&standing, &by_client(5), &RULES, at(999_999));
    let after = Family {
        idle_until: at(999_999) + RULES.idle,
        ..before
    };
    assert_eq!(decision, Decision::Keep(after));
    standing.client.disabled = true;
    let decision = decide(&standing, &by_client(5), &RULES, at(101));
    assert_eq!(name(&decision), "client disabled");
}

#[test]
fn a_rotation_moves_one_step_and_remembers_what_grace_needs() {
    let Decision::Rotate(family) = decide(&standing(), &presented(5), &RULES, at(104)) else {
        panic!()
    };
    assert_eq!(family.current, 6);
    assert_eq!(family.superseded, [at(104), at(100), at(95)]);
    assert_eq!(family.idle_until, at(104) + RULES.idle);
    let Decision::Rotate(later) = decide(&standing(), &presented(5), &RULES, at(1000)) else {
        panic!()
    };
    assert_eq!(
        later.superseded,
        [at(1000)],
        "what is outside grace is forgotten"
    );
}

#[test]
fn tokens_whose_rotation_was_lost_may_still_be_under_way() {
    let mut standing = standing();
    let decision = decide(&standing, &presented(8), &RULES, at(104));
    let Decision::Recover(family) = decision else {
        panic!()
    };
    assert_eq!(family.current, 9);
    standing.session.family = family;
    for (sequence, second, expected) in [
        (8, 110, "repeat"),
        (7, 110, "repeat"),
        (5, 114, "repeat"),
        (5, 115, "reuse"),
        (4, 110, "repeat"),
        (4, 111, "reuse"),
        (2, 104, "reuse"),
    ] {
        let decision = decide(&standing, &presented(sequence), &RULES, at(second));
        assert_eq!(
            name(&decision),
            expected,
            "token {sequence} at second {second}"
        );
    }
}

#[test]
fn who_may_not_hold_the_token_changes_nothing() {
    type Change = fn(&mut Standing, &mut Presented);
    let cases: [(&str, Change); 10] = [
        ("forged", |_, p| {
            p.token = RefreshToken::derive(session_id(), 5, &[8; 16], &key())
        }),
        ("forged", |_, p| {
            p.token = RefreshToken::derive(session_id(), 5, &SALT, &MacKey::new(1, &[1; 32]))
        }),
        ("other client", |_, p| {
            p.by = PresentedBy::Client("other".parse().unwrap())
        }),
        ("other client", |s, _| {
            s.client.kind = ClientKind::Confidential
        }),
        ("proof key", |s, _| {
            s.session.binding = Some(Binding::Dpop("thumbprint".to_owned()))
        }),
        ("ended", |s, _| {
            s.session.ended = Some(Ended {
                at: at(1),
                reason: EndReason::Logout,
            })
        }),
        ("user disabled", |s, _| s.user.status = UserStatus::Disabled),
        ("client disabled", |s, _| s.client.disabled = true),
        ("audience", |_, p| {
            p.audience = Some("https://other.example".parse().unwrap());
        }),
        ("scope", |_, p| p.scope = Some("admin:all".parse().unwrap())),
    ];
    for sequence in [1, 4, 5, 6] {
        for (expected, change) in cases {
            let (mut standing, mut presented) = (standing(), presented(sequence));
            if expected == "forged" || sequence == 5 {
                change(&mut standing, &mut presented);
                let decision = decide(&standing, &presented, &RULES, at(101));
                assert_eq!(name(&decision), expected);
            }
        }
    }
}

#[test]
fn a_storm_of_rotations_inside_one_grace_time_logs_nobody_out() {
    let mut world = World::new(RULES.grace);
    let mut held = vec![world.current()];
    for _ in 0..REMEMBERED * 3 {
        let token = *held.last().unwrap();
        assert_ne!(world.present(token), Answer::Dead);
        held.push(world.current());
    }
    for token in held {
        assert_ne!(
            world.present(token),
            Answer::Dead,
            "token {token} was superseded inside grace"
        );
    }
}

/// A server that applies [`decide`], as the store does.
struct World {
    standing: Standing,
    grace: Period,
    now: Time,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Answer {
    Token(u32),
    Dead,
}

impl World {
    fn new(grace: Period) -> Self {
        let mut standing = standing();
        standing.session.family.superseded.clear();
        Self {
            standing,
            grace,
            now: at(200),
        }
    }

    fn current(&self) -> u32 {
        self.standing.session.family.current
    }

    fn present(&mut self, sequence: u32) -> Answer {
        let rules = RefreshRules {
            grace: self.grace,
            ..RULES
        };
        match decide(&self.standing, &presented(sequence), &rules, self.now) {
            Decision::Rotate(family) | Decision::Keep(family) | Decision::Recover(family) => {
                self.standing.session.family = family
            }
            Decision::Repeat => {}
            Decision::Reuse => {
                self.standing.session.ended =
                    Some(end_for_reuse(&self.standing, &presented(sequence), self.now).0);
            }
            Decision::Refuse(_) | Decision::StepUp(_) | Decision::EndAsAnomalous(_) => {}
        }
        if self.standing.session.ended.is_some() {
            Answer::Dead
        } else {
            Answer::Token(self.current())
        }
    }
}

/// What the owner of a session does, and what the network does to it.
#[derive(Debug, Clone)]
enum Honest {
    Refresh,
    /// The response never arrives; the client tries again within the grace time, as often as it takes.
    LostResponses(u8),
    /// Two tabs present the same token; either answer may be the one that is kept.
    Race {
        keep_first: bool,
    },
    Wait(u16),
    /// The disk forgets the last acknowledged rotations.
    LostWrites(u8),
}

fn honest() -> impl Strategy<Value = Honest> {
    prop_oneof![
        3 => Just(Honest::Refresh),
        2 => (1u8..4).prop_map(Honest::LostResponses),
        2 => any::<bool>().prop_map(|keep_first| Honest::Race { keep_first }),
        3 => (0u16..2000).prop_map(Honest::Wait),
        1 => (1u8..3).prop_map(Honest::LostWrites),
    ]
}

proptest! {
    #[test]
    fn no_interleaving_of_mishaps_inside_grace_logs_the_owner_out(actions in prop::collection::vec(honest(), 1..60)) {
        let mut world = World::new(RULES.grace);
        let mut held = world.current();
        for action in actions {
            match action {
                Honest::Refresh => match world.present(held) {
                    Answer::Token(token) => held = token,
                    Answer::Dead => prop_assert!(false, "logged out by a refresh"),
                },
                Honest::LostResponses(times) => {
                    for _ in 0..times {
                        prop_assert_ne!(world.present(held), Answer::Dead);
                        world.now = world.now + Period::secs(2);
                    }
                    match world.present(held) {
                        Answer::Token(token) => held = token,
                        Answer::Dead => prop_assert!(false, "logged out by a lost response"),
                    }
                }
                Honest::Race { keep_first } => {
                    let (first, second) = (world.present(held), world.present(held));
                    prop_assert_eq!(first, second, "two tabs, one branch");
                    if let (Answer::Token(a), Answer::Token(b)) = (first, second) {
                        held = if keep_first { a } else { b };
                    }
                }
                Honest::Wait(secs) => world.now = world.now + Period::secs(i64::from(secs)),
                Honest::LostWrites(count) => {
                    let family = &mut world.standing.session.family;
                    family.current = family.current.saturating_sub(u32::from(count)).max(1);
                    family.superseded.clear();
                }
            }
        }
    }

    /// Owner and thief hold the same token and refresh whenever they like. Once one of them is further than the grace time
    /// ahead, the other's next refresh ends the session for both.
    #[test]
    fn no_theft_survives_the_next_rotation(turns in prop::collection::vec((any::<bool>(), 0u16..40), 2..60), grace in 0i64..20) {
        let mut world = World::new(Period::secs(grace));
        let stolen = world.current();
        let mut held = [stolen, stolen];
        // When the token that each party holds was superseded by the other one's rotation.
        let mut superseded: [Option<Time>; 2] = [None, None];
        for (thief, pause) in turns {
            world.now = world.now + Period::secs(i64::from(pause));
            let me = usize::from(thief);
            let late = superseded[me].is_some_and(|since| world.now.since(since) > Period::secs(grace));
            let before = world.current();
            let answer = world.present(held[me]);
            if late {
                prop_assert_eq!(answer, Answer::Dead, "the late party was let in");
            }
            let Answer::Token(token) = answer else {
                prop_assert_eq!(world.present(held[0]), Answer::Dead);
                prop_assert_eq!(world.present(held[1]), Answer::Dead);
                return Ok(());
            };
            prop_assert_eq!(token, world.current(), "never a second branch");
            (held[me], superseded[me]) = (token, None);
            if world.current() != before && held[1 - me] != token && superseded[1 - me].is_none() {
                superseded[1 - me] = Some(world.now);
            }
        }
    }
}

/// From another network, with another browser on another system.
fn from_elsewhere(sequence: u32) -> Presented {
    Presented {
        origin: Origin {
            address: "198.51.100.7".parse().ok(),
            user_agent: Some(
                "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0".to_owned(),
            ),
        },
        ..presented(sequence)
    }
}

fn at_home() -> Standing {
    let mut standing = standing();
    standing.session.address = "203.0.113.7".parse().ok();
    standing.session.device =
        Some("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1".to_owned());
    standing
}

#[test]
fn what_the_policy_sets_against_an_anomaly_never_saves_a_thief_and_never_serves_a_forger() {
    let rules = |response| RefreshRules {
        anomaly: AnomalyRules {
            threshold: 60,
            response,
        },
        ..RULES
    };
    for (sequence, response, expected) in [
        (5, AnomalyResponse::Off, "rotate"),
        (5, AnomalyResponse::Record, "rotate"),
        (5, AnomalyResponse::StepUp, "step up"),
        (5, AnomalyResponse::End, "end"),
        (4, AnomalyResponse::StepUp, "step up"),
        (6, AnomalyResponse::End, "end"),
        (2, AnomalyResponse::StepUp, "reuse"),
        (2, AnomalyResponse::End, "reuse"),
    ] {
        let decision = decide(
            &at_home(),
            &from_elsewhere(sequence),
            &rules(response),
            at(101),
        );
        assert_eq!(name(&decision), expected, "token {sequence}, {response:?}");
    }
    let mut forged = from_elsewhere(5);
    forged.token = RefreshToken::derive(session_id(), 5, &[8; 16], &key());
    let decision = decide(&at_home(), &forged, &rules(AnomalyResponse::End), at(101));
    assert_eq!(
        name(&decision),
        "forged",
        "a stranger must not end sessions"
    );
}

#[test]
fn an_anomaly_is_on_record_with_each_of_its_reasons() {
    let rules = RefreshRules {
        anomaly: AnomalyRules {
            threshold: 60,
            response: AnomalyResponse::Record,
        },
        ..RULES
    };
    let told = |presented: &Presented, how| {
        let left = continued(&at_home(), presented, how, &rules, at(200));
        left.events
            .iter()
            .map(|e| (e.kind, e.detail.clone()))
            .collect::<Vec<_>>()
    };
    let reasons = "score 105: network +25, agent +40, system +40".to_owned();
    let anomalous = (EventKind::RefreshAnomalous, Some(reasons));
    assert_eq!(
        told(&from_elsewhere(5), Continued::Rotated),
        std::slice::from_ref(&anomalous)
    );
    let recovered = (EventKind::RefreshRecovered, None);
    assert_eq!(
        told(&from_elsewhere(6), Continued::Recovered),
        [anomalous, recovered.clone()]
    );
    assert_eq!(told(&presented(6), Continued::Recovered), [recovered]);
    assert_eq!(told(&presented(5), Continued::Rotated), []);
}
