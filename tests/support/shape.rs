//! Samples and their shapes.

use serde_json::Value;
use std::collections::BTreeSet;

pub fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).unwrap()
}

/// Every key with its path, and of each path whether an object, a list (empty or not) or something
/// plain stands there. Of a list only the first element counts: how many there are is no matter of
/// shape.
pub fn shape(value: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    walk("", value, &mut lines);
    lines
}

fn walk(path: &str, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            lines.insert(format!("{path}{{}}"));
            for (key, value) in fields {
                walk(&format!("{path}/{key}"), value, lines);
            }
        }
        Value::Array(items) => {
            lines.insert(format!("{path}[{}]", if items.is_empty() { "" } else { "…" }));
            if let Some(first) = items.first() {
                walk(&format!("{path}[]"), first, lines);
            }
        }
        _ => {
            lines.insert(path.to_owned());
        }
    }
}

/// Wants both to have the same keys at every depth.
#[track_caller]
pub fn assert_same_shape(reply: &Value, sample: &Value) {
    let (reply, sample) = (shape(reply), shape(sample));
    let missing: Vec<_> = sample.difference(&reply).collect();
    let more: Vec<_> = reply.difference(&sample).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:#?}\nmore: {more:#?}");
}
