//! Where the console can go, and what going there means.

use super::{ALWAYS, Card, Look, answers, frame, keys, lines, signs};
use crate::app::intent::Intent;
use crate::app::profiles::{Listed, Refused, is_live};
use crate::app::state::{Call, Dialect, Environment, State};
use crate::keymap::Scope;
use crate::text;
use crate::ui::header;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

const WIDTH: u16 = 76;
/// Profiles that are shown at once; more are scrolled to.
const ROWS: usize = 12;
/// Columns of a name, and of one where there is no room; of the badge behind it.
const NAME: usize = 21;
const SHORT: usize = 10;
const ROOM: u16 = 50;
const BADGE: u16 = 15;
const REASONS: usize = 8;

/// The profiles, and below them why the one that was chosen cannot be gone to.
pub(super) fn draw(
    state: &State,
    (chosen, refused): (usize, Option<&Refused>),
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) {
    let list = &state.profiles.list;
    let width = usize::from(WIDTH.min(area.width).saturating_sub(4));
    let below = below(state, refused, width, look);
    let shown = list.len().clamp(1, ROWS);
    let height = u16::try_from(shown + below.len() + 2).unwrap_or(u16::MAX);
    let inner = frame::dialog("Profiles", look.theme.focus, (WIDTH, height), area, buf);
    let room = usize::from(inner.height).saturating_sub(below.len()).clamp(1, shown);
    let first = (chosen + 1).saturating_sub(room);
    let here = state.profiles.here(state);
    for (y, (index, listed)) in (inner.y..).zip(list.iter().enumerate().skip(first).take(room)) {
        let row = Rect { y, height: 1, ..inner };
        profile(listed, (index == chosen, here == Some(index)), look, row, buf);
    }
    let rest = inner.y + u16::try_from(room).unwrap_or(u16::MAX);
    for (y, line) in (rest..inner.bottom()).zip(&below) {
        lines::put(buf, inner.x, y, inner.width, line);
    }
}

fn profile(listed: &Listed, (chosen, here): (bool, bool), look: &Look, area: Rect, buf: &mut Buffer) {
    let theme = &look.theme;
    // The badge is what must be seen whole.
    let columns = if area.width < ROOM { SHORT } else { NAME };
    let mark = if chosen { "▶ " } else { "  " };
    let style = if chosen { theme.strong.add_modifier(Modifier::REVERSED) } else { theme.text };
    let name = format!("{mark}{}", text::fit(listed.name.as_str(), columns));
    lines::put(buf, area.x, area.y, area.width, &Line::from(Span::styled(name, style)));
    let at = area.x + u16::try_from(columns + 3).unwrap_or(u16::MAX);
    let badge = header::badge_of(listed.environment, look);
    lines::put(buf, at, area.y, area.right().saturating_sub(at), &badge);
    let at = at + BADGE;
    let dialect = match listed.dialect {
        Dialect::V1 => "v1",
        Dialect::V2 => "v2",
    };
    let mut rest = vec![Span::styled(dialect, theme.muted), Span::raw("  ")];
    rest.push(Span::styled(listed.host.to_string(), theme.muted));
    let told = if here { Line::from(Span::styled(" now", theme.ok)) } else { Line::default() };
    let taken = u16::try_from(told.width()).unwrap_or(0);
    let room = area.right().saturating_sub(at + taken);
    lines::put(buf, at, area.y, room, &Line::from(rest));
    lines::put_right(buf, area.right(), area.y, taken, &told);
}

fn below(state: &State, refused: Option<&Refused>, width: usize, look: &Look) -> Vec<Line<'static>> {
    let theme = &look.theme;
    let mut below = Vec::new();
    let mut tell = |text: &str, style: Style, most: usize| {
        let rows = lines::wrap(text, width, 0);
        let rows = rows.into_iter().take(most).map(|row| Line::from(Span::styled(row.to_owned(), style)));
        below.extend(rows);
    };
    if let Some(refused) = refused {
        tell("", theme.text, 1);
        tell(&format!("{} {} is not ready:", signs::WARNING, refused.profile), theme.danger, 2);
        for why in refused.why.iter().take(REASONS) {
            tell(why.as_str(), theme.text, 3);
        }
        if refused.why.len() > REASONS {
            tell(&format!("and {} more", refused.why.len() - REASONS), theme.muted, 1);
        }
        let doctor = format!("panic-console doctor --profile {} looks at each step.", refused.profile);
        tell(&doctor, theme.muted, 2);
    } else if state.in_flight.values().any(|call| matches!(call, Call::Profile { .. })) {
        tell("", theme.text, 1);
        tell("looking whether it is ready", theme.info, 1);
    } else if state.profiles.list.len() < 2 {
        tell("", theme.text, 1);
        tell("panic-console config init begins another; then it stands here.", theme.muted, 2);
    }
    below
}

/// What stays behind, and who listens where it goes.
pub(super) fn leave(state: &State, profile: usize, look: &Look, area: Rect, buf: &mut Buffer) {
    let Some(listed) = state.profiles.list.get(profile) else { return };
    let theme = &look.theme;
    let mut card = Card::default();
    card.gap();
    let mut place = vec![Span::styled(format!("{}  ", listed.name), theme.strong)];
    place.extend(header::badge_of(listed.environment, look).spans);
    if listed.name.columns() + listed.host.as_str().width() < 36 {
        place.push(Span::styled(format!("  {}", listed.host), theme.muted));
    }
    card.line(ALWAYS, Line::from(place));
    if listed.environment.asks_first() {
        card.text(2, "A real control room may listen there. Each write asks.", theme.text);
    }
    if let Some(followed) = state.followed().filter(|_| is_live(state)) {
        card.gap();
        let id = &followed.callout.id;
        card.text(ALWAYS, &format!("Callout {id} is active."), theme.strong);
        card.text(ALWAYS, "Polling stops, and your position is sent no more.", theme.text);
        card.text(1, staying(state), theme.text);
    }
    card.gap();
    let (yes, no) = (keys(look, Scope::Question, Intent::Confirm), keys(look, Scope::Question, Intent::Back));
    card.line(ALWAYS, answers(&[(&yes, " yes, go there"), (&no, " no, stay here")], look));
    let (title, style) = match listed.environment {
        Environment::Production => ("Go to PRODUCTION?", theme.danger),
        Environment::Remote => ("Go to another machine?", theme.danger),
        _ => ("Leave this profile?", theme.focus),
    };
    card.show(title, style, area, buf);
}

/// What becomes of the callout meanwhile.
fn staying(state: &State) -> &'static str {
    match state.settings.environment {
        _ if state.profiles.forgetful => "Another console has this profile too: nothing of it is kept here.",
        Environment::Demo => "The demo's simulator rests meanwhile. It is taken up again when you come back.",
        Environment::Local => "The server goes on with it. It is taken up again when you come back.",
        _ => "The control room goes on with it. It is taken up again when you come back.",
    }
}
