//! OAuth 2.1.

mod token;
