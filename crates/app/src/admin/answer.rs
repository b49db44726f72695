//! What the admin API answers, and its refusals in a sentence.

use serde::Deserialize;
use serde_json::Value;

use crate::output::harmless;

pub struct Answer {
    pub status: u16,
    /// By which the server's log calls the request.
    pub request_id: Option<String>,
    pub body: Vec<u8>,
}

/// A problem document (RFC 9457) or the token endpoint's error (RFC 6749 §5.2), for people.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{says}")]
pub struct Refusal {
    pub status: u16,
    /// Stable; empty if whoever answered is no Keywright.
    pub code: String,
    says: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
    title: String,
    detail: String,
    errors: Vec<FieldError>,
    error: String,
    error_description: String,
}

#[derive(Deserialize)]
struct FieldError {
    field: String,
    message: String,
}

impl Answer {
    /// The document of a success; `null` if there is none.
    pub fn into_document(self) -> Result<Value, Refusal> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal());
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|_| Refusal {
            status: self.status,
            code: String::new(),
            says: "what was answered is not JSON: is this the address of a Keywright server?"
                .to_owned(),
        })
    }

    fn refusal(&self) -> Refusal {
        let told: Told = serde_json::from_slice(&self.body).unwrap_or_default();
        let mut says = harmless(&told.says(self.status));
        if let Some(id) = &self.request_id {
            says.push_str(&format!(" (request {})", harmless(id)));
        }
        let code = if told.code.is_empty() {
            told.error
        } else {
            told.code
        };
        Refusal {
            status: self.status,
            code,
            says,
        }
    }
}

impl Told {
    /// The most particular of what was said.
    fn says(&self, status: u16) -> String {
        if !self.errors.is_empty() {
            let fields = self
                .errors
                .iter()
                .map(|e| format!("{}: {}", e.field, e.message));
            return fields.collect::<Vec<_>>().join("; ");
        }
        let candidates = [
            &self.detail,
            &self.error_description,
            &self.title,
            &self.error,
        ];
        let said = candidates.into_iter().find(|text| !text.is_empty());
        said.map_or_else(
            || format!("the server answered {status} and did not say why"),
            |text| text.trim_end_matches('.').to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        let answer = Answer {
            status,
            request_id: Some("r1".to_owned()),
            body: body.into(),
        };
        answer.into_document().unwrap_err()
    }

    #[test]
    fn a_refusal_says_the_most_particular_thing_and_names_the_request() {
        let table = [
            (
                r#"{"title":"T.","detail":"d","errors":[{"field":"a","message":"m"},{"field":"b","message":"n"}]}"#,
                "a: m; b: n (request r1)",
            ),
            (
                r#"{"title":"T.","detail":"no such user"}"#,
                "no such user (request r1)",
            ),
            (
                r#"{"title":"The name is taken."}"#,
                "The name is taken (request r1)",
            ),
            (
                r#"{"error":"invalid_client","error_description":"wrong"}"#,
                "wrong (request r1)",
            ),
            (
                "<html>",
                "the server answered 409 and did not say why (request r1)",
            ),
        ];
        for (body, says) in table {
            assert_eq!(refusal(409, body).to_string(), says, "{body}");
        }
        assert_eq!(
            refusal(400, r#"{"error":"invalid_scope"}"#).code,
            "invalid_scope"
        );
    }

    #[test]
    fn a_refusal_does_not_steer_the_terminal() {
        let told = refusal(409, "{\"detail\":\"\\u001b[2Jgone\"}").to_string();
        assert_eq!(told, "\u{fffd}[2Jgone (request r1)");
    }

    #[test]
    fn no_content_is_no_document() {
        let empty = Answer {
            status: 204,
            request_id: None,
            body: Vec::new(),
        };
        assert_eq!(empty.into_document(), Ok(Value::Null));
    }
}
