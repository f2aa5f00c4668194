//! The exchange in front of the person, laid out once: folding, searching and scrolling move in it.

use super::View;
use super::log::Log;
use crate::traffic::document::{Document, Kind};
use crate::traffic::har::Entry;
use crate::traffic::{Message, diff, size};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use unicode_width::UnicodeWidthStr;

/// A larger body is laid out when somebody goes into it, not in passing.
const LAID_OUT_IN_PASSING: u64 = 256 * 1024;

/// Columns that a level is indented by, and that a sign in front of a row takes.
pub const INDENT: usize = 2;
const SIGN: usize = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub number: u64,
    pub view: View,
    pub document: Document,
    folded: BTreeSet<u32>,
    /// Rows that no fold hides.
    visible: Vec<u32>,
    /// The chosen row and the first on the screen, as positions in `visible`.
    pub line: usize,
    pub top: usize,
    /// Rows that hold what is searched for.
    hits: Vec<u32>,
    /// Too large to be laid out before somebody asks for it.
    pub waits: bool,
    /// Columns that long rows are moved to the left by.
    pub aside: u16,
}

impl Opened {
    /// `asked`: somebody wants to read it, however large it is.
    pub(super) fn new(log: &Log, number: u64, view: View, asked: bool) -> Option<Self> {
        let entry = log.exchange(number)?;
        let shown = if view == View::Request { &entry.exchange.request } else { &entry.exchange.reply };
        let waits = !asked && shown.size > LAID_OUT_IN_PASSING;
        let mut document = Document::default();
        if waits {
            document.note(&format!("{}: enter opens it.", size(shown.size)));
        } else {
            match view {
                View::Changes => changes(&mut document, log, number, &entry),
                View::Reply => reply(&mut document, &entry),
                View::Request => request(&mut document, &entry),
            }
        }
        let folded = document.folded_at_first().into_iter().collect();
        let mut opened = Self {
            number,
            view,
            document,
            folded,
            visible: Vec::new(),
            line: 0,
            top: 0,
            hits: Vec::new(),
            waits,
            aside: 0,
        };
        opened.lay_out();
        Some(opened)
    }

    /// As somebody left the same view of an earlier exchange: what is folded, by its name, and the part
    /// that was on the screen.
    pub(super) fn go_on_from(&mut self, before: &Self) {
        if before.view != self.view || before.waits || self.waits {
            return;
        }
        let was: HashMap<Vec<String>, bool> =
            before.folds().map(|(row, name)| (name, before.is_folded(row))).collect();
        let now: Vec<(u32, Option<bool>)> =
            self.folds().map(|(row, name)| (row, was.get(&name).copied())).collect();
        for (row, folded) in now {
            match folded {
                Some(true) => self.folded.insert(row),
                Some(false) => self.folded.remove(&row),
                None => continue,
            };
        }
        self.lay_out();
        (self.line, self.top, self.aside) = (before.line, before.top, before.aside);
        self.choose(self.line);
    }

