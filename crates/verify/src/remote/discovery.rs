use reqwest::{Client, Url};
use serde::Deserialize;

use super::FetchError;
use super::client::{self, Fetched};

/// The members of the issuer's metadata that matter here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
    /// Token Status List §9.1.
    status_list_aggregation_endpoint: Option<String>,
}

/// Token Status List §9.2.
#[derive(Deserialize)]
struct Aggregation {
    status_lists: Vec<String>,
}

/// Asks the issuer where its keys are.
pub(super) async fn find_jwks(client: &Client, issuer: &str) -> Result<Url, FetchError> {
    client::parse_url(&find_metadata(client, issuer).await?.jwks_uri)
}

/// Asks the issuer which status lists it has; none if it does not say.
pub(super) async fn find_lists(client: &Client, issuer: &str) -> Result<Vec<String>, FetchError> {
    let metadata = find_metadata(client, issuer).await?;
    let Some(endpoint) = metadata.status_list_aggregation_endpoint else {
        return Ok(Vec::new());
    };
    let endpoint = client::parse_url(&endpoint)?;
    let Fetched::New(document) = client::get(client, &endpoint, None, &client::JSON).await? else {
        return Err(FetchError::Metadata);
    };
    let aggregation: Result<Aggregation, _> = serde_json::from_slice(&document.body);
    aggregation
        .map(|all| all.status_lists)
        .map_err(|_| FetchError::Metadata)
}

async fn find_metadata(client: &Client, issuer: &str) -> Result<Metadata, FetchError> {
    let mut last = FetchError::Metadata;
    for place in metadata_places(issuer)? {
        match client::get(client, &place, None, &client::JSON).await {
            Ok(Fetched::New(document)) => return read_metadata(&document.body, issuer),
            Ok(Fetched::Unchanged { .. }) => {}
            Err(FetchError::Status(404)) => last = FetchError::Status(404),
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// OpenID Connect appends the well-known path to the issuer; RFC 8414 §3.1 inserts it in front of the issuer's path.
fn metadata_places(issuer: &str) -> Result<[Url; 2], FetchError> {
    let appended = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let mut inserted = client::parse_url(issuer)?;
    let path = inserted.path().trim_end_matches('/').to_owned();
    inserted.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok([client::parse_url(&appended)?, inserted])
}

fn read_metadata(body: &[u8], issuer: &str) -> Result<Metadata, FetchError> {
    let metadata: Metadata = serde_json::from_slice(body).map_err(|_| FetchError::Metadata)?;
    // RFC 8414 §3.3: metadata of another issuer must not be used, or one issuer could vouch for another's keys.
    if metadata.issuer != issuer {
        return Err(FetchError::IssuerMismatch);
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_where_the_specifications_say() {
        let places = |issuer| metadata_places(issuer).unwrap().map(String::from);
        assert_eq!(
            places("https://id.example"),
            [
                "https://id.example/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server"
            ]
        );
        assert_eq!(
            places("https://id.example/tenant/"),
            [
                "https://id.example/tenant/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server/tenant"
            ]
        );
    }

    #[test]
    fn metadata_of_another_issuer_is_refused() {
        let body = br#"{"issuer":"https://id.example","jwks_uri":"https://id.example/jwks"}"#;
        assert!(read_metadata(body, "https://id.example").is_ok());
        assert_eq!(
            read_metadata(body, "https://id.example/").err(),
            Some(FetchError::IssuerMismatch)
        );
        assert_eq!(
            read_metadata(b"<html>", "https://id.example").err(),
            Some(FetchError::Metadata)
        );
    }
}
