//! How a call fails. Each message says what failed, why, and what to do, and holds no token, name,
//! number or position.

use crate::app::action::{Failure, FailureKind};
use crate::text::{DisplayText, one_line};
use jiff::SignedDuration;
use serde_json::Value;

/// Longest part of a server's own message that is shown.
const LONGEST_MESSAGE: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Nothing of the request was sent, so that it is safe to repeat.
    #[error(
        "could not {what}: no connection to the server ({why}); nothing was sent, check the address and the network"
    )]
    Unreachable { what: &'static str, why: &'static str },
    /// It was sent and no whole answer came: it may or may not have been done.
    #[error("could not {what}: the server gave no whole answer ({why}); it may have been done all the same")]
    Unanswered { what: &'static str, why: &'static str },
    /// An answer that is no success, with the server's own message.
    #[error("could not {what}: the server answered {status}: {}{}", .message.as_str().trim_end_matches('.'), advice(*.status))]
    Status { what: &'static str, status: u16, message: DisplayText, retry_after: Option<SignedDuration> },
    #[error(
        "could not {what}: the server's reply cannot be read: {why}; is this the address of a Panic API?"
    )]
    Unreadable { what: &'static str, why: String },
    /// 401 with a fresh token too, or no token was to be had.
    #[error(
        "could not {what}: the server refused our credentials ({message}); check client id and secret of the profile"
    )]
    Unauthorized { what: &'static str, message: DisplayText },
    #[error("could not {what}: the profile is read-only; nothing was sent")]
    ReadOnly { what: &'static str },
    #[error("could not {what}: {why}; nothing was sent")]
    Unsupported { what: &'static str, why: &'static str },
    #[error("{0}")]
    Settings(String),
}

fn advice(status: u16) -> &'static str {
    match status {
        285 => "; the callout is over",
        300..=399 => "; redirects are not followed, check the base URL of the profile",
        403 => "; is the customer's subscription active?",
        409 => "; if the customer is known already, put its id into the profile",
        429 => "; it is asked too often, wait a little",
        500.. => "; the trouble is on the server's side, try again shortly",
        _ => "",
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let kind = match &error {
            ApiError::Unreachable { .. } => FailureKind::Unreachable,
            ApiError::Unanswered { .. } => FailureKind::Unanswered,
            ApiError::Unauthorized { .. } => FailureKind::Unauthorized,
            ApiError::Unreadable { .. } => FailureKind::Unreadable,
            ApiError::ReadOnly { .. } | ApiError::Unsupported { .. } | ApiError::Settings(_) => {
                FailureKind::Forbidden
            }
            ApiError::Status { status, .. } => match status {
                401 => FailureKind::Unauthorized,
                404 => FailureKind::NotFound,
                429 => FailureKind::TooMany,
                500.. => FailureKind::Server,
                _ => FailureKind::Refused,
            },
        };
        let retry_after = match &error {
            ApiError::Status { retry_after, .. } => *retry_after,
            _ => None,
        };
        Self { kind, message: DisplayText::new(&error.to_string()), retry_after }
    }
}

/// The server's own words out of an error body: `message`, else `error`. A page of HTML says nothing
/// that a person could use, so that the status's name stands instead.
pub(crate) fn message_of(status: u16, body: &[u8]) -> DisplayText {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let said = value.as_ref().and_then(|value| {
        ["message", "error"]
            .iter()
            .find_map(|key| value.get(key)?.as_str())
            .filter(|said| !said.trim().is_empty())
    });
    match said {
        Some(said) => DisplayText::new(&one_line(&without_private_words(said), LONGEST_MESSAGE)),
        None => DisplayText::new(status_name(status)),
    }
}

fn status_name(status: u16) -> &'static str {
    reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("no message was given")
}

/// Servers like to repeat what they were sent. What looks like a number of a person, an e-mail
/// address, a coordinate or a token is masked.
fn without_private_words(said: &str) -> String {
    let words: Vec<&str> = said.split_whitespace().collect();
    let mut kept: Vec<&str> = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let [first, tail @ ..] = rest {
        let run = rest.iter().take_while(|word| is_number_part(word)).count();
        if run > 1 && rest[..run].iter().map(|word| digits(word)).sum::<usize>() >= 8 {
            kept.push("***");
            rest = &rest[run..];
            continue;
        }
        kept.push(if is_private(first) { "***" } else { first });
        rest = tail;
    }
    kept.join(" ")
}

fn digits(word: &str) -> usize {
    word.chars().filter(char::is_ascii_digit).count()
}

/// A piece of a telephone number that is written with blanks.
fn is_number_part(word: &str) -> bool {
    digits(word) > 0
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | ','))
}

fn is_private(word: &str) -> bool {
    let fraction =
        word.split('.').nth(1).map_or(0, |after| after.chars().take_while(char::is_ascii_digit).count());
    digits(word) >= 8 || word.contains('@') || word.chars().count() > 40 || fraction >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        message_of(400, serde_json::json!({ "message": text }).to_string().as_bytes()).to_string()
    }

    #[test]
    fn the_server_s_own_words_are_kept() {
        assert_eq!(said("responseTypeId must be 1, 2 or 3"), "responseTypeId must be 1, 2 or 3");
        assert_eq!(said("Callout 992011 not found"), "Callout 992011 not found");
        assert_eq!(message_of(400, br#"{"error":"no such thing"}"#).as_str(), "no such thing");
    }

    #[test]
    fn a_page_of_html_becomes_the_status_s_name() {
        let page = b"<html><body><h1>502 Bad Gateway</h1></body></html>";
        assert_eq!(message_of(502, page).as_str(), "Bad Gateway");
        assert_eq!(message_of(599, b"").as_str(), "no message was given");
    }

    #[test]
    fn what_looks_private_is_masked() {
        assert_eq!(said("mobile +27821234567 is known"), "mobile *** is known");
        assert_eq!(said("mobile +27 82 123 4567 is known"), "mobile *** is known");
        assert_eq!(said("jane@example.com is known"), "*** is known");
        assert_eq!(said("-26.12345 is outside"), "*** is outside");
        assert_eq!(said(&format!("bad token {}", "x".repeat(60))), "bad token ***");
    }

    #[test]
    fn a_long_or_dirty_message_is_cut_and_cleaned() {
        assert_eq!(said(&"word ".repeat(200)).chars().count(), 199);
        assert_eq!(said("line\u{1b}[31m\nbreak\u{202e}"), "line break");
    }

    #[test]
    fn kinds_are_those_that_decide_what_may_be_done() {
        let status = |status| {
            let error = ApiError::Status {
                what: "read the callout",
                status,
                message: DisplayText::new("x"),
                retry_after: Some(SignedDuration::from_secs(10)),
            };
            Failure::from(error)
        };
        for (code, kind) in [
            (285, FailureKind::Refused),
            (302, FailureKind::Refused),
            (400, FailureKind::Refused),
            (401, FailureKind::Unauthorized),
            (404, FailureKind::NotFound),
            (429, FailureKind::TooMany),
            (500, FailureKind::Server),
            (502, FailureKind::Server),
        ] {
            assert_eq!(status(code).kind, kind, "{code}");
        }
        assert_eq!(status(429).retry_after, Some(SignedDuration::from_secs(10)));
        let failure = Failure::from(ApiError::ReadOnly { what: "raise a callout" });
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert_eq!(
            failure.message.as_str(),
            "could not raise a callout: the profile is read-only; nothing was sent"
        );
    }
}
