//! Clients.

use keywright_domain::Time;
use keywright_domain::audit::Effects;
use keywright_domain::client::{
    Client, ClientId, ClientKind, Grant, KeptSecret, Registration, reflect,
};
use keywright_domain::feed::{Event, Kind, StatusEntry, StatusValue};
use keywright_domain::ports::{Answer, Clients, Inserted, Page};
use keywright_domain::status::StatusRef;

use crate::engine::{Columns, Tx, Value, params};
use crate::fault::Fault;
use crate::status::read_entry;
use crate::{Store, authorizations, catalogs, dynamic_clients, effects, sessions};

statements! {
    BY_ID = concat!("SELECT ", client_columns!(), " FROM clients c WHERE c.id = $1");
    PAGE = concat!("SELECT ", client_columns!(), " FROM clients c WHERE c.id > $1 ORDER BY c.id LIMIT $2");
    LOCK = concat!("SELECT ", client_columns!(), " FROM clients c WHERE c.id = $1 {for_update}");
    INSERT = "INSERT INTO clients (id, name, kind, secret, grants, allowed, default_audience, registration, disabled, \
              created_at, status_list, status_index, algorithms) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING";
    UPDATE = "UPDATE clients SET name = $2, kind = $3, secret = $4, grants = $5, allowed = $6, default_audience = $7, \
              registration = $8, disabled = $9, created_at = $10, status_list = $11, status_index = $12, \
              algorithms = $13 WHERE id = $1";
    DELETE = "DELETE FROM clients WHERE id = $1";
}

const GRANTS: [Grant; 8] = [
    Grant::Login,
    Grant::AuthorizationCode,
    Grant::RefreshToken,
    Grant::ClientCredentials,
    Grant::DeviceCode,
    Grant::TokenExchange,
    Grant::JwtBearer,
    Grant::Feed,
];
const KINDS: [ClientKind; 2] = [ClientKind::Public, ClientKind::Confidential];

const fn kind_name(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Public => "public",
        ClientKind::Confidential => "confidential",
    }
}

/// Reads [`client_columns!`].
pub(crate) fn read_client(row: &mut Columns<'_>) -> Result<Client, Fault> {
    let row = row.row_of("clients");
    Ok(Client {
        id: row.parse()?,
        name: row.text()?.to_owned(),
        kind: row.one_of(&KINDS, kind_name)?,
        secret: read_secret(row)?,
        grants: read_grants(row)?,
        allowed: row.json()?,
        default_audience: row.opt_parse()?,
        registration: row.opt_json()?.unwrap_or_default(),
        disabled: row.flag()?,
        created_at: row.time()?,
        status: read_entry(row)?,
    })
}

fn read_secret(row: &mut Columns<'_>) -> Result<Option<KeptSecret>, Fault> {
    let kept = row.opt_blob()?.map(KeptSecret::from_bytes);
    kept.map(|kept| kept.ok_or_else(|| row.corrupt()))
        .transpose()
}

fn read_grants<C: FromIterator<Grant>>(row: &mut Columns<'_>) -> Result<C, Fault> {
    let words = row.text()?.split(' ').filter(|word| !word.is_empty());
    words
        .map(|word| GRANTS.into_iter().find(|grant| grant.as_str() == word))
        .collect::<Option<C>>()
        .ok_or_else(|| row.corrupt())
}

