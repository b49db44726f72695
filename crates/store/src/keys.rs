//! Signing keys and server keys, sealed.

use keywright_domain::audit::Effects;
use keywright_domain::keys::{Jwk, KeyRecord, KeyState, RingId, ServerKey, ServerKeyPurpose};
use keywright_domain::ports::{Answer, Keys, KeysRead};
use keywright_domain::secret::Sealed;

use crate::catalogs::json;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{Store, effects};

statements! {
    VERSION = "SELECT value FROM versions WHERE name = 'keys'";
    /// Those that are over are shown for a while: the 64 that ended last.
    ALL = "SELECT kid, algorithm, audience, public, sealed, state, created_at, published_at, activated_at, \
           verifies_until, ended_at FROM signing_keys \
           WHERE ended_at IS NULL OR kid IN \
           (SELECT kid FROM signing_keys WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, kid LIMIT 64) \
           ORDER BY created_at, kid";
    /// The guard, and the lock: of two who planned on the same version one gets through.
    RAISE = "UPDATE versions SET value = value + 1 WHERE name = 'keys' AND value = $1";
    PUT = "INSERT INTO signing_keys (kid, algorithm, audience, public, sealed, state, created_at, published_at, \
           activated_at, verifies_until, ended_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
           ON CONFLICT (kid) DO UPDATE SET algorithm = excluded.algorithm, audience = excluded.audience, \
           public = excluded.public, sealed = excluded.sealed, state = excluded.state, \
           created_at = excluded.created_at, published_at = excluded.published_at, \
           activated_at = excluded.activated_at, verifies_until = excluded.verifies_until, ended_at = excluded.ended_at";
    SERVER_KEYS = "SELECT purpose, version, sealed, created_at FROM server_keys ORDER BY purpose, version";
    ADD_SERVER_KEY = "INSERT INTO server_keys (purpose, version, sealed, created_at) VALUES ($1, $2, $3, $4) \
                      ON CONFLICT (purpose, version) DO NOTHING";
    RESEAL_SERVER_KEY = "UPDATE server_keys SET sealed = $1 WHERE purpose = $2 AND version = $3 AND sealed = $4";
}

fn read_key(row: &mut Columns<'_>) -> Result<KeyRecord, Fault> {
    let row = row.row_of("signing_keys");
    Ok(KeyRecord {
        kid: row.text()?.to_owned(),
        ring: RingId {
            algorithm: row.parse()?,
            audience: row.opt_parse()?,
        },
        public: read_public(row)?,
        sealed: Sealed::from_bytes(row.blob()?.to_vec()),
        state: row.one_of(&KeyState::ALL, KeyState::as_str)?,
        created_at: row.time()?,
        published_at: row.opt_time()?,
        activated_at: row.opt_time()?,
        verifies_until: row.opt_time()?,
        ended_at: row.opt_time()?,
    })
}

fn read_public(row: &mut Columns<'_>) -> Result<Option<Jwk>, Fault> {
    let public = row.opt_text()?.map(|jwk| Jwk::parse(jwk.as_bytes()));
    public.transpose().map_err(|_| row.corrupt())
}

fn read_server_key(row: &mut Columns<'_>) -> Result<ServerKey, Fault> {
    let row = row.row_of("server_keys");
    Ok(ServerKey {
        purpose: row.one_of(&ServerKeyPurpose::ALL, ServerKeyPurpose::as_str)?,
        version: row.number()?,
        sealed: Sealed::from_bytes(row.blob()?.to_vec()),
        created_at: row.time()?,
    })
}

/// The version is never newer than the keys: at worst a plan made on them is refused and made again.
async fn read_keys(tx: &mut Tx) -> Result<KeysRead, Fault> {
    let (versions, keys) = tx
        .both(
            (&VERSION, |row| row.row_of("versions").int()),
            (&ALL, read_key),
        )
        .await?;
    Ok(KeysRead {
        version: versions.first().copied().unwrap_or_default(),
        keys,
    })
}

async fn change(
    tx: &mut Tx,
    version: i64,
    keys: &[KeyRecord],
    left: &Effects,
) -> Result<bool, Fault> {
    if tx.execute(&RAISE, &params![version]).await? == 0 {
        return Ok(false);
    }
    for key in keys {
        put(tx, key).await?;
    }
    effects::record(tx, left).await?;
    Ok(true)
}

async fn put(tx: &mut Tx, key: &KeyRecord) -> Result<(), Fault> {
    let row = params![
        key.kid.as_str(),
        key.ring.algorithm.as_str(),
        key.ring.audience.as_ref().map(|audience| audience.as_str()),
        key.public.as_ref().map(json).transpose()?,
        key.sealed.as_bytes(),
        key.state.as_str(),
        key.created_at,
        key.published_at,
        key.activated_at,
        key.verifies_until,
        key.ended_at,
    ];
    tx.execute(&PUT, &row).await.map(drop)
}

impl Keys for Store {
    fn signing_keys(&self) -> Answer<'_, KeysRead> {
        self.scan((), |(), tx| Box::pin(read_keys(tx)))
    }

    fn change_keys<'a>(
        &'a self,
        version: i64,
        changed: &'a [KeyRecord],
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (version, changed.to_vec(), effects.clone()),
            |(version, changed, effects), tx| Box::pin(change(tx, *version, changed, effects)),
        )
    }

    fn server_keys(&self) -> Answer<'_, Vec<ServerKey>> {
        self.scan((), |(), tx| {
            Box::pin(tx.all(&SERVER_KEYS, &[], read_server_key))
        })
    }

    fn add_server_key<'a>(&'a self, key: &'a ServerKey) -> Answer<'a, ()> {
        Box::pin(async move {
            let version = i64::from(key.version);
            let sealed = key.sealed.as_bytes().to_vec();
            let row = params![key.purpose.as_str(), version, sealed, key.created_at];
            self.engine.execute(&ADD_SERVER_KEY, row.into()).await?;
            Ok(())
        })
    }

    fn reseal_server_key<'a>(&'a self, key: &'a ServerKey, sealed: &'a Sealed) -> Answer<'a, ()> {
        Box::pin(async move {
            let (purpose, version) = (key.purpose.as_str(), i64::from(key.version));
            let (new, old) = (sealed.as_bytes().to_vec(), key.sealed.as_bytes().to_vec());
            let row = params![new, purpose, version, old];
            self.engine.execute(&RESEAL_SERVER_KEY, row.into()).await?;
            Ok(())
        })
    }
}
