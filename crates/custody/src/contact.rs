//! Whether a vault that may have gone is worth asking now. While it is away, one caller a second finds out whether it is back; the others are
//! refused at once, instead of waiting one after the other.

use std::time::{Duration, Instant};

/// Between two tries to find a vault again; and how long its last answer counts as news.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

pub(crate) enum Contact {
    Answered(Instant),
    Silent { until: Instant, why: String },
}

impl Contact {
    /// Refuses with the reason why it is away. Whoever is let through meanwhile is the one who finds out.
    pub fn admit(&mut self, now: Instant) -> Result<(), String> {
        match self {
            Self::Silent { until, why } if now < *until => Err(why.clone()),
            Self::Silent { until, .. } => {
                *until = now + PAUSE;
                Ok(())
            }
            Self::Answered(_) => Ok(()),
        }
    }

    /// Whether it answered a moment ago.
    pub fn is_news(&self, now: Instant) -> bool {
        matches!(self, Self::Answered(at) if now.duration_since(*at) <= PAUSE)
    }

    pub fn silent(why: String, now: Instant) -> Self {
        let until = now + PAUSE;
        Self::Silent { until, why }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a vault has been silent is real time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_it_is_away_one_caller_a_second_is_let_through() {
        let start = now();
        let mut contact = Contact::silent("gone".to_owned(), start);
        let after = |tenths: u32| start + PAUSE / 10 * tenths;
        let admitted: Vec<_> = (0..=25)
            .filter(|tenths| contact.admit(after(*tenths)).is_ok())
            .collect();
        assert_eq!(admitted, [10, 20]);
        assert_eq!(contact.admit(after(26)), Err("gone".to_owned()));
        contact = Contact::Answered(after(27));
        assert!((27..29).all(|tenths| contact.admit(after(tenths)).is_ok()));
    }

    #[test]
    fn an_answer_is_news_for_a_second() {
        let start = now();
        let contact = Contact::Answered(start + PAUSE);
        assert!(contact.is_news(start + PAUSE * 2));
        assert!(!contact.is_news(start + PAUSE * 2 + Duration::from_millis(1)));
        assert!(!Contact::silent(String::new(), start).is_news(start));
    }
}
