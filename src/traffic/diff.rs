//! What changed between two bodies of one resource, by path: `responder.eta.seconds 420 → 405`.

use super::document::{Document, Kind, inline, quoted};
use super::json::Node;
use super::{Body, size};
use crate::text::cut;
use std::collections::HashMap;

/// More are counted and not named.
const MOST_CHANGES: usize = 500;

/// Columns of one value in a row.
const LONGEST_VALUE: usize = 60;

/// Paths up to this long stand in a column of their own.
const PATH_COLUMN: usize = 24;

/// Fields that tell which element of a list is which, most telling first.
const IDS: [&str; 8] =
    ["id", "eventId", "commentId", "calloutId", "responderId", "deviceId", "customerId", "uuid"];

#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub path: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Added(Node),
    Removed(Node),
    Changed(Node, Node),
}

/// All changes from `old` to `new`, in the order of `new`. `None` where one of them is no JSON.
pub fn changes(old: &Body, new: &Body) -> Option<Vec<Change>> {
    if old == new {
        return Some(Vec::new());
    }
    let (old, new) = (Node::parse(old.as_str())?, Node::parse(new.as_str())?);
    let mut found = Vec::new();
    compare(&mut found, String::new(), &old, &new);
    Some(found)
}

fn compare(found: &mut Vec<Change>, path: String, old: &Node, new: &Node) {
    match (old, new) {
        (Node::Object(before), Node::Object(after)) => objects(found, &path, (old, before), (new, after)),
        (Node::List(before), Node::List(after)) => lists(found, &path, before, after),
        _ if old == new => {}
        _ => found.push(Change { path, what: What::Changed(old.clone(), new.clone()) }),
    }
}

type Fields = [(Box<str>, Node)];

fn objects(
    found: &mut Vec<Change>,
    path: &str,
    (old, before): (&Node, &Fields),
    (new, after): (&Node, &Fields),
) {
    for (name, value) in after {
        let path = below(path, name);
        match old.field(name) {
            Some(was) => compare(found, path, was, value),
            None => found.push(Change { path, what: What::Added(value.clone()) }),
        }
    }
    for (name, was) in before.iter().filter(|(name, _)| new.field(name).is_none()) {
        found.push(Change { path: below(path, name), what: What::Removed(was.clone()) });
    }
}

/// `responder.eta`; a name with other signs in it is quoted.
fn below(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    match (path.is_empty(), plain) {
        (true, true) => name.to_owned(),
        (false, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{}]", quoted(name)),
    }
}

/// By id where every element has one of its own; else what is the same at both ends is set aside, and
/// the rest compared one by one: a route that gets shorter in front says so and nothing more.
fn lists(found: &mut Vec<Change>, path: &str, before: &[Node], after: &[Node]) {
    let id = IDS.iter().find(|id| is_key(id, before) && is_key(id, after));
    if let Some(id) = id.filter(|_| !before.is_empty() || !after.is_empty()) {
        by_id(found, path, id, before, after);
        return;
    }
    let front = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[front..], &after[front..]);
    let back = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[..before.len() - back], &after[..after.len() - back]);
    let both = before.len().min(after.len());
    for (at, (was, is)) in before.iter().zip(after).enumerate() {
        compare(found, format!("{path}[{}]", front + at), was, is);
    }
    for (at, was) in before.iter().enumerate().skip(both) {
        found.push(Change { path: format!("{path}[{}]", front + at), what: What::Removed(was.clone()) });
    }
    for (at, is) in after.iter().enumerate().skip(both) {
        found.push(Change { path: format!("{path}[{}]", front + at), what: What::Added(is.clone()) });
    }
}

/// Whether the field tells the elements apart.
fn is_key(id: &str, items: &[Node]) -> bool {
    let mut seen = std::collections::HashSet::new();
    items.iter().all(|item| item.field(id).is_some_and(|id| id.is_leaf() && seen.insert(id.compact())))
}

