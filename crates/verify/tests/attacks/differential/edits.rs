//! One member of a header or of claims set to something else, and the token signed afterwards.

use std::fmt;

use crate::forge::Members;

/// What is done to one member; the value is JSON as it will be sent.
#[derive(Clone)]
pub enum Change {
    Set(&'static str),
    Repeat(&'static str),
    Remove,
}

#[derive(Clone)]
pub struct Edit {
    in_header: bool,
    name: &'static str,
    change: Change,
}

impl Edit {
    pub fn apply(&self, header: Members, claims: Members) -> (Members, Members) {
        if self.in_header {
            (self.change(header), claims)
        } else {
            (header, self.change(claims))
        }
    }

    fn change(&self, members: Members) -> Members {
        match self.change {
            Change::Set(value) => members.with(self.name, value),
            Change::Repeat(value) => members.and(self.name, value),
            Change::Remove => members.without(self.name),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = if self.in_header { "header" } else { "claims" };
        match self.change {
            Change::Set(value) => write!(f, "{part} {}={value}", self.name),
            Change::Repeat(value) => write!(f, "{part} {}+{value}", self.name),
            Change::Remove => write!(f, "{part} without {}", self.name),
        }
    }
}

const HEADER: [&str; 20] = [
    "alg", "typ", "kid", "cty", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64",
    "zip", "enc", "url", "nonce", "p2c", "epk", "x", "",
];

const CLAIMS: [&str; 20] = [
    "iss",
    "sub",
    "aud",
    "client_id",
    "exp",
    "nbf",
    "iat",
    "jti",
    "scope",
    "roles",
    "sid",
    "acr",
    "amr",
    "auth_time",
    "nonce",
    "cnf",
    "act",
    "status",
    "events",
    "x",
];

/// Values of every JSON type, and of the types and contents that some member has meaning for.
const VALUES: [&str; 43] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "-0",
    "1.5",
    "4102444800",
    "4102444800.0",
    "4102444800.5",
    "41e8",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    r#""""#,
    r#""x""#,
    r#""4102444800""#,
    r#""none""#,
    r#""HS256""#,
    r#""ES256""#,
    r#""EdDSA""#,
    r#""Ed25519""#,
    r#""JWT""#,
    r#""at+jwt""#,
    r#""https://id.example""#,
    r#""https://orders.example""#,
    r#""https:\/\/orders.example""#,
    r#""\ud800""#,
    "[]",
    r#"["x"]"#,
    r#"["https://orders.example","x"]"#,
    r#"["https://id.example"]"#,
    r#"["https://orders.example",1]"#,
    "[[]]",
    "{}",
    r#"{"x":1}"#,
    r#"{"x":1,"x":2}"#,
    r#"{"jkt":"x"}"#,
    "nul",
];

pub fn all() -> Vec<Edit> {
    let parts = HEADER
        .iter()
        .map(|name| (true, *name))
        .chain(CLAIMS.iter().map(|name| (false, *name)));
    let changes = || {
        let set = VALUES.iter().map(|value| Change::Set(value));
        let repeat = ["null", "1", r#""x""#]
            .iter()
            .map(|value| Change::Repeat(value));
        set.chain(repeat).chain([Change::Remove])
    };
    parts
        .flat_map(|(in_header, name)| {
            changes().map(move |change| Edit {
                in_header,
                name,
                change,
            })
        })
        .collect()
}
