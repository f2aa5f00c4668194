//! A body as rows that can be folded, searched and drawn from any row on: laid out once when it is
//! opened, so that a frame costs what is on the screen and nothing more.

use super::json::Node;
use super::{Body, Header};
use crate::text::{is_invisible, one_line};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};
use unicode_width::UnicodeWidthChar;

/// Rows of one body. A reply of 4 MiB can be two million numbers; nobody scrolls that far.
pub const MOST_ROWS: usize = 100_000;

/// Characters of one row.
const LONGEST_ROW: usize = 1_000;

/// A list of a few numbers, a place for one, stands on one row up to this many characters.
const INLINE: usize = 48;

/// A list with more rows than this is folded at first, unless it is the whole body.
const FOLDED_FROM: u32 = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The request line, a header.
    Head,
    Json,
    Text,
    Added,
    Removed,
    Changed,
    /// Our own words.
    Note,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    start: u32,
    len: u32,
    /// Bytes at the start that name what follows: a field, a header, a path.
    pub name: u32,
    /// The row that closes what this one opens; 0 for one that opens nothing.
    pub end: u32,
    /// Fields or elements inside.
    pub children: u32,
    pub depth: u8,
    pub kind: Kind,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    text: String,
    rows: Vec<Row>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} rows)", self.rows.len())
    }
}

impl Document {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn row(&self, index: u32) -> Option<&Row> {
        self.rows.get(index as usize)
    }

    /// Cleaned: may be drawn as it is.
    pub fn text(&self, row: &Row) -> &str {
        let start = row.start as usize;
        self.text.get(start..start + row.len as usize).unwrap_or_default()
    }

    /// Rows that hold `needle`, without regard to case.
    pub fn find(&self, needle: &str) -> Vec<u32> {
        if needle.is_empty() {
            return Vec::new();
        }
        let hits = (0u32..).zip(&self.rows).filter(|(_, row)| find_in(self.text(row), needle).is_some());
        hits.map(|(index, _)| index).collect()
    }

    /// Rows that are folded when the document is opened: lists that are long and not the whole.
    pub fn folded_at_first(&self) -> Vec<u32> {
        let long = |(index, row): &(u32, &Row)| {
            row.depth > 0 && row.end > index + FOLDED_FROM && self.text(row).ends_with('[')
        };
        (0u32..).zip(&self.rows).filter(long).map(|(index, _)| index).collect()
    }

    pub fn note(&mut self, text: &str) {
        self.push(Kind::Note, 0, 0, &one_line(text, LONGEST_ROW));
    }

    pub fn gap(&mut self) {
        self.push(Kind::Note, 0, 0, "");
    }

    pub fn line(&mut self, kind: Kind, name: &str, rest: &str) {
        self.line_at(0, kind, name, rest);
    }

    pub fn line_at(&mut self, depth: u8, kind: Kind, name: &str, rest: &str) {
        self.push(kind, depth, name.len(), &format!("{name}{rest}"));
    }

    /// Rows of another document behind these.
    pub fn append(&mut self, other: &Self) {
        let (text, rows) = (index(self.text.len()), index(self.rows.len()));
        self.text.push_str(&other.text);
        let moved = |row: &Row| Row {
            start: row.start + text,
            end: if row.end > 0 { row.end + rows } else { 0 },
            ..*row
        };
        self.rows.extend(other.rows.iter().map(moved));
    }

    pub fn header(&mut self, header: &Header) {
        self.line(Kind::Head, &format!("{}: ", header.name), header.value.as_str());
    }

