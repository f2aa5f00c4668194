//! The chat with the customer of the chosen callout, from the newest back, and the controller's line.

use crate::app::callout::{Comment, Role};
use crate::app::control::model::Case;
use crate::app::intent::Intent;
use crate::app::state::State;
use crate::keymap::Scope;
use crate::ui::panes::chat::{draft_line, text_rows, time};
use crate::ui::{Look, lines};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let case = state.control.case()?;
    let below = if area.height >= 4 { 2 } else { 1 };
    let window = Rect { height: area.height.saturating_sub(below), ..area };
    if case.comments.is_empty() {
        let text = "Nothing was said yet. What is written here, the customer reads.";
        for (y, row) in (window.y..window.bottom()).zip(lines::wrap(text, usize::from(area.width), 0)) {
            lines::put(buf, area.x, y, area.width, &Line::from(Span::styled(row, look.theme.muted)));
        }
    } else {
        history(state, case, look, window, buf);
    }
    if below == 2 {
        rule(state, look, Rect { y: window.bottom(), height: 1, ..area }, buf);
    }
    input(state, case, look, Rect { y: area.bottom() - 1, height: 1, ..area }, buf)
}

/// Fills the window from its last row upwards.
fn history(state: &State, case: &Case, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut bottom = area.bottom();
    for comment in case.comments.iter().rev().skip(state.control.back) {
        for line in rows(comment, case, state, look, usize::from(area.width)).iter().rev() {
            if bottom <= area.y {
                return;
            }
            bottom -= 1;
            lines::put(buf, area.x, bottom, area.width, line);
        }
    }
}

fn rows<'a>(comment: &'a Comment, case: &'a Case, state: &State, look: &Look, width: usize) -> Vec<Line<'a>> {
    let theme = &look.theme;
    let who = match comment.role {
        Role::Admin => ("Control room", theme.info),
        Role::User if case.customer.is_empty() => ("Customer", theme.warn),
        Role::User => (case.customer.as_str(), theme.warn),
        Role::Other => (comment.author.as_str(), theme.text),
    };
    text_rows(time(comment.at, state.control_now(), look), who, comment.body.as_str(), look, width)
}

fn rule(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    buf.set_stringn(area.x, area.y, "─".repeat(width), width, look.theme.border);
    if state.control.back > 0 {
        let below = format!(" ↓ {} more below ", state.control.back);
        let line = Line::from(Span::styled(below, look.theme.muted));
        lines::put_right(buf, area.right().saturating_sub(1), area.y, area.width, &line);
    }
}

fn input(state: &State, case: &Case, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let draft = state.control.draft();
    let Some(draft) = draft.filter(|draft| state.control.writing || !draft.is_blank()) else {
        lines::put(buf, area.x, area.y, area.width, &hint(state, case, look));
        return None;
    };
    let prompt = if state.control.writing { look.theme.key } else { look.theme.muted };
    lines::put(buf, area.x, area.y, 2, &Line::from(Span::styled("❯ ", prompt)));
    let field = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let cursor = draft_line(draft, look.theme.text, field, buf);
    state.control.writing.then_some(cursor)
}

fn hint(state: &State, case: &Case, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    if case.status.is_closed() {
        return Line::from(Span::styled("The callout is closed.", theme.muted));
    }
    if state.settings.read_only {
        return Line::from(Span::styled("Read-only: nothing can be written.", theme.muted));
    }
    let key = |intent| Span::styled(look.keys.keys_of(Scope::Control, intent), theme.key);
    Line::from(vec![
        key(Intent::Write),
        Span::styled(" writes, ", theme.muted),
        key(Intent::CannedReply),
        Span::styled(" canned replies", theme.muted),
    ])
}
