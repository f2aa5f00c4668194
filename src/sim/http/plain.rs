//! What is wrong with a value, said to whoever sent it. serde says it to a programmer: with the names of
//! this program's types, and with the value itself, which may be somebody's name, number or place.

/// Longest name that is said back.
const LONGEST_NAME: usize = 40;

/// serde's error, without types and values. What our own types say is left as it is.
pub fn plain(error: &str) -> String {
    let is = |what: &str| error.starts_with(what);
    let expected = error.rsplit_once(", expected ").map(|(_, expected)| expected);
    if is("invalid type: ") || is("invalid value: ") || is("invalid length ") {
        return expected.and_then(kind).map_or_else(not_valid, |kind| format!("must be {kind}"));
    }
    for what in ["unknown variant", "unknown field"] {
        if let Some(rest) = error.strip_prefix(what) {
            let name = rest.trim_start().strip_prefix('`').and_then(|rest| rest.split_once('`'));
            let name = name.map_or("", |(name, _)| name);
            let name = if is_name(name) { format!(" `{name}`") } else { String::new() };
            let known = expected.map(|known| format!(", expected {known}")).unwrap_or_default();
            return format!("{what}{name}{known}");
        }
    }
    if is("data did not match any variant") { not_valid() } else { error.to_owned() }
}

fn not_valid() -> String {
    "is not valid".to_owned()
}

/// A name of the API or a slip of one: one short word, where a list of words or fields is known. Repeated,
/// since a slip is found sooner when it is seen.
fn is_name(text: &str) -> bool {
    let in_names = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(in_names)
}

/// The kind of JSON that serde waits for.
fn kind(expected: &str) -> Option<&'static str> {
    let begins = |all: &[&str]| all.iter().any(|begin| expected.starts_with(begin));
    Some(match expected {
        "a boolean" => "true or false",
        "a string" | "a borrowed string" | "a character" => "a text",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        _ if begins(&["struct ", "a map", "internally tagged ", "adjacently tagged "]) => "an object",
        _ if begins(&["a sequence", "an array", "a tuple", "tuple "]) => "a list",
        _ if begins(&["enum ", "variant ", "string or map", "unit variant "]) => "one of its words",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct SecretlyNamed {
        count: Option<u32>,
        share: Option<f64>,
        flag: Option<bool>,
        word: Option<SecretWord>,
        inner: Option<Box<SecretlyNamed>>,
        list: Option<Vec<i64>>,
        either: Option<SecretChoice>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum SecretWord {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only read")]
    enum SecretChoice {
        Flag(bool),
        Number(u8),
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "step")]
    enum SecretStep {
        Go,
    }

    fn said<T: DeserializeOwned + std::fmt::Debug>(value: Value) -> String {
        plain(&serde_json::from_value::<T>(value).unwrap_err().to_string())
    }

    #[test]
    fn no_type_and_no_value_is_said() {
        for (value, words) in [
            (json!({ "count": "Jane Doe" }), "must be a whole number that is not negative"),
            (json!({ "count": -1 }), "must be a whole number that is not negative"),
            (json!({ "share": "x, expected struct Y" }), "must be a number"),
            (json!({ "flag": "Jane" }), "must be true or false"),
            (json!({ "word": "jane doe" }), "unknown variant, expected `one` or `two`"),
            (json!({ "word": "three" }), "unknown variant `three`, expected `one` or `two`"),
            (json!({ "inner": "Jane" }), "must be an object"),
            (json!({ "list": "Jane" }), "must be a list"),
            (json!({ "list": ["Jane"] }), "must be a whole number"),
            (json!({ "either": "Jane" }), "is not valid"),
        ] {
            assert_eq!(said::<SecretlyNamed>(value.clone()), words, "{value}");
        }
        let unknown = said::<SecretlyNamed>(json!({ "cuont": 1 }));
        assert!(unknown.starts_with("unknown field `cuont`, expected one of `count`"), "{unknown}");
        let strange = said::<SecretlyNamed>(json!({ "Jane Doe, +27821234567": 1 }));
        assert!(strange.starts_with("unknown field, expected one of"), "{strange}");
        for value in [json!({}), json!({ "step": 7 }), json!({ "step": { "Jane": 1 } }), json!(["Jane Doe"])]
        {
            let said = said::<SecretStep>(value.clone());
            assert!(!said.contains("Secret") && !said.contains("Jane"), "{value}: {said}");
        }
    }
}
