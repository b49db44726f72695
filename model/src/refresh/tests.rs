use super::report::{Row, render};
use super::rule::{Answer, Rule, Token};
use super::scenario::Thief;
use super::tally::Tally;
use super::*;

const SESSIONS: u64 = 300;

fn counted<R: Rule>(scenario: &Scenario) -> Tally {
    count::<R>(scenario, SESSIONS, 7).unwrap()
}

fn honest(name: &str) -> &'static Scenario {
    HONEST.iter().find(|s| s.name.contains(name)).unwrap()
}

fn thief(thief: Thief) -> &'static Scenario {
    THIEVES.iter().find(|s| s.thief == Some(thief)).unwrap()
}

#[test]
fn inside_the_bounds_nobody_is_logged_out_and_no_theft_is_missed() {
    for scenario in HONEST.iter().chain(&THIEVES).filter(|s| s.within_bounds) {
        let tally = counted::<Keywright>(scenario);
        assert_eq!(
            (tally.sessions, tally.missed),
            (SESSIONS, 0),
            "{}",
            scenario.name
        );
        match scenario.thief {
            None => assert_eq!(tally.logged_out, 0, "{}", scenario.name),
            Some(_) => assert!(
                tally.detected.len() > 250,
                "{}: thefts were detected",
                scenario.name
            ),
        }
    }
}

#[test]
fn strict_rotation_logs_out_who_lost_a_response_or_opened_two_tabs() {
    for mishap in [
        "lost",
        "tabs that",
        "power loss",
        "failover",
        "all of these",
    ] {
        assert!(counted::<Strict>(honest(mishap)).logged_out > 0, "{mishap}");
    }
    assert_eq!(counted::<Strict>(honest("sleeping")).logged_out, 0);
}

#[test]
fn a_second_branch_hides_the_thief_who_begins_inside_the_grace_time() {
    for kind in [Thief::Race, Thief::InsideGrace] {
        assert!(counted::<FixedGrace>(thief(kind)).missed > 250, "{kind:?}");
        assert_eq!(counted::<Strict>(thief(kind)).missed, 0, "{kind:?}");
    }
}

#[test]
fn without_rotation_every_theft_is_missed() {
    for scenario in &THIEVES {
        let tally = counted::<NoDetection>(scenario);
        assert_eq!(tally.missed, tally.thefts, "{}", scenario.name);
        assert!(tally.thefts > 0);
    }
}

/// What the page admits must show in its figures.
#[test]
fn outside_the_bounds_keywright_fails_too() {
    for mishap in ["asleep", "late answer"] {
        assert!(
            counted::<Keywright>(honest(mishap)).logged_out > 0,
            "{mishap}"
        );
    }
    for kind in [Thief::Shadow, Thief::OwnerGone] {
        assert!(counted::<Keywright>(thief(kind)).missed > 250, "{kind:?}");
    }
}

/// A control: the product's rule with one branch taken away.
#[test]
fn a_rule_that_cannot_recover_logs_out_after_a_power_loss() {
    struct NoRecovery(Keywright);

    impl Rule for NoRecovery {
        type Row = <Keywright as Rule>::Row;

        fn open() -> Result<Self> {
            Keywright::open().map(Self)
        }

        fn first_token(&self) -> Token {
            self.0.first_token()
        }

        fn present(&mut self, token: Token, now: keywright_domain::Time) -> Answer {
            let current = self.0.first_token();
            if token > current {
                Answer::Refused
            } else {
                self.0.present(token, now)
            }
        }

        fn has_ended(&self) -> bool {
            self.0.has_ended()
        }

        fn row(&self) -> Self::Row {
            self.0.row()
        }

        fn restore(&mut self, row: Self::Row) {
            self.0.restore(row);
        }
    }

    assert!(counted::<NoRecovery>(honest("power loss")).logged_out > 0);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let tables = |seed| {
        let row = |scenario| compare(scenario, 100, seed).unwrap();
        let rows: Vec<Row> = HONEST.iter().chain(&THIEVES).map(row).collect();
        render(&rows, 100, seed)
    };
    assert_eq!(tables(1), tables(1));
    assert_ne!(
        tables(1).replace("--seed 1", ""),
        tables(2).replace("--seed 2", "")
    );
}
