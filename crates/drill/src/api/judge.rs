//! Whether a service took a token. It is judged by comparison: what it answers to the good token, and to none.

use std::ops::RangeInclusive;

use super::target::{Place, Presented, Target};
use crate::CannotRun;
use crate::web::{self, NoReply, Reply};

const SUCCESS: RangeInclusive<u16> = 200..=299;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    Refused,
    /// 5xx: refused by accident.
    Faulted,
    /// No answer in time.
    Silent,
}

#[derive(Clone, Debug)]
pub enum Judge {
    /// What counts as accepted.
    Status {
        good: u16,
        range: RangeInclusive<u16>,
    },
    /// The service has one status for everything, so the bodies decide.
    Body(Vec<u8>),
    /// It is asked what tokens are worth, and says whether they are active (RFC 7662 §2.2).
    Active,
}

impl Judge {
    /// The good token must be taken and a missing one refused; else nothing that follows would mean anything. `None`: the
    /// resource is open to everybody.
    pub async fn at(
        target: &Target,
        token: &str,
        accepted: Option<RangeInclusive<u16>>,
    ) -> Result<Option<Self>, CannotRun> {
        let good = answered(target, &Presented::Bearer(token.as_bytes().to_vec())).await?;
        if matches!(target.place, Place::Introspection { .. }) {
            let is_active = good.json()["active"] == true;
            let refused = || {
                baseline(format!(
                    "introspection does not know the good token: {}",
                    good.told()
                ))
            };
            return is_active.then_some(Some(Self::Active)).ok_or_else(refused);
        }
        let none = answered(target, &Presented::Nothing).await?;
        let is_taken = match &accepted {
            Some(range) => range.contains(&good.status),
            None => !matches!(good.status, 400 | 401 | 403) && good.status < 500,
        };
        if !is_taken {
            return Err(baseline(format!(
                "the good token is refused: {}. Is it for this audience, and does the service trust this issuer?",
                good.told()
            )));
        }
        if good.status != none.status {
            return Ok(Some(Self::Status {
                good: good.status,
                range: accepted.unwrap_or(SUCCESS),
            }));
        }
        if good.body == none.body && good.is_success() {
            return Ok(None);
        }
        if good.body == none.body {
            return Err(baseline(format!(
                "the service answers {} with the good token and without any: give a resource that is there",
                good.status
            )));
        }
        let again = answered(target, &Presented::Bearer(token.as_bytes().to_vec())).await?;
        if again.body != good.body {
            return Err(baseline(
                "one status for everything and a body that changes each time: give a resource that refuses by its status"
                    .to_owned(),
            ));
        }
        Ok(Some(Self::Body(good.body)))
    }

    pub fn verdict(&self, answer: &Result<Reply, NoReply>) -> Verdict {
        let reply = match answer {
            Ok(reply) => reply,
            Err(silence) if silence.timed_out => return Verdict::Silent,
            // A cut connection is a rude refusal, and a usual one of what is too large.
            Err(_) => return Verdict::Refused,
        };
        let is_accepted = match self {
            Self::Status { good, range } => {
                reply.status == *good
                    || range.contains(&reply.status)
                    || SUCCESS.contains(&reply.status)
            }
            Self::Body(good) => reply.body == *good,
            Self::Active => reply.json()["active"] == true,
        };
        match reply.status {
            _ if is_accepted => Verdict::Accepted,
            500.. => Verdict::Faulted,
            _ => Verdict::Refused,
        }
    }
}

fn baseline(why: String) -> CannotRun {
    CannotRun::Baseline(why)
}

async fn answered(target: &Target, presented: &Presented) -> Result<Reply, CannotRun> {
    let answer = target.present(presented).await;
    answer.map_err(|silence| CannotRun::unreachable(target.url.as_str(), web::told(&Err(silence))))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn reply(status: u16) -> Result<Reply, NoReply> {
        Ok(Reply {
            status,
            headers: HeaderMap::new(),
            body: b"{}".to_vec(),
        })
    }

    #[test]
    fn a_service_is_judged_by_what_it_does_with_the_good_token() {
        let judge = Judge::Status {
            good: 404,
            range: 200..=299,
        };
        for (status, verdict) in [
            (404, Verdict::Accepted),
            (204, Verdict::Accepted),
            (302, Verdict::Refused),
            (401, Verdict::Refused),
            (500, Verdict::Faulted),
        ] {
            assert_eq!(judge.verdict(&reply(status)), verdict, "{status}");
        }
    }

    #[test]
    fn where_one_status_serves_for_everything_the_body_decides() {
        assert_eq!(
            Judge::Body(b"{}".to_vec()).verdict(&reply(200)),
            Verdict::Accepted
        );
        assert_eq!(
            Judge::Body(b"[]".to_vec()).verdict(&reply(200)),
            Verdict::Refused
        );
    }

    #[test]
    fn what_introspection_says_decides_and_not_its_status() {
        let says = |body: &str| {
            let reply = reply(200).map(|reply| Reply {
                body: body.into(),
                ..reply
            });
            Judge::Active.verdict(&reply)
        };
        assert_eq!(says(r#"{"active":true,"sub":"ann"}"#), Verdict::Accepted);
        assert_eq!(says(r#"{"active":false}"#), Verdict::Refused);
        assert_eq!(says(r#"{"active":"true"}"#), Verdict::Refused);
        assert_eq!(Judge::Active.verdict(&reply(503)), Verdict::Faulted);
    }

    #[test]
    fn silence_is_no_refusal_and_a_cut_connection_is_one() {
        let judge = Judge::Body(Vec::new());
        let silent = |timed_out| {
            Err(NoReply {
                timed_out,
                why: String::new(),
            })
        };
        assert_eq!(judge.verdict(&silent(true)), Verdict::Silent);
        assert_eq!(judge.verdict(&silent(false)), Verdict::Refused);
    }
}