    /// The body as JSON, or row by row where it is none.
    pub fn body(&mut self, body: &Body) {
        if let Some(node) = Node::parse(body.as_str()) {
            self.node(None, &node, 0, false);
        } else {
            for line in body.as_str().lines() {
                if self.is_full() {
                    break;
                }
                self.push(Kind::Text, 0, 0, &one_line_at_its_place(line));
            }
        }
        if self.is_full() {
            self.rows.truncate(MOST_ROWS);
            self.close_open_rows();
            self.note(&format!("… only the first {MOST_ROWS} rows are shown"));
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= MOST_ROWS
    }

    /// What the end of the rows cut off is closed by the last one.
    fn close_open_rows(&mut self) {
        let last = index(self.rows.len().saturating_sub(1));
        for row in &mut self.rows {
            row.end = row.end.min(last);
        }
    }

    fn node(&mut self, name: Option<&str>, node: &Node, depth: u8, comma: bool) {
        if self.is_full() {
            return;
        }
        let name = name.map(|name| format!("{}: ", quoted(name))).unwrap_or_default();
        let comma = if comma { "," } else { "" };
        if let Some(inline) = inline(node) {
            self.push(Kind::Json, depth, name.len(), &format!("{name}{inline}{comma}"));
            return;
        }
        let opener = index(self.rows.len());
        let (open, close) = if matches!(node, Node::List(_)) { ('[', ']') } else { ('{', '}') };
        self.push(Kind::Json, depth, name.len(), &format!("{name}{open}"));
        let children = self.children(node, depth.saturating_add(1));
        let end = index(self.rows.len());
        self.push(Kind::Json, depth, 0, &format!("{close}{comma}"));
        if let Some(row) = self.rows.get_mut(opener as usize) {
            (row.end, row.children) = (end, index(children));
        }
    }

    fn children(&mut self, node: &Node, depth: u8) -> usize {
        match node {
            Node::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.node(None, item, depth, at + 1 < items.len());
                }
                items.len()
            }
            Node::Object(fields) => {
                for (at, (name, value)) in fields.iter().enumerate() {
                    self.node(Some(name), value, depth, at + 1 < fields.len());
                }
                fields.len()
            }
            _ => 0,
        }
    }

    fn push(&mut self, kind: Kind, depth: u8, name: usize, text: &str) {
        let start = index(self.text.len());
        let text = shortened(text);
        self.text.push_str(&text);
        let len = index(text.len());
        self.rows.push(Row { start, len, name: index(name).min(len), end: 0, children: 0, depth, kind });
    }
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(LONGEST_ROW) {
        Some((end, _)) => format!("{}… {}", &text[..end], super::size((text.len() - end) as u64)).into(),
        None => text.into(),
    }
}

/// Where `needle` is in `text`, without regard to the case of ASCII letters.
pub fn find_in(text: &str, needle: &str) -> Option<usize> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let first = needle.first()?;
    let both = [first.to_ascii_lowercase(), first.to_ascii_uppercase()];
    let last = text.len().checked_sub(needle.len())?;
    (0..=last)
        .find(|at| both.contains(&text[*at]) && text[*at..*at + needle.len()].eq_ignore_ascii_case(needle))
}

/// What fits on one row: leaves, empty containers, short lists of leaves.
pub(super) fn inline(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(quoted(text)),
        Node::List(items) if !items.is_empty() => {
            if items.len() > 8 || !items.iter().all(|item| matches!(item, Node::Number(_) | Node::Bool(_))) {
                return None;
            }
            let items: Vec<String> = items.iter().map(Node::compact).collect();
            let joined = format!("[{}]", items.join(", "));
            (joined.len() <= INLINE).then_some(joined)
        }
        Node::Object(fields) if !fields.is_empty() => None,
        leaf => Some(leaf.compact()),
    }
}

