//! The address under which others reach the simulator, where that is not the one it listens at: what the
//! links begin with that it gives out.

use reqwest::Url;
use std::str::FromStr;

/// Without a slash at its end. A path is kept: a proxy may have the simulator below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Nothing of what was given is said back: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotPublicUrl(&'static str);

impl FromStr for PublicUrl {
    type Err = NotPublicUrl;

    fn from_str(given: &str) -> Result<Self, NotPublicUrl> {
        let wrong = |why| Err(NotPublicUrl(why));
        let Ok(url) = Url::parse(given) else {
            return wrong("not a URL; it looks like https://panic.example.com");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong("must begin with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("must not hold a user or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("must end before any ? and #");
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_where_links_begin() {
        for (given, begin) in [
            ("https://panic.example.com", "https://panic.example.com"),
            ("http://panic.example.com:8080/", "http://panic.example.com:8080"),
            ("HTTPS://Panic.Example.com/aura//", "https://panic.example.com/aura"),
            ("http://[::1]:3005", "http://[::1]:3005"),
        ] {
            assert_eq!(given.parse::<PublicUrl>().unwrap().as_str(), begin);
        }
    }

    #[test]
    fn what_no_link_can_begin_with_is_refused_without_saying_it_back() {
        for given in [
            "",
            "hush.example.com",
            "/hush",
            "ftp://hush.example.com/",
            "https://",
            "https://hush.example.com/?hush",
            "https://hush.example.com/?",
            "https://hush.example.com/#hush",
            "https://user:hush@example.com/",
            "https://hush@example.com/",
        ] {
            let error = given.parse::<PublicUrl>().unwrap_err().to_string();
            assert!(!error.contains("hush"), "{given}: {error}");
        }
    }
}
