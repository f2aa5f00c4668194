//! Secrets out of what was sent and received, before anything keeps it.
//!
//! JSON is masked field by field, in its order; what is no JSON by what looks like a secret in it.
//! Names, numbers and places stay: they are what a person looks for on the screen.

use super::json::Node;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Names of fields, parameters and headers whose value nobody is shown, without regard to case and
/// punctuation.
const SECRETS: [&str; 8] =
    ["token", "secret", "password", "safecode", "authorization", "apikey", "cookie", "jwt"];

/// Objects whose values are all secrets: a webhook's headers carry its credentials.
const SECRET_OBJECTS: [&str; 2] = ["customheaders", "headers"];

/// Longest word that may be the name of a secret in what is no JSON.
const LONGEST_NAME: usize = 40;

/// A body without its secrets; the very text where there are none.
pub fn body(text: &str) -> String {
    let Some(mut node) = Node::parse(text) else { return plain_text(text) };
    if mask(&mut node) { node.compact() } else { text.to_owned() }
}

/// A path with its query, or a whole URL.
pub fn url(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let masked = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(masked).collect::<Vec<_>>().join("&"))
}

/// A header's value. `Authorization` keeps its scheme.
pub fn header(name: &str, value: &str) -> String {
    if !is_secret(name) {
        return plain_text(value);
    }
    match value.split_once(' ') {
        Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphabetic()) => format!("{scheme} {MASK}"),
        _ => MASK.to_owned(),
    }
}

fn is_secret(name: &str) -> bool {
    let name = bare(name);
    // A token's kind and its life are no tokens.
    name != "tokentype" && SECRETS.iter().any(|word| name.contains(word))
}

/// A name as it is compared: `client_secret`, `clientSecret` and `Client-Secret` are one.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether anything was masked.
fn mask(node: &mut Node) -> bool {
    match node {
        Node::Object(fields) => {
            let mut masked = false;
            for (name, value) in fields {
                masked |= if is_secret(name) {
                    hide(value)
                } else if SECRET_OBJECTS.contains(&bare(name).as_str()) {
                    hide_all(value)
                } else {
                    mask(value)
                };
            }
            masked
        }
        Node::List(items) => masked_any(items.iter_mut().map(mask)),
        Node::Text(text) => {
            let clean = plain_text(text);
            let masked = clean != **text;
            *text = clean.into();
            masked
        }
        Node::Null | Node::Bool(_) | Node::Number(_) => false,
    }
}

/// All of them, and whether one of them said yes: `any` would stop at the first.
fn masked_any(masked: impl Iterator<Item = bool>) -> bool {
    masked.filter(|masked| *masked).count() > 0
}

fn hide(value: &mut Node) -> bool {
    if matches!(value, Node::Null) {
        return false;
    }
    *value = Node::Text(MASK.into());
    true
}

fn hide_all(value: &mut Node) -> bool {
    match value {
        Node::Object(fields) => masked_any(fields.iter_mut().map(|(_, value)| hide_all(value))),
        Node::List(items) => masked_any(items.iter_mut().map(hide_all)),
        leaf => hide(leaf),
    }
}

