//! Template files: read with the line of what is wrong, and gathered into one set.

use super::{Template, shipped};
use serde::Deserialize;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Far longer than any template.
const LARGEST: u64 = 256 * 1024;

/// Why templates cannot be taken, one reason a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

impl TemplateError {
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

/// Reads a template; `origin` is what an error calls the text.
pub fn parse(origin: &str, text: &str) -> Result<Template, TemplateError> {
    let located = |table: &DeTable<'_>, error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        let path = path_at(table, &span);
        let field = if path.is_empty() { String::new() } else { format!("{path}: ") };
        TemplateError(format!("{origin}:{}: {field}{}", line_of(text, span.start), plain(error.message())))
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if let Some(error) = errors.first() {
        return Err(located(table.get_ref(), error));
    }
    let template = Template::deserialize(toml::Deserializer::from(table.clone()))
        .map_err(|error| located(table.get_ref(), &error))?;
    let problems: Vec<_> = template
        .faults()
        .iter()
        .map(|(path, why)| {
            let line = line_of(text, place_of(table.get_ref(), path));
            format!("{origin}:{line}: {path}: {why}")
        })
        .collect();
    if problems.is_empty() { Ok(template) } else { Err(TemplateError(problems.join("\n"))) }
}

/// The parser's message in words of a file rather than of Rust.
fn plain(message: &str) -> String {
    let words = [
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("unknown variant", "unknown value"),
    ];
    words.iter().fold(message.trim().to_owned(), |text, (rusts, ours)| text.replace(rusts, ours))
}

/// The templates of a file, or of every `*.toml` in a folder.
pub fn load(path: &Path) -> Result<Vec<(String, Template)>, TemplateError> {
    let failed = |error: io::Error| TemplateError(format!("cannot read {}: {error}", path.display()));
    let mut files: Vec<PathBuf> = if fs::metadata(path).map_err(failed)?.is_dir() {
        let entries = fs::read_dir(path).map_err(failed)?;
        let entries = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
        let is_toml = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "toml");
        entries.map_err(failed)?.into_iter().filter(is_toml).collect()
    } else {
        vec![path.to_owned()]
    };
    files.sort();
    if files.is_empty() {
        return Err(TemplateError(format!("{} holds no *.toml", path.display())));
    }
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<(String, Template), TemplateError> {
    let origin = file.display().to_string();
    let failed = |error: io::Error| TemplateError(format!("cannot read {origin}: {error}"));
    if fs::metadata(file).map_err(failed)?.len() > LARGEST {
        return Err(TemplateError(format!("{origin} is larger than {} KiB", LARGEST / 1024)));
    }
    let text = fs::read_to_string(file).map_err(failed)?;
    let template = parse(&origin, &text)?;
    Ok((origin, template))
}

/// The shipped ones with the user's own. One of the same name is taken instead of the shipped one; no
/// two may share a type.
pub fn with_own(own: Vec<(String, Template)>) -> Result<Vec<Template>, TemplateError> {
    let mut all: Vec<(String, Template)> = Vec::new();
    for (origin, template) in own {
        if let Some((other, _)) = all.iter().find(|(_, known)| known.name == template.name) {
            return Err(TemplateError(format!("{origin}: name: {other} has the name {} too", template.name)));
        }
        all.push((origin, template));
    }
    for template in shipped() {
        if all.iter().all(|(_, own)| own.name != template.name) {
            all.push((format!("the shipped template {}", template.name), template));
        }
    }
    for (index, (origin, template)) in all.iter().enumerate() {
        let same = |(_, other): &&(String, Template)| other.type_id == template.type_id;
        if let Some((other, _)) = all.iter().skip(index + 1).find(same) {
            return Err(TemplateError(format!(
                "{origin}: type: {other} has the type {} too",
                template.type_id
            )));
        }
    }
    Ok(all.into_iter().map(|(_, template)| template).collect())
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// Calls with the dotted path of each key, where the key stands, and where its value does.
type Visitor<'a> = &'a mut dyn FnMut(&str, Range<usize>, Range<usize>);

fn visit(table: &DeTable<'_>, prefix: &str, visitor: Visitor<'_>) {
    for (key, value) in table {
        let path =
            if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        visitor(&path, Spanned::span(key), value.span());
        match value.get_ref() {
            DeValue::Table(inner) => visit(inner, &path, visitor),
            DeValue::Array(items) => visit_items(items, &path, visitor),
            _ => {}
        }
    }
}

/// Elements are counted from 0.
fn visit_items(items: &DeArray<'_>, prefix: &str, visitor: Visitor<'_>) {
    for (index, item) in items.iter().enumerate() {
        let path = format!("{prefix}.{index}");
        visitor(&path, item.span(), item.span());
        if let DeValue::Table(inner) = item.get_ref() {
            visit(inner, &path, visitor);
        }
    }
}

/// The innermost key at `span`; empty when it is in none.
fn path_at(table: &DeTable<'_>, span: &Range<usize>) -> String {
    let mut found = String::new();
    visit(table, "", &mut |path, key, value| {
        let inside = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
        if (inside(&key) || inside(&value)) && path.len() > found.len() {
            path.clone_into(&mut found);
        }
    });
    found
}

/// Where a key stands; of one that is missing, where the nearest table around it does.
fn place_of(table: &DeTable<'_>, path: &str) -> usize {
    let (mut best, mut at) = (0, 0);
    visit(table, "", &mut |known, key, _| {
        let around = path == known || path.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
        if around && known.len() > best {
            (best, at) = (known.len(), key.start);
        }
    });
    at
}
