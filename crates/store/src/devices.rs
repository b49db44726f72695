//! Device codes. To redeem one is to delete its row, which happens once.

use keywright_domain::audit::Effects;
use keywright_domain::client::ClientId;
use keywright_domain::grant::device::{
    Approval, DeviceCode, DeviceCodeId, DeviceState, Poll, UserCodeId, decide,
};
use keywright_domain::ports::{Answer, Devices, Inserted};
use keywright_domain::session::Session;
use keywright_domain::{Period, Time};

use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{Store, effects, logins, sessions};

macro_rules! device_columns {
    () => {
        "id, user_code, client_id, audience, scope, openid_scope, created_at, expires_at, state, approval, poll_interval, polled_at, authorization_details"
    };
}

statements! {
    /// A user code that has expired is free again.
    FREE = "DELETE FROM device_codes WHERE user_code = $1 AND expires_at <= $2";
    INSERT = concat!("INSERT INTO device_codes (", device_columns!(), ") \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (user_code) DO NOTHING");
    LOCK = concat!("SELECT ", device_columns!(), " FROM device_codes WHERE id = $1 {for_update}");
    WAITING = concat!("SELECT ", device_columns!(), " FROM device_codes \
                       WHERE user_code = $1 AND state = 'pending' AND expires_at > $2");
    POLLED = "UPDATE device_codes SET poll_interval = $2, polled_at = $3 WHERE id = $1";
    DECIDE = "UPDATE device_codes SET state = $2, approval = $3 WHERE id = $1 AND state = 'pending' AND expires_at > $4";
    TAKE = "DELETE FROM device_codes WHERE id = $1 AND state = 'allowed'";
}

async fn insert(tx: &mut Tx, code: &DeviceCode) -> Result<Inserted, Fault> {
    let (state, approval) = written(&code.state)?;
    let details = (!code.details.is_empty())
        .then(|| crate::catalogs::json(&code.details))
        .transpose()?;
    tx.execute(&FREE, &params![code.user_code, code.created_at])
        .await?;
    let row = params![
        code.id,
        code.user_code,
        code.client.as_str(),
        code.audience.as_str(),
        code.scope.as_str(),
        code.openid.as_str(),
        code.created_at,
        code.expires_at,
        state,
        approval,
        code.interval.as_millis(),
        code.polled_at,
        details
    ];
    Ok(match tx.execute(&INSERT, &row).await? {
        0 => Inserted::Taken,
        _ => Inserted::Yes,
    })
}

async fn poll(
    tx: &mut Tx,
    id: DeviceCodeId,
    client: &ClientId,
    now: Time,
) -> Result<Option<(DeviceCode, Poll)>, Fault> {
    let Some(code) = tx.first(&LOCK, &params![id], read_code).await? else {
        return Ok(None);
    };
    let poll = decide(&code, client, now);
    if let Poll::Wait { interval, .. } = &poll {
        let asked = params![id, interval.as_millis(), now];
        tx.execute(&POLLED, &asked).await?;
    }
    Ok(Some((code, poll)))
}

async fn decide_about(
    tx: &mut Tx,
    id: DeviceCodeId,
    state: &DeviceState,
    now: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    if let DeviceState::Allowed(approval) = state
        && !stands(tx, approval).await?
    {
        return Ok(false);
    }
    let (state, approval) = written(state)?;
    let decided = params![id, state, approval, now];
    if tx.execute(&DECIDE, &decided).await? == 0 {
        return Ok(false);
    }
    effects::record(tx, left).await?;
    Ok(true)
}

async fn redeem(
    tx: &mut Tx,
    id: DeviceCodeId,
    session: &Session,
    approval: &Approval,
    left: &Effects,
) -> Result<bool, Fault> {
    if !stands(tx, approval).await? || tx.execute(&TAKE, &params![id]).await? == 0 {
        return Ok(false);
    }
    sessions::insert(tx, session).await?;
    effects::record(tx, left).await?;
    Ok(true)
}

/// Whether account and login are what the permission was given by, which they stay until the commit.
async fn stands(tx: &mut Tx, approval: &Approval) -> Result<bool, Fault> {
    Ok(
        sessions::lock_account(tx, approval.user, approval.epoch).await?
            && logins::lock_live(tx, approval.login).await?,
    )
}

fn written(state: &DeviceState) -> Result<(&'static str, Option<String>), Fault> {
    Ok(match state {
        DeviceState::Pending => ("pending", None),
        DeviceState::Denied => ("denied", None),
        DeviceState::Allowed(approval) => ("allowed", Some(crate::catalogs::json(approval)?)),
    })
}

fn read_code(row: &mut Columns<'_>) -> Result<DeviceCode, Fault> {
    let row = row.row_of("device_codes");
    Ok(DeviceCode {
        id: DeviceCodeId(row.bytes()?),
        user_code: UserCodeId(row.bytes()?),
        client: row.parse()?,
        audience: row.parse()?,
        scope: row.parse()?,
        openid: row.parse()?,
        created_at: row.time()?,
        expires_at: row.time()?,
        state: read_state(row)?,
        interval: Period::millis(row.int()?),
        polled_at: row.opt_time()?,
        details: row.opt_json()?.unwrap_or_default(),
    })
}

fn read_state(row: &mut Columns<'_>) -> Result<DeviceState, Fault> {
    let (state, approval) = (row.text()?, row.opt_json()?);
    match (state, approval) {
        ("pending", None) => Ok(DeviceState::Pending),
        ("denied", None) => Ok(DeviceState::Denied),
        ("allowed", Some(approval)) => Ok(DeviceState::Allowed(approval)),
        _ => Err(row.corrupt()),
    }
}

impl Devices for Store {
    fn insert_device_code<'a>(&'a self, code: &'a DeviceCode) -> Answer<'a, Inserted> {
        self.write(code.clone(), |code, tx| Box::pin(insert(tx, code)))
    }

    fn poll_device<'a>(
        &'a self,
        id: DeviceCodeId,
        client: &'a ClientId,
        now: Time,
    ) -> Answer<'a, Option<(DeviceCode, Poll)>> {
        self.write((id, client.clone(), now), |(id, client, now), tx| {
            Box::pin(poll(tx, *id, client, *now))
        })
    }

    fn waiting_device(&self, code: UserCodeId, now: Time) -> Answer<'_, Option<DeviceCode>> {
        Box::pin(async move {
            let waiting = params![code, now];
            Ok(self.engine.point(&WAITING, &waiting, read_code).await?)
        })
    }

    fn decide_device<'a>(
        &'a self,
        id: DeviceCodeId,
        state: &'a DeviceState,
        now: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (id, state.clone(), now, effects.clone()),
            |(id, state, now, effects), tx| Box::pin(decide_about(tx, *id, state, *now, effects)),
        )
    }

    fn redeem_device<'a>(
        &'a self,
        id: DeviceCodeId,
        session: &'a Session,
        approval: &'a Approval,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (id, session.clone(), approval.clone(), effects.clone()),
            |(id, session, approval, effects), tx| {
                Box::pin(redeem(tx, *id, session, approval, effects))
            },
        )
    }
}
