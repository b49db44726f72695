//! The OpenAPI document, made from the table of routes.

mod operation;
mod shape;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, ComponentsBuilder, Info, OpenApi, OpenApiBuilder, Paths};

pub(crate) use shape::Shape;

use crate::problem::ProblemBody;
use crate::route::Route;
use crate::web::cookie;

/// Describes every row of `routes`.
pub(crate) fn describe(routes: &[Route]) -> OpenApi {
    let mut paths = Paths::new();
    for route in routes {
        if let Some(method) = operation::method(&route.method) {
            paths.add_path_operation(route.path, vec![method], operation::of(route));
        }
    }
    let mut info = Info::new("Keywright", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Times are seconds since the Unix epoch. Unknown members are refused with 400. Errors are problem documents (RFC 9457), \
         except below /oauth2, which speaks RFC 6749."
            .to_owned(),
    );
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components(routes)))
        .build()
}

fn components(routes: &[Route]) -> Components {
    let problem = Shape::of::<ProblemBody<'static>>("application/problem+json");
    let oauth = Shape::of::<crate::oauth::OAuthErrorBody>("application/json");
    let shapes = routes
        .iter()
        .flat_map(|route| route.request.iter().chain(&route.answer))
        .chain([&problem, &oauth]);
    let builder = shapes.fold(ComponentsBuilder::new(), |builder, shape| {
        builder.schemas_from_iter(shape.schemas.clone())
    });
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    builder
        .security_scheme(operation::BEARER, SecurityScheme::Http(bearer))
        .security_scheme(
            operation::BASIC,
            SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)),
        )
        .security_scheme(
            operation::COOKIE,
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie::LOGIN))),
        )
        .build()
}
