//! The pool of connections.

use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};

use super::url::Target;
use crate::OpenError;
use crate::fault::Fault;

/// When a peer vanishes without a word, its connections are found dead after this long.
const KEEPALIVE: Duration = Duration::from_secs(5);

pub(super) fn build(target: Target, size: usize, deadline: Duration) -> Result<Pool, OpenError> {
    // Waiting for a free connection and making one fit into the deadline together.
    let half = deadline / 2;
    let Target { mut config, tls } = target;
    config
        .application_name("keywright")
        .connect_timeout(half)
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
        .wait_timeout(Some(half))
        .create_timeout(Some(half))
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
