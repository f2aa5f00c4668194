//! Mentions in the chat, such as `@admin`: the API lists them with a comment as its tags.

use super::event::Change;
use super::id::{EntryId, Ids};
use super::record::Role;
use serde::{Deserialize, Serialize};

/// A line with more mentions than this is no message to anybody.
const MOST: usize = 16;
/// Letters of the longest name that is taken for one.
const LONGEST: usize = 64;

/// One name that a comment mentions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    pub id: u64,
    /// With its sign and in lower case: `@admin`.
    pub name: Box<str>,
}

impl Change {
    /// A line of the chat, with the tags that follow from its text.
    pub(super) fn comment(entry: EntryId, ids: &mut Ids, role: Role, author: String, body: String) -> Self {
        let tags = mentions(&body).into_iter().map(|name| Tag { id: ids.take(), name }).collect();
        Self::Commented { entry, role, author, body, tags }
    }
}

/// The names behind an `@`, each once. A sign in the middle of a word is a mail address, no mention.
fn mentions(text: &str) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        let starts = sign == '@' && !part_of_name(before) && before != '.';
        before = sign;
        if !starts {
            continue;
        }
        let rest = &text[at + 1..];
        let end = rest.find(|letter| !part_of_name(letter)).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches('-');
        let name: Box<str> = format!("@{}", name.to_lowercase()).into();
        let known = name.len() == 1 || name.chars().count() > LONGEST || names.contains(&name);
        if !known && names.len() < MOST {
            names.push(name);
        }
    }
    names
}

fn part_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_behind_the_sign_each_once() {
        for (text, names) in [
            ("@admin please call", &["@admin"][..]),
            ("Hello @Admin, and @control-room!", &["@admin", "@control-room"]),
            ("(@admin) @ADMIN @admin-", &["@admin"]),
            ("write to jane.doe@example.com", &[]),
            ("@ @@ @!", &[]),
            ("@@admin", &["@admin"]),
            ("", &[]),
        ] {
            let found = mentions(text);
            assert_eq!(found.iter().map(AsRef::as_ref).collect::<Vec<_>>(), names, "{text}");
        }
        let crowd = (0..99).map(|number| format!("@a{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(mentions(&crowd).len(), MOST);
        assert!(mentions(&format!("@{}", "a".repeat(LONGEST))).is_empty());
    }
}
