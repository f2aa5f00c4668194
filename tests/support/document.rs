//! The contract in writing: what `/openapi.json` says that a reply looks like.

use reqwest::{Method, Url};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

/// The document of this build. Every simulator of one test binary gives the same.
pub async fn document(any: &Url) -> &'static Value {
    static DOCUMENT: OnceCell<Value> = OnceCell::const_new();
    let read = async || {
        let url = any.join("/openapi.json").unwrap();
        reqwest::get(url).await.unwrap().json().await.unwrap()
    };
    DOCUMENT.get_or_init(read).await
}

/// Holds a reply against the document: its status is told of, its body is as described, and no key is
/// in it that the description lacks.
pub async fn check(method: &Method, url: &Url, status: u16, body: &Value) {
    let document = document(url).await;
    let path = url.path().strip_prefix("/development").unwrap_or(url.path());
    let Some((template, operation)) = operation(document, method, path) else {
        assert!(status >= 400, "{method} {path} answers {status} and no document tells of it");
        return;
    };
    let about = format!("{method} {template} {status}");
    let responses = &operation["responses"];
    let told = responses.get(status.to_string());
    let response = told.unwrap_or_else(|| {
        assert!(status >= 400, "{about} is not in the document");
        &responses["default"]
    });
    let Some(schema) = response.pointer("/content/application~1json/schema") else {
        assert!(body.is_null(), "{about} has a body that the document does not tell of: {body}");
        return;
    };
    let mut whole = schema.as_object().expect(&about).clone();
    whole.insert("components".to_owned(), document["components"].clone());
    let validator = jsonschema::draft202012::new(&Value::Object(whole)).expect(&about);
    let wrong: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{about}: {wrong:#?}\n{body}");
    let mut untold = Vec::new();
    untold_keys(document, schema, body, "", &mut untold);
    assert!(untold.is_empty(), "{about}: keys that the document does not tell of: {untold:?}");
}

/// The operation that a path belongs to: of several templates the one with the most fixed words.
fn operation<'d>(document: &'d Value, method: &Method, path: &str) -> Option<(&'d str, &'d Value)> {
    let method = method.as_str().to_ascii_lowercase();
    let given: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        let same = parts.iter().zip(&given).all(|(part, word)| part.starts_with('{') || part == word);
        (parts.len() == given.len() && same).then(|| parts.iter().filter(|p| p.starts_with('{')).count())
    };
    let paths = document["paths"].as_object().unwrap();
    let fitting = paths
        .iter()
        .filter_map(|(template, item)| Some((fits(template)?, template.as_str(), item.get(&method)?)));
    fitting.min_by_key(|(holes, ..)| *holes).map(|(_, template, operation)| (template, operation))
}

/// Schemas of one object, its alternatives and parts included.
fn properties<'d>(document: &'d Value, schema: &'d Value, found: &mut Map<String, Value>) -> Open {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap();
        return properties(document, target, found);
    }
    if let Some(own) = schema["properties"].as_object() {
        found.extend(own.clone());
    }
    let parts = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|kind| schema[kind].as_array()).flatten();
    let mut open = schema.get("additionalProperties").is_some_and(|more| *more != json!(false))
        || schema.get("propertyNames").is_some();
    for part in parts {
        open |= properties(document, part, found).0;
    }
    let says_nothing = found.is_empty() && schema.get("type").is_none_or(|kind| kind == "object");
    Open(open || (says_nothing && schema.get("oneOf").is_none() && schema.get("allOf").is_none()))
}

/// Whether more keys than the described ones may come.
struct Open(bool);

fn untold_keys(document: &Value, schema: &Value, value: &Value, at: &str, untold: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let mut told = Map::new();
            let Open(open) = properties(document, schema, &mut told);
            for (key, value) in fields {
                match told.get(key) {
                    Some(schema) => untold_keys(document, schema, value, &format!("{at}/{key}"), untold),
                    None if open => {}
                    None => untold.push(format!("{at}/{key}")),
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = items_of(document, schema) else { return };
            for item in items {
                untold_keys(document, schema, item, &format!("{at}[]"), untold);
            }
        }
        _ => {}
    }
}

fn items_of<'d>(document: &'d Value, schema: &'d Value) -> Option<&'d Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        return items_of(document, document.pointer(reference.trim_start_matches('#'))?);
    }
    let mut alternatives = schema["oneOf"].as_array().into_iter().flatten();
    schema.get("items").or_else(|| alternatives.find_map(|one| items_of(document, one)))
}