fn by_id(found: &mut Vec<Change>, path: &str, id: &str, before: &[Node], after: &[Node]) {
    let key = |item: &Node| item.field(id).map(Node::compact).unwrap_or_default();
    let known: HashMap<String, &Node> = before.iter().map(|item| (key(item), item)).collect();
    let mut left: std::collections::HashSet<String> = known.keys().cloned().collect();
    let path_of = |key: &str| format!("{path}[{id} {}]", key.trim_matches('"'));
    for item in after {
        let key = key(item);
        left.remove(&key);
        match known.get(&key) {
            Some(was) => compare(found, path_of(&key), was, item),
            None => found.push(Change { path: path_of(&key), what: What::Added(item.clone()) }),
        }
    }
    for item in before {
        let key = key(item);
        if left.contains(&key) {
            found.push(Change { path: path_of(&key), what: What::Removed(item.clone()) });
        }
    }
}

/// The changes as rows, paths in a column; what lies deep stands below a row of its own for where it lies, so
/// that its name and its values are seen. Gives the field that all of them are in, which then stands in no
/// path: most replies have everything in one, `callout`.
pub fn lay_out(document: &mut Document, changes: &[Change]) -> Option<String> {
    let shown = &changes[..changes.len().min(MOST_CHANGES)];
    let outer = changes.first().and_then(|change| change.path.split_once('.')).map(|(outer, _)| outer);
    let outer = outer.filter(|outer| !outer.contains('['));
    let outer = outer.filter(|outer| changes.iter().all(|change| inside(&change.path, outer).is_some()));
    let paths: Vec<&str> = shown
        .iter()
        .map(|change| outer.and_then(|outer| inside(&change.path, outer)).unwrap_or(&change.path))
        .collect();
    let mut at = 0;
    while at < shown.len() {
        let (place, mut end) = group(&paths, at);
        // Short paths share a column, wherever they lie.
        while place.is_none() && end < paths.len() {
            let (None, further) = group(&paths, end) else { break };
            end = further;
        }
        if let Some(place) = place {
            document.note(place);
        }
        let names =
            paths[at..end].iter().map(|path| place.and_then(|place| inside(path, place)).unwrap_or(path));
        rows(document, &shown[at..end], &names.collect::<Vec<_>>(), place.is_some());
        at = end;
    }
    if changes.len() > shown.len() {
        document.note(&format!("… and {} more", changes.len() - shown.len()));
    }
    outer.map(|outer| crate::text::one_line(outer, 40))
}

/// Where the paths from `at` on lie, as far as they lie there together. Those with short paths need no such row.
fn group<'a>(paths: &[&'a str], at: usize) -> (Option<&'a str>, usize) {
    let is_long = |path: &str| path.chars().count() > PATH_COLUMN;
    let rest = &paths[at..];
    match place_of(rest[0]) {
        Some(place) => {
            let count = rest.iter().take_while(|path| place_of(path) == Some(place)).count();
            let together = rest[..count].iter().any(|path| is_long(path));
            (together.then_some(place), at + count)
        }
        None => (None, at + rest.iter().take_while(|path| place_of(path).is_none()).count()),
    }
}

/// `responder.eta` of `responder.eta.seconds`.
fn place_of(path: &str) -> Option<&str> {
    let (place, name) = path.rsplit_once('.')?;
    // A point in a quoted name parts nothing.
    let whole = name.matches('[').count() == name.matches(']').count();
    (whole && !place.is_empty()).then_some(place)
}

fn rows(document: &mut Document, changes: &[Change], names: &[&str], deeper: bool) {
    let names: Vec<String> = names.iter().map(|name| crate::text::one_line(name, 200)).collect();
    let columns = |name: &String| name.chars().count();
    let widest = names.iter().map(columns).filter(|columns| *columns <= PATH_COLUMN).max().unwrap_or(0);
    for (change, name) in changes.iter().zip(&names) {
        let (kind, value) = match &change.what {
            What::Added(value) => (Kind::Added, short(value)),
            What::Removed(value) => (Kind::Removed, short(value)),
            What::Changed(old, new) => (Kind::Changed, from_to(old, new)),
        };
        document.line_at(u8::from(deeper), kind, &format!("{name:<widest$}  "), &value);
    }
}

