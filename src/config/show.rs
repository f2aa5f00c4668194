//! The merged settings as somebody may look at them, each with where it came from. Secrets given in
//! clear are masked.

use super::places::Source;
use super::{Config, ConfigError, Theme};
use serde_json::json;
use std::fmt::Write as _;
use toml::{Table, Value};

/// Where the sources begin, if the setting leaves the room.
const COLUMN: usize = 48;

impl Config {
    /// As TOML that would be read back as the same settings, but for masked secrets.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        let mut text = String::new();
        if self.model.theme.is_none() {
            // Not a setting that would be read back: without one the variable may decide otherwise.
            let line = format!("# theme = {}", self.shown_theme()?);
            let _ = writeln!(text, "{line:<COLUMN$}  # {}", self.theme_source());
        }
        self.write(&self.table()?, "", &mut text);
        Ok(text)
    }

    /// The settings, and under `sources` where each came from by its dotted name.
    pub fn to_json(&self) -> Result<String, ConfigError> {
        let unwritable = |error: serde_json::Error| ConfigError::one(error.to_string());
        let table = self.table()?;
        let mut sources = serde_json::Map::new();
        leaves(&table, "", &mut |setting, _| {
            let source = match self.places.source(setting) {
                Source::Default => json!({ "from": "default" }),
                Source::File { line } => {
                    json!({ "from": "file", "file": self.folders.config_file, "line": line })
                }
                Source::Environment(name) => json!({ "from": "environment", "name": name }),
                Source::Flag(name) => json!({ "from": "flag", "name": name }),
            };
            sources.insert(setting.to_owned(), source);
        });
        let mut value = serde_json::to_value(&table).map_err(unwritable)?;
        if self.model.theme.is_none() {
            value["theme"] = serde_json::to_value(self.theme).map_err(unwritable)?;
            sources.insert(
                "theme".to_owned(),
                match self.theme_source() {
                    "default" => json!({ "from": "default" }),
                    name => json!({ "from": "environment", "name": name }),
                },
            );
        }
        value["sources"] = sources.into();
        serde_json::to_string_pretty(&value).map_err(unwritable)
    }

    fn shown_theme(&self) -> Result<Value, ConfigError> {
        Value::try_from(self.theme).map_err(|error| ConfigError::one(error.to_string()))
    }

    /// Of a theme that nothing names: mono is what `NO_COLOR` makes of it.
    fn theme_source(&self) -> &'static str {
        if self.theme == Theme::Mono { "NO_COLOR" } else { "default" }
    }

    /// By way of TOML, which leaves out what is not set.
    fn table(&self) -> Result<Table, ConfigError> {
        Table::try_from(&self.model).map_err(|error| ConfigError::one(error.to_string()))
    }

    /// The settings of a table first: after a heading they would be its.
    fn write(&self, table: &Table, prefix: &str, text: &mut String) {
        for (key, value) in table.iter().filter(|(_, value)| !value.is_table()) {
            let line = format!("{} = {value}", written(key));
            let source = match self.places.source(&dotted(prefix, key)) {
                Source::Default => "default".to_owned(),
                Source::File { line } => format!("file, line {line}"),
                Source::Environment(name) | Source::Flag(name) => name.to_owned(),
            };
            let _ = writeln!(text, "{line:<COLUMN$}  # {source}");
        }
        for (key, inner) in table {
            let Value::Table(inner) = inner else { continue };
            let path = dotted(prefix, &written(key));
            if inner.values().any(|value| !value.is_table()) {
                let _ = writeln!(text, "\n[{path}]");
            }
            self.write(inner, &path, text);
        }
    }
}

fn leaves(table: &Table, prefix: &str, visitor: &mut dyn FnMut(&str, &Value)) {
    for (key, value) in table {
        let path = dotted(prefix, key);
        match value {
            Value::Table(inner) => leaves(inner, &path, visitor),
            value => visitor(&path, value),
        }
    }
}

fn dotted(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

/// A key as TOML wants it: one with other characters is quoted.
fn written(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(plain) { key.to_owned() } else { Value::from(key).to_string() }
}
