//! Values on their way into a statement.

use std::borrow::Cow;

use keywright_domain::account::LinkId;
use keywright_domain::authorize::CodeId;
use keywright_domain::grant::device::{DeviceCodeId, UserCodeId};
use keywright_domain::ledger::ClassId;
use keywright_domain::{InitialAccessId, LoginId, SessionId, Time, UserId};
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Id([u8; 16]),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

/// The values of a statement's parameters, in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$(crate::engine::Value::from($value)),*] };
}
pub(crate) use params;

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Int(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Value::Int(flag.into())
    }
}

impl From<Time> for Value<'_> {
    fn from(time: Time) -> Self {
        Value::Int(time.millis())
    }
}

impl From<[u8; 16]> for Value<'_> {
    fn from(id: [u8; 16]) -> Self {
        Value::Id(id)
    }
}

impl From<UserId> for Value<'_> {
    fn from(id: UserId) -> Self {
        Value::Id(*id.as_bytes())
    }
}

impl From<SessionId> for Value<'_> {
    fn from(id: SessionId) -> Self {
        Value::Id(*id.as_bytes())
    }
}

impl From<LoginId> for Value<'_> {
    fn from(id: LoginId) -> Self {
        Value::Id(*id.as_bytes())
    }
}

impl From<InitialAccessId> for Value<'_> {
    fn from(id: InitialAccessId) -> Self {
        Value::Id(*id.as_bytes())
    }
}

impl From<DeviceCodeId> for Value<'_> {
    fn from(id: DeviceCodeId) -> Self {
        Value::Id(id.0)
    }
}

impl From<UserCodeId> for Value<'_> {
    fn from(id: UserCodeId) -> Self {
        Value::Id(id.0)
    }
}

impl From<LinkId> for Value<'_> {
    fn from(id: LinkId) -> Self {
        Value::Id(id.0)
    }
}

impl From<CodeId> for Value<'_> {
    fn from(id: CodeId) -> Self {
        Value::Id(id.0)
    }
}

impl From<ClassId> for Value<'_> {
    fn from(class: ClassId) -> Self {
        Value::Int(class.number())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    /// PostgreSQL has no text with U+0000 in it. Replaced on both engines, so that a stranger's odd login name is nobody
    /// rather than a database error, and so that the engines store the same.
    fn from(text: &'a str) -> Self {
        if text.contains('\0') {
            text.replace('\0', "\u{fffd}").into()
        } else {
            Value::Text(text.into())
        }
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        let clean = if text.contains('\0') {
            text.replace('\0', "\u{fffd}")
        } else {
            text
        };
        Value::Text(clean.into())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Value::Blob(bytes.into())
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(bytes.into())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Id(id) => ValueRef::Blob(id),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) => number.to_sql_checked(ty, out),
            Value::Id(id) => id.as_slice().to_sql_checked(ty, out),
            Value::Text(text) => text.as_ref().to_sql_checked(ty, out),
            Value::Blob(bytes) => bytes.as_ref().to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each arm above checks its own.
        true
    }

    to_sql_checked!();
}
