use serde_json::Value;

/// Ordered JSON members as text, so that they can be duplicated and broken.
#[derive(Clone, Debug)]
pub struct Members(Vec<(String, String)>);

impl Members {
    pub fn of(object: &Value) -> Self {
        let members = object.as_object().into_iter().flatten();
        Self(
            members
                .map(|(name, value)| (name.clone(), value.to_string()))
                .collect(),
        )
    }

    /// Puts `value`, which is JSON as it will be sent, in place of the member's value, or at the end.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((name.to_owned(), value.into())),
        }
        self
    }

    /// Adds a member at the end, whether or not it is there.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a member in front of all others.
    #[must_use]
    pub fn before(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(0, (name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub fn json(&self) -> String {
        let members: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!("{}:{value}", quote(name)))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Text as a JSON string.
pub fn quote(text: &str) -> String {
    Value::from(text).to_string()
}
