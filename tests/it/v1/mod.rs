//! The identity API.

mod email;
mod login;
mod logout;
mod me;
mod password;
mod profile;
mod refresh;
mod register;
mod sessions;
