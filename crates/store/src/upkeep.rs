//! What other nodes changed, and what may be forgotten.

use std::sync::PoisonError;

use keywright_domain::Time;
use keywright_domain::ports::{Answer, Upkeep, Versions};

use crate::Store;
use crate::engine::{Columns, params};
use crate::fault::Fault;

statements! {
    VERSIONS = "SELECT (SELECT value FROM versions WHERE name = 'catalog'), (SELECT value FROM versions WHERE name = 'keys')";
    PURGE_LINKS = "DELETE FROM links WHERE id IN \
                   (SELECT id FROM links WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    PURGE_CODES = "DELETE FROM authorization_codes WHERE id IN \
                   (SELECT id FROM authorization_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    PURGE_LOGINS = "DELETE FROM logins WHERE id IN \
                    (SELECT id FROM logins WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    PURGE_LETTERS = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < $1 LIMIT $2)";
    PURGE_NOTICES = "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE created_at < $1 LIMIT $2)";
    PURGE_DEVICES = "DELETE FROM device_codes WHERE id IN \
                     (SELECT id FROM device_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    PURGE_INITIAL_ACCESSES = "DELETE FROM initial_accesses WHERE id IN \
                              (SELECT id FROM initial_accesses WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    /// The session at which a bite ends that begins behind `$1`.
    BITE = "SELECT id FROM sessions WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2";
    PURGE_SESSIONS = "DELETE FROM sessions WHERE id > $1 AND id <= $2 \
                      AND (ended_at < $3 OR idle_until < $3 OR absolute_until < $3)";
}

/// How many bites of living sessions one call passes over before it leaves the rest to the next call.
const BITES: usize = 8;

const FIRST: [u8; 16] = [0; 16];
const LAST: [u8; 16] = [0xff; 16];

impl Store {
    /// Walks over the sessions in the order of their ids, a bite at a time, and begins anew at the end. No index knows
    /// which sessions are dead, because a refresh would have to write it (`idle_until` moves each time).
    async fn purge_sessions(&self, before: Time, limit: u32) -> Result<u64, Fault> {
        for _ in 0..BITES {
            let from = *self
                .purged_up_to
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let last_of_bite = i64::from(limit.max(1)) - 1;
            let found = self
                .engine
                .point(&BITE, &params![from, last_of_bite], read_id)
                .await?;
            let to = found.unwrap_or(LAST);
            let purged = self
                .engine
                .execute(&PURGE_SESSIONS, params![from, to, before].into())
                .await?;
            let next = if found.is_some() { to } else { FIRST };
            *self
                .purged_up_to
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = next;
            if purged > 0 || found.is_none() {
                return Ok(purged);
            }
        }
        Ok(0)
    }

    async fn purge_all(&self, before: Time, limit: u32) -> Result<u64, Fault> {
        let mut purged = 0;
        for sql in [
            &PURGE_LINKS,
            &PURGE_CODES,
            &PURGE_LOGINS,
            &PURGE_LETTERS,
            &PURGE_NOTICES,
            &PURGE_DEVICES,
            &PURGE_INITIAL_ACCESSES,
        ] {
            let bite = params![before, limit].into();
            purged += self.engine.execute(sql, bite).await?;
        }
        Ok(purged + self.purge_sessions(before, limit).await?)
    }
}

fn read_id(row: &mut Columns<'_>) -> Result<[u8; 16], Fault> {
    row.row_of("sessions").bytes()
}

fn read_versions(row: &mut Columns<'_>) -> Result<Versions, Fault> {
    let row = row.row_of("versions");
    Ok(Versions {
        catalog: row.int()?,
        keys: row.int()?,
    })
}

impl Upkeep for Store {
    fn versions(&self) -> Answer<'_, Versions> {
        Box::pin(async move {
            let versions = self.engine.point(&VERSIONS, &[], read_versions).await?;
            Ok(versions.unwrap_or_default())
        })
    }

    fn purge(&self, before: Time, limit: u32) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.purge_all(before, limit).await?) })
    }
}
