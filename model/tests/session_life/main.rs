//! A session, walked through every order of two tabs, a thief, a logout, lost responses, lost writes and time.
//!
//! A tick is six seconds: the grace time of ten holds one and not two. Each property has a mutation of the rule under which the
//! checker must find a counterexample.
#![expect(
    clippy::expect_used,
    reason = "a model that cannot be built fails its test"
)]

mod world;

use std::time::Duration;

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::world::{Event, Harm, World};

const STAYS_IN: &str = "nobody who is inside the grace time is refused";
const ENDS: &str = "reuse ends the session for everybody";
const STAYS_OUT: &str = "nothing refreshes after the end";
const ONE_BRANCH: &str = "when nothing is under way, what the owner holds is current";

/// What is wrong with the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    Nothing,
    /// There is no grace time.
    Strict,
    /// An old token gets the current one again, however old it is.
    NeverReuse,
    /// A token in the grace time gets a successor of its own.
    Branches,
    /// A token ahead of the row is refused.
    NoRecovery,
    /// The end is not looked at.
    EndForgotten,
}

struct SessionLife {
    mutation: Mutation,
    /// Whether somebody steals, or nobody does and the owner's mishaps are looked at.
    thief: bool,
    events: u8,
}

impl Model for SessionLife {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        vec![World::opened()]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        events.extend(world.possible(self.thief));
    }

    fn next_state(&self, world: &World, event: Event) -> Option<World> {
        Some(world.after(event, self.mutation))
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.events <= self.events
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(STAYS_IN, |_, world: &World| {
                world.harm != Some(Harm::LoggedOut)
            }),
            Property::always(ENDS, |_, world: &World| {
                world.harm != Some(Harm::ReuseTolerated)
            }),
            Property::always(STAYS_OUT, |_, world: &World| {
                world.harm != Some(Harm::Revived)
            }),
            Property::always(ONE_BRANCH, |_, world: &World| {
                world.is_stolen()
                    || world.is_over()
                    || !world.is_quiet()
                    || world.owner_is_current()
            }),
            Property::sometimes("the owner is three rotations on", |_, world: &World| {
                world.handed_out() > 3
            }),
        ]
    }
}

fn checked(mutation: Mutation, thief: bool, events: u8) -> impl Checker<SessionLife> {
    let life = SessionLife {
        mutation,
        thief,
        events,
    };
    let until = if mutation == Mutation::Nothing {
        HasDiscoveries::All
    } else {
        HasDiscoveries::AnyFailures
    };
    life.checker()
        .threads(2)
        .finish_when(until)
        .timeout(Duration::from_secs(60))
        .spawn_bfs()
        .join()
}

#[test]
fn no_order_of_events_breaks_the_session_life() {
    for (thief, events) in [(false, 14), (true, 11)] {
        let checker = checked(Mutation::Nothing, thief, events);
        checker.assert_properties();
        assert!(
            checker.unique_state_count() > 1_000,
            "too small to mean much"
        );
    }
}

#[test]
fn each_property_fails_where_its_rule_is_taken_away() {
    for (mutation, thief, property) in [
        (Mutation::Strict, false, STAYS_IN),
        (Mutation::NoRecovery, false, STAYS_IN),
        (Mutation::Branches, false, ONE_BRANCH),
        (Mutation::NeverReuse, true, ENDS),
        (Mutation::EndForgotten, true, STAYS_OUT),
    ] {
        let checker = checked(mutation, thief, 9);
        assert!(
            checker.discovery(property).is_some(),
            "{mutation:?} goes unnoticed"
        );
    }
}
