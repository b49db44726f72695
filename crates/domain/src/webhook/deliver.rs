//! Telling what is due, and trying again.

use crate::ports::Message;
use crate::webhook::{Addressee, Notice};
use crate::{Issuer, Period, Time, Unavailable};

/// Waits after the first attempts; from then on the last one.
const WAITS: [Period; 6] = [
    Period::secs(5),
    Period::secs(30),
    Period::minutes(2),
    Period::minutes(10),
    Period::hours(1),
    Period::hours(3),
];
/// Older than this, a notice is no news: it is given up, and the audit log has it.
const TRIED_FOR: Period = Period::days(1);
/// Longer than an attempt can take. A node that died on it keeps a notice from the others for this long.
const IN_FLIGHT: Period = Period::minutes(1);
/// Of a client that ends ten thousand sessions at once, what is under way together.
const BATCH: u32 = 64;

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    Told,
    Again { at: Time, why: Unavailable },
    GivenUp(Unavailable),
}

impl Issuer {
    /// Notices to tell now, hidden from other nodes while they are. What is not settled by [`Issuer::deliver`] comes again.
    pub async fn notices_due(&self) -> Result<Vec<Notice>, Unavailable> {
        let (now, webhook) = (self.now(), self.policy().webhook);
        let store = &self.outside.store;
        store
            .due_notices(now, now + IN_FLIGHT, BATCH, webhook)
            .await
    }

    /// How many notices wait for clients, at all nodes together.
    pub async fn farewells_waiting(&self) -> Result<u64, Unavailable> {
        self.outside.store.count_farewells().await
    }

    /// One attempt, and what follows from it.
    pub async fn deliver(&self, notice: &Notice) -> Result<Delivery, Unavailable> {
        let answer = match &notice.to {
            Addressee::Webhook => {
                let message = Message {
                    id: notice.id.to_string(),
                    at: self.now(),
                    body: &notice.body,
                };
                self.outside.webhook.tell(&message).await
            }
            Addressee::Client(client) => self.say_farewell(client, &notice.body).await,
        };
        let store = &self.outside.store;
        let Err(why) = answer else {
            store.forget_notice(notice.id).await?;
            return Ok(Delivery::Told);
        };
        let Some(at) = next_attempt(notice, self.now()) else {
            store.forget_notice(notice.id).await?;
            return Ok(Delivery::GivenUp(why));
        };
        store.postpone_notice(notice.id, at).await?;
        if let Addressee::Client(client) = &notice.to {
            // A client that does not answer is asked once in a while, and not for each of its sessions: others wait behind it.
            let now = self.now();
            store.postpone_client(client, now, now + WAITS[0]).await?;
        }
        Ok(Delivery::Again { at, why })
    }
}

/// When a notice that was not taken at `now` is tried again.
fn next_attempt(notice: &Notice, now: Time) -> Option<Time> {
    let tried = usize::try_from(notice.attempts).unwrap_or(usize::MAX);
    let wait = WAITS[tried.saturating_sub(1).min(WAITS.len() - 1)];
    let at = now + wait;
    (at.since(notice.created_at) <= TRIED_FOR).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Hash;
    use crate::webhook::NoticeId;

    const START: Time = Time::from_secs(1_800_000_000);

    fn notice(attempts: u32) -> Notice {
        Notice {
            id: NoticeId::of(Hash::ZERO),
            to: Addressee::Webhook,
            body: "{}".to_owned(),
            created_at: START,
            attempts,
        }
    }

    #[test]
    fn waits_grow_until_a_day_is_over() {
        let (mut now, mut waits) = (START, Vec::new());
        for attempts in 1.. {
            let Some(at) = next_attempt(&notice(attempts), now) else {
                break;
            };
            waits.push(at.since(now).as_secs());
            now = at;
        }
        let hours = 3 * 3600;
        assert_eq!(
            waits,
            [
                5, 30, 120, 600, 3600, hours, hours, hours, hours, hours, hours, hours
            ]
        );
        assert!(now.since(START) <= TRIED_FOR);
    }

    #[test]
    fn a_notice_that_nobody_could_try_for_a_day_is_tried_once() {
        let late = START + Period::days(2);
        assert_eq!(next_attempt(&notice(1), late), None);
    }
}
