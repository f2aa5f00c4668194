//! What a base URL tells of the place it leads to.

use crate::app::state::Environment;
use reqwest::Url;

/// Reads a base URL; the error says what is wrong with it.
pub fn base_url(raw: &str) -> Result<Url, String> {
    // The URL is not repeated: somebody may have put a password in it.
    let url =
        Url::parse(raw).map_err(|error| format!("is not a URL: {error}; https://host/path is needed"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials have no place in the URL: use client_id and client_secret".to_owned());
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("{}: is not of the web: https:// is needed", url.scheme()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with its path, without ? or #".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(
            "http:// would send the secret in clear: https:// is needed for another machine".to_owned()
        );
    }
    Ok(url)
}

/// Only this machine is meant: 127.0.0.0/8, `::1` or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    crate::api::is_loopback_host(url.as_str())
}

pub fn environment(url: &Url) -> Environment {
    match url.host_str().unwrap_or_default().trim_end_matches('.') {
        _ if is_loopback(url) => Environment::Local,
        "panic.aura.services" => Environment::Production,
        host if host.starts_with("staging-panic.") || host.starts_with("dev-panic.") => Environment::Staging,
        _ => Environment::Remote,
    }
}

/// Of a base URL that no profile has; what cannot be read is treated with the care of production.
pub fn of_base_url(raw: &str) -> Environment {
    Url::parse(raw).map_or(Environment::Remote, |url| environment(&url))
}

/// The host with its port where that is not the scheme's own: what the header shows.
pub fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Environment {
        environment(&base_url(raw).unwrap())
    }

    #[test]
    fn the_host_tells_the_environment() {
        for local in
            ["http://127.0.0.1:3005/x", "http://127.9.9.9/x", "http://[::1]:80/x", "http://LOCALHOST/x"]
        {
            assert_eq!(of(local), Environment::Local, "{local}");
        }
        assert_eq!(of("https://staging-panic.aura.services/panic-api/v2"), Environment::Staging);
        assert_eq!(of("https://dev-panic.aura.services/panic-api/v2"), Environment::Staging);
        for production in [
            "https://panic.aura.services/x",
            "https://PANIC.aura.services./x",
            "https://panic.aura.services:443/",
        ] {
            assert_eq!(of(production), Environment::Production, "{production}");
        }
        for remote in [
            "https://panic.example.com/x",
            "https://localhost.example.com/x",
            "https://127.0.0.1.example.com/x",
            "https://xpanic.aura.services/",
        ] {
            assert_eq!(of(remote), Environment::Remote, "{remote}");
        }
    }

    #[test]
    fn what_would_leak_or_mislead_is_refused() {
        for (raw, why) in [
            ("http://panic.example.com/x", "in clear"),
            ("http://0.0.0.0/x", "in clear"),
            ("https://me:secret@example.com/x", "credentials"),
            ("https://example.com/x?y=1", "without ? or #"),
            ("ftp://example.com/x", "of the web"),
            ("panic.aura.services", "not a URL"),
            ("https//me:secret@x", "not a URL"),
        ] {
            let error = base_url(raw).unwrap_err();
            assert!(error.contains(why), "{raw}: {error}");
            assert!(!error.contains("secret@"), "{error}");
        }
    }
}
