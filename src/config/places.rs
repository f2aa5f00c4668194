//! Where each setting came from, so that a refusal can say where to mend it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File { line: usize },
    Environment(&'static str),
    Flag(&'static str),
}

/// The lines of a file's settings by dotted path, and the settings that something else overrode.
#[derive(Clone, Debug, Default)]
pub struct Places {
    file: Option<PathBuf>,
    lines: BTreeMap<String, usize>,
    overridden: BTreeMap<&'static str, &'static str>,
}

impl Places {
    pub fn new(file: &Path, text: &str, table: &DeTable<'_>) -> Self {
        let mut lines = BTreeMap::new();
        visit(table, "", &mut |path, key, _| {
            lines.insert(path.to_owned(), line_of(text, key.start));
        });
        Self { file: Some(file.to_owned()), lines, overridden: BTreeMap::new() }
    }

    /// The setting's value is that of a flag or variable, by this name.
    pub fn override_by(&mut self, setting: &'static str, name: &'static str) {
        self.overridden.insert(setting, name);
    }

    /// Where the value that holds was given.
    pub fn source(&self, setting: &str) -> Source {
        match (self.overridden.get(setting), self.lines.get(setting)) {
            (Some(name), _) if name.starts_with("--") => Source::Flag(name),
            (Some(name), _) => Source::Environment(name),
            (None, Some(line)) => Source::File { line: *line },
            (None, None) => Source::Default,
        }
    }

    /// `config.toml:7: profiles.staging.poll_seconds`. A setting that is not in the file has the line
    /// of the table in which it is missing.
    pub fn of(&self, setting: &str) -> String {
        if let Some(name) = self.overridden.get(setting) {
            return (*name).to_owned();
        }
        let Some(file) = &self.file else { return setting.to_owned() };
        let mut nearest = setting;
        loop {
            if let Some(line) = self.lines.get(nearest) {
                return format!("{}:{line}: {setting}", file.display());
            }
            match nearest.rsplit_once('.') {
                Some((outer, _)) => nearest = outer,
                None => return format!("{}: {setting}", file.display()),
            }
        }
    }
}

pub fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// Dotted path of the innermost setting at `span`; empty when it is in none.
pub fn path_at(table: &DeTable<'_>, span: &Range<usize>) -> String {
    let mut found = String::new();
    visit(table, "", &mut |path, key, value| {
        let inside = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
        if (inside(&key) || inside(&value)) && path.len() > found.len() {
            path.clone_into(&mut found);
        }
    });
    found
}

type Visitor<'a> = &'a mut dyn FnMut(&str, Range<usize>, Range<usize>);

fn visit(table: &DeTable<'_>, prefix: &str, visitor: Visitor<'_>) {
    for (key, value) in table {
        let path =
            if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        visitor(&path, Spanned::span(key), value.span());
        if let DeValue::Table(inner) = value.get_ref() {
            visit(inner, &path, visitor);
        }
    }
}
