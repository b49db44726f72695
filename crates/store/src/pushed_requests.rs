//! Pushed requests. To use one up is to delete its row, which happens once.

use keywright_domain::Time;
use keywright_domain::authorize::{PushedId, PushedRequest};
use keywright_domain::ports::{Answer, PushedRequests};

use crate::Store;
use crate::engine::{Columns, params};
use crate::fault::Fault;

statements! {
    INSERT = "INSERT INTO pushed_requests (id, client_id, parameters, expires_at) VALUES ($1, $2, $3, $4)";
    BY_ID = "SELECT id, client_id, parameters, expires_at FROM pushed_requests WHERE id = $1";
    TAKE = "DELETE FROM pushed_requests WHERE id = $1";
    FORGET = "DELETE FROM pushed_requests WHERE id IN \
              (SELECT id FROM pushed_requests WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}

fn read(row: &mut Columns<'_>) -> Result<PushedRequest, Fault> {
    let row = row.row_of("pushed_requests");
    Ok(PushedRequest {
        id: PushedId(row.bytes()?),
        client: row.parse()?,
        parameters: row.json()?,
        expires_at: row.time()?,
    })
}

impl PushedRequests for Store {
    fn push<'a>(&'a self, request: &'a PushedRequest) -> Answer<'a, ()> {
        Box::pin(async move {
            let row = params![
                request.id.0,
                request.client.to_string(),
                crate::catalogs::json(&request.parameters)?,
                request.expires_at,
            ];
            self.engine.execute(&INSERT, row.into()).await?;
            Ok(())
        })
    }

    fn pushed(&self, id: PushedId) -> Answer<'_, Option<PushedRequest>> {
        Box::pin(async move { Ok(self.engine.point(&BY_ID, &params![id.0], read).await?) })
    }

    fn take_pushed(&self, id: PushedId) -> Answer<'_, bool> {
        Box::pin(async move { Ok(self.engine.execute(&TAKE, params![id.0].into()).await? == 1) })
    }

    fn forget_pushed(&self, before: Time, limit: u32) -> Answer<'_, u64> {
        Box::pin(async move {
            let over = params![before, limit].into();
            Ok(self.engine.execute(&FORGET, over).await?)
        })
    }
}