/// The value before and after. Of two times of one day, or two long texts that begin alike, the beginning says
/// nothing.
fn from_to(old: &Node, new: &Node) -> String {
    let (old, new) = (short(old), short(new));
    let alike = alike(&old, &new);
    match (old.get(alike..), new.get(alike..)) {
        (Some(was), Some(is)) if alike > 0 => format!("\"…{was} → \"…{is}"),
        _ => format!("{old} → {new}"),
    }
}

/// Bytes of two quoted texts that are the same and end where a word does; 0 for too few of them.
fn alike(old: &str, new: &str) -> usize {
    const FEWEST: usize = 11;
    if !old.starts_with('"') || !new.starts_with('"') {
        return 0;
    }
    let same = old.bytes().zip(new.bytes()).take_while(|(one, other)| one == other).count();
    let words = old.as_bytes()[..same].iter().rposition(|byte| b"T /._-".contains(byte));
    words.map_or(0, |at| at + 1).min(same).checked_sub(FEWEST).map_or(0, |more| more + FEWEST)
}

/// `path` without the field that it is in.
fn inside<'a>(path: &'a str, outer: &str) -> Option<&'a str> {
    path.strip_prefix(outer)?.strip_prefix('.')
}

/// A value in a few columns.
fn short(value: &Node) -> String {
    let whole = inline(value).unwrap_or_else(|| summary(value));
    cut(&whole, LONGEST_VALUE)
}