/// A JSON string in which nothing is hidden: what a terminal would obey or not show is written as an
/// escape.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 2);
    shown.push('"');
    let mut marks = 0;
    for c in text.chars().take(LONGEST_ROW * 2) {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        match c {
            '"' => shown.push_str("\\\""),
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c.is_control() || is_invisible(c) || marks > 2 || (c.is_whitespace() && c != ' ') => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(shown, "\\u{unit:04x}");
                }
            }
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// Cleaned, with the blanks in front that a person indented it by.
fn one_line_at_its_place(line: &str) -> String {
    let blanks =
        line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>();
    format!("{}{}", " ".repeat(blanks.min(40)), one_line(line, LONGEST_ROW + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn laid_out(text: &str) -> Document {
        let mut document = Document::default();
        document.body(&Body::new(text));
        document
    }

    fn lines(document: &Document) -> Vec<String> {
        let line = |row: &Row| format!("{}{}", "  ".repeat(row.depth.into()), document.text(row));
        document.rows().iter().map(line).collect()
    }

    #[test]
    fn json_is_laid_out_as_people_write_it() {
        let document =
            laid_out(r#"{"id":7,"at":[28.083,-26.1],"who":{"name":"Testy \"T\""},"list":[{}],"e":[]}"#);
        let expected = [
            "{",
            "  \"id\": 7,",
            "  \"at\": [28.083, -26.1],",
            "  \"who\": {",
            "    \"name\": \"Testy \\\"T\\\"\"",
            "  },",
            "  \"list\": [",
            "    {}",
            "  ],",
            "  \"e\": []",
            "}",
        ];
        assert_eq!(lines(&document), expected);
        let who = document.rows()[3];
        assert_eq!((who.end, who.children, who.name), (5, 1, 7));
        assert_eq!(document.rows()[0].end, 10);
        assert_eq!(document.rows()[1].end, 0);
    }

    #[test]
    fn nothing_hostile_is_left_in_a_row() {
        let document = laid_out("{\"a\":\"\\u001b[31m\u{202e}evil\\u200b\u{1f3fb} \u{2028}\"}");
        assert_eq!(
            document.text(&document.rows()[1]),
            r#""a": "\u001b[31m\u202eevil\u200b\ud83c\udffb \u2028""#
        );
        let text = laid_out("<p>\u{1b}]52;c;x\u{7}\n\t<b>\u{202e}x");
        assert_eq!(lines(&text), ["<p>", "    <b>x"]);
    }

    #[test]
    fn long_containers_are_folded_at_first_but_not_the_whole() {
        let long: Vec<String> = (0..60).map(|n| format!("\"point {n}\"")).collect();
        let document = laid_out(&format!("{{\"route\":[{}],\"x\":[{{}}]}}", long.join(",")));
        assert_eq!(document.folded_at_first(), [1]);
        assert!(laid_out(&format!("[{}]", long.join(","))).folded_at_first().is_empty());
    }

    #[test]
    fn a_hostile_body_is_cut_and_says_so() {
        let many = laid_out(&format!("{{\"a\":[{}1]}}", "\"x\",".repeat(MOST_ROWS * 2)));
        assert_eq!(many.rows().len(), MOST_ROWS + 1);
        assert!(many.rows().iter().all(|row| (row.end as usize) < MOST_ROWS), "every fold ends");
        let last = many.rows().last().unwrap();
        assert!(many.text(last).contains("only the first"));
        let long = laid_out(&format!("\"{}\"", "x".repeat(1_000_000)));
        assert!(long.text(&long.rows()[0]).ends_with("kB"), "{}", long.text(&long.rows()[0]).len());
        let deep = laid_out(&"[".repeat(1_000_000));
        assert_eq!(deep.rows().len(), 1);
    }

    #[test]
    fn a_search_finds_names_and_values_without_regard_to_case() {
        let document = laid_out(r#"{"Status":"Responder Dispatched","eta":1,"status":"x"}"#);
        assert_eq!(document.find("STATUS"), [1, 3]);
        assert_eq!(document.find("dispatched"), [1]);
        assert_eq!(document.find("消"), [0u32; 0]);
        assert_eq!(document.find(""), [0u32; 0]);
    }

    proptest! {
        #[test]
        fn any_text_gives_rows_that_can_be_drawn(text in ".{0,200}") {
            for source in [text.clone(), serde_json::to_string(&text).unwrap()] {
                let document = laid_out(&source);
                for row in document.rows() {
                    prop_assert!(!document.text(row).chars().any(|c| c.is_control() || is_invisible(c)));
                }
            }
        }

        #[test]
        fn what_is_there_is_found(before in "[a-z]{0,9}", needle in "[a-zA-Z]{1,5}", after in "[a-z]{0,9}") {
            let found = find_in(&format!("{before}{needle}{after}"), &needle.to_ascii_uppercase());
            prop_assert!(found.is_some_and(|at| at <= before.len()));
        }
    }
}
