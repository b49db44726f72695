//! What a device is answered that asks whether it may come in (RFC 8628 §3.5).

use crate::client::ClientId;
use crate::grant::device::{Approval, DeviceCode, DeviceState};
use crate::{Period, Time};

/// By so much the interval grows with each question that comes too early.
const SLOWER: Period = Period::secs(5);
/// Two questions an interval apart may arrive a little nearer to each other.
const JITTER: Period = Period::secs(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poll {
    /// Ask again, at this interval.
    Wait {
        interval: Period,
        refused: PollRefused,
    },
    Refused(PollRefused),
    Open(Approval),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PollRefused {
    #[error("nobody has decided yet")]
    Pending,
    #[error("the device asks too often")]
    SlowDown,
    #[error("the user has denied it")]
    Denied,
    #[error("nobody has decided in time")]
    Expired,
    /// Unknown, of another client, used already, or let in by an account that is not what it was.
    #[error("there is no such device code")]
    Unknown,
}

/// Pure: the store calls it on what it read, inside the write.
pub fn decide(code: &DeviceCode, client: &ClientId, now: Time) -> Poll {
    if code.client != *client {
        return Poll::Refused(PollRefused::Unknown);
    }
    if now >= code.expires_at {
        return Poll::Refused(PollRefused::Expired);
    }
    match &code.state {
        DeviceState::Allowed(approval) => Poll::Open(approval.clone()),
        DeviceState::Denied => Poll::Refused(PollRefused::Denied),
        DeviceState::Pending => {
            let too_early = |at: Time| at + code.interval > now + JITTER;
            if code.polled_at.is_some_and(too_early) {
                Poll::Wait {
                    interval: code.interval + SLOWER,
                    refused: PollRefused::SlowDown,
                }
            } else {
                Poll::Wait {
                    interval: code.interval,
                    refused: PollRefused::Pending,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::device::{DeviceCodeId, UserCodeId};
    use crate::{LoginId, UserId};

    const BEGAN: Time = Time::from_secs(1_000_000);

    fn approval() -> Approval {
        Approval {
            user: UserId::from_bytes([1; 16]),
            epoch: 1,
            login: LoginId::from_bytes([2; 16]),
            authenticated_at: BEGAN,
            amr: vec!["pwd".to_owned()],
        }
    }

    #[test]
    fn every_state_has_its_answer() {
        use DeviceState::{Allowed, Denied, Pending};
        let (own, other) = ("tv", "radio");
        let refused = Poll::Refused;
        let wait = |interval, refused| Poll::Wait {
            interval: Period::secs(interval),
            refused,
        };
        // Client, state, the last question and this one in seconds after the beginning.
        for (client, state, polled, now, expected) in [
            (own, Pending, None, 1, wait(5, PollRefused::Pending)),
            (own, Pending, Some(1), 6, wait(5, PollRefused::Pending)),
            (own, Pending, Some(1), 5, wait(5, PollRefused::Pending)),
            (own, Pending, Some(1), 4, wait(10, PollRefused::SlowDown)),
            (own, Pending, Some(1), 1, wait(10, PollRefused::SlowDown)),
            (own, Pending, None, 600, refused(PollRefused::Expired)),
            (own, Denied, Some(1), 1, refused(PollRefused::Denied)),
            (own, Denied, None, 600, refused(PollRefused::Expired)),
            (own, Allowed(approval()), Some(1), 1, Poll::Open(approval())),
            (
                own,
                Allowed(approval()),
                None,
                600,
                refused(PollRefused::Expired),
            ),
            (other, Pending, None, 1, refused(PollRefused::Unknown)),
            (
                other,
                Allowed(approval()),
                None,
                1,
                refused(PollRefused::Unknown),
            ),
            (other, Pending, None, 600, refused(PollRefused::Unknown)),
        ] {
            let after = |secs| BEGAN + Period::secs(secs);
            let code = DeviceCode {
                id: DeviceCodeId([7; 16]),
                user_code: UserCodeId([8; 16]),
                client: "tv".parse().unwrap(),
                audience: "orders".parse().unwrap(),
                scope: "read".parse().unwrap(),
                openid: Default::default(),
                details: Default::default(),
                created_at: BEGAN,
                expires_at: after(600),
                state: state.clone(),
                interval: Period::secs(5),
                polled_at: polled.map(after),
            };
            let answer = decide(&code, &client.parse().unwrap(), after(now));
            assert_eq!(answer, expected, "{client} {state:?} {polled:?} {now}");
        }
    }
}
