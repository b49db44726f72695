//! A client that says which sector it belongs to (OpenID Connect Core §8.1): clients of one sector know a person by one name, so the sector
//! itself has to list the client's redirect URIs. Otherwise anybody could learn by what name another's clients know somebody.

use super::MetadataRefused;
use crate::Issuer;
use crate::audit::Origin;
use crate::client::{RedirectUri, Registration};
use crate::limit::{LimitKey, Limited, Network};

const MEMBER: &str = "sector_identifier_uri";

impl Issuer {
    /// Asks the sector, if the client names one. It counts like a registration: strangers make this server call others.
    pub(super) async fn check_sector<E>(
        &self,
        registration: &Registration,
        origin: &Origin,
    ) -> Result<(), E>
    where
        E: From<MetadataRefused> + From<Limited>,
    {
        let Some(uri) = &registration.sector_identifier_uri else {
            return Ok(());
        };
        let network = LimitKey::Registrations(Network::from(origin.address));
        let quota = self.policy().self_registration.quota;
        self.limits.take(network, quota, self.now())?;
        let fetched = self.outside.documents.fetch(uri).await;
        let document =
            fetched.map_err(|_| MetadataRefused::Member(MEMBER, "it cannot be fetched"))?;
        Ok(check_listed(&document, &registration.redirect_uris)?)
    }
}

fn check_listed(document: &[u8], redirect_uris: &[RedirectUri]) -> Result<(), MetadataRefused> {
    let listed: Vec<String> = serde_json::from_slice(document)
        .map_err(|_| MetadataRefused::Member(MEMBER, "expected a JSON array of redirect URIs"))?;
    let is_listed = |uri: &RedirectUri| listed.iter().any(|listed| listed == uri.as_str());
    if redirect_uris.iter().all(is_listed) {
        Ok(())
    } else {
        let says = "it does not list every redirect URI of the client";
        Err(MetadataRefused::Member(MEMBER, says))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_lists_every_redirect_uri_to_the_letter() {
        let uris = ["https://a.example/cb", "https://b.example/cb"];
        let uris = uris.map(|uri| uri.parse().unwrap());
        for (document, holds) in [
            (r#"["https://a.example/cb","https://b.example/cb"]"#, true),
            (
                r#"["https://c.example","https://b.example/cb","https://a.example/cb"]"#,
                true,
            ),
            (r#"["https://a.example/cb"]"#, false),
            (r#"["https://a.example/cb/","https://b.example/cb"]"#, false),
            (r#"["https://A.example/cb","https://b.example/cb"]"#, false),
            ("[]", false),
            (
                r#"{"redirect_uris":["https://a.example/cb","https://b.example/cb"]}"#,
                false,
            ),
            (
                r#"["https://a.example/cb","https://b.example/cb",7]"#,
                false,
            ),
            ("<html>", false),
            ("", false),
        ] {
            let checked = check_listed(document.as_bytes(), &uris);
            assert_eq!(checked.is_ok(), holds, "{document}");
        }
    }
}
