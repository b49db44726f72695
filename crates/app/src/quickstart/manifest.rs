use serde::{Deserialize, Serialize};

/// `quickstart.json`. Its members are a stable interface: scripts and tests read them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub issuer: String,
    pub admin: Login,
    pub user: Login,
    pub client: ClientLogin,
    pub demo_api: DemoApi,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub username: String,
    pub password: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientLogin {
    pub client_id: String,
    pub client_secret: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoApi {
    pub url: String,
    pub audience: String,
}
