//! What a token says of itself. Nobody's signature is checked here: it is for people who look, and
//! for nothing that decides.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An integration's own, for everything of its customer source.
    Server,
    /// One customer's, for raising and following their callout.
    Callout,
    /// One person's (v1, hosted pages).
    User,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Callout => "callout",
            Self::User => "user",
        }
    }
}

/// What could be read. Only claims that are documented or that our simulator writes are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    pub kind: Kind,
    /// The token does not say what it is: `kind` is what its other claims suggest.
    pub kind_is_guessed: bool,
    pub client_id: Option<String>,
    pub customer_source: Option<String>,
    pub customer: Option<String>,
    pub callout: Option<String>,
    pub subject: Option<String>,
    pub issuer: Option<String>,
    pub issued: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    /// How it claims to be signed.
    pub algorithm: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAToken {
    #[error("this is no token: a JWT has three parts with a dot between them")]
    Parts,
    #[error("this is no token: its middle part is not base64url of a JSON object")]
    Payload,
}

/// Reads the claims. The error repeats nothing of the token.
pub fn read(token: &str) -> Result<Claims, NotAToken> {
    let token = bare(token);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, _] = parts[..] else { return Err(NotAToken::Parts) };
    let payload = object(payload).ok_or(NotAToken::Payload)?;
    let header = object(header).unwrap_or_default();
    let named = |names: &[&str]| names.iter().find_map(|name| text(payload.get(*name)?));
    let time = |name: &str| seconds(payload.get(name)?);
    let customer = named(&["customerId", "customer_id"]);
    let callout = named(&["calloutId", "callout_id"]);
    let scope = named(&["scope"]);
    let said = match scope.as_deref() {
        Some("server") => Some(Kind::Server),
        Some("callout") => Some(Kind::Callout),
        Some("user") => Some(Kind::User),
        _ => None,
    };
    let guessed = match (&callout, &customer) {
        (Some(_), _) => Kind::Callout,
        (None, Some(_)) => Kind::User,
        (None, None) => Kind::Server,
    };
    Ok(Claims {
        kind: said.unwrap_or(guessed),
        kind_is_guessed: said.is_none(),
        client_id: named(&["clientId", "client_id", "azp"]),
        customer_source: named(&["customerSourceId", "customer_source_id"]),
        customer,
        callout,
        subject: named(&["sub"]),
        issuer: named(&["iss"]),
        issued: time("iat"),
        expires: time("exp"),
        algorithm: header.get("alg").and_then(text),
    })
}

/// Without what it may have been copied together with: `Bearer`, quotes, white space.
fn bare(token: &str) -> &str {
    let token = token.trim().trim_matches(['"', '\'']);
    let scheme = token.get(..7).filter(|start| start.eq_ignore_ascii_case("bearer "));
    scheme.map_or(token, |scheme| token[scheme.len()..].trim_start())
}

fn object(part: &str) -> Option<Map<String, Value>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(part).or_else(|_| URL_SAFE.decode(part)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whole or broken seconds since the epoch, in figures or as text.
fn seconds(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is no time")]
    Timestamp::from_second(seconds as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use proptest::prelude::*;
    use serde_json::json;

    fn of(claims: &Value) -> Claims {
        read(&encode(&Header::default(), claims, &EncodingKey::from_secret(b"test")).unwrap()).unwrap()
    }

    #[test]
    fn what_it_says_it_is_it_is() {
        for (scope, kind) in [("server", Kind::Server), ("callout", Kind::Callout), ("user", Kind::User)] {
            let claims = of(&json!({ "scope": scope, "customerId": 7 }));
            assert_eq!((claims.kind, claims.kind_is_guessed), (kind, false));
        }
    }

    #[test]
    fn without_a_scope_the_other_claims_suggest_it() {
        let guess = |claims| {
            let claims = of(&claims);
            assert!(claims.kind_is_guessed);
            claims.kind
        };
        assert_eq!(guess(json!({ "customerId": 7, "sub": "x" })), Kind::User);
        assert_eq!(guess(json!({ "customerId": 7, "calloutId": 9 })), Kind::Callout);
        assert_eq!(guess(json!({ "clientId": "c", "scope": "read:all" })), Kind::Server);
    }

    #[test]
    fn times_and_ids_are_read_in_every_form() {
        let claims = of(&json!({
            "exp": 1_700_003_600.5, "iat": "1700000000", "customerSourceId": 12, "customer_id": "34", "sub": ""
        }));
        assert_eq!(claims.expires.unwrap().as_second(), 1_700_003_600);
        assert_eq!(claims.issued.unwrap().as_second(), 1_700_000_000);
        assert_eq!((claims.customer_source.as_deref(), claims.customer.as_deref()), (Some("12"), Some("34")));
        assert_eq!((claims.subject, claims.algorithm.as_deref()), (None, Some("HS256")));
        assert_eq!(of(&json!({ "exp": 1e300 })).expires, None);
    }

    #[test]
    fn it_may_come_with_what_it_was_copied_with() {
        let token =
            encode(&Header::default(), &json!({ "sub": "x" }), &EncodingKey::from_secret(b"t")).unwrap();
        for copied in [format!("Bearer {token}"), format!(" \"{token}\"\n"), format!("bearer  {token}")] {
            assert_eq!(read(&copied).unwrap().subject.as_deref(), Some("x"));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail_otherwise_than_by_saying_so(parts in prop::collection::vec("[a-zA-Z0-9_=-]{0,40}", 0..5)) {
            let text = parts.join(".");
            if let Err(error) = read(&text) {
                let expected = if parts.len() == 3 { NotAToken::Payload } else { NotAToken::Parts };
                prop_assert_eq!(error, expected);
            }
        }
    }
}
