//! The OpenAPI document: made of what stands at the handlers, and of what holds for all of them.

use super::documented;
use super::reply::json;
use crate::api::model::reply::Message;
use crate::api::model::schema::GIVEN;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use serde_json::Value;
use std::sync::OnceLock;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, Ref, RefOr,
    ResponseBuilder, tag::TagBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

const ABOUT: &str = "A simulator of the AURA Panic API: version 2 under `/panic-api/v2`, version 1 under \
    `/panic-api`, both also behind `/development`. What stands under `/control` is not AURA's: it is the \
    control room that answers, and the hands that turn the simulated world.";

/// `GET /openapi.json`. Made when it is first asked for: most runs never are.
pub async fn document() -> Response {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    json(DOCUMENT.get_or_init(written))
}

/// `GET /docs`: the document, to be read and tried in a browser. All of it comes from here: neither the
/// page nor its checker asks another host.
pub fn browser<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let config = Config::from("/openapi.json")
        .validator_url("none")
        .doc_expansion("none")
        .filter(true)
        .try_it_out_enabled(true)
        .persist_authorization(true);
    let router: Router<S> = SwaggerUi::new("/docs").config(config).into();
    router.layer(map_response(own_host_only))
}

/// Swagger UI sets styles in its elements; everything else is held to this host.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

async fn own_host_only(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn written() -> Value {
    let mut document = serde_json::to_value(whole()).unwrap_or_default();
    write_out_given(&mut document);
    leave_out_unused(&mut document);
    document
}

fn whole() -> OpenApi {
    let mut components = Components::new();
    components.schemas.insert(Message::name().into_owned(), Message::schema());
    components.security_schemes.extend([
        ("token".to_owned(), bearer("A token of `/oauth/token`.", Some("JWT")).into()),
        (
            "controlToken".to_owned(),
            bearer("What `--control-token` says. Not asked for on loopback.", None).into(),
        ),
    ]);
    let mut paths = Paths::new();
    for (prefix, routes) in documented() {
        for (schemas, area, _) in routes.into_iter().map(|route| (route.described)()) {
            components.schemas.extend(schemas);
            for (path, mut item) in area.paths {
                let whole = format!("{prefix}{path}");
                operations(&mut item).for_each(|operation| complete(operation, prefix, &whole));
                paths.paths.entry(whole).or_default().merge_operations(item);
            }
        }
    }
    let info = InfoBuilder::new()
        .title("panic-console: the AURA Panic API, simulated")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT));
    let tags =
        AREAS.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).tags(Some(tags)).build()
}

/// In the order in which somebody who integrates needs them.
const AREAS: [(&str, &str); 12] = [
    ("Authentication", "Tokens"),
    ("Customers", "The protected people, and their hosted signup"),
    ("Subscriptions", "What entitles a customer to a response"),
    ("Callouts", "Raise, follow, write, cancel"),
    ("Ratings", "After a callout is closed"),
    ("Fixed locations", "Places that ask for help by their reference"),
    ("IoT devices", "Buttons and trackers, and what they say"),
    ("Webhooks", "Be told instead of asking"),
    ("Leads", "People who may become customers"),
    ("Scheduled services", "Guards, booked ahead"),
    ("v1", "The API of 2020"),
    ("Control", "Not AURA's: the control room, the clock, what goes wrong, what was asked"),
];

fn bearer(description: &str, format: Option<&str>) -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
    let scheme = format.into_iter().fold(scheme, HttpBuilder::bearer_format);
    SecurityScheme::Http(scheme.build())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// What an annotation need not repeat: the ids in the path, the token, and the body of an error.
