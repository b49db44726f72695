//! A body's content type and schemas.

use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Content, Ref, RefOr};

/// What a body looks like.
pub struct Shape {
    pub media_type: &'static str,
    name: String,
    /// The body's own schema and those that it refers to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    pub fn of<B: ToSchema>(media_type: &'static str) -> Self {
        let name = B::name().into_owned();
        let mut schemas = vec![(name.clone(), B::schema())];
        B::schemas(&mut schemas);
        Self {
            media_type,
            name,
            schemas,
        }
    }

    pub fn content(&self) -> Content {
        Content::new(Some(Ref::from_schema_name(&self.name)))
    }
}
