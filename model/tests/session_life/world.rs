//! One session's row, two tabs that share a stored token, and a thief with a copy. `rotation::decide` answers.

use keywright_domain::session::rotation::{Decision, RefreshRules, decide, end_for_reuse};
use keywright_domain::session::{AnomalyRules, EndReason, Ended, Family};
use keywright_domain::{Period, Time};
use keywright_model::standing;

use crate::Mutation;

const TICK: Period = Period::secs(6);
const GRACE: Period = Period::secs(10);
const IDLE: Period = Period::days(30);

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Harm {
    LoggedOut,
    ReuseTolerated,
    Revived,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tab {
    Idle,
    /// The request is under way, with this token.
    Asking(u32),
    /// The answer is under way.
    Answered {
        asked: u32,
        got: u32,
    },
}

/// The row, its times in ticks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    current: u32,
    superseded: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub events: u8,
    pub harm: Option<Harm>,
    now: i64,
    row: Row,
    /// The row before the last rotation, until a power loss has brought it back.
    before: Option<Row>,
    ended: Option<EndReason>,
    /// What really happened, whatever the row remembers: when token `n + 1` was superseded.
    superseded: Vec<i64>,
    held: u32,
    tabs: [Tab; 2],
    stolen: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Tick,
    Ask(usize),
    Serve(usize),
    Deliver(usize),
    /// The answer is lost, and the tab asks again.
    LoseAnswer(usize),
    /// The power fails: the last rotation was acknowledged and is forgotten.
    LoseWrite,
    LogOut,
    Steal,
    UseStolen,
}

impl World {
    pub fn opened() -> Self {
        Self {
            events: 0,
            harm: None,
            now: 0,
            row: Row {
                current: 1,
                superseded: Vec::new(),
            },
            before: None,
            ended: None,
            superseded: Vec::new(),
            held: 1,
            tabs: [Tab::Idle; 2],
            stolen: None,
        }
    }

    pub fn possible(&self, thief: bool) -> Vec<Event> {
        let mut events = vec![Event::Tick];
        for (tab, state) in self.tabs.iter().enumerate() {
            match state {
                Tab::Idle if self.may_ask(1 - tab) => events.push(Event::Ask(tab)),
                Tab::Idle => {}
                Tab::Asking(_) => events.push(Event::Serve(tab)),
                Tab::Answered { .. } => {
                    events.extend([Event::Deliver(tab), Event::LoseAnswer(tab)]);
                }
            }
        }
        if self.before.is_some() {
            events.push(Event::LoseWrite);
        }
        if self.ended.is_none() && thief {
            events.push(Event::LogOut);
        }
        if thief {
            events.push(self.stolen.map_or(Event::Steal, |_| Event::UseStolen));
        }
        events
    }

    /// A tab that sees another one at work refreshes with the same token or not at all (docs/refresh-simulation.md).
    fn may_ask(&self, other: usize) -> bool {
        match self.tabs[other] {
            Tab::Idle => true,
            Tab::Asking(token) | Tab::Answered { asked: token, .. } => token == self.held,
        }
    }

    pub fn after(&self, event: Event, mutation: Mutation) -> Self {
        let mut world = self.clone();
        world.events += 1;
        match event {
            Event::Tick => world.now += 1,
            Event::Ask(tab) => world.tabs[tab] = Tab::Asking(self.held),
            Event::Serve(tab) => world.serve(tab, mutation),
            Event::Deliver(tab) => {
                if let Tab::Answered { got, .. } = world.tabs[tab] {
                    world.held = got;
                }
                world.tabs[tab] = Tab::Idle;
            }
            Event::LoseAnswer(tab) => {
                if let Tab::Answered { asked, .. } = world.tabs[tab] {
                    world.tabs[tab] = Tab::Asking(asked);
                }
            }
            Event::LoseWrite => {
                world.row = world.before.take().unwrap_or(self.row.clone());
                // What was superseded by the forgotten rotation is not, until it is made again.
                let kept = usize::try_from(world.row.current - 1).expect("a small token");
                world.superseded.truncate(kept);
            }
            Event::LogOut => world.ended = Some(EndReason::Logout),
            Event::Steal => world.stolen = Some(self.held),
            Event::UseStolen => {
                if let Some(token) = self.stolen {
                    world.stolen = world.present(token, mutation).or(Some(token));
                }
            }
        }
        world
    }

