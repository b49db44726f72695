//! Seeing and counting tokens that live.

use crate::ledger::{Jti, Recorded, TokenCount, TokenFilter, TokenQuery};
use crate::ports::Page;
use crate::{Issuer, Unavailable};

/// Of one class, counting stops here, and of all at ten times that: it reads each row, and who asks has learned enough.
const COUNTED: u32 = 100_000;

impl Issuer {
    /// Living tokens, newest first.
    pub async fn tokens(
        &self,
        filter: TokenFilter,
        page: Page<Jti>,
    ) -> Result<Vec<Recorded>, Unavailable> {
        let query = TokenQuery {
            filter,
            live_at: self.now(),
            after: page.after,
            limit: page.limit,
        };
        self.outside.store.tokens(&query).await
    }

    pub async fn count_tokens(&self, filter: TokenFilter) -> Result<TokenCount, Unavailable> {
        let mut count = TokenCount::default();
        for class in self.token_counts(filter).await? {
            count += class.count;
        }
        Ok(count)
    }

    pub(super) async fn token_counts(
        &self,
        filter: TokenFilter,
    ) -> Result<Vec<super::ClassCount>, Unavailable> {
        let query = TokenQuery {
            filter,
            live_at: self.now(),
            after: None,
            limit: COUNTED,
        };
        self.outside.store.count_tokens(&query).await
    }
}
