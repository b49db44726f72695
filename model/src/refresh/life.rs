//! One session, event by event: an owner whose refreshes meet mishaps, a server under a rule, and perhaps a thief.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use anyhow::Result;
use keywright_domain::{Period, Time};

use super::owner::Owner;
use super::random::Random;
use super::rule::{Answer, Rule, Token};
use super::scenario::{Mishaps, Scenario};
use super::theft::Theft;
use crate::standing::START;

/// Refreshes of an honest session.
const ROUNDS: u32 = 24;
/// A thief who can refresh after so many refreshes of the owner since the thief's first use was missed.
pub const PATIENCE: u32 = 12;
/// The same where the owner is gone.
pub const PATIENCE_ALONE: Period = Period::hours(24);
/// No store that takes over is further behind than this.
const HORIZON: Period = Period::secs(10);

/// What happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The owner's access token expires.
    Due,
    /// A tab begins to refresh (attempt 0), or sends again what was not answered.
    Send {
        tab: usize,
        attempt: u8,
    },
    /// The owner's request reaches the server; `answered` is whether the response will reach the tab.
    Arrive {
        tab: usize,
        token: Token,
        answered: bool,
    },
    Response {
        tab: usize,
        token: Token,
    },
    /// The owner is told that the session is over.
    Refusal,
    /// The store is again as it was this long ago.
    Forget(Period),
    /// The thief copies what the owner holds.
    Steal,
    /// The thief presents what they hold.
    Use,
    /// Who is not caught by now is missed.
    Judge,
}

/// What came of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The owner lost the session although nobody else had presented a token of it.
    pub logged_out: bool,
    /// `None` if no stolen token was ever presented.
    pub theft: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The session was ended this long after the thief's first use.
    Detected(Period),
    /// The session stands, but what the thief holds is worth nothing any more.
    Harmless,
    /// The thief can still refresh.
    Missed,
}

pub struct Life<'s, R: Rule> {
    pub(super) mishaps: &'s Mishaps,
    pub(super) random: Random,
    pub(super) now: Time,
    pub(super) owner: Owner,
    pub(super) theft: Option<Theft>,
    rule: R,
    events: BinaryHeap<Reverse<(Time, u32, Moment)>>,
    scheduled: u32,
    /// The store's states of the last seconds, each with the moment at which it was replaced.
    past: VecDeque<(Time, R::Row)>,
    outcome: Outcome,
    over: bool,
}

/// Lives one session of a scenario to its end.
pub fn live<R: Rule>(scenario: &Scenario, seed: u64, number: u64) -> Result<Outcome> {
    let rule = R::open()?;
    let mut random = Random::new(seed, number);
    let mut life = Life {
        mishaps: &scenario.mishaps,
        owner: Owner::new(rule.first_token(), &scenario.mishaps, &mut random),
        theft: scenario.thief.map(|thief| Theft::plan(thief, &mut random)),
        random,
        now: START,
        rule,
        events: BinaryHeap::new(),
        scheduled: 0,
        past: VecDeque::new(),
        outcome: Outcome::default(),
        over: false,
    };
    life.await_next_refresh();
    while !life.over
        && let Some(Reverse((at, _, moment))) = life.events.pop()
    {
        life.now = at;
        life.happen(moment);
    }
    Ok(life.outcome)
}

impl<R: Rule> Life<'_, R> {
    pub(super) fn after(&mut self, delay: Period, moment: Moment) {
        self.scheduled += 1;
        self.events
            .push(Reverse((self.now + delay, self.scheduled, moment)));
    }

    fn happen(&mut self, moment: Moment) {
        match moment {
            Moment::Due => self.begin_refresh(),
            Moment::Send { tab, attempt } => self.send(tab, attempt),
            Moment::Arrive {
                tab,
                token,
                answered,
            } => self.serve_owner(tab, token, answered),
            Moment::Response { tab, token } => self.receive(tab, token),
            Moment::Refusal => self.lose_session(),
            Moment::Forget(lag) => self.forget(lag),
            Moment::Steal => self.steal(),
            Moment::Use => self.use_stolen(),
            Moment::Judge => self.judge(),
        }
    }

    /// One presentation to the server, whoever makes it.
    pub(super) fn present(&mut self, token: Token) -> Answer {
        // The nodes of a deployment judge each other's times by their own clocks.
        let off = if self.mishaps.skew {
            self.random.between(-1000, 1000)
        } else {
            0
        };
        let node_time = Time::from_millis(self.now.millis() + off);
        if self.mishaps.power_loss + self.mishaps.failover > 0 {
            self.past.push_back((self.now, self.rule.row()));
            let kept = self.now - HORIZON;
            while self.past.front().is_some_and(|(until, _)| *until < kept) {
                self.past.pop_front();
            }
        }
        let answer = self.rule.present(token, node_time);
        if self.rule.has_ended()
            && let Some(first_use) = self.theft.as_ref().and_then(|theft| theft.first_use)
        {
            self.end(Verdict::Detected(self.now.since(first_use)));
        }
        answer
    }

    fn forget(&mut self, lag: Period) {
        let then = self.now - lag;
        if let Some(at) = self.past.iter().position(|(until, _)| *until > then)
            && let Some((_, row)) = self.past.drain(at..).next()
        {
            self.rule.restore(row);
        }
    }

    fn lose_session(&mut self) {
        if self
            .theft
            .as_ref()
            .is_some_and(|theft| theft.first_use.is_some())
        {
            self.owner.leave();
            return;
        }
        self.outcome.logged_out = true;
        self.over = true;
    }

    /// The owner has refreshed once more.
    pub(super) fn count_round(&mut self) {
        self.owner.rounds += 1;
        match &mut self.theft {
            None => self.over = self.owner.rounds >= ROUNDS,
            Some(theft) if theft.first_use.is_some() => {
                theft.rounds_since += 1;
                if theft.rounds_since >= PATIENCE {
                    self.judge();
                }
            }
            Some(_) => {}
        }
    }

    fn judge(&mut self) {
        let Some(held) = self.theft.as_ref().and_then(|theft| theft.held) else {
            return self.end(Verdict::Harmless);
        };
        let alive = matches!(self.rule.present(held, self.now), Answer::Token(_));
        self.end(if alive {
            Verdict::Missed
        } else {
            Verdict::Harmless
        });
    }

    fn end(&mut self, verdict: Verdict) {
        self.outcome.theft = Some(verdict);
        self.over = true;
    }
}
