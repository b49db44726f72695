//! What people tell about themselves. Apart from the rest of the account: a login or a refresh has no use for it.

use keywright_domain::audit::Effects;
use keywright_domain::openid::Profile;
use keywright_domain::{Time, UserId};

use crate::effects;
use crate::engine::{Columns, Engine, Tx, params};
use crate::fault::Fault;

statements! {
    READ = "SELECT id, profile FROM users WHERE id = $1";
    PUT = "UPDATE users SET profile = $2, updated_at = $3 WHERE id = $1";
}

pub(super) async fn read(engine: &Engine, id: UserId) -> Result<Option<Profile>, Fault> {
    engine.point(&READ, &params![id], read_profile).await
}

pub(super) async fn put(
    tx: &mut Tx,
    id: UserId,
    profile: &Profile,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    let stored = (*profile != Profile::default())
        .then(|| crate::catalogs::json(profile))
        .transpose()?;
    if tx.execute(&PUT, &params![id, stored, at]).await? == 0 {
        return Ok(false);
    }
    effects::record(tx, left).await?;
    Ok(true)
}

fn read_profile(row: &mut Columns<'_>) -> Result<Profile, Fault> {
    let row = row.row_of("users");
    row.bytes::<16>()?;
    Ok(row.opt_json()?.unwrap_or_default())
}
