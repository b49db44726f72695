//! Assertions of clients that have been used.

use keywright_domain::Time;
use keywright_domain::ports::{Answer, Assertions};

use crate::Store;
use crate::engine::params;

statements! {
    USE = "INSERT INTO used_assertions (name, until) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    FORGET = "DELETE FROM used_assertions WHERE name IN \
              (SELECT name FROM used_assertions WHERE until < $1 ORDER BY until LIMIT $2)";
}

impl Assertions for Store {
    fn use_assertion(&self, name: [u8; 16], until: Time) -> Answer<'_, bool> {
        Box::pin(async move {
            let row = params![name, until].into();
            Ok(self.engine.execute(&USE, row).await? == 1)
        })
    }

    fn forget_assertions(&self, before: Time, limit: u32) -> Answer<'_, u64> {
        Box::pin(async move {
            let over = params![before, limit].into();
            Ok(self.engine.execute(&FORGET, over).await?)
        })
    }
}
