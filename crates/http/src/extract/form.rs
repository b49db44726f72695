//! The form of an OAuth request. Unlike everywhere else, parameters that are not known are ignored, and one without a value
//! counts as absent: RFC 6749 §3.2 demands both.

use axum::body::Body;
use http::HeaderMap;

use super::body::{self, BodyRefused};
use super::urlencoded::{self, NotUrlEncoded, Pairs};

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Clone, Debug, Default)]
pub struct Form(Pairs);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormRefused {
    #[error(transparent)]
    Body(#[from] BodyRefused),
    #[error(transparent)]
    NotUrlEncoded(#[from] NotUrlEncoded),
}

impl Form {
    pub fn is_sent_with(headers: &HeaderMap) -> bool {
        body::is(headers, FORM)
    }

    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, FormRefused> {
        let bytes = body::read(headers, body, FORM).await?;
        Ok(Self::parse(&bytes)?)
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, NotUrlEncoded> {
        urlencoded::read(bytes).map(Self)
    }

    /// Every parameter with a value.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?;
        (!value.is_empty()).then_some(value.as_str())
    }
}
