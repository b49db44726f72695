use std::time::Duration;

use tokio::time::Instant;

use super::RETRY;

/// A list is asked for again no sooner and no later than this, whatever it says itself.
const WAIT_BOUNDS: (u64, u64) = (1, 24 * 3600);

/// What an issuer serves may lack what its feed has said in the last second: it signs a list once a second at most, and
/// one of its nodes may be a little behind.
const SETTLING: Duration = Duration::from_millis(1_500);

/// When a list is to be asked for, and what makes the next request cheaper.
pub(super) struct Plan {
    pub etag: Option<String>,
    /// When the last request that succeeded was made.
    asked: Option<Instant>,
    /// Never before, because the last request failed.
    retry: Instant,
    by_ttl: Instant,
    by_exp: Instant,
}

/// What is known of the feed that pushes changes of the lists.
#[derive(Clone, Copy, Default)]
pub(super) struct FeedView {
    /// Changes arrive.
    pub live: bool,
    /// When changes may have been missed last; `None` without a feed.
    pub gap: Option<Instant>,
}

impl FeedView {
    /// A list that was asked for at that time, and the changes pushed since, lack nothing.
    pub fn is_settled_at(&self, asked: Instant) -> bool {
        self.gap.is_some_and(|gap| asked >= gap + SETTLING)
    }
}

impl Default for Plan {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            etag: None,
            asked: None,
            retry: now,
            by_ttl: now,
            by_exp: now,
        }
    }
}

impl Plan {
    pub fn due(&self, feed: &FeedView) -> Instant {
        let wanted = match (self.asked, feed.gap) {
            (None, _) => self.retry,
            (Some(asked), Some(gap)) if asked < gap => gap,
            (Some(asked), Some(gap)) if !feed.is_settled_at(asked) => gap + SETTLING,
            // While changes are pushed, only the end of the list itself makes another one necessary.
            (Some(_), _) if feed.live => self.by_exp,
            (Some(_), _) => self.by_ttl,
        };
        wanted.max(self.retry)
    }

    /// The list came; it is to be renewed after so many seconds, and is good for `lifetime` seconds.
    pub fn succeeded(&mut self, asked: Instant, ttl: u64, lifetime: Option<u64>) {
        let (least, most) = WAIT_BOUNDS;
        // Ahead of the end, so that verification never waits for it.
        let ahead = |seconds: u64| Duration::from_secs(seconds.clamp(least, most)) * 4 / 5;
        let now = Instant::now();
        self.asked = Some(asked);
        self.retry = now;
        self.by_ttl = now + ahead(ttl);
        self.by_exp = now + ahead(lifetime.unwrap_or(ttl).max(ttl));
    }

    /// The list did not come, for the so-many-th time in a row.
    pub fn failed(&mut self, failures: u32) {
        let wait = RETRY.0 * 2_u32.saturating_pow(failures.saturating_sub(1));
        self.retry = Instant::now() + wait.min(RETRY.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_list_is_asked_for_by_its_ttl_or_with_a_feed_by_its_end() {
        let (start, mut plan) = (Instant::now(), Plan::default());
        let seconds = |seconds| start + Duration::from_secs(seconds);
        plan.succeeded(start, 100, Some(1_000));
        assert_eq!(plan.due(&FeedView::default()), seconds(80));
        let mut feed = FeedView {
            live: true,
            gap: Some(start - SETTLING),
        };
        assert_eq!(plan.due(&feed), seconds(800));
        feed.live = false;
        assert_eq!(plan.due(&feed), seconds(80));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_gap_a_list_is_asked_for_at_once_and_when_the_issuer_has_settled() {
        let (start, mut plan) = (Instant::now(), Plan::default());
        plan.succeeded(start, 100, Some(1_000));
        let gap = start + Duration::from_millis(10);
        let feed = FeedView {
            live: true,
            gap: Some(gap),
        };
        assert_eq!(plan.due(&feed), gap);
        plan.succeeded(gap, 100, Some(1_000));
        assert_eq!(plan.due(&feed), gap + SETTLING);
        assert!(!feed.is_settled_at(gap) && feed.is_settled_at(gap + SETTLING));
        plan.succeeded(gap + SETTLING, 100, Some(1_000));
        assert_eq!(plan.due(&feed), start + Duration::from_secs(800));
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_does_not_come_is_asked_for_in_growing_steps_whatever_the_feed_says() {
        let (start, mut plan) = (Instant::now(), Plan::default());
        let feed = FeedView {
            live: true,
            gap: Some(start),
        };
        let waits = [1, 2, 3, 10].map(|failures| {
            plan.failed(failures);
            (plan.due(&feed) - start).as_secs()
        });
        assert_eq!(waits, [1, 2, 4, 60]);
    }
}
