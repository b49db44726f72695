//! One operation: what it takes, what it answers, what must be proved first.

use http::Method;
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, HttpMethod, Ref, Required as Presence, SecurityRequirement};

use keywright_domain::feed::FOLLOW;

use super::Shape;
use crate::door::Required;
use crate::route::{Csrf, Route};

pub const BEARER: &str = "bearer";
pub const BASIC: &str = "basic";
pub const COOKIE: &str = "cookie";

pub fn method(method: &Method) -> Option<HttpMethod> {
    Some(match method.as_str() {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => return None,
    })
}

pub fn of(route: &Route) -> Operation {
    let mut builder = OperationBuilder::new()
        .operation_id(Some(route.name))
        .summary(Some(route.summary))
        .tag(tag(route.path))
        .request_body(route.request.as_ref().map(|shape| request(route, shape)))
        .response(route.status.as_str(), success(route))
        .response("default", error(route));
    if let Some(securities) = securities(route.required) {
        builder = builder.securities(Some(securities));
    }
    let parameters: Vec<Parameter> = path_parameters(route.path)
        .chain(route.query.iter().cloned())
        .collect();
    builder
        .parameters((!parameters.is_empty()).then_some(parameters))
        .build()
}

/// The room that the path belongs to.
fn tag(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some(".well-known") => "discovery",
        Some("v1") => "identity",
        Some("oauth2") => "oauth",
        Some("feed") => "feed",
        Some("login" | "logout" | "account" | "assets") => "pages",
        Some("admin") => "admin",
        _ => "operations",
    }
}

fn path_parameters(path: &'static str) -> impl Iterator<Item = Parameter> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Presence::True)
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .build()
        })
}

fn request(route: &Route, shape: &Shape) -> RequestBody {
    let optional = route.required == Required::CallerOrRefreshToken;
    let presence = if optional {
        Presence::False
    } else {
        Presence::True
    };
    RequestBodyBuilder::new()
        .content(shape.media_type, shape.content())
        .required(Some(presence))
        .build()
}

fn success(route: &Route) -> Response {
    let described =
        ResponseBuilder::new().description(route.status.canonical_reason().unwrap_or_default());
    match &route.answer {
        Some(shape) => described.content(shape.media_type, shape.content()).build(),
        None => described.build(),
    }
}

fn error(route: &Route) -> Response {
    let (media_type, schema, says) = if route.required.speaks_oauth() {
        (
            "application/json",
            "OAuthError",
            "Refused (RFC 6749 section 5.2)",
        )
    } else if route.csrf == Csrf::NoAmbientAuthority {
        ("application/problem+json", "Problem", "Refused (RFC 9457)")
    } else {
        ("text/html", "Page", "Refused")
    };
    ResponseBuilder::new()
        .description(says)
        .content(
            media_type,
            Content::new(Some(Ref::from_schema_name(schema))),
        )
        .build()
}

fn securities(required: Required) -> Option<Vec<SecurityRequirement>> {
    let none: [&str; 0] = [];
    match required {
        Required::Public | Required::Browser | Required::OwnForm => None,
        Required::Login
        | Required::LoginAndOwnForm
        | Required::Console(_)
        | Required::ConsoleForm(_) => Some(vec![SecurityRequirement::new(COOKIE, none)]),
        // `{}`: the form or the body may carry the proof instead.
        Required::Client => Some(vec![
            SecurityRequirement::new(BASIC, none),
            SecurityRequirement::default(),
        ]),
        // `{}`: whether a token is demanded is the operator's choice.
        Required::Registrant => Some(vec![
            SecurityRequirement::new(BEARER, none),
            SecurityRequirement::default(),
        ]),
        Required::ManagingClient => Some(vec![SecurityRequirement::new(BEARER, none)]),
        Required::Follower => Some(vec![
            SecurityRequirement::new(BASIC, none),
            SecurityRequirement::new(BEARER, [FOLLOW]),
        ]),
        Required::CallerOrRefreshToken => Some(vec![
            SecurityRequirement::new(BEARER, none),
            SecurityRequirement::default(),
        ]),
        Required::Caller => Some(vec![SecurityRequirement::new(BEARER, none)]),
        Required::OpenIdCaller => Some(vec![SecurityRequirement::new(BEARER, ["openid"])]),
        Required::Scope(scope) => Some(vec![SecurityRequirement::new(BEARER, [scope])]),
    }
}
