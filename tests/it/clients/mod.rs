//! Client libraries that others wrote, each in a small application of its own: a person logs in through the real login page in
//! a real browser, and what the library made of it stands on the page that it ends at.

mod apache;
mod authlib;
mod mcp;
mod oauth4webapi;
mod openid_client;
mod passport;
mod scene;