/// The values of [`client_columns!`], in their order, and the algorithms.
fn values(client: &Client) -> Result<[Value<'_>; 13], Fault> {
    let grants = client
        .grants
        .iter()
        .map(|grant| grant.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let registered = (client.registration != Registration::default())
        .then(|| crate::catalogs::json(&client.registration))
        .transpose()?;
    Ok(params![
        client.id.as_str(),
        client.name.as_str(),
        kind_name(client.kind),
        client.secret.as_ref().map(KeptSecret::to_bytes),
        grants,
        crate::catalogs::json(&client.allowed)?,
        client
            .default_audience
            .as_ref()
            .map(|audience| audience.as_str()),
        registered,
        client.disabled,
        client.created_at,
        client.status.map(|entry| entry.list),
        client.status.map(|entry| entry.index),
        algorithms(client),
    ])
}

/// What the catalog is told of the client.
fn algorithms(client: &Client) -> Option<String> {
    let asked = client.registration.algorithms();
    let words: Vec<&str> = asked.iter().map(|one| one.as_str()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Writes a new row, and raises the catalog's version if the client is answered with signatures.
pub(crate) async fn insert_row(tx: &mut Tx, client: &Client) -> Result<Inserted, Fault> {
    if algorithms(client).is_some() {
        catalogs::raise(tx).await?;
    }
    Ok(match tx.execute(&INSERT, &values(client)?).await? {
        0 => Inserted::Taken,
        _ => Inserted::Yes,
    })
}

async fn insert(tx: &mut Tx, client: &Client, left: &Effects) -> Result<Inserted, Fault> {
    if insert_row(tx, client).await? == Inserted::Taken {
        return Ok(Inserted::Taken);
    }
    effects::record(tx, left).await?;
    Ok(Inserted::Yes)
}

/// What has become of the client: `None`, there is none; true, if more of its sessions are to end.
async fn update(
    tx: &mut Tx,
    client: &Client,
    fresh: StatusRef,
    at: Time,
    left: &Effects,
) -> Result<Option<bool>, Fault> {
    // Whether the algorithms change is known too late: the catalog is locked before a client.
    catalogs::raise(tx).await?;
    let Some(before) = locked(tx, &client.id).await? else {
        return Ok(None);
    };
    let mut after = client.clone();
    let said = reflect(&before, &mut after, fresh);
    replace(tx, &after).await?;
    let mut told = Vec::from_iter(said.map(|entry| of_client(&client.id, entry, at)));
    let mut is_more = false;
    if client.disabled {
        let fate = sessions::Fate::Disabled;
        let bite = sessions::end_of_client(tx, &client.id, fate, at).await?;
        told.extend(bite.told);
        is_more = bite.more;
    }
    effects::record_and_tell(tx, left, told).await?;
    Ok(Some(is_more))
}

pub(crate) async fn locked(tx: &mut Tx, id: &ClientId) -> Result<Option<Client>, Fault> {
    tx.first(&LOCK, &params![id.as_str()], read_client).await
}

fn of_client(id: &ClientId, status: StatusEntry, at: Time) -> Event {
    let client = id.clone();
    Event {
        at,
        kind: Kind::ClientStatus { client, status },
    }
}

/// Two tokens that are asked for at once get one entry.
pub(crate) async fn give_entry(
    tx: &mut Tx,
    id: &ClientId,
    entry: StatusRef,
) -> Result<Option<Client>, Fault> {
    let Some(mut client) = locked(tx, id).await? else {
        return Ok(None);
    };
    if client.status.is_none() {
        client.status = Some(entry);
        replace(tx, &client).await?;
    }
    Ok(Some(client))
}

/// Writes the row and nothing else.
pub(crate) async fn replace(tx: &mut Tx, client: &Client) -> Result<bool, Fault> {
    Ok(tx.execute(&UPDATE, &values(client)?).await? == 1)
}

async fn revoke_own(
    tx: &mut Tx,
    id: &ClientId,
    fresh: StatusRef,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    catalogs::raise(tx).await?;
    let Some(mut client) = locked(tx, id).await? else {
        return Ok(false);
    };
    let said = client.status.map(|entry| entry.says(StatusValue::Invalid));
    client.status = Some(fresh);
    replace(tx, &client).await?;
    let told = said.map(|entry| of_client(id, entry, at));
    effects::record_and_tell(tx, left, Vec::from_iter(told)).await?;
    Ok(true)
}

/// Deletes the client, if all its sessions end with it; else it is disabled, and answers true.
async fn delete(
    tx: &mut Tx,
    id: &ClientId,
    at: Time,
    left: &Effects,
) -> Result<Option<bool>, Fault> {
    catalogs::raise(tx).await?;
    let Some(mut client) = locked(tx, id).await? else {
        return Ok(None);
    };
    let sessions::Bite { mut told, more } =
        sessions::end_of_client(tx, id, sessions::Fate::Deleted, at).await?;
    if more {
        client.disabled = true;
        replace(tx, &client).await?;
        effects::record_and_tell(tx, &Effects::default(), told).await?;
        return Ok(Some(true));
    }
    tx.execute(&DELETE, &params![id.as_str()]).await?;
    authorizations::forget_of_client(tx, id).await?;
    dynamic_clients::delete(tx, id).await?;
    let said = client.status.map(|entry| entry.says(StatusValue::Invalid));
    told.extend(said.map(|entry| of_client(id, entry, at)));
    effects::record_and_tell(tx, left, told).await?;
    Ok(Some(false))
}

impl Clients for Store {
    fn client<'a>(&'a self, id: &'a ClientId) -> Answer<'a, Option<Client>> {
        Box::pin(async move {
            Ok(self
                .engine
                .point(&BY_ID, &params![id.as_str()], read_client)
                .await?)
        })
    }

    fn clients(&self, page: Page<ClientId>) -> Answer<'_, Vec<Client>> {
        self.scan(page, |page, tx| {
            Box::pin(async move {
                let after = page.after.as_ref().map_or("", |id| id.as_str());
                tx.all(&PAGE, &params![after, page.limit], read_client)
                    .await
            })
        })
    }

    fn insert_client<'a>(
        &'a self,
        client: &'a Client,
        effects: &'a Effects,
    ) -> Answer<'a, Inserted> {
        self.write(
            (client.clone(), effects.clone()),
            |(client, effects), tx| Box::pin(insert(tx, client, effects)),
        )
    }

    fn update_client<'a>(
        &'a self,
        client: &'a Client,
        fresh: StatusRef,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let data = (client.clone(), fresh, at, effects.clone());
        Box::pin(async move {
            let updated = self.write(data, |(client, fresh, at, effects), tx| {
                Box::pin(update(tx, client, *fresh, *at, effects))
            });
            let is_more = updated.await?;
            if is_more == Some(true) {
                let fate = sessions::Fate::Disabled;
                sessions::end_rest_of_client(&self.engine, &client.id, fate, at).await?;
            }
            Ok(is_more.is_some())
        })
    }

    fn revoke_own_tokens<'a>(
        &'a self,
        id: &'a ClientId,
        fresh: StatusRef,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (id.clone(), fresh, at, effects.clone()),
            |(id, fresh, at, effects), tx| Box::pin(revoke_own(tx, id, *fresh, *at, effects)),
        )
    }

    fn delete_client<'a>(
        &'a self,
        id: &'a ClientId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let data = (id.clone(), at, effects.clone());
        Box::pin(async move {
            loop {
                let deleted = self.write(data.clone(), |(id, at, effects), tx| {
                    Box::pin(delete(tx, id, *at, effects))
                });
                let is_more = deleted.await?;
                if is_more != Some(true) {
                    return Ok(is_more.is_some());
                }
                let fate = sessions::Fate::Deleted;
                sessions::end_rest_of_client(&self.engine, id, fate, at).await?;
            }
        })
    }
}
