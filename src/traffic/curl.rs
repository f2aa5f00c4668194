//! An exchange as a command that makes the same request again.

use super::{Body, Method};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of a text that every terminal worth the name takes by OSC 52: 100,000 once written as base64.
pub const LARGEST_COPY: usize = 74_994;

/// What a command is made of. The token is no part of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curl {
    pub method: Method,
    pub url: String,
    /// It was sent with a token.
    pub authorized: bool,
    pub content_type: Option<String>,
    pub body: Option<Body>,
}

impl fmt::Debug for Curl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Curl").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Curl {
    /// `token` in its place, or the variable `$TOKEN` of the shell.
    pub fn line(&self, token: Option<&str>) -> String {
        let mut parts = vec!["curl".to_owned()];
        // A body makes it a POST by itself.
        let natural = if self.body.is_some() { Method::Post } else { Method::Get };
        match self.method {
            Method::Head => parts.push("--head".to_owned()),
            method if method != natural => parts.push(format!("-X {}", method.as_str())),
            _ => {}
        }
        parts.push(quoted(&self.url));
        if self.authorized {
            parts.push(match token {
                Some(token) => format!("-H {}", quoted(&format!("authorization: Bearer {token}"))),
                None => "-H \"authorization: Bearer $TOKEN\"".to_owned(),
            });
        }
        if let Some(content_type) = &self.content_type {
            parts.push(format!("-H {}", quoted(&format!("content-type: {content_type}"))));
        }
        if let Some(body) = &self.body {
            // `--data` would take a body that begins with @ for the name of a file.
            parts.push(format!("--data-raw {}", quoted(body.as_str())));
        }
        parts.join(" ")
    }
}

/// One word for a POSIX shell, whatever is in it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn post(body: &str) -> Curl {
        Curl {
            method: Method::Post,
            url: "http://127.0.0.1:3005/panic-api/v2/callouts/7/events?a=1&b=2".to_owned(),
            authorized: true,
            content_type: Some("application/json".to_owned()),
            body: Some(Body::new(body)),
        }
    }

    #[test]
    fn a_request_is_one_line() {
        let url = "'http://127.0.0.1:3005/panic-api/v2/callouts/7/events?a=1&b=2'";
        assert_eq!(
            post("{\"event\":\"it's here\"}").line(None),
            format!(
                "curl {url} -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' \
                 --data-raw '{{\"event\":\"it'\\''s here\"}}'"
            )
        );
        let get = Curl { method: Method::Get, body: None, content_type: None, ..post("") };
        assert_eq!(get.line(Some("a.b.c")), format!("curl {url} -H 'authorization: Bearer a.b.c'"));
        let delete = Curl { method: Method::Delete, authorized: false, ..get };
        assert_eq!(delete.line(None), format!("curl -X DELETE {url}"));
        assert!(Curl { method: Method::Put, ..post("{}") }.line(None).starts_with("curl -X PUT 'http"));
    }

    /// The shell itself says what it makes of the words.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_every_word_as_it_was() {
        for body in ["it's", "'''", "a\\'b", "$TOKEN `id` $(id) \"q\"", "@file", "two\nlines\t!", "消防車 🚒"]
        {
            let echo = format!("printf %s {}", quoted(body));
            let out = Command::new("sh").args(["-c", &echo]).output().unwrap();
            assert_eq!(String::from_utf8(out.stdout).unwrap(), body);
        }
        let line = post("it's").line(None).replacen("curl", "printf '%s\\n'", 1);
        let out = Command::new("sh").args(["-c", &line]).env("TOKEN", "t0").output().unwrap();
        let words = String::from_utf8(out.stdout).unwrap();
        assert!(words.contains("authorization: Bearer t0\n") && words.ends_with("it's\n"), "{words}");
    }
}