fn complete(operation: &mut Operation, prefix: &str, path: &str) {
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = operation.parameters.get_or_insert_default();
    for name in named {
        let told = |given: &RefOr<Parameter>| matches!(given, RefOr::T(given) if given.name == name);
        if !parameters.iter().any(told) {
            let mut parameter = Parameter::new(name);
            parameter.parameter_in = ParameterIn::Path;
            parameter.schema = Some(String::schema());
            parameters.push(parameter.into());
        }
    }
    let scheme = match prefix {
        "/control" => Some("controlToken"),
        "" => path.starts_with("/predefinedLocations").then_some("token"),
        _ => (!path.ends_with("/oauth/token")).then_some("token"),
    };
    operation.security =
        scheme.map(|scheme| vec![SecurityRequirement::new::<_, [&str; 0], &str>(scheme, [])]);
    let error = || {
        let message = RefOr::Ref(Ref::from_schema_name(Message::name()));
        let content = ContentBuilder::new().schema(Some(message)).build();
        ResponseBuilder::new().content("application/json", content)
    };
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let code: u16 = status.parse().unwrap_or_default();
        if code >= 400 && response.content.is_empty() {
            *response = error().description(meaning(code)).build();
        } else if response.description.is_empty() {
            meaning(code).clone_into(&mut response.description);
        }
    }
    let other = error().description("Anything else that goes wrong").build();
    operation.responses.responses.insert("default".to_owned(), other.into());
}

/// Reference §3.
fn meaning(status: u16) -> &'static str {
    match status {
        200 => "Done",
        201 => "Created",
        204 => "Done; nothing to say",
        285 => "The callout is closed: this is its last state, stop",
        400 => "Malformed, a missing field or an invalid value",
        401 => "No token, a wrong one, or one that does not allow this",
        403 => "Not permitted",
        404 => "Unknown, or of another customer source",
        409 => "Not possible as things are",
        429 => "Too many requests",
        500 => "Unexpected server error",
        _ => "See the description",
    }
}

/// A reference to a [`GIVEN`] is replaced by what it stands for: a reader of the document need not know
/// how this program reads its requests.
fn write_out_given(document: &mut Value) {
    let Some(schemas) = document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut) else { return };
    let names: Vec<String> = schemas.keys().filter(|name| name.starts_with(GIVEN)).cloned().collect();
    let given: Vec<(String, Value)> = names
        .into_iter()
        .filter_map(|name| Some((format!("#{SCHEMAS}/{name}"), schemas.remove(&name)?)))
        .collect();
    tidy(document, &given);
}

const SCHEMAS: &str = "/components/schemas";

/// Also takes away the defaults, which say how a reader tolerates a field that is not there.
fn tidy(value: &mut Value, given: &[(String, Value)]) {
    let target = value.get("$ref").and_then(Value::as_str);
    if let Some((_, schema)) = given.iter().find(|(name, _)| target == Some(name)) {
        *value = schema.clone();
    }
    match value {
        Value::Object(fields) => {
            let is_schema = ["type", "oneOf", "$ref"].iter().any(|key| fields.contains_key(*key));
            fields.retain(|key, _| key != "default" || !is_schema);
            fields.values_mut().for_each(|field| tidy(field, given));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| tidy(item, given)),
        _ => {}
    }
}

/// Leaves out what nothing refers to: the plain types that fields are made of.
fn leave_out_unused(document: &mut Value) {
    let text = document.to_string();
    let Some(schemas) = document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut) else { return };
    schemas.retain(|name, _| text.contains(&format!("\"#{SCHEMAS}/{name}\"")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A [`super::super::route::Route`] has the path of its first handler.
    #[test]
    fn handlers_that_stand_together_have_one_path() {
        for (prefix, routes) in documented() {
            for route in routes {
                let (_, paths, _) = (route.described)();
                assert_eq!(paths.paths.keys().collect::<Vec<_>>(), [&route.path], "{prefix}");
            }
        }
    }

    #[test]
    fn operations_have_names_of_their_own_and_no_reference_hangs() {
        let document = written();
        let text = document.to_string();
        let mut names = BTreeSet::new();
        let paths = document["paths"].as_object().unwrap();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap_or_default();
                assert!(!name.is_empty() && names.insert(name.to_owned()), "{method} {path}: {name:?}");
                assert!(operation["summary"].is_string(), "{method} {path}");
            }
        }
        let areas: BTreeSet<&str> = AREAS.iter().map(|(name, _)| *name).collect();
        for operation in paths.values().flat_map(|item| item.as_object().unwrap().values()) {
            let tags = operation["tags"].as_array().unwrap();
            assert!(tags.iter().all(|tag| areas.contains(tag.as_str().unwrap())), "{tags:?}");
        }
        assert!(names.len() > 35 && !text.contains(&format!("/{GIVEN}")), "{text}");
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
    }
}
