//! The chat with the control room. Only what is on the screen is laid out, from the newest back, so
//! that a long chat costs no more than a short one.

use super::Page;
use crate::app::callout::{Comment, Role};
use crate::app::intent::Intent;
use crate::app::state::{Chat, Delivery, Outgoing, State, Watch};
use crate::keymap::Scope;
use crate::ui::{Look, lines, signs, words};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// From this width on names have a column of their own.
const ROOM_FOR_NAMES: usize = 60;
const NAME: usize = 14;
/// `12:00:41` and two spaces.
const TIME: usize = 10;

/// One message, from either side.
#[derive(Clone, Copy)]
enum Message<'a> {
    Theirs(&'a Comment),
    Ours(&'a Outgoing),
}

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    // The input line, and above it a rule that tells what lies below the window.
    let below = if area.height >= 4 { 2 } else { 1 };
    let messages = Rect { height: area.height.saturating_sub(below), ..area };
    if state.chat.comments.is_empty() && state.chat.outbox.is_empty() {
        empty(state, look, messages, buf);
    } else {
        history(state, look, messages, buf);
    }
    if below == 2 && !matches!(state.watch, Watch::Idle | Watch::Looking | Watch::Raising { .. }) {
        rule(state, look, messages.bottom(), area, buf);
    }
    let line = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    input(state, look, line, buf)
}

fn empty(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let unread = state.watching.as_ref().is_some_and(|watching| !watching.whole && watching.chosen.is_some());
    let text = match &state.watch {
        _ if unread => "Reading the chat …",
        Watch::Live(_) if state.is_watching() => "No messages yet.",
        Watch::Live(_) => "No messages yet. The control room reads what you write.",
        Watch::Ended { .. } => "Nothing was said.",
        _ if state.settings.read_only => "What is said while a callout is active stands here.",
        _ => "You can write with the control room while a callout is active.",
    };
    Page::new(area, buf).text(text, look.theme.muted);
}

/// Fills the window from its last row upwards.
fn history(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let chat = &state.chat;
    let width = usize::from(area.width);
    let mut bottom = area.bottom();
    let skipped = filling_skip(chat, state, look, width, usize::from(area.height));
    for message in newest_first(chat).skip(skipped) {
        if bottom <= area.y {
            return;
        }
        let rows = layout(message, state, look, width);
        for line in rows.iter().rev() {
            if bottom <= area.y {
                return;
            }
            bottom -= 1;
            lines::put(buf, area.x, bottom, area.width, line);
        }
    }
}

/// Messages left out below the window. As many as are scrolled back, but never so many that the
/// oldest stand at the bottom of an empty window: the rows above them are counted, a windowful at most.
fn filling_skip(chat: &Chat, state: &State, look: &Look, width: usize, height: usize) -> usize {
    let mut rows = 0;
    for message in newest_first(chat).skip(chat.scroll) {
        rows += layout(message, state, look, width).len();
        if rows >= height {
            return chat.scroll;
        }
    }
    let mut skipped = chat.scroll;
    while skipped > 0 {
        let Some(message) = newest_first(chat).nth(skipped - 1) else { return skipped };
        rows += layout(message, state, look, width).len();
        if rows > height {
            return skipped;
        }
        skipped -= 1;
    }
    skipped
}

fn newest_first(chat: &Chat) -> impl Iterator<Item = Message<'_>> {
    let ours = chat.outbox.iter().rev().map(Message::Ours);
    ours.chain(chat.comments.iter().rev().map(Message::Theirs))
}

fn layout<'a>(message: Message<'a>, state: &State, look: &Look, width: usize) -> Vec<Line<'a>> {
    let theme = &look.theme;
    let (at, who, style, body) = match message {
        Message::Theirs(comment) => {
            let (who, style) = match comment.role {
                Role::User if state.is_watching() => ("Customer", theme.ok),
                Role::User => ("You", theme.ok),
                Role::Admin if comment.author.is_empty() => ("Control room", theme.info),
                Role::Admin => (comment.author.as_str(), theme.info),
                Role::Other if comment.author.is_empty() => ("Somebody", theme.text),
                Role::Other => (comment.author.as_str(), theme.text),
            };
            (comment.at, who, style, comment.body.as_str())
        }
        Message::Ours(ours) => (Some(ours.written_at), "You", theme.ok, ours.text.as_str()),
    };
    let mut rows = text_rows(time(at, state.now, look), (who, style), body, look, width);
    if let Message::Ours(ours) = message {
        let (word, style) = delivery(&ours.delivery, look);
        append(&mut rows, word, style, width);
    }
    rows
}

pub(in crate::ui) fn time(at: Option<Timestamp>, now: Timestamp, look: &Look) -> String {
    let time = at.map_or(signs::UNKNOWN.to_owned(), |at| words::clock_or_day(at, now, &look.zone));
    let missing = TIME.saturating_sub(time.width());
    format!("{time}{}", " ".repeat(missing))
}

