//! What an answer means that is no success.

use serde::Deserialize;

use super::error::TransitError;
use super::link::Answer;

#[derive(Default, Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<String>,
}

/// Both products answer alike, and tell a missing engine from a missing key in words alone.
pub(super) fn refusal(mount: &str, path: &str, answer: &Answer) -> TransitError {
    let Errors { errors } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let told = match errors.is_empty() {
        true => "it gives no reason".to_owned(),
        false => errors.join("; "),
    };
    let path = path.to_owned();
    match answer.status {
        403 => TransitError::Denied { path },
        404 if told.contains("no handler for route") => TransitError::NoMount {
            mount: mount.to_owned(),
        },
        404 => TransitError::NotFound { path },
        503 if told.contains("sealed") => TransitError::Sealed,
        400 | 405 | 500 => TransitError::Refused { path, told },
        status => TransitError::NotNow { path, status, told },
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn told(status: u16, error: &str) -> TransitError {
        let body = Zeroizing::new(format!(r#"{{"errors":["{error}"]}}"#).into_bytes());
        refusal("transit", "transit/sign/a", &Answer { status, body })
    }

    #[test]
    fn what_keeps_everybody_out_is_told_from_what_is_wrong_with_one_call() {
        for (status, error) in [
            (307, ""),
            (403, "permission denied"),
            (404, "no handler for route transit/sign/a"),
            (429, "request path is rate limited"),
            (472, ""),
            (473, ""),
            (502, "<html>"),
            (503, "Vault is sealed"),
            (503, "internal error"),
        ] {
            assert!(told(status, error).is_away(), "{status} {error}");
        }
        for (status, error) in [
            (400, "signing key not found"),
            (404, ""),
            (500, "no such version"),
        ] {
            assert!(!told(status, error).is_away(), "{status} {error}");
        }
    }

    #[test]
    fn an_answer_that_is_no_json_is_told_by_its_status() {
        let body = Zeroizing::new(b"<html>".to_vec());
        let answer = Answer { status: 502, body };
        let told = refusal("transit", "transit/sign/a", &answer).to_string();
        assert_eq!(
            told,
            "the vault answers 502 to `transit/sign/a`: it gives no reason"
        );
    }
}
