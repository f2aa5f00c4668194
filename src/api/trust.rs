//! Whose signature under a server's certificate is believed besides the system's: the authorities of
//! a company's own proxy or test server.

use reqwest::Certificate;
use std::fmt;

/// Certificates that could be read as such.
#[derive(Clone)]
pub struct Authorities(Vec<Certificate>);

impl Authorities {
    /// Out of a PEM file. The error says what is wrong with it and repeats nothing of it.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, &'static str> {
        const NONE: &str = "holds no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----";
        let certificates = Certificate::from_pem_bundle(pem.as_ref()).map_err(|_| NONE)?;
        if certificates.is_empty() {
            return Err(NONE);
        }
        // The frame of PEM says nothing of what is in it; only a client that is built of it does.
        reqwest::Client::builder()
            .tls_certs_only(certificates.clone())
            .build()
            .map_err(|_| "holds a certificate that cannot be read")?;
        Ok(Self(certificates))
    }

    pub(crate) fn certificates(&self) -> Vec<Certificate> {
        self.0.clone()
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}
