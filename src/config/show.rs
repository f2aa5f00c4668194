//! The merged settings as somebody may look at them: secrets given in clear are masked.

use super::{Config, ConfigError};

impl Config {
    /// As TOML that would be read back as the same settings, but for masked secrets.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(&self.model).map_err(|error| ConfigError::one(error.to_string()))
    }

    pub fn to_json(&self) -> Result<String, ConfigError> {
        // By way of TOML, which leaves out what is not set.
        let table =
            toml::Table::try_from(&self.model).map_err(|error| ConfigError::one(error.to_string()))?;
        serde_json::to_string_pretty(&table).map_err(|error| ConfigError::one(error.to_string()))
    }
}
