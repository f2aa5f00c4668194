//! What a profile says of its server and of the person whom it protects. Nothing of it prints.

use crate::api::trust::Authorities;
use crate::app::callout::Classification;
use crate::app::state::Dialect;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What a profile says about its server.
#[derive(Clone)]
pub struct Connection {
    /// `http://127.0.0.1:3005/panic-api/v2`, or `…/panic-api` for v1.
    pub base_url: String,
    /// What the kept files belong to, where that is not the base URL: the demo's simulator listens on
    /// another port at each start and is the same all the same.
    pub realm: Option<String>,
    pub dialect: Dialect,
    pub credentials: Credentials,
    pub customer: CustomerSetup,
    pub response_type_id: i64,
    pub classification: Classification,
    pub internal_test: bool,
    /// v1 only: handed out with the credentials.
    pub request_type: Option<String>,
    pub read_only: bool,
    pub token_file: Option<PathBuf>,
    pub customer_file: Option<PathBuf>,
    pub connect_timeout: Duration,
    /// Of a whole call, a token's renewal included. Shorter than the poll interval.
    pub total_timeout: Duration,
    /// Whether the system's proxy is used. Never for a loopback host, whatever stands here.
    pub proxy: bool,
    /// Believed besides the system's.
    pub ca: Option<Authorities>,
}

impl Connection {
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
    pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(8);
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("dialect", &self.dialect)
            .field("read_only", &self.read_only)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: SecretString,
    /// v1: panics are raised with this person's token. Registered when the server does not know them.
    pub user: Option<UserCredentials>,
}

impl Credentials {
    /// A user can log in without it, and not be registered.
    pub fn client_secret_is_missing(&self) -> bool {
        self.client_secret.expose_secret().is_empty()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

#[derive(Clone)]
pub struct UserCredentials {
    pub email: String,
    pub password: SecretString,
}

impl fmt::Debug for UserCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCredentials(***)")
    }
}

/// The protected person.
#[derive(Clone, Default)]
pub struct CustomerSetup {
    /// v2: known already. Without one the customer is created at the first panic.
    pub id: Option<i64>,
    pub name: String,
    pub surname: String,
    pub mobile: String,
    pub email: Option<String>,
    pub gender: Option<String>,
    pub vehicle_make: Option<String>,
    pub vehicle_model: Option<String>,
    pub vehicle_colour: Option<String>,
    pub vehicle_license_plate: Option<String>,
    pub subscription_type_id: i64,
}

impl fmt::Debug for CustomerSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerSetup(***)")
    }
}
