//! Lines of styled text on the screen: cut by columns, wrapped by words, never halving a character.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const JOINER: char = '\u{200d}';

/// Writes the line at `x`, `y`, cut to `width` columns with an ellipsis.
pub(super) fn put(buf: &mut Buffer, x: u16, y: u16, width: u16, line: &Line<'_>) {
    let area = *buf.area();
    if y < area.top() || y >= area.bottom() || x >= area.right() {
        return;
    }
    let room = usize::from(width.min(area.right() - x));
    let whole: usize = line.spans.iter().map(|span| span.content.width()).sum();
    let mut left = if whole <= room { room } else { room.saturating_sub(1) };
    // What lies below, a border for one, must not lend its style.
    let columns = u16::try_from(whole).unwrap_or(u16::MAX).min(width).min(area.right() - x);
    buf.set_style(Rect { x, y, width: columns, height: 1 }, Style::reset());
    let mut at = x;
    for span in &line.spans {
        let kept = prefix(&span.content, left);
        (at, _) = buf.set_stringn(at, y, kept, left, line.style.patch(span.style));
        left -= kept.width().min(left);
        if kept.len() < span.content.len() {
            break;
        }
    }
    if whole > room && at < x + width {
        buf.set_stringn(at, y, "…", 1, line.style);
    }
}

/// Writes the line so that it ends before `right`; returns the columns it took.
pub(super) fn put_right(buf: &mut Buffer, right: u16, y: u16, width: u16, line: &Line<'_>) -> u16 {
    let columns = u16::try_from(line.width()).unwrap_or(u16::MAX).min(width);
    put(buf, right.saturating_sub(columns), y, columns, line);
    columns
}

/// Writes the line in the middle of `width` columns.
pub(super) fn put_centred(buf: &mut Buffer, x: u16, y: u16, width: u16, line: &Line<'_>) {
    let columns = u16::try_from(line.width()).unwrap_or(u16::MAX).min(width);
    put(buf, x + (width - columns) / 2, y, columns, line);
}

/// The longest beginning of `text` that takes no more than `columns`, without halving a character.
pub(super) fn prefix(text: &str, columns: usize) -> &str {
    if text.is_ascii() {
        return &text[..text.len().min(columns)];
    }
    let mut used = 0;
    let mut end = 0;
    for cluster in clusters(text) {
        used += cluster.width();
        if used > columns {
            break;
        }
        end += cluster.len();
    }
    &text[..end]
}

/// The line from a column on; a character on the edge goes whole.
pub(super) fn without_start(line: Line<'_>, columns: usize) -> Line<'_> {
    let mut left = columns;
    let mut rest = Line { spans: Vec::with_capacity(line.spans.len()), ..line.clone() };
    for span in line.spans {
        let mut skipped = 0;
        for cluster in clusters(&span.content) {
            if left == 0 {
                break;
            }
            left = left.saturating_sub(cluster.width());
            skipped += cluster.len();
        }
        let kept = if skipped == 0 { span.content } else { span.content[skipped..].to_owned().into() };
        rest.spans.push(Span { content: kept, ..span });
    }
    rest
}

/// What is drawn as one: a character with its marks, joined emoji and their skin tones.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut joined = false;
        let end = rest.char_indices().skip(1).find_map(|(index, c)| {
            let belongs = joined || c == JOINER || c.width() == Some(0) || is_skin_tone(c);
            joined = c == JOINER;
            (!belongs).then_some(index)
        });
        let (cluster, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        (!cluster.is_empty()).then_some(cluster)
    })
}

