//! The bindings that hold: the table, with what the config changed.

use super::{BINDINGS, KeyPress, Scope};
use crate::app::intent::Intent;
use crate::app::screen::Screen;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One key of one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    pub scope: Scope,
    pub key: KeyPress,
    pub intent: Intent,
    pub help: &'static str,
}

/// An intent of one scope with all its keys: a line of the help page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub keys: Vec<KeyPress>,
    pub intent: Intent,
    pub help: &'static str,
    /// It is done on another screen, and `intent` leads there.
    pub there: Option<Screen>,
}

/// What a config gives for an intent: `raise = "p"` or `faster = ["+", "="]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a key or a list of keys, as \"p\" or [\"+\", \"=\"]")]
pub enum KeyOrKeys {
    One(String),
    Many(Vec<String>),
}

impl KeyOrKeys {
    fn notations(&self) -> &[String] {
        match self {
            Self::One(key) => std::slice::from_ref(key),
            Self::Many(keys) => keys,
        }
    }
}

/// Why the keys of one intent cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadKeys {
    /// The name under `[keys]`.
    pub intent: String,
    pub problem: String,
}

impl fmt::Display for BadKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keys.{}: {}", self.intent, self.problem)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Bound>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bind = |b: &super::Binding| {
            let key = KeyPress::parse(b.key).ok()?;
            Some(Bound { scope: b.scope, key, intent: b.intent, help: b.help })
        };
        Self { bindings: BINDINGS.iter().filter_map(bind).collect() }
    }
}

impl Keymap {
    /// The table with other keys for the named intents, in each scope where they have one. Every
    /// binding that cannot be is in the error, not only the first.
    ///
    /// The keys that hold everywhere stay: no config can take away the way out.
    pub fn with_overrides(overrides: &BTreeMap<String, KeyOrKeys>) -> Result<Self, Vec<BadKeys>> {
        let mut keymap = Self::default();
        let mut bad = Vec::new();
        for (name, keys) in overrides {
            if let Err(problem) = keymap.rebind(name, keys) {
                bad.push(BadKeys { intent: name.clone(), problem });
            }
        }
        bad.extend(keymap.clashes(overrides));
        if bad.is_empty() { Ok(keymap) } else { Err(bad) }
    }

    fn rebind(&mut self, name: &str, keys: &KeyOrKeys) -> Result<(), String> {
        let intent = Intent::named(name).ok_or_else(|| "there is no such intent".to_owned())?;
        let keys =
            keys.notations().iter().map(|key| KeyPress::parse(key)).collect::<Result<BTreeSet<_>, _>>()?;
        if keys.is_empty() {
            return Err("at least one key is needed".to_owned());
        }
        let rows: BTreeMap<Scope, &'static str> = self
            .bindings
            .iter()
            .filter(|bound| bound.intent == intent && bound.scope != Scope::Any)
            .map(|bound| (bound.scope, bound.help))
            .collect();
        for (scope, help) in rows {
            let usable = |key: &&KeyPress| scope != Scope::Text || key.text().is_none();
            let bound: Vec<Bound> =
                keys.iter().filter(usable).map(|key| Bound { scope, key: *key, intent, help }).collect();
            if bound.is_empty() {
                return Err("a character is text while writing: one key must be another".to_owned());
            }
            self.replace(scope, intent, bound);
        }
        Ok(())
    }

    /// Puts `bound` where the intent's keys of that scope stood, so that help keeps its order.
    fn replace(&mut self, scope: Scope, intent: Intent, bound: Vec<Bound>) {
        let is_old = |b: &Bound| b.scope == scope && b.intent == intent;
        let place = self.bindings.iter().position(is_old).unwrap_or(self.bindings.len());
        self.bindings.retain(|b| !is_old(b));
        self.bindings.splice(place..place, bound);
    }

    /// Keys that would mean two things in one scope, or hide one that holds everywhere. Told of an
    /// intent that the config names, since the table alone has none.
    fn clashes(&self, overrides: &BTreeMap<String, KeyOrKeys>) -> Vec<BadKeys> {
        let mut told = BTreeSet::new();
        let mut bad = Vec::new();
        for bound in &self.bindings {
            let name = name_of(bound.intent);
            if !overrides.contains_key(&name) {
                continue;
            }
            let others = self.bindings.iter().filter(|other| {
                other.key == bound.key
                    && other.intent != bound.intent
                    && (other.scope == bound.scope || other.scope == Scope::Any)
            });
            for other in others {
                let pair = (bound.intent.min(other.intent), bound.intent.max(other.intent), bound.key);
                if told.insert(pair) {
                    let problem =
                        format!("\"{}\" is already the key of {}", bound.key, name_of(other.intent));
                    bad.push(BadKeys { intent: name.clone(), problem });
                }
            }
        }
        bad
    }

    /// What `key` means in these scopes, the first of which that knows it decides. While writing, a
    /// character is text and nothing else.
    pub fn resolve(&self, scopes: &[Scope], key: KeyPress) -> Option<Intent> {
        if scopes.contains(&Scope::Text) && key.text().is_some() {
            return None;
        }
        scopes.iter().find_map(|scope| {
            self.bindings
                .iter()
                .find(|bound| bound.scope == *scope && bound.key == key)
                .map(|bound| bound.intent)
        })
    }

    /// The keys of an intent as a footer shows them: `+/=`. Empty when it has none in that scope.
    pub fn keys_of(&self, scope: Scope, intent: Intent) -> String {
        let keys = self.bindings.iter().filter(|bound| bound.scope == scope && bound.intent == intent);
        keys.map(|bound| bound.key.to_string()).collect::<Vec<_>>().join("/")
    }

    pub fn bindings(&self) -> &[Bound] {
        &self.bindings
    }

    /// The intents of a scope in the table's order, each with all its keys.
    pub fn rows(&self, scope: Scope) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for bound in self.bindings.iter().filter(|bound| bound.scope == scope) {
            let (keys, intent, help) = (vec![bound.key], bound.intent, bound.help);
            if let Some(row) = rows.iter_mut().find(|row| row.intent == intent) {
                row.keys.extend(keys);
            } else {
                rows.push(Row { keys, intent, help, there: None });
            }
        }
        rows
    }
}

/// The name that a config gives the intent.
pub fn name_of(intent: Intent) -> String {
    struct Name(Intent);
    impl fmt::Display for Name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.serialize(f)
        }
    }
    Name(intent).to_string()
}
