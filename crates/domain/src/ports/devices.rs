//! Device codes at rest.

use crate::Time;
use crate::audit::Effects;
use crate::client::ClientId;
use crate::grant::device::{Approval, DeviceCode, DeviceCodeId, DeviceState, Poll, UserCodeId};
use crate::ports::{Answer, Inserted};
use crate::session::Session;

pub trait Devices: Send + Sync {
    /// `Taken` if another device shows the same user code.
    fn insert_device_code<'a>(&'a self, code: &'a DeviceCode) -> Answer<'a, Inserted>;
    /// Reads the code, calls [`decide`](crate::grant::device::decide), and keeps when the device asked and how long it has to wait.
    fn poll_device<'a>(
        &'a self,
        id: DeviceCodeId,
        client: &'a ClientId,
        now: Time,
    ) -> Answer<'a, Option<(DeviceCode, Poll)>>;
    /// One that nobody has decided about and that has not expired.
    fn waiting_device(&self, code: UserCodeId, now: Time) -> Answer<'_, Option<DeviceCode>>;
    /// False if somebody else has decided, it has expired, or the account or the login that allows it is not what it was.
    fn decide_device<'a>(
        &'a self,
        id: DeviceCodeId,
        state: &'a DeviceState,
        now: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Spends a code that was allowed and opens the session, once and for all callers; false if another was first, or if account and login
    /// do not stand any more as they did in `approval`.
    fn redeem_device<'a>(
        &'a self,
        id: DeviceCodeId,
        session: &'a Session,
        approval: &'a Approval,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
}
