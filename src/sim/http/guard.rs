//! Who may use the control side. It knows no tenants and no tokens of the API, so it opens to this
//! machine only, or to whoever holds the control token.
//!
//! A web page that the user has open can reach a loopback port too. It cannot choose the `Host` of its
//! own site (DNS rebinding) and cannot leave out the `Origin` of a cross-site request, so both are
//! looked at. With a control token the name does not matter, since such a page has no token to show.

use super::App;
use super::caller::{bearer, local};
use super::problem::Problem;
use crate::sim::auth::same_secret;
use axum::extract::FromRequestParts;
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use secrecy::{ExposeSecret, SecretString};
use std::net::{IpAddr, SocketAddr};

/// How the control side is kept.
#[derive(Debug)]
pub enum Access {
    /// Listening on loopback, without a token.
    ThisMachine,
    Token(SecretString),
    /// Reachable from elsewhere, and no token was set.
    Nobody,
}

impl Access {
    pub fn new(listen: SocketAddr, token: Option<SecretString>) -> Self {
        match token {
            Some(token) => Self::Token(token),
            None if listen.ip().is_loopback() => Self::ThisMachine,
            None => Self::Nobody,
        }
    }
}

/// Somebody who may turn the world.
#[derive(Clone, Copy, Debug)]
pub struct Controller;

impl FromRequestParts<App> for Controller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let local = local(parts)?;
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST);
        if parts.headers.contains_key(ORIGIN) && !same_site(text(ORIGIN), host) {
            return Err(Problem::forbidden("The control side does not answer other sites."));
        }
        match &app.access {
            Access::Token(expected) => {
                if !bearer(parts).is_some_and(|given| same_secret(given, expected.expose_secret())) {
                    return Err(Problem::unauthorized("The control token is missing or wrong."));
                }
            }
            Access::ThisMachine => {
                if !host.is_some_and(|host| is_own(host, local)) {
                    return Err(Problem::forbidden("The control side answers on its own address only."));
                }
            }
            Access::Nobody => {
                let message = "The control side needs --control-token when it does not listen on loopback.";
                return Err(Problem::forbidden(message));
            }
        }
        Ok(Self)
    }
}

/// `localhost`, a loopback address, or the address that the connection came in at.
fn is_own(host: &str, local: SocketAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || address == local.ip(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

fn same_site(origin: Option<&str>, host: Option<&str>) -> bool {
    let site = origin.and_then(|origin| origin.strip_prefix("http://"));
    site.zip(host).is_some_and(|(site, host)| site.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_own() {
        let local: SocketAddr = "127.0.0.1:3005".parse().unwrap();
        for host in ["127.0.0.1:3005", "localhost", "LOCALHOST:3005", "[::1]:3005", "127.9.9.9"] {
            assert!(is_own(host, local), "{host}");
        }
        for host in
            ["example.com", "127.0.0.1.example.com:3005", "10.0.0.1:3005", "", "localhost.example.com"]
        {
            assert!(!is_own(host, local), "{host}");
        }
    }

    #[test]
    fn an_origin_must_be_the_host() {
        assert!(same_site(Some("http://127.0.0.1:3005"), Some("127.0.0.1:3005")));
        for origin in ["http://127.0.0.1:8080", "https://127.0.0.1:3005", "null", "http://example.com"] {
            assert!(!same_site(Some(origin), Some("127.0.0.1:3005")), "{origin}");
        }
    }
}
