//! What the OpenAPI document says of the types that write themselves by hand.

use super::wire_time::RequestTime;
use super::{Given, Id, Number, TextNumber};
use std::borrow::Cow;
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A request says the same of each of its fields: it may be left out or null, else it is a `T`. The
/// trait is utoipa's own for generic types and hidden in its documentation; the other way is an
/// attribute at each of some hundred fields.
impl<T: ToSchema> ComposeSchema for Given<T>
where
    Option<T>: ComposeSchema,
{
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        <Option<T>>::compose(generics)
    }
}

/// The document writes this type out where it stands: components of this name are not listed.
pub const GIVEN: &str = "Given";

impl<T: ToSchema> ToSchema for Given<T>
where
    Option<T>: ComposeSchema,
{
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(GIVEN)
    }

    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
        schemas.push((T::name().into_owned(), T::schema()));
    }
}

fn one(kind: Type, description: &str) -> RefOr<Schema> {
    Object::builder().schema_type(kind).description(Some(description)).build().into()
}

fn either(kinds: [Type; 2], description: &str) -> RefOr<Schema> {
    Object::builder().schema_type(SchemaType::from_iter(kinds)).description(Some(description)).build().into()
}

impl ComposeSchema for Id {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        either([Type::Integer, Type::String], "An id: an integer here, read from text as well.")
    }
}

impl ToSchema for Id {}

impl ComposeSchema for Number {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        either([Type::Number, Type::String], "A number; in a request a numeric text will do.")
    }
}

impl ToSchema for Number {}

impl ComposeSchema for TextNumber {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        one(Type::String, "A number written as text.")
    }
}

impl ToSchema for TextNumber {}

impl ComposeSchema for RequestTime {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        Object::builder()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .build()
            .into()
    }
}

impl ToSchema for RequestTime {}
