//! All profiles, as far as they can be told without looking for anybody's secrets.

use super::model::{DEMO, Profile};
use super::{Config, host};
use crate::app::profiles::Listed;
use crate::app::state::{Dialect, Environment};
use crate::text::DisplayText;

impl Config {
    /// The demo, then those of the file by name.
    pub fn listed(&self) -> Vec<Listed> {
        let demo = Listed {
            name: DisplayText::new(DEMO),
            host: DisplayText::new("embedded simulator"),
            environment: Environment::Demo,
            dialect: Dialect::V2,
        };
        let profiles = self.model.profiles.iter().map(|(name, profile)| listed(name, profile));
        std::iter::once(demo).chain(profiles).collect()
    }
}

/// Where it is not known whom a profile leads to, it is treated with the care of production.
fn listed(name: &str, profile: &Profile) -> Listed {
    let url = profile.base_url.as_deref().and_then(|raw| host::base_url(raw).ok());
    let told = url.as_ref().map_or(Environment::Remote, host::environment);
    Listed {
        name: DisplayText::new(name),
        host: DisplayText::new(&url.as_ref().map_or_else(|| "base_url is missing".to_owned(), host::shown)),
        environment: profile.environment.map_or(told, Into::into),
        dialect: profile.dialect.unwrap_or(Dialect::V2),
    }
}