/// What is no JSON: a value behind `name=` or `"name":` whose name is a secret's, and anything that has
/// the shape of a signed token.
fn plain_text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['=', ':', '.']) {
        let (before, sign) = (&rest[..at], rest.as_bytes()[at]);
        let after = &rest[at + 1..];
        let word = name_before(before);
        if sign == b'.' {
            if let Some(end) = token_end(word, after) {
                clean.push_str(&before[..before.len() - word.len()]);
                clean.push_str(MASK);
                rest = &after[end..];
                continue;
            }
        } else if is_secret(word) {
            let (lead, value) = value_after(after);
            if !value.is_empty() {
                clean.push_str(&rest[..=at]);
                clean.push_str(&after[..lead]);
                clean.push_str(MASK);
                rest = &after[lead + value.len()..];
                continue;
            }
        }
        clean.push_str(&rest[..=at]);
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// The word that ends `text`, quotes left out.
fn name_before(text: &str) -> &str {
    let text = text.trim_end_matches(['"', '\'', ' ']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let start = text
        .rfind(|c: char| !is_part(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let word = &text[start..];
    // The longest name of a field; a token is longer and is looked at as one.
    if word.len() > LONGEST_NAME && !word.starts_with("eyJ") { "" } else { word }
}

/// Bytes before the value (blanks, a quote, a scheme) and the value itself.
fn value_after(text: &str) -> (usize, &str) {
    let mut lead = text.len() - text.trim_start_matches([' ', '"', '\'']).len();
    for scheme in ["Bearer ", "Basic ", "bearer ", "basic "] {
        if text[lead..].starts_with(scheme) {
            lead += scheme.len();
        }
    }
    let value = &text[lead..];
    let end = value
        .find(|c: char| c.is_whitespace() || matches!(c, '&' | '"' | '\'' | '<' | '#' | ',' | ';' | '}'));
    (lead, &value[..end.unwrap_or(value.len())])
}

/// Where a signed token ends whose first part is `head`, in the text behind its first dot.
fn token_end(head: &str, after: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    let end = after.find(|c: char| !is_part(c)).unwrap_or(after.len());
    (head.starts_with("eyJ") && head.len() > 8 && after[..end].contains('.')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_masked_wherever_they_are() {
        let sent = r#"{"clientId":"acme","clientSecret":"hush","client_secret":"hush","password":"hush",
            "accessToken":"hush","tokenType":"Bearer","safeCode":4321,"expiresIn":3600,
            "callout":{"url":"http://127.0.0.1/track/7?sessionToken=hush&calloutId=7","name":"Testy"},
            "webhook":{"customHeaders":{"X-Key":"hush","list":["hush",4321]}},
            "list":[{"Api-Key":"hush"},"sessionToken=hush"],"refreshToken":null}"#;
        let shown = body(sent);
        assert!(!shown.contains("hush") && !shown.contains("4321"), "{shown}");
        assert!(shown.starts_with(r#"{"clientId":"acme","clientSecret":"***""#), "in its order: {shown}");
        for kept in [
            r#""tokenType":"Bearer""#,
            "track/7?sessionToken=***&calloutId=7",
            "Testy",
            r#""refreshToken":null"#,
        ] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
    }

    #[test]
    fn what_has_no_secrets_stays_to_the_byte() {
        for text in ["{ \"a\" : 1.50,\n \"when\":\"2026-01-01T10:00:00Z\" }", "<p>a=b: c. d</p>", "", "é=…:."]
        {
            assert_eq!(body(text), text);
        }
    }

    #[test]
    fn text_that_is_no_json_is_masked_by_its_looks() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        for (text, clean) in [
            ("grant=x&client_secret=hush&a=b", "grant=x&client_secret=***&a=b".to_owned()),
            ("{\"accessToken\": \"hush\", \"cut", "{\"accessToken\": \"***\", \"cut".to_owned()),
            ("authorization: Bearer hush\nnext", "authorization: Bearer ***\nnext".to_owned()),
            (&format!("the token {jwt} has ended"), "the token *** has ended".to_owned()),
            ("v1.2.3 is out", "v1.2.3 is out".to_owned()),
        ] {
            assert_eq!(body(text), clean);
        }
    }

    #[test]
    fn queries_and_headers_too() {
        assert_eq!(
            url("/x?sessionToken=hush&a=b&access_token=hush"),
            "/x?sessionToken=***&a=b&access_token=***"
        );
        assert_eq!(url("/x"), "/x");
        assert_eq!(header("Authorization", "Bearer hush"), "Bearer ***");
        assert_eq!(header("Set-Cookie", "a=hush"), "***");
        assert_eq!(header("content-type", "application/json"), "application/json");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_nothing_else_is_lost(text in ".{0,80}") {
            let once = body(&text);
            prop_assert_eq!(body(&once), once.clone());
        }
    }
}
