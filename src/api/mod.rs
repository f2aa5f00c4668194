//! The wire: what AURA's Panic API says and hears, and the client that speaks it.
//!
//! `model` is used by both ends, the console's client and the simulator. `v1` and `v2` map the two
//! dialects to the one callout of `app`; `client` makes the calls.

pub mod claims;
pub mod client;
mod customer;
pub mod decode;
pub mod error;
mod kept;
pub mod model;
mod observed;
mod token;
pub(crate) mod transport;
pub mod trust;
pub mod v1;
pub mod v2;

pub use observed::Observer;

use std::net::IpAddr;

/// Whether `url` names this machine: 127.0.0.0/8, `::1` or `localhost`. What cannot be read does not.
pub fn is_loopback_host(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Err(_) => bare.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback_host;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "http://127.0.0.1:3005/panic-api",
            "http://127.9.9.9",
            "http://[::1]:80/x",
            "http://[::ffff:127.0.0.1]/",
            "https://LOCALHOST/x",
            "http://localhost.:3005",
        ] {
            assert!(is_loopback_host(url), "{url}");
        }
        for url in [
            "https://panic.example.com/panic-api/v2",
            "http://127.0.0.1@panic.example.com/",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "localhost",
            "",
        ] {
            assert!(!is_loopback_host(url), "{url}");
        }
    }
}
