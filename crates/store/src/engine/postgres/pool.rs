//! The pool of connections.

use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};

use super::url::Target;
use crate::OpenError;
use crate::fault::Fault;

/// Waiting for a free connection, making one, and asking all together stay under the deadline of an operation.
const WAIT: Duration = Duration::from_millis(1500);
const CONNECT: Duration = Duration::from_millis(1500);

/// When a peer vanishes without a word, its connections are found dead after this long.
const KEEPALIVE: Duration = Duration::from_secs(5);

pub(super) fn build(target: Target, size: usize) -> Result<Pool, OpenError> {
    let Target { mut config, tls } = target;
    config
        .application_name("keywright")
        .connect_timeout(CONNECT)
        .keepalives(true)
        .keepalives_idle(KEEPALIVE)
        .keepalives_interval(KEEPALIVE)
        .keepalives_retries(2)
        .tcp_user_timeout(2 * KEEPALIVE);
    // Fast: a broken connection is known by its closed socket. Asking the server each time would double every read.
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    Pool::builder(Manager::from_config(config, tls, recycling))
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT))
        .build()
        .map_err(|error| OpenError::Pool(error.to_string()))
}

pub(super) fn fault(error: PoolError) -> Fault {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => Fault::Overloaded,
        PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => Fault::TimedOut,
        PoolError::Backend(error) => Fault::Unreachable(super::statements::describe(&error)),
        PoolError::Closed => Fault::Closed,
        PoolError::NoRuntimeSpecified => Fault::Unreachable("the pool has no runtime".into()),
        PoolError::PostCreateHook(error) => Fault::Unreachable(error.to_string()),
    }
}