    /// The rows that open something, each with the names that lead to it; an element without a name has
    /// its place among its neighbours.
    fn folds(&self) -> impl Iterator<Item = (u32, Vec<String>)> + '_ {
        // What is open around a row: where it ends, its name, the elements passed in it.
        let mut around: Vec<(u32, String, u32)> = Vec::new();
        (0u32..).zip(self.document.rows()).filter_map(move |(index, row)| {
            while around.last().is_some_and(|(end, ..)| *end < index) {
                around.pop();
            }
            let place = around.last_mut().map_or(0, |(_, _, passed)| {
                *passed += 1;
                *passed
            });
            if row.end == 0 {
                return None;
            }
            let name = self.document.text(row).get(..row.name as usize).unwrap_or_default();
            let name = if name.is_empty() { place.to_string() } else { name.to_owned() };
            let path = around.iter().map(|(_, name, _)| name.clone()).chain([name.clone()]).collect();
            around.push((row.end, name, 0));
            Some((index, path))
        })
    }

    /// Moves long rows sideways, as far as the longest of these rows goes.
    pub(super) fn move_aside(&mut self, columns: i16, rows: usize) {
        let seen = self.visible.iter().skip(self.top).take(rows.max(1));
        let longest = seen
            .filter_map(|row| self.document.row(*row))
            .map(|row| usize::from(row.depth) * INDENT + SIGN + self.document.text(row).width());
        let most = u16::try_from(longest.max().unwrap_or(0).saturating_sub(1)).unwrap_or(u16::MAX);
        self.aside = self.aside.saturating_add_signed(columns).min(most);
    }

    /// Finds the rows that no fold hides.
    fn lay_out(&mut self) {
        self.visible.clear();
        let mut row = 0;
        while let Some(found) = self.document.row(row) {
            self.visible.push(row);
            row = if self.folded.contains(&row) { found.end.max(row) + 1 } else { row + 1 };
        }
    }

    /// Rows on the screen or above and below it, none of them folded away.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// The row at a position.
    pub fn row(&self, position: usize) -> Option<u32> {
        self.visible.get(position).copied()
    }

    pub fn is_folded(&self, row: u32) -> bool {
        self.folded.contains(&row)
    }

    pub fn hits(&self) -> &[u32] {
        &self.hits
    }

    fn position(&self, row: u32) -> usize {
        self.visible.partition_point(|visible| *visible < row)
    }

    pub(super) fn choose(&mut self, position: usize) {
        self.line = position.min(self.len().saturating_sub(1));
    }

    /// Opens or closes the fold that begins at the chosen row.
    pub(super) fn toggle(&mut self) {
        let Some(row) = self.row(self.line) else { return };
        self.fold(row, !self.is_folded(row));
    }

    /// Closes the fold at the chosen row, else goes to the one that it is in.
    pub(super) fn fold_here(&mut self) {
        let Some(row) = self.row(self.line) else { return };
        if self.foldable(row) && !self.is_folded(row) {
            self.fold(row, true);
        } else if let Some(outer) = self.outer(row) {
            self.line = self.position(outer);
        }
    }

    pub(super) fn unfold_here(&mut self) {
        let Some(row) = self.row(self.line) else { return };
        if self.is_folded(row) {
            self.fold(row, false);
        } else if self.foldable(row) {
            self.choose(self.line + 1);
        }
    }

    /// All folds but the outermost, or none if something is folded.
    pub(super) fn fold_all(&mut self) {
        let row = self.row(self.line);
        if self.folded.is_empty() {
            let inner = (0u32..).zip(self.document.rows()).filter(|(_, row)| row.depth > 0 && row.end > 0);
            self.folded = inner.map(|(index, _)| index).collect();
        } else {
            self.folded.clear();
        }
        self.lay_out();
        if let Some(row) = row {
            let at = self.position(row);
            // Folded away: the fold that it is in.
            self.choose(if self.row(at) == Some(row) { at } else { at.saturating_sub(1) });
        }
    }

    fn foldable(&self, row: u32) -> bool {
        self.document.row(row).is_some_and(|row| row.end > 0)
    }

    fn fold(&mut self, row: u32, closed: bool) {
        if !self.foldable(row) {
            return;
        }
        if closed {
            self.folded.insert(row);
        } else {
            self.folded.remove(&row);
        }
        self.lay_out();
        self.line = self.position(row);
    }

    /// The nearest row above that opens what `row` is in.
    fn outer(&self, row: u32) -> Option<u32> {
        let rows = self.document.rows().get(..row as usize)?;
        let depth = self.document.row(row)?.depth;
        let above =
            rows.iter().rposition(|above| above.end >= row && above.end > 0 && above.depth < depth)?;
        u32::try_from(above).ok()
    }

    pub(super) fn search(&mut self, needle: &str) {
        self.hits = self.document.find(needle);
    }

    /// To the next row that holds what is searched for, or the one before; round at the ends. Folds on
    /// the way to it are opened.
    pub(super) fn next_hit(&mut self, back: bool, here: bool) {
        let Some(row) = self.row(self.line) else { return };
        let found = if back {
            self.hits.iter().rev().find(|hit| **hit < row).or(self.hits.last())
        } else {
            self.hits.iter().find(|hit| **hit > row || (here && **hit == row)).or(self.hits.first())
        };
        let Some(found) = found.copied() else { return };
        let hidden_by =
            |fold: &u32| *fold < found && self.document.row(*fold).is_some_and(|row| row.end >= found);
        let folds: Vec<u32> = self.folded.iter().copied().filter(hidden_by).collect();
        if !folds.is_empty() {
            self.folded.retain(|fold| !folds.contains(fold));
            self.lay_out();
        }
        self.line = self.position(found);
    }

    /// Which hit of how many the chosen row is.
    pub fn hit_here(&self) -> Option<usize> {
        let row = self.row(self.line)?;
        self.hits.binary_search(&row).ok()
    }

    /// The chosen row is on the screen, and the screen is full where it can be.
    pub(super) fn settle(&mut self, rows: usize) {
        let last = self.len().saturating_sub(rows.max(1));
        self.top = self.top.min(self.line).max((self.line + 1).saturating_sub(rows.max(1))).min(last);
    }
}

