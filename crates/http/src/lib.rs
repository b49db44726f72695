//! Wire formats: what arrives is parsed, handed to one use case of [`keywright_domain::Issuer`], and its outcome is rendered.
//!
//! [`routes()`] is the table of everything that the server answers to. A handler is three moves (parse, one domain
//! call, render); a rule that two doors need lives in the domain, and so does every decision.
//!
//! | room | owns |
//! |---|---|
//! | `door` | what must be proved before a handler runs |
//! | `wellknown` | discovery documents and the key set |
//! | `api` | the identity API: registration, login, refresh, logout, passwords, sessions |
//! | `web` | pages for browsers: login, logout, the account page; their cookies |
//! | `oauth` | the token endpoint, in the formats of RFC 6749 |
//! | `feed` | the stream of revocations and keys that verifiers follow, and their reports |
//! | `admin` | users, clients, APIs, roles, sessions, keys, the audit log |
//! | `ops` | health, metrics, the OpenAPI document |
//! | `extract` | strict readers of bodies, forms, queries, paths and bearer tokens |
//! | `server` | the accept loop: TLS, caps, timeouts, drain |
//! | `middleware` | what every request passes: ids, logs, limits, security headers |
//! | `metrics` | counters and their exposition |

mod admin;
mod algorithms;
mod api;
mod app;
mod cross_origin;
mod derived;
mod door;
mod error_table;
mod etag;
mod extract;
mod feed;
pub mod metrics;
pub mod middleware;
mod oauth;
mod observe;
mod openapi;
mod ops;
mod own_tokens;
mod problem;
mod problem_map;
mod profile;
mod reason;
mod route;
pub mod routes;
pub mod server;
mod status;
mod tokens;
mod web;
mod wellknown;

pub use app::App;
pub use cross_origin::CrossOrigin;
pub use door::{FORM_TOKEN, Required};
pub use error_table::{ErrorFormat, ErrorRow, error_table};
pub use problem::{FieldError, Problem};
pub use reason::Reason;
pub use route::{Csrf, Rate, Route, mount};
pub use routes::{openapi, operator_router, router, routes};
