//! What goes wrong, and how often. The figures are far above what a healthy deployment sees: each must happen thousands of
//! times in a run for a zero to mean something.

/// Chances are in ten thousand refreshes, unless they say otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mishaps {
    /// An exchange is lost, its request or its response. The client sends the token again 3 seconds later, and at most two
    /// exchanges in a row are lost.
    pub lost: i64,
    /// Up to four tabs share the token and refresh within a second. One that sees a renewed token does not refresh.
    pub tabs: bool,
    /// The device sleeps between two refreshes, for 10 minutes to 8 hours.
    pub sleep: i64,
    /// The client's clock is off by up to two minutes, those of the server's nodes by up to a second.
    pub skew: bool,
    /// The server forgets the last rotation, although it was acknowledged.
    pub power_loss: i64,
    /// A replica that is up to 5 seconds behind takes over.
    pub failover: i64,
    /// Outside the bounds: the response is lost, and the device sleeps before it can ask again, for 30 seconds to 2 hours.
    pub asleep_in_refresh: i64,
    /// Outside the bounds: tabs refresh within 5 seconds of each other without looking whether another one has, answers take
    /// up to 2.5 seconds, and whichever arrives last is kept, be it the older one.
    pub careless_tabs: bool,
}

/// What a thief does with a refresh token that was copied at a random moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thief {
    /// Presents it within 2 seconds, and goes on every 1 to 20 minutes.
    AtOnce,
    /// Presents it a minute to 3 hours later.
    Later,
    /// Presents it at the same moment as the owner.
    Race,
    /// Presents it within the grace time after the owner's next refresh, and goes on every 1 to 20 minutes.
    InsideGrace,
    /// Presents it at once, and goes on every 30 to 120 seconds.
    Poll,
    /// Outside the bounds: begins inside the grace time and then refreshes when its access token expires, as the owner does.
    SameSchedule,
    /// Outside the bounds: sees the owner's traffic and follows each refresh within the grace time.
    Shadow,
    /// Outside the bounds: the owner never comes back.
    OwnerGone,
}

#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub mishaps: Mishaps,
    pub thief: Option<Thief>,
    pub within_bounds: bool,
}

const NONE: Mishaps = Mishaps {
    lost: 0,
    tabs: false,
    sleep: 0,
    skew: false,
    power_loss: 0,
    failover: 0,
    asleep_in_refresh: 0,
    careless_tabs: false,
};

const ALL: Mishaps = Mishaps {
    lost: 100,
    tabs: true,
    sleep: 200,
    skew: true,
    power_loss: 10,
    failover: 10,
    ..NONE
};

pub const HONEST: [Scenario; 8] = [
    honest("lost requests and responses", Mishaps { lost: 100, ..NONE }),
    honest("tabs that refresh at once", Mishaps { tabs: true, ..NONE }),
    honest(
        "sleeping devices, wrong clocks",
        Mishaps {
            sleep: 200,
            skew: true,
            ..NONE
        },
    ),
    honest(
        "power loss: a forgotten rotation",
        Mishaps {
            power_loss: 10,
            ..NONE
        },
    ),
    honest(
        "failover to a replica that lags",
        Mishaps {
            failover: 10,
            ..NONE
        },
    ),
    honest("**all of these together**", ALL),
    outside(
        "asleep in mid-refresh for longer than the grace time",
        Mishaps {
            asleep_in_refresh: 10,
            ..NONE
        },
        None,
    ),
    outside(
        "a tab that keeps a late answer over a newer one",
        Mishaps {
            careless_tabs: true,
            ..NONE
        },
        None,
    ),
];

pub const THIEVES: [Scenario; 8] = [
    stolen("uses it at once", Thief::AtOnce),
    stolen("uses it a minute to 3 hours later", Thief::Later),
    stolen("races with the owner", Thief::Race),
    stolen("begins inside the grace time", Thief::InsideGrace),
    stolen("polls", Thief::Poll),
    outside(
        "begins inside grace, then on the owner's schedule",
        ALL,
        Some(Thief::SameSchedule),
    ),
    outside(
        "sees the owner's traffic, follows each refresh inside grace",
        ALL,
        Some(Thief::Shadow),
    ),
    outside("the owner never comes back", ALL, Some(Thief::OwnerGone)),
];

const fn honest(name: &'static str, mishaps: Mishaps) -> Scenario {
    Scenario {
        name,
        mishaps,
        thief: None,
        within_bounds: true,
    }
}

/// Owners of stolen tokens have all the mishaps too.
const fn stolen(name: &'static str, thief: Thief) -> Scenario {
    Scenario {
        name,
        mishaps: ALL,
        thief: Some(thief),
        within_bounds: true,
    }
}

const fn outside(name: &'static str, mishaps: Mishaps, thief: Option<Thief>) -> Scenario {
    Scenario {
        name,
        mishaps,
        thief,
        within_bounds: false,
    }
}