    fn serve(&mut self, tab: usize, mutation: Mutation) {
        let Tab::Asking(asked) = self.tabs[tab] else {
            return;
        };
        // After the end everybody is refused; the harm, if any, was done by what ended it.
        let excused = self.is_late(asked) || self.is_over() || self.is_stolen();
        self.tabs[tab] = match self.present(asked, mutation) {
            Some(got) => Tab::Answered { asked, got },
            None => {
                if !excused {
                    self.harm = Some(Harm::LoggedOut);
                }
                Tab::Idle
            }
        };
    }

    /// Whether a token was superseded longer than the grace time ago, by what really happened.
    fn is_late(&self, token: u32) -> bool {
        let index = usize::try_from(token - 1).expect("a small token");
        let since = self.superseded.get(index).copied().unwrap_or(self.now);
        (self.now - since) * TICK.as_millis() > GRACE.as_millis()
    }

    /// What the server answers; the row and the harm are the consequences.
    fn present(&mut self, token: u32, mutation: Mutation) -> Option<u32> {
        let was_over = self.ended.is_some();
        let late = self.is_late(token) && token < self.row.current;
        let answer = self.decide(token, mutation);
        match answer {
            Some(_) if was_over => self.harm = Some(Harm::Revived),
            Some(_) if late => self.harm = Some(Harm::ReuseTolerated),
            Some(got) => {
                let made = usize::try_from(got - 1).expect("a small token");
                while self.superseded.len() < made {
                    self.superseded.push(self.now);
                }
            }
            None => {}
        }
        answer
    }

    fn decide(&mut self, token: u32, mutation: Mutation) -> Option<u32> {
        let mut standing = standing::opened(IDLE).expect("a session");

        standing.session.family = Family {
            current: self.row.current,
            superseded: self.row.superseded.iter().map(|tick| time(*tick)).collect(),
            ..standing.session.family
        };
        standing.session.ended = self.ended.map(|reason| Ended {
            at: time(0),
            reason,
        });
        if mutation == Mutation::EndForgotten {
            standing.session.ended = None;
        }
        let grace = if mutation == Mutation::Strict {
            Period::ZERO
        } else {
            GRACE
        };
        let rules = RefreshRules {
            grace,
            idle: IDLE,
            anomaly: AnomalyRules::OFF,
        };
        let presented = standing::presented(standing.session.id, token, &standing::server_key());

        match decide(&standing, &presented, &rules, time(self.now)) {
            Decision::Recover(_) if mutation == Mutation::NoRecovery => return None,
            Decision::Rotate(family) | Decision::Keep(family) | Decision::Recover(family) => {
                self.keep(&family);
            }
            Decision::Repeat if mutation == Mutation::Branches => {
                self.keep(&Family {
                    current: self.row.current + 1,
                    ..standing.session.family
                });
            }
            Decision::Repeat => {}
            Decision::Reuse if mutation == Mutation::NeverReuse => {}
            Decision::Reuse => {
                let (ended, _) = end_for_reuse(&standing, &presented, time(self.now));
                self.ended = Some(ended.reason);
                return None;
            }
            Decision::Refuse(_) | Decision::StepUp(_) | Decision::EndAsAnomalous(_) => return None,
        }
        Some(self.row.current)
    }

    fn keep(&mut self, family: &Family) {
        let row = Row {
            current: family.current,
            superseded: family.superseded.iter().map(|at| tick_of(*at)).collect(),
        };
        self.before = Some(std::mem::replace(&mut self.row, row));
    }
}

/// What the properties ask.
impl World {
    pub fn is_stolen(&self) -> bool {
        self.stolen.is_some()
    }

    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    pub fn is_quiet(&self) -> bool {
        self.tabs == [Tab::Idle; 2]
    }

    /// The newest token there is, even if the row has forgotten it.
    pub fn owner_is_current(&self) -> bool {
        self.held >= self.row.current
    }

    pub fn handed_out(&self) -> usize {
        self.superseded.len()
    }
}

fn time(tick: i64) -> Time {
    standing::START + Period::millis(TICK.as_millis() * tick)
}

fn tick_of(time: Time) -> i64 {
    time.since(standing::START).as_millis() / TICK.as_millis()
}