fn head(document: &mut Document, message: &Message) {
    for header in &message.headers {
        document.header(header);
    }
    if !message.headers.is_empty() {
        document.gap();
    }
}

fn content(document: &mut Document, entry: &Entry, message: &Message) {
    match &message.body {
        Some(body) => document.body(body),
        None if entry.bodies_dropped => document.note("Body no longer kept: it made room for newer ones."),
        None if message.size > 0 => document.note(&format!("{} that are no text.", size(message.size))),
        None => document.note("No body."),
    }
}

fn request(document: &mut Document, entry: &Entry) {
    let exchange = &entry.exchange;
    document.line(Kind::Head, &format!("{} ", exchange.method.as_str()), &exchange.url());
    head(document, &exchange.request);
    if exchange.request.headers.is_empty() {
        document.gap();
    }
    content(document, entry, &exchange.request);
}

fn reply(document: &mut Document, entry: &Entry) {
    let exchange = &entry.exchange;
    if let Some(trouble) = exchange.trouble {
        document.note(trouble.sentence());
        if exchange.status.is_none() {
            return;
        }
        document.gap();
    }
    head(document, &exchange.reply);
    content(document, entry, &exchange.reply);
}

/// What changed since the same request before. The first of its kind is shown whole.
fn changes(document: &mut Document, log: &Log, number: u64, entry: &Entry) {
    let exchange = &entry.exchange;
    let previous = log.summary(number).map_or(0, |summary| summary.previous);
    let Some(before) = log.exchange(previous).filter(|_| exchange.trouble.is_none()) else {
        if exchange.trouble.is_none() {
            document.note("The first of its kind: nothing to compare it with.");
            document.gap();
        }
        reply(document, entry);
        return;
    };
    if let Some(trouble) = before.exchange.trouble {
        document.note(&format!("The one before failed: {}.", trouble.short()));
        document.gap();
        reply(document, entry);
        return;
    }
    if before.bodies_dropped {
        document.note("The one before is no longer kept.");
        return;
    }
    let since = exchange.at.duration_since(before.exchange.at).as_secs();
    let mut rows = Document::default();
    let mut within = None;
    if let (Some(was), Some(is)) = (before.exchange.status, exchange.status)
        && was != is
    {
        rows.line(Kind::Changed, "status  ", &format!("{was} → {is}"));
    }
    match (&before.exchange.reply.body, &exchange.reply.body) {
        (Some(old), Some(new)) => match diff::changes(old, new) {
            Some(found) => within = diff::lay_out(&mut rows, &found),
            None => rows.note("The body is another one; it is no JSON."),
        },
        (None, None) => {}
        (Some(_), None) => rows.note("There is no body any more."),
        (None, Some(_)) => rows.note("There is a body now."),
    }
    if rows.rows().is_empty() {
        document.note(&format!("Nothing changed in {since} s."));
        document.gap();
        reply(document, entry);
        return;
    }
    let within = within.map(|name| format!(", in {name}")).unwrap_or_default();
    document.note(&format!("Since the same request {since} s before{within}:"));
    document.gap();
    document.append(&rows);
}
