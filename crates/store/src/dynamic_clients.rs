//! Clients that no operator made, and the initial access tokens by which they may register themselves.

use keywright_domain::audit::Effects;
use keywright_domain::client::dynamic::{DynamicClient, InitialAccess, Provenance, ReadDocument};
use keywright_domain::client::{Client, ClientId, reflect};
use keywright_domain::ports::{Answer, ClientAdded, DynamicClients, Inserted};
use keywright_domain::secret::HashedSecret;
use keywright_domain::{InitialAccessId, Time};

use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{Store, catalogs, clients, effects};

statements! {
    INSERT = "INSERT INTO dynamic_clients (client_id, access_token, fresh_until, used_at) VALUES ($1, $2, $3, $4)";
    BY_ID = concat!("SELECT r.client_id, r.access_token, r.fresh_until, r.used_at, ", client_columns!(),
                    " FROM dynamic_clients r JOIN clients c ON c.id = r.client_id WHERE r.client_id = $1");
    REFRESH = "UPDATE dynamic_clients SET fresh_until = $2 WHERE client_id = $1 AND fresh_until IS NOT NULL";
    DELETE = "DELETE FROM dynamic_clients WHERE client_id = $1";
    NOTE_USED = "UPDATE dynamic_clients SET used_at = $1 WHERE used_at < $1 AND EXISTS \
                 (SELECT 1 FROM sessions s WHERE s.client_id = dynamic_clients.client_id \
                  AND s.ended_at IS NULL AND s.idle_until > $1 AND s.absolute_until > $1)";
    UNUSED = "SELECT client_id FROM dynamic_clients WHERE used_at < $1 ORDER BY used_at LIMIT $2";
    SPEND = "UPDATE initial_accesses SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left > 0 AND expires_at > $2";
    GRANT = "INSERT INTO initial_accesses (id, name, secret, uses_left, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    ACCESS = "SELECT id, name, secret, uses_left, created_at, expires_at FROM initial_accesses \
              WHERE id = $1 AND uses_left > 0 AND expires_at > $2";
    ACCESSES = "SELECT id, name, secret, uses_left, created_at, expires_at FROM initial_accesses \
                WHERE uses_left > 0 AND expires_at > $1 ORDER BY id";
    REVOKE = "DELETE FROM initial_accesses WHERE id = $1";
}

async fn register(
    tx: &mut Tx,
    client: &Client,
    registered: &DynamicClient,
    admission: Option<InitialAccessId>,
    left: &Effects,
) -> Result<ClientAdded, Fault> {
    if let Some(access) = admission {
        let spent = params![access, registered.used_at];
        if tx.execute(&SPEND, &spent).await? == 0 {
            return Ok(ClientAdded::NoAdmission);
        }
    }
    if clients::insert_row(tx, client).await? == Inserted::Taken {
        // 96 random bits that are somebody else's: another attempt draws others.
        return Err(Fault::Conflict("the client id is taken".to_owned()));
    }
    insert(tx, registered).await?;
    effects::record(tx, left).await?;
    Ok(ClientAdded::Yes)
}

async fn insert(tx: &mut Tx, dynamic: &DynamicClient) -> Result<(), Fault> {
    let (access_token, fresh_until) = match &dynamic.provenance {
        Provenance::Registered { access_token } => (Some(access_token.as_bytes().as_slice()), None),
        Provenance::Document { fresh_until } => (None, Some(*fresh_until)),
    };
    let row = params![
        dynamic.client.as_str(),
        access_token,
        fresh_until,
        dynamic.used_at
    ];
    tx.execute(&INSERT, &row).await.map(drop)
}

/// An operator who disabled the client has the last word, whatever the document says now.
async fn keep(tx: &mut Tx, read: &ReadDocument, left: &Effects) -> Result<bool, Fault> {
    let ReadDocument {
        client,
        fresh_until,
        entry,
        at,
    } = read;
    // Whether the algorithms change is known too late: the catalog is locked before a client.
    catalogs::raise(tx).await?;
    match clients::locked(tx, &client.id).await? {
        None => {
            if clients::insert_row(tx, client).await? == Inserted::Taken {
                return Err(Fault::Conflict("another reader was first".to_owned()));
            }
            let dynamic = DynamicClient {
                client: client.id.clone(),
                provenance: Provenance::Document {
                    fresh_until: *fresh_until,
                },
                used_at: *at,
            };
            insert(tx, &dynamic).await?;
        }
        Some(before) => {
            let refreshed = params![client.id.as_str(), *fresh_until];
            if tx.execute(&REFRESH, &refreshed).await? == 0 {
                return Ok(false);
            }
            let mut after = Client {
                disabled: before.disabled,
                created_at: before.created_at,
                ..client.clone()
            };
            // It has no tokens of its own, so nothing is to be said of them.
            reflect(&before, &mut after, *entry);
            clients::replace(tx, &after).await?;
        }
    }
    effects::record(tx, left).await?;
    Ok(true)
}

