//! Devices that have no browser (RFC 8628): the device shows a short code, a person types it into a browser elsewhere and decides, and the
//! device, which has been asking all the while, gets a session.

mod approve;
mod code;
mod poll;
mod redeem;
mod request;
mod user_code;

pub use approve::{DecideDeviceError, DeviceAsks, DeviceDecision};
pub use code::{Approval, DeviceCode, DeviceCodeId, DeviceState};
pub use poll::{Poll, PollRefused, decide};
pub use redeem::{DeviceGrantError, ExchangeDeviceCode};
pub use request::{DeviceCodes, RequestDeviceCode, RequestDeviceCodeError};
pub use user_code::{MalformedUserCode, UserCode, UserCodeId};
