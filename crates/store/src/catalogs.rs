//! APIs and roles: read as a whole, written one by one, each write raising the catalog's version.

use keywright_domain::access::{Api, Audience, Catalog, Role, RoleName};
use keywright_domain::audit::Effects;
use keywright_domain::keys::Algorithm;
use keywright_domain::ports::{Answer, Catalogs};
use keywright_domain::{Period, UserId};
use serde::Serialize;

use crate::clients::{read_client, replace};
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{Store, effects};

statements! {
    APIS = "SELECT audience, name, scopes, access_lifetime, algorithm, created_at, claims, authorization_details_types FROM apis";
    ROLES = "SELECT name, description, grants FROM roles";
    ALGORITHMS = "SELECT DISTINCT algorithms FROM clients WHERE algorithms IS NOT NULL";
    RAISE = "UPDATE versions SET value = value + 1 WHERE name = 'catalog'";
    PUT_API = "INSERT INTO apis (audience, name, scopes, access_lifetime, algorithm, created_at, claims, authorization_details_types) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (audience) DO UPDATE SET name = excluded.name, scopes = excluded.scopes, \
               access_lifetime = excluded.access_lifetime, algorithm = excluded.algorithm, claims = excluded.claims, \
               authorization_details_types = excluded.authorization_details_types";
    DELETE_API = "DELETE FROM apis WHERE audience = $1";
    PUT_ROLE = "INSERT INTO roles (name, description, grants) VALUES ($1, $2, $3) \
                ON CONFLICT (name) DO UPDATE SET description = excluded.description, grants = excluded.grants";
    DELETE_ROLE = "DELETE FROM roles WHERE name = $1";
    /// Reads every user, once, when somebody deletes a role; a refresh in exchange reads one row.
    TAKE_ROLE = "UPDATE users SET roles = trim(replace(' ' || roles || ' ', ' ' || $1 || ' ', ' ')) \
                 WHERE ' ' || roles || ' ' LIKE '% ' || $1 || ' %' RETURNING id";
    CLIENTS = concat!("SELECT ", client_columns!(), " FROM clients c {for_update}");
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, Fault> {
    let failed = |error: serde_json::Error| Fault::Statement {
        statement: "json",
        detail: error.to_string(),
    };
    serde_json::to_string(value).map_err(failed)
}

fn read_api(row: &mut Columns<'_>) -> Result<Api, Fault> {
    let row = row.row_of("apis");
    Ok(Api {
        audience: row.parse()?,
        name: row.text()?.to_owned(),
        scopes: row.json()?,
        access_lifetime: Period::millis(row.int()?),
        algorithm: row.parse()?,
        created_at: row.time()?,
        claims: row.opt_json()?.unwrap_or_default(),
        details: row.opt_json()?.unwrap_or_default(),
    })
}

fn read_role(row: &mut Columns<'_>) -> Result<Role, Fault> {
    let row = row.row_of("roles");
    Ok(Role {
        name: row.parse()?,
        description: row.text()?.to_owned(),
        grants: row.json()?,
    })
}

fn read_algorithms(row: &mut Columns<'_>) -> Result<Vec<Algorithm>, Fault> {
    row.row_of("clients").words()
}

/// First of all in a write: those who change the catalog take turns.
pub(crate) async fn raise(tx: &mut Tx) -> Result<(), Fault> {
    tx.execute(&RAISE, &[]).await.map(drop)
}

async fn read_catalog(tx: &mut Tx) -> Result<Catalog, Fault> {
    let (apis, roles) = tx.both((&APIS, read_api), (&ROLES, read_role)).await?;
    let asked = tx.all(&ALGORITHMS, &[], read_algorithms).await?;
    Ok(Catalog {
        apis: apis
            .into_iter()
            .map(|api| (api.audience.clone(), api))
            .collect(),
        roles: roles
            .into_iter()
            .map(|role| (role.name.clone(), role))
            .collect(),
        client_algorithms: asked.into_iter().flatten().collect(),
    })
}

async fn put_api(tx: &mut Tx, api: &Api, left: &Effects) -> Result<(), Fault> {
    raise(tx).await?;
    let details = (!api.details.is_empty())
        .then(|| json(&api.details))
        .transpose()?;
    let row = params![
        api.audience.as_str(),
        api.name.as_str(),
        json(&api.scopes)?,
        api.access_lifetime.as_millis(),
        api.algorithm.as_str(),
        api.created_at,
        json(&api.claims)?,
        details,
    ];
    tx.execute(&PUT_API, &row).await?;
    effects::record(tx, left).await
}

async fn delete_api(tx: &mut Tx, audience: &Audience, left: &Effects) -> Result<bool, Fault> {
    raise(tx).await?;
    if tx.execute(&DELETE_API, &params![audience.as_str()]).await? == 0 {
        return Ok(false);
    }
    for mut role in tx.all(&ROLES, &[], read_role).await? {
        if role.grants.remove(audience).is_some() {
            write_role(tx, &role).await?;
        }
    }
    for mut client in tx.all(&CLIENTS, &[], read_client).await? {
        let was_default = client
            .default_audience
            .take_if(|default| default == audience)
            .is_some();
        if client.allowed.remove(audience).is_some() || was_default {
            replace(tx, &client).await?;
        }
    }
    effects::record(tx, left).await?;
    Ok(true)
}

async fn put_role(tx: &mut Tx, role: &Role, left: &Effects) -> Result<(), Fault> {
    raise(tx).await?;
    write_role(tx, role).await?;
    effects::record(tx, left).await
}

async fn write_role(tx: &mut Tx, role: &Role) -> Result<(), Fault> {
    let row = params![
        role.name.as_str(),
        role.description.as_str(),
        json(&role.grants)?
    ];
    tx.execute(&PUT_ROLE, &row).await.map(drop)
}

async fn delete_role(
    tx: &mut Tx,
    name: &RoleName,
    left: &Effects,
) -> Result<Option<Vec<UserId>>, Fault> {
    raise(tx).await?;
    if tx.execute(&DELETE_ROLE, &params![name.as_str()]).await? == 0 {
        return Ok(None);
    }
    let read_id = |row: &mut Columns<'_>| Ok(UserId::from_bytes(row.row_of("users").bytes()?));
    let bearers = tx.all(&TAKE_ROLE, &params![name.as_str()], read_id).await?;
    effects::record(tx, left).await?;
    Ok(Some(bearers))
}

impl Catalogs for Store {
    fn catalog(&self) -> Answer<'_, Catalog> {
        self.scan((), |(), tx| Box::pin(read_catalog(tx)))
    }

    fn put_api<'a>(&'a self, api: &'a Api, effects: &'a Effects) -> Answer<'a, ()> {
        self.write((api.clone(), effects.clone()), |(api, effects), tx| {
            Box::pin(put_api(tx, api, effects))
        })
    }

    fn delete_api<'a>(&'a self, audience: &'a Audience, effects: &'a Effects) -> Answer<'a, bool> {
        self.write(
            (audience.clone(), effects.clone()),
            |(audience, effects), tx| Box::pin(delete_api(tx, audience, effects)),
        )
    }

    fn put_role<'a>(&'a self, role: &'a Role, effects: &'a Effects) -> Answer<'a, ()> {
        self.write((role.clone(), effects.clone()), |(role, effects), tx| {
            Box::pin(put_role(tx, role, effects))
        })
    }

    fn delete_role<'a>(
        &'a self,
        name: &'a RoleName,
        effects: &'a Effects,
    ) -> Answer<'a, Option<Vec<UserId>>> {
        self.write((name.clone(), effects.clone()), |(name, effects), tx| {
            Box::pin(delete_role(tx, name, effects))
        })
    }
}