/// Goes with the client, if no operator made it.
pub(crate) async fn delete(tx: &mut Tx, id: &ClientId) -> Result<(), Fault> {
    tx.execute(&DELETE, &params![id.as_str()]).await.map(drop)
}

async fn grant(tx: &mut Tx, access: &InitialAccess, left: &Effects) -> Result<(), Fault> {
    let row = params![
        access.id,
        access.name.as_str(),
        access.secret.as_bytes().as_slice(),
        access.uses_left,
        access.created_at,
        access.expires_at
    ];
    tx.execute(&GRANT, &row).await?;
    effects::record(tx, left).await
}

async fn revoke(tx: &mut Tx, id: InitialAccessId, left: &Effects) -> Result<bool, Fault> {
    if tx.execute(&REVOKE, &params![id]).await? == 0 {
        return Ok(false);
    }
    effects::record(tx, left).await?;
    Ok(true)
}

fn read_dynamic(row: &mut Columns<'_>) -> Result<(DynamicClient, Client), Fault> {
    let row = row.row_of("dynamic_clients");
    let client = row.parse()?;
    let (access_token, fresh_until) = (row.opt_bytes()?, row.opt_time()?);
    let provenance = match (access_token, fresh_until) {
        (Some(hash), None) => Provenance::Registered {
            access_token: HashedSecret::from_bytes(hash),
        },
        (None, Some(fresh_until)) => Provenance::Document { fresh_until },
        (Some(_), Some(_)) | (None, None) => return Err(row.corrupt()),
    };
    let dynamic = DynamicClient {
        client,
        provenance,
        used_at: row.time()?,
    };
    Ok((dynamic, clients::read_client(row)?))
}

fn read_id(row: &mut Columns<'_>) -> Result<ClientId, Fault> {
    row.row_of("dynamic_clients").parse()
}

fn read_access(row: &mut Columns<'_>) -> Result<InitialAccess, Fault> {
    let row = row.row_of("initial_accesses");
    Ok(InitialAccess {
        id: InitialAccessId::from_bytes(row.bytes()?),
        name: row.text()?.to_owned(),
        secret: HashedSecret::from_bytes(row.bytes()?),
        uses_left: row.number()?,
        created_at: row.time()?,
        expires_at: row.time()?,
    })
}

impl DynamicClients for Store {
    fn register_client<'a>(
        &'a self,
        client: &'a Client,
        registered: &'a DynamicClient,
        admission: Option<InitialAccessId>,
        effects: &'a Effects,
    ) -> Answer<'a, ClientAdded> {
        self.write(
            (
                client.clone(),
                registered.clone(),
                admission,
                effects.clone(),
            ),
            |(client, registered, admission, effects), tx| {
                Box::pin(register(tx, client, registered, *admission, effects))
            },
        )
    }

    fn dynamic_client<'a>(
        &'a self,
        id: &'a ClientId,
    ) -> Answer<'a, Option<(DynamicClient, Client)>> {
        Box::pin(async move {
            let id = params![id.as_str()];
            Ok(self.engine.point(&BY_ID, &id, read_dynamic).await?)
        })
    }

    fn keep_document<'a>(
        &'a self,
        read: &'a ReadDocument,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write((read.clone(), effects.clone()), |(read, effects), tx| {
            Box::pin(keep(tx, read, effects))
        })
    }

    fn note_used_clients(&self, now: Time) -> Answer<'_, ()> {
        Box::pin(async move {
            self.engine.execute(&NOTE_USED, params![now].into()).await?;
            Ok(())
        })
    }

    fn unused_clients(&self, before: Time, limit: u32) -> Answer<'_, Vec<ClientId>> {
        self.scan((before, limit), |(before, limit), tx| {
            Box::pin(async move { tx.all(&UNUSED, &params![*before, *limit], read_id).await })
        })
    }

    fn grant_initial_access<'a>(
        &'a self,
        access: &'a InitialAccess,
        effects: &'a Effects,
    ) -> Answer<'a, ()> {
        self.write(
            (access.clone(), effects.clone()),
            |(access, effects), tx| Box::pin(grant(tx, access, effects)),
        )
    }

    fn initial_access(&self, id: InitialAccessId, now: Time) -> Answer<'_, Option<InitialAccess>> {
        Box::pin(async move {
            Ok(self
                .engine
                .point(&ACCESS, &params![id, now], read_access)
                .await?)
        })
    }

    fn initial_accesses(&self, now: Time) -> Answer<'_, Vec<InitialAccess>> {
        self.scan(now, |now, tx| {
            Box::pin(async move { tx.all(&ACCESSES, &params![*now], read_access).await })
        })
    }

    fn revoke_initial_access<'a>(
        &'a self,
        id: InitialAccessId,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write((id, effects.clone()), |(id, effects), tx| {
            Box::pin(revoke(tx, *id, effects))
        })
    }
}