pub(in crate::ui) fn text_rows<'a>(
    time: String,
    (who, style): (&str, Style),
    body: &'a str,
    look: &Look,
    width: usize,
) -> Vec<Line<'a>> {
    let roomy = width >= ROOM_FOR_NAMES;
    let name = crate::text::cut(who, NAME - 2);
    let name = if roomy { crate::text::fit(&name, NAME) } else { format!("{name}  ") };
    let hang = if roomy { TIME + NAME } else { TIME.min(width / 3) };
    // Without a column for names, the first row begins further right than the others.
    let taken = if roomy { 0 } else { name.width() };
    let indent = " ".repeat(hang);
    let mut head = Some([Span::styled(time, look.theme.muted), Span::styled(name, style)]);
    let rows = lines::wrap(body, width.saturating_sub(hang), taken);
    rows.into_iter()
        .map(|row| {
            let mut spans: Vec<Span<'a>> = match head.take() {
                Some(head) => head.into_iter().collect(),
                None => vec![Span::raw(indent.clone())],
            };
            spans.push(Span::raw(row));
            Line::from(spans)
        })
        .collect()
}

/// What became of a message of ours: sign, word and colour.
fn delivery(delivery: &Delivery, look: &Look) -> (String, Style) {
    let theme = &look.theme;
    let retry = look.keys.keys_of(Scope::Chat, Intent::Retry);
    match delivery {
        Delivery::Queued => (format!("{} queued", signs::QUIET), theme.muted),
        Delivery::Sending { .. } => (format!("{} sending", signs::WAITING), theme.info),
        Delivery::Unconfirmed { .. } => ("? unconfirmed".to_owned(), theme.warn),
        Delivery::Sent { .. } => (format!("{} sent", signs::DONE), theme.ok),
        Delivery::Failed { why } => (format!("! failed: {retry} to retry ({why})"), theme.danger),
    }
}

/// Behind the last row if there is room, else on rows of its own.
fn append(rows: &mut Vec<Line<'_>>, word: String, style: Style, width: usize) {
    let taken = rows.last().map_or(0, Line::width);
    match rows.last_mut() {
        Some(last) if taken + 2 + word.width() <= width => {
            last.push_span(Span::raw("  "));
            last.push_span(Span::styled(word, style));
        }
        _ => {
            let indent = TIME.min(width / 3);
            rows.push(Line::from(vec![Span::raw(" ".repeat(indent)), Span::styled(word, style)]));
        }
    }
}

fn rule(state: &State, look: &Look, y: u16, area: Rect, buf: &mut Buffer) {
    let chat = &state.chat;
    buf.set_stringn(
        area.x,
        y,
        "─".repeat(usize::from(area.width)),
        usize::from(area.width),
        look.theme.border,
    );
    let news = match (chat.scroll, chat.unread) {
        (0, 0) => return,
        (0, unread) => Span::styled(format!(" {unread} new "), look.theme.warn),
        (scroll, 0) => Span::styled(format!(" ↓ {scroll} more below "), look.theme.muted),
        (_, unread) => Span::styled(format!(" ↓ {unread} new below "), look.theme.warn),
    };
    lines::put_right(buf, area.right().saturating_sub(1), y, area.width, &Line::from(news));
}

/// The input line scrolls sideways, so that the cursor is always in sight.
fn input(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let is_live = matches!(state.watch, Watch::Live(_));
    let draft = &state.chat.draft;
    if !state.chat.writing && draft.is_blank() {
        let write = look.keys.keys_of(Scope::Panes, Intent::Write);
        let hint = match is_live {
            true if state.settings.read_only => Line::from("Read-only: nothing can be written."),
            true => super::with_key("", &write, " writes a message", look),
            false => Line::default(),
        };
        lines::put(buf, area.x, area.y, area.width, &hint.style(look.theme.muted));
        return None;
    }
    let prompt = if state.chat.writing { look.theme.key } else { look.theme.muted };
    lines::put(buf, area.x, area.y, 2, &Line::from(Span::styled("❯ ", prompt)));
    let field = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let cursor = draft_line(draft, look.theme.text, field, buf);
    state.chat.writing.then_some(cursor)
}

/// Draws the part of an input line around its cursor; returns where the cursor stands.
pub(in crate::ui) fn draft_line(
    draft: &crate::app::draft::Draft,
    style: Style,
    area: Rect,
    buf: &mut Buffer,
) -> Position {
    // One column stays free for the cursor behind the last character.
    let room = usize::from(area.width.saturating_sub(1)).max(1);
    let scroll = draft.scroll(room);
    let hidden = skip_columns(draft.value(), scroll);
    let shown = lines::prefix(&draft.value()[hidden..], usize::from(area.width));
    buf.set_stringn(area.x, area.y, shown, usize::from(area.width), style);
    let before = draft.value()[..hidden].width();
    let column = draft.cursor_columns().saturating_sub(before).min(room);
    Position { x: area.x + u16::try_from(column).unwrap_or(0), y: area.y }
}

/// Bytes of `text` that take at least `columns` columns: a character at the edge goes whole.
fn skip_columns(text: &str, columns: usize) -> usize {
    let mut used = 0;
    let mut bytes = 0;
    for cluster in lines::clusters(text) {
        if used >= columns {
            break;
        }
        used += cluster.width();
        bytes += cluster.len();
    }
    bytes
}