fn summary(value: &Node) -> String {
    match value {
        Node::List(items) => format!("[ … {} ]", items.len()),
        Node::Object(fields) => {
            let told: Vec<String> = fields
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}: {}", inline(value)?)))
                .take(6)
                .collect();
            format!("{{ {} }}", told.join(", "))
        }
        _ => size(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let mut document = Document::default();
        let outer = lay_out(&mut document, &changes(&Body::new(old), &Body::new(new)).unwrap());
        let outer = outer.map(|outer| format!("{outer}: ")).unwrap_or_default();
        let sign = |kind| match kind {
            Kind::Added => '+',
            Kind::Removed => '-',
            Kind::Changed => '~',
            _ => ' ',
        };
        document
            .rows()
            .iter()
            .map(|row| format!("{outer}{} {}", sign(row.kind), document.text(row)))
            .collect()
    }

    #[test]
    fn a_value_that_changed_is_told_by_its_path() {
        assert_eq!(
            told(
                r#"{"responder":{"eta":{"seconds":420}},"a":1}"#,
                r#"{"a":1,"responder":{"eta":{"seconds":405}}}"#
            ),
            ["responder: ~ eta.seconds  420 → 405"]
        );
        let (old, new) = (r#"{"a":{"b":1,"c":2},"d":3}"#, r#"{"a":{"b":2,"c":3},"d":3}"#);
        assert_eq!(told(old, new), ["a: ~ b  1 → 2", "a: ~ c  2 → 3"]);
        assert_eq!(told(old, r#"{"a":{"b":2,"c":2},"d":4}"#), ["~ a.b  1 → 2", "~ d    3 → 4"]);
    }

    #[test]
    fn what_lies_deep_stands_below_the_place_where_it_lies() {
        let old =
            r#"{"id":1,"incidentInformation":[{"responder":{"location":{"latitude":1,"longitude":2}}}]}"#;
        let new =
            r#"{"id":2,"incidentInformation":[{"responder":{"location":{"latitude":3,"longitude":4}}}]}"#;
        let place = "  incidentInformation[0].responder.location";
        assert_eq!(told(old, new), ["~ id  1 → 2", place, "~ latitude   1 → 3", "~ longitude  2 → 4"]);
        assert_eq!(place_of("a[\"x.y\"]"), None, "a point in a quoted name");
    }

    #[test]
    fn of_texts_that_begin_alike_the_end_is_told() {
        let times = told(r#"{"at":"2026-11-22T12:33:48Z"}"#, r#"{"at":"2026-11-22T12:34:03Z"}"#);
        assert_eq!(times, ["~ at  \"…12:33:48Z\" → \"…12:34:03Z\""]);
        let days = told(r#"{"at":"2026-11-22T23:59:48Z"}"#, r#"{"at":"2026-11-23T00:00:03Z"}"#);
        assert_eq!(days, ["~ at  \"2026-11-22T23:59:48Z\" → \"2026-11-23T00:00:03Z\""]);
        assert_eq!(told(r#"["äää ééé ööö üüü a"]"#, r#"["äää ééé ööö üüü b"]"#), ["~ [0]  \"…a\" → \"…b\""]);
    }

    #[test]
    fn added_and_removed_fields_and_other_kinds_of_value() {
        assert_eq!(
            told(r#"{"a":1,"gone":true,"x":null}"#, r#"{"a":"1","x":{"y":2,"z":[1,2]},"odd name":[]}"#),
            [
                "~ a             1 → \"1\"",
                "~ x             null → { y: 2, z: [1, 2] }",
                "+ [\"odd name\"]  []",
                "- gone          true"
            ]
        );
    }

    #[test]
    fn what_was_only_written_differently_did_not_change() {
        assert_eq!(told(r#"{"a": 1, "b": [1, 2]}"#, r#"{"b":[1,2],"a":1}"#), [""; 0]);
        assert_eq!(told("{}", "{}"), [""; 0]);
    }

    #[test]
    fn elements_with_ids_are_matched_by_them() {
        let old = r#"{"events":[{"id":17,"m":"a"},{"id":18,"m":"b"}]}"#;
        let new = r#"{"events":[{"id":19,"m":"c"},{"id":17,"m":"A"}]}"#;
        assert_eq!(
            told(old, new),
            [
                "+ events[id 19]    { id: 19, m: \"c\" }",
                "~ events[id 17].m  \"a\" → \"A\"",
                "- events[id 18]    { id: 18, m: \"b\" }",
            ]
        );
        assert_eq!(told("[]", r#"[{"id":"e-1"}]"#), ["+ [id e-1]  { id: \"e-1\" }"]);
    }

    #[test]
    fn a_list_without_ids_says_what_came_and_went_at_its_ends() {
        assert_eq!(told("[[1,1],[2,2],[3,3]]", "[[2,2],[3,3]]"), ["- [0]  [1, 1]"]);
        assert_eq!(told("[[1,1],[2,2]]", "[[1,1],[2,2],[9,9]]"), ["+ [2]  [9, 9]"]);
        assert_eq!(told("[1,2,3]", "[1,5,3]"), ["~ [1]  2 → 5"]);
        assert_eq!(
            told(r#"[{"id":1},{"id":1}]"#, r#"[{"id":1},{"id":2}]"#),
            ["~ [1].id  1 → 2"],
            "no key twice"
        );
    }

    #[test]
    fn what_is_no_json_cannot_be_compared() {
        assert_eq!(changes(&Body::new("<p>"), &Body::new("{}")), None);
        assert_eq!(changes(&Body::new("<p>"), &Body::new("<p>")), Some(Vec::new()));
    }

    #[test]
    fn too_many_are_counted() {
        let many: Vec<String> = (0..700).map(|n| n.to_string()).collect();
        let told = told("[]", &format!("[{}]", many.join(",")));
        assert_eq!(told.len(), MOST_CHANGES + 1);
        assert!(told.last().unwrap().contains("200 more"), "{told:?}");
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            (0..5i64).prop_map(Into::into),
            "[a-c]{0,2}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("id|a|b", inner, 0..3)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_changed_means_the_same_value(old in values(), new in values()) {
            let found = changes(&Body::new(&old.to_string()), &Body::new(&new.to_string())).unwrap();
            if old == new {
                prop_assert!(found.is_empty());
            }
            // Lists that are told apart by ids may differ in their order only.
            let has_ids = new.to_string().contains("\"id\"");
            if found.is_empty() && !has_ids {
                prop_assert_eq!(old, new);
            }
        }
    }
}
