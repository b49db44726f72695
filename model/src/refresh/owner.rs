//! The owner's side: tabs that share one stored refresh token, and what they do when an answer does not come.

use keywright_domain::Period;

use super::life::{Life, Moment};
use super::random::Random;
use super::rule::{Answer, Rule, Token};
use super::scenario::Mishaps;

/// An access token lives this long, so that is how often an owner refreshes.
const REFRESH_EVERY: Period = Period::minutes(5);
/// A client that has no answer by then sends again.
const TIMEOUT: Period = Period::secs(3);
/// At most so many exchanges in a row are lost: the third attempt comes through, well inside the grace time.
const LOST_IN_A_ROW: u8 = 2;
const TABS: usize = 4;

pub struct Owner {
    /// What the storage that the tabs share holds.
    pub held: Token,
    pub rounds: u32,
    pub gone: bool,
    /// How much earlier the owner's clock believes that a token expires.
    early: Period,
    /// Whether the current refresh has brought a new token already.
    renewed: bool,
    tabs: [Tab; TABS],
}

/// What a tab has under way.
#[derive(Clone, Copy, Default)]
struct Tab {
    sent: Token,
    waits: bool,
}

impl Owner {
    pub fn new(first: Token, mishaps: &Mishaps, random: &mut Random) -> Self {
        let early = if mishaps.skew {
            random.secs(0, 120)
        } else {
            Period::ZERO
        };
        Self {
            held: first,
            rounds: 0,
            gone: false,
            early,
            renewed: false,
            tabs: [Tab::default(); TABS],
        }
    }

    /// Logged out, and logged in anew elsewhere: this session sees the owner no more.
    pub fn leave(&mut self) {
        self.gone = true;
        self.tabs = [Tab::default(); TABS];
    }
}

impl<R: Rule> Life<'_, R> {
    pub(super) fn await_next_refresh(&mut self) {
        let slept = if self.random.chance(self.mishaps.sleep) {
            self.random.secs(600, 8 * 3600)
        } else {
            Period::ZERO
        };
        let noise = self.random.millis(0, 5_000);
        let wait = REFRESH_EVERY.as_millis() - self.owner.early.as_millis();
        let wait = wait + noise.as_millis() + slept.as_millis();
        self.after(Period::millis(wait), Moment::Due);
    }

    /// The usual time until the access token expires, for a thief who runs the same software.
    pub(super) fn usual_wait(&mut self) -> Period {
        let noise = self.random.millis(0, 5_000);
        Period::millis(REFRESH_EVERY.as_millis() + noise.as_millis())
    }

    pub(super) fn begin_refresh(&mut self) {
        if self.owner.gone {
            return;
        }
        self.owner.renewed = false;
        let (others, spread) = match self.mishaps {
            Mishaps {
                careless_tabs: true,
                ..
            } => (self.random.between(0, 3), 5_000),
            Mishaps { tabs: true, .. } => (self.random.between(0, 3), 1_000),
            _ => (0, 0),
        };
        self.after(Period::ZERO, Moment::Send { tab: 0, attempt: 0 });
        for tab in 1..=usize::try_from(others).unwrap_or(0) {
            let apart = self.random.millis(0, spread);
            self.after(apart, Moment::Send { tab, attempt: 0 });
        }
        self.thief_sees_refresh();
    }

    pub(super) fn send(&mut self, tab: usize, attempt: u8) {
        if attempt == 0 {
            let looks = !self.mishaps.careless_tabs;
            if self.owner.gone || (looks && self.owner.renewed) {
                return;
            }
            self.owner.tabs[tab] = Tab {
                sent: self.owner.held,
                waits: true,
            };
        } else if !self.owner.tabs[tab].waits {
            return;
        }
        let token = self.owner.tabs[tab].sent;
        let asleep = self.random.chance(self.mishaps.asleep_in_refresh);
        let lost = attempt < LOST_IN_A_ROW && self.random.chance(self.mishaps.lost);
        let request_lost = lost && self.random.chance(5_000);
        if !request_lost {
            let travels = self.delay();
            let answered = !lost && !asleep;
            self.after(
                travels,
                Moment::Arrive {
                    tab,
                    token,
                    answered,
                },
            );
        }
        let patience = if asleep {
            self.random.secs(30, 7200)
        } else {
            TIMEOUT
        };
        let attempt = attempt.saturating_add(1);
        self.after(patience, Moment::Send { tab, attempt });
    }

    /// One way through the network.
    fn delay(&mut self) -> Period {
        let most = match self.mishaps {
            Mishaps {
                careless_tabs: true,
                ..
            } => 1_250,
            _ if self.random.chance(200) => 1_000,
            _ => 200,
        };
        self.random.millis(10, most)
    }

    pub(super) fn serve_owner(&mut self, tab: usize, token: Token, answered: bool) {
        let answer = self.present(token);
        let travels = self.delay();
        match answer {
            Answer::Token(token) if answered => {
                self.after(travels, Moment::Response { tab, token });
            }
            Answer::Token(_) => {}
            Answer::Refused => self.after(travels, Moment::Refusal),
        }
        if self.random.chance(self.mishaps.power_loss) {
            self.after(Period::millis(1), Moment::Forget(Period::millis(2)));
        }
        if self.random.chance(self.mishaps.failover) {
            let (soon, lag) = (self.random.millis(1, 1_000), self.random.millis(1, 5_000));
            self.after(soon, Moment::Forget(lag));
        }
    }

    pub(super) fn receive(&mut self, tab: usize, token: Token) {
        if !std::mem::take(&mut self.owner.tabs[tab].waits) {
            return;
        }
        self.owner.held = token;
        if !std::mem::replace(&mut self.owner.renewed, true) {
            self.await_next_refresh();
            self.count_round();
        }
    }
}
