//! Signing keys, walked through every order of time, operators' orders, lagging nodes and fetching verifiers.
//!
//! A tick is ten seconds, so that [`SPREAD`](keywright_domain::keys::schedule::SPREAD) is one. Each property has a mutation of
//! the world under which the checker must find a counterexample.
#![expect(
    clippy::expect_used,
    reason = "a model that cannot be built fails its test"
)]

mod world;

use std::time::Duration;

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::world::{CALM, Event, LONGEST_TOKEN, MAX_AGE, World};

const KNOWN: &str = "whoever obeys max-age knows every key that signs";
const SERVED: &str = "a key is served while a token lives that it signed";
const REVOKED: &str = "a revoked key is forgotten by whoever obeys max-age";
const ONE_SIGNS: &str = "exactly one key signs, unless an operator forced otherwise";
const RECOVERS: &str = "within a calm some key signs again, and can be rotated and revoked";

/// What is wrong with the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    Nothing,
    /// A key may sign as soon as it is published.
    SignsAtOnce,
    /// A node follows later than the spread allows for.
    NodeLags,
    /// A key that signs no more is served no more.
    RetiresAtOnce,
    /// Revoking only retires.
    RevokedIsServed,
    /// Revoking never minds whether a successor may sign.
    AlwaysForced,
    /// No key is prepared.
    NoneInWaiting,
}

struct KeyLife {
    mutation: Mutation,
    /// How long the world is watched.
    ticks: u8,
    /// How many orders operators give.
    orders: u8,
}

impl Model for KeyLife {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        vec![World::fresh(self.mutation, self.orders)]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        events.extend(world.possible(self.mutation));
    }

    fn next_state(&self, world: &World, event: Event) -> Option<World> {
        world.after(event, self.mutation)
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.now <= self.ticks
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(KNOWN, |_, world: &World| {
                let signers: Vec<u8> = world.signers().collect();
                let revoked = |kid: u8| world.revoked_at(kid).is_some();
                world.cache().is_none_or(|known| {
                    signers
                        .iter()
                        .all(|kid| known.contains(kid) || revoked(*kid))
                })
            }),
            Property::always(SERVED, |_, world: &World| {
                world.signed_last().all(|(kid, at)| {
                    let dead = world.now >= at + LONGEST_TOKEN;
                    dead || world.revoked_at(kid).is_some() || world.is_served(kid)
                })
            }),
            Property::always(REVOKED, |_, world: &World| {
                world.cache().is_none_or(|known| {
                    known.iter().all(|kid| {
                        world
                            .revoked_at(*kid)
                            .is_none_or(|at| world.now < at + MAX_AGE + 1)
                    })
                })
            }),
            Property::always(ONE_SIGNS, |_, world: &World| {
                let active = world.active().count();
                active == 1 || (active == 0 && (world.forced || !world.is_wanted()))
            }),
            Property::always(RECOVERS, |model: &Self, world: &World| {
                !world.is_wanted() || world.becomes_workable(CALM, model.mutation)
            }),
        ]
    }
}

fn checked(mutation: Mutation, ticks: u8, orders: u8) -> impl Checker<KeyLife> {
    let life = KeyLife {
        mutation,
        ticks,
        orders,
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

/// Long enough for a scheduled rotation under one order, and short with two: the states grow with both.
#[test]
fn no_order_of_events_breaks_the_key_life() {
    for (ticks, orders) in [(14, 1), (9, 2), (6, 3)] {
        let checker = checked(Mutation::Nothing, ticks, orders);
        checker.assert_properties();
        assert!(checker.unique_state_count() > 500, "too small to mean much");
    }
}

#[test]
fn each_property_fails_where_its_rule_is_taken_away() {
    for (mutation, ticks, orders, property) in [
        (Mutation::SignsAtOnce, 9, 1, KNOWN),
        (Mutation::NodeLags, 9, 1, KNOWN),
        (Mutation::RetiresAtOnce, 9, 1, SERVED),
        (Mutation::RevokedIsServed, 9, 1, REVOKED),
        (Mutation::AlwaysForced, 9, 2, ONE_SIGNS),
        (Mutation::NoneInWaiting, 9, 1, RECOVERS),
    ] {
        let checker = checked(mutation, ticks, orders);
        assert!(
            checker.discovery(property).is_some(),
            "{mutation:?} goes unnoticed"
        );
    }
}
