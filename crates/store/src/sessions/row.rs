//! A session as a row.

use keywright_domain::session::{EndReason, Ended, Family, Session};
use keywright_domain::token::Binding;
use keywright_domain::{LoginId, SessionId, Time, UserId};

use crate::engine::{Columns, Value, params};
use crate::fault::Fault;
use crate::status::read_entry;

/// Reads [`session_columns!`].
pub(super) fn read_session(row: &mut Columns<'_>) -> Result<Session, Fault> {
    let row = row.row_of("sessions");
    Ok(Session {
        id: SessionId::from_bytes(row.bytes()?),
        user: UserId::from_bytes(row.bytes()?),
        client: row.parse()?,
        audience: row.parse()?,
        scope: row.parse()?,
        openid: row.opt_parse()?.unwrap_or_default(),
        claims: row.opt_json()?.unwrap_or_default(),
        details: row.opt_json()?.unwrap_or_default(),
        login: row.opt_bytes()?.map(LoginId::from_bytes),
        family: Family {
            salt: row.bytes()?,
            current: row.number()?,
            superseded: read_superseded(row)?,
            idle_until: row.time()?,
            absolute_until: row.time()?,
        },
        binding: row.opt_text()?.map(Binding::from_text),
        created_at: row.time()?,
        authenticated_at: row.time()?,
        last_used_at: row.time()?,
        ended: read_ended(row)?,
        device: row.opt_text()?.map(str::to_owned),
        address: row.opt_parse()?,
        amr: row.words()?,
        status: read_entry(row)?,
    })
}

/// The values of [`session_columns!`], in their order.
pub(super) fn values(session: &Session) -> Result<[Value<'_>; 25], Fault> {
    let claims = (!session.claims.is_empty())
        .then(|| crate::catalogs::json(&session.claims))
        .transpose()?;
    let details = (!session.details.is_empty())
        .then(|| crate::catalogs::json(&session.details))
        .transpose()?;
    Ok(params![
        session.id,
        session.user,
        session.client.as_str(),
        session.audience.as_str(),
        session.scope.to_string(),
        (!session.openid.is_empty()).then(|| session.openid.to_string()),
        claims,
        details,
        session.login,
        session.family.salt,
        session.family.current,
        superseded(&session.family),
        session.family.idle_until,
        session.family.absolute_until,
        session.binding.as_ref().map(Binding::to_text),
        session.created_at,
        session.authenticated_at,
        session.last_used_at,
        session.ended.map(|ended| ended.at),
        session.ended.map(|ended| ended.reason.as_str()),
        session.device.as_deref(),
        session.address.map(|address| address.to_string()),
        session.amr.join(" "),
        session.status.map(|entry| entry.list),
        session.status.map(|entry| entry.index),
    ])
}

/// Times as eight bytes each, newest first: a handful, read and written as a whole.
pub(super) fn superseded(family: &Family) -> Vec<u8> {
    family
        .superseded
        .iter()
        .flat_map(|time| time.millis().to_be_bytes())
        .collect()
}

fn read_superseded(row: &mut Columns<'_>) -> Result<Vec<Time>, Fault> {
    let (times, rest) = row.blob()?.as_chunks::<8>();
    if rest.is_empty() {
        Ok(times
            .iter()
            .map(|time| Time::from_millis(i64::from_be_bytes(*time)))
            .collect())
    } else {
        Err(row.corrupt())
    }
}

fn read_ended(row: &mut Columns<'_>) -> Result<Option<Ended>, Fault> {
    match (row.opt_time()?, row.opt_text()?) {
        (None, None) => Ok(None),
        (Some(at), Some(stored)) => {
            let reason = EndReason::ALL
                .into_iter()
                .find(|reason| reason.as_str() == stored);
            reason
                .map(|reason| Some(Ended { at, reason }))
                .ok_or_else(|| row.corrupt())
        }
        (Some(_), None) | (None, Some(_)) => Err(row.corrupt()),
    }
}
