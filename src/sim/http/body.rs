//! Bodies of requests: JSON, bounded, and refused with a message that names the field.

use super::plain::plain;
use super::problem::Problem;
use crate::api::model::{Given, Id};
use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The largest body that is read. The longest request of the API is some kilobytes.
pub const LARGEST: usize = 1024 * 1024;

/// Objects with more fields than any request has are refused without a search for the wrong one.
const MOST_FIELDS: usize = 64;

/// Fields that are objects wherever a request has them. A struct would be read from a list too, by the
/// order of its fields, which is nobody's contract.
const OBJECTS: [&str; 5] = ["location", "calloutLocation", "customer", "subscription", "position"];

/// A JSON object. An absent or empty body is an empty object: several operations take none, and where
/// a field is required its absence says so.
#[derive(Debug)]
pub struct Fields<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Fields<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = read(body).await?;
        if bytes.is_empty() {
            return parse(&Value::Object(Map::new()));
        }
        check_media_type(&head.headers)?;
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Problem::bad(format!("The body is not valid JSON: {error}.")))?;
        if !value.is_object() {
            return Err(Problem::bad("The body must be a JSON object."));
        }
        if let Some(field) = OBJECTS.iter().find(|field| value.get(field).is_some_and(Value::is_array)) {
            return Err(Problem::bad(format!("{field} must be an object.")));
        }
        parse(&value)
    }
}

fn parse<T: DeserializeOwned>(value: &Value) -> Result<Fields<T>, Problem> {
    let error = match serde_path_to_error::deserialize(value) {
        Ok(fields) => return Ok(Fields(fields)),
        Err(error) => error,
    };
    let (path, error) = (error.path().to_string(), error.into_inner().to_string());
    // Of the body itself there is nothing to name, and a key that is too many is named by the error.
    let known = (path != "." && !error.contains(&format!("field `{path}`"))).then_some(path);
    let field = known.or_else(|| culprit::<T>(value, &error));
    // Some of our own types name their field; it stands at the end of the path then.
    let own = field.as_deref().and_then(|field| field.rsplit('.').next());
    let why = own.and_then(|own| error.strip_prefix(own)?.strip_prefix(": ")).unwrap_or(&error);
    let field = field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
    Err(Problem::bad(format!("{field}{}.", plain(why))))
}

/// Which field an error is about, where neither it nor serde's way to it says so: the one without which
/// the error is another.
fn culprit<T: DeserializeOwned>(value: &Value, error: &str) -> Option<String> {
    let fields = value.as_object().filter(|fields| fields.len() <= MOST_FIELDS)?;
    if error.starts_with("missing field") || error.starts_with("unknown field") {
        return None;
    }
    let without = |name: &String| {
        let mut fields = fields.clone();
        fields.remove(name);
        T::deserialize(&Value::Object(fields)).err().is_none_or(|other| other.to_string() != error)
    };
    fields.keys().find(|name| without(name)).cloned()
}

pub async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB.");
    if body.size_hint().lower() > LARGEST as u64 {
        // Its length says so; nothing of it need come.
        return Err(too_large());
    }
    match Limited::new(body, LARGEST).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::bad("The body could not be read.")),
    }
}

/// Whether the body says that it is TOML: a device template may come as its file is.
pub fn is_toml(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|given| given.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/toml")
}

/// A body without a media type is taken for JSON; one that says it is something else is not.
fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(given) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let given = given.to_str().unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let message = "Content-Type must be application/json.";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

/// A field that may not be missing.
pub fn required<T: Clone>(given: &Given<T>, field: &str) -> Result<T, Problem> {
    given.require(field).cloned().map_err(|why| Problem::bad(format!("{why}.")))
}

pub fn optional<T: Clone>(given: &Given<T>, field: &str) -> Result<Option<T>, Problem> {
    given.optional(field).map(Option::<&T>::cloned).map_err(|why| Problem::bad(format!("{why}.")))
}

/// An id in the world's form. One that cannot be an id names nothing.
pub fn id(given: &Id, field: &str) -> Result<u64, Problem> {
    let number = given.number().ok_or_else(|| Problem::bad(format!("{field} must be an integer.")))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// An id out of a path.
pub fn path_id(raw: &str, field: &str) -> Result<u64, Problem> {
    let number: i64 = raw.parse().map_err(|_| Problem::bad(format!("{field} must be an integer.")))?;
    Ok(u64::try_from(number).unwrap_or(0))
}