fn is_skin_tone(c: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

/// Breaks `text` into rows of at most `width` columns, the first of which has `first` columns taken
/// already. Between words where it can, within a word where it must.
pub(super) fn wrap(text: &str, width: usize, first: usize) -> Vec<&str> {
    let width = width.max(2);
    let mut rows = Vec::new();
    let mut rest = text;
    let mut room = width.saturating_sub(first);
    loop {
        if rest.width() <= room {
            rows.push(rest);
            return rows;
        }
        let mut kept = prefix(rest, room);
        let breaks_word = !rest[kept.len()..].starts_with(' ');
        if breaks_word {
            match kept.rfind(' ') {
                Some(space) => kept = &kept[..space],
                // A word that has a whole row of its own waiting is not broken into what is left here.
                None if room < width && first_word_columns(rest) <= width => kept = "",
                None => {}
            }
        }
        if kept.is_empty() && room == width {
            kept = clusters(rest).next().unwrap_or(rest);
        }
        rows.push(kept.trim_end());
        rest = rest[kept.len()..].trim_start();
        room = width;
    }
}

fn first_word_columns(text: &str) -> usize {
    text.split(' ').next().unwrap_or(text).width()
}

/// Parts of a line of which the least important go first where there is no room for all.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    parts: Vec<(u8, Line<'a>)>,
}

impl<'a> Parts<'a> {
    /// Importance 0 stays whatever happens.
    pub(super) fn add(&mut self, importance: u8, line: impl Into<Line<'a>>) {
        self.parts.push((importance, line.into()));
    }

    /// The line of those that fit into `width`, in their order, `gap` between them.
    pub(super) fn fit(mut self, width: usize, gap: &'a str, gap_style: Style) -> Line<'a> {
        let between = gap.width();
        loop {
            let count = self.parts.len();
            let whole: usize = self.parts.iter().map(|(_, line)| line.width()).sum();
            if whole + between * count.saturating_sub(1) <= width {
                break;
            }
            let worst = self.parts.iter().enumerate().filter(|(_, (importance, _))| *importance > 0);
            // The last of equals goes first.
            let Some((index, _)) = worst.max_by_key(|(_, (importance, _))| *importance) else { break };
            self.parts.remove(index);
        }
        let mut spans = Vec::new();
        for (index, (_, line)) in self.parts.into_iter().enumerate() {
            if index > 0 {
                spans.push(Span::styled(gap, gap_style));
            }
            spans.extend(line.spans);
        }
        Line::from(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("a responder is on the way", 12, 0), ["a responder", "is on the", "way"]);
        assert_eq!(wrap("hello there", 8, 5), ["", "hello", "there"]);
        assert_eq!(wrap("incomprehensibilities", 8, 0), ["incompre", "hensibil", "ities"]);
        assert_eq!(wrap("", 8, 0), [""]);
    }

    #[test]
    fn wide_text_breaks_between_characters() {
        assert_eq!(wrap("消防車がすぐ来ます", 7, 0), ["消防車", "がすぐ", "来ます"]);
    }

    #[test]
    fn what_is_drawn_as_one_stays_together() {
        let family = "👨‍👩‍👧";
        assert_eq!(clusters("a👨‍👩‍👧e\u{301}👍🏽").collect::<Vec<_>>(), ["a", family, "e\u{301}", "👍🏽"]);
        assert_eq!(prefix("👨‍👩‍👧x", 1), "");
        assert_eq!(prefix("👨‍👩‍👧x", 2), family);
    }

    #[test]
    fn the_least_important_part_goes_first() {
        let mut parts = Parts::default();
        parts.add(0, "name");
        parts.add(2, "detail");
        parts.add(1, "state");
        assert_eq!(parts.fit(12, "  ", Style::new()).to_string(), "name  state");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_asked_and_nothing_is_lost(raw in ".{0,60}", width in 2usize..30, first in 0usize..40) {
            let text = crate::text::one_line(&raw, 60);
            let rows = wrap(&text, width, first);
            for (index, row) in rows.iter().enumerate() {
                let room = if index == 0 { width.saturating_sub(first) } else { width };
                prop_assert!(row.width() <= room.max(2), "{row:?}");
            }
            let words = |text: &str| text.replace(' ', "");
            prop_assert_eq!(words(&rows.concat()), words(&text));
        }
    }
}
